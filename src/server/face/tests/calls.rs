//! Who asks whom on the call protocol, and what the host decides.

use super::*;

fn asking() -> World {
    World::new(ServerConfig { answer_calls: AnswerCalls::Ask, ..ServerConfig::default() })
}

/// A page that has signed in.
fn user(world: &mut World, name: &str) -> usize {
    let page = world.open("/call", None, false);
    sign_in(world, page, name);
    page
}

fn request(name: &str) -> Value {
    call("StartStreaming", name, "rendercast", Value::Null)
}

fn offer(name: &str, session: u32) -> Value {
    call("Offer", name, "rendercast", json!(sdp(session)))
}

fn told(kind: &str, name: &str) -> Value {
    call(kind, "rendercast", name, Value::Null)
}

fn named(name: &str) -> ConnectionId {
    ConnectionId(name.into())
}

fn decide(world: &mut World, name: &str, action: CallAction) {
    world.say(SignalCommand::Call { user: named(name), action });
}

fn requested(name: &str) -> Option<SignalEvent> {
    Some(SignalEvent::CallRequested { user: named(name) })
}

fn ended(name: &str) -> Option<SignalEvent> {
    Some(SignalEvent::CallEnded { user: named(name) })
}

#[test]
fn a_page_that_asks_gets_an_offer_once_the_host_accepts() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    for _ in 0..3 {
        world.send(page, request("ann")).unwrap();
    }
    assert_eq!(world.event(), requested("ann"));
    assert_eq!(world.event(), None, "asked once");
    decide(&mut world, "ann", CallAction::Accept);
    let connection = world.invited();
    assert!(connection.0.starts_with("ann-"), "{connection}");
    world.say(SignalCommand::Offer { connection: connection.clone(), sdp: "offer".into() });
    assert_eq!(world.heard(page).unwrap(), [call("Offer", "rendercast", "ann", json!("offer"))]);
    world.send(page, call("Answer", "ann", "rendercast", json!(sdp(1)))).unwrap();
    assert_eq!(world.event(), Some(SignalEvent::Answer { connection: connection.clone(), sdp: sdp(1) }));
    world.send(page, offer("ann", 1)).unwrap();
    assert_eq!(world.offered(), connection, "a call that is live negotiates without being asked again");
    decide(&mut world, "ann", CallAction::Accept);
    assert_eq!(world.event(), None, "twice is once");
}

#[test]
fn an_offer_waits_for_the_host_with_its_candidates() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    let ice = json!({"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 0}).to_string();
    world.send(page, offer("ann", 1)).unwrap();
    world.send(page, call("IceCandidates", "ann", "rendercast", json!(ice))).unwrap();
    assert_eq!((world.event(), world.event()), (requested("ann"), None));
    decide(&mut world, "ann", CallAction::Accept);
    let connection = world.offered();
    assert_eq!(world.event(), Some(SignalEvent::Candidate { connection, candidate: candidate("c") }));
    // Another peer connection is another call.
    world.send(page, offer("ann", 2)).unwrap();
    assert!(matches!(world.event(), Some(SignalEvent::Disconnect { .. })));
    assert_eq!((world.event(), world.event()), (requested("ann"), None));
}

#[test]
fn a_request_that_is_declined_or_forgotten_ends_with_a_word_and_can_be_made_again() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    world.send(page, offer("ann", 1)).unwrap();
    assert_eq!(world.event(), requested("ann"));
    decide(&mut world, "ann", CallAction::Decline);
    assert_eq!(world.heard(page).unwrap(), [told("EndCall", "ann")]);
    decide(&mut world, "ann", CallAction::Accept);
    assert_eq!(world.event(), ended("ann"), "it is not there any more");
    world.send(page, request("ann")).unwrap();
    assert_eq!(world.event(), requested("ann"));
    world.now += 59_000;
    world.hub.expire(world.now);
    assert_eq!(world.heard(page), Some(vec![]));
    world.now += 2_000;
    world.hub.expire(world.now);
    assert_eq!((world.event(), world.heard(page).unwrap()), (ended("ann"), vec![told("EndCall", "ann")]));
}

#[test]
fn who_takes_a_request_back_or_leaves_is_nobody_to_decide_on() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    world.send(page, request("ann")).unwrap();
    world.send(page, call("EndCall", "ann", "rendercast", Value::Null)).unwrap();
    assert_eq!(world.event(), None, "the host had heard of nothing");
    world.send(page, request("ann")).unwrap();
    assert_eq!(world.event(), requested("ann"));
    world.close(page);
    assert_eq!((world.event(), world.event()), (ended("ann"), None));
    decide(&mut world, "ann", CallAction::Accept);
    assert_eq!(world.event(), ended("ann"));
    assert!(world.hub.is_empty());
}

#[test]
fn the_host_calls_a_user_who_accepts_declines_or_does_not_answer() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    decide(&mut world, "ann", CallAction::Start);
    assert_eq!(world.heard(page).unwrap(), [told("StartStreaming", "ann")]);
    world.send(page, offer("ann", 1)).unwrap();
    let connection = world.offered();
    decide(&mut world, "ann", CallAction::End);
    assert_eq!(world.event(), Some(SignalEvent::Disconnect { connection }));
    assert_eq!(world.heard(page).unwrap(), [told("EndCall", "ann")]);
    decide(&mut world, "ann", CallAction::Start);
    world.send(page, request("ann")).unwrap();
    world.invited();
    let other = user(&mut world, "bob");
    decide(&mut world, "bob", CallAction::Start);
    world.send(other, call("EndCall", "bob", "rendercast", Value::Null)).unwrap();
    assert_eq!(world.event(), ended("bob"));
    decide(&mut world, "bob", CallAction::Start);
    world.now += 61_000;
    world.hub.expire(world.now);
    assert_eq!(world.event(), ended("bob"));
    decide(&mut world, "cleo", CallAction::Start);
    assert_eq!(world.event(), ended("cleo"), "who is not here");
}

#[test]
fn a_name_that_the_host_decides_on_belongs_to_one_page_and_is_its_rooms() {
    let mut world = asking();
    let page = user(&mut world, "ann");
    let second = world.open("/call", None, false);
    let taken = world.send(second, call("SignIn", "ann", "", Value::Null));
    assert_eq!(taken, Err(FaceError::Hub(HubError::NameTaken)));
    for posing in ["/room/blue/ann", "/room/"] {
        let refused = world.send(second, call("SignIn", posing, "", Value::Null));
        assert!(matches!(refused, Err(FaceError::Refused(_))), "{posing}");
    }
    let blue = world.open("/call", Some("blue"), false);
    sign_in(&mut world, blue, "ann");
    world.send(blue, request("ann")).unwrap();
    assert_eq!(world.event(), requested("/room/blue/ann"));
    decide(&mut world, "/room/blue/ann", CallAction::Accept);
    assert!(world.invited().0.starts_with("/room/blue/ann-"));
    assert_eq!(world.heard(page), Some(vec![]));
    world.close(page);
    sign_in(&mut world, second, "ann");
}

#[test]
fn requests_are_bounded_and_the_next_one_is_told() {
    let mut world = asking();
    let mut last = Ok(None);
    for n in 0..=crate::server::hub::MAX_UNDECIDED {
        let name = format!("user {n}");
        let page = user(&mut world, &name);
        last = world.send(page, request(&name));
        world.event();
    }
    assert_eq!(last, Err(FaceError::Hub(HubError::Busy)));
}

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn sdp(session: u32, version: u32) -> String {
    let sections = "m=video 9 x\r\na=mid:video\r\n";
    format!("v=0\r\no=- {session} {version} IN IP4 127.0.0.1\r\na=ice-ufrag:u{session}\r\n{sections}")
}
fn id(name: &str) -> ConnectionId {
    ConnectionId(name.into())
}
fn candidate(of: u32) -> IceCandidate {
    let candidate = format!("candidate:1 1 udp 1 127.0.0.1 9 typ host ufrag u{of}");
    IceCandidate { candidate, sdp_mid: Some("video".into()), sdp_mline_index: Some(0) }
}

/// The protocol in virtual time, with a socket open.
struct Scene {
    dialect: CallDialect,
    now: Nanos,
    out: Output,
}

impl Scene {
    fn new(answer_calls: AnswerCalls) -> Self {
        let config = SignalingConfig { answer_calls, user_name: "me".into(), ..Default::default() };
        let mut scene = Self { dialect: CallDialect::new(&config), now: Nanos(0), out: Output::default() };
        scene.dialect.opened(scene.now, &mut scene.out);
        assert_eq!(scene.frames(), [json!({"type": "SignIn", "username": "me"})]);
        scene
    }
    fn frames(&mut self) -> Vec<Value> {
        self.out.frames.drain(..).map(|frame| serde_json::from_str(&frame).unwrap()).collect()
    }
    fn events(&mut self) -> Vec<SignalEvent> {
        self.out.events.drain(..).collect()
    }
    fn hear(&mut self, from: &str, kind: &str, data: Value) -> Result<Vec<SignalEvent>, Malformed> {
        let text = json!({"type": kind, "username": from, "target": "me", "data": data}).to_string();
        self.dialect.handle_text(&text, self.now, &mut self.out)?;
        Ok(self.events())
    }
    fn hear_request(&mut self, from: &str) -> Vec<SignalEvent> {
        self.hear(from, "StartStreaming", Value::Null).unwrap()
    }
    fn hear_candidate(&mut self, from: &str, of: u32) -> Result<Vec<SignalEvent>, Malformed> {
        let line = candidate(of);
        let data = json!({"sdpMid": line.sdp_mid, "sdpMLineIndex": line.sdp_mline_index, "sdp": line.candidate});
        self.hear(from, "IceCandidates", Value::from(data.to_string()))
    }
    fn say(&mut self, command: SignalCommand) -> Vec<Value> {
        self.dialect.handle_command(command, self.now, &mut self.out);
        self.frames()
    }
    fn decide(&mut self, user: &str, action: CallAction) -> (Vec<Value>, Vec<SignalEvent>) {
        (self.say(SignalCommand::Call { user: id(user), action }), self.events())
    }
    fn wait(&mut self, time: Duration) -> (Vec<Value>, Vec<SignalEvent>) {
        self.now = self.now + time;
        self.dialect.handle_tick(self.now, &mut self.out);
        (self.frames(), self.events())
    }
}

fn invited(connection: &str) -> SignalEvent {
    SignalEvent::Invite { connection: id(connection), one_stream: true }
}
fn offered(connection: &str, session: u32) -> SignalEvent {
    SignalEvent::Offer { connection: id(connection), sdp: sdp(session, 1), polite: false, one_stream: true }
}
fn requested(user: &str) -> SignalEvent {
    SignalEvent::CallRequested { user: id(user) }
}
fn ended(user: &str) -> SignalEvent {
    SignalEvent::CallEnded { user: id(user) }
}
fn to(kind: &str, target: &str) -> Value {
    json!({"type": kind, "username": "me", "target": target})
}

#[test]
fn a_request_is_granted_by_an_offer_and_the_call_runs_to_its_end() {
    let mut scene = Scene::new(AnswerCalls::Auto);
    assert_eq!(scene.hear_request("ann"), [invited("ann-1")]);
    assert!(scene.hear_request("ann").is_empty(), "our offer is on its way");
    let offer = SignalCommand::Offer { connection: id("ann-1"), sdp: sdp(100, 1) };
    let sent = json!({"type": "Offer", "username": "me", "target": "ann", "data": sdp(100, 1)});
    assert_eq!(scene.say(offer.clone()), [sent.clone()]);
    let told = scene.say(SignalCommand::Candidate { connection: id("ann-1"), candidate: candidate(100) });
    assert_eq!((&told[0]["type"], &told[0]["target"]), (&json!("IceCandidates"), &json!("ann")));
    assert_eq!(scene.say(offer), [sent, told[0].clone()]);
    let answer = Ok(vec![SignalEvent::Answer { connection: id("ann-1"), sdp: sdp(1, 1) }]);
    assert_eq!(scene.hear("ann", "Answer", sdp(1, 1).into()), answer);
    let expected = Ok(vec![SignalEvent::Candidate { connection: id("ann-1"), candidate: candidate(1) }]);
    assert_eq!(scene.hear_candidate("ann", 1), expected);
    assert!(scene.hear("ann", "Answer", sdp(1, 1).into()).is_err());
    let goodbye = Ok(vec![SignalEvent::Disconnect { connection: id("ann-1") }]);
    assert_eq!(scene.hear("ann", "EndCall", Value::Null), goodbye);
    assert!(scene.say(SignalCommand::Disconnect { connection: id("ann-1") }).is_empty(), "it knows");
    assert_eq!(scene.hear("ann", "EndCall", Value::Null), Ok(vec![]));
}

#[test]
fn an_offer_without_a_request_is_answered() {
    let mut scene = Scene::new(AnswerCalls::Auto);
    assert_eq!(scene.hear("ann", "Offer", sdp(1, 1).into()), Ok(vec![offered("ann-1", 1)]));
    let sent = scene.say(SignalCommand::Answer { connection: id("ann-1"), sdp: sdp(100, 1) });
    assert_eq!(sent, [json!({"type": "Answer", "username": "me", "target": "ann", "data": sdp(100, 1)})]);
    assert_eq!(scene.say(SignalCommand::Disconnect { connection: id("ann-1") }), [to("EndCall", "ann")]);
}

#[test]
fn the_host_is_asked_and_accepts_or_declines() {
    let mut scene = Scene::new(AnswerCalls::Ask);
    assert_eq!(scene.hear_request("ann"), [requested("ann")]);
    assert!(scene.hear_request("ann").is_empty(), "once is enough");
    assert_eq!(scene.decide("ann", CallAction::Accept), (vec![], vec![invited("ann-1")]));
    assert_eq!(scene.hear("bob", "Offer", sdp(2, 1).into()), Ok(vec![requested("bob")]));
    assert_eq!(scene.hear_candidate("bob", 2), Ok(vec![]));
    let events = vec![offered("bob-2", 2), SignalEvent::Candidate { connection: id("bob-2"), candidate: candidate(2) }];
    assert_eq!(scene.decide("bob", CallAction::Accept), (vec![], events));
    assert_eq!(scene.hear_request("eve"), [requested("eve")]);
    assert_eq!(scene.decide("eve", CallAction::Decline), (vec![to("EndCall", "eve")], vec![]));
    assert_eq!(scene.decide("eve", CallAction::Accept), (vec![], vec![ended("eve")]), "there is no request any more");
    assert_eq!(scene.hear_request("fay"), [requested("fay")]);
    assert_eq!(scene.hear("fay", "EndCall", Value::Null), Ok(vec![ended("fay")]), "it was taken back");
}

#[test]
fn the_host_calls_and_an_offer_is_the_consent() {
    let mut scene = Scene::new(AnswerCalls::Ask);
    assert_eq!(scene.decide("ann", CallAction::Start), (vec![to("StartStreaming", "ann")], vec![]));
    assert_eq!(scene.hear("ann", "Offer", sdp(1, 1).into()), Ok(vec![offered("ann-1", 1)]));
    assert_eq!(scene.decide("ann", CallAction::Start), (vec![], vec![]), "it runs");
    let goodbye = SignalEvent::Disconnect { connection: id("ann-1") };
    assert_eq!(scene.decide("ann", CallAction::End), (vec![to("EndCall", "ann")], vec![goodbye]));
    assert_eq!(scene.decide("ann", CallAction::End), (vec![], vec![ended("ann")]));
    scene.decide("bob", CallAction::Start);
    assert_eq!(scene.hear("bob", "EndCall", Value::Null), Ok(vec![ended("bob")]), "declined");
    scene.decide("eve", CallAction::Start);
    assert_eq!(scene.hear_request("eve"), [invited("eve-3")], "both call: no need to ask");
    assert_eq!(scene.decide("me", CallAction::Start), (vec![], vec![ended("me")]));
}

#[test]
fn what_nobody_decides_on_ends_by_itself() {
    let mut scene = Scene::new(AnswerCalls::Ask);
    scene.hear_request("ann");
    scene.decide("bob", CallAction::Start);
    assert_eq!(scene.dialect.next_deadline(), Some(Nanos(0) + REQUEST_LIMIT));
    let (frames, events) = scene.wait(REQUEST_LIMIT);
    assert_eq!(frames, [to("EndCall", "ann"), to("EndCall", "bob")]);
    assert_eq!(events, [ended("ann"), ended("bob")]);
    assert_eq!(scene.dialect.next_deadline(), None);
}

#[test]
fn a_page_that_was_loaded_anew_has_a_new_connection_and_others_play_on() {
    let mut scene = Scene::new(AnswerCalls::Auto);
    scene.hear("ann", "Offer", sdp(1, 1).into()).unwrap();
    scene.hear("bob", "Offer", sdp(2, 1).into()).unwrap();
    let gone = SignalEvent::Disconnect { connection: id("ann-1") };
    assert_eq!(scene.hear("ann", "Offer", sdp(3, 1).into()), Ok(vec![gone, offered("ann-3", 3)]));
    assert!(scene.hear_candidate("ann", 1).is_err(), "of what was before");
    let again = SignalEvent::Offer { connection: id("bob-2"), sdp: sdp(2, 2), polite: false, one_stream: true };
    assert_eq!(scene.hear("bob", "Offer", sdp(2, 2).into()), Ok(vec![again]), "a change, not a new page");
    let gone = SignalEvent::Disconnect { connection: id("bob-2") };
    assert_eq!(scene.hear_request("bob"), [gone, invited("bob-4")]);
    assert!(scene.say(SignalCommand::Disconnect { connection: id("bob-2") }).is_empty(), "not the new one");
}

#[test]
fn words_of_strangers_have_no_effect() {
    let mut scene = Scene::new(AnswerCalls::Auto);
    scene.hear("ann", "Offer", sdp(1, 1).into()).unwrap();
    assert!(scene.hear("eve", "Answer", sdp(1, 1).into()).is_err());
    assert!(scene.hear_candidate("eve", 1).is_err());
    assert_eq!(scene.hear("eve", "EndCall", Value::Null), Ok(vec![]));
    assert_eq!(scene.hear("me", "StartStreaming", Value::Null), Ok(vec![]), "an echo");
    assert!(scene.hear("ann", "Offer", "v=0".into()).is_err());
    assert!(scene.frames().is_empty());
}

#[test]
fn sockets_come_and_go_and_what_was_said_between_them_is_said_then() {
    let mut scene = Scene::new(AnswerCalls::Auto);
    scene.hear("ann", "Offer", sdp(1, 1).into()).unwrap();
    scene.dialect.closed(scene.now, &mut scene.out);
    assert!(scene.say(SignalCommand::Answer { connection: id("ann-1"), sdp: sdp(100, 1) }).is_empty());
    scene.dialect.opened(scene.now, &mut scene.out);
    let kinds: Vec<_> = scene.frames().iter().map(|frame| frame["type"].clone()).collect();
    assert_eq!(kinds, ["SignIn", "Answer"]);
    assert_eq!(scene.dialect.retry_after(), Some(Duration::from_secs(5)));
}

#[test]
fn requests_are_bounded_and_those_beyond_are_told() {
    let mut scene = Scene::new(AnswerCalls::Ask);
    (0..MAX_UNDECIDED).for_each(|n| assert_eq!(scene.hear_request(&format!("u{n}")).len(), 1));
    assert!(scene.hear_request("late").is_empty());
    assert_eq!(scene.frames(), [to("EndCall", "late")]);
    assert!((0..200).filter(|_| scene.hear_candidate("u0", 1).is_ok()).count() <= MAX_EARLY);
    let mut scene = Scene::new(AnswerCalls::Auto);
    (0..2 * MAX_CALLS as u32).for_each(|n| {
        scene.hear(&format!("u{n}"), "Offer", sdp(n, 1).into()).unwrap();
    });
    assert_eq!(scene.dialect.calls.len(), MAX_CALLS);
}

#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Say(SignalCommand),
    Open,
    Close,
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let user = || prop::sample::select(vec!["ann", "bob", "me"]);
    let kind = prop::sample::select(vec!["SignIn", "StartStreaming", "Offer", "Answer", "IceCandidates", "EndCall"]);
    let text = (user(), kind, 0u32..3).prop_map(|(user, kind, n)| {
        let data = if kind == "IceCandidates" { json!({"sdp": candidate(n).candidate}) } else { sdp(n, n).into() };
        Step::Text(json!({"type": kind, "username": user, "target": "me", "data": data}).to_string())
    });
    let command = (user(), 0u32..8, 1u32..5).prop_map(|(user, kind, n)| {
        let connection = id(&format!("{user}-{n}"));
        let call = |action| SignalCommand::Call { user: id(user), action };
        Step::Say(match kind {
            0 => SignalCommand::Offer { connection, sdp: sdp(100, n) },
            1 => SignalCommand::Answer { connection, sdp: sdp(100, n) },
            2 => SignalCommand::Candidate { connection, candidate: candidate(100) },
            3 => SignalCommand::Disconnect { connection },
            4 => call(CallAction::Start),
            5 => call(CallAction::Accept),
            6 => call(CallAction::Decline),
            _ => call(CallAction::End),
        })
    });
    prop_oneof![
        6 => text,
        5 => command,
        1 => any::<String>().prop_map(Step::Text),
        1 => Just(Step::Open),
        1 => Just(Step::Close),
        2 => (0u64..40_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn any_messages_in_any_order_touch_only_the_senders_own_call(
        steps in prop::collection::vec(any_step(), 0..80), ask: bool
    ) {
        let answer_calls = if ask { AnswerCalls::Ask } else { AnswerCalls::Auto };
        let config = SignalingConfig { answer_calls, user_name: "me".into(), ..Default::default() };
        let mut dialect = CallDialect::new(&config);
        let mut now = Nanos(0);
        let mut living = std::collections::BTreeSet::new();
        for step in steps {
            let mut out = Output::default();
            let mut speaker = None;
            match &step {
                Step::Text(text) => {
                    let value: Value = serde_json::from_str(text).unwrap_or_default();
                    speaker = value["username"].as_str().map(str::to_owned);
                    if dialect.handle_text(text, now, &mut out).is_err() {
                        prop_assert_eq!(&out, &Output::default(), "what makes no sense has no effect");
                    }
                }
                Step::Say(command) => dialect.handle_command(command.clone(), now, &mut out),
                Step::Open => dialect.opened(now, &mut out),
                Step::Close => dialect.closed(now, &mut out),
                Step::Wait(ms) => {
                    now = now + Duration::from_millis(*ms);
                    dialect.handle_tick(now, &mut out);
                    prop_assert!(dialect.next_deadline().is_none_or(|at| at > now), "nothing is due after a tick");
                }
            }
            if let Step::Say(SignalCommand::Disconnect { connection }) = &step {
                living.remove(connection);
            }
            for event in out.events {
                match &event {
                    SignalEvent::Offer { connection, .. } | SignalEvent::Invite { connection, .. } => {
                        living.insert(connection.clone());
                    }
                    SignalEvent::Answer { connection, .. } | SignalEvent::Candidate { connection, .. } => {
                        prop_assert!(living.contains(connection), "nobody knows {}", connection);
                    }
                    SignalEvent::Disconnect { connection } => prop_assert!(living.remove(connection)),
                    SignalEvent::CallRequested { .. } => prop_assert!(ask),
                    SignalEvent::CallEnded { .. } => {}
                    event => prop_assert!(false, "{:?} has no place here", event),
                }
                if let (Some(speaker), SignalEvent::Offer { connection, .. } | SignalEvent::Disconnect { connection }) =
                    (&speaker, &event)
                {
                    let own = format!("{speaker}-");
                    prop_assert!(connection.0.starts_with(&own), "{} of {}", connection, speaker);
                }
            }
            for frame in out.frames {
                prop_assert!(serde_json::from_str::<Value>(&frame).is_ok_and(|frame| frame["username"] == "me"));
            }
        }
    }
}

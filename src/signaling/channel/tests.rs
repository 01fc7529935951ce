use proptest::prelude::*;

use super::*;
use crate::signaling::description::DescriptionWording;
use crate::signaling::relay::RelayWording;

/// A description of session `session`, whose fragment is `u<session>`.
fn sdp(session: u32, version: u32) -> String {
    let sections = "m=audio 9 x\r\na=mid:0\r\nm=video 9 x\r\na=mid:1\r\n";
    format!("v=0\r\no=- {session} {version} IN IP4 127.0.0.1\r\na=ice-ufrag:u{session}\r\n{sections}")
}
fn candidate(of: u32, n: u32) -> IceCandidate {
    let candidate = format!("candidate:{n} 1 udp 1 127.0.0.1 9 typ host ufrag u{of}");
    IceCandidate { candidate, sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}
fn id(n: u32) -> ConnectionId {
    ConnectionId(format!("relay-{n}").into())
}

/// A channel in virtual time.
struct Scene {
    channel: Channel<RelayWording>,
    now: Nanos,
    out: Output,
}

impl Scene {
    fn new(offer: OfferTurn, polite: bool) -> Self {
        let config = SignalingConfig { offer, polite, ..Default::default() };
        let mut scene = Self { channel: Channel::new(&config), now: Nanos(0), out: Output::default() };
        scene.channel.opened(scene.now, &mut scene.out);
        scene
    }
    fn waiting() -> Self {
        Self::new(OfferTurn::Wait, false)
    }
    fn wait(&mut self, time: Duration) -> Output {
        self.now = self.now + time;
        self.channel.handle_tick(self.now, &mut self.out);
        std::mem::take(&mut self.out)
    }
    fn hear(&mut self, text: &str) -> Result<Output, Malformed> {
        self.channel.handle_text(text, self.now, &mut self.out)?;
        Ok(std::mem::take(&mut self.out))
    }
    fn hear_offer(&mut self, session: u32, version: u32) -> Vec<SignalEvent> {
        self.hear(&RelayWording::offer(&sdp(session, version))).unwrap().events.into()
    }
    fn hear_answer(&mut self, session: u32) -> Result<Vec<SignalEvent>, Malformed> {
        self.hear(&RelayWording::answer(&sdp(session, 1))).map(|out| out.events.into())
    }
    fn hear_candidate(&mut self, of: u32, n: u32) -> Vec<SignalEvent> {
        self.hear(&RelayWording::candidate(&candidate(of, n), None)).unwrap().events.into()
    }
    fn say(&mut self, command: SignalCommand) -> Vec<String> {
        self.channel.handle_command(command, self.now, &mut self.out);
        std::mem::take(&mut self.out).frames.into()
    }
    fn answer(&mut self, connection: u32, ours: u32) -> Vec<String> {
        self.say(SignalCommand::Answer { connection: id(connection), sdp: sdp(ours, 1) })
    }
    fn offer(&mut self, connection: u32, ours: u32) -> Vec<String> {
        self.say(SignalCommand::Offer { connection: id(connection), sdp: sdp(ours, 1) })
    }
    fn leave(&mut self, connection: u32) -> Vec<String> {
        self.say(SignalCommand::Disconnect { connection: id(connection) })
    }
}

fn offered(connection: u32, session: u32, version: u32, polite: bool) -> SignalEvent {
    SignalEvent::Offer { connection: id(connection), sdp: sdp(session, version), polite, one_stream: true }
}
fn answered(connection: u32, session: u32) -> SignalEvent {
    SignalEvent::Answer { connection: id(connection), sdp: sdp(session, 1) }
}
fn told(connection: u32, of: u32, n: u32) -> SignalEvent {
    SignalEvent::Candidate { connection: id(connection), candidate: candidate(of, n) }
}
fn invited(connection: u32) -> SignalEvent {
    SignalEvent::Invite { connection: id(connection), one_stream: true }
}

#[test]
fn a_restart_is_not_offered_since_strangers_would_take_it() {
    let mut scene = Scene::waiting();
    scene.hear_offer(1, 1);
    scene.answer(1, 90);
    let renegotiation = sdp(90, 2);
    assert_eq!(scene.say(SignalCommand::Offer { connection: id(1), sdp: renegotiation }).len(), 1);
    let restart = sdp(90, 3).replace("ice-ufrag:u90", "ice-ufrag:new");
    assert!(scene.say(SignalCommand::Offer { connection: id(1), sdp: restart }).is_empty());
    assert_eq!(scene.hear_offer(1, 2), [offered(1, 1, 2, false)], "the page's own is taken");
}

#[test]
fn each_session_is_a_connection_and_its_candidates_go_to_it() {
    let mut scene = Scene::waiting();
    assert_eq!(scene.hear_offer(1, 1), [offered(1, 1, 1, false)]);
    assert_eq!(scene.answer(1, 100), [RelayWording::answer(&sdp(100, 1))]);
    assert_eq!(scene.hear_offer(2, 1), [offered(2, 2, 1, false)]);
    assert_eq!(scene.hear_candidate(1, 7), [told(1, 1, 7)]);
    assert_eq!(scene.hear_candidate(2, 8), [told(2, 2, 8)]);
    assert_eq!(scene.hear_offer(1, 2), [offered(1, 1, 2, false)], "the first goes on");
    let nameless = r#"{"type":"ice","ice":{"candidate":"candidate:9 1 udp 1 1.1.1.1 9 typ host"}}"#;
    let events = scene.hear(nameless).unwrap().events;
    assert!(matches!(&events[0], SignalEvent::Candidate { connection, .. } if *connection == id(1)), "who spoke last");
    scene.leave(1);
    assert_eq!(scene.hear_offer(1, 3), [offered(3, 1, 3, false)], "ended is ended");
}

#[test]
fn candidates_before_their_description_wait_for_it_bounded() {
    let mut scene = Scene::waiting();
    assert!(scene.hear_candidate(5, 1).is_empty());
    assert!(scene.hear_candidate(6, 2).is_empty());
    assert_eq!(scene.hear_offer(6, 1), [offered(1, 6, 1, false), told(1, 6, 2)]);
    assert_eq!(scene.hear_offer(5, 1), [offered(2, 5, 1, false), told(2, 5, 1)]);
    (0..500).for_each(|n| assert!(scene.hear_candidate(9, n).is_empty()));
    assert!(scene.channel.early.len() <= 64);
}

#[test]
fn what_a_server_sends_back_to_us_is_passed_over() {
    let mut scene = Scene::new(OfferTurn::First, false);
    scene.out = Output::default();
    let mut frames = scene.offer(1, 100);
    frames.extend(scene.say(SignalCommand::Candidate { connection: id(1), candidate: candidate(100, 1) }));
    frames.push(RelayWording::answer(&sdp(100, 1)));
    for frame in frames {
        assert_eq!(scene.hear(&frame), Ok(Output::default()), "{frame}");
    }
    assert_eq!(scene.hear_answer(2).unwrap(), [answered(1, 2)]);
}

#[test]
fn page_that_waits_is_offered_to_when_the_socket_opens_and_again_when_nobody_is_there() {
    let mut scene = Scene::new(OfferTurn::First, false);
    assert_eq!(std::mem::take(&mut scene.out).events, [invited(1)]);
    assert_eq!(scene.offer(1, 100).len(), 1);
    let own = candidate(100, 1);
    let told_once = scene.say(SignalCommand::Candidate { connection: id(1), candidate: own });
    // Who has come since hears everything.
    assert_eq!(scene.offer(1, 100), [RelayWording::offer(&sdp(100, 1)), told_once[0].clone()]);
    assert_eq!(scene.hear_answer(2).unwrap(), [answered(1, 2)]);
    assert_eq!(scene.hear_candidate(2, 1), [told(1, 2, 1)]);
    assert!(scene.wait(INVITE_AGAIN * 2).events.is_empty(), "somebody is there");
    assert!(scene.leave(1).is_empty(), "the protocol has no word for it");
    assert!(scene.wait(INVITE_AFTER / 2).events.is_empty());
    assert_eq!(scene.wait(INVITE_AFTER / 2).events, [invited(2)]);
    assert_eq!(scene.wait(INVITE_AGAIN).events, [invited(3)], "it was not taken up");
    assert!(scene.offer(2, 101).is_empty(), "too late");
}

#[test]
fn answers_of_other_pages_do_not_reach_a_living_viewer() {
    let mut scene = Scene::new(OfferTurn::First, false);
    scene.offer(1, 100);
    scene.hear_answer(2).unwrap();
    for stranger in [3, 2, 4] {
        assert!(scene.hear_answer(stranger).is_err());
    }
    scene.say(SignalCommand::Offer { connection: id(1), sdp: sdp(100, 2) });
    assert!(scene.hear_answer(3).is_err(), "it was never in this conversation");
    let other_sections = "v=0\r\no=- 2 9 IN IP4 0\r\nm=video 9 x\r\na=mid:0\r\n";
    assert!(scene.hear(&RelayWording::answer(other_sections)).is_err(), "it answers something else");
    assert_eq!(scene.hear_answer(2).unwrap(), [answered(1, 2)]);
}

#[test]
fn a_page_that_offers_although_it_was_to_wait_is_yielded_to() {
    let mut scene = Scene::new(OfferTurn::First, false);
    scene.out = Output::default();
    scene.offer(1, 100);
    assert_eq!(scene.hear_offer(2, 1), [offered(1, 2, 1, false)]);
    assert!(scene.hear_candidate(2, 1).is_empty());
    let later = scene.channel.next_deadline().unwrap().saturating_since(scene.now);
    assert_eq!(scene.wait(later).events, [offered(1, 2, 1, true), told(1, 2, 1)]);
    assert_eq!(scene.answer(1, 100).len(), 1);
    assert_eq!(scene.hear_candidate(2, 2), [told(1, 2, 2)]);
}

#[test]
fn the_polite_yield_at_once() {
    let mut scene = Scene::new(OfferTurn::First, true);
    scene.out = Output::default();
    scene.offer(1, 100);
    assert_eq!(scene.hear_offer(2, 1), [offered(1, 2, 1, true)]);
}

#[test]
fn an_offer_that_ours_beat_is_somebody_elses_once_another_has_answered() {
    let mut scene = Scene::new(OfferTurn::First, false);
    scene.offer(1, 100);
    scene.hear_offer(2, 1);
    assert_eq!(scene.hear_answer(3).unwrap(), [answered(1, 3), offered(2, 2, 1, false)]);
}

#[test]
fn an_answer_waits_for_the_next_socket_unless_its_viewer_has_gone() {
    let mut scene = Scene::waiting();
    scene.hear_offer(1, 1);
    scene.hear_offer(2, 1);
    scene.channel.closed(scene.now, &mut scene.out);
    assert!(scene.answer(1, 100).is_empty() && scene.answer(2, 101).is_empty());
    scene.leave(1);
    scene.channel.opened(scene.now, &mut scene.out);
    assert_eq!(std::mem::take(&mut scene.out).frames, [RelayWording::answer(&sdp(101, 1))]);
}

#[test]
fn conversations_are_bounded() {
    let mut scene = Scene::waiting();
    (0..3 * MAX_CONVERSATIONS as u32).for_each(|session| assert_eq!(scene.hear_offer(session, 1).len(), 1));
    assert_eq!(scene.channel.conversations.len(), MAX_CONVERSATIONS);
    (0..500).for_each(|n| {
        scene.answer(3 * MAX_CONVERSATIONS as u32 - n, 10_000 + n);
    });
    assert!(scene.channel.own.len() <= MAX_OWN);
}

#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Say(SignalCommand),
    Open,
    Close,
    Wait(u64),
}

fn any_step<W: Wording>() -> impl Strategy<Value = Step> {
    let command = (0u32..6, 0u32..4, 0u32..4).prop_map(|(kind, connection, session)| {
        let connection = ConnectionId(format!("{}-{connection}", W::NAME).into());
        Step::Say(match kind {
            0 | 1 => SignalCommand::Offer { connection, sdp: sdp(100 + session, kind) },
            2 | 3 => SignalCommand::Answer { connection, sdp: sdp(100 + session, kind) },
            4 => SignalCommand::Candidate { connection, candidate: candidate(100 + session, 0) },
            _ => SignalCommand::Disconnect { connection },
        })
    });
    let text = (0u32..4, 0u32..5, 0u32..3).prop_map(|(kind, session, n)| {
        Step::Text(match kind {
            0 | 1 => W::offer(&sdp(session, n)),
            2 => W::answer(&sdp(session, n)),
            _ => W::candidate(&candidate(session, n), None),
        })
    });
    prop_oneof![
        6 => text,
        4 => command,
        1 => any::<String>().prop_map(Step::Text),
        1 => Just(Step::Open),
        1 => Just(Step::Close),
        2 => (0u64..8_000).prop_map(Step::Wait),
    ]
}

fn play<W: Wording>(steps: Vec<Step>, offer: OfferTurn, polite: bool) -> Result<(), TestCaseError> {
    let mut channel = Channel::<W>::new(&SignalingConfig { offer, polite, ..Default::default() });
    let mut now = Nanos(0);
    let mut begun: Vec<ConnectionId> = Vec::new();
    for step in steps {
        let mut out = Output::default();
        let heard = matches!(step, Step::Text(_));
        match step {
            Step::Text(text) => {
                if channel.handle_text(&text, now, &mut out).is_err() {
                    prop_assert_eq!(&out, &Output::default(), "what makes no sense has no effect");
                }
            }
            Step::Say(command) => channel.handle_command(command, now, &mut out),
            Step::Open => channel.opened(now, &mut out),
            Step::Close => channel.closed(now, &mut out),
            Step::Wait(ms) => {
                now = now + Duration::from_millis(ms);
                channel.handle_tick(now, &mut out);
                prop_assert!(channel.next_deadline().is_none_or(|at| at > now), "nothing is due after a tick");
            }
        }
        prop_assert!(!heard || out.frames.is_empty(), "nothing is said unasked");
        for event in out.events {
            match event {
                SignalEvent::Offer { connection, .. } | SignalEvent::Invite { connection, .. } => {
                    begun.push(connection)
                }
                SignalEvent::Answer { connection, .. } | SignalEvent::Candidate { connection, .. } => {
                    prop_assert!(begun.contains(&connection), "nobody knows {}", connection);
                }
                event => prop_assert!(false, "{:?} has no place here", event),
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_messages_in_any_order_touch_only_connections_that_have_begun(
        relay in prop::collection::vec(any_step::<RelayWording>(), 0..60),
        description in prop::collection::vec(any_step::<DescriptionWording>(), 0..60),
        first: bool, polite: bool,
    ) {
        let offer = if first { OfferTurn::First } else { OfferTurn::Wait };
        play::<RelayWording>(relay, offer, polite)?;
        play::<DescriptionWording>(description, offer, polite)?;
    }
}

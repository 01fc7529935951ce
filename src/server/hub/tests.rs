use super::*;
use crate::config::ServerConfig;
use crate::signaling::SignalCommand;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn sid(text: &str) -> SessionId {
    SessionId(Arc::from(text))
}

fn cid(text: &str) -> ConnectionId {
    ConnectionId(Arc::from(text))
}

fn candidate(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

fn limits() -> Limits {
    Limits::of(&ServerConfig::default())
}

/// A hub with polling sessions `a` and `b` and the WebSocket session `w`, at time 1000.
fn hub() -> Hub<&'static str> {
    hub_in(SignalingMode::Public)
}

fn hub_in(mode: SignalingMode) -> Hub<&'static str> {
    let mut hub = Hub::new(mode, limits());
    hub.open(sid("a"), Arrival::of(Transport::Http), "a", 1000).unwrap();
    hub.open(sid("b"), Arrival::of(Transport::Http), "b", 1000).unwrap();
    hub.open(sid("w"), Arrival::of(Transport::WebSocket), "w", 1000).unwrap();
    hub
}

fn events(hub: &mut Hub<&'static str>) -> Vec<SignalEvent> {
    std::iter::from_fn(|| hub.poll_event()).collect()
}

fn messages(frames: Vec<Frame>) -> Vec<Message> {
    let message = |frame| match frame {
        Frame::Message(message) => message,
        other => panic!("{other:?}"),
    };
    frames.into_iter().map(message).collect()
}

fn kinds(messages: impl IntoIterator<Item = Message>) -> Vec<&'static str> {
    let kind = |message| match message {
        Message::Connect { .. } => "connect",
        Message::Offer { .. } => "offer",
        Message::Answer { .. } => "answer",
        Message::Candidate { .. } => "candidate",
        Message::Disconnect { .. } => "disconnect",
    };
    messages.into_iter().map(kind).collect()
}

fn poll_kinds(hub: &mut Hub<&'static str>, session: &str, fromtime: u64, now: u64) -> Vec<&'static str> {
    kinds(hub.poll(&sid(session), fromtime, now).unwrap().messages)
}

fn host_answers(hub: &mut Hub<&'static str>, connection: &str, now: u64) {
    hub.handle_command(SignalCommand::Answer { connection: cid(connection), sdp: "answer".into() }, now);
}

fn host_candidate(hub: &mut Hub<&'static str>, connection: &str, text: &str, now: u64) {
    let command = SignalCommand::Candidate { connection: cid(connection), candidate: candidate(text) };
    hub.handle_command(command, now);
}

#[test]
fn one_round_trip_brings_offer_to_host_and_answer_back() {
    let mut hub = hub();
    let reply = hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    assert_eq!(reply, Message::Connect { connection: cid("1"), polite: true, datetime: 1001 });
    hub.offer(&sid("a"), &cid("1"), "offer".into(), 1002).unwrap();
    hub.candidate(&sid("a"), &cid("1"), candidate("x"), 1003).unwrap();
    let offer = SignalEvent::Offer { connection: cid("1"), sdp: "offer".into(), polite: false, one_stream: false };
    let trickled = SignalEvent::Candidate { connection: cid("1"), candidate: candidate("x") };
    assert_eq!(events(&mut hub), [offer, trickled]);
    host_answers(&mut hub, "1", 1010);
    assert_eq!(hub.take_woken(), ["a"]);
    let poll = hub.poll(&sid("a"), 0, 1020).unwrap();
    assert_eq!(poll.messages[0], Message::Answer { connection: cid("1"), sdp: "answer".into(), datetime: 1010 });
    assert_eq!(poll.messages[1], Message::Connect { connection: cid("1"), polite: true, datetime: 1020 });
    assert_eq!(poll.datetime, 1020);
}

#[test]
fn host_candidates_wait_for_its_description_and_follow_it() {
    let mut hub = hub();
    for session in ["a", "w"] {
        hub.offer(&sid(session), &cid(session), "offer".into(), 1001).unwrap();
        host_candidate(&mut hub, session, "early", 1002);
    }
    assert_eq!(poll_kinds(&mut hub, "a", 0, 1003), ["connect"]);
    assert!(hub.take_frames(&sid("w")).unwrap().is_empty());
    let seen = hub.poll(&sid("a"), 0, 1004).unwrap().datetime;
    for session in ["a", "w"] {
        host_answers(&mut hub, session, 1010);
        host_candidate(&mut hub, session, "late", 1011);
    }
    assert_eq!(poll_kinds(&mut hub, "a", seen, 1020), ["answer", "candidate", "candidate", "connect"]);
    assert_eq!(kinds(messages(hub.take_frames(&sid("w")).unwrap())), ["answer", "candidate", "candidate"]);
    assert!(hub.take_frames(&sid("w")).unwrap().is_empty(), "a socket gets each frame once");
}

#[test]
fn polling_with_the_last_datetime_neither_repeats_nor_loses() {
    let mut hub = hub();
    hub.offer(&sid("a"), &cid("1"), "offer".into(), 1001).unwrap();
    // Everything in the same millisecond.
    host_answers(&mut hub, "1", 1001);
    let first = hub.poll(&sid("a"), 0, 1001).unwrap();
    host_candidate(&mut hub, "1", "x", 1001);
    let second = hub.poll(&sid("a"), first.datetime, 1001).unwrap();
    let third = hub.poll(&sid("a"), second.datetime, 1001).unwrap();
    assert_eq!(kinds(first.messages), ["answer", "connect"]);
    assert_eq!(kinds(second.messages.clone()), ["candidate", "connect"]);
    assert!(second.messages.iter().all(|m| m.datetime() >= first.datetime));
    assert_eq!(kinds(third.messages.clone()), ["connect"]);
    assert!(!third.has_news());
}

#[test]
fn of_one_millisecond_the_answer_comes_before_the_offer() {
    let mut hub = hub();
    hub.offer(&sid("a"), &cid("1"), "offer".into(), 1001).unwrap();
    host_answers(&mut hub, "1", 1002);
    hub.handle_command(SignalCommand::Offer { connection: cid("1"), sdp: "another".into() }, 1002);
    assert_eq!(poll_kinds(&mut hub, "a", 0, 1003), ["answer", "offer", "connect"]);
}

#[test]
fn fromtime_filters_all_but_connect() {
    let mut hub = hub();
    hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    host_answers(&mut hub, "1", 1002);
    assert_eq!(poll_kinds(&mut hub, "a", 1002, 1003), ["answer", "connect"]);
    assert_eq!(poll_kinds(&mut hub, "a", 1003, 1004), ["connect"]);
    assert_eq!(poll_kinds(&mut hub, "a", u64::MAX, 1005), ["connect"]);
}

#[test]
fn a_newer_description_replaces_the_older_one() {
    let mut hub = hub();
    hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    for (i, sdp) in ["first", "second"].into_iter().enumerate() {
        let command = SignalCommand::Offer { connection: cid("1"), sdp: sdp.into() };
        hub.handle_command(command, 1002 + i as u64);
    }
    let poll = hub.poll(&sid("a"), 0, 1010).unwrap();
    let offer = Message::Offer { connection: cid("1"), sdp: "second".into(), polite: false, datetime: 1003 };
    assert_eq!(poll.messages[0], offer);
    assert_eq!(poll.messages.len(), 2);
}

#[test]
fn browsers_never_meet_each_other() {
    let mut hub = hub();
    hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    hub.offer(&sid("a"), &cid("1"), "secret".into(), 1002).unwrap();
    host_answers(&mut hub, "1", 1003);
    assert!(hub.poll(&sid("b"), 0, 1004).unwrap().messages.is_empty());
    assert_eq!(hub.connect(&sid("b"), &cid("1"), 1005), Err(HubError::Used(cid("1"))));
    assert_eq!(hub.offer(&sid("w"), &cid("1"), "theft".into(), 1005), Err(HubError::Used(cid("1"))));
    events(&mut hub);
    hub.answer(&sid("b"), &cid("1"), "forged".into(), 1006).unwrap();
    hub.candidate(&sid("b"), &cid("1"), candidate("forged"), 1006).unwrap();
    hub.disconnect(&sid("b"), &cid("1"), 1006).unwrap();
    assert!(events(&mut hub).is_empty());
    assert_eq!(poll_kinds(&mut hub, "a", 0, 1007), ["answer", "connect"]);
}

#[test]
fn a_disconnect_reaches_the_other_side_and_is_listed_for_its_own() {
    let mut hub = hub();
    for (session, connection) in [("a", "1"), ("b", "2")] {
        hub.offer(&sid(session), &cid(connection), "offer".into(), 1001).unwrap();
        host_answers(&mut hub, connection, 1002);
    }
    events(&mut hub);
    hub.disconnect(&sid("a"), &cid("1"), 1003).unwrap();
    assert_eq!(events(&mut hub), [SignalEvent::Disconnect { connection: cid("1") }]);
    assert_eq!(poll_kinds(&mut hub, "a", 0, 1004), ["disconnect"]);
    hub.handle_command(SignalCommand::Disconnect { connection: cid("2") }, 1005);
    assert_eq!(poll_kinds(&mut hub, "b", 0, 1006), ["disconnect"]);
    assert!(events(&mut hub).is_empty(), "the host needs no echo");
    // The id is free again.
    hub.connect(&sid("b"), &cid("1"), 1007).unwrap();
}

#[test]
fn a_socket_is_told_of_every_disconnect_it_asks_for() {
    let mut hub = hub();
    hub.connect(&sid("w"), &cid("1"), 1001).unwrap();
    hub.disconnect(&sid("w"), &cid("1"), 1002).unwrap();
    hub.disconnect(&sid("w"), &cid("never was"), 1003).unwrap();
    assert_eq!(kinds(messages(hub.take_frames(&sid("w")).unwrap())), ["connect", "disconnect", "disconnect"]);
}

#[test]
fn a_silent_session_expires_even_when_alone() {
    let mut hub = Hub::new(SignalingMode::Public, limits());
    hub.open(sid("a"), Arrival::of(Transport::Http), "a", 1000).unwrap();
    hub.offer(&sid("a"), &cid("1"), "offer".into(), 2000).unwrap();
    events(&mut hub);
    hub.expire(12_000);
    assert!(hub.touch(&sid("a"), 12_000), "10 s of silence are allowed");
    hub.expire(22_001);
    assert!(!hub.touch(&sid("a"), 22_001));
    assert_eq!(events(&mut hub), [SignalEvent::Disconnect { connection: cid("1") }]);
    assert_eq!(hub.take_woken(), ["a"]);
    assert_eq!(hub.poll(&sid("a"), 0, 22_002), Err(HubError::UnknownSession));
}

#[test]
fn sockets_and_long_polls_are_not_silent() {
    let mut hub = hub();
    hub.begin_wait(&sid("a"), 1000).unwrap();
    hub.expire(60_000);
    assert!(hub.take_frames(&sid("w")).is_some());
    assert!(!hub.touch(&sid("b"), 60_000));
    hub.end_wait(&sid("a"), 60_000);
    hub.expire(70_000);
    assert!(hub.touch(&sid("a"), 70_000));
    hub.expire(80_001);
    assert!(!hub.touch(&sid("a"), 80_001));
}

#[test]
fn closing_a_session_ends_all_its_connections() {
    let mut hub = hub();
    for connection in ["1", "2", "3"] {
        hub.offer(&sid("w"), &cid(connection), "offer".into(), 1001).unwrap();
    }
    events(&mut hub);
    hub.offer(&sid("w"), &cid("4"), "never seen by the host".into(), 1001).unwrap();
    hub.close(&sid("w"));
    hub.close(&sid("w"));
    let ends = ["1", "2", "3"].map(|connection| SignalEvent::Disconnect { connection: cid(connection) });
    assert_eq!(events(&mut hub), ends);
    assert!(hub.take_frames(&sid("w")).is_none());
}

#[test]
fn every_limit_refuses_and_counts() {
    let mut hub = hub();
    for i in hub.session_count()..limits().sessions {
        hub.open(sid(&i.to_string()), Arrival::of(Transport::Http), "", 1000).unwrap();
    }
    assert_eq!(hub.open(sid("one more"), Arrival::of(Transport::Http), "", 1000), Err(HubError::TooManySessions(256)));
    for i in 0..MAX_CONNECTIONS {
        hub.connect(&sid("a"), &cid(&i.to_string()), 1001).unwrap();
    }
    assert_eq!(hub.connect(&sid("a"), &cid("one more"), 1001), Err(HubError::TooManyConnections));
    hub.connect(&sid("a"), &cid("0"), 1001).unwrap();
    for _ in 0..MAX_CANDIDATES {
        hub.candidate(&sid("a"), &cid("0"), candidate("x"), 1002).unwrap();
    }
    assert_eq!(hub.candidate(&sid("a"), &cid("0"), candidate("x"), 1002), Err(HubError::TooManyCandidates));
    assert_eq!(hub.take_refused(), 3);
    assert_eq!(hub.take_refused(), 0);
    hub.offer(&sid("a"), &cid("0"), "ICE restart".into(), 1003).unwrap();
    hub.candidate(&sid("a"), &cid("0"), candidate("x"), 1003).unwrap();
}

#[test]
fn host_candidates_are_bounded_by_dropping_the_oldest() {
    let mut hub = hub();
    hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    host_answers(&mut hub, "1", 1001);
    for i in 0..MAX_CANDIDATES + 5 {
        host_candidate(&mut hub, "1", &i.to_string(), 1002);
    }
    let messages = hub.poll(&sid("a"), 0, 2000).unwrap().messages;
    assert_eq!(messages.len(), MAX_CANDIDATES + 2);
    assert!(messages.iter().any(|m| matches!(m, Message::Candidate { candidate, .. } if candidate.candidate == "260")));
    assert_eq!(hub.take_refused(), 5);
}

#[test]
fn a_socket_that_reads_nothing_is_given_up() {
    let mut hub = hub();
    hub.connect(&sid("w"), &cid("1"), 1001).unwrap();
    for _ in 0..2_000 {
        host_answers(&mut hub, "1", 1002);
    }
    assert!(hub.take_frames(&sid("w")).is_none());
}

#[test]
fn a_slow_host_makes_the_hub_refuse_instead_of_grow() {
    let mut hub = hub();
    hub.connect(&sid("a"), &cid("1"), 1001).unwrap();
    let results: Vec<_> = (0..2_000).map(|_| hub.offer(&sid("a"), &cid("1"), "offer".into(), 1002)).collect();
    assert!(results[0].is_ok());
    assert_eq!(results[1_999], Err(HubError::Busy));
    assert!(events(&mut hub).len() < 500);
    hub.offer(&sid("a"), &cid("1"), "offer".into(), 1003).unwrap();
}

#[test]
fn private_mode_drops_early_offers_and_marks_the_browser_polite() {
    let mut hub = hub_in(SignalingMode::Private);
    hub.offer(&sid("w"), &cid("1"), "too early".into(), 1001).unwrap();
    assert!(events(&mut hub).is_empty());
    for _ in 0..2 {
        hub.connect(&sid("w"), &cid("1"), 1002).unwrap();
    }
    let again = hub.send_invites(1002).unwrap();
    assert!(hub.take_rung() && events(&mut hub).is_empty(), "the browser may offer by itself");
    assert_eq!(hub.send_invites(again), None);
    let invite = SignalEvent::Invite { connection: cid("1"), one_stream: false };
    assert_eq!(events(&mut hub), [invite], "the host offers to a browser that waits, once");
    hub.offer(&sid("w"), &cid("1"), "offer".into(), 1003).unwrap();
    let offer = SignalEvent::Offer { connection: cid("1"), sdp: "offer".into(), polite: false, one_stream: false };
    assert_eq!(events(&mut hub), [offer]);
    assert_eq!(hub.connect(&sid("a"), &cid("1"), 1004), Err(HubError::Used(cid("1"))));
    hub.handle_command(SignalCommand::Offer { connection: cid("1"), sdp: "re-offer".into() }, 1005);
    let frames = messages(hub.take_frames(&sid("w")).unwrap());
    assert!(matches!(frames.last(), Some(Message::Offer { polite: true, .. })), "{frames:?}");
}

#[test]
fn commands_for_connections_that_are_gone_go_nowhere() {
    let mut hub = hub();
    host_answers(&mut hub, "unknown", 1001);
    hub.handle_command(SignalCommand::Disconnect { connection: cid("unknown") }, 1001);
    assert!(hub.take_woken().is_empty());
    assert!(hub.poll(&sid("a"), 0, 1002).unwrap().messages.is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Close(usize),
    Connect(usize, usize),
    Disconnect(usize, usize),
    Offer(usize, usize),
    Answer(usize, usize),
    Candidate(usize, usize),
    Poll(usize),
    Host(usize, u8),
    Take(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (s, c) = (0..4usize, 0..5usize);
    prop_oneof![
        2 => s.clone().prop_map(Step::Open),
        1 => s.clone().prop_map(Step::Close),
        2 => (s.clone(), c.clone()).prop_map(|(s, c)| Step::Connect(s, c)),
        2 => (s.clone(), c.clone()).prop_map(|(s, c)| Step::Disconnect(s, c)),
        4 => (s.clone(), c.clone()).prop_map(|(s, c)| Step::Offer(s, c)),
        2 => (s.clone(), c.clone()).prop_map(|(s, c)| Step::Answer(s, c)),
        4 => (s.clone(), c.clone()).prop_map(|(s, c)| Step::Candidate(s, c)),
        4 => s.prop_map(Step::Poll),
        8 => (c, 0..4u8).prop_map(|(c, kind)| Step::Host(c, kind)),
        3 => (0..6usize).prop_map(Step::Take),
        2 => (0..4_000u64).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Whatever browsers and host do: each browser hears of its own connections only, each stored message once, and the host
    /// hears of the end of everything whose beginning it heard of.
    #[test]
    fn isolation_delivery_and_endings_hold_for_any_history(steps in proptest::collection::vec(step(), 1..120)) {
        let mut hub: Hub<usize> = Hub::new(SignalingMode::Public, limits());
        let (mut now, mut candidates) = (5_000, 0);
        let session = |s: usize| sid(&format!("s{s}"));
        // Connection ids carry their owner's number: whoever else hears one has overheard it.
        let connection = |s: usize, c: usize| cid(&format!("s{s}c{c}"));
        let mut fromtime: BTreeMap<usize, u64> = BTreeMap::new();
        let mut read: BTreeSet<(usize, u64, String)> = BTreeSet::new();
        let mut heard: BTreeMap<ConnectionId, bool> = BTreeMap::new();
        let mut take = |hub: &mut Hub<usize>, n: usize| {
            for event in std::iter::from_fn(|| hub.poll_event()).take(n) {
                match event {
                    SignalEvent::Disconnect { connection } => {
                        assert_eq!(heard.insert(connection, false), Some(true), "an end without a beginning");
                    }
                    SignalEvent::Offer { connection, .. } | SignalEvent::Answer { connection, .. }
                    | SignalEvent::Candidate { connection, .. } => { heard.insert(connection, true); }
                    _ => {}
                }
            }
            heard.values().filter(|open| **open).count()
        };
        for step in steps {
            match step {
                Step::Open(s) if !hub.touch(&session(s), now) => {
                    hub.open(session(s), Arrival::of(Transport::Http), s, now).unwrap();
                    fromtime.insert(s, 0);
                }
                Step::Open(s) | Step::Close(s) => hub.close(&session(s)),
                Step::Connect(s, c) => { let _ = hub.connect(&session(s), &connection(s, c), now); }
                Step::Disconnect(s, c) => { let _ = hub.disconnect(&session(s), &connection(s, c), now); }
                Step::Offer(s, c) => { let _ = hub.offer(&session(s), &connection(s, c), "o".into(), now); }
                Step::Answer(s, c) => { let _ = hub.answer(&session(s), &connection(s, c), "a".into(), now); }
                Step::Candidate(s, c) => { let _ = hub.candidate(&session(s), &connection(s, c), candidate("x"), now); }
                Step::Poll(s) => if let Ok(poll) = hub.poll(&session(s), fromtime.get(&s).copied().unwrap_or(0), now) {
                    let mut last = 0;
                    for message in poll.messages {
                        prop_assert!(message.connection().0.starts_with(&format!("s{s}c")), "overheard {message:?}");
                        prop_assert!(message.datetime() >= last && message.datetime() <= poll.datetime);
                        last = message.datetime();
                        if !matches!(message, Message::Connect { .. }) {
                            prop_assert!(read.insert((s, message.datetime(), format!("{message:?}"))), "twice: {message:?}");
                        }
                    }
                    fromtime.insert(s, poll.datetime);
                },
                Step::Host(c, kind) => for s in 0..4 {
                    let connection = connection(s, c);
                    hub.handle_command(match kind {
                        0 => SignalCommand::Offer { connection, sdp: "ho".into() },
                        1 => SignalCommand::Answer { connection, sdp: "ha".into() },
                        // Numbered, so that only a repetition looks like one.
                        2 => {
                            candidates += 1;
                            SignalCommand::Candidate { connection, candidate: candidate(&candidates.to_string()) }
                        }
                        // The host lets go, so it is owed no end; one that is already on its way may still come.
                        _ => continue,
                    }, now);
                },
                Step::Take(n) => { take(&mut hub, n); }
                Step::Wait(ms) => { now += ms; hub.expire(now); }
            }
        }
        for s in 0..4 { hub.close(&session(s)); }
        prop_assert_eq!(take(&mut hub, usize::MAX), 0, "the host was not told of an end");
        prop_assert!(hub.is_empty(), "something is kept of who left");
    }
}

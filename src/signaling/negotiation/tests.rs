use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::signaling::IceCandidate;

mod restart;

const MEDIA: &str = "v=0\r\nm=video 9 x 96\r\na=recvonly\r\n";
const DATA: &str = "v=0\r\nm=application 9 x\r\n";

/// A negotiation in virtual time.
struct Scene {
    negotiation: Negotiation,
    now: Nanos,
}

impl Scene {
    fn new() -> Self {
        Self { negotiation: Negotiation::new(id()), now: Nanos(0) }
    }
    fn step(&mut self, input: Input, expected: &[Action]) -> &mut Self {
        let actions = self.negotiation.handle(self.now, input.clone());
        assert_eq!(actions, expected, "after {input:?} at {:?}", self.now);
        self
    }
    fn wait(&mut self, seconds: u64, expected: &[Action]) -> &mut Self {
        self.now = self.now + Duration::from_secs(seconds);
        self.step(Input::Tick, expected)
    }
    /// Steps up to the point where the page has the data channel and our offer is out.
    fn newest_page_with_our_offer_out(&mut self) -> &mut Self {
        self.step(offer(DATA), &[answer(DATA, false)])
            .step(answered("a1"), &[send_answer("a1"), Action::Offer])
            .step(offered("o1"), &[send_offer("o1")])
    }
}

fn id() -> ConnectionId {
    ConnectionId(Arc::from("c1"))
}
fn offer(sdp: &str) -> Input {
    Input::RemoteOffer { sdp: sdp.into(), polite: false }
}
fn polite_offer(sdp: &str) -> Input {
    Input::RemoteOffer { sdp: sdp.into(), polite: true }
}
fn remote_answer(sdp: &str) -> Input {
    Input::RemoteAnswer { sdp: sdp.into() }
}
fn answered(sdp: &str) -> Input {
    Input::Answered { sdp: sdp.into() }
}
fn offered(sdp: &str) -> Input {
    Input::Offered { sdp: sdp.into() }
}
fn failed() -> Input {
    Input::Failed { reason: "no".into() }
}
fn answer(sdp: &str, with_media: bool) -> Action {
    Action::Answer { offer_sdp: sdp.into(), with_media }
}
fn accept(sdp: &str) -> Action {
    Action::AcceptAnswer { sdp: sdp.into() }
}
fn send_answer(sdp: &str) -> Action {
    Action::Send(SignalCommand::Answer { connection: id(), sdp: sdp.into() })
}
fn send_offer(sdp: &str) -> Action {
    Action::Send(SignalCommand::Offer { connection: id(), sdp: sdp.into() })
}
fn candidate(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}
fn remote(text: &str) -> Input {
    Input::RemoteCandidate(candidate(text))
}
fn local(text: &str) -> Input {
    Input::LocalCandidate(candidate(text))
}
fn add(text: &str) -> Action {
    Action::AddCandidate(candidate(text))
}
fn send_candidate(text: &str) -> Action {
    Action::Send(SignalCommand::Candidate { connection: id(), candidate: candidate(text) })
}
fn disconnect() -> Action {
    Action::Send(SignalCommand::Disconnect { connection: id() })
}
fn close(reason: &str) -> Action {
    Action::Close { reason: reason.into() }
}

#[test]
fn seed_page_gets_media_in_the_answer() {
    let mut scene = Scene::new();
    scene
        .step(offer(MEDIA), &[answer(MEDIA, true)])
        .step(remote("r1"), &[])
        .step(local("l1"), &[])
        .step(answered("a1"), &[send_answer("a1"), send_candidate("l1"), add("r1")])
        .step(remote("r2"), &[add("r2")])
        .step(local("l2"), &[send_candidate("l2")])
        .wait(60, &[]);
    assert!(scene.negotiation.has_media() && !scene.negotiation.is_negotiating());
}

#[test]
fn newest_page_gets_media_in_an_offer_of_ours() {
    let mut scene = Scene::new();
    scene
        .newest_page_with_our_offer_out()
        .step(remote("r1"), &[add("r1")])
        .step(remote_answer("b1"), &[accept("b1")])
        .step(remote("r2"), &[])
        .step(Input::AnswerAccepted, &[add("r2")])
        .wait(60, &[]);
    assert!(scene.negotiation.has_media());
}

#[test]
fn unanswered_offer_is_sent_again_every_five_seconds_then_taken_back() {
    let mut scene = Scene::new();
    scene.newest_page_with_our_offer_out().wait(4, &[]).wait(1, &[send_offer("o1")]).wait(4, &[]);
    scene.wait(1, &[send_offer("o1")]);
    assert_eq!(scene.negotiation.next_deadline(), Some(scene.now + RESEND_AFTER));
    (2..MAX_RESENDS).for_each(|_| {
        scene.wait(5, &[send_offer("o1")]);
    });
    scene.wait(5, &[Action::Rollback]).wait(5, &[]).step(remote_answer("b1"), &[]);
    assert_eq!(scene.negotiation.next_deadline(), None);
}

#[test]
fn redelivered_descriptions_are_ignored() {
    let mut scene = Scene::new();
    scene
        .step(offer(MEDIA), &[answer(MEDIA, true)])
        .step(offer(MEDIA), &[])
        .step(answered("a1"), &[send_answer("a1")])
        .step(offer(MEDIA), &[])
        .step(Input::Renegotiate, &[Action::Offer])
        .step(offered("o1"), &[send_offer("o1")])
        .step(remote_answer("b1"), &[accept("b1")])
        .step(remote_answer("b1"), &[])
        .step(Input::AnswerAccepted, &[])
        .step(Input::Renegotiate, &[Action::Offer])
        .step(offered("o2"), &[send_offer("o2")])
        .step(remote_answer("b1"), &[])
        .step(remote_answer("b2"), &[accept("b2")]);
}

#[test]
fn polite_side_takes_its_offer_back() {
    let mut scene = Scene::new();
    scene
        .newest_page_with_our_offer_out()
        .step(polite_offer(MEDIA), &[Action::Rollback, answer(MEDIA, true)])
        .step(remote_answer("late"), &[])
        .step(answered("a2"), &[send_answer("a2")])
        .wait(60, &[]);
    assert!(scene.negotiation.has_media());
}

#[test]
fn polite_side_offers_again_when_theirs_brought_no_media() {
    let other = "v=0\r\nm=application 9 y\r\n";
    Scene::new()
        .newest_page_with_our_offer_out()
        .step(polite_offer(other), &[Action::Rollback, answer(other, false)])
        .step(answered("a2"), &[send_answer("a2"), Action::Offer]);
}

#[test]
fn polite_side_offers_its_change_again_after_theirs() {
    Scene::new()
        .step(offer(MEDIA), &[answer(MEDIA, true)])
        .step(answered("a1"), &[send_answer("a1")])
        .step(Input::Renegotiate, &[Action::Offer])
        .step(polite_offer("m=video 9 new\r\n"), &[Action::Rollback, answer("m=video 9 new\r\n", true)])
        .step(offered("too late"), &[])
        .step(answered("a2"), &[send_answer("a2"), Action::Offer]);
}

#[test]
fn impolite_side_ignores_a_colliding_offer() {
    Scene::new()
        .newest_page_with_our_offer_out()
        .step(offer(MEDIA), &[])
        .step(remote_answer("b1"), &[accept("b1")])
        .step(Input::AnswerAccepted, &[])
        .step(offer("m=video 9 later\r\n"), &[answer("m=video 9 later\r\n", true)]);
}

#[test]
fn failure_of_an_offer_that_yielded_does_not_hit_the_answer() {
    Scene::new()
        .step(offer(DATA), &[answer(DATA, false)])
        .step(answered("a1"), &[send_answer("a1"), Action::Offer])
        .step(polite_offer(MEDIA), &[Action::Rollback, answer(MEDIA, true)])
        .step(failed(), &[])
        .step(answered("a2"), &[send_answer("a2")]);
}

#[test]
fn newest_of_the_offers_that_come_meanwhile_is_answered() {
    Scene::new()
        .step(offer(MEDIA), &[answer(MEDIA, true)])
        .step(offer("m=video 9 2\r\n"), &[])
        .step(offer("m=video 9 3\r\n"), &[])
        .step(answered("a1"), &[send_answer("a1"), answer("m=video 9 3\r\n", true)])
        .step(answered("a3"), &[send_answer("a3")]);
}

#[test]
fn first_failure_closes_and_later_ones_do_not() {
    Scene::new()
        .step(offer("junk"), &[answer("junk", false)])
        .step(failed(), &[disconnect(), close("no")])
        .step(offer(MEDIA), &[]);
    let mut scene = Scene::new();
    scene
        .step(offer(MEDIA), &[answer(MEDIA, true)])
        .step(answered("a1"), &[send_answer("a1")])
        .step(offer("junk"), &[answer("junk", false)])
        .step(failed(), &[])
        .step(Input::Renegotiate, &[Action::Offer])
        .step(offered("o1"), &[send_offer("o1")])
        .step(remote_answer("b1"), &[accept("b1")])
        .step(failed(), &[Action::Rollback])
        .step(Input::Disconnected, &[close("the other side left")]);
    assert!(scene.negotiation.is_closed());
}

#[test]
fn candidates_are_bounded_and_empty_or_repeated_ones_ignored() {
    let mut scene = Scene::new();
    scene.step(offer(MEDIA), &[answer(MEDIA, true)]);
    scene.step(remote(""), &[]).step(local(""), &[]).step(remote("r"), &[]).step(remote("r"), &[]);
    (0..100).for_each(|n| {
        scene.step(remote(&n.to_string()), &[]);
    });
    let actions = scene.negotiation.handle(scene.now, answered("a1"));
    assert_eq!(actions.len(), 1 + MAX_WAITING_CANDIDATES);
    assert_eq!(scene.negotiation.candidates_dropped(), 101 - MAX_WAITING_CANDIDATES as u64);
    let more: usize = (1000..2000).map(|n| scene.negotiation.handle(scene.now, remote(&n.to_string())).len()).sum();
    assert_eq!(more, MAX_CANDIDATES - MAX_WAITING_CANDIDATES);
}

#[test]
fn ice_restart_lets_new_candidates_pass() {
    let (first, second) = ("m=video 9 x\r\na=ice-ufrag:a\r\n", "m=video 9 x\r\na=ice-ufrag:b\r\n");
    let mut scene = Scene::new();
    scene.step(offer(first), &[answer(first, true)]).step(answered("a1"), &[send_answer("a1")]);
    (0..MAX_CANDIDATES).for_each(|n| {
        scene.step(remote(&n.to_string()), &[add(&n.to_string())]);
    });
    scene
        .step(remote("more"), &[])
        .step(offer(second), &[answer(second, true)])
        .step(answered("a2"), &[send_answer("a2")])
        .step(remote("more"), &[add("more")]);
}

fn any_input() -> impl Strategy<Value = Input> {
    let sdp =
        prop::sample::select(vec![MEDIA, DATA, "", "junk", "m=audio 9 x\r\na=ice-ufrag:q\r\n", "m=video 9 y\r\n"]);
    let text = prop::sample::select(vec!["", "1", "2", "3"]);
    prop_oneof![
        3 => (sdp.clone(), any::<bool>()).prop_map(|(sdp, polite)| Input::RemoteOffer { sdp: sdp.into(), polite }),
        2 => sdp.prop_map(remote_answer),
        1 => text.clone().prop_map(remote),
        1 => text.prop_map(local),
        1 => Just(Input::Renegotiate),
        1 => Just(Input::RestartIce),
        1 => Just(Input::PathWorks),
        1 => Just(Input::Resumed),
        3 => any::<u8>().prop_map(|n| answered(&format!("a{n}"))),
        3 => any::<u8>().prop_map(|n| offered(&format!("o{n}"))),
        2 => Just(Input::AnswerAccepted),
        1 => Just(failed()),
        2 => Just(Input::Tick),
    ]
}

/// A peer connection that carries actions out one after the other and knows which order is legal (RFC 9429, section 3.2).
#[derive(Default)]
struct Peer {
    work: VecDeque<Action>,
    has_local_offer: bool,
}

impl Peer {
    /// Does the next piece of work; the report of it, if any.
    fn work(&mut self, succeeds: bool) -> Result<Option<Input>, TestCaseError> {
        while let Some(action) = self.work.pop_front() {
            let report = match action {
                Action::Answer { .. } => {
                    prop_assert!(!self.has_local_offer, "both offers are outstanding");
                    answered("ours")
                }
                Action::Offer | Action::RestartIce => {
                    prop_assert!(!self.has_local_offer, "two offers of ours");
                    self.has_local_offer = succeeds;
                    offered("ours")
                }
                Action::AcceptAnswer { .. } => {
                    prop_assert!(self.has_local_offer, "an answer to nothing");
                    self.has_local_offer = !succeeds;
                    Input::AnswerAccepted
                }
                Action::Rollback => {
                    self.has_local_offer = false;
                    continue;
                }
                _ => continue,
            };
            return Ok(Some(if succeeds { report } else { failed() }));
        }
        Ok(None)
    }
}

proptest! {
    #[test]
    fn any_events_keep_the_peer_connection_legal(
        steps in prop::collection::vec((any_input(), 0u64..4, prop::option::weighted(0.5, prop::bool::weighted(0.9))), 0..80)
    ) {
        let mut negotiation = Negotiation::new(id());
        let mut now = Nanos(0);
        let mut peer = Peer::default();
        let mut answers: HashMap<String, u32> = HashMap::new();
        for (input, seconds, peer_works) in steps {
            now = now + Duration::from_secs(seconds);
            // Reports come from the peer alone here.
            let from_outside = !matches!(
                input,
                Input::Answered { .. } | Input::Offered { .. } | Input::AnswerAccepted | Input::Failed { .. }
            );
            let report = match peer_works {
                Some(succeeds) => peer.work(succeeds)?,
                None => None,
            };
            for input in report.into_iter().chain(from_outside.then_some(input)) {
                let was_closed = negotiation.is_closed();
                for action in negotiation.handle(now, input) {
                    prop_assert!(!was_closed, "nothing follows a close");
                    if let Action::Answer { offer_sdp, .. } = &action {
                        *answers.entry(offer_sdp.clone()).or_default() += 1;
                    }
                    peer.work.push_back(action);
                }
            }
            let is_operation =
                |action: &&Action| matches!(action, Action::Answer { .. } | Action::Offer | Action::RestartIce);
            let operations = peer.work.iter().filter(is_operation).count();
            prop_assert!(operations <= 2, "operations pile up");
        }
        prop_assert!(answers.values().all(|times| *times == 1), "{:?}", answers);
    }

    #[test]
    fn reports_nobody_asked_for_are_harmless(inputs in prop::collection::vec((any_input(), 0u64..4), 0..80)) {
        let mut negotiation = Negotiation::new(id());
        let mut now = Nanos(0);
        for (input, seconds) in inputs {
            now = now + Duration::from_secs(seconds);
            let due = negotiation.next_deadline().is_some_and(|at| at <= now);
            let is_tick = input == Input::Tick;
            let actions = negotiation.handle(now, input);
            if is_tick {
                prop_assert_eq!(due, !actions.is_empty(), "only a due tick does something");
                prop_assert!(negotiation.next_deadline().is_none_or(|at| at > now));
            }
        }
    }
}

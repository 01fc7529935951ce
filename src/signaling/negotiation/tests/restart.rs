//! A way that is lost, and found anew.

use super::*;

const FIRST: &str = "v=0\r\na=ice-ufrag:one\r\nm=video 9 x 96\r\na=recvonly\r\n";
const SAME: &str = "v=0\r\na=ice-ufrag:one\r\nm=video 9 x 96\r\na=inactive\r\n";
const ANEW: &str = "v=0\r\na=ice-ufrag:two\r\nm=video 9 x 96\r\na=recvonly\r\n";

/// The page has media.
fn playing() -> Scene {
    let mut scene = Scene::new();
    scene.step(offer(FIRST), &[answer(FIRST, true)]).step(answered("a1"), &[send_answer("a1")]);
    scene
}

/// The same, and our offer to restart is out.
fn restarting() -> Scene {
    let mut scene = playing();
    scene.step(Input::RestartIce, &[Action::RestartIce]).step(offered("r1"), &[send_offer("r1")]);
    scene
}

#[test]
fn a_lost_way_is_looked_for_once_and_again_when_it_is_lost_again() {
    let mut scene = restarting();
    scene
        .step(Input::RestartIce, &[])
        .step(remote_answer(ANEW), &[accept(ANEW)])
        .step(remote("c"), &[])
        .step(Input::AnswerAccepted, &[add("c")])
        .wait(1, &[])
        .step(Input::RestartIce, &[Action::RestartIce]);
}

#[test]
fn what_the_other_side_may_have_missed_is_said_again() {
    let mut scene = restarting();
    scene.step(Input::Resumed, &[send_offer("r1")]).wait(4, &[]).wait(1, &[send_offer("r1")]);
    let mut scene = playing();
    scene.step(Input::Resumed, &[]);
}

#[test]
fn of_two_who_look_for_a_way_exactly_one_yields() {
    // The page does, to an impolite host: its offer was not seen, and comes again later if it has to.
    let mut scene = restarting();
    scene.step(offer(ANEW), &[]).step(remote_answer(ANEW), &[accept(ANEW)]).step(Input::AnswerAccepted, &[]);
    // A polite host does, and its own restart is settled by theirs.
    let mut scene = restarting();
    scene
        .step(polite_offer(ANEW), &[Action::Rollback, answer(ANEW, true)])
        .step(answered("a2"), &[send_answer("a2")])
        .step(remote_answer("late"), &[])
        .wait(60, &[]);
    // Also while ours is being made.
    let mut scene = playing();
    scene
        .step(Input::RestartIce, &[Action::RestartIce])
        .step(polite_offer(ANEW), &[Action::Rollback, answer(ANEW, true)])
        .step(offered("r1"), &[])
        .step(answered("a2"), &[send_answer("a2")])
        .wait(60, &[]);
}

#[test]
fn a_way_that_the_page_looks_for_is_not_looked_for_at_the_same_time() {
    let mut scene = playing();
    scene.step(offer(ANEW), &[answer(ANEW, true)]).step(answered("a2"), &[send_answer("a2")]);
    scene.step(Input::RestartIce, &[]).wait(2, &[]).step(Input::RestartIce, &[Action::RestartIce]);
}

#[test]
fn an_offer_about_something_else_waits_for_the_way() {
    let mut scene = restarting();
    scene.step(offer(SAME), &[]);
    scene
        .step(polite_offer(SAME), &[Action::Rollback, answer(SAME, true)])
        .step(failed(), &[Action::RestartIce])
        .step(offered("r2"), &[send_offer("r2")]);
}

#[test]
fn a_false_alarm_before_its_offer_was_made_is_forgotten() {
    let mut scene = playing();
    scene
        .step(Input::Renegotiate, &[Action::Offer])
        .step(Input::RestartIce, &[])
        .step(Input::PathWorks, &[])
        .step(offered("o2"), &[send_offer("o2")])
        .step(remote_answer("b2"), &[accept("b2")])
        .step(Input::AnswerAccepted, &[]);
}

#[test]
fn before_there_was_a_way_none_is_lost_and_a_restart_that_fails_ends_nothing() {
    let mut scene = Scene::new();
    scene.step(Input::RestartIce, &[]);
    let mut scene = playing();
    scene.step(Input::RestartIce, &[Action::RestartIce]).step(failed(), &[Action::Rollback]);
    assert!(!scene.negotiation.is_closed());
    // One that has to wait for another offer's answer.
    let mut scene = Scene::new();
    scene
        .step(offer(DATA), &[answer(DATA, false)])
        .step(answered("a1"), &[send_answer("a1"), Action::Offer])
        .step(offered("o1"), &[send_offer("o1")])
        .step(Input::RestartIce, &[])
        .step(remote_answer("b1"), &[accept("b1")])
        .step(Input::AnswerAccepted, &[Action::RestartIce])
        .step(failed(), &[Action::Rollback]);
    assert!(!scene.negotiation.is_closed());
}

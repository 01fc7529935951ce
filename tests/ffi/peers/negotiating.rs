//! Both sides offer and answer, in every order there is.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;

use super::*;
use crate::shared;

const STABLE: u32 = RENDERCAST_SIGNALING_STATE_STABLE;
const HAVE_LOCAL_OFFER: u32 = RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER;
const HAVE_REMOTE_OFFER: u32 = RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_OFFER;

fn ufrag(sdp: &str) -> &str {
    sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).expect("a description has credentials")
}

#[tokio::test]
async fn a_host_that_offers_is_answered_and_hears_every_state_in_order() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_LOCAL), None);
    scene.until_negotiation_is_needed(1).await;
    let first = scene.states();
    assert_eq!((first.signaling, first.ice_gathering, first.ice_connection, first.connection), (1, 1, 1, 1));
    assert_eq!(first.can_trickle, RENDERCAST_TRICKLE_UNKNOWN);

    let offer = scene.host_offers().await;
    assert!(offer.contains("m=video") && offer.contains("m=audio") && offer.contains("a=sendonly"), "{offer}");
    scene.until_it_plays().await;
    scene
        .until("the end of candidates", |scene| {
            scene
                .told(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE)
                .contains(&RENDERCAST_ICE_GATHERING_STATE_COMPLETE)
                .then_some(())
        })
        .await;

    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_SIGNALING_STATE), [HAVE_LOCAL_OFFER, STABLE]);
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE), [2, 3]);
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_CONNECTION_STATE), [2, 3], "connecting, connected");
    let ice = scene.told(RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE);
    assert!(ice.starts_with(&[2, 3]), "checking, connected: {ice:?}");
    assert_eq!(scene.count(RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED), 1);
    let at = |kind: u32, nth: usize| {
        scene.log.iter().enumerate().filter(|(_, event)| event.kind == kind).nth(nth).expect("such an event").0
    };
    let done = |nth| at(RENDERCAST_PEER_EVENT_OPERATION_DONE, nth);
    assert!(at(RENDERCAST_PEER_EVENT_SIGNALING_STATE, 0) < done(1), "the state before the end that it is part of");
    let candidate = at(RENDERCAST_PEER_EVENT_ICE_CANDIDATE, 0);
    assert!(done(1) < at(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE, 0), "gathering after setLocalDescription");
    assert!(at(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE, 0) < candidate);
    assert!(candidate < at(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE, 1));
    let last = scene.log.iter().rfind(|event| event.kind == RENDERCAST_PEER_EVENT_ICE_CANDIDATE).expect("candidates");
    assert_eq!((last.text.as_str(), last.mid.as_str()), ("", "0"), "the end of candidates");
    for nth in 0..2 {
        let ice = at(RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE, nth);
        assert!(ice < at(RENDERCAST_PEER_EVENT_CONNECTION_STATE, nth), "ICE's state comes first");
    }

    let (kind, local) = scene.description(RENDERCAST_DESCRIPTION_CURRENT_LOCAL).expect("agreed");
    assert_eq!(kind, RENDERCAST_SDP_OFFER);
    assert!(local.contains("a=candidate:") && ufrag(&local) == ufrag(&offer));
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_REMOTE).expect("agreed").0, RENDERCAST_SDP_ANSWER);
    for pending in [RENDERCAST_DESCRIPTION_PENDING_LOCAL, RENDERCAST_DESCRIPTION_PENDING_REMOTE] {
        assert_eq!(scene.description(pending), None);
    }
    let last = scene.states();
    assert_eq!((last.signaling, last.ice_gathering, last.connection), (STABLE, 3, 3));
}

#[tokio::test]
async fn a_host_that_answers_may_be_told_candidates_before_the_offer() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.passes_on = false;
    let offer = scene.browser.offer().await;
    scene.until("a candidate of the browser's", |scene| scene.theirs.first().map(|_| ())).await;
    let early = scene.theirs.clone();
    for candidate in &early {
        scene.must(Step::Add(&candidate.candidate, candidate.sdp_mid.as_deref(), 0)).await;
    }
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    assert_eq!(scene.states().signaling, HAVE_REMOTE_OFFER);
    let (kind, pending) = scene.description(RENDERCAST_DESCRIPTION_PENDING_REMOTE).expect("it was set");
    assert_eq!((kind, pending), (RENDERCAST_SDP_OFFER, offer));
    scene.must(Step::Add("", None, 0)).await;
    scene.must(Step::SetLocal(0, None)).await;
    let (kind, answer) = scene.description(RENDERCAST_DESCRIPTION_LOCAL).expect("it was made");
    assert_eq!(kind, RENDERCAST_SDP_ANSWER);
    scene.browser.accept(&answer).await;
    scene.until_it_plays().await;
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_SIGNALING_STATE), [HAVE_REMOTE_OFFER, STABLE]);
    let (status, reason) = scene.run(Step::Add("candidate:1 1 udp 1 127.0.0.1 9 typ host", Some("nine"), 0)).await;
    assert_eq!(status, RENDERCAST_OPERATION_FAILED, "{reason}");
    let (status, reason) = scene.run(Step::Add("candidate:nonsense", Some("0"), 0)).await;
    assert_eq!(status, RENDERCAST_OPERATION_FAILED, "{reason}");
}

#[tokio::test]
async fn an_offer_against_ours_takes_ours_back_and_what_it_lacks_is_needed_again() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.passes_on = false;
    scene.until_negotiation_is_needed(1).await;
    let ours = scene.must(Step::CreateOffer(None)).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&ours))).await;
    let theirs = scene.browser.offer().await;
    scene.passes_on = true;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&theirs))).await;
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_PENDING_LOCAL), None);
    let answer = scene.must(Step::CreateAnswer).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
    for candidate in scene.theirs.clone() {
        scene.must(Step::Add(&candidate.candidate, candidate.sdp_mid.as_deref(), 0)).await;
    }
    scene.browser.accept(&answer).await;
    scene.until_it_plays().await;
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_SIGNALING_STATE), [HAVE_LOCAL_OFFER, HAVE_REMOTE_OFFER, STABLE]);
    assert_eq!(scene.count(RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED), 1, "their offer had all of ours");
}

#[tokio::test]
async fn offers_of_either_side_can_be_taken_back_and_then_the_other_side_offers() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.until_negotiation_is_needed(1).await;
    scene.must(Step::SetLocal(0, None)).await;
    assert_eq!(scene.states().signaling, HAVE_LOCAL_OFFER);
    scene.must(Step::SetLocal(RENDERCAST_SDP_ROLLBACK, None)).await;
    scene.until_negotiation_is_needed(2).await;

    scene.passes_on = false;
    let theirs = scene.browser.offer().await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&theirs))).await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_ROLLBACK, None)).await;
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_REMOTE), None);
    let rollback = RTCSessionDescription::rollback(None).unwrap();
    scene.browser.pc.set_local_description(rollback).await.unwrap();
    scene.until_negotiation_is_needed(3).await;

    scene.passes_on = true;
    scene.host_offers().await;
    for candidate in scene.theirs.clone() {
        scene.must(Step::Add(&candidate.candidate, candidate.sdp_mid.as_deref(), 0)).await;
    }
    scene.until_it_plays().await;
    let states = [HAVE_LOCAL_OFFER, STABLE, HAVE_REMOTE_OFFER, STABLE, HAVE_LOCAL_OFFER, STABLE];
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_SIGNALING_STATE), states);
}

#[tokio::test]
async fn an_offer_that_was_made_and_never_set_leaves_no_trace() {
    let _guard = shared();
    // Sound first: the sections are others than in our offer.
    let browser = Browser::open().await;
    for kind in [RtpCodecKind::Audio, RtpCodecKind::Video] {
        browser.pc.add_transceiver_from_kind(kind, None).await.unwrap();
    }
    let mut scene = Scene::between(streamer(""), browser);
    let ours = scene.must(Step::CreateOffer(None)).await;
    assert!(ours.find("m=video") < ours.find("m=audio"));
    let theirs = scene.browser.offer().await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&theirs))).await;
    let answer = scene.must(Step::CreateAnswer).await;
    assert_eq!(scene.count(RENDERCAST_PEER_EVENT_ICE_CANDIDATE), 0, "no candidate before a local description");
    scene.must(Step::SetLocal(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
    scene.browser.accept(&answer).await;
    scene.until_it_plays().await;
}

#[tokio::test]
async fn provisional_answers_lead_to_final_ones() {
    let _guard = shared();
    // Ours.
    let mut scene = Scene::start().await;
    let theirs = scene.browser.offer().await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&theirs))).await;
    let answer = scene.must(Step::CreateAnswer).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_PRANSWER, Some(&answer))).await;
    assert_eq!(scene.states().signaling, RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_PRANSWER);
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_LOCAL).expect("it was set").0, RENDERCAST_SDP_PRANSWER);
    let (status, reason) = scene.run(Step::SetLocal(RENDERCAST_SDP_ROLLBACK, None)).await;
    assert_eq!(status, RENDERCAST_INVALID_STATE, "{reason}");
    let (status, reason) = scene.run(Step::SetLocal(RENDERCAST_SDP_PRANSWER, None)).await;
    assert_eq!(status, RENDERCAST_OPERATION_FAILED, "{reason}");
    scene.must(Step::SetLocal(RENDERCAST_SDP_ANSWER, None)).await;
    let (_, answer) = scene.description(RENDERCAST_DESCRIPTION_LOCAL).expect("it was made");
    scene.browser.accept(&answer).await;
    scene.until_it_plays().await;

    // The browser's.
    let mut scene = Scene::start().await;
    let offer = scene.must(Step::CreateOffer(None)).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    let answer = scene.browser.answer(&offer).await;
    for _ in 0..2 {
        scene.must(Step::SetRemote(RENDERCAST_SDP_PRANSWER, Some(&answer))).await;
    }
    assert_eq!(scene.states().signaling, RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER);
    assert_eq!(scene.description(RENDERCAST_DESCRIPTION_REMOTE).expect("it was set").0, RENDERCAST_SDP_PRANSWER);
    let (status, reason) = scene.run(Step::SetRemote(RENDERCAST_SDP_ROLLBACK, None)).await;
    assert_eq!(status, RENDERCAST_INVALID_STATE, "{reason}");
    scene.must(Step::SetRemote(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
    scene.until_it_plays().await;
    let told = scene.told(RENDERCAST_PEER_EVENT_SIGNALING_STATE);
    assert_eq!(told, [HAVE_LOCAL_OFFER, RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER, STABLE]);
}

#[tokio::test]
async fn a_restart_of_ice_is_asked_for_and_offered_with_new_credentials() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    assert_eq!(rendercast_peer_restart_ice(scene.streamer.0, scene.viewer), RENDERCAST_OK);
    let first = scene.host_offers().await;
    scene.until_it_plays().await;
    let needed = scene.count(RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED);
    assert_eq!(needed, 1, "there was nothing to restart");

    assert_eq!(rendercast_peer_restart_ice(scene.streamer.0, scene.viewer), RENDERCAST_OK);
    scene.until_negotiation_is_needed(needed + 1).await;
    let second = scene.host_offers().await;
    assert_ne!(ufrag(&first), ufrag(&second));
    scene.until_it_plays().await;
    let third = scene.must(Step::CreateOffer(None)).await;
    assert_eq!(ufrag(&second), ufrag(&third), "one restart for each that was asked for");
    let fourth = scene.must(Step::CreateOffer(Some(c"{\"iceRestart\":true}"))).await;
    assert_ne!(ufrag(&third), ufrag(&fourth));
    assert_eq!(scene.told(RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE)[..3], [2, 3, 2], "candidates are gathered anew");

    // A restart that is taken back is wanted still.
    scene.must(Step::SetLocal(RENDERCAST_SDP_OFFER, None)).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_ROLLBACK, None)).await;
    scene.until_negotiation_is_needed(needed + 2).await;
}

/// A STUN server that refuses every question.
async fn refusing_server() -> (u16, tokio::task::JoinHandle<()>) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let mut question = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut question).await {
            if length < 20 {
                continue;
            }
            let reason = b"\0\0\x04\0Not for you!";
            let mut answer = vec![0x01, 0x11, 0, 4 + reason.len() as u8];
            answer.extend(&question[4..20]);
            answer.extend([0, 9, 0, reason.len() as u8]);
            answer.extend(reason);
            let _ = socket.send_to(&answer, from).await;
        }
    });
    (port, serving)
}

#[tokio::test]
async fn a_server_that_gives_no_candidate_is_told_with_its_own_words() {
    let _guard = shared();
    let (port, serving) = refusing_server().await;
    let url = format!("stun:127.0.0.1:{port}");
    let mut scene = Scene::with(streamer(&format!(r#","ice_servers":[{{"urls":["{url}"]}}]"#))).await;
    scene.host_offers().await;
    scene.until_it_plays().await;
    let is = |event: &&Event| event.kind == RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR;
    let error = scene.until("icecandidateerror", |scene| scene.log.iter().find(is).cloned()).await;
    assert_eq!((error.code, error.url, error.text.as_str()), (400, url, "Not for you!"));
    serving.abort();
}

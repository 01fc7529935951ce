//! What makes no sense, comes too late or is hostile has a clear end, and leaves the connection as it was.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use rendercast::ffi::signals::{RENDERCAST_SIGNAL_INVITE, rendercast_push_signal, rendercast_signal};

use super::*;
use crate::shared;

#[tokio::test]
async fn steps_at_the_wrong_time_are_invalid_states_and_change_nothing() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    for (step, part) in [
        (Step::CreateAnswer, "InvalidStateError: createAnswer in stable"),
        (Step::SetLocal(RENDERCAST_SDP_ANSWER, None), "InvalidStateError: setLocalDescription(answer) in stable"),
        (Step::SetRemote(RENDERCAST_SDP_ANSWER, Some("v=0")), "setRemoteDescription(answer) in stable"),
        (Step::SetLocal(RENDERCAST_SDP_ROLLBACK, None), "setLocalDescription(rollback) in stable"),
    ] {
        let (status, text) = scene.run(step).await;
        assert_eq!(status, RENDERCAST_INVALID_STATE, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let offer = scene.must(Step::CreateOffer(None)).await;
    let munged = offer.replace("a=sendonly", "a=sendrecv");
    let (status, text) = scene.run(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&munged))).await;
    assert_eq!(status, RENDERCAST_INVALID_DESCRIPTION, "{text}");
    assert!(text.starts_with("InvalidModificationError"), "{text}");
    scene.must(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    let (status, text) = scene.run(Step::CreateAnswer).await;
    assert_eq!(status, RENDERCAST_INVALID_STATE, "{text}");
    let theirs = scene.browser.answer(&offer).await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_ANSWER, Some(&theirs))).await;
    let (status, text) = scene.run(Step::SetRemote(RENDERCAST_SDP_ANSWER, Some(&theirs))).await;
    assert_eq!(status, RENDERCAST_INVALID_STATE, "{text}");
    scene.until_it_plays().await;
}

#[tokio::test]
async fn hostile_descriptions_are_refused_and_a_good_one_is_taken_afterwards() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    let good = scene.browser.offer().await;
    let without =
        |prefix: &str| -> String { good.split_inclusive('\n').filter(|line| !line.starts_with(prefix)).collect() };
    let hostile = [
        String::new(),
        "nonsense".into(),
        "v=0\r\n".into(),
        "v=0\r\nm=video x y\r\n".into(),
        format!("v=0\r\n{}", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(100)),
        good.replace("v=0", "v=1"),
        good.replace("a=mid:1", "a=mid:0"),
        without("a=mid:"),
        without("a=ice-ufrag:"),
        without("a=ice-pwd:"),
        without("a=fingerprint:"),
        without("o="),
        format!("{good}{}", "a=x\r\n".repeat(60_000)),
    ];
    for (number, sdp) in hostile.iter().enumerate() {
        let (status, text) = scene.run(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(sdp))).await;
        assert_eq!(status, RENDERCAST_INVALID_DESCRIPTION, "{number}: {text}");
        assert_eq!(scene.states().signaling, RENDERCAST_SIGNALING_STATE_STABLE);
    }
    // An answer that is not one to our offer.
    let offer = scene.must(Step::CreateOffer(None)).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    let one = offer.rfind("m=").expect("sections");
    for wrong in [offer[..one].to_owned(), offer.replace("a=mid:0", "a=mid:x"), "v=0\r\n".into()] {
        let (status, text) = scene.run(Step::SetRemote(RENDERCAST_SDP_ANSWER, Some(&wrong))).await;
        assert_eq!(status, RENDERCAST_INVALID_DESCRIPTION, "{text}");
        assert_eq!(scene.states().signaling, RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER);
    }
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&good))).await;
    scene.must(Step::SetLocal(0, None)).await;
    let (_, answer) = scene.description(RENDERCAST_DESCRIPTION_LOCAL).expect("it was made");
    scene.browser.accept(&answer).await;
    scene.until_it_plays().await;
}

#[tokio::test]
async fn what_is_asked_of_a_connection_that_ends_has_its_end_and_then_nobody_is_there() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.until_negotiation_is_needed(1).await;
    assert_eq!(rendercast_peer_close(scene.streamer.0, scene.viewer), RENDERCAST_OK);
    let mut asked = 0;
    let nobody = loop {
        let (status, _) = ask(&scene.streamer, scene.viewer, &Step::CreateOffer(None));
        if status != RENDERCAST_OK {
            break status;
        }
        asked += 1;
    };
    assert!([RENDERCAST_NO_VIEWER, RENDERCAST_WOULD_BLOCK].contains(&nobody), "{nobody}");
    scene.until("the end", |scene| (scene.count(RENDERCAST_PEER_EVENT_CLOSED) == 1).then_some(())).await;
    let last = scene.log.last().expect("the end");
    assert_eq!((last.kind, last.text.as_str()), (RENDERCAST_PEER_EVENT_CLOSED, "the host closed the connection"));
    let ends: Vec<i32> = scene
        .log
        .iter()
        .filter(|event| event.kind == RENDERCAST_PEER_EVENT_OPERATION_DONE)
        .map(|event| event.status)
        .collect();
    assert_eq!(ends, vec![RENDERCAST_INVALID_STATE; asked]);
    assert_eq!(ask(&scene.streamer, scene.viewer, &Step::CreateAnswer).0, RENDERCAST_NO_VIEWER);
    assert_eq!(rendercast_peer_close(scene.streamer.0, scene.viewer), RENDERCAST_NO_VIEWER);
    let mut states: rendercast_peer_states = sized();
    let status = unsafe { rendercast_peer_get_states(scene.streamer.0, scene.viewer, &raw mut states) };
    assert_eq!(status, RENDERCAST_NO_VIEWER);
}

#[test]
fn connections_are_made_while_the_streamer_runs_and_as_many_as_may_be() {
    let _guard = shared();
    let streamer = streamer(r#","max_viewers":1"#);
    let viewer = create_peer(&streamer);
    let mut other = 77;
    let make = |other: &mut u32| unsafe { rendercast_peer_create(streamer.0, null(), other) };
    assert_eq!(make(&mut other), RENDERCAST_TOO_MANY, "{}", last_error());
    assert_eq!(other, 77);
    assert_eq!(rendercast_peer_close(streamer.0, viewer), RENDERCAST_OK);
    let mut seen = Vec::new();
    while seen.last() != Some(&RENDERCAST_PEER_EVENT_CLOSED) {
        seen.extend(poll(&streamer).map(|event| event.kind));
        std::thread::yield_now();
    }
    while make(&mut other) == RENDERCAST_TOO_MANY {
        std::thread::yield_now();
    }
    assert!(other > viewer && other != 77);

    assert_eq!(rendercast_stop(streamer.0), RENDERCAST_OK);
    let end = std::iter::from_fn(|| poll(&streamer)).last().expect("its end is told");
    assert_eq!((end.kind, end.viewer), (RENDERCAST_PEER_EVENT_CLOSED, other));
    assert_eq!(make(&mut other), RENDERCAST_NOT_STARTED);
    assert_eq!(rendercast_start(streamer.0), RENDERCAST_OK);
    create_peer(&streamer);
}

#[tokio::test]
async fn a_viewer_that_the_library_negotiates_for_tells_its_states_and_takes_no_steps() {
    let _guard = shared();
    let streamer = streamer("");
    let mut signal: rendercast_signal = sized();
    (signal.kind, signal.connection) = (RENDERCAST_SIGNAL_INVITE, c"friend".as_ptr());
    assert_eq!(unsafe { rendercast_push_signal(streamer.0, &signal) }, RENDERCAST_OK);
    let own = create_peer(&streamer);
    let found = async {
        loop {
            let is = |number: &u32| ask(&streamer, *number, &Step::CreateAnswer).0 == RENDERCAST_NOT_HOST_NEGOTIATED;
            if let Some(found) = (1..own + 64).filter(|number| *number != own).find(is) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    let theirs = tokio::time::timeout(PATIENCE, found).await.expect("a viewer");
    for step in [
        Step::CreateOffer(None),
        Step::SetLocal(0, None),
        Step::SetRemote(RENDERCAST_SDP_OFFER, Some("v=0")),
        Step::Add("", None, 0),
    ] {
        assert_eq!(ask(&streamer, theirs, &step).0, RENDERCAST_NOT_HOST_NEGOTIATED, "{}", last_error());
    }
    assert_eq!(rendercast_peer_close(streamer.0, theirs), RENDERCAST_NOT_HOST_NEGOTIATED);
    assert_eq!(rendercast_peer_restart_ice(streamer.0, theirs), RENDERCAST_OK);
    let offered = async {
        while states(&streamer, theirs).signaling != RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, offered).await.expect("an offer");
    let (kind, sdp) = description(&streamer, theirs, RENDERCAST_DESCRIPTION_PENDING_LOCAL).expect("an offer");
    assert!(kind == RENDERCAST_SDP_OFFER && sdp.contains("m=video"));
    let alone = std::iter::from_fn(|| poll(&streamer)).all(|event| event.viewer == own);
    assert!(alone, "its events are the library's");
}

#[test]
fn arguments_that_make_no_sense_are_refused_by_name() {
    let _guard = shared();
    let streamer = streamer("");
    let viewer = create_peer(&streamer);
    for (step, status, part) in [
        (Step::CreateOffer(Some(c"{\"iceRestart\":2}")), RENDERCAST_INVALID_ARGUMENT, "options: invalid type"),
        (Step::CreateOffer(Some(c"\xff")), RENDERCAST_INVALID_TEXT, "options is not UTF-8"),
        (Step::SetLocal(5, None), RENDERCAST_INVALID_ARGUMENT, "kind = 5 is outside 0 to 4"),
        (Step::SetRemote(0, Some("v=0")), RENDERCAST_INVALID_ARGUMENT, "kind = 0 is outside 1 to 4"),
        (Step::SetRemote(RENDERCAST_SDP_OFFER, None), RENDERCAST_NULL_POINTER, "sdp is NULL"),
        (Step::Add("", None, 65_536), RENDERCAST_INVALID_ARGUMENT, "sdp_mline_index = 65536"),
    ] {
        assert_eq!(ask(&streamer, viewer, &step), (status, 0));
        assert!(last_error().contains(part), "{}", last_error());
    }
    assert_eq!(ask(&streamer, viewer + 1_000_000, &Step::CreateAnswer).0, RENDERCAST_NO_VIEWER);
    let mut number = 0;
    for configuration in [c"", c"[]", c"{\"iceServers\":[{\"urls\":\"http://a\"}]}", c"{\"peerIdentity\":\"a\"}"] {
        let status = unsafe { rendercast_peer_create(streamer.0, configuration.as_ptr(), &raw mut number) };
        assert_eq!((status, number), (RENDERCAST_INVALID_CONFIG, 0), "{configuration:?}");
    }
    assert_eq!(unsafe { rendercast_peer_create(streamer.0, null(), null_mut()) }, RENDERCAST_NULL_POINTER);
    let mut out: rendercast_peer_event = sized();
    assert_eq!(unsafe { rendercast_poll_peer_event(streamer.0, null_mut(), null_mut(), 0) }, RENDERCAST_NULL_POINTER);
    assert_eq!(unsafe { rendercast_poll_peer_event(streamer.0, &raw mut out, null_mut(), 9) }, RENDERCAST_NULL_POINTER);
    let describe = |which| unsafe {
        rendercast_peer_description(streamer.0, viewer, which, null_mut(), null_mut(), 0, null_mut())
    };
    assert_eq!(describe(7), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(describe(RENDERCAST_DESCRIPTION_LOCAL), RENDERCAST_EMPTY);
    let mut states = rendercast_peer_states { size: 3, ..sized() };
    let status = unsafe { rendercast_peer_get_states(streamer.0, viewer, &raw mut states) };
    assert_eq!(status, RENDERCAST_STRUCT_SIZE);
}

#[test]
fn an_event_that_does_not_fit_stays() {
    let _guard = shared();
    let streamer = streamer("");
    create_peer(&streamer);
    let mut out: rendercast_peer_event = sized();
    let mut call = |text: &mut [c_char]| {
        let status =
            unsafe { rendercast_poll_peer_event(streamer.0, &raw mut out, text.as_mut_ptr(), text.len() as u32) };
        (status, out.kind, out.text_size)
    };
    let mut last = call(&mut []);
    while last.0 == RENDERCAST_EMPTY {
        std::thread::yield_now();
        last = call(&mut []);
    }
    assert_eq!(last, (RENDERCAST_BUFFER_TOO_SMALL, RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED, 1));
    assert_eq!(call(&mut [7]), (RENDERCAST_OK, RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED, 1));
    assert_eq!(call(&mut [7]).0, RENDERCAST_EMPTY);
}

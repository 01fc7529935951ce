//! Several video tracks in one connection.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use rendercast::ffi::senders::*;
use rendercast::ffi::sources::*;
use rendercast::ffi::tracks::*;
use serde_json::Value;

use super::*;
use crate::shared;

pub fn add(scene: &Scene, source: u32, stream: Option<&CStr>) -> (i32, u32) {
    let mut options: rendercast_track_options = sized();
    (options.source, options.stream_id) = (source, stream.map_or(null(), CStr::as_ptr));
    let mut sender = 77;
    (unsafe { rendercast_peer_add_track(scene.streamer.0, scene.viewer, &raw const options, &raw mut sender) }, sender)
}

pub fn list(scene: &Scene) -> Vec<Value> {
    let (mut text, mut needed) = (vec![0; 16_384], 0);
    let (buffer, capacity) = (text.as_mut_ptr(), text.len() as u32);
    let (streamer, viewer) = (scene.streamer.0, scene.viewer);
    let status = unsafe { rendercast_peer_list_transceivers(streamer, viewer, buffer, capacity, &raw mut needed) };
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    serde_json::from_str(&string(&text)).unwrap()
}

/// Of the section that this sender is in.
fn state(scene: &Scene, sender: u32) -> Value {
    let list = list(scene);
    list.iter().find(|one| one["sender"] == sender).unwrap_or_else(|| panic!("{list:?}")).clone()
}

pub fn video_ssrcs(sdp: &str) -> Vec<u32> {
    let sections = sdp.split("m=").filter(|section| section.starts_with("video") && section.contains("a=sendonly"));
    let first = |section: &str| {
        let line = section.lines().find_map(|line| line.strip_prefix("a=ssrc:"))?;
        line.split(' ').next()?.parse().ok()
    };
    sections.filter_map(first).collect()
}

/// Until more has come of each of these streams.
pub async fn until_all_play(scene: &mut Scene, ssrcs: &[u32]) {
    let count = |scene: &Scene| ssrcs.iter().map(|ssrc| *scene.streams.get(ssrc).unwrap_or(&0)).collect::<Vec<_>>();
    let before = count(scene);
    let all = |scene: &Scene| count(scene).iter().zip(&before).all(|(now, before)| *now >= before + 5);
    scene.until("a picture of each", |scene| all(scene).then_some(())).await;
}

#[tokio::test]
async fn a_track_is_added_replaced_turned_and_removed_while_the_first_plays() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    assert_eq!(unsafe { rendercast_source_create(scene.streamer.0, null(), &raw mut scene.source) }, RENDERCAST_OK);
    scene.until_negotiation_is_needed(1).await;
    let offer = scene.host_offers().await;
    let [first] = video_ssrcs(&offer)[..] else { panic!("{offer}") };
    until_all_play(&mut scene, &[first]).await;

    let (status, sender) = add(&scene, scene.source, Some(c"map"));
    assert_eq!((status, sender), (RENDERCAST_OK, 3), "{}", last_error());
    scene.until_negotiation_is_needed(2).await;
    let offer = scene.host_offers().await;
    assert!(offer.contains("a=msid:map video-3"), "{offer}");
    let [same, second] = video_ssrcs(&offer)[..] else { panic!("{offer}") };
    assert_eq!(same, first);
    until_all_play(&mut scene, &[first, second]).await;
    let told = state(&scene, sender);
    assert_eq!((&told["streamId"], &told["source"]), (&"map".into(), &scene.source.into()), "{told}");
    assert_eq!((&told["currentDirection"], &told["kind"]), (&"sendonly".into(), &"video".into()), "{told}");
    assert_eq!(state(&scene, RENDERCAST_SENDER_VIDEO)["streamId"], "rendercast-video");
    assert_eq!(state(&scene, RENDERCAST_SENDER_AUDIO)["kind"], "audio");

    // Another source, and nothing is negotiated.
    assert_eq!(rendercast_peer_replace_track(scene.streamer.0, scene.viewer, sender, 0), RENDERCAST_OK);
    scene.until("the other source", |scene| (state(scene, sender)["source"] == 0).then_some(())).await;
    until_all_play(&mut scene, &[first, second]).await;
    assert_eq!(scene.count(RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED), 2);

    turn(&scene, sender, RENDERCAST_DIRECTION_INACTIVE);
    scene.until_negotiation_is_needed(3).await;
    let offer = scene.host_offers().await;
    assert_eq!(video_ssrcs(&offer), [first]);
    let stopped = state(&scene, sender);
    assert_eq!(stopped["currentDirection"], "inactive", "{stopped}");

    assert_eq!(rendercast_peer_remove_track(scene.streamer.0, scene.viewer, sender), RENDERCAST_OK);
    scene.until_negotiation_is_needed(4).await;
    let offer = scene.host_offers().await;
    assert!(!offer.contains("a=msid:map"), "{offer}");
    until_all_play(&mut scene, &[first]).await;
    assert_eq!(rendercast_peer_remove_track(scene.streamer.0, scene.viewer, sender), RENDERCAST_NO_SENDER);
}

#[tokio::test]
async fn what_cannot_be_done_with_tracks_is_refused_by_name() {
    let _guard = shared();
    let scene = Scene::start().await;
    let (streamer, viewer) = (scene.streamer.0, scene.viewer);
    assert_eq!(add(&scene, 99, None), (RENDERCAST_NO_SOURCE, 0));
    assert_eq!(add(&scene, 0, Some(c"two words")), (RENDERCAST_INVALID_ARGUMENT, 0));
    assert!(last_error().contains("stream_id"), "{}", last_error());
    let mut sender = 0;
    let status = unsafe { rendercast_peer_add_track(streamer, viewer + 1, null(), &raw mut sender) };
    assert_eq!(status, RENDERCAST_NO_VIEWER);
    let status = unsafe { rendercast_peer_add_track(streamer, viewer, null(), null_mut()) };
    assert_eq!(status, RENDERCAST_NULL_POINTER);
    for sender in [0, 3] {
        assert_eq!(rendercast_peer_remove_track(streamer, viewer, sender), RENDERCAST_NO_SENDER, "{sender}");
    }
    assert_eq!(rendercast_peer_set_direction(streamer, viewer, 3, 0), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(rendercast_peer_set_direction(streamer, viewer, 3, 1), RENDERCAST_NO_SENDER);
    assert_eq!(rendercast_peer_replace_track(streamer, viewer, 3, 0), RENDERCAST_NO_SENDER);
    let mut parameters: rendercast_sender_parameters = sized();
    let status = unsafe { rendercast_get_sender_parameters(streamer, viewer, 3, &raw mut parameters) };
    assert_eq!(status, RENDERCAST_NO_SENDER);
    for n in 3..18 {
        assert_eq!(add(&scene, 0, None), (RENDERCAST_OK, n), "{}", last_error());
    }
    assert_eq!(add(&scene, 0, None), (RENDERCAST_TOO_MANY, 0));
    parameters.max_bitrate = 700_000;
    assert_eq!(
        unsafe { rendercast_set_sender_parameters(streamer, viewer, 17, &raw const parameters) },
        RENDERCAST_OK,
        "{}",
        last_error()
    );
    let mut out: rendercast_sender_parameters = sized();
    assert_eq!(unsafe { rendercast_get_sender_parameters(streamer, viewer, 17, &raw mut out) }, RENDERCAST_OK);
    assert_eq!(out.max_bitrate, 700_000);
}

pub fn turn(scene: &Scene, sender: u32, direction: u32) {
    let status = rendercast_peer_set_direction(scene.streamer.0, scene.viewer, sender, direction);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
}

fn add_transceiver(scene: &Scene, kind: u32, direction: u32) -> (i32, u32) {
    let mut options: rendercast_track_options = sized();
    options.direction = direction;
    let (streamer, viewer, mut sender) = (scene.streamer.0, scene.viewer, 77);
    let status =
        unsafe { rendercast_peer_add_transceiver(streamer, viewer, kind, &raw const options, &raw mut sender) };
    (status, sender)
}

#[tokio::test]
async fn the_first_picture_and_the_sound_stop_by_agreement_and_come_back() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.until_negotiation_is_needed(1).await;
    let offer = scene.host_offers().await;
    let [first] = video_ssrcs(&offer)[..] else { panic!("{offer}") };
    until_all_play(&mut scene, &[first]).await;

    let removed = rendercast_peer_remove_track(scene.streamer.0, scene.viewer, RENDERCAST_SENDER_VIDEO);
    assert_eq!(removed, RENDERCAST_OK, "{}", last_error());
    scene.until_negotiation_is_needed(2).await;
    assert!(video_ssrcs(&scene.host_offers().await).is_empty());
    assert_eq!(state(&scene, RENDERCAST_SENDER_VIDEO)["currentDirection"], "inactive");
    turn(&scene, RENDERCAST_SENDER_AUDIO, RENDERCAST_DIRECTION_INACTIVE);
    scene.until_negotiation_is_needed(3).await;
    scene.host_offers().await;
    assert_eq!(state(&scene, RENDERCAST_SENDER_AUDIO)["currentDirection"], "inactive");
    for (sender, times) in [(RENDERCAST_SENDER_VIDEO, 4), (RENDERCAST_SENDER_AUDIO, 5)] {
        turn(&scene, sender, RENDERCAST_DIRECTION_SENDONLY);
        scene.until_negotiation_is_needed(times).await;
        scene.host_offers().await;
        assert_eq!(state(&scene, sender)["currentDirection"], "sendonly");
    }
    until_all_play(&mut scene, &[first]).await;
    assert_eq!(list(&scene).len(), 2, "their sections are the same");
}

#[tokio::test]
async fn a_page_is_asked_for_its_camera_and_its_microphone_by_sections_of_their_own() {
    let _guard = shared();
    let mut scene = Scene::with(streamer(r#","receive":{"audio":true,"video":true}"#)).await;
    scene.until_negotiation_is_needed(1).await;
    for sender in [RENDERCAST_SENDER_VIDEO, RENDERCAST_SENDER_AUDIO] {
        turn(&scene, sender, RENDERCAST_DIRECTION_SENDONLY);
    }
    assert_eq!(add_transceiver(&scene, RENDERCAST_TRACK_VIDEO, RENDERCAST_DIRECTION_RECVONLY), (RENDERCAST_OK, 3));
    assert_eq!(add_transceiver(&scene, RENDERCAST_TRACK_AUDIO, 0), (RENDERCAST_OK, 4), "{}", last_error());
    let offer = scene.host_offers().await;
    let sections = list(&scene);
    let told: Vec<_> = sections.iter().map(|one| (one["kind"].as_str(), one["direction"].as_str())).collect();
    let both = |direction| [(Some("video"), Some(direction)), (Some("audio"), Some(direction))];
    assert_eq!(told, [both("sendonly"), both("recvonly")].concat(), "{offer}");
    assert_eq!(offer.matches("a=recvonly").count(), 2, "{offer}");
    let status = rendercast_peer_replace_track(scene.streamer.0, scene.viewer, 4, 0);
    assert_eq!(status, RENDERCAST_NO_SENDER, "it shows nothing");
    for sender in [3, 4] {
        assert_eq!(rendercast_peer_remove_track(scene.streamer.0, scene.viewer, sender), RENDERCAST_OK);
    }
    scene.until_negotiation_is_needed(2).await;
    assert!(!scene.host_offers().await.contains("a=recvonly"));
}

#[tokio::test]
async fn sections_that_cannot_be_are_refused_by_name() {
    let _guard = shared();
    let scene = Scene::start().await;
    let add = |kind, direction| add_transceiver(&scene, kind, direction);
    assert_eq!(add(0, 0), (RENDERCAST_INVALID_ARGUMENT, 77), "{}", last_error());
    assert_eq!(add(RENDERCAST_TRACK_VIDEO, 5), (RENDERCAST_INVALID_ARGUMENT, 0));
    for (kind, direction, why) in [
        (RENDERCAST_TRACK_VIDEO, RENDERCAST_DIRECTION_SENDRECV, "peer.receive.video"),
        (RENDERCAST_TRACK_AUDIO, 0, "peer.receive.audio"),
        (RENDERCAST_TRACK_AUDIO, RENDERCAST_DIRECTION_SENDONLY, "one sound"),
    ] {
        assert_eq!(add(kind, direction), (RENDERCAST_NOT_SUPPORTED, 0));
        assert!(last_error().contains(why), "{}", last_error());
    }
    let (streamer, viewer) = (scene.streamer.0, scene.viewer);
    let direction = RENDERCAST_DIRECTION_RECVONLY;
    let status = rendercast_peer_set_direction(streamer, viewer, RENDERCAST_SENDER_VIDEO, direction);
    assert_eq!(status, RENDERCAST_NOT_SUPPORTED);
}

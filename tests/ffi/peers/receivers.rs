//! What comes from the page in the sections of a connection, what is told of single sections, and in which MediaStreams ours are.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use std::sync::Arc;

use rendercast::encode::Codec;
use rendercast::ffi::capabilities::rendercast_get_capabilities;
use rendercast::ffi::senders::{RENDERCAST_SENDER_AUDIO, RENDERCAST_SENDER_VIDEO};
use rendercast::ffi::tracks::*;
use rendercast::ffi::viewers::rendercast_viewer_section_stats_json;
use rendercast::units::Size;
use rtc::rtp_transceiver::RTCRtpTransceiverDirection;
use serde_json::{Map, Value, json};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use super::tracks::{add, list, turn, until_all_play, video_ssrcs};
use super::*;
use crate::sender::{CAMERA_SSRC, Camera, camera_track, payload_type};
use crate::shared;

/// What is told of a section, by its `a=mid`.
fn section_report(scene: &Scene, mid: &str) -> (i32, Map<String, Value>) {
    let (mut text, mid) = (vec![0; 32_768], CString::new(mid).unwrap());
    let (buffer, capacity) = (text.as_mut_ptr(), text.len() as u32);
    let (streamer, viewer) = (scene.streamer.0, scene.viewer);
    let status =
        unsafe { rendercast_viewer_section_stats_json(streamer, viewer, mid.as_ptr(), buffer, capacity, null_mut()) };
    (status, serde_json::from_str(&string(&text)).unwrap_or_default())
}

/// The browser offers, the host answers. Its answer.
async fn browser_offers(scene: &mut Scene) -> String {
    let offer = scene.browser.offer().await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    let answer = scene.must(Step::CreateAnswer).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
    scene.browser.accept(&answer).await;
    answer
}

/// A page's camera, fifty pictures a second.
async fn film(pictures: Arc<TrackLocalStaticRTP>, payload_type: u8) {
    let mut camera = Camera::new(Codec::H264, payload_type, Size::new(160, 90), [63, 102, 240]).unwrap();
    let mut tick = tokio::time::interval(PICTURE);
    for n in 0.. {
        tick.tick().await;
        for packet in camera.packets(n % 25 == 0) {
            if pictures.write_rtp(packet).await.is_err() {
                return;
            }
        }
    }
}

/// Every track that came or was removed: what was told, its kind, its section and its streams.
fn tracks_told(scene: &Scene) -> Vec<(u32, u32, &str, &str)> {
    let kinds = [RENDERCAST_PEER_EVENT_TRACK, RENDERCAST_PEER_EVENT_TRACK_REMOVED];
    let told = scene.log.iter().filter(|event| kinds.contains(&event.kind));
    told.map(|event| (event.kind, event.state, event.mid.as_str(), event.text.as_str())).collect()
}

#[tokio::test]
async fn a_camera_that_comes_is_told_and_so_is_its_removal_by_either_side() {
    let _guard = shared();
    let mut scene = Scene::with(streamer(r#","receive":{"video":true}"#)).await;
    scene.until_negotiation_is_needed(1).await;
    scene.host_offers().await;
    assert!(tracks_told(&scene).is_empty());
    assert!(list(&scene).iter().all(|section| section["receiver"].is_null()));
    let pictures = camera_track(Codec::H264);
    scene.browser.pc.add_track(Arc::clone(&pictures) as Arc<dyn TrackLocal>).await.unwrap();
    let answer = browser_offers(&mut scene).await;
    let track = |what| (what, RENDERCAST_TRACK_VIDEO, "0", "page");
    let (came, gone) = (track(RENDERCAST_PEER_EVENT_TRACK), track(RENDERCAST_PEER_EVENT_TRACK_REMOVED));
    assert_eq!(tracks_told(&scene), [came]);
    let receiver = |scene: &Scene| list(scene).swap_remove(0)["receiver"].take();
    assert_eq!((&receiver(&scene)["streamIds"], &receiver(&scene)["codec"]), (&json!(["page"]), &Value::Null));
    let sending = tokio::spawn(film(pictures, payload_type(&answer, "H264").unwrap()));
    let decoded = |scene: &Scene| (receiver(scene)["frameWidth"] == 160).then_some(());
    scene.until("a picture of the camera", decoded).await;
    let told = receiver(&scene);
    let expected =
        json!({"streamIds": ["page"], "codec": "H264", "ssrc": CAMERA_SSRC, "frameWidth": 160, "frameHeight": 90});
    assert_eq!(told, expected);
    let (status, report) = section_report(&scene, "0");
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let entry = report.values().find(|entry| entry["type"] == "inbound-rtp").unwrap();
    assert_eq!((&entry["ssrc"], &entry["mid"], &entry["frameWidth"]), (&json!(CAMERA_SSRC), &json!("0"), &json!(160)));
    assert!(entry["packetsReceived"].as_u64() > Some(0) && entry["bytesReceived"].as_u64() > Some(0), "{entry}");
    sending.abort();
    let section = scene.browser.section("0").await;
    section.set_direction(RTCRtpTransceiverDirection::Recvonly).await.unwrap();
    browser_offers(&mut scene).await;
    assert_eq!(tracks_told(&scene), [came, gone]);
    assert!(receiver(&scene).is_null());
    section.set_direction(RTCRtpTransceiverDirection::Sendrecv).await.unwrap();
    // An offer that is taken back takes with it what it brought.
    let offer = scene.browser.offer().await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    scene.must(Step::SetRemote(RENDERCAST_SDP_ROLLBACK, None)).await;
    assert_eq!(tracks_told(&scene)[2..], [came, gone]);
    scene.must(Step::SetRemote(RENDERCAST_SDP_OFFER, Some(&offer))).await;
    let answer = scene.must(Step::CreateAnswer).await;
    scene.must(Step::SetLocal(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
    scene.browser.accept(&answer).await;
    assert_eq!(tracks_told(&scene)[4..], [came]);
    turn(&scene, RENDERCAST_SENDER_VIDEO, RENDERCAST_DIRECTION_SENDONLY);
    scene.until_negotiation_is_needed(2).await;
    scene.host_offers().await;
    assert_eq!(tracks_told(&scene)[5..], [gone]);
}

#[tokio::test]
async fn a_sections_report_has_its_own_streams_and_what_they_refer_to() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    scene.until_negotiation_is_needed(1).await;
    let [first] = video_ssrcs(&scene.host_offers().await)[..] else { panic!() };
    assert_eq!(add(&scene, 0, Some(c"map")), (RENDERCAST_OK, 3));
    scene.until_negotiation_is_needed(2).await;
    let [_, second] = video_ssrcs(&scene.host_offers().await)[..] else { panic!() };
    until_all_play(&mut scene, &[first, second]).await;
    for (sender, ssrc) in [(RENDERCAST_SENDER_VIDEO, first), (3, second)] {
        let sections = list(&scene);
        let section = sections.iter().find(|section| section["sender"] == sender).unwrap();
        let (status, report) = section_report(&scene, section["mid"].as_str().unwrap());
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        let streams: Vec<_> = report.values().filter(|entry| entry["type"] == "outbound-rtp").collect();
        let [stream] = &streams[..] else { panic!("{report:?}") };
        assert_eq!(stream["ssrc"], ssrc);
        for name in ["codecId", "transportId", "mediaSourceId"] {
            assert!(report.contains_key(stream[name].as_str().unwrap()), "{name} in {report:?}");
        }
        assert!(report.values().all(|entry| entry["type"] != "peer-connection"));
    }
    assert_eq!(section_report(&scene, "nine").0, RENDERCAST_INVALID_ARGUMENT);
    assert!(last_error().contains("mid"), "{}", last_error());
    let (streamer, viewer) = (scene.streamer.0, scene.viewer);
    let status = unsafe { rendercast_viewer_section_stats_json(streamer, viewer, null(), null_mut(), 0, null_mut()) };
    assert_eq!(status, RENDERCAST_NULL_POINTER);
}

fn set_streams(scene: &Scene, sender: u32, stream: Option<&CStr>) -> i32 {
    let stream = stream.map_or(null(), CStr::as_ptr);
    unsafe { rendercast_peer_set_streams(scene.streamer.0, scene.viewer, sender, stream) }
}

/// The names of our MediaStreams, of each section.
fn streams(offer: &str) -> Vec<&str> {
    offer.lines().filter_map(|line| line.strip_prefix("a=msid:")?.split(' ').next()).collect()
}

#[tokio::test]
async fn tracks_join_other_streams_by_a_negotiation_and_play_on() {
    let _guard = shared();
    let mut scene = Scene::start().await;
    // Before anything is negotiated it costs no negotiation of its own.
    assert_eq!(set_streams(&scene, RENDERCAST_SENDER_AUDIO, Some(c"scene")), RENDERCAST_OK, "{}", last_error());
    scene.until_negotiation_is_needed(1).await;
    let offer = scene.host_offers().await;
    assert_eq!(streams(&offer), ["rendercast-video", "scene"], "{offer}");
    assert_eq!(add(&scene, 0, Some(c"map")), (RENDERCAST_OK, 3));
    scene.until_negotiation_is_needed(2).await;
    let offer = scene.host_offers().await;
    let ssrcs = video_ssrcs(&offer);
    until_all_play(&mut scene, &ssrcs).await;
    assert_eq!(set_streams(&scene, RENDERCAST_SENDER_VIDEO, Some(c"scene")), RENDERCAST_OK);
    assert_eq!(set_streams(&scene, 3, Some(c"-")), RENDERCAST_OK);
    scene.until_negotiation_is_needed(3).await;
    let offer = scene.host_offers().await;
    assert_eq!(streams(&offer), ["scene", "scene", "-"], "{offer}");
    assert_eq!(video_ssrcs(&offer), ssrcs);
    until_all_play(&mut scene, &ssrcs).await;
    let told: Vec<_> = list(&scene).iter().map(|section| section["streamId"].clone()).collect();
    assert_eq!(told, [json!("scene"), json!("scene"), Value::Null]);
    for sender in [RENDERCAST_SENDER_VIDEO, RENDERCAST_SENDER_AUDIO, 3] {
        assert_eq!(set_streams(&scene, sender, None), RENDERCAST_OK);
    }
    scene.until_negotiation_is_needed(4).await;
    let offer = scene.host_offers().await;
    assert_eq!(streams(&offer), ["rendercast-video", "rendercast-audio", "rendercast-video-3"], "{offer}");
    until_all_play(&mut scene, &ssrcs).await;

    assert_eq!(set_streams(&scene, 3, Some(c"two words")), RENDERCAST_INVALID_ARGUMENT);
    assert!(last_error().contains("stream_id"), "{}", last_error());
    assert_eq!(set_streams(&scene, 9, Some(c"map")), RENDERCAST_NO_SENDER);
    assert_eq!(set_streams(&scene, 3, Some(c"\xff")), RENDERCAST_INVALID_TEXT);
}

/// Codecs by name, and whether there are extensions.
fn capabilities(streamer: &Owned, kind: u32, direction: u32) -> (Vec<String>, bool) {
    let mut text = vec![0; 4_096];
    let (buffer, capacity) = (text.as_mut_ptr(), text.len() as u32);
    let mut needed = 0;
    let status = unsafe { rendercast_get_capabilities(streamer.0, kind, direction, buffer, capacity, &raw mut needed) };
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let text = string(&text);
    assert_eq!(needed as usize, text.len() + 1);
    let told: Value = serde_json::from_str(&text).unwrap();
    let codecs = told["codecs"].as_array().unwrap();
    assert!(codecs.iter().all(|codec| codec["clockRate"].is_u64()), "{told}");
    let names = codecs.iter().map(|codec| codec["mimeType"].as_str().unwrap().to_owned()).collect();
    (names, !told["headerExtensions"].as_array().unwrap().is_empty())
}

#[test]
fn what_can_be_sent_and_received_is_told_as_configured() {
    let _guard = shared();
    let (sends, receives) = (RENDERCAST_DIRECTION_SENDONLY, RENDERCAST_DIRECTION_RECVONLY);
    let receiving = streamer(r#","receive":{"audio":true,"video":true}"#);
    let (sent, extensions) = capabilities(&receiving, RENDERCAST_TRACK_VIDEO, sends);
    assert!(sent.iter().any(|name| name == "video/H264") && extensions, "{sent:?}");
    assert!(!sent.iter().any(|name| name == "video/VP8"), "only h264 is configured: {sent:?}");
    let (received, _) = capabilities(&receiving, RENDERCAST_TRACK_VIDEO, receives);
    assert!(received.iter().any(|name| name == "video/H264"), "{received:?}");
    assert_eq!(capabilities(&receiving, RENDERCAST_TRACK_AUDIO, receives).0, ["audio/opus", "audio/red"]);
    let other = streamer("");
    assert_eq!(capabilities(&other, RENDERCAST_TRACK_VIDEO, receives), (vec![], false));
    for (kind, direction) in [(0, sends), (3, sends), (RENDERCAST_TRACK_VIDEO, RENDERCAST_DIRECTION_INACTIVE)] {
        let status = unsafe { rendercast_get_capabilities(other.0, kind, direction, null_mut(), 0, null_mut()) };
        assert_eq!(status, RENDERCAST_INVALID_ARGUMENT);
    }
}

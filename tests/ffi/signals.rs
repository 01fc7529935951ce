//! Signaling that the host carries itself, between the C ABI and the plain crate as a browser.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};
use std::time::Duration;

use rendercast::ffi::events::{
    RENDERCAST_EVENT_VIEWER_CONNECTED, RENDERCAST_EVENT_VIEWER_DISCONNECTED, rendercast_event, rendercast_poll_event,
};
use rendercast::ffi::signals::*;
use rendercast::ffi::stats::{rendercast_get_layer_stats, rendercast_layer_stats};
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;
use rendercast::ffi::viewers::*;
use webrtc::peer_connection::RTCIceCandidateInit;

use crate::browser::{Browser, PATIENCE, Seen};
use crate::{Owned, create_json, last_error, shared, sized};

/// How often a host polls: with each picture.
const PICTURE: Duration = Duration::from_millis(10);

pub fn streamer(more: &str) -> Owned {
    let json = format!(
        r#"{{"server":{{"enabled":false}},"video":{{"encoder":"openh264","codecs":["h264"]}},"peer":{{"bind_addresses":["127.0.0.1"]}}{more}}}"#
    );
    let (status, streamer) = create_json(&json);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rendercast_start(streamer), RENDERCAST_OK);
    Owned(streamer)
}

pub fn push(streamer: &Owned, kind: u32, connection: &str, text: Option<&str>, mid: Option<&str>) -> i32 {
    let connection = CString::new(connection).unwrap();
    let [text, mid] = [text, mid].map(|text| text.map(|text| CString::new(text).unwrap()));
    let pointer = |text: &Option<CString>| text.as_ref().map_or(null(), |text| text.as_ptr());
    let mut signal: rendercast_signal = sized();
    (signal.kind, signal.connection) = (kind, connection.as_ptr());
    (signal.text, signal.sdp_mid) = (pointer(&text), pointer(&mid));
    unsafe { rendercast_push_signal(streamer.0, &signal) }
}

/// Kind, connection, text, sdpMid, sdpMLineIndex.
pub type Told = (u32, String, String, String, u32);

pub fn string(text: &[c_char]) -> String {
    // SAFETY: the library ends every text with a NUL.
    unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap().to_owned()
}

pub fn poll(streamer: &Owned) -> Option<Told> {
    let mut out: rendercast_signal_out = sized();
    let mut text = vec![0; 16_384];
    let status = unsafe { rendercast_poll_signal(streamer.0, &raw mut out, text.as_mut_ptr(), text.len() as u32) };
    if status == RENDERCAST_EMPTY {
        return None;
    }
    assert_eq!(status, RENDERCAST_OK);
    let text = string(&text);
    assert_eq!(out.text_size as usize, text.len() + 1);
    Some((out.kind, string(&out.connection), text, string(&out.sdp_mid), out.sdp_mline_index))
}

/// A host that carries messages between its streamer and one browser, and draws.
pub struct Carrier {
    pub streamer: Owned,
    pub browser: Browser,
    /// Of our candidates, those that came alone.
    candidates: usize,
    description: String,
    connected: bool,
}

impl Carrier {
    pub async fn start(more: &str) -> Self {
        let browser = Browser::open().await;
        browser.want_media().await;
        Self { streamer: streamer(more), browser, candidates: 0, description: String::new(), connected: false }
    }

    /// Until the browser has received a packet.
    pub async fn until_it_plays(&mut self) {
        let mut picture = tokio::time::interval(PICTURE);
        let all = async {
            loop {
                tokio::select! {
                    seen = self.browser.seen.recv() => match seen.expect("the browser lives") {
                        Seen::Candidate(candidate) => {
                            let status = push(&self.streamer, RENDERCAST_SIGNAL_CANDIDATE, "friend",
                                Some(&candidate.candidate), candidate.sdp_mid.as_deref());
                            assert_eq!(status, RENDERCAST_OK);
                        }
                        Seen::Connected => self.connected = true,
                        Seen::Rtp(_) => return,
                        _ => {}
                    },
                    _ = picture.tick() => self.carry().await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("a picture arrives");
        assert!(self.connected);
    }

    /// Of the only encoding.
    fn tells_layers(&self) {
        let layer = |index| {
            let mut layer: rendercast_layer_stats = sized();
            let status = unsafe { rendercast_get_layer_stats(self.streamer.0, index, &raw mut layer) };
            (status, layer)
        };
        let (status, stats) = layer(0);
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        assert_eq!((string(&stats.codec), string(&stats.encoder)), ("H264".into(), "openh264".into()));
        assert_eq!((stats.width, stats.height, stats.viewers, stats.rung), (64, 64, 1, 0));
        assert!(stats.frames > 0 && stats.keyframes > 0 && stats.bytes > 0 && stats.encode_p50_us > 0);
        assert!(stats.actual_fps > 0);
        assert_eq!(layer(1).0, RENDERCAST_EMPTY);
        let mut strange = rendercast_layer_stats { size: 8, ..sized() };
        let status = unsafe { rendercast_get_layer_stats(self.streamer.0, 0, &raw mut strange) };
        assert_eq!(status, RENDERCAST_STRUCT_SIZE);
    }

    /// Of the only viewer, until the picture's encoding is known.
    async fn tells_figures(&mut self) {
        let mut event: rendercast_event = sized();
        while event.kind != RENDERCAST_EVENT_VIEWER_CONNECTED {
            assert_eq!(unsafe { rendercast_poll_event(self.streamer.0, &raw mut event) }, RENDERCAST_OK);
        }
        let mut stats: rendercast_viewer_stats = sized();
        assert_eq!(
            unsafe { rendercast_get_viewer_stats(self.streamer.0, event.viewer, &raw mut stats) },
            RENDERCAST_OK
        );
        assert_eq!((string(&stats.codec), string(&stats.encoder)), ("H264".into(), "openh264".into()));
        assert_eq!((stats.width, stats.height), (64, 64));
        assert!(stats.packets_sent > 0 && stats.frames_sent > 0 && stats.bytes_sent > 0);
        assert!(stats.sent_fps > 0);
        assert_eq!((stats.rung, stats.page_age_ms), (0, 0), "its page has told nothing");
        self.tells_layers();

        let report = |viewer, buffer: &mut [c_char]| {
            let (buffer, capacity, mut needed) = (buffer.as_mut_ptr(), buffer.len() as u32, 0);
            let status =
                unsafe { rendercast_viewer_stats_json(self.streamer.0, viewer, buffer, capacity, &raw mut needed) };
            (status, needed)
        };
        let mut buffer = vec![0; 65_536];
        assert_eq!(report(event.viewer, &mut buffer).0, RENDERCAST_OK, "{}", last_error());
        let json: serde_json::Value = serde_json::from_str(&string(&buffer)).unwrap();
        let all: Vec<_> = json.as_object().unwrap().values().collect();
        let find = |kind: &str, name: &str, value: serde_json::Value| {
            *all.iter()
                .find(|one| one["type"] == kind && one[name] == value)
                .unwrap_or_else(|| panic!("{kind}: {json:#}"))
        };
        let video = find("outbound-rtp", "kind", "video".into());
        assert!(video["packetsSent"].as_u64() >= Some(stats.packets_sent), "{video:#}");
        assert!(video["headerBytesSent"].as_u64() > Some(12) && video["retransmittedBytesSent"].is_u64());
        assert_eq!((&video["frameWidth"], &video["encoderImplementation"]), (&64.into(), &"openh264".into()));
        assert!(video["targetBitrate"].as_f64() > Some(0.0) && video.get("qpSum").is_none());
        assert!(find("candidate-pair", "nominated", true.into())["availableOutgoingBitrate"].as_f64() > Some(0.0));
        for (id, one) in json.as_object().unwrap() {
            assert_eq!(&one["id"], id);
            assert!(one["timestamp"].as_f64() > Some(1.6e12), "ms since 1970: {one:#}");
        }
        assert_eq!(report(event.viewer, &mut buffer[..10]).0, RENDERCAST_BUFFER_TOO_SMALL);
        assert_eq!(report(event.viewer + 1, &mut buffer).0, RENDERCAST_NO_VIEWER);
    }

    pub async fn carry(&mut self) {
        let pixels = vec![90; 64 * 64 * 4];
        let mut frame: rendercast_video_frame = sized();
        (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 64, 64, pixels.as_ptr());
        assert!(unsafe { rendercast_push_video(self.streamer.0, &frame) } >= 0);
        while let Some((kind, connection, text, mid, index)) = poll(&self.streamer) {
            assert_eq!(connection, "friend");
            match kind {
                RENDERCAST_SIGNAL_ANSWER => self.browser.accept(&text).await,
                RENDERCAST_SIGNAL_OFFER => {
                    let answer = self.browser.answer(&text).await;
                    let status = push(&self.streamer, RENDERCAST_SIGNAL_ANSWER, "friend", Some(&answer), None);
                    assert_eq!(status, RENDERCAST_OK);
                }
                RENDERCAST_SIGNAL_CANDIDATE => {
                    let candidate = RTCIceCandidateInit {
                        candidate: text.clone(),
                        sdp_mid: Some(mid),
                        sdp_mline_index: Some(index as u16),
                        ..RTCIceCandidateInit::default()
                    };
                    self.browser.pc.add_ice_candidate(candidate).await.unwrap();
                    self.candidates += 1;
                }
                other => panic!("kind {other}"),
            }
            if kind != RENDERCAST_SIGNAL_CANDIDATE {
                self.description = text;
            }
        }
    }
}

#[tokio::test]
async fn a_host_that_carries_an_offer_gets_the_answer_and_a_viewer() {
    let _guard = shared();
    let mut carrier = Carrier::start("").await;
    let offer = carrier.browser.offer().await;
    let status = push(&carrier.streamer, RENDERCAST_SIGNAL_OFFER, "friend", Some(&offer), None);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    carrier.until_it_plays().await;
    assert!(carrier.candidates > 0);
    carrier.tells_figures().await;

    // The other side leaves.
    assert_eq!(push(&carrier.streamer, RENDERCAST_SIGNAL_DISCONNECT, "friend", None, None), RENDERCAST_OK);
    let gone = async {
        let mut event: rendercast_event = sized();
        while unsafe { rendercast_poll_event(carrier.streamer.0, &raw mut event) } != RENDERCAST_OK
            || event.kind != RENDERCAST_EVENT_VIEWER_DISCONNECTED
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("the viewer is gone");
}

#[tokio::test]
async fn who_is_invited_gets_an_offer() {
    let _guard = shared();
    let mut carrier = Carrier::start("").await;
    assert_eq!(push(&carrier.streamer, RENDERCAST_SIGNAL_INVITE, "friend", None, None), RENDERCAST_OK);
    carrier.until_it_plays().await;
    assert!(carrier.description.contains("a=sendonly") && carrier.candidates > 0);
}

#[tokio::test]
async fn without_trickling_the_description_has_every_candidate() {
    let _guard = shared();
    let mut carrier = Carrier::start(r#","signaling":{"trickle":false}"#).await;
    let offer = carrier.browser.offer().await;
    assert_eq!(push(&carrier.streamer, RENDERCAST_SIGNAL_OFFER, "friend", Some(&offer), None), RENDERCAST_OK);
    carrier.until_it_plays().await;
    assert!(carrier.description.contains("a=candidate:"), "{}", carrier.description);
    assert_eq!(carrier.candidates, 0);
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let _guard = shared();
    let streamer = streamer("");
    for (kind, connection, text, part) in [
        (0, "a", Some("x"), "signal.kind = 0 is outside 1 to 5"),
        (6, "a", Some("x"), "signal.kind = 6 is outside 1 to 5"),
        (RENDERCAST_SIGNAL_OFFER, "", Some("x"), "bytes of signal.connection = 0 is outside 1 to 256"),
        (RENDERCAST_SIGNAL_OFFER, &"x".repeat(257), Some("x"), "bytes of signal.connection = 257"),
    ] {
        assert_eq!(push(&streamer, kind, connection, text, None), RENDERCAST_INVALID_ARGUMENT);
        assert!(last_error().contains(part), "{}", last_error());
    }
    assert_eq!(push(&streamer, RENDERCAST_SIGNAL_OFFER, "a", None, None), RENDERCAST_NULL_POINTER);
    let mut signal: rendercast_signal = sized();
    (signal.kind, signal.connection, signal.text, signal.flags) = (1, c"a".as_ptr(), c"x".as_ptr(), 4);
    assert_eq!(unsafe { rendercast_push_signal(streamer.0, &signal) }, RENDERCAST_INVALID_ARGUMENT);
    (signal.kind, signal.flags, signal.sdp_mline_index) = (RENDERCAST_SIGNAL_CANDIDATE, 0, 65_536);
    assert_eq!(unsafe { rendercast_push_signal(streamer.0, &signal) }, RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(unsafe { rendercast_push_signal(streamer.0, null()) }, RENDERCAST_NULL_POINTER);
    let mut out: rendercast_signal_out = sized();
    assert_eq!(unsafe { rendercast_poll_signal(streamer.0, null_mut(), null_mut(), 0) }, RENDERCAST_NULL_POINTER);
    assert_eq!(unsafe { rendercast_poll_signal(streamer.0, &raw mut out, null_mut(), 9) }, RENDERCAST_NULL_POINTER);
    // Of connections that are not there.
    for kind in [RENDERCAST_SIGNAL_ANSWER, RENDERCAST_SIGNAL_CANDIDATE, RENDERCAST_SIGNAL_DISCONNECT] {
        assert_eq!(push(&streamer, kind, "nobody", Some("nonsense"), None), RENDERCAST_OK);
    }
    assert_eq!(poll(&streamer), None);

    assert_eq!(rendercast_stop(streamer.0), RENDERCAST_OK);
    assert_eq!(push(&streamer, RENDERCAST_SIGNAL_INVITE, "a", None, None), RENDERCAST_NOT_STARTED);
    assert_eq!(poll(&streamer), None);
}

#[test]
fn a_message_that_does_not_fit_stays() {
    let _guard = shared();
    let streamer = streamer("");
    assert_eq!(push(&streamer, RENDERCAST_SIGNAL_OFFER, "broken", Some("no SDP"), None), RENDERCAST_OK);
    let mut out: rendercast_signal_out = sized();
    let mut call = |text: &mut [c_char]| {
        let status = unsafe { rendercast_poll_signal(streamer.0, &raw mut out, text.as_mut_ptr(), text.len() as u32) };
        (status, out.kind, out.text_size)
    };
    // What is no description is given up, and the other side is told.
    let mut last = call(&mut []);
    while last.0 == RENDERCAST_EMPTY {
        std::thread::yield_now();
        last = call(&mut []);
    }
    assert_eq!(last, (RENDERCAST_BUFFER_TOO_SMALL, RENDERCAST_SIGNAL_DISCONNECT, 1));
    assert_eq!(call(&mut [7]), (RENDERCAST_OK, RENDERCAST_SIGNAL_DISCONNECT, 1));
    assert_eq!(call(&mut [7]).0, RENDERCAST_EMPTY);
}

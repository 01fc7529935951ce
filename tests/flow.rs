//! The whole streamer in one process: pushed pictures and sound arrive at real peers through the embedded server.

#![cfg(feature = "server")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rendercast::config::Config;
use rendercast::encode::fake::FakeEncoder;
use rendercast::encode::select::{Candidate, Selector};
use rendercast::encode::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use rendercast::input::InputKind;
use rendercast::streamer::{EventKind, SendError, Streamer};
use rendercast::units::{Bitrate, Size};

#[allow(dead_code)] // support files serve several programs
#[path = "support/host.rs"]
mod host;
#[allow(dead_code)]
#[path = "support/http.rs"]
mod http;
#[allow(dead_code)]
#[path = "support/urs.rs"]
mod urs;
#[allow(dead_code)]
#[path = "support/urs_server.rs"]
mod urs_server;
#[allow(dead_code)]
#[path = "support/viewer.rs"]
mod viewer;
use host::{Host, LOCAL};
use urs_server::{Fault, UrsServer};
use viewer::Viewer;
use webrtc::data_channel::DataChannelEvent;

fn frames(viewer: &Viewer) -> u64 {
    viewer.received.video_frames.load(Ordering::Relaxed)
}

/// Waits until `n` more frames than now have come.
async fn more_frames(viewer: &mut Viewer, n: u64) -> bool {
    let now = frames(viewer);
    viewer.wait(|r| r.video_frames.load(Ordering::Relaxed) >= now + n).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn picture_and_sound_reach_a_viewer_who_starts_on_a_keyframe() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 20).await);
    assert!(viewer.wait(|r| r.audio_packets.load(Ordering::Relaxed) >= 20).await);
    assert!(viewer.received.keyframes.load(Ordering::Relaxed) >= 1);
    host.event(EventKind::ViewerConnected).await;
    viewer.leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    assert_eq!(host.streamer.stats().viewers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_share_one_encoder_and_one_leaving_disturbs_no_other() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut viewers = Vec::new();
    for _ in 0..4 {
        viewers.push(Viewer::open(&link).await.unwrap());
    }
    for viewer in &mut viewers {
        assert!(more_frames(viewer, 10).await);
    }
    assert_eq!(host.streamer.stats().encoders, 1);
    viewers.pop().unwrap().leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    for viewer in &mut viewers {
        assert!(more_frames(viewer, 10).await);
    }
    assert_eq!(host.counter("viewer_resyncs"), 0);
    for viewer in viewers {
        viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_size_change_is_followed_live_odd_sizes_included() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    for side in [97, 33, 128] {
        let keyframes = viewer.received.keyframes.load(Ordering::Relaxed);
        host.side.store(side, Ordering::Relaxed);
        assert!(viewer.wait(|r| r.keyframes.load(Ordering::Relaxed) > keyframes).await, "{side}");
        assert!(more_frames(&mut viewer, 10).await, "{side}");
    }
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hosts_bounds_on_the_rate_are_kept_from_the_next_picture_on() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    for (max, target) in [(400, 300..=400), (0, 500..=2000)] {
        host.streamer.set_video_rate(0, max, 30).unwrap();
        let reached = async {
            while !target.contains(&host.streamer.stats().target_bitrate_kbps) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("the encoder was told");
    }
    assert!(host.streamer.set_video_rate(0, 3000, 0).is_err());
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_stands_still_is_sent_again_now_and_then() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 5).await);
    host.side.store(0, Ordering::Relaxed);
    let pushed = host.counter("video_frames_pushed");
    assert!(more_frames(&mut viewer, 5).await);
    assert!(host.counter("video_frames_pushed") <= pushed + 1);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_while_the_host_draws_nothing_sees_the_last_picture() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut first = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut first, 5).await);
    host.side.store(0, Ordering::Relaxed);
    let mut second = Viewer::open(&link).await.unwrap();
    assert!(second.wait(|r| r.keyframes.load(Ordering::Relaxed) >= 1).await);
    first.leave().await;
    second.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_of_a_viewer_reaches_the_host_and_held_keys_are_released_when_it_leaves() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let key = async |down| loop {
        match host.streamer.poll_input().map(|i| i.kind) {
            Some(InputKind::Key { key, down: d, .. }) if d == down => return key,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    for channel_closes_first in [true, false] {
        let mut viewer = Viewer::open(&link).await.unwrap();
        assert!(more_frames(&mut viewer, 1).await);
        while viewer.channel.send(bytes::BytesMut::from(&[0, 1, 0, 37, b'w'][..])).await.is_err() {
            tokio::task::yield_now().await;
        }
        assert_eq!(key(true).await, 37);
        if !channel_closes_first {
            viewer.delete_session().await.unwrap();
            let released = tokio::time::timeout(Duration::from_secs(10), key(false)).await;
            assert_eq!(released, Ok(37), "its channel is still open");
        }
        viewer.leave().await;
        if channel_closes_first {
            assert_eq!(key(false).await, 37);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_the_host_reaches_the_viewer_named_in_order_and_a_closed_channel_is_said() {
    let host = Host::start(LOCAL);
    let viewer = Viewer::open(&host.link().await).await.unwrap();
    let event = async |kind| loop {
        match host.streamer.poll_event() {
            Some(event) if event.kind == kind => return event,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    let opened = event(EventKind::ChannelOpened).await;
    assert_eq!(opened.message, "data");
    host.streamer.send_message(Some(opened.viewer), "data", true, "höher".as_bytes()).unwrap();
    // More than the channel holds at once: what does not fit waits.
    let large = vec![7; 65_536];
    let mut sent = 0;
    let mut received = Vec::new();
    while received.len() < 41 {
        while sent < 40 && host.streamer.send_message(None, "data", false, &large).is_ok() {
            sent += 1;
        }
        match viewer.channel.poll().await {
            Some(DataChannelEvent::OnMessage(message)) => received.push((message.is_string, message.data.len())),
            Some(_) => {}
            None => panic!("the channel closed"),
        }
    }
    assert_eq!(received[0], (true, "höher".len()));
    assert!(received[1..].iter().all(|message| *message == (false, large.len())));
    viewer.channel.close().await.unwrap();
    event(EventKind::ChannelClosed).await;
    let refused = host.streamer.send_message(Some(opened.viewer), "data", true, b"late");
    assert_eq!(refused, Err(SendError::NoChannel("data".into())));
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_streamer_starts_again() {
    let host = Host::start(LOCAL);
    let viewer = Viewer::open(&host.link().await).await.unwrap();
    host.streamer.stop();
    assert!(!host.streamer.is_started());
    drop(viewer);
    host.streamer.start().unwrap();
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 10).await);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_that_fails_mid_stream_is_replaced_and_viewers_stay() {
    /// The picture of the test, told from the proofs'.
    const STREAM: Size = Size::new(64, 64);
    /// Keyframes that the viewer had when the second encoder was opened for the stream.
    static HAD: OnceLock<u64> = OnceLock::new();
    static RECEIVED: OnceLock<Arc<viewer::Received>> = OnceLock::new();
    let failing = Candidate::new("first", Codec::H264, |settings| {
        let encoder = FakeEncoder::new(Codec::H264, settings).named("first");
        // Not before there is a viewer that has seen it work.
        Ok(Box::new(FailsWhen { encoder, failing: || RECEIVED.get().is_some() }))
    });
    let second = Candidate::new("second", Codec::H264, |settings| {
        if let Some(received) = RECEIVED.get().filter(|_| settings.size == STREAM) {
            HAD.get_or_init(|| received.keyframes.load(Ordering::Relaxed));
        }
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("second")))
    });
    let selector = Selector::with_candidates("auto", vec![failing, second]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 30).await);
    assert_eq!(host.streamer.stats().encoder, "first");
    RECEIVED.set(Arc::clone(&viewer.received)).unwrap();
    let after = |r: &viewer::Received| HAD.get().is_some_and(|had| r.keyframes.load(Ordering::Relaxed) > *had);
    assert!(viewer.wait(after).await, "the new encoder starts with a keyframe");
    assert!(more_frames(&mut viewer, 30).await);
    let kinds = [EventKind::EncoderSelected, EventKind::EncoderFailed, EventKind::ViewerConnected];
    let told: Vec<_> = std::iter::from_fn(|| host.streamer.poll_event())
        .filter(|e| kinds.contains(&e.kind) || e.kind == EventKind::ViewerDisconnected)
        .map(|e| (e.kind, e.message))
        .collect();
    let order: Vec<_> = told.iter().map(|(kind, _)| *kind).filter(|kind| *kind != kinds[2]).collect();
    assert_eq!(order, [kinds[0], kinds[1], kinds[0]], "{told:?}");
    assert!(
        told.iter()
            .filter(|(kind, _)| order.contains(kind))
            .map(|(_, m)| m)
            .zip(["first", "first", "second"])
            .all(|(message, name)| message.contains(name)),
        "{told:?}"
    );
    assert_eq!(host.streamer.stats().encoder, "second");
    assert_eq!((host.counter("encoder_failures"), host.counter("viewers_left")), (1, 0));
    let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
    assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
    viewer.leave().await;
}

/// Works until the test says otherwise.
struct FailsWhen<F> {
    encoder: FakeEncoder,
    failing: F,
}

impl<F: Fn() -> bool + Send> VideoEncoder for FailsWhen<F> {
    fn name(&self) -> &'static str {
        self.encoder.name()
    }
    fn codec(&self) -> Codec {
        self.encoder.codec()
    }
    fn settings(&self) -> EncoderSettings {
        self.encoder.settings()
    }
    fn rate_change(&self) -> RateChange {
        self.encoder.rate_change()
    }
    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        if (self.failing)() {
            return Err(EncodeError::Failed { encoder: self.name().into(), reason: "by script".into() });
        }
        self.encoder.encode(frame, keyframe)
    }
    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        self.encoder.set_rate(bitrate, fps)
    }
}

/// `viewer` says that it lost its picture, with every frame it gets, until it has had `keyframes` more.
async fn keep_asking(viewer: &mut Viewer, keyframes: u64) {
    let enough = viewer.received.keyframes.load(Ordering::Relaxed) + keyframes;
    while viewer.received.keyframes.load(Ordering::Relaxed) < enough {
        assert!(more_frames(viewer, 1).await);
        viewer.request_keyframe().await.unwrap();
    }
}

fn fake(settings: EncoderSettings) -> Result<Box<dyn VideoEncoder>, EncodeError> {
    Ok(Box::new(FakeEncoder::new(Codec::H264, settings)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_keeps_asking_for_keyframes_costs_another_no_more_than_its_share() {
    let selector = Selector::with_candidates("auto", vec![Candidate::new("fake", Codec::H264, fake)]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let link = host.link().await;
    let mut well = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut well, 5).await);
    let mut broken = Viewer::open(&link).await.unwrap();
    // Among the others it would take minutes for so many.
    let asking = keep_asking(&mut broken, 12);
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("the broken viewer is served");
    // One at each joining, and three.
    let seen = well.received.keyframes.load(Ordering::Relaxed);
    assert!(seen <= 5 + host.counter("viewer_resyncs"), "{seen} keyframes");
    assert_eq!((host.counter("viewers_isolated"), host.streamer.stats().encoders), (1, 2));
    for viewer in [&mut well, &mut broken] {
        assert!(more_frames(viewer, 20).await);
        let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
        assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
    }
    broken.leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    assert_eq!(host.streamer.stats().encoders, 1, "the repair encoder ends with its last viewer");
    assert!(more_frames(&mut well, 5).await);
    well.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_second_encoder_can_be_had_who_keeps_asking_stays_and_is_heard_less_often() {
    // Its proof, the one for everybody, and no more.
    let opened = AtomicU32::new(0);
    let single = Candidate::new("single", Codec::H264, move |settings| {
        if opened.fetch_add(1, Ordering::Relaxed) >= 2 {
            return Err(EncodeError::Failed { encoder: "single".into(), reason: "out of sessions".into() });
        }
        fake(settings)
    });
    let selector = Selector::with_candidates("auto", vec![single]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let link = host.link().await;
    let mut well = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut well, 5).await);
    let mut broken = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut broken, 1).await);
    let message = async {
        loop {
            broken.request_keyframe().await.unwrap();
            assert!(more_frames(&mut broken, 1).await);
            match host.streamer.poll_event() {
                Some(event) if event.kind == EventKind::EncoderUnavailable => break event.message,
                _ => {}
            }
        }
    };
    let message = tokio::time::timeout(Duration::from_secs(20), message).await.expect("it is told");
    assert!(message.contains("second") && message.contains("out of sessions"), "{message}");
    assert_eq!(host.streamer.stats().encoders, 1);
    assert_eq!(host.counter("encoder_failures"), 0, "the encoder in use is not blamed");
    for viewer in [&mut well, &mut broken] {
        assert!(more_frames(viewer, 50).await);
    }
    well.leave().await;
    broken.leave().await;
}

#[test]
fn an_unknown_encoder_is_refused_with_the_known_names() {
    let config = Config::from_json(r#"{"video":{"encoder":"h265_magic"}}"#).unwrap();
    let error = Streamer::new(config).unwrap_err().to_string();
    assert!(error.contains("video.encoder") && error.contains("openh264"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_size_that_no_encoder_takes_is_said_and_the_next_one_plays_again() {
    let picky = Candidate::new("picky", Codec::H264, |settings| {
        if settings.size.width < 32 {
            return Err(EncodeError::Failed { encoder: "picky".into(), reason: "too small".into() });
        }
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("picky")))
    });
    let selector = Selector::with_candidates("auto", vec![picky]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 3).await);
    host.side.store(16, Ordering::Relaxed);
    assert!(host.event(EventKind::EncoderMissing).await.contains("too small"));
    host.side.store(64, Ordering::Relaxed);
    assert!(more_frames(&mut viewer, 10).await);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_of_two_lives_of_a_streamer_have_different_numbers() {
    let host = Host::start(LOCAL);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let viewer = Viewer::open(&host.link().await).await.unwrap();
        loop {
            match host.streamer.poll_event() {
                Some(event) if event.kind == EventKind::ViewerConnected => break seen.push(event.viewer),
                Some(_) => {}
                None => tokio::task::yield_now().await,
            }
        }
        host.streamer.stop();
        assert_eq!(host.streamer.stats().viewers, 0);
        host.streamer.start().unwrap();
        drop(viewer);
    }
    assert_ne!(seen[0], seen[1]);
}

/// Threads of this process that belong to the signaling client. No other test here has one.
#[cfg(target_os = "linux")]
fn signaling_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| ["rc-signaling", "rc-lookup"].contains(&name.trim_end())).count()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_with_a_hung_signaling_server_takes_no_longer_and_leaves_no_thread() {
    for (method, path) in [("GET", "/config"), ("DELETE", "/signaling")] {
        let newest = urs::Generation::Newest { private: false, web_socket: false };
        let server = UrsServer::start(newest, 0, None).await.unwrap();
        let (_switch, held) = tokio::sync::watch::channel(false);
        server.fail_next(1, method, path, Fault::Hold(held));
        let mut config = Config::from_json(LOCAL).unwrap();
        config.signaling.url = server.url();
        let host = Host::with(Streamer::new(config).unwrap());
        host.link().await;
        if method == "DELETE" {
            while !host.event(EventKind::SignalingReady).await.contains("newest") {} // the embedded server says so too
        } else {
            server.until(|inside| inside.all_faults_happened().then_some(())).await;
        }
        assert_eq!(signaling_threads(), 1, "{method} {path}");
        let before = rendercast::time::now();
        host.streamer.stop();
        // The system takes a joined thread off its list a moment later.
        while signaling_threads() > 0 {
            tokio::task::yield_now().await;
        }
        // Far above what stopping takes, far below the client's limit of 5 s for a request.
        assert!(rendercast::time::now().saturating_since(before) < Duration::from_secs(3), "{method} {path}");
        assert!(server.lock().all_faults_happened(), "{method} {path}");
    }
}

/// Two rungs for pictures of 480x480: the upper one needs 322 kbit/s, the lower one 100.
const LADDER: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},"video":{
    "fps":50,"start_bitrate_kbps":1000,"min_bitrate_kbps":100,"max_bitrate_kbps":2000}}"#;
const SIDE: u32 = 480;

/// A viewer whose page takes so little that the whole picture would not look good, sound taken off.
async fn open_slow(link: &str) -> Viewer {
    Viewer::open_asking(link, std::net::Ipv4Addr::LOCALHOST, Some(300)).await.unwrap()
}

fn ladder_host(selector: Option<Selector>) -> Host {
    let config = Config::from_json(LADDER).unwrap();
    let streamer = match selector {
        Some(selector) => Streamer::with_selector(config, selector),
        None => Streamer::new(config),
    };
    let host = Host::with(streamer.unwrap());
    host.side.store(SIDE, Ordering::Relaxed);
    host
}

fn lost_nothing(viewer: &Viewer) {
    let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
    assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
}

/// Waits until the last picture of `viewer` has that size and three more have come.
async fn shown(viewer: &mut Viewer, side: u32) {
    let last = |r: &viewer::Received| r.arrivals.lock().unwrap().last().and_then(|arrival| arrival.size);
    assert!(viewer.wait(|r| last(r) == Some((side, side))).await, "{side}: {:?}", viewer.sizes());
    assert!(more_frames(viewer, 3).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_comes_back_begins_with_what_its_path_carried() {
    let mut config = Config::from_json(LADDER).unwrap();
    config.video.start_bitrate_kbps = 300;
    let host = Host::with(Streamer::new(config).unwrap());
    host.side.store(SIDE, Ordering::Relaxed);
    let link = host.link().await;
    // From another address, so that it teaches nothing about the next one's.
    let mut other = Viewer::open_from(&link, std::net::Ipv4Addr::new(127, 0, 0, 2)).await.unwrap();
    assert!(more_frames(&mut other, 5).await);
    let mut viewer = Viewer::open(&link).await.unwrap();
    shown(&mut viewer, SIDE).await;
    assert_eq!(viewer.sizes(), [(SIDE / 2, SIDE / 2), (SIDE, SIDE)], "a stranger's link is taken to carry little");
    // A report must have told that the path works, at a moment when this machine left it room. Without memory none of these
    // begins with the whole picture.
    let mut begun = Vec::new();
    while begun.len() < 4 && begun.last() != Some(&(SIDE, SIDE)) {
        assert!(more_frames(&mut viewer, 100).await);
        viewer.leave().await;
        viewer = Viewer::open(&link).await.unwrap();
        assert!(more_frames(&mut viewer, 5).await);
        begun.push(viewer.sizes()[0]);
    }
    assert_eq!(begun.last(), Some(&(SIDE, SIDE)), "{begun:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_with_a_slow_link_gets_a_smaller_picture_and_another_keeps_its_own() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut fast = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut fast, 20).await);
    let mut slow = open_slow(&link).await;
    shown(&mut slow, SIDE / 2).await;
    assert!(more_frames(&mut fast, 50).await && more_frames(&mut slow, 20).await);
    assert_eq!((fast.sizes(), slow.sizes()), (vec![(SIDE, SIDE)], vec![(SIDE / 2, SIDE / 2)]));
    let layers = host.streamer.stats().layers;
    let seen: Vec<_> = layers.iter().map(|layer| (layer.rung, layer.width, layer.viewers)).collect();
    assert_eq!(seen, [(0, SIDE, 1), (1, SIDE / 2, 1)], "{layers:?}");
    assert!(layers[1].target_bitrate_kbps <= 300 && layers[0].target_bitrate_kbps > 300, "{layers:?}");
    // It began with one, and the other one's coming cost it none.
    assert_eq!(fast.received.keyframes.load(Ordering::Relaxed), 1 + host.counter("viewer_resyncs"));
    [&fast, &slow].into_iter().for_each(lost_nothing);
    slow.leave().await;
    assert!(more_frames(&mut fast, 10).await);
    fast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_viewer_makes_room_for_a_faster_one_and_gets_the_encoder_back_without_losing_a_frame() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut slow = open_slow(&link).await;
    // Alone it has the encoder to itself, which makes as much of the picture as the link carries.
    let alone = SIDE * 3 / 4;
    shown(&mut slow, alone).await;
    let mut fast = Viewer::open(&link).await.unwrap();
    shown(&mut slow, SIDE / 2).await;
    shown(&mut fast, SIDE).await;
    fast.leave().await;
    shown(&mut slow, alone).await;
    assert_eq!(slow.sizes(), [alone, SIDE / 2, alone].map(|side| (side, side)));
    lost_nothing(&slow);
    slow.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_one_encoder_is_all_there_is_everybody_shares_it() {
    /// A driver's only session, given back when its encoder ends.
    struct Session(Arc<AtomicU32>);
    impl Drop for Session {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let open = Arc::new(AtomicU32::new(0));
    let single = Candidate::new("single", Codec::H264, move |settings| {
        let session = Session(Arc::clone(&open));
        if open.fetch_add(1, Ordering::Relaxed) >= 1 {
            return Err(EncodeError::Failed { encoder: "single".into(), reason: "out of sessions".into() });
        }
        let encoder = FakeEncoder::new(Codec::H264, settings).with_sizes([300]);
        let failing = move || session.0.load(Ordering::Relaxed) > 100;
        Ok(Box::new(FailsWhen { encoder, failing }))
    });
    let host = ladder_host(Some(Selector::with_candidates("auto", vec![single]).unwrap()));
    let link = host.link().await;
    let mut fast = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut fast, 5).await);
    let mut slow = open_slow(&link).await;
    let told = host.event(EventKind::EncoderUnavailable).await;
    assert!(told.contains("out of sessions"), "{told}");
    for viewer in [&mut fast, &mut slow] {
        assert!(more_frames(viewer, 30).await, "{:?}", host.streamer.stats());
        lost_nothing(viewer);
    }
    let stats = host.streamer.stats();
    assert_eq!((stats.encoders, stats.layers[0].viewers, host.counter("encoder_failures")), (1, 2, 0));
    fast.leave().await;
    slow.leave().await;
}

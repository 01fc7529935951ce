//! The whole streamer in one process: pushed pictures and sound arrive at real peers through the embedded server.

#![cfg(feature = "server")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rendercast::config::Config;
use rendercast::encode::fake::FakeEncoder;
use rendercast::encode::select::{Candidate, Selector};
use rendercast::encode::{Codec, EncodeError};
use rendercast::frame::PixelFormat;
use rendercast::input::InputKind;
use rendercast::streamer::{EventKind, Streamer};
use rendercast::units::Size;

#[allow(dead_code)] // support files serve several programs
#[path = "support/http.rs"]
mod http;
#[allow(dead_code)]
#[path = "support/urs.rs"]
mod urs;
#[allow(dead_code)]
#[path = "support/urs_server.rs"]
mod urs_server;
#[path = "support/viewer.rs"]
mod viewer;
use urs_server::{Fault, UrsServer};
use viewer::Viewer;

/// A host that draws and plays on its own thread until dropped.
struct Host {
    streamer: Arc<Streamer>,
    side: Arc<AtomicU32>,
    stop: Option<crossbeam_channel::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

const FRAME: Duration = Duration::from_millis(20);

impl Host {
    fn start(config: &str) -> Self {
        Self::with(Streamer::new(Config::from_json(config).unwrap()).unwrap())
    }

    fn with(streamer: Streamer) -> Self {
        let streamer = Arc::new(streamer);
        streamer.start().unwrap();
        let (stop, stopped) = crossbeam_channel::bounded(1);
        let side = Arc::new(AtomicU32::new(64));
        let (own, own_side) = (Arc::clone(&streamer), Arc::clone(&side));
        let thread = std::thread::spawn(move || {
            let sound: Vec<f32> = (0..960 * 2).map(|i| (i as f32 * 0.05).sin() * 0.3).collect();
            let mut frame = 0_u8;
            while stopped.recv_timeout(FRAME) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
                let side = own_side.load(Ordering::Relaxed);
                if side == 0 {
                    continue;
                }
                frame = frame.wrapping_add(3);
                let picture = vec![frame; (side * side * 4) as usize];
                own.push_video(PixelFormat::Rgba8, Size::new(side, side), &[(&picture, side as usize * 4)], 0, false)
                    .unwrap();
                let _ = own.push_audio(&sound, 48_000, 2, 0);
            }
        });
        Self { streamer, side, stop: Some(stop), thread: Some(thread) }
    }

    async fn link(&self) -> String {
        loop {
            if let Some(link) = self.streamer.link() {
                return link;
            }
            tokio::task::yield_now().await;
        }
    }

    fn counter(&self, name: &str) -> u64 {
        self.streamer.stats().counters.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).unwrap()
    }

    async fn event(&self, kind: EventKind) -> String {
        loop {
            match self.streamer.poll_event() {
                Some(event) if event.kind == kind => return event.message,
                Some(_) => {}
                None => tokio::task::yield_now().await,
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.streamer.stop();
    }
}

const LOCAL: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},
    "video":{"fps":50,"start_bitrate_kbps":1000,"max_bitrate_kbps":2000}}"#;

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
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    while viewer.channel.send(bytes::BytesMut::from(&[0, 1, 0, 37, b'w'][..])).await.is_err() {
        tokio::task::yield_now().await;
    }
    let key = async |down| loop {
        match host.streamer.poll_input().map(|i| i.kind) {
            Some(InputKind::Key { key, down: d, .. }) if d == down => return key,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(key(true).await, 37);
    viewer.leave().await;
    assert_eq!(key(false).await, 37);
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
    let failing = Candidate::new("first", Codec::H264, |settings| {
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("first").failing_at(30)))
    });
    let second = Candidate::new("second", Codec::H264, |settings| {
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("second")))
    });
    let selector = Selector::with_candidates("auto", vec![failing, second]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    let before = viewer.received.keyframes.load(Ordering::Relaxed);
    assert!(more_frames(&mut viewer, 60).await);
    assert!(host.event(EventKind::EncoderFailed).await.contains("first"));
    assert_eq!(host.streamer.stats().encoder, "second");
    assert!(viewer.received.keyframes.load(Ordering::Relaxed) > before, "the new encoder starts with a keyframe");
    assert_eq!((host.counter("encoder_failures"), host.counter("viewers_left")), (1, 0));
    viewer.leave().await;
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

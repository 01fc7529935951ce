//! A host in the test's own process. Used by tests of the whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rendercast::config::Config;
use rendercast::frame::PixelFormat;
use rendercast::streamer::{EventKind, Streamer};
use rendercast::units::Size;

/// A host that draws and plays on its own thread until dropped.
pub struct Host {
    pub streamer: Arc<Streamer>,
    pub side: Arc<AtomicU32>,
    stop: Option<crossbeam_channel::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

const FRAME: Duration = Duration::from_millis(20);

impl Host {
    pub fn start(config: &str) -> Self {
        Self::with(Streamer::new(Config::from_json(config).unwrap()).unwrap())
    }

    pub fn with(streamer: Streamer) -> Self {
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

    pub async fn link(&self) -> String {
        loop {
            if let Some(link) = self.streamer.link() {
                return link;
            }
            tokio::task::yield_now().await;
        }
    }

    pub fn counter(&self, name: &str) -> u64 {
        self.streamer.stats().counters.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).unwrap()
    }

    pub async fn event(&self, kind: EventKind) -> String {
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

pub const LOCAL: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},
    "video":{"fps":50,"start_bitrate_kbps":1000,"max_bitrate_kbps":2000}}"#;

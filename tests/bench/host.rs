//! A host in this process: draws and pushes on its own thread until dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rendercast::frame::PixelFormat;
use rendercast::streamer::Streamer;
use rendercast::units::Size;

use crate::picture;

pub struct Host {
    pub streamer: Arc<Streamer>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    pub fn start(streamer: Streamer, (width, height): (usize, usize), fps: u32) -> Self {
        let streamer = Arc::new(streamer);
        streamer.start().expect("the streamer starts");
        let stop = Arc::new(AtomicBool::new(false));
        let (own, stopped) = (Arc::clone(&streamer), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let size = Size::new(width as u32, height as u32);
            let (begun, interval) = (Instant::now(), Duration::from_secs(1) / fps);
            for n in 0_u32.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let pixels = picture::rgba(width, height, n as usize);
                std::thread::sleep((interval * n).saturating_sub(begun.elapsed()));
                // Refused when every buffer is in use: the streamer counts it.
                let _ = own.push_video(PixelFormat::Rgba8, size, &[(&pixels, width * 4)], 0, false);
            }
        });
        Self { streamer, stop, thread: Some(thread) }
    }

    pub fn link(&self) -> String {
        loop {
            if let Some(link) = self.streamer.link() {
                return link;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn counter(&self, name: &str) -> f64 {
        let counters = self.streamer.stats().counters;
        counters.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, count)| *count as f64)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.streamer.stop();
    }
}

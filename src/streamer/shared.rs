//! What a host's threads, the workers and the network tasks of one streamer share.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::calls::Calls;
use super::channels::Channels;
use super::event::EventQueue;
use super::host_signals::HostSignals;
use super::orders::Orders;
use super::rate_bounds::RateBounds;
use super::received::Received;
use super::reports::Reports;
use crate::audio::ring::AudioRing;
use crate::config::Config;
use crate::frame::{FramePool, FrameQueue};
use crate::graphics::Inbox;
use crate::input::InputQueue;
use crate::stats::Counters;
use crate::stats::window::Window;
use crate::time::Nanos;
use crate::units::Size;
use crate::wake::Wake;

/// Picture buffers: two waiting, one kept for late viewers, one being written, and eight the host may hold.
const FRAME_BUFFERS: u32 = 12;

/// Measurements of the last frames, in microseconds.
pub type Latencies = Window<256>;

#[derive(Debug)]
pub struct Shared {
    pub config: Config,
    pub counters: Counters,
    pub events: EventQueue,
    pub input: InputQueue,
    pub channels: Channels,
    pub orders: Orders,
    pub calls: Calls,
    /// What viewers send, decoded.
    pub received: Received,
    pub host_signals: HostSignals,
    pub reports: Reports,
    pub frames: FrameQueue,
    pub frame_pool: FramePool,
    /// Pictures that a GPU makes; open while the workers run.
    pub gpu: Arc<Inbox>,
    pub audio: AudioRing,
    pub rate_bounds: RateBounds,
    pub video_wake: Wake,
    pub audio_wake: Wake,
    pub started_at: AtomicU64,
    /// Viewers connected now.
    pub viewers: AtomicU32,
    pub source_size: AtomicU64,
    pub convert_us: Mutex<Latencies>,
    pub encode_us: Mutex<Latencies>,
    pub transit_us: Mutex<Latencies>,
    pub link: Mutex<Option<String>>,
    stopping: AtomicBool,
}

impl Shared {
    pub fn new(config: Config) -> Arc<Self> {
        let counters = Counters::default();
        let (video_wake, audio_wake) = (Wake::default(), Wake::default());
        let gpu = Inbox::new(counters.video_frames_dropped.clone(), video_wake.clone());
        gpu.set_closed(true);
        Arc::new(Self {
            events: EventQueue::new(counters.events_dropped.clone()),
            input: InputQueue::new(&counters),
            channels: Channels::default(),
            orders: Orders::default(),
            calls: Calls::default(),
            received: Received::new(
                counters.received_video_frames_dropped.clone(),
                counters.received_audio_blocks_dropped.clone(),
            ),
            host_signals: HostSignals::default(),
            reports: Reports::default(),
            frames: FrameQueue::new(counters.video_frames_dropped.clone(), video_wake.clone()),
            frame_pool: FramePool::new(FRAME_BUFFERS),
            gpu,
            rate_bounds: RateBounds::new(&config.video),
            audio: AudioRing::new(counters.audio_blocks_dropped.clone(), audio_wake.clone()),
            config,
            counters,
            video_wake,
            audio_wake,
            started_at: AtomicU64::new(0),
            viewers: AtomicU32::new(0),
            source_size: AtomicU64::new(0),
            convert_us: Mutex::default(),
            encode_us: Mutex::default(),
            transit_us: Mutex::default(),
            link: Mutex::default(),
            stopping: AtomicBool::new(false),
        })
    }

    pub fn set_source_size(&self, size: Size) {
        self.source_size.store(u64::from(size.width) << 32 | u64::from(size.height), Ordering::Relaxed);
    }

    /// Size of the last picture the host pushed; 0x0 before the first.
    pub fn source_size(&self) -> Size {
        let both = self.source_size.load(Ordering::Relaxed);
        Size::new((both >> 32) as u32, both as u32)
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Tells every worker to end, and wakes those that sleep.
    pub fn set_stopping(&self, stopping: bool) {
        self.stopping.store(stopping, Ordering::Release);
        self.video_wake.ring();
        self.audio_wake.ring();
    }

    pub fn set_link(&self, link: Option<String>) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

/// Records how long something took.
pub fn record(window: &Mutex<Latencies>, from: Nanos, to: Nanos) {
    let us = u32::try_from(to.saturating_since(from).as_micros()).unwrap_or(u32::MAX);
    window.lock().unwrap_or_else(PoisonError::into_inner).record(us);
}

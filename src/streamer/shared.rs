//! What a host's threads, the workers and the network tasks of one streamer share.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::calls::Calls;
use super::channels::Channels;
use super::configurations::Configurations;
use super::directory::Directory;
use super::event::EventQueue;
use super::host_signals::HostSignals;
use super::orders::Orders;
use super::peers::Peers;
use super::presentation::Presentations;
use super::rate_bounds::RateBounds;
use super::received::Received;
use super::reports::Reports;
use super::roles::RoleBook;
use super::source::Sources;
use crate::audio::ring::AudioRing;
use crate::config::Config;
use crate::input::InputQueue;
use crate::stats::Counters;
use crate::stats::window::Window;
use crate::time::Nanos;
use crate::wake::Wake;

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
    pub directory: Directory,
    pub configurations: Configurations,
    /// Viewers that the host negotiates.
    pub peers: Peers,
    pub calls: Calls,
    /// What viewers send, decoded.
    pub received: Received,
    pub host_signals: HostSignals,
    pub reports: Reports,
    pub roles: RoleBook,
    pub presentations: Presentations,
    pub sources: Sources,
    pub audio: AudioRing,
    pub rate_bounds: Arc<RateBounds>,
    pub audio_wake: Wake,
    pub started_at: AtomicU64,
    /// Viewers connected now.
    pub viewers: AtomicU32,
    pub convert_us: Mutex<Latencies>,
    pub encode_us: Mutex<Latencies>,
    pub transit_us: Mutex<Latencies>,
    pub link: Mutex<Option<String>>,
    /// None: no frame's way is traced.
    #[cfg(feature = "trace")]
    pub tracer: Option<super::trace::Tracer>,
    stopping: AtomicBool,
}

impl Shared {
    pub fn new(config: Config) -> Arc<Self> {
        let counters = Counters::default();
        let audio_wake = Wake::default();
        let rate_bounds = Arc::new(RateBounds::new(&config.video));
        let events = EventQueue::new(counters.events_dropped.clone());
        Arc::new(Self {
            roles: RoleBook::new(&config.input, events.clone()),
            presentations: Presentations::default(),
            events,
            input: InputQueue::new(&counters),
            channels: Channels::default(),
            orders: Orders::default(),
            directory: Directory::default(),
            configurations: Configurations::default(),
            peers: Peers::new(counters.peer_events_dropped.clone()),
            calls: Calls::default(),
            received: Received::new(
                counters.received_video_frames_dropped.clone(),
                counters.received_audio_blocks_dropped.clone(),
            ),
            host_signals: HostSignals::default(),
            reports: Reports::default(),
            sources: Sources::new(&config.video, &counters, &rate_bounds),
            rate_bounds,
            audio: AudioRing::new(counters.audio_blocks_dropped.clone(), audio_wake.clone()),
            #[cfg(feature = "trace")]
            tracer: super::trace::Tracer::new(&config.stats, counters.traces_dropped.clone()),
            config,
            counters,
            audio_wake,
            started_at: AtomicU64::new(0),
            viewers: AtomicU32::new(0),
            convert_us: Mutex::default(),
            encode_us: Mutex::default(),
            transit_us: Mutex::default(),
            link: Mutex::default(),
            stopping: AtomicBool::new(false),
        })
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Tells every worker to end, and wakes those that sleep.
    pub fn set_stopping(&self, stopping: bool) {
        self.stopping.store(stopping, Ordering::Release);
        self.sources.all().iter().for_each(|source| source.wake.ring());
        self.audio_wake.ring();
    }

    /// Whether the next frame's way is to be traced.
    pub fn traces_next_frame(&self) -> bool {
        #[cfg(feature = "trace")]
        let picked = self.tracer.as_ref().is_some_and(super::trace::Tracer::picks);
        #[cfg(not(feature = "trace"))]
        let picked = false;
        picked
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

//! Between a viewer's task, which decides what layer it watches, and its pump, which moves the media.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use super::layer::Layer;
use super::tally::{Pushed, Tally};
use crate::fanout::{PacketizedFrame, PictureIds};
use crate::units::Bitrate;

/// What to watch, and the how-manieth change that is.
pub type Target = (u64, Option<Arc<Layer>>);

/// One viewer's. The pump may be replaced by another one meanwhile.
#[derive(Debug)]
pub struct Feed {
    /// What it is sent and says of itself. That of an added track nobody reads.
    pub tally: Tally,
    target: watch::Sender<Target>,
    /// The last change that the viewer has seen the first picture of.
    shown: AtomicU64,
    /// Keyframes that pauses and resyncs of this viewer have cost.
    keyframes_caused: AtomicU64,
    /// What the viewer's link carries, in bit/s; the start rate until something was measured.
    estimate_bps: AtomicU64,
    /// What other tracks of the viewer have of its link, in bit/s.
    elsewhere_bps: AtomicU64,
    /// Whether that is measured, or asked for by the page.
    firm: AtomicBool,
    /// It is sent no video, because the host wants it so.
    resting: AtomicBool,
    /// It is sent no sound, because the host wants it so.
    muted: AtomicBool,
    /// It has a smaller picture than it might have, because its link carries no more.
    limited: AtomicBool,
    /// The numbers of the pictures it was sent; they outlive a pump.
    picture_ids: Mutex<PictureIds>,
    /// Rung by the pump when it has something to tell.
    news: Arc<Notify>,
}

impl Feed {
    pub fn new(start: Bitrate) -> Arc<Self> {
        Self::with_bell(start, Arc::default())
    }

    /// Of one more track of the same viewer: what it has to tell is told with the first one's.
    pub fn beside(&self, start: Bitrate) -> Arc<Self> {
        Self::with_bell(start, Arc::clone(&self.news))
    }

    fn with_bell(start: Bitrate, news: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self {
            tally: Tally::default(),
            target: watch::Sender::new((0, None)),
            shown: AtomicU64::new(0),
            keyframes_caused: AtomicU64::new(0),
            estimate_bps: AtomicU64::new(start.bps()),
            elsewhere_bps: AtomicU64::new(0),
            firm: AtomicBool::new(false),
            resting: AtomicBool::new(false),
            muted: AtomicBool::new(false),
            limited: AtomicBool::new(false),
            picture_ids: Mutex::default(),
            news,
        })
    }

    pub fn set_estimate(&self, estimate: Bitrate) {
        self.estimate_bps.store(estimate.bps(), Ordering::Relaxed);
    }

    pub fn set_firm(&self, firm: bool) {
        self.firm.store(firm, Ordering::Relaxed);
    }

    pub fn is_firm(&self) -> bool {
        self.firm.load(Ordering::Relaxed)
    }

    pub fn estimate(&self) -> Bitrate {
        Bitrate::from_bps(self.estimate_bps.load(Ordering::Relaxed))
    }

    pub fn set_elsewhere(&self, elsewhere: Bitrate) {
        self.elsewhere_bps.store(elsewhere.bps(), Ordering::Relaxed);
    }

    /// What the whole link carries.
    pub fn link(&self) -> Bitrate {
        Bitrate::from_bps(self.estimate().bps().saturating_add(self.elsewhere_bps.load(Ordering::Relaxed)))
    }

    pub fn set_resting(&self, resting: bool) {
        self.resting.store(resting, Ordering::Relaxed);
    }

    pub fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Relaxed)
    }

    /// The viewer's task: whether sound is left out from now on.
    pub fn set_muted(&self, muted: bool) {
        if self.muted.swap(muted, Ordering::AcqRel) != muted {
            // Wakes the pump.
            self.target.send_modify(|_| ());
        }
    }

    pub fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Acquire)
    }

    pub fn set_limited(&self, limited: bool) {
        self.limited.store(limited, Ordering::Relaxed);
    }

    pub fn is_limited(&self) -> bool {
        self.limited.load(Ordering::Relaxed)
    }

    /// The viewer's task: watch that from now on.
    pub fn watch(&self, layer: Option<Arc<Layer>>) {
        self.target.send_modify(|target| *target = (target.0 + 1, layer));
    }

    /// What is watched.
    pub fn layer(&self) -> Option<Arc<Layer>> {
        self.target.borrow().1.clone()
    }

    /// The source of what is watched, and how many frames the host has pushed for it.
    pub fn pushed(&self) -> Option<Pushed> {
        self.target.borrow().1.as_ref().map(|layer| (layer.key.source, layer.source.frames_pushed()))
    }

    /// The viewer's task: whether what was last asked for is what the viewer sees.
    pub fn has_arrived(&self) -> bool {
        self.shown.load(Ordering::Acquire) == self.target.borrow().0
    }

    /// The viewer's task: keyframes caused since the last call.
    pub fn take_keyframes_caused(&self) -> u64 {
        self.keyframes_caused.swap(0, Ordering::AcqRel)
    }

    /// The viewer's task: waits until the pump has something to tell.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// The pump's side.
    pub fn targets(&self) -> watch::Receiver<Target> {
        self.target.subscribe()
    }

    /// The pump's side: that change is done.
    pub fn arrived(&self, change: u64) {
        if self.shown.swap(change, Ordering::AcqRel) != change {
            self.news.notify_one();
        }
    }

    /// The pump's side: the frame with the numbers that come next for this viewer. Call it for what is sent, in order.
    pub fn renumber(&self, frame: &Arc<PacketizedFrame>) -> Arc<PacketizedFrame> {
        self.picture_ids.lock().unwrap_or_else(PoisonError::into_inner).renumber(Arc::clone(frame))
    }

    /// The pump's side: so many keyframes more.
    pub fn add_keyframes_caused(&self, keyframes: u64) {
        if keyframes > 0 {
            self.keyframes_caused.fetch_add(keyframes, Ordering::AcqRel);
            self.news.notify_one();
        }
    }
}

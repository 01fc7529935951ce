//! The sending end of the sound: one for all viewers, whatever layer of video each of them watches.

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use super::Notify;
use super::frame::AudioPacket;
use super::roster::Roster;
use crate::stats::Counter;

/// Packets a viewer's queue holds: 100 ms of 10 ms packets, 200 ms of 20 ms packets.
pub(super) const CAPACITY: usize = 10;

/// The sound to everybody who listens. Clones are the same fan-out. One thread publishes, any may subscribe.
#[derive(Clone, Debug)]
pub struct AudioFanout(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    roster: Roster<Listener>,
    dropped: Counter,
}

/// A viewer as the worker sees it.
pub(super) struct Listener {
    pub(super) packets: ArrayQueue<Arc<AudioPacket>>,
    notify: Arc<Notify>,
}

/// A place among the listeners, given up when dropped.
pub(super) struct Seat {
    fanout: AudioFanout,
    pub(super) listener: Arc<Listener>,
}

impl AudioFanout {
    /// Counts in `dropped` the packets that a viewer's queue had no room for.
    pub fn new(dropped: Counter) -> Self {
        Self(Arc::new(Shared { roster: Roster::default(), dropped }))
    }

    /// Hands a packet to every listener; a slow one loses its oldest. Never waits for a viewer. Allocates nothing.
    pub fn publish(&self, packet: Arc<AudioPacket>) {
        for listener in self.0.roster.listeners().iter() {
            if listener.packets.force_push(Arc::clone(&packet)).is_some() {
                self.0.dropped.add(1);
            }
            (listener.notify)();
        }
    }

    pub fn subscriber_count(&self) -> usize {
        self.0.roster.len()
    }

    pub(super) fn seat(&self, notify: Arc<Notify>) -> Seat {
        let listener = Arc::new(Listener { packets: ArrayQueue::new(CAPACITY), notify });
        self.0.roster.join(Arc::clone(&listener));
        Seat { fanout: self.clone(), listener }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.fanout.0.roster.leave(&self.listener);
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("packets", &self.packets.len()).finish_non_exhaustive()
    }
}

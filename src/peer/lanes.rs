//! The lanes of one connection: its sound, its first video track, and those that were added.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lane::Lane;
use crate::units::SenderId;

/// Video tracks of one connection, the first one included.
pub const MOST_VIDEO_TRACKS: usize = 16;

/// Shared by whoever sends and the interceptors. The first two are there for the connection's life.
pub struct Lanes {
    pub video: Arc<Lane>,
    pub audio: Arc<Lane>,
    added: Mutex<Added>,
}

#[derive(Default)]
struct Added {
    lanes: Vec<Arc<Lane>>,
    /// What those have sent that are gone.
    gone: Sum,
}

/// What added tracks have sent: packets, bytes of payload, and the same of what was sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub first: [u64; 3],
    pub again: [u64; 3],
    pub frames: u64,
}

impl Sum {
    fn add(&mut self, lane: &Lane) {
        let (first, again) = (lane.traffic.video.get(), lane.traffic.again.get());
        for (sum, more) in self.first.iter_mut().zip(first).chain(self.again.iter_mut().zip(again)) {
            *sum = sum.saturating_add(more);
        }
        self.frames = self.frames.saturating_add(lane.traffic.frames());
    }
}

impl Lanes {
    pub fn new(video: Arc<Lane>, audio: Arc<Lane>) -> Self {
        Self { video, audio, added: Mutex::default() }
    }

    fn added(&self) -> MutexGuard<'_, Added> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False: there are [`MOST_VIDEO_TRACKS`] already, or one of that number.
    pub fn add(&self, lane: Arc<Lane>) -> bool {
        let mut added = self.added();
        let full = added.lanes.len() + 1 >= MOST_VIDEO_TRACKS;
        let fits = !full && added.lanes.iter().all(|other| other.sender != lane.sender);
        if fits {
            added.lanes.push(lane);
        }
        fits
    }

    pub fn remove(&self, sender: SenderId) {
        let mut added = self.added();
        if let Some(at) = added.lanes.iter().position(|lane| lane.sender == sender) {
            let lane = added.lanes.swap_remove(at);
            added.gone.add(&lane);
        }
    }

    /// A video lane.
    pub fn of(&self, sender: SenderId) -> Option<Arc<Lane>> {
        if sender == self.video.sender {
            return Some(Arc::clone(&self.video));
        }
        self.added().lanes.iter().find(|lane| lane.sender == sender).cloned()
    }

    /// The video lane of this SSRC, or of which it is the retransmissions'.
    pub fn video(&self, ssrc: u32) -> Option<Arc<Lane>> {
        if ssrc == self.video.ssrc { Some(Arc::clone(&self.video)) } else { self.beside(ssrc) }
    }

    /// The added lane of this SSRC.
    pub fn beside(&self, ssrc: u32) -> Option<Arc<Lane>> {
        self.added().lanes.iter().find(|lane| lane.ssrc == ssrc).cloned()
    }

    /// Whether a lane of this SSRC is there, of either medium.
    pub fn has(&self, ssrc: u32) -> bool {
        ssrc == self.audio.ssrc || self.video(ssrc).is_some()
    }

    pub fn all_added(&self) -> Vec<Arc<Lane>> {
        self.added().lanes.clone()
    }

    /// What the added ones have sent, those that are gone included.
    pub fn sum_of_added(&self) -> Sum {
        let added = self.added();
        let mut sum = added.gone;
        added.lanes.iter().for_each(|lane| sum.add(lane));
        sum
    }
}

/// One station's own list of the added lanes that are negotiated, so that no packet takes a lock.
#[derive(Default)]
pub struct Beside {
    lanes: Option<Arc<Lanes>>,
    bound: Vec<Arc<Lane>>,
}

impl Beside {
    pub fn new(lanes: Arc<Lanes>) -> Self {
        Self { lanes: Some(lanes), bound: Vec::new() }
    }

    /// A stream is negotiated; those that were removed meanwhile are forgotten.
    pub fn bind(&mut self, ssrc: u32) {
        let Some(lanes) = &self.lanes else { return };
        self.bound.retain(|lane| lane.ssrc != ssrc && lanes.has(lane.ssrc));
        self.bound.extend(lanes.beside(ssrc));
    }

    pub fn find(&self, ssrc: u32) -> Option<&Arc<Lane>> {
        self.bound.iter().find(|lane| lane.ssrc == ssrc)
    }

    pub fn has(&self, ssrc: u32) -> bool {
        self.find(ssrc).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(sender: u32) -> Arc<Lane> {
        Arc::new(Lane::new(sender * 10, sender * 10 + 1).of(SenderId(sender)))
    }

    fn lanes() -> Lanes {
        Lanes::new(lane(1), lane(2))
    }

    #[test]
    fn added_lanes_are_found_by_number_and_by_ssrc_until_they_are_removed() {
        let lanes = Arc::new(lanes());
        let mut beside = Beside::new(Arc::clone(&lanes));
        assert!(lanes.add(lane(3)) && lanes.add(lane(4)) && !lanes.add(lane(4)));
        beside.bind(10);
        beside.bind(30);
        assert!(!beside.has(10) && beside.has(30) && !beside.has(40));
        assert_eq!(lanes.of(SenderId(4)).unwrap().ssrc, 40);
        assert_eq!((lanes.video(30).is_some(), lanes.video(20).is_some(), lanes.has(20)), (true, false, true));
        lanes.of(SenderId(3)).unwrap().traffic.video.add(12, 1_000);
        lanes.remove(SenderId(3));
        assert!(lanes.of(SenderId(3)).is_none() && !lanes.has(30));
        assert_eq!(lanes.sum_of_added().first, [1, 1_000, 12], "what it sent stays counted");
        beside.bind(40);
        assert!(!beside.has(30) && beside.has(40));
    }

    #[test]
    fn there_is_an_end_to_them() {
        let lanes = lanes();
        let taken = (3..100).filter(|sender| lanes.add(lane(*sender))).count();
        assert_eq!(taken, MOST_VIDEO_TRACKS - 1);
    }
}

//! What viewers send, decoded, until the host polls it: of each viewer one picture, the newest, and 60 ms of sound.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::stats::Counter;
use crate::time::Nanos;
use crate::units::{Size, ViewerId};

/// Of sound that waits, in samples of a channel at 48 kHz: 60 ms.
pub const LONGEST_SOUND: usize = 2_880;

/// One picture of a viewer's camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedPicture {
    pub viewer: ViewerId,
    pub size: Size,
    /// RGBA, 8 bits each, rows top to bottom, without padding.
    pub pixels: Vec<u8>,
    /// When it was captured, less the path's shortest delay, on this library's clock.
    pub host_time: Nanos,
}

/// A piece of a viewer's microphone.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedSound {
    pub viewer: ViewerId,
    /// 1 or 2.
    pub channels: u32,
    /// 48 kHz, interleaved, -1 to 1.
    pub samples: Vec<f32>,
    /// When its first sample was captured, less the path's shortest delay, on this library's clock.
    pub host_time: Nanos,
}

impl ReceivedSound {
    /// Samples of a channel.
    pub fn frames(&self) -> usize {
        self.samples.len() / self.channels.max(1) as usize
    }
}

/// The answer to a poll with a buffer of limited size.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled<T> {
    /// Nothing has come since.
    Empty,
    Taken(T),
    /// It stays: the same as the next one would be, but without its content, and the length that was needed.
    TooLong(T, usize),
}

#[derive(Debug, Default)]
struct Outlet {
    /// With the place in the order of all viewers' pictures and sounds.
    picture: Option<(u64, ReceivedPicture)>,
    sounds: VecDeque<(u64, ReceivedSound)>,
    /// For the next picture.
    spare: Vec<u8>,
}

#[derive(Debug, Default)]
struct Waiting {
    outlets: BTreeMap<ViewerId, Outlet>,
    order: u64,
}

/// Between the workers that decode and the host.
#[derive(Debug, Default)]
pub struct Received {
    waiting: Mutex<Waiting>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    pictures_dropped: Counter,
    sounds_dropped: Counter,
}

impl Received {
    /// Counts what a newer one replaced before the host took it.
    pub fn new(pictures_dropped: Counter, sounds_dropped: Counter) -> Self {
        Self { pictures_dropped, sounds_dropped, ..Self::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer to make this viewer's next picture in.
    pub fn take_spare(&self, viewer: ViewerId) -> Vec<u8> {
        self.waiting().outlets.get_mut(&viewer).map(|outlet| std::mem::take(&mut outlet.spare)).unwrap_or_default()
    }

    pub fn put_picture(&self, picture: ReceivedPicture) {
        let mut waiting = self.waiting();
        waiting.order += 1;
        let order = waiting.order;
        let outlet = waiting.outlets.entry(picture.viewer).or_default();
        if let Some((_, older)) = outlet.picture.replace((order, picture)) {
            outlet.spare = older.pixels;
            self.pictures_dropped.add(1);
        }
    }

    pub fn put_sound(&self, sound: ReceivedSound) {
        let mut waiting = self.waiting();
        waiting.order += 1;
        let order = waiting.order;
        let sounds = &mut waiting.outlets.entry(sound.viewer).or_default().sounds;
        sounds.push_back((order, sound));
        while sounds.len() > 1 && sounds.iter().map(|(_, sound)| sound.frames()).sum::<usize>() > LONGEST_SOUND {
            sounds.pop_front();
            self.sounds_dropped.add(1);
        }
    }

    /// A viewer sends no more: what it sent is forgotten.
    pub fn forget(&self, viewer: ViewerId) {
        self.waiting().outlets.remove(&viewer);
    }

    /// The picture that has waited longest, of this viewer or of any, if it fits into so many bytes.
    pub fn poll_picture(&self, viewer: Option<ViewerId>, capacity: usize) -> Polled<ReceivedPicture> {
        let mut waiting = self.waiting();
        let outlets = waiting.outlets.iter_mut().filter(|(who, _)| viewer.is_none_or(|viewer| viewer == **who));
        let oldest = outlets.map(|(_, outlet)| &mut outlet.picture).filter(|picture| picture.is_some());
        let Some(place) = oldest.min_by_key(|picture| picture.as_ref().map(|(order, _)| *order)) else {
            return Polled::Empty;
        };
        match place.take() {
            Some((_, picture)) if picture.pixels.len() <= capacity => Polled::Taken(picture),
            Some((order, picture)) => {
                let told = ReceivedPicture { pixels: Vec::new(), ..picture };
                let needed = picture.pixels.len();
                *place = Some((order, picture));
                Polled::TooLong(told, needed)
            }
            None => Polled::Empty,
        }
    }

    /// The piece of sound that has waited longest, of this viewer or of any, if it fits into so many samples.
    pub fn poll_sound(&self, viewer: Option<ViewerId>, capacity: usize) -> Polled<ReceivedSound> {
        let mut waiting = self.waiting();
        let outlets = waiting.outlets.iter_mut().filter(|(who, _)| viewer.is_none_or(|viewer| viewer == **who));
        let sounds = outlets.map(|(_, outlet)| &mut outlet.sounds).filter(|sounds| !sounds.is_empty());
        let Some(place) = sounds.min_by_key(|sounds| sounds.front().map(|(order, _)| *order)) else {
            return Polled::Empty;
        };
        match place.front() {
            Some((_, sound)) if sound.samples.len() > capacity => {
                Polled::TooLong(ReceivedSound { samples: Vec::new(), ..*sound }, sound.samples.len())
            }
            _ => place.pop_front().map_or(Polled::Empty, |(_, sound)| Polled::Taken(sound)),
        }
    }

    /// Gives a picture's buffer back, for the next one.
    pub fn give_back(&self, picture: ReceivedPicture) {
        if let Some(outlet) = self.waiting().outlets.get_mut(&picture.viewer) {
            outlet.spare = picture.pixels;
        }
    }

    /// Keeps a worker until it has ended.
    pub fn keep(&self, worker: JoinHandle<()>) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.push(worker);
    }

    /// Waits for the workers, which have been told to end.
    pub fn join(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(viewer: u32, value: u8) -> ReceivedPicture {
        let size = Size::new(1, 1);
        ReceivedPicture { viewer: ViewerId(viewer), size, pixels: vec![value; 4], host_time: Nanos(value.into()) }
    }

    fn sound(viewer: u32, value: f32) -> ReceivedSound {
        ReceivedSound { viewer: ViewerId(viewer), channels: 2, samples: vec![value; 1_920], host_time: Nanos(0) }
    }

    #[test]
    fn of_each_viewer_the_newest_picture_waits_and_viewers_take_turns() {
        let dropped = Counter::default();
        let received = Received::new(dropped.clone(), Counter::default());
        for (viewer, value) in [(1, 10), (2, 20), (1, 11), (1, 12)] {
            received.put_picture(picture(viewer, value));
        }
        assert_eq!(dropped.get(), 2);
        assert_eq!(received.poll_picture(Some(ViewerId(3)), 4), Polled::Empty);
        let told = ReceivedPicture { pixels: Vec::new(), ..picture(2, 20) };
        assert_eq!(received.poll_picture(None, 3), Polled::TooLong(told, 4));
        assert_eq!(received.poll_picture(None, 4), Polled::Taken(picture(2, 20)));
        assert_eq!(received.poll_picture(Some(ViewerId(1)), 4), Polled::Taken(picture(1, 12)));
        assert_eq!(received.poll_picture(None, 4), Polled::Empty);
    }

    #[test]
    fn no_more_than_60_ms_of_sound_wait_the_oldest_goes() {
        let dropped = Counter::default();
        let received = Received::new(Counter::default(), dropped.clone());
        for n in 0..5 {
            received.put_sound(sound(1, n as f32));
        }
        // 20 ms each.
        assert_eq!(dropped.get(), 2);
        assert!(matches!(received.poll_sound(None, 1_919), Polled::TooLong(told, 1_920) if told.channels == 2));
        for n in 2..5 {
            assert_eq!(received.poll_sound(None, 1_920), Polled::Taken(sound(1, n as f32)));
        }
        assert_eq!(received.poll_sound(None, 1_920), Polled::Empty);
        received.put_sound(sound(1, 0.0));
        received.forget(ViewerId(1));
        assert_eq!(received.poll_sound(None, 1_920), Polled::Empty);
    }

    #[test]
    fn buffers_come_back() {
        let received = Received::default();
        received.put_picture(picture(1, 1));
        let Polled::Taken(taken) = received.poll_picture(None, 4) else { panic!() };
        received.give_back(taken);
        assert_eq!(received.take_spare(ViewerId(1)).len(), 4);
        assert!(received.take_spare(ViewerId(1)).is_empty());
    }
}

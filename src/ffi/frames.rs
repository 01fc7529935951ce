//! Picture buffers lent to the host, by number, until it commits or discards them. A fixed number of places, each claimed by its
//! number before it is touched: nothing here ever waits, and no thread is in another's way.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::status::Failure;
use crate::frame::FrameBuffer;
use crate::units::SourceId;

/// Buffers one streamer may have lent at once.
pub(super) const CAPACITY: usize = 8;
const PLACE_BITS: u32 = 3;

/// Counts loans in the whole process, so that a frame of one streamer is not taken for one of another. It comes round after
/// 2^29 loans: 51 days at 120 frames a second, long after any loan has ended.
static LOANS: AtomicU32 = AtomicU32::new(0);

/// The buffers that one streamer has lent. Those never given back are freed with it.
#[derive(Debug, Default)]
pub(super) struct LentFrames {
    places: [Place; CAPACITY],
}

#[derive(Debug, Default)]
struct Place {
    /// Of the buffer that is lent, or [`FREE`], or [`CLAIMED`].
    handle: AtomicU32,
    /// Locked by who has claimed the place, so never waited for.
    lent: Mutex<Option<(SourceId, FrameBuffer)>>,
}

const FREE: u32 = 0;
/// A thread puts a buffer in or takes it out. No handle: loans count from 1.
const CLAIMED: u32 = 1;

impl Place {
    /// For one thread alone, until it stores another handle.
    fn claim(&self, handle: u32) -> Option<MutexGuard<'_, Option<(SourceId, FrameBuffer)>>> {
        self.handle.compare_exchange(handle, CLAIMED, Ordering::Acquire, Ordering::Relaxed).ok()?;
        Some(self.lent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LentFrames {
    /// Keeps a buffer of a source while the host writes into it.
    pub(super) fn lend(&self, source: SourceId, buffer: FrameBuffer) -> Result<u32, Failure> {
        for (index, place) in self.places.iter().enumerate() {
            if let Some(mut lent) = place.claim(FREE) {
                *lent = Some((source, buffer));
                drop(lent);
                let handle = next_loan() << PLACE_BITS | index as u32;
                place.handle.store(handle, Ordering::Release);
                return Ok(handle);
            }
        }
        Err(Failure::TooMany { what: "8 acquired frames of one streamer" })
    }

    /// Takes a buffer back. Of two threads that give the same one back, one gets it and the other is told it is stale.
    pub(super) fn take(&self, handle: u32) -> Result<(SourceId, FrameBuffer), Failure> {
        let stale = || Failure::StaleFrame(handle);
        let place = self.places.get((handle & ((1 << PLACE_BITS) - 1)) as usize);
        let place = place.filter(|_| handle >> PLACE_BITS != 0).ok_or_else(stale)?;
        let taken = place.claim(handle).ok_or_else(stale)?.take();
        place.handle.store(FREE, Ordering::Release);
        taken.ok_or_else(stale)
    }

    /// Buffers lent now.
    pub(super) fn lent(&self) -> usize {
        self.places.iter().filter(|place| place.handle.load(Ordering::Relaxed) != FREE).count()
    }
}

/// From 1, so that 0 is never a frame.
fn next_loan() -> u32 {
    loop {
        let loan = LOANS.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & (u32::MAX >> PLACE_BITS);
        if loan != 0 {
            return loan;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FramePool, PixelFormat};
    use crate::units::Size;

    #[test]
    fn a_frame_is_given_back_once_and_only_to_its_own_streamer() {
        let pool = FramePool::new(2);
        let buffer = || pool.acquire(PixelFormat::Rgba8, Size::new(2, 2)).unwrap();
        let (mine, yours) = (LentFrames::default(), LentFrames::default());
        let source = SourceId(3);
        let (a, b) = (mine.lend(source, buffer()).unwrap(), yours.lend(source, buffer()).unwrap());
        assert!(matches!(mine.take(b), Err(Failure::StaleFrame(_))));
        assert_eq!(mine.take(a).unwrap().0, source);
        assert!(matches!(mine.take(a), Err(Failure::StaleFrame(_))));
        assert!(matches!(mine.take(0), Err(Failure::StaleFrame(0))));
        assert_eq!((mine.lent(), yours.lent()), (0, 1));
    }

    #[test]
    fn threads_that_lend_and_give_back_are_not_in_each_others_way() {
        let pool = FramePool::new(CAPACITY as u32);
        let frames = LentFrames::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (pool, frames) = (&pool, &frames);
                scope.spawn(move || {
                    for _ in 0..20_000 {
                        let buffer = pool.acquire(PixelFormat::Rgba8, Size::new(2, 2)).unwrap();
                        let handle = frames.lend(SourceId(thread), buffer).unwrap();
                        assert!((1..=4).contains(&frames.lent()));
                        assert_eq!(frames.take(handle).unwrap().0, SourceId(thread));
                    }
                });
            }
        });
        assert_eq!(frames.lent(), 0);
    }

    #[test]
    fn a_number_that_no_frame_has_is_stale_whatever_its_place_is_doing() {
        let frames = LentFrames::default();
        let claimed = frames.places[1].claim(FREE);
        assert!((0..1 << PLACE_BITS).all(|handle| matches!(frames.take(handle), Err(Failure::StaleFrame(_)))));
        drop(claimed);
    }

    #[test]
    fn lending_is_limited_and_dropping_gives_every_buffer_back() {
        let pool = FramePool::new(CAPACITY as u32 + 1);
        let buffer = || pool.acquire(PixelFormat::Rgba8, Size::new(2, 2));
        let frames = LentFrames::default();
        for _ in 0..CAPACITY {
            frames.lend(SourceId(0), buffer().unwrap()).unwrap();
        }
        assert!(matches!(frames.lend(SourceId(0), buffer().unwrap()), Err(Failure::TooMany { .. })));
        drop(frames);
        let all: Vec<_> = (0..=CAPACITY).map(|_| buffer().unwrap()).collect();
        assert_eq!(all.len(), CAPACITY + 1);
    }
}

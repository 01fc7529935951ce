//! Picture buffers lent to the host, by number, until it commits or discards them. A fixed number of places; a place that
//! another thread is just using counts as taken, so nothing here ever waits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

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
    places: [Mutex<Option<Lent>>; CAPACITY],
}

#[derive(Debug)]
struct Lent {
    handle: u32,
    source: SourceId,
    buffer: FrameBuffer,
}

impl LentFrames {
    /// Keeps a buffer of a source while the host writes into it.
    pub(super) fn lend(&self, source: SourceId, buffer: FrameBuffer) -> Result<u32, Failure> {
        for (index, place) in self.places.iter().enumerate() {
            let Ok(mut place) = place.try_lock() else { continue };
            if place.is_none() {
                let handle = next_loan() << PLACE_BITS | index as u32;
                *place = Some(Lent { handle, source, buffer });
                return Ok(handle);
            }
        }
        Err(Failure::TooMany { what: "8 acquired frames of one streamer" })
    }

    /// Takes a buffer back. Of two threads that give the same one back, one gets it and the other is told it is stale.
    pub(super) fn take(&self, handle: u32) -> Result<(SourceId, FrameBuffer), Failure> {
        let place = self.places.get((handle & ((1 << PLACE_BITS) - 1)) as usize);
        let mut place = place.and_then(|place| place.try_lock().ok()).ok_or(Failure::StaleFrame(handle))?;
        let lent = place.take_if(|lent| lent.handle == handle).ok_or(Failure::StaleFrame(handle))?;
        Ok((lent.source, lent.buffer))
    }

    /// Buffers lent now.
    pub(super) fn lent(&self) -> usize {
        self.places.iter().filter(|place| place.try_lock().map_or(true, |place| place.is_some())).count()
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

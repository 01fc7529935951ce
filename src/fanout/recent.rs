//! What a viewer that joins just after a keyframe is given: that keyframe and what followed it. The next keyframe may not be
//! made yet, and there is no need for one.

use std::sync::Arc;

use super::frame::PacketizedFrame;
use crate::encode::keyframe::MIN_WINDOW;

/// 90 kHz ticks from the keyframe to the last frame: beyond, a keyframe may be asked for at once.
const LONGEST: u32 = 90 * MIN_WINDOW.as_millis() as u32;
/// Frames at most: so long at 60 frames a second, and fewer than a viewer's queue holds.
const MOST: usize = 16;

/// A keyframe and the frames after it, without a gap; empty when there are too many of them.
#[derive(Debug)]
pub(super) struct Recent(Vec<Arc<PacketizedFrame>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Vec::with_capacity(MOST))
    }
}

impl Recent {
    pub(super) fn push(&mut self, frame: &Arc<PacketizedFrame>) {
        if frame.keyframe {
            self.0.clear();
            self.0.push(Arc::clone(frame));
        } else if let Some(keyframe) = self.0.first() {
            let age = frame.rtp_timestamp.wrapping_sub(keyframe.rtp_timestamp);
            if age > LONGEST || self.0.len() == MOST {
                self.0.clear();
            } else {
                self.0.push(Arc::clone(frame));
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn frames(&self) -> &[Arc<PacketizedFrame>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frame;
    use super::*;

    fn numbers(recent: &Recent) -> Vec<u64> {
        recent.frames().iter().map(|frame| frame.host_time).collect()
    }

    #[test]
    fn a_keyframe_is_kept_with_what_follows_it_for_as_long_as_no_other_may_come() {
        let mut recent = Recent::default();
        recent.push(&frame(0, false));
        assert_eq!(numbers(&recent), [0; 0]);
        recent.push(&frame(1, true));
        (2..=16).for_each(|number| recent.push(&frame(number, false)));
        assert_eq!(numbers(&recent), (1..=16).collect::<Vec<_>>());
        recent.push(&frame(17, false));
        recent.push(&frame(18, false));
        assert_eq!(numbers(&recent), [0; 0]);
        // Timestamps wrap around.
        recent.push(&frame(u32::MAX, true));
        recent.push(&frame(0, false));
        assert_eq!(recent.frames().len(), 2);
        recent.push(&frame(30, false));
        assert_eq!(recent.frames().len(), 0);
    }
}

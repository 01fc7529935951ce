//! What of a link's estimate is left for the video itself, and back: the estimate that a video rate needs.

use crate::units::Bitrate;

/// Retransmissions are never taken for more than this share of the video.
const MOST_LOST: f64 = 0.5;
/// Nor is correction for more of what is sent.
const MOST_FEC: f64 = 0.5;
/// How much of a new report counts: reports come about once a second and one burst is not a rule.
const NEW_SHARE: f64 = 0.25;

/// Everything but the encoder's own bits that one viewer's link carries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkUse {
    /// Sound, with its redundancy.
    pub audio: Bitrate,
    /// Forward error correction, in bits for each bit of video; 0: none.
    fec: f64,
    /// Lost and sent again, in packets for each packet of video.
    lost: f64,
}

impl LinkUse {
    pub fn new(audio: Bitrate) -> Self {
        Self { audio, ..Self::default() }
    }

    /// What the viewer reports: 0 to 1 of the packets since its report before (RFC 3550, section 6.4.1).
    pub fn handle_loss(&mut self, fraction_lost: f32) {
        let lost = f64::from(fraction_lost);
        if lost.is_finite() {
            self.lost += NEW_SHARE * (lost.clamp(0.0, MOST_LOST) - self.lost);
        }
    }

    /// The part of all that is sent, 0 to 1, that forward error correction takes.
    pub fn set_protection(&mut self, share: f32) {
        let share = f64::from(share);
        if share.is_finite() {
            let share = share.clamp(0.0, MOST_FEC);
            self.fec = share / (1.0 - share);
        }
    }

    /// What video may have of a link that carries `estimate`.
    pub fn share(&self, estimate: Bitrate) -> Bitrate {
        let left = estimate.bps().saturating_sub(self.audio.bps());
        Bitrate::from_bps((left as f64 / self.for_each_bit()).round() as u64)
    }

    /// The estimate that video of this rate needs.
    pub fn needed(&self, video: Bitrate) -> Bitrate {
        Bitrate::from_bps(((video.bps() as f64 * self.for_each_bit()).ceil() as u64).saturating_add(self.audio.bps()))
    }

    fn for_each_bit(&self) -> f64 {
        1.0 + self.lost + self.fec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }

    #[test]
    fn sound_loss_and_correction_are_taken_off() {
        let mut link = LinkUse::new(kbps(128));
        assert_eq!(link.share(kbps(6_128)), kbps(6_000));
        assert_eq!(link.share(kbps(100)), kbps(0));
        (0..100).for_each(|_| link.handle_loss(0.1));
        assert_eq!(link.share(kbps(11_128)).kbps(), 10_000);
        link.set_protection(0.2);
        assert_eq!(link.share(kbps(13_628)).kbps(), 10_000);
    }

    #[test]
    fn one_bad_report_is_not_a_rule() {
        let mut link = LinkUse::default();
        link.handle_loss(0.2);
        assert_eq!(link.share(kbps(10_500)).kbps(), 10_000);
        (0..40).for_each(|_| link.handle_loss(0.0));
        assert!(link.share(kbps(10_000)) > kbps(9_999));
    }

    proptest! {
        #[test]
        fn what_a_share_needs_is_the_estimate_it_came_from(
            estimate in 0u64..1_000_000_000, audio in 0u64..1_000_000, fec in 0.0f64..1.0, lost: f32,
        ) {
            let mut link = LinkUse { fec, ..LinkUse::new(Bitrate::from_bps(audio)) };
            link.handle_loss(lost);
            let back = link.needed(link.share(Bitrate::from_bps(estimate.max(audio)))).bps();
            prop_assert!(back.abs_diff(estimate.max(audio)) <= 4);
        }
    }
}

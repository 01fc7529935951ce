//! RTP header extensions (RFC 8285), as the bytes that go into a packet. Pure.
//!
//! Two that browsers know are left out. `color-space`: Chromium turns hardware decoding off where it comes. The dependency
//! descriptor: VP8 carries its temporal layers in its payload descriptor (RFC 7741), and H.264 and AV1 need none to drop
//! frames that nothing refers to.

use crate::time::Nanos;

/// Holding a frame back at the receiver, in units of 10 ms: `0, 0` asks for none (libwebrtc's playout-delay extension).
pub const PLAYOUT_DELAY_URI: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
/// Transport-wide numbers for congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).
pub const TRANSPORT_CC_URI: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// When the packet left (libwebrtc's abs-send-time extension).
pub const ABS_SEND_TIME_URI: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
/// When the picture was captured (libwebrtc's abs-capture-time extension).
pub const ABS_CAPTURE_TIME_URI: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
/// How long each step of a picture's way took (libwebrtc's video-timing extension).
pub const VIDEO_TIMING_URI: &str = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing";

/// Room for what is only known when the packet leaves. Forward error correction counts these bytes as zero, here and in
/// the receiver (`RtpPacket::ZeroMutableExtensions` of libwebrtc).
pub const TRANSPORT_CC_LATER: [u8; 2] = [0; 2];
pub const ABS_SEND_TIME_LATER: [u8; 3] = [0; 3];

/// Longest playout delay that can be written, in ms: 12 bits of 10 ms.
pub const MAX_PLAYOUT_DELAY_MS: u32 = 40_950;

/// Two numbers of 12 bits, each in units of 10 ms; what does not fit is the largest that does.
pub fn playout_delay(min_ms: u32, max_ms: u32) -> [u8; 3] {
    let units = |ms: u32| ms.min(MAX_PLAYOUT_DELAY_MS) / 10;
    let both = units(min_ms) << 12 | units(max_ms);
    let [_, a, b, c] = both.to_be_bytes();
    [a, b, c]
}

/// Seconds modulo 64, with 18 bits of fraction: the middle of an NTP time (RFC 5905).
pub fn abs_send_time(ntp: u64) -> [u8; 3] {
    let [_, a, b, c] = ((ntp >> 14) as u32).to_be_bytes();
    [a, b, c]
}

/// An NTP time (RFC 5905) of the clock that the sender reports name; the form without a clock offset.
pub fn abs_capture_time(ntp: u64) -> [u8; 8] {
    ntp.to_be_bytes()
}

/// An NTP time, so long before another one.
pub fn ntp_before(ntp: u64, age: std::time::Duration) -> u64 {
    let age = (age.as_nanos() << 32) / 1_000_000_000;
    ntp.wrapping_sub(age as u64)
}

/// Why a frame carries its timing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimingCause {
    /// It was time for one.
    Timer,
    /// The frame is much larger than most.
    Size,
}

/// Milliseconds since the capture, at most 65 535 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoTiming {
    pub cause: TimingCause,
    pub encode_start: u16,
    pub encode_finish: u16,
    pub packetization_finish: u16,
}

/// Where [`VideoTiming::to_bytes`] has room for the moment the packet leaves.
const PACER_EXIT: std::ops::Range<usize> = 7..9;

impl VideoTiming {
    /// One byte of flags and six times of 16 bits; the last three, the pacer's exit and two of middleboxes', are zero.
    pub fn to_bytes(self) -> [u8; 13] {
        let mut bytes = [0; 13];
        bytes[0] = match self.cause {
            TimingCause::Timer => 1,
            TimingCause::Size => 2,
        };
        for (at, value) in [(1, self.encode_start), (3, self.encode_finish), (5, self.packetization_finish)] {
            bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
        }
        bytes
    }
}

/// Writes when the packet leaves into a video-timing extension; anything of another size stays as it is.
pub fn set_pacer_exit(bytes: &mut [u8], ms: u16) {
    if bytes.len() == 13 {
        bytes[PACER_EXIT].copy_from_slice(&ms.to_be_bytes());
    }
}

/// Milliseconds from the capture, as far as 16 bits reach.
pub fn since_capture(captured: Nanos, at: Nanos) -> u16 {
    u16::try_from(at.saturating_since(captured).as_millis()).unwrap_or(u16::MAX)
}

/// Chooses the frames that carry their timing, by libwebrtc's rule: one each 200 ms, and each that is five times as large
/// as the average.
#[derive(Debug, Default)]
pub struct TimingTrigger {
    last: Option<Nanos>,
    average: usize,
}

impl TimingTrigger {
    const PERIOD_NANOS: u64 = 200_000_000;
    const OUTLIER: usize = 5;

    /// Tells of a frame of so many bytes.
    pub fn next(&mut self, now: Nanos, bytes: usize) -> Option<TimingCause> {
        let outlier = self.average > 0 && bytes > self.average.saturating_mul(Self::OUTLIER);
        self.average = if self.average == 0 { bytes } else { self.average - self.average / 16 + bytes / 16 };
        if self.last.is_none_or(|last| now.0.saturating_sub(last.0) >= Self::PERIOD_NANOS) {
            self.last = Some(now);
            return Some(TimingCause::Timer);
        }
        outlier.then_some(TimingCause::Size)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn playout_delays_are_two_times_twelve_bits_of_ten_milliseconds() {
        assert_eq!(playout_delay(0, 0), [0, 0, 0]);
        assert_eq!(playout_delay(100, 400), [0x00, 0xa0, 0x28]);
        assert_eq!(playout_delay(40_950, 1_000_000), [0xff, 0xff, 0xff]);
    }

    #[test]
    fn send_times_are_six_bits_of_seconds_and_eighteen_of_fraction() {
        assert_eq!(abs_send_time(0x0000_0001_0000_0000), [0x04, 0x00, 0x00]);
        assert_eq!(abs_send_time(0xda8b_d1fc_dddd_a05a), [0xf3, 0x77, 0x76]);
        assert_eq!(abs_send_time(0x0000_0040_0000_0000), [0, 0, 0]);
    }

    #[test]
    fn capture_times_are_whole_ntp_times_and_lie_before_their_sending() {
        assert_eq!(abs_capture_time(0x0102_0304_0506_0708), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(ntp_before(10 << 32, Duration::from_millis(500)), (9 << 32) + (1 << 31));
        assert_eq!(ntp_before(0, Duration::from_secs(1)), u64::MAX - u64::from(u32::MAX));
    }

    #[test]
    fn timings_are_flags_and_six_deltas() {
        let timing = VideoTiming {
            cause: TimingCause::Size,
            encode_start: 0x0102,
            encode_finish: 0x0304,
            packetization_finish: 0x0506,
        };
        let mut bytes = timing.to_bytes();
        assert_eq!(bytes, [2, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
        set_pacer_exit(&mut bytes, 0x0708);
        assert_eq!(bytes, [2, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]);
        let mut other = [9; 3];
        set_pacer_exit(&mut other, 1);
        assert_eq!(other, [9; 3]);
        assert_eq!(since_capture(Nanos(5), Nanos(3)), 0);
        assert_eq!(since_capture(Nanos(0), Nanos(u64::MAX)), u16::MAX);
    }

    #[test]
    fn a_timing_comes_each_fifth_of_a_second_and_with_large_frames() {
        let mut trigger = TimingTrigger::default();
        let at = |ms: u64| Nanos(ms * 1_000_000);
        assert_eq!(trigger.next(at(0), 1_000), Some(TimingCause::Timer));
        assert_eq!(trigger.next(at(16), 1_000), None);
        assert_eq!(trigger.next(at(33), 6_000), Some(TimingCause::Size));
        assert_eq!(trigger.next(at(199), 1_000), None);
        assert_eq!(trigger.next(at(200), 9_000), Some(TimingCause::Timer));
    }
}

//! How many threads an encoder gets on a machine that renders a game too.

#[cfg_attr(not(feature = "ffmpeg"), allow(dead_code, reason = "FFmpeg's encoders have all of them"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The encoder decides, or has none.
    One,
    /// Slices in parallel: latency falls, cost hardly rises.
    Slices,
    /// Threads that spin while they wait: few, or a busy machine stalls (p99 of 175 to 413 ms measured with libvpx).
    Spinning,
    /// Too slow with one.
    Tiles,
}

impl Threads {
    /// For a picture of so many rows on a machine with `cores`.
    pub fn count(self, cores: usize, rows: u32) -> i32 {
        match (self, cores) {
            (Self::One, _) | (_, 0 | 1) => 1,
            // A slice needs some rows to be worth its header.
            (Self::Slices, _) if rows < 256 => 1,
            (Self::Slices | Self::Tiles, 2..8) => 2,
            (Self::Slices | Self::Tiles, _) => 4,
            (Self::Spinning, 2..4) => 1,
            (Self::Spinning, 4..16) => 2,
            (Self::Spinning, _) => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_cores_and_small_pictures_get_one_thread() {
        assert_eq!(Threads::Slices.count(2, 720), 2);
        assert_eq!(Threads::Slices.count(2, 180), 1);
        assert_eq!(Threads::Spinning.count(2, 720), 1);
        assert_eq!(Threads::Spinning.count(8, 720), 2);
    }
}

//! A sliding window of the last measurements, for medians and percentiles. Pure; fixed memory.

/// Keeps the newest `N` values.
#[derive(Clone, Debug)]
pub struct Window<const N: usize> {
    values: [u32; N],
    next: usize,
    filled: usize,
}

impl<const N: usize> Default for Window<N> {
    fn default() -> Self {
        Self { values: [0; N], next: 0, filled: 0 }
    }
}

impl<const N: usize> Window<N> {
    pub fn record(&mut self, value: u32) {
        self.values[self.next] = value;
        self.next = (self.next + 1) % N;
        self.filled = (self.filled + 1).min(N);
    }

    /// The value below which `percent` of the window lies (nearest rank); 0 when nothing was recorded.
    pub fn percentile(&self, percent: u32) -> u32 {
        if self.filled == 0 {
            return 0;
        }
        let mut sorted = self.values;
        let sorted = &mut sorted[..self.filled];
        sorted.sort_unstable();
        let rank = (self.filled * percent.min(100) as usize).div_ceil(100).max(1);
        sorted[rank - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_cover_only_the_newest_values() {
        let mut w = Window::<4>::default();
        assert_eq!(w.percentile(50), 0);
        for v in [100, 1, 2, 3, 4] {
            w.record(v);
        }
        assert_eq!(w.percentile(50), 2);
        assert_eq!(w.percentile(99), 4);
        assert_eq!(w.percentile(0), 1);
    }
}

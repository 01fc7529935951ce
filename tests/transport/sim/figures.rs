//! What a run amounts to.

/// One millisecond. Bits, bit/s, seconds.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub link_bps: f64,
    pub queue: f64,
    pub pacer: f64,
    pub estimate: f64,
    pub sent: f64,
    pub delivered: f64,
    pub tcp: f64,
}

#[derive(Default)]
pub struct Series(Vec<Sample>);

/// Rates are averaged over so many ms where a moment is looked for.
const WINDOW: usize = 100;

impl Series {
    pub fn add(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    fn part(&self, from: usize, to: usize) -> &[Sample] {
        &self.0[from.min(self.0.len())..to.min(self.0.len())]
    }

    /// Mean over part of a run, in ms.
    fn mean(&self, from: usize, to: usize, value: impl Fn(&Sample) -> f64) -> f64 {
        let part = self.part(from, to);
        part.iter().map(value).sum::<f64>() / part.len().max(1) as f64
    }

    /// Share of the link that carried our packets.
    pub fn use_of_link(&self, from: usize, to: usize) -> f64 {
        self.mean(from, to, |s| s.delivered * 1e3) / self.mean(from, to, |s| s.link_bps)
    }

    /// What was sent in proportion to what the link carries.
    pub fn sent_of_link(&self, from: usize, to: usize) -> f64 {
        self.mean(from, to, |s| s.sent * 1e3) / self.mean(from, to, |s| s.link_bps)
    }

    pub fn tcp_use(&self, from: usize, to: usize) -> f64 {
        self.mean(from, to, |s| s.tcp * 1e3) / self.mean(from, to, |s| s.link_bps)
    }

    pub fn estimate(&self, from: usize, to: usize) -> f64 {
        self.mean(from, to, |s| s.estimate)
    }

    pub fn lowest_estimate(&self, from: usize, to: usize) -> f64 {
        self.part(from, to).iter().map(|s| s.estimate).fold(f64::MAX, f64::min)
    }

    pub fn highest_estimate(&self, from: usize, to: usize) -> f64 {
        self.part(from, to).iter().map(|s| s.estimate).fold(0.0, f64::max)
    }

    /// Queueing delay in ms, at this percentile.
    pub fn queue_ms(&self, from: usize, to: usize, percent: usize) -> f64 {
        let mut queues: Vec<f64> = self.part(from, to).iter().map(|s| s.queue * 1e3).collect();
        queues.sort_by(f64::total_cmp);
        queues.get((queues.len() * percent / 100).min(queues.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    /// How long after `from` less than the link's rate is sent.
    pub fn below_after(&self, from: usize) -> Option<usize> {
        (from + WINDOW..self.0.len())
            .find(|end| self.mean(end - WINDOW, *end, |s| s.sent * 1e3) < self.0[*end].link_bps)
            .map(|end| end - from)
    }

    /// How long after `from` the queue is under `ms`, and under it for all of the second that follows.
    pub fn drained_after(&self, from: usize, ms: f64) -> Option<usize> {
        let over = |i: &usize| self.0[*i].queue * 1e3 >= ms;
        let mut begins = from;
        while let Some(last) = (begins..(begins + 1000).min(self.0.len())).rfind(over) {
            begins = last + 1;
        }
        (begins < self.0.len()).then_some(begins - from)
    }

    /// How long after `from` this share of `of_bps` arrives.
    pub fn reached_after(&self, from: usize, share: f64, of_bps: f64) -> Option<usize> {
        (from + 2 * WINDOW..self.0.len())
            .find(|end| self.mean(end - 2 * WINDOW, *end, |s| s.delivered * 1e3) >= share * of_bps)
            .map(|end| end - from)
    }

    /// A line each `step` ms, to see what went on.
    pub fn print(&self, from: usize, to: usize, step: usize) {
        for begin in (from..to.min(self.0.len())).step_by(step) {
            let end = begin + step;
            println!(
                "{begin:>6} ms  link {:>6.2}  estimate {:>6.2}  sent {:>6.2}  arrived {:>6.2}  tcp {:>5.2}  queue {:>4.0} ms  pacer {:>4.0} ms",
                self.mean(begin, end, |s| s.link_bps) / 1e6,
                self.mean(begin, end, |s| s.estimate) / 1e6,
                self.mean(begin, end, |s| s.sent) / 1e3,
                self.mean(begin, end, |s| s.delivered) / 1e3,
                self.mean(begin, end, |s| s.tcp) / 1e3,
                self.mean(begin, end, |s| s.queue) * 1e3,
                self.mean(begin, end, |s| s.pacer) * 1e3,
            );
        }
    }
}

//! What a path carried when it was last used: who comes back begins there, not at a guess (as TCP keeps it for each
//! destination, RFC 9040, section 4).

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::time::Nanos;
use crate::units::Bitrate;

/// Older is a guess like any other: a phone has moved on, a neighbour's download has ended.
const LONGEST: Duration = Duration::from_secs(600);
const MOST: usize = 256;

/// Rates by the viewers' addresses, the latest last.
#[derive(Debug, Default)]
pub struct RateMemory(VecDeque<Entry>);

#[derive(Debug)]
struct Entry {
    address: IpAddr,
    at: Nanos,
    rate: Bitrate,
}

impl RateMemory {
    /// The path to `address` carries `rate` now. With too many addresses the one heard of longest ago is forgotten.
    pub fn remember(&mut self, now: Nanos, address: IpAddr, rate: Bitrate) {
        match self.0.iter().position(|entry| entry.address == address) {
            Some(position) => drop(self.0.remove(position)),
            None if self.0.len() >= MOST => drop(self.0.pop_front()),
            None => {}
        }
        self.0.push_back(Entry { address, at: now, rate });
    }

    /// What the path to `address` carried, if that is no more than ten minutes ago.
    pub fn recall(&self, now: Nanos, address: IpAddr) -> Option<Bitrate> {
        let entry = self.0.iter().find(|entry| entry.address == address)?;
        (now.saturating_since(entry.at) <= LONGEST).then_some(entry.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kbps(rate: u64) -> Bitrate {
        Bitrate::from_kbps(rate)
    }

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn the_last_rate_of_an_address_is_known_for_ten_minutes() {
        let mut memory = RateMemory::default();
        memory.remember(Nanos(0), address(1), kbps(900));
        memory.remember(Nanos(5_000_000_000), address(1), kbps(700));
        assert_eq!(memory.recall(Nanos(605_000_000_000), address(1)), Some(kbps(700)));
        assert_eq!(memory.recall(Nanos(605_000_000_001), address(1)), None);
        assert_eq!(memory.recall(Nanos(0), address(2)), None);
    }

    #[test]
    fn of_too_many_addresses_the_one_heard_of_longest_ago_is_forgotten() {
        let mut memory = RateMemory::default();
        for n in 0..256 {
            memory.remember(Nanos(0), address(n), kbps(500));
        }
        memory.remember(Nanos(1), address(0), kbps(600));
        memory.remember(Nanos(1), address(1_000), kbps(800));
        let known = |n| memory.recall(Nanos(1), address(n));
        assert_eq!(
            (known(0), known(1), known(2), known(1_000)),
            (Some(kbps(600)), None, Some(kbps(500)), Some(kbps(800)))
        );
    }
}

//! Which video packets are asked for again (NACK, RFC 4585, section 6.2.1). Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::frames::LONGEST_WAIT;
use super::sequence::Unwrapper;
use crate::time::Nanos;

/// A packet that is only out of order comes within this time.
const OUT_OF_ORDER: Duration = Duration::from_millis(3);
/// Until the same packet is asked for once more.
const AGAIN: Duration = Duration::from_millis(20);
/// Packets missing at most; where more are, a keyframe is there sooner.
pub const MOST_MISSING: usize = 128;

#[derive(Clone, Copy, Debug)]
struct Hole {
    since: Nanos,
    ask_at: Nanos,
}

/// The holes in one stream.
#[derive(Debug, Default)]
pub struct Missing {
    numbers: Unwrapper<16>,
    highest: Option<u64>,
    holes: BTreeMap<u64, Hole>,
}

impl Missing {
    /// A packet came, first or again.
    pub fn heard(&mut self, sequence: u16, now: Nanos) {
        let number = match self.highest {
            Some(_) => self.numbers.peek(sequence.into()),
            None => self.numbers.unwrap(sequence.into()),
        };
        self.holes.remove(&number);
        let highest = *self.highest.get_or_insert(number);
        if number <= highest {
            return;
        }
        self.numbers.unwrap(sequence.into());
        self.highest = Some(number);
        if number - highest > MOST_MISSING as u64 {
            self.holes.clear();
            return;
        }
        let hole = Hole { since: now, ask_at: now + OUT_OF_ORDER };
        self.holes.extend((highest + 1..number).map(|missing| (missing, hole)));
        while self.holes.len() > MOST_MISSING {
            self.holes.pop_first();
        }
    }

    /// When [`ask`](Self::ask) has something to say.
    pub fn due(&self) -> Option<Nanos> {
        self.holes.values().map(|hole| hole.ask_at).min()
    }

    /// The packets to ask for now.
    pub fn ask(&mut self, now: Nanos) -> Vec<u16> {
        // Nobody waits for them any more.
        self.holes.retain(|_, hole| now.saturating_since(hole.since) < LONGEST_WAIT);
        let due = self.holes.iter_mut().filter(|(_, hole)| hole.ask_at <= now);
        due.map(|(number, hole)| {
            hole.ask_at = now + AGAIN;
            *number as u16
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    #[test]
    fn a_hole_is_asked_for_until_it_is_filled_or_too_old() {
        let mut missing = Missing::default();
        missing.heard(65_535, at(0));
        missing.heard(2, at(0));
        assert!(missing.ask(at(2)).is_empty() && missing.due() == Some(at(3)));
        missing.heard(0, at(2));
        assert_eq!(missing.ask(at(3)), [1]);
        assert!(missing.ask(at(22)).is_empty());
        assert_eq!(missing.ask(at(23)), [1]);
        assert!(missing.ask(at(60)).is_empty());
        assert_eq!(missing.due(), None);
    }

    #[test]
    fn a_large_jump_asks_for_nothing() {
        let mut missing = Missing::default();
        missing.heard(0, at(0));
        missing.heard(1_000, at(0));
        assert!(missing.ask(at(10)).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_comes_what_is_asked_for_is_bounded_and_has_not_come(numbers in prop::collection::vec(any::<u16>(), 0..300)) {
            let mut missing = Missing::default();
            for (i, number) in numbers.iter().enumerate() {
                missing.heard(*number, at(i as u64));
                let asked = missing.ask(at(i as u64));
                prop_assert!(asked.len() <= MOST_MISSING && !asked.contains(number));
            }
        }
    }
}

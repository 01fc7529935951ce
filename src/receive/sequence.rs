//! Numbers of RTP that wrap (RFC 3550, section 5.1), as numbers that do not. Pure.

/// Where unwrapped numbers begin: far enough from zero that what came before the first packet has a number too.
const ORIGIN: u64 = 1 << 40;

/// Unwraps numbers of `BITS` bits (16: sequence numbers, 32: timestamps). Each is taken for the nearest to the one before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrapper<const BITS: u32> {
    last: Option<u64>,
}

impl<const BITS: u32> Unwrapper<BITS> {
    const MODULUS: u64 = 1 << BITS;

    /// Only the low `BITS` bits of `number` count.
    pub fn unwrap(&mut self, number: u32) -> u64 {
        let unwrapped = self.peek(number);
        self.last = Some(unwrapped);
        unwrapped
    }

    /// The same, but the number is not remembered.
    pub fn peek(&self, number: u32) -> u64 {
        let number = u64::from(number) % Self::MODULUS;
        let Some(last) = self.last else { return ORIGIN + number };
        let ahead = number.wrapping_sub(last) % Self::MODULUS;
        // Nobody sends so long that this ends; a hostile sender gets no further than a number that stands still.
        if ahead < Self::MODULUS / 2 { last.saturating_add(ahead) } else { last.saturating_sub(Self::MODULUS - ahead) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_go_on_where_they_wrap_in_both_directions() {
        let mut numbers = Unwrapper::<16>::default();
        let first = numbers.unwrap(65_534);
        assert_eq!(numbers.unwrap(1), first + 3);
        assert_eq!(numbers.unwrap(65_535), first + 1);
        assert_eq!(numbers.peek(0), first + 2);
    }

    proptest! {
        #[test]
        fn steps_below_half_of_the_range_are_exact(start: u32, steps in prop::collection::vec(-32_000i64..32_000, 0..200)) {
            let (mut short, mut long) = (Unwrapper::<16>::default(), Unwrapper::<32>::default());
            let (mut number, mut at) = (i64::from(start), None);
            for step in steps {
                let told = number as u32;
                let both = (short.unwrap(told), long.unwrap(told));
                if let Some((was, a, b)) = at {
                    let moved: i64 = number - was;
                    prop_assert_eq!(both.0 as i64 - a as i64, moved);
                    prop_assert_eq!(both.1 as i64 - b as i64, moved);
                }
                at = Some((number, both.0, both.1));
                number += step;
            }
        }

        #[test]
        fn any_numbers_are_taken(numbers in prop::collection::vec(any::<u32>(), 0..100)) {
            let mut unwrapper = Unwrapper::<32>::default();
            for number in numbers {
                prop_assert_eq!(unwrapper.unwrap(number) as u32, number);
            }
        }
    }
}

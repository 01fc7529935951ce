//! Keys that are down.

use crate::input::event::InputKind;
use crate::input::events::Events;
use crate::input::key::UNITY_MAX;

/// Bit k: key k is down. Every number of a key fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys([u128; 2]);

impl Keys {
    /// Of a bit field in which other bits may be set too.
    pub(super) fn of_unity(bits: u128) -> Self {
        Self([bits & ((2u128 << UNITY_MAX) - 2), 0])
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub(super) fn has(self, key: u16) -> bool {
        let (word, bit) = place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(super) fn set(&mut self, key: u16, down: bool) {
        let (word, bit) = place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word = if down { *word | bit } else { *word & !bit };
        }
    }

    /// From now on these are down. Tells what changed, the keys that went up first.
    pub(super) fn replace(&mut self, keys: Self, out: &mut Events) {
        let before = std::mem::replace(self, keys);
        let changed = |from: Self, to: Self| [from.0[0] & !to.0[0], from.0[1] & !to.0[1]];
        push(changed(before, keys), false, out);
        push(changed(keys, before), true, out);
    }
}

fn place(key: u16) -> (usize, u128) {
    (usize::from(key / 128), 1 << (key % 128))
}

fn push(words: [u128; 2], down: bool, out: &mut Events) {
    for (first, mut bits) in [0, 128].into_iter().zip(words) {
        while bits != 0 {
            let key = first + bits.trailing_zeros() as u16;
            out.push(InputKind::Key { key, down, repeat: false, character: None });
            bits &= bits - 1;
        }
    }
}

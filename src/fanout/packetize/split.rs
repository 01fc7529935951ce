//! Cutting a frame into packets of about the same size, all written into one allocation.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};

/// Ranges that cover `len` bytes in the fewest pieces of at most `room`, all but the last equally large: a small last packet
/// would cost as much as a large one, and the system takes packets of one size, the last excepted, in one call (GSO). The
/// first piece leaves `first_extra` bytes of its room free, less than half of it.
pub(super) fn evenly(len: usize, room: usize, first_extra: usize) -> impl Iterator<Item = Range<usize>> {
    let total = len + first_extra;
    let pieces = total.div_ceil(room.max(1)).max(1);
    let size = total.div_ceil(pieces);
    let mut from = 0;
    (0..pieces).map(move |i| {
        let extra = if i == 0 { first_extra } else { 0 };
        let to = (from + size).saturating_sub(extra).min(len);
        let piece = from..to;
        from = to;
        piece
    })
}

/// The payloads of one frame, carved one after another from one buffer that is allocated when first needed.
pub(super) struct Carver {
    buffer: BytesMut,
    capacity: usize,
    payloads: Vec<Bytes>,
}

impl Carver {
    /// `capacity`: at least the bytes of all payloads that will be written.
    pub(super) fn new(capacity: usize) -> Self {
        Self { buffer: BytesMut::new(), capacity, payloads: Vec::new() }
    }

    /// Writes one payload, part by part.
    pub(super) fn write(&mut self, parts: &[&[u8]]) {
        self.write_with(|buffer| parts.iter().for_each(|part| buffer.put_slice(part)));
    }

    pub(super) fn write_with(&mut self, write: impl FnOnce(&mut BytesMut)) {
        if self.capacity > 0 {
            self.buffer.reserve(std::mem::take(&mut self.capacity));
        }
        write(&mut self.buffer);
        self.payloads.push(self.buffer.split().freeze());
    }

    /// Adds a payload that already lies in memory.
    pub(super) fn share(&mut self, payload: Bytes) {
        self.payloads.push(payload);
    }

    pub(super) fn finish(self) -> Vec<Bytes> {
        self.payloads
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_are_balanced() {
        let lens: Vec<usize> = evenly(2_400, 1_180, 0).map(|r| r.len()).collect();
        assert_eq!(lens, [800, 800, 800]);
        let lens: Vec<usize> = evenly(2_400, 1_180, 8).map(|r| r.len()).collect();
        assert_eq!(lens, [795, 803, 802]);
        let lens: Vec<usize> = evenly(5_001, 1_180, 0).map(|r| r.len()).collect();
        assert_eq!(lens, [1_001, 1_001, 1_001, 1_001, 997]);
    }

    proptest! {
        #[test]
        fn pieces_cover_everything_in_the_fewest_packets(len in 1usize..10_000, room in 40usize..1_300, extra in 0usize..16) {
            let pieces: Vec<_> = evenly(len, room, extra).collect();
            let mut at = 0;
            for (i, piece) in pieces.iter().enumerate() {
                prop_assert_eq!(piece.start, at);
                prop_assert!(!piece.is_empty());
                let extra = if i == 0 { extra } else { 0 };
                prop_assert!(piece.len() + extra <= room);
                at = piece.end;
            }
            prop_assert_eq!(at, len);
            prop_assert_eq!(pieces.len(), (len + extra).div_ceil(room));
        }
    }
}

//! VP8 (RFC 7741): one partition as far as the receiver cares, with a 15-bit PictureID, as browsers send it themselves, and
//! the frame's place among temporal layers where there are any.

use bytes::Bytes;

use super::split::{Carver, evenly};
use crate::encode::Temporal;

/// Extended control bits present.
const X: u8 = 0x80;
/// Start of the partition.
const S: u8 = 0x10;
/// Non-reference frame.
const N: u8 = 0x20;
/// PictureID, TL0PICIDX, and TID with the layer sync bit are present.
const I: u8 = 0x80;
const L: u8 = 0x40;
const T: u8 = 0x20;
/// Layer sync.
const Y: u8 = 0x20;
/// PictureID has 15 bits.
const M: u8 = 0x80;
/// Without and with temporal layers.
const SHORT: usize = 4;
const LONG: usize = 6;

/// `place`: the frame's place among temporal layers, and TL0PICIDX.
pub(super) fn payloads(data: &Bytes, picture_id: u16, place: Option<(Temporal, u8)>, limit: usize) -> Vec<Bytes> {
    let [id_high, id_low] = picture_id.to_be_bytes();
    let mut descriptor = [X, I, M | id_high, id_low, 0, 0];
    let mut len = SHORT;
    if let Some((temporal, base_index)) = place {
        descriptor[0] |= if temporal.discardable { N } else { 0 };
        descriptor[1] |= L | T;
        descriptor[4] = base_index;
        descriptor[5] = (temporal.id & 3) << 6 | if temporal.sync { Y } else { 0 };
        len = LONG;
    }
    let room = limit - len;
    let mut carver = Carver::new(data.len() + len * data.len().div_ceil(room));
    for piece in evenly(data.len(), room, 0) {
        let start = if piece.start == 0 { S } else { 0 };
        carver.write(&[&[descriptor[0] | start], &descriptor[1..len], &data[piece]]);
    }
    carver.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Descriptor {
        picture_id: u16,
        non_reference: bool,
        /// TL0PICIDX, TID, Y.
        layers: Option<(u8, u8, bool)>,
    }

    /// An independent receiver, written from RFC 7741, section 4.2. Gives what the packets say of the frame, and the frame.
    fn depacketize(payloads: &[Bytes]) -> (Descriptor, Vec<u8>) {
        let mut frame = Vec::new();
        let mut said = None;
        for (i, p) in payloads.iter().enumerate() {
            assert_eq!(p[0] & 0x80, 0x80, "extension");
            assert_eq!(p[0] & 0x4F, 0, "reserved and partition index");
            assert_eq!(p[0] & 0x10 != 0, i == 0, "start of partition");
            assert_eq!(p[1] & 0x9F, 0x80, "PictureID, no KEYIDX, reserved");
            assert_eq!(p[1] & 0x40 != 0, p[1] & 0x20 != 0, "TL0PICIDX needs TID, and here TID comes with it");
            assert_eq!(p[2] & 0x80, 0x80, "15 bits");
            let mut at = 4;
            let mut layers = None;
            if p[1] & 0x40 != 0 {
                assert_eq!(p[5] & 0x1F, 0, "KEYIDX");
                layers = Some((p[4], p[5] >> 6, p[5] & 0x20 != 0));
                at = 6;
            }
            let picture_id = u16::from_be_bytes([p[2] & 0x7F, p[3]]);
            let descriptor = Descriptor { picture_id, non_reference: p[0] & 0x20 != 0, layers };
            assert_eq!(*said.get_or_insert(descriptor), descriptor);
            frame.extend_from_slice(&p[at..]);
        }
        (said.unwrap(), frame)
    }

    #[test]
    fn packets_lie_in_one_allocation() {
        let payloads = payloads(&vec![9; 5_000].into(), 1, None, 1_180);
        assert_eq!(payloads.len(), 5);
        for pair in payloads.windows(2) {
            assert_eq!(pair[0].as_ptr_range().end, pair[1].as_ptr());
        }
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(
            data in proptest::collection::vec(any::<u8>(), 1..6_000), picture_id in 0u16..0x8000, limit in 64usize..1_400,
            place in proptest::option::of((0u8..4, any::<[bool; 2]>(), any::<u8>())),
        ) {
            let temporal = |id, [discardable, sync]: [bool; 2]| Temporal { id, discardable, sync };
            let given = place.map(|(id, bits, base)| (temporal(id, bits), base));
            let payloads = payloads(&data.clone().into(), picture_id, given, limit);
            prop_assert!(payloads.iter().all(|p| p.len() <= limit && p.len() > SHORT));
            let said = Descriptor {
                picture_id,
                non_reference: given.is_some_and(|(temporal, _)| temporal.discardable),
                layers: given.map(|(temporal, base)| (base, temporal.id, temporal.sync)),
            };
            prop_assert_eq!(depacketize(&payloads), (said, data));
        }
    }
}

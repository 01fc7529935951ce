//! VP8 (RFC 7741): one partition as far as the receiver cares, with a 15-bit PictureID, as browsers send it themselves.

use bytes::Bytes;

use super::split::{Carver, evenly};

/// Extended control bits present.
const X: u8 = 0x80;
/// Start of the partition.
const S: u8 = 0x10;
/// PictureID present.
const I: u8 = 0x80;
/// PictureID has 15 bits.
const M: u8 = 0x80;
const DESCRIPTOR: usize = 4;

pub(super) fn payloads(data: &Bytes, picture_id: u16, limit: usize) -> Vec<Bytes> {
    let room = limit - DESCRIPTOR;
    let [id_high, id_low] = picture_id.to_be_bytes();
    let mut carver = Carver::new(data.len() + DESCRIPTOR * data.len().div_ceil(room));
    for piece in evenly(data.len(), room, 0) {
        let start = if piece.start == 0 { S } else { 0 };
        carver.write(&[&[X | start, I, M | id_high, id_low], &data[piece]]);
    }
    carver.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An independent receiver, written from RFC 7741, section 4.2. Gives PictureID and frame.
    fn depacketize(payloads: &[Bytes]) -> (u16, Vec<u8>) {
        let mut frame = Vec::new();
        let mut picture = None;
        for (i, p) in payloads.iter().enumerate() {
            assert_eq!(p[0] & 0x80, 0x80, "extension");
            assert_eq!(p[0] & 0x6F, 0, "reserved, non-reference and partition index");
            assert_eq!(p[0] & 0x10 != 0, i == 0, "start of partition");
            assert_eq!(p[1], 0x80, "PictureID and nothing else");
            assert_eq!(p[2] & 0x80, 0x80, "15 bits");
            let id = u16::from_be_bytes([p[2] & 0x7F, p[3]]);
            assert_eq!(*picture.get_or_insert(id), id);
            frame.extend_from_slice(&p[4..]);
        }
        (picture.unwrap(), frame)
    }

    #[test]
    fn packets_lie_in_one_allocation() {
        let payloads = payloads(&vec![9; 5_000].into(), 1, 1_180);
        assert_eq!(payloads.len(), 5);
        for pair in payloads.windows(2) {
            assert_eq!(pair[0].as_ptr_range().end, pair[1].as_ptr());
        }
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(
            data in proptest::collection::vec(any::<u8>(), 1..6_000), id in 0u16..0x8000, limit in 64usize..1_400,
        ) {
            let payloads = payloads(&data.clone().into(), id, limit);
            prop_assert!(payloads.iter().all(|p| p.len() <= limit && p.len() > DESCRIPTOR));
            prop_assert_eq!(depacketize(&payloads), (id, data));
        }
    }
}

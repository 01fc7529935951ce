//! VP9 (RFC 9628), non-flexible mode, one spatial and one temporal layer: PictureID on every packet, the scalability
//! structure on the first packet of a keyframe.

use bytes::Bytes;

use super::split::{Carver, evenly};
use crate::units::Size;

/// PictureID present.
const I: u8 = 0x80;
/// Inter-picture predicted. Browsers take a frame without it for a keyframe.
const P: u8 = 0x40;
/// Beginning and end of the frame.
const B: u8 = 0x08;
const E: u8 = 0x04;
/// Scalability structure present.
const V: u8 = 0x02;
/// PictureID has 15 bits.
const M: u8 = 0x80;
const DESCRIPTOR: usize = 3;
const STRUCTURE: usize = 8;

pub(super) fn payloads(data: &Bytes, keyframe: bool, size: Size, picture_id: u16, limit: usize) -> Vec<Bytes> {
    let room = limit - DESCRIPTOR;
    let [id_high, id_low] = picture_id.to_be_bytes();
    let structure = structure(size);
    let structure: &[u8] = if keyframe { &structure } else { &[] };
    let predicted = if keyframe { 0 } else { P };
    let total = data.len() + structure.len();
    let mut carver = Carver::new(total + DESCRIPTOR * total.div_ceil(room));
    for piece in evenly(data.len(), room, structure.len()) {
        let first = piece.start == 0;
        let begin = if first { B } else { 0 };
        let end = if piece.end == data.len() { E } else { 0 };
        let (v, structure) = if first && keyframe { (V, structure) } else { (0, [].as_slice()) };
        carver.write(&[&[I | predicted | begin | end | v, M | id_high, id_low], structure, &data[piece]]);
    }
    carver.finish()
}

/// Section 4.2.1: one spatial layer with its size, and a picture group of one picture that refers to the one before.
fn structure(size: Size) -> [u8; STRUCTURE] {
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX).to_be_bytes();
    let ([w1, w0], [h1, h0]) = (side(size.width), side(size.height));
    // N_S = 0, Y = 1, G = 1 | WIDTH | HEIGHT | N_G = 1 | TID = 0, U = 0, R = 1 | P_DIFF = 1
    [0b0001_1000, w1, w0, h1, h0, 1, 0b0000_0100, 1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Received {
        picture_id: u16,
        predicted: bool,
        /// Width and height of the only layer.
        structure: Option<(u16, u16)>,
        frame: Vec<u8>,
    }

    /// An independent receiver, written from RFC 9628, section 4.2.
    fn depacketize(payloads: &[Bytes]) -> Received {
        let mut received: Option<Received> = None;
        for (i, p) in payloads.iter().enumerate() {
            let [first, id_high, id_low] = [p[0], p[1], p[2]];
            assert_eq!(first & 0b1011_0001, 0b1000_0000, "I, no L, no F, no Z");
            assert_eq!(first & B != 0, i == 0);
            assert_eq!(first & E != 0, i == payloads.len() - 1);
            assert_eq!(id_high & 0x80, 0x80);
            let picture_id = u16::from_be_bytes([id_high & 0x7F, id_low]);
            let predicted = first & 0x40 != 0;
            let mut body = &p[3..];
            let mut structure = None;
            if first & 0x02 != 0 {
                assert_eq!(i, 0);
                let (layers, has_sizes, has_group) = ((body[0] >> 5) + 1, body[0] & 0x10 != 0, body[0] & 0x08 != 0);
                assert_eq!((layers, has_sizes, has_group), (1, true, true));
                structure = Some((u16::from_be_bytes([body[1], body[2]]), u16::from_be_bytes([body[3], body[4]])));
                let pictures = body[5];
                assert_eq!(pictures, 1);
                let references = usize::from(body[6] >> 2 & 3);
                assert_eq!((body[6] >> 4, references, body[7]), (0, 1, 1));
                body = &body[7 + references..];
            }
            let all = received.get_or_insert(Received { picture_id, predicted, structure, frame: Vec::new() });
            assert_eq!((all.picture_id, all.predicted), (picture_id, predicted));
            all.frame.extend_from_slice(body);
        }
        received.unwrap()
    }

    #[test]
    fn only_keyframes_say_they_are_not_predicted() {
        let size = Size::new(640, 480);
        let p_bit = |keyframe| payloads(&vec![1; 3_000].into(), keyframe, size, 0, 1_180).iter().all(|p| p[0] & P != 0);
        assert!(p_bit(false));
        assert!(!p_bit(true));
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(
            data in proptest::collection::vec(any::<u8>(), 1..6_000),
            keyframe: bool, picture_id in 0u16..0x8000, limit in 64usize..1_400,
        ) {
            let payloads = payloads(&data.clone().into(), keyframe, Size::new(1920, 1080), picture_id, limit);
            prop_assert!(payloads.iter().all(|p| p.len() <= limit));
            let structure = keyframe.then_some((1920, 1080));
            prop_assert_eq!(depacketize(&payloads), Received { picture_id, predicted: !keyframe, structure, frame: data });
        }
    }
}

//! PictureIDs as one viewer sees them. Each layer counts its own pictures, so a change of layer may go back or jump; a
//! browser takes a frame that goes back for an old one and drops it.
//!
//! What follows a keyframe is moved so that the keyframe goes on where the viewer was. Payloads are shared by all viewers
//! and copied only for one whose numbers are moved.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::encode::Codec;
use crate::fanout::frame::PacketizedFrame;

/// PictureIDs have 15 bits.
const ID_MASK: u16 = 0x7FFF;
/// A step ahead of at most this is taken as such (half of the range would be ambiguous).
const AHEAD: u16 = 0x2000;
/// The same for TL0PICIDX, which has 8.
const AHEAD_TL0: u8 = 0x40;

/// Where the numbers of one payload are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    id_at: usize,
    id: u16,
    /// TL0PICIDX, where the encoder has temporal layers.
    tl0: Option<(usize, u8)>,
}

/// One viewer's.
#[derive(Clone, Debug, Default)]
pub struct PictureIds {
    codec: Option<Codec>,
    last: Option<(u16, Option<u8>)>,
    /// Added to what comes in, modulo 2^15 and 2^8.
    moved: (u16, u8),
}

impl PictureIds {
    /// The frame with this viewer's numbers; frames of codecs without any stay as they are.
    pub fn renumber(&mut self, frame: Arc<PacketizedFrame>) -> Arc<PacketizedFrame> {
        if self.codec != Some(frame.codec) {
            *self = Self { codec: Some(frame.codec), ..Self::default() };
        }
        let Some(first) = frame.payloads.first().and_then(|payload| numbers(frame.codec, payload)) else {
            return frame;
        };
        if frame.keyframe
            && let Some((last, last_tl0)) = self.last
        {
            // Unmoved where that goes ahead, so that the payloads are shared again.
            let ahead = first.id.wrapping_sub(last) & ID_MASK;
            let goes_ahead = (1..=AHEAD).contains(&ahead);
            self.moved.0 = if goes_ahead { 0 } else { last.wrapping_add(1).wrapping_sub(first.id) & ID_MASK };
            // A keyframe is of the lowest temporal layer: the next of its kind.
            if let (Some(last), Some((_, tl0))) = (last_tl0, first.tl0) {
                let goes_ahead = (1..=AHEAD_TL0).contains(&tl0.wrapping_sub(last));
                self.moved.1 = if goes_ahead { 0 } else { last.wrapping_add(1).wrapping_sub(tl0) };
            }
        }
        self.last = Some((self.id(first.id), first.tl0.map(|(_, tl0)| tl0.wrapping_add(self.moved.1))));
        if self.moved == (0, 0) {
            return frame;
        }
        let payloads = self.rewrite(&frame);
        Arc::new(PacketizedFrame { payloads, ..PacketizedFrame::clone(&frame) })
    }

    fn id(&self, id: u16) -> u16 {
        id.wrapping_add(self.moved.0) & ID_MASK
    }

    /// Copies of the payloads, in one allocation.
    fn rewrite(&self, frame: &PacketizedFrame) -> Vec<Bytes> {
        let mut all = BytesMut::with_capacity(frame.payloads.iter().map(Bytes::len).sum());
        let copies = frame.payloads.iter().map(|payload| {
            all.extend_from_slice(payload);
            let mut copy = all.split();
            if let Some(Numbers { id_at, id, tl0 }) = numbers(frame.codec, payload) {
                let [high, low] = self.id(id).to_be_bytes();
                if let Some([to_high, to_low]) = copy.get_mut(id_at..id_at + 2) {
                    // The uppermost bit says that there are 15.
                    (*to_high, *to_low) = (0x80 | high, low);
                }
                if let Some((to, tl0)) = tl0.and_then(|(at, tl0)| Some((copy.get_mut(at)?, tl0))) {
                    *to = tl0.wrapping_add(self.moved.1);
                }
            }
            copy.freeze()
        });
        copies.collect()
    }
}

/// Finds the numbers in a payload of ours; None where there are none of 15 bits.
fn numbers(codec: Codec, payload: &[u8]) -> Option<Numbers> {
    let (id_at, has_tl0, between) = match codec {
        // RFC 7741, section 4.2: X, then I and L in the byte after it, M in the PictureID's first; TL0PICIDX follows it.
        Codec::Vp8 => {
            let control = *payload.get(1).filter(|_| payload[0] & 0x80 != 0)?;
            (control & 0x80 != 0).then_some(())?;
            (2, control & 0x40 != 0, 0)
        }
        // RFC 9628, section 4.2: I, L and F in the first byte; TID lies between PictureID and TL0PICIDX, which only the
        // non-flexible mode has.
        Codec::Vp9 => {
            let first = *payload.first()?;
            (first & 0x80 != 0).then_some(())?;
            (1, first & 0x20 != 0 && first & 0x10 == 0, 1)
        }
        Codec::H264 | Codec::Av1 => return None,
    };
    let &[high, low] = payload.get(id_at..id_at + 2)? else { return None };
    (high & 0x80 != 0).then_some(())?;
    let tl0_at = id_at + 2 + between;
    let tl0 = if has_tl0 { Some((tl0_at, *payload.get(tl0_at)?)) } else { None };
    Some(Numbers { id_at, id: u16::from_be_bytes([high, low]) & ID_MASK, tl0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::Packetizer;
    use crate::fanout::packetize::tests::encoded;
    use proptest::prelude::*;

    fn picture(packetizer: &mut Packetizer, codec: Codec, keyframe: bool) -> Arc<PacketizedFrame> {
        Arc::new(packetizer.packetize(&encoded(codec, vec![7; 3_000], keyframe)))
    }

    fn id(frame: &PacketizedFrame) -> u16 {
        let ids: Vec<u16> = frame.payloads.iter().map(|p| numbers(frame.codec, p).unwrap().id).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        ids[0]
    }

    #[test]
    fn a_change_of_layer_goes_on_where_the_viewer_was_whatever_the_new_layer_counts() {
        for codec in [Codec::Vp8, Codec::Vp9] {
            let (mut old, mut new, mut ids) = (Packetizer::new(codec), Packetizer::new(codec), PictureIds::default());
            let seen: Vec<u16> = (0..100).map(|n| id(&ids.renumber(picture(&mut old, codec, n == 0)))).collect();
            assert_eq!(seen, (0..100).collect::<Vec<_>>());
            let seen: Vec<u16> = (0..50).map(|n| id(&ids.renumber(picture(&mut new, codec, n == 0)))).collect();
            assert_eq!(seen, (100..150).collect::<Vec<_>>(), "{codec:?}");
            (0..20).for_each(|_| drop(picture(&mut old, codec, false)));
            assert_eq!(id(&ids.renumber(picture(&mut old, codec, true))), 150, "and back");
        }
    }

    #[test]
    fn who_never_changed_its_layer_shares_the_payloads_and_lost_frames_stay_lost() {
        let (mut packetizer, mut ids) = (Packetizer::new(Codec::Vp8), PictureIds::default());
        let first = picture(&mut packetizer, Codec::Vp8, true);
        assert!(Arc::ptr_eq(&first, &ids.renumber(Arc::clone(&first))));
        drop(picture(&mut packetizer, Codec::Vp8, false));
        assert_eq!(id(&ids.renumber(picture(&mut packetizer, Codec::Vp8, false))), 2);
        assert_eq!(id(&ids.renumber(picture(&mut packetizer, Codec::Vp8, true))), 3);
    }

    #[test]
    fn moved_payloads_differ_in_their_numbers_only_and_lie_in_one_allocation() {
        let (mut old, mut new, mut ids) =
            (Packetizer::new(Codec::Vp9), Packetizer::new(Codec::Vp9), PictureIds::default());
        (0..3).for_each(|n| drop(ids.renumber(picture(&mut old, Codec::Vp9, n == 0))));
        let plain = picture(&mut new, Codec::Vp9, true);
        let moved = ids.renumber(Arc::clone(&plain));
        assert_eq!((id(&plain), id(&moved), plain.payloads.len()), (0, 3, moved.payloads.len()));
        for (a, b) in plain.payloads.iter().zip(&moved.payloads) {
            assert_eq!((a[0], &a[3..]), (b[0], &b[3..]));
        }
        for pair in moved.payloads.windows(2) {
            assert_eq!(pair[0].as_ptr_range().end, pair[1].as_ptr());
        }
    }

    #[test]
    fn temporal_layers_go_on_counting_too() {
        let frame = |id: u8, tl0: u8, keyframe| {
            let payload = vec![0x90, 0xE0, 0x80, id, tl0, 0x20, 1, 2, 3];
            let plain = Packetizer::new(Codec::Vp8).packetize(&encoded(Codec::Vp8, vec![1], keyframe));
            Arc::new(PacketizedFrame { payloads: vec![payload.into()], ..plain })
        };
        let mut ids = PictureIds::default();
        let mut seen = |id, tl0, keyframe| {
            let moved = ids.renumber(frame(id, tl0, keyframe));
            (moved.payloads[0][3], moved.payloads[0][4])
        };
        assert_eq!([seen(0, 200, true), seen(1, 200, false), seen(2, 201, false)], [(0, 200), (1, 200), (2, 201)]);
        assert_eq!([seen(0, 150, true), seen(1, 151, false)], [(3, 202), (4, 203)]);
        assert_eq!(seen(90, 220, true), (90, 220), "a step ahead needs no moving");
    }

    #[test]
    fn codecs_without_numbers_pass_and_another_codec_begins_anew() {
        let (mut vp8, mut ids) = (Packetizer::new(Codec::Vp8), PictureIds::default());
        (0..9).for_each(|n| drop(ids.renumber(picture(&mut vp8, Codec::Vp8, n == 0))));
        let h264 = picture(&mut Packetizer::new(Codec::H264), Codec::H264, true);
        assert!(Arc::ptr_eq(&h264, &ids.renumber(Arc::clone(&h264))));
        assert_eq!(id(&ids.renumber(picture(&mut Packetizer::new(Codec::Vp8), Codec::Vp8, true))), 0);
    }

    proptest! {
        #[test]
        fn any_payload_is_survived_and_keeps_its_length(
            frames in proptest::collection::vec(
                (any::<bool>(), proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..12), 0..3)), 0..40)
        ) {
            let mut ids = PictureIds::default();
            for (keyframe, payloads) in frames {
                for codec in Codec::ALL {
                    let plain = Packetizer::new(codec).packetize(&encoded(codec, vec![1], keyframe));
                    let payloads: Vec<Bytes> = payloads.iter().cloned().map(Bytes::from).collect();
                    let moved = ids.renumber(Arc::new(PacketizedFrame { payloads: payloads.clone(), ..plain }));
                    prop_assert_eq!(
                        moved.payloads.iter().map(Bytes::len).collect::<Vec<_>>(),
                        payloads.iter().map(Bytes::len).collect::<Vec<_>>()
                    );
                }
            }
        }

        #[test]
        fn numbers_never_go_back_over_any_number_of_changes(
            watched in proptest::collection::vec((0usize..3, 1usize..40), 1..60)
        ) {
            let mut layers: Vec<Packetizer> = (0..3).map(|_| Packetizer::new(Codec::Vp8)).collect();
            let (mut ids, mut last) = (PictureIds::default(), None::<u16>);
            for (layer, pictures) in watched {
                for n in 0..pictures {
                    let frames: Vec<_> =
                        layers.iter_mut().map(|layer| picture(layer, Codec::Vp8, n == 0)).collect();
                    let now = id(&ids.renumber(Arc::clone(&frames[layer])));
                    let ahead = now.wrapping_sub(last.unwrap_or(now.wrapping_sub(1))) & ID_MASK;
                    prop_assert!(n == 0 && (1..=AHEAD).contains(&ahead) || ahead == 1);
                    last = Some(now);
                }
                layers[(layer + 1) % 3] = Packetizer::new(Codec::Vp8);
            }
        }
    }
}

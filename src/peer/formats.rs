//! The video formats that both sides have agreed on. Any of them may be sent at any time (RFC 3264, section 6.1), so a change
//! of codec needs no negotiation: each frame leaves with its own codec's payload type.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::encode::Codec;

use super::choice::VideoChoice;

/// A payload type in the low byte, that of its retransmissions in the next one; `NO` stands for none.
const NO: u32 = 0xFF;
const NOTHING: u32 = NO << 8 | NO;

/// Payload types by codec; read for every packet, without a lock.
#[derive(Debug)]
pub struct SendFormats([AtomicU32; Codec::ALL.len()]);

impl Default for SendFormats {
    fn default() -> Self {
        Self([const { AtomicU32::new(NOTHING) }; Codec::ALL.len()])
    }
}

impl SendFormats {
    /// What was agreed on last; what is not among `agreed` is not to be sent any more.
    pub fn set<'a>(&self, agreed: impl Iterator<Item = &'a VideoChoice> + Clone) {
        for (codec, format) in Codec::ALL.into_iter().zip(&self.0) {
            let both = agreed
                .clone()
                .find(|choice| choice.codec == codec)
                .map_or(NOTHING, |choice| u32::from(choice.payload_type) | choice.rtx.map_or(NO, u32::from) << 8);
            format.store(both, Ordering::Release);
        }
    }

    pub fn payload_type(&self, codec: Codec) -> Option<u8> {
        let place = Codec::ALL.iter().position(|known| *known == codec)?;
        let both = self.0.get(place)?.load(Ordering::Acquire);
        known(both)
    }

    /// What a packet of this payload type is sent again as (RFC 4588).
    pub fn rtx(&self, payload_type: u8) -> Option<u8> {
        let formats = self.0.iter().map(|format| format.load(Ordering::Acquire));
        formats.filter(|both| known(*both) == Some(payload_type)).find_map(|both| known(both >> 8))
    }
}

fn known(number: u32) -> Option<u8> {
    // Dynamic payload types end at 127 (RFC 3551, section 3).
    u8::try_from(number & 0xFF).ok().filter(|number| u32::from(*number) != NO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::choice::RequestedRates;

    fn choice(codec: Codec, payload_type: u8, rtx: Option<u8>) -> VideoChoice {
        let (fec, fmtp, rates) = (None, String::new(), RequestedRates::default());
        VideoChoice { codec, payload_type, rtx, fec, fmtp, rates }
    }

    #[test]
    fn each_codec_has_its_own_numbers_until_it_is_agreed_on_no_more() {
        let formats = SendFormats::default();
        let codecs =
            || Codec::ALL.into_iter().filter(|codec| formats.payload_type(*codec).is_some()).collect::<Vec<_>>();
        assert_eq!((codecs(), formats.rtx(96)), (vec![], None));
        let agreed = [choice(Codec::Vp8, 96, Some(97)), choice(Codec::H264, 0, None)];
        formats.set(agreed.iter());
        assert_eq!(codecs(), [Codec::H264, Codec::Vp8]);
        assert_eq!((formats.payload_type(Codec::Vp8), formats.rtx(96)), (Some(96), Some(97)));
        assert_eq!((formats.payload_type(Codec::H264), formats.rtx(0)), (Some(0), None));
        formats.set(agreed[..1].iter());
        assert_eq!(codecs(), [Codec::Vp8]);
        formats.set([].iter());
        assert!(codecs().is_empty());
    }
}

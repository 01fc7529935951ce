//! What each payload type is, as both sides agreed (RFC 8866, `a=rtpmap`). Pure.

use super::{Encoding, Medium};

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Media(Encoding),
    /// Packets of this other type, sent again (RFC 4588).
    Again(u8),
}

/// Every payload type of a connection. Nothing is received where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats([Option<Format>; 128]);

impl Default for Formats {
    fn default() -> Self {
        Self([None; 128])
    }
}

impl Formats {
    /// Numbers above 127 are no payload types, and say nothing.
    pub fn set(&mut self, payload_type: u8, format: Format) {
        if let Some(place) = self.0.get_mut(usize::from(payload_type)) {
            *place = Some(format);
        }
    }

    /// Nothing of this medium is received.
    pub fn forget(&mut self, medium: Medium) {
        let is_it = |format: Format| match format {
            Format::Media(encoding) => encoding.medium() == medium,
            Format::Again(_) => medium == Medium::Video,
        };
        self.0.iter_mut().filter(|place| place.is_some_and(is_it)).for_each(|place| *place = None);
    }

    pub fn get(&self, payload_type: u8) -> Option<Format> {
        *self.0.get(usize::from(payload_type))?
    }

    /// What is sent again by this type, if it is that of retransmissions.
    pub fn repaired(&self, payload_type: u8) -> Option<Encoding> {
        match self.get(payload_type)? {
            Format::Again(original) => match self.get(original)? {
                Format::Media(encoding) => Some(encoding),
                Format::Again(_) => None,
            },
            Format::Media(_) => None,
        }
    }

    /// Whether anything of this medium is received.
    pub fn has(&self, medium: Medium) -> bool {
        self.0.iter().flatten().any(|format| matches!(format, Format::Media(encoding) if encoding.medium() == medium))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;

    #[test]
    fn a_retransmission_is_of_the_type_it_names_and_of_no_other_retransmission() {
        let mut formats = Formats::default();
        formats.set(96, Format::Media(Encoding::Video(Codec::Vp8)));
        formats.set(97, Format::Again(96));
        formats.set(98, Format::Again(97));
        formats.set(200, Format::Again(96));
        assert_eq!(formats.repaired(97), Some(Encoding::Video(Codec::Vp8)));
        assert_eq!([formats.repaired(96), formats.repaired(98), formats.repaired(200)], [None; 3]);
        assert!(formats.has(Medium::Video) && !formats.has(Medium::Audio));
    }

    #[test]
    fn a_medium_is_forgotten_with_its_retransmissions() {
        let mut formats = Formats::default();
        formats.set(96, Format::Media(Encoding::Video(Codec::Vp8)));
        formats.set(97, Format::Again(96));
        formats.set(111, Format::Media(Encoding::Opus));
        formats.forget(Medium::Video);
        assert_eq!([96, 97, 111].map(|number| formats.get(number).is_some()), [false, false, true]);
        formats.forget(Medium::Audio);
        assert_eq!(formats, Formats::default());
    }
}

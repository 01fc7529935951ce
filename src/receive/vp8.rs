//! VP8 payloads (RFC 7741): the descriptor before the data of each packet. Pure and total: any bytes are safe.

use bytes::Bytes;

/// The largest frame, in bytes.
pub const MAX_FRAME: usize = 4 << 20;

/// What a packet's descriptor says (section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Descriptor {
    /// The data begins the frame: partition 0, its start.
    begins: bool,
    /// Bytes before the data.
    length: usize,
}

fn descriptor(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let begins = first & 0x10 != 0 && first & 0x0f == 0;
    let mut length = 1;
    if first & 0x80 != 0 {
        let extension = *payload.get(length)?;
        length += 1;
        if extension & 0x80 != 0 {
            // PictureID of 7 or 15 bits.
            length += if payload.get(length)? & 0x80 != 0 { 2 } else { 1 };
        }
        length += usize::from(extension & 0x40 != 0) + usize::from(extension & 0x30 != 0);
    }
    (payload.len() > length).then_some(Descriptor { begins, length })
}

/// Puts a frame together from the payloads of its packets, all of them, in order. None: they do not fit together.
pub fn assemble<'a>(payloads: impl Iterator<Item = &'a Bytes>) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    for payload in payloads {
        let descriptor = descriptor(payload)?;
        if descriptor.begins != frame.is_empty() {
            return None;
        }
        frame.extend_from_slice(payload.get(descriptor.length..)?);
        if frame.len() > MAX_FRAME {
            return None;
        }
    }
    (!frame.is_empty()).then_some(frame)
}

/// Whether this payload is the first one of a keyframe (section 4.3: bit P).
pub fn begins_keyframe(payload: &[u8]) -> bool {
    descriptor(payload).is_some_and(|descriptor| {
        descriptor.begins && payload.get(descriptor.length).is_some_and(|header| header & 1 == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn together(payloads: &[&[u8]]) -> Option<Vec<u8>> {
        let payloads: Vec<Bytes> = payloads.iter().map(|p| Bytes::copy_from_slice(p)).collect();
        assemble(payloads.iter())
    }

    #[test]
    fn descriptors_of_every_length_are_left_out() {
        assert_eq!(together(&[&[0x10, 1], &[0x00, 2]]).unwrap(), [1, 2]);
        // PictureID of 7 bits, of 15, with TL0PICIDX and TID.
        assert_eq!(together(&[&[0x90, 0x80, 0x11, 1]]).unwrap(), [1]);
        assert_eq!(together(&[&[0x90, 0xe0, 0x81, 0x11, 3, 0x40, 1]]).unwrap(), [1]);
        assert!(begins_keyframe(&[0x10, 0x10]) && !begins_keyframe(&[0x10, 0x11]) && !begins_keyframe(&[0x00, 0x10]));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let broken: [&[&[u8]]; 5] = [&[], &[&[0x10]], &[&[0x00, 2]], &[&[0x10, 1], &[0x10, 2]], &[&[0x90, 0x80]]];
        for payloads in broken {
            assert_eq!(together(payloads), None, "{payloads:?}");
        }
    }

    proptest! {
        #[test]
        fn any_payloads_are_assembled_or_refused(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
            let payloads: Vec<Bytes> = payloads.into_iter().map(Bytes::from).collect();
            let _ = payloads.iter().filter(|payload| begins_keyframe(payload)).count();
            prop_assert!(assemble(payloads.iter()).is_none_or(|frame| !frame.is_empty()));
        }
    }
}

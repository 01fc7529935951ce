//! TURN messages on a byte stream (RFC 8656, sections 3.1 and 12.5; RFC 8489, section 6.2.2). Pure.

/// What begins a stream, or the rest of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Not all of it is there; so many bytes at least are missing.
    Partial(usize),
    /// The message is so long, and takes so many bytes of the stream.
    Whole { message: usize, taken: usize },
    /// Neither STUN nor ChannelData: the stream is not TURN's, or out of step.
    Foreign,
}

/// Looks at the first message of `stream`.
pub fn first(stream: &[u8]) -> Frame {
    let Some(head) = stream.first_chunk::<4>() else { return Frame::Partial(4 - stream.len()) };
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let message = match head[0] >> 6 {
        0b00 if length % 4 == 0 => 20 + length,
        0b01 => 4 + length,
        _ => return Frame::Foreign,
    };
    let taken = message.next_multiple_of(4);
    if stream.len() < taken { Frame::Partial(taken - stream.len()) } else { Frame::Whole { message, taken } }
}

/// Appends a datagram as the stream has it. False: it is no TURN message, and nothing was appended.
pub fn append(stream: &mut Vec<u8>, datagram: &[u8]) -> bool {
    let message = match first(datagram) {
        Frame::Whole { message, .. } => message,
        // Of ChannelData only the padding may be missing.
        Frame::Partial(missing) if missing < 4 && datagram.first().is_some_and(|byte| byte >> 6 == 0b01) => {
            match datagram.first_chunk::<4>() {
                Some(head) => 4 + usize::from(u16::from_be_bytes([head[2], head[3]])),
                None => return false,
            }
        }
        _ => return false,
    };
    let Some(message) = datagram.get(..message) else { return false };
    stream.extend_from_slice(message);
    stream.resize(stream.len() + (message.len().next_multiple_of(4) - message.len()), 0);
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn channel_data(payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x40, 0x01];
        bytes.extend((payload.len() as u16).to_be_bytes());
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn channel_data_is_padded_on_a_stream_and_stun_is_not() {
        let mut stream = Vec::new();
        assert!(append(&mut stream, &channel_data(b"hello")));
        assert_eq!(stream, [&channel_data(b"hello")[..], &[0, 0, 0]].concat());
        assert_eq!(first(&stream), Frame::Whole { message: 9, taken: 12 });
        let stun = [&[0x00, 0x01, 0x00, 0x04][..], &[7; 20]].concat();
        stream.clear();
        assert!(append(&mut stream, &stun));
        assert_eq!(stream, stun);
        assert_eq!(first(&stream[..23]), Frame::Partial(1));
    }

    #[test]
    fn what_is_not_turn_is_told() {
        assert_eq!(first(&[0x80, 0, 0, 0]), Frame::Foreign);
        assert_eq!(first(&[0x00, 1, 0, 3]), Frame::Foreign);
        assert!(!append(&mut Vec::new(), b""));
        assert!(!append(&mut Vec::new(), &[0x80; 40]));
    }

    proptest! {
        #[test]
        fn what_is_appended_is_found_again(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..10)) {
            let mut stream = Vec::new();
            for payload in &payloads {
                prop_assert!(append(&mut stream, &channel_data(payload)));
            }
            let mut rest = &stream[..];
            for payload in &payloads {
                let Frame::Whole { message, taken } = first(rest) else { panic!("{:?}", first(rest)) };
                prop_assert_eq!(&rest[..message], &channel_data(payload)[..]);
                rest = &rest[taken..];
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_a_stream(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Frame::Whole { message, taken } = first(&bytes) {
                prop_assert!(message <= taken && taken <= bytes.len() && taken > 0);
            }
            append(&mut Vec::new(), &bytes);
        }
    }
}

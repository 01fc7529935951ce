//! As much of STUN as one needs to see whose a datagram is (RFC 8489, section 5 and 14). Pure; never panics.

const COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();
const HEADER: usize = 20;
const USERNAME: u16 = 0x0006;
const USE_CANDIDATE: u16 = 0x0025;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;

/// RFC 8489, section 18.2.
pub const BINDING: u16 = 0x001;
/// RFC 8656, section 17.
pub const ALLOCATE: u16 = 0x003;

pub type TransactionId = [u8; 12];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// A message whose header is right; what it carries may be anything.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub class: Class,
    pub method: u16,
    pub transaction: TransactionId,
    attributes: &'a [u8],
}

/// The message in a datagram, if that is what it is. Bytes behind the length it gives are none of ours.
pub fn read(datagram: &[u8]) -> Option<Message<'_>> {
    let (header, rest) = datagram.split_at_checked(HEADER)?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if kind >> 14 != 0 || header[4..8] != COOKIE || length % 4 != 0 {
        return None;
    }
    let class = match (kind >> 7 & 2) | (kind >> 4 & 1) {
        0 => Class::Request,
        1 => Class::Indication,
        2 => Class::Success,
        _ => Class::Error,
    };
    Some(Message {
        class,
        method: kind & 0x000f | kind >> 1 & 0x0070 | kind >> 2 & 0x0f80,
        transaction: header[8..HEADER].try_into().ok()?,
        attributes: rest.get(..length)?,
    })
}

impl<'a> Message<'a> {
    /// The first half of USERNAME: the fragment of whoever is asked (RFC 8445, section 7.2.2).
    pub fn receiver_ufrag(&self) -> Option<&'a [u8]> {
        let value = self.attribute(USERNAME)?;
        let colon = value.iter().position(|byte| *byte == b':')?;
        Some(&value[..colon])
    }

    /// USE-CANDIDATE: media is to go where this comes from (RFC 8445, section 7.1.1).
    pub fn nominates(&self) -> bool {
        self.attribute(USE_CANDIDATE).is_some()
    }

    /// It is signed with a password.
    pub fn is_signed(&self) -> bool {
        self.attribute(MESSAGE_INTEGRITY).is_some()
    }

    /// Number and reason of an error (RFC 8489, section 14.8).
    pub fn error(&self) -> Option<(u16, String)> {
        let (head, reason) = self.attribute(ERROR_CODE)?.split_at_checked(4)?;
        let code = u16::from(head[2] & 7) * 100 + u16::from(head[3]);
        Some((code, String::from_utf8_lossy(reason).into_owned()))
    }

    fn attribute(&self, name: u16) -> Option<&'a [u8]> {
        let mut rest = self.attributes;
        loop {
            let (head, after) = rest.split_at_checked(4)?;
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = after.get(..length)?;
            if u16::from_be_bytes([head[0], head[1]]) == name {
                return Some(value);
            }
            rest = after.get(length.next_multiple_of(4)..)?;
        }
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message with a USERNAME, or with no attribute at all.
    pub fn message(kind: u16, transaction: u8, username: Option<&str>) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(name) = username {
            // Something before it, as browsers have it.
            body.extend([0x00, 0x24, 0, 4, 1, 2, 3, 4]);
            body.extend(USERNAME.to_be_bytes());
            body.extend((name.len() as u16).to_be_bytes());
            body.extend(name.as_bytes());
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut message = kind.to_be_bytes().to_vec();
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(COOKIE);
        message.extend([transaction; 12]);
        message.extend(body);
        message
    }

    /// A check that nominates.
    pub fn nomination(transaction: u8) -> Vec<u8> {
        let mut message = message(0x0001, transaction, Some("ours:theirs"));
        message.extend(USE_CANDIDATE.to_be_bytes());
        message.extend([0, 0]);
        let length = (message.len() - HEADER) as u16;
        message[2..4].copy_from_slice(&length.to_be_bytes());
        message
    }

    #[test]
    fn a_check_tells_whether_it_nominates() {
        assert!(read(&nomination(1)).unwrap().nominates());
        assert!(!read(&message(0x0001, 7, Some("ours:theirs"))).unwrap().nominates());
    }

    #[test]
    fn a_check_tells_whom_it_asks() {
        let check = message(0x0001, 7, Some("ours:theirs"));
        let read = read(&check).unwrap();
        assert_eq!((read.class, read.method, read.transaction), (Class::Request, BINDING, [7; 12]));
        assert_eq!(read.receiver_ufrag(), Some(&b"ours"[..]));
    }

    #[test]
    fn class_and_method_are_taken_apart() {
        let of = |kind| read(&message(kind, 1, None)).map(|m| (m.class, m.method));
        assert_eq!(of(0x0101), Some((Class::Success, BINDING)));
        assert_eq!(of(0x0111), Some((Class::Error, BINDING)));
        assert_eq!(of(0x0011), Some((Class::Indication, BINDING)));
        assert_eq!(of(0x0113), Some((Class::Error, ALLOCATE)));
        assert_eq!(of(0x8001), None);
    }

    #[test]
    fn media_and_what_is_cut_short_is_no_message() {
        let check = message(0x0001, 7, Some("ours:theirs"));
        for end in 0..check.len() {
            assert!(read(&check[..end]).is_none(), "{end} bytes");
        }
        assert!(read(&[0x80; 100]).is_none());
        assert!(read(&message(0x0001, 7, Some("no colon"))).unwrap().receiver_ufrag().is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
            let mut bytes = bytes;
            if header && bytes.len() >= HEADER {
                let length = ((bytes.len() - HEADER) / 4 * 4) as u16;
                bytes[0] &= 0x3f;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes[4..8].copy_from_slice(&COOKIE);
            }
            if let Some(message) = read(&bytes) {
                let _ = (message.receiver_ufrag(), message.is_signed(), message.error());
            }
        }
    }
}

//! Which SRTP cipher is agreed on, decided where it can be: in the browser's first ClientHello. Pure.
//!
//! The crate's DTLS server takes the first profile on the client's list that it knows, and libwebrtc's list begins with
//! AES-CM with HMAC-SHA1, the dearer one. So the list is put in our order before the crate reads it. That is sound: the
//! first ClientHello is only there to get a cookie and is not part of what the handshake proves (RFC 6347, section
//! 4.2.1), both ends know every profile on the list, and the answer names one that the client offers. A hello in several
//! pieces stays as it is, and the client's own first choice is taken.

const RECORD_HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const USE_SRTP: u16 = 14;
/// RFC 7714, section 14.2: with AES-128, the cheaper one, first.
const GCM: [[u8; 2]; 2] = [[0x00, 0x07], [0x00, 0x08]];

/// Puts AES-GCM before the other profiles. True: this is a first ClientHello with some.
pub fn prefer_gcm(datagram: &mut [u8]) -> bool {
    let Some(profiles) = find_profiles(datagram) else { return false };
    let list = &mut datagram[profiles];
    let (pairs, _) = list.as_chunks_mut::<2>();
    pairs.sort_by_key(|profile| GCM.iter().position(|gcm| gcm == profile).unwrap_or(GCM.len()));
    true
}

/// Where in a datagram the profiles are.
fn find_profiles(datagram: &[u8]) -> Option<std::ops::Range<usize>> {
    let mut at = Cursor { bytes: datagram, at: 0 };
    let record = at.take(13)?;
    let handshake = at.take(12)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    let (length, offset, fragment) = (number(&handshake[1..4]), number(&handshake[6..9]), number(&handshake[9..12]));
    if record[0] != RECORD_HANDSHAKE || record[3..5] != [0, 0] || handshake[0] != CLIENT_HELLO {
        return None;
    }
    if offset != 0 || fragment != length {
        return None;
    }
    at.take(2 + 32)?; // version, random
    at.skip_vector(1)?; // session
    if at.number(1)? != 0 {
        return None; // with a cookie: this one is proved
    }
    at.skip_vector(2)?; // cipher suites
    at.skip_vector(1)?; // compression
    let end = at.number(2)? + at.at;
    while at.at < end {
        let (kind, length) = (at.number(2)?, at.number(2)?);
        if kind == usize::from(USE_SRTP) {
            let profiles = at.number(2)?;
            let start = at.at;
            at.take(profiles)?;
            return (profiles % 2 == 0 && profiles + 2 <= length).then_some(start..start + profiles);
        }
        at.take(length)?;
    }
    None
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    }

    fn skip_vector(&mut self, length_bytes: usize) -> Option<()> {
        let length = self.number(length_bytes)?;
        self.take(length).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hello(cookie: &[u8], profiles: &[u8]) -> Vec<u8> {
        let mut extensions = vec![0, 23, 0, 0];
        extensions.extend([0, 14, 0, profiles.len() as u8 + 3, 0, profiles.len() as u8]);
        extensions.extend(profiles);
        extensions.extend([0, 0xff, 1, 0, 1, 0]);
        let mut body = vec![0xfe, 0xfd];
        body.extend([9; 32]);
        body.extend([0, cookie.len() as u8]);
        body.extend(cookie);
        body.extend([0, 2, 0xc0, 0x2b, 1, 0]);
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
        let length = (body.len() as u32).to_be_bytes();
        let mut datagram = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0];
        datagram.extend((body.len() as u16 + 12).to_be_bytes());
        datagram.push(1);
        datagram.extend(&length[1..]);
        datagram.extend([0, 0, 0, 0, 0]);
        datagram.extend(&length[1..]);
        datagram.extend(body);
        datagram
    }

    #[test]
    fn gcm_comes_first_and_nothing_else_changes() {
        let mut datagram = hello(&[], &[0, 1, 0, 8, 0, 7, 0, 2]);
        assert!(prefer_gcm(&mut datagram));
        assert_eq!(datagram, hello(&[], &[0, 7, 0, 8, 0, 1, 0, 2]));
        let mut old = hello(&[], &[0, 1, 0, 2]);
        assert!(prefer_gcm(&mut old));
        assert_eq!(old, hello(&[], &[0, 1, 0, 2]));
    }

    #[test]
    fn a_hello_that_the_handshake_proves_stays_as_it_is() {
        let mut datagram = hello(&[5; 20], &[0, 1, 0, 7]);
        assert!(!prefer_gcm(&mut datagram));
        assert_eq!(datagram, hello(&[5; 20], &[0, 1, 0, 7]));
    }

    #[test]
    fn a_hello_in_pieces_stays_as_it_is() {
        let mut datagram = hello(&[], &[0, 1, 0, 7]);
        datagram[24] -= 1;
        assert!(!prefer_gcm(&mut datagram));
        let whole = hello(&[], &[0, 1, 0, 7]);
        for end in 0..whole.len() - 6 - 1 {
            assert!(!prefer_gcm(&mut whole[..end].to_vec()), "{end}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(mut bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0..110_usize, byte in any::<u8>()) {
            prefer_gcm(&mut bytes);
            let mut datagram = hello(&[], &[0, 1, 0, 7]);
            let index = at % datagram.len();
            datagram[index] = byte;
            prefer_gcm(&mut datagram);
        }
    }
}

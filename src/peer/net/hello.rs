//! Which SRTP cipher is agreed on, decided where it can be: in the browser's first ClientHello. Pure.
//!
//! The crate's DTLS server takes the first profile on the client's list that it knows, and libwebrtc's list begins with
//! AES-CM with HMAC-SHA1, the dearer one. So the list is put in our order before the crate reads it. That is sound: the
//! first ClientHello is only there to get a cookie and is not part of what the handshake proves (RFC 6347, section
//! 4.2.1), both ends know every profile on the list, and the answer names one that the client offers. Where the hello
//! cannot be followed (its pieces out of order, the list cut in two) it stays as it is, and the client's choice is taken.

use std::ops::Range;

/// RFC 6347, sections 4.1 and 4.2.2.
const RECORD_HEADER: usize = 13;
const HANDSHAKE_HEADER: usize = 12;
const RECORD_HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// RFC 5764, section 4.1.1.
const USE_SRTP: usize = 14;
/// RFC 7714, section 14.2: with AES-128, the cheaper one, first.
const GCM: [[u8; 2]; 2] = [[0x00, 0x07], [0x00, 0x08]];
/// A hello with the keys of a post-quantum exchange has some 1500 bytes.
const MAX_HELLO: usize = 8192;

/// Follows one browser's first ClientHello through its pieces.
#[derive(Debug, Default)]
pub struct Preference {
    /// What has come of it, from its beginning.
    body: Vec<u8>,
}

impl Preference {
    /// Puts AES-GCM before the other profiles, if they are in this datagram. True: they are.
    pub fn apply(&mut self, datagram: &mut [u8]) -> bool {
        let Some(profiles) = self.follow(datagram) else { return false };
        let (pairs, _) = datagram[profiles].as_chunks_mut::<2>();
        pairs.sort_by_key(|profile| GCM.iter().position(|gcm| gcm == profile).unwrap_or(GCM.len()));
        true
    }

    /// Where in this datagram the profiles are.
    fn follow(&mut self, datagram: &[u8]) -> Option<Range<usize>> {
        let mut at = Cursor { bytes: datagram, at: 0 };
        let record = at.take(RECORD_HEADER)?;
        if record[0] != RECORD_HANDSHAKE || record[3..5] != [0, 0] || at.number(1)? != usize::from(CLIENT_HELLO) {
            return None;
        }
        let (_whole, sequence, offset, length) = (at.number(3)?, at.number(2)?, at.number(3)?, at.number(3)?);
        let piece = at.take(length)?;
        if sequence != 0 || offset > self.body.len() || offset + length > MAX_HELLO {
            return None;
        }
        self.body.truncate(offset);
        self.body.extend_from_slice(piece);
        let profiles = find_profiles(&self.body)?;
        let start = profiles.start.checked_sub(offset)? + RECORD_HEADER + HANDSHAKE_HEADER;
        Some(start..start + profiles.len())
    }
}

/// Where in the beginning of a ClientHello the profiles are; None: not in it.
fn find_profiles(body: &[u8]) -> Option<Range<usize>> {
    let mut at = Cursor { bytes: body, at: 0 };
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
        if kind == USE_SRTP {
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

    fn apply(datagram: &mut [u8]) -> bool {
        Preference::default().apply(datagram)
    }

    /// One hello in two datagrams.
    fn cut(whole: &[u8], at: usize) -> [Vec<u8>; 2] {
        let (head, body) = whole.split_at(RECORD_HEADER + HANDSHAKE_HEADER);
        let piece = |offset: usize, body: &[u8]| {
            let mut datagram = head.to_vec();
            datagram[11..13].copy_from_slice(&((body.len() + HANDSHAKE_HEADER) as u16).to_be_bytes());
            datagram[19..22].copy_from_slice(&(offset as u32).to_be_bytes()[1..]);
            datagram[22..25].copy_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
            [&datagram[..], body].concat()
        };
        [piece(0, &body[..at]), piece(at, &body[at..])]
    }

    #[test]
    fn gcm_comes_first_and_nothing_else_changes() {
        let mut datagram = hello(&[], &[0, 1, 0, 8, 0, 7, 0, 2]);
        assert!(apply(&mut datagram));
        assert_eq!(datagram, hello(&[], &[0, 7, 0, 8, 0, 1, 0, 2]));
        let mut old = hello(&[], &[0, 1, 0, 2]);
        assert!(apply(&mut old));
        assert_eq!(old, hello(&[], &[0, 1, 0, 2]));
    }

    #[test]
    fn a_hello_in_pieces_is_followed_and_comes_again_the_same() {
        let (whole, expected) = (hello(&[], &[0, 1, 0, 8, 0, 7]), hello(&[], &[0, 7, 0, 8, 0, 1]));
        for at in 1..whole.len() - RECORD_HEADER - HANDSHAKE_HEADER {
            let mut preference = Preference::default();
            for _ in 0..2 {
                let mut pieces = cut(&whole, at);
                let found = pieces.each_mut().map(|piece| preference.apply(piece));
                let followed = found != [false; 2];
                assert_eq!(pieces, cut(if followed { &expected } else { &whole }, at), "cut at {at}");
                let list = expected.len() - 6 - 6..expected.len() - 6;
                let through = list.contains(&(at + 25)) && at + 25 != list.start;
                assert_eq!(followed, !through, "cut at {at}");
            }
        }
        let mut late = cut(&whole, 40);
        assert!(!Preference::default().apply(&mut late[1]), "its beginning is missing");
    }

    #[test]
    fn a_hello_that_the_handshake_proves_stays_as_it_is() {
        let mut datagram = hello(&[5; 20], &[0, 1, 0, 7]);
        assert!(!apply(&mut datagram));
        assert_eq!(datagram, hello(&[5; 20], &[0, 1, 0, 7]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(mut bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0..110_usize, byte in any::<u8>()) {
            let mut preference = Preference::default();
            preference.apply(&mut bytes);
            let mut datagram = hello(&[], &[0, 1, 0, 7]);
            let index = at % datagram.len();
            datagram[index] = byte;
            preference.apply(&mut datagram);
            preference.apply(&mut datagram[..index]);
            prop_assert!(preference.body.len() <= MAX_HELLO);
        }
    }
}

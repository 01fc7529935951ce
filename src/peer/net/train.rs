//! Datagrams of one size that leave in one system call (UDP_SEGMENT, "GSO"). Pure.
//!
//! The crate joins datagrams itself only from sixteen on, which a usual frame of 2.5 Mbit/s, about nine, never has.

use std::net::SocketAddr;

use webrtc::runtime::{EcnCodepoint, Transmit};

/// What Linux takes at once: 64 segments, and all of them in one packet of IP, whose header counts too (`udp_sendmsg`).
const MOST_SEGMENTS: usize = 64;
const MOST_BYTES: usize = 65_000;
/// RTP and RTCP (RFC 7983): all that comes in numbers. The rest is rare, and someone waits for each of it.
const MEDIA: std::ops::RangeInclusive<u8> = 128..=191;

/// Datagrams on their way to one address, in order, all of one size but the last, which may be smaller.
#[derive(Debug, Default)]
pub struct Train {
    contents: Vec<u8>,
    /// Of each but the last; 0: there is none.
    segment: usize,
    count: usize,
    to: Option<(SocketAddr, Option<EcnCodepoint>)>,
    /// A smaller one is the last.
    ended: bool,
}

impl Train {
    /// Whether datagrams like this one can wait for others at all.
    pub fn carries(transmit: &Transmit<'_>) -> bool {
        transmit.segment_size.is_none()
            && transmit.src_ip.is_none()
            && transmit.contents.first().is_some_and(|first| MEDIA.contains(first))
    }

    /// Takes it behind the others, if it may follow them. `most`: what the socket takes in one call.
    pub fn push(&mut self, transmit: &Transmit<'_>, most: usize) -> bool {
        let length = transmit.contents.len();
        let fits = self.is_empty()
            || (self.to == Some((transmit.destination, transmit.ecn))
                && !self.ended
                && length <= self.segment
                && self.count < most.min(MOST_SEGMENTS)
                && self.contents.len() + length <= MOST_BYTES);
        if fits {
            if self.is_empty() {
                (self.segment, self.to) = (length, Some((transmit.destination, transmit.ecn)));
            }
            self.contents.extend_from_slice(transmit.contents);
            self.count += 1;
            self.ended = length < self.segment;
        }
        fits
    }

    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// How many datagrams.
    pub fn len(&self) -> usize {
        self.count
    }

    /// All of it, for one call. None when there is nothing.
    pub fn transmit(&self) -> Option<Transmit<'_>> {
        let (destination, ecn) = self.to?;
        let segment_size = (self.count > 1).then_some(self.segment);
        Some(Transmit { destination, ecn, contents: &self.contents, segment_size, src_ip: None })
    }

    /// The same, one by one: for a way that does not take trains after all.
    pub fn singly(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.to.into_iter().flat_map(|(destination, ecn)| {
            self.contents.chunks(self.segment.max(1)).map(move |contents| Transmit {
                destination,
                ecn,
                contents,
                segment_size: None,
                src_ip: None,
            })
        })
    }

    pub fn clear(&mut self) {
        self.contents.clear();
        (self.segment, self.count, self.to, self.ended) = (0, 0, None, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(port: u16, contents: &[u8]) -> Transmit<'_> {
        let destination = ([192, 0, 2, 1], port).into();
        Transmit { destination, ecn: None, contents, segment_size: None, src_ip: None }
    }

    #[test]
    fn datagrams_of_one_size_and_a_smaller_last_one_leave_together_in_order() {
        let mut train = Train::default();
        assert!(train.transmit().is_none());
        for contents in [[0x80, 1, 1], [0x80, 2, 2]] {
            assert!(train.push(&to(1, &contents), 64));
        }
        assert!(train.push(&to(1, &[0x80, 3]), 64));
        assert!(!train.push(&to(1, &[0x80, 4]), 64), "behind a smaller one nothing follows");
        let all = train.transmit().unwrap();
        assert_eq!((all.contents, all.segment_size), (&[0x80, 1, 1, 0x80, 2, 2, 0x80, 3][..], Some(3)));
        assert_eq!(train.singly().map(|one| one.contents.len()).collect::<Vec<_>>(), [3, 3, 2]);
        train.clear();
        assert!(train.push(&to(2, &[0x80, 4]), 64), "another address");
        assert_eq!(train.transmit().unwrap().segment_size, None, "one alone is no train");
    }

    #[test]
    fn what_is_larger_or_goes_elsewhere_does_not_follow() {
        let mut train = Train::default();
        assert!(train.push(&to(1, &[0x80, 1]), 64));
        assert!(!train.push(&to(2, &[0x80, 1]), 64));
        assert!(!train.push(&to(1, &[0x80, 1, 1]), 64));
        let marked = Transmit { ecn: EcnCodepoint::from_bits(1), ..to(1, &[0x80, 1]) };
        assert!(!train.push(&marked, 64));
        assert_eq!(train.len(), 1);
    }

    #[test]
    fn a_train_is_never_longer_than_the_system_takes() {
        let large = vec![0x80; 1_250];
        let mut train = Train::default();
        while train.push(&to(1, &large), 1_000) {}
        assert_eq!((train.len(), train.contents.len()), (52, 65_000));
        train.clear();
        while train.push(&to(1, &[0x80; 20]), 1_000) {}
        assert_eq!(train.len(), MOST_SEGMENTS);
        train.clear();
        while train.push(&to(1, &[0x80; 20]), 3) {}
        assert_eq!(train.len(), 3);
    }

    #[test]
    fn only_media_waits_for_company() {
        for (first, carried) in [(0, false), (22, false), (64, false), (0x80, true), (0xbf, true), (0xc0, false)] {
            assert_eq!(Train::carries(&to(1, &[first, 0])), carried, "{first}");
        }
        assert!(!Train::carries(&to(1, &[])));
        assert!(!Train::carries(&Transmit { segment_size: Some(2), ..to(1, &[0x80; 4]) }));
    }
}

//! Whose a datagram is, on a port that all viewers share. Pure.
//!
//! A connectivity check names its receiver. What else comes is known by its address, and an address is a viewer's once it
//! has answered a check of ours there: who answers knows our random transaction number, so it receives at that address.
//! Until then the address belongs to whoever asked from there first; nobody can take an answered one by asking.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use super::stun::{self, BINDING, Class, TransactionId};

/// Fragments of one peer: its present one, and those before ICE restarts, whose checks may still be on their way.
const MAX_UFRAGS: usize = 4;
/// Addresses of one peer: a browser has one for each of its network interfaces and each NAT before them.
const MAX_ADDRESSES: usize = 32;
/// Questions of one peer that may be unanswered: every pair of candidates asks once each 50 ms.
const MAX_TRANSACTIONS: usize = 256;

/// A peer of this port; never given twice.
pub type PeerId = u64;

#[derive(Debug, Default)]
pub struct Demux {
    last: PeerId,
    peers: HashMap<PeerId, Peer>,
    ufrags: HashMap<Box<[u8]>, PeerId>,
    addresses: HashMap<SocketAddr, Owner>,
    transactions: HashMap<TransactionId, Question>,
}

#[derive(Debug, Default)]
struct Peer {
    ufrags: VecDeque<Box<[u8]>>,
    addresses: VecDeque<SocketAddr>,
    transactions: VecDeque<TransactionId>,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    peer: PeerId,
    answered: bool,
}

#[derive(Clone, Copy, Debug)]
struct Question {
    peer: PeerId,
    to: SocketAddr,
    /// Of ICE, not of a STUN server.
    check: bool,
}

impl Demux {
    pub fn add(&mut self) -> PeerId {
        self.last += 1;
        self.peers.insert(self.last, Peer::default());
        self.last
    }

    /// Forgets the peer and all that was its own.
    pub fn remove(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        self.ufrags.retain(|_, owner| *owner != peer);
        self.addresses.retain(|_, owner| owner.peer != peer);
        self.transactions.retain(|_, question| question.peer != peer);
    }

    /// From now on checks for this fragment are the peer's.
    pub fn name(&mut self, peer: PeerId, ufrag: &[u8]) {
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        if self.ufrags.contains_key(ufrag) {
            return;
        }
        if entry.ufrags.len() == MAX_UFRAGS
            && let Some(oldest) = entry.ufrags.pop_front()
        {
            self.ufrags.remove(&oldest);
        }
        entry.ufrags.push_back(ufrag.into());
        self.ufrags.insert(ufrag.into(), peer);
    }

    /// Remembers what the peer asks, so that the answer finds it.
    pub fn sent(&mut self, peer: PeerId, to: SocketAddr, datagram: &[u8]) {
        let Some(message) = stun::read(datagram).filter(|message| message.class == Class::Request) else { return };
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        if entry.transactions.len() == MAX_TRANSACTIONS
            && let Some(oldest) = entry.transactions.pop_front()
        {
            self.transactions.remove(&oldest);
        }
        entry.transactions.push_back(message.transaction);
        let check = message.method == BINDING && message.receiver_ufrag().is_some();
        self.transactions.insert(message.transaction, Question { peer, to, check });
    }

    /// The peer to give this datagram to.
    pub fn whose(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<PeerId> {
        let Some(message) = stun::read(datagram) else { return self.owner(from) };
        match message.class {
            Class::Request => {
                let peer = *self.ufrags.get(message.receiver_ufrag()?)?;
                self.claim(from, peer, false);
                Some(peer)
            }
            Class::Indication => self.owner(from),
            Class::Success | Class::Error => {
                let question = *self.transactions.get(&message.transaction)?;
                if question.check && question.to == from && message.class == Class::Success {
                    self.claim(from, question.peer, true);
                }
                Some(question.peer)
            }
        }
    }

    fn owner(&self, from: SocketAddr) -> Option<PeerId> {
        self.addresses.get(&from).map(|owner| owner.peer)
    }

    fn claim(&mut self, from: SocketAddr, peer: PeerId, answered: bool) {
        if let Some(owner) = self.addresses.get_mut(&from) {
            if owner.peer == peer {
                owner.answered |= answered;
                return;
            }
            if !answered {
                return;
            }
            // The NAT has given the port to somebody else.
            let before = owner.peer;
            if let Some(before) = self.peers.get_mut(&before) {
                before.addresses.retain(|address| *address != from);
            }
        }
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        if entry.addresses.len() == MAX_ADDRESSES {
            let addresses = &self.addresses;
            let unanswered = |address: &SocketAddr| addresses.get(address).is_none_or(|owner| !owner.answered);
            let oldest = entry.addresses.iter().position(unanswered).unwrap_or(0);
            if let Some(oldest) = entry.addresses.remove(oldest) {
                self.addresses.remove(&oldest);
            }
        }
        entry.addresses.push_back(from);
        self.addresses.insert(from, Owner { peer, answered });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::peer::net::stun::tests::message;

    const MEDIA: [u8; 20] = [0x80; 20];
    const REQUEST: u16 = 0x0001;
    const SUCCESS: u16 = 0x0101;

    fn at(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    fn two() -> (Demux, PeerId, PeerId) {
        let mut demux = Demux::default();
        let (a, b) = (demux.add(), demux.add());
        demux.name(a, b"aaaa");
        demux.name(b, b"bbbb");
        (demux, a, b)
    }

    /// Our check goes out, and is answered.
    fn answer(demux: &mut Demux, peer: PeerId, address: SocketAddr, transaction: u8) {
        demux.sent(peer, address, &message(REQUEST, transaction, Some("theirs:ours")));
        assert_eq!(demux.whose(address, &message(SUCCESS, transaction, None)), Some(peer));
    }

    #[test]
    fn a_check_names_its_viewer_and_media_follow_its_address() {
        let (mut demux, a, b) = two();
        assert_eq!(demux.whose(at(1), &MEDIA), None, "nobody has asked from there");
        assert_eq!(demux.whose(at(1), &message(REQUEST, 1, Some("aaaa:x"))), Some(a));
        assert_eq!(demux.whose(at(2), &message(REQUEST, 1, Some("bbbb:y"))), Some(b));
        assert_eq!((demux.whose(at(1), &MEDIA), demux.whose(at(2), &MEDIA)), (Some(a), Some(b)));
        assert_eq!(demux.whose(at(3), &message(REQUEST, 1, Some("cccc:z"))), None);
        assert_eq!(demux.whose(at(3), &MEDIA), None);
    }

    #[test]
    fn an_answered_address_cannot_be_taken_by_asking_from_it() {
        let (mut demux, a, b) = two();
        answer(&mut demux, b, at(2), 9);
        // A forges B's address in a check that is right in all else.
        assert_eq!(demux.whose(at(2), &message(REQUEST, 1, Some("aaaa:x"))), Some(a));
        assert_eq!(demux.whose(at(2), &MEDIA), Some(b));
    }

    #[test]
    fn who_answers_has_the_address_whoever_asked_from_it_before() {
        let (mut demux, a, b) = two();
        demux.whose(at(2), &message(REQUEST, 1, Some("aaaa:x")));
        assert_eq!(demux.whose(at(2), &MEDIA), Some(a));
        answer(&mut demux, b, at(2), 9);
        assert_eq!(demux.whose(at(2), &MEDIA), Some(b));
    }

    #[test]
    fn an_answer_from_elsewhere_or_from_a_stun_server_claims_nothing() {
        let (mut demux, a, _) = two();
        demux.sent(a, at(5), &message(REQUEST, 3, Some("theirs:ours")));
        assert_eq!(demux.whose(at(6), &message(SUCCESS, 3, None)), Some(a));
        demux.sent(a, at(7), &message(REQUEST, 4, None));
        assert_eq!(demux.whose(at(7), &message(SUCCESS, 4, None)), Some(a));
        assert_eq!((demux.whose(at(6), &MEDIA), demux.whose(at(7), &MEDIA)), (None, None));
    }

    #[test]
    fn nothing_is_left_of_a_peer_that_is_removed() {
        let (mut demux, a, b) = two();
        answer(&mut demux, a, at(1), 1);
        answer(&mut demux, b, at(2), 2);
        demux.remove(a);
        assert_eq!(demux.whose(at(1), &MEDIA), None);
        assert_eq!(demux.whose(at(1), &message(REQUEST, 1, Some("aaaa:x"))), None);
        assert_eq!(demux.whose(at(2), &MEDIA), Some(b));
        demux.remove(b);
        assert!(demux.peers.is_empty() && demux.ufrags.is_empty());
        assert!(demux.addresses.is_empty() && demux.transactions.is_empty());
    }

    #[test]
    fn a_flood_of_addresses_costs_the_unanswered_ones_only() {
        let (mut demux, a, _) = two();
        answer(&mut demux, a, at(1), 1);
        for port in 100..300 {
            demux.whose(at(port), &message(REQUEST, 1, Some("aaaa:x")));
        }
        assert_eq!(demux.addresses.len(), MAX_ADDRESSES);
        assert_eq!(demux.whose(at(1), &MEDIA), Some(a));
        for fragment in 0..100_u8 {
            demux.name(a, &[fragment; 4]);
            demux.sent(a, at(1), &[message(REQUEST, 0, None), vec![fragment]].concat());
            demux.sent(a, at(1), &message(REQUEST, fragment, None));
        }
        assert!(demux.ufrags.len() <= 2 * MAX_UFRAGS && demux.transactions.len() <= MAX_TRANSACTIONS);
    }

    proptest! {
        /// However hostile, datagrams from elsewhere neither panic nor take another viewer's address away.
        #[test]
        fn hostile_datagrams_do_no_harm(datagrams in proptest::collection::vec(
            (1..5_u16, prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..100),
                (any::<u16>(), any::<u8>(), prop_oneof![Just("aaaa:x"), Just("bbbb:y"), Just(":"), Just("")], 0..60_usize)
                    .prop_map(|(kind, id, name, end)| {
                        let mut bytes = message(kind, id, Some(name));
                        bytes.truncate(end);
                        bytes
                    }),
            ]), 0..100)
        ) {
            let (mut demux, a, b) = two();
            answer(&mut demux, a, at(1), 201);
            answer(&mut demux, b, at(2), 202);
            for (port, datagram) in &datagrams {
                demux.whose(at(*port), datagram);
            }
            prop_assert_eq!(demux.whose(at(1), &MEDIA), Some(a));
            prop_assert_eq!(demux.whose(at(2), &MEDIA), Some(b));
        }
    }
}

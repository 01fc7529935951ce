//! Where a viewer's packets really come from and go to, once that is no longer where the crate believes. Pure.
//!
//! A browser nominates again when its network changes: another interface, another port of its NAT (it is then the
//! controlling side; RFC 8445 knows one nomination, libwebrtc does so for as long as the connection lives). The crate's agent
//! answers those checks, and keeps the pair it took first. So the addresses are translated here, as a NAT would: what goes
//! to the address that the crate believes in leaves for the nominated one, and what comes from that is handed on as the other's.
//!
//! A browser that has changed its way goes on sending the one before for a second or two. Media from there are handed on as from
//! where the crate believes, since it forgets where it believed before: what is not the viewer's fails its SRTP or DTLS, and
//! nothing is sent there.
//!
//! An address counts once the crate has answered a nomination that came from it. Then the nomination was authentic, and a check
//! of ours was answered there (the crate answers no sooner): nobody can have media sent to somebody else.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::stun::{self, BINDING, Class, TransactionId};
use crate::time::Nanos;

/// So long nothing has come on the way that media takes before a nominated one is taken instead: a browser tries several at
/// once when it connects, and one after the other is nominated.
const QUIET: Duration = Duration::from_millis(300);
/// So long what comes the way that media took before is still the viewer's.
const LINGERS: Duration = Duration::from_secs(3);
/// Checks that are remembered, of each kind.
const MAX_CHECKS: usize = 16;

/// A candidate pair: our address, as the crate bound it, and the viewer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

/// What has come, as the crate should see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub from: SocketAddr,
    /// It came the way that media takes.
    pub on_path: bool,
}

/// The way to one viewer.
#[derive(Debug, Default)]
pub struct Follow {
    /// The one that the crate takes with media.
    believed: Option<Pair>,
    /// The one that it goes, if that is another.
    real: Option<Pair>,
    /// The one that it went before, and until when.
    earlier: Option<(Pair, Nanos)>,
    /// When something came the way that media takes.
    heard: Nanos,
    /// Checks that nominate, not answered yet.
    nominations: VecDeque<(TransactionId, Pair)>,
    nominated: Option<Pair>,
    /// Checks of ours that went the real way.
    translated: VecDeque<TransactionId>,
    moved: bool,
}

impl Follow {
    /// Which way a datagram of the crate's is to go that it sends on `way`.
    pub fn outgoing(&mut self, now: Nanos, pair: Pair, datagram: &[u8]) -> Pair {
        if is_media(datagram) {
            if self.believed != Some(pair) {
                // The crate has chosen anew; what was nominated before is of no account.
                self.leave_path(now);
                self.nominated = self.nominated.filter(|nominated| *nominated == pair);
                (self.believed, self.real, self.heard) = (Some(pair), None, now);
            }
            return self.real.unwrap_or(pair);
        }
        let Some(message) = stun::read(datagram).filter(|message| message.method == BINDING) else { return pair };
        match message.class {
            Class::Request if self.believed == Some(pair) => {
                let Some(real) = self.real else { return pair };
                push(&mut self.translated, message.transaction);
                real
            }
            Class::Success => {
                let nomination = self.nominations.iter().position(|known| *known == (message.transaction, pair));
                if nomination.and_then(|position| self.nominations.remove(position)).is_some() {
                    self.nominated = Some(pair);
                    self.consider(now);
                }
                pair
            }
            _ => pair,
        }
    }

    /// Whose the crate should take a datagram for that came on `way`.
    pub fn incoming(&mut self, now: Nanos, pair: Pair, datagram: &[u8]) -> Arrival {
        let message = stun::read(datagram).filter(|message| message.method == BINDING);
        if let Some(message) = message.filter(|message| message.class == Class::Request && message.nominates()) {
            push(&mut self.nominations, (message.transaction, pair));
        }
        if self.path() == Some(pair) {
            self.heard = now;
        } else if self.nominated == Some(pair) {
            self.consider(now);
        }
        let on_path = self.path() == Some(pair);
        let Some(believed) = self.believed else { return Arrival { from: pair.remote, on_path } };
        if !on_path && is_media(datagram) && self.earlier(now) == Some(pair) {
            return Arrival { from: believed.remote, on_path };
        }
        let Some(real) = self.real else { return Arrival { from: pair.remote, on_path } };
        let translated = real == pair
            && match message {
                None => true,
                Some(message) => {
                    let ours = matches!(message.class, Class::Success | Class::Error);
                    let asked = self.translated.iter().position(|transaction| *transaction == message.transaction);
                    asked.filter(|_| ours).and_then(|position| self.translated.remove(position)).is_some()
                }
            };
        Arrival { from: if translated { believed.remote } else { pair.remote }, on_path }
    }

    /// The way that media goes; None before there was any.
    pub fn path(&self) -> Option<Pair> {
        self.real.or(self.believed)
    }

    /// The way that media went before, if it was left just now.
    pub fn earlier(&self, now: Nanos) -> Option<Pair> {
        self.earlier.filter(|(_, until)| now < *until).map(|(pair, _)| pair)
    }

    /// Whether media goes another way than the crate believes.
    pub fn is_translating(&self) -> bool {
        self.real.is_some()
    }

    /// Whether the way has changed since the last call.
    pub fn take_moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    fn leave_path(&mut self, now: Nanos) {
        self.earlier = self.path().map(|pair| (pair, now + LINGERS)).or(self.earlier);
    }

    fn consider(&mut self, now: Nanos) {
        let (Some(believed), Some(path), Some(nominated)) = (self.believed, self.path(), self.nominated) else {
            return;
        };
        if nominated != path && now.saturating_since(self.heard) >= QUIET {
            self.leave_path(now);
            self.real = (nominated != believed).then_some(nominated);
            self.heard = now;
            self.moved = true;
        }
    }
}

/// DTLS, RTP and RTCP (RFC 7983), as opposed to what finds the way and what TURN wraps.
pub fn is_media(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| matches!(first, 20..=63 | 128..=191))
}

/// ChannelData (RFC 8656, section 12.4) and Send indications (section 11): what TURN passes on.
pub fn is_relayed(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| matches!(first, 64..=79)) || datagram.starts_with(&[0x00, 0x16])
}

fn push<T>(to: &mut VecDeque<T>, item: T) {
    if to.len() >= MAX_CHECKS {
        to.pop_front();
    }
    to.push_back(item);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::peer::net::stun::tests::{message, nomination};

    const MEDIA: [u8; 20] = [0x80; 20];
    const REQUEST: u16 = 0x0001;
    const SUCCESS: u16 = 0x0101;

    fn at(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    /// From our first address to the viewer's `port`.
    fn to(port: u16) -> Pair {
        Pair { local: ([10, 0, 0, 1], 1).into(), remote: at(port) }
    }

    fn ms(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    /// Media goes to port 1, and the browser answers.
    fn connected() -> Follow {
        let mut follow = Follow::default();
        assert_eq!(follow.outgoing(ms(0), to(1), &MEDIA), to(1));
        assert_eq!(follow.incoming(ms(10), to(1), &MEDIA), Arrival { from: at(1), on_path: true });
        follow
    }

    /// The browser nominates from `port`, and the crate agrees.
    fn nominate(follow: &mut Follow, now: u64, port: u16, transaction: u8) {
        assert_eq!(follow.incoming(ms(now), to(port), &nomination(transaction)).from, at(port), "to be answered there");
        assert_eq!(follow.outgoing(ms(now), to(port), &message(SUCCESS, transaction, None)), to(port));
    }

    #[test]
    fn media_follows_a_browser_whose_old_way_is_quiet_and_the_crate_notices_nothing() {
        let mut follow = connected();
        nominate(&mut follow, 400, 2, 7);
        assert!(follow.take_moved() && !follow.take_moved());
        assert_eq!(follow.outgoing(ms(401), to(1), &MEDIA), to(2));
        assert_eq!(follow.incoming(ms(402), to(2), &MEDIA), Arrival { from: at(1), on_path: true });
        // Consent: our check goes to the new address, and its answer comes from the old one.
        assert_eq!(follow.outgoing(ms(403), to(1), &message(REQUEST, 9, Some("a:b"))), to(2));
        assert_eq!(follow.incoming(ms(404), to(2), &message(SUCCESS, 9, None)).from, at(1));
        // A check of ours of that address itself stays one.
        assert_eq!(follow.outgoing(ms(405), to(2), &message(REQUEST, 10, Some("a:b"))), to(2));
        assert_eq!(follow.incoming(ms(406), to(2), &message(SUCCESS, 10, None)).from, at(2));
        assert_eq!(follow.path(), Some(to(2)));
    }

    #[test]
    fn a_way_that_works_is_left_only_when_it_falls_quiet() {
        let mut follow = connected();
        nominate(&mut follow, 100, 2, 7);
        assert_eq!(follow.outgoing(ms(101), to(1), &MEDIA), to(1));
        assert!(follow.incoming(ms(200), to(1), &MEDIA).on_path);
        assert!(!follow.incoming(ms(300), to(2), &MEDIA).on_path);
        assert!(follow.incoming(ms(510), to(2), &MEDIA).on_path, "the nominated one has taken over");
        // And back.
        nominate(&mut follow, 900, 1, 8);
        assert_eq!(follow.outgoing(ms(901), to(1), &MEDIA), to(1));
    }

    #[test]
    fn a_choice_of_the_crates_own_counts() {
        let mut follow = connected();
        nominate(&mut follow, 400, 2, 7);
        assert_eq!(follow.outgoing(ms(500), to(3), &MEDIA), to(3));
        assert_eq!(follow.path(), Some(to(3)));
    }

    #[test]
    fn media_that_still_come_the_way_before_are_the_viewers_for_a_while_and_a_sign_of_no_way() {
        let mut follow = connected();
        nominate(&mut follow, 400, 2, 7);
        // The crate restarts: it knows the third way only.
        assert_eq!(follow.outgoing(ms(500), to(3), &MEDIA), to(3));
        let lingering = Arrival { from: at(3), on_path: false };
        assert_eq!(follow.incoming(ms(501), to(2), &MEDIA), lingering);
        assert_eq!(follow.incoming(ms(3_499), to(2), &MEDIA), lingering);
        assert_eq!(follow.incoming(ms(600), to(1), &MEDIA).from, at(1), "one way before, not two");
        // Checks are the crate's to judge, by where they come from.
        assert_eq!(follow.incoming(ms(601), to(2), &message(REQUEST, 1, Some("a:b"))).from, at(2));
        assert_eq!(follow.outgoing(ms(602), to(3), &MEDIA), to(3), "nothing is sent there");
        assert!(follow.earlier(ms(3_499)).is_some() && follow.earlier(ms(3_500)).is_none());
        assert_eq!(follow.incoming(ms(3_500), to(2), &MEDIA).from, at(2));
    }

    #[test]
    fn neither_asking_nor_a_nomination_that_is_refused_takes_media_away() {
        let mut follow = connected();
        follow.incoming(ms(400), to(2), &message(REQUEST, 1, Some("a:b")));
        follow.outgoing(ms(400), to(2), &message(SUCCESS, 1, None));
        follow.incoming(ms(500), to(3), &nomination(2));
        follow.outgoing(ms(500), to(3), &message(0x0111, 2, None));
        // Answered elsewhere than it came from, which the crate never does.
        follow.incoming(ms(600), to(4), &nomination(3));
        follow.outgoing(ms(600), to(5), &message(SUCCESS, 3, None));
        assert_eq!(follow.outgoing(ms(700), to(1), &MEDIA), to(1));
        assert!(!follow.take_moved());
    }

    proptest! {
        #[test]
        fn whatever_comes_only_an_answered_nomination_moves_media(
            datagrams in proptest::collection::vec((1..6_u16, proptest::collection::vec(any::<u8>(), 0..60), any::<u8>()), 0..200)
        ) {
            let mut follow = connected();
            for (step, (port, bytes, transaction)) in datagrams.iter().enumerate() {
                let now = ms(1_000 * step as u64);
                follow.incoming(now, to(*port), bytes);
                follow.incoming(now, to(*port), &nomination(*transaction));
            }
            prop_assert_eq!(follow.outgoing(ms(1_000_000), to(1), &MEDIA), to(1));
            prop_assert!(follow.nominations.len() <= MAX_CHECKS && follow.translated.len() <= MAX_CHECKS);
        }
    }
}

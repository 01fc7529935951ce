//! What sessions may use: how many there are, how many of one room and address, and how fast each may speak. Pure.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use super::error::HubError;
use crate::config::ServerConfig;
use crate::guard::Bucket;
use crate::server::room::Room;
use crate::time::Nanos;

/// A session may save up so many seconds' worth of messages: a page's candidates come all at once.
const BURST_SECONDS: u32 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub sessions: usize,
    /// 0: no limit of its own.
    pub per_room: usize,
    pub per_address: usize,
    pub messages_per_second: u32,
}

impl Limits {
    pub fn of(config: &ServerConfig) -> Self {
        Self {
            sessions: config.max_sessions as usize,
            per_room: config.max_sessions_per_room as usize,
            per_address: config.max_connections_per_address as usize,
            messages_per_second: config.max_messages_per_second,
        }
    }
}

/// How many sessions there are of each room and address.
#[derive(Debug, Default)]
pub struct Census {
    all: usize,
    rooms: HashMap<Room, usize>,
    addresses: HashMap<IpAddr, usize>,
}

impl Census {
    pub fn admit(&mut self, limits: &Limits, room: Option<&Room>, address: Option<IpAddr>) -> Result<(), HubError> {
        if self.all >= limits.sessions {
            return Err(HubError::TooManySessions(limits.sessions));
        }
        let of_room = room.and_then(|room| self.rooms.get(room)).copied().unwrap_or(0);
        if limits.per_room > 0 && of_room >= limits.per_room {
            return Err(HubError::RoomFull(limits.per_room));
        }
        let address = address.map(network);
        let of_address = address.and_then(|address| self.addresses.get(&address)).copied().unwrap_or(0);
        if of_address >= limits.per_address {
            return Err(HubError::AddressFull(limits.per_address));
        }
        self.all += 1;
        if let Some(room) = room {
            self.rooms.insert(room.clone(), of_room + 1);
        }
        if let Some(address) = address {
            self.addresses.insert(address, of_address + 1);
        }
        Ok(())
    }

    /// One that was admitted has gone.
    pub fn leave(&mut self, room: Option<&Room>, address: Option<IpAddr>) {
        self.all = self.all.saturating_sub(1);
        if let Some(room) = room {
            take_one(&mut self.rooms, room);
        }
        if let Some(address) = address {
            take_one(&mut self.addresses, &network(address));
        }
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.all == 0 && self.rooms.is_empty() && self.addresses.is_empty()
    }
}

/// Takes one from a count that is not kept at zero.
pub fn take_one<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// What counts as one address: an IPv6 host has a network of 64 bits to itself (RFC 4291, section 2.5.1).
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

/// How many messages a session may send: [`BURST_SECONDS`]' worth at once, then its rate.
#[derive(Clone, Copy, Debug)]
pub struct Allowance(Bucket);

impl Allowance {
    pub fn new(per_second: u32) -> Self {
        Self(Bucket::per_second(per_second.saturating_mul(BURST_SECONDS), per_second))
    }

    /// Gives false when there is nothing left for a message at `now`, in ms.
    pub fn take(&mut self, now: u64) -> bool {
        self.0.take(Nanos(now.saturating_mul(1_000_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { sessions: 5, per_room: 2, per_address: 3, messages_per_second: 10 };

    fn room(name: &str) -> Room {
        Room::parse(name).unwrap()
    }

    #[test]
    fn rooms_and_addresses_have_limits_of_their_own() {
        let (blue, red) = (room("blue"), room("red"));
        let address = |last| Some(IpAddr::from([192, 0, 2, last]));
        let mut census = Census::default();
        census.admit(&LIMITS, Some(&blue), address(1)).unwrap();
        census.admit(&LIMITS, Some(&blue), address(1)).unwrap();
        assert_eq!(census.admit(&LIMITS, Some(&blue), address(2)), Err(HubError::RoomFull(2)));
        census.admit(&LIMITS, Some(&red), address(1)).unwrap();
        assert_eq!(census.admit(&LIMITS, None, address(1)), Err(HubError::AddressFull(3)));
        census.admit(&LIMITS, None, address(2)).unwrap();
        census.admit(&LIMITS, None, None).unwrap();
        assert_eq!(census.admit(&LIMITS, None, address(3)), Err(HubError::TooManySessions(5)));
        census.leave(Some(&blue), address(1));
        census.admit(&LIMITS, Some(&blue), address(1)).unwrap();
    }

    #[test]
    fn one_ipv6_network_is_one_address_and_a_mapped_ipv4_address_is_itself() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("2001:db8:1:2:3:4:5:6"), parse("2001:db8:1:2:ffff::1"));
        assert_ne!(parse("2001:db8:1:2::1"), parse("2001:db8:1:3::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), parse("192.0.2.1"));
        assert_ne!(parse("192.0.2.1"), parse("192.0.2.2"));
    }

    #[test]
    fn a_session_may_save_up_six_seconds_worth() {
        let mut allowance = Allowance::new(10);
        assert_eq!((0..100).filter(|_| allowance.take(0)).count(), 60);
        assert!(!allowance.take(99));
        assert!(allowance.take(100));
        assert_eq!((0..100).filter(|i| allowance.take(100 + i * 10)).count(), 9);
    }

    proptest! {
        #[test]
        fn who_left_is_not_counted(visits in proptest::collection::vec((0u8..3, 0u8..3, any::<bool>()), 0..60)) {
            let mut census = Census::default();
            let mut here = Vec::new();
            for (name, last, comes) in visits {
                let room = (name > 0).then(|| room(&name.to_string()));
                let address = (last > 0).then(|| IpAddr::from([192, 0, 2, last]));
                if comes {
                    if census.admit(&LIMITS, room.as_ref(), address).is_ok() {
                        here.push((room, address));
                    }
                } else if let Some((room, address)) = here.pop() {
                    census.leave(room.as_ref(), address);
                }
            }
            for (room, address) in here {
                census.leave(room.as_ref(), address);
            }
            prop_assert!(census.is_empty());
        }
    }
}

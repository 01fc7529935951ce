//! The streams of one peer to its TURN servers. A new configuration brings others; what stays keeps its number, by which the
//! crate knows it.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use super::relay::{Relay, Server, addresses};
use crate::stats::Counter;

/// By their numbers. One that is not wanted any more is gone; its number is never given again, or the crate would take the
/// next server for it.
#[derive(Debug, Default)]
pub struct Relays(RwLock<Vec<Option<Arc<Relay>>>>);

impl Relays {
    /// What leads to these servers from now on: a number for each. Streams to others end.
    pub fn lead_to(&self, servers: Vec<Server>, dropped: &Counter) -> Vec<usize> {
        let mut relays = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = Vec::with_capacity(servers.len());
        for server in servers {
            let stands = |(number, relay): (usize, &Option<Arc<Relay>>)| {
                let same = relay.as_ref().is_some_and(|relay| relay.leads_to(&server));
                (same && !numbers.contains(&number)).then_some(number)
            };
            let number = relays.iter().enumerate().find_map(stands).unwrap_or(relays.len());
            if number == relays.len() {
                relays.push(Some(Arc::new(Relay::new(number, server, dropped.clone()))));
            }
            numbers.push(number);
        }
        for (number, relay) in relays.iter_mut().enumerate() {
            if !numbers.contains(&number) {
                *relay = None;
            }
        }
        numbers
    }

    /// The stream that stands for this address.
    pub fn at(&self, to: SocketAddr) -> Option<Arc<Relay>> {
        let relays = self.0.read().unwrap_or_else(PoisonError::into_inner);
        relays.iter().flatten().find(|relay| relay.addresses().contains(&to)).cloned()
    }

    /// The addresses that stand for a stream.
    pub fn addresses(&self, number: usize) -> Option<[SocketAddr; 2]> {
        let relays = self.0.read().unwrap_or_else(PoisonError::into_inner);
        relays.get(number)?.as_ref().map(|_| addresses(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str) -> Server {
        Server { host: host.into(), port: 3478, tls: false, ca_file: String::new() }
    }

    #[test]
    fn what_stays_keeps_its_number_and_no_number_comes_back() {
        let (relays, dropped) = (Relays::default(), Counter::default());
        assert_eq!(relays.lead_to(vec![server("a"), server("b"), server("a")], &dropped), [0, 1, 2]);
        let b = relays.addresses(1).unwrap();
        assert!(relays.at(b[0]).is_some() && relays.at(b[1]).is_some());
        assert_eq!(relays.lead_to(vec![server("c"), server("b")], &dropped), [3, 1]);
        assert!(relays.at(addresses(0)[0]).is_none() && relays.addresses(0).is_none());
        assert_eq!(relays.addresses(1), Some(b));
        assert_eq!(relays.lead_to(vec![server("a")], &dropped), [4]);
        assert!(relays.at(([192, 0, 2, 1], 3478).into()).is_none());
    }
}

//! Which STUN and TURN servers a peer asks, and what the crate is told of them: it speaks TURN over UDP only, so other ways are
//! names of ours to it, that lead to a [`relay`](super::relay).

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use rtc::peer_connection::configuration::RTCIceServer;

use super::inquiry::Inquiry;
use super::relay::Server;
use super::{PeerNetwork, lock};
use crate::config::{IceServer, IceUrl, TurnTransport};

/// Ends the names that stand for TURN servers behind streams (RFC 6761: never a real one).
const RELAY_SUFFIX: &str = ".relay.invalid";

impl PeerNetwork {
    /// These servers are asked from the next gathering on. With `relay_only` nothing leaves but to TURN servers, from now on.
    pub fn adopt(&self, servers: &[IceServer], relay_only: bool) -> Vec<RTCIceServer> {
        self.relay_only.store(relay_only, Ordering::Relaxed);
        let streams = servers.iter().flat_map(|server| server.urls.iter().filter_map(|url| behind_stream(url, server)));
        let numbers = self.relays.lead_to(streams.collect(), &self.shared.dropped);
        let mut numbers = numbers.into_iter();
        let mut inquiry = Inquiry::default();
        let told = |server: &IceServer| RTCIceServer {
            urls: server
                .urls
                .iter()
                .filter_map(|url| {
                    let own = match IceUrl::parse(url) {
                        Ok(_) if behind_stream(url, server).is_some() => {
                            numbers.next().map(|number| format!("turn:{number}{RELAY_SUFFIX}:3478?transport=udp"))
                        }
                        // What a stream's address is says nothing of UDP's.
                        Ok(IceUrl::Stuns) => None,
                        _ => Some(url.clone()),
                    }?;
                    inquiry.enlist(url, &own);
                    Some(own)
                })
                .collect(),
            username: server.username.clone(),
            credential: server.credential.clone(),
        };
        let told = servers.iter().map(told).collect();
        *lock(&self.inquiry) = inquiry;
        told
    }

    /// Of a TURN server behind a stream.
    pub fn relay_addresses(&self, host: &str) -> Option<[SocketAddr; 2]> {
        let number: usize = host.rsplit_once(':')?.0.strip_suffix(RELAY_SUFFIX)?.parse().ok()?;
        self.relays.addresses(number)
    }
}

/// Where the stream goes, if the URL means one.
fn behind_stream(url: &str, server: &IceServer) -> Option<Server> {
    match IceUrl::parse(url) {
        Ok(IceUrl::Turn { host, port, transport: transport @ (TurnTransport::Tcp | TurnTransport::Tls) }) => {
            Some(Server { host, port, tls: transport == TurnTransport::Tls, ca_file: server.ca_file.clone() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::net::Network;

    #[tokio::test]
    async fn the_crate_is_told_what_it_can_ask_and_names_for_the_rest() {
        let network = Network::default().join(&[[127, 0, 0, 1].into()]).unwrap().network;
        let server = |urls: &[&str]| IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            username: "u".into(),
            credential: "c".into(),
            ..Default::default()
        };
        let told = network
            .adopt(&[server(&["stun:a", "stuns:a", "turn:b"]), server(&["turns:c", "turn:d?transport=tcp"])], false);
        assert_eq!(told[0].urls, ["stun:a", "turn:b"]);
        assert_eq!(
            told[1].urls,
            ["turn:0.relay.invalid:3478?transport=udp", "turn:1.relay.invalid:3478?transport=udp"]
        );
        assert!(network.relay_addresses("1.relay.invalid:3478").is_some());
        // Other names and passwords for the same way.
        let mut renewed = server(&["turns:c"]);
        renewed.credential = "d".into();
        assert_eq!(network.adopt(&[renewed], true)[0].urls, ["turn:0.relay.invalid:3478?transport=udp"]);
        assert!(network.relay_addresses("1.relay.invalid:3478").is_none());
        assert!(network.relay_addresses("example.org:3478").is_none());
    }
}

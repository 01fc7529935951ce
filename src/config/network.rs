//! The words of `peer` that say how packets find their way: servers, addresses, ports. Pure.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Which candidates are offered (W3C `iceTransportPolicy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IceTransport {
    #[default]
    All,
    /// Only relayed ones: everything goes through a TURN server.
    Relay,
}

/// How media is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SrtpCipher {
    /// AES-GCM with every browser that offers it, else AES-CM.
    #[default]
    Auto,
    /// Only AES-CM with HMAC-SHA1 (RFC 3711).
    AesCm,
    /// Only AES-GCM (RFC 7714); a browser without it cannot connect.
    AesGcm,
}

/// How a TURN server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnTransport {
    Udp,
    Tcp,
    Tls,
}

/// One of an ICE server's URLs (RFC 7064, RFC 7065).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IceUrl {
    Stun,
    /// STUN over TLS, which tells the address of a stream.
    Stuns,
    Turn {
        host: String,
        port: u16,
        transport: TurnTransport,
    },
}

impl IceUrl {
    /// Reads `stun:host[:port]`, `stuns:host[:port]`, `turn:host[:port][?transport=udp|tcp]` or `turns:host[:port][?transport=tcp]`. The error
    /// says what is accepted.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once(':').ok_or("stun:, stuns:, turn: or turns: and a host")?;
        let (address, query) = rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
        let tcp = match query {
            None => None,
            Some("transport=udp") => Some(false),
            Some("transport=tcp") => Some(true),
            Some(_) => return Err("?transport=udp or ?transport=tcp".into()),
        };
        let (transport, default_port) = match (scheme, tcp) {
            ("stun", None) => (None, 3478),
            ("stuns", None) => (None, 5349),
            ("turn", None | Some(false)) => (Some(TurnTransport::Udp), 3478),
            ("turn", Some(true)) => (Some(TurnTransport::Tcp), 3478),
            ("turns", None | Some(true)) => (Some(TurnTransport::Tls), 5349),
            _ => return Err("stun:, stuns:, turn: (UDP or TCP) or turns: (TCP)".into()),
        };
        let (host, port) = host_and_port(address, default_port).ok_or("a host and a port from 1 to 65535")?;
        Ok(match transport {
            Some(transport) => Self::Turn { host, port, transport },
            None if scheme == "stuns" => Self::Stuns,
            None => Self::Stun,
        })
    }
}

fn host_and_port(text: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return None,
        }
    } else {
        text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    let port = port.map_or(Some(default_port), |port| port.parse().ok().filter(|port| *port > 0))?;
    let named = !host.is_empty() && host.len() <= 253;
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'));
    (named && plain).then(|| (host.to_owned(), port))
}

/// An address under which this machine is reached through a NAT that keeps port numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExternalAddress {
    /// The local address that is offered no more; None: it is offered too.
    pub internal: Option<IpAddr>,
    pub external: IpAddr,
}

impl ExternalAddress {
    /// Reads `203.0.113.5` or `10.0.0.5=203.0.113.5`.
    pub fn parse(text: &str) -> Option<Self> {
        let (internal, external) = match text.split_once('=') {
            Some((internal, external)) => (Some(internal.trim().parse::<IpAddr>().ok()?), external),
            None => (None, text),
        };
        let external: IpAddr = external.trim().parse().ok()?;
        let same_family = internal.is_none_or(|internal| internal.is_ipv4() == external.is_ipv4());
        (same_family && !external.is_unspecified()).then_some(Self { internal, external })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(host: &str, port: u16, transport: TurnTransport) -> Result<IceUrl, String> {
        Ok(IceUrl::Turn { host: host.into(), port, transport })
    }

    #[test]
    fn urls_are_read_with_the_ports_and_transports_of_their_schemes() {
        assert_eq!(IceUrl::parse("stun:stun.example.org"), Ok(IceUrl::Stun));
        assert_eq!(IceUrl::parse("stuns:stun.example.org:443"), Ok(IceUrl::Stuns));
        assert_eq!(IceUrl::parse("turn:a.b"), turn("a.b", 3478, TurnTransport::Udp));
        assert_eq!(IceUrl::parse("turn:a.b:443?transport=tcp"), turn("a.b", 443, TurnTransport::Tcp));
        assert_eq!(IceUrl::parse("turns:a.b"), turn("a.b", 5349, TurnTransport::Tls));
        assert_eq!(IceUrl::parse("turns:[2001:db8::1]:443"), turn("2001:db8::1", 443, TurnTransport::Tls));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let refused = [
            "",
            "http:a",
            "turn:",
            "turn:a:0",
            "turn:a:99999",
            "turns:a?transport=udp",
            "stuns:a?transport=tcp",
            "stun:a?transport=udp",
            "turn://a",
            "turn:user@a",
            "turn:a?x=y",
            "turn:[::1",
            "turn:a b",
        ];
        for url in refused {
            assert!(IceUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn external_addresses_come_alone_or_with_the_internal_one() {
        let external = ExternalAddress::parse("203.0.113.5").unwrap();
        assert_eq!((external.internal, external.external.to_string().as_str()), (None, "203.0.113.5"));
        let pair = ExternalAddress::parse("10.0.0.5 = 203.0.113.5").unwrap();
        assert_eq!(pair.internal, Some([10, 0, 0, 5].into()));
        for text in ["", "example.org", "10.0.0.5=", "10.0.0.5=2001:db8::1", "0.0.0.0", "1.2.3.4=5.6.7.8=9.9.9.9"] {
            assert!(ExternalAddress::parse(text).is_none(), "{text}");
        }
    }
}

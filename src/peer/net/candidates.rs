//! Our candidates as others should see them: with the port and the address at which we are really reached (RFC 8839,
//! section 5.1). Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::ExternalAddress;

const LINE: &str = "a=candidate:";
/// RFC 8445, section 5.1.2.1: what a priority's first byte is for server-reflexive candidates.
const REFLEXIVE_PREFERENCE: u32 = 100;

/// What the crate believes, and what is so.
#[derive(Clone, Debug, Default)]
pub struct Rewriting {
    /// The crate's own UDP sockets and the ports in their place.
    pub udp: Vec<(SocketAddr, u16)>,
    /// The same for TCP.
    pub tcp: Vec<(SocketAddr, u16)>,
    pub external: Vec<ExternalAddress>,
    /// Only relayed candidates are told, and nothing of the address behind them (RFC 8828, mode 4).
    pub relay_only: bool,
}

impl Rewriting {
    /// What to say in place of one candidate: nothing, it, or more.
    pub fn candidate(&self, text: &str) -> Vec<String> {
        let Some(candidate) = Candidate::parse(text) else { return vec![text.to_owned()] };
        let mut candidates = Vec::with_capacity(2);
        self.rewrite(candidate, &mut candidates);
        candidates.iter().map(Candidate::text).collect()
    }

    /// A whole description, each candidate once.
    pub fn description(&self, sdp: &str) -> String {
        let mut out = String::with_capacity(sdp.len() + 256);
        let mut said: Vec<String> = Vec::new();
        for line in sdp.split_inclusive('\n') {
            if line.starts_with("m=") {
                said.clear();
            }
            let Some(candidate) = line.starts_with(LINE).then(|| line.trim_end()) else {
                out.push_str(line);
                continue;
            };
            for text in self.candidate(&candidate[2..]) {
                if !said.contains(&text) {
                    out.push_str("a=");
                    out.push_str(&text);
                    out.push_str("\r\n");
                    said.push(text);
                }
            }
        }
        out
    }

    fn rewrite<'a>(&self, mut candidate: Candidate<'a>, out: &mut Vec<Candidate<'a>>) {
        if self.relay_only {
            if candidate.kind == "relay" {
                candidate.related = candidate.related.map(|related| match related {
                    SocketAddr::V4(_) => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0),
                    SocketAddr::V6(_) => SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0),
                });
                out.push(candidate);
            }
            return;
        }
        let tcp = candidate.transport.eq_ignore_ascii_case("tcp");
        // We connect to nobody: a page must not make us knock at other machines' doors.
        if tcp && candidate.rest.windows(2).any(|pair| pair == ["tcptype", "active"]) {
            return;
        }
        let ports = if tcp { &self.tcp } else { &self.udp };
        let public =
            |address: SocketAddr| ports.iter().rev().find(|(bound, _)| *bound == address).map(|(_, port)| *port);
        if candidate.kind == "host" {
            candidate.address.set_port(public(candidate.address).unwrap_or(candidate.address.port()));
            self.externalize(candidate, out);
        } else {
            if let Some(related) = &mut candidate.related {
                related.set_port(public(*related).unwrap_or(related.port()));
            }
            out.push(candidate);
        }
    }

    fn externalize<'a>(&self, mut candidate: Candidate<'a>, out: &mut Vec<Candidate<'a>>) {
        let own = candidate.address.ip();
        if let Some(pair) = self.external.iter().find(|pair| pair.internal == Some(own)) {
            candidate.address.set_ip(pair.external);
            out.push(candidate);
            return;
        }
        let alone = |external: &&ExternalAddress| {
            external.internal.is_none() && external.external.is_ipv4() == own.is_ipv4() && external.external != own
        };
        let reached =
            |candidate: &Candidate<'_>| !own.is_loopback() && !candidate.transport.eq_ignore_ascii_case("tcp");
        let also = self.external.iter().filter(alone).filter(|_| reached(&candidate)).map(|external| Candidate {
            foundation: format!("{}x", candidate.foundation),
            priority: candidate.priority & 0x00ff_ffff | REFLEXIVE_PREFERENCE << 24,
            address: SocketAddr::new(external.external, candidate.address.port()),
            kind: "srflx",
            related: Some(candidate.address),
            ..candidate.clone()
        });
        let also: Vec<_> = also.collect();
        out.push(candidate);
        out.extend(also);
    }
}

#[derive(Clone)]
struct Candidate<'a> {
    foundation: String,
    component: &'a str,
    transport: &'a str,
    priority: u32,
    address: SocketAddr,
    kind: &'a str,
    related: Option<SocketAddr>,
    rest: Vec<&'a str>,
}

impl<'a> Candidate<'a> {
    /// None for what has no address (`.local` names), or is no candidate.
    fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.strip_prefix("candidate:")?.split_ascii_whitespace();
        let (foundation, component, transport) = (words.next()?.to_owned(), words.next()?, words.next()?);
        let priority = words.next()?.parse().ok()?;
        let address = SocketAddr::new(words.next()?.parse::<IpAddr>().ok()?, words.next()?.parse().ok()?);
        if words.next()? != "typ" {
            return None;
        }
        let kind = words.next()?;
        let rest: Vec<&str> = words.collect();
        let (related, rest) = match rest.as_slice() {
            ["raddr", ip, "rport", port, rest @ ..] => {
                (Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?)), rest)
            }
            rest => (None, rest),
        };
        Some(Self { foundation, component, transport, priority, address, kind, related, rest: rest.to_vec() })
    }

    fn text(&self) -> String {
        let Self { foundation, component, transport, priority, address, kind, related, rest } = self;
        let (ip, port) = (address.ip(), address.port());
        let mut text = format!("candidate:{foundation} {component} {transport} {priority} {ip} {port} typ {kind}");
        if let Some(related) = related {
            text.push_str(&format!(" raddr {} rport {}", related.ip(), related.port()));
        }
        for word in rest {
            text.push(' ');
            text.push_str(word);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "candidate:1 1 udp 2130706431 10.0.0.5 40000 typ host ufrag abcd";

    fn rewriting(external: &[&str]) -> Rewriting {
        Rewriting {
            udp: vec![("10.0.0.5:40000".parse().unwrap(), 7000), ("127.0.0.1:40001".parse().unwrap(), 7000)],
            tcp: vec![("10.0.0.5:40000".parse().unwrap(), 7443)],
            external: external.iter().map(|text| ExternalAddress::parse(text).unwrap()).collect(),
            relay_only: false,
        }
    }

    #[test]
    fn a_placeholder_port_becomes_the_shared_one() {
        let shared = rewriting(&[]);
        assert_eq!(shared.candidate(HOST), [HOST.replace("40000", "7000")]);
        let other = "candidate:1 1 udp 2130706431 10.0.0.6 40000 typ host";
        assert_eq!(shared.candidate(other), [other]);
        let reflexive = "candidate:2 1 udp 1694498815 203.0.113.5 7000 typ srflx raddr 10.0.0.5 rport 40000";
        assert_eq!(shared.candidate(reflexive), [reflexive.replace("40000", "7000")]);
        let relayed = "candidate:3 1 udp 16777215 198.51.100.1 40000 typ relay raddr 10.0.0.9 rport 40000";
        assert_eq!(shared.candidate(relayed), [relayed]);
    }

    #[test]
    fn relay_only_tells_no_address_of_ours() {
        let hidden = Rewriting { relay_only: true, ..rewriting(&["203.0.113.5"]) };
        assert!(hidden.candidate(HOST).is_empty());
        let relayed = "candidate:3 1 udp 16777215 198.51.100.1 40000 typ relay raddr 10.0.0.9 rport 40000";
        let expected = "candidate:3 1 udp 16777215 198.51.100.1 40000 typ relay raddr 0.0.0.0 rport 0";
        assert_eq!(hidden.candidate(relayed), [expected]);
        let sdp = format!("v=0\r\nm=video 9\r\na={HOST}\r\na={relayed}\r\n");
        assert_eq!(hidden.description(&sdp), format!("v=0\r\nm=video 9\r\na={expected}\r\n"));
    }

    #[test]
    fn a_pair_replaces_the_internal_address() {
        let nat = rewriting(&["10.0.0.5=203.0.113.5"]);
        assert_eq!(nat.candidate(HOST), ["candidate:1 1 udp 2130706431 203.0.113.5 7000 typ host ufrag abcd"]);
        assert_eq!(nat.candidate(&HOST.replace(".5", ".6")), [HOST.replace(".5", ".6")]);
    }

    #[test]
    fn an_external_address_alone_is_offered_besides() {
        let nat = rewriting(&["203.0.113.5", "2001:db8::5"]);
        let [own, external] = &nat.candidate(HOST)[..] else { panic!("{:?}", nat.candidate(HOST)) };
        assert_eq!(*own, HOST.replace("40000", "7000"));
        // 100 << 24 | 0xffffff & 2130706431
        let expected = "candidate:1x 1 udp 1694498815 203.0.113.5 7000 typ srflx raddr 10.0.0.5 rport 7000 ufrag abcd";
        assert_eq!(*external, expected);
        let loopback = "candidate:1 1 udp 2130706431 127.0.0.1 40001 typ host";
        assert_eq!(nat.candidate(loopback).len(), 1, "nobody outside reaches us there");
    }

    #[test]
    fn tcp_has_its_own_port_and_is_passive_only() {
        let shared = rewriting(&[]);
        let passive = "candidate:4 1 tcp 1671430143 10.0.0.5 40000 typ host tcptype passive";
        assert_eq!(shared.candidate(passive), [passive.replace("40000", "7443")]);
        let active = "candidate:5 1 tcp 1675624447 10.0.0.5 9 typ host tcptype active";
        assert!(shared.candidate(active).is_empty());
    }

    #[test]
    fn a_description_is_rewritten_line_by_line() {
        let sdp = format!(
            "v=0\r\nm=video 9\r\na={HOST}\r\na={HOST}\r\na=end-of-candidates\r\nm=audio 9\r\na={HOST}\r\na=mid:1\r\n"
        );
        let own = HOST.replace("40000", "7000");
        let expected =
            format!("v=0\r\nm=video 9\r\na={own}\r\na=end-of-candidates\r\nm=audio 9\r\na={own}\r\na=mid:1\r\n");
        assert_eq!(rewriting(&[]).description(&sdp), expected);
        assert_eq!(
            Rewriting::default().description(&sdp.replace(&format!("a={HOST}\r\na={HOST}"), "x=")).len(),
            sdp.len() - 2 * HOST.len() - 4
        );
    }

    #[test]
    fn what_is_no_candidate_passes() {
        for text in
            ["", "candidate:", "candidate:1 1 udp x 1.2.3.4 5 typ host", "candidate:1 1 udp 1 abc.local 5 typ host"]
        {
            assert_eq!(rewriting(&["203.0.113.5"]).candidate(text), [text]);
        }
    }
}

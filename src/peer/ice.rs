//! Where packets may come in, which servers help, and candidates between the crate's words and ours.

use std::net::{IpAddr, SocketAddr};

use rtc::peer_connection::transport::{RTCIceCandidate, RTCIceCandidateInit};
use rtc::shared::ifaces::ifaces;

use crate::signaling::IceCandidate;

/// Sockets a peer opens at most: a machine with many virtual interfaces would offer a browser more than it can check.
const MAX_ADDRESSES: usize = 16;
/// Candidates kept for a remote description that has not come yet, and accepted in all.
pub const MAX_REMOTE_CANDIDATES: usize = 256;

/// The addresses to bind, each with port 0. The crate's wildcard would leave loopback out, so they are listed.
pub fn bind_addresses(configured: &[IpAddr]) -> Vec<SocketAddr> {
    let mut addresses: Vec<IpAddr> = if configured.is_empty() {
        match ifaces() {
            Ok(interfaces) => interfaces.iter().filter_map(|interface| Some(interface.addr?.ip())).collect(),
            Err(error) => {
                tracing::warn!(%error, "the network interfaces cannot be listed; only this machine can be reached");
                vec![IpAddr::from([127, 0, 0, 1])]
            }
        }
    } else {
        configured.to_vec()
    };
    addresses.retain(|address| !address.is_unspecified() && !is_link_local(address));
    let mut seen = Vec::with_capacity(addresses.len());
    addresses.retain(|address| {
        let new = !seen.contains(address);
        seen.push(*address);
        new
    });
    // Loopback last: when there are too many, the ones others can reach stay.
    addresses.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    addresses.truncate(MAX_ADDRESSES);
    addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect()
}

/// Such an address means nothing without the interface it belongs to, which a candidate cannot say.
fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// One of our candidates, for the section that carries the transport.
pub fn local_candidate(candidate: &RTCIceCandidate, section: (String, u16)) -> Option<IceCandidate> {
    let (mid, index) = section;
    Some(IceCandidate {
        candidate: candidate.to_json().ok()?.candidate,
        sdp_mid: (!mid.is_empty()).then_some(mid),
        sdp_mline_index: Some(index),
    })
}

/// A candidate of the browser; None for the end of candidates, which the crate does not need.
pub fn remote_candidate(candidate: IceCandidate) -> Option<RTCIceCandidateInit> {
    let text = candidate.candidate.trim();
    let text = text.strip_prefix("a=").unwrap_or(text);
    if text.strip_prefix("candidate:").unwrap_or(text).trim().is_empty() {
        return None;
    }
    Some(RTCIceCandidateInit {
        candidate: text.to_owned(),
        sdp_mid: candidate.sdp_mid,
        sdp_mline_index: candidate.sdp_mline_index,
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_listed_loopback_last_and_none_twice() {
        let addresses = bind_addresses(&[]);
        assert!(addresses.last().is_some_and(|address| address.ip().is_loopback()), "{addresses:?}");
        assert!(addresses.iter().all(|address| address.port() == 0 && !address.ip().is_unspecified()));
        let given: Vec<IpAddr> =
            ["::1", "127.0.0.1", "10.0.0.1", "127.0.0.1", "0.0.0.0", "fe80::1"].map(|a| a.parse().unwrap()).to_vec();
        let bound: Vec<String> = bind_addresses(&given).iter().map(ToString::to_string).collect();
        assert_eq!(bound, ["10.0.0.1:0", "127.0.0.1:0", "[::1]:0"]);
    }

    #[test]
    fn the_end_of_candidates_is_no_candidate() {
        let candidate = |text: &str| IceCandidate { candidate: text.into(), sdp_mid: None, sdp_mline_index: None };
        assert!(remote_candidate(candidate("")).is_none());
        assert!(remote_candidate(candidate("candidate:")).is_none());
        let given = remote_candidate(candidate("a=candidate:1 1 udp 1 1.2.3.4 5 typ host")).unwrap();
        assert_eq!(given.candidate, "candidate:1 1 udp 1 1.2.3.4 5 typ host");
    }
}

//! Which STUN and TURN servers give no candidate, and why (W3C `icecandidateerror`): read from what goes to them and comes
//! back, since the crate tells nobody. Pure.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::stun::{self, Class, TransactionId};
use crate::peer::settings::CandidateError;

/// W3C: the server was not reached.
const UNREACHED: u16 = 701;
/// RFC 8489, section 18.4, and RFC 8656, section 17: to be asked again, with what is missing.
const UNAUTHENTICATED: u16 = 401;
const STALE_NONCE: u16 = 438;
/// Questions with a password that may be under way.
const QUESTIONS: usize = 64;

#[derive(Debug)]
struct Server {
    /// As configured.
    url: String,
    /// What the crate looks up.
    name: String,
    addresses: Vec<SocketAddr>,
    /// From where it was asked.
    asked: Option<SocketAddr>,
    answered: bool,
    error: Option<(u16, String)>,
}

/// What the servers of one connection were asked and answered.
#[derive(Debug, Default)]
pub struct Inquiry {
    servers: Vec<Server>,
    /// Questions with a password.
    signed: VecDeque<TransactionId>,
}

impl Inquiry {
    /// `url` as configured, `own` as the crate was told it.
    pub fn enlist(&mut self, url: &str, own: &str) {
        let Some(name) = name(own) else { return };
        let url = url.to_owned();
        self.servers.push(Server { url, name, addresses: Vec::new(), asked: None, answered: false, error: None });
    }

    /// The crate has looked a name up.
    pub fn resolved(&mut self, name: &str, addresses: Result<&[SocketAddr], String>) {
        for server in self.servers.iter_mut().filter(|server| server.name == name) {
            match &addresses {
                Ok([]) => server.error = Some((UNREACHED, "no address has this name".into())),
                Ok(addresses) => server.addresses = addresses.to_vec(),
                Err(error) => server.error = Some((UNREACHED, error.clone())),
            }
        }
    }

    /// A datagram goes out.
    pub fn asked(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        let mut asked = self.servers.iter_mut().filter(|server| server.addresses.contains(&to)).peekable();
        if asked.peek().is_none() {
            return;
        }
        let Some(message) = stun::read(datagram) else { return };
        asked.for_each(|server| server.asked = Some(from));
        if message.is_signed() {
            self.signed.truncate(QUESTIONS - 1);
            self.signed.push_front(message.transaction);
        }
    }

    /// A datagram has come.
    pub fn heard(&mut self, from: SocketAddr, datagram: &[u8]) {
        let mut heard = self.servers.iter_mut().filter(|server| server.addresses.contains(&from)).peekable();
        if heard.peek().is_none() {
            return;
        }
        let Some(message) = stun::read(datagram) else { return };
        match message.class {
            Class::Success => heard.for_each(|server| server.answered = true),
            Class::Error => {
                let Some((code, reason)) = message.error() else { return };
                let again = code == UNAUTHENTICATED && !self.signed.contains(&message.transaction);
                if !again && code != STALE_NONCE {
                    heard.for_each(|server| server.error = Some((code, reason.clone())));
                }
            }
            Class::Request | Class::Indication => {}
        }
    }

    /// Gathering has ended: the servers that gave nothing. Each is told once.
    pub fn take_errors(&mut self) -> Vec<CandidateError> {
        self.signed.clear();
        let mut errors = Vec::new();
        for server in &mut self.servers {
            let silent = server.asked.is_some().then(|| (UNREACHED, "the server does not answer".to_owned()));
            let error = server.error.take().or(silent).filter(|_| !server.answered);
            if let Some((code, text)) = error {
                let (address, port) =
                    server.asked.map_or_else(Default::default, |from| (from.ip().to_string(), from.port()));
                errors.push(CandidateError { address, port, url: server.url.clone(), code, text });
            }
            server.asked = None;
        }
        errors
    }
}

/// The host and port that the crate looks up; the port is 3478 unless it is said (RFC 7064, RFC 7065).
fn name(url: &str) -> Option<String> {
    let (_, rest) = url.split_once(':')?;
    let host = rest.split('?').next()?;
    let port = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok() && !host.ends_with(']'));
    Some(port.map_or_else(|| format!("{host}:3478"), |_| host.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUN: &str = "stun:stun.example:3478";
    const TURN: &str = "turn:turn.example:3478";

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// A message with one attribute.
    fn message(kind: u16, transaction: u8, attribute: Option<(u16, &[u8])>) -> Vec<u8> {
        let mut message = stun::tests::message(kind, transaction, None);
        if let Some((name, value)) = attribute {
            let length = (4 + value.len().next_multiple_of(4)) as u16;
            message[2..4].copy_from_slice(&length.to_be_bytes());
            message.extend(name.to_be_bytes());
            message.extend((value.len() as u16).to_be_bytes());
            message.extend(value);
            message.resize(message.len().next_multiple_of(4), 0);
        }
        message
    }

    fn inquiry() -> Inquiry {
        let mut inquiry = Inquiry::default();
        for url in [STUN, TURN] {
            inquiry.enlist(url, url);
        }
        inquiry.resolved("stun.example:3478", Ok(&[address("192.0.2.1:3478")]));
        inquiry.resolved("turn.example:3478", Ok(&[address("192.0.2.2:3478")]));
        inquiry
    }

    #[test]
    fn a_url_leads_to_the_name_that_is_looked_up() {
        for (url, expected) in [
            ("stun:stun.example", "stun.example:3478"),
            ("turn:10.0.0.1:99?transport=udp", "10.0.0.1:99"),
            ("stun:[::1]", "[::1]:3478"),
            ("stun:[::1]:5", "[::1]:5"),
        ] {
            assert_eq!(name(url).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_server_that_is_silent_or_has_no_address_was_not_reached() {
        let mut inquiry = inquiry();
        let own = address("10.0.0.1:4000");
        inquiry.asked(own, address("192.0.2.1:3478"), &message(0x0001, 1, None));
        let errors = inquiry.take_errors();
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert_eq!((error.url.as_str(), error.code, error.port), (STUN, 701, 4000));
        assert_eq!(error.address, "10.0.0.1");
        assert!(inquiry.take_errors().is_empty(), "once");
        inquiry.resolved("turn.example:3478", Err("no such name".into()));
        let errors = inquiry.take_errors();
        assert_eq!((errors[0].url.as_str(), errors[0].code, errors[0].text.as_str()), (TURN, 701, "no such name"));
    }

    #[test]
    fn a_server_that_answers_is_well_whatever_it_asked_for_first() {
        let mut inquiry = inquiry();
        let (own, turn) = (address("10.0.0.1:4000"), address("192.0.2.2:3478"));
        inquiry.asked(own, turn, &message(0x0003, 1, None));
        inquiry.heard(turn, &message(0x0113, 1, Some((0x0009, &[0, 0, 4, 1]))));
        inquiry.asked(own, turn, &message(0x0003, 2, Some((0x0008, &[0; 20]))));
        inquiry.heard(turn, &message(0x0103, 2, None));
        assert!(inquiry.take_errors().is_empty());
    }

    #[test]
    fn a_password_that_is_refused_is_told_with_the_servers_own_words() {
        let mut inquiry = inquiry();
        let (own, turn) = (address("10.0.0.1:4000"), address("192.0.2.2:3478"));
        inquiry.asked(own, turn, &message(0x0003, 2, Some((0x0008, &[0; 20]))));
        inquiry.heard(turn, &message(0x0113, 2, Some((0x0009, b"\0\0\x04\x01Unauthorized"))));
        let errors = inquiry.take_errors();
        assert_eq!((errors[0].code, errors[0].text.as_str()), (401, "Unauthorized"));
        inquiry.heard(address("192.0.2.9:3478"), &message(0x0113, 2, Some((0x0009, &[0, 0, 5, 0]))));
        assert!(inquiry.take_errors().is_empty(), "it is no server of ours");
    }
}

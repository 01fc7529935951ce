//! Sessions that outlive their sockets: a page whose network has changed opens another socket and goes on. Pure.
//!
//! The page chooses a key, gives it with its first socket, and again with each that takes the session over. The key is its
//! secret: whoever knows it is the page.
//!
//! When a network changes both sides look for a way at once, and the page's offer stands: of Chromium, one that takes its
//! own ICE restart back goes on nominating from the socket that was for it, for seconds. So the host is the polite side
//! (W3C webrtc-pc, section 10.7) of a session with a key, and the page is told that it is not.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Arrival, Frame, Hub, HubError, SessionId};
use crate::signaling::SignalEvent;

/// A session whose line has broken is kept for so long, in ms.
pub const RESUME_TIMEOUT_MS: u64 = 5_000;
/// Keys are random: no fewer bytes than that hold 64 random bits as hexadecimal digits, and no more than a UUID with room.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// What a page proves with that a session is its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResumeKey(Arc<str>);

impl ResumeKey {
    /// None for what is too short to be secret, too long, or not letters, digits and `-`.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (plain && KEY_BYTES.contains(&text.len())).then(|| Self(Arc::from(text)))
    }
}

/// Never in a log.
impl std::fmt::Debug for ResumeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResumeKey")
    }
}

/// One socket of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub session: SessionId,
    /// Which of its sockets; the newest counts.
    number: u64,
}

#[derive(Debug)]
struct Kept {
    key: ResumeKey,
    number: u64,
    /// Since when it has no socket, in ms.
    broken: Option<u64>,
}

/// The sessions that have a key.
#[derive(Debug, Default)]
pub struct Lines {
    by_key: HashMap<ResumeKey, SessionId>,
    kept: HashMap<SessionId, Kept>,
}

impl Lines {
    /// Whether the session has a key.
    pub fn has(&self, id: &SessionId) -> bool {
        self.kept.contains_key(id)
    }

    pub fn leave(&mut self, id: &SessionId) {
        if let Some(kept) = self.kept.remove(id) {
            self.by_key.remove(&kept.key);
        }
    }

    /// Whose lines have been broken for too long.
    pub fn expired(&self, now: u64) -> Vec<SessionId> {
        let late = |kept: &Kept| kept.broken.is_some_and(|since| now.saturating_sub(since) > RESUME_TIMEOUT_MS);
        self.kept.iter().filter(|(_, kept)| late(kept)).map(|(id, _)| id.clone()).collect()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty() && self.kept.is_empty()
    }
}

impl<W: Clone> Hub<W> {
    /// A socket arrives: a new session's, with the id `id`, or with a key that is known that session's new one. The host then
    /// hears that the page is back, and the older socket ends.
    pub fn open_line(
        &mut self,
        id: SessionId,
        arrival: Arrival,
        key: Option<ResumeKey>,
        wake: W,
        now: u64,
    ) -> Result<Line, HubError> {
        if let Some(line) = key.as_ref().and_then(|key| self.resume(key, &arrival, &wake)) {
            return Ok(line);
        }
        self.open(id.clone(), arrival, wake, now)?;
        // A key that names a session in another room stays that one's.
        if let Some(key) = key.filter(|key| !self.lines.by_key.contains_key(key)) {
            self.lines.by_key.insert(key.clone(), id.clone());
            self.lines.kept.insert(id.clone(), Kept { key, number: 0, broken: None });
        }
        Ok(Line { session: id, number: 0 })
    }

    fn resume(&mut self, key: &ResumeKey, arrival: &Arrival, wake: &W) -> Option<Line> {
        let id = self.lines.by_key.get(key)?.clone();
        let session = self.sessions.get_mut(&id).filter(|session| session.arrival.room == arrival.room)?;
        // What waited for a socket that took nothing is not worth more than what the host says from now on.
        if std::mem::take(&mut session.overrun) {
            session.take_frames();
        }
        let before = std::mem::replace(&mut session.wake, wake.clone());
        let connections: Vec<_> = session.connections().cloned().collect();
        let kept = self.lines.kept.get_mut(&id)?;
        kept.number += 1;
        kept.broken = None;
        let line = Line { session: id, number: kept.number };
        self.woken.push(before);
        for connection in connections {
            // Too many events of one page: it tries again.
            let _ = self.tell(SignalEvent::Resumed { connection });
        }
        Some(line)
    }

    /// A socket ends. `keep`: its session may be taken over for [`RESUME_TIMEOUT_MS`], if there is anything to go on with. A
    /// page says goodbye to each connection, so the end of its socket is none: the next one may be on its way already.
    pub fn close_line(&mut self, line: &Line, keep: bool, now: u64) {
        if !self.is_newest(line) {
            return;
        }
        let busy = self.sessions.get(&line.session).is_some_and(|session| session.connections().len() > 0);
        match self.lines.kept.get_mut(&line.session) {
            Some(kept) if keep && busy => kept.broken = Some(now),
            _ => self.close(&line.session),
        }
    }

    /// Frames for a socket; none when its session is unknown, another socket has taken it over, or it is so slow that it
    /// must be closed.
    pub fn take_frames_of(&mut self, line: &Line) -> Option<Vec<Frame>> {
        if self.is_newest(line) { self.take_frames(&line.session) } else { None }
    }

    fn is_newest(&self, line: &Line) -> bool {
        self.lines.kept.get(&line.session).is_none_or(|kept| kept.number == line.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ServerConfig, SignalingMode};
    use crate::server::hub::{Limits, Transport};
    use crate::server::room::Room;
    use crate::server::wire::Message;
    use crate::signaling::{ConnectionId, SignalCommand};

    const SECRET: &str = "0123456789abcdef";

    fn hub() -> Hub<&'static str> {
        Hub::new(SignalingMode::Public, Limits::of(&ServerConfig::default()))
    }

    fn sid(text: &str) -> SessionId {
        SessionId(Arc::from(text))
    }

    fn open(hub: &mut Hub<&'static str>, id: &'static str, key: &str, now: u64) -> Line {
        let arrival = Arrival::of(Transport::WebSocket);
        hub.open_line(sid(id), arrival, ResumeKey::parse(key), id, now).unwrap()
    }

    fn connection() -> ConnectionId {
        ConnectionId(Arc::from("c"))
    }

    #[test]
    fn a_session_goes_on_over_another_socket_and_the_host_is_told() {
        let mut hub = hub();
        let first = open(&mut hub, "first", SECRET, 0);
        hub.offer(&first.session, &connection(), "sdp".into(), 0).unwrap();
        assert!(matches!(hub.poll_event(), Some(SignalEvent::Offer { .. })));
        hub.take_woken();
        let second = open(&mut hub, "second", SECRET, 10);
        assert_eq!(second.session, first.session);
        assert_eq!(hub.take_woken(), ["first"], "the old socket hears that it is one");
        assert_eq!(hub.poll_event(), Some(SignalEvent::Resumed { connection: connection() }));
        assert!(hub.take_frames_of(&first).is_none() && hub.take_frames_of(&second).is_some());
        // The end of the old socket is nobody's end.
        hub.close_line(&first, false, 20);
        assert_eq!(hub.session_count(), 1);
        hub.close_line(&second, false, 30);
        assert_eq!(hub.poll_event(), Some(SignalEvent::Disconnect { connection: connection() }));
        assert!(hub.is_empty());
    }

    #[test]
    fn a_broken_line_is_waited_for_and_not_for_ever() {
        let mut hub = hub();
        let first = open(&mut hub, "first", SECRET, 0);
        hub.offer(&first.session, &connection(), "sdp".into(), 0).unwrap();
        hub.close_line(&first, true, 1_000);
        hub.expire(1_000 + RESUME_TIMEOUT_MS);
        let second = open(&mut hub, "second", SECRET, 6_000);
        hub.close_line(&second, true, 7_000);
        hub.expire(7_001 + RESUME_TIMEOUT_MS);
        while hub.poll_event().is_some() {}
        assert!(hub.is_empty());
        let third = open(&mut hub, "third", SECRET, 20_000);
        assert_eq!(third.session, sid("third"));
        // Nothing to go on with.
        hub.close_line(&third, true, 20_000);
        assert_eq!(hub.session_count(), 0);
    }

    #[test]
    fn a_session_without_a_key_ends_with_its_socket() {
        let mut hub = hub();
        for wrong in ["", "short", "not a key of ours", &"x".repeat(65)] {
            assert!(ResumeKey::parse(wrong).is_none(), "{wrong}");
            let line = open(&mut hub, "first", wrong, 0);
            hub.close_line(&line, true, 0);
            assert!(hub.is_empty());
        }
    }

    /// Who yields when both offer at once, as the host is told and as the page is, when it connects and with an offer.
    fn polite(hub: &mut Hub<&'static str>, line: &Line) -> (bool, [bool; 2]) {
        while hub.poll_event().is_some() {}
        hub.connect(&line.session, &connection(), 0).unwrap();
        hub.offer(&line.session, &connection(), "sdp".into(), 0).unwrap();
        let (outer, host) = match hub.poll_event() {
            Some(SignalEvent::Offer { connection, polite, .. }) => (connection, polite),
            other => panic!("{other:?}"),
        };
        hub.handle_command(SignalCommand::Offer { connection: outer, sdp: "sdp".into() }, 0);
        let told = hub.take_frames_of(line).unwrap().into_iter().map(|frame| match frame {
            Frame::Message(Message::Connect { polite, .. } | Message::Offer { polite, .. }) => polite,
            other => panic!("{other:?}"),
        });
        (host, told.collect::<Vec<_>>().try_into().unwrap())
    }

    #[test]
    fn the_host_yields_to_a_page_with_a_key_and_others_yield_to_it() {
        for mode in [SignalingMode::Public, SignalingMode::Private] {
            let mut hub = Hub::new(mode, Limits::of(&ServerConfig::default()));
            let line = open(&mut hub, "first", SECRET, 0);
            assert_eq!(polite(&mut hub, &line), (true, [false, false]));
            let line = open(&mut hub, "second", SECRET, 0);
            assert_eq!(polite(&mut hub, &line), (true, [false, false]), "over another socket too");
            hub.close_line(&line, false, 0);
            let line = open(&mut hub, "third", "short", 0);
            let (host, [page, offered]) = polite(&mut hub, &line);
            assert!(!host && page && offered == (mode == SignalingMode::Private));
            // One that is somebody else's is no key.
            open(&mut hub, "fourth", SECRET, 0);
            hub.close_line(&line, false, 0);
            let arrival = Arrival { room: Room::parse("blue"), ..Arrival::of(Transport::WebSocket) };
            let line = hub.open_line(sid("fifth"), arrival, ResumeKey::parse(SECRET), "fifth", 0).unwrap();
            let (host, [page, _]) = polite(&mut hub, &line);
            assert!(!host && page);
        }
    }

    #[test]
    fn a_key_opens_nothing_in_another_room() {
        let mut hub = hub();
        let first = open(&mut hub, "first", SECRET, 0);
        let arrival = Arrival { room: Room::parse("blue"), ..Arrival::of(Transport::WebSocket) };
        let other = hub.open_line(sid("other"), arrival, ResumeKey::parse(SECRET), "other", 0).unwrap();
        assert_ne!(first.session, other.session);
        hub.close_line(&other, true, 0);
        assert_eq!(hub.session_count(), 1);
        hub.close_line(&first, false, 0);
        assert!(hub.is_empty());
    }
}

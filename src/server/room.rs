//! Rooms: `/room/<name>` before any path tells groups of viewers apart. Pure.
//!
//! The host knows a connection that was made in a room as `/room/<name>/<connection>`; no page can choose such an id, so the
//! name is the address that the viewer opened. Within a room, and between rooms, nobody meets anybody but the host.

use std::sync::Arc;

use super::wire::ROOM_PREFIX;
use crate::signaling::ConnectionId;

/// Longest name of a room, in bytes.
pub const MAX_NAME_BYTES: usize = 32;

/// A room's name: 1 to 32 unreserved characters (RFC 3986, section 2.3), and not only dots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Room(Arc<str>);

impl Room {
    pub fn parse(name: &str) -> Option<Self> {
        let fits = (1..=MAX_NAME_BYTES).contains(&name.len());
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        (fits && is_plain && name.bytes().any(|byte| byte != b'.')).then(|| Self(Arc::from(name)))
    }

    /// The host's name of a page's connection.
    pub fn outer(&self, connection: &ConnectionId) -> ConnectionId {
        ConnectionId(format!("{ROOM_PREFIX}{}/{connection}", self.0).into())
    }

    /// The page's name of its connection.
    pub fn inner(&self, connection: &ConnectionId) -> ConnectionId {
        let inner = connection.0.strip_prefix(ROOM_PREFIX).and_then(|rest| rest.strip_prefix(self.0.as_ref()));
        inner.and_then(|rest| rest.strip_prefix('/')).map_or_else(|| connection.clone(), |id| ConnectionId(id.into()))
    }
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The room that a path names and the path within it; none if the name is no room's. `/relay/<name>` and `/call/<name>` are
/// short for `/room/<name>/relay` and `/room/<name>/call`.
pub fn split(path: &str) -> Option<(Option<Room>, &str)> {
    for short in ["/relay", "/call"] {
        if let Some(name) = path.strip_prefix(short).and_then(|rest| rest.strip_prefix('/')).filter(|n| !n.is_empty()) {
            let name = name.strip_suffix('/').unwrap_or(name);
            return Room::parse(name).map(|room| (Some(room), short));
        }
    }
    let Some(rest) = path.strip_prefix(ROOM_PREFIX) else { return Some((None, path)) };
    let (name, inner) = rest.find('/').map_or((rest, "/"), |end| rest.split_at(end));
    Room::parse(name).map(|room| (Some(room), inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> Option<Room> {
        Room::parse(name)
    }

    #[test]
    fn paths_are_split_into_room_and_rest() {
        let cases = [
            ("/", None, "/"),
            ("/signaling/offer", None, "/signaling/offer"),
            ("/room/blue", Some("blue"), "/"),
            ("/room/blue/", Some("blue"), "/"),
            ("/room/blue/page.js", Some("blue"), "/page.js"),
            ("/room/blue/signaling/connection", Some("blue"), "/signaling/connection"),
            ("/relay", None, "/relay"),
            ("/relay/", None, "/relay/"),
            ("/relay/blue", Some("blue"), "/relay"),
            ("/relay/blue/", Some("blue"), "/relay"),
            ("/room/blue/relay", Some("blue"), "/relay"),
            ("/call/blue", Some("blue"), "/call"),
            ("/relayed", None, "/relayed"),
        ];
        for (path, name, rest) in cases {
            assert_eq!(split(path), Some((name.and_then(room), rest)), "{path}");
        }
    }

    #[test]
    fn what_is_no_name_is_no_room() {
        let long = format!("/room/{}", "x".repeat(MAX_NAME_BYTES + 1));
        for path in ["/room/", "/room//", "/room/..", "/room/a%2Fb", "/room/a b", "/relay/a/b", "/room/ä", &long] {
            assert_eq!(split(path), None, "{path}");
        }
    }

    #[test]
    fn the_hosts_name_of_a_connection_and_the_pages_lead_to_each_other() {
        let blue = room("blue").unwrap();
        let own = ConnectionId("1".into());
        assert_eq!(blue.outer(&own).0.as_ref(), "/room/blue/1");
        assert_eq!(blue.inner(&blue.outer(&own)), own);
        assert_eq!(blue.inner(&own), own);
        let other = room("red").unwrap().outer(&own);
        assert_eq!(blue.inner(&other), other);
    }
}

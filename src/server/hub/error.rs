//! Why the hub refuses something.

use super::mailbox::MAX_CANDIDATES;
use crate::signaling::ConnectionId;

/// Connections of one session at most.
pub const MAX_CONNECTIONS: usize = 8;

/// Why the hub refuses a request, in words for the page that made it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    #[error("the session is unknown or has expired")]
    UnknownSession,
    #[error("{0}: This connection id is already used.")]
    Used(ConnectionId),
    #[error("{0} viewers are here already: try again later")]
    TooManySessions(usize),
    #[error("{0} viewers are in this room already: try again later")]
    RoomFull(usize),
    #[error("{0} viewers are here from your address already: try again later")]
    AddressFull(usize),
    #[error("a session may have {MAX_CONNECTIONS} connections")]
    TooManyConnections,
    #[error("a connection may have {MAX_CANDIDATES} candidates")]
    TooManyCandidates,
    #[error("a session may send {0} messages a second")]
    TooFast(u32),
    #[error("the host is busy: try again")]
    Busy,
    #[error("the user name is taken")]
    NameTaken,
    #[error("this user is not here")]
    UnknownUser,
    #[error("this user reads too slowly: try again")]
    UserBusy,
}

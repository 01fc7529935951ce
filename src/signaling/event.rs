//! The words every signaling protocol is translated to and from.

use std::sync::Arc;

/// Names one connection, or one user, on one signaling server, chosen by the server or the page. Not secret, not trusted: at
/// most 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub Arc<str>);

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// W3C `RTCIceCandidateInit`. An empty `candidate` is the end of candidates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IceCandidate {
    pub candidate: String,
    pub sdp_mid: Option<String>,
    pub sdp_mline_index: Option<u16>,
}

/// What a signaling protocol tells us.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalEvent {
    /// The server answers; `description` names it and its protocol generation for people.
    Ready {
        description: String,
    },
    /// The server is lost or refuses; the protocol goes on trying by itself.
    Trouble {
        reason: String,
    },
    Offer {
        connection: ConnectionId,
        sdp: String,
        /// Whether *we* are the polite side of perfect negotiation.
        polite: bool,
        /// The page shows only `event.streams[0]`: audio and video must share one MediaStream (generation 1).
        one_stream: bool,
    },
    Answer {
        connection: ConnectionId,
        sdp: String,
    },
    Candidate {
        connection: ConnectionId,
        candidate: IceCandidate,
    },
    /// The other side waits for our offer.
    Invite {
        connection: ConnectionId,
        /// The page shows only `event.streams[0]`.
        one_stream: bool,
    },
    /// The other side has come back after its line broke, and may have missed what was told last.
    Resumed {
        connection: ConnectionId,
    },
    /// The other side left.
    Disconnect {
        connection: ConnectionId,
    },
    /// A user has come, and can be called.
    UserSignedIn {
        user: ConnectionId,
    },
    /// A user asks for the stream, and the host decides.
    CallRequested {
        user: ConnectionId,
    },
    /// A request, theirs or ours, came to nothing: it was taken back, declined, never answered, or is not known.
    CallEnded {
        user: ConnectionId,
    },
}

/// What the host decides about a user, where a protocol has calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAction {
    /// Ask the user to watch.
    Start,
    /// Grant the user's request.
    Accept,
    Decline,
    /// End the call or the request, whoever began it.
    End,
}

/// What we tell through a signaling protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalCommand {
    Offer {
        connection: ConnectionId,
        sdp: String,
    },
    Answer {
        connection: ConnectionId,
        sdp: String,
    },
    Candidate {
        connection: ConnectionId,
        candidate: IceCandidate,
    },
    /// We left this connection.
    Disconnect {
        connection: ConnectionId,
    },
    /// What the host decides about a user. Protocols without calls pass it over.
    Call {
        user: ConnectionId,
        action: CallAction,
    },
}

impl SignalCommand {
    /// The connection it is about, or the user.
    pub fn connection(&self) -> &ConnectionId {
        match self {
            Self::Offer { connection, .. }
            | Self::Answer { connection, .. }
            | Self::Candidate { connection, .. }
            | Self::Disconnect { connection }
            | Self::Call { user: connection, .. } => connection,
        }
    }
}

//! What a peer is told when it opens, what it tells, and why it fails.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::config::ProtectionMode;
use crate::encode::Codec;
use crate::fanout::PacketizedFrame;
use crate::pacing::PacingCounters;
use crate::receive::inlet::Inlet;
use crate::signaling::IceCandidate;
use crate::stats::Counter;
use crate::time::Nanos;
use crate::units::{Bitrate, SenderId, ViewerId};

use super::channels::{ChannelKey, ChannelOptions, OptionsError};
use super::choice::{Receivable, RequestedRates};
use super::configured::Configured;
use super::lanes::MOST_VIDEO_TRACKS;
use super::net::{Network, NetworkError};
use super::sdp::SdpError;
use super::states::StateChange;

/// How one viewer's connection is made.
#[derive(Clone, Debug)]
pub struct PeerSettings {
    pub viewer: ViewerId,
    /// Codecs with a working encoder, best first. Empty: no video.
    pub codecs: Vec<Codec>,
    /// Whether there is sound.
    pub audio: bool,
    /// Audio and video in one MediaStream (the browser then synchronises them and holds video back), else one each.
    pub one_stream: bool,
    /// What is taken from pages that send. Nothing by default.
    pub receivable: Receivable,
    /// Where that goes. None: nothing is received.
    pub inlet: Option<Inlet>,
    /// Servers, policies, certificate (W3C `RTCConfiguration`); whoever keeps a clone may change it later.
    pub configured: Configured,
    /// Local addresses to gather host candidates on. Empty: all of this machine, loopback included.
    pub bind_addresses: Vec<IpAddr>,
    /// The ports, shared with other peers.
    pub network: Network,
    /// The estimate before anything is measured.
    pub start_bitrate: Bitrate,
    /// The estimate never goes below this.
    pub min_bitrate: Bitrate,
    /// The estimate never goes above this.
    pub max_bitrate: Bitrate,
    /// How long the browser must at least and may at most hold a frame back, in ms; see
    /// [`set_playout_delay`](super::Peer::set_playout_delay).
    pub playout_delay_ms: (u32, u32),
    /// Whether media may be protected against loss.
    pub protection: ProtectionMode,
    /// Told of every video frame that has left. None: nobody wants to know.
    pub sent: Option<SentHook>,
    /// Counts the events that were lost because nobody read them.
    pub events_dropped: Counter,
    /// Counts what is sent again, and what is thrown away.
    pub pacing: PacingCounters,
}

/// A video frame whose last packet goes to encryption and the socket.
#[derive(Clone, Copy, Debug)]
pub struct Departed<'a> {
    pub frame: &'a PacketizedFrame,
    pub sender: SenderId,
    /// As this viewer has it; the frame's own is the layer's.
    pub rtp_timestamp: u32,
    /// When its packets went to the pacer.
    pub paced_at: Nanos,
}

/// Called once a frame, on the connection's own task: it must not wait.
#[derive(Clone)]
pub struct SentHook(pub Arc<dyn Fn(&Departed<'_>) + Send + Sync>);

impl std::fmt::Debug for SentHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentHook")
    }
}

/// What happens to a peer. Estimates, feedback and keyframe requests that nobody has taken yet are merged; the rest comes
/// in order and is not lost unless [`EVENT_LIMIT`](super::EVENT_LIMIT) of them wait.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerEvent {
    /// One of our candidates, to be sent to the browser.
    Candidate(IceCandidate),
    /// All our candidates are in [`local_description`](super::Peer::local_description).
    GatheringComplete,
    /// Media and messages can be sent. Comes again after a `Disconnected`.
    Connected,
    /// Nothing was heard from the browser for 5 s; it may come back. `Failed` follows 15 s later if it does not.
    Disconnected,
    /// Media is sent and nothing has come back for half a second, or longer where pauses are usual: the browser's network may
    /// have changed. Said again every 3 s.
    Silent,
    /// Something has come again, `after` so long a silence.
    Heard { after: Duration },
    /// The browser's packets come from another address than before, and media goes there.
    Moved,
    /// The connection is lost for good: close the peer.
    Failed { reason: String },
    /// The last event, after [`close`](super::Peer::close). Left out when there is no room for it.
    Closed,
    /// The browser takes our video in this codec; in `others` it would take it too. `rates` are what its page asks for; see
    /// [`set_limits`](super::Peer::set_limits).
    VideoNegotiated { codec: Codec, others: Vec<Codec>, rates: RequestedRates },
    /// The browser cannot or does not take our video. Everything else goes on.
    VideoRefused { reason: String },
    AudioNegotiated {
        /// It plays two channels.
        stereo: bool,
        /// It uses in-band error correction, and takes no redundant packets, which repair better and cost only itself.
        fec: bool,
    },
    /// The browser cannot decode until it gets a keyframe (PLI, RFC 4585; FIR, RFC 5104).
    KeyframeNeeded(SenderId),
    /// What is sent on an added track from now on; None: nothing is, of the first ones too, by agreement.
    TrackNegotiated { sender: SenderId, codec: Option<Codec> },
    /// What the path carries, all streams together.
    Estimate(Bitrate),
    /// From the browser's receiver reports on video, about once a second (RFC 3550, section 6.4).
    Feedback {
        /// None until the browser has seen a sender report.
        rtt: Option<Duration>,
        /// 0 to 1, since its report before.
        fraction_lost: f32,
    },
    /// The part of the path, 0 to 1, that protecting video against loss takes from video.
    Protection { share: f32 },
    /// One of the connection's states is another one.
    StateChanged(StateChange),
    /// Tracks, channels or directions have changed: see [`negotiation_is_needed`](super::Peer::negotiation_is_needed).
    NegotiationMayBeNeeded,
    /// A STUN or TURN server gave no candidate.
    CandidateError(CandidateError),
    /// The first packet of what the page sends is in the inlet.
    Receiving,
    /// A data channel can be used. May come a little before `Connected`.
    ChannelOpened {
        key: ChannelKey,
        options: Box<ChannelOptions>,
        /// Its stream's (RFC 8832, section 6).
        id: Option<u16>,
        /// We have opened it, not the page.
        ours: bool,
    },
    /// It is closed, or, where it is ours and did not open, never will.
    ChannelClosed { key: ChannelKey },
    Message {
        key: ChannelKey,
        /// Text (UTF-8), else binary.
        text: bool,
        data: Bytes,
    },
}

/// W3C `RTCPeerConnectionIceErrorEvent`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateError {
    /// The local address that was used; empty where it is not known.
    pub address: String,
    pub port: u16,
    /// Of the server.
    pub url: String,
    /// The server's own (RFC 8489, section 18.4), or 701: it was not reached.
    pub code: u16,
    pub text: String,
}

/// Why an operation on a peer failed.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("no connection can be made: {0}")]
    Open(String),
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error(transparent)]
    Sdp(#[from] SdpError),
    /// The description, the candidate, or their moment is wrong.
    #[error("{step}: {reason}")]
    Negotiation { step: &'static str, reason: String },
    #[error("not connected")]
    NotConnected,
    #[error("the browser has not agreed to this medium")]
    NotNegotiated,
    #[error("the frame is {frame:?}, the browser takes {negotiated:?}")]
    WrongCodec { frame: Codec, negotiated: Codec },
    /// The socket has not taken earlier frames for [`SEND_TIMEOUT`](super::SEND_TIMEOUT).
    #[error("earlier frames are still waiting to be sent")]
    Congested,
    #[error("the connection has {MOST_VIDEO_TRACKS} video tracks already")]
    TooManyTracks,
    #[error("the connection has no such track")]
    NoTrack,
    #[error("the data channel is not open")]
    NoChannel,
    #[error(transparent)]
    Channel(#[from] OptionsError),
    #[error("the peer is closed")]
    Closed,
}

//! One WebRTC peer per viewer, on the `webrtc` crate.
//!
//! ```text
//!  streamer ── send_video ──► lane ── carrier ──► crate's driver ──► interceptors (burst … pacing … numbers) ──► network
//!           ◄── PeerEvent ── mailbox ◄── feedback, estimate, handler ◄──────────────────────────────────────┘
//!           ◄── PeerEvent ── channels (messages)
//! ```
//!
//! `settings` (what goes in, events, errors) · `configuration` (pure: RTCConfiguration), `configured` (one connection's),
//! `gathering` (when it counts) · `certificate` · `bundle` (pure: one transport) · `sdp`, `choice`, `spare` (pure: what a
//! description says, what we send), `preference` · `codecs`
//! (what we offer), `capabilities` (pure: what we could) · `connect` · `net` (sockets, ports, TURN) · `negotiate` · `candidates` (the other side's) · `jsep` (its steps one by one) · `exchange`,
//! `signaling_state`, `negotiation_needed`, `states`, `remote_check` (pure) · `agreed_media` · `tracks`, `added_tracks`, `streams`, `track_states`, `directions`, `unsaid` · `sections` (pure: which section
//! is whose), `told` (pure) · `lane`, `lanes`, `sending` (frames on their way) ·
//! `receiving` (pure: which formats are received) · `extensions`, `red` (pure: bytes of header extensions and of redundant audio) ·
//! `silence` (pure: a viewer whose network may have changed) · `vigil` (looks for that) · `restart` (of ICE) ·
//! `protection` (how much of it) · `interceptors` · `estimate` · `ice` · `channels` · `report` (statistics) · `mailbox` (events
//! without waiting) · `formats` (payload types that were agreed on) · `handler` (the driver's calls).

mod added_tracks;
mod agreed_media;
mod bundle;
mod candidates;
mod capabilities;
mod certificate;
mod channels;
mod choice;
mod codecs;
pub mod configuration;
mod configured;
mod connect;
mod directions;
mod estimate;
mod exchange;
mod extensions;
mod formats;
mod gathering;
mod handler;
mod ice;
mod interceptors;
mod jsep;
mod lane;
mod lanes;
mod mailbox;
mod negotiate;
mod negotiation_needed;
mod net;
mod preference;
mod protection;
mod receiving;
mod red;
mod remote_check;
mod report;
mod restart;
mod sdp;
mod sections;
mod sending;
mod settings;
mod signaling_state;
mod silence;
mod spare;
mod states;
mod streams;
mod told;
mod track_states;
mod tracks;
mod unsaid;
mod vigil;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rtc::ice::mdns::MulticastDnsMode;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webrtc::peer_connection::PeerConnection;

use crate::pacing::{Backlog, Desk, Path};
use crate::units::{Bitrate, SenderId};

use estimate::{Demand, Estimator, LimitsUpdate};
use gathering::Gathered;
use handler::Shared;
use interceptors::agreed::Agreed;
use lane::Lane;
use lanes::Lanes;
use mailbox::Mailbox;
use negotiate::Negotiation;
use protection::Protection;

pub use crate::signaling::sdp::Direction;
pub use capabilities::{Capabilities, CodecCapability};
pub use certificate::{Certificate, CertificateError};
pub use channels::{
    ChannelKey, ChannelOptions, MAX_CHANNELS, MAX_TEXT_BYTES, OptionsError, Reliability, SEND_BUFFER_BYTES,
};
pub use choice::{Receivable, RequestedRates};
pub use configured::Configured;
pub use estimate::Limits;
pub use exchange::{Described, ReceivedTrack};
pub use extensions::MAX_PLAYOUT_DELAY_MS;
pub use jsep::{Applied, Description, OperationError};
pub use lane::SEND_TIMEOUT;
pub use lanes::MOST_VIDEO_TRACKS;
pub use mailbox::EVENT_LIMIT;
pub use net::{Network, NetworkError};
pub use preference::Preferred;
pub use report::{Encoding, Figures, Pictures, Sending, Sent};
pub use sdp::SdpError;
pub use settings::{CandidateError, Departed, PeerError, PeerEvent, PeerSettings, SentHook};
pub use signaling_state::{DescriptionKind, SignalingState};
pub use states::{ConnectionState, GatheringState, IceConnectionState, PeerStates, StateChange};
pub use track_states::{ReceiverState, TrackState};

/// One viewer's connection. Clones are the same peer. [`close`](Self::close) it; dropping the last clone does so too, a
/// little later.
#[derive(Clone)]
pub struct Peer(Arc<Inner>);

struct Inner {
    settings: PeerSettings,
    connection: Arc<dyn PeerConnection>,
    network: Arc<net::PeerNetwork>,
    shared: Arc<Shared>,
    /// The first ones.
    video: Arc<Lane>,
    audio: Arc<Lane>,
    /// All of them.
    lanes: Arc<Lanes>,
    limits: LimitsUpdate,
    /// Shared with the pacer.
    desk: Desk,
    demand: Demand,
    /// What is received.
    receiving: Agreed,
    gathered: Gathered,
    /// One description or candidate at a time.
    negotiation: tokio::sync::Mutex<Negotiation>,
    forwarding: Mutex<Option<JoinHandle<()>>>,
    watching: JoinHandle<()>,
    runtime: Handle,
    closed: AtomicBool,
}

impl Peer {
    /// Opens sockets and starts the connection's driver on the current tokio runtime. Events begin to arrive with the
    /// first description. `events` may be slow but should be read: messages wait for it.
    pub async fn open(settings: PeerSettings, events: mpsc::Sender<PeerEvent>) -> Result<Self, PeerError> {
        let protection = Arc::new(Protection::new(settings.protection));
        let mailbox = Arc::new(Mailbox::new(settings.events_dropped.clone(), Arc::clone(&protection)));
        let video = Lane::new(connect::random_ssrc()?, connect::random_ssrc()?);
        let video = Arc::new(video.protected(connect::random_ssrc()?, Arc::clone(&protection)));
        let audio = Arc::new(Lane::new(connect::random_ssrc()?, 0).of(SenderId::AUDIO).protected(0, protection));
        let lanes = Arc::new(Lanes::new(Arc::clone(&video), Arc::clone(&audio)));
        let (min_ms, max_ms) = settings.playout_delay_ms;
        video.set_playout_delay(extensions::playout_delay(min_ms, max_ms));
        let way = settings.network.join(&settings.bind_addresses)?;
        let network = Arc::clone(&way.network);
        let shared = Arc::new(Shared::new(settings.viewer, Arc::clone(&mailbox), events.clone(), Arc::clone(&network)));
        let (limits, demand) = (LimitsUpdate::default(), Demand::default());
        let receiving = Agreed::new(settings.inlet.clone());
        let desk = Desk { counters: settings.pacing.clone(), ..Desk::default() };
        let build = |mdns| {
            let first = Limits::new(settings.start_bitrate, settings.min_bitrate, settings.max_bitrate);
            let (update, mailbox_too, orders) = (Arc::clone(&limits), Arc::clone(&mailbox), Arc::clone(&desk.orders));
            let estimator = Estimator::new(first, update, Arc::clone(&demand), mailbox_too, orders);
            let (lanes, mailbox) = (Arc::clone(&lanes), Arc::clone(&mailbox));
            let (start, desk, sent) = (first.start, desk.clone(), settings.sent.clone());
            let receive = settings.inlet.clone().map(|inlet| (inlet, receiving.clone()));
            let registry = interceptors::registry(lanes, mailbox, estimator, start, desk, sent, receive);
            connect::connect(&settings, Arc::clone(&shared), registry, &way, mdns)
        };
        let connection = match build(MulticastDnsMode::QueryOnly).await {
            Ok(connection) => connection,
            // Multicast may be forbidden here; browsers' `.local` candidates are then learnt from their checks.
            Err(error) => {
                tracing::debug!(%error, "trying without mDNS");
                build(MulticastDnsMode::Disabled).await?
            }
        };
        shared.channels.attach(&connection);
        let forwarding = tokio::spawn(async move { mailbox.forward(events).await });
        let leaving = connect::watch(Arc::clone(&connection), Arc::clone(&shared));
        let listening = vigil::listen(Arc::clone(&network), desk.clone(), Arc::clone(&shared));
        let watching = tokio::spawn(async {
            tokio::select! {
                () = leaving => {}
                () = listening => {}
            }
        });
        let peer = Self(Arc::new(Inner {
            settings,
            connection,
            network,
            shared,
            video,
            audio,
            lanes,
            limits,
            demand,
            receiving,
            desk,
            gathered: Gathered::default(),
            negotiation: tokio::sync::Mutex::default(),
            forwarding: Mutex::new(Some(forwarding)),
            watching,
            runtime: Handle::current(),
            closed: AtomicBool::new(false),
        }));
        peer.configure().await?;
        Ok(peer)
    }

    /// Changes where the estimate may go; `start` counts until the browser's first report.
    pub fn set_limits(&self, limits: Limits) {
        *self.0.limits.lock().unwrap_or_else(PoisonError::into_inner) = Some(limits);
    }

    /// How long the browser must at least and may at most hold a frame back before it shows it, in ms, up to
    /// [`MAX_PLAYOUT_DELAY_MS`], in steps of 10. Counts from the next frame. `0, 0`, the lowest latency, by default; a
    /// larger minimum trades latency for evenness.
    pub fn set_playout_delay(&self, min_ms: u32, max_ms: u32) {
        let delay = extensions::playout_delay(min_ms, max_ms.max(min_ms));
        self.0.video.set_playout_delay(delay);
        self.0.lanes.all_added().iter().for_each(|lane| lane.set_playout_delay(delay));
    }

    /// What this viewer could use at most: what its layer costs, or the next higher one's. The path is probed up to there.
    pub fn set_demand(&self, demand: Bitrate) {
        self.0.demand.store(demand.bps(), Ordering::Relaxed);
    }

    /// What waits in this viewer's pacer.
    pub fn backlog(&self) -> &Backlog {
        &self.0.desk.backlog
    }

    /// Round trip and loss, smoothed.
    pub fn path(&self) -> &Path {
        &self.0.desk.path
    }

    /// Where the browser's packets come from; None before the connection stands.
    pub async fn remote_address(&self) -> Option<IpAddr> {
        if let Some(moved_to) = self.0.network.moved_to() {
            return Some(moved_to.ip());
        }
        let sender = self.0.connection.get_senders().await.into_iter().next()?;
        let transport = sender.transport().await.ok().flatten()?;
        let pair = transport.ice_transport().get_selected_candidate_pair().await.ok().flatten()?;
        pair.remote().address.parse().ok()
    }

    /// Our description with the candidates found so far, for signaling without trickling.
    pub async fn local_description(&self) -> Option<String> {
        if let Some(restart) = self.0.negotiation.lock().await.restart.pending() {
            return Some(self.0.network.describe(restart));
        }
        self.0.connection.local_description().await.map(|description| self.0.network.describe(&description.sdp))
    }

    /// Runs something beside the connection, on the same runtime.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.runtime.spawn(task);
    }

    /// Ends the connection, its task and its sockets. `Closed` is the last event. Idempotent.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("viewer", &self.0.settings.viewer).finish_non_exhaustive()
    }
}

impl Inner {
    async fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.shared.disconnected();
        if let Some(inlet) = &self.settings.inlet {
            inlet.close();
        }
        self.watching.abort();
        self.video.close();
        self.audio.close();
        self.lanes.all_added().iter().for_each(|lane| lane.close());
        if let Err(error) = self.connection.close().await {
            tracing::debug!(viewer = %self.settings.viewer, %error, "closing");
        }
        self.network.close();
        self.shared.channels.close().await;
        self.shared.mailbox.close();
        let forwarding = self.forwarding.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(forwarding) = forwarding {
            let _ = forwarding.await;
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.watching.abort();
        // The crate's driver would live on without us.
        let (connection, shared) = (Arc::clone(&self.connection), Arc::clone(&self.shared));
        let network = Arc::clone(&self.network);
        self.runtime.spawn(async move {
            let _ = connection.close().await;
            network.close();
            shared.channels.close().await;
            shared.mailbox.close();
        });
    }
}

//! One viewer: its negotiation, its peer, its input and its place in a layer. A task of its own, so that whatever goes
//! wrong here goes wrong for nobody else.

mod channels;
mod control;
mod directions;
mod gate;
mod granting;
mod hosted;
mod input;
mod latency;
mod leaving;
mod negotiating;
mod place;
mod presence;
mod quality;
mod recall;
mod restarting;
mod told;
mod tracks;
mod trickle;
mod watching;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::event::{EventKind, Severity};
use super::feed::Feed;
use super::media_pump;
use super::orders::Order;
use super::receiver;
use super::session::Context;
use crate::encode::Codec;
use crate::peer::{Configured, Limits, Peer, PeerEvent};
use crate::receive::inlet::Inlet;
use crate::signaling::negotiation::{Input, Negotiation};
use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};
use crate::time::{self, Nanos};
use crate::units::{Bitrate, SenderId, ViewerId};
use channels::{Opened, ViewerChannels};
use control::Control;
use granting::Granted;
pub use hosted::Hosted;
use input::ViewerInput;
use latency::Latency;
use place::Place;
use presence::Presence;
use tracks::AddedTrack;
use trickle::Gathering;

/// A connection that is not up by then is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// ICE may come back from `disconnected` by itself within this time (W3C: the state is transient).
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Events from the peer that may wait.
const PEER_EVENTS: usize = 256;

/// What a new viewer is given.
pub struct ViewerSeat {
    pub id: ViewerId,
    pub connection: ConnectionId,
    pub codecs: Vec<Codec>,
    pub signals: mpsc::Receiver<SignalEvent>,
    pub commands: mpsc::Sender<SignalCommand>,
    pub orders: mpsc::Receiver<Order>,
    pub configured: Configured,
    /// The host negotiates.
    pub hosted: Option<Hosted>,
}

/// Serves one viewer until it leaves, is lost, or `seat.signals` closes.
pub async fn run(context: Arc<Context>, seat: ViewerSeat) {
    let ViewerSeat { id, connection, codecs, mut signals, commands, mut orders, configured, hosted } = seat;
    let (peer_tx, mut peer_events) = mpsc::channel(PEER_EVENTS);
    let feed = Feed::new(context.shared.config.video.start_bitrate());
    let granted = Granted::new(context.shared.directory.meet(id, connection.clone()));
    let input = ViewerInput::new(Arc::clone(&context.shared), id, Arc::clone(&feed));
    let mut viewer = Viewer {
        latency: Latency::new(Arc::clone(&context.shared), id, Arc::clone(&feed)),
        control: Control::new(input.gate.standing(), context.shared.presentations.meet(id)),
        input,
        channels: ViewerChannels::new(Arc::clone(&context.shared), id),
        place: Place::new(Arc::clone(&context.shared), Arc::clone(&context.layers), id, Arc::clone(&feed)),
        feed: Arc::clone(&feed),
        context,
        id,
        codecs,
        configured,
        commands,
        negotiation: Negotiation::new(connection.clone()),
        gathering: Gathering::default(),
        said_goodbye: hosted.is_some(),
        connection,
        peer: None,
        described: false,
        abandoned: 0,
        peer_tx,
        one_stream: false,
        heard: false,
        inlet: None,
        connected: false,
        interrupted: false,
        present: None,
        deadline: hosted.is_none().then(|| time::now() + CONNECT_TIMEOUT),
        hosted,
        tracks: Vec::new(),
        audio_agreed: false,
        sound_stopped: false,
        pump: None,
        granted,
        limits: None,
        address: None,
        recalled: None,
        measured: None,
        rtt: Duration::ZERO,
        ended: None,
    };
    viewer.begin_hosted().await;
    while viewer.ended.is_none() {
        let wake = viewer.next_deadline().unwrap_or(time::now() + CONNECT_TIMEOUT);
        tokio::select! {
            signal = signals.recv() => match signal {
                Some(signal) => viewer.handle_signal(signal).await,
                None => viewer.ended = Some("the streamer stopped".into()),
            },
            Some(event) = peer_events.recv() => viewer.handle_peer(event).await,
            Some(order) = orders.recv() => order(&mut viewer).await,
            () = feed.news() => viewer.review().await,
            () = viewer.control.news() => viewer.tell_page(),
            () = tokio::time::sleep(wake.saturating_since(time::now())) => viewer.tick().await,
        }
    }
    // From here on an offer on this connection is a new viewer's.
    signals.close();
    viewer.context.shared.orders.leave(id);
    drop(orders);
    viewer.leave().await;
}

pub struct Viewer {
    context: Arc<Context>,
    id: ViewerId,
    connection: ConnectionId,
    codecs: Vec<Codec>,
    /// Its connection's, of which the host has a share.
    configured: Configured,
    commands: mpsc::Sender<SignalCommand>,
    negotiation: Negotiation,
    hosted: Option<Hosted>,
    /// A description that is not told before it is complete.
    gathering: Gathering,
    /// The other side was told that we leave.
    said_goodbye: bool,
    peer: Option<Peer>,
    /// The peer has taken a description of the other side's.
    described: bool,
    /// Peers that were replaced and have not said yet that they are closed.
    abandoned: u32,
    peer_tx: mpsc::Sender<PeerEvent>,
    one_stream: bool,
    /// The other side has said something: until then nobody may be there who could be refused.
    heard: bool,
    /// What its page sends, on its way to the worker that decodes it.
    inlet: Option<Inlet>,
    connected: bool,
    /// Nothing is heard of it.
    interrupted: bool,
    /// Counts this viewer while it is here.
    present: Option<Presence>,
    /// When to give up on connecting, or on coming back.
    deadline: Option<Nanos>,
    /// Its layer.
    place: Place,
    /// What its pump is told and tells.
    feed: Arc<Feed>,
    /// Video tracks beside the first.
    tracks: Vec<AddedTrack>,
    audio_agreed: bool,
    /// None is sent in its section now, by agreement.
    sound_stopped: bool,
    pump: Option<JoinHandle<()>>,
    input: ViewerInput,
    latency: Latency,
    /// What it and its page tell each other beside.
    control: Control,
    /// Its data channels.
    channels: ViewerChannels,
    /// What was agreed on, and what the host lets it have of that.
    granted: Granted,
    /// What it was negotiated to be bounded by.
    limits: Option<Limits>,
    /// Its machine's, once connected, and what the path to it carried before.
    address: Option<IpAddr>,
    recalled: Option<Bitrate>,
    /// What the path carries, once that was measured.
    measured: Option<Bitrate>,
    /// Round trip, from the last receiver report; zero before the first.
    rtt: Duration,
    /// Why it is over.
    ended: Option<String>,
}

impl Viewer {
    fn next_deadline(&self) -> Option<Nanos> {
        let (negotiation, gathering) = (self.negotiation.next_deadline(), self.gathering.deadline());
        let page = [self.input.deadline(), self.latency.next_tell(), self.control.deadline()];
        let own = [self.deadline, negotiation, gathering];
        own.into_iter().chain(page).chain(self.places().map(Place::next_check)).flatten().min()
    }

    async fn handle_signal(&mut self, signal: SignalEvent) {
        let input = match signal {
            SignalEvent::Offer { sdp, polite, one_stream, .. } => {
                self.one_stream = one_stream;
                Input::RemoteOffer { sdp, polite }
            }
            SignalEvent::Invite { one_stream, .. } => {
                self.one_stream = one_stream;
                Input::Renegotiate
            }
            SignalEvent::Answer { sdp, .. } => Input::RemoteAnswer { sdp },
            SignalEvent::Candidate { candidate, .. } => Input::RemoteCandidate(candidate),
            SignalEvent::Resumed { .. } => Input::Resumed,
            SignalEvent::Disconnect { .. } => {
                self.ended = Some("the viewer left".into());
                return;
            }
            SignalEvent::Ready { .. }
            | SignalEvent::Trouble { .. }
            | SignalEvent::CallRequested { .. }
            | SignalEvent::UserSignedIn { .. }
            | SignalEvent::CallEnded { .. } => return,
        };
        self.heard |= input != Input::Renegotiate;
        self.negotiate(input).await;
    }

    async fn handle_peer(&mut self, event: PeerEvent) {
        if self.tell_host(&event) {
            return;
        }
        match event {
            PeerEvent::Candidate(candidate) => self.negotiate(Input::LocalCandidate(candidate)).await,
            PeerEvent::Connected => self.on_connected().await,
            PeerEvent::Disconnected => self.on_interrupted(),
            PeerEvent::Silent => self.on_silent().await,
            PeerEvent::Heard { after } => self.on_heard(after).await,
            PeerEvent::Moved => self.on_moved().await,
            PeerEvent::Failed { reason } => self.ended = Some(reason),
            PeerEvent::Closed if self.abandoned > 0 => self.abandoned -= 1,
            PeerEvent::Closed => self.ended = Some("the viewer closed the connection".into()),
            PeerEvent::GatheringComplete => self.on_gathered().await,
            PeerEvent::VideoNegotiated { codec, others, rates } => {
                (self.granted.rates, self.granted.others) = (rates, others);
                self.set_limits();
                self.on_video(codec).await;
            }
            PeerEvent::VideoRefused { reason } => self.on_video_refused(reason).await,
            PeerEvent::AudioNegotiated { fec, .. } => self.on_sound(fec),
            PeerEvent::NegotiationMayBeNeeded => self.look_whether_to_negotiate().await,
            PeerEvent::StateChanged(_) | PeerEvent::CandidateError(_) => {}
            PeerEvent::Receiving => self.receive(),
            PeerEvent::KeyframeNeeded(SenderId::VIDEO) => self.place.handle_keyframe_request(time::now(), self.rtt),
            PeerEvent::KeyframeNeeded(sender) => self.on_track_keyframe(sender),
            PeerEvent::TrackNegotiated { sender, codec } => self.on_track(sender, codec).await,
            PeerEvent::Estimate(estimate) => {
                self.measured = Some(estimate);
                self.set_estimates(estimate, true);
                self.review().await;
            }
            PeerEvent::Protection { share } => {
                self.places_mut().for_each(|place| place.set_protection(share));
                self.review().await;
            }
            PeerEvent::Feedback { rtt, fraction_lost } => {
                self.rtt = rtt.unwrap_or(self.rtt);
                self.hear_loss(fraction_lost);
                self.remember();
            }
            PeerEvent::ChannelOpened { key, options, id, ours } => {
                self.on_channel_open(Opened { key, options: *options, id, ours }).await;
            }
            PeerEvent::ChannelClosed { key } => self.on_channel_closed(key),
            PeerEvent::Message { key, text, data } => self.on_message(key, text, &data),
        }
    }

    /// The page sends: from now on a worker decodes it.
    fn receive(&self) {
        let Some(inlet) = self.inlet.clone() else { return };
        if let Err(error) = receiver::start(&self.context.shared, self.id, inlet) {
            self.event(EventKind::ReceivingStopped, Severity::Error, format!("no thread: {error}"));
        }
    }

    /// Media flows from the moment the connection is up and something was agreed.
    fn start_pump(&mut self) {
        let Some(peer) = self.peer.clone().filter(|_| self.connected) else { return };
        if let Some(pump) = self.pump.take() {
            pump.abort();
            // Its video begins anew, with a keyframe.
            self.place.handle_keyframe_caused(time::now());
        }
        if self.place.codec().is_some() || self.audio_agreed {
            let (context, feed) = (Arc::clone(&self.context), Arc::clone(&self.feed));
            self.pump = Some(tokio::spawn(media_pump::run(context, peer, feed, self.audio_agreed)));
        }
    }

    async fn tick(&mut self) {
        if self.deadline.is_some_and(|deadline| deadline <= time::now()) {
            let reason = if self.connected { "the connection was lost" } else { "no connection within 30 s" };
            self.ended = Some(reason.into());
            return;
        }
        if self.gathering.deadline().is_some_and(|deadline| deadline <= time::now()) {
            self.say_held().await;
        }
        self.input.release_if_silent(time::now());
        if self.places().filter_map(Place::next_check).any(|due| due <= time::now()) {
            self.review().await;
        }
        self.latency.tell(time::now());
        self.obey_page().await;
        self.tend_page();
        self.negotiate(Input::Tick).await;
    }

    fn event(&self, kind: EventKind, severity: Severity, message: impl Into<String>) {
        self.context.shared.events.push(kind, severity, self.id, message);
    }
}

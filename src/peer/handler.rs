//! What the crate's driver calls. Nothing here waits: the driver also keeps the connection alive.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState, RTCPeerConnectionIceErrorEvent,
    RTCPeerConnectionIceEvent, RTCPeerConnectionState,
};

use crate::signaling::IceCandidate;
use crate::units::ViewerId;

use super::channels::Channels;
use super::ice;
use super::mailbox::Mailbox;
use super::net::PeerNetwork;
use super::settings::{CandidateError, PeerEvent};
use super::signaling_state::SignalingState;
use super::states::{ConnectionState, GatheringState, IceConnectionState, PeerStates, StateChange};

/// What the driver's calls and the peer's owner share.
pub struct Shared {
    pub viewer: ViewerId,
    pub mailbox: Arc<Mailbox>,
    pub channels: Arc<Channels>,
    pub events: mpsc::Sender<PeerEvent>,
    network: Arc<PeerNetwork>,
    /// DTLS is up: packets can be encrypted.
    connected: AtomicBool,
    /// The section our candidates belong to, once a local description names it.
    transport: Mutex<(String, u16)>,
    last: Mutex<RTCPeerConnectionState>,
    states: Mutex<PeerStates>,
    /// We have opened a data channel.
    channels_made: AtomicBool,
}

impl Shared {
    pub fn new(
        viewer: ViewerId,
        mailbox: Arc<Mailbox>,
        events: mpsc::Sender<PeerEvent>,
        network: Arc<PeerNetwork>,
    ) -> Self {
        Self {
            viewer,
            mailbox,
            channels: Arc::default(),
            events,
            network,
            connected: AtomicBool::new(false),
            transport: Mutex::default(),
            last: Mutex::new(RTCPeerConnectionState::New),
            states: Mutex::default(),
            channels_made: AtomicBool::new(false),
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub fn disconnected(&self) {
        self.connected.store(false, Ordering::Release);
    }

    /// The connection is over, whatever the crate believes.
    pub fn lost(&self, reason: &str) {
        self.disconnected();
        self.mailbox.push(PeerEvent::Failed { reason: reason.into() });
    }

    pub fn states(&self) -> PeerStates {
        *self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_signaling(&self, signaling: SignalingState, can_trickle: Option<bool>) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        (states.signaling, states.can_trickle) = (signaling, can_trickle);
    }

    /// Changes the states and tells what of it is new, in order.
    fn change(&self, change: impl FnOnce(&mut PeerStates) -> [Option<StateChange>; 2]) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        for change in change(&mut states).into_iter().flatten() {
            self.mailbox.push(PeerEvent::StateChanged(change));
        }
    }

    /// Candidates of new ICE credentials are about to be gathered.
    pub fn begin_gathering(&self) {
        self.change(|states| [states.hear_gathering(GatheringState::Gathering), None]);
    }

    /// A data channel of ours is to be negotiated.
    pub fn channel_made(&self) {
        self.channels_made.store(true, Ordering::Release);
        self.mailbox.push(PeerEvent::NegotiationMayBeNeeded);
    }

    pub fn has_made_channels(&self) -> bool {
        self.channels_made.load(Ordering::Acquire)
    }

    pub fn set_transport(&self, section: (String, u16)) {
        *self.transport.lock().unwrap_or_else(PoisonError::into_inner) = section;
    }
}

pub struct Handler(pub Arc<Shared>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let section = self.0.transport.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(candidate) = ice::local_candidate(&event.candidate, section) else { return };
        for text in self.0.network.candidate(&candidate.candidate) {
            self.0.mailbox.push(PeerEvent::Candidate(IceCandidate { candidate: text, ..candidate.clone() }));
        }
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            for error in self.0.network.take_errors() {
                self.0.mailbox.push(PeerEvent::CandidateError(error));
            }
            self.0.change(|states| [states.hear_gathering(GatheringState::Complete), None]);
            self.0.mailbox.push(PeerEvent::GatheringComplete);
        }
    }

    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        if let Some(state) = ice_state(state) {
            self.0.change(|states| [states.hear_ice(state), None]);
        }
    }

    async fn on_ice_candidate_error(&self, event: RTCPeerConnectionIceErrorEvent) {
        let RTCPeerConnectionIceErrorEvent { address, port, url, error_code, error_text } = event;
        let error = CandidateError { address, port, url, code: error_code, text: error_text };
        self.0.mailbox.push(PeerEvent::CandidateError(error));
    }

    async fn on_negotiation_needed(&self) {
        self.0.mailbox.push(PeerEvent::NegotiationMayBeNeeded);
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        tracing::debug!(viewer = self.0.viewer.0, %state, "connection");
        {
            let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::replace(&mut *last, state) == state {
                return;
            }
        }
        if let Some(state) = connection_state(state) {
            self.0.change(|states| states.hear_connection(state));
        }
        let event = match state {
            RTCPeerConnectionState::Connected => {
                self.0.connected.store(true, Ordering::Release);
                PeerEvent::Connected
            }
            RTCPeerConnectionState::Disconnected => PeerEvent::Disconnected,
            RTCPeerConnectionState::Failed => {
                self.0.connected.store(false, Ordering::Release);
                PeerEvent::Failed {
                    reason: "no path to the browser, or its certificate is not the promised one".into(),
                }
            }
            _ => return,
        };
        self.0.mailbox.push(event);
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        self.0.channels.watch(channel, self.0.events.clone());
    }
}

fn ice_state(state: RTCIceConnectionState) -> Option<IceConnectionState> {
    Some(match state {
        RTCIceConnectionState::New => IceConnectionState::New,
        RTCIceConnectionState::Checking => IceConnectionState::Checking,
        RTCIceConnectionState::Connected => IceConnectionState::Connected,
        RTCIceConnectionState::Completed => IceConnectionState::Completed,
        RTCIceConnectionState::Disconnected => IceConnectionState::Disconnected,
        RTCIceConnectionState::Failed => IceConnectionState::Failed,
        // Only by closing, which tells nothing (W3C, section 4.4.2, `close`).
        _ => return None,
    })
}

fn connection_state(state: RTCPeerConnectionState) -> Option<ConnectionState> {
    Some(match state {
        RTCPeerConnectionState::New => ConnectionState::New,
        RTCPeerConnectionState::Connecting => ConnectionState::Connecting,
        RTCPeerConnectionState::Connected => ConnectionState::Connected,
        RTCPeerConnectionState::Disconnected => ConnectionState::Disconnected,
        RTCPeerConnectionState::Failed => ConnectionState::Failed,
        _ => return None,
    })
}

//! What the crate's driver calls. Nothing here waits: the driver also keeps the connection alive.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceGatheringState, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
};

use crate::signaling::IceCandidate;
use crate::units::ViewerId;

use super::channels::Channels;
use super::ice;
use super::mailbox::Mailbox;
use super::net::PeerNetwork;
use super::settings::PeerEvent;

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
            self.0.mailbox.push(PeerEvent::GatheringComplete);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        tracing::debug!(viewer = self.0.viewer.0, %state, "connection");
        {
            let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::replace(&mut *last, state) == state {
                return;
            }
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

//! A viewer whose connection the host negotiates: its operations one after the other, and what it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Viewer;
use crate::peer::{Applied, ConnectionState, GatheringState, OperationError, PeerEvent, StateChange};
use crate::signaling::IceCandidate;
use crate::signaling::negotiation::Input;
use crate::streamer::peer_events::PeerNews;
use crate::streamer::peers::{Operation, Ticket};

/// Events of candidates that may wait for the first local description.
const HELD: usize = 256;

/// What takes the place of our own negotiation.
pub struct Hosted {
    /// Operations that wait, the present one among them.
    pub waiting: Arc<AtomicU32>,
    /// It has a local description, without which nobody could use its candidates.
    described: bool,
    held: Vec<PeerNews>,
    /// Of the last candidate: that of the end of them.
    section: (Option<String>, Option<u16>),
    failed: bool,
}

impl Hosted {
    pub fn new(waiting: Arc<AtomicU32>) -> Self {
        Self { waiting, described: false, held: Vec::new(), section: (None, None), failed: false }
    }
}

impl Viewer {
    /// Opens the connection, since the host's tracks are in it from the start.
    pub(super) async fn begin_hosted(&mut self) {
        if self.hosted.is_some() && self.peer().await.is_some() {
            self.look_whether_to_negotiate().await;
        }
    }

    /// One operation. Nothing else happens to this viewer meanwhile, so that its events come in order.
    pub(in crate::streamer) async fn operate(&mut self, operation: Operation, ticket: Ticket) {
        let outcome = self.perform_operation(operation).await;
        ticket.end(outcome);
        self.tell_held();
        self.look_whether_to_negotiate().await;
    }

    async fn perform_operation(&mut self, operation: Operation) -> Result<String, OperationError> {
        let Some(peer) = self.peer().await else {
            let reason = self.ended.clone().unwrap_or_default();
            return Err(OperationError::InvalidState(reason));
        };
        match operation {
            Operation::CreateOffer { ice_restart } => peer.create_offer(ice_restart).await,
            Operation::CreateAnswer => peer.create_answer().await,
            Operation::SetLocal { kind, sdp } => {
                let applied = peer.set_local(kind, &sdp).await?;
                if let Some(hosted) = &mut self.hosted {
                    hosted.described = true;
                }
                self.tell_applied(applied);
                Ok(String::new())
            }
            Operation::SetRemote { kind, sdp } => {
                let applied = peer.set_remote(kind, &sdp).await?;
                self.tell_applied(applied);
                Ok(String::new())
            }
            Operation::AddCandidate(candidate) => peer.add_ice_candidate(candidate).await.map(|()| String::new()),
        }
    }

    /// New ICE credentials with the next offer. Where the library negotiates, it offers now.
    pub(in crate::streamer) async fn restart_ice(&mut self) {
        if self.hosted.is_none() {
            return self.negotiate(Input::RestartIce).await;
        }
        let Some(peer) = self.peer.clone() else { return };
        if let Err(error) = peer.restart_ice().await {
            tracing::debug!(viewer = self.id.0, %error, "restart");
        } else {
            self.look_whether_to_negotiate().await;
        }
    }

    pub(in crate::streamer) fn close_for_host(&mut self) {
        self.ended = Some("the host closed the connection".into());
    }

    /// Tells the host. What is left is for us: false.
    pub(super) fn tell_host(&mut self, event: &PeerEvent) -> bool {
        let Some(hosted) = &mut self.hosted else { return false };
        match event {
            PeerEvent::Candidate(candidate) => {
                hosted.section = (candidate.sdp_mid.clone(), candidate.sdp_mline_index);
                self.tell_gathered(PeerNews::Candidate(candidate.clone()));
                true
            }
            PeerEvent::CandidateError(error) => {
                self.tell_gathered(PeerNews::CandidateError(error.clone()));
                true
            }
            PeerEvent::StateChanged(StateChange::Gathering(state)) => {
                if *state == GatheringState::Complete {
                    let (sdp_mid, sdp_mline_index) = hosted.section.clone();
                    let end = IceCandidate { candidate: String::new(), sdp_mid, sdp_mline_index };
                    self.tell_gathered(PeerNews::Candidate(end));
                }
                self.tell_gathered(PeerNews::State(StateChange::Gathering(*state)));
                true
            }
            PeerEvent::StateChanged(change) => {
                if let StateChange::Connection(state) = change {
                    hosted.failed = *state == ConnectionState::Failed;
                }
                self.tell(PeerNews::State(*change));
                true
            }
            PeerEvent::GatheringComplete | PeerEvent::Disconnected => true,
            // The host may restart ICE, or close it.
            PeerEvent::Failed { .. } => hosted.failed,
            _ => false,
        }
    }

    /// Tells the host to negotiate, when nothing of its own is under way (W3C WebRTC, section 4.7.3).
    pub(super) async fn look_whether_to_negotiate(&mut self) {
        let idle = self.hosted.as_ref().is_some_and(|hosted| hosted.waiting.load(Ordering::Acquire) == 0);
        if let Some(peer) = self.peer.clone().filter(|_| idle)
            && peer.negotiation_is_needed().await
        {
            self.tell(PeerNews::NegotiationNeeded);
        }
    }

    fn tell_applied(&mut self, applied: Applied) {
        if let Some(state) = applied.state {
            self.tell(PeerNews::Signaling(state));
        }
        // In W3C's order (section 4.4.1.5).
        for track in applied.changes.removed {
            self.tell(PeerNews::TrackRemoved(track));
        }
        for track in applied.changes.arrived {
            self.tell(PeerNews::Track(track));
        }
    }

    fn tell(&self, news: PeerNews) {
        self.context.shared.peers.events.push(self.id, news);
    }

    fn tell_gathered(&mut self, news: PeerNews) {
        match &mut self.hosted {
            Some(hosted) if !hosted.described && hosted.held.len() < HELD => hosted.held.push(news),
            _ => self.tell(news),
        }
    }

    fn tell_held(&mut self) {
        let held = match &mut self.hosted {
            Some(hosted) if hosted.described => std::mem::take(&mut hosted.held),
            _ => return,
        };
        for news in held {
            self.tell(news);
        }
    }
}

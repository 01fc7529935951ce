//! The steps of a negotiation one by one, for a host that does what a web page does with its RTCPeerConnection (W3C WebRTC,
//! section 4.4; RFC 9429). [`Peer::answer`] and its like are the same steps in one.

use rtc::ice::candidate::unmarshal_candidate;
use rtc::peer_connection::sdp::RTCSdpType;
use webrtc::peer_connection::RTCSessionDescription;

use std::sync::atomic::Ordering;

use tokio::sync::MutexGuard;

use crate::signaling::IceCandidate;

use super::choice::Order;
use super::exchange::{Changes, Described, Made};
use super::negotiate::{Negotiation, at};
use super::negotiation_needed::{Agreed, Wants, is_needed};
use super::remote_check::{self, RemoteError};
use super::settings::PeerError;
use super::signaling_state::{DescriptionKind, Side, SignalingState};
use super::states::{ConnectionState, IceConnectionState, PeerStates};
use super::{Peer, ice};

/// Why a step came to nothing. What was before it still is. The texts begin with the names of W3C's exceptions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// It cannot be done now, or never again.
    #[error("InvalidStateError: {0}")]
    InvalidState(String),
    #[error("InvalidModificationError: it is not the description that {0} made last")]
    Modified(&'static str),
    /// It is no session description.
    #[error("OperationError: sdp-syntax-error: {0}")]
    Syntax(String),
    /// It is one, and does not fit.
    #[error("InvalidAccessError: {0}")]
    InvalidAccess(String),
    #[error("OperationError: {0}")]
    Failed(String),
}

/// One of the descriptions of a connection (W3C WebRTC, section 4.4.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// The pending one, else the current one.
    Local,
    CurrentLocal,
    PendingLocal,
    /// The pending one, else the current one.
    Remote,
    CurrentRemote,
    PendingRemote,
}

/// What a description brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The new state, if it is another one.
    pub state: Option<SignalingState>,
    /// What the other side sends from now on, and what it does no more.
    pub changes: Changes,
}

impl From<PeerError> for OperationError {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Closed => closed(),
            PeerError::Sdp(error) => Self::Syntax(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<RemoteError> for OperationError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Sdp(error) => Self::Syntax(error.to_string()),
            error => Self::InvalidAccess(error.to_string()),
        }
    }
}

fn closed() -> OperationError {
    OperationError::InvalidState("the connection is closed".into())
}

impl Peer {
    /// W3C `createOffer`: the description that [`set_local`](Self::set_local) takes. Offers our tracks.
    pub async fn create_offer(&self, ice_restart: bool) -> Result<String, OperationError> {
        let mut negotiation = self.begin().await?;
        let state = negotiation.exchange.state;
        if !state.can_offer() {
            return Err(OperationError::InvalidState(format!("createOffer in {}", state.name())));
        }
        self.make_offer(&mut negotiation, ice_restart).await?;
        Ok(given(negotiation.exchange.offer.as_ref()))
    }

    /// W3C `createAnswer`.
    pub async fn create_answer(&self) -> Result<String, OperationError> {
        let mut negotiation = self.begin().await?;
        let state = negotiation.exchange.state;
        if !state.can_answer() {
            return Err(OperationError::InvalidState(format!("createAnswer in {}", state.name())));
        }
        self.make_answer(&mut negotiation).await?;
        Ok(given(negotiation.exchange.answer.as_ref()))
    }

    /// W3C `setLocalDescription`. No kind: the one that the state implies. An empty `sdp`: what was made last, or is made now.
    pub async fn set_local(&self, kind: Option<DescriptionKind>, sdp: &str) -> Result<Applied, OperationError> {
        let mut negotiation = self.begin().await?;
        let before = negotiation.exchange.state;
        let kind = kind.unwrap_or(before.implied());
        if before.after(Side::Local, kind).is_none() {
            return Err(wrong_state("setLocalDescription", kind, before));
        }
        match kind {
            DescriptionKind::Rollback => self.take_back(&mut negotiation).await?,
            DescriptionKind::Offer => {
                expect(negotiation.exchange.offer.as_ref(), sdp, "createOffer")?;
                if negotiation.exchange.offer.is_none() {
                    self.make_offer(&mut negotiation, false).await?;
                }
                self.apply_offer(&mut negotiation).await?;
            }
            DescriptionKind::Pranswer if before == SignalingState::HaveLocalPranswer => {
                return Err(OperationError::Failed("a second provisional answer is not supported".into()));
            }
            DescriptionKind::Pranswer | DescriptionKind::Answer => {
                expect(negotiation.exchange.answer.as_ref(), sdp, "createAnswer")?;
                if negotiation.exchange.answer.is_none() {
                    self.make_answer(&mut negotiation).await?;
                }
                self.apply_answer(&mut negotiation, kind == DescriptionKind::Pranswer).await?;
            }
        }
        Ok(applied(before, &mut negotiation))
    }

    /// W3C `setRemoteDescription`. An offer against ours takes ours back first. A provisional answer is kept and has no effect
    /// on the media; the final one has.
    pub async fn set_remote(&self, kind: DescriptionKind, sdp: &str) -> Result<Applied, OperationError> {
        let mut negotiation = self.begin().await?;
        let before = negotiation.exchange.state;
        let change =
            before.after(Side::Remote, kind).ok_or_else(|| wrong_state("setRemoteDescription", kind, before))?;
        match kind {
            DescriptionKind::Rollback => self.take_back(&mut negotiation).await?,
            DescriptionKind::Offer => {
                remote_check::check(sdp, None)?;
                let narrowed = self.read_offer(&negotiation, sdp).map_err(unreadable)?;
                if change.rolls_back {
                    self.take_back_offer(&mut negotiation).await?;
                } else if before == SignalingState::HaveRemoteOffer {
                    self.take_back_remote_offer(&mut negotiation).await?;
                }
                self.hold_offer(&mut negotiation, sdp, narrowed, true);
            }
            DescriptionKind::Pranswer | DescriptionKind::Answer => {
                let offer = self.0.connection.pending_local_description().await;
                remote_check::check(sdp, offer.as_ref().map(|offer| offer.sdp.as_str()))?;
                let narrowed = self.narrow(sdp, Order::Theirs, &negotiation)?;
                RTCSessionDescription::answer(narrowed.sdp).map_err(|error| unreadable(at("answer")(error)))?;
                if kind == DescriptionKind::Answer {
                    self.accept(&mut negotiation, sdp).await?;
                } else {
                    negotiation.exchange.pending_remote = Some(Described { kind, sdp: sdp.to_owned() });
                    negotiation.exchange.state = change.next;
                    self.show_state(&negotiation);
                }
            }
        }
        Ok(applied(before, &mut negotiation))
    }

    /// W3C `addIceCandidate`. One that comes before the description it belongs to waits for it; an empty one is the end of
    /// them.
    pub async fn add_ice_candidate(&self, candidate: IceCandidate) -> Result<(), OperationError> {
        let mut negotiation = self.begin().await?;
        let Some(candidate) = ice::remote_candidate(candidate) else { return Ok(()) };
        let (mid, index) = (candidate.sdp_mid.as_deref(), candidate.sdp_mline_index);
        if negotiation.exchange.remote().is_some_and(|remote| !remote_check::has_section(&remote.sdp, mid, index)) {
            return Err(OperationError::Failed("the remote description has no such media section".into()));
        }
        let text = &candidate.candidate;
        unmarshal_candidate(text.strip_prefix("candidate:").unwrap_or(text))
            .map_err(|error| OperationError::Failed(format!("candidate: {error}")))?;
        Ok(self.take_candidate(&mut negotiation, candidate).await?)
    }

    /// W3C `restartIce`: the next offer asks for new credentials. Without effect before the first negotiation.
    pub async fn restart_ice(&self) -> Result<(), OperationError> {
        let mut negotiation = self.begin().await?;
        let agreed = negotiation.exchange.current_remote.is_some();
        negotiation.exchange.restart |= agreed;
        Ok(())
    }

    /// Whether to negotiate now (W3C `negotiationneeded`): true once, until the next negotiation has ended.
    pub async fn negotiation_is_needed(&self) -> bool {
        let Ok(mut negotiation) = self.begin().await else { return false };
        let (settings, tracks) = (&self.0.settings, &negotiation.tracks);
        let wants = Wants {
            video: !settings.codecs.is_empty() && tracks.wanted_video(settings).sends,
            audio: settings.audio && tracks.wanted_audio(settings).sends,
            channels: self.0.shared.has_made_channels(),
            tracks: tracks.has_untold(),
            restart: negotiation.exchange.restart,
        };
        let local = self.0.connection.current_local_description().await;
        let exchange = &mut negotiation.exchange;
        let agreed = local.as_ref().zip(exchange.current_remote.as_ref()).map(|(local, remote)| Agreed {
            offered: local.sdp_type == RTCSdpType::Offer,
            local: &local.sdp,
            remote: &remote.sdp,
        });
        let needed = is_needed(agreed, wants);
        exchange.needed.update(exchange.state == SignalingState::Stable, needed)
    }

    /// One of the descriptions, if there is one. Ours have the candidates found so far; the other side's are as they came.
    pub async fn description(&self, which: Description) -> Option<Described> {
        let connection = &self.0.connection;
        let local = match which {
            Description::Local => connection.local_description().await,
            Description::CurrentLocal => connection.current_local_description().await,
            Description::PendingLocal => connection.pending_local_description().await,
            Description::Remote | Description::CurrentRemote | Description::PendingRemote => {
                let negotiation = self.0.negotiation.lock().await;
                let exchange = &negotiation.exchange;
                return match which {
                    Description::CurrentRemote => exchange.current_remote.clone(),
                    Description::PendingRemote => exchange.pending_remote.clone(),
                    _ => exchange.remote().cloned(),
                };
            }
        }?;
        let kind = match local.sdp_type {
            RTCSdpType::Offer => DescriptionKind::Offer,
            RTCSdpType::Pranswer => DescriptionKind::Pranswer,
            _ => DescriptionKind::Answer,
        };
        Some(Described { kind, sdp: self.0.network.describe(&local.sdp) })
    }

    /// The connection's states. Waits for nothing.
    pub fn states(&self) -> PeerStates {
        let states = self.0.shared.states();
        if !self.0.closed.load(Ordering::Acquire) {
            return states;
        }
        PeerStates {
            signaling: SignalingState::Closed,
            ice: IceConnectionState::Closed,
            connection: ConnectionState::Closed,
            ..states
        }
    }

    async fn begin(&self) -> Result<MutexGuard<'_, Negotiation>, OperationError> {
        let negotiation = self.negotiate().await?;
        if negotiation.exchange.broken {
            let reason = "an earlier answer was applied half-way; close the connection";
            return Err(OperationError::InvalidState(reason.into()));
        }
        Ok(negotiation)
    }

    async fn take_back(&self, negotiation: &mut Negotiation) -> Result<(), PeerError> {
        if negotiation.exchange.state == SignalingState::HaveLocalOffer {
            self.take_back_offer(negotiation).await
        } else {
            self.take_back_remote_offer(negotiation).await
        }
    }
}

fn wrong_state(step: &str, kind: DescriptionKind, state: SignalingState) -> OperationError {
    OperationError::InvalidState(format!("{step}({}) in {}", kind.name(), state.name()))
}

fn unreadable(error: PeerError) -> OperationError {
    match error {
        PeerError::Negotiation { reason, .. } => OperationError::Syntax(reason),
        error => error.into(),
    }
}

fn given(made: Option<&Made>) -> String {
    made.map(|made| made.given.clone()).unwrap_or_default()
}

fn expect(made: Option<&Made>, sdp: &str, step: &'static str) -> Result<(), OperationError> {
    let is_it = |made: &Made| made.given.trim_end() == sdp.trim_end();
    if sdp.is_empty() || made.is_some_and(is_it) { Ok(()) } else { Err(OperationError::Modified(step)) }
}

fn applied(before: SignalingState, negotiation: &mut Negotiation) -> Applied {
    let exchange = &mut negotiation.exchange;
    let state = (exchange.state != before).then_some(exchange.state);
    Applied { state, changes: exchange.take_changes() }
}

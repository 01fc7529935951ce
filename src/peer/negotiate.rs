//! Offers, answers and candidates, in the order the crate needs them.

use rtc::peer_connection::configuration::RTCOfferOptions;
use rtc::shared::error::Error;
use tokio::sync::MutexGuard;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use std::sync::atomic::Ordering;

use crate::encode::Codec;

use super::choice::{AudioChoice, Narrowed, Order, VideoChoice};
use super::exchange::{Described, Exchange, Made, RemoteOffer};
use super::restart::Restart;
use super::settings::PeerError;
use super::signaling_state::{DescriptionKind, SignalingState};
use super::tracks::{self, Tracks};
use super::{Inner, Peer, remote_check, sdp, unsaid};

#[derive(Default)]
pub struct Negotiation {
    pub(super) exchange: Exchange,
    pub(super) tracks: Tracks,
    /// What the browser takes, as last told to the streamer.
    pub(super) video: Option<VideoChoice>,
    /// Formats of other codecs that it takes too.
    pub(super) others: Vec<VideoChoice>,
    /// The host's order of codecs; empty: the browser's, where it answers, and what is sent already stays.
    pub(super) preferred: Vec<Codec>,
    pub(super) audio: Option<AudioChoice>,
    pub(super) has_remote: bool,
    /// Candidates that came before the description they belong to.
    pub(super) early: Vec<RTCIceCandidateInit>,
    pub(super) candidates: usize,
    /// An offer that the crate made and was not given back: it has named our sections.
    unapplied: Option<String>,
    gathered: bool,
    /// Of ICE, by us, while the other side has not answered.
    pub(super) restart: Restart,
}

impl Peer {
    /// Takes the browser's offer and returns our answer. With `with_media` our tracks are put into the sections it offers.
    pub async fn answer(&self, offer_sdp: &str, with_media: bool) -> Result<String, PeerError> {
        let mut negotiation = self.negotiate().await?;
        if negotiation.exchange.state == SignalingState::HaveLocalOffer {
            let reason = "our own is not answered: it has to be taken back first";
            return Err(PeerError::Negotiation { step: "offer", reason: reason.into() });
        }
        self.check_restart(&mut negotiation, offer_sdp).await?;
        let narrowed = self.read_offer(&negotiation, offer_sdp)?;
        self.hold_offer(&mut negotiation, offer_sdp, narrowed, with_media);
        let made = self.make_answer(&mut negotiation).await;
        let answered = match made {
            Ok(()) => self.apply_answer(&mut negotiation, false).await,
            Err(error) => Err(error),
        };
        if answered.is_err() {
            negotiation.exchange.take_back();
            negotiation.tracks.take_back();
            self.show_state(&negotiation);
        }
        answered
    }

    /// Offers our tracks, for the browser to answer. Everything negotiated before stays.
    pub async fn offer(&self) -> Result<String, PeerError> {
        let mut negotiation = self.negotiate().await?;
        self.make_offer(&mut negotiation, false).await?;
        self.apply_offer(&mut negotiation).await
    }

    /// Takes the browser's answer to our offer.
    pub async fn accept_answer(&self, sdp: &str) -> Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        self.accept(&mut negotiation, sdp).await
    }

    /// Takes our unanswered offer back (RFC 9429, section 4.1.10.2). Nothing happens when there is none.
    pub async fn rollback(&self) -> Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        if negotiation.restart.abandon() {
            return Ok(());
        }
        if self.0.connection.pending_local_description().await.is_none() {
            return Ok(());
        }
        self.take_back_offer(&mut negotiation).await
    }

    pub(super) async fn make_offer(&self, negotiation: &mut Negotiation, restart: bool) -> Result<(), PeerError> {
        let Inner { settings, connection, .. } = &*self.0;
        if !settings.codecs.is_empty() {
            negotiation.tracks.add_video(connection, &self.0.video, settings, None).await.map_err(at("video track"))?;
        }
        if settings.audio {
            negotiation.tracks.add_audio(connection, &self.0.audio, settings, None).await.map_err(at("audio track"))?;
        }
        let received = negotiation.exchange.received_mids();
        negotiation.tracks.offer_added(connection, &received).await.map_err(at("added track"))?;
        let exchange = &mut negotiation.exchange;
        let restarts = (restart || exchange.restart) && exchange.current_remote.is_some();
        let options = restarts.then_some(RTCOfferOptions { ice_restart: true });
        let own = connection.create_offer(options).await.map_err(at("offer"))?.sdp;
        negotiation.unapplied = Some(own.clone());
        negotiation.tracks.note_sections(connection).await.map_err(at("sections"))?;
        negotiation.tracks.say();
        let exchange = &mut negotiation.exchange;
        exchange.offer = Some(Made { given: self.0.network.describe(&own), own, restarts });
        Ok(())
    }

    /// What was made becomes our description, and is returned as the browser shall see it.
    pub(super) async fn apply_offer(&self, negotiation: &mut Negotiation) -> Result<String, PeerError> {
        let Some(made) = negotiation.exchange.offer.take() else { return Err(none_made("offer")) };
        let offer = RTCSessionDescription::offer(made.own).map_err(at("offer"))?;
        self.put_local(negotiation, offer, made.restarts).await?;
        negotiation.unapplied = None;
        negotiation.exchange.restarting |= made.restarts;
        negotiation.exchange.state = SignalingState::HaveLocalOffer;
        self.show_state(negotiation);
        Ok(made.given)
    }

    /// Reads an offer of the browser's, without any effect.
    pub(super) fn read_offer(&self, negotiation: &Negotiation, sdp: &str) -> Result<Narrowed, PeerError> {
        let narrowed = self.narrow(sdp, Order::Ours, negotiation)?;
        RTCSessionDescription::offer(narrowed.sdp.clone()).map_err(at("offer"))?;
        Ok(narrowed)
    }

    /// Keeps an offer of the browser's until it is answered.
    pub(super) fn hold_offer(&self, negotiation: &mut Negotiation, sdp: &str, narrowed: Narrowed, with_media: bool) {
        let exchange = &mut negotiation.exchange;
        let before = exchange.current_remote.as_ref().and_then(|remote| remote_check::ice_ufrag(&remote.sdp));
        let restarts = before.is_some() && before != remote_check::ice_ufrag(sdp);
        exchange.note_received(sdp, &narrowed.directions);
        exchange.remote_offer = Some(RemoteOffer { narrowed, with_media, applied: false, restarts });
        exchange.pending_remote = Some(Described { kind: DescriptionKind::Offer, sdp: sdp.to_owned() });
        exchange.state = SignalingState::HaveRemoteOffer;
        self.show_state(negotiation);
    }

    pub(super) async fn make_answer(&self, negotiation: &mut Negotiation) -> Result<(), PeerError> {
        let Some(mut offer) = negotiation.exchange.remote_offer.take() else { return Err(none_made("answer")) };
        let applied = if offer.applied { Ok(()) } else { self.apply_remote_offer(negotiation, &mut offer).await };
        negotiation.exchange.remote_offer = Some(offer);
        applied?;
        negotiation.tracks.say();
        let own = self.0.connection.create_answer(None).await.map_err(at("answer"))?.sdp;
        negotiation.exchange.answer = Some(Made { given: self.0.network.describe(&own), own, restarts: false });
        Ok(())
    }

    async fn apply_remote_offer(
        &self,
        negotiation: &mut Negotiation,
        offer: &mut RemoteOffer,
    ) -> Result<(), PeerError> {
        let connection = &self.0.connection;
        let description = RTCSessionDescription::offer(offer.narrowed.sdp.clone()).map_err(at("offer"))?;
        if let Some(unapplied) = negotiation.unapplied.take() {
            // The names it gave our sections are those of other ones in this offer.
            let unapplied = RTCSessionDescription::offer(unapplied).map_err(at("offer"))?;
            connection.set_local_description(unapplied).await.map_err(at("offer"))?;
            let rollback = RTCSessionDescription::rollback(None).map_err(at("rollback"))?;
            connection.set_local_description(rollback).await.map_err(at("rollback"))?;
        }
        negotiation.tracks.set_free(connection).await.map_err(at("tracks"))?;
        if let Err(error) = connection.set_remote_description(description).await {
            // Half applied is worse than not at all.
            if let Ok(rollback) = RTCSessionDescription::rollback(None) {
                let _ = connection.set_remote_description(rollback).await;
            }
            return Err(at("offer")(error));
        }
        offer.applied = true;
        // What had none may have got one.
        negotiation.tracks.note_sections(connection).await.map_err(at("sections"))?;
        negotiation.tracks.limit(&mut offer.narrowed);
        if offer.restarts {
            negotiation.candidates = negotiation.early.len();
        }
        if offer.with_media || negotiation.tracks.any() {
            // Only now: a track that exists before the offer would be bound to numbers that are not negotiated yet.
            self.bring_tracks(negotiation, &offer.narrowed, offer.with_media).await?;
        }
        tracks::direct(connection, &offer.narrowed.directions).await.map_err(at("direction"))
    }

    /// What was made becomes our description, and is returned as the browser shall see it.
    pub(super) async fn apply_answer(
        &self,
        negotiation: &mut Negotiation,
        provisional: bool,
    ) -> Result<String, PeerError> {
        let Some(made) = negotiation.exchange.answer.take() else { return Err(none_made("answer")) };
        let answer = if provisional {
            RTCSessionDescription::pranswer(made.own).map_err(at("provisional answer"))?
        } else {
            RTCSessionDescription::answer(made.own).map_err(at("answer"))?
        };
        let restarts = negotiation.exchange.remote_offer.as_ref().is_some_and(|offer| offer.restarts);
        if let Some(offer) = negotiation.exchange.remote_offer.take() {
            self.0.receiving.set(&offer.narrowed.formats, &offer.narrowed.directions);
            negotiation.exchange.keep_received(&offer.narrowed.directions);
            negotiation.exchange.remote_offer = Some(offer);
        }
        let unsaid = unsaid::hide(&self.0.connection).await.map_err(at("tracks"))?;
        let applied = self.put_local(negotiation, answer, restarts).await;
        unsaid.show().await.map_err(at("tracks"))?;
        applied?;
        if provisional {
            negotiation.exchange.state = SignalingState::HaveLocalPranswer;
        } else {
            let offer = negotiation.exchange.remote_offer.take();
            negotiation.exchange.agree();
            negotiation.tracks.agree();
            if let Some(offer) = offer.filter(|offer| offer.with_media || negotiation.tracks.any()) {
                self.tell(negotiation, offer.narrowed);
            }
        }
        self.show_state(negotiation);
        self.add_early(negotiation).await;
        Ok(made.given)
    }

    pub(super) async fn accept(&self, negotiation: &mut Negotiation, sdp: &str) -> Result<(), PeerError> {
        let narrowed = self.narrow(sdp, Order::Theirs, negotiation)?;
        let answer = RTCSessionDescription::answer(narrowed.sdp.clone()).map_err(at("answer"))?;
        // Before the description: applying it binds the tracks, by the codec they then have.
        self.bring_tracks(negotiation, &narrowed, false).await?;
        self.apply_restart(negotiation).await?;
        if let Err(error) = self.0.connection.set_remote_description(answer).await {
            negotiation.exchange.broken = true;
            return Err(at("answer")(error));
        }
        self.0.receiving.set(&narrowed.formats, &narrowed.directions);
        if negotiation.exchange.restarting {
            negotiation.candidates = negotiation.early.len();
        }
        negotiation.exchange.note_received(sdp, &narrowed.directions);
        negotiation.exchange.pending_remote = Some(Described { kind: DescriptionKind::Answer, sdp: sdp.to_owned() });
        negotiation.exchange.agree();
        negotiation.tracks.agree();
        self.show_state(negotiation);
        self.tell(negotiation, narrowed);
        self.add_early(negotiation).await;
        Ok(())
    }

    pub(super) async fn take_back_offer(&self, negotiation: &mut Negotiation) -> Result<(), PeerError> {
        let rollback = RTCSessionDescription::rollback(None).map_err(at("rollback"))?;
        self.0.connection.set_local_description(rollback).await.map_err(at("rollback"))?;
        negotiation.exchange.take_back();
        negotiation.tracks.take_back();
        negotiation.tracks.note_sections(&self.0.connection).await.map_err(at("sections"))?;
        self.show_state(negotiation);
        Ok(())
    }

    /// Takes the browser's unanswered offer back: nothing of it was, as far as anybody can tell.
    pub(super) async fn take_back_remote_offer(&self, negotiation: &mut Negotiation) -> Result<(), PeerError> {
        let exchange = &negotiation.exchange;
        if let Some(offer) = exchange.remote_offer.as_ref().filter(|offer| offer.applied) {
            // The crate has started the transports with what it says.
            if exchange.current_remote.is_none() || offer.restarts {
                let reason = "the other side's offer was answered by createAnswer, and either it is the first one or it \
                              restarts ICE";
                return Err(PeerError::Negotiation { step: "rollback", reason: reason.into() });
            }
            let rollback = RTCSessionDescription::rollback(None).map_err(at("rollback"))?;
            self.0.connection.set_remote_description(rollback).await.map_err(at("rollback"))?;
        }
        negotiation.early.clear();
        negotiation.exchange.take_back();
        negotiation.tracks.take_back();
        negotiation.tracks.note_sections(&self.0.connection).await.map_err(at("sections"))?;
        self.show_state(negotiation);
        Ok(())
    }

    pub(super) async fn negotiate(&self) -> Result<MutexGuard<'_, Negotiation>, PeerError> {
        let negotiation = self.0.negotiation.lock().await;
        if self.0.closed.load(Ordering::Acquire) { Err(PeerError::Closed) } else { Ok(negotiation) }
    }

    /// `renews`: with new ICE credentials, so that candidates are gathered anew.
    pub(super) async fn put_local(
        &self,
        negotiation: &mut Negotiation,
        description: RTCSessionDescription,
        renews: bool,
    ) -> Result<(), PeerError> {
        if let Some(section) = sdp::parse(&description.sdp)?.transport_section() {
            self.0.shared.set_transport(section);
        }
        if !std::mem::replace(&mut negotiation.gathered, true) || renews {
            self.0.shared.begin_gathering();
        }
        self.prepare_gathering(&description.sdp).await?;
        self.0.connection.set_local_description(description).await.map_err(at("local description"))
    }

    /// For whoever asks without waiting.
    pub(super) fn show_state(&self, negotiation: &Negotiation) {
        let can_trickle = negotiation.exchange.remote().map(|remote| remote_check::can_trickle(&remote.sdp));
        self.0.shared.set_signaling(negotiation.exchange.state, can_trickle);
    }
}

fn none_made(step: &'static str) -> PeerError {
    PeerError::Negotiation { step, reason: "none was made".into() }
}

pub fn at(step: &'static str) -> impl Fn(Error) -> PeerError {
    move |error| PeerError::Negotiation { step, reason: error.to_string() }
}

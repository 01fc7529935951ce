//! Offers, answers and candidates, in the order the crate needs them.

use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::shared::error::Error;
use tokio::sync::MutexGuard;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use std::sync::atomic::Ordering;

use crate::encode::Codec;
use crate::signaling::IceCandidate;

use super::choice::{self, AudioChoice, Narrowed, Order, VideoChoice, VideoOutcome};
use super::restart::Restart;
use super::settings::{PeerError, PeerEvent};
use super::tracks::{self, Tracks};
use super::{Inner, Peer, bundle, ice, sdp, spare};

#[derive(Default)]
pub struct Negotiation {
    tracks: Tracks,
    /// What the browser takes, as last told to the streamer.
    video: Option<VideoChoice>,
    /// Formats of other codecs that it takes too.
    others: Vec<VideoChoice>,
    /// The host's order of codecs; empty: the browser's, where it answers, and what is sent already stays.
    preferred: Vec<Codec>,
    audio: Option<AudioChoice>,
    has_remote: bool,
    /// Candidates that came before the description they belong to.
    early: Vec<RTCIceCandidateInit>,
    candidates: usize,
    /// Of ICE, by us.
    pub restart: Restart,
}

/// What a preference came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preferred {
    /// Nothing is agreed on yet: it counts when something is.
    NotYet,
    /// This one is sent.
    Sent(Codec),
    /// None of the preferred ones was agreed on: this one goes on.
    Without(Codec),
}

impl Peer {
    /// Takes the browser's offer and returns our answer. With `with_media` our tracks are put into the sections it offers.
    pub async fn answer(&self, offer_sdp: &str, with_media: bool) -> Result<String, PeerError> {
        let mut negotiation = self.negotiate().await?;
        self.check_restart(&mut negotiation, offer_sdp).await?;
        let narrowed = self.narrow(offer_sdp, Order::Ours, &negotiation)?;
        let offer = RTCSessionDescription::offer(narrowed.sdp.clone()).map_err(at("offer"))?;
        negotiation.tracks.set_free(&self.0.connection).await.map_err(at("tracks"))?;
        if let Err(error) = self.0.connection.set_remote_description(offer).await {
            // Half applied is worse than not at all.
            if let Ok(rollback) = RTCSessionDescription::rollback(None) {
                let _ = self.0.connection.set_remote_description(rollback).await;
            }
            return Err(at("offer")(error));
        }
        if with_media || negotiation.tracks.any() {
            // Only now: a track that exists before the offer would be bound to numbers that are not negotiated yet.
            self.bring_tracks(&mut negotiation, &narrowed, with_media).await?;
        }
        tracks::direct(&self.0.connection, &narrowed.directions).await.map_err(at("direction"))?;
        self.0.receiving.set(&narrowed.formats);
        let answer = self.0.connection.create_answer(None).await.map_err(at("answer"))?;
        self.set_local(&answer.sdp, answer.clone()).await?;
        if with_media || negotiation.tracks.any() {
            self.tell(&mut negotiation, narrowed);
        }
        self.add_early(&mut negotiation).await;
        Ok(self.0.network.describe(&answer.sdp))
    }

    /// Offers our tracks, for the browser to answer. Everything negotiated before stays.
    pub async fn offer(&self) -> Result<String, PeerError> {
        let mut negotiation = self.negotiate().await?;
        let Inner { settings, connection, .. } = &*self.0;
        if !settings.codecs.is_empty() {
            negotiation.tracks.add_video(connection, &self.0.video, settings, None).await.map_err(at("video track"))?;
        }
        if settings.audio {
            negotiation.tracks.add_audio(connection, &self.0.audio, settings, None).await.map_err(at("audio track"))?;
        }
        let offer = connection.create_offer(None).await.map_err(at("offer"))?;
        self.set_local(&offer.sdp, offer.clone()).await?;
        Ok(self.0.network.describe(&offer.sdp))
    }

    /// Takes the browser's answer to our offer.
    pub async fn accept_answer(&self, sdp: &str) -> Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let narrowed = self.narrow(sdp, Order::Theirs, &negotiation)?;
        // Before the description: applying it binds the tracks, by the codec they then have.
        self.bring_tracks(&mut negotiation, &narrowed, false).await?;
        let answer = RTCSessionDescription::answer(narrowed.sdp.clone()).map_err(at("answer"))?;
        self.apply_restart(&mut negotiation).await?;
        self.0.connection.set_remote_description(answer).await.map_err(at("answer"))?;
        self.0.receiving.set(&narrowed.formats);
        self.tell(&mut negotiation, narrowed);
        self.add_early(&mut negotiation).await;
        Ok(())
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
        let rollback = RTCSessionDescription::rollback(None).map_err(at("rollback"))?;
        self.0.connection.set_local_description(rollback).await.map_err(at("rollback"))
    }

    /// The codecs to send, best first (W3C `setCodecPreferences`); empty: as configured. What was agreed on stays agreed on, and
    /// the first of these among it is sent from now on; `VideoNegotiated` tells of a change. Without any, the present one goes on.
    pub async fn prefer(&self, codecs: Vec<Codec>) -> Result<Preferred, PeerError> {
        let mut negotiation = self.negotiate().await?;
        let wanted = if codecs.is_empty() { self.0.settings.codecs.clone() } else { codecs.clone() };
        negotiation.preferred = codecs;
        let Negotiation { tracks, video: Some(choice), others, .. } = &mut *negotiation else {
            return Ok(Preferred::NotYet);
        };
        let before = choice.codec;
        if !spare::prefer(choice, others, &wanted) {
            return Ok(Preferred::Without(before));
        }
        if choice.codec != before {
            self.0.video.set_codec(Some(choice.codec));
            self.0.shared.mailbox.push(PeerEvent::VideoNegotiated { codec: choice.codec, rates: choice.rates });
            // So that the crate's statistics name it.
            tracks.name_video(&self.0.video, &self.0.settings, choice).await.map_err(at("video track"))?;
        }
        Ok(Preferred::Sent(choice.codec))
    }

    /// Takes one of the browser's candidates; one that comes before its description waits for it.
    pub async fn add_candidate(&self, candidate: IceCandidate) -> Result<(), PeerError> {
        let Some(candidate) = ice::remote_candidate(candidate) else { return Ok(()) };
        let mut negotiation = self.negotiate().await?;
        if negotiation.candidates >= ice::MAX_REMOTE_CANDIDATES {
            let reason = format!("more than {} candidates", ice::MAX_REMOTE_CANDIDATES);
            return Err(PeerError::Negotiation { step: "candidate", reason });
        }
        negotiation.candidates += 1;
        if negotiation.has_remote {
            self.0.connection.add_ice_candidate(candidate).await.map_err(at("candidate"))
        } else {
            negotiation.early.push(candidate);
            Ok(())
        }
    }

    pub(super) async fn negotiate(&self) -> Result<MutexGuard<'_, Negotiation>, PeerError> {
        let negotiation = self.0.negotiation.lock().await;
        if self.0.closed.load(Ordering::Acquire) { Err(PeerError::Closed) } else { Ok(negotiation) }
    }

    fn narrow(&self, sdp: &str, order: Order, negotiation: &Negotiation) -> Result<Narrowed, PeerError> {
        let settings = &self.0.settings;
        let current = negotiation.video.as_ref().map(|choice| choice.codec);
        let shared = bundle::share(sdp)?;
        self.0.network.telling.hear(&shared);
        let (codecs, receivable) = (&settings.codecs, &settings.receivable);
        let mut narrowed = choice::narrow(&shared.sdp, codecs, settings.audio, receivable, order, current)?;
        shared.explain(&mut narrowed.video);
        narrowed.prefer(&negotiation.preferred);
        Ok(narrowed)
    }

    /// Gives our tracks the codecs that were chosen; makes them first if `add` says so.
    async fn bring_tracks(
        &self,
        negotiation: &mut Negotiation,
        narrowed: &Narrowed,
        add: bool,
    ) -> Result<(), PeerError> {
        let Inner { settings, connection, video, audio, .. } = &*self.0;
        let tracks = &mut negotiation.tracks;
        if let VideoOutcome::Chosen(choice) = &narrowed.video
            && (add || tracks.has_video())
        {
            if !tracks.has_video() {
                let skipped = tracks::skip(connection, &narrowed.directions, RtpCodecKind::Video).await;
                skipped.map_err(at("video section"))?;
            }
            tracks.add_video(connection, video, settings, Some(choice)).await.map_err(at("video track"))?;
        }
        if let Some(choice) = &narrowed.audio
            && (add || tracks.has_audio())
        {
            if !tracks.has_audio() {
                let skipped = tracks::skip(connection, &narrowed.directions, RtpCodecKind::Audio).await;
                skipped.map_err(at("audio section"))?;
            }
            tracks.add_audio(connection, audio, settings, Some(choice)).await.map_err(at("audio track"))?;
        }
        Ok(())
    }

    pub(super) async fn set_local(&self, sdp: &str, description: RTCSessionDescription) -> Result<(), PeerError> {
        if let Some(section) = sdp::parse(sdp)?.transport_section() {
            self.0.shared.set_transport(section);
        }
        self.prepare_gathering(sdp).await?;
        self.0.connection.set_local_description(description).await.map_err(at("local description"))
    }

    /// Tells what is new about video and audio.
    fn tell(&self, negotiation: &mut Negotiation, narrowed: Narrowed) {
        let mailbox = &self.0.shared.mailbox;
        match narrowed.video {
            VideoOutcome::Chosen(choice) => {
                self.0.video.formats.set(std::iter::once(&choice).chain(&narrowed.others));
                self.0.video.set_codec(Some(choice.codec));
                negotiation.others = narrowed.others;
                if negotiation.video.as_ref() != Some(&choice) {
                    mailbox.push(PeerEvent::VideoNegotiated { codec: choice.codec, rates: choice.rates });
                    negotiation.video = Some(choice);
                }
            }
            VideoOutcome::Refused(reason) => {
                self.0.video.set_codec(None);
                self.0.video.formats.set([].iter());
                (negotiation.video, negotiation.others) = (None, Vec::new());
                mailbox.push(PeerEvent::VideoRefused { reason });
            }
            VideoOutcome::Absent => {}
        }
        if let Some(choice) = narrowed.audio
            && negotiation.audio.as_ref() != Some(&choice)
        {
            self.0.audio.set_red(choice.red);
            mailbox.push(PeerEvent::AudioNegotiated { stereo: choice.stereo, fec: choice.fec && choice.red.is_none() });
            negotiation.audio = Some(choice);
        }
    }

    async fn add_early(&self, negotiation: &mut Negotiation) {
        negotiation.has_remote = true;
        // Counted anew: how many belong to one session of ICE is for signaling to say.
        negotiation.candidates = 0;
        for candidate in std::mem::take(&mut negotiation.early) {
            if let Err(error) = self.0.connection.add_ice_candidate(candidate).await {
                tracing::debug!(viewer = %self.0.settings.viewer, %error, "a candidate cannot be used");
            }
        }
    }
}

pub fn at(step: &'static str) -> impl Fn(Error) -> PeerError {
    move |error| PeerError::Negotiation { step, reason: error.to_string() }
}

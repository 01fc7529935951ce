//! What a description says about our media, carried out: the tracks get the codecs that were chosen, and the streamer hears
//! of them.

use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;

use super::choice::{self, Narrowed, Order, Receivable, VideoOutcome};
use super::negotiate::{Negotiation, at};
use super::settings::{PeerError, PeerEvent};
use super::{Inner, Peer, bundle, tracks};
use crate::units::SenderId;

impl Peer {
    pub(super) fn narrow(&self, sdp: &str, order: Order, negotiation: &Negotiation) -> Result<Narrowed, PeerError> {
        let settings = &self.0.settings;
        let current = negotiation.video.as_ref().map(|choice| choice.codec);
        let shared = bundle::share(sdp)?;
        self.0.network.telling.hear(&shared);
        let receivable = Receivable { closed: negotiation.tracks.closed(), ..settings.receivable.clone() };
        let mut narrowed = choice::narrow(&shared.sdp, &settings.codecs, settings.audio, &receivable, order, current)?;
        shared.explain(&mut narrowed.video);
        narrowed.assign(negotiation.tracks.video_mid.as_deref(), &negotiation.tracks.added_mids());
        narrowed.prefer(&negotiation.preferred);
        narrowed.conform(&negotiation.tracks.formats);
        negotiation.tracks.limit(&mut narrowed);
        Ok(narrowed)
    }

    /// Gives our tracks the codecs that were chosen; makes them first if `add` says so.
    pub(super) async fn bring_tracks(
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
        tracks.bring_added(connection, narrowed, add).await.map_err(at("added track"))
    }

    /// Tells what is new about video and audio.
    pub(super) fn tell(&self, negotiation: &mut Negotiation, narrowed: Narrowed) {
        self.tell_added(negotiation, &narrowed);
        let mailbox = &self.0.shared.mailbox;
        match narrowed.video {
            VideoOutcome::Chosen(choice) => {
                self.0.video.formats.set(std::iter::once(&choice).chain(&narrowed.others));
                self.0.video.set_codec(Some(choice.codec));
                if negotiation.tracks.formats.is_empty() {
                    negotiation.tracks.formats = std::iter::once(&choice).chain(&narrowed.others).cloned().collect();
                }
                negotiation.others = narrowed.others;
                if negotiation.video.as_ref() != Some(&choice) {
                    mailbox.push(choice.negotiated(&negotiation.others));
                    negotiation.video = Some(choice);
                }
            }
            VideoOutcome::Refused(reason) => {
                self.0.video.set_codec(None);
                self.0.video.formats.set([].iter());
                (negotiation.video, negotiation.others) = (None, Vec::new());
                mailbox.push(PeerEvent::VideoRefused { reason });
            }
            VideoOutcome::Absent if negotiation.video.take().is_some() => {
                self.0.video.set_codec(None);
                self.0.video.formats.set([].iter());
                negotiation.others.clear();
                mailbox.push(PeerEvent::TrackNegotiated { sender: SenderId::VIDEO, codec: None });
            }
            VideoOutcome::Absent => {}
        }
        match narrowed.audio {
            Some(choice) if negotiation.audio.as_ref() != Some(&choice) => {
                self.0.audio.forget_waiting();
                self.0.audio.set_red(choice.red);
                let fec = choice.fec && choice.red.is_none();
                mailbox.push(PeerEvent::AudioNegotiated { stereo: choice.stereo, fec });
                negotiation.audio = Some(choice);
            }
            None if negotiation.audio.take().is_some() => {
                mailbox.push(PeerEvent::TrackNegotiated { sender: SenderId::AUDIO, codec: None });
            }
            _ => {}
        }
    }
}

//! What the host lets one viewer have, carried out: what is sent at all, how much of the picture, and in which codec.

use super::Viewer;
use super::quality::Chosen;
use crate::encode::Codec;
use crate::peer::{Preferred, RequestedRates};
use crate::streamer::directory::Wishes;
use crate::streamer::event::{EventKind, Severity};
use crate::time;
use crate::units::Bitrate;

/// What was agreed on with the page, and what the host has granted.
#[derive(Debug, Default)]
pub struct Granted {
    /// The codec that is sent, or would be.
    pub codec: Option<Codec>,
    /// Those that could be sent instead without a negotiation.
    pub others: Vec<Codec>,
    /// What the page asks for.
    pub rates: RequestedRates,
    pub wishes: Wishes,
    /// What its viewer has chosen of that.
    pub chosen: Chosen,
}

impl Granted {
    /// Nothing but these codecs, best first.
    pub fn new(codecs: Vec<Codec>) -> Self {
        Self { wishes: Wishes { codecs, ..Wishes::default() }, ..Self::default() }
    }
}

/// Those of `codecs` that come first, then the others, for what may be agreed on to begin with.
pub fn ordered(codecs: &[Codec], first: &[Codec]) -> Vec<Codec> {
    let preferred = first.iter().filter(|codec| codecs.contains(codec));
    preferred.chain(codecs.iter().filter(|codec| !first.contains(codec))).copied().collect()
}

impl Viewer {
    /// An order of the host's: carries out what it has set last.
    pub(in crate::streamer) async fn grant(&mut self) {
        let wishes = self.context.shared.directory.wishes(self.id);
        let before = std::mem::replace(&mut self.granted.wishes, wishes);
        let wishes = self.granted.wishes.clone();
        if wishes.codecs != before.codecs
            && let Some(codec) = self.prefer().await
        {
            self.tell_unmet(codec);
        }
        if wishes.audio.active != before.audio.active {
            self.grant_sound(wishes.audio.active);
        }
        if wishes.video != before.video {
            self.follow_wishes();
            self.bound();
            self.grant_video(wishes.video.active).await;
        }
        let turned = self.turn_first(&before).await;
        self.grant_tracks(turned).await;
    }

    /// The codecs to agree on, the preferred ones first.
    pub(super) fn ordered_codecs(&self) -> Vec<Codec> {
        ordered(&self.codecs, &self.granted.wishes.codecs)
    }

    /// Tells the peer which codecs are preferred, if there is a peer. It answers with an event where that changes anything.
    /// Returns the codec that goes on because none of them was agreed on.
    pub(super) async fn prefer(&mut self) -> Option<Codec> {
        let peer = self.peer.clone()?;
        match peer.prefer(self.wanted_codecs()).await {
            Ok(Preferred::NotYet | Preferred::Sent(_)) => None,
            Ok(Preferred::Without(codec)) => Some(codec),
            Err(error) => {
                tracing::debug!(viewer = self.id.0, %error, "codec preferences");
                None
            }
        }
    }

    /// To a connection that has just been made.
    pub(super) async fn bring_preference(&mut self) {
        if !self.granted.wishes.codecs.is_empty() || self.granted.chosen != Chosen::default() {
            self.prefer().await;
        }
    }

    fn tell_unmet(&self, codec: Codec) {
        let message = format!("none of the preferred codecs was agreed on; {} goes on", codec.rtpmap_name());
        self.event(EventKind::CodecNotAgreed, Severity::Warning, message);
    }

    fn grant_sound(&mut self, active: bool) {
        let audio = &self.context.shared.config.audio;
        let kbps = if active && audio.enabled { audio.bitrate_kbps } else { 0 };
        self.mute();
        self.place.set_sound(Bitrate::from_kbps(kbps.into()));
        // Who hears nothing needs no correction of what everybody gets.
        self.context.audio_demand.set_loss(self.id, 0.0);
    }

    /// From a receiver report.
    pub(super) fn hear_loss(&mut self, fraction_lost: f32) {
        self.places_mut().for_each(|place| place.set_loss(fraction_lost));
        if !self.feed.is_muted() {
            self.context.audio_demand.set_loss(self.id, fraction_lost);
        }
    }

    async fn grant_video(&mut self, active: bool) {
        self.feed.set_resting(!active);
        if !active {
            self.place.rest().await;
            return self.tell_demand();
        }
        match self.granted.codec.filter(|_| self.place.next_codec().is_none()) {
            Some(codec) => self.resume(codec),
            None => self.review().await,
        }
    }

    /// Its video begins again, at a keyframe.
    fn resume(&mut self, codec: Codec) {
        if let Err(error) = self.place.join(codec, time::now()) {
            self.event(EventKind::ViewerRefused, Severity::Error, format!("no encoder thread: {error}"));
        }
        self.tell_demand();
        if self.pump.is_none() {
            self.start_pump();
        }
    }

    /// The codec that is sent from now on, as agreed with the page.
    pub(super) async fn on_video(&mut self, codec: Codec) {
        let first = self.granted.codec.replace(codec).is_none();
        let preferred = &self.granted.wishes.codecs;
        if first && !preferred.is_empty() && !preferred.contains(&codec) {
            self.tell_unmet(codec);
        }
        if !self.granted.wishes.video.active {
            return;
        }
        match self.place.next_codec() {
            None => self.watch(codec).await,
            Some(watched) if watched != codec => {
                if let Err(error) = self.place.switch(codec, time::now()).await {
                    self.event(EventKind::ViewerRefused, Severity::Error, format!("no encoder thread: {error}"));
                }
                self.tell_demand();
            }
            Some(_) => {}
        }
    }

    /// The page takes no video any more.
    pub(super) async fn on_video_refused(&mut self, reason: String) {
        self.granted.codec = None;
        self.place.leave().await;
        self.start_pump();
        self.event(EventKind::ViewerRefused, Severity::Warning, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferred_codecs_come_first_and_none_is_lost_or_made_up() {
        use Codec::{Av1, H264, Vp8, Vp9};
        assert_eq!(ordered(&[H264, Vp8, Vp9], &[]), [H264, Vp8, Vp9]);
        assert_eq!(ordered(&[H264, Vp8, Vp9], &[Vp9, Av1]), [Vp9, H264, Vp8]);
        assert!(ordered(&[], &[Vp9]).is_empty());
    }
}

//! Which ways the first two sections go and in which MediaStreams their tracks are, as the host wants it, and what follows where one of them stops or begins again.

use super::Viewer;
use crate::peer::{Direction, Peer};
use crate::streamer::directory::Wishes;
use crate::units::SenderId;

impl Viewer {
    /// True: the other side has to hear of it.
    pub(super) async fn turn_first(&mut self, before: &Wishes) -> bool {
        let now = &self.granted.wishes;
        let video = (SenderId::VIDEO, before.video_direction, now.video_direction);
        let audio = (SenderId::AUDIO, before.audio_direction, now.audio_direction);
        let streams = [
            (SenderId::VIDEO, &before.video_stream, now.video_stream.as_deref()),
            (SenderId::AUDIO, &before.audio_stream, now.audio_stream.as_deref()),
        ];
        let mut turned = false;
        for (sender, before, now) in streams {
            if before.as_deref() != now {
                self.move_to(sender, now).await;
                turned = true;
            }
        }
        for (sender, _, wanted) in [video, audio].into_iter().filter(|(_, before, now)| before != now) {
            if let (Some(wanted), Some(peer)) = (wanted, self.peer.clone()) {
                self.turn(&peer, sender, wanted).await;
                turned = true;
            }
        }
        turned
    }

    /// A connection that has just been made.
    pub(super) async fn turn_on(&self, peer: &Peer) {
        let wishes = &self.granted.wishes;
        for (sender, stream) in [(SenderId::VIDEO, &wishes.video_stream), (SenderId::AUDIO, &wishes.audio_stream)] {
            if let Some(stream) = stream {
                self.move_on(peer, sender, Some(stream)).await;
            }
        }
        for (sender, wanted) in [(SenderId::VIDEO, wishes.video_direction), (SenderId::AUDIO, wishes.audio_direction)] {
            if let Some(wanted) = wanted {
                self.turn(peer, sender, wanted).await;
            }
        }
    }

    pub(super) async fn turn(&self, peer: &Peer, sender: SenderId, wanted: Direction) {
        if let Err(error) = peer.set_direction(sender, wanted).await {
            tracing::debug!(viewer = self.id.0, %error, "direction");
        }
    }

    /// A sender's track is in this MediaStream from now on.
    pub(super) async fn move_to(&self, sender: SenderId, stream: Option<&str>) {
        if let Some(peer) = &self.peer {
            self.move_on(peer, sender, stream).await;
        }
    }

    async fn move_on(&self, peer: &Peer, sender: SenderId, stream: Option<&str>) {
        if let Err(error) = peer.set_stream(sender, stream).await {
            tracing::debug!(viewer = self.id.0, %error, "setStreams");
        }
    }

    /// Nothing is sent in the first video section any more, by agreement.
    pub(super) async fn on_video_stopped(&mut self) {
        self.granted.codec = None;
        self.place.leave().await;
        self.redivide();
        self.tell_demand();
    }

    /// Sound was agreed on.
    pub(super) fn on_sound(&mut self, fec: bool) {
        self.context.audio_demand.join(self.id, fec);
        self.sound_stopped = false;
        self.mute();
        if !std::mem::replace(&mut self.audio_agreed, true) || self.pump.is_none() {
            self.start_pump();
        }
    }

    /// No sound is sent any more, by agreement.
    pub(super) fn on_sound_stopped(&mut self) {
        self.sound_stopped = true;
        self.mute();
        self.context.audio_demand.leave(self.id);
    }

    pub(super) fn mute(&self) {
        self.feed.set_muted(self.sound_stopped || !self.granted.wishes.audio.active);
    }
}

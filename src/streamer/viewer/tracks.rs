//! Video tracks beside the first: each has a source, a layer and a pump of its own, and a part of the viewer's link.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::Viewer;
use super::place::Place;
use crate::encode::Codec;
use crate::layers::divide;
use crate::peer::{Peer, PeerError, TrackState};
use crate::signaling::negotiation::Input;
use crate::streamer::directory::TrackWish;
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::feed::Feed;
use crate::streamer::media_pump;
use crate::streamer::senders::MediaKind;
use crate::streamer::session::next_viewer;
use crate::streamer::tracks::Transceiver;
use crate::time;
use crate::units::{Bitrate, SenderId};

pub struct AddedTrack {
    /// As it was last carried out.
    wish: TrackWish,
    place: Place,
    feed: Arc<Feed>,
    /// What its page takes.
    codec: Option<Codec>,
    pump: Option<JoinHandle<()>>,
}

impl AddedTrack {
    fn stop(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.abort();
        }
    }

    /// What it can use of a link; nothing while it rests.
    fn most(&self) -> Bitrate {
        if self.place.next_codec().is_some() { self.place.needed(self.place.most()) } else { Bitrate::default() }
    }
}

impl Drop for AddedTrack {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Viewer {
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.place).chain(self.tracks.iter().map(|track| &track.place))
    }

    pub(super) fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        std::iter::once(&mut self.place).chain(self.tracks.iter_mut().map(|track| &mut track.place))
    }

    /// What the host has set last of the tracks, carried out.
    pub(super) async fn grant_tracks(&mut self, turned: bool) {
        let wishes = self.granted.wishes.tracks.clone();
        let mut untold = turned;
        let gone = |track: &AddedTrack| wishes.iter().all(|wish| wish.sender != track.wish.sender);
        while let Some(at) = self.tracks.iter().position(gone) {
            let track = self.tracks.remove(at);
            untold = true;
            self.end_track(track).await;
        }
        for wish in wishes {
            match self.tracks.iter().position(|track| track.wish.sender == wish.sender) {
                Some(at) => untold |= self.change_track(at, wish).await,
                None => {
                    self.begin_track(wish).await;
                    untold = true;
                }
            }
        }
        if untold {
            self.report_tracks();
            self.bound();
            self.negotiate_tracks().await;
        }
    }

    async fn begin_track(&mut self, wish: TrackWish) {
        let feed = self.feed.beside(self.context.shared.config.video.start_bitrate());
        let (shared, layers) = (Arc::clone(&self.context.shared), Arc::clone(&self.context.layers));
        // Two tracks of one viewer may be in one layer.
        let mut place = Place::new(shared, layers, next_viewer(), Arc::clone(&feed)).of_track();
        if let Ok(source) = self.context.shared.sources.find(wish.source) {
            place.show(source);
        }
        wish_place(&mut place, &wish, self.context.shared.config.video.max_bitrate());
        if let Some(peer) = self.peer.clone() {
            self.bring_track_to(&peer, &wish).await;
        }
        self.tracks.push(AddedTrack { wish, place, feed, codec: None, pump: None });
    }

    /// True: the other side has to hear of it.
    async fn change_track(&mut self, at: usize, wish: TrackWish) -> bool {
        let most = self.context.shared.config.video.max_bitrate();
        let Some(track) = self.tracks.get_mut(at) else { return false };
        let before = std::mem::replace(&mut track.wish, wish.clone());
        if wish.source != before.source
            && let Ok(source) = self.context.shared.sources.find(wish.source)
        {
            track.place.show(source);
        }
        if wish.parameters != before.parameters {
            wish_place(&mut track.place, &wish, most);
            if !wish.parameters.active {
                track.place.rest().await;
            }
        }
        self.serve_track(wish.sender).await;
        self.redivide();
        self.review().await;
        let moved = wish.stream != before.stream;
        if moved {
            self.move_to(wish.sender, Some(&wish.stream)).await;
        }
        if wish.direction == before.direction {
            return moved;
        }
        if let (Some(peer), Some(wanted)) = (self.peer.clone(), wish.direction) {
            self.turn(&peer, wish.sender, wanted).await;
        }
        true
    }

    async fn end_track(&mut self, mut track: AddedTrack) {
        track.stop();
        track.place.leave().await;
        if let Some(peer) = self.peer.clone() {
            peer.backlog().forget(track.wish.sender);
            match peer.remove_track(track.wish.sender).await {
                Ok(()) | Err(PeerError::NoTrack) => {}
                Err(error) => tracing::debug!(viewer = self.id.0, %error, "removeTrack"),
            }
        }
        self.redivide();
    }

    /// For whoever asks how they are.
    fn report_tracks(&self) {
        let added = self.tracks.iter().map(|track| (track.wish.sender, Arc::clone(&track.feed))).collect();
        self.context.shared.reports.set_added(self.id, added);
    }

    /// The viewer leaves.
    pub(super) async fn end_tracks(&mut self) {
        for mut track in std::mem::take(&mut self.tracks) {
            track.stop();
            track.place.leave().await;
        }
    }

    /// A connection that has just been made.
    pub(super) async fn bring_tracks_to(&mut self, peer: &Peer) {
        self.turn_on(peer).await;
        self.report_tracks();
        let wishes: Vec<TrackWish> = self.tracks.iter().map(|track| track.wish.clone()).collect();
        for wish in wishes {
            self.bring_track_to(peer, &wish).await;
        }
    }

    async fn bring_track_to(&self, peer: &Peer, wish: &TrackWish) {
        let added = match wish.kind {
            MediaKind::Video => peer.add_track(wish.sender, &wish.stream, wish.direction).await,
            MediaKind::Audio => match (peer.add_microphone(wish.sender).await, wish.direction) {
                (Ok(()), Some(wanted)) => peer.set_direction(wish.sender, wanted).await,
                (added, _) => added,
            },
        };
        if let Err(error) = added {
            self.event(EventKind::ViewerRefused, Severity::Error, format!("{}: {error}", wish.sender));
        }
    }

    /// Offers what has changed, or has the host do so.
    async fn negotiate_tracks(&mut self) {
        if self.hosted.is_some() {
            self.look_whether_to_negotiate().await;
        } else if self.has_untold_tracks().await {
            self.negotiate(Input::Renegotiate).await;
        }
    }

    /// Whether there is something to offer: before the first description is agreed on, it is another's turn.
    pub(super) async fn has_untold_tracks(&self) -> bool {
        match &self.peer {
            Some(peer) if self.described => peer.has_untold_tracks().await,
            _ => false,
        }
    }

    pub(super) fn on_track_keyframe(&mut self, sender: SenderId) {
        let rtt = self.rtt;
        if let Some(track) = self.tracks.iter_mut().find(|track| track.wish.sender == sender) {
            track.place.handle_keyframe_request(time::now(), rtt);
        }
    }

    /// What its page takes on a track from now on.
    pub(super) async fn on_track(&mut self, sender: SenderId, codec: Option<Codec>) {
        match sender {
            SenderId::VIDEO => return self.on_video_stopped().await,
            SenderId::AUDIO => return self.on_sound_stopped(),
            _ => {}
        }
        let Some(track) = self.tracks.iter_mut().find(|track| track.wish.sender == sender) else { return };
        track.codec = codec;
        if codec.is_none() {
            track.stop();
            track.place.leave().await;
        }
        self.serve_track(sender).await;
        self.redivide();
        self.tell_demand();
    }

    /// Gives a track the layer of its codec, if it is to be sent.
    async fn serve_track(&mut self, sender: SenderId) {
        let Some(track) = self.tracks.iter_mut().find(|track| track.wish.sender == sender) else { return };
        let Some(codec) = track.codec.filter(|_| track.wish.parameters.active) else { return };
        let served = match track.place.next_codec() {
            None => track.place.join(codec, time::now()),
            Some(watched) if watched != codec => track.place.switch(codec, time::now()).await,
            Some(_) => Ok(()),
        };
        if track.pump.is_none() {
            self.start_track_pump(sender);
        }
        if let Err(error) = served {
            self.event(EventKind::ViewerRefused, Severity::Error, format!("no encoder thread: {error}"));
        }
    }

    /// What was sent before is lost, or was never sent.
    pub(super) fn start_track_pumps(&mut self) {
        let senders: Vec<SenderId> = self.tracks.iter().map(|track| track.wish.sender).collect();
        senders.into_iter().for_each(|sender| self.start_track_pump(sender));
    }

    fn start_track_pump(&mut self, sender: SenderId) {
        let Some(peer) = self.peer.clone().filter(|_| self.connected) else { return };
        let Some(track) = self.tracks.iter_mut().find(|track| track.wish.sender == sender) else { return };
        if track.pump.is_some() {
            track.stop();
            track.place.handle_keyframe_caused(time::now());
        }
        if track.place.next_codec().is_some() {
            let (context, feed) = (Arc::clone(&self.context), Arc::clone(&track.feed));
            track.pump = Some(tokio::spawn(media_pump::run_track(context, peer, feed, sender)));
        }
    }

    pub(super) async fn review_tracks(&mut self) {
        for track in &mut self.tracks {
            track.place.review(time::now()).await;
        }
    }

    /// What the link carries, divided among its tracks: sound first, then equal parts, none larger than its track can use; what
    /// nobody can use is the first track's.
    pub(super) fn set_estimates(&mut self, estimate: Bitrate, firm: bool) {
        let sound = self.place.needed(Bitrate::default());
        let first = match self.place.next_codec() {
            Some(_) => Bitrate::from_bps(self.place.needed(self.place.most()).bps().saturating_sub(sound.bps())),
            None => Bitrate::default(),
        };
        let most: Vec<Bitrate> = std::iter::once(first).chain(self.tracks.iter().map(AddedTrack::most)).collect();
        let video = Bitrate::from_bps(estimate.bps().saturating_sub(sound.bps()));
        let parts = if self.tracks.is_empty() { Vec::new() } else { divide(video, &most) };
        let mut elsewhere = 0_u64;
        for (track, part) in self.tracks.iter_mut().zip(parts.into_iter().skip(1)) {
            elsewhere = elsewhere.saturating_add(part.bps());
            track.place.set_estimate(part, firm);
        }
        self.feed.set_elsewhere(Bitrate::from_bps(elsewhere));
        self.place.set_estimate(Bitrate::from_bps(estimate.bps().saturating_sub(elsewhere)), firm);
    }

    /// Others share it from now on.
    pub(super) fn redivide(&mut self) {
        self.set_estimates(self.measured.unwrap_or(self.feed.link()), self.feed.is_firm());
    }

    /// All sections of its connection; before there is one, what would be in it.
    pub(in crate::streamer) async fn transceivers(&self) -> Vec<Transceiver> {
        let states = match &self.peer {
            Some(peer) => peer.track_states().await.unwrap_or_default(),
            None => Vec::new(),
        };
        states.into_iter().map(|state| self.transceiver(state)).collect()
    }

    fn transceiver(&self, state: TrackState) -> Transceiver {
        let shown = |feed: &Feed, wanted| feed.layer().map_or(wanted, |layer| layer.key.source);
        let wishes = &self.granted.wishes;
        let (source, active) = match state.sender {
            Some(SenderId::VIDEO) => (Some(shown(&self.feed, self.place.wanted())), Some(wishes.video.active)),
            Some(SenderId::AUDIO) => (None, Some(wishes.audio.active)),
            Some(sender) => match self.tracks.iter().find(|track| track.wish.sender == sender) {
                Some(track) => (Some(shown(&track.feed, track.wish.source)), Some(track.wish.parameters.active)),
                None => (None, None),
            },
            None => (None, None),
        };
        Transceiver { state, source, active }
    }
}

fn wish_place(place: &mut Place, wish: &TrackWish, most: Bitrate) {
    let parameters = &wish.parameters;
    place.set_wish(parameters.shape(), parameters.degradation_preference);
    place.set_most(parameters.max_bitrate.unwrap_or(most).min(most));
}

//! The viewer's end: sound and one layer of video, or two for the moment of a change.

use std::sync::Arc;

use super::Notify;
use super::audio::{self, AudioFanout};
use super::frame::Media;
use super::video::{self, Fanout};

/// What one viewer has still to send. Dropping it unsubscribes.
pub struct Subscriber {
    notify: Arc<Notify>,
    video: Option<video::Seat>,
    /// The layer that takes over as soon as its first keyframe is here.
    next: Option<video::Seat>,
    audio: Option<audio::Seat>,
    paused: bool,
    /// By seats that were given up, as are the resyncs.
    keyframes_caused: u64,
    resyncs: u64,
}

impl Subscriber {
    /// A viewer that gets nothing yet. `notify` is called whenever there is something to [`pop`](Self::pop).
    pub fn new(notify: Notify) -> Self {
        let notify = Arc::new(notify);
        Self { notify, video: None, next: None, audio: None, paused: false, keyframes_caused: 0, resyncs: 0 }
    }

    /// Changes to a layer. The one watched until now goes on up to the new one's first keyframe, so the picture does not
    /// stand still, and is asked for no keyframe meanwhile. Watching the present layer again cancels a change under way.
    ///
    /// Around a change the RTP timestamp may repeat or step back by a frame, because two workers encode the same
    /// pictures: the peer keeps its own strictly increasing.
    pub fn watch(&mut self, fanout: &Fanout) {
        let Some(video) = &self.video else {
            self.video = Some(self.seat(fanout, true));
            return;
        };
        if self.next.as_ref().is_some_and(|seat| seat.is_at(fanout)) {
            return;
        }
        let stays = video.is_at(fanout);
        if stays != self.next.is_none() {
            video.set_leaving(!stays);
        }
        let next = (!stays).then(|| self.seat(fanout, false));
        let given_up = std::mem::replace(&mut self.next, next);
        self.settle(given_up);
    }

    /// Watches nothing from now on; what waits is thrown away.
    pub fn unwatch(&mut self) {
        let (video, next) = (self.video.take(), self.next.take());
        self.settle(video);
        self.settle(next);
    }

    fn settle(&mut self, given_up: Option<video::Seat>) {
        let Some(seat) = given_up else { return };
        self.keyframes_caused += seat.keyframes_caused();
        self.resyncs += seat.resyncs();
    }

    fn seat(&self, fanout: &Fanout, catches_up: bool) -> video::Seat {
        let seat = fanout.seat(Arc::clone(&self.notify), catches_up && !self.paused);
        if self.paused {
            seat.hold();
        }
        seat
    }

    /// Gets the sound too; it stays where it is, if it does already.
    pub fn listen(&mut self, fanout: &AudioFanout) {
        if self.audio.is_none() {
            self.audio = Some(fanout.seat(Arc::clone(&self.notify)));
        }
    }

    /// Gets no sound any more; what waits is thrown away.
    pub fn unlisten(&mut self) {
        self.audio = None;
    }

    /// The next thing to send: sound first, it is small and cannot wait. Nothing: wait for `notify`.
    pub fn pop(&mut self) -> Option<Media> {
        if let Some(packet) = self.audio.as_ref().and_then(|seat| seat.listener.packets.pop()) {
            return Some(Media::Audio(packet));
        }
        if self.paused {
            return None;
        }
        if let Some(keyframe) = self.next.as_ref().and_then(|seat| seat.watcher.queue.pop()) {
            let left = std::mem::replace(&mut self.video, self.next.take());
            self.settle(left);
            return Some(Media::Video(keyframe));
        }
        self.video.as_ref()?.watcher.queue.pop().map(Media::Video)
    }

    /// For a viewer that lost its picture (PLI, FIR): what waits is still delivered, and the layer is asked for a keyframe.
    pub fn request_keyframe(&self) {
        if let Some(seat) = &self.video {
            seat.request_keyframe();
        }
    }

    /// A frame was lost on the way to this viewer: what waits refers to it and is thrown away. Nothing more until the next
    /// keyframe, which is asked for now; during a pause, at its end. Counts in `viewer_resyncs`.
    pub fn resync(&self) {
        if let Some(seat) = self.video.as_ref().filter(|_| !self.paused) {
            seat.resync();
        }
    }

    /// The viewer's link is behind: no video, and no keyframe asked for, until [`resume`](Self::resume). Sound goes on.
    /// Counts in `viewer_resyncs`.
    pub fn pause(&mut self) {
        if std::mem::replace(&mut self.paused, true) {
            return;
        }
        if let Some(seat) = &self.video {
            seat.count_pause();
        }
        [&self.video, &self.next].into_iter().flatten().for_each(video::Seat::hold);
    }

    /// Ends a pause: video goes on at the next keyframe, which is asked for now.
    pub fn resume(&mut self) {
        if std::mem::replace(&mut self.paused, false) {
            [&self.video, &self.next].into_iter().flatten().for_each(video::Seat::release);
        }
    }

    /// Whether this viewer waits for a keyframe, of its layer or of the one it changes to.
    pub fn needs_keyframe(&self) -> bool {
        [&self.video, &self.next].into_iter().flatten().any(|seat| seat.watcher.queue.needs_keyframe())
    }

    /// Keyframes that this viewer's own trouble (resyncs, pauses) has cost the layers it watched.
    pub fn keyframes_caused(&self) -> u64 {
        let present = [&self.video, &self.next].into_iter().flatten().map(video::Seat::keyframes_caused);
        self.keyframes_caused + present.sum::<u64>()
    }

    /// Times its queue was cleared until a keyframe, or paused.
    pub fn resyncs(&self) -> u64 {
        let present = [&self.video, &self.next].into_iter().flatten().map(video::Seat::resyncs);
        self.resyncs + present.sum::<u64>()
    }

    /// Whether a change of layer is under way.
    pub fn is_changing(&self) -> bool {
        self.next.is_some()
    }
}

impl std::fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscriber")
            .field("video", &self.video.as_ref().map(|seat| &seat.watcher))
            .field("next", &self.next.as_ref().map(|seat| &seat.watcher))
            .field("audio", &self.audio.as_ref().map(|seat| &seat.listener))
            .finish_non_exhaustive()
    }
}

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
}

impl Subscriber {
    /// A viewer that gets nothing yet. `notify` is called whenever there is something to [`pop`](Self::pop).
    pub fn new(notify: Notify) -> Self {
        Self { notify: Arc::new(notify), video: None, next: None, audio: None, paused: false }
    }

    /// Changes to a layer. The one watched until now goes on up to the new one's first keyframe, so the picture never
    /// stands still. Watching the present layer again cancels a change under way.
    ///
    /// Around a change the RTP timestamp may repeat or step back by a frame, because two workers encode the same
    /// pictures: the peer keeps its own strictly increasing.
    pub fn watch(&mut self, fanout: &Fanout) {
        if self.video.as_ref().is_some_and(|seat| seat.is_at(fanout)) {
            self.next = None;
        } else if self.video.is_none() {
            self.video = Some(self.seat(fanout));
        } else if !self.next.as_ref().is_some_and(|seat| seat.is_at(fanout)) {
            self.next = Some(self.seat(fanout));
        }
    }

    fn seat(&self, fanout: &Fanout) -> video::Seat {
        let seat = fanout.seat(Arc::clone(&self.notify));
        if self.paused {
            seat.hold();
        }
        seat
    }

    /// Gets the sound too.
    pub fn listen(&mut self, fanout: &AudioFanout) {
        self.audio = Some(fanout.seat(Arc::clone(&self.notify)));
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
            self.video = self.next.take();
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
    /// keyframe, which is asked for now. Counts in `viewer_resyncs`.
    pub fn resync(&self) {
        if let Some(seat) = &self.video {
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
            seat.count_resync();
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

//! What a viewer's place is decided by: what its link carries, and what its page and the host let it have.

use super::Place;
use crate::config::DegradationPreference;
use crate::layers::Shape;
use crate::streamer::layer::Layer;
use crate::units::Bitrate;

impl Place {
    /// What the link carries, all streams together. `firm`: measured or asked for; a guess rules nobody else.
    pub fn set_estimate(&mut self, estimate: Bitrate, firm: bool) {
        // What the page does not take is of no use, however much its link carries.
        self.feed.set_estimate(estimate.min(self.link.needed(self.most)));
        self.feed.set_firm(firm);
        self.firm = firm;
        self.tell_shares();
    }

    /// From a receiver report: 0 to 1.
    pub fn set_loss(&mut self, fraction_lost: f32) {
        self.link.handle_loss(fraction_lost);
        self.tell_shares();
    }

    /// The part of the estimate that forward error correction takes, 0 to 1.
    pub fn set_protection(&mut self, share: f32) {
        self.link.set_protection(share);
        self.tell_shares();
    }

    /// The most video it takes, whatever its link carries.
    pub fn set_most(&mut self, most: Bitrate) {
        self.most = most;
        self.tell_shares();
    }

    /// The most video that is of use to it: its page's, the host's and its source's bounds.
    pub fn most(&self) -> Bitrate {
        self.most.min(self.source.limits().max)
    }

    /// What a link carries that has room for so much video.
    pub fn needed(&self, video: Bitrate) -> Bitrate {
        self.link.needed(video)
    }

    /// What the viewer is to have of the picture at most, and what gives way for it. Counts from the next review on.
    pub fn set_wish(&mut self, shape: Shape, preference: Option<DegradationPreference>) {
        if (self.shape, self.preference) != (shape, preference) {
            (self.shape, self.preference) = (shape, preference);
            self.tell_shares();
        }
    }

    /// Sound takes so much of its link.
    pub fn set_sound(&mut self, sound: Bitrate) {
        self.link.audio = sound;
        self.tell_shares();
    }

    pub(super) fn tell_share(&self, layer: &Layer) {
        let mut group = layer.group();
        group.set_share(self.viewer, self.video_share(), self.firm);
        group.set_preference(self.viewer, self.preference);
    }

    fn tell_shares(&self) {
        [&self.layer, &self.next].into_iter().flatten().for_each(|layer| self.tell_share(layer));
    }
}

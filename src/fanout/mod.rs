//! One encoded stream, packetized once, to N subscribers: `frame` (what travels), `packetize` (one file per codec),
//! `video` and `audio` (the sending ends, one a layer and one a streamer), `subscriber` (a viewer's end), `queue` (one
//! bounded video queue a viewer; a slow one resyncs on a keyframe), `roster` (who listens now), `recent` (what a viewer that
//! joins is given), `budget` (what a viewer's link carries), `thinning` (which temporal layers it has room for),
//! `keyframe_budget` (how often a viewer may ask for a keyframe), `keyframe_share` (who asks too often to share a layer).

pub mod audio;
mod budget;
pub mod frame;
mod keyframe_budget;
mod keyframe_share;
pub mod packetize;
mod queue;
mod recent;
mod roster;
pub mod subscriber;
mod thinning;
pub mod video;

#[cfg(test)]
mod pause_tests;
#[cfg(test)]
mod tests;

pub use audio::AudioFanout;
pub use budget::{LinkBudget, Verdict};
pub use frame::{AudioPacket, Marks, Media, PacketizedFrame};
pub use keyframe_budget::KeyframeBudget;
pub use keyframe_share::KeyframeShare;
pub use packetize::{Packetizer, PictureIds};
pub use subscriber::Subscriber;
pub use video::Fanout;

/// Tells a viewer's task that media waits for it. Called on the publishing worker's thread: must not block.
pub type Notify = Box<dyn Fn() + Send + Sync>;

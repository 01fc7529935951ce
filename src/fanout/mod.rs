//! One encoded stream, packetized once, to N subscribers: `frame` (what travels), `packetize` (one file per codec),
//! `subscriber` (one bounded queue a peer; a slow one resyncs on a keyframe).

pub mod frame;

pub use frame::{AudioPacket, Media, PacketizedFrame};

//! A path with everything that goes wrong on paths, a sender in front and a receiver behind it. Seeded, virtual time, 1 ms
//! steps; every run with one seed is the same.
//!
//! Sizes are RTP's: what IP, UDP and SRTP add is left out on all sides.

pub mod algorithm;
#[cfg(feature = "webrtc")]
pub mod compare;
pub mod figures;
pub mod link;
pub mod random;
pub mod receiver;
pub mod scenario;
pub mod sender;
pub mod tcp;
pub mod world;

pub use algorithm::Ours;
pub use figures::Series;
pub use link::Queue;
pub use scenario::{Change, Scenario, at};
pub use world::run;

/// Nanoseconds of virtual time.
pub type Time = u64;
pub const MS: Time = 1_000_000;

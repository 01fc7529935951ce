//! Which encodings of the host's picture there are, and which one each viewer gets. Everything here is pure.
//!
//! `ladder` (the rungs: sizes and rates) · `link` (what of a link is left for video) · `group` (the rate of viewers who share
//! a layer) · `selector` (one viewer's rung) · `degradation` (size and frame rate of a layer whose rate does not carry its
//! picture) · `shape` (what a viewer is to have at most) · `cadence` (fewer pictures, evenly) · `division` (of a link among tracks) ·
//! `backoff` (how long to wait before trying again what has failed).

mod backoff;
mod cadence;
mod degradation;
mod division;
mod group;
mod ladder;
mod link;
mod selector;
mod shape;

pub use cadence::Cadence;
pub use degradation::{Degradation, Step};
pub use division::divide;
pub use group::Group;
pub use ladder::{Ladder, Rung, Source};
pub use link::LinkUse;
pub use selector::{Offer, Selector};
pub use shape::Shape;

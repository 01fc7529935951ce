//! Loops over pixels and nothing else: plain arithmetic on slices, for the compiler to vectorize. A package of its own because
//! optimization is chosen by package: the library is optimized for size, these for speed. Pure.

mod bt601;
mod chroma;
mod scale;

pub use bt601::to_bt601;
pub use chroma::deinterleave;
pub use scale::{Axis, Scratch, resample};

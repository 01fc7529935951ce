//! What `include/rendercast.hpp` stands on: the C ABI as a bridge of the crate `cxx` (feature `cxx`), for a static library.
//! `bridge` (the list of what crosses), `structures` (the C ABI's structures cross as they are), `call` (the one door: a status
//! becomes a `Result`, a panic too), and the bodies, each one call of an export of [`crate::ffi`]: `streamer`, `sources`, `viewers`, `peers`,
//! `channels`, `graphics`.
//!
//! There is no second meaning of anything here: pictures, input and statuses are those of the C header, whose exports do the work
//! and keep poisoned, stale and lent objects apart. What C++ hosts see is written in C++ (`include/rendercast/*.hpp`), inline,
//! so that no type of the C++ library's crosses into this one.

#![allow(unsafe_code)]

mod bridge;
mod call;
mod channels;
mod graphics;
mod peers;
mod sources;
mod streamer;
mod structures;
mod viewers;

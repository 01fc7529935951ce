//! Sound from the host on its way to the audio worker: `block` (what a block is and how its buffers are reused),
//! `ring` (200 ms, refuses the newest), `resample` (any rate to Opus's 48 kHz, any channels to stereo).

pub mod block;
pub mod ring;

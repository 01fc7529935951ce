//! One peer per viewer on the `webrtc` crate: `adapter`, `tracks`, `feedback`, `channels`, `ice`.

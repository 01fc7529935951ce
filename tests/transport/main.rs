//! Congestion control on simulated paths, in virtual time: `cargo test --no-default-features --test transport`.

#[cfg(feature = "webrtc")]
mod comparison;
mod sharing;
mod sim;
mod starts;
mod steps;
mod tolerance;

//! Congestion control on simulated paths, in virtual time: `cargo test --no-default-features --test transport`.

mod sharing;
mod sim;
mod starts;
mod steps;
mod tolerance;

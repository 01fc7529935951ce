//! The embedded signaling server and player page.

//! Our peer against a plain peer of the same crate, in one process, over loopback.

#[path = "../support/browser.rs"]
mod browser;
mod channels;
mod codecs;
mod configuration;
mod lifecycle;
mod lossy;
mod media;
mod messages;
mod network;
mod receiving;
mod restart;
#[allow(dead_code)] // support files serve several programs
#[path = "../support/sender.rs"]
mod sender;
mod session;
mod tracks;
#[allow(dead_code)] // support files serve several programs
#[path = "../support/turn.rs"]
mod turn;

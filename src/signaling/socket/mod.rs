//! Carries any [`Dialect`](super::dialect::Dialect) over a WebSocket: `connect` (address, TCP, TLS, handshake), `tls` (whom
//! to trust), `converse` (one open socket), `carrier` (again and again), `error` (what people are told of a failure).

mod carrier;
mod connect;
mod converse;
mod error;
mod living;
mod tls;

pub use carrier::{Carrier, Ended};

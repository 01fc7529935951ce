//! The Unity Render Streaming client against servers: a faithful one that misbehaves when told to, and recorded ones.

#![allow(dead_code)] // support files serve several programs

#[path = "support/http.rs"]
mod http;
#[path = "signaling/mishaps.rs"]
mod mishaps;
#[path = "signaling/private.rs"]
mod private;
#[path = "signaling/replay.rs"]
mod replay;
#[path = "signaling/rig.rs"]
mod rig;
#[path = "signaling/socket.rs"]
mod socket;
#[path = "signaling/socket_mishaps.rs"]
mod socket_mishaps;
#[path = "signaling/talk.rs"]
mod talk;
#[path = "support/transcript.rs"]
mod transcript;
#[path = "support/urs.rs"]
mod urs;
#[path = "support/urs_server.rs"]
mod urs_server;
#[path = "support/urs_ws.rs"]
mod urs_ws;

//! The whole streamer in one process: pushed pictures and sound arrive at real peers through the embedded server.

#![cfg(feature = "server")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rendercast::config::Config;
use rendercast::encode::fake::FakeEncoder;
use rendercast::encode::select::{Candidate, Selector};
use rendercast::encode::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use rendercast::frame::PixelFormat;
use rendercast::input::{InputKind, TouchPhase};
use rendercast::streamer::{EventKind, SendError, SourceOptions, Streamer};
use rendercast::units::{Bitrate, Size, SourceId, ViewerId};

mod control;
mod division;
mod encoders;
mod figures;
mod granted;
mod lives;
mod page;
mod picture;
mod quality;
mod receiving;
mod roles;
mod rungs;
mod sources;
mod tracks;
mod web_socket;

#[allow(dead_code)] // support files serve several programs
#[path = "../support/host.rs"]
mod host;
#[allow(dead_code)]
#[path = "../support/http.rs"]
mod http;
#[allow(dead_code)]
#[path = "../support/sender.rs"]
mod sender;
#[allow(dead_code)]
#[path = "../support/urs.rs"]
mod urs;
#[allow(dead_code)]
#[path = "../support/urs_server.rs"]
mod urs_server;
#[allow(dead_code)]
#[path = "../support/urs_ws.rs"]
mod urs_ws;
#[allow(dead_code)]
#[path = "../support/viewer.rs"]
mod viewer;
use host::{Host, LOCAL};
use urs_server::{Fault, UrsServer};
use viewer::{Asked, Viewer};
use webrtc::data_channel::{DataChannel, DataChannelEvent};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `done` says so; false where it never does.
async fn comes(mut done: impl FnMut() -> bool) -> bool {
    let waiting = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}

fn frames(viewer: &Viewer) -> u64 {
    viewer.received.video_frames.load(Ordering::Relaxed)
}

/// Waits until a keyframe has told its picture's size: the first one may have come before its track was read.
async fn knows_size(viewer: &mut Viewer) {
    assert!(more_frames(viewer, 3).await);
    while viewer.sizes().is_empty() {
        viewer.request_keyframe().await.unwrap();
        assert!(more_frames(viewer, 5).await);
    }
}

/// Waits until `n` more frames than now have come.
async fn more_frames(viewer: &mut Viewer, n: u64) -> bool {
    let now = frames(viewer);
    viewer.wait(|r| r.video_frames.load(Ordering::Relaxed) >= now + n).await
}

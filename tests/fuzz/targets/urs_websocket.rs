//! Frames of a server, one a line, to the client of Unity Render Streaming over a WebSocket.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::signaling::dialect::{Dialect, Output};
use rendercast::signaling::urs_websocket::UrsWebSocket;
use rendercast::signaling::{ConnectionId, SignalCommand, SignalEvent};
use rendercast::time::Nanos;

fuzz_target!(|text: &str| {
    let mut dialect = UrsWebSocket::new(None, Some(ConnectionId("1".into())));
    let mut out = Output::default();
    dialect.opened(Nanos(0), &mut out);
    for (n, frame) in text.lines().enumerate() {
        let now = Nanos(n as u64 * 1_000_000_000);
        let _ = dialect.handle_text(frame, now, &mut out);
        assert!(out.events.len() <= 2, "one frame tells two things at most");
        for event in std::mem::take(&mut out.events) {
            if let SignalEvent::Offer { connection, .. } = event {
                let answer = SignalCommand::Answer { connection, sdp: "v=0".into() };
                dialect.handle_command(answer, now, &mut out);
            }
        }
        dialect.handle_tick(now, &mut out);
        out.events.clear();
        out.frames.clear();
    }
});

//! Plays frames, one a line, to a protocol, with a session that offers when it is invited and answers what it is offered.

use rendercast::signaling::dialect::{Dialect, Output};
use rendercast::signaling::{CallAction, IceCandidate, SignalCommand, SignalEvent};
use rendercast::time::Nanos;

const OURS: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=ice-ufrag:ours\r\nm=video 9 x\r\na=mid:0\r\n";

pub fn drive(dialect: &mut dyn Dialect, text: &str) {
    let mut out = Output::default();
    dialect.opened(Nanos(0), &mut out);
    for (n, frame) in text.lines().enumerate() {
        let now = Nanos(n as u64 * 1_000_000_000);
        match frame {
            "closed" => dialect.closed(now, &mut out),
            "opened" => dialect.opened(now, &mut out),
            frame => {
                let _ = dialect.handle_text(frame, now, &mut out);
            }
        }
        dialect.handle_tick(now, &mut out);
        assert!(out.events.len() <= 1024, "one frame tells {} things", out.events.len());
        for event in std::mem::take(&mut out.events) {
            let sdp = OURS.to_owned();
            let command = match event {
                SignalEvent::Offer { connection, .. } => SignalCommand::Answer { connection, sdp },
                SignalEvent::Invite { connection, .. } => SignalCommand::Offer { connection, sdp },
                SignalEvent::Answer { connection, .. } => {
                    let line = "candidate:1 1 udp 1 127.0.0.1 9 typ host".to_owned();
                    let candidate = IceCandidate { candidate: line, sdp_mid: None, sdp_mline_index: Some(0) };
                    SignalCommand::Candidate { connection, candidate }
                }
                SignalEvent::Disconnect { connection } => SignalCommand::Disconnect { connection },
                SignalEvent::CallRequested { user } => SignalCommand::Call { user, action: CallAction::Accept },
                SignalEvent::CallEnded { user } => SignalCommand::Call { user, action: CallAction::Start },
                SignalEvent::Candidate { .. }
                | SignalEvent::Ready { .. }
                | SignalEvent::Trouble { .. }
                | SignalEvent::Resumed { .. }
                | SignalEvent::UserSignedIn { .. } => continue,
            };
            dialect.handle_command(command, now, &mut out);
        }
        out = Output::default();
    }
}

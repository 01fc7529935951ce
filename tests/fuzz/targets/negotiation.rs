//! The negotiation of one connection, whatever comes in whatever order: one line each of the other side's words.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::signaling::negotiation::{Action, Input, Negotiation};
use rendercast::signaling::{ConnectionId, IceCandidate};
use rendercast::time::Nanos;

fuzz_target!(|text: &str| {
    let mut negotiation = Negotiation::new(ConnectionId("c".into()));
    for (n, line) in text.lines().enumerate() {
        let now = Nanos(n as u64 * 1_000_000_000);
        let (word, rest) = line.split_at_checked(1).unwrap_or((line, ""));
        let candidate = || IceCandidate { candidate: rest.to_owned(), sdp_mid: None, sdp_mline_index: Some(0) };
        let input = match word {
            "o" => Input::RemoteOffer { sdp: rest.to_owned(), polite: true },
            "O" => Input::RemoteOffer { sdp: rest.to_owned(), polite: false },
            "a" => Input::RemoteAnswer { sdp: rest.to_owned() },
            "c" => Input::RemoteCandidate(candidate()),
            "l" => Input::LocalCandidate(candidate()),
            "r" => Input::Renegotiate,
            "x" => Input::Disconnected,
            _ => Input::Tick,
        };
        let mut inputs = std::collections::VecDeque::from([input]);
        let mut steps = 0;
        while let Some(input) = inputs.pop_front() {
            steps += 1;
            assert!(steps < 64, "one word leads to more and more");
            for action in negotiation.handle(now, input) {
                let sdp = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=video 9 x\r\n".to_owned();
                match action {
                    Action::Answer { .. } if rest.contains("bad") => {
                        inputs.push_back(Input::Failed { reason: "bad".into() })
                    }
                    Action::Answer { .. } => inputs.push_back(Input::Answered { sdp }),
                    Action::Offer => inputs.push_back(Input::Offered { sdp }),
                    Action::AcceptAnswer { .. } if rest.contains("bad") => {
                        inputs.push_back(Input::Failed { reason: "bad".into() });
                    }
                    Action::AcceptAnswer { .. } => inputs.push_back(Input::AnswerAccepted),
                    _ => {}
                }
            }
        }
    }
});

//! The call protocol as the carrier knows it: which frame or command goes where.

use std::time::Duration;

use super::wire::{self, Word};
use super::{Call, CallDialect, State};
use crate::signaling::SignalCommand;
use crate::signaling::dialect::{Dialect, Malformed, Output};
use crate::time::Nanos;

/// From a close to the next socket, as this protocol's clients do it.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Dialect for CallDialect {
    fn name(&self) -> &'static str {
        "call"
    }

    fn opened(&mut self, _now: Nanos, out: &mut Output) {
        self.link.open(Some(wire::sign_in(&self.me)), out);
    }

    fn closed(&mut self, _now: Nanos, _out: &mut Output) {
        self.link.close();
    }

    fn handle_text(&mut self, text: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let message = wire::parse(text, &self.me)?;
        let user = message.from.as_str();
        if user == self.me {
            return Ok(());
        }
        match message.word {
            Word::StartStreaming => self.handle_request(user, now, out),
            Word::Offer(sdp) => return self.handle_offer(user, sdp, now, out),
            Word::Answer(sdp) => return self.handle_answer(user, &sdp, out),
            Word::Candidate(told) => return self.handle_candidate(user, told, out),
            Word::EndCall => self.end(user, out),
            Word::Nothing => {}
        }
        Ok(())
    }

    fn handle_command(&mut self, command: SignalCommand, now: Nanos, out: &mut Output) {
        let (connection, frames) = match command {
            SignalCommand::Offer { connection, sdp } => {
                let me = self.me.clone();
                let Some((user, conversation)) = self.find(&connection) else { return };
                let repeated = conversation.say_offer(&sdp, now);
                let ufrag = conversation.our_ufrag();
                let mut frames = vec![wire::offer(&me, user, &sdp)];
                frames.extend(repeated.iter().map(|candidate| wire::candidate(&me, user, candidate, ufrag)));
                (connection, frames)
            }
            SignalCommand::Answer { connection, sdp } => {
                let me = self.me.clone();
                let Some((user, conversation)) = self.find(&connection) else { return };
                conversation.say_answer(&sdp);
                let frame = wire::answer(&me, user, &sdp);
                (connection, vec![frame])
            }
            SignalCommand::Candidate { connection, candidate } => {
                let me = self.me.clone();
                let Some((user, conversation)) = self.find(&connection) else { return };
                conversation.say_candidate(&candidate);
                let frame = wire::candidate(&me, user, &candidate, conversation.our_ufrag());
                (connection, vec![frame])
            }
            SignalCommand::Disconnect { connection } => {
                let Some(user) = self.find(&connection).map(|(user, _)| user.clone()) else { return };
                self.calls.remove(&user);
                self.link.forget(&connection);
                return self.send_end(&user, out);
            }
            SignalCommand::Call { user, action } => return self.handle_action(&user, action, now, out),
        };
        for frame in frames {
            self.link.send(&connection, frame, out);
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(RETRY_AFTER)
    }

    fn next_deadline(&self) -> Option<Nanos> {
        self.calls.values().filter_map(Call::deadline).min()
    }

    fn handle_tick(&mut self, now: Nanos, out: &mut Output) {
        let due = self.calls.iter().filter(|(_, call)| call.deadline().is_some_and(|at| at <= now));
        let due: Vec<String> = due.map(|(user, _)| user.clone()).collect();
        for user in due {
            if let Some(Call { state: State::Live(conversation), .. }) = self.calls.get_mut(&user) {
                out.events.extend(conversation.tick(now));
            } else {
                self.end(&user, out);
                self.send_end(&user, out);
            }
        }
    }
}

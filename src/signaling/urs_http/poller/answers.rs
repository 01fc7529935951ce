//! What each of the server's answers means for the poller.

use tracing::debug;

use super::{BUSY_FOR, Done, Link, Poller};
use crate::signaling::SignalEvent;
use crate::signaling::line::Line;
use crate::signaling::urs::memory::Heard;
use crate::signaling::urs::message::Generation;
use crate::signaling::urs_http::client::{Found, Marks};
use crate::signaling::urs_http::error::RequestError;
use crate::signaling::urs_http::wire::{Batch, ServerConfig};
use crate::time::Nanos;

/// Servers that keep offers for ever are asked for the last 30 s only, by their clock: older pages are gone or ask anew.
const LOOK_BACK_MS: u64 = 30_000;

impl Poller {
    pub(super) fn handle_done(&mut self, now: Nanos, done: Done, line: &mut Line) {
        match done {
            Done::Connected { session, result } => {
                self.asking = false;
                // One that was opened is kept even if the server then failed: it would never forget it.
                self.session = session;
                match result {
                    Ok(found) => self.handle_found(now, found),
                    Err(RequestError::SessionUnknown) => self.lose_session(now, line),
                    Err(error) => self.fail(now, error.to_string(), line),
                }
            }
            Done::Joined { session, result } => {
                if self.session.as_deref() == Some(&session) {
                    self.handle_joined(now, result, line);
                }
            }
            Done::Polled { session, result } => {
                self.asking = false;
                if self.session.as_deref() != Some(&session) {
                    return;
                }
                match result {
                    Ok((batch, marks)) => {
                        self.marks = marks;
                        self.handle_batch(now, batch, line);
                    }
                    Err(RequestError::SessionUnknown) => self.lose_session(now, line),
                    Err(error) => self.fail(now, error.to_string(), line),
                }
            }
            Done::Posted { session, connection, outcome, session_lost } => {
                if !self.outbox.finish(now, &connection, outcome) {
                    line.counters.signaling_errors.add(1);
                }
                if session_lost && self.session.as_deref() == Some(&session) {
                    self.lose_session(now, line);
                }
            }
        }
    }

    fn handle_found(&mut self, now: Nanos, found: Found) {
        debug!(generation = found.generation.name(), "found the signaling server");
        if found.server.use_web_socket && self.follows_pages {
            self.left_to = Some(found.generation);
            return;
        }
        self.undecided.clear();
        if let Some(date) = found.opened_at
            && !std::mem::replace(&mut self.looked_back, true)
            && !found.generation.is_combined()
        {
            let from = date.saturating_sub(LOOK_BACK_MS);
            self.marks = Marks { combined: 0, offers: from, answers: from, candidates: from };
        }
        if let Some(membership) = &mut self.membership {
            membership.opened(now);
        }
        self.link = Link::Up { generation: found.generation, server: found.server };
        self.next_at = now;
    }

    fn handle_batch(&mut self, now: Nanos, batch: Batch, line: &mut Line) {
        let Link::Up { generation, server } = self.link else {
            return;
        };
        self.session_proved = true;
        self.backoff.reset();
        if !line.is_ready() {
            self.outbox.retry_now();
            let description = format!("Unity Render Streaming server, {}", generation.name());
            line.tell(SignalEvent::Ready { description });
            if let Some(reason) = misfit(generation, server, self.membership.is_some()) {
                line.warn(reason.into());
            }
        }
        line.counters.signaling_messages_malformed.add(batch.malformed);
        for message in batch.messages {
            match self.memory.hear(message, generation) {
                Heard::New(event) => {
                    if !matches!(event, SignalEvent::Disconnect { .. }) {
                        self.busy_until = now + BUSY_FOR;
                    }
                    let event = match &mut self.membership {
                        Some(membership) => membership.place(event, now),
                        None => Some(event),
                    };
                    event.into_iter().for_each(|event| line.tell(event));
                }
                Heard::Nothing => {}
                Heard::TooMany => line.counters.signaling_messages_malformed.add(1),
            }
        }
        self.next_at = now + self.pause(now);
    }

    fn handle_joined(&mut self, now: Nanos, result: Result<Option<bool>, RequestError>, line: &mut Line) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        match result {
            Ok(Some(polite)) => {
                self.told_refusal = false;
                membership.entered(polite, self.memory.is_living(membership.connection()), now);
                self.stay_busy(now);
            }
            Err(RequestError::SessionUnknown) => self.lose_session(now, line),
            refused => {
                membership.refused(now);
                line.counters.signaling_errors.add(1);
                let id = membership.connection();
                let reason = match refused {
                    Err(RequestError::Status { status: 400, .. }) => "two others use it on this server already".into(),
                    Err(error) => error.to_string(),
                    Ok(_) => "this server knows no private mode".into(),
                };
                if !std::mem::replace(&mut self.told_refusal, true) {
                    line.warn(format!("signaling.connection_id = {id}: {reason}"));
                }
            }
        }
    }

    /// The server was started anew or has forgotten us. What we know of viewers stays.
    fn lose_session(&mut self, now: Nanos, line: &mut Line) {
        self.session = None;
        if let Some(membership) = &mut self.membership {
            membership.closed();
        }
        // A server that lost our session has been started anew: all it has is news.
        self.marks = Marks::default();
        if std::mem::take(&mut self.session_proved) {
            debug!("the signaling server has forgotten our session");
            line.counters.signaling_errors.add(1);
            self.link = Link::Down;
            self.next_at = now;
        } else {
            self.fail(now, RequestError::SessionUnknown.to_string(), line);
        }
    }

    pub(super) fn fail(&mut self, now: Nanos, reason: String, line: &mut Line) {
        debug!(reason, "signaling failed");
        // What answers next may be another server.
        self.link = Link::Down;
        self.next_at = now + self.backoff.take();
        line.trouble(reason);
    }
}

/// Why no page of this server will ever find us, if so.
fn misfit(generation: Generation, server: ServerConfig, joins: bool) -> Option<&'static str> {
    if server.use_web_socket {
        Some("the pages of this server talk WebSocket: start it with -t http, or leave signaling.protocol at auto")
    } else if server.is_private && !joins {
        Some(
            "this server is in private mode: set signaling.connection_id to what the page names, or start it with -m public",
        )
    } else if joins && generation < Generation::Third {
        Some("this server knows no private mode: leave signaling.connection_id empty")
    } else {
        None
    }
}

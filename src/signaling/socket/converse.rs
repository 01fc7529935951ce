//! One open WebSocket: what comes to the dialect, what it says to the server, and pings. Reading and writing go on beside
//! each other, so that neither side can hold the other up.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, ready};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};
use tracing::debug;

use super::connect::Socket;
use super::error::SocketError;
use super::living::Living;
use crate::signaling::SignalCommand;
use crate::signaling::dialect::{Dialect, Output};
use crate::signaling::line::{Line, Turn};
use crate::signaling::patience::Timing;
use crate::time::{self, Nanos};

/// Frames that may wait for the server; those beyond are dropped and counted.
const MAX_OUTGOING: usize = 1024;

/// Both ends that a socket stands between.
pub struct Ends<'a> {
    pub dialect: &'a mut dyn Dialect,
    pub line: &'a mut Line,
    pub living: &'a mut Living,
}

/// What is said and not yet with the system.
#[derive(Default)]
struct Outgoing {
    frames: VecDeque<Message>,
    unwritten: bool,
    /// When the system last took something, or there was nothing to take.
    moved_at: Nanos,
}

impl Ends<'_> {
    pub fn opened(&mut self, now: Nanos) -> Output {
        let mut out = Output::default();
        self.dialect.opened(now, &mut out);
        out
    }

    pub fn closed(&mut self, now: Nanos) {
        let mut out = Output::default();
        self.dialect.closed(now, &mut out);
        self.tell(out);
    }

    pub fn command(&mut self, command: SignalCommand, now: Nanos) -> Output {
        let mut out = Output::default();
        self.living.note_command(&command);
        self.dialect.handle_command(command, now, &mut out);
        out
    }

    pub fn tick(&mut self, now: Nanos) -> Output {
        let mut out = Output::default();
        if self.dialect.next_deadline().is_some_and(|at| at <= now) {
            self.dialect.handle_tick(now, &mut out);
        }
        out
    }

    /// Tells the events; gives the frames, which nobody hears without a socket.
    pub fn tell(&mut self, out: Output) -> VecDeque<String> {
        for event in out.events {
            self.living.note_event(&event);
            self.line.tell(event);
        }
        out.frames
    }

    fn text(&mut self, text: &str, now: Nanos) -> Output {
        let mut out = Output::default();
        if let Err(malformed) = self.dialect.handle_text(text, now, &mut out) {
            debug!(%malformed, "a signaling message was not understood");
            self.line.counters.signaling_messages_malformed.add(1);
        }
        out
    }
}

/// Speaks until the socket is lost, and gives why; `None` when the session has ended and leave was taken.
pub async fn converse(socket: Socket, mut ends: Ends<'_>, timing: &Timing) -> Option<SocketError> {
    let (mut sink, mut stream) = socket.split();
    let mut outgoing = Outgoing::default();
    let mut heard_at = time::now();
    let mut ping_at = heard_at + timing.ping;
    let out = ends.opened(heard_at);
    outgoing.take(&mut ends, out);
    loop {
        let now = time::now();
        let out = ends.tick(now);
        outgoing.take(&mut ends, out);
        // While the host takes no events nothing is read, and silence says nothing.
        let silent_at = ends.line.is_clear().then(|| heard_at + timing.silence());
        let stuck_at = outgoing.unwritten.then(|| outgoing.moved_at + timing.request);
        if silent_at.is_some_and(|at| at <= now) {
            return Some(SocketError::Silent);
        }
        if stuck_at.is_some_and(|at| at <= now) {
            return Some(SocketError::Stuck);
        }
        if ping_at <= now {
            ping_at = now + timing.ping;
            outgoing.push(Message::Ping(bytes::Bytes::new()));
        }
        let deadline = [Some(ping_at), silent_at, stuck_at, ends.dialect.next_deadline()].into_iter().flatten().min();
        let wait = deadline.unwrap_or(ping_at).saturating_since(now);
        tokio::select! {
            turn = ends.line.turn() => match turn {
                Turn::Command(command) => {
                    let out = ends.command(command, time::now());
                    outgoing.take(&mut ends, out);
                }
                Turn::Told => heard_at = time::now(),
                Turn::Gone => {
                    // A server that hangs must not keep the host.
                    let _ = timeout(timing.goodbye, take_leave(&mut sink, &mut stream, &mut outgoing, &mut ends)).await;
                    return None;
                }
            },
            message = stream.next(), if ends.line.is_clear() => {
                heard_at = time::now();
                match read(message, &mut ends, heard_at) {
                    Ok(out) => outgoing.take(&mut ends, out),
                    Err(error) => {
                        // Answers a close frame, or says why it ends.
                        let _ = timeout(timing.goodbye, close(&mut sink)).await;
                        return Some(error);
                    }
                }
            }
            written = outgoing.write(&mut sink), if outgoing.unwritten => {
                if let Err(error) = written {
                    return Some(SocketError::lost(error));
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn read(
    message: Option<Result<Message, WebSocketError>>,
    ends: &mut Ends<'_>,
    now: Nanos,
) -> Result<Output, SocketError> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(ends.text(&text, now)),
        // Some servers pass on what they got as bytes.
        Some(Ok(Message::Binary(bytes))) => Ok(ends.text(&String::from_utf8_lossy(&bytes), now)),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Output::default()),
        Some(Ok(Message::Close(frame))) => {
            let why = frame.map(|frame| format!(" (code {}) {}", u16::from(frame.code), frame.reason));
            Err(SocketError::Closed(why.unwrap_or_default().trim_end().to_owned()))
        }
        Some(Err(error)) => Err(SocketError::lost(error)),
        None => Err(SocketError::Closed(String::new())),
    }
}

/// Ends what still lives, says so, and waits for the server's word.
async fn take_leave(
    sink: &mut SplitSink<Socket, Message>,
    stream: &mut SplitStream<Socket>,
    outgoing: &mut Outgoing,
    ends: &mut Ends<'_>,
) {
    let left: Vec<_> = ends.living.drain().collect();
    for command in left {
        let out = ends.command(command, time::now());
        outgoing.take(ends, out);
    }
    if outgoing.write(sink).await.is_ok() && close(sink).await.is_ok() {
        while let Some(Ok(_)) = stream.next().await {}
    }
}

async fn close(sink: &mut SplitSink<Socket, Message>) -> Result<(), WebSocketError> {
    poll_fn(|cx| Pin::new(&mut *sink).poll_close(cx)).await
}

impl Outgoing {
    fn take(&mut self, ends: &mut Ends<'_>, out: Output) {
        for frame in ends.tell(out) {
            if self.frames.len() < MAX_OUTGOING {
                self.push(Message::text(frame));
            } else {
                ends.line.counters.signaling_errors.add(1);
            }
        }
    }

    fn push(&mut self, message: Message) {
        if !std::mem::replace(&mut self.unwritten, true) {
            self.moved_at = time::now();
        }
        self.frames.push_back(message);
    }

    /// Hands all that waits to the system. May be dropped at any time.
    async fn write(&mut self, sink: &mut SplitSink<Socket, Message>) -> Result<(), WebSocketError> {
        poll_fn(|cx| {
            loop {
                ready!(Pin::new(&mut *sink).poll_ready(cx))?;
                let Some(message) = self.frames.pop_front() else { break };
                Pin::new(&mut *sink).start_send(message)?;
                self.moved_at = time::now();
            }
            ready!(Pin::new(&mut *sink).poll_flush(cx))?;
            self.unwritten = false;
            Poll::Ready(Ok(()))
        })
        .await
    }
}

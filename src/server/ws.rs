//! Protocols over WebSockets: one task per browser, which carries text between the socket and the session's face.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::app::App;
use super::face::{Face, FaceError, Said};
use super::gate::query_value;
use super::hub::{Arrival, Frame, HubError, Line, ResumeKey, SessionId, Transport};
use super::room::Room;
use super::token;

/// A browser that takes no bytes for this long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Pings in a row without a sign of life, after which a browser is gone.
const MAX_UNANSWERED_PINGS: u32 = 2;
/// Messages beyond the rate in a row, after which a socket is closed: it does not listen to what it is told.
const MAX_TOO_FAST: u32 = 500;
/// Bytes read from the system at once: messages are small, and sockets many. Each socket keeps so much more than its longest
/// message.
const READ_BUFFER_BYTES: usize = 1024;

/// Where and how a page knocked.
pub struct Door<'a> {
    pub path: &'a str,
    pub uri: &'a Uri,
    pub room: Option<Room>,
    pub address: Option<IpAddr>,
}

pub fn upgrade(app: Arc<App>, upgrade: WebSocketUpgrade, door: Door<'_>) -> Response {
    let (Ok(id), Ok(line)) = (token::random_uuid(), token::random_uuid()) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "The system has no random numbers.").into_response();
    };
    let asked = |key: &str| query_value(door.uri, key).is_some_and(|who| who == "host");
    let host_begins = asked("offer") || asked("request");
    let path = door.path.strip_suffix('/').unwrap_or(door.path);
    let face = Face::of(path, door.room.as_ref(), host_begins, line, &app.config);
    let page = face.page();
    // Only this protocol's state is all in the hub.
    let is_urs = matches!(face, Face::Urs);
    let key = query_value(door.uri, "resume").filter(|_| is_urs).and_then(|key| ResumeKey::parse(&key));
    let arrival = Arrival { transport: Transport::WebSocket, room: door.room, address: door.address, page };
    let max = app.max_message_bytes();
    let upgrade = upgrade.max_message_size(max).max_frame_size(max).read_buffer_size(READ_BUFFER_BYTES);
    upgrade.on_upgrade(move |socket| serve(app, socket, SessionId(Arc::from(id)), key, face, arrival))
}

async fn serve(
    app: Arc<App>,
    mut socket: WebSocket,
    id: SessionId,
    key: Option<ResumeKey>,
    face: Face,
    arrival: Arrival,
) {
    // Held until the end: the server waits for the last of these when it stops.
    let _open = app.stopping.subscribe();
    let wake = Arc::new(Notify::new());
    let line = match app.hub(|hub, now| hub.open_line(id, arrival, key, wake.clone(), now)) {
        Ok(line) => line,
        Err(error) => {
            let words = error.to_string();
            let _ = send(&mut socket, face.error(&words)).await;
            return close(socket, close_code::AGAIN, &words).await;
        }
    };
    let mut talk = Talk { app: &app, face, id: &line.session, line: &line, too_fast: 0 };
    let (code, reason) = talk.run(&mut socket, &wake).await;
    app.hub(|hub, now| hub.close_line(&line, matches!(code, close_code::AWAY | close_code::NORMAL), now));
    close(socket, code, reason).await;
}

/// What a message leads to.
enum Heard {
    Nothing,
    Reply(String),
    /// The page does not listen: close.
    Enough,
}

struct Talk<'a> {
    app: &'a App,
    face: Face,
    id: &'a SessionId,
    line: &'a Line,
    /// Messages refused for their number, in a row.
    too_fast: u32,
}

impl Talk<'_> {
    /// Until either side has enough; gives how to say so.
    async fn run(&mut self, socket: &mut WebSocket, wake: &Notify) -> (u16, &'static str) {
        let app = self.app;
        let mut ping = interval_at(Instant::now() + app.ping_every, app.ping_every);
        // A runtime that was held up must not take its own silence for the browser's.
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        let stopped = app.stopped();
        tokio::pin!(stopped);
        let opened = app.hub(|hub, now| self.face.opened(hub, self.id, now));
        let mut heard = self.reply(opened.map(|()| None));
        loop {
            match heard {
                Heard::Nothing => {}
                Heard::Reply(words) => {
                    if !send(socket, words).await {
                        return (close_code::AWAY, "gone");
                    }
                }
                Heard::Enough => return (close_code::POLICY, "too many messages"),
            }
            let mut news = std::pin::pin!(wake.notified());
            news.as_mut().enable();
            let Some(frames) = app.hub(|hub, _| hub.take_frames_of(self.line)) else {
                return (close_code::AGAIN, "too slow");
            };
            for frame in frames {
                let said = match frame {
                    Frame::Message(message) => self.face.say(&message),
                    Frame::Text(text) => Said::Frame(text),
                    Frame::Call(word) => self.face.say_call(word),
                };
                match said {
                    Said::Frame(text) => {
                        if !send(socket, text).await {
                            return (close_code::AWAY, "gone");
                        }
                    }
                    Said::Nothing => {}
                    Said::Close(reason) => return (close_code::NORMAL, reason),
                }
            }
            heard = tokio::select! {
                biased;
                () = &mut stopped => return (close_code::AWAY, "the host has stopped"),
                () = news => Heard::Nothing,
                message = socket.recv() => {
                    unanswered = 0;
                    match message {
                        Some(Ok(Message::Text(text))) => self.take(Some(text.as_bytes())),
                        Some(Ok(Message::Binary(bytes))) => self.take(Some(&bytes)),
                        // It costs us an answer.
                        Some(Ok(Message::Ping(_))) => self.take(None),
                        Some(Ok(Message::Pong(_))) => Heard::Nothing,
                        Some(Ok(Message::Close(_))) | None => return (close_code::NORMAL, ""),
                        Some(Err(error)) if is_lost_line(&error) => return (close_code::AWAY, "gone"),
                        Some(Err(error)) => {
                            tracing::debug!(%error, "a WebSocket failed");
                            app.count_malformed();
                            return (close_code::SIZE, "message too long or malformed");
                        }
                    }
                }
                _ = ping.tick() => {
                    if unanswered >= MAX_UNANSWERED_PINGS || !send_message(socket, Message::Ping(Default::default())).await {
                        return (close_code::AWAY, "gone");
                    }
                    unanswered += 1;
                    Heard::Nothing
                }
            };
        }
    }

    /// A message, or none for what only counts as one.
    fn take(&mut self, bytes: Option<&[u8]>) -> Heard {
        let (face, id) = (&mut self.face, self.id);
        let result = self.app.hub(|hub, now| {
            hub.spend(id, now)?;
            bytes.map_or(Ok(None), |bytes| face.handle(hub, id, bytes, now))
        });
        if !matches!(result, Err(FaceError::Hub(HubError::TooFast(_)))) {
            self.too_fast = 0;
            return self.reply(result);
        }
        self.too_fast += 1;
        match self.too_fast {
            1 => self.reply(result),
            n if n > MAX_TOO_FAST => Heard::Enough,
            _ => Heard::Nothing,
        }
    }

    /// What makes no sense is counted and otherwise ignored; what is refused is told.
    fn reply(&self, result: Result<Option<String>, FaceError>) -> Heard {
        if let Err(FaceError::Malformed | FaceError::Refused(_)) = &result {
            self.app.count_malformed();
        }
        match result {
            Ok(words) => words.map_or(Heard::Nothing, Heard::Reply),
            Err(FaceError::Malformed) => Heard::Nothing,
            Err(error) => Heard::Reply(self.face.error(&error.to_string())),
        }
    }
}

/// A tab that was killed or a network that broke, as opposed to bytes that should not have been sent.
fn is_lost_line(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    error.to_string().contains("without closing handshake")
}

async fn send(socket: &mut WebSocket, text: String) -> bool {
    send_message(socket, Message::text(text)).await
}

async fn send_message(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SEND_LIMIT, socket.send(message)).await, Ok(Ok(())))
}

async fn close(mut socket: WebSocket, code: u16, reason: &str) {
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerConfig;
    use crate::server::gate::Gate;
    use crate::server::http;
    use crate::stats::Counters;
    use crate::stats::snapshot::Snapshot;
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message as ClientMessage;

    async fn pinging_every(milliseconds: u64) -> (Arc<App>, String) {
        let gate = Gate::new(None, 0, false);
        let mut app = App::new(gate, ServerConfig::default(), Counters::default(), Arc::new(Snapshot::default));
        app.ping_every = Duration::from_millis(milliseconds);
        let app = Arc::new(app);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(http::handle).with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (app, url)
    }

    #[tokio::test]
    async fn an_idle_socket_is_pinged_for_as_long_as_it_answers() {
        let (_app, url) = pinging_every(200).await;
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        // Reading is answering: the library does it.
        for _ in 0..=MAX_UNANSWERED_PINGS {
            let frame = timeout(Duration::from_secs(20), socket.next()).await.expect("no ping");
            assert!(matches!(frame, Some(Ok(ClientMessage::Ping(_)))), "{frame:?}");
        }
    }

    #[tokio::test]
    async fn a_socket_that_answers_no_ping_is_gone_after_two() {
        let (app, url) = pinging_every(1).await;
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        socket.send(ClientMessage::text("{}")).await.unwrap();
        // Nobody reads, so nobody answers.
        let gone = async {
            while app.hub(|hub, _| hub.session_count()) > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), gone).await.expect("it is still here");
        let mut pings = 0;
        while let Some(Ok(ClientMessage::Ping(_))) = socket.next().await {
            pings += 1;
        }
        assert_eq!(pings, MAX_UNANSWERED_PINGS);
    }
}

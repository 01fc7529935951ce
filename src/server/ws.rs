//! The WebSocket half of the protocol: one task per browser.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::response::Response;
use tokio::sync::Notify;
use tokio::time::{Instant, interval_at, timeout};

use super::app::App;
use super::http::MAX_MESSAGE_BYTES;
use super::hub::{HubError, SessionId};
use super::mailbox::Transport;
use super::token;
use super::wire::{Request, error_frame, parse_frame};

/// A browser that takes no bytes for this long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);

pub fn upgrade(app: Arc<App>, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES);
    upgrade.on_upgrade(|socket| serve(app, socket))
}

async fn serve(app: Arc<App>, mut socket: WebSocket) {
    // Held until the end: the server waits for the last of these when it stops.
    let _open = app.stopping.subscribe();
    let wake = Arc::new(Notify::new());
    let opened = token::random_uuid().ok().map(|id| SessionId(Arc::from(id))).and_then(|id| {
        app.hub(|hub, now| hub.open(id.clone(), Transport::WebSocket, wake.clone(), now)).ok().map(|()| id)
    });
    let Some(id) = opened else {
        let words = HubError::TooManySessions.to_string();
        let _ = send(&mut socket, Message::text(error_frame(&words))).await;
        close(socket, close_code::AGAIN, &words).await;
        return;
    };
    let (code, reason) = converse(&app, &mut socket, &id, &wake).await;
    app.hub(|hub, _| hub.close(&id));
    close(socket, code, reason).await;
}

/// Until either side has enough; gives how to say so.
async fn converse(app: &App, socket: &mut WebSocket, id: &SessionId, wake: &Notify) -> (u16, &'static str) {
    let mut ping = interval_at(Instant::now() + app.ping_every, app.ping_every);
    let stopped = app.stopped();
    tokio::pin!(stopped);
    loop {
        let mut news = std::pin::pin!(wake.notified());
        news.as_mut().enable();
        let Some(frames) = app.hub(|hub, _| hub.take_frames(id)) else {
            return (close_code::AGAIN, "too slow");
        };
        for frame in frames {
            if !send(socket, Message::text(frame.to_frame())).await {
                return (close_code::AWAY, "gone");
            }
        }
        let refusal = tokio::select! {
            biased;
            () = &mut stopped => return (close_code::AWAY, "the host has stopped"),
            () = news => None,
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => take(app, id, text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => take(app, id, &bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                Some(Ok(Message::Close(_))) | None => return (close_code::NORMAL, ""),
                Some(Err(error)) if is_lost_line(&error) => return (close_code::AWAY, "gone"),
                Some(Err(error)) => {
                    tracing::debug!(%error, "a WebSocket failed");
                    app.count_malformed();
                    return (close_code::SIZE, "message too long or malformed");
                }
            },
            _ = ping.tick() => {
                if !send(socket, Message::Ping(Default::default())).await {
                    return (close_code::AWAY, "gone");
                }
                None
            }
        };
        if let Some(error) = refusal
            && !send(socket, Message::text(error_frame(&error.to_string()))).await
        {
            return (close_code::AWAY, "gone");
        }
    }
}

/// Bytes that are no request are counted and otherwise ignored: one slip must not end a stream.
fn take(app: &App, id: &SessionId, bytes: &[u8]) -> Option<HubError> {
    let Ok(request) = parse_frame(bytes) else {
        app.count_malformed();
        return None;
    };
    let result = app.hub(|hub, now| match request {
        Request::Connect(connection) => hub.connect(id, &connection, now).map(|_| ()),
        Request::Disconnect(connection) => hub.disconnect(id, &connection, now),
        Request::Offer(connection, sdp) => hub.offer(id, &connection, sdp, now),
        Request::Answer(connection, sdp) => hub.answer(id, &connection, sdp, now),
        Request::Candidate(connection, candidate) => hub.candidate(id, &connection, candidate, now),
        Request::Unknown => Ok(()),
    });
    result.err()
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

async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SEND_LIMIT, socket.send(message)).await, Ok(Ok(())))
}

async fn close(mut socket: WebSocket, code: u16, reason: &str) {
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SignalingMode;
    use crate::server::gate::Gate;
    use crate::server::http;
    use crate::stats::Counters;
    use futures_util::StreamExt;
    use tokio_tungstenite::tungstenite::Message as ClientMessage;

    #[tokio::test]
    async fn an_idle_socket_is_pinged() {
        let gate = Gate::new(None, 0);
        let mut app = App::new(gate, SignalingMode::Public, Counters::default(), Arc::new(String::new));
        app.ping_every = Duration::from_millis(1);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(http::handle).with_state(Arc::new(app));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        for _ in 0..2 {
            let frame = timeout(Duration::from_secs(20), socket.next()).await.expect("no ping");
            assert!(matches!(frame, Some(Ok(ClientMessage::Ping(_)))), "{frame:?}");
        }
    }
}

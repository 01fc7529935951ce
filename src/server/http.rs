//! The HTTP half of the protocol (generation 5d), with one extension: `GET /signaling?fromtime=N&wait=MS` is a long poll.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::app::App;
use super::gate::{Pass, query_value};
use super::hub::{Arrival, HubError, Page, Poll, SessionId, Transport};
use super::listen::From;
use super::room;
use super::wire::{Body, Malformed, Message};
use super::{page, token, ws};
use crate::config::SignalingMode;
use crate::stats::metrics;

/// Longest `wait` of a long poll.
pub const MAX_WAIT: Duration = Duration::from_secs(10);

/// Every request comes through here.
pub async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let is_brief = parts.extensions.get::<ConnectInfo<From>>().is_some_and(|info| info.0.is_brief);
    let mut response =
        if parts.method == Method::OPTIONS { preflight(&parts) } else { admitted(&app, parts, body).await };
    page::add_security_headers(response.headers_mut());
    if is_brief && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn admitted(app: &Arc<App>, mut parts: Parts, body: HttpBody) -> Response {
    let pass = match app.gate.admit(&parts.uri, &parts.headers) {
        Ok(pass) => pass,
        Err(refusal) => {
            app.counters.signaling_errors.add(1);
            let mut response = (refusal.status(), refusal.to_string()).into_response();
            if refusal.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            return response;
        }
    };
    let whole = parts.uri.path().to_owned();
    let Some((room, path)) = room::split(&whole) else { return nothing_here() };
    let address = parts.extensions.get::<ConnectInfo<From>>().map(|info| info.0.address);
    if parts.headers.get(header::UPGRADE).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return match WebSocketUpgrade::from_request_parts(&mut parts, app).await {
            Ok(upgrade) => ws::upgrade(app.clone(), upgrade, ws::Door { path, uri: &parts.uri, room, address }),
            Err(rejection) => rejection.into_response(),
        };
    }
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    if reads && (room.is_some() && path == "/" || path == "/status") && !whole.ends_with('/') {
        return to_folder(&whole, &parts.uri);
    }
    if let Some(mut response) = page::file(path).filter(|_| reads) {
        let cookie = app.gate.set_cookie().filter(|_| pass == Pass::Query);
        if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        return response;
    }
    let path = path.strip_suffix('/').unwrap_or(path).to_owned();
    match (parts.method.as_str(), path.as_str()) {
        ("GET" | "HEAD", "/config") => config(app.config.mode),
        ("GET" | "HEAD", "/metrics") => {
            let text = metrics::text(&(app.figures)());
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
        }
        ("GET" | "HEAD", "/status.json") => {
            ([(header::CONTENT_TYPE, "application/json")], (app.figures)().to_json()).into_response()
        }
        (_, path) if path == "/signaling" || path.starts_with("/signaling/") => {
            let path = path.strip_prefix("/signaling").unwrap_or_default();
            let arrival = Arrival { transport: Transport::Http, room, address, page: Page::Unity };
            signaling(app, &parts, path, arrival, body).await
        }
        (_, "/relay" | "/call") => {
            let upgrade = [(header::UPGRADE, "websocket")];
            (StatusCode::UPGRADE_REQUIRED, upgrade, "Open this address as a WebSocket.").into_response()
        }
        _ => nothing_here(),
    }
}

fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}

/// A page's files are beside it, so its address must end with a slash.
fn to_folder(path: &str, uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    ([(header::LOCATION, format!("{path}/{query}"))], StatusCode::PERMANENT_REDIRECT).into_response()
}

fn config(mode: SignalingMode) -> Response {
    json_response(json!({"useWebSocket": true, "startupMode": mode, "logging": "none"}))
}

fn preflight(parts: &Parts) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(header::VARY, HeaderValue::from_name(header::ACCESS_CONTROL_REQUEST_HEADERS));
    if let Some(asked) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// `path` is what follows `/signaling`.
async fn signaling(app: &Arc<App>, parts: &Parts, path: &str, arrival: Arrival, body: HttpBody) -> Response {
    let id = session_id(&parts.headers);
    match (&parts.method, path) {
        (&Method::PUT, "") => return open(app, arrival),
        (&Method::DELETE, "") => {
            if let Some(id) = id {
                app.hub(|hub, _| hub.close(&id));
            }
            return "OK".into_response();
        }
        _ => {}
    }
    let Some(id) = id.filter(|id| app.hub(|hub, now| hub.touch(id, now))) else { return not_found() };
    if let Err(error) = app.hub(|hub, now| hub.spend(&id, now)) {
        return Failure::from(error).into_response();
    }
    if parts.method == Method::GET {
        return read(app, &id, path, &parts.uri).await;
    }
    let body = match axum::body::to_bytes(body, app.max_message_bytes()).await {
        Ok(bytes) => Body::parse(&bytes),
        Err(_) => {
            app.count_malformed();
            let words = format!("A message may have {} bytes.", app.max_message_bytes());
            return (StatusCode::PAYLOAD_TOO_LARGE, words).into_response();
        }
    };
    let result = body.map_err(Failure::from).and_then(|body| write(app, &id, &parts.method, path, &body));
    result.unwrap_or_else(|failure| {
        if matches!(failure, Failure::Malformed(_)) {
            app.count_malformed();
        }
        failure.into_response()
    })
}

fn open(app: &App, arrival: Arrival) -> Response {
    let Ok(id) = token::random_uuid() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "The system has no random numbers.").into_response();
    };
    let session = SessionId(Arc::from(id.as_str()));
    match app.hub(|hub, now| hub.open(session, arrival, Arc::new(Notify::new()), now)) {
        Ok(()) => json_response(json!({"sessionId": id})),
        Err(error) => Failure::from(error).into_response(),
    }
}

fn write(app: &App, id: &SessionId, method: &Method, path: &str, body: &Body) -> Result<Response, Failure> {
    let done = "OK".into_response();
    match (method, path) {
        (&Method::PUT, "/connection") => {
            let connection = body.connection()?;
            let Message::Connect { polite, datetime, .. } = app.hub(|hub, now| hub.connect(id, &connection, now))?
            else {
                return Ok(not_found());
            };
            let id = connection.0.as_ref();
            Ok(json_response(json!({"connectionId": id, "polite": polite, "type": "connect", "datetime": datetime})))
        }
        (&Method::DELETE, "/connection") => {
            let connection = body.connection()?;
            app.hub(|hub, now| hub.disconnect(id, &connection, now))?;
            Ok(json_response(json!({"connectionId": connection.0.as_ref()})))
        }
        (&Method::POST, "/offer") => {
            let (connection, sdp) = (body.connection()?, body.sdp()?);
            app.hub(|hub, now| hub.offer(id, &connection, sdp, now))?;
            Ok(done)
        }
        (&Method::POST, "/answer") => {
            let (connection, sdp) = (body.connection()?, body.sdp()?);
            app.hub(|hub, now| hub.answer(id, &connection, sdp, now))?;
            Ok(done)
        }
        (&Method::POST, "/candidate") => {
            let (connection, candidate) = (body.connection()?, body.candidate()?);
            app.hub(|hub, now| hub.candidate(id, &connection, candidate, now))?;
            Ok(done)
        }
        _ => Ok(not_found()),
    }
}

async fn read(app: &Arc<App>, id: &SessionId, path: &str, uri: &Uri) -> Response {
    let since = query_value(uri, "fromtime").and_then(|v| v.parse::<f64>().ok()).map_or(0, |v| v as u64);
    let wait = query_value(uri, "wait").and_then(|v| v.parse().ok()).map(Duration::from_millis);
    let polled = match wait {
        _ if !path.is_empty() => poll(app, id, since, Duration::ZERO).await,
        Some(wait) => poll(app, id, since, wait.min(MAX_WAIT)).await,
        None => poll_of_page(app, id, since).await,
    };
    let Ok(poll) = polled else { return not_found() };
    let items = |wanted: fn(&Message) -> bool| {
        Value::from(poll.messages.iter().filter(|m| wanted(m)).map(Message::to_http).collect::<Vec<_>>())
    };
    json_response(match path {
        "" => json!({"messages": items(|_| true), "datetime": poll.datetime}),
        "/connection" => json!({"connections": items(|m| matches!(m, Message::Connect { .. }))}),
        "/offer" => json!({"offers": items(|m| matches!(m, Message::Offer { .. }))}),
        "/answer" => json!({"answers": items(|m| matches!(m, Message::Answer { .. }))}),
        "/candidate" => json!({"candidates": items(|m| matches!(m, Message::Candidate { .. }))}),
        _ => return not_found(),
    })
}

/// Answers at once when there is news, else as soon as there is some, else after `wait`.
async fn poll(app: &Arc<App>, id: &SessionId, since: u64, wait: Duration) -> Result<Poll, HubError> {
    if wait.is_zero() {
        return app.hub(|hub, now| hub.poll(id, since, now));
    }
    let waiting = Waiting { app, id, wake: app.hub(|hub, now| hub.begin_wait(id, now))? };
    let deadline = tokio::time::sleep(wait);
    tokio::pin!(deadline);
    let stopped = app.stopped();
    tokio::pin!(stopped);
    let mut last = false;
    loop {
        let mut news = std::pin::pin!(waiting.wake.notified());
        news.as_mut().enable();
        let poll = app.hub(|hub, now| hub.poll(id, since, now))?;
        if last || poll.has_news() {
            return Ok(poll);
        }
        tokio::select! {
            () = news => {}
            () = &mut deadline => last = true,
            () = &mut stopped => last = true,
        }
    }
}

/// Of a page that knows nothing of long polls: answers once it has what it is about to be told.
async fn poll_of_page(app: &Arc<App>, id: &SessionId, since: u64) -> Result<Poll, HubError> {
    let waiting = Waiting { app, id, wake: app.hub(|hub, now| hub.begin_wait(id, now))? };
    let stopped = app.stopped();
    tokio::pin!(stopped);
    loop {
        let mut news = std::pin::pin!(waiting.wake.notified());
        news.as_mut().enable();
        let left = app.hub(|hub, now| hub.expected_within(id, now))?;
        if left > 0 {
            tokio::select! {
                () = news => continue,
                () = tokio::time::sleep(Duration::from_millis(left)) => continue,
                () = &mut stopped => {}
            }
        }
        return app.hub(|hub, now| hub.poll(id, since, now));
    }
}

/// Keeps the session alive while its long poll is open, however the poll ends.
struct Waiting<'a> {
    app: &'a App,
    id: &'a SessionId,
    wake: Arc<Notify>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.app.hub(|hub, now| hub.end_wait(self.id, now));
    }
}

fn session_id(headers: &HeaderMap) -> Option<SessionId> {
    headers.get("session-id").and_then(|v| v.to_str().ok()).map(|id| SessionId(Arc::from(id)))
}

fn json_response(value: Value) -> Response {
    axum::Json(value).into_response()
}

/// Exactly this body tells clients that their session is gone.
fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not Found").into_response()
}

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            // As recorded: no word of what is wrong.
            Self::Malformed(Malformed::ConnectionId) | Self::Hub(HubError::Used(_)) => {
                return (StatusCode::BAD_REQUEST, axum::Json(json!({"error": {}}))).into_response();
            }
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Hub(HubError::UnknownSession) => return not_found(),
            Self::Hub(HubError::TooManySessions(_) | HubError::RoomFull(_) | HubError::Busy) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Hub(_) => StatusCode::TOO_MANY_REQUESTS,
        };
        (status, self.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerConfig;
    use crate::server::gate::Gate;
    use crate::signaling::{ConnectionId, SignalCommand};
    use crate::stats::Counters;
    use crate::stats::snapshot::Snapshot;
    use std::pin::Pin;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(5);

    fn app_with_session() -> (Arc<App>, SessionId) {
        let gate = Gate::new(None, 0, false);
        let app = App::new(gate, ServerConfig::default(), Counters::default(), Arc::new(Snapshot::default));
        let app = Arc::new(app);
        let id = SessionId(Arc::from("session"));
        let connection = ConnectionId(Arc::from("c"));
        app.hub(|hub, now| hub.open(id.clone(), Arrival::of(Transport::Http), Arc::new(Notify::new()), now)).unwrap();
        app.hub(|hub, now| hub.connect(&id, &connection, now)).unwrap();
        (app, id)
    }

    async fn is_waiting<F: Future>(mut future: Pin<&mut F>) -> bool {
        std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending())).await
    }

    #[tokio::test]
    async fn a_waiting_poll_is_woken_by_the_host() {
        let (app, id) = app_with_session();
        let mut waiting = std::pin::pin!(poll(&app, &id, 0, MAX_WAIT));
        assert!(is_waiting(waiting.as_mut()).await);
        let answer = SignalCommand::Answer { connection: ConnectionId(Arc::from("c")), sdp: "answer".into() };
        app.hub(|hub, now| hub.handle_command(answer, now));
        let poll = timeout(SOON, waiting).await.expect("it waited out its time").unwrap();
        assert!(poll.has_news());
    }

    #[tokio::test]
    async fn a_poll_after_an_offer_without_media_has_the_answer_and_the_hosts_own_offer() {
        let (app, id) = app_with_session();
        let connection = ConnectionId(Arc::from("c"));
        app.hub(|hub, now| hub.offer(&id, &connection, "m=application 9 x".into(), now)).unwrap();
        let mut waiting = std::pin::pin!(poll_of_page(&app, &id, 0));
        assert!(is_waiting(waiting.as_mut()).await);
        let answer = SignalCommand::Answer { connection: connection.clone(), sdp: "answer".into() };
        app.hub(|hub, now| hub.handle_command(answer, now));
        assert!(is_waiting(waiting.as_mut()).await);
        let offer = SignalCommand::Offer { connection, sdp: "offer".into() };
        app.hub(|hub, now| hub.handle_command(offer, now));
        let poll = timeout(SOON, waiting).await.expect("it waited for nothing").unwrap();
        assert_eq!(poll.messages.len(), 3, "{:?}", poll.messages);
        let again = poll_of_page(&app, &id, poll.datetime);
        assert!(!is_waiting(std::pin::pin!(again)).await, "nothing more is expected");
    }

    #[tokio::test]
    async fn a_waiting_poll_ends_with_its_session_and_with_the_server() {
        let (app, id) = app_with_session();
        let mut waiting = std::pin::pin!(poll(&app, &id, 0, MAX_WAIT));
        assert!(is_waiting(waiting.as_mut()).await);
        app.stopping.send_replace(true);
        assert!(!timeout(SOON, waiting).await.expect("it waited out its time").unwrap().has_news());

        let (app, id) = app_with_session();
        let mut waiting = std::pin::pin!(poll(&app, &id, 0, MAX_WAIT));
        assert!(is_waiting(waiting.as_mut()).await);
        app.hub(|hub, _| hub.close(&id));
        let result = timeout(SOON, waiting).await.expect("it waited out its time");
        assert_eq!(result, Err(HubError::UnknownSession));
    }

    #[tokio::test]
    async fn a_poll_that_is_cut_off_no_longer_keeps_its_session_alive() {
        let (app, id) = app_with_session();
        {
            let mut waiting = std::pin::pin!(poll(&app, &id, 0, MAX_WAIT));
            assert!(is_waiting(waiting.as_mut()).await);
            app.hub(|hub, now| hub.expire(now + 60_000));
        }
        assert!(app.hub(|hub, now| hub.touch(&id, now)));
        app.hub(|hub, now| hub.expire(now + 60_000));
        assert!(!app.hub(|hub, now| hub.touch(&id, now)));
    }
}

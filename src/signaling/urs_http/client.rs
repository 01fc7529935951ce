//! One request to the server at a time: what it costs (a time limit, a size limit, one retry when a kept connection was
//! just closed) and what its answer means.

use std::sync::Once;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE};
use reqwest::{Method, Url};

use super::error::RequestError;
use super::outbox::Outcome;
use super::wire::{self, Batch, Kind, ServerConfig};
use crate::config::SignalingConfig;
use crate::signaling::failure::cause;
use crate::signaling::patience::Timing;
use crate::signaling::urs::message::{Generation, candidate_body, connection_body, description_body};
use crate::signaling::{ConnectionId, SignalCommand};

/// Largest answer read, in bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// Express closes kept connections after 5 s; staying below it avoids most races with the close.
const KEEP_ALIVE: Duration = Duration::from_secs(4);
/// The largest whole number of JavaScript: a `fromtime` after which nothing was said.
const FAR_FUTURE: u64 = 9_007_199_254_740_991;

/// A server as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub generation: Generation,
    pub server: ServerConfig,
    /// The server's clock when the session was opened just now, in ms since 1970, if it told.
    pub opened_at: Option<u64>,
}

/// How far each list was read: the next `fromtime`, in ms since 1970 by the server's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub combined: u64,
    pub offers: u64,
    pub answers: u64,
    pub candidates: u64,
}

/// Speaks to one server. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

struct Reply {
    status: u16,
    date: Option<u64>,
    body: Vec<u8>,
}

impl Client {
    /// `timing.request` limits each request as a whole.
    pub fn new(config: &SignalingConfig, timing: &Timing) -> Result<Self, RequestError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error says that another room was faster.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let url = Url::parse(&config.url).map_err(|error| RequestError::Address(error.to_string()))?;
        let builder = || {
            let builder = reqwest::Client::builder()
                .timeout(timing.request)
                .connect_timeout(timing.connect)
                .pool_idle_timeout(KEEP_ALIVE)
                .tls_danger_accept_invalid_certs(config.accept_invalid_certificates);
            if is_loopback(&url) { builder.no_proxy() } else { builder }
        };
        // A machine without certificate authorities can still speak plain HTTP.
        let http = match builder().build() {
            Err(_) if url.scheme() == "http" => builder().tls_certs_only([]).build(),
            built => built,
        };
        let http = http.map_err(|error| RequestError::Client(cause(&error)))?;
        Ok(Self { http, base: config.url.trim_end_matches('/').to_owned() })
    }

    /// Finds out which generation the server is, and opens a session unless there is one, or its pages talk WebSocket and
    /// `follows_pages`.
    pub async fn connect(&self, session: &mut Option<String>, follows_pages: bool) -> Result<Found, RequestError> {
        let (configured, server) = match self.config("/config").await? {
            Some(server) => (Generation::Newest, server),
            None => match self.config("/protocol").await? {
                Some(server) => (Generation::Second, server),
                None => (Generation::First, ServerConfig::default()),
            },
        };
        let mut opened_at = None;
        if server.use_web_socket && follows_pages {
            return Ok(Found { generation: configured, server, opened_at });
        }
        let session = match session {
            Some(session) => session,
            None => {
                let reply = match self.send(Method::PUT, "/signaling", None, None, None).await?.accepted("/signaling") {
                    // There is no session yet that it could not know, and every release lets one be opened.
                    Err(RequestError::SessionUnknown | RequestError::Status { status: 405 | 501, .. }) => {
                        return Err(RequestError::NoEndpoint("/signaling"));
                    }
                    reply => reply?,
                };
                opened_at = reply.date;
                session.insert(wire::parse_session(&reply.body)?)
            }
        };
        let generation = match configured {
            Generation::Newest => match self.poll_combined(session, FAR_FUTURE).await {
                Ok(_) => Generation::Newest,
                Err(RequestError::NoEndpoint(_)) => Generation::Third,
                Err(error) => return Err(error),
            },
            older => older,
        };
        Ok(Found { generation, server, opened_at })
    }

    /// Asks for everything new. `with_candidates`, `with_answers`: whether any could concern us (one request less each).
    pub async fn poll(
        &self,
        session: &str,
        generation: Generation,
        mut marks: Marks,
        (with_candidates, with_answers): (bool, bool),
    ) -> Result<(Batch, Marks), RequestError> {
        if generation.is_combined() {
            let batch = self.poll_combined(session, marks.combined).await?;
            marks.combined = batch.datetime.unwrap_or(marks.combined);
            return Ok((batch, marks));
        }
        let (offers, answers, candidates) = tokio::join!(
            self.poll_list(session, Kind::Offer, marks.offers, true),
            self.poll_list(session, Kind::Answer, marks.answers, with_answers),
            self.poll_list(session, Kind::Candidate, marks.candidates, with_candidates),
        );
        let mut all = Batch::default();
        // A description before the candidates that belong to it.
        let lists =
            [(offers?, &mut marks.offers), (answers?, &mut marks.answers), (candidates?, &mut marks.candidates)];
        for (batch, mark) in lists {
            *mark = batch.datetime.unwrap_or(*mark);
            all.malformed += batch.malformed;
            all.messages.extend(batch.messages);
        }
        Ok((all, marks))
    }

    /// Tells the server.
    pub async fn post(&self, session: &str, command: &SignalCommand) -> Result<(), RequestError> {
        let (method, path, body) = match command {
            SignalCommand::Offer { connection, sdp } => {
                (Method::POST, Kind::Offer.path(), description_body(connection, sdp))
            }
            SignalCommand::Answer { connection, sdp } => {
                (Method::POST, Kind::Answer.path(), description_body(connection, sdp))
            }
            SignalCommand::Candidate { connection, candidate } => {
                (Method::POST, Kind::Candidate.path(), candidate_body(connection, candidate))
            }
            SignalCommand::Disconnect { connection } => {
                (Method::DELETE, "/signaling/connection", connection_body(connection))
            }
            // This protocol has no calls.
            SignalCommand::Call { .. } => return Ok(()),
        };
        self.send(method, path, None, Some(session), Some(body.to_string())).await?.accepted(path)?;
        Ok(())
    }

    /// Asks for a place in a connection of private mode: whether we are its polite side, or `None` where the server has no
    /// such mode.
    pub async fn join(&self, session: &str, connection: &ConnectionId) -> Result<Option<bool>, RequestError> {
        let (path, body) = ("/signaling/connection", connection_body(connection).to_string());
        let reply = self.send(Method::PUT, path, None, Some(session), Some(body)).await?.accepted(path)?;
        Ok(wire::parse_connect(connection, &reply.body)?)
    }

    /// Ends our session; the newest servers then tell every viewer.
    pub async fn close(&self, session: &str) -> Result<(), RequestError> {
        self.send(Method::DELETE, "/signaling", None, Some(session), None).await?.accepted("/signaling")?;
        Ok(())
    }

    /// `None` when the server has no such page.
    async fn config(&self, path: &'static str) -> Result<Option<ServerConfig>, RequestError> {
        match self.send(Method::GET, path, None, None, None).await?.accepted(path) {
            // Some web servers answer an unknown path with their start page.
            Ok(reply) => Ok(wire::parse_config(&reply.body).ok()),
            Err(RequestError::NoEndpoint(_) | RequestError::SessionUnknown) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn poll_combined(&self, session: &str, from: u64) -> Result<Batch, RequestError> {
        let reply = self.send(Method::GET, "/signaling", Some(from), Some(session), None).await?;
        Ok(wire::parse_messages(&reply.accepted("/signaling")?.body)?)
    }

    async fn poll_list(&self, session: &str, kind: Kind, from: u64, wanted: bool) -> Result<Batch, RequestError> {
        if !wanted {
            return Ok(Batch::default());
        }
        let reply = self.send(Method::GET, kind.path(), Some(from), Some(session), None).await?;
        let reply = reply.accepted(kind.path())?;
        Ok(Batch { datetime: reply.date, ..wire::parse_list(kind, &reply.body)? })
    }

    async fn send(
        &self,
        method: Method,
        path: &'static str,
        from: Option<u64>,
        session: Option<&str>,
        body: Option<String>,
    ) -> Result<Reply, RequestError> {
        let query = from.map(|from| format!("?fromtime={from}")).unwrap_or_default();
        let mut request = self.http.request(method, format!("{}{path}{query}", self.base));
        if let Some(session) = session {
            request = request.header("Session-Id", session);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let again = request.try_clone();
        match (Self::fetch(request).await, again) {
            // The server closed a kept connection while we wrote to it. All our requests may be repeated.
            (Err(RequestError::Unreachable(_)), Some(again)) => Self::fetch(again).await,
            (result, _) => result,
        }
    }

    async fn fetch(request: reqwest::RequestBuilder) -> Result<Reply, RequestError> {
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(wire::parse_date);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(RequestError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, date, body })
    }
}

impl Reply {
    /// The reply, if the server did what it was asked.
    fn accepted(self, path: &'static str) -> Result<Self, RequestError> {
        match self.status {
            200..=299 => Ok(self),
            404 if self.body.trim_ascii() == b"Not Found" => Err(RequestError::SessionUnknown),
            404 => Err(RequestError::NoEndpoint(path)),
            status => Err(RequestError::Status { path, status }),
        }
    }
}

/// What an answer to `command` means for it.
pub fn outcome(generation: Generation, command: &SignalCommand, result: Result<(), RequestError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        // The first server stores an answer and then stumbles when the page has sent no candidate yet.
        Err(RequestError::Status { status: 500, .. })
            if generation < Generation::Third && matches!(command, SignalCommand::Answer { .. }) =>
        {
            Outcome::Done
        }
        Err(RequestError::Status { status: 400..=407 | 409..=428 | 430..=499, .. }) => Outcome::Rejected,
        Err(RequestError::Unreachable(_) | RequestError::TimedOut) => Outcome::NotAsked,
        Err(_) => Outcome::Refused,
    }
}

/// A proxy for the internet has no way to this machine.
fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::signaling::ConnectionId;

    #[test]
    fn refusals_are_told_apart() {
        let connection = ConnectionId(Arc::from("c"));
        let answer = SignalCommand::Answer { connection: connection.clone(), sdp: String::new() };
        let offer = SignalCommand::Offer { connection, sdp: String::new() };
        let status = |status| Err(RequestError::Status { path: "/", status });
        assert_eq!(outcome(Generation::First, &answer, status(500)), Outcome::Done);
        assert_eq!(outcome(Generation::First, &offer, status(500)), Outcome::Refused);
        assert_eq!(outcome(Generation::Newest, &answer, status(500)), Outcome::Refused);
        assert_eq!(outcome(Generation::Newest, &answer, status(400)), Outcome::Rejected);
        assert_eq!(outcome(Generation::Newest, &answer, status(429)), Outcome::Refused);
        assert_eq!(outcome(Generation::Newest, &answer, Err(RequestError::TimedOut)), Outcome::NotAsked);
        assert_eq!(outcome(Generation::Newest, &answer, Err(RequestError::SessionUnknown)), Outcome::Refused);
    }
}

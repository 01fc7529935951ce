//! What a Unity Render Streaming signaling server does over HTTP, generations 1, 2 and the newest, written from the recorded
//! behaviour: a state machine of sessions and mailboxes. Time comes in as ms since 1970.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::http::{Request, Response};
use super::urs_ws::Mode;

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
/// A session that was silent for longer is deleted, by another session's poll.
const SILENCE_MS: u64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    First,
    /// Over HTTP as the first; it says what its pages talk.
    Second {
        web_socket: bool,
    },
    Newest {
        private: bool,
        web_socket: bool,
    },
}

/// Things in the order they first came, as JavaScript's Map keeps them.
type Ordered<V> = Vec<(String, V)>;

#[derive(Clone, Debug)]
struct Description {
    sdp: String,
    polite: bool,
    datetime: u64,
}

#[derive(Clone, Debug)]
struct Candidate {
    fields: Value,
    datetime: u64,
}

#[derive(Clone, Debug, Default)]
struct Session {
    connections: Vec<String>,
    last_seen: Option<u64>,
    disconnects: Vec<(String, u64)>,
    offers: Ordered<Description>,
    answers: Ordered<Description>,
}

/// The server's memory.
#[derive(Debug)]
pub struct Urs {
    generation: Generation,
    sessions: BTreeMap<String, Session>,
    pairs: BTreeMap<String, [Option<String>; 2]>,
    /// By session and connection. Outlives the session in generation 1.
    candidates: BTreeMap<String, Ordered<Vec<Candidate>>>,
    /// Generation 1: never deleted.
    all_offers: Ordered<Description>,
    all_answers: Ordered<Description>,
}

impl Generation {
    /// How it behaves over a WebSocket, where that is what it talks.
    pub fn over_web_socket(self) -> Option<Mode> {
        match self {
            Self::Second { web_socket: true } => Some(Mode::Second),
            Self::Newest { private: false, web_socket: true } => Some(Mode::Public),
            Self::Newest { private: true, web_socket: true } => Some(Mode::Private),
            _ => None,
        }
    }
}

impl Urs {
    pub fn new(generation: Generation) -> Self {
        Self {
            generation,
            sessions: BTreeMap::new(),
            pairs: BTreeMap::new(),
            candidates: BTreeMap::new(),
            all_offers: Vec::new(),
            all_answers: Vec::new(),
        }
    }

    pub fn drop_sessions(&mut self) {
        *self = Self::new(self.generation);
    }

    pub fn sessions(&self) -> Vec<String> {
        self.sessions.keys().cloned().collect()
    }

    /// Whether this request is for the signaling server rather than its static pages.
    pub fn serves(path: &str) -> bool {
        path == "/config" || path == "/protocol" || path == "/signaling" || path.starts_with("/signaling/")
    }

    pub fn handle(&mut self, now: u64, request: &Request) -> Response {
        let mut response = self.route(now, request);
        response.cors = self.is_newest();
        response.date = now;
        response
    }

    fn route(&mut self, now: u64, request: &Request) -> Response {
        let is_newest = self.is_newest();
        let path = request.path.strip_suffix('/').unwrap_or(&request.path);
        let method = request.method.as_str();
        if is_newest && method == "OPTIONS" {
            return Response { status: 204, ..Response::default() };
        }
        let body: Value = match request.body.as_str() {
            "" => json!({}),
            text => match serde_json::from_str(text) {
                Ok(body) => body,
                Err(_) => return html(400, "Bad Request"),
            },
        };
        match (method, path) {
            ("GET", "/config") => match self.generation {
                Generation::Newest { private, web_socket } => {
                    let mode = if private { "private" } else { "public" };
                    return json_reply(json!({"useWebSocket": web_socket, "startupMode": mode, "logging": "dev"}));
                }
                _ => return cannot(method, path),
            },
            ("GET", "/protocol") => match self.generation {
                Generation::Second { web_socket } => return json_reply(json!({"useWebSocket": web_socket})),
                _ => return cannot(method, path),
            },
            ("PUT", "/signaling") => {
                let id = uuid();
                self.sessions.insert(id.clone(), Session::default());
                self.candidates.insert(id.clone(), Vec::new());
                return json_reply(json!({"sessionId": id}));
            }
            ("DELETE", "/signaling") => {
                self.delete_session(now, request.session.as_deref().unwrap_or(""));
                return ok();
            }
            _ => {}
        }
        if !path.starts_with("/signaling") || (!is_newest && path == "/signaling") {
            return cannot(method, path);
        }
        let session = request.session.clone().unwrap_or_default();
        // The newest server checks GET /signaling only when it carries a query.
        let unchecked = path == "/signaling" && request.query.is_none();
        match self.sessions.get_mut(&session) {
            Some(known) if !unchecked => known.last_seen = Some(now),
            Some(_) => {}
            None if unchecked => return html(500, "Internal Server Error"),
            None => {
                return Response { status: 404, content_type: TEXT, body: b"Not Found".into(), ..Response::default() };
            }
        }
        let from = request.query.as_deref().and_then(|query| query.strip_prefix("fromtime="));
        let from = from.and_then(|from| from.parse::<i64>().ok()).unwrap_or(0);
        let connection = body.get("connectionId").and_then(Value::as_str).map(str::to_owned);
        match (is_newest, method, path) {
            (false, "PUT", "/signaling/connection") => {
                let id = uuid();
                self.own(&session, &id);
                json_reply(json!({"connectionId": id}))
            }
            (true, "PUT", "/signaling/connection") => self.connect(now, &session, connection),
            (false, "DELETE", "/signaling/connection") => {
                if let (Some(known), Some(connection)) = (self.sessions.get_mut(&session), connection) {
                    known.connections.retain(|other| *other != connection);
                }
                ok()
            }
            (true, "DELETE", "/signaling/connection") => {
                let connection = connection.unwrap_or_default();
                self.delete_connection(now, &session, &connection);
                json_reply(json!({"connectionId": connection}))
            }
            (_, "POST", "/signaling/offer") => self.offer(now, &session, connection.unwrap_or_default(), &body),
            (false, "POST", "/signaling/answer") => {
                self.answer_first(now, &session, connection.unwrap_or_default(), &body)
            }
            (true, "POST", "/signaling/answer") => {
                self.answer_newest(now, &session, connection.unwrap_or_default(), &body);
                ok()
            }
            (_, "POST", "/signaling/candidate") => {
                let mine = self.candidates.entry(session).or_default();
                let fields = json!({
                    "candidate": body["candidate"], "sdpMLineIndex": body["sdpMLineIndex"], "sdpMid": body["sdpMid"]
                });
                slot(mine, &connection.unwrap_or_default()).push(Candidate { fields, datetime: now });
                ok()
            }
            (false, "GET", "/signaling/offer") => json_reply(json!({"offers": first_list(&self.all_offers, from)})),
            (false, "GET", "/signaling/answer") => {
                let mine = self.sessions.get(&session).map(|s| s.connections.clone()).unwrap_or_default();
                let answers: Vec<_> = self.all_answers.iter().filter(|(id, _)| mine.contains(id)).cloned().collect();
                json_reply(json!({"answers": first_list(&answers, from)}))
            }
            (false, "GET", "/signaling/candidate") => json_reply(json!({"candidates": self.grouped(&session, from)})),
            (true, "GET", "/signaling") => {
                self.reap(now, &session);
                let mut messages = self.connects(now, &session);
                messages.extend(self.offers(&session, from));
                messages.extend(self.answers(&session, from));
                messages.extend(self.flat(&session, from));
                messages.extend(self.disconnects(&session, from));
                messages.sort_by_key(|message| message["datetime"].as_u64());
                json_reply(json!({"messages": messages, "datetime": now}))
            }
            (true, "GET", "/signaling/connection") => {
                self.reap(now, &session);
                json_reply(json!({"connections": self.connects(now, &session)}))
            }
            (true, "GET", "/signaling/offer") => json_reply(json!({"offers": self.offers(&session, from)})),
            (true, "GET", "/signaling/answer") => json_reply(json!({"answers": self.answers(&session, from)})),
            (true, "GET", "/signaling/candidate") => json_reply(json!({"candidates": self.flat(&session, from)})),
            _ => cannot(method, path),
        }
    }

    fn is_newest(&self) -> bool {
        matches!(self.generation, Generation::Newest { .. })
    }

    fn is_private(&self) -> bool {
        matches!(self.generation, Generation::Newest { private: true, .. })
    }

    fn own(&mut self, session: &str, connection: &str) {
        if let Some(known) = self.sessions.get_mut(session)
            && !known.connections.iter().any(|other| other == connection)
        {
            known.connections.push(connection.to_owned());
        }
    }

    fn connect(&mut self, now: u64, session: &str, connection: Option<String>) -> Response {
        let refused = Response { status: 400, ..json_reply(json!({"error": {}})) };
        let Some(connection) = connection else {
            return refused;
        };
        let mut polite = true;
        if self.is_private() {
            match self.pairs.get_mut(&connection) {
                None => {
                    self.pairs.insert(connection.clone(), [Some(session.to_owned()), None]);
                    polite = false;
                }
                Some([Some(_), second @ None]) => *second = Some(session.to_owned()),
                Some(_) => return refused,
            }
        }
        self.own(session, &connection);
        json_reply(json!({"connectionId": connection, "polite": polite, "type": "connect", "datetime": now}))
    }

    fn other(&self, session: &str, connection: &str) -> Option<String> {
        let [a, b] = self.pairs.get(connection)?;
        if a.as_deref() == Some(session) { b.clone() } else { a.clone() }
    }

    fn offer(&mut self, now: u64, session: &str, connection: String, body: &Value) -> Response {
        let sdp = body["sdp"].as_str().unwrap_or("").to_owned();
        let mut stored = Description { sdp, polite: false, datetime: now };
        let pair = [Some(session.to_owned()), None];
        if !self.is_newest() {
            put(&mut self.all_offers, &connection, stored);
            self.pairs.insert(connection, pair);
            return ok();
        }
        let mut owner = Some(session.to_owned());
        if self.is_private() {
            stored.polite = true;
            owner = self.other(session, &connection);
        } else {
            self.pairs.entry(connection.clone()).or_insert(pair);
        }
        if let Some(owner) = owner.and_then(|owner| self.sessions.get_mut(&owner)) {
            put(&mut owner.offers, &connection, stored);
        }
        ok()
    }

    fn answer_first(&mut self, now: u64, session: &str, connection: String, body: &Value) -> Response {
        let Some([Some(offerer), _]) = self.pairs.get(&connection).cloned() else {
            return html(500, "Internal Server Error");
        };
        self.own(session, &connection);
        self.pairs.insert(connection.clone(), [Some(offerer.clone()), Some(session.to_owned())]);
        let sdp = body["sdp"].as_str().unwrap_or("").to_owned();
        put(&mut self.all_answers, &connection, Description { sdp, polite: false, datetime: now });
        let theirs = self.candidates.entry(offerer).or_default();
        if theirs.is_empty() {
            return ok();
        }
        match theirs.iter_mut().find(|(id, _)| *id == connection) {
            Some((_, list)) => {
                list.iter_mut().for_each(|candidate| candidate.datetime = now);
                ok()
            }
            // The answer is stored all the same.
            None => html(500, "Internal Server Error"),
        }
    }

    fn answer_newest(&mut self, now: u64, session: &str, connection: String, body: &Value) {
        self.own(session, &connection);
        let Some(other) = self.other(session, &connection) else {
            return;
        };
        let Some(peer) = self.sessions.get_mut(&other) else {
            return;
        };
        let sdp = body["sdp"].as_str().unwrap_or("").to_owned();
        put(&mut peer.answers, &connection, Description { sdp, polite: false, datetime: now });
        let theirs = self.candidates.entry(other.clone()).or_default();
        if let Some((_, list)) = theirs.iter_mut().find(|(id, _)| *id == connection) {
            list.iter_mut().for_each(|candidate| candidate.datetime = now);
        }
        if !self.is_private() {
            self.pairs.insert(connection, [Some(other), Some(session.to_owned())]);
        }
    }

    fn delete_connection(&mut self, now: u64, session: &str, connection: &str) {
        let other = self.other(session, connection);
        let is_private = self.is_private();
        for (id, known) in &mut self.sessions {
            let is_peer = other.as_ref() == Some(id);
            if !is_private || is_peer || id == session {
                known.disconnects.push((connection.to_owned(), now));
            }
            if id == session || (is_private && is_peer) {
                known.connections.retain(|other| other != connection);
            }
        }
        if let Some(known) = self.sessions.get_mut(session) {
            known.offers.retain(|(id, _)| id != connection);
            known.answers.retain(|(id, _)| id != connection);
        }
        if let Some(mine) = self.candidates.get_mut(session) {
            mine.retain(|(id, _)| id != connection);
        }
        self.pairs.remove(connection);
    }

    fn delete_session(&mut self, now: u64, session: &str) {
        if self.is_newest() {
            let connections = self.sessions.get(session).map(|known| known.connections.clone()).unwrap_or_default();
            connections.iter().for_each(|connection| self.delete_connection(now, session, connection));
            self.candidates.remove(session);
        }
        self.sessions.remove(session);
    }

    fn reap(&mut self, now: u64, asking: &str) {
        let silent = |seen: &Option<u64>| seen.is_some_and(|seen| seen + SILENCE_MS < now);
        let dead: Vec<String> = self
            .sessions
            .iter()
            .filter(|(id, known)| *id != asking && silent(&known.last_seen))
            .map(|(id, _)| id.clone())
            .collect();
        dead.iter().for_each(|id| self.delete_session(now, id));
    }

    fn connects(&self, now: u64, session: &str) -> Vec<Value> {
        let mine = self.sessions.get(session).map(|known| known.connections.clone()).unwrap_or_default();
        mine.iter().map(|id| json!({"connectionId": id, "type": "connect", "datetime": now})).collect()
    }

    fn offers(&self, session: &str, from: i64) -> Vec<Value> {
        let is_private = self.is_private();
        let mailboxes = self.sessions.iter().filter(|(id, _)| (*id == session) == is_private);
        let offers = mailboxes.flat_map(|(_, known)| &known.offers).filter(|(_, offer)| is_since(offer.datetime, from));
        offers
            .map(|(id, offer)| {
                json!({"connectionId": id, "sdp": offer.sdp, "polite": offer.polite, "type": "offer",
                    "datetime": offer.datetime})
            })
            .collect()
    }

    fn answers(&self, session: &str, from: i64) -> Vec<Value> {
        let answers = self.sessions.get(session).map(|known| known.answers.as_slice()).unwrap_or_default();
        let answers = answers.iter().filter(|(_, answer)| is_since(answer.datetime, from));
        answers
            .map(|(id, answer)| {
                json!({"connectionId": id, "sdp": answer.sdp, "type": "answer", "datetime": answer.datetime})
            })
            .collect()
    }

    fn disconnects(&self, session: &str, from: i64) -> Vec<Value> {
        let all = self.sessions.get(session).map(|known| known.disconnects.as_slice()).unwrap_or_default();
        let all = all.iter().filter(|(_, datetime)| is_since(*datetime, from));
        all.map(|(id, datetime)| json!({"connectionId": id, "type": "disconnect", "datetime": datetime})).collect()
    }

    /// The other side's candidates of each connection of this session.
    fn theirs(&self, session: &str) -> Vec<(String, Vec<Candidate>)> {
        let mine = self.sessions.get(session).map(|known| known.connections.clone()).unwrap_or_default();
        let list = |id: &String| {
            let theirs = self.candidates.get(&self.other(session, id)?)?;
            Some(theirs.iter().find(|(other, _)| other == id)?.1.clone())
        };
        mine.into_iter().filter_map(|id| list(&id).map(|list| (id, list))).collect()
    }

    fn flat(&self, session: &str, from: i64) -> Vec<Value> {
        let mut all = Vec::new();
        for (id, list) in self.theirs(session) {
            for candidate in list.into_iter().filter(|candidate| is_since(candidate.datetime, from)) {
                let mut item = candidate.fields;
                item["connectionId"] = json!(id);
                item["type"] = json!("candidate");
                item["datetime"] = json!(candidate.datetime);
                all.push(item);
            }
        }
        all
    }

    fn grouped(&self, session: &str, from: i64) -> Vec<Value> {
        let mut all = Vec::new();
        for (id, list) in self.theirs(session) {
            let list = list.into_iter().filter(|c| from <= 0 || c.datetime as i64 > from);
            let list: Vec<Value> = list.map(|candidate| candidate.fields).collect();
            if !list.is_empty() {
                all.push(json!({"connectionId": id, "candidates": list}));
            }
        }
        all
    }
}

fn is_since(datetime: u64, from: i64) -> bool {
    from <= 0 || datetime as i64 >= from
}

fn first_list(all: &Ordered<Description>, from: i64) -> Vec<Value> {
    let newer = all.iter().filter(|(_, d)| from <= 0 || d.datetime as i64 > from);
    newer.map(|(id, d)| json!({"connectionId": id, "sdp": d.sdp})).collect()
}

fn slot<'a, V: Default>(map: &'a mut Ordered<V>, key: &str) -> &'a mut V {
    let at = match map.iter().position(|(id, _)| id == key) {
        Some(at) => at,
        None => {
            map.push((key.to_owned(), V::default()));
            map.len() - 1
        }
    };
    &mut map[at].1
}

fn put<V>(map: &mut Ordered<V>, key: &str, value: V) {
    match map.iter_mut().find(|(id, _)| id == key) {
        Some((_, old)) => *old = value,
        None => map.push((key.to_owned(), value)),
    }
}

fn json_reply(value: Value) -> Response {
    Response { status: 200, content_type: JSON, body: value.to_string().into_bytes(), ..Response::default() }
}

fn ok() -> Response {
    Response { status: 200, content_type: TEXT, body: b"OK".into(), ..Response::default() }
}

fn html(status: u16, text: &str) -> Response {
    let body = format!("<!DOCTYPE html>\n<html lang=\"en\">\n<title>Error</title>\n<pre>{text}</pre>\n</html>\n");
    Response { status, content_type: HTML, body: body.into_bytes(), ..Response::default() }
}

fn cannot(method: &str, path: &str) -> Response {
    html(404, &format!("Cannot {method} {path}"))
}

/// Shaped like a random UUID; never given twice, so that a restarted server knows none of its earlier sessions.
fn uuid() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

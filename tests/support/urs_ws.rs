//! What a Unity Render Streaming server does over a WebSocket, generation 2 and the newest in public and private mode,
//! written from the recorded behaviour: a state machine of clients. Time comes in as ms since 1970.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Who is connected, by a number of the test's.
pub type Client = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Generation 2, before it learnt to spare the sender: everything to everybody.
    Second,
    Public,
    Private,
}

/// A text frame that is no JSON ends the real server as a whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Crash;

/// The server's memory.
#[derive(Debug)]
pub struct UrsWs {
    mode: Mode,
    /// Each with the connections it has spoken of, in the order they came.
    clients: BTreeMap<Client, Vec<String>>,
    pairs: BTreeMap<String, [Option<Client>; 2]>,
    made_up: u64,
}

/// To whom, and what.
type Said = Vec<(Client, String)>;

impl UrsWs {
    pub fn new(mode: Mode) -> Self {
        Self { mode, clients: BTreeMap::new(), pairs: BTreeMap::new(), made_up: 0 }
    }

    pub fn open(&mut self, client: Client) {
        self.clients.insert(client, Vec::new());
    }

    pub fn close(&mut self, client: Client) -> Said {
        let mut said = Said::new();
        for connection in self.clients.remove(&client).unwrap_or_default() {
            if let Some(other) = self.other(client, &connection) {
                said.push((other, disconnect(&connection)));
            }
            self.pairs.remove(&connection);
        }
        said
    }

    pub fn handle(&mut self, now: u64, client: Client, text: &str) -> Result<Said, Crash> {
        let frame: Value = serde_json::from_str(text).map_err(|_| Crash)?;
        let named = |value: &Value| value["connectionId"].as_str().unwrap_or("").to_owned();
        let data = &frame["data"];
        Ok(match frame["type"].as_str() {
            Some("connect") => self.connect(client, named(&frame)),
            Some("disconnect") if self.mode != Mode::Second => self.disconnect(client, &named(&frame)),
            Some(kind @ ("offer" | "answer" | "candidate")) => {
                let connection = named(data);
                let mut passed_on = match kind {
                    "candidate" => json!({"candidate": data["candidate"], "sdpMLineIndex": data["sdpMLineIndex"],
                        "sdpMid": data["sdpMid"], "datetime": now}),
                    _ => json!({"sdp": data["sdp"], "datetime": now}),
                };
                let to = self.route(client, kind, &connection);
                if kind == "offer" && self.mode != Mode::Second {
                    passed_on["polite"] = json!(self.mode == Mode::Private);
                }
                let text = json!({"from": connection, "to": "", "type": kind, "data": passed_on}).to_string();
                to.into_iter().map(|other| (other, text.clone())).collect()
            }
            _ => Said::new(),
        })
    }

    /// Who hears a message, and what it changes.
    fn route(&mut self, client: Client, kind: &str, connection: &str) -> Vec<Client> {
        let all = || self.clients.keys().copied();
        let others = || all().filter(|other| *other != client).collect();
        if self.mode == Mode::Second {
            return all().collect();
        }
        let peer = self.other(client, connection);
        match (self.mode, kind) {
            (Mode::Public, "offer") => {
                let others = others();
                self.pairs.entry(connection.to_owned()).or_insert([Some(client), None]);
                self.own(client, connection);
                others
            }
            (Mode::Public, "candidate") => others(),
            (_, "answer") => {
                self.own(client, connection);
                if self.mode == Mode::Public && peer.is_some() {
                    self.pairs.insert(connection.to_owned(), [peer, Some(client)]);
                }
                peer.into_iter().collect()
            }
            _ => peer.into_iter().collect(),
        }
    }

    fn connect(&mut self, client: Client, connection: String) -> Said {
        if self.mode == Mode::Second {
            self.made_up += 1;
            let name = format!("made-up-{}", self.made_up);
            return vec![(client, json!({"type": "connect", "connectionId": name}).to_string())];
        }
        let mut polite = true;
        if self.mode == Mode::Private {
            match self.pairs.get_mut(&connection) {
                None => {
                    self.pairs.insert(connection.clone(), [Some(client), None]);
                    polite = false;
                }
                Some([Some(_), second @ None]) => *second = Some(client),
                Some(_) => {
                    let message = format!("{connection}: This connection id is already used.");
                    return vec![(client, json!({"type": "error", "message": message}).to_string())];
                }
            }
        }
        self.own(client, &connection);
        vec![(client, json!({"type": "connect", "connectionId": connection, "polite": polite}).to_string())]
    }

    fn disconnect(&mut self, client: Client, connection: &str) -> Said {
        let text = disconnect(connection);
        let other = self.other(client, connection);
        self.pairs.remove(connection);
        if let Some(mine) = self.clients.get_mut(&client) {
            mine.retain(|known| known != connection);
        }
        other.into_iter().chain([client]).map(|to| (to, text.clone())).collect()
    }

    fn own(&mut self, client: Client, connection: &str) {
        if let Some(mine) = self.clients.get_mut(&client)
            && !mine.iter().any(|known| known == connection)
        {
            mine.push(connection.to_owned());
        }
    }

    fn other(&self, client: Client, connection: &str) -> Option<Client> {
        let [a, b] = self.pairs.get(connection)?;
        if *a == Some(client) { *b } else { *a }
    }
}

fn disconnect(connection: &str) -> String {
    json!({"type": "disconnect", "connectionId": connection}).to_string()
}

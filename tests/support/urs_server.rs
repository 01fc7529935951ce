//! A signaling server on a port, as people run one, that misbehaves when told to.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::http::{Handler, HttpServer, Reply, Request, Response, TakeOver};
use super::urs::{Generation, Urs};
use super::urs_ws::{Client, UrsWs};

/// Something to go wrong instead of an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    Status(u16),
    /// 200, and a body that is no JSON.
    Garbage,
    /// 200, and more than anyone should read.
    Huge,
    /// Bytes that are no HTTP.
    NotHttp,
    /// The connection ends without an answer.
    Close,
    /// No answer until the switch is on.
    Hold(watch::Receiver<bool>),
}

/// Which requests a fault hits: method and path without query, exactly.
#[derive(Clone, Debug)]
struct Trap {
    method: &'static str,
    path: &'static str,
    times: usize,
    fault: Fault,
}

/// Everything behind the port.
pub struct Inside {
    pub urs: Urs,
    /// The other world, where this release talks WebSocket.
    ws: Option<UrsWs>,
    sockets: BTreeMap<Client, mpsc::Sender<Message>>,
    last_client: Client,
    /// Whether sockets are left alone once they are open: nothing is read, no ping answered.
    pub is_deaf: bool,
    /// Text frames so far, and by whom.
    pub frames: Vec<(Client, String)>,
    pub pings: u64,
    /// Close frames so far.
    pub goodbyes: u64,
    /// Every request so far, faults included.
    pub log: Vec<Request>,
    traps: VecDeque<Trap>,
    /// Added to the clock, in ms.
    clock_offset: i64,
}

impl Inside {
    /// Who is connected, in the order they came.
    pub fn clients(&self) -> Vec<Client> {
        self.sockets.keys().copied().collect()
    }

    pub fn all_faults_happened(&self) -> bool {
        self.traps.iter().all(|trap| trap.times == 0)
    }
}

pub struct UrsServer {
    pub address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
    changes: watch::Sender<u64>,
    static_files: Option<PathBuf>,
    http: Option<HttpServer>,
}

impl UrsServer {
    /// Listens on this port of the loopback address; 0 takes a free one.
    pub async fn start(generation: Generation, port: u16, static_files: Option<PathBuf>) -> std::io::Result<Self> {
        let inside = Inside {
            urs: Urs::new(generation),
            ws: generation.over_web_socket().map(UrsWs::new),
            sockets: BTreeMap::new(),
            last_client: 0,
            is_deaf: false,
            frames: Vec::new(),
            pings: 0,
            goodbyes: 0,
            log: Vec::new(),
            traps: VecDeque::new(),
            clock_offset: 0,
        };
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            inside: Arc::new(Mutex::new(inside)),
            changes: watch::Sender::new(0),
            static_files,
            http: None,
        };
        server.resume().await?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening and ends every connection; what it knows stays.
    pub async fn pause(&mut self) {
        if let Some(http) = self.http.take() {
            http.stop().await;
        }
    }

    /// Listens again on the same port.
    pub async fn resume(&mut self) -> std::io::Result<()> {
        let http = HttpServer::start(self.address, self.handler()).await?;
        self.address = http.address;
        self.http = Some(http);
        Ok(())
    }

    /// Ends and starts anew, perhaps as another release, knowing nothing.
    pub async fn restart(&mut self, generation: Generation) -> std::io::Result<()> {
        self.pause().await;
        {
            let mut inside = self.lock();
            inside.urs = Urs::new(generation);
            inside.ws = generation.over_web_socket().map(UrsWs::new);
        }
        self.resume().await
    }

    /// A page with a socket, without a network: its number, and what it hears.
    pub fn open_page(&self) -> (Client, mpsc::Receiver<serde_json::Value>) {
        let (to_it, mut for_it) = mpsc::channel(1024);
        let mut inside = self.lock();
        inside.last_client += 1;
        let client = inside.last_client;
        inside.sockets.insert(client, to_it);
        inside.ws.iter_mut().for_each(|ws| ws.open(client));
        let (parsed, heard) = mpsc::channel(1024);
        tokio::spawn(async move {
            while let Some(message) = for_it.recv().await {
                let text = message.into_text().unwrap_or_default();
                // What a test says to all may be no JSON.
                if let Ok(frame) = serde_json::from_str(&text) {
                    let _ = parsed.send(frame).await;
                }
            }
        });
        (client, heard)
    }

    pub fn say_as(&self, client: Client, text: &str) {
        let mut inside = self.lock();
        let now = now_ms().saturating_add_signed(inside.clock_offset);
        let said = inside.ws.as_mut().and_then(|ws| ws.handle(now, client, text).ok());
        deliver(&inside, said.unwrap_or_default());
    }

    pub fn close_page(&self, client: Client) {
        let mut inside = self.lock();
        inside.sockets.remove(&client);
        let said = inside.ws.as_mut().map(|ws| ws.close(client));
        deliver(&inside, said.unwrap_or_default());
    }

    /// Says this to every open socket.
    pub fn say_to_all(&self, message: &Message) {
        for socket in self.lock().sockets.values() {
            let _ = socket.try_send(message.clone());
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Has the next requests of this kind go wrong.
    pub fn fail_next(&self, times: usize, method: &'static str, path: &'static str, fault: Fault) {
        self.lock().traps.push_back(Trap { method, path, times, fault });
    }

    /// Moves the server's clock, back if negative.
    pub fn advance_clock(&self, ms: i64) {
        self.lock().clock_offset += ms;
    }

    /// A request that does not come over the network: what a page would ask.
    pub fn ask(&self, method: &str, path: &str, query: Option<&str>, session: &str, body: &str) -> Response {
        let request = Request {
            method: method.into(),
            path: path.into(),
            query: query.map(str::to_owned),
            session: (!session.is_empty()).then(|| session.to_owned()),
            web_socket_key: None,
            body: body.into(),
        };
        let mut inside = self.lock();
        let now = now_ms().saturating_add_signed(inside.clock_offset);
        inside.urs.handle(now, &request)
    }

    /// Waits until something is true of the server: looked at now and after every request.
    pub async fn until<T>(&self, mut look: impl FnMut(&mut Inside) -> Option<T>) -> T {
        let mut changes = self.changes.subscribe();
        loop {
            if let Some(found) = look(&mut self.lock()) {
                return found;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn handler(&self) -> Handler {
        let (inside, changes, files) = (self.inside.clone(), self.changes.clone(), self.static_files.clone());
        Arc::new(move |request| {
            let reply = {
                let (own, own_changes) = (inside.clone(), changes.clone());
                let take_over = TakeOver(Arc::new(move |stream, read| {
                    Box::pin(serve_socket(own.clone(), own_changes.clone(), stream, read))
                }));
                let mut inside = inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                answer(&mut inside, request, files.as_deref(), take_over)
            };
            changes.send_modify(|n| *n += 1);
            reply
        })
    }
}

fn answer(inside: &mut Inside, request: Request, files: Option<&Path>, take_over: TakeOver) -> Reply {
    inside.log.push(request.clone());
    let excess = inside.log.len().saturating_sub(10_000);
    inside.log.drain(..excess);
    let trap = inside
        .traps
        .iter_mut()
        .find(|trap| trap.times > 0 && trap.method == request.method && trap.path == request.path)
        .map(|trap| {
            trap.times -= 1;
            trap.fault.clone()
        });
    let now = now_ms().saturating_add_signed(inside.clock_offset);
    let urs = &mut inside.urs;
    let mut respond = || match files {
        Some(files) if !Urs::serves(&request.path) => static_file(files, &request.path),
        _ => urs.handle(now, &request),
    };
    let plain = |status, body| Response { status, content_type: "text/html", body, date: now, ..Response::default() };
    let key = request.web_socket_key.clone();
    match trap {
        None => match key.filter(|_| inside.ws.is_some()) {
            Some(key) => {
                let head = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {}\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                );
                Reply::Upgrade(head, take_over)
            }
            None => Reply::Response(respond()),
        },
        Some(Fault::Status(status)) => Reply::Response(plain(status, b"<html>".into())),
        Some(Fault::Garbage) => Reply::Response(plain(200, b"\xff\x00{{{".into())),
        Some(Fault::Huge) => Reply::Response(plain(200, vec![b' '; 5 * 1024 * 1024])),
        Some(Fault::NotHttp) => Reply::Raw(b"\x16\x03\x01 this is something else\r\n\r\n".into()),
        Some(Fault::Close) => Reply::Close,
        Some(Fault::Hold(switch)) => Reply::Held(switch, Box::new(Reply::Response(respond()))),
    }
}

/// One socket, from its opening to its end.
async fn serve_socket(inside: Arc<Mutex<Inside>>, changes: watch::Sender<u64>, stream: TcpStream, read: Vec<u8>) {
    let lock = || inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut socket = WebSocketStream::from_partially_read(stream, read, Role::Server, None).await;
    let (to_it, mut for_it) = mpsc::channel(1024);
    let (client, is_deaf) = {
        let mut inside = lock();
        inside.last_client += 1;
        let client = inside.last_client;
        inside.sockets.insert(client, to_it);
        inside.ws.iter_mut().for_each(|ws| ws.open(client));
        (client, inside.is_deaf)
    };
    // However this ends, when the server is stopped too.
    let _leaving = Leaving { inside: inside.clone(), changes: changes.clone(), client };
    changes.send_modify(|n| *n += 1);
    if is_deaf {
        return std::future::pending().await;
    }
    loop {
        tokio::select! {
            Some(message) = for_it.recv() => {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                let mut inside = lock();
                match message {
                    Message::Text(text) => {
                        inside.frames.push((client, text.to_string()));
                        let now = now_ms().saturating_add_signed(inside.clock_offset);
                        let said = inside.ws.as_mut().map(|ws| ws.handle(now, client, &text));
                        match said.transpose() {
                            Ok(said) => deliver(&inside, said.unwrap_or_default()),
                            Err(crash) => panic!("{crash:?} of the server by {text:?}"),
                        }
                    }
                    Message::Ping(_) => inside.pings += 1,
                    Message::Close(_) => inside.goodbyes += 1,
                    _ => {}
                }
                drop(inside);
                changes.send_modify(|n| *n += 1);
            }
        }
    }
}

struct Leaving {
    inside: Arc<Mutex<Inside>>,
    changes: watch::Sender<u64>,
    client: Client,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        {
            let mut inside = self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            inside.sockets.remove(&self.client);
            let client = self.client;
            let said = inside.ws.as_mut().map(|ws| ws.close(client));
            deliver(&inside, said.unwrap_or_default());
        }
        self.changes.send_modify(|n| *n += 1);
    }
}

fn deliver(inside: &Inside, said: Vec<(Client, String)>) {
    for (client, text) in said {
        if let Some(socket) = inside.sockets.get(&client) {
            let _ = socket.try_send(Message::text(text));
        }
    }
}

fn static_file(root: &Path, path: &str) -> Response {
    let relative = Path::new(path.trim_start_matches('/'));
    let is_inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let mut file = root.join(relative);
    if file.is_dir() {
        file.push("index.html");
    }
    let content_type = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    match std::fs::read(&file) {
        Ok(body) if is_inside => Response { status: 200, content_type, body, cors: true, date: now_ms() },
        _ => Response { status: 404, content_type: "text/html", date: now_ms(), ..Response::default() },
    }
}

pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

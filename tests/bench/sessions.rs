//! What 1 000 sessions cost the embedded server, half of them polling, half over WebSockets: its memory, in a process of its
//! own, and the time from an offer to its answer while all of them are there. The host answers at once; no media. Resident
//! memory is what the system sees; the live heap is what sessions really hold, whatever the allocator keeps.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use rendercast::config::ServerConfig;
use rendercast::server::serve;
use rendercast::signaling::{SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use rendercast::stats::snapshot::Snapshot;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader as AsyncBufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::heap::Heap;
use crate::table::Row;

/// How this program is told to be the server.
pub const SERVER: &str = "--sessions-server";
const SESSIONS: usize = 1_000;
/// Offers under way at once.
const AT_ONCE: usize = 8;
/// How often a session without an offer polls, as the pages of Unity Render Streaming do.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Offers of each session.
const ROUNDS: usize = 3;
/// A browser's.
const SDP: &str = include_str!("../vectors/chromium-offer.sdp");
/// Descriptors of 1 000 sockets and what else is open.
const DESCRIPTORS: u64 = 4_096;

/// The server, with a host that answers every offer with as long a description.
pub fn be_server() {
    raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(async {
        let config = ServerConfig {
            address: "127.0.0.1:0".into(),
            max_sessions: 2_000,
            max_connections_per_address: 5_000,
            ..ServerConfig::default()
        };
        let (event_tx, mut events) = mpsc::channel(256);
        let (commands, command_rx) = mpsc::channel(256);
        let figures = Arc::new(Snapshot::default);
        let running =
            serve(&config, event_tx, command_rx, Counters::default(), figures).await.expect("the server starts");
        println!("{}", running.address);
        std::thread::spawn(tell_heap);
        while let Some(event) = events.recv().await {
            if let SignalEvent::Offer { connection, sdp, .. } = event {
                let _ = commands.send(SignalCommand::Answer { connection, sdp }).await;
            }
        }
    });
}

/// Answers each line with the bytes that are live.
fn tell_heap() {
    for _ in std::io::stdin().lines() {
        println!("{}", Heap::now().rust_bytes);
    }
}

pub fn run(rows: &mut Vec<Row>) {
    raise_descriptor_limit();
    let mut server = Server::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(measure(&mut server, rows));
}

struct Server {
    child: Child,
    ask: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Server {
    fn start() -> Self {
        let own = std::env::current_exe().expect("own path");
        let mut child = Command::new(own);
        child.arg(SERVER).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().expect("the server starts");
        let ask = child.stdin.take().expect("stdin");
        let mut told = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let address = told.next().expect("an address").expect("an address");
        Self { child, ask, told, address }
    }

    /// Live, in MiB.
    fn heap(&mut self) -> f64 {
        self.ask.write_all(b"heap\n").expect("the server lives");
        let told = self.told.next().expect("an answer").expect("an answer");
        told.parse::<f64>().expect("a number of bytes") / 1_048_576.0
    }

    /// Resident, in MiB.
    fn memory(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
        let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn measure(server: &mut Server, rows: &mut Vec<Row>) {
    // What the first ones cost is the server's own beginning.
    let mut first = vec![Page::open(server, SESSIONS).await, Page::open(server, SESSIONS + 1).await];
    for page in &mut first {
        page.offer().await;
    }
    let (before, held) = (server.memory(), server.heap());
    let mut pages = Vec::new();
    for number in 0..SESSIONS {
        let (work, page) = mpsc::channel::<tokio::sync::oneshot::Sender<Duration>>(1);
        tokio::spawn(live(Page::open(server, number).await, page));
        pages.push(work);
    }
    let mut times = [Vec::new(), Vec::new()];
    let turns: Vec<usize> = (0..ROUNDS).flat_map(|_| 0..SESSIONS).collect();
    let under_way = futures_util::stream::iter(turns.into_iter().map(|number| {
        let work = pages[number].clone();
        async move {
            let (tell, told) = tokio::sync::oneshot::channel();
            work.send(tell).await.expect("the page lives");
            (number % 2, told.await.expect("an answer"))
        }
    }));
    let mut under_way = under_way.buffer_unordered(AT_ONCE);
    while let Some((kind, time)) = under_way.next().await {
        times[kind].push(time.as_secs_f64() * 1_000.0);
    }
    let (after, holds) = (server.memory(), server.heap());
    rows.push(Row::of("1 000 sessions: memory that the server grew by", "MiB", vec![after - before]));
    rows.push(Row::of("1 000 sessions: heap that they hold", "MiB", vec![holds - held]));
    let [http, sockets] = times;
    rows.push(Row::of("1 000 sessions: offer to answer, polling over HTTP", "ms", http));
    rows.push(Row::of("1 000 sessions: offer to answer, over a WebSocket", "ms", sockets));
    drop(first);
}

/// Polls until it is told to offer.
async fn live(mut page: Page, mut work: mpsc::Receiver<tokio::sync::oneshot::Sender<Duration>>) {
    loop {
        tokio::select! {
            told = work.recv() => {
                let Some(tell) = told else { return };
                let _ = tell.send(page.offer().await);
            }
            () = tokio::time::sleep(POLL_EVERY) => page.poll().await,
        }
    }
}

enum Page {
    Http(HttpPage),
    Socket { socket: WebSocketStream<MaybeTlsStream<TcpStream>>, path: &'static str, number: usize },
}

impl Page {
    async fn open(server: &Server, number: usize) -> Self {
        if number.is_multiple_of(2) {
            return Self::Http(HttpPage::open(&server.address, number).await);
        }
        let path = ["/", "/", "/relay", "/call"][number / 2 % 4];
        let url = format!("ws://{}{path}", server.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
        if path == "/call" {
            let sign_in = json!({"type": "SignIn", "username": format!("user {number}")});
            socket.send(Message::text(sign_in.to_string())).await.expect("sent");
        }
        Self::Socket { socket, path, number }
    }

    /// Gives the time from the offer to its answer.
    async fn offer(&mut self) -> Duration {
        let start = Instant::now();
        match self {
            Self::Http(page) => page.offer().await,
            Self::Socket { socket, path, number } => {
                let offer = match *path {
                    "/relay" => json!({"type": "offer", "sdp": SDP}),
                    "/call" => {
                        let own = format!("user {number}");
                        json!({"type": "Offer", "username": own, "target": "rendercast", "data": SDP})
                    }
                    _ => {
                        json!({"type": "offer", "from": "x", "data": {"sdp": SDP, "connectionId": format!("c{number}")}})
                    }
                };
                socket.send(Message::text(offer.to_string())).await.expect("sent");
                loop {
                    let message = socket.next().await.expect("open").expect("a message");
                    if message.is_text() && message.to_text().is_ok_and(|text| text.contains(&json!(SDP).to_string())) {
                        break;
                    }
                }
            }
        }
        start.elapsed()
    }

    async fn poll(&mut self) {
        if let Self::Http(page) = self {
            page.poll(0).await;
        }
    }
}

/// A polling page, on one connection as long as the server keeps it.
struct HttpPage {
    address: String,
    stream: Option<AsyncBufReader<TcpStream>>,
    session: String,
    connection: String,
    since: u64,
}

impl HttpPage {
    async fn open(address: &str, number: usize) -> Self {
        let mut page = Self {
            address: address.to_owned(),
            stream: None,
            session: String::new(),
            connection: format!("c{number}"),
            since: 0,
        };
        page.session = page.ask("PUT", "/signaling", None).await["sessionId"].as_str().expect("a session").to_owned();
        let connection = json!({"connectionId": page.connection});
        page.ask("PUT", "/signaling/connection", Some(connection)).await;
        page
    }

    async fn offer(&mut self) {
        let offer = json!({"connectionId": self.connection, "sdp": SDP});
        self.ask("POST", "/signaling/offer", Some(offer)).await;
        while !self.poll(10_000).await {}
    }

    /// Whether there was an answer.
    async fn poll(&mut self, wait: u64) -> bool {
        let path = format!("/signaling?fromtime={}&wait={wait}", self.since);
        let poll = self.ask("GET", &path, None).await;
        self.since = poll["datetime"].as_u64().expect("a time");
        poll["messages"].as_array().expect("messages").iter().any(|message| message["type"] == "answer")
    }

    async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nsession-id: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.session,
            body.len()
        );
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).await.expect("a connection");
                stream.set_nodelay(true).expect("no delay");
                AsyncBufReader::with_capacity(2_048, stream)
            }
        };
        stream.get_mut().write_all(request.as_bytes()).await.expect("sent");
        let (mut length, mut is_kept, mut line) = (0, true, String::new());
        loop {
            line.clear();
            stream.read_line(&mut line).await.expect("a header");
            if line == "\r\n" {
                break;
            }
            is_kept &= !line.eq_ignore_ascii_case("connection: close\r\n");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.expect("a body");
        self.stream = is_kept.then_some(stream);
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

/// As far as the system lets us.
fn raise_descriptor_limit() {
    #[cfg(target_os = "linux")]
    {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is valid for writes and reads during both calls.
        unsafe {
            if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && limit.rlim_cur < DESCRIPTORS {
                limit.rlim_cur = DESCRIPTORS.min(limit.rlim_max);
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
            }
        }
    }
}

//! A small HTTP/1.1 server for tests: every byte and every mishap is the test's to decide, which a finished server
//! library does not allow (closing without an answer, garbage, an answer that never ends).

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

const MAX_REQUEST: usize = 4 * 1024 * 1024;

/// One request as it came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What stands behind `?`; `None` without one.
    pub query: Option<String>,
    pub session: Option<String>,
    /// `Sec-WebSocket-Key`, of one who asks for a WebSocket.
    pub web_socket_key: Option<String>,
    pub body: String,
}

/// What goes on with a connection to its end.
pub type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Takes a connection over, with what was read of it already.
#[derive(Clone)]
pub struct TakeOver(pub Arc<dyn Fn(TcpStream, Vec<u8>) -> Serving + Send + Sync>);

impl std::fmt::Debug for TakeOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TakeOver")
    }
}

/// An ordinary answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// `Access-Control-Allow-Origin: *`, and what else the newest server says about it.
    pub cors: bool,
    /// The `Date` header, in ms since 1970.
    pub date: u64,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Response(Response),
    /// These bytes instead of an answer, then the end.
    Raw(Vec<u8>),
    /// The end, without a byte.
    Close,
    /// Held until the switch is on, then as given.
    Held(watch::Receiver<bool>, Box<Reply>),
    /// This status line and headers, and what then speaks.
    Upgrade(String, TakeOver),
}

pub type Handler = Arc<dyn Fn(Request) -> Reply + Send + Sync>;

/// A server that runs until it is stopped or dropped.
pub struct HttpServer {
    pub address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl HttpServer {
    pub async fn start(address: SocketAddr, handler: Handler) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            // Dropped with this task, and every connection with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let handler = handler.clone();
                connections.spawn(async move {
                    let _ = serve(stream, handler).await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, accepting })
    }

    /// Ends it and every connection; the port is free afterwards.
    pub async fn stop(mut self) {
        self.accepting.abort();
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, handler: Handler) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await? {
        let is_head = request.method == "HEAD";
        let mut reply = handler(request);
        if let Reply::Upgrade(head, take_over) = reply {
            stream.write_all(head.as_bytes()).await?;
            take_over.0(stream, std::mem::take(&mut buffer)).await;
            return Ok(());
        }
        while let Reply::Held(mut switch, then) = reply {
            if switch.wait_for(|on| *on).await.is_err() {
                return Ok(());
            }
            reply = *then;
        }
        match reply {
            Reply::Response(response) => stream.write_all(&response_bytes(&response, is_head)).await?,
            Reply::Raw(bytes) => return stream.write_all(&bytes).await,
            Reply::Close | Reply::Held(..) | Reply::Upgrade(..) => return Ok(()),
        }
    }
    Ok(())
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Request>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let header = |name: &str| {
                head.lines().skip(1).find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
            if length > MAX_REQUEST {
                return Ok(None);
            }
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                let mut words = head.lines().next().unwrap_or("").split(' ');
                let method = words.next().unwrap_or("").to_owned();
                let target = words.next().unwrap_or("/");
                let (path, query) = match target.split_once('?') {
                    Some((path, query)) => (path, Some(query.to_owned())),
                    None => (target, None),
                };
                let (session, web_socket_key) = (header("session-id"), header("sec-websocket-key"));
                let request = Request { method, path: path.to_owned(), query, session, web_socket_key, body };
                buffer.drain(..end + 4 + length);
                return Ok(Some(request));
            }
        } else if buffer.len() > 64 * 1024 {
            return Ok(None);
        }
        let mut chunk = [0; 16 * 1024];
        let n = stream.read(&mut chunk).await?;
        if n == 0 {
            return Ok(None);
        }
        buffer.extend_from_slice(&chunk[..n]);
    }
}

fn response_bytes(response: &Response, is_head: bool) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {} {}\r\nX-Powered-By: Express\r\nDate: {}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n",
        response.status,
        reason(response.status),
        http_date(response.date)
    );
    if response.cors {
        head += "Access-Control-Allow-Origin: *\r\n";
    }
    if response.status == 204 {
        head += "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\nAccess-Control-Allow-Headers: *\r\n";
    }
    if !response.content_type.is_empty() {
        head += &format!("Content-Type: {}\r\n", response.content_type);
    }
    head += &format!("Content-Length: {}\r\n\r\n", response.body.len());
    let mut bytes = head.into_bytes();
    if !is_head {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// RFC 9110, section 5.6.7.
pub fn http_date(ms: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (mut days, seconds) = (ms / 1000 / 86_400, ms / 1000 % 86_400);
    let weekday = DAYS[(days % 7) as usize];
    let is_leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{weekday}, {:02} {} {year} {h:02}:{m:02}:{s:02} GMT", days + 1, MONTHS[month])
}

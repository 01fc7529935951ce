//! One TCP connection, with TLS or without, that ends when its other side keeps us waiting: with a request, with the rest of
//! one, or with taking what we have sent.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

use super::hub::{network, take_one};

/// How long a side may take. All of it ends a connection with `TimedOut`.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until the first byte of the first request, the TLS handshake included.
    pub first: Duration,
    /// From a request's first byte to its answer: longer than the longest poll, and than the time between pings, since a
    /// ping is an answer too.
    pub request: Duration,
    /// Without a byte from the other side, between requests.
    pub silence: Duration,
    /// Until it takes a byte of ours.
    pub write: Duration,
}

pub const PATIENCE: Patience = Patience {
    first: Duration::from_secs(10),
    request: Duration::from_secs(30),
    silence: Duration::from_secs(60),
    write: Duration::from_secs(20),
};

/// Connections of each address, as [`network`] has them.
pub type Visitors = Arc<Mutex<std::collections::HashMap<IpAddr, usize>>>;

/// Counts one connection while it is there.
pub struct Visit {
    visitors: Visitors,
    network: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Visit {
    /// None where `most` of the address are here.
    pub fn of(address: IpAddr, most: usize, visitors: &Visitors, permit: OwnedSemaphorePermit) -> Option<Self> {
        let network = network(address);
        let mut counts = visitors.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Self { visitors: visitors.clone(), network, _permit: permit })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        take_one(&mut self.visitors.lock().unwrap_or_else(PoisonError::into_inner), &self.network);
    }
}

enum Stream {
    Plain(TcpStream),
    Handshake(Box<Accept<TcpStream>>),
    Tls(Box<TlsStream<TcpStream>>),
}

pub struct Socket {
    stream: Stream,
    /// A request has begun and nothing of its answer has been written.
    in_request: bool,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    write_timer: Option<Pin<Box<Sleep>>>,
    is_brief: bool,
    _visit: Visit,
}

impl Socket {
    pub fn new(tcp: TcpStream, tls: Option<&TlsAcceptor>, patience: Patience, visit: Visit, is_brief: bool) -> Self {
        let stream = match tls {
            Some(acceptor) => Stream::Handshake(Box::new(acceptor.accept(tcp))),
            None => Stream::Plain(tcp),
        };
        let timer = Box::pin(tokio::time::sleep(patience.first));
        Self { stream, in_request: false, patience, timer, write_timer: None, is_brief, _visit: visit }
    }

    /// Good for one request.
    pub fn is_brief(&self) -> bool {
        self.is_brief
    }

    fn wait_at_most(&mut self, limit: Duration) {
        self.timer.as_mut().reset(Instant::now() + limit);
    }

    /// Something of an answer, or a ping, has been taken.
    fn wrote(&mut self) {
        self.in_request = false;
        self.wait_at_most(self.patience.silence);
    }

    /// Shakes hands first, if that is still to be done: the handshake must not hold up other connections.
    fn poll_stream<R>(
        &mut self,
        cx: &mut Context<'_>,
        then: impl FnOnce(Pin<&mut (dyn Io + Unpin)>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if let Stream::Handshake(accept) = &mut self.stream {
            self.stream = Stream::Tls(Box::new(ready!(Pin::new(accept.as_mut()).poll(cx))?));
        }
        match &mut self.stream {
            Stream::Plain(tcp) => then(Pin::new(tcp), cx),
            Stream::Tls(tls) => then(Pin::new(tls.as_mut()), cx),
            Stream::Handshake(_) => Poll::Pending,
        }
    }

    /// The same for what writes.
    fn poll_out<R>(
        &mut self,
        cx: &mut Context<'_>,
        then: impl FnOnce(Pin<&mut (dyn Io + Unpin)>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if let Poll::Ready(result) = self.poll_stream(cx, then) {
            self.write_timer = None;
            return Poll::Ready(result);
        }
        let limit = self.patience.write;
        let timer = self.write_timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

trait Io: AsyncRead + AsyncWrite {}

impl Io for TcpStream {}

impl Io for TlsStream<TcpStream> {}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(result) = this.poll_stream(cx, |io, cx| io.poll_read(cx, buf)) {
            // Only the first byte after our answer begins a request: more bytes earn no more time.
            if !std::mem::replace(&mut this.in_request, true) {
                this.wait_at_most(this.patience.request);
            }
            // A request that trickles in must not outlive its time because there is always a byte to read.
            if result.is_ok() && this.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            return Poll::Ready(result);
        }
        this.timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = self.poll_out(cx, |io, cx| io.poll_write(cx, bytes));
        if matches!(result, Poll::Ready(Ok(_))) {
            self.wrote();
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(cx, |io, cx| io.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(cx, |io, cx| io.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.poll_out(cx, |io, cx| io.poll_write_vectored(cx, bytes));
        if matches!(result, Poll::Ready(Ok(_))) {
            self.wrote();
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(tcp) => tcp.is_write_vectored(),
            Stream::Handshake(_) | Stream::Tls(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerConfig;
    use crate::server::app::App;
    use crate::server::gate::Gate;
    use crate::server::http;
    use crate::server::listen::Listener;
    use crate::stats::snapshot::Snapshot;
    use crate::stats::{Counter, Counters};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    const NEVER: Duration = Duration::from_secs(3_600);
    const SOON: Duration = Duration::from_secs(20);
    const PATIENT: Patience = Patience { first: NEVER, request: NEVER, silence: NEVER, write: NEVER };
    const REQUEST: &[u8] = b"GET /status.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    /// Gives a connection to a server that is so patient and has so long an answer, and counts those it refuses.
    async fn connected(patience: Patience, length: usize, connections: usize) -> (Vec<TcpStream>, Counter) {
        let config = ServerConfig { max_connections_per_address: 2, ..ServerConfig::default() };
        let refused = Counter::default();
        let any = "127.0.0.1:0".parse().unwrap();
        let listener = Listener::bind(any, None, &config, refused.clone()).await.unwrap().with_patience(patience);
        let address = axum::serve::Listener::local_addr(&listener).unwrap();
        let figures = Arc::new(move || Snapshot { encoder: "x".repeat(length), ..Snapshot::default() });
        let app = App::new(Gate::new(None, 0, false), config, Counters::default(), figures);
        let router = axum::Router::new().fallback(http::handle).with_state(Arc::new(app));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut streams = Vec::new();
        for _ in 0..connections {
            streams.push(TcpStream::connect(address).await.unwrap());
        }
        (streams, refused)
    }

    /// Until the server ends it: what it has said.
    async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
        let mut said = Vec::new();
        let _ = timeout(SOON, stream.read_to_end(&mut said)).await.expect("the connection is still there");
        said
    }

    #[tokio::test]
    async fn who_says_nothing_is_let_go() {
        let (mut streams, _) = connected(Patience { first: Duration::from_millis(1), ..PATIENT }, 1, 1).await;
        assert!(read_to_end(&mut streams[0]).await.is_empty());
    }

    #[tokio::test]
    async fn a_request_that_trickles_in_earns_no_time_by_it() {
        let (mut streams, _) = connected(Patience { request: Duration::from_millis(100), ..PATIENT }, 1, 1).await;
        let trickle = async {
            let mut buffer = [0];
            loop {
                if streams[0].write_all(b"G").await.is_err() {
                    return;
                }
                // The pace of the trickle.
                match timeout(Duration::from_millis(5), streams[0].read(&mut buffer)).await {
                    Ok(Ok(0) | Err(_)) => return,
                    Ok(Ok(_)) => panic!("an answer to nothing"),
                    Err(_) => {}
                }
            }
        };
        timeout(SOON, trickle).await.expect("it trickles still");
    }

    #[tokio::test]
    async fn a_line_that_is_kept_after_an_answer_is_let_go_in_the_end() {
        let (mut streams, _) = connected(Patience { silence: Duration::from_millis(1), ..PATIENT }, 1, 1).await;
        streams[0].write_all(REQUEST).await.unwrap();
        let said = String::from_utf8(read_to_end(&mut streams[0]).await).unwrap();
        assert!(said.starts_with("HTTP/1.1 200") && said.ends_with('}'), "{said}");
    }

    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_let_go() {
        const LONG: usize = 64 << 20;
        let (mut streams, _) = connected(Patience { write: Duration::from_millis(1), ..PATIENT }, LONG, 1).await;
        streams[0].write_all(REQUEST).await.unwrap();
        // Readable means that the answer has begun; it is longer than what the system keeps for us.
        streams[0].readable().await.unwrap();
        let began = streams[0].peek(&mut [0]).await.unwrap();
        assert_eq!(began, 1);
        let (mut second, mut taken) = (vec![0; 1 << 16], 0);
        let rest = async {
            loop {
                // Slowly enough for the server to have to wait.
                let waited = timeout(Duration::from_millis(20), std::future::pending::<()>()).await;
                assert!(waited.is_err());
                match streams[0].read(&mut second).await {
                    Ok(0) | Err(_) => return taken,
                    Ok(bytes) => taken += bytes,
                }
            }
        };
        assert!(timeout(SOON, rest).await.expect("it sends still") < LONG);
    }

    #[tokio::test]
    async fn an_address_has_its_share_of_connections() {
        let (mut streams, refused) = connected(PATIENT, 1, 3).await;
        assert!(read_to_end(&mut streams[2]).await.is_empty());
        assert_eq!(refused.get(), 1);
        for stream in &mut streams[..2] {
            stream.write_all(REQUEST).await.unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
        }
    }
}

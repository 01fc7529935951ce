//! TURN over TCP and TLS. The crate speaks TURN over UDP only, so it is given an address that exists nowhere
//! ([`address`]), and what it sends there goes to the server over a stream (RFC 8656, section 3.1). The addresses in the
//! messages are the server's own, so nothing in them needs changing.
//!
//! An allocation lives as long as its stream, so a stream that is lost is not opened again: the crate is told that the
//! server cannot be reached, and the viewer's next connection opens another.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::sync::mpsc;

use super::framing::{self, Frame};
use super::inbox::Inbox;
use super::tls;
use crate::stats::Counter;
use crate::time::{self, Nanos};

/// Messages that may wait for the stream, and for how long: what is older is dropped, since it would come too late.
const QUEUE: usize = 1024;
const QUEUE_TIME: Duration = Duration::from_millis(200);
/// Messages that wait for the connection itself are the questions of the beginning.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For each of a host's addresses: one that is silent must not use up the others' time.
const ADDRESS_TIMEOUT: Duration = Duration::from_millis(1500);
/// What the system may keep for the stream: behind it waits the queue, which forgets.
const SEND_BUFFER: u32 = 128 << 10;
/// For the farewell, which frees the allocation.
const GOODBYE: Duration = Duration::from_secs(1);

/// Where to find a server, and how to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub ca_file: String,
}

/// The stream of one peer to one server; opened by the first message.
#[derive(Debug)]
pub struct Relay {
    server: Server,
    address: [SocketAddr; 2],
    state: Arc<Mutex<State>>,
    dropped: Counter,
}

#[derive(Debug)]
enum State {
    Idle,
    /// Streams are dear, so one local address has it, the first that asked.
    Open {
        local: SocketAddr,
        queue: mpsc::Sender<(Nanos, Bytes)>,
    },
    Lost,
}

/// The addresses that stand for relay `index`: reserved by RFC 1112 (class E) and RFC 6666 (discard-only). No packet of
/// ours ever goes there.
pub fn addresses(index: usize) -> [SocketAddr; 2] {
    let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
    let [high, low] = number.to_be_bytes();
    [
        SocketAddr::new(Ipv4Addr::new(240, 0, high, low).into(), 3478),
        SocketAddr::new(Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, number).into(), 3478),
    ]
}

/// Whether an address is one of those.
pub fn is_stand_in(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(address) => address.ip().octets()[..2] == [240, 0],
        SocketAddr::V6(address) => address.ip().segments()[..7] == [0x100, 0, 0, 0, 0, 0, 0],
    }
}

impl Relay {
    pub fn new(index: usize, server: Server, dropped: Counter) -> Self {
        Self { server, address: addresses(index), state: Arc::new(Mutex::new(State::Idle)), dropped }
    }

    pub fn addresses(&self) -> [SocketAddr; 2] {
        self.address
    }

    /// Whether it is one to this server, and not lost.
    pub fn leads_to(&self, server: &Server) -> bool {
        let lost = matches!(*self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Lost);
        self.server == *server && !lost
    }

    /// Takes a message the crate sends from `local`; what comes back goes to `inbox`. Within a tokio runtime. An error
    /// makes the crate give this server up for this address.
    pub fn send(&self, local: SocketAddr, to: SocketAddr, inbox: &Arc<Inbox>, datagram: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Idle) {
            let (queue, messages) = mpsc::channel(QUEUE);
            let (server, own, inbox) = (self.server.clone(), Arc::clone(&self.state), Arc::clone(inbox));
            let dropped = self.dropped.clone();
            tokio::spawn(async move {
                match run(&server, messages, |message| inbox.push(to, message), &dropped).await {
                    Ok(()) => tracing::debug!(host = server.host, port = server.port, "TURN stream closed"),
                    Err(error) => {
                        tracing::warn!(host = server.host, port = server.port, %error, "TURN server lost");
                    }
                }
                *own.lock().unwrap_or_else(PoisonError::into_inner) = State::Lost;
            });
            *state = State::Open { local, queue };
        }
        match &*state {
            State::Open { local: owner, queue } if *owner == local => {
                if queue.try_send((time::now(), Bytes::copy_from_slice(datagram))).is_err() {
                    self.dropped.add(1);
                }
                Ok(())
            }
            State::Open { .. } => Err(io::ErrorKind::AddrNotAvailable.into()),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // Ends the queue: the task says goodbye and follows.
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Lost;
    }
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("no connection within {CONNECT_TIMEOUT:?}")]
    Timeout,
    #[error("the server has closed the connection")]
    Closed,
    #[error("the server does not speak TURN")]
    Foreign,
}

/// Until `messages` ends, which is the peer's end, or the stream does.
async fn run(
    server: &Server,
    messages: mpsc::Receiver<(Nanos, Bytes)>,
    received: impl Fn(Bytes),
    dropped: &Counter,
) -> Result<(), RelayError> {
    let connecting = async {
        let stream = open(server).await?;
        if !server.tls {
            return Ok((stream, None));
        }
        let ca_file = server.ca_file.clone();
        let config =
            tokio::task::spawn_blocking(move || tls::configure(&ca_file)).await.map_err(io::Error::other)??;
        Ok::<_, RelayError>((stream, Some(config)))
    };
    let connected = async {
        let (stream, config) = connecting.await?;
        Ok::<_, RelayError>(match config {
            Some(config) => Either::Tls(Box::new(tls::connect(config, &server.host, stream).await?)),
            None => Either::Tcp(stream),
        })
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, connected).await.map_err(|_| RelayError::Timeout)?? {
        Either::Tcp(stream) => carry(stream, messages, received, dropped).await,
        Either::Tls(stream) => carry(*stream, messages, received, dropped).await,
    }
}

enum Either {
    Tcp(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// The first of the host's addresses that answers.
async fn open(server: &Server) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in lookup_host((server.host.as_str(), server.port)).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Ours to try, the system's to refuse.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        match tokio::time::timeout(ADDRESS_TIMEOUT, socket.connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

async fn carry<S: AsyncRead + AsyncWrite>(
    stream: S,
    messages: mpsc::Receiver<(Nanos, Bytes)>,
    received: impl Fn(Bytes),
    dropped: &Counter,
) -> Result<(), RelayError> {
    let (reading, writing) = tokio::io::split(stream);
    tokio::select! {
        ended = read(reading, received) => ended,
        ended = write(writing, messages, dropped) => ended,
    }
}

async fn read(mut stream: impl AsyncRead + Unpin, received: impl Fn(Bytes)) -> Result<(), RelayError> {
    let mut buffer = BytesMut::with_capacity(64 << 10);
    loop {
        match framing::first(&buffer) {
            Frame::Whole { message, taken } => {
                received(Bytes::copy_from_slice(&buffer[..message]));
                buffer.advance(taken);
            }
            Frame::Partial(missing) => {
                buffer.reserve(missing.max(16 << 10));
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Err(RelayError::Closed);
                }
            }
            Frame::Foreign => return Err(RelayError::Foreign),
        }
    }
}

async fn write(
    mut stream: impl AsyncWrite + Unpin,
    mut messages: mpsc::Receiver<(Nanos, Bytes)>,
    dropped: &Counter,
) -> Result<(), RelayError> {
    let mut waiting = Vec::with_capacity(64);
    let mut bytes = Vec::with_capacity(64 << 10);
    // Those of the beginning have waited for the connection.
    let mut begun = false;
    while messages.recv_many(&mut waiting, 64).await > 0 {
        bytes.clear();
        let now = time::now();
        for (at, message) in waiting.drain(..) {
            let late = begun && now.saturating_since(at) > QUEUE_TIME;
            if late || !framing::append(&mut bytes, &message) {
                dropped.add(1);
            }
        }
        begun = true;
        stream.write_all(&bytes).await?;
        stream.flush().await?;
    }
    // The peer is gone, and the server may not care.
    let _ = tokio::time::timeout(GOODBYE, stream.shutdown()).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::net::TcpListener;

    use super::*;

    fn channel_data(payload: &[u8]) -> Bytes {
        let mut bytes = vec![0x40, 0x01];
        bytes.extend((payload.len() as u16).to_be_bytes());
        bytes.extend(payload);
        bytes.into()
    }

    #[tokio::test]
    async fn messages_cross_a_stream_in_both_directions_and_late_ones_do_not() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let (queue, messages) = mpsc::channel(8);
        let (got, dropped) = (Mutex::new(Vec::new()), Counter::default());
        // So that the clock's zero is late.
        while time::now() < Nanos(0) + 2 * QUEUE_TIME {
            tokio::task::yield_now().await;
        }
        let server = async {
            queue.send((Nanos(0), channel_data(b"first"))).await.unwrap();
            let mut buffer = [0; 12];
            theirs.read_exact(&mut buffer).await.unwrap();
            assert_eq!(buffer[..9], channel_data(b"first")[..], "it has waited for the connection");
            // In two pieces.
            theirs.write_all(&[0x40, 2]).await.unwrap();
            theirs.write_all(&[0, 2, 8, 9, 0, 0]).await.unwrap();
            while got.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
            queue.send((Nanos(0), channel_data(b"late"))).await.unwrap();
            queue.send((time::now(), channel_data(b"last"))).await.unwrap();
            drop(queue);
            let mut rest = Vec::new();
            theirs.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, channel_data(b"last"));
        };
        let (carried, ()) =
            tokio::join!(carry(ours, messages, |message| got.lock().unwrap().push(message), &dropped), server);
        carried.unwrap();
        assert_eq!(*got.lock().unwrap(), [Bytes::from_static(&[0x40, 2, 0, 2, 8, 9])]);
        assert_eq!(dropped.get(), 1);
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_reached_or_speaks_something_else_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let web = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(&[0x80; 8]).await.unwrap();
            stream
        });
        let server = Server { host: "127.0.0.1".into(), port, tls: false, ca_file: String::new() };
        let relay = Relay::new(0, server, Counter::default());
        let inbox = Arc::new(Inbox::new(Counter::default()));
        let (local, other): (SocketAddr, SocketAddr) = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
        let to = relay.addresses()[0];
        relay.send(local, to, &inbox, &channel_data(b"hello")).unwrap();
        assert!(relay.send(other, to, &inbox, &channel_data(b"hello")).is_err(), "one stream for a peer");
        drop(web.await.unwrap());
        let given_up = async {
            while relay.send(local, to, &inbox, &channel_data(b"again")).is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), given_up).await.unwrap();
    }
}

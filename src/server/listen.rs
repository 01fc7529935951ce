//! The listening socket: a bounded number of connections, none of which may sit silent for long, and the link to print.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use super::ServerError;
use super::token::Token;
use crate::stats::Counter;

/// TCP connections at most: strangers must not use up the host's file descriptors.
pub const MAX_SOCKETS: usize = 1024;
/// A connection that says nothing for this long is closed. Above the longest poll and the time between pings.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(60);

pub struct Listener {
    tcp: TcpListener,
    permits: Arc<Semaphore>,
    refused: Counter,
}

impl Listener {
    pub async fn bind(address: SocketAddr, refused: Counter) -> Result<Self, ServerError> {
        let tcp = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServerError::PortBusy { port: address.port(), ip: address.ip() },
            _ => ServerError::Bind { address, source },
        })?;
        Ok(Self { tcp, permits: Arc::new(Semaphore::new(MAX_SOCKETS)), refused })
    }
}

impl axum::serve::Listener for Listener {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            // The library's own accept also knows which errors to wait out.
            let (stream, peer) = axum::serve::Listener::accept(&mut self.tcp).await;
            let Ok(permit) = self.permits.clone().try_acquire_owned() else {
                self.refused.add(1);
                continue;
            };
            // A small message must not wait for the acknowledgement of the one before (Nagle's algorithm).
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
            let silence = Box::pin(tokio::time::sleep(SILENCE_LIMIT));
            return (Socket { stream, silence, _permit: permit }, peer);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// A connection that fails with `TimedOut` when nothing arrives for [`SILENCE_LIMIT`].
pub struct Socket {
    stream: TcpStream,
    silence: Pin<Box<Sleep>>,
    _permit: OwnedSemaphorePermit,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(result) => {
                let deadline = Instant::now() + SILENCE_LIMIT;
                self.silence.as_mut().reset(deadline);
                Poll::Ready(result)
            }
            Poll::Pending => self.silence.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// What a viewer opens. A wildcard address is no destination, so it becomes an address of this machine.
pub fn link(address: SocketAddr, token: Option<&Token>) -> String {
    let ip = if address.ip().is_unspecified() { own_address(address.is_ipv6()) } else { address.ip() };
    let address = SocketAddr::new(ip, address.port());
    match token {
        Some(token) => format!("http://{address}/?token={}", token.encoded()),
        None => format!("http://{address}/"),
    }
}

/// The address that the system would send from. Connecting a datagram socket looks up the route and sends nothing; the
/// destinations are set apart for documentation (RFC 5737, RFC 3849).
fn own_address(or_ipv6: bool) -> IpAddr {
    let from = |own: SocketAddr, to: SocketAddr| -> io::Result<IpAddr> {
        let socket = UdpSocket::bind(own)?;
        socket.connect(to)?;
        Ok(socket.local_addr()?.ip())
    };
    let v4 = from((Ipv4Addr::UNSPECIFIED, 0).into(), (Ipv4Addr::new(192, 0, 2, 1), 9).into());
    let usable = |ip: &IpAddr| !ip.is_unspecified();
    if let Some(ip) = v4.ok().filter(usable) {
        return ip;
    }
    let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let v6 = || from((Ipv6Addr::UNSPECIFIED, 0).into(), (documentation, 9).into()).ok().filter(usable);
    or_ipv6.then(v6).flatten().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_one_that_a_browser_can_open() {
        let token = Token::new("a b");
        assert_eq!(link(([127, 0, 0, 1], 80).into(), None), "http://127.0.0.1:80/");
        assert_eq!(link(([192, 0, 2, 7], 8080).into(), Some(&token)), "http://192.0.2.7:8080/?token=a%20b");
        assert_eq!(link((Ipv6Addr::LOCALHOST, 80).into(), None), "http://[::1]:80/");
    }

    #[test]
    fn a_wildcard_address_never_reaches_the_link() {
        for wildcard in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
            let link = link((wildcard, 8080).into(), None);
            assert!(!link.contains("0.0.0.0") && !link.contains("[::]"), "{link}");
        }
    }
}

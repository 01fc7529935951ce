//! The listening socket: a bounded number of connections, of each address too, and the link to print.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::ServerError;
use super::socket::{PATIENCE, Patience, Socket, Visit, Visitors};
use super::token::Token;
use crate::config::ServerConfig;
use crate::stats::Counter;

/// TCP connections at most, whatever the number of sessions: strangers must not use up the host's file descriptors.
const MIN_SOCKETS: usize = 1024;
/// Connections that stay open between two requests: an idle one holds 20 KB, and a page that polls needs none.
const KEPT: usize = 128;

pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    sockets: usize,
    permits: Arc<Semaphore>,
    visitors: Visitors,
    per_address: usize,
    patience: Patience,
    refused: Counter,
}

impl Listener {
    pub async fn bind(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        config: &ServerConfig,
        refused: Counter,
    ) -> Result<Self, ServerError> {
        let tcp = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServerError::PortBusy { port: address.port(), ip: address.ip() },
            _ => ServerError::Bind { address, source },
        })?;
        // A page has several connections while it loads.
        let sockets = (2 * config.max_sessions as usize).max(MIN_SOCKETS);
        Ok(Self {
            tcp,
            tls,
            sockets,
            permits: Arc::new(Semaphore::new(sockets)),
            visitors: Visitors::default(),
            per_address: config.max_connections_per_address as usize,
            patience: PATIENCE,
            refused,
        })
    }

    #[cfg(test)]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            // The library's own accept also knows which errors to wait out.
            let (stream, peer) = axum::serve::Listener::accept(&mut self.tcp).await;
            let permit = self.permits.clone().try_acquire_owned().ok();
            let visit = permit.and_then(|permit| Visit::of(peer.ip(), self.per_address, &self.visitors, permit));
            let Some(visit) = visit else {
                self.refused.add(1);
                continue;
            };
            // A small message must not wait for the acknowledgement of the one before (Nagle's algorithm).
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
            // Another TLS handshake would cost more than the memory.
            let is_brief = self.tls.is_none() && self.sockets - self.permits.available_permits() > KEPT;
            return (Socket::new(stream, self.tls.as_ref(), self.patience, visit, is_brief), peer);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct From {
    pub address: IpAddr,
    /// Its connection ends with the answer.
    pub is_brief: bool,
}

impl Connected<IncomingStream<'_, Listener>> for From {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self { address: stream.remote_addr().ip(), is_brief: stream.io().is_brief() }
    }
}

/// What a viewer opens. A wildcard address is no destination, so it becomes an address of this machine.
pub fn link(address: SocketAddr, token: Option<&Token>, secure: bool) -> String {
    let ip = if address.ip().is_unspecified() { own_address(address.is_ipv6()) } else { address.ip() };
    let address = SocketAddr::new(ip, address.port());
    let scheme = if secure { "https" } else { "http" };
    match token {
        Some(token) => format!("{scheme}://{address}/?token={}", token.encoded()),
        None => format!("{scheme}://{address}/"),
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
        assert_eq!(link(([127, 0, 0, 1], 80).into(), None, false), "http://127.0.0.1:80/");
        assert_eq!(link(([192, 0, 2, 7], 8080).into(), Some(&token), true), "https://192.0.2.7:8080/?token=a%20b");
        assert_eq!(link((Ipv6Addr::LOCALHOST, 80).into(), None, false), "http://[::1]:80/");
    }

    #[test]
    fn a_wildcard_address_never_reaches_the_link() {
        for wildcard in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
            let link = link((wildcard, 8080).into(), None, false);
            assert!(!link.contains("0.0.0.0") && !link.contains("[::]"), "{link}");
        }
    }
}

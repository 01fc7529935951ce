//! How packets leave and come: one port for all viewers or a port each, TURN servers behind streams, and what others are
//! told of our addresses.
//!
//! ```text
//!  crate's driver ── Runtime (runtime) ──► socket ──┬──► its own socket ──────────► network, TURN over UDP
//!                                           ▲       ├──► seat ──► udp_port (one) ─► network
//!                                         inbox     └──► relay ──► TCP, TLS ──────► TURN server
//!                                           └── demux ◄── udp_port · relay
//! ```
//!
//! Pure: `stun` `inquiry` (which servers fail) `demux` (whose a datagram is) `follow` (a viewer that moves) `framing` (TURN on a
//! stream) `hello` (the SRTP cipher) `train` (datagrams that leave in one call) `candidates` (our addresses, as others see
//! them). `servers`: which are asked, and by which way. The crate binds a socket for each address in any case; with a shared port it is a
//! placeholder, and the candidates that are told bear the shared port in its place.

mod candidates;
mod demux;
mod follow;
mod framing;
mod hello;
mod inbox;
mod inquiry;
mod pulse;
mod range;
mod relay;
mod relays;
mod runtime;
mod servers;
mod socket;
mod stun;
mod tcp_port;
mod tls;
mod train;
mod udp_port;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use webrtc::runtime::{AsyncTcpListener, AsyncUdpSocket, Runtime, TokioRuntime};

use super::bundle::Telling;
use super::certificate::{Certificate, CertificateError, Kept};
use super::ice;
use super::settings::CandidateError;
use crate::config::{ExternalAddress, PeerConfig, SrtpCipher};
use crate::stats::Counter;
use candidates::Rewriting;
use inbox::Inbox;
use inquiry::Inquiry;
use pulse::Pulse;
use relays::Relays;
use socket::Socket;
use tcp_port::{TcpPort, TcpSeat};
use udp_port::{Seat, UdpPort};

/// Why the network cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("peer.udp_port: {address}/udp cannot be opened: {error}")]
    UdpPort { address: SocketAddr, error: io::Error },
    #[error("peer.ice_tcp_port: {address}/tcp cannot be opened: {error}")]
    TcpPort { address: SocketAddr, error: io::Error },
    #[error(transparent)]
    Range(io::Error),
    #[error("peer.certificate_file = {0}")]
    Certificate(#[from] CertificateError),
}

/// What one streamer's peers share. Clones are the same. The default is a free port for each connection.
#[derive(Clone, Debug, Default)]
pub struct Network(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    udp_port: u16,
    udp_port_range: Option<[u16; 2]>,
    tcp_port: u16,
    external: Vec<ExternalAddress>,
    /// None: each connection has its own.
    certificate: Option<Kept>,
    srtp: SrtpCipher,
    ports: Mutex<Ports>,
    /// Datagrams and connections that are nobody's.
    unknown: Counter,
    /// Datagrams a peer, or a TURN server's stream, was too slow for.
    dropped: Counter,
}

#[derive(Debug, Default)]
struct Ports {
    udp: HashMap<IpAddr, Arc<UdpPort>>,
    tcp: HashMap<IpAddr, Arc<TcpPort>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Network {
    /// `unknown` counts datagrams on shared ports that are nobody's, `dropped` those that a peer or a TURN server's
    /// stream was too slow for.
    pub fn new(config: &PeerConfig, unknown: Counter, dropped: Counter) -> Self {
        Self(Arc::new(Shared {
            udp_port: config.udp_port,
            udp_port_range: config.udp_port_range,
            tcp_port: config.ice_tcp_port,
            external: config.external_addresses.iter().filter_map(|text| ExternalAddress::parse(text)).collect(),
            certificate: (!config.certificate_file.is_empty())
                .then(|| Kept::new(&config.certificate_file, Duration::from_secs(86_400) * config.certificate_days)),
            srtp: config.srtp,
            ports: Mutex::default(),
            unknown,
            dropped,
        }))
    }

    /// Opens the shared ports on this machine's addresses, and the certificate's file, where that is not done yet. Within a
    /// tokio runtime.
    pub fn open(&self, bind_addresses: &[IpAddr]) -> Result<(), NetworkError> {
        self.certificate()?;
        self.open_at(&ice::bind_addresses(bind_addresses))
    }

    fn open_at(&self, addresses: &[SocketAddr]) -> Result<(), NetworkError> {
        let mut ports = lock(&self.0.ports);
        // An interface that has just gone cannot be bound, and nobody misses it; a port that is taken is missed.
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::AddrNotAvailable && addresses.len() > 1;
        for ip in addresses.iter().map(SocketAddr::ip) {
            if self.0.udp_port != 0 && !ports.udp.contains_key(&ip) {
                let address = SocketAddr::new(ip, self.0.udp_port);
                match UdpPort::bind(address, self.0.unknown.clone()) {
                    Ok(port) => drop(ports.udp.insert(ip, port)),
                    Err(error) if gone(&error) => tracing::debug!(%address, %error, "not bound"),
                    Err(error) => return Err(NetworkError::UdpPort { address, error }),
                }
            }
            if self.0.tcp_port != 0 && !ports.tcp.contains_key(&ip) {
                let address = SocketAddr::new(ip, self.0.tcp_port);
                match TcpPort::bind(address, self.0.unknown.clone()) {
                    Ok(port) => drop(ports.tcp.insert(ip, port)),
                    Err(error) if gone(&error) => tracing::debug!(%address, %error, "not bound"),
                    Err(error) => return Err(NetworkError::TcpPort { address, error }),
                }
            }
        }
        Ok(())
    }

    /// What all connections are known by; None: each has its own.
    pub(super) fn certificate(&self) -> Result<Option<Arc<Certificate>>, CertificateError> {
        self.0.certificate.as_ref().map(|kept| kept.get(SystemTime::now())).transpose()
    }

    pub(super) fn srtp(&self) -> SrtpCipher {
        self.0.srtp
    }

    /// The way of one peer, with what the crate is to bind. Which servers it is to ask comes by
    /// [`adopt`](PeerNetwork::adopt).
    pub(super) fn join(&self, bind_addresses: &[IpAddr]) -> Result<Way, NetworkError> {
        let mut udp_addresses = ice::bind_addresses(bind_addresses);
        self.open_at(&udp_addresses)?;
        let tcp_addresses = if self.0.tcp_port == 0 { Vec::new() } else { udp_addresses.clone() };
        let reserved = match self.0.udp_port_range {
            Some(range) => {
                let ips: Vec<IpAddr> = udp_addresses.iter().map(SocketAddr::ip).collect();
                let reserved = range::reserve(&ips, range).map_err(NetworkError::Range)?;
                udp_addresses = reserved.addresses().to_vec();
                reserved
            }
            None => range::Reserved::default(),
        };
        let network = Arc::new(PeerNetwork {
            shared: Arc::clone(&self.0),
            relays: Arc::default(),
            relay_only: Arc::default(),
            telling: Telling::default(),
            seats: Mutex::default(),
            sockets: Arc::default(),
            inquiry: Arc::default(),
            _reserved: reserved,
        });
        Ok(Way { network, udp_addresses, tcp_addresses })
    }
}

/// What a peer's connection is made with.
pub(super) struct Way {
    pub network: Arc<PeerNetwork>,
    pub udp_addresses: Vec<SocketAddr>,
    pub tcp_addresses: Vec<SocketAddr>,
}

/// One peer's part of the network.
#[derive(Debug)]
pub(super) struct PeerNetwork {
    shared: Arc<Shared>,
    relays: Arc<Relays>,
    /// Nothing may be sent but to TURN servers, and nothing told but their addresses.
    relay_only: Arc<AtomicBool>,
    /// How descriptions are told.
    pub telling: Telling,
    seats: Mutex<Seats>,
    sockets: Arc<socket::Shared>,
    /// What servers answer.
    inquiry: Arc<Mutex<Inquiry>>,
    _reserved: range::Reserved,
}

#[derive(Debug, Default)]
struct Seats {
    udp: Vec<(SocketAddr, Arc<Seat>)>,
    tcp: Vec<(SocketAddr, Arc<TcpSeat>, u16)>,
}

impl PeerNetwork {
    /// A local description, as the browser should see it; its checks are known from now on.
    pub fn describe(&self, sdp: &str) -> String {
        let seats = lock(&self.seats);
        for ufrag in sdp.lines().filter_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim_end) {
            seats.udp.iter().for_each(|(_, seat)| seat.name(ufrag));
            seats.tcp.iter().for_each(|(_, seat, _)| seat.name(ufrag));
        }
        self.telling.tell(&self.rewriting(&seats).description(sdp)).into_owned()
    }

    /// One of our candidates, as the browser should see it.
    pub fn candidate(&self, text: &str) -> Vec<String> {
        self.rewriting(&lock(&self.seats)).candidate(text)
    }

    /// Signs of life of the viewer.
    pub fn pulse(&self) -> &Pulse {
        &self.sockets.pulse
    }

    /// Where its packets come from, if that is not where the crate believes.
    pub fn moved_to(&self) -> Option<SocketAddr> {
        self.sockets.moved_to()
    }

    /// Whether the viewer's way was another one just now: it may still send that way.
    pub fn has_left_a_way(&self) -> bool {
        self.sockets.has_left_a_way()
    }

    fn resolved(&self, name: &str, found: &io::Result<Vec<SocketAddr>>) {
        lock(&self.inquiry).resolved(name, found.as_deref().map_err(ToString::to_string));
    }

    /// Gathering has ended: the servers that gave no candidate.
    pub fn take_errors(&self) -> Vec<CandidateError> {
        lock(&self.inquiry).take_errors()
    }

    /// Leaves the shared ports; the sockets do so with the connection's driver.
    pub fn close(&self) {
        *lock(&self.seats) = Seats::default();
    }

    fn rewriting(&self, seats: &Seats) -> Rewriting {
        Rewriting {
            udp: seats.udp.iter().map(|(bound, seat)| (*bound, seat.local_addr().port())).collect(),
            tcp: seats.tcp.iter().map(|(bound, _, port)| (*bound, *port)).collect(),
            external: self.shared.external.clone(),
            relay_only: self.relay_only.load(Ordering::Relaxed),
        }
    }

    fn udp_socket(&self, local: SocketAddr, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let inbox = Arc::new(Inbox::new(self.shared.dropped.clone()));
        let seat = lock(&self.shared.ports).udp.get(&local.ip()).map(|port| Arc::new(port.join(Arc::clone(&inbox))));
        let own = if seat.is_none() { Some(TokioRuntime.wrap_udp_socket(socket)?) } else { None };
        if let Some(seat) = &seat {
            lock(&self.seats).udp.push((local, Arc::clone(seat)));
        }
        let socket = Arc::new(Socket {
            local,
            own,
            seat,
            relays: Arc::clone(&self.relays),
            relay_only: Arc::clone(&self.relay_only),
            apart: OnceLock::new(),
            inbox,
            inquiry: Arc::clone(&self.inquiry),
            prefer_gcm: (self.shared.srtp == SrtpCipher::Auto).then(Mutex::default),
            turn_servers: Mutex::default(),
            has_turn_servers: AtomicBool::new(false),
            held: Mutex::default(),
            shared: Arc::clone(&self.sockets),
            dropped: self.shared.dropped.clone(),
        });
        self.sockets.add(&socket);
        Ok(socket)
    }

    /// Sends what the sockets hold, and tells which of them the system had no room for.
    fn send_held(&self) -> Vec<Arc<Socket>> {
        let mut cx = Context::from_waker(Waker::noop());
        let sockets = self.sockets.sockets();
        sockets.iter().filter_map(Weak::upgrade).filter(|socket| socket.send_held(&mut cx).is_pending()).collect()
    }

    fn tcp_listener(&self, local: SocketAddr) -> io::Result<Arc<dyn AsyncTcpListener>> {
        let port = lock(&self.shared.ports).tcp.get(&local.ip()).cloned().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let seat = Arc::new(port.join(local));
        lock(&self.seats).tcp.push((local, Arc::clone(&seat), port.local_addr().port()));
        Ok(seat)
    }
}

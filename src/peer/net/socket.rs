//! What the crate takes for a UDP socket: the one it bound, or a seat at the shared port, and the streams to TURN servers.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::follow::{Follow, Pair, is_media, is_relayed};
use super::hello::Preference;
use super::inbox::Inbox;
use super::inquiry::Inquiry;
use super::pulse::Pulse;
use super::relay::is_stand_in;
use super::relays::Relays;
use super::stun::{self, ALLOCATE, BINDING};
use super::train::Train;
use super::udp_port::Seat;
use crate::stats::Counter;
use crate::time;

/// What a handshake's datagrams begin with (RFC 6347, section 4.1).
const DTLS_HANDSHAKE: u8 = 22;
/// What STUN's begin with is less (RFC 7983, section 7).
const STUN_END: u8 = 4;

/// One local address of one peer.
#[derive(Debug)]
pub struct Socket {
    /// As the crate bound it, and believes it is.
    pub local: SocketAddr,
    /// The crate's own; None: let go, since the shared port is used.
    pub own: Option<Arc<dyn AsyncUdpSocket>>,
    /// In place of the crate's own.
    pub seat: Option<Arc<Seat>>,
    pub relays: Arc<Relays>,
    /// Only what goes to a TURN server leaves.
    pub relay_only: Arc<AtomicBool>,
    /// For TURN servers over UDP beside a seat: an allocation is known by both ends' addresses, so each peer asks from a port
    /// of its own. Opened by the first question.
    pub apart: OnceLock<UdpSocket>,
    pub inbox: Arc<Inbox>,
    pub inquiry: Arc<Mutex<Inquiry>>,
    /// Put AES-GCM before the other ciphers that a browser offers.
    pub prefer_gcm: Option<Mutex<Preference>>,
    /// TURN servers over UDP.
    pub turn_servers: Mutex<Vec<SocketAddr>>,
    pub has_turn_servers: AtomicBool,
    /// Media that waits for more of it, until the driver has written all there is ([`send_held`](Self::send_held)).
    pub held: Mutex<Train>,
    pub shared: Arc<Shared>,
    /// Datagrams that the system refused after they had been taken.
    pub dropped: Counter,
}

/// What the sockets of one peer share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Where the viewer is, if it has moved.
    follow: Mutex<Follow>,
    pub pulse: Pulse,
    /// The driver's, for what they hold until it has written all there is.
    sockets: Mutex<Vec<Weak<Socket>>>,
}

impl Shared {
    pub fn add(&self, socket: &Arc<Socket>) {
        let mut sockets = self.sockets();
        sockets.retain(|socket| socket.strong_count() > 0);
        sockets.push(Arc::downgrade(socket));
    }

    pub fn sockets(&self) -> MutexGuard<'_, Vec<Weak<Socket>>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, local: SocketAddr) -> Option<Arc<Socket>> {
        self.sockets().iter().filter_map(Weak::upgrade).find(|socket| socket.local == local)
    }

    fn follow(&self) -> MutexGuard<'_, Follow> {
        self.follow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which way a datagram is to go.
    fn leaves(&self, pair: Pair, datagram: &[u8]) -> Pair {
        if is_relayed(datagram) {
            self.goes_to_server(datagram);
            return pair;
        }
        let now = time::now();
        let mut follow = self.follow();
        let real = follow.outgoing(now, pair, datagram);
        if is_media(datagram) {
            self.pulse.sent(now);
        }
        self.tell_moved(&mut follow);
        real
    }

    /// Whom the crate should take a datagram for.
    fn comes(&self, pair: Pair, datagram: &[u8]) -> SocketAddr {
        let now = time::now();
        let mut follow = self.follow();
        let arrival = follow.incoming(now, pair, datagram);
        if arrival.on_path {
            self.pulse.heard(now);
        }
        self.tell_moved(&mut follow);
        arrival.from
    }

    /// A datagram goes to a TURN server. What that passes on has a way of its own, which is not watched.
    fn goes_to_server(&self, datagram: &[u8]) {
        if is_relayed(datagram) {
            *self.follow() = Follow::default();
            self.pulse.heard(time::now());
        }
    }

    fn tell_moved(&self, follow: &mut Follow) {
        if follow.take_moved() {
            tracing::debug!("the viewer has moved");
            self.pulse.moved();
        }
    }

    /// Whether the viewer's way was another one just now.
    pub fn has_left_a_way(&self) -> bool {
        self.follow().earlier(time::now()).is_some()
    }

    /// Where the viewer's packets come from, if that is not where the crate believes.
    pub fn moved_to(&self) -> Option<SocketAddr> {
        let follow = self.follow();
        follow.path().filter(|_| follow.is_translating()).map(|pair| pair.remote)
    }
}

impl Socket {
    /// Whether a datagram is between us and a TURN server.
    fn is_turn(&self, to: SocketAddr, datagram: &[u8]) -> bool {
        // STUN and ChannelData (RFC 7983); relayed media is within them.
        if datagram.first().is_none_or(|byte| *byte >= 80) {
            return false;
        }
        let method = stun::read(datagram).map(|message| message.method);
        if method != Some(ALLOCATE) && !self.has_turn_servers.load(Ordering::Relaxed) {
            return false;
        }
        let mut servers = self.turn_servers.lock().unwrap_or_else(PoisonError::into_inner);
        if method == Some(ALLOCATE) && !servers.contains(&to) {
            servers.push(to);
            self.has_turn_servers.store(true, Ordering::Relaxed);
        }
        // A STUN server may be behind the same address.
        method != Some(BINDING) && servers.contains(&to)
    }

    /// This may be what servers are asked or answer.
    fn inquire(&self, datagram: &[u8]) -> Option<MutexGuard<'_, Inquiry>> {
        let may_be = datagram.first().is_some_and(|byte| *byte < STUN_END);
        may_be.then(|| self.inquiry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends to a TURN server from a port of this peer's own.
    fn send_apart(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let apart = match self.apart.get() {
            Some(apart) => apart,
            None => {
                let socket = std::net::UdpSocket::bind((self.local.ip(), 0))?;
                socket.set_nonblocking(true)?;
                let opened = UdpSocket::from_std(socket)?;
                let apart = self.apart.get_or_init(|| opened);
                // Whoever waits for datagrams does not wait for its yet.
                self.inbox.wake();
                apart
            }
        };
        apart.poll_send_to(cx, transmit.contents, transmit.destination)
    }

    /// What one call to the system takes.
    fn segments(&self) -> usize {
        match (&self.seat, &self.own) {
            (Some(seat), _) => seat.max_gso_segments(),
            (None, Some(own)) => own.max_gso_segments(),
            (None, None) => 1,
        }
    }

    /// Sends the media that waits. Pending while the system has no room for it.
    pub fn send_held(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.send_train(cx, &mut self.held())
    }

    fn held(&self) -> MutexGuard<'_, Train> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_train(&self, cx: &mut Context<'_>, train: &mut Train) -> Poll<()> {
        let Some(all) = train.transmit() else { return Poll::Ready(()) };
        if let Err(error) = ready!(self.send_direct(cx, &all)) {
            tracing::debug!(to = %all.destination, datagrams = train.len(), %error, "sending");
            // An interface may not take trains; the next ones then come singly (`segments`).
            let alone = train.singly().filter(|_| train.len() > 1);
            let sent = alone.filter(|one| matches!(self.send_direct(cx, one), Poll::Ready(Ok(_)))).count();
            self.dropped.add((train.len() - sent) as u64);
        }
        train.clear();
        Poll::Ready(())
    }

    /// Sends it, or keeps it for company.
    fn carry(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let segments = self.segments();
        if segments == 1 || !Train::carries(transmit) {
            return self.send_direct(cx, transmit);
        }
        let mut held = self.held();
        if !held.push(transmit, segments) {
            ready!(self.send_train(cx, &mut held));
            held.push(transmit, segments);
        }
        Poll::Ready(Ok(transmit.contents.len()))
    }

    fn send_direct(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        match (&self.seat, &self.own) {
            (Some(seat), _) => seat.poll_send(cx, transmit),
            (None, Some(own)) => own.poll_send(cx, transmit),
            (None, None) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncUdpSocket for Socket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        if let Some(mut inquiry) = self.inquire(transmit.contents) {
            inquiry.asked(self.local, transmit.destination, transmit.contents);
        }
        if is_stand_in(transmit.destination) {
            // One that a new configuration has ended is asked no more.
            let relay = self.relays.at(transmit.destination).ok_or(io::ErrorKind::NotConnected)?;
            self.shared.goes_to_server(transmit.contents);
            let sent = relay.send(self.local, transmit.destination, &self.inbox, transmit.contents);
            return Poll::Ready(sent.map(|()| transmit.contents.len()));
        }
        let turn = self.is_turn(transmit.destination, transmit.contents);
        if turn {
            self.shared.goes_to_server(transmit.contents);
            if self.seat.is_some() {
                return self.send_apart(cx, transmit);
            }
        }
        if !turn && self.relay_only.load(Ordering::Relaxed) {
            // As if a firewall had taken it: the path it tries is not one.
            return Poll::Ready(Ok(transmit.contents.len()));
        }
        let pair = Pair { local: self.local, remote: transmit.destination };
        let real = self.shared.leaves(pair, transmit.contents);
        let Transmit { ecn, contents, segment_size, src_ip, .. } = *transmit;
        let transmit = &Transmit { destination: real.remote, ecn, contents, segment_size, src_ip };
        if real.local != self.local
            && let Some(other) = self.shared.at(real.local)
        {
            return other.carry(cx, transmit);
        }
        self.carry(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(first)) = (bufs.first_mut(), meta.first_mut()) else { return Poll::Ready(Ok(0)) };
        let count = if let Poll::Ready((from, datagram)) = self.inbox.poll_pop(cx) {
            let length = datagram.len().min(buffer.len());
            buffer[..length].copy_from_slice(&datagram[..length]);
            *first = RecvMeta::default();
            (first.addr, first.len, first.stride) = (from, length, length.max(1));
            1
        } else if let Some(own) = &self.own {
            ready!(own.poll_recv(cx, bufs, meta))?
        } else if let Some(apart) = self.apart.get() {
            let mut read = ReadBuf::new(buffer);
            let from = ready!(apart.poll_recv_from(cx, &mut read))?;
            let length = read.filled().len();
            *first = RecvMeta::default();
            (first.addr, first.len, first.stride) = (from, length, length.max(1));
            1
        } else {
            return Poll::Pending;
        };
        for (buffer, meta) in bufs.iter().zip(meta.iter_mut()).take(count) {
            let length = meta.len.min(buffer.len());
            // What the system has joined is of one kind and one sender.
            let from = meta.addr;
            for datagram in buffer[..length].chunks(meta.stride.max(1)) {
                meta.addr = self.shared.comes(Pair { local: self.local, remote: from }, datagram);
            }
        }
        for (buffer, meta) in bufs.iter().zip(meta.iter()).take(count) {
            let datagram = &buffer[..meta.len.min(buffer.len())];
            if let Some(mut inquiry) = self.inquire(datagram) {
                inquiry.heard(meta.addr, datagram);
            }
        }
        if let Some(preference) = &self.prefer_gcm {
            for (buffer, meta) in bufs.iter_mut().zip(meta.iter()).take(count) {
                let length = meta.len.min(buffer.len());
                for datagram in buffer[..length].chunks_mut(meta.stride.max(1)) {
                    if datagram.first() == Some(&DTLS_HANDSHAKE) {
                        preference.lock().unwrap_or_else(PoisonError::into_inner).apply(datagram);
                    }
                }
            }
        }
        Poll::Ready(Ok(count))
    }

    /// One, for the crate: joining is done here.
    fn max_gso_segments(&self) -> usize {
        1
    }

    fn max_gro_segments(&self) -> usize {
        self.own.as_ref().map_or(1, |own| own.max_gro_segments())
    }
}

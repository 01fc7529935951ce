//! What the crate takes for a UDP socket: the one it bound, or a seat at the shared port, and the streams to TURN servers.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::hello::Preference;
use super::inbox::Inbox;
use super::inquiry::Inquiry;
use super::relay::Relay;
use super::stun::{self, ALLOCATE, BINDING};
use super::train::Train;
use super::udp_port::Seat;
use crate::stats::Counter;

/// What a handshake's datagrams begin with (RFC 6347, section 4.1).
const DTLS_HANDSHAKE: u8 = 22;
/// What STUN's begin with is less (RFC 7983, section 7).
const STUN_END: u8 = 4;

/// One local address of one peer.
#[derive(Debug)]
pub struct Socket {
    /// As the crate bound it, and believes it is.
    pub local: SocketAddr,
    /// The crate's own; None: let go, since nothing but the shared port is used.
    pub own: Option<Arc<dyn AsyncUdpSocket>>,
    /// In place of the crate's own.
    pub seat: Option<Arc<Seat>>,
    pub relays: Arc<[Relay]>,
    pub inbox: Arc<Inbox>,
    /// Where there are servers.
    pub inquiry: Option<Arc<Mutex<Inquiry>>>,
    /// Put AES-GCM before the other ciphers that a browser offers.
    pub prefer_gcm: Option<Mutex<Preference>>,
    /// TURN servers over UDP. An allocation is known by both ends' addresses, so each peer asks from a socket of its own.
    pub turn_servers: Mutex<Vec<SocketAddr>>,
    pub has_turn_servers: AtomicBool,
    /// Media that waits for more of it, until the driver has written all there is ([`send_held`](Self::send_held)).
    pub held: Mutex<Train>,
    /// Datagrams that the system refused after they had been taken.
    pub dropped: Counter,
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

    /// Where servers are asked, and this may be what they are asked or answer.
    fn inquire(&self, datagram: &[u8]) -> Option<MutexGuard<'_, Inquiry>> {
        let inquiry = self.inquiry.as_ref().filter(|_| datagram.first().is_some_and(|byte| *byte < STUN_END))?;
        Some(inquiry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn relay(&self, to: SocketAddr) -> Option<&Relay> {
        self.relays.iter().find(|relay| relay.addresses().contains(&to))
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
        if let Some(relay) = self.relay(transmit.destination) {
            let sent = relay.send(self.local, transmit.destination, &self.inbox, transmit.contents);
            return Poll::Ready(sent.map(|()| transmit.contents.len()));
        }
        if let (Some(seat), Some(own)) = (&self.seat, &self.own)
            && self.is_turn(transmit.destination, transmit.contents)
        {
            debug_assert_eq!(seat.local_addr().ip(), self.local.ip());
            return own.poll_send(cx, transmit);
        }
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
        } else {
            return Poll::Pending;
        };
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

//! The one socket that all viewers share on an address: who reads it, and who may write.

use std::collections::HashMap;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use webrtc::runtime::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use super::demux::{Demux, PeerId};
use super::inbox::Inbox;
use crate::stats::Counter;

/// Asked of the system, which may give less: all viewers' keyframes at once, and what comes in while a thread is away.
const SEND_BUFFER: usize = 4 << 20;
const RECEIVE_BUFFER: usize = 2 << 20;
/// Receptions in one system call. Each may be a train of datagrams that the system has joined (GRO).
const BATCH: usize = 4;
const BATCH_BUFFER: usize = 64 << 10;
/// After an error that says nothing about a single peer.
const ERROR_PAUSE: Duration = Duration::from_millis(20);

/// Freed with its last user.
#[derive(Debug)]
pub struct UdpPort {
    shared: Arc<Shared>,
    reader: tokio::task::JoinHandle<()>,
}

struct Shared {
    io: UdpSocket,
    offload: UdpSocketState,
    local: SocketAddr,
    table: Mutex<Table>,
    unknown: Counter,
}

#[derive(Default)]
struct Table {
    demux: Demux,
    inboxes: HashMap<PeerId, Arc<Inbox>>,
}

impl UdpPort {
    /// Within a tokio runtime. `unknown` counts the datagrams that are nobody's.
    pub fn bind(address: SocketAddr, unknown: Counter) -> io::Result<Arc<Self>> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let io = UdpSocket::from_std(socket)?;
        let offload = UdpSocketState::new(UdpSockRef::from(&io))?;
        // The system's own sizes do too, with fewer viewers.
        let _ = offload.set_send_buffer_size(UdpSockRef::from(&io), SEND_BUFFER);
        let _ = offload.set_recv_buffer_size(UdpSockRef::from(&io), RECEIVE_BUFFER);
        let local = io.local_addr()?;
        let shared = Arc::new(Shared { io, offload, local, table: Mutex::default(), unknown });
        let reader = tokio::spawn(read(Arc::clone(&shared)));
        Ok(Arc::new(Self { shared, reader }))
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// A peer of this port, until it is dropped.
    pub fn join(self: &Arc<Self>, inbox: Arc<Inbox>) -> Seat {
        let mut table = self.shared.lock();
        let id = table.demux.add();
        table.inboxes.insert(id, inbox);
        drop(table);
        Seat { port: Arc::clone(self), id, writable: Mutex::default() }
    }
}

impl Drop for UdpPort {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, buffers: &mut [Vec<u8>], meta: &mut [RecvMeta; BATCH]) -> io::Result<usize> {
        let mut slices = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer));
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| slices.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
        self.io.try_io(Interest::READABLE, || {
            match self.offload.recv(UdpSockRef::from(&self.io), &mut slices, meta)? {
                0 => Err(io::ErrorKind::WouldBlock.into()),
                count => Ok(count),
            }
        })
    }

    fn deliver(&self, from: SocketAddr, datagram: &[u8]) {
        let inbox = {
            let mut table = self.lock();
            table.demux.whose(from, datagram).and_then(|peer| table.inboxes.get(&peer).cloned())
        };
        match inbox {
            Some(inbox) => inbox.push(from, Bytes::copy_from_slice(datagram)),
            None => self.unknown.add(1),
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UdpPort").field("local", &self.local).finish_non_exhaustive()
    }
}

async fn read(shared: Arc<Shared>) {
    let mut buffers = vec![vec![0; BATCH_BUFFER]; BATCH];
    let mut meta = [RecvMeta::default(); BATCH];
    loop {
        if shared.io.readable().await.is_err() {
            return;
        }
        match shared.receive(&mut buffers, &mut meta) {
            Ok(count) => {
                for (buffer, meta) in buffers.iter().zip(&meta).take(count) {
                    if meta.len == 0 {
                        shared.deliver(meta.addr, &[]);
                    }
                    for datagram in buffer[..meta.len.min(BATCH_BUFFER)].chunks(meta.stride.max(1)) {
                        shared.deliver(meta.addr, datagram);
                    }
                }
            }
            // A viewer that is gone makes its machine or its router say so.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => {
                tracing::debug!(local = %shared.local, %error, "receiving");
                tokio::time::sleep(ERROR_PAUSE).await;
            }
        }
    }
}

/// One peer's place at a shared port.
pub struct Seat {
    port: Arc<UdpPort>,
    id: PeerId,
    /// Wakes this peer when the socket has room again. One for each peer: the socket itself would remember the last only.
    writable: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Seat {
    pub fn local_addr(&self) -> SocketAddr {
        self.port.local_addr()
    }

    /// Checks for this ICE fragment are this peer's.
    pub fn name(&self, ufrag: &str) {
        self.port.shared.lock().demux.name(self.id, ufrag.as_bytes());
    }

    pub fn max_gso_segments(&self) -> usize {
        self.port.shared.offload.max_gso_segments()
    }

    pub fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let shared = &self.port.shared;
        // STUN begins with two zero bits, and a train of datagrams is never STUN.
        if transmit.contents.first().is_some_and(|byte| *byte < 4) {
            shared.lock().demux.sent(self.id, transmit.destination, transmit.contents);
        }
        loop {
            let sent = shared
                .io
                .try_io(Interest::WRITABLE, || shared.offload.try_send(UdpSockRef::from(&shared.io), transmit));
            match sent {
                Ok(()) => return Poll::Ready(Ok(transmit.contents.len())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
            let waiting = writable.get_or_insert_with(|| {
                let shared = Arc::clone(shared);
                // An error shows in the next attempt.
                Box::pin(async move { drop(shared.io.writable().await) })
            });
            ready!(waiting.as_mut().poll(cx));
            *writable = None;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.port.shared.lock();
        table.demux.remove(self.id);
        table.inboxes.remove(&self.id);
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").field("local", &self.local_addr()).field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::net::stun::tests::message;

    async fn next(inbox: &Inbox) -> (SocketAddr, Bytes) {
        let popped = std::future::poll_fn(|cx| inbox.poll_pop(cx));
        tokio::time::timeout(Duration::from_secs(10), popped).await.expect("nothing came")
    }

    #[tokio::test]
    async fn each_peer_gets_its_own_and_the_rest_is_counted() {
        let unknown = Counter::default();
        let port = UdpPort::bind(([127, 0, 0, 1], 0).into(), unknown.clone()).unwrap();
        let inboxes = [(); 2].map(|()| Arc::new(Inbox::new(Counter::default())));
        let seats = inboxes.each_ref().map(|inbox| port.join(Arc::clone(inbox)));
        seats[0].name("aaaa");
        seats[1].name("bbbb");
        let browsers = [UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap()];
        for (browser, name) in browsers.iter().zip(["aaaa:x", "bbbb:y"]) {
            browser.send_to(&[0x80, 1, 2], port.local_addr()).await.unwrap();
            browser.send_to(&message(1, 1, Some(name)), port.local_addr()).await.unwrap();
            browser.send_to(&[0x80, 3], port.local_addr()).await.unwrap();
        }
        for (browser, inbox) in browsers.iter().zip(&inboxes) {
            let from = browser.local_addr().unwrap();
            assert_eq!(next(inbox).await.0, from);
            assert_eq!(next(inbox).await, (from, Bytes::from_static(&[0x80, 3])));
        }
        assert_eq!(unknown.get(), 2, "what came before anybody asked");
    }

    #[tokio::test]
    async fn the_port_is_free_when_its_last_peer_is_gone() {
        let port = UdpPort::bind(([127, 0, 0, 1], 0).into(), Counter::default()).unwrap();
        let address = port.local_addr();
        let seat = port.join(Arc::new(Inbox::new(Counter::default())));
        drop(port);
        assert!(std::net::UdpSocket::bind(address).is_err(), "still in use");
        drop(seat);
        let freed = async {
            while std::net::UdpSocket::bind(address).is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), freed).await.unwrap();
    }
}

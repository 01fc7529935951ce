//! The one TCP port that browsers whose UDP is blocked may connect to (RFC 6544, passive candidates), shared by all
//! viewers: the first message on each connection is a check, and it names whom it asks.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use webrtc::runtime::{AsyncTcpListener, AsyncTcpStream};

use super::stun::{self, Class};
use crate::stats::Counter;

/// Connections that have not said yet whom they want, and how long they may take.
const STRANGERS: usize = 64;
const FIRST_MESSAGE: Duration = Duration::from_secs(5);
/// A check is much shorter.
const MAX_FIRST_MESSAGE: usize = 1200;
/// Connections of one peer: a browser makes one for each of its own and our addresses.
const MAX_STREAMS: usize = 32;
const BACKLOG: u32 = 128;
/// What the system may keep for a stream: more would be late.
const SEND_BUFFER: u32 = 256 << 10;
/// A browser that takes nothing for so long is gone; the connection's driver waits meanwhile.
const WRITE_TIMEOUT: Duration = Duration::from_millis(500);
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

type Boxed<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;
type Accepted = (Arc<dyn AsyncTcpStream>, SocketAddr);
/// Fragment to peer; a peer is known by its queue.
type Table = Mutex<HashMap<String, mpsc::Sender<Opened>>>;

/// Freed with its last user.
#[derive(Debug)]
pub struct TcpPort {
    local: SocketAddr,
    table: Arc<Table>,
    accepting: tokio::task::JoinHandle<()>,
}

/// A connection, and what was read of it to see whose it is.
#[derive(Debug)]
struct Opened {
    stream: TcpStream,
    from: SocketAddr,
    first: Vec<u8>,
}

impl TcpPort {
    /// Within a tokio runtime. `unknown` counts the connections that are nobody's.
    pub fn bind(address: SocketAddr, unknown: Counter) -> io::Result<Arc<Self>> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // So that a restart does not have to wait for the last connections' end; on Windows it would mean something else.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let local = listener.local_addr()?;
        let table = Arc::new(Table::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&table), unknown));
        Ok(Arc::new(Self { local, table, accepting }))
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// A peer of this port, until it is dropped. `as_seen` is the address the crate believes in.
    pub fn join(self: &Arc<Self>, as_seen: SocketAddr) -> TcpSeat {
        let (sender, queue) = mpsc::channel(MAX_STREAMS);
        TcpSeat {
            port: Arc::clone(self),
            as_seen,
            sender,
            queue: tokio::sync::Mutex::new(queue),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        }
    }
}

impl Drop for TcpPort {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, table: Arc<Table>, unknown: Counter) {
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    loop {
        let (mut stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // No descriptor left, most likely.
                tracing::debug!(%error, "accepting");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&strangers).try_acquire_owned() else {
            unknown.add(1);
            continue;
        };
        let (table, unknown) = (Arc::clone(&table), unknown.clone());
        tokio::spawn(async move {
            let first = tokio::time::timeout(FIRST_MESSAGE, read_first(&mut stream)).await;
            drop(permit);
            let receiver = first.ok().flatten().and_then(|first| {
                let check = stun::read(&first[2..]).filter(|message| message.class == Class::Request)?;
                let ufrag = std::str::from_utf8(check.receiver_ufrag()?).ok()?;
                let receiver = table.lock().unwrap_or_else(PoisonError::into_inner).get(ufrag).cloned()?;
                Some((receiver, first))
            });
            let taken =
                receiver.is_some_and(|(receiver, first)| receiver.try_send(Opened { stream, from, first }).is_ok());
            if !taken {
                unknown.add(1);
            }
        });
    }
}

/// The first message with the two bytes of its length (RFC 4571).
async fn read_first(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = usize::from(stream.read_u16().await.ok()?);
    if length > MAX_FIRST_MESSAGE {
        return None;
    }
    let mut first = vec![0; 2 + length];
    first[..2].copy_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
    stream.read_exact(&mut first[2..]).await.ok()?;
    Some(first)
}

/// One peer's place at the shared port; to the crate, a listener of its own.
#[derive(Debug)]
pub struct TcpSeat {
    port: Arc<TcpPort>,
    as_seen: SocketAddr,
    sender: mpsc::Sender<Opened>,
    queue: tokio::sync::Mutex<mpsc::Receiver<Opened>>,
    streams: Arc<Semaphore>,
}

impl TcpSeat {
    /// Connections that ask for this ICE fragment are this peer's.
    pub fn name(&self, ufrag: &str) {
        let mut table = self.port.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.entry(ufrag.to_owned()).or_insert_with(|| self.sender.clone());
    }
}

impl Drop for TcpSeat {
    fn drop(&mut self) {
        let mut table = self.port.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, sender| !sender.same_channel(&self.sender));
    }
}

impl AsyncTcpListener for TcpSeat {
    fn accept<'a>(&'a self) -> Boxed<'a, Accepted> {
        Box::pin(async move {
            let (opened, permit) = loop {
                let opened = self.queue.lock().await.recv().await.ok_or(io::ErrorKind::NotConnected)?;
                // One too many is closed.
                if let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned() {
                    break (opened, permit);
                }
            };
            let Opened { stream, from, first } = opened;
            stream.set_nodelay(true)?;
            let (reading, writing) = stream.into_split();
            let stream = Stream {
                local: self.as_seen,
                from,
                first: Mutex::new(first.into()),
                reading,
                writing,
                broken: AtomicBool::new(false),
                _permit: permit,
            };
            Ok((Arc::new(stream) as Arc<dyn AsyncTcpStream>, from))
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.as_seen)
    }
}

#[derive(Debug)]
struct Stream {
    local: SocketAddr,
    from: SocketAddr,
    first: Mutex<VecDeque<u8>>,
    reading: OwnedReadHalf,
    writing: OwnedWriteHalf,
    /// Half a message was written: nothing can follow it.
    broken: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl AsyncTcpStream for Stream {
    fn read<'a, 'b>(&'a self, buf: &'b mut [u8]) -> Boxed<'b, usize>
    where
        'a: 'b,
    {
        Box::pin(async move {
            {
                let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
                if !first.is_empty() {
                    return io::Read::read(&mut *first, buf);
                }
            }
            loop {
                self.reading.readable().await?;
                match self.reading.try_read(buf) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read,
                }
            }
        })
    }

    fn write_all<'a, 'b>(&'a self, buf: &'b [u8]) -> Boxed<'b, ()>
    where
        'a: 'b,
    {
        Box::pin(async move {
            if self.broken.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let writing = async {
                let mut rest = buf;
                while !rest.is_empty() {
                    self.writing.writable().await?;
                    match self.writing.try_write(rest) {
                        Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                        Ok(count) => rest = &rest[count..],
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            };
            let written = tokio::time::timeout(WRITE_TIMEOUT, writing).await;
            let written = written.unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()));
            if written.is_err() {
                self.broken.store(true, Ordering::Relaxed);
            }
            written
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.from)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::peer::net::stun::tests::message;

    fn framed(message: &[u8]) -> Vec<u8> {
        [&(message.len() as u16).to_be_bytes()[..], message].concat()
    }

    #[tokio::test]
    async fn a_connection_goes_to_the_peer_its_first_check_names() {
        let unknown = Counter::default();
        let port = TcpPort::bind(([127, 0, 0, 1], 0).into(), unknown.clone()).unwrap();
        let as_seen = ([127, 0, 0, 1], 9).into();
        let (a, b) = (port.join(as_seen), port.join(as_seen));
        a.name("aaaa");
        b.name("bbbb");
        let mut browser = TcpStream::connect(port.local_addr()).await.unwrap();
        let check = framed(&message(1, 1, Some("bbbb:x")));
        browser.write_all(&check).await.unwrap();
        let (stream, from) = b.accept().await.unwrap();
        assert_eq!((from, stream.local_addr().unwrap()), (browser.local_addr().unwrap(), as_seen));
        let mut buffer = vec![0; 500];
        let read = stream.read(&mut buffer).await.unwrap();
        assert_eq!(buffer[..read], check, "as if nobody had read it before");
        stream.write_all(b"answer").await.unwrap();
        browser.read_exact(&mut buffer[..6]).await.unwrap();
        assert_eq!(&buffer[..6], b"answer");
        assert_eq!(unknown.get(), 0);
    }

    #[tokio::test]
    async fn strangers_are_closed_and_counted() {
        let unknown = Counter::default();
        let port = TcpPort::bind(([127, 0, 0, 1], 0).into(), unknown.clone()).unwrap();
        let seat = port.join(port.local_addr());
        seat.name("aaaa");
        drop(seat);
        let hostile = [b"GET / HTTP/1.1\r\n\r\n".to_vec(), framed(&message(1, 1, Some("aaaa:x"))), framed(&[])];
        for bytes in &hostile {
            let mut stranger = TcpStream::connect(port.local_addr()).await.unwrap();
            stranger.write_all(bytes).await.unwrap();
            // An end or a reset.
            let _ = stranger.read_to_end(&mut Vec::new()).await;
        }
        assert_eq!(unknown.get(), 3);
    }
}

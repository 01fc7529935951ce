//! A path between our peer and its stand-in that loses what it is told to lose, and holds back what it is told to hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rendercast::signaling::IceCandidate;
use tokio::net::UdpSocket;
use tokio::sync::Notify;

/// Larger datagrams carry what the test sends, smaller ones the connection itself.
const LARGE: usize = 600;
/// What DTLS's records of anything but its handshake begin with (RFC 6347, section 4.1).
const APPLICATION_DATA: u8 = 23;

/// The browser sees us behind this, and we see the browser behind it.
pub struct LossyPath {
    port: u16,
    ours: Arc<Mutex<Option<SocketAddr>>>,
    /// Large datagrams of ours are lost.
    pub losing: Arc<AtomicBool>,
    pub lost: Arc<AtomicU32>,
    hold: Arc<Hold>,
}

/// What the browser says over DTLS, held back after its first word.
#[derive(Default)]
struct Hold {
    on: AtomicBool,
    said: AtomicU32,
    over: Notify,
}

impl LossyPath {
    pub async fn open() -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let far = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = near.local_addr().unwrap().port();
        let path =
            Self { port, ours: Arc::default(), losing: Arc::default(), lost: Arc::default(), hold: Arc::default() };
        let hold = Arc::clone(&path.hold);
        let (ours, losing, lost) = (Arc::clone(&path.ours), Arc::clone(&path.losing), Arc::clone(&path.lost));
        tokio::spawn(async move {
            let (mut from_browser, mut from_us) = (vec![0; 2048], vec![0; 2048]);
            let mut browser = None;
            let mut held = Vec::new();
            loop {
                tokio::select! {
                    Ok((len, from)) = near.recv_from(&mut from_browser) => {
                        browser = Some(from);
                        let to = *ours.lock().unwrap_or_else(PoisonError::into_inner);
                        let says = hold.on.load(Ordering::Acquire) && from_browser[0] == APPLICATION_DATA;
                        if says && hold.said.fetch_add(1, Ordering::AcqRel) > 0 {
                            held.push(from_browser[..len].to_vec());
                        } else if let Some(to) = to {
                            let _ = far.send_to(&from_browser[..len], to).await;
                        }
                    }
                    () = hold.over.notified() => {
                        let to = *ours.lock().unwrap_or_else(PoisonError::into_inner);
                        for datagram in held.drain(..) {
                            let _ = far.send_to(&datagram, to.unwrap()).await;
                        }
                    }
                    Ok((len, _)) = far.recv_from(&mut from_us) => {
                        if len > LARGE && losing.load(Ordering::Acquire) {
                            lost.fetch_add(1, Ordering::AcqRel);
                        } else if let Some(to) = browser {
                            let _ = near.send_to(&from_us[..len], to).await;
                        }
                    }
                    else => return,
                }
            }
        });
        path
    }

    /// From now on the browser's first word over DTLS comes through, and nothing after it.
    pub fn hold(&self) {
        self.hold.on.store(true, Ordering::Release);
    }

    /// How often it has said something since.
    pub fn said(&self) -> u32 {
        self.hold.said.load(Ordering::Acquire)
    }

    pub fn release(&self) {
        self.hold.on.store(false, Ordering::Release);
        self.hold.over.notify_one();
    }

    /// One of our candidates as the browser is to see it.
    pub fn candidate(&self, candidate: IceCandidate) -> IceCandidate {
        let mut words: Vec<&str> = candidate.candidate.split(' ').collect();
        let port: u16 = words[5].parse().unwrap();
        *self.ours.lock().unwrap_or_else(PoisonError::into_inner) = Some(([127, 0, 0, 1], port).into());
        let own = self.port.to_string();
        words[5] = &own;
        IceCandidate { candidate: words.join(" "), ..candidate }
    }
}

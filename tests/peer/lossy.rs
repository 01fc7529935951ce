//! A path between our peer and its stand-in that loses what it is told to lose.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rendercast::signaling::IceCandidate;
use tokio::net::UdpSocket;

/// Larger datagrams carry what the test sends, smaller ones the connection itself.
const LARGE: usize = 600;

/// The browser sees us behind this, and we see the browser behind it.
pub struct LossyPath {
    port: u16,
    ours: Arc<Mutex<Option<SocketAddr>>>,
    /// Large datagrams of ours are lost.
    pub losing: Arc<AtomicBool>,
    pub lost: Arc<AtomicU32>,
}

impl LossyPath {
    pub async fn open() -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let far = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = near.local_addr().unwrap().port();
        let path = Self { port, ours: Arc::default(), losing: Arc::default(), lost: Arc::default() };
        let (ours, losing, lost) = (Arc::clone(&path.ours), Arc::clone(&path.losing), Arc::clone(&path.lost));
        tokio::spawn(async move {
            let (mut from_browser, mut from_us) = (vec![0; 2048], vec![0; 2048]);
            let mut browser = None;
            loop {
                tokio::select! {
                    Ok((len, from)) = near.recv_from(&mut from_browser) => {
                        browser = Some(from);
                        let to = *ours.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(to) = to {
                            let _ = far.send_to(&from_browser[..len], to).await;
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

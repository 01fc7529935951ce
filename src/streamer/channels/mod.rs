//! Messages from the host to viewers' data channels. What a slow viewer has not taken waits here, bounded; the host is told
//! when there is no room, and nothing is dropped in the middle of a reliable channel.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::units::ViewerId;

/// The longest message, in bytes: what every page takes that does not say otherwise (`a=max-message-size`, RFC 8841).
pub const LONGEST_MESSAGE: usize = 65_536;
/// Messages that may wait for one viewer.
const MOST_MESSAGES: usize = 256;
/// Bytes that may wait for one viewer.
const MOST_BYTES: usize = 1 << 20;

/// A message on its way to one viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub label: Arc<str>,
    /// UTF-8 text, else bytes.
    pub text: bool,
    pub data: Bytes,
}

/// Why a message was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("{0} is not connected")]
    NoViewer(ViewerId),
    #[error("no open data channel is labelled {0:?}")]
    NoChannel(String),
    #[error("a message of {0} bytes is longer than {LONGEST_MESSAGE}")]
    TooLong(usize),
    /// Earlier messages still wait for a viewer.
    #[error("earlier messages still wait for {0}")]
    Full(ViewerId),
}

/// One viewer's end: what the host sent it.
pub struct Inbound {
    receiver: mpsc::Receiver<Outgoing>,
    waiting: Arc<AtomicUsize>,
}

impl Inbound {
    /// The next message. None when the viewer has left.
    pub async fn next(&mut self) -> Option<Outgoing> {
        let message = self.receiver.recv().await?;
        self.waiting.fetch_sub(message.data.len(), Ordering::AcqRel);
        Some(message)
    }
}

#[derive(Debug)]
struct Seat {
    labels: HashSet<Arc<str>>,
    sender: mpsc::Sender<Outgoing>,
    waiting: Arc<AtomicUsize>,
}

impl Seat {
    fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.waiting.load(Ordering::Acquire);
        // A message that is larger than the room alone still goes when nothing else waits.
        self.sender.capacity() > 0 && (waiting == 0 || waiting + bytes <= MOST_BYTES)
    }

    fn send(&self, message: Outgoing) -> bool {
        let bytes = message.data.len();
        if !self.has_room(bytes) {
            return false;
        }
        self.waiting.fetch_add(bytes, Ordering::AcqRel);
        let sent = self.sender.try_send(message).is_ok();
        if !sent {
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
        }
        sent
    }
}

/// Every viewer that has a data channel open.
#[derive(Debug, Default)]
pub struct Outbox(Mutex<HashMap<ViewerId, Seat>>);

impl Outbox {
    fn seats(&self) -> MutexGuard<'_, HashMap<ViewerId, Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The viewer may be sent to from now on, on the channels that [`open`](Self::open) names.
    pub fn join(&self, viewer: ViewerId) -> Inbound {
        let (sender, receiver) = mpsc::channel(MOST_MESSAGES);
        let waiting = Arc::<AtomicUsize>::default();
        self.seats().insert(viewer, Seat { labels: HashSet::new(), sender, waiting: Arc::clone(&waiting) });
        Inbound { receiver, waiting }
    }

    pub fn leave(&self, viewer: ViewerId) {
        self.seats().remove(&viewer);
    }

    pub fn open(&self, viewer: ViewerId, label: &str) {
        if let Some(seat) = self.seats().get_mut(&viewer) {
            seat.labels.insert(label.into());
        }
    }

    pub fn close(&self, viewer: ViewerId, label: &str) {
        if let Some(seat) = self.seats().get_mut(&viewer) {
            seat.labels.remove(label);
        }
    }

    /// Sends to one viewer, or to every viewer with such a channel: then to all of them or, when one has no room, to none.
    /// Never waits for the network.
    pub fn send(&self, to: Option<ViewerId>, label: &str, text: bool, data: &[u8]) -> Result<(), SendError> {
        if data.len() > LONGEST_MESSAGE {
            return Err(SendError::TooLong(data.len()));
        }
        let seats = self.seats();
        let receivers: Vec<(ViewerId, &Seat)> = match to {
            Some(viewer) => vec![(viewer, seats.get(&viewer).ok_or(SendError::NoViewer(viewer))?)],
            None => seats.iter().map(|(viewer, seat)| (*viewer, seat)).collect(),
        };
        let receivers: Vec<_> = receivers.into_iter().filter(|(_, seat)| seat.labels.contains(label)).collect();
        let Some(label) = receivers.first().and_then(|(_, seat)| seat.labels.get(label)).cloned() else {
            return Err(SendError::NoChannel(label.to_owned()));
        };
        if let Some((viewer, _)) = receivers.iter().find(|(_, seat)| !seat.has_room(data.len())) {
            return Err(SendError::Full(*viewer));
        }
        let message = Outgoing { label, text, data: Bytes::copy_from_slice(data) };
        for (viewer, seat) in receivers {
            // Only this function fills seats, under the lock: there is room unless the viewer's task has ended.
            if !seat.send(message.clone()) && to.is_some() {
                return Err(SendError::NoViewer(viewer));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: ViewerId = ViewerId(1);
    const SECOND: ViewerId = ViewerId(2);

    fn outbox() -> (Outbox, Inbound, Inbound) {
        let outbox = Outbox::default();
        let (first, second) = (outbox.join(FIRST), outbox.join(SECOND));
        outbox.open(FIRST, "game");
        (outbox, first, second)
    }

    #[tokio::test]
    async fn a_message_goes_to_the_viewer_named_or_to_all_that_have_the_channel() {
        let (outbox, mut first, mut second) = outbox();
        outbox.send(Some(FIRST), "game", true, b"one").unwrap();
        outbox.send(None, "game", false, b"two").unwrap();
        outbox.open(SECOND, "game");
        outbox.send(None, "game", true, b"three").unwrap();
        let message =
            |text, data: &'static [u8]| Outgoing { label: "game".into(), text, data: Bytes::from_static(data) };
        for expected in [message(true, b"one"), message(false, b"two"), message(true, b"three")] {
            assert_eq!(first.next().await, Some(expected));
        }
        assert_eq!(second.next().await, Some(message(true, b"three")));
        outbox.leave(FIRST);
        assert_eq!(first.next().await, None);
    }

    #[test]
    fn who_is_not_there_and_what_is_not_open_is_said() {
        let (outbox, _first, _second) = outbox();
        assert_eq!(outbox.send(Some(ViewerId(9)), "game", true, b""), Err(SendError::NoViewer(ViewerId(9))));
        let no_channel = Err(SendError::NoChannel("game".into()));
        assert_eq!(outbox.send(Some(SECOND), "game", true, b""), no_channel);
        outbox.close(FIRST, "game");
        assert_eq!(outbox.send(None, "game", true, b""), no_channel);
        let long = vec![0; LONGEST_MESSAGE + 1];
        assert_eq!(outbox.send(Some(FIRST), "game", false, &long), Err(SendError::TooLong(long.len())));
    }

    #[tokio::test]
    async fn a_viewer_that_takes_nothing_fills_its_own_room_and_a_message_to_all_goes_to_all_or_none() {
        let (outbox, mut first, mut second) = outbox();
        outbox.open(SECOND, "game");
        let sent = (0..MOST_MESSAGES * 2).take_while(|_| outbox.send(Some(FIRST), "game", true, b"x").is_ok()).count();
        assert_eq!(sent, MOST_MESSAGES);
        assert_eq!(outbox.send(None, "game", true, b"all"), Err(SendError::Full(FIRST)));
        outbox.send(Some(SECOND), "game", true, b"own").unwrap();
        first.next().await.unwrap();
        outbox.send(None, "game", true, b"all").unwrap();
        assert_eq!(second.next().await.unwrap().data, "own");
        assert_eq!(second.next().await.unwrap().data, "all");
        while first.receiver.try_recv().is_ok() {}
        first.waiting.store(0, Ordering::Release);
        let large = vec![0; LONGEST_MESSAGE];
        let sent = (0..100).take_while(|_| outbox.send(Some(FIRST), "game", false, &large).is_ok()).count();
        assert_eq!(sent, MOST_BYTES / LONGEST_MESSAGE);
    }
}

//! What waits on one data channel: the host's messages, and how much of them the other side has not got yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;

/// Messages that may wait on one channel.
pub const MOST_MESSAGES: usize = 256;
/// Bytes that may wait on one channel.
pub const MOST_BYTES: usize = 1 << 20;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// UTF-8 text, else bytes.
    pub text: bool,
    pub data: Bytes,
}

/// W3C's `bufferedAmount`: what waits here, and what was sent and is not acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    waiting: usize,
    unacknowledged: usize,
    low: u32,
    /// It was above the threshold since it last fell to it.
    above: bool,
}

impl Buffer {
    pub fn amount(&self) -> usize {
        self.waiting + self.unacknowledged
    }

    fn put(&mut self, bytes: usize) {
        self.waiting += bytes;
        self.above |= self.is_above();
    }

    /// A message went from here to the connection. True when the amount fell to the threshold.
    fn hand_over(&mut self, bytes: usize, unacknowledged: usize) -> bool {
        self.waiting = self.waiting.saturating_sub(bytes);
        self.acknowledge(unacknowledged)
    }

    fn acknowledge(&mut self, unacknowledged: usize) -> bool {
        self.unacknowledged = unacknowledged;
        self.above && !self.is_above() && std::mem::take(&mut self.above)
    }

    fn set_low(&mut self, bytes: u32) {
        self.low = bytes;
        self.above = self.is_above();
    }

    fn is_above(&self) -> bool {
        self.amount() > self.low as usize
    }
}

fn lock(buffer: &Mutex<Buffer>) -> MutexGuard<'_, Buffer> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The host's end.
#[derive(Debug)]
pub struct Queue {
    /// None before the channel is open, and from when the host closes it.
    sender: Option<mpsc::Sender<Outgoing>>,
    buffer: Arc<Mutex<Buffer>>,
}

/// The other end.
#[derive(Debug)]
pub struct Inbound {
    receiver: mpsc::Receiver<Outgoing>,
    buffer: Arc<Mutex<Buffer>>,
}

impl Queue {
    pub fn closed() -> Self {
        Self { sender: None, buffer: Arc::default() }
    }

    pub fn open(&mut self) -> Inbound {
        let (sender, receiver) = mpsc::channel(MOST_MESSAGES);
        self.sender = Some(sender);
        Inbound { receiver, buffer: Arc::clone(&self.buffer) }
    }

    /// Takes nothing more; what waits still goes out.
    pub fn close(&mut self) {
        self.sender = None;
    }

    pub fn has_room(&self, bytes: usize) -> bool {
        let waiting = lock(&self.buffer).waiting;
        // A message that is larger than the room alone still goes when nothing else waits.
        let fits = waiting == 0 || waiting + bytes <= MOST_BYTES;
        fits && self.sender.as_ref().is_some_and(|sender| sender.capacity() > 0)
    }

    /// False where there is no room, or nobody at the other end.
    pub fn send(&self, message: Outgoing) -> bool {
        let bytes = message.data.len();
        let Some(permit) = self.sender.as_ref().filter(|_| self.has_room(bytes)).and_then(|s| s.try_reserve().ok())
        else {
            return false;
        };
        lock(&self.buffer).put(bytes);
        permit.send(message);
        true
    }

    pub fn amount(&self) -> usize {
        lock(&self.buffer).amount()
    }

    pub fn low(&self) -> u32 {
        lock(&self.buffer).low
    }

    /// The amount at which the host is told that it fell there; what has fallen already is not told.
    pub fn set_low(&self, bytes: u32) {
        lock(&self.buffer).set_low(bytes);
    }
}

impl Inbound {
    /// The next message. None when the channel is closed and nothing waits.
    pub async fn next(&mut self) -> Option<Outgoing> {
        self.receiver.recv().await
    }

    /// A message of so many bytes was sent. True when the host is to be told.
    pub fn hand_over(&self, bytes: usize, unacknowledged: usize) -> bool {
        lock(&self.buffer).hand_over(bytes, unacknowledged)
    }

    /// So much is not acknowledged now. True when the host is to be told.
    pub fn acknowledge(&self, unacknowledged: usize) -> bool {
        lock(&self.buffer).acknowledge(unacknowledged)
    }

    pub fn unacknowledged(&self) -> usize {
        lock(&self.buffer).unacknowledged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falling_to_the_threshold_is_told_once_for_each_time_it_was_above() {
        let mut buffer = Buffer::default();
        buffer.set_low(100);
        buffer.put(100);
        assert!(!buffer.hand_over(100, 100), "it was never above");
        buffer.put(50);
        assert!(!buffer.hand_over(50, 150), "handing over frees nothing");
        assert!(buffer.acknowledge(100) && !buffer.acknowledge(90));
        buffer.put(60);
        assert_eq!(buffer.amount(), 150);
        assert!(buffer.hand_over(60, 0));
        // One that is set above what waits is not fallen to.
        buffer.put(200);
        buffer.set_low(300);
        assert!(!buffer.hand_over(200, 0));
        // Zero, the default, means empty.
        buffer.set_low(0);
        buffer.put(1);
        assert!(!buffer.hand_over(1, 1));
        assert!(buffer.acknowledge(0));
    }

    #[tokio::test]
    async fn a_queue_is_bounded_in_messages_and_bytes_and_ends_after_what_waits() {
        let mut queue = Queue::closed();
        let message = |bytes: usize| Outgoing { text: false, data: Bytes::from(vec![0; bytes]) };
        assert!(!queue.send(message(1)), "it is not open");
        let mut inbound = queue.open();
        assert_eq!((0..MOST_MESSAGES * 2).filter(|_| queue.send(message(1))).count(), MOST_MESSAGES);
        for _ in 0..MOST_MESSAGES {
            let bytes = inbound.next().await.unwrap().data.len();
            inbound.hand_over(bytes, 0);
        }
        let sent = (0..100).filter(|_| queue.send(message(MOST_BYTES / 4))).count();
        assert_eq!((sent, queue.amount()), (4, MOST_BYTES));
        queue.close();
        for _ in 0..sent {
            assert!(inbound.next().await.is_some());
        }
        assert_eq!(inbound.next().await, None);
        let mut empty = Queue::closed();
        let _inbound = empty.open();
        assert!(empty.send(message(MOST_BYTES * 2)), "a large one alone goes");
    }
}

//! Datagrams on their way to a connection's driver that did not come through a socket of its own.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::stats::Counter;

/// Datagrams that may wait: browsers send reports and messages, a few hundred a second.
const CAPACITY: usize = 512;

/// Bounded; when it is full the newest is dropped and counted.
#[derive(Debug)]
pub struct Inbox {
    state: Mutex<State>,
    dropped: Counter,
}

#[derive(Debug, Default)]
struct State {
    datagrams: VecDeque<(SocketAddr, Bytes)>,
    reader: Option<Waker>,
}

impl Inbox {
    pub fn new(dropped: Counter) -> Self {
        Self { state: Mutex::default(), dropped }
    }

    pub fn push(&self, from: SocketAddr, datagram: Bytes) {
        let reader = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.datagrams.len() >= CAPACITY {
                self.dropped.add(1);
                return;
            }
            state.datagrams.push_back((from, datagram));
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Lets the reader look for datagrams of other ways.
    pub fn wake(&self) {
        let reader = self.state.lock().unwrap_or_else(PoisonError::into_inner).reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    pub fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<(SocketAddr, Bytes)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(datagram) = state.datagrams.pop_front() {
            return Poll::Ready(datagram);
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_inbox_drops_the_newest_and_counts() {
        let dropped = Counter::default();
        let inbox = Inbox::new(dropped.clone());
        for number in 0..CAPACITY + 3 {
            inbox.push(([127, 0, 0, 1], 1).into(), Bytes::from(number.to_be_bytes().to_vec()));
        }
        assert_eq!(dropped.get(), 3);
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready((_, first)) = inbox.poll_pop(&mut cx) else { panic!("empty") };
        assert_eq!(first[..], 0_usize.to_be_bytes());
    }
}

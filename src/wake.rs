//! Waking a worker from a host thread: one atomic swap, and a futex call only when the worker sleeps. No lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

use arc_swap::ArcSwapOption;

/// A bell that one worker listens to and anyone may ring.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rung: AtomicBool,
    listener: ArcSwapOption<Thread>,
}

impl Wake {
    /// Names the calling thread as the listener, in place of any before it.
    pub fn listen(&self) {
        self.0.listener.store(Some(Arc::new(std::thread::current())));
    }

    /// Wakes the listener, now or, if it is busy, at its next wait.
    pub fn ring(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel)
            && let Some(thread) = self.0.listener.load().as_ref()
        {
            thread.unpark();
        }
    }

    /// Waits until rung or `at_most` has passed. True when it was rung. Spurious wake-ups read as not rung.
    pub fn wait(&self, at_most: Duration) -> bool {
        if self.0.rung.swap(false, Ordering::AcqRel) {
            return true;
        }
        std::thread::park_timeout(at_most);
        self.0.rung.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_before_the_wait_is_not_lost() {
        let wake = Wake::default();
        wake.listen();
        wake.ring();
        assert!(wake.wait(Duration::from_secs(60)));
    }

    #[test]
    fn a_ring_from_another_thread_wakes() {
        let wake = Wake::default();
        wake.listen();
        let other = wake.clone();
        let thread = std::thread::spawn(move || other.ring());
        while !wake.wait(Duration::from_secs(60)) {}
        thread.join().unwrap();
    }
}

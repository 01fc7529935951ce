//! From the GPU's callback, on a thread of Metal's, to the video worker that waits: one atomic and a wake-up, no lock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::graphics::backend::{Fence, FenceState};
use crate::time;
use crate::wake::Wake;

const PENDING: i64 = i64::MIN;
const DONE: i64 = 0;

/// How far the GPU is with what was recorded into a slot last.
#[derive(Debug, Default)]
pub struct Completion {
    /// `PENDING`, `DONE` or the code of an error.
    state: AtomicI64,
    wake: Wake,
}

/// The same in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pending,
    Done,
    Failed(i64),
}

impl Completion {
    /// The render thread is about to hand work to the GPU.
    pub fn begin(&self) {
        self.state.store(PENDING, Ordering::Release);
    }

    /// The GPU has finished, with the code of an error or with 0.
    pub fn finish(&self, code: i64) {
        self.state.store(code, Ordering::Release);
        self.wake.ring();
    }

    pub fn outcome(&self) -> Outcome {
        match self.state.load(Ordering::Acquire) {
            PENDING => Outcome::Pending,
            DONE => Outcome::Done,
            code => Outcome::Failed(code),
        }
    }
}

impl Fence for Completion {
    fn wait(&self, at_most: Duration) -> FenceState {
        if self.outcome() == Outcome::Pending && !at_most.is_zero() {
            let until = time::now() + at_most;
            self.wake.listen();
            while self.outcome() == Outcome::Pending {
                let left = until.saturating_since(time::now());
                if left.is_zero() {
                    break;
                }
                self.wake.wait(left);
            }
        }
        match self.outcome() {
            Outcome::Pending => FenceState::Pending,
            Outcome::Done => FenceState::Done,
            Outcome::Failed(_) => FenceState::Lost,
        }
    }

    fn can_wait(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_worker_is_woken_by_the_callback_of_another_thread() {
        let completion = Arc::new(Completion::default());
        completion.begin();
        assert_eq!(completion.wait(Duration::ZERO), FenceState::Pending);
        assert_eq!(completion.wait(Duration::from_micros(1)), FenceState::Pending);
        let callback = Arc::clone(&completion);
        let thread = std::thread::spawn(move || callback.finish(0));
        // Not woken it would stay here.
        assert_eq!(completion.wait(Duration::from_secs(86_400)), FenceState::Done);
        thread.join().unwrap();
    }

    #[test]
    fn a_failed_picture_is_never_read_and_the_next_one_begins_anew() {
        let completion = Completion::default();
        completion.begin();
        completion.finish(3);
        assert_eq!((completion.wait(Duration::ZERO), completion.outcome()), (FenceState::Lost, Outcome::Failed(3)));
        completion.begin();
        assert_eq!(completion.outcome(), Outcome::Pending);
    }
}

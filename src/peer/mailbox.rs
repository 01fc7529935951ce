//! Between the crate's driver, which must never wait, and the streamer, which reads events when it gets to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use crate::stats::Counter;
use crate::units::{Bitrate, SenderId};

use super::lanes::MOST_VIDEO_TRACKS;
use super::protection::Protection;
use super::settings::PeerEvent;

/// Events that may wait beside the merged ones. About 40 candidates and 10 states make a busy connection.
pub const EVENT_LIMIT: usize = 256;

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<PeerEvent>,
    /// Of these tracks, of which there is an end.
    keyframes: Vec<SenderId>,
    estimate: Option<Bitrate>,
    feedback: Option<(Option<Duration>, f32)>,
    protection: Option<f32>,
    protected: f32,
    closed: bool,
}

/// Takes events without waiting; one task ([`forward`](Self::forward)) hands them on.
#[derive(Debug, Default)]
pub struct Mailbox {
    waiting: Mutex<Waiting>,
    news: Notify,
    /// Events there was no room for.
    dropped: Counter,
    /// Told of all feedback and estimates too.
    protection: Arc<Protection>,
}

impl Mailbox {
    /// Counts in `dropped` the events there is no room for.
    pub fn new(dropped: Counter, protection: Arc<Protection>) -> Self {
        Self { dropped, protection, ..Self::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, event: PeerEvent) {
        let mut waiting = self.waiting();
        if waiting.closed {
            return;
        }
        if waiting.events.len() >= EVENT_LIMIT {
            self.dropped.add(1);
            tracing::debug!(limit = EVENT_LIMIT, "nobody reads this peer's events; one is lost");
            return;
        }
        waiting.events.push_back(event);
        drop(waiting);
        self.news.notify_one();
    }

    pub fn keyframe_needed(&self, sender: SenderId) {
        let mut waiting = self.waiting();
        if !waiting.keyframes.contains(&sender) && waiting.keyframes.len() < MOST_VIDEO_TRACKS {
            waiting.keyframes.push(sender);
        }
        drop(waiting);
        self.news.notify_one();
    }

    pub fn estimate(&self, estimate: Bitrate) {
        self.protection.set_estimate(estimate);
        self.waiting().estimate = Some(estimate);
        self.news.notify_one();
    }

    pub fn feedback(&self, rtt: Option<Duration>, fraction_lost: f32) {
        self.protection.hear(crate::time::now(), rtt, fraction_lost);
        let share = self.protection.share();
        let mut waiting = self.waiting();
        waiting.feedback = Some((rtt, fraction_lost));
        if waiting.protected != share {
            waiting.protected = share;
            waiting.protection = Some(share);
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// Takes nothing more; `Closed` becomes the last event.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        if !waiting.closed {
            waiting.events.push_back(PeerEvent::Closed);
            waiting.closed = true;
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// The next event, if one waits. A keyframe request goes before everything else.
    pub fn next(&self) -> Option<PeerEvent> {
        let mut waiting = self.waiting();
        if let Some(sender) = waiting.keyframes.pop() {
            return Some(PeerEvent::KeyframeNeeded(sender));
        }
        if let Some(event) = waiting.events.pop_front() {
            return Some(event);
        }
        if let Some((rtt, fraction_lost)) = waiting.feedback.take() {
            return Some(PeerEvent::Feedback { rtt, fraction_lost });
        }
        if let Some(share) = waiting.protection.take() {
            return Some(PeerEvent::Protection { share });
        }
        waiting.estimate.take().map(PeerEvent::Estimate)
    }

    /// Hands events on until `Closed` was, or nobody listens any more.
    pub async fn forward(&self, to: mpsc::Sender<PeerEvent>) {
        loop {
            while let Some(event) = self.next() {
                let last = event == PeerEvent::Closed;
                // After closing nobody may be reading: what does not fit is given up rather than waited for.
                let closed = self.waiting().closed;
                let sent = if closed { to.try_send(event).is_ok() } else { self.send(&to, event).await };
                if last || (!sent && to.is_closed()) {
                    return;
                }
            }
            self.news.notified().await;
        }
    }

    /// Waits for room, but not past the moment the mailbox closes.
    async fn send(&self, to: &mpsc::Sender<PeerEvent>, event: PeerEvent) -> bool {
        loop {
            tokio::select! {
                permit = to.reserve() => {
                    return permit.map(|permit| permit.send(event)).is_ok();
                }
                () = self.news.notified() => {
                    if self.waiting().closed {
                        self.news.notify_one();
                        return to.try_send(event).is_ok();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_nobody_has_read_is_merged_and_states_keep_their_order() {
        let mailbox = Mailbox::default();
        mailbox.push(PeerEvent::Connected);
        for kbps in [1, 2, 3] {
            mailbox.estimate(Bitrate::from_kbps(kbps));
            mailbox.keyframe_needed(SenderId::VIDEO);
            mailbox.feedback(None, kbps as f32);
        }
        mailbox.push(PeerEvent::Disconnected);
        mailbox.close();
        mailbox.push(PeerEvent::Connected);
        let (tx, mut rx) = mpsc::channel(16);
        mailbox.forward(tx).await;
        let mut got = Vec::new();
        while let Some(event) = rx.recv().await {
            got.push(event);
        }
        let keyframe = PeerEvent::KeyframeNeeded(SenderId::VIDEO);
        assert_eq!(got, [keyframe, PeerEvent::Connected, PeerEvent::Disconnected, PeerEvent::Closed]);
    }

    #[test]
    fn events_without_room_are_counted() {
        let dropped = Counter::default();
        let mailbox = Mailbox::new(dropped.clone(), Arc::default());
        for _ in 0..EVENT_LIMIT + 3 {
            mailbox.push(PeerEvent::Connected);
        }
        assert_eq!(dropped.get(), 3);
    }

    #[tokio::test]
    async fn closing_ends_the_forwarding_even_when_nobody_reads() {
        let mailbox = std::sync::Arc::new(Mailbox::default());
        let (tx, rx) = mpsc::channel(1);
        let task = tokio::spawn({
            let mailbox = std::sync::Arc::clone(&mailbox);
            async move { mailbox.forward(tx).await }
        });
        for _ in 0..EVENT_LIMIT + 10 {
            mailbox.push(PeerEvent::Connected);
        }
        tokio::task::yield_now().await;
        mailbox.close();
        task.await.unwrap();
        drop(rx);
    }
}

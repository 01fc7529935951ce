//! A client's end of the queues to and from the session: what is told waits here while there is no room, and outages are
//! told once each.

use std::collections::VecDeque;

use tokio::sync::mpsc::{Receiver, Sender};

use super::{SignalCommand, SignalEvent};
use crate::stats::Counters;

/// What the host was told last of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Unknown,
    Ready,
    Trouble,
}

/// The line to the session.
#[derive(Debug)]
pub struct Line {
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    /// Told and not taken yet. A client asks its server for nothing more before this is empty, which bounds it.
    pending: VecDeque<SignalEvent>,
    health: Health,
    pub counters: Counters,
}

/// What happened on the line.
#[derive(Debug, PartialEq)]
pub enum Turn {
    Command(SignalCommand),
    /// Something that waited was taken.
    Told,
    /// The session has ended.
    Gone,
}

impl Line {
    pub fn new(events: Sender<SignalEvent>, commands: Receiver<SignalCommand>, counters: Counters) -> Self {
        Self { events, commands, pending: VecDeque::new(), health: Health::Unknown, counters }
    }

    /// Tells the session, in order. Of `Ready` and `Trouble` only what is news.
    pub fn tell(&mut self, event: SignalEvent) {
        let health = match event {
            SignalEvent::Ready { .. } => Health::Ready,
            SignalEvent::Trouble { .. } => Health::Trouble,
            _ => self.health,
        };
        let is_news =
            health != self.health || !matches!(event, SignalEvent::Ready { .. } | SignalEvent::Trouble { .. });
        self.health = health;
        if is_news {
            self.pending.push_back(event);
        }
    }

    /// Tells of an outage.
    pub fn trouble(&mut self, reason: String) {
        self.counters.signaling_errors.add(1);
        self.tell(SignalEvent::Trouble { reason });
    }

    /// Says what does not work although the server is there.
    pub fn warn(&mut self, reason: String) {
        self.pending.push_back(SignalEvent::Trouble { reason });
    }

    pub fn is_ready(&self) -> bool {
        self.health == Health::Ready
    }

    /// Whether all that was told has been taken.
    pub fn is_clear(&self) -> bool {
        self.pending.is_empty()
    }

    /// The next thing to happen. May be dropped at any time.
    pub async fn turn(&mut self) -> Turn {
        tokio::select! {
            command = self.commands.recv() => command.map_or(Turn::Gone, Turn::Command),
            permit = self.events.reserve(), if !self.pending.is_empty() => match (permit, self.pending.pop_front()) {
                (Ok(permit), Some(event)) => {
                    permit.send(event);
                    Turn::Told
                }
                _ => Turn::Gone,
            },
            () = self.events.closed() => Turn::Gone,
        }
    }

    /// Waits for the end of the session and does nothing else any more.
    pub async fn wait_for_the_end(&mut self) {
        while self.turn().await != Turn::Gone {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn outage_is_told_once_and_ended_once() {
        let ((to_us, mut events), (commands, from_us)) = (channel(1), channel(1));
        let mut line = Line::new(to_us, from_us, Counters::default());
        for reason in ["one", "two"] {
            line.trouble(reason.into());
        }
        for description in ["a", "b"] {
            line.tell(SignalEvent::Ready { description: description.into() });
        }
        assert_eq!(line.turn().await, Turn::Told);
        assert!(!line.is_clear(), "there is room for one");
        assert_eq!(events.recv().await, Some(SignalEvent::Trouble { reason: "one".into() }));
        assert_eq!(line.turn().await, Turn::Told);
        assert_eq!(events.recv().await, Some(SignalEvent::Ready { description: "a".into() }));
        assert!(line.is_clear() && line.counters.signaling_errors.get() == 2);
        drop(commands);
        assert_eq!(line.turn().await, Turn::Gone);
    }

    #[tokio::test]
    async fn session_that_reads_nothing_can_still_speak() {
        let ((to_us, _events), (commands, from_us)) = (channel(1), channel(1));
        let mut line = Line::new(to_us, from_us, Counters::default());
        (0..3).for_each(|_| line.warn("no room".into()));
        assert_eq!(line.turn().await, Turn::Told);
        let command = SignalCommand::Disconnect { connection: super::super::ConnectionId("c".into()) };
        commands.send(command.clone()).await.unwrap();
        assert_eq!(line.turn().await, Turn::Command(command));
    }
}

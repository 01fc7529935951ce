//! What the host is told, by polling.

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::roles::Role;
use crate::stats::Counter;
use crate::units::ViewerId;

/// Events that may wait for the host.
pub const CAPACITY: usize = 64;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Severity {
    Info = 1,
    /// Something is worse than it should be; streaming goes on.
    Warning = 2,
    /// Something the host configured does not work.
    Error = 3,
    /// Streaming has stopped.
    Fatal = 4,
}

/// What happened. The numbers are the C ABI's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum EventKind {
    /// The embedded server listens; the message is the link to open.
    ServerListening = 1,
    /// The embedded server could not start.
    ServerFailed = 2,
    /// The signaling server answers.
    SignalingReady = 3,
    /// The signaling server is lost; it is tried again and again.
    SignalingTrouble = 4,
    /// A viewer's connection is up.
    ViewerConnected = 5,
    /// A viewer is gone; the message says why.
    ViewerDisconnected = 6,
    /// A viewer could not be served; the message says why.
    ViewerRefused = 7,
    /// An encoder is in use; the message is its name.
    EncoderSelected = 8,
    /// An encoder was tried and does not work here.
    EncoderUnavailable = 9,
    /// An encoder failed while streaming; another takes over.
    EncoderFailed = 10,
    /// No encoder is left for a codec.
    EncoderMissing = 11,
    /// A data channel opened; the message is its label.
    ChannelOpened = 12,
    /// A data channel closed; the message is its label.
    ChannelClosed = 13,
    /// The graphics device that pictures came from is lost; the message says which.
    GraphicsDeviceLost = 14,
    /// A user asks to watch; the message is its name.
    CallRequested = 15,
    /// A request to or of a user came to nothing; the message is its name.
    CallEnded = 16,
    /// Sound or pictures of a viewer come; the message is `audio` or `video`.
    ReceivingStarted = 17,
    /// They come no more: the page ended them, by agreement or a goodbye, the viewer left, or nothing came for 5 s. The message is
    /// `audio` or `video`.
    ReceivingStopped = 18,
    /// A user has signed in at the embedded server and can be called; the message is its name.
    UserSignedIn = 27,
    /// A viewer is shown another source's picture; the message is that source's number and nothing else.
    SourceChanged = 24,
    /// None of the codecs that the host prefers for a viewer was agreed on with its page; the message says which one goes on.
    CodecNotAgreed = 26,
    /// What waits on a data channel fell to its threshold; the message is its label.
    ChannelLow = 20,
    /// Nothing is heard of a viewer, or it is heard again; the message is `interrupted` or `back`.
    ViewerInterrupted = 23,
    /// A viewer plays from now on, or watches; the message says why.
    RoleChanged = 40,
    /// A viewer asks for control.
    RoleAsked = 41,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub severity: Severity,
    /// Whom it is about; 0 for nobody.
    pub viewer: ViewerId,
    /// The data channel it is about; 0 for none.
    pub channel: u32,
    /// The viewer's role, where the event is about that.
    pub role: Option<Role>,
    /// For people, in English, one line.
    pub message: String,
}

/// Any thread to the host's main thread.
#[derive(Clone, Debug)]
pub struct EventQueue {
    tx: Sender<Event>,
    rx: Receiver<Event>,
    /// Fatal events have a place of their own, so that a full queue cannot lose one.
    fatal_tx: Sender<Event>,
    fatal_rx: Receiver<Event>,
    dropped: Counter,
    last: std::sync::Arc<std::sync::Mutex<Option<Event>>>,
}

impl EventQueue {
    pub fn new(dropped: Counter) -> Self {
        let (tx, rx) = crossbeam_channel::bounded(CAPACITY);
        let (fatal_tx, fatal_rx) = crossbeam_channel::bounded(4);
        Self { tx, rx, fatal_tx, fatal_rx, dropped, last: Default::default() }
    }

    /// Hands an event over without waiting. The same event as the one before, still unread, is merged into it.
    pub fn push(&self, kind: EventKind, severity: Severity, viewer: ViewerId, message: impl Into<String>) {
        self.push_of_channel(kind, severity, viewer, 0, message);
    }

    /// The same of a viewer's role.
    pub fn push_of_role(&self, kind: EventKind, viewer: ViewerId, role: Role, message: impl Into<String>) {
        let (severity, message) = (Severity::Info, message.into());
        self.hand_over(Event { kind, severity, viewer, channel: 0, role: Some(role), message });
    }

    /// The same of a data channel, by its number.
    pub fn push_of_channel(
        &self,
        kind: EventKind,
        severity: Severity,
        viewer: ViewerId,
        channel: u32,
        message: impl Into<String>,
    ) {
        self.hand_over(Event { kind, severity, viewer, channel, role: None, message: message.into() });
    }

    fn hand_over(&self, event: Event) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.rx.is_empty() && last.as_ref() == Some(&event) {
            return;
        }
        let to = if event.severity == Severity::Fatal { &self.fatal_tx } else { &self.tx };
        match to.try_send(event.clone()) {
            Ok(()) => *last = Some(event),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.dropped.add(1),
        }
    }

    /// The oldest unread event; a fatal one comes after what led to it.
    pub fn poll(&self) -> Option<Event> {
        self.rx.try_recv().or_else(|_| self.fatal_rx.try_recv()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_merge_and_a_full_queue_keeps_room_for_a_fatal_one() {
        let dropped = Counter::default();
        let queue = EventQueue::new(dropped.clone());
        let push = |message: &str, severity| {
            queue.push(EventKind::SignalingTrouble, severity, ViewerId(0), message);
        };
        push("same", Severity::Warning);
        push("same", Severity::Warning);
        for i in 0..CAPACITY {
            push(&i.to_string(), Severity::Warning);
        }
        assert_eq!(dropped.get(), 1);
        push("end", Severity::Fatal);
        let all: Vec<_> = std::iter::from_fn(|| queue.poll()).collect();
        assert_eq!(all.len(), CAPACITY + 1);
        assert_eq!(all.last().unwrap().message, "end");
    }
}

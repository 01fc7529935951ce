//! One viewer's data channels: which number each has, and a task for each that sends what the host has for it, so that one
//! that is not read holds up itself only.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Viewer;
use crate::peer::{ChannelKey, ChannelOptions, Peer, SEND_BUFFER_BYTES};
use crate::signaling::negotiation::Input;
use crate::signaling::sdp::MediaKinds;
use crate::streamer::channels::Inbound;
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::shared::Shared;
use crate::units::ViewerId;

/// How often it is looked at what a channel's other side has acknowledged, while something is not.
const LOOK: Duration = Duration::from_millis(10);

pub struct ViewerChannels {
    shared: Arc<Shared>,
    viewer: ViewerId,
    numbers: HashMap<ChannelKey, u32>,
    /// An offer of ours was asked for that has a section for channels.
    asked: bool,
}

impl ViewerChannels {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId) -> Self {
        Self { shared, viewer, numbers: HashMap::new(), asked: false }
    }

    pub fn number(&self, key: ChannelKey) -> Option<u32> {
        self.numbers.get(&key).copied()
    }

    /// Opens what the host wants on a peer that has just been made.
    pub async fn open_waiting(&mut self, peer: &Peer) {
        (self.numbers, self.asked) = (HashMap::new(), false);
        for (number, options) in self.shared.channels.connecting(self.viewer) {
            self.open(peer, number, &options).await;
        }
    }

    async fn open(&mut self, peer: &Peer, number: u32, options: &ChannelOptions) {
        match peer.open_channel(options.clone()).await {
            Ok(key) => {
                self.numbers.insert(key, number);
            }
            Err(error) => {
                tracing::warn!(viewer = self.viewer.0, channel = number, %error, "a data channel cannot be opened");
                self.tell_closed(number, Severity::Warning);
            }
        }
    }

    /// It can be used. None: it is closed at once.
    async fn on_open(&mut self, peer: &Peer, opened: Opened) -> Option<u32> {
        let Opened { key, options, id, ours } = opened;
        let label = options.label.clone();
        let number = match self.number(key) {
            Some(number) => number,
            None if ours => return None,
            None => self.shared.channels.enter(self.viewer, options, true).ok()?,
        };
        self.numbers.insert(key, number);
        let inbound = self.shared.channels.open(number, id, peer.longest_message().await)?;
        let sending =
            Sending { shared: Arc::clone(&self.shared), peer: peer.clone(), viewer: self.viewer, number, key };
        tokio::spawn(sending.run(inbound, label.clone()));
        self.shared.events.push_of_channel(EventKind::ChannelOpened, Severity::Info, self.viewer, number, label);
        Some(number)
    }

    fn tell_closed(&self, number: u32, severity: Severity) {
        if let Some(label) = self.shared.channels.closed(number) {
            self.shared.events.push_of_channel(EventKind::ChannelClosed, severity, self.viewer, number, label);
        }
    }

    /// Every channel's task ends once the connection is closed.
    pub fn end(&self) {
        self.shared.channels.leave(self.viewer);
    }
}

impl Drop for ViewerChannels {
    fn drop(&mut self) {
        self.end();
    }
}

/// A channel that can be used, as its peer tells it.
pub struct Opened {
    pub key: ChannelKey,
    pub options: ChannelOptions,
    pub id: Option<u16>,
    pub ours: bool,
}

impl Viewer {
    /// The host wants a channel. Before anything was said there is no connection to open it on: it opens with that.
    pub(in crate::streamer) async fn open_channel(&mut self, number: u32) {
        let Some(peer) = self.peer.clone() else { return };
        let wanted = self.context.shared.channels.connecting(self.id);
        if let Some((_, options)) = wanted.into_iter().find(|(wanted, _)| *wanted == number) {
            self.channels.open(&peer, number, &options).await;
        }
        if self.hosted.is_some() {
            self.look_whether_to_negotiate().await;
        } else if self.lacks_channel_section().await {
            self.negotiate(Input::Renegotiate).await;
        }
    }

    /// The host closes a channel before it is open.
    pub(in crate::streamer) async fn close_channel(&mut self, number: u32) {
        let key = self.channels.numbers.iter().find_map(|(key, own)| (*own == number).then_some(*key));
        match (&self.peer, key) {
            (Some(peer), Some(key)) => peer.close_channel(key).await,
            _ => self.channels.tell_closed(number, Severity::Info),
        }
    }

    /// Whether channels of ours wait for a section that no description has: we have to offer one, once.
    pub(super) async fn lacks_channel_section(&mut self) -> bool {
        let waits = || !self.context.shared.channels.connecting(self.id).is_empty();
        // Before the first description is agreed on, it is another's turn, or ours has the section.
        if !self.described || self.channels.asked || !waits() {
            return false;
        }
        let Some(peer) = &self.peer else { return false };
        let local = peer.local_description().await;
        self.channels.asked = local.is_some_and(|sdp| !MediaKinds::of(&sdp).application);
        self.channels.asked
    }

    pub(super) async fn on_channel_open(&mut self, opened: Opened) {
        let Some(peer) = self.peer.clone() else { return };
        let (key, label, ours) = (opened.key, opened.options.label.clone(), opened.ours);
        match self.channels.on_open(&peer, opened).await {
            Some(number) => {
                self.input.open(number, &label);
                self.on_control_open(number, &label, ours);
            }
            None => peer.close_channel(key).await,
        }
    }

    pub(super) fn on_channel_closed(&mut self, key: ChannelKey) {
        if let Some(number) = self.channels.numbers.remove(&key) {
            self.input.close(number);
            self.latency.close(number);
            self.control.close(number);
            self.channels.tell_closed(number, Severity::Info);
        }
    }
}

/// Sends what the host has for one channel.
struct Sending {
    shared: Arc<Shared>,
    peer: Peer,
    viewer: ViewerId,
    number: u32,
    key: ChannelKey,
}

impl Sending {
    async fn run(self, mut inbound: Inbound, label: String) {
        let drained = self.peer.drained(self.key).unwrap_or_default();
        loop {
            let unacknowledged = inbound.unacknowledged();
            let low = tokio::select! {
                message = inbound.next(), if unacknowledged < SEND_BUFFER_BYTES => {
                    let Some(message) = message else { break };
                    match self.peer.send_message(self.key, message.text, &message.data).await {
                        Ok(()) => self.shared.counters.messages_sent.add(1),
                        // The channel closed while the message waited.
                        Err(error) => {
                            tracing::debug!(viewer = self.viewer.0, channel = self.number, %error, "message not sent");
                            self.shared.counters.messages_undeliverable.add(1);
                        }
                    }
                    inbound.hand_over(message.data.len(), self.peer.unacknowledged(self.key).await)
                }
                () = drained.notified(), if unacknowledged > 0 => self.look(&inbound).await,
                () = tokio::time::sleep(LOOK), if unacknowledged > 0 => self.look(&inbound).await,
            };
            if low {
                let (viewer, label) = (self.viewer, label.clone());
                self.shared.events.push_of_channel(EventKind::ChannelLow, Severity::Info, viewer, self.number, label);
            }
        }
        // The host has closed it: first everything arrives that was sent on it (W3C, closing procedure).
        while self.peer.unacknowledged(self.key).await > 0 {
            tokio::select! {
                () = drained.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            self.look(&inbound).await;
        }
        self.peer.close_channel(self.key).await;
    }

    async fn look(&self, inbound: &Inbound) -> bool {
        inbound.acknowledge(self.peer.unacknowledged(self.key).await)
    }
}

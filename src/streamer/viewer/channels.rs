//! From the host to one viewer's data channels.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::peer::Peer;
use crate::streamer::outbox::Inbound;
use crate::streamer::shared::Shared;
use crate::units::ViewerId;

/// Sends what the host has for this viewer, from its first open channel until it leaves.
pub struct Messages {
    shared: Arc<Shared>,
    viewer: ViewerId,
    sending: Option<JoinHandle<()>>,
}

impl Messages {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId) -> Self {
        Self { shared, viewer, sending: None }
    }

    /// A channel opened: the host may send on it.
    pub fn open(&mut self, peer: &Peer, label: &str) {
        if self.sending.is_none() {
            let messages = self.shared.outbox.join(self.viewer);
            self.sending = Some(tokio::spawn(send(Arc::clone(&self.shared), peer.clone(), messages)));
        }
        self.shared.outbox.open(self.viewer, label);
    }

    pub fn close(&self, label: &str) {
        self.shared.outbox.close(self.viewer, label);
    }

    pub fn end(&mut self) {
        self.shared.outbox.leave(self.viewer);
        if let Some(sending) = self.sending.take() {
            sending.abort();
        }
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        self.end();
    }
}

/// One after the other: a viewer that reads slowly holds up its own messages only.
async fn send(shared: Arc<Shared>, peer: Peer, mut messages: Inbound) {
    while let Some(message) = messages.next().await {
        match peer.send_message(&message.label, message.text, &message.data).await {
            Ok(()) => shared.counters.messages_sent.add(1),
            // The channel closed while the message waited.
            Err(error) => {
                tracing::debug!(%error, "message not sent");
                shared.counters.messages_undeliverable.add(1);
            }
        }
    }
}

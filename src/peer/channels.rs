//! Data channels, by the label their opener gave them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webrtc::data_channel::{DataChannel, DataChannelEvent};

use super::settings::{PeerError, PeerEvent};

/// Channels one browser may have open.
const MAX_CHANNELS: usize = 32;
/// The longest label accepted.
const MAX_LABEL_BYTES: usize = 256;
/// Bytes a channel may hold that the browser has not acknowledged; more waits.
pub const SEND_BUFFER_BYTES: usize = 1 << 20;

#[derive(Default)]
struct Open {
    by_label: HashMap<String, Arc<dyn DataChannel>>,
    tasks: Vec<JoinHandle<()>>,
    closed: bool,
}

/// The channels of one peer.
#[derive(Default)]
pub struct Channels(Mutex<Open>);

impl Channels {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a channel until it closes, on a task of its own: a browser that sends faster than we read is slowed down by
    /// its channel's window, and nothing else waits.
    pub fn watch(self: &Arc<Self>, channel: Arc<dyn DataChannel>, events: mpsc::Sender<PeerEvent>) {
        let mut open = self.open();
        open.tasks.retain(|task| !task.is_finished());
        if open.closed {
            return;
        }
        let refused = open.tasks.len() >= MAX_CHANNELS;
        let channels = Arc::clone(self);
        open.tasks.push(tokio::spawn(async move {
            if refused {
                tracing::warn!(limit = MAX_CHANNELS, "one data channel too many; it is closed");
                let _ = channel.close().await;
                return;
            }
            let Ok(label) = channel.label().await else { return };
            if label.len() > MAX_LABEL_BYTES {
                tracing::warn!(limit = MAX_LABEL_BYTES, "a data channel's label is too long; it is closed");
                let _ = channel.close().await;
                return;
            }
            channels.read(&label, &channel, &events).await;
            channels.forget(&label, &channel);
        }));
    }

    async fn read(&self, label: &str, channel: &Arc<dyn DataChannel>, events: &mpsc::Sender<PeerEvent>) {
        let mut opened = false;
        while let Some(event) = channel.poll().await {
            let label = label.to_owned();
            let event = match event {
                DataChannelEvent::OnOpen if !opened => {
                    opened = true;
                    self.open().by_label.insert(label.clone(), Arc::clone(channel));
                    PeerEvent::ChannelOpened { label }
                }
                DataChannelEvent::OnMessage(message) => {
                    PeerEvent::Message { label, text: message.is_string, data: message.data.freeze() }
                }
                DataChannelEvent::OnClose => break,
                _ => continue,
            };
            if events.send(event).await.is_err() {
                return;
            }
        }
        if opened {
            let _ = events.send(PeerEvent::ChannelClosed { label: label.to_owned() }).await;
        }
    }

    fn forget(&self, label: &str, channel: &Arc<dyn DataChannel>) {
        let mut open = self.open();
        if open.by_label.get(label).is_some_and(|open| Arc::ptr_eq(open, channel)) {
            open.by_label.remove(label);
        }
    }

    fn get(&self, label: &str) -> Result<Arc<dyn DataChannel>, PeerError> {
        self.open().by_label.get(label).cloned().ok_or_else(|| PeerError::NoChannel(label.to_owned()))
    }

    pub async fn send(&self, label: &str, text: bool, data: &[u8]) -> Result<(), PeerError> {
        let channel = self.get(label)?;
        let sent = match std::str::from_utf8(data) {
            Ok(content) if text => channel.send_text(content).await,
            _ => channel.send(BytesMut::from(data)).await,
        };
        // The crate's only failure here: the channel is closed, or about to be.
        sent.map_err(|_| PeerError::NoChannel(label.to_owned()))
    }

    /// Ends every reading task; the crate's channel objects hold its whole connection and must not outlive it.
    pub async fn close(&self) {
        let tasks = {
            let mut open = self.open();
            open.closed = true;
            open.by_label.clear();
            std::mem::take(&mut open.tasks)
        };
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
    }
}

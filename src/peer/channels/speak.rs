//! Sending on a channel, and closing it.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::Notify;
use webrtc::data_channel::DataChannel;

use super::{ChannelKey, ChannelOptions, Channels, LEAST_REST};
use crate::peer::Peer;
use crate::peer::settings::PeerError;
use crate::time;

impl Channels {
    fn get(&self, key: ChannelKey) -> Option<Arc<dyn DataChannel>> {
        self.table().entries.get(&key).filter(|entry| entry.open)?.channel.clone()
    }

    /// `round_trip`: of the path, within which the other side closes its half.
    async fn close_one(&self, key: ChannelKey, round_trip: Duration) {
        let (channel, open, given_up) = {
            let mut table = self.table();
            let Some(entry) = table.entries.get(&key) else { return };
            let known = (entry.channel.clone(), entry.open, Arc::clone(&entry.signs.given_up));
            table.resting_until = time::now() + LEAST_REST.max(round_trip * 4);
            known
        };
        if let Some(channel) = channel {
            let _ = channel.close().await;
        }
        if !open {
            given_up.notify_one();
        }
    }
}

impl Peer {
    /// Opens a channel ourselves. Before the descriptions have a section for channels it is in the next one; then it opens as soon
    /// as the association stands, but one whose id may still be that of a channel just closed, a little later. They open in the
    /// order of these calls. `ChannelOpened` tells when one can be used, `ChannelClosed` that it never will.
    pub async fn open_channel(&self, options: ChannelOptions) -> Result<ChannelKey, PeerError> {
        let _negotiation = self.negotiate().await?;
        let shared = &self.0.shared;
        let key = shared.channels.open(options, shared.is_connected(), shared.events.clone()).await?;
        shared.channel_made();
        Ok(key)
    }

    /// Sends text (UTF-8) or bytes on an open channel. Waits while the browser has not acknowledged 256 KiB of what was sent
    /// on it before.
    pub async fn send_message(&self, key: ChannelKey, text: bool, data: &[u8]) -> Result<(), PeerError> {
        let channel = self.0.shared.channels.get(key).ok_or(PeerError::NoChannel)?;
        let sent = match std::str::from_utf8(data) {
            Ok(content) if text => channel.send_text(content).await,
            _ => channel.send(BytesMut::from(data)).await,
        };
        // The crate fails here where the channel is closed or the message longer than the other side takes.
        sent.map_err(|_| PeerError::NoChannel)
    }

    /// Bytes sent on a channel that were neither acknowledged nor given up; 0 for one that is not open.
    pub async fn unacknowledged(&self, key: ChannelKey) -> usize {
        match self.0.shared.channels.get(key) {
            Some(channel) => channel.outstanding_bytes().await.unwrap_or(0),
            None => 0,
        }
    }

    /// Rings when [`unacknowledged`](Self::unacknowledged) has become 0, and when the channel is gone.
    pub fn drained(&self, key: ChannelKey) -> Option<Arc<Notify>> {
        self.0.shared.channels.table().entries.get(&key).map(|entry| Arc::clone(&entry.signs.drained))
    }

    /// The longest message the other side takes, in bytes (`a=max-message-size`, RFC 8841); None before it has said.
    pub async fn longest_message(&self) -> Option<usize> {
        let transport = self.0.connection.sctp().await?;
        transport.max_message_size().await.ok().map(|bytes| bytes as usize)
    }

    /// Closes a channel. `ChannelClosed` follows. What is not acknowledged may be lost, for the crate resets the stream before it
    /// has sent everything. One that is not there is closed already.
    pub async fn close_channel(&self, key: ChannelKey) {
        let round_trip = self.path().rtt().unwrap_or_default();
        self.0.shared.channels.close_one(key, round_trip).await;
    }
}

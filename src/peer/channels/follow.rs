//! What a channel tells, from its opening to its end.

use std::sync::Arc;

use rtc::statistics::StatsSelector;
use rtc::statistics::report::RTCStatsReportEntry;
use tokio::sync::mpsc;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelState};

use super::{ChannelKey, ChannelOptions, Channels, Reliability, Signs};
use crate::peer::settings::{PeerError, PeerEvent};
use crate::time;

impl Channels {
    /// Reads a channel until it closes: a browser that sends faster than we read is slowed down by its window.
    pub(super) async fn follow(
        &self,
        key: ChannelKey,
        channel: &Arc<dyn DataChannel>,
        options: ChannelOptions,
        signs: &Signs,
        events: &mpsc::Sender<PeerEvent>,
    ) {
        let ours = self.table().entries.get(&key).is_some_and(|entry| entry.ours);
        // Nothing announces a negotiated one where an association stands already.
        let mut opens =
            options.negotiated.is_some() && matches!(channel.ready_state().await, Ok(RTCDataChannelState::Open));
        let mut unopened = Some(options);
        let mut twin: Option<Arc<dyn DataChannel>> = None;
        loop {
            if std::mem::take(&mut opens)
                && let Some(options) = unopened.take()
            {
                let id = self.stream_id(channel, &options).await;
                if let Some(entry) = self.table().entries.get_mut(&key) {
                    (entry.open, entry.id) = (true, id);
                }
                if events.send(PeerEvent::ChannelOpened { key, options: Box::new(options), id, ours }).await.is_err() {
                    return;
                }
            }
            let event = tokio::select! {
                biased;
                () = signs.twin.notified() => {
                    twin = self.table().entries.get(&key).and_then(|entry| entry.twin.clone());
                    continue;
                }
                Some(event) = first_events(twin.as_ref()) => Some(event),
                event = channel.poll() => event,
                () = signs.given_up.notified() => None,
            };
            match event {
                Some(DataChannelEvent::OnOpen) => opens = true,
                Some(DataChannelEvent::OnMessage(message)) => {
                    let (text, data) = (message.is_string, message.data.freeze());
                    if events.send(PeerEvent::Message { key, text, data }).await.is_err() {
                        return;
                    }
                }
                Some(DataChannelEvent::OnBufferedAmountLow) => signs.drained.notify_one(),
                Some(DataChannelEvent::OnClose) | None => break,
                Some(_) => {}
            }
        }
        self.end(key, ours || unopened.is_none(), signs, events).await;
    }

    pub(super) async fn end(&self, key: ChannelKey, known: bool, signs: &Signs, events: &mpsc::Sender<PeerEvent>) {
        self.table().entries.remove(&key);
        signs.drained.notify_one();
        if known {
            let _ = events.send(PeerEvent::ChannelClosed { key }).await;
        }
    }

    /// The crate shows it in its statistics only.
    async fn stream_id(&self, channel: &Arc<dyn DataChannel>, options: &ChannelOptions) -> Option<u16> {
        if options.negotiated.is_some() {
            return options.negotiated;
        }
        let connection = self.connection().ok()?;
        let report = connection.get_stats(time::instant(), StatsSelector::None).await;
        match report.get(&format!("RTCDataChannel_{}", channel.id())) {
            Some(RTCStatsReportEntry::DataChannel(stats)) => Some(stats.data_channel_identifier),
            _ => None,
        }
    }
}

/// What a channel was told before the crate knew it for ours; it ends where the other begins.
async fn first_events(twin: Option<&Arc<dyn DataChannel>>) -> Option<DataChannelEvent> {
    match twin {
        Some(twin) => twin.poll().await,
        None => None,
    }
}

/// What the page has chosen, as far as the crate tells.
pub(super) async fn described(channel: &dyn DataChannel) -> Result<ChannelOptions, PeerError> {
    let gone = |_| PeerError::NoChannel;
    let options = ChannelOptions {
        label: channel.label().await.map_err(gone)?,
        protocol: channel.protocol().await.map_err(gone)?,
        ordered: channel.ordered().await.map_err(gone)?,
        reliability: Reliability::Unknown,
        negotiated: None,
    };
    options.validate()?;
    Ok(options)
}

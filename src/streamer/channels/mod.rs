//! Every viewer's data channels by their numbers: what they are like, how they are, and what the host sends on them. What a
//! slow viewer has not taken waits here, for each channel apart and bounded; the host is told when there is no room, and
//! nothing is dropped in the middle of a reliable channel.

mod calls;
mod error;
mod queue;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::peer::{ChannelOptions, MAX_CHANNELS, OptionsError};
use crate::units::ViewerId;
pub use error::{ChannelError, SendError};
use queue::Queue;
pub use queue::{Inbound, Outgoing};

/// The longest message, in bytes: what every page takes that does not say otherwise (`a=max-message-size`, RFC 8841).
pub const LONGEST_MESSAGE: usize = 65_536;

/// W3C `RTCDataChannelState`. The numbers are the C ABI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ReadyState {
    Connecting = 1,
    Open = 2,
    Closing = 3,
    Closed = 4,
}

impl fmt::Display for ReadyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        })
    }
}

/// A channel at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInfo {
    pub viewer: ViewerId,
    pub options: Arc<ChannelOptions>,
    /// Its page has opened it.
    pub by_page: bool,
    /// None before it is known.
    pub id: Option<u16>,
    pub state: ReadyState,
    /// Bytes that the host sent and the viewer has not acknowledged.
    pub buffered_amount: usize,
    pub buffered_amount_low_threshold: u32,
    /// The longest message that can be sent, in bytes.
    pub longest_message: usize,
}

#[derive(Debug)]
struct Channel {
    viewer: ViewerId,
    options: Arc<ChannelOptions>,
    by_page: bool,
    id: Option<u16>,
    state: ReadyState,
    longest: usize,
    queue: Queue,
}

#[derive(Debug, Default)]
struct Table {
    last: u32,
    channels: HashMap<u32, Channel>,
    /// Each viewer's, oldest first; of the closed ones the newest.
    viewers: HashMap<ViewerId, Vec<u32>>,
}

impl Table {
    fn enter(&mut self, viewer: ViewerId, options: Arc<ChannelOptions>, by_page: bool) -> Result<u32, OptionsError> {
        let Self { last, channels, viewers } = self;
        let own = viewers.entry(viewer).or_default();
        let living = || own.iter().filter_map(|number| channels.get(number)).filter(|c| c.state != ReadyState::Closed);
        if living().count() >= MAX_CHANNELS {
            return Err(OptionsError::TooMany);
        }
        if let Some(id) = options.negotiated.filter(|id| living().any(|channel| channel.id == Some(*id))) {
            return Err(OptionsError::IdInUse(id));
        }
        // After four thousand million channels the numbers are used up, and none is given twice.
        let number = last.checked_add(1).ok_or(OptionsError::TooMany)?;
        *last = number;
        own.push(number);
        let (id, state, queue) = (options.negotiated, ReadyState::Connecting, Queue::closed());
        channels.insert(number, Channel { viewer, options, by_page, id, state, longest: LONGEST_MESSAGE, queue });
        Ok(number)
    }

    fn get(&mut self, number: u32) -> Result<&mut Channel, ChannelError> {
        self.channels.get_mut(&number).ok_or(ChannelError::NoChannel(number))
    }

    fn remove(&mut self, number: u32) {
        if let Some(channel) = self.channels.remove(&number)
            && let Some(own) = self.viewers.get_mut(&channel.viewer)
        {
            own.retain(|other| *other != number);
            if own.is_empty() {
                self.viewers.remove(&channel.viewer);
            }
        }
    }

    /// The newest open channel of a viewer that has this label.
    fn labelled(&self, own: &[u32], label: &str) -> Option<&Channel> {
        let channels = own.iter().rev().filter_map(|number| self.channels.get(number));
        channels.filter(|channel| channel.state == ReadyState::Open).find(|channel| channel.options.label == label)
    }
}

/// The data channels of one streamer.
#[derive(Debug, Default)]
pub struct Channels(Mutex<Table>);

impl Channels {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel that the host wants, not yet open; `by_page`: that the page has opened.
    pub fn enter(&self, viewer: ViewerId, options: ChannelOptions, by_page: bool) -> Result<u32, OptionsError> {
        options.validate()?;
        self.table().enter(viewer, Arc::new(options), by_page)
    }

    /// What becomes of one that nobody has seen.
    pub fn forget(&self, number: u32) {
        self.table().remove(number);
    }

    /// The channels that the host wants of a viewer and that are not open yet, oldest first.
    pub fn connecting(&self, viewer: ViewerId) -> Vec<(u32, Arc<ChannelOptions>)> {
        let table = self.table();
        let own = table.viewers.get(&viewer).into_iter().flatten();
        let own = own.filter_map(|number| Some((*number, table.channels.get(number)?)));
        let connecting = own.filter(|(_, channel)| channel.state == ReadyState::Connecting);
        connecting.map(|(number, channel)| (number, Arc::clone(&channel.options))).collect()
    }

    /// It can be used from now on; `longest`: of the other side's messages. None: the host has closed it meanwhile.
    pub fn open(&self, number: u32, id: Option<u16>, longest: Option<usize>) -> Option<Inbound> {
        let mut table = self.table();
        let channel = table.channels.get_mut(&number).filter(|channel| channel.state == ReadyState::Connecting)?;
        (channel.state, channel.id) = (ReadyState::Open, id);
        channel.longest = longest.unwrap_or(LONGEST_MESSAGE).min(LONGEST_MESSAGE);
        Some(channel.queue.open())
    }

    /// The host closes it. Some: its viewer, who has to be told, since nothing waits that would be sent first.
    pub fn close(&self, number: u32) -> Result<Option<ViewerId>, ChannelError> {
        let mut table = self.table();
        let channel = table.get(number)?;
        let before = channel.state;
        if matches!(before, ReadyState::Connecting | ReadyState::Open) {
            channel.state = ReadyState::Closing;
            channel.queue.close();
        }
        Ok((before == ReadyState::Connecting).then_some(channel.viewer))
    }

    /// It is closed. Its label, unless that was known.
    pub fn closed(&self, number: u32) -> Option<String> {
        let mut table = self.table();
        let channel = table.channels.get_mut(&number).filter(|channel| channel.state != ReadyState::Closed)?;
        channel.state = ReadyState::Closed;
        channel.queue.close();
        let (viewer, label) = (channel.viewer, channel.options.label.clone());
        // The newest closed ones are remembered, so that a host that asks late is told the state.
        let Table { channels, viewers, .. } = &*table;
        let own = viewers.get(&viewer).into_iter().flatten();
        let closed = |number: &&u32| channels.get(number).is_some_and(|channel| channel.state == ReadyState::Closed);
        let known: Vec<u32> = own.filter(closed).copied().collect();
        if known.len() > MAX_CHANNELS {
            table.remove(known[0]);
        }
        Some(label)
    }

    /// A viewer leaves, and its channels with it.
    pub fn leave(&self, viewer: ViewerId) {
        let mut table = self.table();
        for number in table.viewers.remove(&viewer).into_iter().flatten() {
            table.channels.remove(&number);
        }
    }

    pub fn info(&self, number: u32) -> Result<ChannelInfo, ChannelError> {
        let mut table = self.table();
        let channel = table.get(number)?;
        Ok(ChannelInfo {
            viewer: channel.viewer,
            options: Arc::clone(&channel.options),
            by_page: channel.by_page,
            id: channel.id,
            state: channel.state,
            buffered_amount: channel.queue.amount(),
            buffered_amount_low_threshold: channel.queue.low(),
            longest_message: channel.longest,
        })
    }

    pub fn set_low_threshold(&self, number: u32, bytes: u32) -> Result<(), ChannelError> {
        self.table().get(number)?.queue.set_low(bytes);
        Ok(())
    }

    /// Sends on one channel. Never waits for the network.
    pub fn send(&self, number: u32, text: bool, data: &[u8]) -> Result<(), ChannelError> {
        let mut table = self.table();
        let channel = table.get(number)?;
        if channel.state != ReadyState::Open {
            return Err(ChannelError::NotOpen { channel: number, state: channel.state });
        }
        if data.len() > channel.longest {
            return Err(ChannelError::TooLong { bytes: data.len(), longest: channel.longest });
        }
        let sent = channel.queue.send(Outgoing { text, data: Bytes::copy_from_slice(data) });
        if sent { Ok(()) } else { Err(ChannelError::Full(number)) }
    }

    /// Sends to one viewer, or to every viewer with a channel of that label: then to all of them or, when one has no room, to
    /// none. Never waits for the network.
    pub fn send_labelled(&self, to: Option<ViewerId>, label: &str, text: bool, data: &[u8]) -> Result<(), SendError> {
        if data.len() > LONGEST_MESSAGE {
            return Err(SendError::TooLong { bytes: data.len(), longest: LONGEST_MESSAGE });
        }
        let table = self.table();
        let receivers: Vec<&Channel> = match to {
            Some(viewer) => {
                let own = table.viewers.get(&viewer).ok_or(SendError::NoViewer(viewer))?;
                table.labelled(own, label).into_iter().collect()
            }
            None => table.viewers.values().filter_map(|own| table.labelled(own, label)).collect(),
        };
        if receivers.is_empty() {
            return Err(SendError::NoChannel(label.to_owned()));
        }
        if let Some(short) = receivers.iter().find(|channel| data.len() > channel.longest) {
            return Err(SendError::TooLong { bytes: data.len(), longest: short.longest });
        }
        if let Some(full) = receivers.iter().find(|channel| !channel.queue.has_room(data.len())) {
            return Err(SendError::Full(full.viewer));
        }
        let message = Outgoing { text, data: Bytes::copy_from_slice(data) };
        for channel in receivers {
            // Only these functions fill queues, under the lock: there is room unless the viewer's task has ended.
            if !channel.queue.send(message.clone()) && to.is_some() {
                return Err(SendError::NoViewer(channel.viewer));
            }
        }
        Ok(())
    }
}

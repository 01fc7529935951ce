//! What a host does with data channels.

use std::borrow::Cow;

use super::{ChannelError, ChannelInfo, SendError};
use crate::peer::ChannelOptions;
use crate::streamer::Streamer;
use crate::streamer::control_json::{HostMessage, LABEL};
use crate::units::ViewerId;

impl Streamer {
    /// Sends a message on the data channel with this label, the newest open one: to one viewer, or to all that have such a
    /// channel open. Waits for nothing. `text` says that `data` is UTF-8. A text on the page's channel `rendercast` goes as a
    /// message of that channel's own format.
    pub fn send_message(&self, to: Option<ViewerId>, label: &str, text: bool, data: &[u8]) -> Result<(), SendError> {
        let control = text && label == LABEL;
        self.shared.channels.send_labelled(to, label, text, &worded(control, data))
    }

    /// Opens a data channel to a viewer and gives its number; an event tells when it can be used. Waits for nothing.
    pub fn open_channel(&self, viewer: ViewerId, options: ChannelOptions) -> Result<u32, ChannelError> {
        let shared = &self.shared;
        let number = shared.channels.enter(viewer, options, false)?;
        match shared.orders.post(viewer, move |viewer| Box::pin(viewer.open_channel(number))) {
            Ok(()) => Ok(number),
            Err(error) => {
                shared.channels.forget(number);
                Err(error.into())
            }
        }
    }

    /// Sends on one data channel; texts on the page's channel `rendercast` as [`send_message`](Self::send_message) does. Waits for
    /// nothing.
    pub fn send_on_channel(&self, channel: u32, text: bool, data: &[u8]) -> Result<(), ChannelError> {
        let own = |info: &ChannelInfo| info.by_page && info.options.label == LABEL;
        let control = text && self.shared.channels.info(channel).is_ok_and(|info| own(&info));
        self.shared.channels.send(channel, text, &worded(control, data))
    }

    pub fn channel_info(&self, channel: u32) -> Result<ChannelInfo, ChannelError> {
        self.shared.channels.info(channel)
    }

    /// W3C `bufferedAmountLowThreshold`, in bytes, 0 by default: an event tells when the amount falls to it.
    pub fn set_buffered_amount_low_threshold(&self, channel: u32, bytes: u32) -> Result<(), ChannelError> {
        self.shared.channels.set_low_threshold(channel, bytes)
    }

    /// Closes a data channel: what was sent before still goes out. An event tells when it is closed. Waits for nothing.
    pub fn close_channel(&self, channel: u32) -> Result<(), ChannelError> {
        if let Some(viewer) = self.shared.channels.close(channel)? {
            // Where no order can be given the channel is closed as soon as it opens.
            let _ = self.shared.orders.post(viewer, move |viewer| Box::pin(viewer.close_channel(channel)));
        }
        Ok(())
    }
}

/// A text of the host's in the words of the control channel.
fn worded(control: bool, data: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(data) {
        Ok(text) if control => HostMessage::Message { text }.encode().into_bytes().into(),
        _ => data.into(),
    }
}

//! Messages to pages, and data channels.

use super::call::{Result, call, call_with, number, or_empty};
use super::streamer::Streamer;
use crate::ffi::channels::*;
use crate::ffi::messages::rendercast_send_message;

/// Longer ones are refused by the exports, which take 32 bits.
fn length(message: &[u8]) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX)
}

impl Streamer {
    pub fn send_message(&self, viewer: u32, channel: &[u8], is_text: bool, message: &[u8]) -> Result<bool> {
        // SAFETY: the label ends with a NUL; the message has that length, or is refused for it.
        call_with(channel, |label| unsafe {
            let (label, data) = (or_empty(label), message.as_ptr());
            rendercast_send_message(self.handle, viewer, label, is_text.into(), data, length(message))
        })
    }

    pub fn channel_open(&self, viewer: u32, options: &rendercast_channel_options) -> Result<u32> {
        // SAFETY: a reference is valid, its texts outlive the call, `out` is a number.
        number(|out| unsafe { rendercast_channel_open(self.handle, viewer, options, out) })
    }

    pub fn channel_send(&self, channel: u32, is_text: bool, message: &[u8]) -> Result<bool> {
        // SAFETY: the message has that length, or is refused for it.
        call(|| unsafe {
            rendercast_channel_send(self.handle, channel, is_text.into(), message.as_ptr(), length(message))
        })
    }

    pub fn get_channel_info(&self, channel: u32, out: &mut rendercast_channel_info) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_get_channel_info(self.handle, channel, out) })
    }

    pub fn channel_set_buffered_amount_low_threshold(&self, channel: u32, bytes: u32) -> Result<bool> {
        call(|| rendercast_channel_set_buffered_amount_low_threshold(self.handle, channel, bytes))
    }

    pub fn channel_close(&self, channel: u32) -> Result<bool> {
        call(|| rendercast_channel_close(self.handle, channel))
    }
}

//! Messages to viewers' pages.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::streamer::SendError;
use crate::units::ViewerId;

/// The longest message, in bytes.
pub const RENDERCAST_MESSAGE_MAX: u32 = 65536;
const _: () = assert!(RENDERCAST_MESSAGE_MAX as usize == crate::streamer::LONGEST_MESSAGE);

/// Sends a message to a viewer's page on the data channel with a label; rendercast_channel_send names a channel by its number.
///
/// `viewer` is the number that events and input carry; 0 sends to every viewer with such a channel: to all of them or, when
/// one has no room, to none. `channel` is the label, NUL-terminated UTF-8. With `is_text` 1 the page gets a string, and `data`
/// must be UTF-8 (a NUL at its end is not part of it); with 0 it gets bytes. `data_len` is 0 to RENDERCAST_MESSAGE_MAX bytes;
/// `data` may be freed after the call. A channel opens with RENDERCAST_EVENT_CHANNEL_OPENED.
///
/// Of a viewer's open channels with this label the newest is used. Messages on one channel arrive in the order they were sent,
/// unless it is unordered. 256 of them, or 1 MiB, wait on one channel of a slow viewer.
///
/// Returns RENDERCAST_OK (taken, not yet arrived); RENDERCAST_WOULD_BLOCK (a viewer has no room: send it again later);
/// RENDERCAST_NO_CHANNEL (no such viewer, or no open channel with this label); RENDERCAST_INVALID_ARGUMENT (`is_text`, or
/// `data_len`, which a viewer may bound further); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`channel`, or `data` though `data_len` is not 0);
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `channel` is NULL or ends with a NUL; `data` is NULL or readable for `data_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_send_message(
    streamer: rendercast_streamer,
    viewer: u32,
    channel: *const c_char,
    is_text: u32,
    data: *const u8,
    data_len: u32,
) -> rendercast_status {
    boundary("rendercast_send_message", || {
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `channel`.
            let label = unsafe { text_in(channel, "channel")? }.ok_or(Failure::Null("channel"))?;
            if is_text > 1 {
                return Err(Failure::Argument { name: "is_text", value: is_text.into(), range: "0 to 1" });
            }
            if data_len > RENDERCAST_MESSAGE_MAX {
                let (bytes, longest) = (data_len as usize, RENDERCAST_MESSAGE_MAX as usize);
                return Err(SendError::TooLong { bytes, longest }.into());
            }
            // SAFETY: the caller's promise about `data`, which is at most RENDERCAST_MESSAGE_MAX bytes.
            let data = unsafe { memory::bytes_in(data, data_len as usize, "data")? };
            if is_text == 1 {
                std::str::from_utf8(data).map_err(|reason| Failure::NotUtf8 { name: "data", reason })?;
            }
            let to = (viewer != 0).then_some(ViewerId(viewer));
            object.streamer.send_message(to, label, is_text == 1, data)?;
            Ok(RENDERCAST_OK)
        })
    })
}

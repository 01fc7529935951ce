//! Data channels by their numbers, with all that W3C's RTCDataChannel has.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::messages::RENDERCAST_MESSAGE_MAX;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_in};
use crate::streamer::{ChannelError, ChannelInfo, ChannelOptions, ReadyState, Reliability};
use crate::units::ViewerId;

/// Messages may arrive in another order than they were sent in (W3C `ordered` is false).
pub const RENDERCAST_CHANNEL_UNORDERED: u32 = 1;
/// `max_retransmits` counts; without it, and without the next, a message is sent again until it has arrived.
pub const RENDERCAST_CHANNEL_MAX_RETRANSMITS: u32 = 2;
/// `max_packet_life_time_ms` counts. Not together with RENDERCAST_CHANNEL_MAX_RETRANSMITS.
pub const RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME: u32 = 4;
/// Host and page each open the channel by themselves, with the same `id`, and nothing announces it.
pub const RENDERCAST_CHANNEL_NEGOTIATED: u32 = 8;
/// In rendercast_channel_info only: the page has opened it. Whether it limits retransmissions is not known then.
pub const RENDERCAST_CHANNEL_BY_PAGE: u32 = 16;

/// Nothing can be sent yet: the connection or the page's answer is missing.
pub const RENDERCAST_CHANNEL_CONNECTING: u32 = 1;
/// Messages can be sent.
pub const RENDERCAST_CHANNEL_OPEN: u32 = 2;
/// It was closed here; what was sent before is on its way.
pub const RENDERCAST_CHANNEL_CLOSING: u32 = 3;
/// It is over.
pub const RENDERCAST_CHANNEL_CLOSED: u32 = 4;

/// rendercast_channel_info.id before it is known.
pub const RENDERCAST_CHANNEL_NO_ID: u32 = 65535;
/// Bytes of rendercast_channel_info.label and .protocol, NUL included.
pub const RENDERCAST_LABEL_SIZE: usize = 260;
const _: () = assert!(RENDERCAST_LABEL_SIZE > crate::streamer::MAX_TEXT_BYTES);

/// How a data channel is opened: W3C's RTCDataChannelInit and the label. Zeros mean defaults.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_channel_options {
    /// sizeof(rendercast_channel_options); set by the caller.
    pub size: u32,
    /// Of RENDERCAST_CHANNEL_UNORDERED, _MAX_RETRANSMITS, _MAX_PACKET_LIFE_TIME and _NEGOTIATED. Default none: ordered and
    /// reliable.
    pub flags: u32,
    /// For the page to know the channel by, at most 256 bytes of UTF-8, ended by a NUL. NULL: empty. Labels need not differ.
    pub label: *const c_char,
    /// The application's name for what is said on the channel, as `label`. NULL: empty.
    pub protocol: *const c_char,
    /// With its flag: how long a message is tried for, 0 to 65535 ms.
    pub max_packet_life_time_ms: u32,
    /// With its flag: how often a message is sent again, 0 to 65535. With 0 what is lost is lost.
    pub max_retransmits: u32,
    /// With RENDERCAST_CHANNEL_NEGOTIATED: the channel's id, 0 to 1023.
    pub id: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and pointers only.
unsafe impl Versioned for rendercast_channel_options {
    const NAME: &'static str = "rendercast_channel_options";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// A data channel at one moment.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_channel_info {
    /// sizeof(rendercast_channel_info); set by the caller.
    pub size: u32,
    /// The viewer it goes to.
    pub viewer: u32,
    /// RENDERCAST_CHANNEL_CONNECTING, _OPEN, _CLOSING or _CLOSED.
    pub state: u32,
    /// RENDERCAST_CHANNEL_UNORDERED, _MAX_RETRANSMITS, _MAX_PACKET_LIFE_TIME, _NEGOTIATED and _BY_PAGE, as they are.
    pub flags: u32,
    /// With its flag, in ms.
    pub max_packet_life_time_ms: u32,
    /// With its flag.
    pub max_retransmits: u32,
    /// W3C `id`, the number of its SCTP stream; RENDERCAST_CHANNEL_NO_ID before it is known.
    pub id: u32,
    /// In bytes, see rendercast_channel_set_buffered_amount_low_threshold.
    pub buffered_amount_low_threshold: u32,
    /// Bytes that were sent on it and that the page's browser has not acknowledged, those that wait here included.
    pub buffered_amount: u64,
    /// The longest message that it takes, in bytes: what the page's browser says (a=max-message-size), at most
    /// RENDERCAST_MESSAGE_MAX.
    pub max_message_size: u32,
    /// 0.
    pub reserved: u32,
    /// UTF-8, ended by a NUL.
    pub label: [c_char; RENDERCAST_LABEL_SIZE],
    /// UTF-8, ended by a NUL; empty for none.
    pub protocol: [c_char; RENDERCAST_LABEL_SIZE],
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_channel_info {
    const NAME: &'static str = "rendercast_channel_info";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Opens a data channel to a viewer (W3C createDataChannel).
///
/// `channel` becomes the channel's number, which events and input carry too. Numbers are never reused while the streamer lives.
/// The channel may be opened before the viewer is connected: it is in the first description then, or in an offer that the
/// library makes for it. Messages can be sent from RENDERCAST_EVENT_CHANNEL_OPENED on; RENDERCAST_EVENT_CHANNEL_CLOSED with
/// RENDERCAST_SEVERITY_WARNING tells that it could not be opened. A viewer that leaves takes its channels with it.
///
/// Channels of the page are opened by it; RENDERCAST_EVENT_CHANNEL_OPENED tells their numbers. Messages that the host sends on
/// those arrive whole and in order, whatever the page has chosen: for messages that may be lost or overtake each other, open
/// the channel here, or on both sides with RENDERCAST_CHANNEL_NEGOTIATED.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_TOO_MANY (32 channels of one viewer); RENDERCAST_CHANNEL_ID_IN_USE;
/// RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it); RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (the viewer has
/// not done earlier calls yet: call again later); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or valid as described; `channel` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_channel_open(
    streamer: rendercast_streamer,
    viewer: u32,
    options: *const rendercast_channel_options,
    channel: *mut u32,
) -> rendercast_status {
    boundary("rendercast_channel_open", || {
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `options`, and about `channel` below.
            let options = unsafe { options_in(&memory::read(options, "options")?)? };
            if channel.is_null() {
                return Err(Failure::Null("channel"));
            }
            let number = object.streamer.open_channel(ViewerId(viewer), options)?;
            // SAFETY: as above.
            unsafe { memory::write_value(channel, number, "channel")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Sends a message on a data channel (W3C send).
///
/// `channel` is the number that rendercast_channel_open or an event gave. With `is_text` 1 the page gets a string, and `data`
/// must be UTF-8; with 0 it gets bytes. `data_len` is 0 to rendercast_channel_info.max_message_size bytes; `data` may be freed
/// after the call. 256 messages, or 1 MiB, wait on a channel that is slow, and hold up no other channel.
///
/// Returns RENDERCAST_OK (taken, not yet arrived); RENDERCAST_WOULD_BLOCK (no room: send it again later);
/// RENDERCAST_NO_CHANNEL (no channel has this number, or its viewer has left); RENDERCAST_CHANNEL_NOT_OPEN;
/// RENDERCAST_MESSAGE_TOO_LONG; RENDERCAST_INVALID_ARGUMENT (`is_text`); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER
/// (`data`, though `data_len` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `data` is NULL or readable for `data_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_channel_send(
    streamer: rendercast_streamer,
    channel: u32,
    is_text: u32,
    data: *const u8,
    data_len: u32,
) -> rendercast_status {
    boundary("rendercast_channel_send", || {
        handles::with(streamer, |object| {
            if is_text > 1 {
                return Err(Failure::Argument { name: "is_text", value: is_text.into(), range: "0 to 1" });
            }
            if data_len > RENDERCAST_MESSAGE_MAX {
                let (bytes, longest) = (data_len as usize, RENDERCAST_MESSAGE_MAX as usize);
                return Err(ChannelError::TooLong { bytes, longest }.into());
            }
            // SAFETY: the caller's promise about `data`, which is at most RENDERCAST_MESSAGE_MAX bytes.
            let data = unsafe { memory::bytes_in(data, data_len as usize, "data")? };
            if is_text == 1 {
                std::str::from_utf8(data).map_err(|reason| Failure::NotUtf8 { name: "data", reason })?;
            }
            object.streamer.send_on_channel(channel, is_text == 1, data)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Tells how a data channel is. Set `out->size` before the call. Of a viewer's closed channels the last 32 are remembered.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_channel_info(
    streamer: rendercast_streamer,
    channel: u32,
    out: *mut rendercast_channel_info,
) -> rendercast_status {
    boundary("rendercast_get_channel_info", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let info = object.streamer.channel_info(channel)?;
            // SAFETY: as above.
            unsafe { memory::write(out, &info_out(&info), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Sets the buffered amount that counts as low (W3C bufferedAmountLowThreshold), in bytes, 0 by default.
/// RENDERCAST_EVENT_CHANNEL_LOW comes each time the amount falls to it from above.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_channel_set_buffered_amount_low_threshold(
    streamer: rendercast_streamer,
    channel: u32,
    bytes: u32,
) -> rendercast_status {
    boundary("rendercast_channel_set_buffered_amount_low_threshold", || {
        handles::with(streamer, |object| {
            object.streamer.set_buffered_amount_low_threshold(channel, bytes)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Closes a data channel (W3C close). Nothing more can be sent on it; what was sent before goes out first, then the page is told
/// and RENDERCAST_EVENT_CHANNEL_CLOSED comes. One that is closed or closing stays so.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_channel_close(streamer: rendercast_streamer, channel: u32) -> rendercast_status {
    boundary("rendercast_channel_close", || {
        handles::with(streamer, |object| {
            object.streamer.close_channel(channel)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// # Safety
/// The texts are NULL or end with a NUL.
unsafe fn options_in(from: &rendercast_channel_options) -> Result<ChannelOptions, Failure> {
    let within = |name, value: u32, most: u16, range| match u16::try_from(value) {
        Ok(value) if value <= most => Ok(value),
        _ => Err(Failure::Argument { name, value: value.into(), range }),
    };
    let has = |flag| from.flags & flag != 0;
    if from.flags >= RENDERCAST_CHANNEL_BY_PAGE {
        return Err(Failure::Argument { name: "options.flags", value: from.flags.into(), range: "0 to 15" });
    }
    let reliability = match (has(RENDERCAST_CHANNEL_MAX_RETRANSMITS), has(RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME)) {
        (false, false) => Reliability::Reliable,
        (true, false) => {
            let times = within("options.max_retransmits", from.max_retransmits, u16::MAX, "0 to 65535")?;
            Reliability::Retransmits(times)
        }
        (false, true) => {
            let name = "options.max_packet_life_time_ms";
            Reliability::PacketLifeTime(within(name, from.max_packet_life_time_ms, u16::MAX, "0 to 65535")?)
        }
        (true, true) => {
            let range = "one of max_retransmits and max_packet_life_time_ms, not both";
            return Err(Failure::Argument { name: "options.flags", value: from.flags.into(), range });
        }
    };
    let negotiated =
        if has(RENDERCAST_CHANNEL_NEGOTIATED) { Some(within("options.id", from.id, 1023, "0 to 1023")?) } else { None };
    // SAFETY: the caller's promise about both texts.
    let (label, protocol) =
        unsafe { (text_in(from.label, "options.label")?, text_in(from.protocol, "options.protocol")?) };
    Ok(ChannelOptions {
        label: label.unwrap_or_default().to_owned(),
        protocol: protocol.unwrap_or_default().to_owned(),
        ordered: !has(RENDERCAST_CHANNEL_UNORDERED),
        reliability,
        negotiated,
    })
}

fn info_out(info: &ChannelInfo) -> rendercast_channel_info {
    let options = &*info.options;
    let (limited, max_retransmits, max_packet_life_time_ms) = match options.reliability {
        Reliability::Reliable | Reliability::Unknown => (0, 0, 0),
        Reliability::Retransmits(times) => (RENDERCAST_CHANNEL_MAX_RETRANSMITS, times.into(), 0),
        Reliability::PacketLifeTime(ms) => (RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME, 0, ms.into()),
    };
    let flag = |set, flag| if set { flag } else { 0 };
    rendercast_channel_info {
        size: size_of::<rendercast_channel_info>() as u32,
        viewer: info.viewer.0,
        state: state_number(info.state),
        flags: limited
            | flag(!options.ordered, RENDERCAST_CHANNEL_UNORDERED)
            | flag(options.negotiated.is_some(), RENDERCAST_CHANNEL_NEGOTIATED)
            | flag(info.by_page, RENDERCAST_CHANNEL_BY_PAGE),
        max_packet_life_time_ms,
        max_retransmits,
        id: info.id.map_or(RENDERCAST_CHANNEL_NO_ID, u32::from),
        buffered_amount_low_threshold: info.buffered_amount_low_threshold,
        buffered_amount: info.buffered_amount as u64,
        max_message_size: u32::try_from(info.longest_message).unwrap_or(u32::MAX),
        reserved: 0,
        label: text_field(&options.label),
        protocol: text_field(&options.protocol),
    }
}

const fn state_number(state: ReadyState) -> u32 {
    match state {
        ReadyState::Connecting => RENDERCAST_CHANNEL_CONNECTING,
        ReadyState::Open => RENDERCAST_CHANNEL_OPEN,
        ReadyState::Closing => RENDERCAST_CHANNEL_CLOSING,
        ReadyState::Closed => RENDERCAST_CHANNEL_CLOSED,
    }
}

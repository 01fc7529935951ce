//! Statuses: what every function that can fail returns. Numbers are never reused for another meaning.

use std::ffi::{CStr, c_char};

use super::boundary::boundary_value;
pub(super) use super::failure::{Failure, operation_status};

/// What a call came to. 0 is success, positive is "not now" (nothing is wrong), negative is a failure whose text
/// rendercast_last_error gives on the same thread. A newer library may return numbers that this header does not name.
pub type rendercast_status = i32;

/// Done.
pub const RENDERCAST_OK: i32 = 0;
/// There is nothing to take now: no event, no input, no link yet.
pub const RENDERCAST_EMPTY: i32 = 1;
/// Every buffer is in use. A frame or block was dropped and counted: push the next one as usual. A message was not taken:
/// send it again later.
pub const RENDERCAST_WOULD_BLOCK: i32 = 2;
/// A pointer that must point somewhere is NULL.
pub const RENDERCAST_NULL_POINTER: i32 = -1;
/// The handle is stale or was never given: its object was destroyed, or the lent frame was committed or discarded.
pub const RENDERCAST_INVALID_HANDLE: i32 = -2;
/// An earlier call on this object hit a defect of the library. Only rendercast_destroy still works on it.
pub const RENDERCAST_POISONED: i32 = -3;
/// This call hit a defect of the library. The object is poisoned, the process and other objects are unharmed.
pub const RENDERCAST_PANIC: i32 = -4;
/// The structure's `size` field is not the size of any version of it that this library knows.
pub const RENDERCAST_STRUCT_SIZE: i32 = -5;
/// A text is not UTF-8, or has no NUL in its first 1048576 bytes.
pub const RENDERCAST_INVALID_TEXT: i32 = -6;
/// The configuration cannot be used. rendercast_last_error names the key and the accepted range.
pub const RENDERCAST_INVALID_CONFIG: i32 = -7;
/// An argument is outside its range, or a flag is unknown. rendercast_last_error names it.
pub const RENDERCAST_INVALID_ARGUMENT: i32 = -8;
/// The picture's width or height is outside 1 to 16384 pixels, or not the texture's own.
pub const RENDERCAST_PICTURE_SIZE: i32 = -9;
/// The pixel format is none of RENDERCAST_FORMAT_*.
pub const RENDERCAST_PIXEL_FORMAT: i32 = -10;
/// A stride is smaller than one row of its plane, or larger than 1048576 bytes.
pub const RENDERCAST_STRIDE: i32 = -11;
/// The sample rate, the channel count or the length of the audio block is outside its range.
pub const RENDERCAST_AUDIO_BLOCK: i32 = -12;
/// The caller's buffer is too small. `needed` says how large it has to be.
pub const RENDERCAST_BUFFER_TOO_SMALL: i32 = -13;
/// The streamer was started before.
pub const RENDERCAST_ALREADY_STARTED: i32 = -14;
/// The system refused a thread, a socket or memory.
pub const RENDERCAST_NO_RESOURCES: i32 = -15;
/// Too many objects of this kind are alive at once: 64 streamers, 8 lent frames or 15 sources of one streamer, 16
/// graphics devices, 32 data channels or 16 video tracks of one viewer, or `peer.max_viewers` viewers.
pub const RENDERCAST_TOO_MANY: i32 = -16;
/// A pointer to float samples is not aligned to 4 bytes.
pub const RENDERCAST_UNALIGNED: i32 = -17;
/// The graphics API is not in this build, or the device lacks something.
pub const RENDERCAST_GRAPHICS_UNAVAILABLE: i32 = -18;
/// The graphics device is lost. Destroy it and create another; streaming goes on with the next picture.
pub const RENDERCAST_DEVICE_LOST: i32 = -19;
/// The texture's format, or what it may be used for, is not one that is taken.
pub const RENDERCAST_TEXTURE_FORMAT: i32 = -20;
/// A call of the graphics API failed. The picture was dropped and counted.
pub const RENDERCAST_GRAPHICS_FAILED: i32 = -21;
/// The viewer is not connected, or has no open data channel with this label, or no data channel has this number.
pub const RENDERCAST_NO_CHANNEL: i32 = -22;
/// No embedded server and no signaling client of the call protocol runs.
pub const RENDERCAST_NO_CALLS: i32 = -23;

/// The streamer is not started.
pub const RENDERCAST_NOT_STARTED: i32 = -24;

/// No viewer with this number is here.
pub const RENDERCAST_NO_VIEWER: i32 = -25;

/// The streamer has no source with this number: it was destroyed or never created.
pub const RENDERCAST_NO_SOURCE: i32 = -37;

/// None of the codecs has an encoder that works on this machine.
pub const RENDERCAST_NO_CODEC: i32 = -40;

/// The viewer has no sender of this number, or not one that this can be done with.
pub const RENDERCAST_NO_SENDER: i32 = -41;

/// The data channel is not open: connecting, closing or closed.
pub const RENDERCAST_CHANNEL_NOT_OPEN: i32 = -30;
/// The id is that of another data channel of this viewer.
pub const RENDERCAST_CHANNEL_ID_IN_USE: i32 = -31;
/// The message is longer than the viewer takes.
pub const RENDERCAST_MESSAGE_TOO_LONG: i32 = -32;

/// What is asked for cannot change any more (W3C InvalidModificationError). rendercast_last_error names the key.
pub const RENDERCAST_INVALID_MODIFICATION: i32 = -33;
/// A certificate's file cannot be read or written, is damaged, or has expired. rendercast_last_error names it.
pub const RENDERCAST_CERTIFICATE: i32 = -34;
/// It is W3C's, and not supported (W3C NotSupportedError). rendercast_last_error says why.
pub const RENDERCAST_NOT_SUPPORTED: i32 = -35;

/// The viewer came by a signaling protocol: the library negotiates for it.
pub const RENDERCAST_NOT_HOST_NEGOTIATED: i32 = -26;
/// It cannot be done in this state of the connection, or never again (W3C InvalidStateError).
pub const RENDERCAST_INVALID_STATE: i32 = -27;
/// It is no session description, does not fit the other one, or is not ours (W3C sdp-syntax-error, InvalidAccessError,
/// InvalidModificationError).
pub const RENDERCAST_INVALID_DESCRIPTION: i32 = -28;
/// An operation on a connection failed (W3C OperationError).
pub const RENDERCAST_OPERATION_FAILED: i32 = -29;

/// The name of a status, such as "RENDERCAST_WOULD_BLOCK", for logs.
///
/// Returns a static text that is never freed and never NULL; "unknown status" for a number this library does not use.
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_status_name(status: rendercast_status) -> *const c_char {
    boundary_value("rendercast_status_name", c"unknown status".as_ptr(), || name_of(status).as_ptr())
}

fn name_of(status: rendercast_status) -> &'static CStr {
    match status {
        RENDERCAST_OK => c"RENDERCAST_OK",
        RENDERCAST_EMPTY => c"RENDERCAST_EMPTY",
        RENDERCAST_WOULD_BLOCK => c"RENDERCAST_WOULD_BLOCK",
        RENDERCAST_NULL_POINTER => c"RENDERCAST_NULL_POINTER",
        RENDERCAST_INVALID_HANDLE => c"RENDERCAST_INVALID_HANDLE",
        RENDERCAST_POISONED => c"RENDERCAST_POISONED",
        RENDERCAST_PANIC => c"RENDERCAST_PANIC",
        RENDERCAST_STRUCT_SIZE => c"RENDERCAST_STRUCT_SIZE",
        RENDERCAST_INVALID_TEXT => c"RENDERCAST_INVALID_TEXT",
        RENDERCAST_INVALID_CONFIG => c"RENDERCAST_INVALID_CONFIG",
        RENDERCAST_INVALID_ARGUMENT => c"RENDERCAST_INVALID_ARGUMENT",
        RENDERCAST_PICTURE_SIZE => c"RENDERCAST_PICTURE_SIZE",
        RENDERCAST_PIXEL_FORMAT => c"RENDERCAST_PIXEL_FORMAT",
        RENDERCAST_STRIDE => c"RENDERCAST_STRIDE",
        RENDERCAST_AUDIO_BLOCK => c"RENDERCAST_AUDIO_BLOCK",
        RENDERCAST_BUFFER_TOO_SMALL => c"RENDERCAST_BUFFER_TOO_SMALL",
        RENDERCAST_ALREADY_STARTED => c"RENDERCAST_ALREADY_STARTED",
        RENDERCAST_NO_RESOURCES => c"RENDERCAST_NO_RESOURCES",
        RENDERCAST_TOO_MANY => c"RENDERCAST_TOO_MANY",
        RENDERCAST_UNALIGNED => c"RENDERCAST_UNALIGNED",
        RENDERCAST_GRAPHICS_UNAVAILABLE => c"RENDERCAST_GRAPHICS_UNAVAILABLE",
        RENDERCAST_DEVICE_LOST => c"RENDERCAST_DEVICE_LOST",
        RENDERCAST_TEXTURE_FORMAT => c"RENDERCAST_TEXTURE_FORMAT",
        RENDERCAST_GRAPHICS_FAILED => c"RENDERCAST_GRAPHICS_FAILED",
        RENDERCAST_NO_CHANNEL => c"RENDERCAST_NO_CHANNEL",
        RENDERCAST_NO_CALLS => c"RENDERCAST_NO_CALLS",
        RENDERCAST_NOT_STARTED => c"RENDERCAST_NOT_STARTED",
        RENDERCAST_NO_VIEWER => c"RENDERCAST_NO_VIEWER",
        RENDERCAST_NO_SOURCE => c"RENDERCAST_NO_SOURCE",
        RENDERCAST_NO_CODEC => c"RENDERCAST_NO_CODEC",
        RENDERCAST_NO_SENDER => c"RENDERCAST_NO_SENDER",
        RENDERCAST_CHANNEL_NOT_OPEN => c"RENDERCAST_CHANNEL_NOT_OPEN",
        RENDERCAST_CHANNEL_ID_IN_USE => c"RENDERCAST_CHANNEL_ID_IN_USE",
        RENDERCAST_MESSAGE_TOO_LONG => c"RENDERCAST_MESSAGE_TOO_LONG",
        RENDERCAST_INVALID_MODIFICATION => c"RENDERCAST_INVALID_MODIFICATION",
        RENDERCAST_CERTIFICATE => c"RENDERCAST_CERTIFICATE",
        RENDERCAST_NOT_SUPPORTED => c"RENDERCAST_NOT_SUPPORTED",
        RENDERCAST_NOT_HOST_NEGOTIATED => c"RENDERCAST_NOT_HOST_NEGOTIATED",
        RENDERCAST_INVALID_STATE => c"RENDERCAST_INVALID_STATE",
        RENDERCAST_INVALID_DESCRIPTION => c"RENDERCAST_INVALID_DESCRIPTION",
        RENDERCAST_OPERATION_FAILED => c"RENDERCAST_OPERATION_FAILED",
        _ => c"unknown status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_number_and_its_name() {
        let mut numbers = Vec::new();
        for line in include_str!("status.rs").lines() {
            let Some((name, number)) = line
                .strip_prefix("pub const ")
                .and_then(|l| l.strip_suffix(';'))
                .and_then(|l| l.split_once(": i32 = "))
            else {
                continue;
            };
            let number: i32 = number.parse().unwrap();
            assert!(!numbers.contains(&number), "{number} is used twice");
            assert_eq!(name_of(number).to_str().unwrap(), name);
            numbers.push(number);
        }
        assert_eq!(numbers.len(), 41);
        assert_eq!(name_of(12_345), c"unknown status");
    }
}

//! What can be sent and received.

use std::ffi::c_char;

use serde_json::{Value, json};

use super::boundary::boundary;
use super::handles;
use super::status::{Failure, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_out;
use super::tracks::{RENDERCAST_DIRECTION_RECVONLY, RENDERCAST_DIRECTION_SENDONLY, kind_in};
use crate::streamer::Capabilities;

/// Writes what the streamer can send to viewers (W3C RTCRtpSender.getCapabilities) or receive from them
/// (RTCRtpReceiver.getCapabilities) as JSON, the formats best first, as its offers name them:
/// {"codecs": [{"mimeType": "video/H264", "clockRate": 90000, "sdpFmtpLine": "packetization-mode=1;..."}, {"mimeType": "video/rtx",
/// "clockRate": 90000}], "headerExtensions": [{"uri": "..."}]}. Of sound there is "channels" too. A newer library may have further
/// members.
///
/// `kind` is RENDERCAST_TRACK_VIDEO or RENDERCAST_TRACK_AUDIO, `direction` RENDERCAST_DIRECTION_SENDONLY or
/// RENDERCAST_DIRECTION_RECVONLY. Sent are the codecs of `video.codecs` with an encoder that works on this machine; until that is known,
/// which is a moment after rendercast_start, all of them. Received are those with a decoder that works. Both lists are empty where
/// there is no sound (`audio.enabled`) or nothing is received (`peer.receive`).
///
/// `needed`, unless NULL, becomes the text's size with its NUL, about 300 to 1500 bytes. A NULL `buffer` with `capacity` 0 asks for
/// the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_ARGUMENT (`kind`, `direction`); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits,
/// ended by a NUL); RENDERCAST_NULL_POINTER (`buffer` though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates. The first call for received pictures may try the decoders, which
/// takes some milliseconds. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_capabilities(
    streamer: rendercast_streamer,
    kind: u32,
    direction: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_get_capabilities", || {
        let kind = kind_in(kind)?;
        let sends = match direction {
            RENDERCAST_DIRECTION_SENDONLY => true,
            RENDERCAST_DIRECTION_RECVONLY => false,
            _ => return Err(Failure::Argument { name: "direction", value: direction.into(), range: "1 or 3" }),
        };
        handles::with(streamer, |object| {
            let text = to_json(&object.streamer.capabilities(kind, sends)).to_string();
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&text, buffer, capacity, needed) }
        })
    })
}

fn to_json(capabilities: &Capabilities) -> Value {
    let codecs = capabilities.codecs.iter().map(|codec| {
        let mut value = json!({ "mimeType": codec.mime_type, "clockRate": codec.clock_rate });
        if let Some(channels) = codec.channels {
            value["channels"] = channels.into();
        }
        if !codec.sdp_fmtp_line.is_empty() {
            value["sdpFmtpLine"] = codec.sdp_fmtp_line.as_str().into();
        }
        value
    });
    let extensions = capabilities.header_extensions.iter().map(|uri| json!({ "uri": uri }));
    json!({ "codecs": codecs.collect::<Vec<_>>(), "headerExtensions": extensions.collect::<Vec<_>>() })
}

//! Several video tracks in one connection, each with a source and a MediaStream of its own.

use std::ffi::c_char;

use serde_json::{Value, json};

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::peer_events::{RENDERCAST_TRACK_AUDIO, RENDERCAST_TRACK_VIDEO};
use super::sources::rendercast_source;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_in, text_out};
use crate::streamer::{Direction, MediaKind, ReceiverState, TrackOptions, Transceiver};
use crate::units::{SenderId, SourceId, ViewerId};

/// W3C "sendonly".
pub const RENDERCAST_DIRECTION_SENDONLY: u32 = 1;
/// W3C "inactive".
pub const RENDERCAST_DIRECTION_INACTIVE: u32 = 2;
/// W3C "recvonly".
pub const RENDERCAST_DIRECTION_RECVONLY: u32 = 3;
/// W3C "sendrecv".
pub const RENDERCAST_DIRECTION_SENDRECV: u32 = 4;

/// What a track is added with. Set `size`; 0 and NULL mean default.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_track_options {
    /// sizeof(rendercast_track_options).
    pub size: u32,
    /// Whose pictures it shows. Default 0, the source that is always there.
    pub source: rendercast_source,
    /// One of RENDERCAST_DIRECTION_*. Default RENDERCAST_DIRECTION_SENDONLY, of sound RENDERCAST_DIRECTION_RECVONLY.
    pub direction: u32,
    /// 0.
    pub reserved: u32,
    /// The id of its MediaStream, by which a page knows it (`event.streams[0].id`): 1 to 64 letters, digits and
    /// !#$%&'*+-.^_`{|}~. NULL: "rendercast-video-" and the sender's number.
    pub stream_id: *const c_char,
}

// SAFETY: repr(C), size first, integers and a pointer that may be NULL.
unsafe impl Versioned for rendercast_track_options {
    const NAME: &'static str = "rendercast_track_options";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Adds a video track to a viewer's connection (W3C addTrack), beside the first one that every viewer has. It has a section, an
/// SSRC and a MediaStream of its own, and its sender's number is good for what takes one: rendercast_peer_remove_track,
/// rendercast_peer_set_direction, rendercast_peer_replace_track, rendercast_set_sender_parameters. The first video track is
/// RENDERCAST_SENDER_VIDEO, the sound RENDERCAST_SENDER_AUDIO; others count up from 3 and are not given twice to one viewer.
///
/// Where the library negotiates for the viewer, it does so by itself; where the host does (rendercast_peer_create),
/// RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED tells it. A page that offers sections for it gets it in the first free one; one that
/// offers fewer than there are tracks gets the others by an offer of ours. The viewer's link is divided among the tracks that
/// are sent, in equal parts; what one cannot use goes to the others. Tracks of several viewers that show the same source share
/// its encoders.
///
/// `options` is NULL for all defaults; it and its text may be freed after the call. `sender` becomes the number of the track's
/// sender.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SOURCE; RENDERCAST_TOO_MANY (the viewer has 16
/// video tracks); RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again later); RENDERCAST_INVALID_ARGUMENT
/// (`direction`, `stream_id`); RENDERCAST_NOT_SUPPORTED (`direction` receives although `peer.receive.video` is off);
/// RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`sender`); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or valid as described, `sender` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_add_track(
    streamer: rendercast_streamer,
    viewer: u32,
    options: *const rendercast_track_options,
    sender: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_add_track", || {
        // SAFETY: the caller's promise, the same.
        unsafe { add(streamer, viewer, MediaKind::Video, options, sender) }
    })
}

/// Adds a section to a viewer's connection (W3C addTransceiver): `kind` is RENDERCAST_TRACK_VIDEO or RENDERCAST_TRACK_AUDIO. Of
/// video it is rendercast_peer_add_track, and with RENDERCAST_DIRECTION_RECVONLY or RENDERCAST_DIRECTION_SENDRECV the page may send its
/// camera in it. Of sound, RENDERCAST_DIRECTION_RECVONLY (the default) or RENDERCAST_DIRECTION_INACTIVE: the page may send its
/// microphone; what a viewer hears is one sound, RENDERCAST_SENDER_AUDIO. A page sends what it adds to the section
/// (`transceiver.sender.replaceTrack`, `direction`); one camera and one microphone of a viewer are taken at a time, the first
/// sections in which it sends.
///
/// A section that sends nothing is negotiated by an offer of ours only, as W3C has it. What applies to added tracks applies to it:
/// its sender's number, rendercast_peer_set_direction, rendercast_peer_remove_track, which stops it (W3C stop).
///
/// Returns what rendercast_peer_add_track does; RENDERCAST_INVALID_ARGUMENT (`kind` too); RENDERCAST_NOT_SUPPORTED (a section that
/// receives although `peer.receive` is off for its kind, or more sound that is sent).
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or valid as described, `sender` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_add_transceiver(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    options: *const rendercast_track_options,
    sender: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_add_transceiver", || {
        let kind = kind_in(kind)?;
        // SAFETY: the caller's promise, the same.
        unsafe { add(streamer, viewer, kind, options, sender) }
    })
}

/// # Safety
/// `options` is NULL or valid as described, `sender` is NULL or writable.
unsafe fn add(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: MediaKind,
    options: *const rendercast_track_options,
    sender: *mut u32,
) -> Result<rendercast_status, Failure> {
    // SAFETY: the caller's promise about `sender`.
    unsafe { memory::write_value(sender, 0, "sender")? };
    let options = if options.is_null() {
        TrackOptions { kind, ..TrackOptions::default() }
    } else {
        // SAFETY: the caller's promise about `options` and its text.
        unsafe {
            let options = memory::read(options, "options")?;
            let stream = text_in(options.stream_id, "stream_id")?.map(str::to_owned);
            let direction = if options.direction == 0 { None } else { Some(direction_in(options.direction)?) };
            TrackOptions { kind, source: SourceId(options.source), stream, direction }
        }
    };
    handles::with(streamer, |object| {
        let id = object.streamer.add_track(ViewerId(viewer), options)?;
        // SAFETY: as above.
        unsafe { memory::write_value(sender, id.0, "sender")? };
        Ok(RENDERCAST_OK)
    })
}

/// Ends a track (W3C removeTrack). Nothing is sent on it from now on; the other side is told by the next negotiation, which comes
/// by itself or is asked for as with rendercast_peer_add_track. The section of an added one is used again, its number is not.
/// RENDERCAST_SENDER_VIDEO and RENDERCAST_SENDER_AUDIO stop sending once that is negotiated, and rendercast_peer_set_direction
/// lets them send again; what the page sends in their sections goes on.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again
/// later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_peer_remove_track(
    streamer: rendercast_streamer,
    viewer: u32,
    sender: u32,
) -> rendercast_status {
    boundary("rendercast_peer_remove_track", || {
        handles::with(streamer, |object| {
            object.streamer.remove_track(ViewerId(viewer), SenderId(sender))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Sets which ways a sender's section goes (W3C RTCRtpTransceiver.direction), the first ones' too. It counts once it is
/// negotiated, which comes by itself or is asked for as with rendercast_peer_add_track. `direction` is one of
/// RENDERCAST_DIRECTION_*. Before it is set, RENDERCAST_SENDER_VIDEO and RENDERCAST_SENDER_AUDIO send, and receive as `peer.receive`
/// says.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_INVALID_ARGUMENT
/// (`direction`); RENDERCAST_NOT_SUPPORTED (as with rendercast_peer_add_transceiver); RENDERCAST_WOULD_BLOCK (64 orders wait for
/// this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_peer_set_direction(
    streamer: rendercast_streamer,
    viewer: u32,
    sender: u32,
    direction: u32,
) -> rendercast_status {
    boundary("rendercast_peer_set_direction", || {
        let wanted = direction_in(direction)?;
        handles::with(streamer, |object| {
            object.streamer.set_track_direction(ViewerId(viewer), SenderId(sender), wanted)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Says whose pictures a video track shows from now on (W3C replaceTrack): nothing is negotiated. The old picture stays until the
/// new one's first keyframe is here, and as long as the new source has no picture. Of RENDERCAST_SENDER_VIDEO it is
/// rendercast_set_viewer_source.
///
/// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_NO_SOURCE;
/// RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_peer_replace_track(
    streamer: rendercast_streamer,
    viewer: u32,
    sender: u32,
    source: rendercast_source,
) -> rendercast_status {
    boundary("rendercast_peer_replace_track", || {
        handles::with(streamer, |object| {
            object.streamer.replace_track(ViewerId(viewer), SenderId(sender), SourceId(source))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Sets the MediaStream that a sender's track is in (W3C setStreams), the first ones' too. The page hears of it by the next
/// negotiation, which comes by itself or is asked for as with rendercast_peer_add_track, and nothing else changes: its track leaves
/// one stream (W3C removetrack) and joins the other. Senders with the same `stream_id` are in one stream, which pages play in step.
///
/// `stream_id` is as in rendercast_track_options; "-" is no stream, NULL the one that it would have had. It may be freed after the
/// call.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER (an added section of sound too, which sends
/// nothing); RENDERCAST_INVALID_ARGUMENT (`stream_id`); RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer:
/// call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `stream_id` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_set_streams(
    streamer: rendercast_streamer,
    viewer: u32,
    sender: u32,
    stream_id: *const c_char,
) -> rendercast_status {
    boundary("rendercast_peer_set_streams", || {
        // SAFETY: the caller's promise about `stream_id`.
        let stream = unsafe { text_in(stream_id, "stream_id")? }.map(str::to_owned);
        handles::with(streamer, |object| {
            object.streamer.set_track_stream(ViewerId(viewer), SenderId(sender), stream)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Lists a connection's sections for audio and video (W3C getTransceivers, getSenders, getReceivers) as a JSON array, in their
/// order: [{"sender": 1, "mid": "0", "kind": "video", "direction": "sendrecv", "currentDirection": "sendrecv", "streamId":
/// "rendercast-video", "source": 0, "active": true, "receiver": {"streamIds": ["camera"], "codec": "VP8", "ssrc": 7, "frameWidth":
/// 640, "frameHeight": 480}}]. `sender` is null where nothing of ours is, `mid` and `currentDirection` are null before they are
/// negotiated, `source` and `active` where there is none; `receiver` is null where nothing is taken from the page, its `codec`, `ssrc`
/// and sizes before something has come. A newer library may have further members.
///
/// `buffer` takes the text with its NUL, `needed`, unless NULL, becomes its size; a NULL `buffer` with `capacity` 0 asks for the
/// size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`buffer` though `capacity` is not 0);
/// RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (the viewer's connection did not answer within 250 ms, or 64 orders wait for it:
/// call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it waits for the viewer's task, usually less than a millisecond. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_list_transceivers(
    streamer: rendercast_streamer,
    viewer: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_list_transceivers", || {
        handles::with(streamer, |object| {
            let list = object.streamer.transceivers(ViewerId(viewer))?;
            let text = Value::Array(list.iter().map(to_json).collect()).to_string();
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&text, buffer, capacity, needed) }
        })
    })
}

pub(super) fn kind_in(kind: u32) -> Result<MediaKind, Failure> {
    match kind {
        RENDERCAST_TRACK_VIDEO => Ok(MediaKind::Video),
        RENDERCAST_TRACK_AUDIO => Ok(MediaKind::Audio),
        _ => Err(Failure::Argument { name: "kind", value: kind.into(), range: "1 to 2" }),
    }
}

fn direction_in(direction: u32) -> Result<Direction, Failure> {
    match direction {
        RENDERCAST_DIRECTION_SENDONLY => Ok(Direction::SENDONLY),
        RENDERCAST_DIRECTION_INACTIVE => Ok(Direction::INACTIVE),
        RENDERCAST_DIRECTION_RECVONLY => Ok(Direction::RECVONLY),
        RENDERCAST_DIRECTION_SENDRECV => Ok(Direction::SENDRECV),
        _ => Err(Failure::Argument { name: "direction", value: direction.into(), range: "1 to 4" }),
    }
}

fn to_json(transceiver: &Transceiver) -> Value {
    let state = &transceiver.state;
    json!({
        "sender": state.sender.map(|sender| sender.0),
        "mid": state.mid,
        "kind": if state.video { "video" } else { "audio" },
        "direction": state.direction,
        "currentDirection": state.current_direction,
        "streamId": state.stream,
        "source": transceiver.source.map(|source| source.0),
        "active": transceiver.active,
        "receiver": state.receiver.as_ref().map(receiver_json),
    })
}

fn receiver_json(receiver: &ReceiverState) -> Value {
    let (stream, size) = (receiver.stream, receiver.size);
    json!({
        "streamIds": receiver.streams,
        "codec": stream.map(|stream| stream.encoding.name()),
        "ssrc": stream.map(|stream| stream.ssrc),
        "frameWidth": size.map(|size| size.0),
        "frameHeight": size.map(|size| size.1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_have_their_numbers() {
        let names = (1..=4).map(|number| direction_in(number).unwrap().name());
        assert_eq!(names.collect::<Vec<_>>(), ["sendonly", "inactive", "recvonly", "sendrecv"]);
        for direction in [0, 5] {
            let wrong = direction_in(direction).unwrap_err().to_string();
            assert_eq!(wrong, format!("direction = {direction} is outside 1 to 4"));
        }
    }
}

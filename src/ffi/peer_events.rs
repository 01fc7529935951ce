//! What the connections that the host negotiates tell it, by polling.

use std::borrow::Cow;
use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::peers::{connection_number, gathering_number, ice_number, signaling_number};
use super::signals::RENDERCAST_SDP_MID_SIZE;
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, operation_status, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_out};
use crate::streamer::{PeerNews, StateChange};
use crate::units::ViewerId;

/// An operation has come to its end: `request`, `status`; the text is its result, or the reason why there is none.
pub const RENDERCAST_PEER_EVENT_OPERATION_DONE: u32 = 1;
/// W3C signalingstatechange: `state` is one of RENDERCAST_SIGNALING_STATE_*. It comes before the end of the operation that caused it.
pub const RENDERCAST_PEER_EVENT_SIGNALING_STATE: u32 = 2;
/// W3C icegatheringstatechange: `state` is one of RENDERCAST_ICE_GATHERING_STATE_*.
pub const RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE: u32 = 3;
/// W3C iceconnectionstatechange: `state` is one of RENDERCAST_ICE_CONNECTION_STATE_*.
pub const RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE: u32 = 4;
/// W3C connectionstatechange: `state` is one of RENDERCAST_CONNECTION_STATE_*.
pub const RENDERCAST_PEER_EVENT_CONNECTION_STATE: u32 = 5;
/// W3C negotiationneeded: make an offer. It comes once until a negotiation has ended.
pub const RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED: u32 = 6;
/// W3C icecandidate: the text, `sdp_mid` and `sdp_mline_index` are for the other side. An empty text is the end of candidates.
pub const RENDERCAST_PEER_EVENT_ICE_CANDIDATE: u32 = 7;
/// W3C icecandidateerror: `url`, `error_code`, `address` and `port`; the text is W3C errorText.
pub const RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR: u32 = 8;
/// W3C track: `state` is RENDERCAST_TRACK_AUDIO or RENDERCAST_TRACK_VIDEO, `sdp_mid` its section; the text is the ids of its streams, one a
/// line. Only where `peer.receive` is on; what comes is polled with rendercast_poll_received_video and
/// rendercast_poll_received_audio.
pub const RENDERCAST_PEER_EVENT_TRACK: u32 = 9;
/// The last event of a connection; the text says why.
pub const RENDERCAST_PEER_EVENT_CLOSED: u32 = 10;
/// W3C removetrack: nothing comes any more in a section that RENDERCAST_PEER_EVENT_TRACK told of, whose page has stopped its track,
/// removed it, or stopped the transceiver, or because of the direction that the host has set. `state`, `sdp_mid` and the text are as
/// they were then. The same section may bring a track again.
pub const RENDERCAST_PEER_EVENT_TRACK_REMOVED: u32 = 11;

/// A track of sound.
pub const RENDERCAST_TRACK_AUDIO: u32 = 1;
/// A track of pictures.
pub const RENDERCAST_TRACK_VIDEO: u32 = 2;

/// Bytes of rendercast_peer_event.url, NUL included.
pub const RENDERCAST_URL_SIZE: usize = 256;
/// Bytes of rendercast_peer_event.address, NUL included.
pub const RENDERCAST_ADDRESS_SIZE: usize = 64;

/// Something that happened to a connection that the host negotiates. Its text comes beside it. What a kind does not name is 0 or
/// empty.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_peer_event {
    /// sizeof(rendercast_peer_event); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_PEER_EVENT_*. A newer library may report kinds this header does not name: pass them over.
    pub kind: u32,
    /// The viewer that rendercast_peer_create made.
    pub viewer: u32,
    /// Of an operation: the number that its call gave.
    pub request: u32,
    /// Of an operation: a rendercast_status.
    pub status: i32,
    /// The new state, or the kind of a track.
    pub state: u32,
    /// Bytes of the text, NUL included.
    pub text_size: u32,
    /// Of a candidate: the media section it belongs to (W3C sdpMLineIndex).
    pub sdp_mline_index: u32,
    /// Of a candidate error: the server's own (RFC 8489, section 18.4), or 701: it was not reached (W3C errorCode).
    pub error_code: u32,
    /// Of a candidate error: the local port, 0 where it is not known (W3C port).
    pub port: u32,
    /// Of a candidate or a track: the identification of its media section (W3C sdpMid), ended by a NUL.
    pub sdp_mid: [c_char; RENDERCAST_SDP_MID_SIZE],
    /// Of a candidate error: the server's URL (W3C url), ended by a NUL.
    pub url: [c_char; RENDERCAST_URL_SIZE],
    /// Of a candidate error: the local address, empty where it is not known (W3C address), ended by a NUL.
    pub address: [c_char; RENDERCAST_ADDRESS_SIZE],
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_peer_event {
    const NAME: &'static str = "rendercast_peer_event";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Takes the oldest event of the connections that rendercast_peer_create made. Call it until it returns RENDERCAST_EMPTY, about
/// once a picture.
///
/// Set `out->size` before the call. `text` gets the event's text, ended by a NUL; `out->text_size` is what it needs, and 1 where
/// there is none. A description has 2000 to 8000 bytes. 1024 events wait at most: then a new state takes the place of an older one
/// of the same connection, and what finds no place is lost and counted (`peer_events_dropped`); ends of operations never are. A
/// request number that no call gave is to be passed over.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing is changed); RENDERCAST_BUFFER_TOO_SMALL (`out` is filled, the event stays: call
/// it again with `out->text_size` bytes); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described; `text` is NULL or writable for `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_peer_event(
    streamer: rendercast_streamer,
    out: *mut rendercast_peer_event,
    text: *mut c_char,
    capacity: u32,
) -> rendercast_status {
    boundary("rendercast_poll_peer_event", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        if text.is_null() {
            return Err(Failure::Null("text"));
        }
        handles::with(streamer, |object| {
            let polled = object.streamer.poll_peer(|viewer, news| {
                let (event, content) = event_out(viewer, news);
                // SAFETY: the caller's promise about `out` and `text`.
                unsafe {
                    memory::write(out, &event, "out")?;
                    text_out(&content, text, capacity, std::ptr::null_mut())
                }
            });
            polled.unwrap_or(Ok(RENDERCAST_EMPTY))
        })
    })
}

fn event_out(viewer: ViewerId, news: &PeerNews) -> (rendercast_peer_event, Cow<'_, str>) {
    let mut event = rendercast_peer_event {
        size: size_of::<rendercast_peer_event>() as u32,
        kind: 0,
        viewer: viewer.0,
        request: 0,
        status: RENDERCAST_OK,
        state: 0,
        text_size: 1,
        sdp_mline_index: 0,
        error_code: 0,
        port: 0,
        sdp_mid: text_field(""),
        url: text_field(""),
        address: text_field(""),
    };
    let mut text = Cow::Borrowed("");
    event.kind = match news {
        PeerNews::Done { request, outcome } => {
            event.request = *request;
            match outcome {
                Ok(result) => text = result.into(),
                Err(error) => (event.status, text) = (operation_status(error), error.to_string().into()),
            }
            RENDERCAST_PEER_EVENT_OPERATION_DONE
        }
        PeerNews::Signaling(state) => {
            event.state = signaling_number(*state);
            RENDERCAST_PEER_EVENT_SIGNALING_STATE
        }
        PeerNews::State(StateChange::Gathering(state)) => {
            event.state = gathering_number(*state);
            RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE
        }
        PeerNews::State(StateChange::Ice(state)) => {
            event.state = ice_number(*state);
            RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE
        }
        PeerNews::State(StateChange::Connection(state)) => {
            event.state = connection_number(*state);
            RENDERCAST_PEER_EVENT_CONNECTION_STATE
        }
        PeerNews::NegotiationNeeded => RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED,
        PeerNews::Candidate(candidate) => {
            text = candidate.candidate.as_str().into();
            event.sdp_mid = text_field(candidate.sdp_mid.as_deref().unwrap_or_default());
            event.sdp_mline_index = candidate.sdp_mline_index.unwrap_or_default().into();
            RENDERCAST_PEER_EVENT_ICE_CANDIDATE
        }
        PeerNews::CandidateError(error) => {
            text = error.text.as_str().into();
            (event.error_code, event.port) = (error.code.into(), error.port.into());
            (event.url, event.address) = (text_field(&error.url), text_field(&error.address));
            RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR
        }
        PeerNews::Track(track) | PeerNews::TrackRemoved(track) => {
            text = track.streams.join("\n").into();
            event.state = if track.video { RENDERCAST_TRACK_VIDEO } else { RENDERCAST_TRACK_AUDIO };
            event.sdp_mid = text_field(&track.mid);
            if matches!(news, PeerNews::Track(_)) {
                RENDERCAST_PEER_EVENT_TRACK
            } else {
                RENDERCAST_PEER_EVENT_TRACK_REMOVED
            }
        }
        PeerNews::Closed { reason } => {
            text = reason.as_str().into();
            RENDERCAST_PEER_EVENT_CLOSED
        }
    };
    event.text_size = u32::try_from(text.len() + 1).unwrap_or(u32::MAX);
    (event, text)
}

//! The steps of a negotiation that the host does itself. Each is done after those before it, and its end is polled.

use std::ffi::c_char;

use serde::Deserialize;

use super::boundary::boundary;
use super::handles;
use super::peers::{RENDERCAST_SDP_ANSWER, RENDERCAST_SDP_OFFER, RENDERCAST_SDP_PRANSWER, RENDERCAST_SDP_ROLLBACK};
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::signaling::IceCandidate;
use crate::streamer::{DescriptionKind, Operation};
use crate::units::ViewerId;

/// W3C RTCOfferOptions, and RTCAnswerOptions without the first.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct OfferOptions {
    ice_restart: bool,
    /// Without effect: silence costs next to nothing in Opus, and an engine's sound has little of it.
    #[serde(rename = "voiceActivityDetection")]
    _voice_activity_detection: bool,
}

/// Makes an offer (W3C createOffer), to be passed to rendercast_peer_set_local_description as it is.
///
/// `options` is a W3C RTCOfferOptions as JSON, or NULL: {"iceRestart": true} asks for new ICE credentials;
/// "voiceActivityDetection" is accepted and has no effect. `request`, unless NULL, becomes the number that
/// RENDERCAST_PEER_EVENT_OPERATION_DONE tells the end with: then the text is the offer, or the reason why there is none. The
/// operations of a connection are done one after the other, in the order of the calls (W3C operations chain).
///
/// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the signaling state is neither stable nor have-local-offer, or the
/// connection is closed); RENDERCAST_OPERATION_FAILED.
///
/// Returns RENDERCAST_OK (accepted); RENDERCAST_NO_VIEWER; RENDERCAST_NOT_HOST_NEGOTIATED; RENDERCAST_WOULD_BLOCK (64 operations of
/// this viewer wait, or 256 of all are done and not polled); RENDERCAST_INVALID_ARGUMENT (`options`); RENDERCAST_INVALID_TEXT;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or ends with a NUL; `request` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_create_offer(
    streamer: rendercast_streamer,
    viewer: u32,
    options: *const c_char,
    request: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_create_offer", || {
        // SAFETY: the caller's promise about `options`.
        let options = options_in(unsafe { text_in(options, "options")? })?;
        // SAFETY: the caller's promise about `request`.
        unsafe { operate(streamer, viewer, Operation::CreateOffer { ice_restart: options.ice_restart }, request) }
    })
}

/// Makes an answer (W3C createAnswer), to be passed to rendercast_peer_set_local_description as it is.
///
/// `options` is a W3C RTCAnswerOptions as JSON, or NULL: "voiceActivityDetection" is accepted and has no effect.
/// RENDERCAST_PEER_EVENT_OPERATION_DONE brings the answer; see rendercast_peer_create_offer. What the other side's offer asks of our
/// tracks is decided now. After it, that offer can be taken back only if it is not the first one and does not restart ICE.
///
/// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the signaling state is neither have-remote-offer nor
/// have-local-pranswer, or the connection is closed); RENDERCAST_OPERATION_FAILED (something in the offer cannot be used).
///
/// Returns as rendercast_peer_create_offer.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or ends with a NUL; `request` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_create_answer(
    streamer: rendercast_streamer,
    viewer: u32,
    options: *const c_char,
    request: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_create_answer", || {
        // SAFETY: the caller's promise about `options`.
        if options_in(unsafe { text_in(options, "options")? })?.ice_restart {
            return Err(Failure::Options("iceRestart is for offers".into()));
        }
        // SAFETY: the caller's promise about `request`.
        unsafe { operate(streamer, viewer, Operation::CreateAnswer, request) }
    })
}

/// Sets our description (W3C setLocalDescription). Candidates follow, by RENDERCAST_PEER_EVENT_ICE_CANDIDATE.
///
/// `kind` is one of RENDERCAST_SDP_*, or 0: an offer or an answer, as the signaling state implies. `sdp` is the text that
/// rendercast_peer_create_offer or rendercast_peer_create_answer gave last, unchanged; NULL or an empty text stands for that, and for
/// a new one where there is none. rendercast_peer_description gives what was set. With RENDERCAST_SDP_ROLLBACK, whose `sdp` is
/// ignored, the offer that is not answered yet, ours or theirs, is taken back.
///
/// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (such a description cannot come now, or the connection is closed);
/// RENDERCAST_INVALID_DESCRIPTION (`sdp` is another text); RENDERCAST_OPERATION_FAILED (a second provisional answer, or a rollback that
/// rendercast_peer_create_answer excludes).
///
/// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `kind`.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `sdp` is NULL or ends with a NUL; `request` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_set_local_description(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    sdp: *const c_char,
    request: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_set_local_description", || {
        let kind = if kind == 0 { None } else { Some(kind_in(kind, "0 to 4")?) };
        // SAFETY: the caller's promise about `sdp`.
        let sdp = unsafe { text_in(sdp, "sdp")? }.unwrap_or_default().to_owned();
        // SAFETY: the caller's promise about `request`.
        unsafe { operate(streamer, viewer, Operation::SetLocal { kind, sdp }, request) }
    })
}

/// Sets the other side's description (W3C setRemoteDescription).
///
/// `kind` is one of RENDERCAST_SDP_*; `sdp` is its text, and may be NULL with RENDERCAST_SDP_ROLLBACK. An offer that comes while ours
/// is not answered takes ours back first. A provisional answer changes the signaling state and nothing else: what it says, and the
/// candidates that come with it, count from the final answer on. Tracks that it brings are told by RENDERCAST_PEER_EVENT_TRACK.
///
/// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (such a description cannot come now, or the connection is closed);
/// RENDERCAST_INVALID_DESCRIPTION (it is none, or does not fit ours); RENDERCAST_OPERATION_FAILED.
///
/// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `kind`, RENDERCAST_NULL_POINTER about `sdp`.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `sdp` is NULL or ends with a NUL; `request` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_set_remote_description(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    sdp: *const c_char,
    request: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_set_remote_description", || {
        let kind = kind_in(kind, "1 to 4")?;
        // SAFETY: the caller's promise about `sdp`.
        let sdp = match unsafe { text_in(sdp, "sdp")? } {
            Some(sdp) => sdp.to_owned(),
            None if kind == DescriptionKind::Rollback => String::new(),
            None => return Err(Failure::Null("sdp")),
        };
        // SAFETY: the caller's promise about `request`.
        unsafe { operate(streamer, viewer, Operation::SetRemote { kind, sdp }, request) }
    })
}

/// Adds one of the other side's candidates (W3C addIceCandidate). One that comes before the description it belongs to waits for
/// it. At most 256 count for each description.
///
/// `candidate` is its text ("candidate:..."); an empty one or NULL is the end of candidates. `sdp_mid` names its media section (W3C
/// sdpMid); where it is NULL or empty, `sdp_mline_index`, 0 to 65535, does (W3C sdpMLineIndex).
///
/// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the connection is closed); RENDERCAST_OPERATION_FAILED (it is none, or
/// the remote description has no such section).
///
/// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `sdp_mline_index`.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `candidate` and `sdp_mid` are NULL or end with a NUL; `request` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_add_ice_candidate(
    streamer: rendercast_streamer,
    viewer: u32,
    candidate: *const c_char,
    sdp_mid: *const c_char,
    sdp_mline_index: u32,
    request: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_add_ice_candidate", || {
        // SAFETY: the caller's promise about the texts.
        let (candidate, mid) = unsafe { (text_in(candidate, "candidate")?, text_in(sdp_mid, "sdp_mid")?) };
        let index = u16::try_from(sdp_mline_index).map_err(|_| Failure::Argument {
            name: "sdp_mline_index",
            value: sdp_mline_index.into(),
            range: "0 to 65535",
        })?;
        let candidate = IceCandidate {
            candidate: candidate.unwrap_or_default().to_owned(),
            sdp_mid: mid.filter(|mid| !mid.is_empty()).map(str::to_owned),
            sdp_mline_index: Some(index),
        };
        // SAFETY: the caller's promise about `request`.
        unsafe { operate(streamer, viewer, Operation::AddCandidate(candidate), request) }
    })
}

/// # Safety
/// `request` is NULL or writable.
unsafe fn operate(
    streamer: rendercast_streamer,
    viewer: u32,
    operation: Operation,
    request: *mut u32,
) -> Result<rendercast_status, Failure> {
    handles::with(streamer, |object| {
        let number = object.streamer.operate_peer(ViewerId(viewer), operation)?;
        if !request.is_null() {
            // SAFETY: not NULL, so writable as the caller promises.
            unsafe { request.write_unaligned(number) };
        }
        Ok(RENDERCAST_OK)
    })
}

fn options_in(json: Option<&str>) -> Result<OfferOptions, Failure> {
    let Some(json) = json else { return Ok(OfferOptions::default()) };
    serde_json::from_str(json).map_err(|error| Failure::Options(error.to_string()))
}

fn kind_in(kind: u32, range: &'static str) -> Result<DescriptionKind, Failure> {
    Ok(match kind {
        RENDERCAST_SDP_OFFER => DescriptionKind::Offer,
        RENDERCAST_SDP_PRANSWER => DescriptionKind::Pranswer,
        RENDERCAST_SDP_ANSWER => DescriptionKind::Answer,
        RENDERCAST_SDP_ROLLBACK => DescriptionKind::Rollback,
        other => return Err(Failure::Argument { name: "kind", value: other.into(), range }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_the_names_of_the_standard_and_no_others() {
        assert!(!options_in(None).unwrap().ice_restart && !options_in(Some("{}")).unwrap().ice_restart);
        assert!(options_in(Some(r#"{"iceRestart":true,"voiceActivityDetection":false}"#)).unwrap().ice_restart);
        for (json, part) in
            [(r#"{"ice_restart":true}"#, "unknown field"), (r#"{"iceRestart":1}"#, "boolean"), ("", "EOF")]
        {
            assert!(options_in(Some(json)).unwrap_err().to_string().contains(part), "{json}");
        }
    }
}

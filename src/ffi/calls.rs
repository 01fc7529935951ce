//! Calls: who may watch, where users call each other (`signaling.protocol` = `call`, and the embedded server's path `/call`).

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::streamer::CallAction;

/// Asks a user to watch. The user's page or program decides; its consent makes it a viewer, with
/// RENDERCAST_EVENT_VIEWER_CONNECTED. RENDERCAST_EVENT_CALL_ENDED tells that it declined or has not answered within 60 s.
/// A user who asks at the same time is accepted. Users of the embedded server are those who have signed in at its path
/// `/call`, those of a room as `/room/<room>/<user>`; they go before those of an external signaling server.
///
/// `user` is the user's name, NUL-terminated UTF-8, 1 to 128 bytes; it may be freed after the call.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
/// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
/// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `user` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_call_start(
    streamer: rendercast_streamer,
    user: *const c_char,
) -> rendercast_status {
    // SAFETY: the caller's promise about `user`.
    boundary("rendercast_call_start", || unsafe { decide(streamer, user, CallAction::Start) })
}

/// Grants a request that RENDERCAST_EVENT_CALL_REQUESTED told of; the user becomes a viewer. Only with
/// `signaling.answer_calls` or `server.answer_calls` = `ask`: otherwise every request is granted at once.
///
/// `user` is the event's message, NUL-terminated UTF-8; it may be freed after the call. A request that is not there any more
/// is told by RENDERCAST_EVENT_CALL_ENDED.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
/// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
/// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `user` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_call_accept(
    streamer: rendercast_streamer,
    user: *const c_char,
) -> rendercast_status {
    // SAFETY: the caller's promise about `user`.
    boundary("rendercast_call_accept", || unsafe { decide(streamer, user, CallAction::Accept) })
}

/// Declines a request that RENDERCAST_EVENT_CALL_REQUESTED told of; the user is sent `EndCall`. What is not decided on within
/// 60 s is declined too.
///
/// `user` is the event's message, NUL-terminated UTF-8; it may be freed after the call. A request that is not there any more
/// is told by RENDERCAST_EVENT_CALL_ENDED.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
/// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
/// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `user` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_call_decline(
    streamer: rendercast_streamer,
    user: *const c_char,
) -> rendercast_status {
    // SAFETY: the caller's promise about `user`.
    boundary("rendercast_call_decline", || unsafe { decide(streamer, user, CallAction::Decline) })
}

/// Ends the call with a user, or the request of either side, whoever began it. The user is sent `EndCall`; a viewer of
/// the call leaves with RENDERCAST_EVENT_VIEWER_DISCONNECTED, a request with RENDERCAST_EVENT_CALL_ENDED.
///
/// `user` is the user's name, NUL-terminated UTF-8, 1 to 128 bytes; it may be freed after the call.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
/// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
/// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `user` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_call_end(streamer: rendercast_streamer, user: *const c_char) -> rendercast_status {
    // SAFETY: the caller's promise about `user`.
    boundary("rendercast_call_end", || unsafe { decide(streamer, user, CallAction::End) })
}

/// # Safety
/// `user` is NULL or ends with a NUL.
unsafe fn decide(
    streamer: rendercast_streamer,
    user: *const c_char,
    action: CallAction,
) -> Result<rendercast_status, Failure> {
    handles::with(streamer, |object| {
        // SAFETY: the caller's promise about `user`.
        let user = unsafe { text_in(user, "user")? }.ok_or(Failure::Null("user"))?;
        object.streamer.decide_call(user, action)?;
        Ok(RENDERCAST_OK)
    })
}

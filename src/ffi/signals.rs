//! Signaling that the host carries itself: descriptions and candidates in and out, for any protocol there is.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_in, text_out};
use crate::signaling::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};

/// A session description of the type "offer".
pub const RENDERCAST_SIGNAL_OFFER: u32 = 1;
/// A session description of the type "answer".
pub const RENDERCAST_SIGNAL_ANSWER: u32 = 2;
/// An ICE candidate; an empty text is the end of candidates.
pub const RENDERCAST_SIGNAL_CANDIDATE: u32 = 3;
/// The connection is over.
pub const RENDERCAST_SIGNAL_DISCONNECT: u32 = 4;
/// The other side waits for our offer. Only to rendercast_push_signal.
pub const RENDERCAST_SIGNAL_INVITE: u32 = 5;

/// With an offer: ours yields when both sides offer at once (W3C "perfect negotiation"). One side of the two must.
pub const RENDERCAST_SIGNAL_POLITE: u32 = 1;
/// With an offer or an invitation: the page shows one MediaStream only, so sound and video share it.
pub const RENDERCAST_SIGNAL_ONE_STREAM: u32 = 2;

/// Bytes of a connection's name, NUL included.
pub const RENDERCAST_CONNECTION_SIZE: usize = 257;
/// Bytes of rendercast_signal_out.sdp_mid, NUL included.
pub const RENDERCAST_SDP_MID_SIZE: usize = 64;

/// What the other side of a connection said.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_signal {
    /// sizeof(rendercast_signal); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_SIGNAL_*.
    pub kind: u32,
    /// The sum of RENDERCAST_SIGNAL_POLITE and RENDERCAST_SIGNAL_ONE_STREAM, or 0.
    pub flags: u32,
    /// Of a candidate: the media description it belongs to, 0 to 65535 (W3C sdpMLineIndex). What `sdp_mid` says counts more.
    pub sdp_mline_index: u32,
    /// The host's own name for the connection: NUL-terminated UTF-8, 1 to 256 bytes.
    pub connection: *const c_char,
    /// The session description (SDP), or the candidate ("candidate:..."): NUL-terminated UTF-8. Otherwise NULL.
    pub text: *const c_char,
    /// Of a candidate: the identification of its media description (W3C sdpMid). NULL: not known.
    pub sdp_mid: *const c_char,
}

// SAFETY: repr(C), size first, integers and pointers only.
unsafe impl Versioned for rendercast_signal {
    const NAME: &'static str = "rendercast_signal";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// What the other side of a connection is to be told. Its text comes beside it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_signal_out {
    /// sizeof(rendercast_signal_out); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_SIGNAL_*.
    pub kind: u32,
    /// Bytes of the text, NUL included.
    pub text_size: u32,
    /// Of a candidate: the media description it belongs to (W3C sdpMLineIndex).
    pub sdp_mline_index: u32,
    /// The connection's name, ended by a NUL.
    pub connection: [c_char; RENDERCAST_CONNECTION_SIZE],
    /// Of a candidate: the identification of its media description (W3C sdpMid), ended by a NUL.
    pub sdp_mid: [c_char; RENDERCAST_SDP_MID_SIZE],
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_signal_out {
    const NAME: &'static str = "rendercast_signal_out";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Tells what the other side of a connection said, where the host carries signaling itself. An offer or an invitation on a
/// name that has no connection makes one, and a viewer of it; anything else on such a name is passed over. Names are
/// apart from those of the signaling client and the embedded server. Messages that come again are recognised.
///
/// `signal` and its texts may be freed after the call. What is to be told in return comes by rendercast_poll_signal: an answer
/// to an offer, an offer after an invitation (after an offer without media too, once that was answered), candidates, and a
/// disconnection when the viewer is given up. An offer that is not answered comes again every 5 s, for a minute.
///
/// Returns RENDERCAST_OK (taken; what is wrong with its text is told by an event); RENDERCAST_WOULD_BLOCK (256 wait: call it
/// again later); RENDERCAST_NOT_STARTED; RENDERCAST_INVALID_ARGUMENT (`kind`, `flags`, `sdp_mline_index`, or the length of
/// `connection`); RENDERCAST_NULL_POINTER (`signal`, `connection`, or `text` where there must be one); RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `signal` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_push_signal(
    streamer: rendercast_streamer,
    signal: *const rendercast_signal,
) -> rendercast_status {
    boundary("rendercast_push_signal", || {
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `signal` and its texts.
            let event = unsafe { event_in(&memory::read(signal, "signal")?)? };
            object.streamer.push_signal(event)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Takes the oldest message for the other side of a connection that the host carries signaling for. Call it until it returns
/// RENDERCAST_EMPTY, about once a picture. 1024 messages wait at most; viewers that have more to say wait then.
///
/// Set `out->size` before the call. `text` gets the session description or the candidate, ended by a NUL; `out->text_size` is
/// what it needs, and 1 where there is none. A description has 2000 to 8000 bytes. With `signaling.trickle` = false it holds all
/// candidates, and none comes alone. After rendercast_stop nothing waits: the host knows then that its connections are over.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing is changed); RENDERCAST_BUFFER_TOO_SMALL (`out` is filled, the message stays:
/// call it again with `out->text_size` bytes); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described; `text` is NULL or writable for `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_signal(
    streamer: rendercast_streamer,
    out: *mut rendercast_signal_out,
    text: *mut c_char,
    capacity: u32,
) -> rendercast_status {
    boundary("rendercast_poll_signal", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        if text.is_null() {
            return Err(Failure::Null("text"));
        }
        handles::with(streamer, |object| {
            let polled = object.streamer.poll_signal(|command| {
                let (signal, content) = signal_out(command);
                // SAFETY: the caller's promise about `out` and `text`.
                unsafe {
                    memory::write(out, &signal, "out")?;
                    text_out(content, text, capacity, std::ptr::null_mut())
                }
            });
            polled.unwrap_or(Ok(RENDERCAST_EMPTY))
        })
    })
}

/// # Safety
/// The texts are NULL or end with a NUL.
unsafe fn event_in(signal: &rendercast_signal) -> Result<SignalEvent, Failure> {
    // SAFETY: the caller's promise about the texts.
    let read = |text, name| unsafe { text_in(text, name) };
    let name = read(signal.connection, "signal.connection")?.ok_or(Failure::Null("signal.connection"))?;
    if !(1..RENDERCAST_CONNECTION_SIZE).contains(&name.len()) {
        let value = name.len() as u64;
        return Err(Failure::Argument { name: "bytes of signal.connection", value, range: "1 to 256" });
    }
    if signal.flags > RENDERCAST_SIGNAL_POLITE | RENDERCAST_SIGNAL_ONE_STREAM {
        return Err(Failure::Argument { name: "signal.flags", value: signal.flags.into(), range: "0 to 3" });
    }
    let connection = ConnectionId(name.into());
    let text = || Ok::<_, Failure>(read(signal.text, "signal.text")?.ok_or(Failure::Null("signal.text"))?.to_owned());
    let one_stream = signal.flags & RENDERCAST_SIGNAL_ONE_STREAM != 0;
    Ok(match signal.kind {
        RENDERCAST_SIGNAL_OFFER => {
            let polite = signal.flags & RENDERCAST_SIGNAL_POLITE != 0;
            SignalEvent::Offer { connection, sdp: text()?, polite, one_stream }
        }
        RENDERCAST_SIGNAL_ANSWER => SignalEvent::Answer { connection, sdp: text()? },
        RENDERCAST_SIGNAL_CANDIDATE => {
            let value = signal.sdp_mline_index;
            let index = u16::try_from(value).map_err(|_| Failure::Argument {
                name: "signal.sdp_mline_index",
                value: value.into(),
                range: "0 to 65535",
            })?;
            let sdp_mid = read(signal.sdp_mid, "signal.sdp_mid")?.map(str::to_owned);
            let candidate = IceCandidate { candidate: text()?, sdp_mid, sdp_mline_index: Some(index) };
            SignalEvent::Candidate { connection, candidate }
        }
        RENDERCAST_SIGNAL_DISCONNECT => SignalEvent::Disconnect { connection },
        RENDERCAST_SIGNAL_INVITE => SignalEvent::Invite { connection, one_stream },
        kind => return Err(Failure::Argument { name: "signal.kind", value: kind.into(), range: "1 to 5" }),
    })
}

fn signal_out(command: &SignalCommand) -> (rendercast_signal_out, &str) {
    let (kind, connection, text, candidate) = match command {
        SignalCommand::Offer { connection, sdp } => (RENDERCAST_SIGNAL_OFFER, connection, sdp.as_str(), None),
        SignalCommand::Answer { connection, sdp } => (RENDERCAST_SIGNAL_ANSWER, connection, sdp.as_str(), None),
        SignalCommand::Candidate { connection, candidate } => {
            (RENDERCAST_SIGNAL_CANDIDATE, connection, candidate.candidate.as_str(), Some(candidate))
        }
        // A viewer says nothing of calls.
        SignalCommand::Disconnect { connection } | SignalCommand::Call { user: connection, .. } => {
            (RENDERCAST_SIGNAL_DISCONNECT, connection, "", None)
        }
    };
    let signal = rendercast_signal_out {
        size: size_of::<rendercast_signal_out>() as u32,
        kind,
        text_size: u32::try_from(text.len() + 1).unwrap_or(u32::MAX),
        sdp_mline_index: candidate.and_then(|candidate| candidate.sdp_mline_index).unwrap_or(0).into(),
        connection: text_field(&connection.0),
        sdp_mid: text_field(candidate.and_then(|candidate| candidate.sdp_mid.as_deref()).unwrap_or("")),
    };
    (signal, text)
}

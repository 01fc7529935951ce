//! What the host is told, by polling.

use std::ffi::{CStr, c_char};
use std::mem::offset_of;

use super::boundary::{boundary, boundary_value};
use super::handles;
use super::memory::{self, Versioned};
use super::roles::role_number;
use super::status::{RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_field;
use crate::roles::Role;
use crate::streamer::{Event, EventKind, Severity};

/// The embedded server listens; the message is the link to open.
pub const RENDERCAST_EVENT_SERVER_LISTENING: u32 = 1;
/// The embedded server could not start.
pub const RENDERCAST_EVENT_SERVER_FAILED: u32 = 2;
/// The signaling server answers.
pub const RENDERCAST_EVENT_SIGNALING_READY: u32 = 3;
/// The signaling server is lost; it is tried again and again.
pub const RENDERCAST_EVENT_SIGNALING_TROUBLE: u32 = 4;
/// A viewer's connection is up.
pub const RENDERCAST_EVENT_VIEWER_CONNECTED: u32 = 5;
/// A viewer is gone; the message says why.
pub const RENDERCAST_EVENT_VIEWER_DISCONNECTED: u32 = 6;
/// A viewer could not be served; the message says why.
pub const RENDERCAST_EVENT_VIEWER_REFUSED: u32 = 7;
/// An encoder is in use; the message is its name.
pub const RENDERCAST_EVENT_ENCODER_SELECTED: u32 = 8;
/// An encoder was tried and does not work here.
pub const RENDERCAST_EVENT_ENCODER_UNAVAILABLE: u32 = 9;
/// An encoder failed while streaming; another takes over.
pub const RENDERCAST_EVENT_ENCODER_FAILED: u32 = 10;
/// No encoder is left for a codec.
pub const RENDERCAST_EVENT_ENCODER_MISSING: u32 = 11;
/// A data channel opened: `channel` is its number, the message its label.
pub const RENDERCAST_EVENT_CHANNEL_OPENED: u32 = 12;
/// A data channel closed, on either side, or, with RENDERCAST_SEVERITY_WARNING, could not be opened; the message is its label.
pub const RENDERCAST_EVENT_CHANNEL_CLOSED: u32 = 13;
/// The graphics device that pictures came from is lost; the message says which. Destroy it and create another.
pub const RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST: u32 = 14;
/// A user asks to watch, with `signaling.answer_calls` or `server.answer_calls` = `ask`; the message is its name and nothing
/// else. Decide with rendercast_call_accept or rendercast_call_decline.
pub const RENDERCAST_EVENT_CALL_REQUESTED: u32 = 15;
/// A request to or of a user came to nothing: taken back, declined, or not answered within 60 s; or there is none to decide on.
/// The message is the user's name and nothing else.
pub const RENDERCAST_EVENT_CALL_ENDED: u32 = 16;
/// Sound or pictures of a viewer come (see rendercast_poll_received_audio and rendercast_poll_received_video); the message is
/// "audio" or "video".
pub const RENDERCAST_EVENT_RECEIVING_STARTED: u32 = 17;
/// They come no more: the page ended them (at once, where it is negotiated, as when it removes its track), the viewer left, or
/// nothing came for 5 s. The message is "audio" or "video".
pub const RENDERCAST_EVENT_RECEIVING_STOPPED: u32 = 18;
/// A user has signed in at the embedded server's path `/call`, and rendercast_call_start can ask it to watch; the message is its
/// name, in a room `/room/<room>/<name>`.
pub const RENDERCAST_EVENT_USER_SIGNED_IN: u32 = 27;
/// A viewer is shown another source's picture from now on: the host has asked for it, or destroyed the one before. The message
/// is the source's number and nothing else.
pub const RENDERCAST_EVENT_SOURCE_CHANGED: u32 = 24;
/// None of the codecs that rendercast_set_codec_preferences names for a viewer was agreed on with its page; the message says
/// which one goes on.
pub const RENDERCAST_EVENT_CODEC_NOT_AGREED: u32 = 26;
/// What waits on a data channel fell to its threshold (W3C bufferedamountlow); the message is its label.
pub const RENDERCAST_EVENT_CHANNEL_LOW: u32 = 20;
/// Nothing is heard of a viewer that media is sent to, since about half a second: its network may have changed, and another way
/// to it is looked for (ICE restart); the message is "interrupted". Or it is heard again; the message is "back".
pub const RENDERCAST_EVENT_VIEWER_INTERRUPTED: u32 = 23;
/// A viewer plays from now on, or watches: `role` and `player`; the message says why. Whoever comes watches until this tells
/// otherwise.
pub const RENDERCAST_EVENT_ROLE_CHANGED: u32 = 40;
/// A viewer asks for control: rendercast_set_viewer_role decides. Players are asked too, on their pages. The ask ends with a
/// decision, when it is taken back, or after 60 s.
pub const RENDERCAST_EVENT_ROLE_ASKED: u32 = 41;

/// For information.
pub const RENDERCAST_SEVERITY_INFO: u32 = 1;
/// Something is worse than it should be; streaming goes on.
pub const RENDERCAST_SEVERITY_WARNING: u32 = 2;
/// Something the host configured does not work.
pub const RENDERCAST_SEVERITY_ERROR: u32 = 3;
/// Streaming has stopped.
pub const RENDERCAST_SEVERITY_FATAL: u32 = 4;

/// Bytes of rendercast_event.message, NUL included.
pub const RENDERCAST_MESSAGE_SIZE: usize = 256;

/// Something that happened in the library.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_event {
    /// sizeof(rendercast_event); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_EVENT_*. A newer library may report kinds this header does not name: show their message.
    pub kind: u32,
    /// One of RENDERCAST_SEVERITY_*.
    pub severity: u32,
    /// The viewer it is about, 0 for nobody. Viewer numbers are never reused while the process lives.
    pub viewer: u32,
    /// For people, in English, one line: UTF-8, ended by a NUL, cut at a character when it is too long.
    pub message: [c_char; RENDERCAST_MESSAGE_SIZE],
    /// The number of the data channel it is about, 0 for none.
    pub channel: u32,
    /// RENDERCAST_ROLE_SPECTATOR or RENDERCAST_ROLE_PLAYER, where the event is about a role; else 0.
    pub role: u32,
    /// The player's number, from 1; 0 for none.
    pub player: u32,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_event {
    const NAME: &'static str = "rendercast_event";
    const SIZES: &'static [usize] = &[272, offset_of!(Self, role), size_of::<Self>()];
}

/// Takes the oldest unread event. Call it until it returns RENDERCAST_EMPTY, about once a picture.
///
/// Set `out->size` before the call. 64 events wait at most: repeats are merged, then new ones are dropped and counted, but
/// never a fatal one.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. Never blocks. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_event(
    streamer: rendercast_streamer,
    out: *mut rendercast_event,
) -> rendercast_status {
    boundary("rendercast_poll_event", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let Some(event) = object.streamer.poll_event() else { return Ok(RENDERCAST_EMPTY) };
            // SAFETY: as above.
            unsafe { memory::write(out, &event_out(&event), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// The name of an event's kind, such as "viewer connected", for logs.
///
/// Returns a static text that is never freed and never NULL; "unknown event" for a number this library does not use.
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_event_name(kind: u32) -> *const c_char {
    boundary_value("rendercast_event_name", c"unknown event".as_ptr(), || name_of(kind).as_ptr())
}

fn name_of(kind: u32) -> &'static CStr {
    match kind {
        RENDERCAST_EVENT_SERVER_LISTENING => c"server listening",
        RENDERCAST_EVENT_SERVER_FAILED => c"server failed",
        RENDERCAST_EVENT_SIGNALING_READY => c"signaling ready",
        RENDERCAST_EVENT_SIGNALING_TROUBLE => c"signaling trouble",
        RENDERCAST_EVENT_VIEWER_CONNECTED => c"viewer connected",
        RENDERCAST_EVENT_VIEWER_DISCONNECTED => c"viewer disconnected",
        RENDERCAST_EVENT_VIEWER_REFUSED => c"viewer refused",
        RENDERCAST_EVENT_ENCODER_SELECTED => c"encoder selected",
        RENDERCAST_EVENT_ENCODER_UNAVAILABLE => c"encoder unavailable",
        RENDERCAST_EVENT_ENCODER_FAILED => c"encoder failed",
        RENDERCAST_EVENT_ENCODER_MISSING => c"encoder missing",
        RENDERCAST_EVENT_CHANNEL_OPENED => c"channel opened",
        RENDERCAST_EVENT_CHANNEL_CLOSED => c"channel closed",
        RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST => c"graphics device lost",
        RENDERCAST_EVENT_CALL_REQUESTED => c"call requested",
        RENDERCAST_EVENT_CALL_ENDED => c"call ended",
        RENDERCAST_EVENT_RECEIVING_STARTED => c"receiving started",
        RENDERCAST_EVENT_RECEIVING_STOPPED => c"receiving stopped",
        RENDERCAST_EVENT_USER_SIGNED_IN => c"user signed in",
        RENDERCAST_EVENT_SOURCE_CHANGED => c"source changed",
        RENDERCAST_EVENT_CODEC_NOT_AGREED => c"codec not agreed",
        RENDERCAST_EVENT_CHANNEL_LOW => c"channel low",
        RENDERCAST_EVENT_VIEWER_INTERRUPTED => c"viewer interrupted",
        RENDERCAST_EVENT_ROLE_CHANGED => c"role changed",
        RENDERCAST_EVENT_ROLE_ASKED => c"role asked",
        _ => c"unknown event",
    }
}

fn event_out(event: &Event) -> rendercast_event {
    rendercast_event {
        size: size_of::<rendercast_event>() as u32,
        kind: kind_number(event.kind),
        severity: severity_number(event.severity),
        viewer: event.viewer.0,
        message: text_field(&event.message),
        channel: event.channel,
        role: event.role.map_or(0, role_number),
        player: event.role.map_or(0, Role::number),
    }
}

/// Complete by construction: a new kind does not compile without its constant.
const fn kind_number(kind: EventKind) -> u32 {
    match kind {
        EventKind::ServerListening => RENDERCAST_EVENT_SERVER_LISTENING,
        EventKind::ServerFailed => RENDERCAST_EVENT_SERVER_FAILED,
        EventKind::SignalingReady => RENDERCAST_EVENT_SIGNALING_READY,
        EventKind::SignalingTrouble => RENDERCAST_EVENT_SIGNALING_TROUBLE,
        EventKind::ViewerConnected => RENDERCAST_EVENT_VIEWER_CONNECTED,
        EventKind::ViewerDisconnected => RENDERCAST_EVENT_VIEWER_DISCONNECTED,
        EventKind::ViewerRefused => RENDERCAST_EVENT_VIEWER_REFUSED,
        EventKind::EncoderSelected => RENDERCAST_EVENT_ENCODER_SELECTED,
        EventKind::EncoderUnavailable => RENDERCAST_EVENT_ENCODER_UNAVAILABLE,
        EventKind::EncoderFailed => RENDERCAST_EVENT_ENCODER_FAILED,
        EventKind::EncoderMissing => RENDERCAST_EVENT_ENCODER_MISSING,
        EventKind::ChannelOpened => RENDERCAST_EVENT_CHANNEL_OPENED,
        EventKind::ChannelClosed => RENDERCAST_EVENT_CHANNEL_CLOSED,
        EventKind::GraphicsDeviceLost => RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST,
        EventKind::CallRequested => RENDERCAST_EVENT_CALL_REQUESTED,
        EventKind::CallEnded => RENDERCAST_EVENT_CALL_ENDED,
        EventKind::ReceivingStarted => RENDERCAST_EVENT_RECEIVING_STARTED,
        EventKind::ReceivingStopped => RENDERCAST_EVENT_RECEIVING_STOPPED,
        EventKind::UserSignedIn => RENDERCAST_EVENT_USER_SIGNED_IN,
        EventKind::SourceChanged => RENDERCAST_EVENT_SOURCE_CHANGED,
        EventKind::CodecNotAgreed => RENDERCAST_EVENT_CODEC_NOT_AGREED,
        EventKind::ChannelLow => RENDERCAST_EVENT_CHANNEL_LOW,
        EventKind::ViewerInterrupted => RENDERCAST_EVENT_VIEWER_INTERRUPTED,
        EventKind::RoleChanged => RENDERCAST_EVENT_ROLE_CHANGED,
        EventKind::RoleAsked => RENDERCAST_EVENT_ROLE_ASKED,
    }
}

const fn severity_number(severity: Severity) -> u32 {
    match severity {
        Severity::Info => RENDERCAST_SEVERITY_INFO,
        Severity::Warning => RENDERCAST_SEVERITY_WARNING,
        Severity::Error => RENDERCAST_SEVERITY_ERROR,
        Severity::Fatal => RENDERCAST_SEVERITY_FATAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ViewerId;

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let numbers: Vec<u32> = include_str!("events.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("pub const RENDERCAST_EVENT_")?.strip_suffix(';')?.split_once(" = "))
            .map(|(_, number)| number.parse().unwrap())
            .collect();
        let names: std::collections::BTreeSet<_> = numbers.iter().copied().map(name_of).collect();
        assert_eq!((names.len(), names.contains(c"unknown event")), (numbers.len(), false));
        assert!(
            numbers.len() > 18 && (0..100).filter(|kind| name_of(*kind) != c"unknown event").count() == numbers.len()
        );
    }

    #[test]
    fn an_event_keeps_its_number_and_as_much_of_its_message_as_fits() {
        let event = Event {
            kind: EventKind::EncoderFailed,
            severity: Severity::Warning,
            viewer: ViewerId(7),
            channel: 9,
            role: Some(Role::Player(3)),
            message: "é".repeat(200),
        };
        let out = event_out(&event);
        assert_eq!((out.kind, out.severity, out.viewer, out.channel), (EventKind::EncoderFailed as u32, 2, 7, 9));
        assert_eq!((out.role, out.player), (role_number(Role::Player(3)), 3));
        let bytes: Vec<u8> = out.message.iter().map(|c| *c as u8).collect();
        assert_eq!(std::ffi::CStr::from_bytes_until_nul(&bytes).unwrap().to_str().unwrap(), "é".repeat(127));
    }
}

//! Connections that the host negotiates itself: making and ending them, their states and descriptions.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_in, text_out};
use crate::streamer::{
    ConnectionState, Description, DescriptionKind, GatheringState, IceConnectionState, PeerStates, SignalingState,
};
use crate::units::ViewerId;

/// W3C "stable".
pub const RENDERCAST_SIGNALING_STATE_STABLE: u32 = 1;
/// W3C "have-local-offer".
pub const RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER: u32 = 2;
/// W3C "have-remote-offer".
pub const RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_OFFER: u32 = 3;
/// W3C "have-local-pranswer".
pub const RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_PRANSWER: u32 = 4;
/// W3C "have-remote-pranswer".
pub const RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER: u32 = 5;
/// W3C "closed".
pub const RENDERCAST_SIGNALING_STATE_CLOSED: u32 = 6;

/// W3C "new".
pub const RENDERCAST_ICE_GATHERING_STATE_NEW: u32 = 1;
/// W3C "gathering".
pub const RENDERCAST_ICE_GATHERING_STATE_GATHERING: u32 = 2;
/// W3C "complete".
pub const RENDERCAST_ICE_GATHERING_STATE_COMPLETE: u32 = 3;

/// W3C "new".
pub const RENDERCAST_ICE_CONNECTION_STATE_NEW: u32 = 1;
/// W3C "checking".
pub const RENDERCAST_ICE_CONNECTION_STATE_CHECKING: u32 = 2;
/// W3C "connected".
pub const RENDERCAST_ICE_CONNECTION_STATE_CONNECTED: u32 = 3;
/// W3C "completed".
pub const RENDERCAST_ICE_CONNECTION_STATE_COMPLETED: u32 = 4;
/// W3C "disconnected".
pub const RENDERCAST_ICE_CONNECTION_STATE_DISCONNECTED: u32 = 5;
/// W3C "failed".
pub const RENDERCAST_ICE_CONNECTION_STATE_FAILED: u32 = 6;
/// W3C "closed".
pub const RENDERCAST_ICE_CONNECTION_STATE_CLOSED: u32 = 7;

/// W3C "new".
pub const RENDERCAST_CONNECTION_STATE_NEW: u32 = 1;
/// W3C "connecting".
pub const RENDERCAST_CONNECTION_STATE_CONNECTING: u32 = 2;
/// W3C "connected".
pub const RENDERCAST_CONNECTION_STATE_CONNECTED: u32 = 3;
/// W3C "disconnected".
pub const RENDERCAST_CONNECTION_STATE_DISCONNECTED: u32 = 4;
/// W3C "failed".
pub const RENDERCAST_CONNECTION_STATE_FAILED: u32 = 5;
/// W3C "closed".
pub const RENDERCAST_CONNECTION_STATE_CLOSED: u32 = 6;

/// A session description's type, W3C "offer".
pub const RENDERCAST_SDP_OFFER: u32 = 1;
/// W3C "pranswer": a provisional answer.
pub const RENDERCAST_SDP_PRANSWER: u32 = 2;
/// W3C "answer".
pub const RENDERCAST_SDP_ANSWER: u32 = 3;
/// W3C "rollback": the offer that is not answered yet is taken back.
pub const RENDERCAST_SDP_ROLLBACK: u32 = 4;

/// W3C localDescription: the pending one, else the current one.
pub const RENDERCAST_DESCRIPTION_LOCAL: u32 = 1;
/// W3C currentLocalDescription: as negotiated last.
pub const RENDERCAST_DESCRIPTION_CURRENT_LOCAL: u32 = 2;
/// W3C pendingLocalDescription: being negotiated.
pub const RENDERCAST_DESCRIPTION_PENDING_LOCAL: u32 = 3;
/// W3C remoteDescription: the pending one, else the current one.
pub const RENDERCAST_DESCRIPTION_REMOTE: u32 = 4;
/// W3C currentRemoteDescription: as negotiated last.
pub const RENDERCAST_DESCRIPTION_CURRENT_REMOTE: u32 = 5;
/// W3C pendingRemoteDescription: being negotiated.
pub const RENDERCAST_DESCRIPTION_PENDING_REMOTE: u32 = 6;

/// W3C canTrickleIceCandidates is null: the other side has not described itself.
pub const RENDERCAST_TRICKLE_UNKNOWN: u32 = 0;
/// W3C canTrickleIceCandidates is false: the other side wants all candidates in the description.
pub const RENDERCAST_TRICKLE_NO: u32 = 1;
/// W3C canTrickleIceCandidates is true: candidates may follow the description one by one.
pub const RENDERCAST_TRICKLE_YES: u32 = 2;

/// The states of a connection at one moment. What the polled events tell may be a little older.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_peer_states {
    /// sizeof(rendercast_peer_states); set by the caller.
    pub size: u32,
    /// W3C signalingState: one of RENDERCAST_SIGNALING_STATE_*.
    pub signaling: u32,
    /// W3C iceGatheringState: one of RENDERCAST_ICE_GATHERING_STATE_*.
    pub ice_gathering: u32,
    /// W3C iceConnectionState: one of RENDERCAST_ICE_CONNECTION_STATE_*.
    pub ice_connection: u32,
    /// W3C connectionState: one of RENDERCAST_CONNECTION_STATE_*.
    pub connection: u32,
    /// W3C canTrickleIceCandidates: one of RENDERCAST_TRICKLE_*.
    pub can_trickle: u32,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_peer_states {
    const NAME: &'static str = "rendercast_peer_states";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Makes a viewer whose connection the host negotiates itself, step by step, as a web page does with `new RTCPeerConnection`.
/// The library's own negotiation leaves it alone; everything else is as with other viewers: it counts for `peer.max_viewers`,
/// has an encoder from the moment video is agreed, statistics, data channels, events.
///
/// The streamer's video and sound are in it from the start, as after W3C addTrack: an offer of ours offers them, an answer takes
/// what the offer asks for of them. What has to be done then is told by rendercast_poll_peer_event, first
/// RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED.
///
/// `configuration` is a W3C RTCConfiguration as JSON, with W3C's own defaults (see rendercast_peer_set_configuration), or NULL: the
/// streamer's servers and policy. Addresses and ports are the streamer's. `viewer` becomes the viewer's number, which is good at once and never reused. It lasts until
/// rendercast_peer_close, rendercast_stop, or RENDERCAST_PEER_EVENT_CLOSED: a connection that fails may be restarted.
///
/// Returns RENDERCAST_OK; RENDERCAST_NOT_STARTED; RENDERCAST_TOO_MANY (`peer.max_viewers` are here); RENDERCAST_WOULD_BLOCK (64
/// were made that are not ready yet: call it again later); RENDERCAST_INVALID_CONFIG; RENDERCAST_NULL_POINTER (`viewer`);
/// RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `configuration` is NULL or ends with a NUL; `viewer` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_create(
    streamer: rendercast_streamer,
    configuration: *const c_char,
    viewer: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_create", || {
        if viewer.is_null() {
            return Err(Failure::Null("viewer"));
        }
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `configuration`.
            let json = unsafe { text_in(configuration, "configuration")? };
            let id = object.streamer.create_peer(json)?;
            // SAFETY: the caller's promise about `viewer`.
            unsafe { memory::write_value(viewer, id.0, "viewer")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Ends a connection that rendercast_peer_create made (W3C close). What was asked of it before is done first, what is asked after
/// it ends with RENDERCAST_INVALID_STATE; RENDERCAST_PEER_EVENT_CLOSED is its last event, and the number stands for nobody then.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_NOT_HOST_NEGOTIATED; RENDERCAST_WOULD_BLOCK (64 operations wait: call
/// it again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_peer_close(streamer: rendercast_streamer, viewer: u32) -> rendercast_status {
    boundary("rendercast_peer_close", || {
        handles::with(streamer, |object| {
            object.streamer.close_peer(ViewerId(viewer))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Asks for new ICE credentials and candidates, of any viewer (W3C restartIce), for instance after a network of this machine has
/// changed. The media go on meanwhile as far as the old path does.
///
/// Where the host negotiates, RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED follows, and the next offer has them; nothing else is
/// told. For other viewers the library offers by itself. Without effect before the first negotiation has ended.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (64 operations wait: call it again later);
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_peer_restart_ice(streamer: rendercast_streamer, viewer: u32) -> rendercast_status {
    boundary("rendercast_peer_restart_ice", || {
        handles::with(streamer, |object| {
            object.streamer.restart_ice(ViewerId(viewer))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Reads the states of any viewer's connection.
///
/// Set `out->size` before the call. Operations that are not done yet have not changed them.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_get_states(
    streamer: rendercast_streamer,
    viewer: u32,
    out: *mut rendercast_peer_states,
) -> rendercast_status {
    boundary("rendercast_peer_get_states", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let states = object.streamer.peer_states(ViewerId(viewer))?;
            // SAFETY: as above.
            unsafe { memory::write(out, &states_out(&states), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Reads one of the session descriptions of any viewer's connection.
///
/// `which` is one of RENDERCAST_DESCRIPTION_*. `kind`, unless NULL, becomes its type, one of RENDERCAST_SDP_*. A description of ours
/// has the candidates found so far, with the addresses and ports at which we are reached; one of the other side's is as it came,
/// without candidates that came after it. `needed`, unless NULL, becomes the text's size with its NUL, about 2000 to 8000 bytes. A
/// NULL `buffer` with `capacity` 0 asks for the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (there is none: W3C null; nothing is changed); RENDERCAST_NO_VIEWER;
/// RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended
/// by a NUL); RENDERCAST_INVALID_ARGUMENT (`which`); RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `kind` and `needed` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_description(
    streamer: rendercast_streamer,
    viewer: u32,
    which: u32,
    kind: *mut u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_description", || {
        let which = match which {
            RENDERCAST_DESCRIPTION_LOCAL => Description::Local,
            RENDERCAST_DESCRIPTION_CURRENT_LOCAL => Description::CurrentLocal,
            RENDERCAST_DESCRIPTION_PENDING_LOCAL => Description::PendingLocal,
            RENDERCAST_DESCRIPTION_REMOTE => Description::Remote,
            RENDERCAST_DESCRIPTION_CURRENT_REMOTE => Description::CurrentRemote,
            RENDERCAST_DESCRIPTION_PENDING_REMOTE => Description::PendingRemote,
            other => return Err(Failure::Argument { name: "which", value: other.into(), range: "1 to 6" }),
        };
        handles::with(streamer, |object| {
            let Some(described) = object.streamer.peer_description(ViewerId(viewer), which)? else {
                return Ok(RENDERCAST_EMPTY);
            };
            if !kind.is_null() {
                // SAFETY: the caller's promise about `kind`.
                unsafe { memory::write_value(kind, kind_number(described.kind), "kind")? };
            }
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&described.sdp, buffer, capacity, needed) }
        })
    })
}

fn states_out(states: &PeerStates) -> rendercast_peer_states {
    rendercast_peer_states {
        size: size_of::<rendercast_peer_states>() as u32,
        signaling: signaling_number(states.signaling),
        ice_gathering: gathering_number(states.gathering),
        ice_connection: ice_number(states.ice),
        connection: connection_number(states.connection),
        can_trickle: match states.can_trickle {
            None => RENDERCAST_TRICKLE_UNKNOWN,
            Some(false) => RENDERCAST_TRICKLE_NO,
            Some(true) => RENDERCAST_TRICKLE_YES,
        },
    }
}

const fn kind_number(kind: DescriptionKind) -> u32 {
    match kind {
        DescriptionKind::Offer => RENDERCAST_SDP_OFFER,
        DescriptionKind::Pranswer => RENDERCAST_SDP_PRANSWER,
        DescriptionKind::Answer => RENDERCAST_SDP_ANSWER,
        DescriptionKind::Rollback => RENDERCAST_SDP_ROLLBACK,
    }
}

pub(super) const fn signaling_number(state: SignalingState) -> u32 {
    match state {
        SignalingState::Stable => RENDERCAST_SIGNALING_STATE_STABLE,
        SignalingState::HaveLocalOffer => RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER,
        SignalingState::HaveRemoteOffer => RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_OFFER,
        SignalingState::HaveLocalPranswer => RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_PRANSWER,
        SignalingState::HaveRemotePranswer => RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER,
        SignalingState::Closed => RENDERCAST_SIGNALING_STATE_CLOSED,
    }
}

pub(super) const fn gathering_number(state: GatheringState) -> u32 {
    match state {
        GatheringState::New => RENDERCAST_ICE_GATHERING_STATE_NEW,
        GatheringState::Gathering => RENDERCAST_ICE_GATHERING_STATE_GATHERING,
        GatheringState::Complete => RENDERCAST_ICE_GATHERING_STATE_COMPLETE,
    }
}

pub(super) const fn ice_number(state: IceConnectionState) -> u32 {
    match state {
        IceConnectionState::New => RENDERCAST_ICE_CONNECTION_STATE_NEW,
        IceConnectionState::Checking => RENDERCAST_ICE_CONNECTION_STATE_CHECKING,
        IceConnectionState::Connected => RENDERCAST_ICE_CONNECTION_STATE_CONNECTED,
        IceConnectionState::Completed => RENDERCAST_ICE_CONNECTION_STATE_COMPLETED,
        IceConnectionState::Disconnected => RENDERCAST_ICE_CONNECTION_STATE_DISCONNECTED,
        IceConnectionState::Failed => RENDERCAST_ICE_CONNECTION_STATE_FAILED,
        IceConnectionState::Closed => RENDERCAST_ICE_CONNECTION_STATE_CLOSED,
    }
}

pub(super) const fn connection_number(state: ConnectionState) -> u32 {
    match state {
        ConnectionState::New => RENDERCAST_CONNECTION_STATE_NEW,
        ConnectionState::Connecting => RENDERCAST_CONNECTION_STATE_CONNECTING,
        ConnectionState::Connected => RENDERCAST_CONNECTION_STATE_CONNECTED,
        ConnectionState::Disconnected => RENDERCAST_CONNECTION_STATE_DISCONNECTED,
        ConnectionState::Failed => RENDERCAST_CONNECTION_STATE_FAILED,
        ConnectionState::Closed => RENDERCAST_CONNECTION_STATE_CLOSED,
    }
}

//! Who plays and who watches.

use super::boundary::boundary;
use super::handles;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use crate::roles::Role;
use crate::units::ViewerId;

/// It watches: its input reaches nobody, but for messages on data channels.
pub const RENDERCAST_ROLE_SPECTATOR: u32 = 1;
/// It plays. Players have numbers from 1; whoever becomes one gets the lowest free number.
pub const RENDERCAST_ROLE_PLAYER: u32 = 2;

/// Makes a viewer a player or a spectator, or answers its ask (RENDERCAST_EVENT_ROLE_ASKED), whatever the configuration's
/// `players` says.
///
/// `viewer` is the number that events and input carry; `role` is RENDERCAST_ROLE_PLAYER or RENDERCAST_ROLE_SPECTATOR. A viewer
/// that has the role already keeps it. RENDERCAST_EVENT_ROLE_CHANGED tells the change, and the page is told too. Who stops
/// playing lets go of everything: its keys, buttons, touches and gamepads are released as input events. Whom the host has
/// made a spectator becomes a player again by the host only.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (nobody, or not connected yet); RENDERCAST_TOO_MANY (`max_players` are players
/// already: make one of them a spectator first); RENDERCAST_INVALID_ARGUMENT (`role`); RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_set_viewer_role(
    streamer: rendercast_streamer,
    viewer: u32,
    role: u32,
) -> rendercast_status {
    boundary("rendercast_set_viewer_role", || {
        handles::with(streamer, |object| {
            let player = match role {
                RENDERCAST_ROLE_PLAYER => true,
                RENDERCAST_ROLE_SPECTATOR => false,
                other => return Err(Failure::Argument { name: "role", value: other.into(), range: "1 to 2" }),
            };
            object.streamer.set_viewer_role(ViewerId(viewer), player)?;
            Ok(RENDERCAST_OK)
        })
    })
}

pub(super) const fn role_number(role: Role) -> u32 {
    match role {
        Role::Spectator => RENDERCAST_ROLE_SPECTATOR,
        Role::Player(_) => RENDERCAST_ROLE_PLAYER,
    }
}

//! Connections that the host negotiates (W3C RTCPeerConnection), and users who call each other.

use super::call::{Result, call, call_with, guarded, message, number, number_with, or_empty, text};
use super::streamer::Streamer;
use crate::ffi::calls::*;
use crate::ffi::configuration::{rendercast_peer_get_configuration, rendercast_peer_set_configuration};
use crate::ffi::peer_events::*;
use crate::ffi::peer_operations::*;
use crate::ffi::peers::*;
use crate::ffi::tracks::*;

impl Streamer {
    pub fn call_start(&self, user: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL; so in what follows.
        call_with(user, |user| unsafe { rendercast_call_start(self.handle, or_empty(user)) })
    }

    pub fn call_accept(&self, user: &[u8]) -> Result<bool> {
        // SAFETY: as above.
        call_with(user, |user| unsafe { rendercast_call_accept(self.handle, or_empty(user)) })
    }

    pub fn call_decline(&self, user: &[u8]) -> Result<bool> {
        // SAFETY: as above.
        call_with(user, |user| unsafe { rendercast_call_decline(self.handle, or_empty(user)) })
    }

    pub fn call_end(&self, user: &[u8]) -> Result<bool> {
        // SAFETY: as above.
        call_with(user, |user| unsafe { rendercast_call_end(self.handle, or_empty(user)) })
    }

    pub fn peer_create(&self, configuration: &[u8]) -> Result<u32> {
        // SAFETY: the text ends with a NUL, or is NULL; `viewer` is a number.
        number_with(configuration, |json, viewer| unsafe { rendercast_peer_create(self.handle, json, viewer) })
    }

    pub fn peer_close(&self, viewer: u32) -> Result<bool> {
        call(|| rendercast_peer_close(self.handle, viewer))
    }

    pub fn peer_restart_ice(&self, viewer: u32) -> Result<bool> {
        call(|| rendercast_peer_restart_ice(self.handle, viewer))
    }

    pub fn peer_get_states(&self, viewer: u32, out: &mut rendercast_peer_states) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_peer_get_states(self.handle, viewer, out) })
    }

    pub fn peer_set_configuration(&self, viewer: u32, json: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL, or is NULL.
        call_with(json, |json| unsafe { rendercast_peer_set_configuration(self.handle, viewer, or_empty(json)) })
    }

    pub fn peer_get_configuration(&self, viewer: u32) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe {
            rendercast_peer_get_configuration(self.handle, viewer, buffer, capacity, needed)
        })
    }

    pub fn peer_description(&self, viewer: u32, which: u32, kind: &mut u32) -> Result<String> {
        // SAFETY: a buffer of that capacity, and two numbers.
        text(|buffer, capacity, needed| unsafe {
            rendercast_peer_description(self.handle, viewer, which, kind, buffer, capacity, needed)
        })
    }

    pub fn peer_create_offer(&self, viewer: u32, options: &[u8]) -> Result<u32> {
        // SAFETY: the text ends with a NUL, or is NULL; `request` is a number. So in what follows.
        number_with(options, |options, request| unsafe {
            rendercast_peer_create_offer(self.handle, viewer, options, request)
        })
    }

    pub fn peer_create_answer(&self, viewer: u32, options: &[u8]) -> Result<u32> {
        // SAFETY: as above.
        number_with(options, |options, request| unsafe {
            rendercast_peer_create_answer(self.handle, viewer, options, request)
        })
    }

    pub fn peer_set_local_description(&self, viewer: u32, kind: u32, sdp: &[u8]) -> Result<u32> {
        // SAFETY: as above.
        number_with(sdp, |sdp, request| unsafe {
            rendercast_peer_set_local_description(self.handle, viewer, kind, sdp, request)
        })
    }

    pub fn peer_set_remote_description(&self, viewer: u32, kind: u32, sdp: &[u8]) -> Result<u32> {
        // SAFETY: as above.
        number_with(sdp, |sdp, request| unsafe {
            rendercast_peer_set_remote_description(self.handle, viewer, kind, sdp, request)
        })
    }

    pub fn peer_add_ice_candidate(
        &self,
        viewer: u32,
        candidate: &[u8],
        sdp_mid: &[u8],
        sdp_mline_index: u32,
    ) -> Result<u32> {
        guarded(|| {
            let mut request = Ok(0);
            call_with(sdp_mid, |mid| {
                // SAFETY: as above, of both texts.
                request = number_with(candidate, |candidate, request| unsafe {
                    rendercast_peer_add_ice_candidate(self.handle, viewer, candidate, mid, sdp_mline_index, request)
                });
                0
            })?;
            request
        })
    }

    pub fn poll_peer_event(&self, out: &mut rendercast_peer_event, text: &mut String) -> Result<bool> {
        // SAFETY: a buffer of that capacity.
        message(text, |buffer, capacity| unsafe {
            (rendercast_poll_peer_event(self.handle, out, buffer, capacity), out.text_size)
        })
    }

    pub fn peer_add_track(&self, viewer: u32, options: &rendercast_track_options) -> Result<u32> {
        // SAFETY: a reference is valid, its text outlives the call, `sender` is a number.
        number(|sender| unsafe { rendercast_peer_add_track(self.handle, viewer, options, sender) })
    }

    pub fn peer_add_transceiver(&self, viewer: u32, kind: u32, options: &rendercast_track_options) -> Result<u32> {
        // SAFETY: as above.
        number(|sender| unsafe { rendercast_peer_add_transceiver(self.handle, viewer, kind, options, sender) })
    }

    pub fn peer_remove_track(&self, viewer: u32, sender: u32) -> Result<bool> {
        call(|| rendercast_peer_remove_track(self.handle, viewer, sender))
    }

    pub fn peer_set_direction(&self, viewer: u32, sender: u32, direction: u32) -> Result<bool> {
        call(|| rendercast_peer_set_direction(self.handle, viewer, sender, direction))
    }

    pub fn peer_replace_track(&self, viewer: u32, sender: u32, source: u32) -> Result<bool> {
        call(|| rendercast_peer_replace_track(self.handle, viewer, sender, source))
    }

    pub fn peer_set_streams(&self, viewer: u32, sender: u32, stream_id: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL, or is NULL.
        call_with(stream_id, |id| unsafe { rendercast_peer_set_streams(self.handle, viewer, sender, id) })
    }

    pub fn peer_list_transceivers(&self, viewer: u32) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe {
            rendercast_peer_list_transceivers(self.handle, viewer, buffer, capacity, needed)
        })
    }
}

//! Viewers: figures, roles, what is sent to them, and what their pages are told.

use super::call::{Result, call, call_with, guarded, number, or_empty, text, text_with};
use super::streamer::Streamer;
use crate::ffi::capabilities::rendercast_get_capabilities;
use crate::ffi::feedback::*;
use crate::ffi::roles::rendercast_set_viewer_role;
use crate::ffi::senders::*;
use crate::ffi::status::{RENDERCAST_BUFFER_TOO_SMALL, RENDERCAST_OK};
use crate::ffi::viewers::*;

impl Streamer {
    /// How many there are; those that find room are written.
    pub fn list_viewers(&self, out: &mut [rendercast_viewer]) -> Result<u32> {
        guarded(|| {
            let capacity = u32::try_from(out.len()).unwrap_or(u32::MAX);
            let first = if out.is_empty() { std::ptr::null_mut() } else { out.as_mut_ptr() };
            number(|count| {
                // SAFETY: an array of that capacity, and a number.
                match unsafe { rendercast_list_viewers(self.handle, first, capacity, count) } {
                    RENDERCAST_BUFFER_TOO_SMALL => RENDERCAST_OK,
                    status => status,
                }
            })
        })
    }

    pub fn get_viewer_stats(&self, viewer: u32, out: &mut rendercast_viewer_stats) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_get_viewer_stats(self.handle, viewer, out) })
    }

    pub fn viewer_stats_json(&self, viewer: u32) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe {
            rendercast_viewer_stats_json(self.handle, viewer, buffer, capacity, needed)
        })
    }

    pub fn viewer_section_stats_json(&self, viewer: u32, mid: &[u8]) -> Result<String> {
        // SAFETY: the text ends with a NUL; a buffer of that capacity, and a number.
        text_with(mid, |mid, buffer, capacity, needed| unsafe {
            rendercast_viewer_section_stats_json(self.handle, viewer, mid, buffer, capacity, needed)
        })
    }

    pub fn get_capabilities(&self, kind: u32, direction: u32) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe {
            rendercast_get_capabilities(self.handle, kind, direction, buffer, capacity, needed)
        })
    }

    pub fn set_viewer_role(&self, viewer: u32, role: u32) -> Result<bool> {
        call(|| rendercast_set_viewer_role(self.handle, viewer, role))
    }

    pub fn viewer_rumble(&self, viewer: u32, rumble: &rendercast_rumble) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_viewer_rumble(self.handle, viewer, rumble) })
    }

    pub fn viewer_set_cursor(&self, viewer: u32, cursor: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL, or is NULL.
        call_with(cursor, |cursor| unsafe { rendercast_viewer_set_cursor(self.handle, viewer, cursor) })
    }

    pub fn viewer_set_pointer_lock(&self, viewer: u32, on: bool) -> Result<bool> {
        call(|| rendercast_viewer_set_pointer_lock(self.handle, viewer, on.into()))
    }

    pub fn viewer_show_keyboard(&self, viewer: u32, keyboard: &rendercast_keyboard) -> Result<bool> {
        // SAFETY: a reference is valid, and its texts outlive the call.
        call(|| unsafe { rendercast_viewer_show_keyboard(self.handle, viewer, keyboard) })
    }

    pub fn viewer_hide_keyboard(&self, viewer: u32) -> Result<bool> {
        call(|| rendercast_viewer_hide_keyboard(self.handle, viewer))
    }

    pub fn viewer_set_clipboard(&self, viewer: u32, text: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL.
        call_with(text, |text| unsafe { rendercast_viewer_set_clipboard(self.handle, viewer, or_empty(text)) })
    }

    pub fn kick(&self, viewer: u32, reason: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL, or is NULL.
        call_with(reason, |reason| unsafe { rendercast_kick(self.handle, viewer, reason) })
    }

    pub fn freeze(&self, viewer: u32, on: bool) -> Result<bool> {
        call(|| rendercast_freeze(self.handle, viewer, on.into()))
    }

    pub fn set_sender_parameters(
        &self,
        viewer: u32,
        kind: u32,
        parameters: &rendercast_sender_parameters,
    ) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_set_sender_parameters(self.handle, viewer, kind, parameters) })
    }

    pub fn get_sender_parameters(
        &self,
        viewer: u32,
        kind: u32,
        out: &mut rendercast_sender_parameters,
    ) -> Result<bool> {
        // SAFETY: a reference is valid.
        call(|| unsafe { rendercast_get_sender_parameters(self.handle, viewer, kind, out) })
    }

    pub fn set_codec_preferences(&self, viewer: u32, kind: u32, codecs: &[u8]) -> Result<bool> {
        // SAFETY: the text ends with a NUL, or is NULL.
        call_with(codecs, |codecs| unsafe { rendercast_set_codec_preferences(self.handle, viewer, kind, codecs) })
    }
}

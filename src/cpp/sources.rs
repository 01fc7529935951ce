//! Sources of pictures.

use super::call::{Result, call, number};
use super::streamer::Streamer;
use crate::ffi::sources::*;

impl Streamer {
    pub fn source_create(&self, options: &rendercast_source_options) -> Result<u32> {
        // SAFETY: a reference is valid, its label is a text that outlives the call, `out` is a number.
        number(|out| unsafe { rendercast_source_create(self.handle, options, out) })
    }

    pub fn source_destroy(&self, source: u32) -> Result<bool> {
        call(|| rendercast_source_destroy(self.handle, source))
    }

    pub fn set_viewer_source(&self, viewer: u32, source: u32) -> Result<bool> {
        call(|| rendercast_set_viewer_source(self.handle, viewer, source))
    }

    pub fn set_every_viewers_source(&self, source: u32) -> Result<bool> {
        call(|| rendercast_set_every_viewers_source(self.handle, source))
    }
}

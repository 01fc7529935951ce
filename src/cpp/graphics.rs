//! The host's graphics devices, and textures of theirs.

use super::call::{Result, call, number};
use super::streamer::Streamer;
use crate::ffi::graphics::*;

/// A device of the C ABI's, which is given back with it.
pub struct Graphics {
    handle: rendercast_graphics,
}

impl Drop for Graphics {
    fn drop(&mut self) {
        rendercast_destroy_graphics(self.handle);
    }
}

pub fn create_graphics(device: &rendercast_graphics_device) -> Result<Box<Graphics>> {
    // SAFETY: a reference is valid, `out` is a number; what the device's pointers mean is the host's promise.
    number(|out| unsafe { rendercast_create_graphics(device, out) }).map(|handle| Box::new(Graphics { handle }))
}

impl Graphics {
    pub fn push_texture(&self, streamer: &Streamer, texture: &rendercast_texture) -> Result<bool> {
        // SAFETY: a reference is valid; what the texture is, is the host's promise.
        call(|| unsafe { rendercast_push_texture(streamer.handle, self.handle, texture) })
    }
}

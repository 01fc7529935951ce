//! What Unity lends of Metal: its device, and the command buffer that draws the frame, which it commits itself.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::NonNull;

use super::abi::Metal;
use super::state;
use crate::graphics::{Device, GraphicsError, MetalBackend, MetalRecorder, Rings};

/// Makes the pipeline, within a render event.
pub(super) fn open(metal: &'static Metal) -> Result<Box<dyn Device>, GraphicsError> {
    // SAFETY: Unity's own function, and its device, which lives until it tells that it goes.
    let backend = unsafe { MetalBackend::with_recorder((metal.device)(), Box::new(Lent(metal)))? };
    Ok(Box::new(Rings::new(backend)))
}

struct Lent(&'static Metal);

impl MetalRecorder for Lent {
    fn command_buffer(&mut self) -> Option<NonNull<c_void>> {
        if !state::is_in_render_event() {
            return None;
        }
        // SAFETY: Unity's own functions, within a render event. Its own pass ends; it begins another when it goes on.
        unsafe {
            (self.0.end_current_command_encoder)();
            NonNull::new((self.0.current_command_buffer)())
        }
    }
}

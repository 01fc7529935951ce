//! Unity's console, told once of each thing that goes wrong, and a marker in its profiler.

#![allow(unsafe_code)]

use std::ffi::{CString, c_void};
use std::fmt::Display;
use std::ptr;

use super::abi::{self, Interfaces, Log, Profiler, log_kind};
use crate::graphics::GraphicsError;

/// Different failures told at most; what comes after them is counted by the streamers only.
const MAX_TOLD: usize = 8;

pub(super) struct Console {
    log: Option<&'static Log>,
    marker: Option<Marker>,
    told: [Option<GraphicsError>; MAX_TOLD],
    told_of_batch: bool,
}

#[derive(Clone, Copy)]
struct Marker {
    profiler: &'static Profiler,
    /// Unity's own description, an address that lives as long as Unity.
    description: usize,
}

/// Marks the time until it is dropped in Unity's profiler.
pub(super) struct Marked(Option<Marker>);

impl Console {
    /// # Safety
    /// The tables are Unity's.
    pub unsafe fn find(interfaces: &Interfaces) -> Self {
        // SAFETY: the caller's promise; the functions used are the same in both versions.
        unsafe {
            let profiler = interfaces.find(abi::PROFILER_V2).or_else(|| interfaces.find(abi::PROFILER_V1));
            Self {
                log: interfaces.find(abi::LOG),
                marker: profiler.and_then(|profiler| Marker::new(profiler)),
                told: [const { None }; MAX_TOLD],
                told_of_batch: false,
            }
        }
    }

    pub fn mark(&self) -> Marked {
        if let Some(marker) = self.marker {
            marker.emit(0);
        }
        Marked(self.marker)
    }

    pub fn inform(&self, text: &dyn Display) {
        tracing::info!("{text}");
        self.write(log_kind::LOG, text);
    }

    /// Tells of a failure when it is a new one.
    pub fn warn_once(&mut self, error: &GraphicsError) {
        if self.told.iter().flatten().any(|told| told == error) {
            return;
        }
        let Some(free) = self.told.iter_mut().find(|told| told.is_none()) else { return };
        *free = Some(error.clone());
        tracing::warn!(%error, "a texture of Unity's was not taken");
        self.write(log_kind::WARNING, &format_args!("a texture was not taken: {error}"));
    }

    /// Tells, once, that a batch made no sense.
    pub fn warn_of_batch(&mut self, reason: &dyn Display) {
        if !std::mem::replace(&mut self.told_of_batch, true) {
            tracing::warn!(%reason, "a batch of Unity's was not understood");
            self.write(log_kind::WARNING, &format_args!("a batch of textures was not understood: {reason}"));
        }
    }

    fn write(&self, kind: i32, text: &dyn Display) {
        let Some(log) = self.log else { return };
        if let Ok(text) = CString::new(format!("rendercast: {text}")) {
            // SAFETY: Unity's own function; texts end with a NUL and are copied.
            unsafe { (log.log)(kind, text.as_ptr(), c"".as_ptr(), 0) };
        }
    }
}

impl Marker {
    /// None where the profiler is not built in, as in release players.
    unsafe fn new(profiler: &'static Profiler) -> Option<Self> {
        const RENDER: u16 = 0;
        let mut description = ptr::null();
        // SAFETY: Unity's own functions, and a place for the answer.
        let made = unsafe {
            (profiler.is_available)() != 0
                && (profiler.create_marker)(&mut description, c"rendercast.TakeTextures".as_ptr(), RENDER, 0, 0) == 0
        };
        (made && !description.is_null()).then(|| Self { profiler, description: description.addr() })
    }

    fn emit(self, kind: u16) {
        let description = self.description as *const c_void;
        // SAFETY: Unity's own function and description.
        unsafe { (self.profiler.emit)(description, kind, 0, ptr::null()) };
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        if let Some(marker) = self.0 {
            marker.emit(1);
        }
    }
}

//! A streamer's life, its pictures and sound, what it is polled for and its figures, and what concerns the whole library.
//!
//! Of every `unsafe` here and in its neighbours: what crosses are references, which are valid for what the exports ask, and
//! pointers within structures, for which `rendercast.hpp` stands, where they are those of texts and planes that outlive the call.

use super::call::{Result, call, call_with, guarded, items, message, number, number_with, or_empty, text, text_with};
use crate::ffi::audio::rendercast_push_audio;
use crate::ffi::config::rendercast_config;
use crate::ffi::configuration::{rendercast_certificate_generate, rendercast_certificate_info};
use crate::ffi::events::{rendercast_event, rendercast_poll_event};
use crate::ffi::input::{rendercast_input, rendercast_input_data, rendercast_input_json, rendercast_poll_input};
use crate::ffi::key_tables::{rendercast_key_code, rendercast_key_from_code};
use crate::ffi::received::*;
use crate::ffi::signals::*;
use crate::ffi::stats::*;
use crate::ffi::streamer::*;
use crate::ffi::video::*;

/// A streamer of the C ABI's, which ends with it. The handle is the C++ host's only in here.
pub struct Streamer {
    pub(super) handle: rendercast_streamer,
}

impl Drop for Streamer {
    fn drop(&mut self) {
        // Stale after rendercast_shutdown_all: then it has ended already.
        rendercast_destroy(self.handle);
    }
}

pub fn create(config: &rendercast_config) -> Result<Box<Streamer>> {
    // SAFETY: see the head of this file.
    number(|out| unsafe { rendercast_create(config, out) }).map(owned)
}

pub fn create_json(json: &[u8]) -> Result<Box<Streamer>> {
    // SAFETY: the text ends with a NUL, `out` is a number.
    number_with(json, |json, out| unsafe { rendercast_create_json(or_empty(json), out) }).map(owned)
}

fn owned(handle: rendercast_streamer) -> Box<Streamer> {
    Box::new(Streamer { handle })
}

pub fn key_code(key: u32) -> Result<String> {
    // SAFETY: a buffer of that capacity, and a number.
    text(|buffer, capacity, needed| unsafe { rendercast_key_code(key, buffer, capacity, needed) })
}

pub fn key_from_code(code: &[u8]) -> Result<u32> {
    // SAFETY: the text ends with a NUL, `out` is a number.
    number_with(code, |code, out| unsafe { rendercast_key_from_code(or_empty(code), out) })
}

pub fn certificate_generate(path: &[u8], options_json: &[u8]) -> Result<bool> {
    guarded(|| {
        let mut made = Ok(false);
        call_with(options_json, |options| {
            // SAFETY: both texts end with a NUL, or are NULL.
            made = call_with(path, |path| unsafe { rendercast_certificate_generate(or_empty(path), options) });
            0
        })?;
        made
    })
}

pub fn certificate_info(path: &[u8]) -> Result<String> {
    // SAFETY: the text ends with a NUL; a buffer of that capacity, and a number.
    text_with(path, |path, buffer, capacity, needed| unsafe {
        rendercast_certificate_info(or_empty(path), buffer, capacity, needed)
    })
}

impl Streamer {
    pub fn start(&self) -> Result<bool> {
        call(|| rendercast_start(self.handle))
    }

    pub fn stop(&self) -> Result<bool> {
        call(|| rendercast_stop(self.handle))
    }

    pub fn link(&self) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe { rendercast_link(self.handle, buffer, capacity, needed) })
    }

    pub fn set_video_rate(&self, min_bitrate_kbps: u32, max_bitrate_kbps: u32, fps: u32) -> Result<bool> {
        call(|| rendercast_set_video_rate(self.handle, min_bitrate_kbps, max_bitrate_kbps, fps))
    }

    pub fn push_video(&self, frame: &rendercast_video_frame) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_push_video(self.handle, frame) })
    }

    pub fn acquire_video(
        &self,
        source: u32,
        format: u32,
        width: u32,
        height: u32,
        out: &mut rendercast_video_buffer,
    ) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_source_acquire_video(self.handle, source, format, width, height, out) })
    }

    pub fn commit_video(&self, frame: u32, host_time_ns: u64, flags: u32) -> Result<bool> {
        call(|| rendercast_commit_video(self.handle, frame, host_time_ns, flags))
    }

    pub fn discard_video(&self, frame: u32) -> Result<bool> {
        call(|| rendercast_discard_video(self.handle, frame))
    }

    /// Samples that are no whole number of frames lose the last, incomplete one: rendercast.hpp refuses them before.
    pub fn push_audio(&self, samples: &[f32], channels: u32, sample_rate: u32, host_time_ns: u64) -> Result<bool> {
        call(|| {
            let frames = samples.len().checked_div(channels as usize).unwrap_or_default();
            let frames = u32::try_from(frames).unwrap_or(u32::MAX);
            let first = samples.as_ptr();
            // SAFETY: `frames` times `channels` is at most the slice's length; a number that was cut is above what is taken.
            unsafe { rendercast_push_audio(self.handle, first, frames, channels, sample_rate, host_time_ns) }
        })
    }

    pub fn poll_event(&self, out: &mut rendercast_event) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_poll_event(self.handle, out) })
    }

    pub fn poll_input(&self, out: &mut rendercast_input) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_poll_input(self.handle, out) })
    }

    pub fn input_data(&self, out: &mut Vec<u8>) -> Result<bool> {
        // SAFETY: a buffer of that capacity, and a number.
        items(out, |buffer, capacity, needed| unsafe { rendercast_input_data(self.handle, buffer, capacity, needed) })
    }

    pub fn input_json(&self) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe { rendercast_input_json(self.handle, buffer, capacity, needed) })
    }

    pub fn poll_received_video(
        &self,
        viewer: u32,
        out: &mut rendercast_received_video,
        pixels: &mut Vec<u8>,
    ) -> Result<bool> {
        // SAFETY: a buffer of that capacity, and a number.
        items(pixels, |buffer, capacity, needed| unsafe {
            rendercast_poll_received_video(self.handle, viewer, out, buffer, capacity, needed)
        })
    }

    pub fn poll_received_audio(
        &self,
        viewer: u32,
        out: &mut rendercast_received_audio,
        samples: &mut Vec<f32>,
    ) -> Result<bool> {
        // SAFETY: a buffer of that capacity, and a number.
        items(samples, |buffer, capacity, needed| unsafe {
            rendercast_poll_received_audio(self.handle, viewer, out, buffer, capacity, needed)
        })
    }

    pub fn get_stats(&self, out: &mut rendercast_stats) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_get_stats(self.handle, out) })
    }

    pub fn get_layer_stats(&self, index: u32, out: &mut rendercast_layer_stats) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_get_layer_stats(self.handle, index, out) })
    }

    pub fn stats_json(&self) -> Result<String> {
        // SAFETY: a buffer of that capacity, and a number.
        text(|buffer, capacity, needed| unsafe { rendercast_stats_json(self.handle, buffer, capacity, needed) })
    }

    pub fn push_signal(&self, signal: &rendercast_signal) -> Result<bool> {
        // SAFETY: see the head of this file.
        call(|| unsafe { rendercast_push_signal(self.handle, signal) })
    }

    pub fn poll_signal(&self, out: &mut rendercast_signal_out, text: &mut String) -> Result<bool> {
        // SAFETY: a buffer of that capacity.
        message(text, |buffer, capacity| unsafe {
            (rendercast_poll_signal(self.handle, out, buffer, capacity), out.text_size)
        })
    }
}

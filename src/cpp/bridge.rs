//! Everything that crosses between C++ and Rust. Of a `Result<bool>`, false is "not now": the C ABI's positive statuses. Texts come
//! in as bytes, since only the export they go to says what is wrong with one; an empty one is NULL where NULL is allowed.
//! A text that comes out empty is not there: every other one has characters.

use super::graphics::{Graphics, create_graphics};
use super::streamer::{Streamer, certificate_generate, certificate_info, create, create_json, key_code, key_from_code};

#[cxx::bridge(namespace = "rendercast::bridge")]
mod declarations {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("rendercast.h");

        type rendercast_channel_info = crate::ffi::channels::rendercast_channel_info;
        type rendercast_channel_options = crate::ffi::channels::rendercast_channel_options;
        type rendercast_config = crate::ffi::config::rendercast_config;
        type rendercast_event = crate::ffi::events::rendercast_event;
        type rendercast_graphics_device = crate::ffi::graphics::rendercast_graphics_device;
        type rendercast_input = crate::ffi::input::rendercast_input;
        type rendercast_keyboard = crate::ffi::feedback::rendercast_keyboard;
        type rendercast_layer_stats = crate::ffi::stats::rendercast_layer_stats;
        type rendercast_peer_event = crate::ffi::peer_events::rendercast_peer_event;
        type rendercast_peer_states = crate::ffi::peers::rendercast_peer_states;
        type rendercast_received_audio = crate::ffi::received::rendercast_received_audio;
        type rendercast_received_video = crate::ffi::received::rendercast_received_video;
        type rendercast_rumble = crate::ffi::feedback::rendercast_rumble;
        type rendercast_sender_parameters = crate::ffi::senders::rendercast_sender_parameters;
        type rendercast_signal = crate::ffi::signals::rendercast_signal;
        type rendercast_signal_out = crate::ffi::signals::rendercast_signal_out;
        type rendercast_source_options = crate::ffi::sources::rendercast_source_options;
        type rendercast_stats = crate::ffi::stats::rendercast_stats;
        type rendercast_texture = crate::ffi::graphics::rendercast_texture;
        type rendercast_track_options = crate::ffi::tracks::rendercast_track_options;
        type rendercast_video_buffer = crate::ffi::video::rendercast_video_buffer;
        type rendercast_video_frame = crate::ffi::video::rendercast_video_frame;
        type rendercast_viewer = crate::ffi::viewers::rendercast_viewer;
        type rendercast_viewer_stats = crate::ffi::viewers::rendercast_viewer_stats;
    }

    extern "Rust" {
        // The whole library.
        fn key_code(key: u32) -> Result<String>;
        fn key_from_code(code: &[u8]) -> Result<u32>;
        fn certificate_generate(path: &[u8], options_json: &[u8]) -> Result<bool>;
        fn certificate_info(path: &[u8]) -> Result<String>;
    }

    extern "Rust" {
        type Streamer;

        // Life.
        fn create(config: &rendercast_config) -> Result<Box<Streamer>>;
        fn create_json(json: &[u8]) -> Result<Box<Streamer>>;
        fn start(&self) -> Result<bool>;
        fn stop(&self) -> Result<bool>;
        fn link(&self) -> Result<String>;
        fn set_video_rate(&self, min_bitrate_kbps: u32, max_bitrate_kbps: u32, fps: u32) -> Result<bool>;

        // Pictures and sound.
        fn push_video(&self, frame: &rendercast_video_frame) -> Result<bool>;
        fn acquire_video(
            &self,
            source: u32,
            format: u32,
            width: u32,
            height: u32,
            out: &mut rendercast_video_buffer,
        ) -> Result<bool>;
        fn commit_video(&self, frame: u32, host_time_ns: u64, flags: u32) -> Result<bool>;
        fn discard_video(&self, frame: u32) -> Result<bool>;
        fn push_audio(&self, samples: &[f32], channels: u32, sample_rate: u32, host_time_ns: u64) -> Result<bool>;

        // Sources.
        fn source_create(&self, options: &rendercast_source_options) -> Result<u32>;
        fn source_destroy(&self, source: u32) -> Result<bool>;
        fn set_viewer_source(&self, viewer: u32, source: u32) -> Result<bool>;
        fn set_every_viewers_source(&self, source: u32) -> Result<bool>;

        // What is polled.
        fn poll_event(&self, out: &mut rendercast_event) -> Result<bool>;
        fn poll_input(&self, out: &mut rendercast_input) -> Result<bool>;
        fn input_data(&self, out: &mut Vec<u8>) -> Result<bool>;
        fn input_json(&self) -> Result<String>;
        fn poll_received_video(
            &self,
            viewer: u32,
            out: &mut rendercast_received_video,
            pixels: &mut Vec<u8>,
        ) -> Result<bool>;
        fn poll_received_audio(
            &self,
            viewer: u32,
            out: &mut rendercast_received_audio,
            samples: &mut Vec<f32>,
        ) -> Result<bool>;

        // Figures.
        fn get_stats(&self, out: &mut rendercast_stats) -> Result<bool>;
        fn get_layer_stats(&self, index: u32, out: &mut rendercast_layer_stats) -> Result<bool>;
        fn stats_json(&self) -> Result<String>;
        fn list_viewers(&self, out: &mut [rendercast_viewer]) -> Result<u32>;
        fn get_viewer_stats(&self, viewer: u32, out: &mut rendercast_viewer_stats) -> Result<bool>;
        fn viewer_stats_json(&self, viewer: u32) -> Result<String>;
        fn viewer_section_stats_json(&self, viewer: u32, mid: &[u8]) -> Result<String>;
        fn get_capabilities(&self, kind: u32, direction: u32) -> Result<String>;

        // Viewers.
        fn set_viewer_role(&self, viewer: u32, role: u32) -> Result<bool>;
        fn viewer_rumble(&self, viewer: u32, rumble: &rendercast_rumble) -> Result<bool>;
        fn viewer_set_cursor(&self, viewer: u32, cursor: &[u8]) -> Result<bool>;
        fn viewer_set_pointer_lock(&self, viewer: u32, on: bool) -> Result<bool>;
        fn viewer_show_keyboard(&self, viewer: u32, keyboard: &rendercast_keyboard) -> Result<bool>;
        fn viewer_hide_keyboard(&self, viewer: u32) -> Result<bool>;
        fn viewer_set_clipboard(&self, viewer: u32, text: &[u8]) -> Result<bool>;
        fn kick(&self, viewer: u32, reason: &[u8]) -> Result<bool>;
        fn freeze(&self, viewer: u32, on: bool) -> Result<bool>;
        fn set_sender_parameters(
            &self,
            viewer: u32,
            kind: u32,
            parameters: &rendercast_sender_parameters,
        ) -> Result<bool>;
        fn get_sender_parameters(&self, viewer: u32, kind: u32, out: &mut rendercast_sender_parameters)
        -> Result<bool>;
        fn set_codec_preferences(&self, viewer: u32, kind: u32, codecs: &[u8]) -> Result<bool>;

        // Messages and data channels.
        fn send_message(&self, viewer: u32, channel: &[u8], is_text: bool, message: &[u8]) -> Result<bool>;
        fn channel_open(&self, viewer: u32, options: &rendercast_channel_options) -> Result<u32>;
        fn channel_send(&self, channel: u32, is_text: bool, message: &[u8]) -> Result<bool>;
        fn get_channel_info(&self, channel: u32, out: &mut rendercast_channel_info) -> Result<bool>;
        fn channel_set_buffered_amount_low_threshold(&self, channel: u32, bytes: u32) -> Result<bool>;
        fn channel_close(&self, channel: u32) -> Result<bool>;

        // Signaling that the host carries, and calls.
        fn push_signal(&self, signal: &rendercast_signal) -> Result<bool>;
        fn poll_signal(&self, out: &mut rendercast_signal_out, text: &mut String) -> Result<bool>;
        fn call_start(&self, user: &[u8]) -> Result<bool>;
        fn call_accept(&self, user: &[u8]) -> Result<bool>;
        fn call_decline(&self, user: &[u8]) -> Result<bool>;
        fn call_end(&self, user: &[u8]) -> Result<bool>;

        // Connections, W3C's RTCPeerConnection.
        fn peer_create(&self, configuration: &[u8]) -> Result<u32>;
        fn peer_close(&self, viewer: u32) -> Result<bool>;
        fn peer_restart_ice(&self, viewer: u32) -> Result<bool>;
        fn peer_get_states(&self, viewer: u32, out: &mut rendercast_peer_states) -> Result<bool>;
        fn peer_set_configuration(&self, viewer: u32, json: &[u8]) -> Result<bool>;
        fn peer_get_configuration(&self, viewer: u32) -> Result<String>;
        fn peer_description(&self, viewer: u32, which: u32, kind: &mut u32) -> Result<String>;
        fn peer_create_offer(&self, viewer: u32, options: &[u8]) -> Result<u32>;
        fn peer_create_answer(&self, viewer: u32, options: &[u8]) -> Result<u32>;
        fn peer_set_local_description(&self, viewer: u32, kind: u32, sdp: &[u8]) -> Result<u32>;
        fn peer_set_remote_description(&self, viewer: u32, kind: u32, sdp: &[u8]) -> Result<u32>;
        fn peer_add_ice_candidate(
            &self,
            viewer: u32,
            candidate: &[u8],
            sdp_mid: &[u8],
            sdp_mline_index: u32,
        ) -> Result<u32>;
        fn poll_peer_event(&self, out: &mut rendercast_peer_event, text: &mut String) -> Result<bool>;
        fn peer_add_track(&self, viewer: u32, options: &rendercast_track_options) -> Result<u32>;
        fn peer_add_transceiver(&self, viewer: u32, kind: u32, options: &rendercast_track_options) -> Result<u32>;
        fn peer_remove_track(&self, viewer: u32, sender: u32) -> Result<bool>;
        fn peer_set_direction(&self, viewer: u32, sender: u32, direction: u32) -> Result<bool>;
        fn peer_replace_track(&self, viewer: u32, sender: u32, source: u32) -> Result<bool>;
        fn peer_set_streams(&self, viewer: u32, sender: u32, stream_id: &[u8]) -> Result<bool>;
        fn peer_list_transceivers(&self, viewer: u32) -> Result<String>;
    }

    extern "Rust" {
        type Graphics;

        fn create_graphics(device: &rendercast_graphics_device) -> Result<Box<Graphics>>;
        fn push_texture(&self, streamer: &Streamer, texture: &rendercast_texture) -> Result<bool>;
    }
}

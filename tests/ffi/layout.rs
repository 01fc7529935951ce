//! Rust and a C compiler that reads the header agree on every structure's layout.

use std::fmt::Write;
use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use rendercast::ffi::channels::{rendercast_channel_info, rendercast_channel_options};
use rendercast::ffi::config::rendercast_config;
use rendercast::ffi::events::rendercast_event;
use rendercast::ffi::feedback::{rendercast_keyboard, rendercast_rumble};
use rendercast::ffi::graphics::{rendercast_graphics_device, rendercast_texture};
use rendercast::ffi::input::rendercast_input;
use rendercast::ffi::peer_events::rendercast_peer_event;
use rendercast::ffi::peers::rendercast_peer_states;
use rendercast::ffi::received::{rendercast_received_audio, rendercast_received_video};
use rendercast::ffi::senders::rendercast_sender_parameters;
use rendercast::ffi::signals::{rendercast_signal, rendercast_signal_out};
use rendercast::ffi::sources::rendercast_source_options;
use rendercast::ffi::stats::{rendercast_layer_stats, rendercast_stats};
use rendercast::ffi::tracks::rendercast_track_options;
use rendercast::ffi::unity::{rendercast_unity_batch, rendercast_unity_frame};
use rendercast::ffi::video::{rendercast_video_buffer, rendercast_video_frame};
use rendercast::ffi::viewers::{rendercast_viewer, rendercast_viewer_stats};

/// Name, size, and every field with its offset.
struct Layout(&'static str, usize, Vec<(&'static str, usize)>);

macro_rules! layout {
    ($name:ident: $($field:ident)*) => {{
        // A field that is missing from the list does not compile.
        #[allow(unused_variables)]
        fn complete(value: $name) { let $name { $($field,)* } = value; }
        let _ = complete;
        Layout(stringify!($name), size_of::<$name>(), vec![$((stringify!($field), offset_of!($name, $field)),)*])
    }};
}

fn layouts() -> Vec<Layout> {
    vec![
        layout!(rendercast_config: size fps start_bitrate_kbps max_bitrate_kbps min_bitrate_kbps audio audio_bitrate_kbps
            media_streams max_viewers signaling_idle_poll_ms signaling_busy_poll_ms accept_invalid_certificates server
            signaling_protocol encoder codecs server_address server_token signaling_url bind_addresses ice_urls ice_username
            ice_credential signaling_connection_id signaling_user_name signaling_offers_first
            signaling_asks_host player_token players max_players player_asking clipboard clipboard_max_bytes
            max_events_per_second choose_quality),
        layout!(rendercast_video_frame: size format width height planes strides flags host_time_ns source reserved),
        layout!(rendercast_video_buffer: size frame format width height plane_count planes strides reserved),
        layout!(rendercast_graphics_device: size api device queue instance physical_device get_proc_address queue_family
            flags),
        layout!(rendercast_texture: size flags texture format layout width height target_width target_height host_time_ns
            source reserved),
        layout!(rendercast_event: size kind severity viewer message channel role player),
        layout!(rendercast_viewer_stats: size rtt_us fraction_lost width height fps available_bitrate_kbps
            target_bitrate_kbps packets_sent bytes_sent packets_retransmitted bytes_retransmitted frames_sent codec encoder
            source reserved sent_bitrate_kbps resyncs sent_fps rung pacer_queue_us page_age_ms page_end_to_end_p50_ms
            page_end_to_end_p95_ms page_jitter_buffer_ms page_decode_ms page_display_ms page_input_to_picture_p50_ms
            page_input_to_picture_p95_ms page_fps page_frames_dropped page_frozen_ms),
        layout!(rendercast_viewer: size viewer state connection reserved role player),
        layout!(rendercast_sender_parameters: size active max_bitrate scale_resolution_down_by max_framerate
            degradation_preference),
        layout!(rendercast_signal: size kind flags sdp_mline_index connection text sdp_mid),
        layout!(rendercast_signal_out: size kind text_size sdp_mline_index connection sdp_mid),
        layout!(rendercast_peer_states: size signaling ice_gathering ice_connection connection can_trickle),
        layout!(rendercast_peer_event: size kind viewer request status state text_size sdp_mline_index error_code port
            sdp_mid url address),
        layout!(rendercast_input: size kind viewer key received_ns down repeat character buttons x y delta_x delta_y force
            touch_id phase pad_index axes page_button is_text data_len channel_id channel page_time_us width height normalized_x
            normalized_y movement_x movement_y radius_x radius_y tilt_x tilt_y twist flags caret selection_start
            selection_end done),
        layout!(rendercast_channel_options: size flags label protocol max_packet_life_time_ms max_retransmits id reserved),
        layout!(rendercast_channel_info: size viewer state flags max_packet_life_time_ms max_retransmits id
            buffered_amount_low_threshold buffered_amount max_message_size reserved label protocol),
        layout!(rendercast_received_video: size viewer width height host_time_ns),
        layout!(rendercast_received_audio: size viewer sample_rate channels frames reserved host_time_ns),
        layout!(rendercast_stats: size viewers uptime_ms encoders width height convert_p50_us convert_p99_us encode_p50_us
            encode_p99_us transit_p50_us transit_p99_us reserved target_bitrate_kbps video_frames_pushed
            video_frames_dropped video_frames_encoded keyframes_encoded audio_blocks_pushed audio_blocks_dropped
            viewer_resyncs packets_sent bytes_sent input_events input_events_dropped encoder),
        layout!(rendercast_layer_stats: size source rung repair scale_resolution_down_by max_framerate width height fps
            actual_fps viewers target_bitrate_kbps actual_bitrate_kbps encode_p50_us encode_p99_us frames keyframes bytes
            codec encoder),
        layout!(rendercast_unity_frame: size streamer texture width height target_width target_height flags format
            host_time_ns source reserved),
        layout!(rendercast_unity_batch: size count frames),
        layout!(rendercast_source_options: size max_bitrate_kbps fps reserved label),
        layout!(rendercast_track_options: size source direction reserved stream_id),
        layout!(rendercast_rumble: size pad strong weak left_trigger right_trigger duration_ms reserved),
        layout!(rendercast_keyboard: size mode text label selection_start selection_end),
    ]
}

#[test]
fn structure_layouts_agree_with_the_c_compiler() {
    let mut rust = String::new();
    let mut c = String::from(
        "#include <stddef.h>\n#include <stdio.h>\n#include \"rendercast.h\"\nint main(void) {\n\
         #define SHOW(name, value) printf(\"%s %lu\\n\", name, (unsigned long)(value))\n",
    );
    for Layout(name, size, fields) in layouts() {
        writeln!(rust, "{name} {size}").unwrap();
        writeln!(c, "SHOW(\"{name}\", sizeof({name}));").unwrap();
        for (field, offset) in fields {
            writeln!(rust, "{name}.{field} {offset}").unwrap();
            writeln!(c, "SHOW(\"{name}.{field}\", offsetof({name}, {field}));").unwrap();
        }
    }
    c.push_str("return 0;\n}\n");

    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ffi-layout");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("layout.c"), c).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"]);
    compiler.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
    match compiler.arg(dir.join("layout.c")).arg("-o").arg(dir.join("layout")).output() {
        Err(error) => return eprintln!("SKIPPED: no cc here ({error}); the structures' layout was not checked"),
        Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr)),
    }
    let out = Command::new(dir.join("layout")).output().unwrap();
    assert_eq!(String::from_utf8(out.stdout).unwrap(), rust);
}

#[cfg(target_pointer_width = "64")]
#[test]
fn structure_sizes_of_0_1_0_never_change() {
    let sizes: Vec<_> = layouts().iter().map(|Layout(name, size, _)| (*name, *size)).collect();
    assert_eq!(
        sizes,
        [
            ("rendercast_config", 192),
            ("rendercast_video_frame", 72),
            ("rendercast_video_buffer", 64),
            ("rendercast_graphics_device", 56),
            ("rendercast_texture", 56),
            ("rendercast_event", 284),
            ("rendercast_viewer_stats", 216),
            ("rendercast_viewer", 280),
            ("rendercast_sender_parameters", 32),
            ("rendercast_signal", 40),
            ("rendercast_signal_out", 340),
            ("rendercast_peer_states", 24),
            ("rendercast_peer_event", 424),
            ("rendercast_input", 248),
            ("rendercast_channel_options", 40),
            ("rendercast_channel_info", 568),
            ("rendercast_received_video", 24),
            ("rendercast_received_audio", 32),
            ("rendercast_stats", 184),
            ("rendercast_layer_stats", 144),
            ("rendercast_unity_frame", 56),
            ("rendercast_unity_batch", 16),
            ("rendercast_source_options", 24),
            ("rendercast_track_options", 24),
            ("rendercast_rumble", 32),
            ("rendercast_keyboard", 32),
        ],
        "a structure that grows keeps its old size in Versioned::SIZES and gets a line here"
    );
}

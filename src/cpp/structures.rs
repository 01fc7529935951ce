//! The C ABI's structures, as `rendercast.h` declares them: numbers, pointers and arrays, so both languages may copy them.

use cxx::ExternType;

/// `module::structure`, each of which C++ has under the same name.
macro_rules! plain {
    ($($module:ident :: $name:ident)*) => { $(
        // SAFETY: repr(C) and Copy, and the header is generated from this declaration.
        unsafe impl ExternType for crate::ffi::$module::$name {
            type Id = cxx::type_id!($name);
            type Kind = cxx::kind::Trivial;
        }
    )* };
}

plain! {
    channels::rendercast_channel_info
    channels::rendercast_channel_options
    config::rendercast_config
    events::rendercast_event
    feedback::rendercast_keyboard
    feedback::rendercast_rumble
    graphics::rendercast_graphics_device
    graphics::rendercast_texture
    input::rendercast_input
    peer_events::rendercast_peer_event
    peers::rendercast_peer_states
    received::rendercast_received_audio
    received::rendercast_received_video
    senders::rendercast_sender_parameters
    signals::rendercast_signal
    signals::rendercast_signal_out
    sources::rendercast_source_options
    stats::rendercast_layer_stats
    stats::rendercast_stats
    tracks::rendercast_track_options
    video::rendercast_video_buffer
    video::rendercast_video_frame
    viewers::rendercast_viewer
    viewers::rendercast_viewer_stats
}

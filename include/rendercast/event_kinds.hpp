/* What happens in the library.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>

#include "rendercast.h"

namespace rendercast {

/// What happened. A newer library may report others: show their message.
enum class EventKind : std::uint32_t {
    /// The embedded server listens; the message is the link to open.
    server_listening = RENDERCAST_EVENT_SERVER_LISTENING,
    /// The embedded server could not start.
    server_failed = RENDERCAST_EVENT_SERVER_FAILED,
    /// The signaling server answers.
    signaling_ready = RENDERCAST_EVENT_SIGNALING_READY,
    /// The signaling server is lost; it is tried again and again.
    signaling_trouble = RENDERCAST_EVENT_SIGNALING_TROUBLE,
    /// A viewer's connection is up.
    viewer_connected = RENDERCAST_EVENT_VIEWER_CONNECTED,
    /// A viewer is gone; the message says why.
    viewer_disconnected = RENDERCAST_EVENT_VIEWER_DISCONNECTED,
    /// A viewer could not be served; the message says why.
    viewer_refused = RENDERCAST_EVENT_VIEWER_REFUSED,
    /// An encoder is in use; the message is its name.
    encoder_selected = RENDERCAST_EVENT_ENCODER_SELECTED,
    /// An encoder was tried and does not work here.
    encoder_unavailable = RENDERCAST_EVENT_ENCODER_UNAVAILABLE,
    /// An encoder failed while streaming; another takes over.
    encoder_failed = RENDERCAST_EVENT_ENCODER_FAILED,
    /// No encoder is left for a codec.
    encoder_missing = RENDERCAST_EVENT_ENCODER_MISSING,
    /// A data channel opened: `channel` is its number, the message its label.
    channel_opened = RENDERCAST_EVENT_CHANNEL_OPENED,
    /// A data channel closed, on either side, or, with RENDERCAST_SEVERITY_WARNING, could not be opened; the message is
    /// its label.
    channel_closed = RENDERCAST_EVENT_CHANNEL_CLOSED,
    /// The graphics device that pictures came from is lost; the message says which. Destroy it and create another.
    graphics_device_lost = RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST,
    /// A user asks to watch, with `signaling.answer_calls` or `server.answer_calls` = `ask`; the message is its name
    /// and nothing else. Decide with rendercast_call_accept or rendercast_call_decline.
    call_requested = RENDERCAST_EVENT_CALL_REQUESTED,
    /// A request to or of a user came to nothing: taken back, declined, or not answered within 60 s; or there is none
    /// to decide on. The message is the user's name and nothing else.
    call_ended = RENDERCAST_EVENT_CALL_ENDED,
    /// Sound or pictures of a viewer come (see rendercast_poll_received_audio and rendercast_poll_received_video); the
    /// message is "audio" or "video".
    receiving_started = RENDERCAST_EVENT_RECEIVING_STARTED,
    /// They come no more: the page ended them (at once, where it is negotiated, as when it removes its track), the
    /// viewer left, or nothing came for 5 s. The message is "audio" or "video".
    receiving_stopped = RENDERCAST_EVENT_RECEIVING_STOPPED,
    /// A user has signed in at the embedded server's path `/call`, and rendercast_call_start can ask it to watch; the
    /// message is its name, in a room `/room/<room>/<name>`.
    user_signed_in = RENDERCAST_EVENT_USER_SIGNED_IN,
    /// A viewer is shown another source's picture from now on: the host has asked for it, or destroyed the one before.
    /// The message is the source's number and nothing else.
    source_changed = RENDERCAST_EVENT_SOURCE_CHANGED,
    /// None of the codecs that rendercast_set_codec_preferences names for a viewer was agreed on with its page; the
    /// message says which one goes on.
    codec_not_agreed = RENDERCAST_EVENT_CODEC_NOT_AGREED,
    /// What waits on a data channel fell to its threshold (W3C bufferedamountlow); the message is its label.
    channel_low = RENDERCAST_EVENT_CHANNEL_LOW,
    /// Nothing is heard of a viewer that media is sent to, since about half a second: its network may have changed, and
    /// another way to it is looked for (ICE restart); the message is "interrupted". Or it is heard again; the message
    /// is "back".
    viewer_interrupted = RENDERCAST_EVENT_VIEWER_INTERRUPTED,
    /// A viewer plays from now on, or watches: `role` and `player`; the message says why. Whoever comes watches until
    /// this tells otherwise.
    role_changed = RENDERCAST_EVENT_ROLE_CHANGED,
    /// A viewer asks for control: rendercast_set_viewer_role decides. Players are asked too, on their pages. The ask
    /// ends with a decision, when it is taken back, or after 60 s.
    role_asked = RENDERCAST_EVENT_ROLE_ASKED,
};

/// How bad it is.
enum class Severity : std::uint32_t {
    /// For information.
    info = RENDERCAST_SEVERITY_INFO,
    /// Something is worse than it should be; streaming goes on.
    warning = RENDERCAST_SEVERITY_WARNING,
    /// Something the host configured does not work.
    error = RENDERCAST_SEVERITY_ERROR,
    /// Streaming has stopped.
    fatal = RENDERCAST_SEVERITY_FATAL,
};

} // namespace rendercast

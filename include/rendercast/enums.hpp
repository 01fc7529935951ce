/* What is chosen, and what is told, of viewers, media and channels.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>

#include "rendercast.h"

namespace rendercast {

/// How sound and pictures are put into MediaStreams.
enum class MediaStreams : std::uint32_t {
    /// One MediaStream or two, as the page needs.
    automatic = RENDERCAST_MEDIA_STREAMS_AUTO,
    /// Audio and video in one MediaStream: the browser keeps lips in step and holds the picture back for it.
    one = RENDERCAST_MEDIA_STREAMS_ONE,
    /// A MediaStream each: neither waits for the other.
    separate = RENDERCAST_MEDIA_STREAMS_SEPARATE,
};

/// What an external signaling server speaks.
enum class SignalingProtocol : std::uint32_t {
    /// Unity Render Streaming: over a WebSocket at "ws://" and "wss://" addresses, at "http://" and "https://" as the
    /// server says that its pages do.
    automatic = RENDERCAST_SIGNALING_AUTO,
    /// Unity Render Streaming over HTTP, whatever its pages talk.
    urs_http = RENDERCAST_SIGNALING_URS_HTTP,
    /// Unity Render Streaming over a WebSocket.
    urs_websocket = RENDERCAST_SIGNALING_URS_WEBSOCKET,
    /// A WebSocket whose server repeats every message to all others.
    relay = RENDERCAST_SIGNALING_RELAY,
    /// A WebSocket with session descriptions and candidates, where either side may offer at any time.
    description = RENDERCAST_SIGNALING_DESCRIPTION,
    /// A WebSocket with user names that call each other.
    call = RENDERCAST_SIGNALING_CALL,
};

/// Who of the viewers plays.
enum class Players : std::uint32_t {
    /// Whoever comes is a player, as long as there is a place.
    everyone = RENDERCAST_PLAYERS_EVERYONE,
    /// Who came first is a player; the others watch and wait in line.
    first = RENDERCAST_PLAYERS_FIRST,
    /// Who knows `player_token` is a player.
    token = RENDERCAST_PLAYERS_TOKEN,
    /// Whom the host makes one is a player, see rendercast_set_viewer_role.
    host = RENDERCAST_PLAYERS_HOST,
};

/// What a viewer may do.
enum class Role : std::uint32_t {
    /// It watches: its input reaches nobody, but for messages on data channels.
    spectator = RENDERCAST_ROLE_SPECTATOR,
    /// It plays. Players have numbers from 1; whoever becomes one gets the lowest free number.
    player = RENDERCAST_ROLE_PLAYER,
};

/// Where a viewer's connection is.
enum class ViewerState : std::uint32_t {
    /// It is negotiated, or its connection has not come up yet.
    connecting = RENDERCAST_VIEWER_CONNECTING,
    /// Its connection is up.
    connected = RENDERCAST_VIEWER_CONNECTED,
    /// Nothing is heard from it; it may come back within seconds.
    interrupted = RENDERCAST_VIEWER_INTERRUPTED,
};

/// Sound or pictures.
enum class Media : std::uint32_t {
    /// A track of sound.
    audio = RENDERCAST_TRACK_AUDIO,
    /// A track of pictures.
    video = RENDERCAST_TRACK_VIDEO,
};

/// Which ways media go (W3C RTCRtpTransceiverDirection), seen from here.
enum class Direction : std::uint32_t {
    /// W3C "sendonly".
    sendonly = RENDERCAST_DIRECTION_SENDONLY,
    /// W3C "inactive".
    inactive = RENDERCAST_DIRECTION_INACTIVE,
    /// W3C "recvonly".
    recvonly = RENDERCAST_DIRECTION_RECVONLY,
    /// W3C "sendrecv".
    sendrecv = RENDERCAST_DIRECTION_SENDRECV,
};

/// What gives way when a link does not carry the picture (W3C RTCDegradationPreference).
enum class Degradation : std::uint32_t {
    /// First a smaller picture, then every second one, then smaller still (W3C "balanced").
    balanced = RENDERCAST_DEGRADATION_BALANCED,
    /// Smaller pictures (W3C "maintain-framerate").
    maintain_framerate = RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE,
    /// Fewer pictures (W3C "maintain-resolution").
    maintain_resolution = RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION,
};

/// What an on-screen keyboard is for.
enum class KeyboardMode : std::uint32_t {
    /// Any text.
    text = RENDERCAST_KEYBOARD_TEXT,
    /// Digits.
    numeric = RENDERCAST_KEYBOARD_NUMERIC,
    /// An e-mail address.
    email = RENDERCAST_KEYBOARD_EMAIL,
    /// An address of the Web.
    url = RENDERCAST_KEYBOARD_URL,
    /// Something to look for.
    search = RENDERCAST_KEYBOARD_SEARCH,
    /// A password, which is not shown.
    password = RENDERCAST_KEYBOARD_PASSWORD,
};

/// Where a data channel is (W3C RTCDataChannelState).
enum class ChannelState : std::uint32_t {
    /// Nothing can be sent yet: the connection or the page's answer is missing.
    connecting = RENDERCAST_CHANNEL_CONNECTING,
    /// Messages can be sent.
    open = RENDERCAST_CHANNEL_OPEN,
    /// It was closed here; what was sent before is on its way.
    closing = RENDERCAST_CHANNEL_CLOSING,
    /// It is over.
    closed = RENDERCAST_CHANNEL_CLOSED,
};

/// What a finger or a pen does.
enum class TouchPhase : std::uint32_t {
    /// The finger, or the pen, touched.
    began = RENDERCAST_TOUCH_BEGAN,
    /// The finger moved.
    moved = RENDERCAST_TOUCH_MOVED,
    /// The finger left.
    ended = RENDERCAST_TOUCH_ENDED,
    /// The browser took the touch away.
    canceled = RENDERCAST_TOUCH_CANCELED,
    /// The finger rests.
    stationary = RENDERCAST_TOUCH_STATIONARY,
    /// The pen is near the picture and does not touch it.
    hovering = RENDERCAST_TOUCH_HOVERING,
};

/// Where an input method is with what it composes.
enum class CompositionPhase : std::uint32_t {
    /// An input method began to compose.
    started = RENDERCAST_COMPOSITION_STARTED,
    /// What is composed changed.
    updated = RENDERCAST_COMPOSITION_UPDATED,
    /// It is finished; what was committed comes as RENDERCAST_INPUT_TEXT.
    ended = RENDERCAST_COMPOSITION_ENDED,
    /// It was given up.
    canceled = RENDERCAST_COMPOSITION_CANCELED,
};

} // namespace rendercast

/* What viewers do.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"
#include "rendercast/keys.hpp"

namespace rendercast {

/// A place in the picture: pixels from its left and top edge, and the same in parts of its width and height, 0 to 1. What Unity
/// Render Streaming's pages send may be outside.
struct Position {
    float x = 0, y = 0;
    float normalized_x = 0, normalized_y = 0;
};

/// A key went down or up. What is typed comes as TextInput too.
struct KeyInput {
    Key key{};
    bool down = false;
    /// The keyboard repeats a key that is held.
    bool repeat = false;
    /// What it types; 0 where that is not known, or nothing.
    char32_t character = 0;
};

/// A character was typed or committed. Those of one text come one after the other with nothing between.
struct TextInput {
    char32_t character = 0;
};

/// The mouse moved or its buttons changed.
struct MouseInput {
    Position at;
    /// To the right and down, in pixels of the video. Of a locked pointer it is all there is.
    float movement_x = 0, movement_y = 0;
    /// W3C MouseEvent.buttons: 1 left, 2 right, 4 middle, 8 back, 16 forward.
    std::uint32_t buttons = 0;
};

/// The wheel turned: W3C WheelEvent pixels, positive to the right and downwards.
struct WheelInput {
    float delta_x = 0, delta_y = 0;
    /// Where the mouse is, as far as that is known.
    Position at;
};

/// A finger.
struct TouchInput {
    /// Tells fingers apart while they touch.
    std::int32_t id = 0;
    TouchPhase phase{};
    Position at;
    /// How hard it presses, 0 to 1.
    float force = 0;
    /// Half of what it covers, in pixels of the video; 0: not known.
    float radius_x = 0, radius_y = 0;
};

/// A pen.
struct PenInput {
    TouchPhase phase{};
    Position at;
    /// How hard it presses, 0 to 1.
    float force = 0;
    /// W3C PointerEvent.buttons: 1 tip, 2 barrel, 32 eraser.
    std::uint32_t buttons = 0;
    /// To the right and towards the viewer, in degrees, -90 to 90.
    std::int32_t tilt_x = 0, tilt_y = 0;
    /// Its turn around itself, clockwise, in degrees, 0 to 359.
    std::uint32_t twist = 0;
};

/// The whole state of a gamepad.
struct GamepadInput {
    /// Tells a viewer's gamepads apart.
    std::uint32_t index = 0;
    /// Bit n is button n of the W3C standard mapping.
    std::uint32_t buttons = 0;
    /// Left stick x and y, right stick x and y, left and right trigger; -1 to 1, triggers 0 to 1. Stick up is positive.
    std::array<float, 6> axes{};
};

/// A gamepad was plugged in, or the page saw it first.
struct GamepadConnected {
    std::uint32_t index = 0;
    /// It has a strong and a weak motor.
    bool dual_rumble = false;
    /// It has motors in its triggers.
    bool trigger_rumble = false;
    /// The browser knows its buttons: they are those of the W3C standard mapping.
    bool standard_mapping = false;
    /// What the browser calls it.
    std::string name;
};

/// A gamepad was unplugged. What was held on it was let go before.
struct GamepadDisconnected {
    std::uint32_t index = 0;
};

/// A button of the page: the number that the page gave it.
struct PageButtonInput {
    std::int32_t button = 0;
};

/// A message of the page.
struct MessageInput {
    /// The data channel's number: Streamer::channel.
    std::uint32_t channel = 0;
    /// Its label, cut after 63 bytes.
    std::string label;
    /// Sent as text (UTF-8), not as bytes.
    bool is_text = false;
    /// The text, or the bytes.
    std::string data;
};

/// An input method composes text that is not committed yet.
struct CompositionInput {
    CompositionPhase phase{};
    /// Where the caret is, in characters.
    std::uint32_t caret = 0;
    std::string text;
};

/// What is in the text field that Viewer::show_keyboard opened.
struct TextFieldInput {
    std::string text;
    /// In characters (Unicode scalar values); the same where the caret is and nothing selected.
    std::uint32_t selection_start = 0, selection_end = 0;
    /// The viewer is done with it, and it is closed.
    bool done = false;
};

/// What a player has copied for the host, where `Config::clipboard` is on.
struct ClipboardInput {
    std::string text;
};

/// The page gave its viewer a name (Unity Render Streaming's channel "multiplay").
struct LabelInput {
    std::string name;
};

/// The page measures how long an input takes to the picture: the next picture is the answer. Who pushes none by themselves pushes
/// one now; there is nothing else to do.
struct ProbeInput {};

/// Of a newer library: leave it.
struct UnknownInput {
    std::uint32_t kind = 0;
};

/// Something a viewer did. It is not to be trusted: check it against the game's own rules.
struct Input {
    using What = std::variant<UnknownInput, KeyInput, TextInput, MouseInput, WheelInput, TouchInput, PenInput, GamepadInput,
                              GamepadConnected, GamepadDisconnected, PageButtonInput, MessageInput, CompositionInput, TextFieldInput,
                              ClipboardInput, LabelInput, ProbeInput>;

    /// Who did it. Never 0.
    ViewerId viewer = 0;
    /// When it arrived, in ns on the library's monotonic clock.
    std::uint64_t received_ns = 0;
    /// When it happened, in microseconds of the page's own clock; 0: not known. Only differences within one viewer count.
    std::uint64_t page_time_us = 0;
    /// Of the picture that the viewer was shown, in pixels: what positions count in. 0 before the first picture.
    std::uint32_t width = 0, height = 0;
    /// For std::visit, or `as`.
    What what;

    /// `input.as<KeyInput>()`: NULL where it is something else.
    template <typename T>
    const T *as() const noexcept {
        return std::get_if<T>(&what);
    }
};

namespace detail {

/// `data` has what is read beside the structure, of those that have any.
inline Input::What what_of(const rendercast_input &from, std::string data) {
    const Position at{from.x, from.y, from.normalized_x, from.normalized_y};
    const auto phase = static_cast<TouchPhase>(from.phase);
    switch (from.kind) {
        case RENDERCAST_INPUT_KEY:
            return KeyInput{static_cast<Key>(from.key), from.down != 0, from.repeat != 0, char32_t{from.character}};
        case RENDERCAST_INPUT_TEXT: return TextInput{char32_t{from.character}};
        case RENDERCAST_INPUT_MOUSE: return MouseInput{at, from.movement_x, from.movement_y, from.buttons};
        case RENDERCAST_INPUT_WHEEL: return WheelInput{from.delta_x, from.delta_y, at};
        case RENDERCAST_INPUT_TOUCH: return TouchInput{from.touch_id, phase, at, from.force, from.radius_x, from.radius_y};
        case RENDERCAST_INPUT_PEN:
            return PenInput{phase, at, from.force, from.buttons, from.tilt_x, from.tilt_y, from.twist};
        case RENDERCAST_INPUT_GAMEPAD: {
            GamepadInput pad{from.pad_index, from.buttons, {}};
            for (std::size_t i = 0; i < pad.axes.size(); i++) pad.axes[i] = from.axes[i];
            return pad;
        }
        case RENDERCAST_INPUT_GAMEPAD_CONNECTED:
            return GamepadConnected{from.pad_index, (from.flags & RENDERCAST_GAMEPAD_DUAL_RUMBLE) != 0,
                                    (from.flags & RENDERCAST_GAMEPAD_TRIGGER_RUMBLE) != 0,
                                    (from.flags & RENDERCAST_GAMEPAD_STANDARD_MAPPING) != 0, std::move(data)};
        case RENDERCAST_INPUT_GAMEPAD_DISCONNECTED: return GamepadDisconnected{from.pad_index};
        case RENDERCAST_INPUT_PAGE_BUTTON: return PageButtonInput{from.page_button};
        case RENDERCAST_INPUT_MESSAGE:
            return MessageInput{from.channel_id, std::string(field(from.channel)), from.is_text != 0, std::move(data)};
        case RENDERCAST_INPUT_COMPOSITION:
            return CompositionInput{static_cast<CompositionPhase>(from.phase), from.caret, std::move(data)};
        case RENDERCAST_INPUT_TEXT_FIELD:
            return TextFieldInput{std::move(data), from.selection_start, from.selection_end, from.done != 0};
        case RENDERCAST_INPUT_CLIPBOARD: return ClipboardInput{std::move(data)};
        case RENDERCAST_INPUT_LABEL: return LabelInput{std::move(data)};
        case RENDERCAST_INPUT_PROBE: return ProbeInput{};
        default: return UnknownInput{from.kind};
    }
}

inline Input input_of(const rendercast_input &from, std::string data) {
    Input input;
    input.viewer = from.viewer;
    input.received_ns = from.received_ns;
    input.page_time_us = from.page_time_us;
    input.width = from.width;
    input.height = from.height;
    input.what = what_of(from, std::move(data));
    return input;
}

} // namespace detail

} // namespace rendercast

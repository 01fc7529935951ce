/* One viewer: its figures, its role, what it is sent, what its page is told.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rendercast/channel.hpp"
#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"
#include "rendercast/stats.hpp"

namespace rendercast {

/// How a gamepad is to shake (W3C GamepadEffectParameters).
struct Rumble {
    /// Which of the viewer's gamepads, 0 to 3.
    std::uint32_t pad = 0;
    /// The two motors, 0 to 1.
    float strong = 0, weak = 0;
    /// Those in the triggers, 0 to 1, where the pad has them.
    float left_trigger = 0, right_trigger = 0;
    /// 1 to 5000 ms. 0 stops what shakes.
    std::uint32_t duration_ms = 0;
};

/// A text field with an on-screen keyboard.
struct Keyboard {
    KeyboardMode mode = KeyboardMode::text;
    /// What is in the field at first, at most 16384 bytes of UTF-8.
    std::string text;
    /// What the text is for, read out and shown, at most 256 bytes of UTF-8.
    std::string label;
    /// In characters (Unicode scalar values); the same: the caret is there.
    std::uint32_t selection_start = 0, selection_end = 0;
};

/// What may be sent to one viewer (W3C RTCRtpEncodingParameters and degradationPreference); see rendercast_sender_parameters. Of
/// sound only `active` can be set.
struct SenderParameters {
    bool active = true;
    /// In bit/s. Default none.
    std::uint64_t max_bitrate = 0;
    /// Width and height are divided by this, 1 to 1000.
    double scale_resolution_down_by = 1;
    /// Pictures a second at most, 1 to 240. Default as many as the host pushes.
    std::uint32_t max_framerate = 0;
    /// Default `video.degradation` of the configuration.
    std::optional<Degradation> degradation_preference;
};

/// A sender of a viewer's connection: its first video, its sound, or what Peer::add_track gave.
enum class Sender : std::uint32_t {
    video = RENDERCAST_SENDER_VIDEO,
    audio = RENDERCAST_SENDER_AUDIO,
};

/// A viewer by its number: Streamer::viewer, or everybody at once: Streamer::everybody. It may be copied; the viewer stays when it ends.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Every function throws StatusCode::no_viewer
/// where the viewer has left. What returns a bool that is to be looked at returns false where earlier calls have to be done
/// first: call again later.
class Viewer {
public:
    ViewerId number() const noexcept { return number_; }

    /// Its figures; not of everybody.
    ViewerStats stats() const {
        ViewerStats out{};
        out.size = static_cast<std::uint32_t>(sizeof(rendercast_viewer_stats));
        detail::call([&] { return core().get_viewer_stats(number_, out); });
        return out;
    }
    /// W3C's RTCStatsReport as JSON. Empty: its connection was too busy for 250 ms, for which this may block.
    std::optional<std::string> stats_json() const {
        return text([&] { return core().viewer_stats_json(number_); });
    }
    /// The same of one media section, by its W3C mid.
    std::optional<std::string> section_stats_json(std::string_view mid) const {
        return text([&] { return core().viewer_section_stats_json(number_, detail::bytes(mid)); });
    }

    /// Makes it a player, or a spectator. Throws StatusCode::too_many (all places are taken).
    void set_role(Role role) {
        detail::call([&] { return core().set_viewer_role(number_, static_cast<std::uint32_t>(role)); });
    }
    /// Sends it away; `reason`, at most 512 bytes, is for the viewer to read.
    [[nodiscard]] bool kick(std::string_view reason = {}) {
        return detail::call([&] { return core().kick(number_, detail::bytes(reason)); });
    }
    /// Which source it is shown, by Source::number, 0 the one that is always there; of everybody: those to come too.
    [[nodiscard]] bool show(std::uint32_t source) {
        return detail::call([&] {
            return number_ == 0 ? core().set_every_viewers_source(source) : core().set_viewer_source(number_, source);
        });
    }
    /// Its page keeps the last picture, whatever comes, until it is switched off.
    void freeze(bool on) {
        detail::call([&] { return core().freeze(number_, on); });
    }

    /// Throws StatusCode::no_channel (the page cannot be told), invalid_argument.
    [[nodiscard]] bool rumble(const Rumble &rumble) {
        auto c = detail::sized<rendercast_rumble>();
        c.pad = rumble.pad;
        c.strong = rumble.strong;
        c.weak = rumble.weak;
        c.left_trigger = rumble.left_trigger;
        c.right_trigger = rumble.right_trigger;
        c.duration_ms = rumble.duration_ms;
        return detail::call([&] { return core().viewer_rumble(number_, c); });
    }
    /// A keyword of the CSS property `cursor`: "none", "pointer", "crosshair", ...; empty: the page's own.
    void set_cursor(std::string_view cursor) {
        detail::call([&] { return core().viewer_set_cursor(number_, detail::bytes(cursor)); });
    }
    /// Has the page lock the pointer (W3C Pointer Lock) at the viewer's next gesture, or let it go at once.
    void set_pointer_lock(bool on) {
        detail::call([&] { return core().viewer_set_pointer_lock(number_, on); });
    }
    /// Opens a text field over the picture; what is in it comes as TextFieldInput.
    [[nodiscard]] bool show_keyboard(const Keyboard &keyboard) {
        auto c = detail::sized<rendercast_keyboard>();
        c.mode = static_cast<std::uint32_t>(keyboard.mode);
        c.text = detail::c_text(keyboard.text);
        c.label = detail::c_text(keyboard.label);
        c.selection_start = keyboard.selection_start;
        c.selection_end = keyboard.selection_end;
        return detail::call([&] { return core().viewer_show_keyboard(number_, c); });
    }
    [[nodiscard]] bool hide_keyboard() {
        return detail::call([&] { return core().viewer_hide_keyboard(number_); });
    }
    /// Offers a text to its clipboard. Throws StatusCode::not_supported (`Config::clipboard` is off).
    [[nodiscard]] bool set_clipboard(std::string_view text) {
        return detail::call([&] { return core().viewer_set_clipboard(number_, detail::bytes(text)); });
    }

    /// Sends a string, in UTF-8, on its data channel with this label. False: it has no room; send it again later. Throws
    /// StatusCode::no_channel, invalid_argument (too long).
    [[nodiscard]] bool send_text(std::string_view label, std::string_view text) {
        return detail::call([&] { return core().send_message(number_, detail::bytes(label), true, detail::bytes(text)); });
    }
    /// Sends bytes, as `send_text`.
    [[nodiscard]] bool send_bytes(std::string_view label, Span<const std::uint8_t> data) {
        return detail::call([&] { return core().send_message(number_, detail::bytes(label), false, detail::bytes(data)); });
    }
    /// W3C createDataChannel. Messages can be sent from EventKind::channel_opened on.
    ///
    /// Throws StatusCode::too_many (32 channels), channel_id_in_use, would_block (call again later).
    Channel open_channel(const ChannelOptions &options) {
        const auto c = detail::channel_options(options);
        return {core_, detail::call([&] { return core().channel_open(number_, c); })};
    }

    /// What may be sent to it; not of everybody. Throws StatusCode::invalid_argument, no_sender.
    [[nodiscard]] bool set_sender_parameters(const SenderParameters &parameters, Sender sender = Sender::video) {
        auto c = detail::sized<rendercast_sender_parameters>();
        c.active = parameters.active ? RENDERCAST_ON : RENDERCAST_OFF;
        c.max_bitrate = parameters.max_bitrate;
        // W3C's default, which sound accepts as 0 only.
        c.scale_resolution_down_by = parameters.scale_resolution_down_by == 1 ? 0 : parameters.scale_resolution_down_by;
        c.max_framerate = parameters.max_framerate;
        if (parameters.degradation_preference) {
            c.degradation_preference = static_cast<std::uint32_t>(*parameters.degradation_preference);
        }
        return detail::call([&] { return core().set_sender_parameters(number_, static_cast<std::uint32_t>(sender), c); });
    }
    SenderParameters sender_parameters(Sender sender = Sender::video) const {
        auto c = detail::sized<rendercast_sender_parameters>();
        detail::call([&] { return core().get_sender_parameters(number_, static_cast<std::uint32_t>(sender), c); });
        SenderParameters parameters;
        parameters.active = c.active != RENDERCAST_OFF;
        parameters.max_bitrate = c.max_bitrate;
        parameters.scale_resolution_down_by = c.scale_resolution_down_by == 0 ? 1 : c.scale_resolution_down_by;
        parameters.max_framerate = c.max_framerate;
        if (c.degradation_preference != 0) {
            parameters.degradation_preference = static_cast<Degradation>(c.degradation_preference);
        }
        return parameters;
    }
    /// Codecs of its video, of everybody: of those to come, best first: "vp8,h264"; empty: the configuration's order. Throws StatusCode::no_codec.
    [[nodiscard]] bool set_codec_preferences(std::string_view codecs) {
        return detail::call([&] { return core().set_codec_preferences(number_, RENDERCAST_SENDER_VIDEO, detail::bytes(codecs)); });
    }

protected:
    friend class Streamer;

    Viewer(detail::Core core, ViewerId number) noexcept : core_(std::move(core)), number_(number) {}

    const bridge::Streamer &core() const { return core_.get("rendercast::Viewer"); }

    /// Empty where there is none.
    template <typename Read>
    static std::optional<std::string> text(Read &&read) {
        const ::rust::String text = detail::call(std::forward<Read>(read));
        if (text.empty()) return std::nullopt;
        return std::string(text);
    }

private:
    detail::Core core_;
    ViewerId number_;
};

} // namespace rendercast

/* Data channels to viewers' pages.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"

namespace rendercast {

/// How a data channel is opened: W3C's RTCDataChannelInit and the label.
struct ChannelOptions {
    /// For the page to know the channel by, at most 256 bytes of UTF-8. Labels need not differ.
    std::string label;
    /// The application's name for what is said on the channel, as `label`.
    std::string protocol;
    /// Messages may not arrive in another order than they were sent in.
    bool ordered = true;
    /// How often a message is sent again, 0 to 65535; with 0 what is lost is lost. Without it, and without the next, until it has
    /// arrived. Not both.
    std::optional<std::uint32_t> max_retransmits;
    /// How long a message is tried for, 0 to 65535 ms.
    std::optional<std::uint32_t> max_packet_life_time_ms;
    /// Host and page each open the channel by themselves, with this id, 0 to 1023, and nothing announces it.
    std::optional<std::uint32_t> negotiated_id;

    ChannelOptions() = default;
    explicit ChannelOptions(std::string label_) : label(std::move(label_)) {}
};

/// A data channel at one moment.
struct ChannelInfo {
    ViewerId viewer = 0;
    ChannelState state{};
    std::string label, protocol;
    bool ordered = true;
    /// The page has opened it; whether it limits retransmissions is not known then.
    bool by_page = false;
    std::optional<std::uint32_t> max_retransmits, max_packet_life_time_ms;
    bool negotiated = false;
    /// W3C `id`, the number of its SCTP stream, once that is known.
    std::optional<std::uint32_t> id;
    /// Bytes that the page's browser has not acknowledged, those that wait here included.
    std::uint64_t buffered_amount = 0;
    /// In bytes, see Channel::set_buffered_amount_low_threshold.
    std::uint32_t buffered_amount_low_threshold = 0;
    /// The longest message that it takes, in bytes, at most RENDERCAST_MESSAGE_MAX.
    std::uint32_t max_message_size = 0;
};

/// A data channel, from Viewer::open_channel or, opened by either side, Streamer::channel. A name for it, which may be copied: the channel
/// stays open until it is closed or its viewer leaves.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Every function throws StatusCode::no_channel where
/// no channel has the number.
class Channel {
public:
    /// As events and MessageInput tell it. Never reused while the streamer lives.
    std::uint32_t number() const noexcept { return number_; }

    /// Sends a string, in UTF-8. False: 256 messages or 1 MiB wait already; send it again later.
    ///
    /// Throws StatusCode::channel_not_open, message_too_long, invalid_text.
    [[nodiscard]] bool send_text(std::string_view text) { return send(true, detail::bytes(text)); }
    /// Sends bytes, as `send_text`.
    [[nodiscard]] bool send_bytes(Span<const std::uint8_t> data) { return send(false, detail::bytes(data)); }

    ChannelInfo info() const {
        auto from = detail::sized<rendercast_channel_info>();
        detail::call([&] { return core().get_channel_info(number_, from); });
        const auto has = [&](std::uint32_t flag) { return (from.flags & flag) != 0; };
        ChannelInfo info;
        info.viewer = from.viewer;
        info.state = static_cast<ChannelState>(from.state);
        info.label = detail::field(from.label);
        info.protocol = detail::field(from.protocol);
        info.ordered = !has(RENDERCAST_CHANNEL_UNORDERED);
        info.by_page = has(RENDERCAST_CHANNEL_BY_PAGE);
        if (has(RENDERCAST_CHANNEL_MAX_RETRANSMITS)) info.max_retransmits = from.max_retransmits;
        if (has(RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME)) info.max_packet_life_time_ms = from.max_packet_life_time_ms;
        info.negotiated = has(RENDERCAST_CHANNEL_NEGOTIATED);
        if (from.id != RENDERCAST_CHANNEL_NO_ID) info.id = from.id;
        info.buffered_amount = from.buffered_amount;
        info.buffered_amount_low_threshold = from.buffered_amount_low_threshold;
        info.max_message_size = from.max_message_size;
        return info;
    }

    /// EventKind::channel_low comes each time the buffered amount falls to this from above. Bytes, 0 by default.
    void set_buffered_amount_low_threshold(std::uint32_t bytes) {
        detail::call([&] { return core().channel_set_buffered_amount_low_threshold(number_, bytes); });
    }

    /// Nothing more can be sent; what was sent before goes out first, then EventKind::channel_closed comes.
    void close() {
        detail::call([&] { return core().channel_close(number_); });
    }

private:
    friend class Streamer;
    friend class Viewer;

    Channel(detail::Core core, std::uint32_t number) noexcept : core_(std::move(core)), number_(number) {}

    const bridge::Streamer &core() const { return core_.get("rendercast::Channel"); }
    bool send(bool is_text, ::rust::Slice<const std::uint8_t> message) {
        return detail::call([&] { return core().channel_send(number_, is_text, message); });
    }

    detail::Core core_;
    std::uint32_t number_;
};

namespace detail {

/// Its texts are those of `options`.
inline rendercast_channel_options channel_options(const ChannelOptions &options) {
    auto c = sized<rendercast_channel_options>();
    c.label = c_text(options.label);
    c.protocol = c_text(options.protocol);
    if (!options.ordered) c.flags |= RENDERCAST_CHANNEL_UNORDERED;
    const auto set = [&](const std::optional<std::uint32_t> &from, std::uint32_t &to, std::uint32_t flag) {
        if (!from) return;
        to = *from;
        c.flags |= flag;
    };
    set(options.max_retransmits, c.max_retransmits, RENDERCAST_CHANNEL_MAX_RETRANSMITS);
    set(options.max_packet_life_time_ms, c.max_packet_life_time_ms, RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME);
    set(options.negotiated_id, c.id, RENDERCAST_CHANNEL_NEGOTIATED);
    return c;
}

} // namespace detail

} // namespace rendercast

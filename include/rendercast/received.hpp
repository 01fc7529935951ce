/* What viewers send: their cameras and microphones.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>

#include "rendercast/detail.hpp"

namespace rendercast {

/// A picture of a viewer's camera, from Streamer::poll_received_video. Its memory is used again when it is passed again.
class ReceivedPicture {
public:
    ViewerId viewer() const noexcept { return about_.viewer; }
    /// In pixels. It may change from one picture to the next.
    std::uint32_t width() const noexcept { return about_.width; }
    std::uint32_t height() const noexcept { return about_.height; }
    /// When it was captured, less the shortest delay of the path, in ns on the library's monotonic clock; as of the sound.
    std::uint64_t host_time_ns() const noexcept { return about_.host_time_ns; }
    /// Red, green, blue, alpha (255), 8 bits each, the top row first, `width() * 4` bytes a row.
    Span<const std::uint8_t> pixels() const noexcept { return {pixels_.data(), pixels_.size()}; }

private:
    friend class Streamer;

    rendercast_received_video about_ = detail::sized<rendercast_received_video>();
    ::rust::Vec<std::uint8_t> pixels_;
};

/// A piece of sound of a viewer's microphone, from Streamer::poll_received_audio.
class ReceivedSound {
public:
    ViewerId viewer() const noexcept { return about_.viewer; }
    /// Hz: 48000.
    std::uint32_t sample_rate() const noexcept { return about_.sample_rate; }
    /// 1 or 2. It may grow from one piece to the next.
    std::uint32_t channels() const noexcept { return about_.channels; }
    /// Of its first sample, as ReceivedPicture::host_time_ns. Where something was lost or nothing was sent, times leave a gap.
    std::uint64_t host_time_ns() const noexcept { return about_.host_time_ns; }
    /// Interleaved, -1 to 1: mostly 20 ms of them.
    Span<const float> samples() const noexcept { return {samples_.data(), samples_.size()}; }

private:
    friend class Streamer;

    rendercast_received_audio about_ = detail::sized<rendercast_received_audio>();
    ::rust::Vec<float> samples_;
};

} // namespace rendercast

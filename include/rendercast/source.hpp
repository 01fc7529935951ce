/* More than one picture: each source has its own, and viewers are shown one or another.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "rendercast/frame.hpp"
#include "rendercast/picture.hpp"

namespace rendercast {

/// What a source is made with.
struct SourceOptions {
    /// For people, in statistics: at most 63 bytes of UTF-8, without control characters.
    std::string label;
    /// The most that its encoders may be asked for, in kbit/s. 0: the streamer's.
    std::uint32_t max_bitrate_kbps = 0;
    /// Pictures a second to expect, 1 to 240. 0: the streamer's.
    std::uint32_t fps = 0;
};

/// One more source of pictures, from Streamer::create_source, beside the one that is always there. It ends with this object; who
/// watched it is shown source 0 then. It lives through stops and starts of its streamer, but not longer than it.
///
/// Any thread; creation and end on any but the render and the audio thread.
class Source {
public:
    Source(Source &&other) noexcept : core_(std::move(other.core_)), number_(std::exchange(other.number_, 0)) {}
    Source &operator=(Source &&other) noexcept {
        if (this != &other) {
            end();
            core_ = std::move(other.core_);
            number_ = std::exchange(other.number_, 0);
        }
        return *this;
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    ~Source() { end(); }

    /// For Viewer::show. Numbers count up from 1 and are never given twice; 0: moved from.
    std::uint32_t number() const noexcept { return number_; }

    /// As Streamer::push.
    bool push(const Picture &picture) {
        const auto &streamer = core();
        const auto frame = detail::frame_of(picture, number_);
        return detail::call([&] { return streamer.push_video(frame); });
    }
    /// As Streamer::acquire.
    std::optional<Frame> acquire(PixelFormat format, std::uint32_t width, std::uint32_t height) {
        return Frame::acquire(core_, NAME, number_, format, width, height);
    }

private:
    friend class Streamer;
    static constexpr const char *NAME = "rendercast::Source";

    Source(detail::Core core, std::uint32_t number) noexcept : core_(std::move(core)), number_(number) {}

    const bridge::Streamer &core() const { return core_.get(NAME); }

    void end() noexcept {
        if (!core_) return;
        try {
            core().source_destroy(number_);
        } catch (const std::exception &) {
            // It has ended with a streamer that hit a defect or was shut down.
        }
        core_ = {};
        number_ = 0;
    }

    detail::Core core_;
    std::uint32_t number_;
};

} // namespace rendercast

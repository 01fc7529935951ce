/* A buffer of the library's to write one picture into.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "rendercast/detail.hpp"
#include "rendercast/picture.hpp"

namespace rendercast {

/// A lent picture buffer, from Streamer::acquire or Source::acquire. Write into it, then `commit`; one that is not committed goes back
/// unseen when it ends. At most 8 of a streamer are lent at once. It may outlive its streamer: nobody sees it then.
///
/// Any thread, one at a time; it may be committed on another thread than the one that acquired it. Nothing here blocks or
/// allocates. Writing does not end with rendercast_shutdown_all, which a C++ host has no need for: it frees what is lent.
class Frame {
public:
    Frame(Frame &&other) noexcept : core_(std::move(other.core_)), buffer_(std::exchange(other.buffer_, {})) {}
    Frame &operator=(Frame &&other) noexcept {
        if (this != &other) {
            discard();
            core_ = std::move(other.core_);
            buffer_ = std::exchange(other.buffer_, {});
        }
        return *this;
    }
    Frame(const Frame &) = delete;
    Frame &operator=(const Frame &) = delete;
    ~Frame() { discard(); }

    /// False after `commit`, `discard`, or a move: what is called on it then throws, but for `discard`.
    explicit operator bool() const noexcept { return buffer_.frame != 0; }

    PixelFormat format() const noexcept { return static_cast<PixelFormat>(buffer_.format); }
    /// In pixels.
    std::uint32_t width() const noexcept { return buffer_.width; }
    /// In pixels.
    std::uint32_t height() const noexcept { return buffer_.height; }
    /// 1 to 3.
    std::size_t plane_count() const noexcept { return buffer_.plane_count; }
    /// Bytes from one row to the next, a multiple of 64, usually more than one row of pixels.
    std::size_t stride(std::size_t plane = 0) const { return buffer_.strides[checked(plane)]; }

    /// A whole plane, with what is between its rows. Its bytes are whatever an earlier picture left.
    Span<std::uint8_t> plane(std::size_t plane = 0) {
        checked(plane);
        return {buffer_.planes[plane], buffer_.strides[plane] * layout(plane).rows};
    }
    /// The pixels of one row of a plane, from the top.
    Span<std::uint8_t> row(std::size_t y, std::size_t plane = 0) {
        checked(plane);
        const auto shape = layout(plane);
        if (y >= shape.rows) {
            throw Error(StatusCode::invalid_argument,
                        "row " + std::to_string(y) + " is outside 0 to " + std::to_string(shape.rows - 1));
        }
        return {buffer_.planes[plane] + buffer_.strides[plane] * y, shape.row_bytes};
    }

    /// Hands the picture to the encoders, and ends the loan. The newest picture wins: one that still waits is replaced.
    ///
    /// `host_time_ns` as in Picture. `flipped`: the first row in memory is the bottom one.
    ///
    /// Throws StatusCode::invalid_handle (it is empty), no_source (the source was destroyed meanwhile).
    void commit(std::uint64_t host_time_ns = 0, bool flipped = false) {
        checked(0);
        const auto core = std::move(core_);
        const auto frame = std::exchange(buffer_, {}).frame;
        detail::call([&] {
            return core.get("rendercast::Frame").commit_video(frame, host_time_ns, flipped ? RENDERCAST_VIDEO_FLIPPED : 0);
        });
    }

    /// Gives the buffer back unseen, as the destructor does.
    void discard() noexcept {
        if (buffer_.frame == 0) return;
        const auto core = std::move(core_);
        const auto frame = std::exchange(buffer_, {}).frame;
        try {
            core.get("rendercast::Frame").discard_video(frame);
        } catch (const std::exception &) {
            // The library has taken it back by itself, with a streamer that hit a defect or was shut down.
        }
    }

private:
    friend class Streamer;
    friend class Source;

    Frame(detail::Core core, const rendercast_video_buffer &buffer) noexcept : core_(std::move(core)), buffer_(buffer) {}

    /// Empty when every buffer is in use.
    static std::optional<Frame> acquire(const detail::Core &core, const char *whose, std::uint32_t source, PixelFormat format,
                                        std::uint32_t width, std::uint32_t height) {
        auto buffer = detail::sized<rendercast_video_buffer>();
        const bool lent = detail::call([&] {
            return core.get(whose).acquire_video(source, static_cast<std::uint32_t>(format), width, height, buffer);
        });
        if (!lent) return std::nullopt;
        return Frame(core, buffer);
    }

    std::size_t checked(std::size_t plane) const {
        if (buffer_.frame == 0) {
            throw Error(StatusCode::invalid_handle, "rendercast::Frame is empty: it was committed, discarded or moved from");
        }
        if (plane >= buffer_.plane_count) {
            throw Error(StatusCode::invalid_argument, "plane " + std::to_string(plane) + " is outside 0 to " +
                                                          std::to_string(buffer_.plane_count - 1));
        }
        return plane;
    }

    PlaneLayout layout(std::size_t plane) const noexcept { return plane_layout(format(), width(), height(), plane); }

    detail::Core core_;
    rendercast_video_buffer buffer_{};
};

} // namespace rendercast

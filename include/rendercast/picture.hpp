/* Pictures of the host's, and how their bytes lie in memory.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "rendercast/detail.hpp"

namespace rendercast {

/// How a picture lies in memory.
enum class PixelFormat : std::uint32_t {
    /// 4 bytes a pixel: R, G, B, A. Alpha is ignored.
    rgba8 = RENDERCAST_FORMAT_RGBA8,
    /// 4 bytes a pixel: B, G, R, A. Alpha is ignored.
    bgra8 = RENDERCAST_FORMAT_BGRA8,
    /// 4 bytes a pixel: R, G, B, unused.
    rgbx8 = RENDERCAST_FORMAT_RGBX8,
    /// 4 bytes a pixel: B, G, R, unused.
    bgrx8 = RENDERCAST_FORMAT_BGRX8,
    /// 3 bytes a pixel: R, G, B.
    rgb8 = RENDERCAST_FORMAT_RGB8,
    /// Y plane, then interleaved U and V at half size (odd sides rounded up). BT.709, limited range.
    nv12 = RENDERCAST_FORMAT_NV12,
    /// Y, U and V planes, U and V at half size (odd sides rounded up). BT.709, limited range.
    i420 = RENDERCAST_FORMAT_I420,
};

/// One plane of a format and size: the bytes of a row without what is between rows, and the number of rows; 0 where the format
/// has no such plane.
struct PlaneLayout {
    std::size_t row_bytes = 0;
    std::size_t rows = 0;
};

/// Of plane 0, 1 or 2.
inline PlaneLayout plane_layout(PixelFormat format, std::uint32_t width, std::uint32_t height, std::size_t plane) noexcept {
    const std::size_t w = width, h = height, half_w = (w + 1) / 2, half_h = (h + 1) / 2;
    switch (format) {
        case PixelFormat::rgba8:
        case PixelFormat::bgra8:
        case PixelFormat::rgbx8:
        case PixelFormat::bgrx8: return plane == 0 ? PlaneLayout{w * 4, h} : PlaneLayout{};
        case PixelFormat::rgb8: return plane == 0 ? PlaneLayout{w * 3, h} : PlaneLayout{};
        case PixelFormat::nv12:
            if (plane == 0) return {w, h};
            return plane == 1 ? PlaneLayout{half_w * 2, half_h} : PlaneLayout{};
        case PixelFormat::i420:
            if (plane == 0) return {w, h};
            return plane < 3 ? PlaneLayout{half_w, half_h} : PlaneLayout{};
    }
    return {};
}

/// A picture in the host's memory, for Streamer::push. It is copied; the memory is free again after the call.
struct Picture {
    PixelFormat format = PixelFormat::rgba8;
    /// Pixels, 1 to 16384. Odd sides are allowed. May change from picture to picture.
    std::uint32_t width = 0;
    /// Pixels, 1 to 16384.
    std::uint32_t height = 0;
    /// Of the format's planes. One of `rows` rows has at least stride * (rows - 1) + (bytes of one row) bytes.
    std::array<Span<const std::uint8_t>, 3> planes{};
    /// Bytes from one row to the next, at most 1048576. 0: rows follow each other without a gap.
    std::array<std::uint32_t, 3> strides{};
    /// The first row in memory is the bottom one (OpenGL's order).
    bool flipped = false;
    /// When it was made, in ns on the host's monotonic clock; 0 means now, on the library's clock. Stamp every picture and block
    /// of sound or none: only differences count, and sound and pictures are played in step by them.
    std::uint64_t host_time_ns = 0;

    Picture() = default;
    /// Of a format with one plane, whose rows follow each other without a gap.
    Picture(PixelFormat format_, std::uint32_t width_, std::uint32_t height_, Span<const std::uint8_t> pixels)
        : format(format_), width(width_), height(height_), planes{{pixels, {}, {}}} {}
};

namespace detail {

/// Throws where a plane is shorter than what will be read of it. What else is wrong the library says.
inline rendercast_video_frame frame_of(const Picture &picture, std::uint32_t source) {
    auto frame = sized<rendercast_video_frame>();
    frame.format = static_cast<std::uint32_t>(picture.format);
    frame.width = picture.width;
    frame.height = picture.height;
    frame.flags = picture.flipped ? RENDERCAST_VIDEO_FLIPPED : 0;
    frame.host_time_ns = picture.host_time_ns;
    frame.source = source;
    for (std::size_t i = 0; i < picture.planes.size(); i++) {
        const auto layout = plane_layout(picture.format, picture.width, picture.height, i);
        if (layout.rows == 0) continue;
        const std::size_t stride = picture.strides[i] != 0 ? picture.strides[i] : layout.row_bytes;
        const std::size_t needed = stride * (layout.rows - 1) + layout.row_bytes;
        if (picture.planes[i].data() != nullptr && picture.planes[i].size() < needed) {
            throw Error(StatusCode::invalid_argument, "plane " + std::to_string(i) + " has " +
                                                          std::to_string(picture.planes[i].size()) + " bytes, " +
                                                          std::to_string(needed) + " are needed");
        }
        frame.planes[i] = picture.planes[i].data();
        frame.strides[i] = picture.strides[i];
    }
    return frame;
}

} // namespace detail

} // namespace rendercast

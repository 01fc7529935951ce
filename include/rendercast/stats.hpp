/* Figures. Each is the C ABI's structure, where its numbers are described, with its texts as texts.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <string>
#include <string_view>

#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"

namespace rendercast {

/// A streamer at one moment: `viewers`, `video_frames_dropped`, `encode_p50_us`, ... See rendercast_stats.
struct Stats : rendercast_stats {
    /// Of the first active layer; empty when none is open.
    std::string_view encoder_name() const noexcept { return detail::field(encoder); }
};

/// One encoding that viewers share, at one moment: `width`, `actual_bitrate_kbps`, ... See rendercast_layer_stats.
struct LayerStats : rendercast_layer_stats {
    /// "H264", "VP8", "VP9" or "AV1".
    std::string_view codec_name() const noexcept { return detail::field(codec); }
    std::string_view encoder_name() const noexcept { return detail::field(encoder); }
};

/// One viewer at one moment: `rtt_us`, `sent_bitrate_kbps`, `page_end_to_end_p50_ms`, ... See rendercast_viewer_stats.
struct ViewerStats : rendercast_viewer_stats {
    /// "H264", "VP8", "VP9" or "AV1"; empty while it is sent no picture.
    std::string_view codec_name() const noexcept { return detail::field(codec); }
    std::string_view encoder_name() const noexcept { return detail::field(encoder); }
};

/// A viewer that is here.
struct ViewerEntry {
    /// For Streamer::viewer.
    ViewerId number = 0;
    ViewerState state{};
    /// The connection's name in its signaling protocol.
    std::string connection;
    Role role{};
    /// The player's number, from 1; 0 for a spectator.
    std::uint32_t player = 0;
};

} // namespace rendercast

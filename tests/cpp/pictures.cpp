// Pictures, sound, sources and graphics devices.
#include <array>
#include <cstring>
#include <thread>
#include <vector>

#include "check.hpp"

using namespace rendercast;

namespace {

void try_frames() {
    Streamer streamer(offline());
    auto frame = streamer.acquire(PixelFormat::i420, 5, 3);
    CHECK(frame && *frame && live_object_count() == 2);
    CHECK(frame->format() == PixelFormat::i420 && frame->width() == 5 && frame->height() == 3 && frame->plane_count() == 3);
    CHECK(frame->row(2).size() == 5 && frame->row(1, 2).size() == 3 && frame->stride() >= 5);
    CHECK(frame->plane(1).size() == frame->stride(1) * 2 && frame->row(1).data() == frame->plane().data() + frame->stride());
    for (auto &byte : frame->plane()) byte = 7; // all of it is the host's: AddressSanitizer would say so
    THROWS(invalid_argument, "row 3 is outside 0 to 2", frame->row(3));
    THROWS(invalid_argument, "plane 3 is outside 0 to 2", frame->plane(3));
    frame->commit();
    CHECK(!*frame && live_object_count() == 1);
    THROWS(invalid_handle, "rendercast::Frame is empty", frame->commit());
    THROWS(invalid_handle, "rendercast::Frame is empty", frame->row(0));
    CHECK(streamer.stats().video_frames_pushed == 1);

    // One that is not committed goes back by itself, however often; so does one that is assigned to.
    for (int i = 0; i < 100; i++) CHECK(streamer.acquire(PixelFormat::rgba8, 64, 64).has_value());
    CHECK(live_object_count() == 1 && streamer.stats().video_frames_pushed == 1);
    auto first = streamer.acquire(PixelFormat::rgba8, 64, 64), second = streamer.acquire(PixelFormat::rgba8, 64, 64);
    CHECK(first && second);
    *first = std::move(*second);
    CHECK(*first && !*second && live_object_count() == 2);
    THROWS(invalid_handle, "rendercast::Frame is empty", second->plane());
    second->discard();
    first->discard();
    CHECK(live_object_count() == 1);

    std::vector<Frame> lent;
    for (int i = 0; i < 16; i++) {
        try {
            auto one = streamer.acquire(PixelFormat::rgba8, 16, 16);
            if (!one) break; // every buffer is in use
            lent.push_back(std::move(*one));
        } catch (const Error &error) {
            CHECK(error.code() == StatusCode::too_many);
            break;
        }
    }
    CHECK(!lent.empty() && lent.size() <= 8);
    THROWS(picture_size, "", streamer.acquire(PixelFormat::rgba8, 0, 16));
    THROWS(pixel_format, "", streamer.acquire(static_cast<PixelFormat>(99), 16, 16));

    // Committed by another thread.
    std::thread([frame = std::move(lent.back())]() mutable { frame.commit(5, true); }).join();
    CHECK(streamer.stats().video_frames_pushed == 2);

    // A frame may outlive its streamer: its memory stays.
    Frame late = std::move(lent.front());
    lent.clear();
    { const Streamer ended = std::move(streamer); }
    std::memset(late.plane().data(), 9, late.plane().size());
    late.commit();
    CHECK(live_object_count() == 0);
}

void try_pushing() {
    Streamer streamer(offline());
    const std::vector<std::uint8_t> pixels(8 * 4 * 4);
    CHECK(streamer.push({PixelFormat::rgba8, 8, 4, pixels}));
    Picture picture{PixelFormat::rgba8, 8, 4, pixels};
    picture.flipped = true;
    picture.host_time_ns = 1;
    CHECK(streamer.push(picture));
    picture.height = 5;
    THROWS(invalid_argument, "plane 0 has 128 bytes, 160 are needed", streamer.push(picture));
    picture.height = 4;
    picture.strides[0] = 40;
    THROWS(invalid_argument, "plane 0 has 128 bytes, 152 are needed", streamer.push(picture));
    picture.strides[0] = 16;
    THROWS(stride, "", streamer.push(picture));
    THROWS(null_pointer, "planes[0]", streamer.push({PixelFormat::rgba8, 8, 4, {}}));
    THROWS(picture_size, "", streamer.push({PixelFormat::rgba8, 0, 4, pixels}));

    Picture planar;
    planar.format = PixelFormat::nv12;
    planar.width = 5;
    planar.height = 3;
    planar.planes = {{Span<const std::uint8_t>(pixels).subspan(0, 15), Span<const std::uint8_t>(pixels).subspan(15, 12), {}}};
    CHECK(streamer.push(planar));
    planar.planes[1] = Span<const std::uint8_t>(pixels).subspan(15, 11);
    THROWS(invalid_argument, "plane 1 has 11 bytes, 12 are needed", streamer.push(planar));

    const std::array<float, 960> sound{};
    CHECK(streamer.push_audio(sound, 2, 48000));
    CHECK(streamer.push_audio({}, 2, 48000));
    THROWS(invalid_argument, "3 samples are no multiple of 2 channels", streamer.push_audio({sound.data(), 3}, 2, 48000));
    THROWS(audio_block, "", streamer.push_audio(sound, 2, 1));
    THROWS(audio_block, "", streamer.push_audio(sound, 0, 48000));
    const auto stats = streamer.stats();
    CHECK(stats.video_frames_pushed == 3 && stats.audio_blocks_pushed >= 1 && stats.encoder_name().empty());
}

void try_sources() {
    Streamer streamer(offline());
    Source side = streamer.create_source({"side", 1000, 30});
    CHECK(side.number() == 1 && streamer.stats_json().find("\"side\"") != std::string::npos);
    auto frame = side.acquire(PixelFormat::rgba8, 16, 16);
    CHECK(frame.has_value());
    frame->commit();
    const std::vector<std::uint8_t> pixels(4 * 4 * 4);
    CHECK(side.push({PixelFormat::bgra8, 4, 4, pixels}));
    THROWS(invalid_config, "fps", streamer.create_source({"", 0, 241}));
    THROWS(no_viewer, "", (void)streamer.viewer(77).show(side.number()));
    CHECK(streamer.everybody().show(side.number()));
    THROWS(no_source, "", (void)streamer.everybody().show(9));

    Source moved = std::move(side);
    THROWS(invalid_handle, "rendercast::Source is empty: it was moved from", side.push({PixelFormat::bgra8, 4, 4, pixels}));
    auto held = moved.acquire(PixelFormat::rgba8, 16, 16);
    moved = streamer.create_source();
    CHECK(moved.number() == 2 && streamer.stats_json().find("\"side\"") == std::string::npos);
    // Its source has ended meanwhile.
    THROWS(no_source, "", held->commit());
    std::vector<Source> many;
    for (int i = 0; i < 14; i++) many.push_back(streamer.create_source());
    THROWS(too_many, "", streamer.create_source());
    many.clear();
    streamer.create_source();
}

void try_graphics() {
    Streamer streamer(offline());
    THROWS(null_pointer, "", GraphicsDevice::vulkan({}));
    THROWS(null_pointer, "", GraphicsDevice::opengl(nullptr));
    THROWS(graphics_unavailable, "", GraphicsDevice::metal(&streamer));
}

} // namespace

void try_pictures() {
    try_frames();
    try_pushing();
    try_sources();
    try_graphics();
}

// Who lives how long, moves, and many threads at once.
#include <atomic>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "check.hpp"

using namespace rendercast;

static_assert(!std::is_copy_constructible_v<Streamer> && !std::is_copy_constructible_v<Frame> && !std::is_copy_constructible_v<Source>);
static_assert(std::is_nothrow_move_constructible_v<Streamer> && std::is_nothrow_move_assignable_v<Streamer>);
static_assert(std::is_nothrow_move_constructible_v<Frame> && std::is_nothrow_move_constructible_v<GraphicsDevice>);
static_assert(std::is_copy_constructible_v<Viewer> && std::is_copy_constructible_v<Channel>);
static_assert(!std::is_constructible_v<Span<std::uint8_t>, const std::vector<std::uint8_t> &>);
static_assert(std::is_constructible_v<Span<const std::uint8_t>, const std::vector<std::uint8_t> &>);

namespace {

void try_moves() {
    Streamer first(offline());
    Viewer viewer = first.viewer(1);
    Streamer second = std::move(first);
    const char *text = "rendercast::Streamer is empty: it was moved from";
    THROWS(invalid_handle, text, first.start());
    THROWS(invalid_handle, text, first.poll_event());
    THROWS(invalid_handle, text, first.acquire(PixelFormat::rgba8, 16, 16));
    THROWS(invalid_handle, text, first.viewer(1));
    THROWS(invalid_handle, text, first.create_source());
    second.start();
    first = std::move(second);
    first.stop();
    first.start();
    THROWS(no_viewer, "", viewer.stats());
    Viewer taken = std::move(viewer);
    THROWS(invalid_handle, "rendercast::Viewer is empty", viewer.stats());
    Streamer &same = first;
    first = std::move(same);
    first.stop();

    // The one that is assigned to ends.
    Streamer other(offline());
    CHECK(live_object_count() == 2);
    other = std::move(first);
    CHECK(live_object_count() == 1);
    THROWS(no_viewer, "", taken.stats());
}

void try_what_outlives() {
    std::optional<Streamer> streamer(offline());
    streamer->start();
    auto frame = streamer->acquire(PixelFormat::rgba8, 16, 16);
    Source source = streamer->create_source();
    Viewer viewer = streamer->viewer(1);
    streamer.reset();
    // It has stopped, and nothing of it is freed that somebody still has.
    THROWS(no_viewer, "", viewer.stats());
    CHECK(frame && frame->plane().size() >= 16 * 16 * 4);
    CHECK(source.acquire(PixelFormat::rgba8, 16, 16).has_value());
}

void try_shutdown() {
    Streamer streamer(offline());
    auto frame = streamer.acquire(PixelFormat::rgba8, 16, 16);
    Source source = streamer.create_source();
    CHECK(rendercast_shutdown_all() == RENDERCAST_OK && live_object_count() == 0);
    THROWS(invalid_handle, "is not alive", streamer.start());
    THROWS(invalid_handle, "is not alive", frame->commit());
}

void try_threads() {
    Streamer streamer(offline());
    streamer.start();
    std::atomic<int> thrown{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
        threads.emplace_back([&, i] {
            const std::vector<std::uint8_t> pixels(64 * 64 * 4);
            const std::vector<float> sound(960);
            for (int round = 0; round < 200; round++) try {
                if (auto frame = streamer.acquire(PixelFormat::rgba8, 64, 64)) {
                    if (round % 2 == 0) frame->commit();
                }
                streamer.push({PixelFormat::rgba8, 64, 64, pixels});
                if (i == 0) streamer.push_audio(sound, 2, 48000);
                if (i == 1) streamer.poll_input();
                streamer.poll_event();
                streamer.stats();
                // Another thread's text must not come in between.
                THROWS(no_viewer, std::to_string(1000 + i), streamer.viewer(static_cast<ViewerId>(1000 + i)).stats());
            } catch (const Error &error) {
                if (error.code() != StatusCode::too_many) thrown++;
            }
        });
    }
    for (auto &thread : threads) thread.join();
    CHECK(thrown == 0 && live_object_count() == 1);
    CHECK(streamer.stats().video_frames_pushed > 0);

    // As many as there may be.
    std::vector<Streamer> many;
    for (int i = 0; i < 63; i++) many.emplace_back(offline());
    THROWS(too_many, "64 streamers", Streamer{offline()});
}

} // namespace

void try_lives() {
    try_moves();
    CHECK(live_object_count() == 0);
    try_what_outlives();
    CHECK(live_object_count() == 0);
    try_shutdown();
    try_threads();
}

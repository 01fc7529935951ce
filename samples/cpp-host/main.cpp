// A whole host in C++17: everybody who opens the printed link paints on one canvas, in a colour of one's own. Space clears it,
// digits choose the brush.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "host.hpp"

namespace {

volatile std::sig_atomic_t asked_to_end = 0;

constexpr const char *USAGE =
    "usage: cpp-host [options]\n"
    "  --size WxH      picture size, default 960x540\n"
    "  --fps N         pictures a second, 1 to 240, default 60\n"
    "  --port N        port of the page, default 8080; 0 takes a free one\n"
    "  --address A     IP address to listen on, default 127.0.0.1; others need the token in the link\n"
    "  --encoder NAME  encoder to try first (libx264, openh264, h264_nvenc, ...)\n"
    "  --seconds N     end after this time\n";

struct Options {
    unsigned width = 960, height = 540, fps = 60, port = 8080, seconds = 0;
    std::string address = "127.0.0.1", encoder;
    bool good = true;
};

Options read(int argc, char **argv) {
    Options options;
    const auto number = [&](const char *text, unsigned min, unsigned max, unsigned &to) {
        char *end = nullptr;
        const unsigned long value = std::strtoul(text, &end, 10);
        options.good = options.good && end != text && *end == '\0' && value >= min && value <= max;
        to = static_cast<unsigned>(value);
    };
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (name == "--size") options.good = options.good && std::sscanf(value, "%5ux%5u", &options.width, &options.height) == 2;
        else if (name == "--fps") number(value, 1, 240, options.fps);
        else if (name == "--port") number(value, 0, 65535, options.port);
        else if (name == "--seconds") number(value, 1, 1000000, options.seconds);
        else if (name == "--address") options.address = value;
        else if (name == "--encoder") options.encoder = value;
        else options.good = false;
    }
    options.good = options.good && options.width >= 16 && options.width <= 16384 && options.height >= 16 && options.height <= 16384;
    return options;
}

} // namespace

int main(int argc, char **argv) try {
    const Options options = read(argc, argv);
    if (!options.good) {
        std::fputs(USAGE, stderr);
        return 2;
    }
    std::signal(SIGINT, [](int) { asked_to_end = 1; });
    std::signal(SIGTERM, [](int) { asked_to_end = 1; });

    rendercast::Config config;
    config.fps(options.fps).encoder(options.encoder);
    config.server_address(options.address + ":" + std::to_string(options.port));
    rendercast::Streamer streamer(config);
    Host host(streamer, options.width, options.height);
    streamer.start();

    using Clock = std::chrono::steady_clock;
    const auto started = Clock::now();
    auto next = started;
    bool good = true;
    while (!asked_to_end && (options.seconds == 0 || Clock::now() - started < std::chrono::seconds(options.seconds))) {
        good = host.poll();
        if (!good) break;
        host.show();
        next += std::chrono::nanoseconds(1000000000 / options.fps);
        std::this_thread::sleep_until(next);
    }
    const auto stats = streamer.stats();
    std::fprintf(stderr, "%llu pictures, %llu of them encoded, %llu inputs\n",
                 static_cast<unsigned long long>(stats.video_frames_pushed),
                 static_cast<unsigned long long>(stats.video_frames_encoded), static_cast<unsigned long long>(host.inputs()));
    return good ? 0 : 1;
} catch (const rendercast::Error &error) {
    std::fprintf(stderr, "%s: %s\n", rendercast::name_of(error.code()), error.what());
    return 1;
}

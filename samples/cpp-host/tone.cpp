#include "tone.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace {

constexpr std::uint32_t RATE = 48000, CHANNELS = 2, FRAMES = RATE / 100;
constexpr double TURN = 6.283185307179586;

} // namespace

Tone::Tone(rendercast::Streamer &streamer) : streamer_(streamer), thread_([this] { play(); }) {}

Tone::~Tone() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Tone::play() try {
    std::array<float, FRAMES * CHANNELS> block{};
    double phase = 0, loudness = 0;
    auto next = std::chrono::steady_clock::now();
    for (;;) {
        if (struck_.exchange(false)) loudness = 0.15;
        const double step = TURN * pitch_ / RATE;
        for (std::size_t i = 0; i < block.size(); i += CHANNELS) {
            phase = std::fmod(phase + step, TURN);
            loudness *= 0.9998;
            block[i] = block[i + 1] = static_cast<float>(std::sin(phase) * loudness);
        }
        streamer_.push_audio(block, CHANNELS, RATE);
        next += std::chrono::milliseconds(10);
        std::unique_lock<std::mutex> lock(mutex_);
        if (changed_.wait_until(lock, next, [this] { return ending_; })) return;
    }
} catch (const rendercast::Error &error) {
    std::fprintf(stderr, "sound: %s\n", error.what());
}

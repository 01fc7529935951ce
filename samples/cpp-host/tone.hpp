// What is heard: one soft tone, on a thread of its own, as an engine's sound is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <rendercast.hpp>

class Tone {
public:
    /// The streamer has to live longer.
    explicit Tone(rendercast::Streamer &streamer);
    ~Tone();

    /// In Hz; it is heard for a moment, and longer while it is struck again.
    void strike(float pitch) { pitch_ = pitch, struck_ = true; }

private:
    void play();

    rendercast::Streamer &streamer_;
    std::atomic<float> pitch_{440};
    std::atomic<bool> struck_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_;
};

// What viewers do on the canvas.
#pragma once

#include <cstdint>
#include <map>

#include <rendercast.hpp>

#include "canvas.hpp"
#include "tone.hpp"

class Host {
public:
    Host(rendercast::Streamer &streamer, std::uint32_t width, std::uint32_t height);

    /// Takes what has happened and what viewers have done. False: streaming has come to its end.
    bool poll();
    /// Paints one picture straight into a buffer of the library's.
    void show();

    /// Of all viewers, since the start.
    std::uint64_t inputs() const { return inputs_; }

private:
    /// One viewer's brush.
    struct Brush {
        float x = 0, y = 0, radius = 6;
        bool down = false;
    };

    bool handle(const rendercast::Event &event);
    void handle(const rendercast::Input &input);
    void move(rendercast::ViewerId viewer, const rendercast::Input &input, const rendercast::Position &to, bool down);

    rendercast::Streamer &streamer_;
    Canvas canvas_;
    Tone tone_;
    std::map<rendercast::ViewerId, Brush> brushes_;
    std::uint64_t inputs_ = 0;
};

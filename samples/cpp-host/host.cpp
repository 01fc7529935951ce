#include "host.hpp"

#include <cstdio>

using namespace rendercast;

Host::Host(Streamer &streamer, std::uint32_t width, std::uint32_t height)
    : streamer_(streamer), canvas_(width, height), tone_(streamer) {}

bool Host::poll() {
    while (auto event = streamer_.poll_event()) {
        if (!handle(*event)) return false;
    }
    while (auto input = streamer_.poll_input()) handle(*input);
    return true;
}

bool Host::handle(const Event &event) {
    std::fprintf(stderr, "%s", name_of(event.kind));
    if (event.viewer != 0) std::fprintf(stderr, " (viewer %u)", event.viewer);
    std::fprintf(stderr, ": %s\n", event.message.c_str());
    switch (event.kind) {
        case EventKind::server_listening:
            if (auto link = streamer_.link()) std::printf("LINK %s\n", link->c_str()), std::fflush(stdout);
            break;
        case EventKind::server_failed: return false;
        case EventKind::viewer_connected: brushes_[event.viewer] = {}; break;
        case EventKind::viewer_disconnected: brushes_.erase(event.viewer); break;
        default: break;
    }
    return event.severity != Severity::fatal;
}

void Host::handle(const Input &input) {
    inputs_++;
    if (auto *mouse = input.as<MouseInput>()) {
        move(input.viewer, input, mouse->at, (mouse->buttons & 1) != 0);
    } else if (auto *touch = input.as<TouchInput>()) {
        move(input.viewer, input, touch->at, touch->phase == TouchPhase::began || touch->phase == TouchPhase::moved);
    } else if (auto *key = input.as<KeyInput>()) {
        if (!key->down || key->repeat) return;
        if (key->key == Key::space) canvas_.clear();
        if (key->key >= Key::digit1 && key->key <= Key::digit9) {
            brushes_[input.viewer].radius = 3.0f * static_cast<float>(1 + static_cast<int>(key->key) - static_cast<int>(Key::digit1));
        }
    } else if (auto *message = input.as<MessageInput>()) {
        // Said back, so that a page sees that it was heard. What finds no room is lost, which matters to nobody here.
        auto channel = streamer_.channel(message->channel);
        const Span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t *>(message->data.data()), message->data.size());
        try {
            if (!(message->is_text ? channel.send_text(message->data) : channel.send_bytes(bytes))) return;
        } catch (const Error &error) {
            std::fprintf(stderr, "%s\n", error.what()); // it has just closed
        }
    }
}

void Host::move(ViewerId viewer, const Input &input, const Position &to, bool down) {
    // A page that has no picture yet says where its pointer is in parts of it only.
    const auto width = static_cast<float>(canvas_.width()), height = static_cast<float>(canvas_.height());
    const float x = input.width != 0 ? to.normalized_x * width : to.x, y = input.height != 0 ? to.normalized_y * height : to.y;
    auto &brush = brushes_[viewer];
    if (down) {
        const bool begins = !brush.down;
        canvas_.line(begins ? x : brush.x, begins ? y : brush.y, x, y, brush.radius, color_of(viewer));
        if (y >= 0 && y <= height) tone_.strike(220 + 660 * (1 - y / height));
    }
    brush = {x, y, brush.radius, down};
}

void Host::show() {
    canvas_.fade();
    auto frame = streamer_.acquire(PixelFormat::rgbx8, canvas_.width(), canvas_.height());
    if (!frame) return; // the encoders are behind: skip this picture
    for (std::uint32_t y = 0; y < canvas_.height(); y++) canvas_.copy_row(y, frame->row(y).data());
    frame->commit();
}

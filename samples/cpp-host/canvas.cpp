#include "canvas.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

constexpr std::uint8_t PAPER[4] = {16, 20, 32, 255};
/// Rows that fade with one picture: all of them would cost more than anything else here.
constexpr std::uint32_t ROWS_A_FADE = 24;

std::uint8_t channel(double hue) {
    const double away = std::fabs(std::fmod(hue, 1.0) * 6 - 3) - 1;
    return static_cast<std::uint8_t>(80 + 175 * std::clamp(away, 0.0, 1.0));
}

} // namespace

Color color_of(std::uint32_t n) {
    // The golden angle: neighbours are far from each other on the colour wheel.
    const double hue = 0.55 + n * 0.381966;
    return {channel(hue), channel(hue + 2.0 / 3), channel(hue + 1.0 / 3)};
}

Canvas::Canvas(std::uint32_t width, std::uint32_t height)
    : width_(width), height_(height), pixels_(std::size_t{width} * height * 4) {
    clear();
}

void Canvas::clear() {
    for (std::size_t i = 0; i < pixels_.size(); i++) pixels_[i] = PAPER[i % 4];
}

void Canvas::fade() {
    for (std::uint32_t i = 0; i < ROWS_A_FADE; i++, faded_ = (faded_ + 1) % height_) {
        std::uint8_t *row = &pixels_[std::size_t{faded_} * width_ * 4];
        for (std::size_t x = 0; x < std::size_t{width_} * 4; x++) {
            const int away = row[x] - PAPER[x % 4];
            row[x] = static_cast<std::uint8_t>(row[x] - (away + (away > 0 ? 15 : -15)) / 16);
        }
    }
}

void Canvas::dot(float x, float y, float radius, Color color) {
    const auto bound = [](float at, std::uint32_t size) {
        return static_cast<int>(std::clamp(at, 0.0f, static_cast<float>(size)));
    };
    for (int py = bound(y - radius, height_); py < bound(y + radius + 1, height_); py++) {
        for (int px = bound(x - radius, width_); px < bound(x + radius + 1, width_); px++) {
            const float dx = static_cast<float>(px) - x, dy = static_cast<float>(py) - y;
            if (dx * dx + dy * dy > radius * radius) continue;
            std::uint8_t *pixel = &pixels_[(static_cast<std::size_t>(py) * width_ + static_cast<std::size_t>(px)) * 4];
            pixel[0] = color.red;
            pixel[1] = color.green;
            pixel[2] = color.blue;
        }
    }
}

void Canvas::line(float from_x, float from_y, float to_x, float to_y, float radius, Color color) {
    const float length = std::hypot(to_x - from_x, to_y - from_y);
    // A viewer's numbers are not to be trusted: longer ones are no strokes.
    if (!(length < 4.0f * static_cast<float>(width_ + height_))) return;
    const int dots = 1 + static_cast<int>(length / std::max(radius / 2, 1.0f));
    for (int i = 0; i <= dots; i++) {
        const float part = static_cast<float>(i) / static_cast<float>(dots);
        dot(from_x + (to_x - from_x) * part, from_y + (to_y - from_y) * part, radius, color);
    }
}

void Canvas::copy_row(std::uint32_t y, std::uint8_t *to) const {
    std::memcpy(to, &pixels_[std::size_t{y} * width_ * 4], std::size_t{width_} * 4);
}

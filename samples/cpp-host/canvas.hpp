// The picture that everybody paints on, in software. It knows nothing of viewers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

struct Color {
    std::uint8_t red, green, blue;
};

/// The colour of the n-th of any number of things that are to look different.
Color color_of(std::uint32_t n);

class Canvas {
public:
    Canvas(std::uint32_t width, std::uint32_t height);

    std::uint32_t width() const { return width_; }
    std::uint32_t height() const { return height_; }

    /// A line with round ends; places are pixels and may be outside.
    void line(float from_x, float from_y, float to_x, float to_y, float radius, Color color);
    /// What was painted gets a little darker.
    void fade();
    void clear();

    /// One row of pixels: R, G, B, unused.
    void copy_row(std::uint32_t y, std::uint8_t *to) const;

private:
    void dot(float x, float y, float radius, Color color);

    std::uint32_t width_, height_, faded_ = 0;
    std::vector<std::uint8_t> pixels_;
};

#include "picture.h"

enum { BITS = 24, BIT_SIDE = 8 };

static uint32_t clipped(uint32_t from, uint32_t length, uint32_t limit) {
    if (from >= limit) return 0;
    return length < limit - from ? length : limit - from;
}

/* Leaves out what lies outside. */
static uint32_t add(struct picture_rect *out, uint32_t count, struct picture_rect rect, uint32_t width, uint32_t height) {
    rect.width = clipped(rect.x, rect.width, width);
    rect.height = clipped(rect.y, rect.height, height);
    if (rect.width == 0 || rect.height == 0) return count;
    out[count] = rect;
    return count + 1;
}

uint32_t picture_rects(uint64_t number, uint32_t width, uint32_t height, struct picture_rect out[PICTURE_RECTS]) {
    uint32_t count = 0;
    const uint8_t tone = (uint8_t)(number * 37);
    const struct picture_rect ground = {0, 0, width, height, {tone, (uint8_t)(255 - tone), (uint8_t)(number * 11), 255}};
    count = add(out, count, ground, width, height);
    for (uint32_t bit = 0; bit < BITS; bit++) {
        const uint8_t light = number >> bit & 1 ? 255 : 0;
        const struct picture_rect square = {bit * BIT_SIDE, 0, BIT_SIDE, BIT_SIDE, {light, light, light, 255}};
        count = add(out, count, square, width, height);
    }
    static const uint8_t colours[6][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}, {0, 255, 255}, {17, 99, 201}};
    for (uint32_t patch = 0; patch < 6; patch++) {
        /* Each wanders at its own pace, so that a picture put together of two shows it in several places. */
        const uint32_t step = (uint32_t)(number * (2 * patch + 3));
        const struct picture_rect moving = {
            step % width, height / 8 * (patch + 1), width / 10 + 5, height / 12 + 3,
            {colours[patch][0], colours[patch][1], colours[patch][2], 255}};
        count = add(out, count, moving, width, height);
    }
    return count;
}

void picture_paint(uint64_t number, uint32_t width, uint32_t height, uint8_t *rgba) {
    struct picture_rect rects[PICTURE_RECTS];
    const uint32_t count = picture_rects(number, width, height, rects);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t y = rects[i].y; y < rects[i].y + rects[i].height; y++) {
            uint8_t *pixel = rgba + 4 * ((uint64_t)y * width + rects[i].x);
            for (uint32_t x = 0; x < rects[i].width; x++, pixel += 4) {
                for (int c = 0; c < 4; c++) pixel[c] = rects[i].rgba[c];
            }
        }
    }
}

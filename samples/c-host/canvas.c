#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "blend.h"

/* Characters 32 to 95: five columns each, the lowest bit is the top dot. */
static const uint8_t FONT[64][5] = {
    {0x00, 0x00, 0x00, 0x00, 0x00}, {0x00, 0x00, 0x5f, 0x00, 0x00}, {0x00, 0x07, 0x00, 0x07, 0x00},
    {0x14, 0x7f, 0x14, 0x7f, 0x14}, {0x24, 0x2a, 0x7f, 0x2a, 0x12}, {0x23, 0x13, 0x08, 0x64, 0x62},
    {0x36, 0x49, 0x56, 0x20, 0x50}, {0x00, 0x00, 0x07, 0x00, 0x00}, {0x00, 0x1c, 0x22, 0x41, 0x00},
    {0x00, 0x41, 0x22, 0x1c, 0x00}, {0x2a, 0x1c, 0x7f, 0x1c, 0x2a}, {0x08, 0x08, 0x3e, 0x08, 0x08},
    {0x00, 0x50, 0x30, 0x00, 0x00}, {0x08, 0x08, 0x08, 0x08, 0x08}, {0x00, 0x60, 0x60, 0x00, 0x00},
    {0x20, 0x10, 0x08, 0x04, 0x02}, {0x3e, 0x51, 0x49, 0x45, 0x3e}, {0x00, 0x42, 0x7f, 0x40, 0x00},
    {0x42, 0x61, 0x51, 0x49, 0x46}, {0x21, 0x41, 0x45, 0x4b, 0x31}, {0x18, 0x14, 0x12, 0x7f, 0x10},
    {0x27, 0x45, 0x45, 0x45, 0x39}, {0x3c, 0x4a, 0x49, 0x49, 0x30}, {0x01, 0x71, 0x09, 0x05, 0x03},
    {0x36, 0x49, 0x49, 0x49, 0x36}, {0x06, 0x49, 0x49, 0x29, 0x1e}, {0x00, 0x36, 0x36, 0x00, 0x00},
    {0x00, 0x56, 0x36, 0x00, 0x00}, {0x08, 0x14, 0x22, 0x41, 0x00}, {0x14, 0x14, 0x14, 0x14, 0x14},
    {0x00, 0x41, 0x22, 0x14, 0x08}, {0x02, 0x01, 0x51, 0x09, 0x06}, {0x32, 0x49, 0x79, 0x41, 0x3e},
    {0x7e, 0x11, 0x11, 0x11, 0x7e}, {0x7f, 0x49, 0x49, 0x49, 0x36}, {0x3e, 0x41, 0x41, 0x41, 0x22},
    {0x7f, 0x41, 0x41, 0x22, 0x1c}, {0x7f, 0x49, 0x49, 0x49, 0x41}, {0x7f, 0x09, 0x09, 0x09, 0x01},
    {0x3e, 0x41, 0x49, 0x49, 0x7a}, {0x7f, 0x08, 0x08, 0x08, 0x7f}, {0x00, 0x41, 0x7f, 0x41, 0x00},
    {0x20, 0x40, 0x41, 0x3f, 0x01}, {0x7f, 0x08, 0x14, 0x22, 0x41}, {0x7f, 0x40, 0x40, 0x40, 0x40},
    {0x7f, 0x02, 0x0c, 0x02, 0x7f}, {0x7f, 0x04, 0x08, 0x10, 0x7f}, {0x3e, 0x41, 0x41, 0x41, 0x3e},
    {0x7f, 0x09, 0x09, 0x09, 0x06}, {0x3e, 0x41, 0x51, 0x21, 0x5e}, {0x7f, 0x09, 0x19, 0x29, 0x46},
    {0x46, 0x49, 0x49, 0x49, 0x31}, {0x01, 0x01, 0x7f, 0x01, 0x01}, {0x3f, 0x40, 0x40, 0x40, 0x3f},
    {0x1f, 0x20, 0x40, 0x20, 0x1f}, {0x3f, 0x40, 0x38, 0x40, 0x3f}, {0x63, 0x14, 0x08, 0x14, 0x63},
    {0x07, 0x08, 0x70, 0x08, 0x07}, {0x61, 0x51, 0x49, 0x45, 0x43}, {0x00, 0x7f, 0x41, 0x41, 0x00},
    {0x02, 0x04, 0x08, 0x10, 0x20}, {0x00, 0x41, 0x41, 0x7f, 0x00}, {0x04, 0x02, 0x01, 0x02, 0x04},
    {0x40, 0x40, 0x40, 0x40, 0x40},
};

static const uint8_t ARROWS[4][5] = {
    {0x08, 0x1c, 0x3e, 0x08, 0x08}, {0x08, 0x08, 0x3e, 0x1c, 0x08}, {0x04, 0x06, 0x7f, 0x06, 0x04}, {0x10, 0x30, 0x7f, 0x30, 0x10},
};

const uint8_t *canvas_glyph(char character) {
    int code = (unsigned char)character;
    if (code >= 1 && code <= 4) return ARROWS[code - 1];
    if (code >= 'a' && code <= 'z') code -= 'a' - 'A';
    if (code < 32 || code > 95) code = '?';
    return FONT[code - 32];
}

uint32_t canvas_color(uint8_t red, uint8_t green, uint8_t blue) {
    uint8_t bytes[4];
    uint32_t color;
    bytes[0] = red;
    bytes[1] = green;
    bytes[2] = blue;
    bytes[3] = 255;
    memcpy(&color, bytes, sizeof color);
    return color;
}

static uint32_t *row_of(canvas *c, int y) {
    return (uint32_t *)(void *)(c->pixels + (size_t)y * c->stride);
}

void canvas_rectangle(canvas *c, int x, int y, int width, int height, uint32_t color) {
    int right = x + width < c->width ? x + width : c->width;
    int bottom = y + height < c->height ? y + height : c->height;
    int row, column;
    if (x < 0) x = 0;
    if (y < 0) y = 0;
    for (row = y; row < bottom; row++) {
        uint32_t *to = row_of(c, row);
        for (column = x; column < right; column++) to[column] = color;
    }
}

void canvas_text(canvas *c, int x, int y, int scale, const char *text, uint32_t color) {
    for (; *text != '\0'; text++, x += 6 * scale) {
        const uint8_t *glyph = canvas_glyph(*text);
        int column, dot;
        for (column = 0; column < 5; column++) {
            for (dot = 0; dot < 7; dot++) {
                if ((glyph[column] >> dot) & 1) {
                    canvas_rectangle(c, x + column * scale, y + dot * scale, scale, scale, color);
                }
            }
        }
    }
}

void canvas_shade(canvas *c, int x, int y, int width, int height, uint32_t color, int strength) {
    int right = x + width < c->width ? x + width : c->width;
    int bottom = y + height < c->height ? y + height : c->height;
    int row, column;
    if (x < 0) x = 0;
    if (y < 0) y = 0;
    for (row = y; row < bottom; row++) {
        uint32_t *to = row_of(c, row);
        for (column = x; column < right; column++) to[column] = blend_mixed(to[column], color, (uint32_t)strength);
    }
}

void canvas_cover(canvas *c, int x, int y, int count, const uint8_t *alpha, uint32_t color) {
    uint32_t *to;
    int i;
    if (y < 0 || y >= c->height) return;
    to = row_of(c, y);
    for (i = x < 0 ? -x : 0; i < count && x + i < c->width; i++) {
        uint32_t a = alpha[i];
        if (a != 0) to[x + i] = blend_mixed(to[x + i], color, a + (a >> 7));
    }
}

static int create(disc *d, int radius, int steep) {
    int side = 2 * radius;
    int x, y;
    d->radius = radius;
    d->alpha = (uint8_t *)malloc((size_t)side * (size_t)side);
    if (d->alpha == NULL) return 0;
    for (y = 0; y < side; y++) {
        for (x = 0; x < side; x++) {
            /* Full in the middle, quadratic to nothing at the rim; squares of half pixels. */
            long dx = 2L * (x - radius) + 1, dy = 2L * (y - radius) + 1;
            long far = 4L * radius * radius, inside = far - dx * dx - dy * dy;
            long value = inside <= 0 ? 0 : 230 * inside / far;
            d->alpha[(size_t)y * (size_t)side + (size_t)x] = (uint8_t)(steep ? value * value / 230 * value / 230 : value);
        }
    }
    return 1;
}

int disc_create(disc *d, int radius) {
    return create(d, radius, 0);
}

int disc_create_light(disc *d, int radius) {
    return create(d, radius, 1);
}

void disc_destroy(disc *d) {
    free(d->alpha);
    d->alpha = NULL;
}

/* `light`: added to what is there, instead of over it. */
static void stamp(canvas *c, const disc *d, int x, int y, uint32_t color, uint32_t strength, int light) {
    int side = 2 * d->radius;
    int left = x - d->radius, top = y - d->radius;
    int first = left < 0 ? -left : 0, last = left + side > c->width ? c->width - left : side;
    int row, column;
    for (row = 0; row < side; row++) {
        uint32_t *to;
        const uint8_t *alpha = d->alpha + (size_t)row * (size_t)side;
        if (top + row < 0 || top + row >= c->height) continue;
        to = row_of(c, top + row) + left;
        for (column = first; column < last; column++) {
            uint32_t a = alpha[column] * strength >> 8;
            if (a != 0) to[column] = light ? blend_added(to[column], blend_scaled(color, a)) : blend_mixed(to[column], color, a);
        }
    }
}

void canvas_disc(canvas *c, const disc *d, int x, int y, uint32_t color) {
    stamp(c, d, x, y, color, 256, 0);
}

void canvas_light(canvas *c, const disc *d, int x, int y, uint32_t color, int strength) {
    if (strength > 0) stamp(c, d, x, y, color, (uint32_t)strength, 1);
}

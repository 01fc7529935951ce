#include "sprite.h"

#include <stdlib.h>
#include <string.h>

#include "blend.h"
#include "font.h"

int sprite_create(sprite *s, int width, int height) {
    size_t pixels = (size_t)width * (size_t)height;
    s->width = width;
    s->height = height;
    s->color = (uint32_t *)calloc(pixels, sizeof *s->color);
    s->covered = (uint8_t *)calloc(pixels, 1);
    if (s->color != NULL && s->covered != NULL) return 1;
    sprite_destroy(s);
    return 0;
}

void sprite_destroy(sprite *s) {
    free(s->color);
    free(s->covered);
    s->color = NULL;
    s->covered = NULL;
}

static uint8_t byte_of(float value) {
    return (uint8_t)(value <= 0.0f ? 0.0f : value >= 1.0f ? 255.0f : value * 255.0f + 0.5f);
}

void sprite_put(sprite *s, int x, int y, const float rgb[3], float covered) {
    size_t at = (size_t)y * (size_t)s->width + (size_t)x;
    s->color[at] = canvas_color(byte_of(rgb[0]), byte_of(rgb[1]), byte_of(rgb[2]));
    s->covered[at] = byte_of(covered);
}

void sprite_draw(const sprite *s, canvas *c, int x, int y) {
    int left = x - s->width / 2, top = y - s->height / 2;
    int first = left < 0 ? -left : 0, last = left + s->width > c->width ? c->width - left : s->width;
    int row, column;
    for (row = 0; row < s->height; row++) {
        size_t from = (size_t)row * (size_t)s->width;
        uint8_t *line;
        if (top + row < 0 || top + row >= c->height) continue;
        line = c->pixels + (size_t)(top + row) * c->stride;
        for (column = first; column < last; column++) {
            uint32_t color = s->color[from + (size_t)column], covered = s->covered[from + (size_t)column];
            uint32_t *to = (uint32_t *)(void *)line + (left + column);
            *to = blend_added(blend_scaled(*to, 256 - covered - (covered >> 7)), color);
        }
    }
}

/* The mean over 2 * reach + 1 places that are `step` apart. */
static void blur_line(float *line, float *spare, int count, int step, int reach) {
    float sum = 0.0f;
    int i;
    for (i = 0; i < count; i++) spare[i] = line[(size_t)i * (size_t)step];
    for (i = -reach; i < count; i++) {
        if (i + reach < count) sum += spare[i + reach];
        if (i - reach - 1 >= 0) sum -= spare[i - reach - 1];
        if (i >= 0) line[(size_t)i * (size_t)step] = sum / (float)(2 * reach + 1);
    }
}

int sprite_title(sprite *s, const char *text, int height, const float left[3], const float right[3]) {
    int margin = height / 2, reach = height / 12 + 1, x, y, again;
    int wide = height * 6 * (int)strlen(text) / 7 + 2 * margin, high = height + 2 * margin;
    size_t pixels = (size_t)wide * (size_t)high;
    float *light = (float *)malloc(pixels * sizeof *light);
    float *spare = (float *)malloc((size_t)(wide > high ? wide : high) * sizeof *spare);
    if (light == NULL || spare == NULL || !sprite_create(s, wide, high)) {
        free(light);
        free(spare);
        return 0;
    }
#define COVER(x, y) font_cover(text, (float)height, (float)((x)-margin) + 0.5f, (float)((y)-margin) + 0.5f)
    for (y = 0; y < high; y++) {
        for (x = 0; x < wide; x++) light[(size_t)y * (size_t)wide + (size_t)x] = COVER(x, y);
    }
    for (again = 0; again < 3; again++) {
        for (y = 0; y < high; y++) blur_line(light + (size_t)y * (size_t)wide, spare, wide, 1, reach);
        for (x = 0; x < wide; x++) blur_line(light + x, spare, high, wide, reach);
    }
    for (y = 0; y < high; y++) {
        for (x = 0; x < wide; x++) {
            float core = COVER(x, y), glow = light[(size_t)y * (size_t)wide + (size_t)x] * (1.0f - core) * 1.3f;
            float along = (float)x / (float)wide, rgb[3];
            int i;
            for (i = 0; i < 3; i++) {
                float tint = left[i] * (1.0f - along) + right[i] * along;
                rgb[i] = core * (0.72f + 0.28f * tint) + glow * tint;
            }
            sprite_put(s, x, y, rgb, core);
        }
    }
#undef COVER
    free(light);
    free(spare);
    return 1;
}

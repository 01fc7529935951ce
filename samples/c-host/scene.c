#include "scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"

#define PERIOD 256 /* pixels after which the background repeats, so that scrolling is one copy of each row */
#define TILE 64
#define DISCS 5
#define POINTERS 8
#define KEYS 8
#define TYPED 32

typedef struct {
    uint32_t viewer; /* 0: free */
    int x, y;
    uint32_t buttons;
} pointer;

struct scene {
    int width, height;
    size_t row_pixels;    /* width + PERIOD */
    uint32_t *background; /* height rows */
    disc discs[DISCS];
    disc cursor, cursor_pressed;
    uint32_t colors[DISCS];
    pointer pointers[POINTERS];
    uint32_t keys[KEYS]; /* keys that are down, 0: free */
    char typed[TYPED + 1];
    size_t typed_len;
};

static uint8_t channel(double value) {
    return (uint8_t)(value < 0.0 ? 0.0 : value > 1.0 ? 255.0 : value * 255.0);
}

static void paint_background(scene *s) {
    const double turn = 6.283185307179586;
    int x, y;
    for (y = 0; y < s->height; y++) {
        uint32_t *row = s->background + (size_t)y * s->row_pixels;
        double down = (double)y / s->height;
        for (x = 0; x < PERIOD; x++) {
            double across = (double)x / PERIOD;
            int tile = (x / TILE + y / TILE) % 2;
            int edge = x % TILE == 0 || y % TILE == 0;
            double wave = 0.5 + 0.5 * sin(turn * (across + 0.7 * down));
            double shade = (tile ? 1.0 : 0.86) * (edge ? 1.25 : 1.0);
            row[x] = canvas_color(channel(shade * (0.10 + 0.16 * wave + 0.10 * down)),
                                  channel(shade * (0.14 + 0.10 * wave + 0.22 * (1.0 - down))),
                                  channel(shade * (0.30 + 0.22 * wave + 0.12 * down)));
        }
        for (x = PERIOD; (size_t)x < s->row_pixels; x++) row[x] = row[x - PERIOD];
    }
}

scene *scene_create(uint32_t width, uint32_t height) {
    static const uint8_t COLORS[DISCS][3] = {
        {255, 179, 71}, {119, 221, 170}, {130, 170, 255}, {255, 120, 150}, {240, 230, 140},
    };
    scene *s = (scene *)calloc(1, sizeof *s);
    int i, good;
    if (s == NULL) return NULL;
    s->width = (int)width;
    s->height = (int)height;
    s->row_pixels = (size_t)width + PERIOD;
    s->background = (uint32_t *)malloc(s->row_pixels * height * sizeof *s->background);
    good = s->background != NULL && disc_create(&s->cursor, 10) && disc_create(&s->cursor_pressed, 18);
    for (i = 0; i < DISCS && good; i++) {
        int radius = s->height / 10 + i * s->height / 60;
        good = disc_create(&s->discs[i], radius < 90 ? radius : 90);
        s->colors[i] = canvas_color(COLORS[i][0], COLORS[i][1], COLORS[i][2]);
    }
    if (!good) {
        scene_destroy(s);
        return NULL;
    }
    paint_background(s);
    return s;
}

void scene_destroy(scene *s) {
    int i;
    if (s == NULL) return;
    for (i = 0; i < DISCS; i++) disc_destroy(&s->discs[i]);
    disc_destroy(&s->cursor);
    disc_destroy(&s->cursor_pressed);
    free(s->background);
    free(s);
}

/* Viewers send what they like: anything outside the picture, NaN included, becomes a place in it. */
static int inside(float value, int limit) {
    return value >= 0.0f && value < (float)limit ? (int)value : value >= (float)limit ? limit - 1 : 0;
}

void scene_point(scene *s, uint32_t viewer, float x, float y, uint32_t buttons) {
    pointer *found = NULL;
    int i;
    for (i = 0; i < POINTERS; i++) {
        if (s->pointers[i].viewer == viewer) {
            found = &s->pointers[i];
            break;
        }
        if (s->pointers[i].viewer == 0 && found == NULL) found = &s->pointers[i];
    }
    if (found == NULL) return;
    found->viewer = viewer;
    found->x = inside(x, s->width);
    found->y = inside(y, s->height);
    found->buttons = buttons;
}

void scene_leave(scene *s, uint32_t viewer) {
    int i;
    for (i = 0; i < POINTERS; i++) {
        if (s->pointers[i].viewer == viewer) s->pointers[i].viewer = 0;
    }
}

void scene_key(scene *s, uint32_t key, int down) {
    int i, place = -1;
    for (i = 0; i < KEYS; i++) {
        if (s->keys[i] == key) s->keys[i] = 0;
        if (s->keys[i] == 0 && place < 0) place = i;
    }
    if (down && place >= 0) s->keys[place] = key;
}

void scene_type(scene *s, uint32_t character) {
    if (s->typed_len == TYPED) memmove(s->typed, s->typed + 1, --s->typed_len);
    s->typed[s->typed_len++] = character >= 32 && character < 127 ? (char)character : '?';
    s->typed[s->typed_len] = '\0';
}

static void draw_viewers(scene *s, canvas *c) {
    const uint32_t white = canvas_color(255, 255, 255);
    char text[16];
    int i, x = 24;
    for (i = 0; i < POINTERS; i++) {
        const pointer *p = &s->pointers[i];
        uint32_t color = s->colors[p->viewer % DISCS];
        if (p->viewer == 0) continue;
        canvas_disc(c, p->buttons != 0 ? &s->cursor_pressed : &s->cursor, p->x, p->y, color);
        canvas_rectangle(c, p->x - 1, p->y - 8, 3, 17, white);
        canvas_rectangle(c, p->x - 8, p->y - 1, 17, 3, white);
        snprintf(text, sizeof text, "%u", (unsigned)p->viewer);
        canvas_text(c, p->x + 12, p->y + 8, 2, text, color);
    }
    for (i = 0; i < KEYS; i++) {
        if (s->keys[i] == 0) continue;
        snprintf(text, sizeof text, "KEY %u", (unsigned)s->keys[i]);
        canvas_text(c, x, s->height - 96, 3, text, s->colors[i % DISCS]);
        x += (int)strlen(text) * 18 + 24;
    }
    canvas_text(c, 24, s->height - 64, 3, s->typed, white);
}

static void draw_patches(scene *s, canvas *c) {
    int x = s->width - 4 * SCENE_PATCH, y = s->height - SCENE_PATCH;
    canvas_rectangle(c, x, y, SCENE_PATCH, SCENE_PATCH, canvas_color(255, 0, 0));
    canvas_rectangle(c, x + SCENE_PATCH, y, SCENE_PATCH, SCENE_PATCH, canvas_color(0, 255, 0));
    canvas_rectangle(c, x + 2 * SCENE_PATCH, y, SCENE_PATCH, SCENE_PATCH, canvas_color(0, 0, 255));
    canvas_rectangle(c, x + 3 * SCENE_PATCH, y, SCENE_PATCH, SCENE_PATCH, canvas_color(255, 255, 255));
}

void scene_draw(scene *s, uint8_t *pixels, size_t stride, uint64_t frame, double seconds) {
    const uint32_t white = canvas_color(255, 255, 255);
    canvas c;
    char text[64];
    int i, row;
    size_t shift = (size_t)(frame % PERIOD);
    unsigned long whole = (unsigned long)seconds;

    c.pixels = pixels;
    c.stride = stride;
    c.width = s->width;
    c.height = s->height;
    for (row = 0; row < s->height; row++) {
        const uint32_t *from = s->background + (size_t)row * s->row_pixels + shift;
        memcpy(pixels + (size_t)row * stride, from, (size_t)s->width * sizeof *from);
    }
    for (i = 0; i < DISCS; i++) {
        double x = 0.5 + 0.42 * sin(seconds * (0.53 + 0.11 * i) + 1.7 * i);
        double y = 0.5 + 0.36 * sin(seconds * (0.71 - 0.07 * i) + 2.3 * i);
        canvas_disc(&c, &s->discs[i], (int)(x * s->width), (int)(y * s->height), s->colors[i]);
    }
    canvas_text(&c, 24, 28, 4, "RENDERCAST", white);
    snprintf(text, sizeof text, "%02lu:%02lu:%02lu.%03u  FRAME %llu", whole / 3600, whole / 60 % 60, whole % 60,
             (unsigned)((seconds - (double)whole) * 1000.0), (unsigned long long)frame);
    canvas_text(&c, 24, 68, 2, text, canvas_color(190, 205, 225));
    draw_viewers(s, &c);
    draw_patches(s, &c);
}

void scene_stamp(const scene *s, uint8_t *pixels, size_t stride, uint64_t unix_microseconds) {
    scene_stamp_on((uint32_t)s->width, (uint32_t)s->height, pixels, stride, unix_microseconds);
}

void scene_stamp_on(uint32_t width, uint32_t height, uint8_t *pixels, size_t stride, uint64_t unix_microseconds) {
    const uint32_t colors[2] = {canvas_color(0, 0, 0), canvas_color(255, 255, 255)};
    canvas c;
    int block;
    c.pixels = pixels;
    c.stride = stride;
    c.width = (int)width;
    c.height = (int)height;
    for (block = 0; block < SCENE_STAMP_MARKERS + SCENE_STAMP_BITS; block++) {
        int bit = SCENE_STAMP_MARKERS + SCENE_STAMP_BITS - 1 - block;
        int white = block < SCENE_STAMP_MARKERS ? block % 2 == 0 : (int)((unix_microseconds >> bit) & 1);
        canvas_rectangle(&c, block * SCENE_STAMP_BLOCK, 0, SCENE_STAMP_BLOCK, SCENE_STAMP_BLOCK, colors[white]);
    }
}

#include "backdrop.h"

#include <math.h>

#include "rink.h"

#define GRID 40.0f
#define CREASE 156.0f /* radius of the line around a goal */

const float BACKDROP_COLORS[2][3] = {{0.16f, 0.85f, 1.00f}, {1.00f, 0.30f, 0.58f}};

uint32_t backdrop_side_color(int side) {
    const float *rgb = BACKDROP_COLORS[side];
    return canvas_color((uint8_t)(255.0f * rgb[0]), (uint8_t)(255.0f * rgb[1]), (uint8_t)(255.0f * rgb[2]));
}

static float bounded(float value) {
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
}

/* A line of this half width at this distance, with an edge one pixel soft; `pixel` in units. */
static float line(float distance, float half, float pixel) {
    return bounded((half - (float)fabs(distance)) / pixel + 0.5f);
}

static float filled(float distance, float pixel) {
    return bounded(0.5f - distance / pixel);
}

static float glow(float distance, float reach) {
    float far = (float)fabs(distance);
    return far > 6.0f * reach ? 0.0f : (float)exp(-far / reach);
}

/* From the edge of a box with round corners: negative inside. */
static float to_box(float x, float y, float half_width, float half_height, float corner) {
    float across = (float)fabs(x) - half_width + corner, down = (float)fabs(y) - half_height + corner;
    float inner = across > down ? across : down;
    float out_x = across > 0.0f ? across : 0.0f, out_y = down > 0.0f ? down : 0.0f;
    return (inner < 0.0f ? inner : 0.0f) + (float)sqrt(out_x * out_x + out_y * out_y) - corner;
}

static void add(float to[3], const float color[3], float strength) {
    int i;
    for (i = 0; i < 3; i++) to[i] += color[i] * strength;
}

/* The two sides' colours run into each other around the middle. */
static void side_color(float x, float out[3]) {
    float along = bounded((x - RINK_MIDDLE_X) / 520.0f + 0.5f);
    int i;
    along = along * along * (3.0f - 2.0f * along);
    for (i = 0; i < 3; i++) out[i] = BACKDROP_COLORS[0][i] * (1.0f - along) + BACKDROP_COLORS[1][i] * along;
}

static void paint_goal(float to[3], float x, float y, int side, float pixel) {
    const float *color = BACKDROP_COLORS[side];
    float inside = side == 0 ? x - RINK_LEFT : RINK_RIGHT - x;
    float down = y - RINK_MIDDLE_Y;
    float pocket = to_box(inside + RINK_POCKET / 2.0f, down, RINK_POCKET / 2.0f, RINK_GOAL, 14.0f);
    float around = (float)sqrt(inside * inside + down * down) - CREASE;
    if (inside < 0.0f) {
        float net = line((float)fmod(x + 4.0f * GRID, 12.0f) - 6.0f, 0.6f, pixel) +
                    line((float)fmod(y, 12.0f) - 6.0f, 0.6f, pixel);
        add(to, color, filled(pocket, pixel) * (0.10f + 0.10f * bounded(net)));
        add(to, color, line(pocket, 1.5f, pixel) * 0.55f + glow(pocket, 6.0f) * 0.16f);
    } else {
        add(to, color, filled(around, pixel) * 0.028f + line(around, 1.2f, pixel) * 0.30f);
    }
    if (fabs(down) < RINK_GOAL) add(to, color, line(inside, 1.2f, pixel) * ((int)(y / 8.0f) % 2 == 0 ? 0.7f : 0.0f));
}

static void paint_ice(float to[3], const float color[3], float x, float y, float pixel) {
    static const float WHITE[3] = {0.80f, 0.86f, 1.0f};
    float across = x - RINK_MIDDLE_X, down = y - RINK_MIDDLE_Y;
    float far = (float)sqrt(across * across + down * down);
    float lattice = line((float)fmod(x + GRID / 2, GRID) - GRID / 2, 0.5f, pixel) +
                    line((float)fmod(y - RINK_MIDDLE_Y + 20.0f * GRID + GRID / 2, GRID) - GRID / 2, 0.5f, pixel);
    float shine = 1.0f - bounded(far / 760.0f);
    add(to, WHITE, 0.018f + 0.030f * shine);
    add(to, color, 0.030f + 0.045f * bounded(lattice));
    add(to, WHITE, line(across, 1.4f, pixel) * 0.34f + glow(across, 12.0f) * 0.07f);
    add(to, WHITE, line(far - 92.0f, 1.4f, pixel) * 0.34f + glow(far - 92.0f, 9.0f) * 0.07f);
    add(to, WHITE, filled(far - 8.0f, pixel) * 0.5f);
}

static uint32_t pixel_at(float x, float y, float pixel) {
    static const float WHITE[3] = {1.0f, 1.0f, 1.0f};
    const float half_width = (RINK_RIGHT - RINK_LEFT) / 2.0f, half_height = (RINK_BOTTOM - RINK_TOP) / 2.0f;
    float edge = to_box(x - RINK_MIDDLE_X, y - RINK_MIDDLE_Y, half_width, half_height, RINK_CORNER);
    float rgb[3], color[3], wall = 1.0f, soft = 1.0f;
    int i;
    float dusk = bounded(y / RINK_PICTURE_HEIGHT);
    rgb[0] = 0.022f + 0.014f * dusk;
    rgb[1] = 0.026f + 0.004f * dusk;
    rgb[2] = 0.062f + 0.034f * dusk;
    side_color(x, color);
    if (edge < 0.0f) paint_ice(rgb, color, x, y, pixel);
    /* Between the posts there is no wall. */
    if (fabs(x - RINK_MIDDLE_X) > half_width - CREASE - 4.0f) {
        float beside = (float)fabs(y - RINK_MIDDLE_Y) - RINK_GOAL;
        wall = bounded(beside / 6.0f + 0.5f);
        soft = bounded(beside / 34.0f + 1.0f);
        paint_goal(rgb, x, y, x < RINK_MIDDLE_X ? 0 : 1, pixel);
    }
    add(rgb, color, soft * soft * (glow(edge, 16.0f) * 0.26f + glow(edge, 4.5f) * 0.55f));
    add(rgb, color, wall * line(edge, 2.6f, pixel) * 0.75f);
    add(rgb, WHITE, wall * line(edge, 1.1f, pixel) * 0.55f);
    for (i = 0; i < 3; i++) rgb[i] = 255.0f * bounded(rgb[i]);
    return canvas_color((uint8_t)rgb[0], (uint8_t)rgb[1], (uint8_t)rgb[2]);
}

void backdrop_paint(canvas *c, const backdrop_scale *scale) {
    float pixel = 1000.0f / (float)scale->per_thousand;
    int x, y;
    for (y = 0; y < c->height; y++) {
        uint32_t *row = (uint32_t *)(void *)(c->pixels + (size_t)y * c->stride);
        float down = ((float)(y - scale->top) + 0.5f) * pixel;
        for (x = 0; x < c->width; x++) row[x] = pixel_at(((float)(x - scale->left) + 0.5f) * pixel, down, pixel);
    }
}

/* A square sprite for a round thing of this radius with light around it; `half` becomes half of its side. */
static int round_sprite(sprite *s, const backdrop_scale *scale, int radius, int *half) {
    *half = radius * scale->per_thousand / 1000 * 2 + 4;
    return sprite_create(s, 2 * *half, 2 * *half);
}

/* Light around a round thing ends before its sprite does. */
static float ending(float far, float radius) {
    return bounded((2.0f * radius - far) / (0.4f * radius));
}

int backdrop_mallet(sprite *s, const backdrop_scale *scale, int side) {
    static const float WHITE[3] = {1.0f, 1.0f, 1.0f};
    const float *color = BACKDROP_COLORS[side];
    float pixel = 1000.0f / (float)scale->per_thousand;
    int half, x, y;
    if (!round_sprite(s, scale, RINK_MALLET, &half)) return 0;
    for (y = 0; y < 2 * half; y++) {
        for (x = 0; x < 2 * half; x++) {
            float across = ((float)(x - half) + 0.5f) * pixel, down = ((float)(y - half) + 0.5f) * pixel;
            float far = (float)sqrt(across * across + down * down);
            float covered = filled(far - RINK_MALLET, pixel), knob = filled(far - 15.0f, pixel);
            float above = bounded(0.5f - (across * 0.4f + down) / 60.0f); /* light comes from the top left */
            float rgb[3] = {0.0f, 0.0f, 0.0f};
            add(rgb, color, covered * (0.16f + 0.20f * above) * (1.0f - knob));
            add(rgb, color, line(far - RINK_MALLET + 4.0f, 3.2f, pixel) * (0.55f + 0.35f * above));
            add(rgb, WHITE, line(far - RINK_MALLET + 4.0f, 0.9f, pixel) * 0.5f);
            add(rgb, color, line(far - 24.0f, 1.0f, pixel) * 0.35f);
            add(rgb, color, knob * (0.45f + 0.5f * above));
            add(rgb, WHITE, knob * 0.30f * above);
            add(rgb, color, (1.0f - covered) * glow(far - RINK_MALLET, 9.0f) * 0.42f * ending(far, RINK_MALLET));
            sprite_put(s, x, y, rgb, covered);
        }
    }
    return 1;
}

int backdrop_puck(sprite *s, const backdrop_scale *scale) {
    static const float BODY[3] = {1.0f, 0.97f, 0.86f}, LIGHT[3] = {1.0f, 0.88f, 0.55f};
    float pixel = 1000.0f / (float)scale->per_thousand;
    int half, x, y;
    if (!round_sprite(s, scale, RINK_PUCK, &half)) return 0;
    for (y = 0; y < 2 * half; y++) {
        for (x = 0; x < 2 * half; x++) {
            float across = ((float)(x - half) + 0.5f) * pixel, down = ((float)(y - half) + 0.5f) * pixel;
            float far = (float)sqrt(across * across + down * down);
            float covered = filled(far - RINK_PUCK, pixel), ring = line(far - 15.0f, 1.4f, pixel);
            float rgb[3] = {0.0f, 0.0f, 0.0f};
            add(rgb, BODY, covered * (1.0f - 0.30f * ring - 0.12f * filled(far - 14.0f, pixel)));
            add(rgb, LIGHT, (1.0f - covered) * glow(far - RINK_PUCK, 7.0f) * 0.55f * ending(far, RINK_PUCK));
            sprite_put(s, x, y, rgb, covered);
        }
    }
    return 1;
}

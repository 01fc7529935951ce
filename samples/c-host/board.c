#include "board.h"

#include <stdlib.h>
#include <string.h>

#include "backdrop.h"
#include "hud.h"
#include "sparks.h"

#define TRAIL 18
#define TRAIL_STEPS 3 /* between two places of the trail */
/* Seconds for which a goal is lit. */
#define FLASH 0.7f

struct board {
    int width, height;
    backdrop_scale scale;
    uint32_t *backgrounds[2]; /* while somebody plays, and with the title, while nobody does */
    sprite mallets[2], puck;
    disc trail[TRAIL], aura, flash;
    sparks fire;
    hud words;
    rink_point been[TRAIL]; /* where the puck was, the newest first */
    int known;              /* of them */
    uint64_t steps;         /* of the game, when it was last looked at */
    uint64_t marked;        /* when the trail was last added to */
    float lit[2];           /* seconds left, of each goal */
};

static int pixels_of(const board *b, int units) {
    return units * b->scale.per_thousand / 1000;
}

static int column_of(const board *b, int32_t x) {
    return b->scale.left + (int)((int64_t)x * b->scale.per_thousand / 1000 / RINK_ONE);
}

static int row_of(const board *b, int32_t y) {
    return b->scale.top + (int)((int64_t)y * b->scale.per_thousand / 1000 / RINK_ONE);
}

static int at_least_one(int value) {
    return value < 1 ? 1 : value;
}

board *board_create(int width, int height) {
    board *b = (board *)calloc(1, sizeof *b);
    size_t bytes = (size_t)width * (size_t)height * sizeof(uint32_t);
    canvas background;
    int good, i;
    if (b == NULL) return NULL;
    b->width = width;
    b->height = height;
    seats_scale(width, height, &b->scale.per_thousand, &b->scale.left, &b->scale.top);
    for (i = 0; i < 2; i++) b->backgrounds[i] = (uint32_t *)malloc(bytes);
    good = b->backgrounds[0] != NULL && b->backgrounds[1] != NULL;
    for (i = 0; i < 2 && good; i++) good = backdrop_mallet(&b->mallets[i], &b->scale, i);
    good = good && backdrop_puck(&b->puck, &b->scale);
    for (i = 0; i < TRAIL && good; i++) {
        good = disc_create_light(&b->trail[i], at_least_one(pixels_of(b, RINK_PUCK) * (TRAIL - i) / TRAIL));
    }
    good = good && disc_create_light(&b->aura, at_least_one(pixels_of(b, 96)));
    good = good && disc_create_light(&b->flash, at_least_one(pixels_of(b, 190)));
    good = good && sparks_create(&b->fire, pixels_of(b, 5));
    good = good && hud_create(&b->words, &b->scale);
    if (!good) {
        board_destroy(b);
        return NULL;
    }
    background.pixels = (uint8_t *)b->backgrounds[0];
    background.stride = (size_t)width * sizeof(uint32_t);
    background.width = width;
    background.height = height;
    backdrop_paint(&background, &b->scale);
    memcpy(b->backgrounds[1], b->backgrounds[0], bytes);
    background.pixels = (uint8_t *)b->backgrounds[1];
    hud_paint_title(&b->words, &background);
    return b;
}

void board_destroy(board *b) {
    int i;
    if (b == NULL) return;
    for (i = 0; i < TRAIL; i++) disc_destroy(&b->trail[i]);
    for (i = 0; i < 2; i++) sprite_destroy(&b->mallets[i]);
    sprite_destroy(&b->puck);
    disc_destroy(&b->aura);
    disc_destroy(&b->flash);
    sparks_destroy(&b->fire);
    hud_destroy(&b->words);
    for (i = 0; i < 2; i++) free(b->backgrounds[i]);
    free(b);
}

static void burst(board *b, const game_event *event, int count, int speed, float life, uint32_t color) {
    float x = (float)column_of(b, event->at.x), y = (float)row_of(b, event->at.y);
    sparks_burst(&b->fire, x, y, count, (float)pixels_of(b, speed), life, color);
}

static void see_event(board *b, const game_event *event) {
    uint32_t color = backdrop_side_color(event->side == 0 ? 0 : 1);
    /* Of a puck as fast as it can be: 8. */
    int hard = (int)((int64_t)event->force * 8 / (RINK_FASTEST_PUCK * RINK_ONE));
    switch (event->kind) {
    case GAME_HIT_WALL:
        burst(b, event, 1 + (hard > 8 ? 8 : hard), 260, 0.35f, color);
        break;
    case GAME_HIT_MALLET:
        burst(b, event, 3 + (hard > 12 ? 12 : hard), 420, 0.45f, color);
        break;
    case GAME_GOAL:
        /* The goal is the other side's. */
        b->lit[1 - event->side] = FLASH;
        burst(b, event, 50, 900, 1.1f, color);
        burst(b, event, 20, 520, 0.9f, canvas_color(255, 240, 200));
        break;
    default:
        break;
    }
}

void board_see(board *b, const game *g) {
    float seconds = (float)(g->steps - b->steps) / RINK_RATE;
    int i;
    b->steps = g->steps;
    for (i = 0; i < 2; i++) b->lit[i] = b->lit[i] > seconds ? b->lit[i] - seconds : 0.0f;
    sparks_move(&b->fire, seconds);
    for (i = 0; i < g->count; i++) see_event(b, &g->happened[i]);
    /* A puck that was put somewhere leaves no trail on its way. */
    if (g->table.puck_out || g->phase != GAME_PLAYING) {
        b->known = 0;
    } else if (g->steps - b->marked >= TRAIL_STEPS) {
        memmove(b->been + 1, b->been, sizeof b->been - sizeof b->been[0]);
        b->been[0] = g->table.puck.at;
        b->marked = g->steps;
        if (b->known < TRAIL) b->known++;
    }
}

static void draw_light(const board *b, canvas *c, const game *g) {
    int side, i;
    for (side = 0; side < 2; side++) {
        const rink_body *mallet = &g->table.mallets[side];
        int32_t line = (side == 0 ? RINK_LEFT : RINK_RIGHT) * RINK_ONE;
        uint32_t color = backdrop_side_color(side);
        canvas_light(c, &b->aura, column_of(b, mallet->at.x), row_of(b, mallet->at.y), color, g->person[side] ? 70 : 44);
        if (b->lit[side] > 0.0f) {
            int strength = (int)(230.0f * b->lit[side] / FLASH);
            canvas_light(c, &b->flash, column_of(b, line), row_of(b, RINK_MIDDLE_Y * RINK_ONE), backdrop_side_color(1 - side), strength);
        }
    }
    for (i = b->known - 1; i > 0; i--) {
        uint32_t color = canvas_color(255, 196, 96);
        canvas_light(c, &b->trail[i], column_of(b, b->been[i].x), row_of(b, b->been[i].y), color, 90 * (TRAIL - i) / TRAIL);
    }
}

/* Where a side's person points to, as far as the mallet is not there. */
static void draw_aims(const board *b, canvas *c, const game *g) {
    int side;
    for (side = 0; side < 2; side++) {
        const game_control *control = &g->control[side];
        int arm = at_least_one(pixels_of(b, 9)), thin = at_least_one(pixels_of(b, 2)), x, y;
        if (!g->person[side] || !control->pointing) continue;
        x = column_of(b, control->place.x);
        y = row_of(b, control->place.y);
        canvas_rectangle(c, x - arm, y - thin / 2, 2 * arm, thin, backdrop_side_color(side));
        canvas_rectangle(c, x - thin / 2, y - arm, thin, 2 * arm, backdrop_side_color(side));
    }
}

void board_draw(board *b, const game *g, const seats *s, int viewers, uint8_t *pixels, size_t stride) {
    const uint32_t *background = b->backgrounds[game_idle(g) ? 1 : 0];
    canvas c;
    int row, side;
    c.pixels = pixels;
    c.stride = stride;
    c.width = b->width;
    c.height = b->height;
    for (row = 0; row < b->height; row++) {
        const uint32_t *from = background + (size_t)row * (size_t)b->width;
        memcpy(pixels + (size_t)row * stride, from, (size_t)b->width * sizeof *from);
    }
    draw_light(b, &c, g);
    for (side = 0; side < 2; side++) {
        const rink_body *mallet = &g->table.mallets[side];
        sprite_draw(&b->mallets[side], &c, column_of(b, mallet->at.x), row_of(b, mallet->at.y));
    }
    if (!g->table.puck_out) sprite_draw(&b->puck, &c, column_of(b, g->table.puck.at.x), row_of(b, g->table.puck.at.y));
    sparks_draw(&b->fire, &c);
    draw_aims(b, &c, g);
    hud_draw(&b->words, &c, g, s, viewers);
}

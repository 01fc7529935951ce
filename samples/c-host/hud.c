#include "hud.h"

#include <stdio.h>
#include <string.h>

#define TITLE "NEON HOCKEY"
#define SHARE "TWO BROWSERS, TWO PLAYERS: SHARE THE LINK"

int hud_create(hud *h, const backdrop_scale *scale) {
    /* Letters of fewer than 7 pixels cannot be read. */
    static const int SIZES[4] = {13, 20, 58, 104};
    font *fonts[4];
    int i, heights[4], good = 1;
    memset(h, 0, sizeof *h);
    h->scale = *scale;
    fonts[0] = &h->small;
    fonts[1] = &h->middle;
    fonts[2] = &h->large;
    fonts[3] = &h->huge;
    for (i = 0; i < 4 && good; i++) {
        heights[i] = SIZES[i] * scale->per_thousand / 1000;
        good = font_create(fonts[i], heights[i] < 7 ? 7 : heights[i]);
    }
    return good && disc_create(&h->pointer, 2 + 8 * scale->per_thousand / 1000) &&
           sprite_title(&h->title, TITLE, h->large.height * 5 / 4, BACKDROP_COLORS[0], BACKDROP_COLORS[1]);
}

void hud_destroy(hud *h) {
    font_destroy(&h->small);
    font_destroy(&h->middle);
    font_destroy(&h->large);
    font_destroy(&h->huge);
    sprite_destroy(&h->title);
    disc_destroy(&h->pointer);
}

static int size(const hud *h, int units) {
    return units * h->scale.per_thousand / 1000;
}

static int x_of(const hud *h, int units) {
    return h->scale.left + size(h, units);
}

static int y_of(const hud *h, int units) {
    return h->scale.top + size(h, units);
}

static uint32_t grey(void) {
    return canvas_color(150, 164, 196);
}

static uint32_t white(void) {
    return canvas_color(236, 242, 255);
}

/* At its side's edge. */
static void write_at(const hud *h, canvas *c, const font *f, int side, int y, const char *text, uint32_t color) {
    if (side == 0) font_draw(f, c, x_of(h, RINK_LEFT), y_of(h, y), text, color);
    else font_end(f, c, x_of(h, RINK_RIGHT), y_of(h, y), text, color);
}

static void write_middle(const hud *h, canvas *c, const font *f, int y, const char *text, uint32_t color) {
    font_center(f, c, x_of(h, RINK_MIDDLE_X), y_of(h, y), text, color);
}

/* Where the picture is so small that it would run into its neighbours, it is left out. */
static void write_hint(const hud *h, canvas *c, int y, const char *text, uint32_t color) {
    if (font_width(&h->small, text) <= size(h, 900)) write_middle(h, c, &h->small, y, text, color);
}

/* On for two thirds of each second. */
static int blinks(const game *g) {
    return g->steps % RINK_RATE < RINK_RATE * 2 / 3;
}

static void draw_seat(const hud *h, canvas *c, const game *g, const seats *s, int side) {
    char text[48];
    write_at(h, c, &h->middle, side, 44, side == 0 ? "PLAYER 1" : "PLAYER 2", backdrop_side_color(side));
    if (g->person[side]) {
        snprintf(text, sizeof text, "VIEWER %u", (unsigned)s->places[side].viewer);
        write_at(h, c, &h->small, side, 74, text, white());
    } else if (game_idle(g) || !blinks(g)) {
        write_at(h, c, &h->small, side, 74, "COMPUTER", grey());
    } else {
        write_at(h, c, &h->small, side, 74, "PRESS A KEY TO PLAY", white());
    }
}

/* The letter, since a large zero with its stroke is hard to read. */
static void write_score(char *text, size_t room, int score) {
    if (score == 0) snprintf(text, room, "O");
    else snprintf(text, room, "%d", score);
}

static void draw_score(const hud *h, canvas *c, const game *g) {
    char text[16];
    int y = y_of(h, 36), gap = size(h, 40);
    write_score(text, sizeof text, g->score[0]);
    font_end(&h->large, c, x_of(h, RINK_MIDDLE_X) - gap, y, text, backdrop_side_color(0));
    write_score(text, sizeof text, g->score[1]);
    font_draw(&h->large, c, x_of(h, RINK_MIDDLE_X) + gap, y, text, backdrop_side_color(1));
    write_middle(h, c, &h->large, 34, ":", grey());
}

static void draw_key(const hud *h, canvas *c, int x, int y, const char *label, int held, uint32_t color) {
    int side = size(h, 25), left = x_of(h, x), top = y_of(h, y), thin = size(h, 2) < 1 ? 1 : size(h, 2);
    canvas_rectangle(c, left, top, side, side, held ? color : canvas_color(48, 56, 88));
    if (!held) canvas_rectangle(c, left + thin, top + thin, side - 2 * thin, side - 2 * thin, canvas_color(18, 22, 44));
    font_center(&h->small, c, left + side / 2, top + (side - h->small.height) / 2, label, held ? canvas_color(8, 10, 24) : grey());
}

/* The keys of the left side are shown as letters, of the right one as arrows; either does for both. */
static void draw_keys(const hud *h, canvas *c, const game *g, const seats *s, int side) {
    static const char *const LABELS[2][4] = {{"W", "A", "S", "D"},
                                             {CANVAS_ARROW_UP, CANVAS_ARROW_LEFT, CANVAS_ARROW_DOWN, CANVAS_ARROW_RIGHT}};
    static const uint32_t DIRECTIONS[4] = {SEAT_UP, SEAT_LEFT, SEAT_DOWN, SEAT_RIGHT};
    const seat *of = &s->places[side];
    uint32_t held = of->held | of->pad_held;
    int left = side == 0 ? RINK_LEFT : RINK_RIGHT - 83, i;
    if (g->person[side]) {
        if (of->across < -300) held |= SEAT_LEFT;
        if (of->across > 300) held |= SEAT_RIGHT;
        if (of->down < -300) held |= SEAT_UP;
        if (of->down > 300) held |= SEAT_DOWN;
    }
    for (i = 0; i < 4; i++) {
        int x = left + (i == 0 ? 29 : 29 * (i - 1)), y = i == 0 ? 644 : 673;
        draw_key(h, c, x, y, LABELS[side][i], (held & DIRECTIONS[i]) != 0, backdrop_side_color(side));
    }
}

static void draw_hints(const hud *h, canvas *c, const game *g, const seats *s, int viewers) {
    int players = (g->person[0] != 0) + (g->person[1] != 0), watching = viewers - players;
    unsigned seconds = (unsigned)(g->steps / RINK_RATE);
    char text[80];
    int side;
    for (side = 0; side < 2; side++) draw_keys(h, c, g, s, side);
    write_hint(h, c, 650, "KEYS, MOUSE, FINGER OR GAMEPAD MOVE YOUR MALLET", white());
    snprintf(text, sizeof text, "FIRST TO %d    %02u:%02u    %d WATCHING%s", GAME_GOALS, seconds / 60 % 100, seconds % 60,
             watching < 0 ? 0 : watching, players > 0 ? "    ESC LEAVES THE GAME" : "");
    write_hint(h, c, 680, text, grey());
}

/* A darker band across the table, to write on. */
static void draw_band(const hud *h, canvas *c, int left, int top, int right, int bottom) {
    canvas_shade(c, x_of(h, left), y_of(h, top), size(h, right - left), size(h, bottom - top), canvas_color(5, 6, 16), 150);
}

void hud_paint_title(const hud *h, canvas *c) {
    draw_band(h, c, 250, 238, 1030, 482);
    sprite_draw(&h->title, c, x_of(h, RINK_MIDDLE_X), y_of(h, 322));
    if (font_width(&h->small, SHARE) <= size(h, 780)) write_middle(h, c, &h->small, 444, SHARE, grey());
}

static void draw_news(const hud *h, canvas *c, const game *g) {
    char text[32];
    if (g->phase == GAME_COUNTING) {
        snprintf(text, sizeof text, "%d", (g->steps_left + RINK_RATE - 1) / RINK_RATE);
        write_middle(h, c, &h->huge, 190, text, white());
    } else if (g->phase == GAME_SCORED) {
        /* Who is served has just lost a goal. */
        write_middle(h, c, &h->huge, 312, "GOAL!", backdrop_side_color(1 - g->serve_to));
    } else if (g->phase == GAME_OVER) {
        int winner = 1 - g->serve_to;
        draw_band(h, c, 310, 284, 970, 444);
        write_middle(h, c, &h->large, 312, winner == 0 ? "PLAYER 1 WINS" : "PLAYER 2 WINS", backdrop_side_color(winner));
        snprintf(text, sizeof text, "NEXT MATCH IN %d", (g->steps_left + RINK_RATE - 1) / RINK_RATE);
        write_middle(h, c, &h->small, 402, text, grey());
    }
}

/* Those who only watch show where they point. */
static void draw_watchers(const hud *h, canvas *c, const seats *s) {
    char text[16];
    int i;
    for (i = 0; i < SEATS_WATCHERS; i++) {
        const watcher *w = &s->watchers[i];
        int x = x_of(h, 0) + (int)((int64_t)w->at.x * h->scale.per_thousand / 1000 / RINK_ONE);
        int y = y_of(h, 0) + (int)((int64_t)w->at.y * h->scale.per_thousand / 1000 / RINK_ONE);
        if (w->viewer == 0) continue;
        canvas_disc(c, &h->pointer, x, y, white());
        snprintf(text, sizeof text, "%u", (unsigned)w->viewer);
        font_draw(&h->small, c, x + h->pointer.radius, y + h->pointer.radius, text, grey());
    }
}

void hud_draw(const hud *h, canvas *c, const game *g, const seats *s, int viewers) {
    int side;
    if (h->small.height <= size(h, 16)) write_middle(h, c, &h->small, 18, "RENDERCAST", grey());
    for (side = 0; side < 2; side++) draw_seat(h, c, g, s, side);
    draw_score(h, c, g);
    draw_hints(h, c, g, s, viewers);
    if (!game_idle(g)) draw_news(h, c, g);
    else if (blinks(g)) write_middle(h, c, &h->middle, 398, "PRESS A KEY, CLICK OR TOUCH", white());
    draw_watchers(h, c, s);
}

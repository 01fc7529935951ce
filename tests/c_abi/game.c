/*
 * The game of samples/c-host by itself: rules, seats, and that drawing it stays in the picture. Prints what does not hold
 * and ends with 1 then. With the name of a folder it also writes pictures of several moments there, to look at.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "canvas.h"
#include "game.h"
#include "seats.h"
#include "sprite.h"

static int failures = 0;

#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static void check(int holds, const char *what, int line) {
    if (holds) return;
    fprintf(stderr, "line %d: %s\n", line, what);
    failures++;
}

#define SECOND RINK_RATE
#define WIDTH 1280
#define HEIGHT 720

/* What a stage does, without sound and picture. */
typedef struct {
    game match;
    seats places;
} play;

static void begin(play *p) {
    game_start(&p->match, 7);
    seats_create(&p->places, WIDTH, HEIGHT);
}

static void seat_persons(play *p) {
    int side;
    for (side = 0; side < 2; side++) {
        game_seat(&p->match, side, p->places.places[side].viewer != 0);
        p->match.control[side] = p->places.places[side].control;
    }
}

static void give(play *p, const rendercast_input *input, uint64_t now) {
    seats_input(&p->places, input, now);
    seat_persons(p);
}

static rendercast_input input_of(uint32_t kind, uint32_t viewer) {
    rendercast_input input;
    memset(&input, 0, sizeof input);
    input.size = (uint32_t)sizeof input;
    input.kind = kind;
    input.viewer = viewer;
    return input;
}

static void press(play *p, uint32_t viewer, uint32_t key, uint32_t down) {
    rendercast_input input = input_of(RENDERCAST_INPUT_KEY, viewer);
    input.key = key;
    input.down = down;
    give(p, &input, 0);
}

static void point(play *p, uint32_t viewer, float x, float y, uint32_t buttons) {
    rendercast_input input = input_of(RENDERCAST_INPUT_MOUSE, viewer);
    input.x = x;
    input.y = y;
    input.buttons = buttons;
    give(p, &input, 0);
}

static void touch(play *p, uint32_t viewer, int32_t finger, uint32_t phase, float x, float y) {
    rendercast_input input = input_of(RENDERCAST_INPUT_TOUCH, viewer);
    input.touch_id = finger;
    input.phase = phase;
    input.x = x;
    input.y = y;
    give(p, &input, 0);
}

static void pen(play *p, uint32_t viewer, uint32_t phase, float x, float y) {
    rendercast_input input = input_of(RENDERCAST_INPUT_PEN, viewer);
    input.phase = phase;
    input.x = x;
    input.y = y;
    give(p, &input, 0);
}

static void pad(play *p, uint32_t viewer, uint32_t buttons, float across, float up) {
    rendercast_input input = input_of(RENDERCAST_INPUT_GAMEPAD, viewer);
    input.buttons = buttons;
    input.axes[0] = across;
    input.axes[1] = up;
    give(p, &input, 0);
}

static uint32_t viewer_at(const play *p, int side) {
    return p->places.places[side].viewer;
}

static int unit(int32_t place) {
    return (int)(place / RINK_ONE);
}

/* Everything is where it may be. */
static int in_order(const rink *r) {
    int good = 1, side;
    for (side = 0; side < 2; side++) {
        rink_point at = r->mallets[side].at;
        int own = side == 0 ? unit(at.x) <= RINK_MIDDLE_X - RINK_MALLET : unit(at.x) >= RINK_MIDDLE_X + RINK_MALLET - 1;
        good = good && own && unit(at.x) >= RINK_LEFT + RINK_MALLET - 1 && unit(at.x) <= RINK_RIGHT - RINK_MALLET;
        good = good && unit(at.y) >= RINK_TOP + RINK_MALLET - 1 && unit(at.y) <= RINK_BOTTOM - RINK_MALLET;
    }
    if (!r->puck_out) {
        rink_point at = r->puck.at;
        int down = unit(at.y) - RINK_MIDDLE_Y;
        int mouth = down < RINK_GOAL && down > -RINK_GOAL;
        int edge = mouth ? -RINK_POCKET : RINK_PUCK - 1;
        good = good && unit(at.x) >= RINK_LEFT + edge && unit(at.x) <= RINK_RIGHT - edge;
        good = good && unit(at.y) >= RINK_TOP + RINK_PUCK - 1 && unit(at.y) <= RINK_BOTTOM - RINK_PUCK;
        good = good && rink_length(r->puck.speed.x, r->puck.speed.y) <= RINK_FASTEST_PUCK * RINK_ONE;
    }
    return good;
}

static void lengths(void) {
    CHECK(rink_length(3, 4) == 5);
    CHECK(rink_length(0, 0) == 0);
    CHECK(rink_length(-3000000, 4000000) == 5000000);
    CHECK(rink_length(INT32_MIN, INT32_MIN) == INT32_MAX);
}

/* Bots play whole matches, the same each time, and nothing ever leaves the table but through a goal. */
static void bots(void) {
    static game one, other, early;
    int i, over = 0, good = 1, scored[2] = {0, 0}, happened;
    game_start(&one, 99);
    game_start(&other, 99);
    for (i = 0; i < 900 * SECOND; i++) {
        game_advance(&one, 1);
        for (happened = 0; happened < one.count; happened++) {
            if (one.happened[happened].kind == GAME_GOAL) scored[one.happened[happened].side]++;
            if (one.happened[happened].kind == GAME_WON) over++;
        }
        game_forget(&one);
        good = good && in_order(&one.table);
        if (i + 1 == 120 * SECOND) early = one;
    }
    for (i = 0; i < 120; i++) {
        game_advance(&other, SECOND);
        game_forget(&other);
    }
    CHECK(good);
    CHECK(over >= 2);
    CHECK(scored[0] > 5 && scored[1] > 5);
    CHECK(memcmp(&early.table, &other.table, sizeof early.table) == 0);
    CHECK(early.score[0] == other.score[0] && early.score[1] == other.score[1]);
    CHECK(game_idle(&one));
}

static void taking_seats(void) {
    play p;
    begin(&p);
    point(&p, 5, 900, 300, 0);
    CHECK(game_idle(&p.match)); /* to point is not to play */
    CHECK(p.places.watchers[0].viewer == 5 && unit(p.places.watchers[0].at.x) == 900);
    press(&p, 5, RENDERCAST_KEY_SHIFT_LEFT, 1);
    press(&p, 5, RENDERCAST_KEY_SPACE, 0);
    CHECK(game_idle(&p.match));
    press(&p, 5, RENDERCAST_KEY_SPACE, 1);
    CHECK(viewer_at(&p, 0) == 5 && viewer_at(&p, 1) == 0 && p.match.person[0] && !p.match.person[1]);
    CHECK(p.places.watchers[0].viewer == 0);
    press(&p, 5, RENDERCAST_KEY_ENTER, 1);
    CHECK(viewer_at(&p, 1) == 0); /* one seat for each */
    touch(&p, 6, 3, RENDERCAST_TOUCH_BEGAN, 100, 100);
    CHECK(viewer_at(&p, 1) == 6); /* the touched half is taken */
    point(&p, 7, 1000, 300, 1);
    pad(&p, 7, 1, 0, 0);
    CHECK(viewer_at(&p, 0) == 5 && viewer_at(&p, 1) == 6);
    seats_leave(&p.places, 5);
    press(&p, 6, RENDERCAST_KEY_ESCAPE, 1);
    CHECK(viewer_at(&p, 0) == 0 && viewer_at(&p, 1) == 0 && game_idle(&p.match));
    point(&p, 7, 1000, 300, 1);
    CHECK(viewer_at(&p, 1) == 7);
    pad(&p, 8, 1, 0, 0);
    CHECK(viewer_at(&p, 0) == 8);
}

static void idle_seats(void) {
    play p;
    rendercast_input input = input_of(RENDERCAST_INPUT_KEY, 4);
    begin(&p);
    press(&p, 3, RENDERCAST_KEY_SPACE, 1);
    input.key = RENDERCAST_KEY_SPACE;
    input.down = 1;
    give(&p, &input, SEATS_IDLE_NS);
    seats_expire(&p.places, SEATS_IDLE_NS + 1, 2);
    CHECK(viewer_at(&p, 0) == 3); /* nobody else is there */
    seats_expire(&p.places, SEATS_IDLE_NS, 3);
    CHECK(viewer_at(&p, 0) == 3); /* not yet */
    seats_expire(&p.places, SEATS_IDLE_NS + 1, 3);
    CHECK(viewer_at(&p, 0) == 0 && viewer_at(&p, 1) == 4);
}

/* A square picture shows the table with bars above and below: what is there counts as the table's edge. */
static void places(void) {
    play p;
    begin(&p);
    seats_create(&p.places, 1000, 1000);
    point(&p, 1, 250.0f, 3.0f, 1);
    CHECK(unit(p.match.control[0].place.x) == 320 && p.match.control[0].place.y == 0);
    point(&p, 1, 250.0f, 500.0f, 1);
    CHECK(abs(unit(p.match.control[0].place.y) - 360) <= 1);
    point(&p, 1, 5000.0f, (float)NAN, 1);
    CHECK(unit(p.match.control[0].place.x) == RINK_PICTURE_WIDTH && p.match.control[0].place.y == 0);
}

static void steering(void) {
    play p;
    rink_point before;
    begin(&p);
    press(&p, 1, RENDERCAST_KEY_W, 1);
    before = p.match.table.mallets[0].at;
    game_advance(&p.match, SECOND / 10);
    CHECK(unit(before.y) - unit(p.match.table.mallets[0].at.y) > 50);
    press(&p, 1, RENDERCAST_KEY_W, 0);
    game_advance(&p.match, SECOND);
    before = p.match.table.mallets[0].at;
    game_advance(&p.match, SECOND / 4);
    CHECK(before.x == p.match.table.mallets[0].at.x && before.y == p.match.table.mallets[0].at.y);
    /* Both keys of a pair stand still; arrows are as good as letters. */
    press(&p, 1, RENDERCAST_KEY_ARROW_RIGHT, 1);
    press(&p, 1, RENDERCAST_KEY_A, 1);
    CHECK(p.match.control[0].across == 0);
    press(&p, 1, RENDERCAST_KEY_A, 0);
    CHECK(p.match.control[0].across == 1000);
    press(&p, 1, RENDERCAST_KEY_ARROW_RIGHT, 0);
    /* A mouse that is pushed a little leaves the keys alone; to click, or to move it far, is to point. */
    point(&p, 1, 300, 300, 1);
    press(&p, 1, RENDERCAST_KEY_S, 1);
    point(&p, 1, 305, 300, 0);
    CHECK(!p.match.control[0].pointing && p.match.control[0].down == 1000);
    point(&p, 1, 400, 200, 0);
    CHECK(p.match.control[0].pointing);
    game_advance(&p.match, SECOND / 4);
    CHECK(abs(unit(p.match.table.mallets[0].at.x) - 400) <= 1 && abs(unit(p.match.table.mallets[0].at.y) - 200) <= 1);
    /* Never over the middle. */
    point(&p, 1, 1200, 300, 0);
    game_advance(&p.match, SECOND);
    CHECK(unit(p.match.table.mallets[0].at.x) == RINK_MIDDLE_X - RINK_MALLET);
    /* The other side with a pad: the stick's up is up; small tilts are none; NaN is none. */
    pad(&p, 2, 1, 0, 0);
    pad(&p, 2, 0, 0.0f, 1.0f);
    CHECK(p.match.control[1].down == -1000 && p.match.control[1].across == 0);
    pad(&p, 2, 0, 0.1f, -0.1f);
    CHECK(p.match.control[1].down == 0 && p.match.control[1].across == 0);
    pad(&p, 2, 1u << 15, (float)NAN, (float)NAN);
    CHECK(p.match.control[1].down == 0 && p.match.control[1].across == 1000);
    /* Only the finger that took the mallet moves it. */
    touch(&p, 2, 9, RENDERCAST_TOUCH_BEGAN, 900, 300);
    touch(&p, 2, 4, RENDERCAST_TOUCH_BEGAN, 700, 500);
    CHECK(unit(p.match.control[1].place.x) == 900);
    touch(&p, 2, 9, RENDERCAST_TOUCH_ENDED, 910, 300);
    touch(&p, 2, 4, RENDERCAST_TOUCH_MOVED, 700, 500);
    CHECK(unit(p.match.control[1].place.x) == 910);
}

static void pens(void) {
    play p;
    begin(&p);
    pen(&p, 1, RENDERCAST_TOUCH_HOVERING, 900, 300);
    CHECK(game_idle(&p.match)); /* to point is not to play */
    pen(&p, 1, RENDERCAST_TOUCH_BEGAN, 900, 300);
    CHECK(viewer_at(&p, 1) == 1 && p.match.control[1].pointing && unit(p.match.control[1].place.x) == 900);
    pen(&p, 1, RENDERCAST_TOUCH_MOVED, 950, 300);
    CHECK(unit(p.match.control[1].place.x) == 950);
    pen(&p, 1, RENDERCAST_TOUCH_ENDED, 960, 300);
    pen(&p, 1, RENDERCAST_TOUCH_HOVERING, 970, 310);
    CHECK(unit(p.match.control[1].place.x) == 970 && unit(p.match.control[1].place.y) == 310);
    pen(&p, 1, RENDERCAST_TOUCH_CANCELED, 100, 100);
    CHECK(unit(p.match.control[1].place.x) == 970);
}

/* What has become of the list of a kind. */
static int count_of(const game *g, game_event_kind kind) {
    int i, count = 0;
    for (i = 0; i < g->count; i++) count += g->happened[i].kind == kind;
    return count;
}

/* A puck that runs into the left goal, past a person's mallet that is held in a corner. */
static void score_for_the_right(play *p) {
    p->match.phase = GAME_PLAYING;
    rink_place_puck(&p->match.table, RINK_LEFT + 120, RINK_MIDDLE_Y);
    p->match.table.puck.speed.x = -5 * RINK_ONE;
    game_forget(&p->match);
    game_advance(&p->match, SECOND / 4);
}

static void rules(void) {
    play p;
    int i;
    begin(&p);
    press(&p, 1, RENDERCAST_KEY_SPACE, 1);
    press(&p, 2, RENDERCAST_KEY_SPACE, 1);
    CHECK(p.match.phase == GAME_COUNTING && count_of(&p.match, GAME_JOINED) == 2);
    point(&p, 1, 200, 560, 1);
    game_forget(&p.match);
    game_advance(&p.match, 3 * SECOND);
    CHECK(p.match.phase == GAME_PLAYING && count_of(&p.match, GAME_COUNT) == 3 && count_of(&p.match, GAME_START) == 1);
    score_for_the_right(&p);
    CHECK(p.match.score[0] == 0 && p.match.score[1] == 1 && p.match.phase == GAME_SCORED);
    CHECK(count_of(&p.match, GAME_GOAL) == 1 && p.match.table.puck_out);
    game_advance(&p.match, 3 * SECOND / 2);
    CHECK(p.match.phase == GAME_PLAYING && !p.match.table.puck_out);
    CHECK(unit(p.match.table.puck.at.x) < RINK_MIDDLE_X); /* who lost a goal has the puck */
    for (i = 1; i < GAME_GOALS; i++) score_for_the_right(&p);
    CHECK(p.match.phase == GAME_OVER && p.match.score[1] == GAME_GOALS && count_of(&p.match, GAME_WON) == 1);
    game_advance(&p.match, 6 * SECOND);
    CHECK(p.match.phase == GAME_COUNTING && p.match.score[1] == 0);
    /* Who leaves is replaced, and the score stays; who comes gets a new match. */
    score_for_the_right(&p);
    seats_leave(&p.places, 1);
    seat_persons(&p);
    CHECK(!p.match.person[0] && p.match.score[1] == 1);
    press(&p, 3, RENDERCAST_KEY_SPACE, 1);
    CHECK(p.match.person[0] && p.match.score[1] == 0 && p.match.phase == GAME_COUNTING);
}

static void a_puck_that_lies_still_comes_back(void) {
    play p;
    begin(&p);
    press(&p, 1, RENDERCAST_KEY_SPACE, 1);
    press(&p, 2, RENDERCAST_KEY_SPACE, 1);
    p.match.phase = GAME_PLAYING;
    rink_place_puck(&p.match.table, RINK_LEFT + 40, RINK_TOP + 60);
    game_forget(&p.match);
    game_advance(&p.match, 5 * SECOND);
    CHECK(count_of(&p.match, GAME_RESTED) == 0);
    game_advance(&p.match, 2 * SECOND);
    CHECK(count_of(&p.match, GAME_RESTED) == 1);
    CHECK(abs(unit(p.match.table.puck.at.x) - RINK_MIDDLE_X) == 150);
}

static uint32_t any(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Whatever viewers send: any bits are a float of theirs. */
static void whatever_comes(void) {
    play p;
    uint32_t state = 2463534242u;
    int i, good = 1;
    begin(&p);
    for (i = 0; i < 60000; i++) {
        rendercast_input input = input_of(any(&state) % 9, any(&state) % 5);
        uint32_t bits = any(&state);
        input.key = any(&state) % 112;
        input.down = any(&state) % 3;
        input.repeat = any(&state) % 4 == 0;
        input.buttons = any(&state) & any(&state);
        input.phase = any(&state) % 7;
        input.touch_id = (int32_t)(any(&state) % 3);
        memcpy(&input.x, &bits, sizeof bits);
        bits = any(&state);
        memcpy(&input.axes[any(&state) % 6], &bits, sizeof bits);
        input.y = (float)(any(&state) % 2000) - 500.0f;
        give(&p, &input, (uint64_t)i * 1000000u);
        if (any(&state) % 97 == 0) seats_leave(&p.places, any(&state) % 5);
        seats_expire(&p.places, (uint64_t)i * 1000000u, 5);
        seat_persons(&p);
        game_advance(&p.match, (int)(any(&state) % 4));
        game_forget(&p.match);
        good = good && in_order(&p.match.table) && (viewer_at(&p, 0) == 0 || viewer_at(&p, 0) != viewer_at(&p, 1));
    }
    CHECK(good);
}

static void write_picture(const char *folder, const char *name, const uint8_t *pixels, int width, int height) {
    char path[512];
    FILE *file;
    int i;
    snprintf(path, sizeof path, "%s/%s-%d.ppm", folder, name, width);
    file = fopen(path, "wb");
    if (file == NULL) return;
    fprintf(file, "P6\n%d %d\n255\n", width, height);
    for (i = 0; i < width * height; i++) fwrite(pixels + (size_t)i * 4, 1, 3, file);
    fclose(file);
}

typedef struct {
    board *table;
    uint8_t *pixels;
    int width, height, viewers;
    const char *folder;
} easel;

/* The picture after so many steps, drawn as often as a host draws it. */
static void look(const easel *e, play *p, const char *name, int steps) {
    for (; steps > 0; steps -= RINK_RATE / 60) {
        seat_persons(p);
        game_advance(&p->match, RINK_RATE / 60);
        board_see(e->table, &p->match);
        game_forget(&p->match);
    }
    board_draw(e->table, &p->match, &p->places, e->viewers, e->pixels, (size_t)e->width * 4);
    if (e->folder != NULL) write_picture(e->folder, name, e->pixels, e->width, e->height);
}

/* Whatever reaches over an edge is cut off there: a picture of 8x8 in the middle of one of 24x24. */
static void clipping(void) {
    static uint32_t pixels[24 * 24];
    static const uint8_t covered[20] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                        255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const float white[3] = {1.0f, 1.0f, 1.0f};
    uint32_t color = canvas_color(250, 250, 250);
    canvas c;
    disc light;
    sprite block;
    int x, y, i, outside = 0, inside = 0;
    c.pixels = (uint8_t *)(pixels + 8 * 24 + 8);
    c.stride = 24 * 4;
    c.width = c.height = 8;
    CHECK(disc_create_light(&light, 6) && sprite_create(&block, 6, 6));
    for (i = 0; i < 36; i++) sprite_put(&block, i % 6, i / 6, white, 1.0f);
    for (y = -4; y <= 12; y += 8) {
        for (x = -4; x <= 12; x += 8) {
            canvas_rectangle(&c, x - 3, y - 3, 6, 6, color);
            canvas_shade(&c, x - 3, y - 3, 6, 6, color, 200);
            canvas_disc(&c, &light, x, y, color);
            canvas_light(&c, &light, x, y, color, 256);
            sprite_draw(&block, &c, x, y);
            canvas_cover(&c, x - 5, y, 20, covered, color);
            canvas_text(&c, x - 3, y - 3, 1, "8", color);
        }
    }
    for (i = 0; i < 24 * 24; i++) {
        int within = i % 24 >= 8 && i % 24 < 16 && i / 24 >= 8 && i / 24 < 16;
        if (pixels[i] != 0) *(within ? &inside : &outside) += 1;
    }
    CHECK(outside == 0);
    CHECK(inside > 20);
    disc_destroy(&light);
    sprite_destroy(&block);
}

/* Through all that is ever drawn. */
static void drawing(int width, int height, const char *folder) {
    const size_t bytes = (size_t)width * (size_t)height * 4, guard = 64;
    uint8_t *memory = (uint8_t *)malloc(bytes + 2 * guard);
    play p;
    easel e;
    size_t i;
    int whole = 1, opaque = 1;
    begin(&p);
    seats_create(&p.places, width, height);
    e.table = board_create(width, height);
    CHECK(e.table != NULL && memory != NULL);
    if (e.table == NULL || memory == NULL) return;
    memset(memory, 0xa5, bytes + 2 * guard);
    e.pixels = memory + guard;
    e.width = width;
    e.height = height;
    e.viewers = 0;
    e.folder = folder;
    look(&e, &p, "1-nobody", 5 * SECOND);
    e.viewers = 4;
    point(&p, 12, 0.45f * (float)width, 0.7f * (float)height, 0);
    press(&p, 3, RENDERCAST_KEY_W, 1);
    look(&e, &p, "2-one", 2 * SECOND);
    press(&p, 3, RENDERCAST_KEY_W, 0);
    point(&p, 4, 0.8f * (float)width, 0.3f * (float)height, 1);
    look(&e, &p, "3-two", SECOND);
    press(&p, 3, RENDERCAST_KEY_D, 1);
    look(&e, &p, "4-play", 5 * SECOND / 2);
    press(&p, 3, RENDERCAST_KEY_D, 0);
    point(&p, 3, 0.15f * (float)width, 0.8f * (float)height, 1);
    look(&e, &p, "5-away", SECOND);
    score_for_the_right(&p);
    look(&e, &p, "6-goal", SECOND / 20);
    p.match.score[1] = GAME_GOALS - 1;
    score_for_the_right(&p);
    look(&e, &p, "7-won", SECOND);
    for (i = 0; i < guard; i++) whole = whole && memory[i] == 0xa5 && memory[guard + bytes + i] == 0xa5;
    for (i = 0; i < bytes; i += 4) opaque = opaque && e.pixels[i + 3] == 255;
    CHECK(whole);
    CHECK(opaque);
    board_destroy(e.table);
    free(memory);
}

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : NULL;
    lengths();
    bots();
    taking_seats();
    idle_seats();
    places();
    steering();
    pens();
    rules();
    a_puck_that_lies_still_comes_back();
    whatever_comes();
    clipping();
    drawing(1280, 720, folder);
    drawing(640, 360, folder);
    drawing(160, 96, folder);
    drawing(333, 501, folder);
    drawing(1001, 160, folder);
    if (failures != 0) fprintf(stderr, "%d do not hold\n", failures);
    return failures != 0;
}

#include "seats.h"

#include <string.h>

/* A mouse that moves less, in units, does not take over from keys and sticks. */
#define MOUSE_SLACK 20
#define STICK_SLACK 0.18f
/* W3C's standard mapping. */
#define PAD_UP 12
#define PAD_DOWN 13
#define PAD_LEFT 14
#define PAD_RIGHT 15

void seats_scale(int width, int height, int *per_thousand, int *left, int *top) {
    int across = (int)((int64_t)width * 1000 / RINK_PICTURE_WIDTH);
    int down = (int)((int64_t)height * 1000 / RINK_PICTURE_HEIGHT);
    *per_thousand = across < down ? across : down;
    *left = (width - (int)((int64_t)RINK_PICTURE_WIDTH * *per_thousand / 1000)) / 2;
    *top = (height - (int)((int64_t)RINK_PICTURE_HEIGHT * *per_thousand / 1000)) / 2;
}

void seats_create(seats *s, int width, int height) {
    memset(s, 0, sizeof *s);
    s->width = width;
    s->height = height;
}

static seat *seat_of(seats *s, uint32_t viewer) {
    int side;
    for (side = 0; side < 2; side++) {
        if (s->places[side].viewer == viewer) return &s->places[side];
    }
    return NULL;
}

static watcher *watcher_of(seats *s, uint32_t viewer) {
    int i;
    for (i = 0; i < SEATS_WATCHERS; i++) {
        if (s->watchers[i].viewer == viewer) return &s->watchers[i];
    }
    return NULL;
}

/* Viewers send what they like: anything outside the picture, NaN included, becomes a place at its edge. */
static int32_t place_of(float pixel, int limit, int first, int per_thousand, int most) {
    int whole = pixel >= 0.0f && pixel < (float)limit ? (int)(pixel * 16.0f) : pixel >= (float)limit ? limit * 16 : 0;
    int64_t place = ((int64_t)whole - (int64_t)first * 16) * RINK_ONE / 16 * 1000 / (per_thousand > 0 ? per_thousand : 1);
    int64_t end = (int64_t)most * RINK_ONE;
    return (int32_t)(place < 0 ? 0 : place > end ? end : place);
}

static rink_point place(const seats *s, float x, float y) {
    int per_thousand, left, top;
    rink_point p;
    seats_scale(s->width, s->height, &per_thousand, &left, &top);
    p.x = place_of(x, s->width, left, per_thousand, RINK_PICTURE_WIDTH);
    p.y = place_of(y, s->height, top, per_thousand, RINK_PICTURE_HEIGHT);
    return p;
}

/* NULL when both seats are taken. `side`: the wanted one, -1: any. */
static seat *take(seats *s, uint32_t viewer, int side) {
    watcher *before;
    seat *found;
    if (side < 0 || s->places[side].viewer != 0) side = s->places[0].viewer == 0 ? 0 : 1;
    found = &s->places[side];
    if (viewer == 0 || found->viewer != 0) return NULL;
    memset(found, 0, sizeof *found);
    found->viewer = viewer;
    before = watcher_of(s, viewer);
    if (before != NULL) before->viewer = 0;
    return found;
}

static uint32_t direction_of(uint32_t key) {
    switch (key) {
    case RENDERCAST_KEY_W: case RENDERCAST_KEY_ARROW_UP: return SEAT_UP;
    case RENDERCAST_KEY_S: case RENDERCAST_KEY_ARROW_DOWN: return SEAT_DOWN;
    case RENDERCAST_KEY_A: case RENDERCAST_KEY_ARROW_LEFT: return SEAT_LEFT;
    case RENDERCAST_KEY_D: case RENDERCAST_KEY_ARROW_RIGHT: return SEAT_RIGHT;
    default: return 0;
    }
}

static int takes_a_seat(uint32_t key) {
    return (key >= RENDERCAST_KEY_A && key <= RENDERCAST_KEY_Z) || key == RENDERCAST_KEY_SPACE || key == RENDERCAST_KEY_ENTER ||
           direction_of(key) != 0;
}

/* Keys, the pad's cross and its stick together. */
static void steer(seat *of) {
    uint32_t held = of->held | of->pad_held;
    int across = of->across + ((held & SEAT_RIGHT) != 0 ? 1000 : 0) - ((held & SEAT_LEFT) != 0 ? 1000 : 0);
    int down = of->down + ((held & SEAT_DOWN) != 0 ? 1000 : 0) - ((held & SEAT_UP) != 0 ? 1000 : 0);
    if (of->control.pointing) of->rested = of->control.place;
    of->control.pointing = 0;
    of->control.across = across > 1000 ? 1000 : across < -1000 ? -1000 : across;
    of->control.down = down > 1000 ? 1000 : down < -1000 ? -1000 : down;
}

static seat *key(seats *s, seat *of, const rendercast_input *input) {
    uint32_t direction = direction_of(input->key);
    if (input->key == RENDERCAST_KEY_ESCAPE) {
        if (of != NULL && input->down != 0) memset(of, 0, sizeof *of);
        return NULL;
    }
    if (of == NULL && input->down != 0 && input->repeat == 0 && takes_a_seat(input->key)) of = take(s, input->viewer, -1);
    if (of == NULL || direction == 0 || input->repeat != 0) return of;
    of->held = input->down != 0 ? of->held | direction : of->held & ~direction;
    steer(of);
    return of;
}

static void point(seat *of, rink_point at) {
    of->control.pointing = 1;
    of->control.place = at;
}

static int far_from(rink_point a, rink_point b) {
    return rink_length((int64_t)a.x - b.x, (int64_t)a.y - b.y) > MOUSE_SLACK * RINK_ONE;
}

static seat *mouse(seats *s, seat *of, const rendercast_input *input) {
    rink_point at = place(s, input->x, input->y);
    if (of == NULL && input->buttons != 0) {
        of = take(s, input->viewer, at.x < RINK_MIDDLE_X * RINK_ONE ? 0 : 1);
    }
    if (of == NULL) {
        watcher *w = watcher_of(s, input->viewer);
        if (w == NULL) w = watcher_of(s, 0);
        if (w == NULL) return NULL;
        w->viewer = input->viewer;
        w->at = at;
        w->buttons = input->buttons;
        return NULL;
    }
    if (of->control.pointing || input->buttons != 0 || far_from(at, of->rested)) point(of, at);
    return of;
}

static seat *touch(seats *s, seat *of, const rendercast_input *input) {
    rink_point at = place(s, input->x, input->y);
    int begins = input->phase == RENDERCAST_TOUCH_BEGAN;
    if (of == NULL && begins) of = take(s, input->viewer, at.x < RINK_MIDDLE_X * RINK_ONE ? 0 : 1);
    if (of == NULL) return NULL;
    if (begins && !of->has_finger) {
        of->has_finger = 1;
        of->finger = input->touch_id;
    }
    if (!of->has_finger || of->finger != input->touch_id) return of;
    point(of, at);
    of->has_finger = begins || input->phase == RENDERCAST_TOUCH_MOVED || input->phase == RENDERCAST_TOUCH_STATIONARY;
    return of;
}

/* A pen that only hovers points too, once it has a seat. */
static seat *pen(seats *s, seat *of, const rendercast_input *input) {
    rink_point at = place(s, input->x, input->y);
    if (of == NULL && input->phase == RENDERCAST_TOUCH_BEGAN) {
        of = take(s, input->viewer, at.x < RINK_MIDDLE_X * RINK_ONE ? 0 : 1);
    }
    if (of != NULL && input->phase != RENDERCAST_TOUCH_CANCELED) point(of, at);
    return of;
}

/* NaN is no tilt. */
static int tilt(float value) {
    float size = value < 0.0f ? -value : value;
    if (!(size > STICK_SLACK)) return 0;
    if (size > 1.0f) size = 1.0f;
    size = (size - STICK_SLACK) / (1.0f - STICK_SLACK);
    return (int)(value < 0.0f ? -1000.0f * size : 1000.0f * size);
}

static seat *pad(seats *s, seat *of, const rendercast_input *input) {
    int across = tilt(input->axes[0]), down = -tilt(input->axes[1]);
    uint32_t held = 0;
    if (of == NULL && input->buttons != 0) of = take(s, input->viewer, -1);
    if (of == NULL) return NULL;
    of->pad = input->pad_index;
    if (across == 0 && down == 0) {
        across = tilt(input->axes[2]);
        down = -tilt(input->axes[3]);
    }
    if (((input->buttons >> PAD_UP) & 1) != 0) held |= SEAT_UP;
    if (((input->buttons >> PAD_DOWN) & 1) != 0) held |= SEAT_DOWN;
    if (((input->buttons >> PAD_LEFT) & 1) != 0) held |= SEAT_LEFT;
    if (((input->buttons >> PAD_RIGHT) & 1) != 0) held |= SEAT_RIGHT;
    if (across == of->across && down == of->down && held == of->pad_held) return of;
    of->across = across;
    of->down = down;
    of->pad_held = held;
    steer(of);
    return of;
}

void seats_input(seats *s, const rendercast_input *input, uint64_t now_ns) {
    seat *of = input->viewer != 0 ? seat_of(s, input->viewer) : NULL;
    if (input->viewer == 0) return;
    switch (input->kind) {
    case RENDERCAST_INPUT_KEY: of = key(s, of, input); break;
    case RENDERCAST_INPUT_MOUSE: of = mouse(s, of, input); break;
    case RENDERCAST_INPUT_TOUCH: of = touch(s, of, input); break;
    case RENDERCAST_INPUT_PEN: of = pen(s, of, input); break;
    case RENDERCAST_INPUT_GAMEPAD: of = pad(s, of, input); break;
    default: return;
    }
    if (of != NULL) of->seen_ns = now_ns;
}

void seats_leave(seats *s, uint32_t viewer) {
    seat *of = viewer != 0 ? seat_of(s, viewer) : NULL;
    watcher *w = viewer != 0 ? watcher_of(s, viewer) : NULL;
    if (of != NULL) memset(of, 0, sizeof *of);
    if (w != NULL) w->viewer = 0;
}

void seats_expire(seats *s, uint64_t now_ns, int viewers) {
    int taken = (s->places[0].viewer != 0) + (s->places[1].viewer != 0), side;
    if (viewers <= taken) return;
    for (side = 0; side < 2; side++) {
        seat *of = &s->places[side];
        if (of->viewer != 0 && now_ns - of->seen_ns > SEATS_IDLE_NS) memset(of, 0, sizeof *of);
    }
}

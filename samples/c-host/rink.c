#include "rink.h"

#include <string.h>

#define TOUCHING (RINK_PUCK + RINK_MALLET)
/* What is kept of a speed, of 256. */
#define WALL_BOUNCE 236
#define MALLET_BOUNCE 220

typedef struct {
    rink_event *events;
    int count;
} happened;

static int32_t units(int value) {
    return (int32_t)value * RINK_ONE;
}

int32_t rink_length(int64_t x, int64_t y) {
    uint64_t rest = (uint64_t)(x * x) + (uint64_t)(y * y), root = 0, bit = (uint64_t)1 << 62;
    while (bit > rest) bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root > INT32_MAX ? INT32_MAX : (int32_t)root;
}

/* At most `longest`, in the same direction. */
static rink_point shortened(rink_point p, int32_t longest) {
    int32_t length = rink_length(p.x, p.y);
    if (length > longest) {
        p.x = (int32_t)((int64_t)p.x * longest / length);
        p.y = (int32_t)((int64_t)p.y * longest / length);
    }
    return p;
}

/* From one place towards another, one unit long; `fallback` when they are the same. */
static rink_point direction(rink_point from, rink_point to, int fallback) {
    int64_t x = (int64_t)to.x - from.x, y = (int64_t)to.y - from.y;
    int32_t length = rink_length(x, y);
    rink_point d;
    d.x = length == 0 ? units(fallback) : (int32_t)(x * RINK_ONE / length);
    d.y = length == 0 ? 0 : (int32_t)(y * RINK_ONE / length);
    return d;
}

static int32_t distance(rink_point a, rink_point b) {
    return rink_length((int64_t)a.x - b.x, (int64_t)a.y - b.y);
}

static rink_point beside(rink_point from, rink_point towards, int far) {
    rink_point p;
    p.x = from.x + towards.x * far;
    p.y = from.y + towards.y * far;
    return p;
}

static void tell(happened *h, rink_event_kind kind, int side, rink_point at, int32_t force) {
    rink_event *event;
    if (h->count == RINK_EVENTS) return;
    event = &h->events[h->count++];
    event->kind = kind;
    event->side = side;
    event->at = at;
    event->force = force;
}

/* Turns round what moves against `normal`, as seen from something that moves itself. Returns the speed that met, 0: none. */
static int32_t bounce(rink_body *body, rink_point normal, rink_point other, int kept) {
    int64_t against = ((int64_t)(body->speed.x - other.x) * normal.x + (int64_t)(body->speed.y - other.y) * normal.y) / RINK_ONE;
    int64_t push;
    if (against >= 0) return 0;
    push = -against * (256 + kept) / 256;
    body->speed.x += (int32_t)(push * normal.x / RINK_ONE);
    body->speed.y += (int32_t)(push * normal.y / RINK_ONE);
    return (int32_t)-against;
}

/* Puts a round thing back on the table. Returns 1 where it was outside: `normal` then leads back in. */
static int keep_in(rink_point *at, int radius, rink_point *normal) {
    const int32_t left = units(RINK_LEFT + radius), right = units(RINK_RIGHT - radius);
    const int32_t top = units(RINK_TOP + radius), bottom = units(RINK_BOTTOM - radius);
    rink_point corner = *at;
    if (at->x < units(RINK_LEFT + RINK_CORNER)) corner.x = units(RINK_LEFT + RINK_CORNER);
    if (at->x > units(RINK_RIGHT - RINK_CORNER)) corner.x = units(RINK_RIGHT - RINK_CORNER);
    if (at->y < units(RINK_TOP + RINK_CORNER)) corner.y = units(RINK_TOP + RINK_CORNER);
    if (at->y > units(RINK_BOTTOM - RINK_CORNER)) corner.y = units(RINK_BOTTOM - RINK_CORNER);
    if (corner.x != at->x && corner.y != at->y) {
        if (distance(corner, *at) <= units(RINK_CORNER - radius)) return 0;
        *normal = direction(*at, corner, 1);
        *at = beside(corner, *normal, -(RINK_CORNER - radius));
        return 1;
    }
    normal->x = at->x < left ? RINK_ONE : at->x > right ? -RINK_ONE : 0;
    normal->y = at->y < top ? RINK_ONE : at->y > bottom ? -RINK_ONE : 0;
    if (normal->x != 0) {
        at->x = normal->x > 0 ? left : right;
        normal->y = 0; /* the one, then, in the next step, the other */
        return 1;
    }
    if (normal->y != 0) at->y = normal->y > 0 ? top : bottom;
    return normal->y != 0;
}

/* The puck between the posts of a goal: 1 while it is there and walls do not count. */
static int in_mouth(rink *r, happened *h) {
    const rink_point nobody = {0, 0};
    rink_body *puck = &r->puck;
    int32_t down = puck->at.y - units(RINK_MIDDLE_Y);
    int side = puck->at.x < units(RINK_MIDDLE_X) ? 0 : 1;
    int32_t line = units(side == 0 ? RINK_LEFT : RINK_RIGHT);
    int32_t inside = side == 0 ? puck->at.x - line : line - puck->at.x;
    rink_point normal, post;
    if (inside >= units(RINK_PUCK) || down >= units(RINK_GOAL) || down <= -units(RINK_GOAL)) return 0;
    if (inside < -units(RINK_PUCK)) {
        r->puck_out = 1;
        tell(h, RINK_IN_GOAL, side, puck->at, rink_length(puck->speed.x, puck->speed.y));
        return 1;
    }
    if (inside <= 0) {
        int32_t most = units(RINK_GOAL - RINK_PUCK);
        normal.x = 0;
        normal.y = down > most ? -RINK_ONE : down < -most ? RINK_ONE : 0;
        if (normal.y != 0) {
            puck->at.y = units(RINK_MIDDLE_Y) + (normal.y < 0 ? most : -most);
            bounce(puck, normal, nobody, WALL_BOUNCE);
        }
        return 1;
    }
    post.x = line;
    post.y = units(RINK_MIDDLE_Y + (down > 0 ? RINK_GOAL : -RINK_GOAL));
    if (distance(puck->at, post) < units(RINK_PUCK)) {
        int32_t force;
        normal = direction(post, puck->at, side == 0 ? 1 : -1);
        puck->at = beside(post, normal, RINK_PUCK);
        force = bounce(puck, normal, nobody, WALL_BOUNCE);
        if (force > 0) tell(h, RINK_HIT_WALL, side, post, force);
    }
    return 1;
}

static void keep_puck_in(rink *r, happened *h) {
    const rink_point nobody = {0, 0};
    rink_point normal;
    int tries;
    if (r->puck_out || in_mouth(r, h)) return;
    /* Twice: where two walls meet. */
    for (tries = 0; tries < 2 && keep_in(&r->puck.at, RINK_PUCK, &normal); tries++) {
        int32_t force = bounce(&r->puck, normal, nobody, WALL_BOUNCE);
        int side = r->puck.at.x < units(RINK_MIDDLE_X) ? 0 : 1;
        if (force > 0) tell(h, RINK_HIT_WALL, side, beside(r->puck.at, normal, -RINK_PUCK), force);
    }
}

/* On its own half, and on the table. */
static void keep_mallet_in(rink_body *mallet, int side) {
    const int32_t own = units(RINK_MIDDLE_X + (side == 0 ? -RINK_MALLET : RINK_MALLET));
    rink_point normal;
    int tries;
    if (side == 0 ? mallet->at.x > own : mallet->at.x < own) mallet->at.x = own;
    for (tries = 0; tries < 2 && keep_in(&mallet->at, RINK_MALLET, &normal); tries++) continue;
}

static void strike(rink *r, int side, happened *h) {
    rink_body *mallet = &r->mallets[side];
    rink_point normal;
    int32_t force;
    if (r->puck_out || distance(mallet->at, r->puck.at) >= units(TOUCHING)) return;
    normal = direction(mallet->at, r->puck.at, side == 0 ? 1 : -1);
    force = bounce(&r->puck, normal, mallet->speed, MALLET_BOUNCE);
    if (force > 0) tell(h, RINK_HIT_MALLET, side, beside(mallet->at, normal, RINK_MALLET), force);
    r->puck.at = beside(mallet->at, normal, TOUCHING);
    keep_puck_in(r, h);
    /* A puck that cannot give way, at a wall, stops the mallet. */
    if (!r->puck_out && distance(mallet->at, r->puck.at) < units(TOUCHING)) {
        normal = direction(r->puck.at, mallet->at, side == 0 ? -1 : 1);
        mallet->at = beside(r->puck.at, normal, TOUCHING);
        keep_mallet_in(mallet, side);
    }
}

void rink_reset(rink *r) {
    memset(r, 0, sizeof *r);
    r->mallets[0].at.x = units(RINK_LEFT + 150);
    r->mallets[1].at.x = units(RINK_RIGHT - 150);
    r->mallets[0].at.y = r->mallets[1].at.y = units(RINK_MIDDLE_Y);
    r->puck.at.x = units(RINK_MIDDLE_X);
    r->puck.at.y = units(RINK_MIDDLE_Y);
    r->puck_out = 1;
}

void rink_place_puck(rink *r, int x, int y) {
    memset(&r->puck, 0, sizeof r->puck);
    r->puck.at.x = units(x);
    r->puck.at.y = units(y);
    r->puck_out = 0;
}

int rink_step(rink *r, const rink_point pushes[2], rink_event *events) {
    happened h;
    int side;
    h.events = events;
    h.count = 0;
    for (side = 0; side < 2; side++) {
        rink_body *mallet = &r->mallets[side];
        rink_point before = mallet->at, push = shortened(pushes[side], units(RINK_FASTEST_MALLET));
        mallet->at.x += push.x;
        mallet->at.y += push.y;
        keep_mallet_in(mallet, side);
        mallet->speed.x = mallet->at.x - before.x;
        mallet->speed.y = mallet->at.y - before.y;
    }
    if (!r->puck_out) {
        r->puck.at.x += r->puck.speed.x;
        r->puck.at.y += r->puck.speed.y;
        /* Four fifths of a speed are left after a second. */
        r->puck.speed.x -= r->puck.speed.x / 1024;
        r->puck.speed.y -= r->puck.speed.y / 1024;
        keep_puck_in(r, &h);
    }
    for (side = 0; side < 2; side++) strike(r, side, &h);
    r->puck.speed = shortened(r->puck.speed, units(RINK_FASTEST_PUCK));
    return h.count;
}

#include "game.h"

#include <string.h>

#include "bot.h"

#define SECONDS(n) ((n) * RINK_RATE)
/* A person's mallet with keys or a stick, units a step: 1020 a second. */
#define STEERED (4 * RINK_ONE + RINK_ONE / 4)
/* Slower than this, in RINK_ONE a step, a puck lies still; after so long it is put back. */
#define STILL (RINK_ONE / 6)
#define PATIENCE SECONDS(6)

/* xorshift32 */
static int random_below(game *g, int limit) {
    g->random ^= g->random << 13;
    g->random ^= g->random >> 17;
    g->random ^= g->random << 5;
    return (int)(g->random % (uint32_t)limit);
}

static void tell(game *g, game_event_kind kind, int side, rink_point at, int32_t force) {
    game_event *event;
    if (g->count == GAME_HAPPENED) return;
    event = &g->happened[g->count++];
    event->kind = kind;
    event->side = side;
    event->at = at;
    event->force = force;
}

static rink_point center(void) {
    rink_point p;
    p.x = RINK_MIDDLE_X * RINK_ONE;
    p.y = RINK_MIDDLE_Y * RINK_ONE;
    return p;
}

static void new_match(game *g) {
    g->score[0] = g->score[1] = 0;
    g->phase = GAME_COUNTING;
    g->steps_left = SECONDS(3);
    g->serve_to = random_below(g, 2);
    g->resting = 0;
    rink_place_puck(&g->table, RINK_MIDDLE_X, RINK_MIDDLE_Y);
}

void game_start(game *g, uint32_t seed) {
    memset(g, 0, sizeof *g);
    g->random = seed != 0 ? seed : 1;
    rink_reset(&g->table);
    new_match(g);
}

int game_idle(const game *g) {
    return !g->person[0] && !g->person[1];
}

void game_seat(game *g, int side, int person) {
    if (g->person[side] == person) return;
    g->person[side] = person;
    memset(&g->control[side], 0, sizeof g->control[side]);
    if (!person) return;
    new_match(g);
    tell(g, GAME_JOINED, side, g->table.mallets[side].at, 0);
}

void game_forget(game *g) {
    g->count = 0;
}

/* Up to speed within 50 ms, and at rest in the end. */
static int32_t nearer(int32_t speed, int32_t wanted) {
    int32_t change = (wanted - speed) / 8;
    return change != 0 ? speed + change : wanted;
}

static rink_point steered(const game *g, int side) {
    const game_control *control = &g->control[side];
    const rink_body *mallet = &g->table.mallets[side];
    rink_point push;
    if (control->pointing) {
        /* A third of the way each step: there within 20 ms, and without a jerk. */
        push.x = (control->place.x - mallet->at.x) / 3;
        push.y = (control->place.y - mallet->at.y) / 3;
    } else {
        int32_t length = rink_length(control->across, control->down);
        int32_t whole = length > 1000 ? length : 1000;
        push.x = nearer(mallet->speed.x, (int32_t)((int64_t)STEERED * control->across / whole));
        push.y = nearer(mallet->speed.y, (int32_t)((int64_t)STEERED * control->down / whole));
    }
    return push;
}

static void serve(game *g) {
    int away = g->serve_to == 0 ? -150 : 150;
    rink_place_puck(&g->table, RINK_MIDDLE_X + away, RINK_MIDDLE_Y);
    g->resting = 0;
    g->phase = GAME_PLAYING;
}

static void goal(game *g, const rink_event *event) {
    int scorer = 1 - event->side;
    g->score[scorer]++;
    g->serve_to = event->side;
    tell(g, GAME_GOAL, scorer, event->at, event->force);
    if (g->score[scorer] == GAME_GOALS) {
        g->phase = GAME_OVER;
        g->steps_left = SECONDS(6);
        tell(g, GAME_WON, scorer, event->at, 0);
    } else {
        g->phase = GAME_SCORED;
        g->steps_left = SECONDS(3) / 2;
    }
}

static void pass(game *g) {
    if (g->phase == GAME_COUNTING && g->steps_left % RINK_RATE == 0 && g->steps_left > 0) {
        tell(g, GAME_COUNT, g->steps_left / RINK_RATE, center(), 0);
    }
    if (--g->steps_left > 0) return;
    if (g->phase == GAME_OVER) {
        new_match(g);
    } else if (g->phase == GAME_SCORED) {
        serve(g);
    } else {
        /* From the middle, to either side, not too straight. */
        g->phase = GAME_PLAYING;
        rink_place_puck(&g->table, RINK_MIDDLE_X, RINK_MIDDLE_Y);
        g->table.puck.speed.x = (g->serve_to == 0 ? -1 : 1) * (RINK_ONE + RINK_ONE / 2);
        g->table.puck.speed.y = (random_below(g, 200) - 100) * (RINK_ONE / 100);
        tell(g, GAME_START, 0, center(), 0);
    }
}

static void rest(game *g) {
    const rink_body *puck = &g->table.puck;
    g->resting = rink_length(puck->speed.x, puck->speed.y) < STILL ? g->resting + 1 : 0;
    if (g->resting < PATIENCE) return;
    g->serve_to = 1 - g->serve_to;
    serve(g);
    tell(g, GAME_RESTED, g->serve_to, g->table.puck.at, 0);
}

static void step(game *g) {
    rink_event events[RINK_EVENTS];
    rink_point pushes[2];
    int side, i, count;
    if (g->steps % (RINK_RATE / 3) == 0) {
        for (side = 0; side < 2; side++) g->skew[side] = random_below(g, 45) - 22;
    }
    /* The puck waits while the start is counted down; nobody touches it then. */
    g->table.puck_out |= g->phase == GAME_COUNTING;
    for (side = 0; side < 2; side++) {
        pushes[side] = g->person[side] ? steered(g, side) : bot_push(&g->table, side, g->skew[side]);
    }
    count = rink_step(&g->table, pushes, events);
    if (g->phase == GAME_COUNTING) g->table.puck_out = 0;
    for (i = 0; i < count; i++) {
        const rink_event *event = &events[i];
        game_event_kind kind = event->kind == RINK_HIT_WALL ? GAME_HIT_WALL : GAME_HIT_MALLET;
        if (event->kind == RINK_IN_GOAL) goal(g, event);
        else tell(g, kind, event->side, event->at, event->force);
    }
    if (g->phase == GAME_PLAYING) rest(g);
    else pass(g);
    g->steps++;
}

void game_advance(game *g, int steps) {
    int i;
    for (i = 0; i < steps; i++) step(g);
}

/*
 * The rules: matches to seven goals between two sides, each a person or a bot. Pure: time comes in as steps, what happened
 * goes out as a list. Bots play each other while nobody is there.
 */
#ifndef GAME_H
#define GAME_H

#include "rink.h"

#define GAME_GOALS 7 /* that win a match */
#define GAME_HAPPENED 64 /* events kept between two pictures */

typedef enum { GAME_COUNTING, GAME_PLAYING, GAME_SCORED, GAME_OVER } game_phase;

typedef enum {
    GAME_HIT_WALL,
    GAME_HIT_MALLET,
    GAME_GOAL,   /* side: who scored */
    GAME_COUNT,  /* side: seconds left */
    GAME_START,
    GAME_WON,    /* side: who */
    GAME_JOINED, /* side: which seat was taken */
    GAME_RESTED  /* a puck that lay still was put back in the middle */
} game_event_kind;

typedef struct {
    game_event_kind kind;
    int side;
    rink_point at;
    int32_t force;
} game_event;

/* What a side's person does with its mallet. */
typedef struct {
    int pointing;       /* 1: to a place; 0: in a direction */
    rink_point place;   /* in RINK_ONE */
    int across, down;   /* -1000 to 1000 */
} game_control;

typedef struct {
    rink table;
    game_phase phase;
    int steps_left; /* of counting, a goal, the end */
    int score[2];
    int person[2]; /* 0: a bot */
    game_control control[2];
    int serve_to; /* which side gets the puck */
    int resting;  /* steps for which the puck has lain still */
    int skew[2];  /* of the bots' aim, in units */
    uint32_t random;
    uint64_t steps;
    game_event happened[GAME_HAPPENED]; /* since game_forget; what comes beyond is left out */
    int count;
} game;

void game_start(game *g, uint32_t seed);

/* Somebody takes a side, or leaves it to a bot. Who comes gets a new match. */
void game_seat(game *g, int side, int person);

/* `steps` steps of 1/240 s. */
void game_advance(game *g, int steps);

/* The list of what happened begins anew. */
void game_forget(game *g);

/* Nobody plays. */
int game_idle(const game *g);

#endif

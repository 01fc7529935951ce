/*
 * Air hockey without rules: a table, a puck, two mallets. Whole numbers only, so that every machine plays the same game.
 *
 * The table lies in a picture of 1280x720 units. Places are in 1/65536 of a unit, speeds in the same a step; a step is
 * 1/240 s. Side 0 is the left one.
 */
#ifndef RINK_H
#define RINK_H

#include <stdint.h>

#define RINK_ONE 65536
#define RINK_RATE 240
/* Units. */
#define RINK_PICTURE_WIDTH 1280
#define RINK_PICTURE_HEIGHT 720
#define RINK_LEFT 60
#define RINK_RIGHT 1220
#define RINK_TOP 112
#define RINK_BOTTOM 616
#define RINK_MIDDLE_X 640
#define RINK_MIDDLE_Y 364
#define RINK_CORNER 72
#define RINK_GOAL 92 /* half of a goal's width */
#define RINK_POCKET 34 /* how deep a goal is */
#define RINK_PUCK 23 /* radius */
#define RINK_MALLET 38
/* Units a step. */
#define RINK_FASTEST_PUCK 7
#define RINK_FASTEST_MALLET 11

#define RINK_EVENTS 8 /* of one step */

typedef struct {
    int32_t x, y;
} rink_point;

typedef struct {
    rink_point at, speed;
} rink_body;

typedef enum { RINK_HIT_WALL, RINK_HIT_MALLET, RINK_IN_GOAL } rink_event_kind;

typedef struct {
    rink_event_kind kind;
    int side; /* whose mallet, whose goal */
    rink_point at;
    int32_t force; /* the speed that met */
} rink_event;

typedef struct {
    rink_body puck;
    rink_body mallets[2];
    int puck_out; /* there is none on the table */
} rink;

/* Mallets at home, no puck. */
void rink_reset(rink *r);

/* Puts the puck on a place, in units. */
void rink_place_puck(rink *r, int x, int y);

/*
 * One step. `pushes`: how far each mallet is to go; it goes no faster than it can, and stays on its half. Writes what
 * happened, at most RINK_EVENTS, and returns how many. A puck in a goal is off the table.
 */
int rink_step(rink *r, const rink_point pushes[2], rink_event *events);

/* The length of a vector, rounded down. */
int32_t rink_length(int64_t x, int64_t y);

#endif

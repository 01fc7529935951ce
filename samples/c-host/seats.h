/*
 * Which viewer plays on which side, and what it does there with its keyboard, gamepad, mouse, finger or pen. Pure.
 *
 * A key, a click, a touch or a button of a pad takes a free seat: the clicked half's, otherwise the left one first. Escape
 * gives it up, and so do leaving and a minute without doing anything while others watch.
 */
#ifndef SEATS_H
#define SEATS_H

#include <stdint.h>

#include "game.h"
#include "rendercast.h"

#define SEATS_WATCHERS 8
#define SEATS_IDLE_NS 60000000000u

/* Of the held directions. */
#define SEAT_UP 1u
#define SEAT_DOWN 2u
#define SEAT_LEFT 4u
#define SEAT_RIGHT 8u

typedef struct {
    uint32_t viewer; /* 0: free */
    uint32_t held;   /* keys of directions, SEAT_* */
    uint32_t pad_held;
    uint32_t pad;    /* the gamepad it steered with last */
    int across, down; /* of the stick, -1000 to 1000 */
    int has_finger;
    int32_t finger;
    rink_point rested; /* where its mouse was when it last steered otherwise */
    uint64_t seen_ns;
    game_control control;
} seat;

/* Somebody without a seat, who has pointed at something. */
typedef struct {
    uint32_t viewer; /* 0: free */
    rink_point at;
    uint32_t buttons;
} watcher;

typedef struct {
    seat places[2];
    watcher watchers[SEATS_WATCHERS];
    /* Of a picture: how it shows the table's units. */
    int width, height;
} seats;

void seats_create(seats *s, int width, int height);

/* What a viewer did, at `now_ns`. */
void seats_input(seats *s, const rendercast_input *input, uint64_t now_ns);
void seats_leave(seats *s, uint32_t viewer);

/* Once a picture: seats of those who do nothing are free again while others are there to take them. */
void seats_expire(seats *s, uint64_t now_ns, int viewers);

/* The picture's pixels for 1000 units, and where the first unit lies: the whole table fits in. */
void seats_scale(int width, int height, int *per_thousand, int *left, int *top);

#endif

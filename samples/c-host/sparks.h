/* Sparks that fly and go out. Only to look at: places are pixels, and nothing depends on them. */
#ifndef SPARKS_H
#define SPARKS_H

#include "canvas.h"

#define SPARKS_MOST 160

typedef struct {
    float x, y, across, down; /* pixels, pixels a second */
    float left, life;         /* seconds */
    uint32_t color;
} spark;

typedef struct {
    disc dot;
    spark all[SPARKS_MOST];
    int next; /* the oldest, which the next one replaces */
    uint32_t random;
} sparks;

/* `radius` of one in pixels. Returns 0 when memory is short. */
int sparks_create(sparks *s, int radius);
void sparks_destroy(sparks *s);

/* `count` of them from one place into all directions, `speed` pixels a second at most. */
void sparks_burst(sparks *s, float x, float y, int count, float speed, float life, uint32_t color);

/* `seconds` later. */
void sparks_move(sparks *s, float seconds);
void sparks_draw(const sparks *s, canvas *c);

#endif

/* What of the game stands still: the table and its lights, and the pieces that are moved over it. Painted once. */
#ifndef BACKDROP_H
#define BACKDROP_H

#include "canvas.h"
#include "sprite.h"

/* Of the two sides, red, green and blue from 0 to 1. */
extern const float BACKDROP_COLORS[2][3];
uint32_t backdrop_side_color(int side);

/* How the table's units become pixels, as seats_scale says. */
typedef struct {
    int per_thousand, left, top;
} backdrop_scale;

void backdrop_paint(canvas *c, const backdrop_scale *scale);

/* Both 0 when memory is short. */
int backdrop_mallet(sprite *s, const backdrop_scale *scale, int side);
int backdrop_puck(sprite *s, const backdrop_scale *scale);

#endif

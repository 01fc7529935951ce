/* Small pictures that are painted once and drawn often: each pixel covers some of what is under it, and gives light. */
#ifndef SPRITE_H
#define SPRITE_H

#include "canvas.h"

typedef struct {
    int width, height;
    uint32_t *color;  /* what is added */
    uint8_t *covered; /* how much of what is under it goes, 0 to 255 */
} sprite;

/* All of it transparent. Returns 0 when memory is short. */
int sprite_create(sprite *s, int width, int height);
void sprite_destroy(sprite *s);

/* What a place adds, red, green and blue from 0 to 1, and covers, 0 to 1. */
void sprite_put(sprite *s, int x, int y, const float rgb[3], float covered);

/* Its middle at x, y. */
void sprite_draw(const sprite *s, canvas *c, int x, int y);

/* A line of text in white, with light around it that changes from one colour to another. 0 when memory is short. */
int sprite_title(sprite *s, const char *text, int height, const float left[3], const float right[3]);

#endif

/* Smooth letters of any size, made once of the canvas's font of 5x7 dots: round corners, soft edges. */
#ifndef FONT_H
#define FONT_H

#include "canvas.h"

#define FONT_GLYPHS 100

typedef struct {
    int advance, height; /* of a character, pixels; the letter itself is five sixths as wide */
    uint8_t *alpha;      /* FONT_GLYPHS times advance x height */
} font;

/* `height` of a capital letter in pixels, at least 1. Returns 0 when memory is short. */
int font_create(font *f, int height);
void font_destroy(font *f);

int font_width(const font *f, const char *text);
void font_draw(const font *f, canvas *c, int x, int y, const char *text, uint32_t color);
/* The middle of the text at x; or its end. */
void font_center(const font *f, canvas *c, int x, int y, const char *text, uint32_t color);
void font_end(const font *f, canvas *c, int x, int y, const char *text, uint32_t color);

/* How much of a place is covered by a text of letters `height` high that begins at 0, 0: 0 to 1. */
float font_cover(const char *text, float height, float x, float y);

#endif

/* Pixels: rectangles, text in a built-in font of 5x7 dots, soft discs, light. RGBA, clipped to the picture. */
#ifndef CANVAS_H
#define CANVAS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *pixels;
    size_t stride; /* bytes */
    int width, height;
} canvas;

/* A disc with a soft edge, drawn once and blended often. */
typedef struct {
    int radius;
    uint8_t *alpha; /* (2 * radius) squared */
} disc;

/* A pixel as it lies in memory. */
uint32_t canvas_color(uint8_t red, uint8_t green, uint8_t blue);

/* Arrows, as characters. */
#define CANVAS_ARROW_LEFT "\001"
#define CANVAS_ARROW_RIGHT "\002"
#define CANVAS_ARROW_UP "\003"
#define CANVAS_ARROW_DOWN "\004"

/* The five columns of a character of the font, the lowest bit is the top dot; '?' for one that it has not. */
const uint8_t *canvas_glyph(char character);

void canvas_rectangle(canvas *c, int x, int y, int width, int height, uint32_t color);
/* What is there shows through: `strength` 0 to 256. */
void canvas_shade(canvas *c, int x, int y, int width, int height, uint32_t color, int strength);
/* Each dot is scale x scale pixels, each character 6 dots wide and 8 high. Lower case is drawn as upper case. */
void canvas_text(canvas *c, int x, int y, int scale, const char *text, uint32_t color);

/* Returns 0 when memory is short. */
int disc_create(disc *d, int radius);
/* The same, steeper towards the rim: for light. */
int disc_create_light(disc *d, int radius);
void disc_destroy(disc *d);
void canvas_disc(canvas *c, const disc *d, int x, int y, uint32_t color);
/* Adds its colour to what is there, as light does; `strength` 0 to 256. */
void canvas_light(canvas *c, const disc *d, int x, int y, uint32_t color, int strength);

/* One row of pixels, `alpha` 0 to 255 each, from x on. */
void canvas_cover(canvas *c, int x, int y, int count, const uint8_t *alpha, uint32_t color);

#endif

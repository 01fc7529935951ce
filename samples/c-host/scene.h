/*
 * The picture of tests and measurements, drawn in software: a scrolling pattern, drifting discs, every viewer's pointer,
 * typed text, a clock.
 *
 * For tests, the picture holds two things at fixed places:
 *
 * - Colour patches in the bottom right corner, 32x32 pixels each, from left to right: pure red, green, blue, white. The
 *   white one touches the corner.
 *
 * - The time stamp of scene_stamp: one row of 52 blocks of 16x16 pixels that begins in the top left corner, each block
 *   black or white. First 4 marker blocks (white, black, white, black), then the low 48 bits of the time
 *   (CLOCK_REALTIME in microseconds), most significant bit first; white is 1.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stddef.h>
#include <stdint.h>

#define SCENE_PATCH 32
#define SCENE_STAMP_BLOCK 16
#define SCENE_STAMP_MARKERS 4
#define SCENE_STAMP_BITS 48
#define SCENE_STAMP_WIDTH (SCENE_STAMP_BLOCK * (SCENE_STAMP_MARKERS + SCENE_STAMP_BITS))
#define SCENE_MIN_WIDTH 160
#define SCENE_MIN_HEIGHT 96

typedef struct scene scene;

/* NULL when memory is short. */
scene *scene_create(uint32_t width, uint32_t height);
void scene_destroy(scene *s);

/* What viewers do. */
void scene_point(scene *s, uint32_t viewer, float x, float y, uint32_t buttons);
void scene_leave(scene *s, uint32_t viewer);
void scene_key(scene *s, uint32_t key, int down);
void scene_type(scene *s, uint32_t character);

/* Draws a whole picture: RGBA, 4 bytes a pixel, rows `stride` bytes apart (a multiple of 4), aligned to 4 bytes. */
void scene_draw(scene *s, uint8_t *pixels, size_t stride, uint64_t frame, double seconds);

/* Draws the time stamp over it. Last of all, so that the time is that of the hand-over. */
void scene_stamp(const scene *s, uint8_t *pixels, size_t stride, uint64_t unix_microseconds);

/* The same over any other picture. */
void scene_stamp_on(uint32_t width, uint32_t height, uint8_t *pixels, size_t stride, uint64_t unix_microseconds);

#endif

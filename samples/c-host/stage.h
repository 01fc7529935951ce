/* What is on: the game, or the scene that tests and measurements look at. */
#ifndef STAGE_H
#define STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "rendercast.h"
#include "tone.h"

typedef enum { STAGE_GAME, STAGE_TEST } stage_kind;

typedef struct stage stage;

/* NULL when memory is short. What is heard goes to `sound`, what players feel to `streamer`; both must live longer. */
stage *stage_create(stage_kind kind, uint32_t width, uint32_t height, rendercast_streamer streamer, tone *sound);
void stage_destroy(stage *s);

/* A viewer comes, does something at `now_ns`, leaves. */
void stage_enter(stage *s, uint32_t viewer);
void stage_input(stage *s, const rendercast_input *input, uint64_t now_ns);
void stage_leave(stage *s, uint32_t viewer);

/* Draws a whole picture: RGBA, rows `stride` bytes apart (a multiple of 4), aligned to 4 bytes. */
void stage_draw(stage *s, uint8_t *pixels, size_t stride, uint64_t frame, double seconds, uint64_t now_ns);

#endif

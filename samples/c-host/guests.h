/* Viewers' cameras and microphones, where the configuration lets them in ("peer": {"receive": {"audio": true, "video": true}}):
 * the last camera's picture is drawn small, in the top right corner, and what comes is told on stderr. */
#ifndef GUESTS_H
#define GUESTS_H

#include <stddef.h>
#include <stdint.h>

#include "rendercast.h"

typedef struct guests guests;

/* NULL when memory is short. */
guests *guests_create(rendercast_streamer streamer);
void guests_destroy(guests *g);

/* Takes what has come. Once a picture. */
void guests_poll(guests *g);
void guests_leave(guests *g, uint32_t viewer);

/* RGBA, rows `stride` bytes apart. */
void guests_draw(const guests *g, uint8_t *pixels, size_t stride, uint32_t width, uint32_t height);

#endif

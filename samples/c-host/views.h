/* More pictures than one: sources beside the first, each a colour of its own, half as large. A viewer's digit keys choose. */
#ifndef VIEWS_H
#define VIEWS_H

#include <stdint.h>

#include "rendercast.h"

/* Sources of the library's, the first one counted. */
#define VIEWS_MOST 16

typedef struct views views;

/* Creates `count` - 1 sources. NULL when memory is short or a source is refused; *status says why then. */
views *views_create(rendercast_streamer streamer, uint32_t count, uint32_t width, uint32_t height, rendercast_status *status);
void views_destroy(views *v);

/* Draws and pushes one picture of each. */
rendercast_status views_show(views *v, uint64_t frame, uint64_t host_time_ns);

/* A viewer's key went down: 1 is the first source, 2 the next. */
void views_key(const views *v, uint32_t viewer, uint32_t key);

#endif

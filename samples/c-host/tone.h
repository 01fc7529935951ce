/* A soft tone on a thread of its own, pushed in blocks of 10 ms in real time. Its pitch follows the keys. */
#ifndef TONE_H
#define TONE_H

#include "rendercast.h"

typedef struct tone tone;

/* NULL when memory or a thread is short. */
tone *tone_start(rendercast_streamer streamer);
/* A key went down: its number chooses the pitch. */
void tone_key(tone *t, uint32_t key);
/* Ends the thread. Before rendercast_destroy. */
void tone_stop(tone *t);

#endif

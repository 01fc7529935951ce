/* Sound on a thread of its own, pushed in blocks of 10 ms in real time: a soft tone whose pitch follows the keys, and notes. */
#ifndef TONE_H
#define TONE_H

#include "rendercast.h"

typedef struct tone tone;

typedef struct {
    float pitch;   /* Hz */
    float slide;   /* Hz a second */
    float volume;  /* 0 to 1 */
    float seconds; /* until it has faded out */
    float delay;   /* seconds before it begins */
    float pan;     /* -1 left, 1 right */
    float noise;   /* 0 a tone, 1 a hiss */
} tone_note;

/* NULL when memory or a thread is short. */
tone *tone_start(rendercast_streamer streamer);
/* A key went down: its number chooses the pitch. */
void tone_key(tone *t, uint32_t key);
/* Whether the soft tone is heard, besides notes. It is at the start. */
void tone_hum(tone *t, int on);
/* Begins a note; where 16 sound already, the one that has sounded longest ends. */
void tone_play(tone *t, const tone_note *note);
/* Ends the thread. Before rendercast_destroy. */
void tone_stop(tone *t);

#endif

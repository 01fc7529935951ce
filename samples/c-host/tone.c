#define _POSIX_C_SOURCE 200809L

#include "tone.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define RATE 48000
#define BLOCK (RATE / 100)
#define CHANNELS 2

struct tone {
    rendercast_streamer streamer;
    pthread_t thread;
    pthread_mutex_t lock; /* of the two below */
    int stop;
    uint32_t key;
};

/* Major pentatonic: any two keys sound well together. */
static double pitch_of(uint32_t key) {
    static const int STEPS[5] = {0, 2, 4, 7, 9};
    int step = STEPS[key % 5] + 12 * (int)(key / 5 % 2);
    return 220.0 * pow(2.0, step / 12.0);
}

static void *play(void *argument) {
    tone *t = (tone *)argument;
    const double turn = 6.283185307179586;
    float samples[BLOCK * CHANNELS];
    double phase = 0.0, slow = 0.0, pitch = pitch_of(0);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        uint64_t host_time;
        double wanted;
        int i;
        pthread_mutex_lock(&t->lock);
        wanted = pitch_of(t->key);
        i = t->stop;
        pthread_mutex_unlock(&t->lock);
        if (i) return NULL;
        for (i = 0; i < BLOCK; i++) {
            double swell = 0.6 + 0.4 * sin(slow);
            double value = sin(phase) + 0.35 * sin(2.0 * phase) + 0.12 * sin(3.0 * phase);
            pitch += (wanted - pitch) * 0.0005; /* glide: a jump would click */
            phase = fmod(phase + turn * pitch / RATE, turn);
            slow = fmod(slow + turn * 0.25 / RATE, turn);
            samples[i * CHANNELS] = (float)(0.08 * swell * value);
            samples[i * CHANNELS + 1] = (float)(0.08 * (1.2 - swell) * value);
        }
        host_time = (uint64_t)next.tv_sec * 1000000000u + (uint64_t)next.tv_nsec;
        /* A block that finds no room is dropped and counted; the next one is on time again. */
        rendercast_push_audio(t->streamer, samples, BLOCK, CHANNELS, RATE, host_time);
        next.tv_nsec += 10000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec += 1;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
}

tone *tone_start(rendercast_streamer streamer) {
    tone *t = (tone *)calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->streamer = streamer;
    pthread_mutex_init(&t->lock, NULL);
    if (pthread_create(&t->thread, NULL, play, t) != 0) {
        pthread_mutex_destroy(&t->lock);
        free(t);
        return NULL;
    }
    return t;
}

void tone_key(tone *t, uint32_t key) {
    pthread_mutex_lock(&t->lock);
    t->key = key;
    pthread_mutex_unlock(&t->lock);
}

void tone_stop(tone *t) {
    if (t == NULL) return;
    pthread_mutex_lock(&t->lock);
    t->stop = 1;
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

#define _POSIX_C_SOURCE 200809L

#include "tone.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE 48000
#define BLOCK (RATE / 100)
#define CHANNELS 2
#define VOICES 16
#define TURN 6.283185307179586

typedef struct {
    tone_note note;
    double phase, at; /* at: seconds since it was told of */
    uint64_t number;  /* of all notes; 0: silent */
} voice;

struct tone {
    rendercast_streamer streamer;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    int stop, hum;
    uint32_t key;
    voice voices[VOICES];
    uint64_t played;
    uint32_t random;
};

/* Major pentatonic: any two keys sound well together. */
static double pitch_of(uint32_t key) {
    static const int STEPS[5] = {0, 2, 4, 7, 9};
    int step = STEPS[key % 5] + 12 * (int)(key / 5 % 2);
    return 220.0 * pow(2.0, step / 12.0);
}

/* -1 to 1 */
static double hiss(tone *t) {
    t->random ^= t->random << 13;
    t->random ^= t->random >> 17;
    t->random ^= t->random << 5;
    return (double)t->random / 2147483648.0 - 1.0;
}

/* Adds a block of a voice. */
static void sing(tone *t, voice *v, float *samples) {
    const tone_note *note = &v->note;
    int i;
    for (i = 0; i < BLOCK && v->number != 0; i++) {
        double since = v->at - note->delay, left = 1.0 - since / note->seconds, value;
        v->at += 1.0 / RATE;
        if (since < 0.0) continue;
        if (left <= 0.0) {
            v->number = 0;
            continue;
        }
        v->phase = fmod(v->phase + TURN * (note->pitch + note->slide * since) / RATE, TURN);
        value = (1.0 - note->noise) * (sin(v->phase) + 0.3 * sin(2.0 * v->phase)) + note->noise * hiss(t);
        /* It begins within 2 ms: a jump would click. */
        value *= note->volume * left * left * (since < 0.002 ? since / 0.002 : 1.0);
        samples[i * CHANNELS] += (float)(value * (1.0 - (note->pan > 0.0f ? 0.8 * note->pan : 0.0)));
        samples[i * CHANNELS + 1] += (float)(value * (1.0 + (note->pan < 0.0f ? 0.8 * note->pan : 0.0)));
    }
}

static void *play(void *argument) {
    tone *t = (tone *)argument;
    float samples[BLOCK * CHANNELS];
    double phase = 0.0, slow = 0.0, pitch = pitch_of(0), loud = 0.0;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        uint64_t host_time;
        double wanted, hum;
        int i;
        memset(samples, 0, sizeof samples);
        pthread_mutex_lock(&t->lock);
        wanted = pitch_of(t->key);
        hum = t->hum ? 0.08 : 0.0;
        for (i = 0; i < VOICES; i++) {
            if (t->voices[i].number != 0) sing(t, &t->voices[i], samples);
        }
        i = t->stop;
        pthread_mutex_unlock(&t->lock);
        if (i) return NULL;
        for (i = 0; i < BLOCK; i++) {
            double swell = 0.6 + 0.4 * sin(slow);
            double value = sin(phase) + 0.35 * sin(2.0 * phase) + 0.12 * sin(3.0 * phase);
            pitch += (wanted - pitch) * 0.0005; /* glide: a jump would click */
            loud += (hum - loud) * 0.002;
            phase = fmod(phase + TURN * pitch / RATE, TURN);
            slow = fmod(slow + TURN * 0.25 / RATE, TURN);
            samples[i * CHANNELS] += (float)(loud * swell * value);
            samples[i * CHANNELS + 1] += (float)(loud * (1.2 - swell) * value);
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
    t->hum = 1;
    t->random = 2463534242u;
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

void tone_hum(tone *t, int on) {
    pthread_mutex_lock(&t->lock);
    t->hum = on;
    pthread_mutex_unlock(&t->lock);
}

void tone_play(tone *t, const tone_note *note) {
    voice *v;
    int i;
    pthread_mutex_lock(&t->lock);
    v = &t->voices[0];
    for (i = 1; i < VOICES; i++) {
        if (t->voices[i].number < v->number) v = &t->voices[i];
    }
    memset(v, 0, sizeof *v);
    v->note = *note;
    v->number = ++t->played;
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

#include "guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 11520 /* the longest piece of sound there is */
#define TELL_EVERY 48000

struct guests {
    rendercast_streamer streamer;
    uint8_t *pixels; /* the last picture */
    uint32_t capacity;
    rendercast_received_video picture; /* viewer 0: none */
    float samples[SAMPLES];
    uint32_t heard; /* samples since the last word about them */
    float peak;
};

guests *guests_create(rendercast_streamer streamer) {
    guests *g = (guests *)calloc(1, sizeof *g);
    if (g != NULL) g->streamer = streamer;
    return g;
}

void guests_destroy(guests *g) {
    if (g != NULL) free(g->pixels);
    free(g);
}

static void poll_pictures(guests *g) {
    for (;;) {
        rendercast_received_video picture;
        uint32_t needed = 0;
        rendercast_status status;
        memset(&picture, 0, sizeof picture);
        picture.size = (uint32_t)sizeof picture;
        status = rendercast_poll_received_video(g->streamer, 0, &picture, g->pixels, g->capacity, &needed);
        if (status == RENDERCAST_BUFFER_TOO_SMALL) {
            uint8_t *larger = (uint8_t *)realloc(g->pixels, needed);
            if (larger == NULL) return;
            g->pixels = larger;
            g->capacity = needed;
            continue;
        }
        if (status != RENDERCAST_OK) return;
        if (picture.viewer != g->picture.viewer || picture.width != g->picture.width || picture.height != g->picture.height) {
            fprintf(stderr, "camera of viewer %u: %ux%u\n", (unsigned)picture.viewer, (unsigned)picture.width,
                    (unsigned)picture.height);
        }
        g->picture = picture;
    }
}

static void poll_sound(guests *g) {
    rendercast_received_audio sound;
    memset(&sound, 0, sizeof sound);
    sound.size = (uint32_t)sizeof sound;
    while (rendercast_poll_received_audio(g->streamer, 0, &sound, g->samples, SAMPLES, NULL) == RENDERCAST_OK) {
        uint32_t i, count = sound.frames * sound.channels;
        for (i = 0; i < count; i++) {
            float level = g->samples[i] < 0.0f ? -g->samples[i] : g->samples[i];
            if (level > g->peak) g->peak = level;
        }
        g->heard += sound.frames;
        if (g->heard >= TELL_EVERY) {
            fprintf(stderr, "microphone of viewer %u: %u channels, peak %.3f\n", (unsigned)sound.viewer,
                    (unsigned)sound.channels, (double)g->peak);
            g->heard = 0;
            g->peak = 0.0f;
        }
    }
}

void guests_poll(guests *g) {
    poll_pictures(g);
    poll_sound(g);
}

void guests_leave(guests *g, uint32_t viewer) {
    if (g->picture.viewer == viewer) memset(&g->picture, 0, sizeof g->picture);
}

void guests_draw(const guests *g, uint8_t *pixels, size_t stride, uint32_t width, uint32_t height) {
    const rendercast_received_video *from = &g->picture;
    uint32_t across = width / 4, down, x, y;
    if (from->viewer == 0 || across == 0) return;
    down = (uint32_t)((uint64_t)across * from->height / from->width);
    if (down > height) down = height;
    for (y = 0; y < down; y++) {
        const uint8_t *row = g->pixels + (size_t)((uint64_t)y * from->height / down) * from->width * 4;
        uint8_t *to = pixels + (size_t)y * stride + (size_t)(width - across) * 4;
        for (x = 0; x < across; x++, to += 4) memcpy(to, row + (size_t)((uint64_t)x * from->width / across) * 4, 4);
    }
}

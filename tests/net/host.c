/*
 * The host of tests/net.sh: the sample host's scene with its time stamp, under grain that no encoder can guess, so that a
 * picture fills any rate it is given; and a tone. Once started it prints `LINK URL`, and from then on, every 50 ms,
 * `STATS` with the time (Unix, ms) and the library's figures as JSON. Ends with its standard input.
 *
 *     net-host CONFIG.json WIDTH HEIGHT FPS GRAIN      GRAIN: 0 to 127, how far a pixel may be off
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/host.h"
#include "rendercast.h"
#include "scene.h"
#include "tone.h"

#define STATS_MS 50
#define GRAINS 65536u

/* xorshift64: the same picture on every run. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Grain for two rows and more: each row of each picture begins somewhere else in it. */
static uint8_t *make_grain(uint32_t width, int amplitude) {
    uint8_t *grain = (uint8_t *)malloc(GRAINS + width);
    uint64_t state = 88172645463325252u;
    uint32_t i;
    if (grain == NULL) return NULL;
    for (i = 0; i < GRAINS + width; i++) grain[i] = (uint8_t)(amplitude ? next_random(&state) % (2 * amplitude + 1) : 0);
    return grain;
}

/* Grey, so that it costs bits where encoders spend them. */
static void add_grain(uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, const uint8_t *grain, uint64_t *state) {
    uint32_t x, y;
    for (y = 0; y < height; y++) {
        uint8_t *row = pixels + y * stride;
        const uint8_t *from = grain + next_random(state) % GRAINS;
        for (x = 0; x < width * 4; x++) {
            unsigned sum = row[x] + from[x / 4];
            row[x] = (uint8_t)(sum < 255 ? sum : 255);
        }
    }
}

static void say_events(rendercast_streamer streamer) {
    rendercast_event event;
    event.size = (uint32_t)sizeof event;
    while (rendercast_poll_event(streamer, &event) == RENDERCAST_OK) {
        fprintf(stderr, "%s: %s\n", rendercast_event_name(event.kind), event.message);
        if (event.kind == RENDERCAST_EVENT_SERVER_LISTENING) {
            char link[512];
            if (rendercast_link(streamer, link, sizeof link, NULL) == RENDERCAST_OK) printf("LINK %s\n", link);
            fflush(stdout);
        }
    }
}

static void say_stats(rendercast_streamer streamer) {
    static char *text = NULL;
    static uint32_t capacity = 0;
    double now = (double)(clock_ns(CLOCK_REALTIME) / 1000) / 1000.0;
    uint32_t needed = 16384;
    rendercast_status status;
    do {
        if (needed > capacity) {
            /* Every viewer adds to it, the next one too. */
            char *larger = realloc(text, needed * 2);
            if (larger == NULL) return;
            text = larger;
            capacity = needed * 2;
        }
        status = rendercast_stats_json(streamer, text, capacity, &needed);
    } while (status == RENDERCAST_BUFFER_TOO_SMALL);
    if (status != RENDERCAST_OK) return;
    printf("STATS %.3f %s\n", now, text);
    fflush(stdout);
}

/* It has no use for it, but takes it as a host does. */
static void take_input(rendercast_streamer streamer) {
    rendercast_input input;
    input.size = (uint32_t)sizeof input;
    while (rendercast_poll_input(streamer, &input) == RENDERCAST_OK) continue;
}

static int stream(rendercast_streamer streamer, scene *picture, uint32_t width, uint32_t height, uint32_t fps, int amplitude) {
    uint8_t *grain = make_grain(width, amplitude);
    uint64_t state = 362436069362436069u, started = clock_ns(CLOCK_MONOTONIC), next = started, frame;
    uint64_t next_stats = started;
    if (grain == NULL) return 1;
    for (frame = 0; !is_over(); frame++) {
        rendercast_video_buffer buffer;
        rendercast_status status;
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        struct timespec until;
        say_events(streamer);
        take_input(streamer);
        if (now >= next_stats) {
            say_stats(streamer);
            next_stats = now + STATS_MS * 1000000u;
        }
        buffer.size = (uint32_t)sizeof buffer;
        status = rendercast_acquire_video(streamer, RENDERCAST_FORMAT_RGBA8, width, height, &buffer);
        if (status == RENDERCAST_OK) {
            scene_draw(picture, buffer.planes[0], buffer.strides[0], frame, (double)(now - started) / 1e9);
            if (amplitude) add_grain(buffer.planes[0], buffer.strides[0], width, height, grain, &state);
            scene_stamp(picture, buffer.planes[0], buffer.strides[0], clock_ns(CLOCK_REALTIME) / 1000);
            status = rendercast_commit_video(streamer, buffer.frame, clock_ns(CLOCK_MONOTONIC), 0);
        }
        if (status < 0) return fail("picture", status);
        next += 1000000000u / fps;
        if (next + 200000000u < now) next = now;
        until.tv_sec = (time_t)(next / 1000000000u);
        until.tv_nsec = (long)(next % 1000000000u);
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
    }
    free(grain);
    return 0;
}

int main(int argc, char **argv) {
    rendercast_streamer streamer;
    rendercast_status status;
    scene *picture;
    tone *sound;
    uint32_t width, height, fps;
    int result;
    if (argc != 6) {
        fprintf(stderr, "usage: net-host CONFIG.json WIDTH HEIGHT FPS GRAIN\n");
        return 2;
    }
    width = (uint32_t)atoi(argv[2]);
    height = (uint32_t)atoi(argv[3]);
    fps = (uint32_t)atoi(argv[4]);
    if (width < SCENE_STAMP_WIDTH || height < SCENE_MIN_HEIGHT || fps < 1 || fps > 240) {
        fprintf(stderr, "net-host: at least %dx%d, 1 to 240 pictures a second\n", SCENE_STAMP_WIDTH, SCENE_MIN_HEIGHT);
        return 2;
    }
    status = rendercast_create_json(read_file(argv[1]), &streamer);
    if (status != RENDERCAST_OK) return fail("create", status);
    picture = scene_create(width, height);
    sound = tone_start(streamer);
    if (picture == NULL || sound == NULL) return 1;
    status = rendercast_start(streamer);
    result = status == RENDERCAST_OK ? stream(streamer, picture, width, height, fps, atoi(argv[5]) % 128) : fail("start", status);
    tone_stop(sound);
    rendercast_destroy(streamer);
    scene_destroy(picture);
    return result;
}

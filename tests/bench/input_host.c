/*
 * The host of `tests/bench.sh input`: a small moving picture at a steady rate, and a loop that polls what viewers do all the time.
 * Once started it prints `LINK URL`; from then on `KEY` with the time (CLOCK_REALTIME, us) at which each pressed key was polled.
 * Ends with its standard input.
 *
 *     input-host CONFIG.json FPS
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

#define WIDTH 640u
#define HEIGHT 360u
/* Between two looks, in ns. */
#define LOOK_NS 200000u

static void say_link(rendercast_streamer streamer) {
    rendercast_event event;
    event.size = (uint32_t)sizeof event;
    while (rendercast_poll_event(streamer, &event) == RENDERCAST_OK) {
        if (event.kind == RENDERCAST_EVENT_SERVER_LISTENING) printf("LINK %s\n", event.message);
    }
}

static void say_keys(rendercast_streamer streamer) {
    rendercast_input input;
    input.size = (uint32_t)sizeof input;
    while (rendercast_poll_input(streamer, &input) == RENDERCAST_OK) {
        uint64_t now = clock_ns(CLOCK_REALTIME);
        if (input.kind == RENDERCAST_INPUT_KEY && input.down && !input.repeat) printf("KEY %.3f\n", (double)now / 1000.0);
    }
}

static int push(rendercast_streamer streamer, uint64_t frame) {
    rendercast_video_buffer buffer;
    rendercast_status status;
    uint32_t y;
    buffer.size = (uint32_t)sizeof buffer;
    status = rendercast_acquire_video(streamer, RENDERCAST_FORMAT_RGBA8, WIDTH, HEIGHT, &buffer);
    if (status != RENDERCAST_OK) return status < 0 ? fail("acquire", status) : 0;
    for (y = 0; y < HEIGHT; y++) {
        memset((uint8_t *)buffer.planes[0] + (size_t)y * buffer.strides[0], (int)((frame * 2 + y / 8) & 0xff), WIDTH * 4);
    }
    status = rendercast_commit_video(streamer, buffer.frame, 0, 0);
    return status < 0 ? fail("commit", status) : 0;
}

int main(int argc, char **argv) {
    rendercast_streamer streamer;
    rendercast_status status;
    struct timespec look = {0, LOOK_NS};
    uint64_t frame = 0, next, fps;
    if (argc != 3 || (fps = (uint64_t)atoi(argv[2])) < 1 || fps > 240) {
        fprintf(stderr, "usage: input-host CONFIG.json FPS\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    status = rendercast_create_json(read_file(argv[1]), &streamer);
    if (status != RENDERCAST_OK) return fail("create", status);
    status = rendercast_start(streamer);
    if (status != RENDERCAST_OK) return fail("start", status);
    next = clock_ns(CLOCK_MONOTONIC);
    for (;;) {
        say_link(streamer);
        say_keys(streamer);
        if (clock_ns(CLOCK_MONOTONIC) >= next) {
            if (is_over() || push(streamer, frame++)) break;
            next += 1000000000u / fps;
            if (next + 200000000u < clock_ns(CLOCK_MONOTONIC)) next = clock_ns(CLOCK_MONOTONIC);
        }
        nanosleep(&look, NULL);
    }
    rendercast_destroy(streamer);
    return 0;
}

/*
 * A host that carries signaling itself, over its standard input and output: one message a line, its text in hexadecimal.
 *
 *     in:  KIND FLAGS LINE CONNECTION MID TEXT      as rendercast_signal has them; MID and TEXT may be `-`, for none
 *     out: SIGNAL KIND LINE CONNECTION MID TEXT     as rendercast_signal_out has them
 *
 *     signal-host CONFIG.json          ends with its standard input
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

#define WIDTH 640
#define HEIGHT 360
#define PERIOD_MS 33
#define LONGEST 65536 /* bytes of a text */

static char line[3 * LONGEST];
static size_t filled = 0;

static uint64_t clock_ms(void) { return clock_ns(CLOCK_MONOTONIC) / 1000000u; }

/* In place; gives 0 for what is no text in hexadecimal. */
static int from_hex(char *text) {
    size_t length = strlen(text), i;
    if (length % 2 != 0) return 0;
    for (i = 0; i < length; i += 2) {
        unsigned byte;
        if (sscanf(text + i, "%2x", &byte) != 1 || byte == 0) return 0;
        text[i / 2] = (char)byte;
    }
    text[length / 2] = '\0';
    return 1;
}

static void hear(rendercast_streamer streamer, char *message) {
    char *fields[6];
    rendercast_signal signal;
    rendercast_status status;
    int i;
    for (i = 0; i < 6; i++) {
        fields[i] = strtok(i == 0 ? message : NULL, " ");
        if (fields[i] == NULL) {
            fprintf(stderr, "a line has six words\n");
            return;
        }
    }
    memset(&signal, 0, sizeof signal);
    signal.size = (uint32_t)sizeof signal;
    signal.kind = (uint32_t)strtoul(fields[0], NULL, 10);
    signal.flags = (uint32_t)strtoul(fields[1], NULL, 10);
    signal.sdp_mline_index = (uint32_t)strtoul(fields[2], NULL, 10);
    signal.connection = fields[3];
    signal.sdp_mid = strcmp(fields[4], "-") != 0 ? fields[4] : NULL;
    signal.text = strcmp(fields[5], "-") != 0 ? fields[5] : NULL;
    if (signal.text != NULL && !from_hex(fields[5])) {
        fprintf(stderr, "the sixth word is hexadecimal\n");
        return;
    }
    if (signal.kind == RENDERCAST_SIGNAL_CANDIDATE && signal.text == NULL) signal.text = "";
    status = rendercast_push_signal(streamer, &signal);
    if (status != RENDERCAST_OK) fail("push_signal", status);
}

static void say(rendercast_streamer streamer) {
    static char text[LONGEST];
    rendercast_signal_out out;
    memset(&out, 0, sizeof out);
    out.size = (uint32_t)sizeof out;
    while (rendercast_poll_signal(streamer, &out, text, (uint32_t)sizeof text) == RENDERCAST_OK) {
        const char *byte;
        printf("SIGNAL %u %u %s %s ", (unsigned)out.kind, (unsigned)out.sdp_mline_index, out.connection,
               out.sdp_mid[0] != '\0' ? out.sdp_mid : "-");
        for (byte = text; *byte != '\0'; byte++) printf("%02x", (unsigned)(unsigned char)*byte);
        printf("%s\n", text[0] != '\0' ? "" : "-");
    }
    fflush(stdout);
}

static void tell_events(rendercast_streamer streamer) {
    rendercast_event event;
    event.size = (uint32_t)sizeof event;
    while (rendercast_poll_event(streamer, &event) == RENDERCAST_OK) {
        fprintf(stderr, "%s (viewer %u): %s\n", rendercast_event_name(event.kind), (unsigned)event.viewer, event.message);
    }
}

/* Until the input ends (0) or `until` is reached (1). */
static int read_until(rendercast_streamer streamer, uint64_t until) {
    for (;;) {
        uint64_t now = clock_ms();
        /* Now and then besides: what there is to say is polled. */
        struct pollfd in = {0, POLLIN, 0};
        int wait = now < until ? (int)(until - now) : 0;
        if (poll(&in, 1, wait > 5 ? 5 : wait) > 0) {
            ssize_t got = read(0, line + filled, sizeof line - 1 - filled);
            char *end;
            if (got == 0 || (got < 0 && errno != EINTR)) return 0;
            if (got > 0) filled += (size_t)got;
            line[filled] = '\0';
            while ((end = strchr(line, '\n')) != NULL) {
                *end = '\0';
                hear(streamer, line);
                filled -= (size_t)(end + 1 - line);
                memmove(line, end + 1, filled + 1);
            }
            if (filled == sizeof line - 1) return 0;
        }
        say(streamer);
        if (clock_ms() >= until) return 1;
    }
}

int main(int argc, char **argv) {
    rendercast_streamer streamer;
    rendercast_status status;
    scene *picture = scene_create(WIDTH, HEIGHT);
    uint64_t started = clock_ms(), next = started, frame;
    if (argc != 2 || picture == NULL) {
        fprintf(stderr, "usage: signal-host CONFIG.json\n");
        return 2;
    }
    status = rendercast_create_json(read_file(argv[1]), &streamer);
    if (status != RENDERCAST_OK) return fail("create", status);
    status = rendercast_start(streamer);
    if (status != RENDERCAST_OK) return fail("start", status);
    printf("READY\n");
    fflush(stdout);
    for (frame = 0;; frame++) {
        rendercast_video_buffer buffer;
        buffer.size = (uint32_t)sizeof buffer;
        status = rendercast_acquire_video(streamer, RENDERCAST_FORMAT_RGBA8, WIDTH, HEIGHT, &buffer);
        if (status == RENDERCAST_OK) {
            scene_draw(picture, buffer.planes[0], buffer.strides[0], frame, (double)(clock_ms() - started) / 1e3);
            status = rendercast_commit_video(streamer, buffer.frame, clock_ms() * 1000000u, 0);
        }
        if (status < 0) return fail("picture", status);
        tell_events(streamer);
        next += PERIOD_MS;
        if (!read_until(streamer, next)) break;
    }
    rendercast_destroy(streamer);
    scene_destroy(picture);
    return 0;
}

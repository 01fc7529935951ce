/* A whole host in C99: a game with sound for two browsers, and any number that watch. Run it and open the printed link. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console.h"
#include "guests.h"
#include "inputs.h"
#include "options.h"
#include "rendercast.h"
#include "scene.h"
#include "stage.h"
#include "tone.h"
#include "views.h"

/* Viewers that --report tells of. */
#define MOST_REPORTED 16

typedef struct {
    options wanted;
    rendercast_streamer streamer;
    stage *show;
    tone *sound;
    guests *received;
    views *others; /* sources beside the first */
    uint8_t *own_pixels; /* --push draws here */
    int fatal;
    uint32_t viewers[MOST_REPORTED]; /* 0: nobody */
} host;

static volatile sig_atomic_t asked_to_end = 0;

static void end_soon(int signal_number) {
    (void)signal_number;
    asked_to_end = 1;
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int fail(const char *what, rendercast_status status) {
    char text[1024];
    rendercast_last_error(text, sizeof text, NULL);
    fprintf(stderr, "%s: %s: %s\n", what, rendercast_status_name(status), text);
    return 1;
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = (char *)calloc((size_t)size + 1, 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
    }
    if (file != NULL) fclose(file);
    if (text == NULL) fprintf(stderr, "%s cannot be read\n", path);
    return text;
}

static int create(host *h) {
    rendercast_status status;
    if (h->wanted.json_file != NULL) {
        char *json = read_file(h->wanted.json_file);
        if (json == NULL) return 1;
        status = rendercast_create_json(json, &h->streamer);
        free(json);
    } else {
        rendercast_config config;
        memset(&config, 0, sizeof config);
        config.size = (uint32_t)sizeof config;
        config.fps = h->wanted.fps;
        config.max_bitrate_kbps = h->wanted.bitrate_kbps;
        config.start_bitrate_kbps = h->wanted.bitrate_kbps;
        if (h->wanted.bitrate_kbps != 0 && h->wanted.bitrate_kbps < 300) config.min_bitrate_kbps = h->wanted.bitrate_kbps;
        config.encoder = h->wanted.encoder;
        if (h->wanted.server_address[0] != '\0') config.server_address = h->wanted.server_address;
        config.signaling_url = h->wanted.signaling_url;
        status = rendercast_create(&config, &h->streamer);
    }
    return status == RENDERCAST_OK ? 0 : fail("create", status);
}

/* Where users call each other: the one we were told to call, and those who ask to watch. */
static void handle_call(const host *h, const rendercast_event *event) {
    rendercast_status status = RENDERCAST_OK;
    if (h->wanted.call != NULL && (event->kind == RENDERCAST_EVENT_SIGNALING_READY ||
                                   (event->kind == RENDERCAST_EVENT_USER_SIGNED_IN &&
                                    strcmp(event->message, h->wanted.call) == 0))) {
        status = rendercast_call_start(h->streamer, h->wanted.call);
    } else if (event->kind == RENDERCAST_EVENT_CALL_REQUESTED) {
        status = h->wanted.decline ? rendercast_call_decline(h->streamer, event->message)
                                   : rendercast_call_accept(h->streamer, event->message);
    }
    if (status < 0) fail("call", status);
}

static void remember_viewer(host *h, uint32_t before, uint32_t after) {
    int i;
    for (i = 0; i < MOST_REPORTED; i++) {
        if (h->viewers[i] == before) {
            h->viewers[i] = after;
            return;
        }
    }
}

static void report(const host *h) {
    static char text[65536];
    int i;
    for (i = 0; i < MOST_REPORTED; i++) {
        if (h->viewers[i] == 0) continue;
        if (rendercast_viewer_stats_json(h->streamer, h->viewers[i], text, (uint32_t)sizeof text, NULL) == RENDERCAST_OK) {
            printf("REPORT %u %s\n", (unsigned)h->viewers[i], text);
            fflush(stdout);
        }
    }
}

static void poll_events(host *h) {
    rendercast_event event;
    event.size = (uint32_t)sizeof event;
    while (rendercast_poll_event(h->streamer, &event) == RENDERCAST_OK) {
        static const char *const SEVERITIES[] = {"?", "info", "warning", "error", "fatal"};
        const char *severity = event.severity <= RENDERCAST_SEVERITY_FATAL ? SEVERITIES[event.severity] : "?";
        fprintf(stderr, "%s: %s", severity, rendercast_event_name(event.kind));
        if (event.viewer != 0) fprintf(stderr, " (viewer %u)", (unsigned)event.viewer);
        fprintf(stderr, ": %s\n", event.message);
        if (event.kind == RENDERCAST_EVENT_SERVER_LISTENING) {
            char link[512];
            if (rendercast_link(h->streamer, link, sizeof link, NULL) == RENDERCAST_OK) {
                printf("LINK %s\n", link);
                fflush(stdout);
            }
        }
        handle_call(h, &event);
        if (event.kind == RENDERCAST_EVENT_SERVER_FAILED && h->wanted.signaling_url == NULL && h->wanted.json_file == NULL) {
            fprintf(stderr, "nobody can see this without the page: --port 0 takes a free port, --port N another one\n");
            h->fatal = 1;
        }
        if (event.kind == RENDERCAST_EVENT_VIEWER_CONNECTED) {
            remember_viewer(h, 0, event.viewer);
            stage_enter(h->show, event.viewer);
        }
        if (event.kind == RENDERCAST_EVENT_VIEWER_DISCONNECTED) {
            remember_viewer(h, event.viewer, 0);
            stage_leave(h->show, event.viewer);
            guests_leave(h->received, event.viewer);
        }
        if (event.severity == RENDERCAST_SEVERITY_FATAL) h->fatal = 1;
    }
}

static void poll_input(host *h) {
    rendercast_input input;
    input.size = (uint32_t)sizeof input;
    while (rendercast_poll_input(h->streamer, &input) == RENDERCAST_OK) {
        inputs_tell(h->streamer, &input);
        if (h->wanted.inputs) inputs_report(h->streamer);
        stage_input(h->show, &input, clock_ns(CLOCK_MONOTONIC));
        if (input.kind == RENDERCAST_INPUT_KEY && input.down != 0 && input.repeat == 0) {
            views_key(h->others, input.viewer, input.key);
        }
    }
}

static void dump(const host *h, const uint8_t *pixels, size_t stride) {
    FILE *file = fopen(h->wanted.dump_file, "wb");
    uint32_t x, y;
    if (file == NULL) {
        fprintf(stderr, "%s cannot be written\n", h->wanted.dump_file);
        return;
    }
    fprintf(file, "P6\n%u %u\n255\n", (unsigned)h->wanted.width, (unsigned)h->wanted.height);
    for (y = 0; y < h->wanted.height; y++) {
        for (x = 0; x < h->wanted.width; x++) fwrite(pixels + y * stride + x * 4, 1, 3, file);
    }
    fclose(file);
}

static void stamp(const host *h, uint8_t *pixels, size_t stride) {
    if (h->wanted.stamp) scene_stamp_on(h->wanted.width, h->wanted.height, pixels, stride, clock_ns(CLOCK_REALTIME) / 1000);
}

/* The time is drawn last, so that it is the time of the hand-over. */
static void draw(host *h, uint8_t *pixels, size_t stride, uint64_t frame, double seconds) {
    stage_draw(h->show, pixels, stride, frame, seconds, clock_ns(CLOCK_MONOTONIC));
    guests_draw(h->received, pixels, stride, h->wanted.width, h->wanted.height);
    if (h->wanted.dump_file != NULL && frame + 1 == h->wanted.frames) {
        stamp(h, pixels, stride);
        dump(h, pixels, stride);
    }
    stamp(h, pixels, stride);
}

static rendercast_status show(host *h, uint64_t frame, double seconds) {
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (h->wanted.push) {
        rendercast_video_frame pushed;
        memset(&pushed, 0, sizeof pushed);
        pushed.size = (uint32_t)sizeof pushed;
        pushed.format = RENDERCAST_FORMAT_RGBA8;
        pushed.width = h->wanted.width;
        pushed.height = h->wanted.height;
        pushed.planes[0] = h->own_pixels;
        pushed.host_time_ns = now;
        draw(h, h->own_pixels, (size_t)h->wanted.width * 4, frame, seconds);
        return rendercast_push_video(h->streamer, &pushed);
    } else {
        rendercast_video_buffer buffer;
        rendercast_status status;
        buffer.size = (uint32_t)sizeof buffer;
        status = rendercast_acquire_video(h->streamer, RENDERCAST_FORMAT_RGBA8, h->wanted.width, h->wanted.height, &buffer);
        if (status != RENDERCAST_OK) return status;
        draw(h, buffer.planes[0], buffer.strides[0], frame, seconds);
        return rendercast_commit_video(h->streamer, buffer.frame, now, 0);
    }
}

static int stream(host *h) {
    const uint64_t period = 1000000000u / h->wanted.fps;
    const uint64_t started = clock_ns(CLOCK_MONOTONIC);
    uint64_t next = started, drawing = 0, slowest = 0, frame;
    for (frame = 0; !asked_to_end && !h->fatal; frame++) {
        uint64_t begun = clock_ns(CLOCK_MONOTONIC), took;
        rendercast_status status;
        struct timespec until;
        if (h->wanted.frames != 0 && frame >= h->wanted.frames) break;
        if (h->wanted.seconds != 0 && begun - started >= h->wanted.seconds * (uint64_t)1000000000u) break;
        poll_events(h);
        poll_input(h);
        guests_poll(h->received);
        if (h->wanted.console) console_poll(h->streamer);
        if (h->wanted.report && frame % h->wanted.fps == 0) report(h);
        status = show(h, frame, (double)(begun - started) / 1e9);
        if (status >= 0) status = views_show(h->others, frame, clock_ns(CLOCK_MONOTONIC));
        if (status < 0) return fail("picture", status);
        took = clock_ns(CLOCK_MONOTONIC) - begun;
        drawing += took;
        if (took > slowest) slowest = took;
        next += period;
        if (next + 10 * period < begun) next = begun; /* long stopped: do not run after the lost pictures */
        until.tv_sec = (time_t)(next / 1000000000u);
        until.tv_nsec = (long)(next % 1000000000u);
        while (!asked_to_end && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
    }
    poll_events(h);
    if (frame > 0) {
        fprintf(stderr, "%llu pictures, drawing and handing over: mean %llu us, slowest %llu us\n",
                (unsigned long long)frame, (unsigned long long)(drawing / frame / 1000),
                (unsigned long long)(slowest / 1000));
    }
    return h->fatal;
}

int main(int argc, char **argv) {
    host h;
    struct sigaction action;
    rendercast_status status;
    int result;

    memset(&h, 0, sizeof h);
    result = options_read(&h.wanted, argc, argv);
    if (result != 0) return result == 1 ? 0 : result;
    memset(&action, 0, sizeof action);
    action.sa_handler = end_soon;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    if (rendercast_version_number() >> 16 != RENDERCAST_VERSION_NUMBER >> 16) {
        fprintf(stderr, "the library is %s, this host was built for %s\n", rendercast_version(), RENDERCAST_VERSION);
        return 1;
    }
    result = create(&h);
    if (result != 0) return result;
    h.own_pixels = (uint8_t *)malloc((size_t)h.wanted.width * h.wanted.height * 4);
    h.sound = tone_start(h.streamer);
    h.show = h.sound != NULL ? stage_create(h.wanted.scene, h.wanted.width, h.wanted.height, h.streamer, h.sound) : NULL;
    h.received = guests_create(h.streamer);
    h.others = views_create(h.streamer, h.wanted.sources, h.wanted.width, h.wanted.height, &status);
    if (status != RENDERCAST_OK) {
        result = fail("source", status);
    } else if (h.others == NULL || h.received == NULL || h.show == NULL || h.own_pixels == NULL) {
        fprintf(stderr, "out of memory\n");
        result = 1;
    } else {
        status = rendercast_start(h.streamer);
        result = status == RENDERCAST_OK ? stream(&h) : fail("start", status);
    }
    tone_stop(h.sound);
    rendercast_destroy(h.streamer);
    guests_destroy(h.received);
    views_destroy(h.others);
    free(h.own_pixels);
    stage_destroy(h.show);
    return result;
}

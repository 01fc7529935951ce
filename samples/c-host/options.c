#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scene.h"
#include "views.h"

static const char USAGE[] =
    "usage: c-host [options]\n"
    "  --scene NAME     game: air hockey for two viewers (default); test: the picture of tests and measurements\n"
    "  --size WxH       picture size, default 1280x720\n"
    "  --fps N          pictures a second, 1 to 240, default 60\n"
    "  --bitrate KBPS   highest video rate in kbit/s\n"
    "  --encoder NAME   encoder to try first (h264_nvenc, libx264, openh264, ...)\n"
    "  --port N         port of the embedded server, 0 takes a free one\n"
    "  --address A      IP address of the embedded server, default 127.0.0.1\n"
    "  --url URL        signaling server to use as well\n"
    "  --json FILE      the library's configuration, instead of the settings above\n"
    "  --call USER      call this user (signaling.protocol = call, or path /call of the embedded server)\n"
    "  --decline        decline users who ask (answer_calls = ask) instead of accepting them\n"
    "  --seconds N      end after this time\n"
    "  --frames N       end after this many pictures\n"
    "  --sources N      pictures to choose from, 1 to 16, default 1: a viewer's digit keys say which it is shown\n"
    "  --acquire        write into the library's buffers (default)\n"
    "  --push           let the library copy each picture\n"
    "  --console        take orders from the standard input: what each viewer is sent and shown (see console.h)\n"
    "  --inputs         print each input event as JSON\n"
    "  --report         print each viewer's statistics once a second, as JSON (W3C RTCStatsReport)\n"
    "  --stamp          draw the time into the picture, for latency measurement (see scene.h)\n"
    "  --dump FILE      with --frames: write the last picture as PPM\n";

static int number(const char *text, uint64_t min, uint64_t max, uint64_t *out) {
    char *end = NULL;
    unsigned long long value;
    if (text[0] < '0' || text[0] > '9') return 0;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max) return 0;
    *out = (uint64_t)value;
    return 1;
}

static int number32(const char *text, uint32_t min, uint32_t max, uint32_t *out) {
    uint64_t value = 0;
    if (!number(text, min, max, &value)) return 0;
    *out = (uint32_t)value;
    return 1;
}

static int picture_size(const char *text, uint32_t *width, uint32_t *height) {
    char first[16];
    const char *x = strchr(text, 'x');
    size_t len = x != NULL ? (size_t)(x - text) : 0;
    if (len == 0 || len >= sizeof first) return 0;
    memcpy(first, text, len);
    first[len] = '\0';
    return number32(first, SCENE_MIN_WIDTH, 16384, width) && number32(x + 1, SCENE_MIN_HEIGHT, 16384, height);
}

static int scene_named(const char *text, stage_kind *out) {
    *out = strcmp(text, "test") == 0 ? STAGE_TEST : STAGE_GAME;
    return *out == STAGE_TEST || strcmp(text, "game") == 0;
}

int options_read(options *out, int argc, char **argv) {
    const char *address = NULL;
    uint32_t port = 8080;
    int port_given = 0;
    int i;

    memset(out, 0, sizeof *out);
    out->scene = STAGE_GAME;
    out->width = 1280;
    out->height = 720;
    out->fps = 60;
    out->sources = 1;

    for (i = 1; i < argc; i++) {
        const char *name = argv[i];
        const char *value;
        int good = 1;
        if (strcmp(name, "--help") == 0) {
            fputs(USAGE, stdout);
            return 1;
        }
        if (strcmp(name, "--acquire") == 0) { out->push = 0; continue; }
        if (strcmp(name, "--push") == 0) { out->push = 1; continue; }
        if (strcmp(name, "--decline") == 0) { out->decline = 1; continue; }
        if (strcmp(name, "--console") == 0) { out->console = 1; continue; }
        if (strcmp(name, "--inputs") == 0) { out->inputs = 1; continue; }
        if (strcmp(name, "--report") == 0) { out->report = 1; continue; }
        if (strcmp(name, "--stamp") == 0) { out->stamp = 1; continue; }
        if (i + 1 >= argc) {
            fprintf(stderr, "%s: unknown, or its value is missing\n%s", name, USAGE);
            return 2;
        }
        value = argv[++i];
        if (strcmp(name, "--scene") == 0) good = scene_named(value, &out->scene);
        else if (strcmp(name, "--size") == 0) good = picture_size(value, &out->width, &out->height);
        else if (strcmp(name, "--fps") == 0) good = number32(value, 1, 240, &out->fps);
        else if (strcmp(name, "--bitrate") == 0) good = number32(value, 100, 1000000, &out->bitrate_kbps);
        else if (strcmp(name, "--sources") == 0) good = number32(value, 1, VIEWS_MOST, &out->sources);
        else if (strcmp(name, "--encoder") == 0) out->encoder = value;
        else if (strcmp(name, "--port") == 0) good = port_given = number32(value, 0, 65535, &port);
        else if (strcmp(name, "--address") == 0) address = value;
        else if (strcmp(name, "--url") == 0) out->signaling_url = value;
        else if (strcmp(name, "--json") == 0) out->json_file = value;
        else if (strcmp(name, "--call") == 0) out->call = value;
        else if (strcmp(name, "--seconds") == 0) good = number32(value, 1, 1000000, &out->seconds);
        else if (strcmp(name, "--frames") == 0) good = number(value, 1, UINT64_MAX / 2, &out->frames);
        else if (strcmp(name, "--dump") == 0) out->dump_file = value;
        else {
            fprintf(stderr, "%s: unknown\n%s", name, USAGE);
            return 2;
        }
        if (!good) {
            fprintf(stderr, "%s: %s is outside its range\n%s", name, value, USAGE);
            return 2;
        }
    }

    if (out->stamp && out->width < SCENE_STAMP_WIDTH) {
        fprintf(stderr, "--stamp needs a picture at least %d pixels wide\n", SCENE_STAMP_WIDTH);
        return 2;
    }
    if (address != NULL || port_given) {
        const char *host = address != NULL ? address : "127.0.0.1";
        const char *format = strchr(host, ':') != NULL ? "[%.64s]:%u" : "%.64s:%u";
        snprintf(out->server_address, sizeof out->server_address, format, host, (unsigned)port);
    }
    return 0;
}

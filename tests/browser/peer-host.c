/*
 * A host whose only signaling is its standard input and output: it negotiates one connection with rendercast_peer_* as it is told,
 * and tells what it hears. It draws the sample host's scene. Ends with its standard input.
 *
 *     peer-host WIDTH HEIGHT FPS [CONFIG.json]
 *
 * In, a line each, texts with \r, \n and \\ written so:      Out:
 *     create CONFIGURATION|-                                      CREATED viewer status reason
 *     offer OPTIONS|- · answer · restart · close · states         REQUEST number status
 *     local KIND SDP|- · remote KIND SDP|-                        STATES signaling gathering ice connection trickle
 *     candidate MID INDEX TEXT|-                                  DESCRIPTION which kind text
 *     describe WHICH                                              EVENT kind request status state index mid text
 *     views COUNT · track SOURCE STREAM|-                         TRACK sender status
 *     transceiver KIND DIRECTION · untrack SENDER                 LIST json
 *     turn SENDER DIRECTION · replace SENDER SOURCE               LINK url
 *     camera X Y (of its last picture, a hundredth of a side)     CAMERA pictures width height red green blue
 *     first · transceivers · report · stats · link                CONFIGURED status reason
 *     configure JSON · configuration                              CERTIFICATE status reason
 *     certificate FILE JSON|- · fingerprint FILE                  (of a candidate error index and mid are its code and server)
 */
#define _POSIX_C_SOURCE 200809L

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
#include "views.h"

#define TEXT_SIZE 65536u

static void print_text(const char *text) {
    for (; *text; text++) {
        if (*text == '\r') fputs("\\r", stdout);
        else if (*text == '\n') fputs("\\n", stdout);
        else if (*text == '\\') fputs("\\\\", stdout);
        else putchar(*text);
    }
    putchar('\n');
    fflush(stdout);
}

/* In place. A single "-" stands for no text. */
static char *read_text(char *text) {
    char *from = text, *to = text;
    if (text == NULL || strcmp(text, "-") == 0) return NULL;
    for (; *from; from++) {
        if (*from == '\\' && from[1]) {
            from++;
            *to++ = *from == 'r' ? '\r' : *from == 'n' ? '\n' : *from;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

static void say_request(uint32_t request, rendercast_status status) {
    if (status < 0) fail("request", status);
    printf("REQUEST %u %d\n", request, status);
    fflush(stdout);
}

/* Sources beside the first one; NULL: there are none. */
static views *pictures;

/* The last picture that a viewer sent, and how many have come. */
static struct {
    rendercast_received_video picture;
    uint8_t *pixels;
    uint32_t capacity;
    unsigned count;
} camera;

static int see_camera(rendercast_streamer streamer) {
    for (;;) {
        uint32_t needed = 0;
        rendercast_status status;
        camera.picture.size = (uint32_t)sizeof camera.picture;
        status = rendercast_poll_received_video(streamer, 0, &camera.picture, camera.pixels, camera.capacity, &needed);
        if (status == RENDERCAST_BUFFER_TOO_SMALL) {
            free(camera.pixels);
            camera.pixels = malloc(needed);
            camera.capacity = camera.pixels != NULL ? needed : 0;
            if (camera.pixels == NULL) return 0;
        } else if (status == RENDERCAST_OK) {
            camera.count++;
        } else {
            return status == RENDERCAST_EMPTY;
        }
    }
}

static void say_camera(uint32_t x, uint32_t y) {
    const uint8_t none[3] = {0, 0, 0}, *pixel = none;
    uint32_t width = camera.count > 0 ? camera.picture.width : 0, height = camera.count > 0 ? camera.picture.height : 0;
    if (camera.count > 0 && x < 100 && y < 100) pixel = camera.pixels + ((size_t)(height * y / 100) * width + width * x / 100) * 4;
    printf("CAMERA %u %u %u %u %u %u\n", camera.count, width, height, pixel[0], pixel[1], pixel[2]);
    fflush(stdout);
}

static void say_sender(uint32_t sender, rendercast_status status) {
    if (status < 0) fail("sender", status);
    printf("TRACK %u %d\n", sender, status);
    fflush(stdout);
}

static void say_list(const char *word, const char *text, rendercast_status status) {
    if (status != RENDERCAST_OK) fail(word, status);
    printf("%s ", word);
    print_text(text);
}

static void say_outcome(const char *word, rendercast_status status) {
    char reason[1024] = "";
    if (status != RENDERCAST_OK) rendercast_last_error(reason, sizeof reason, NULL);
    printf("%s %d ", word, status);
    print_text(reason);
}

/* Of a connection's configuration, and of certificates. 0: it is none of these. */
static int obey_configuration(rendercast_streamer streamer, uint32_t viewer, const char *word, char *first, char *rest) {
    static char text[TEXT_SIZE];
    text[0] = '\0';
    if (strcmp(word, "configure") == 0) {
        say_outcome("CONFIGURED", rendercast_peer_set_configuration(streamer, viewer, read_text(first)));
    } else if (strcmp(word, "configuration") == 0) {
        rendercast_status status = rendercast_peer_get_configuration(streamer, viewer, text, sizeof text, NULL);
        say_list("LIST", text, status);
    } else if (strcmp(word, "certificate") == 0) {
        say_outcome("CERTIFICATE", rendercast_certificate_generate(first, read_text(rest)));
    } else if (strcmp(word, "fingerprint") == 0) {
        rendercast_status status = rendercast_certificate_info(first, text, sizeof text, NULL);
        say_list("LIST", text, status);
    } else {
        return 0;
    }
    return 1;
}

/* Of tracks and of viewers. 0: it is none of these. */
static int obey_tracks(rendercast_streamer streamer, uint32_t *viewer, const char *word, const char *first, char *rest) {
    static char text[TEXT_SIZE];
    uint32_t one = first != NULL ? (uint32_t)atoi(first) : 0, two = rest != NULL ? (uint32_t)atoi(rest) : 0;
    uint32_t sender = 0;
    rendercast_track_options options;
    memset(&options, 0, sizeof options);
    options.size = (uint32_t)sizeof options;
    text[0] = '\0';
    if (strcmp(word, "views") == 0) {
        rendercast_status status = RENDERCAST_OK;
        pictures = views_create(streamer, one, 640, 360, &status);
        say_request(0, status);
    } else if (strcmp(word, "track") == 0) {
        rendercast_status status;
        options.source = one;
        options.stream_id = read_text(rest);
        status = rendercast_peer_add_track(streamer, *viewer, &options, &sender);
        say_sender(sender, status);
    } else if (strcmp(word, "transceiver") == 0) {
        rendercast_status status;
        options.direction = two;
        status = rendercast_peer_add_transceiver(streamer, *viewer, one, &options, &sender);
        say_sender(sender, status);
    } else if (strcmp(word, "untrack") == 0) {
        say_request(0, rendercast_peer_remove_track(streamer, *viewer, one));
    } else if (strcmp(word, "turn") == 0) {
        say_request(0, rendercast_peer_set_direction(streamer, *viewer, one, two));
    } else if (strcmp(word, "replace") == 0) {
        say_request(0, rendercast_peer_replace_track(streamer, *viewer, one, two));
    } else if (strcmp(word, "camera") == 0) {
        say_camera(one, two);
    } else if (strcmp(word, "transceivers") == 0) {
        rendercast_status status = rendercast_peer_list_transceivers(streamer, *viewer, text, sizeof text, NULL);
        say_list("LIST", text, status);
    } else if (strcmp(word, "report") == 0) {
        rendercast_status status = rendercast_viewer_stats_json(streamer, *viewer, text, sizeof text, NULL);
        say_list("LIST", text, status);
    } else if (strcmp(word, "stats") == 0) {
        rendercast_status status = rendercast_stats_json(streamer, text, sizeof text, NULL);
        say_list("LIST", text, status);
    } else if (strcmp(word, "link") == 0) {
        rendercast_status status = RENDERCAST_EMPTY;
        while (status == RENDERCAST_EMPTY) status = rendercast_link(streamer, text, sizeof text, NULL);
        say_list("LINK", text, status);
    } else if (strcmp(word, "first") == 0) {
        rendercast_viewer here;
        uint32_t count = 0;
        here.size = (uint32_t)sizeof here;
        if (rendercast_list_viewers(streamer, &here, 1, &count) >= 0 && count > 0) *viewer = here.viewer;
        printf("CREATED %u\n", count > 0 ? *viewer : 0);
        fflush(stdout);
    } else {
        return 0;
    }
    return 1;
}

static void obey(rendercast_streamer streamer, uint32_t *viewer, char *line) {
    static char text[TEXT_SIZE];
    uint32_t request = 0;
    char *word = strtok(line, " "), *first = strtok(NULL, " "), *second = NULL, *rest = NULL;
    if (word == NULL) return;
    if (strcmp(word, "candidate") == 0) second = strtok(NULL, " ");
    rest = strtok(NULL, "");
    if (strcmp(word, "create") == 0) {
        uint32_t made = 0;
        rendercast_status status = rendercast_peer_create(streamer, read_text(first), &made);
        if (status == RENDERCAST_OK) *viewer = made;
        printf("CREATED %u", made);
        say_outcome("", status);
    } else if (strcmp(word, "offer") == 0) {
        rendercast_status status = rendercast_peer_create_offer(streamer, *viewer, read_text(first), &request);
        say_request(request, status);
    } else if (strcmp(word, "answer") == 0) {
        rendercast_status status = rendercast_peer_create_answer(streamer, *viewer, NULL, &request);
        say_request(request, status);
    } else if (strcmp(word, "local") == 0 && first != NULL) {
        rendercast_status status = rendercast_peer_set_local_description(streamer, *viewer, (uint32_t)atoi(first), read_text(rest), &request);
        say_request(request, status);
    } else if (strcmp(word, "remote") == 0 && first != NULL) {
        rendercast_status status = rendercast_peer_set_remote_description(streamer, *viewer, (uint32_t)atoi(first), read_text(rest), &request);
        say_request(request, status);
    } else if (strcmp(word, "candidate") == 0 && second != NULL) {
        rendercast_status status = rendercast_peer_add_ice_candidate(streamer, *viewer, read_text(rest), first, (uint32_t)atoi(second), &request);
        say_request(request, status);
    } else if (strcmp(word, "restart") == 0) {
        say_request(0, rendercast_peer_restart_ice(streamer, *viewer));
    } else if (strcmp(word, "close") == 0) {
        say_request(0, rendercast_peer_close(streamer, *viewer));
    } else if (strcmp(word, "states") == 0) {
        rendercast_peer_states states;
        states.size = (uint32_t)sizeof states;
        if (rendercast_peer_get_states(streamer, *viewer, &states) != RENDERCAST_OK) memset(&states, 0, sizeof states);
        printf("STATES %u %u %u %u %u\n", states.signaling, states.ice_gathering, states.ice_connection, states.connection, states.can_trickle);
        fflush(stdout);
    } else if (strcmp(word, "describe") == 0 && first != NULL) {
        uint32_t kind = 0;
        text[0] = '\0';
        rendercast_peer_description(streamer, *viewer, (uint32_t)atoi(first), &kind, text, sizeof text, NULL);
        printf("DESCRIPTION %s %u ", first, kind);
        print_text(text);
    } else if (!obey_configuration(streamer, *viewer, word, first, rest)) {
        obey_tracks(streamer, viewer, word, first, rest);
    }
}

static void say_events(rendercast_streamer streamer) {
    static char text[TEXT_SIZE];
    rendercast_peer_event event;
    rendercast_event other;
    event.size = (uint32_t)sizeof event;
    other.size = (uint32_t)sizeof other;
    while (rendercast_poll_peer_event(streamer, &event, text, sizeof text) == RENDERCAST_OK) {
        int is_error = event.kind == RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR;
        const char *mid = is_error ? event.url : event.sdp_mid;
        uint32_t index = is_error ? event.error_code : event.sdp_mline_index;
        printf("EVENT %u %u %d %u %u %s ", event.kind, event.request, event.status, event.state, index, mid[0] ? mid : "-");
        print_text(text);
    }
    while (rendercast_poll_event(streamer, &other) == RENDERCAST_OK) {
        printf("%s: %s\n", rendercast_event_name(other.kind), other.message);
        fflush(stdout);
    }
}

/* 0: the input has ended. */
static int hear(rendercast_streamer streamer, uint32_t *viewer, int wait_ms) {
    static char lines[2 * TEXT_SIZE];
    static size_t length;
    struct pollfd in = {0, POLLIN | POLLHUP, 0};
    char *end;
    ssize_t got;
    if (poll(&in, 1, wait_ms) <= 0) return 1;
    got = read(0, lines + length, sizeof lines - 1 - length);
    if (got <= 0) return 0;
    length += (size_t)got;
    lines[length] = '\0';
    while ((end = strchr(lines, '\n')) != NULL) {
        *end = '\0';
        obey(streamer, viewer, lines);
        length -= (size_t)(end + 1 - lines);
        memmove(lines, end + 1, length + 1);
    }
    return 1;
}

static int stream(rendercast_streamer streamer, scene *picture, uint32_t width, uint32_t height, uint32_t fps) {
    uint64_t started = clock_ns(CLOCK_MONOTONIC), next = started, frame = 0;
    uint32_t viewer = 0;
    for (;;) {
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        say_events(streamer);
        if (now >= next) {
            rendercast_video_buffer buffer;
            rendercast_status status;
            buffer.size = (uint32_t)sizeof buffer;
            status = rendercast_acquire_video(streamer, RENDERCAST_FORMAT_RGBA8, width, height, &buffer);
            if (status == RENDERCAST_OK) {
                scene_draw(picture, buffer.planes[0], buffer.strides[0], frame++, (double)(now - started) / 1e9);
                status = rendercast_commit_video(streamer, buffer.frame, clock_ns(CLOCK_MONOTONIC), 0);
            }
            if (pictures != NULL && status >= 0) status = views_show(pictures, frame, clock_ns(CLOCK_MONOTONIC));
            if (status < 0) return fail("picture", status);
            if (!see_camera(streamer)) return fail("camera", RENDERCAST_NO_RESOURCES);
            next += 1000000000u / fps;
            if (next < now) next = now;
        }
        now = clock_ns(CLOCK_MONOTONIC);
        if (!hear(streamer, &viewer, next > now ? (int)((next - now) / 1000000u) : 0)) return 0;
    }
}

int main(int argc, char **argv) {
    rendercast_streamer streamer;
    rendercast_status status;
    scene *picture;
    tone *sound;
    uint32_t width, height, fps;
    int result;
    if (argc < 4) {
        fprintf(stderr, "usage: peer-host WIDTH HEIGHT FPS [CONFIG.json]\n");
        return 2;
    }
    width = (uint32_t)atoi(argv[1]);
    height = (uint32_t)atoi(argv[2]);
    fps = (uint32_t)atoi(argv[3]);
    if (width < SCENE_MIN_WIDTH || height < SCENE_MIN_HEIGHT || fps < 1 || fps > 240) {
        fprintf(stderr, "peer-host: at least %dx%d, 1 to 240 pictures a second\n", SCENE_MIN_WIDTH, SCENE_MIN_HEIGHT);
        return 2;
    }
    status = rendercast_create_json(argc > 4 ? read_file(argv[4]) : "{\"server\":{\"enabled\":false}}", &streamer);
    if (status != RENDERCAST_OK) return fail("create", status);
    picture = scene_create(width, height);
    sound = tone_start(streamer);
    if (picture == NULL || sound == NULL) return 1;
    status = rendercast_start(streamer);
    result = status == RENDERCAST_OK ? stream(streamer, picture, width, height, fps) : fail("start", status);
    tone_stop(sound);
    views_destroy(pictures);
    rendercast_destroy(streamer);
    scene_destroy(picture);
    free(camera.pixels);
    return result;
}

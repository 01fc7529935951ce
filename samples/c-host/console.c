#define _POSIX_C_SOURCE 200809L

#include "console.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

#define MOST_LISTED 64

static void tell(const char *line, rendercast_status status) {
    char text[1024];
    if (status == RENDERCAST_OK) {
        fprintf(stderr, "done: %s\n", line);
        return;
    }
    rendercast_last_error(text, sizeof text, NULL);
    fprintf(stderr, "not done: %s: %s: %s\n", line, rendercast_status_name(status), text);
}

static void list(rendercast_streamer streamer) {
    static const char *const STATES[] = {"?", "connecting", "connected", "interrupted"};
    static rendercast_viewer viewers[MOST_LISTED];
    uint32_t count = 0, i;
    rendercast_status status;
    viewers[0].size = (uint32_t)sizeof viewers[0];
    status = rendercast_list_viewers(streamer, viewers, MOST_LISTED, &count);
    if (status != RENDERCAST_OK && status != RENDERCAST_BUFFER_TOO_SMALL) {
        tell("list", status);
        return;
    }
    fprintf(stderr, "%u viewers\n", (unsigned)count);
    for (i = 0; i < count && i < MOST_LISTED; i++) {
        uint32_t state = viewers[i].state <= RENDERCAST_VIEWER_INTERRUPTED ? viewers[i].state : 0;
        fprintf(stderr, "viewer %u is %s: %s\n", (unsigned)viewers[i].viewer, STATES[state], viewers[i].connection);
    }
}

/* 0: not a name and value that there is. */
static int set(rendercast_sender_parameters *parameters, const char *word) {
    const char *value = strchr(word, '=');
    size_t len;
    if (value == NULL) return 0;
    len = (size_t)(value++ - word);
    if (len == 6 && memcmp(word, "active", len) == 0) {
        parameters->active = strcmp(value, "off") == 0 ? RENDERCAST_OFF : RENDERCAST_ON;
    } else if (len == 11 && memcmp(word, "max_bitrate", len) == 0) {
        parameters->max_bitrate = strtoull(value, NULL, 10);
    } else if (len == 13 && memcmp(word, "max_framerate", len) == 0) {
        parameters->max_framerate = (uint32_t)strtoul(value, NULL, 10);
    } else if (len == 5 && memcmp(word, "scale", len) == 0) {
        parameters->scale_resolution_down_by = strtod(value, NULL);
    } else if (len == 11 && memcmp(word, "degradation", len) == 0) {
        parameters->degradation_preference = strcmp(value, "maintain-framerate") == 0
                                                 ? RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE
                                             : strcmp(value, "maintain-resolution") == 0
                                                 ? RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION
                                                 : RENDERCAST_DEGRADATION_BALANCED;
    } else {
        return 0;
    }
    return 1;
}

static void run(rendercast_streamer streamer, const char *line) {
    char copy[256];
    char *rest = NULL;
    const char *what, *word;
    uint32_t viewer;
    rendercast_status status;
    if (strlen(line) >= sizeof copy) {
        fprintf(stderr, "no order is that long\n");
        return;
    }
    memcpy(copy, line, strlen(line) + 1);
    what = strtok_r(copy, " ", &rest);
    if (what == NULL) return;
    if (strcmp(what, "list") == 0) {
        list(streamer);
        return;
    }
    word = strtok_r(NULL, " ", &rest);
    viewer = word != NULL ? (uint32_t)strtoul(word, NULL, 10) : 0;
    /* Not every C library leaves the rest of the last word there. */
    if (pages_order(streamer, what, viewer, rest != NULL ? rest : copy + strlen(line), &status)) {
        tell(line, status);
    } else if (strcmp(what, "codecs") == 0) {
        tell(line, rendercast_set_codec_preferences(streamer, viewer, RENDERCAST_SENDER_VIDEO, strtok_r(NULL, " ", &rest)));
    } else if (strcmp(what, "video") == 0 || strcmp(what, "audio") == 0) {
        uint32_t kind = what[0] == 'v' ? RENDERCAST_SENDER_VIDEO : RENDERCAST_SENDER_AUDIO;
        rendercast_sender_parameters parameters;
        memset(&parameters, 0, sizeof parameters);
        parameters.size = (uint32_t)sizeof parameters;
        while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
            if (!set(&parameters, word)) {
                fprintf(stderr, "unknown: %s\n", word);
                return;
            }
        }
        tell(line, rendercast_set_sender_parameters(streamer, viewer, kind, &parameters));
    } else {
        fprintf(stderr, "unknown: %s\n", line);
    }
}

void console_poll(rendercast_streamer streamer) {
    static char typed[1024];
    static size_t len = 0;
    struct pollfd input;
    char *end;
    input.fd = STDIN_FILENO;
    input.events = POLLIN;
    while (poll(&input, 1, 0) > 0 && (input.revents & POLLIN) != 0) {
        ssize_t got = read(STDIN_FILENO, typed + len, sizeof typed - 1 - len);
        if (got <= 0) return;
        len += (size_t)got;
        typed[len] = '\0';
        while ((end = strchr(typed, '\n')) != NULL) {
            *end = '\0';
            run(streamer, typed);
            len -= (size_t)(end + 1 - typed);
            memmove(typed, end + 1, len + 1);
        }
        if (len == sizeof typed - 1) len = 0; /* no order is that long */
    }
}

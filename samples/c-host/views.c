#include "views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"

struct views {
    rendercast_streamer streamer;
    uint32_t count; /* the first one counted */
    rendercast_source sources[VIEWS_MOST];
    canvas picture; /* drawn anew for each */
};

static const uint8_t COLORS[8][3] = {{200, 40, 40},  {40, 160, 60},  {50, 80, 200},  {200, 170, 30},
                                     {150, 60, 180}, {30, 170, 170}, {220, 120, 40}, {120, 120, 120}};

views *views_create(rendercast_streamer streamer, uint32_t count, uint32_t width, uint32_t height, rendercast_status *status) {
    views *v = (views *)calloc(1, sizeof *v);
    uint32_t i;
    *status = RENDERCAST_OK;
    if (v == NULL) return NULL;
    v->streamer = streamer;
    v->count = count;
    v->picture.width = (int)(width / 2);
    v->picture.height = (int)(height / 2);
    v->picture.stride = (size_t)(width / 2) * 4;
    v->picture.pixels = (uint8_t *)malloc(v->picture.stride * (height / 2));
    for (i = 1; i < count && *status == RENDERCAST_OK; i++) {
        rendercast_source_options options;
        char label[32];
        memset(&options, 0, sizeof options);
        snprintf(label, sizeof label, "view %u", (unsigned)i + 1);
        options.size = (uint32_t)sizeof options;
        options.label = label;
        *status = rendercast_source_create(streamer, &options, &v->sources[i]);
    }
    if (v->picture.pixels == NULL || *status != RENDERCAST_OK) {
        views_destroy(v);
        return NULL;
    }
    return v;
}

void views_destroy(views *v) {
    if (v != NULL) free(v->picture.pixels);
    free(v);
}

static void draw(canvas *c, uint32_t number, uint64_t frame) {
    const uint8_t *rgb = COLORS[number % 8];
    int side = c->height / 4, across = c->width > side ? c->width - side : 1;
    char text[16];
    canvas_rectangle(c, 0, 0, c->width, c->height, canvas_color(rgb[0], rgb[1], rgb[2]));
    canvas_rectangle(c, (int)(frame * 4 % (uint64_t)across), c->height / 8, side, side, canvas_color(255, 255, 255));
    snprintf(text, sizeof text, "%u", (unsigned)number + 1);
    canvas_text(c, c->width / 2, c->height / 2, c->height / 20 + 1, text, canvas_color(255, 255, 255));
}

rendercast_status views_show(views *v, uint64_t frame, uint64_t host_time_ns) {
    rendercast_status status = RENDERCAST_OK;
    uint32_t i;
    for (i = 1; i < v->count && status >= 0; i++) {
        rendercast_video_frame pushed;
        memset(&pushed, 0, sizeof pushed);
        pushed.size = (uint32_t)sizeof pushed;
        pushed.format = RENDERCAST_FORMAT_RGBA8;
        pushed.width = (uint32_t)v->picture.width;
        pushed.height = (uint32_t)v->picture.height;
        pushed.planes[0] = v->picture.pixels;
        pushed.host_time_ns = host_time_ns;
        pushed.source = v->sources[i];
        draw(&v->picture, i, frame);
        status = rendercast_push_video(v->streamer, &pushed);
    }
    return status;
}

void views_key(const views *v, uint32_t viewer, uint32_t key) {
    uint32_t number = key - RENDERCAST_KEY_DIGIT1;
    if (key < RENDERCAST_KEY_DIGIT1 || number >= 9 || number >= v->count) return;
    /* It may have left meanwhile. */
    if (rendercast_set_viewer_source(v->streamer, viewer, v->sources[number]) != RENDERCAST_OK) return;
    fprintf(stderr, "viewer %u is shown picture %u\n", (unsigned)viewer, (unsigned)number + 1);
}

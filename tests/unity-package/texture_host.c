/*
 * Stands before the library in tests without a GPU: takes the render events of the Unity package as a graphics device would, from
 * "textures" that are memory, and pushes them. All else goes on to the library that it is linked with.
 */
#include <stdint.h>
#include <string.h>

#include "rendercast.h"

#define EVENT 77

typedef struct {
    uint32_t size, streamer;
    const uint8_t *texture;
    uint32_t width, height, target_width, target_height, flags, format;
    uint64_t host_time_ns;
    uint32_t source, reserved;
} unity_frame;

typedef struct {
    uint32_t size, count;
    const unity_frame *frames;
} unity_batch;

/* What the last event brought, for the tests. */
typedef struct {
    uint32_t events, bad, count, flags, target_width, target_height;
    uintptr_t batch;
} seen;

static seen last;

static void take(const unity_frame *frame) {
    rendercast_video_frame picture;
    memset(&picture, 0, sizeof picture);
    picture.size = sizeof picture;
    picture.format = RENDERCAST_FORMAT_RGBA8;
    picture.width = frame->width;
    picture.height = frame->height;
    picture.planes[0] = frame->texture;
    picture.flags = frame->flags & 1;
    picture.source = frame->source;
    if (rendercast_push_video(frame->streamer, &picture) < 0) last.bad++;
}

static void render_event(int32_t id, void *data) {
    const unity_batch *batch = data;
    uint32_t at;
    last.events++;
    last.batch = (uintptr_t)data;
    last.count = batch->count;
    if (id != EVENT || batch->size != sizeof *batch || batch->count == 0) {
        last.bad++;
        return;
    }
    last.flags = batch->frames[0].flags;
    last.target_width = batch->frames[0].target_width;
    last.target_height = batch->frames[0].target_height;
    for (at = 0; at < batch->count; at++) {
        if (batch->frames[at].size != sizeof(unity_frame)) last.bad++;
        else take(&batch->frames[at]);
    }
}

void texture_host_seen(seen *out) { *out = last; }
void *rendercast_unity_render_event(void) { return (void *)render_event; }
int32_t rendercast_unity_event_id(void) { return EVENT; }
int32_t rendercast_unity_renderer(void) { return 21; }
uint32_t rendercast_unity_can_take_textures(void) { return 1; }

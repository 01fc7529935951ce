/* The two threads and what goes from the one to the other. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"

struct host *the_host;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t host_stamp(uint64_t number) { return (number + 1) * 16666667u; }

/* The plugin's part of a frame, timed. */
static void issue(struct host *host, void *data) {
    void *const address = host->plugin.render_event();
    render_event_fn event;
    memcpy(&event, &address, sizeof event);
    const int id = host->plugin.event_id();
    if (host->gpu && host->device) host->gpu->before_event(host, id);
    host->in_event = true;
    const uint64_t from = now_ns();
    event(id, data);
    const uint64_t took = now_ns() - from;
    host->in_event = false;
    if (host->gpu && host->device) host->gpu->after_event(host);
    host->times[host->time_count++ % TIMES] = took;
    host->figures.events++;
}

static void draw_frame(struct host *host, const struct host_frame *frame) {
    const uint32_t at = host->next_batch++ % BATCHES;
    struct unity_batch *batch = &host->batches[at];
    *batch = (struct unity_batch){sizeof *batch, frame->count, host->frames[at]};
    const bool drawn = host->gpu && host->device;
    if (drawn) host->gpu->begin(host);
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct host_use *use = &frame->uses[i];
        const uint32_t width = host->textures[use->texture].width, height = host->textures[use->texture].height;
        if (drawn && width) host->gpu->draw(host, use->texture, frame->number);
        host->frames[at][i] = (struct unity_frame){
            .size = sizeof(struct unity_frame), .streamer = use->streamer, .width = width, .height = height,
            .texture = drawn && width ? host->gpu->native(host, use->texture) : NULL,
            .target_width = use->target_width, .target_height = use->target_height, .flags = use->flags,
            .host_time_ns = host_stamp(frame->number), .source = use->source};
    }
    issue(host, batch);
    if (drawn) host->gpu->end(host);
    host->figures.frames++;
}

static void run(struct host *host, struct job *job) {
    switch (job->kind) {
    case JOB_MAKE:
        host->made = host->gpu->make(host, host->why);
        break;
    case JOB_DESTROY:
        if (host->device) host->gpu->destroy(host);
        break;
    case JOB_IDLE:
        if (host->device) host->gpu->wait_idle(host);
        break;
    case JOB_EVENT:
        if (job->event == DEVICE_SHUTDOWN || job->event == DEVICE_BEFORE_RESET) {
            if (host->device) host->gpu->wait_idle(host);
        }
        if (host->options.events_on_render) tell_device_event(job->event);
        break;
    case JOB_TEXTURE:
        host->textures[job->texture].width = job->width;
        host->textures[job->texture].height = job->height;
        if (host->device) host->gpu->texture(host, job->texture, job->width, job->height);
        break;
    case JOB_FRAME:
        draw_frame(host, &job->frame);
        break;
    case JOB_RAW:
        if (host->gpu && host->device) host->gpu->begin(host);
        issue(host, job->data);
        if (host->gpu && host->device) host->gpu->end(host);
        break;
    default:
        break;
    }
}

static void *render_main(void *argument) {
    struct host *host = argument;
    for (;;) {
        pthread_mutex_lock(&host->lock);
        while (host->job.kind == JOB_NONE) pthread_cond_wait(&host->changed, &host->lock);
        struct job job = host->job;
        host->job.kind = JOB_NONE;
        host->busy = true;
        pthread_cond_broadcast(&host->changed);
        pthread_mutex_unlock(&host->lock);
        run(host, &job);
        pthread_mutex_lock(&host->lock);
        host->busy = false;
        pthread_cond_broadcast(&host->changed);
        pthread_mutex_unlock(&host->lock);
        if (job.kind == JOB_END) return NULL;
    }
}

/* Returns when the render thread has begun it. */
static void post(struct host *host, const struct job *job) {
    pthread_mutex_lock(&host->lock);
    while (host->job.kind != JOB_NONE) pthread_cond_wait(&host->changed, &host->lock);
    host->job = *job;
    pthread_cond_broadcast(&host->changed);
    while (host->job.kind != JOB_NONE) pthread_cond_wait(&host->changed, &host->lock);
    pthread_mutex_unlock(&host->lock);
}

void host_settle(struct host *host) {
    pthread_mutex_lock(&host->lock);
    while (host->job.kind != JOB_NONE || host->busy) pthread_cond_wait(&host->changed, &host->lock);
    pthread_mutex_unlock(&host->lock);
}

static void post_and_settle(struct host *host, struct job job) {
    post(host, &job);
    host_settle(host);
}

struct host *host_create(const struct host_options *options, const struct host_plugin *plugin, char why[HOST_TEXT]) {
    if (the_host) {
        snprintf(why, HOST_TEXT, "there is a host already");
        return NULL;
    }
    struct host *host = calloc(1, sizeof *host);
    uint64_t *times = calloc(TIMES, sizeof *times);
    if (!host || !times) abort();
    host->options = *options;
    host->plugin = *plugin;
    host->times = times;
    host->renderer = RENDERER_NULL;
    host->next_event_id = 40;
    if (options->renderer == RENDERER_VULKAN) host->gpu = &vulkan_gpu;
    if (options->renderer == RENDERER_GL_CORE || options->renderer == RENDERER_GLES3) host->gpu = &gl_gpu;
    pthread_mutex_init(&host->lock, NULL);
    pthread_cond_init(&host->changed, NULL);
    the_host = host;
    if (pthread_create(&host->render, NULL, render_main, host) != 0) abort();
    return host;
}

void host_destroy(struct host *host) {
    if (host->device) host_lose_device(host);
    post_and_settle(host, (struct job){.kind = JOB_END});
    pthread_join(host->render, NULL);
    pthread_cond_destroy(&host->changed);
    pthread_mutex_destroy(&host->lock);
    the_host = NULL;
    free(host->times);
    free(host);
}

void host_load_plugin(struct host *host) { host->plugin.load(host_interfaces()); }
void host_unload_plugin(struct host *host) {
    host_settle(host);
    /* A plugin goes between frames, not in the middle of one. */
    post_and_settle(host, (struct job){.kind = JOB_IDLE});
    host->plugin.unload();
}

/* On the thread that device events come on. Waits for the GPU before those that end something. */
static void tell(struct host *host, int event) {
    post_and_settle(host, (struct job){.kind = JOB_EVENT, .event = event});
    if (!host->options.events_on_render) tell_device_event(event);
}

bool host_make_device(struct host *host, char why[HOST_TEXT]) {
    tell(host, DEVICE_INITIALIZE);
    if (!host->gpu) return true;
    post_and_settle(host, (struct job){.kind = JOB_MAKE});
    if (!host->made) {
        snprintf(why, HOST_TEXT, "%s", host->why);
        return false;
    }
    host->renderer = host->options.renderer;
    tell(host, DEVICE_INITIALIZE);
    for (uint32_t i = 0; i < HOST_TEXTURES; i++) {
        if (host->textures[i].width) host_texture(host, i, host->textures[i].width, host->textures[i].height);
    }
    return true;
}

void host_lose_device(struct host *host) {
    tell(host, DEVICE_SHUTDOWN);
    host->renderer = RENDERER_NULL;
    post_and_settle(host, (struct job){.kind = JOB_DESTROY});
}

void host_reset_device(struct host *host, bool begin, bool end) {
    if (begin) tell(host, DEVICE_BEFORE_RESET);
    if (end) tell(host, DEVICE_AFTER_RESET);
}

void host_texture(struct host *host, uint32_t texture, uint32_t width, uint32_t height) {
    post_and_settle(host, (struct job){.kind = JOB_TEXTURE, .texture = texture, .width = width, .height = height});
}

void host_frame(struct host *host, const struct host_frame *frame) {
    post(host, &(struct job){.kind = JOB_FRAME, .frame = *frame});
}

void host_raw_event(struct host *host, void *data) {
    post_and_settle(host, (struct job){.kind = JOB_RAW, .data = data});
}

void host_figures(struct host *host, struct host_figures *out) {
    host_settle(host);
    *out = host->figures;
}

uint32_t host_times(struct host *host, uint64_t *out, uint32_t capacity) {
    host_settle(host);
    const uint32_t count = host->time_count < capacity ? host->time_count : capacity;
    for (uint32_t i = 0; i < count; i++) out[i] = host->times[(host->time_count - count + i) % TIMES];
    return count;
}

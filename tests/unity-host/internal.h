/* What the host's files share. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include <pthread.h>

#include "host.h"
#include "unity_abi.h"

enum { BATCHES = 4, TIMES = 1 << 16 };

/* The structures that C# hands over, as include/rendercast.h has them. */
struct unity_frame {
    uint32_t size, streamer;
    void *texture;
    uint32_t width, height, target_width, target_height, flags, format;
    uint64_t host_time_ns;
    uint32_t source, reserved;
};
struct unity_batch {
    uint32_t size, count;
    const struct unity_frame *frames;
};

/* One graphics API. Every function is called on the render thread. */
struct gpu {
    bool (*make)(struct host *host, char why[HOST_TEXT]);
    void (*destroy)(struct host *host);
    void (*wait_idle)(struct host *host);
    void (*texture)(struct host *host, uint32_t texture, uint32_t width, uint32_t height);
    void *(*native)(struct host *host, uint32_t texture);
    void (*begin)(struct host *host);
    void (*draw)(struct host *host, uint32_t texture, uint64_t number);
    void (*before_event)(struct host *host, int id);
    void (*after_event)(struct host *host);
    void (*end)(struct host *host);
};

extern const struct gpu vulkan_gpu, gl_gpu;

struct job {
    enum { JOB_NONE, JOB_MAKE, JOB_DESTROY, JOB_IDLE, JOB_EVENT, JOB_TEXTURE, JOB_FRAME, JOB_RAW, JOB_END } kind;
    struct host_frame frame;
    uint32_t texture, width, height;
    int event;
    void *data;
};

struct host {
    struct host_options options;
    struct host_plugin plugin;
    const struct gpu *gpu;
    void *device; /* the API's own */

    pthread_t render;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job job;
    bool busy, made;
    char why[HOST_TEXT];

    int renderer, next_event_id;
    device_event_fn callbacks[8];
    bool in_event, initializing;
    struct { uint32_t width, height; } textures[HOST_TEXTURES];
    struct unity_batch batches[BATCHES];
    struct unity_frame frames[BATCHES][HOST_TEXTURES];
    uint32_t next_batch;

    struct host_figures figures;
    uint64_t *times;
    uint32_t time_count;
};

extern struct host *the_host;

void violation(const char *format, ...);
/* Of the validation layer. */
void validation_message(const char *text);
/* Whether the caller may use what is there only within a render event on the render thread; otherwise a violation. */
bool within_event(const char *function);
bool on_render_thread(void);

/* interfaces.c */
struct unity_interfaces *host_interfaces(void);
void tell_device_event(int event);
/* vulkan_lent.c */
const void *vulkan_table(uint32_t version);

#endif

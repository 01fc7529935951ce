/* A Unity of our own: loads a plugin as Unity does, has a main thread (the caller) and a render thread with a real device,
   draws numbered pictures and issues render events. One at a time in a process. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_TEXTURES = 4, HOST_TEXT = 512 };

/* What of IUnityGraphicsVulkan this Unity offers. */
enum { HOST_VULKAN_V1 = 1, HOST_VULKAN_V2 = 2 };

struct host_options {
    int32_t renderer;          /* 21 Vulkan, 17 OpenGL, 11 OpenGL ES; 4: no device at all */
    uint32_t vulkan_versions;  /* sum of HOST_VULKAN_* */
    uint32_t validate;         /* under the validation layer, where there is one */
    uint32_t events_on_render; /* device events come on the render thread, not on the main one */
    uint32_t leave_pass_open;  /* render events come within a render pass, unless configured otherwise */
    uint32_t ignore_config;    /* as a Unity that does not look at ConfigureEvent */
};

/* The plugin's functions, from a library or linked in. */
struct host_plugin {
    void (*load)(void *interfaces);
    void (*unload)(void);
    void *(*render_event)(void);
    int32_t (*event_id)(void);
    int32_t (*renderer)(void);
    uint32_t (*can_take_textures)(void);
};

struct host_use {
    uint32_t texture, streamer, target_width, target_height, flags, source;
};

struct host_frame {
    uint64_t number;
    uint32_t count;
    struct host_use uses[HOST_TEXTURES];
};

struct host_figures {
    uint64_t frames;       /* drawn */
    uint64_t events;       /* render events given to the plugin */
    uint64_t violations;   /* of Unity's rules, by the plugin */
    uint64_t validation;   /* messages of the validation layer */
    uint64_t logs;         /* lines in Unity's console */
    uint64_t marks;        /* in Unity's profiler, begun and ended */
    uint32_t validated;    /* the validation layer is there */
    char violation[HOST_TEXT], message[HOST_TEXT], log[HOST_TEXT]; /* first, first, last */
};

/* NULL: `why` says what is missing here. */
struct host *host_create(const struct host_options *options, const struct host_plugin *plugin, char why[HOST_TEXT]);
void host_destroy(struct host *host);

void host_load_plugin(struct host *host);
void host_unload_plugin(struct host *host);

/* Makes the device and tells of it twice, as the editor does: first without one. False: `why` says what is missing. */
bool host_make_device(struct host *host, char why[HOST_TEXT]);
/* Waits for the GPU, tells, destroys. */
void host_lose_device(struct host *host);
void host_reset_device(struct host *host, bool begin, bool end);

/* Makes a texture (anew, the old one goes when the GPU has finished with it); without a size only destroys. */
void host_texture(struct host *host, uint32_t texture, uint32_t width, uint32_t height);

/* Draws picture `number` into the textures named and issues one batch with them; returns when the render thread has taken
   it over, as in Unity. `frame` may go. */
void host_frame(struct host *host, const struct host_frame *frame);
/* Issues a render event with whatever data, NULL too, within a frame that draws nothing. */
void host_raw_event(struct host *host, void *data);
/* Until the render thread has done all. */
void host_settle(struct host *host);

/* The stamp that picture `number` is handed over with, in ns. */
uint64_t host_stamp(uint64_t number);
void host_figures(struct host *host, struct host_figures *out);
/* Time that the plugin took of the render thread, in ns for each event, newest last. Returns how many. */
uint32_t host_times(struct host *host, uint64_t *out, uint32_t capacity);

#endif

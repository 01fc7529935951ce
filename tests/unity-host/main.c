/* unity-host LIBRARY: the real library, opened as Unity opens a plugin, through every order of loading and unloading.
   Exits with 0, 1 (says what failed), or 77 (says what this machine lacks). */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "rendercast.h"

static const char CONFIG[] = "{\"server\":{\"address\":\"127.0.0.1:0\"},\"audio\":{\"enabled\":false}}";

/* Both standards let a data pointer carry a function's address here. */
#define FUNCTION(place, name) (*(void **)&(place) = symbol(library, name))

static struct {
    struct host_plugin plugin;
    int32_t (*create)(const char *json, rendercast_streamer *out);
    int32_t (*start)(rendercast_streamer streamer);
    int32_t (*destroy)(rendercast_streamer streamer);
    int32_t (*stats)(rendercast_streamer streamer, rendercast_stats *out);
    uint32_t (*live_objects)(void);
} api;

static const char *scenario = "";

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "unity-host: %s: line %d: %s\n", scenario, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static void *symbol(void *library, const char *name) {
    void *address = dlsym(library, name);
    if (!address) {
        fprintf(stderr, "unity-host: the library has no %s\n", name);
        exit(1);
    }
    return address;
}

static void *open_library(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "unity-host: %s\n", dlerror());
        exit(1);
    }
    FUNCTION(api.plugin.load, "UnityPluginLoad");
    FUNCTION(api.plugin.unload, "UnityPluginUnload");
    FUNCTION(api.plugin.render_event, "rendercast_unity_render_event");
    FUNCTION(api.plugin.event_id, "rendercast_unity_event_id");
    FUNCTION(api.plugin.renderer, "rendercast_unity_renderer");
    FUNCTION(api.plugin.can_take_textures, "rendercast_unity_can_take_textures");
    FUNCTION(api.create, "rendercast_create_json");
    FUNCTION(api.start, "rendercast_start");
    FUNCTION(api.destroy, "rendercast_destroy");
    FUNCTION(api.stats, "rendercast_get_stats");
    FUNCTION(api.live_objects, "rendercast_live_object_count");
    return library;
}

static struct host *create(int32_t renderer) {
    const struct host_options options = {
        .renderer = renderer, .vulkan_versions = HOST_VULKAN_V1 | HOST_VULKAN_V2, .validate = 1, .leave_pass_open = 1};
    char why[HOST_TEXT];
    struct host *host = host_create(&options, &api.plugin, why);
    EXPECT(host);
    return host;
}

static void make_device(struct host *host) {
    char why[HOST_TEXT];
    if (!host_make_device(host, why)) {
        fprintf(stderr, "SKIPPED: %s\n", why);
        exit(77);
    }
    host_texture(host, 0, 320, 180);
}

static rendercast_streamer start(void) {
    rendercast_streamer streamer = 0;
    EXPECT(api.create(CONFIG, &streamer) == 0);
    EXPECT(api.start(streamer) == 0);
    return streamer;
}

/* Nobody watches, so a picture now and then is taken; the first one always is. */
static void play(struct host *host, rendercast_streamer streamer) {
    struct host_frame frame = {.count = 1};
    frame.uses[0].streamer = streamer;
    rendercast_stats before = {.size = sizeof before}, after = {.size = sizeof after};
    EXPECT(api.stats(streamer, &before) == 0);
    for (frame.number = 0; frame.number < 30; frame.number++) host_frame(host, &frame);
    host_settle(host);
    EXPECT(api.stats(streamer, &after) == 0);
    EXPECT(after.video_frames_pushed == before.video_frames_pushed + 30);
    EXPECT(after.video_frames_dropped == before.video_frames_dropped);
    /* The size is known once the worker has seen a picture, which the GPU may still be at. */
    for (int more = 0; more < 5000 && after.width != 320; more++) {
        host_frame(host, &frame);
        EXPECT(api.stats(streamer, &after) == 0);
    }
    EXPECT(after.width == 320 && after.height == 180);
}

static void end(struct host *host) {
    struct host_figures figures;
    if (api.plugin.event_id() >= 0) host_unload_plugin(host);
    EXPECT(api.plugin.event_id() == -1 && api.plugin.renderer() == -1 && api.plugin.can_take_textures() == 0);
    EXPECT(api.live_objects() == 0);
    host_lose_device(host);
    host_figures(host, &figures);
    if (figures.violations) fprintf(stderr, "unity-host: %s\n", figures.violation);
    if (figures.validation) fprintf(stderr, "unity-host: %s\n", figures.message);
    EXPECT(figures.violations == 0 && figures.validation == 0);
    host_destroy(host);
}

static void plugin_before_device(int32_t renderer) {
    struct host *host = create(renderer);
    host_load_plugin(host);
    EXPECT(api.plugin.event_id() >= 0 && api.plugin.renderer() == 4 && api.plugin.can_take_textures() == 0);
    make_device(host);
    EXPECT(api.plugin.renderer() == renderer && api.plugin.can_take_textures() == 1);
    const rendercast_streamer streamer = start();
    play(host, streamer);
    EXPECT(api.destroy(streamer) == 0);
    end(host);
}

static void device_before_plugin(int32_t renderer) {
    struct host *host = create(renderer);
    make_device(host);
    host_load_plugin(host);
    EXPECT(api.plugin.can_take_textures() == 1);
    play(host, start());
    end(host);
}

static void device_gone_before_plugin(int32_t renderer) {
    struct host *host = create(renderer);
    host_load_plugin(host);
    make_device(host);
    const rendercast_streamer streamer = start();
    play(host, streamer);
    host_lose_device(host);
    EXPECT(api.plugin.can_take_textures() == 0);
    make_device(host);
    play(host, streamer);
    host_lose_device(host);
    end(host);
}

static void plugin_gone_and_back(int32_t renderer) {
    struct host *host = create(renderer);
    host_load_plugin(host);
    make_device(host);
    for (int round = 0; round < 3; round++) {
        play(host, start());
        host_unload_plugin(host);
        EXPECT(api.plugin.event_id() == -1 && api.live_objects() == 0);
        host_load_plugin(host);
    }
    end(host);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(int32_t renderer);
        int32_t renderer;
    } scenarios[] = {
        {"Vulkan, the plugin before the device", plugin_before_device, 21},
        {"Vulkan, the device before the plugin", device_before_plugin, 21},
        {"Vulkan, the device gone before the plugin", device_gone_before_plugin, 21},
        {"Vulkan, the plugin gone and back", plugin_gone_and_back, 21},
        {"OpenGL, the plugin before the device", plugin_before_device, 17},
        {"OpenGL, the device before the plugin", device_before_plugin, 17},
        {"OpenGL, the device gone before the plugin", device_gone_before_plugin, 17},
        {"OpenGL, the plugin gone and back", plugin_gone_and_back, 17},
    };
    if (count != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", arguments[0]);
        return 2;
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        scenario = scenarios[i].name;
        void *library = open_library(arguments[1]);
        scenarios[i].run(scenarios[i].renderer);
        EXPECT(dlclose(library) == 0);
        printf("%s\n", scenario);
    }
    return 0;
}

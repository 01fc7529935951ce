/* What Unity offers whatever the API: its tables by number, the device's events, the console and the profiler. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static pthread_mutex_t figures_lock = PTHREAD_MUTEX_INITIALIZER;

void violation(const char *format, ...) {
    va_list values;
    va_start(values, format);
    pthread_mutex_lock(&figures_lock);
    if (the_host->figures.violations++ == 0) vsnprintf(the_host->figures.violation, HOST_TEXT, format, values);
    pthread_mutex_unlock(&figures_lock);
    va_end(values);
}

void validation_message(const char *text) {
    pthread_mutex_lock(&figures_lock);
    if (the_host->figures.validation++ == 0) snprintf(the_host->figures.message, HOST_TEXT, "%s", text);
    pthread_mutex_unlock(&figures_lock);
}

bool on_render_thread(void) { return pthread_equal(pthread_self(), the_host->render); }

bool within_event(const char *function) {
    if (!on_render_thread()) violation("%s on another thread than the render thread", function);
    else if (!the_host->in_event) violation("%s outside of a render event", function);
    else return true;
    return false;
}

/* The first two functions of the table. */
static void by_value(void) { violation("a table was asked for by a number passed by value"); }
static void register_split(uint64_t high, uint64_t low, void *table) {
    (void)high, (void)low, (void)table;
    violation("the plugin registers a table");
}

static int renderer(void) { return the_host->renderer; }

static void register_device_event(device_event_fn callback) {
    for (size_t i = 0; i < sizeof the_host->callbacks / sizeof *the_host->callbacks; i++) {
        if (the_host->callbacks[i] == callback) violation("a device event callback is registered twice");
        if (!the_host->callbacks[i]) {
            the_host->callbacks[i] = callback;
            return;
        }
    }
}

static void unregister_device_event(device_event_fn callback) {
    for (size_t i = 0; i < sizeof the_host->callbacks / sizeof *the_host->callbacks; i++) {
        if (the_host->callbacks[i] == callback) {
            the_host->callbacks[i] = NULL;
            return;
        }
    }
    violation("a device event callback that is not registered is taken back");
}

static int reserve_event_ids(int count) {
    const int first = the_host->next_event_id;
    the_host->next_event_id += count;
    return first;
}

void tell_device_event(int event) {
    the_host->initializing = event == DEVICE_INITIALIZE;
    for (size_t i = 0; i < sizeof the_host->callbacks / sizeof *the_host->callbacks; i++) {
        if (the_host->callbacks[i]) the_host->callbacks[i](event);
    }
    the_host->initializing = false;
}

static void write_log(int kind, const char *text, const char *file, int line) {
    (void)kind, (void)file, (void)line;
    pthread_mutex_lock(&figures_lock);
    the_host->figures.logs++;
    snprintf(the_host->figures.log, HOST_TEXT, "%s", text);
    pthread_mutex_unlock(&figures_lock);
}

static int marker, marks_open;

static void emit(const void *which, uint16_t event, uint16_t count, const void *values) {
    (void)values;
    if (which != &marker || count != 0 || event > 1) violation("an unknown profiler event");
    if (!within_event("a profiler mark")) return;
    marks_open += event == 0 ? 1 : -1;
    if (marks_open < 0 || marks_open > 1) violation("profiler marks do not match");
    the_host->figures.marks++;
}
static int is_available(void) { return 1; }
static int create_marker(const void **out, const char *name, uint16_t category, uint16_t flags, int count) {
    (void)category, (void)flags, (void)count;
    if (!name || !*name) violation("a marker without a name");
    *out = &marker;
    return 0;
}

static const void *get_split(uint64_t high, uint64_t low) {
    static const struct unity_graphics graphics = {renderer, register_device_event, unregister_device_event, reserve_event_ids};
    static const struct unity_log log = {write_log};
    static const struct unity_profiler profiler = {.emit = emit, .is_enabled = is_available, .is_available = is_available,
                                                   .create_marker = create_marker};
    const uint32_t versions = the_host->options.vulkan_versions;
    if (high == 0x7CBA0A9CA4DDB544u && low == 0x8C5AD4926EB17B11u) return &graphics;
    if (high == 0x9E7507FA5B444D5Du && low == 0x92FB979515EA83FCu) return &log;
    if (high == 0xB957E0189CB6A30Bu && low == 0x83CE589AE85B9068u) return &profiler;
    if (high == 0x95355348D4EF4E11u && low == 0x9789313DFCFFCC87u && versions & HOST_VULKAN_V1) return vulkan_table(1);
    if (high == 0x329334C09DCA4787u && low == 0xB347DD92A0097FFCu && versions & HOST_VULKAN_V2) return vulkan_table(2);
    return NULL;
}

struct unity_interfaces *host_interfaces(void) {
    static struct unity_interfaces interfaces = {by_value, by_value, get_split, register_split};
    return &interfaces;
}

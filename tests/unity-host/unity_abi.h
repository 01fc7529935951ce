/* The part of Unity's native plugin ABI that this host offers, declared from its facts. */
#ifndef UNITY_ABI_H
#define UNITY_ABI_H

#include <stdbool.h>
#include <stdint.h>
#include <vulkan/vulkan.h>

enum { RENDERER_NULL = 4, RENDERER_GLES3 = 11, RENDERER_GL_CORE = 17, RENDERER_VULKAN = 21 };
enum { DEVICE_INITIALIZE = 0, DEVICE_SHUTDOWN = 1, DEVICE_BEFORE_RESET = 2, DEVICE_AFTER_RESET = 3 };

typedef void (*device_event_fn)(int event);
typedef void (*render_event_fn)(int id, void *data);

struct unity_interfaces {
    void (*get)(void);
    void (*register_one)(void);
    const void *(*get_split)(uint64_t high, uint64_t low);
    void (*register_split)(uint64_t high, uint64_t low, void *table);
};

struct unity_graphics {
    int (*renderer)(void);
    void (*register_device_event)(device_event_fn callback);
    void (*unregister_device_event)(device_event_fn callback);
    int (*reserve_event_ids)(int count);
};

struct unity_log {
    void (*log)(int kind, const char *text, const char *file, int line);
};

struct unity_profiler {
    void (*emit)(const void *marker, uint16_t event, uint16_t count, const void *values);
    int (*is_enabled)(void);
    int (*is_available)(void);
    int (*create_marker)(const void **marker, const char *name, uint16_t category, uint16_t flags, int count);
    void (*others[6])(void);
};

struct unity_vulkan_instance {
    VkPipelineCache pipeline_cache;
    VkInstance instance;
    VkPhysicalDevice physical_device;
    VkDevice device;
    VkQueue queue;
    PFN_vkGetInstanceProcAddr get_instance_proc_addr;
    uint32_t queue_family;
    void *reserved[8];
};

struct unity_vulkan_memory {
    VkDeviceMemory memory;
    VkDeviceSize offset, size;
    void *mapped;
    VkMemoryPropertyFlags flags;
    uint32_t type_index;
    void *reserved[4];
};

struct unity_vulkan_image {
    struct unity_vulkan_memory memory;
    VkImage image;
    VkImageLayout layout;
    VkImageAspectFlags aspect;
    VkImageUsageFlags usage;
    VkFormat format;
    VkExtent3D extent;
    VkImageTiling tiling;
    VkImageType type;
    VkSampleCountFlagBits samples;
    int layers, mips;
    void *reserved[4];
};

struct unity_vulkan_recording_state {
    VkCommandBuffer command_buffer;
    VkCommandBufferLevel level;
    VkRenderPass render_pass;
    VkFramebuffer framebuffer;
    int subpass;
    unsigned long long current_frame, safe_frame;
    void *reserved[4];
};

struct unity_vulkan_event_config {
    int render_pass; /* 0 any, 1 inside, 2 outside */
    int queue_access;
    uint32_t flags;
};

struct unity_vulkan {
    void (*intercept[2])(void);
    void (*configure_event)(int id, const struct unity_vulkan_event_config *config);
    struct unity_vulkan_instance (*instance)(void);
    bool (*recording_state)(struct unity_vulkan_recording_state *out, int queue_access);
    bool (*access_texture)(void *texture, const VkImageSubresource *part, VkImageLayout layout, VkPipelineStageFlags stages,
                           VkAccessFlags access, int mode, struct unity_vulkan_image *out);
    void (*access_others[3])(void);
    void (*ensure_outside_render_pass)(void);
    void (*ensure_inside_render_pass)(void);
    void (*others[3])(void);
    void (*version_two[2])(void); /* only there in version 2 */
};

#endif

/* The Vulkan device of the host. */
#ifndef HOST_VULKAN_H
#define HOST_VULKAN_H

#include "internal.h"

#define INSTANCE_FUNCTIONS(X) \
    X(vkDestroyInstance) X(vkEnumeratePhysicalDevices) X(vkGetPhysicalDeviceProperties) \
    X(vkGetPhysicalDeviceQueueFamilyProperties) X(vkGetPhysicalDeviceMemoryProperties) X(vkCreateDevice) \
    X(vkGetDeviceProcAddr)

#define DEVICE_FUNCTIONS(X) \
    X(vkDestroyDevice) X(vkGetDeviceQueue) X(vkDeviceWaitIdle) X(vkCreateCommandPool) X(vkDestroyCommandPool) \
    X(vkResetCommandPool) X(vkAllocateCommandBuffers) X(vkBeginCommandBuffer) X(vkEndCommandBuffer) X(vkQueueSubmit) \
    X(vkCreateFence) X(vkDestroyFence) X(vkResetFences) X(vkWaitForFences) X(vkGetFenceStatus) X(vkCreateImage) \
    X(vkDestroyImage) X(vkGetImageMemoryRequirements) X(vkAllocateMemory) X(vkFreeMemory) X(vkBindImageMemory) \
    X(vkCreateImageView) X(vkDestroyImageView) X(vkCreateRenderPass) X(vkDestroyRenderPass) X(vkCreateFramebuffer) \
    X(vkDestroyFramebuffer) X(vkCmdPipelineBarrier) X(vkCmdBeginRenderPass) X(vkCmdEndRenderPass) X(vkCmdClearAttachments)

enum { FRAMES_IN_FLIGHT = 2, FRAME_COMMANDS = 16, OLD_TEXTURES = 64 };

struct vulkan_texture {
    VkImage image; /* its address is what C# gets */
    VkDeviceMemory memory;
    VkDeviceSize size;
    VkImageView view;
    VkFramebuffer framebuffer;
    VkImageLayout layout;
    uint32_t width, height;
};

struct vulkan_frame {
    VkCommandPool pool;
    VkCommandBuffer commands[FRAME_COMMANDS];
    uint32_t used;
    VkFence fence;
    uint64_t number; /* submitted with the fence; 0: never */
};

struct vulkan {
    void *library;
    PFN_vkGetInstanceProcAddr get_instance_proc_addr;
    VkInstance instance;
    VkDebugUtilsMessengerEXT messenger;
    VkPhysicalDevice physical_device;
    VkDevice device;
    VkQueue queue;
    uint32_t queue_family;
    VkPhysicalDeviceMemoryProperties memory;
    VkRenderPass pass;
    struct vulkan_texture *textures[HOST_TEXTURES];
    struct { struct vulkan_texture *texture; uint64_t frame; } old[OLD_TEXTURES];
    struct vulkan_frame frames[FRAMES_IN_FLIGHT];
    uint64_t frame, safe_frame; /* being recorded, finished */
    bool recording, in_pass;
    bool outside_configured; /* for the present event */
    int configured_id;
    struct unity_vulkan_event_config config;
    VkCommandBuffer told; /* what the plugin was told last; anything else is out of date */
#define DECLARE(name) PFN_##name name;
    INSTANCE_FUNCTIONS(DECLARE) DEVICE_FUNCTIONS(DECLARE)
#undef DECLARE
};

#define CHECK(call) check((call), #call)
void check(VkResult result, const char *call);

static inline struct vulkan *vulkan_of(struct host *host) { return host->device; }
/* vulkan.c */
bool vulkan_make(struct host *host, char why[HOST_TEXT]);
void vulkan_destroy(struct host *host);
void vulkan_wait_idle(struct host *host);
/* vulkan_frame.c */
void vulkan_texture(struct host *host, uint32_t texture, uint32_t width, uint32_t height);
void vulkan_drop_textures(struct vulkan *vk);
VkCommandBuffer vulkan_commands(struct vulkan *vk);
void vulkan_next_commands(struct vulkan *vk);
void vulkan_note_finished(struct vulkan *vk);
void vulkan_end_pass(struct vulkan *vk);

#endif

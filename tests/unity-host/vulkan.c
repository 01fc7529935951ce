/* Makes a Vulkan device, under the validation layer when asked, and lets it go. The library is opened at run time. */
#include "vulkan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check(VkResult result, const char *call) {
    if (result == VK_SUCCESS) return;
    fprintf(stderr, "unity-host: %s: VkResult %d\n", call, (int)result);
    abort();
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT kinds,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user) {
    (void)severity, (void)user;
    if (kinds & (VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT))
        validation_message(data->pMessage);
    return VK_FALSE;
}

static bool has_layer(PFN_vkGetInstanceProcAddr get, const char *name) {
    PFN_vkEnumerateInstanceLayerProperties list =
        (PFN_vkEnumerateInstanceLayerProperties)get(NULL, "vkEnumerateInstanceLayerProperties");
    VkLayerProperties layers[64];
    uint32_t count = 64;
    if (!list || list(&count, layers) < 0) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(layers[i].layerName, name) == 0) return true;
    }
    return false;
}

static bool make_instance(struct host *host, struct vulkan *vk) {
    static const char *const layer = "VK_LAYER_KHRONOS_validation";
    static const char *const extensions[] = {"VK_EXT_debug_utils", "VK_EXT_validation_features"};
    static const VkValidationFeatureEnableEXT synchronization = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    const bool validate = host->options.validate && has_layer(vk->get_instance_proc_addr, layer);
    host->figures.validated = validate;
    VkDebugUtilsMessengerCreateInfoEXT messages = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message};
    const VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT, .pNext = &messages,
        .enabledValidationFeatureCount = 1, .pEnabledValidationFeatures = &synchronization};
    const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_1};
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pNext = validate ? &features : NULL, .pApplicationInfo = &application,
        .enabledLayerCount = validate, .ppEnabledLayerNames = &layer,
        .enabledExtensionCount = validate ? 2 : 0, .ppEnabledExtensionNames = extensions};
    PFN_vkCreateInstance create = (PFN_vkCreateInstance)vk->get_instance_proc_addr(NULL, "vkCreateInstance");
    if (!create || create(&info, NULL, &vk->instance) != VK_SUCCESS) return false;
#define LOAD(name) vk->name = (PFN_##name)vk->get_instance_proc_addr(vk->instance, #name);
    INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
    if (validate) {
        PFN_vkCreateDebugUtilsMessengerEXT listen = (PFN_vkCreateDebugUtilsMessengerEXT)vk->get_instance_proc_addr(
            vk->instance, "vkCreateDebugUtilsMessengerEXT");
        CHECK(listen(vk->instance, &messages, NULL, &vk->messenger));
    }
    return true;
}

static bool make_device(struct vulkan *vk) {
    uint32_t count = 1;
    if (vk->vkEnumeratePhysicalDevices(vk->instance, &count, &vk->physical_device) < 0 || count == 0) return false;
    VkQueueFamilyProperties families[16];
    count = 16;
    vk->vkGetPhysicalDeviceQueueFamilyProperties(vk->physical_device, &count, families);
    const VkQueueFlags wanted = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
    while (vk->queue_family < count && (families[vk->queue_family].queueFlags & wanted) != wanted) vk->queue_family++;
    if (vk->queue_family == count) return false;
    vk->vkGetPhysicalDeviceMemoryProperties(vk->physical_device, &vk->memory);
    const float priority = 1;
    const VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = vk->queue_family, .queueCount = 1,
        .pQueuePriorities = &priority};
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue};
    if (vk->vkCreateDevice(vk->physical_device, &info, NULL, &vk->device) != VK_SUCCESS) return false;
#define LOAD(name) vk->name = (PFN_##name)vk->vkGetDeviceProcAddr(vk->device, #name);
    DEVICE_FUNCTIONS(LOAD)
#undef LOAD
    vk->vkGetDeviceQueue(vk->device, vk->queue_family, 0, &vk->queue);
    return true;
}

static void make_frames(struct vulkan *vk) {
    const VkAttachmentDescription colour = {
        .format = VK_FORMAT_R8G8B8A8_UNORM, .samples = VK_SAMPLE_COUNT_1_BIT, .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
        .storeOp = VK_ATTACHMENT_STORE_OP_STORE, .stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
        .stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE, .initialLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
        .finalLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
    const VkAttachmentReference reference = {0, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
    const VkSubpassDescription subpass = {
        .pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS, .colorAttachmentCount = 1, .pColorAttachments = &reference};
    const VkRenderPassCreateInfo pass = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO, .attachmentCount = 1, .pAttachments = &colour,
        .subpassCount = 1, .pSubpasses = &subpass};
    CHECK(vk->vkCreateRenderPass(vk->device, &pass, NULL, &vk->pass));
    for (int i = 0; i < FRAMES_IN_FLIGHT; i++) {
        struct vulkan_frame *frame = &vk->frames[i];
        const VkCommandPoolCreateInfo pool = {
            .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = vk->queue_family};
        CHECK(vk->vkCreateCommandPool(vk->device, &pool, NULL, &frame->pool));
        const VkCommandBufferAllocateInfo buffers = {
            .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .commandPool = frame->pool,
            .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY, .commandBufferCount = FRAME_COMMANDS};
        CHECK(vk->vkAllocateCommandBuffers(vk->device, &buffers, frame->commands));
        const VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
        CHECK(vk->vkCreateFence(vk->device, &fence, NULL, &frame->fence));
    }
}

bool vulkan_make(struct host *host, char why[HOST_TEXT]) {
    struct vulkan *vk = calloc(1, sizeof *vk);
    if (!vk) abort();
    vk->configured_id = -1;
    const char *missing = NULL;
    vk->library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
    if (vk->library) *(void **)&vk->get_instance_proc_addr = dlsym(vk->library, "vkGetInstanceProcAddr");
    if (!vk->get_instance_proc_addr) missing = "no libvulkan.so.1 here";
    else if (!make_instance(host, vk)) missing = "no Vulkan instance can be made here";
    else if (!make_device(vk)) missing = "no Vulkan device here";
    if (missing) {
        snprintf(why, HOST_TEXT, "%s", missing);
        if (vk->instance) vk->vkDestroyInstance(vk->instance, NULL);
        if (vk->library) dlclose(vk->library);
        free(vk);
        return false;
    }
    make_frames(vk);
    host->device = vk;
    return true;
}

void vulkan_wait_idle(struct host *host) {
    struct vulkan *vk = vulkan_of(host);
    CHECK(vk->vkDeviceWaitIdle(vk->device));
    vulkan_note_finished(vk);
}

void vulkan_destroy(struct host *host) {
    struct vulkan *vk = vulkan_of(host);
    vulkan_wait_idle(host);
    vulkan_drop_textures(vk);
    for (int i = 0; i < FRAMES_IN_FLIGHT; i++) {
        vk->vkDestroyFence(vk->device, vk->frames[i].fence, NULL);
        vk->vkDestroyCommandPool(vk->device, vk->frames[i].pool, NULL);
    }
    vk->vkDestroyRenderPass(vk->device, vk->pass, NULL);
    /* The validation layer tells here of everything that a plugin has left. */
    vk->vkDestroyDevice(vk->device, NULL);
    if (vk->messenger) {
        PFN_vkDestroyDebugUtilsMessengerEXT end = (PFN_vkDestroyDebugUtilsMessengerEXT)vk->get_instance_proc_addr(
            vk->instance, "vkDestroyDebugUtilsMessengerEXT");
        end(vk->instance, vk->messenger, NULL);
    }
    vk->vkDestroyInstance(vk->instance, NULL);
    dlclose(vk->library);
    free(vk);
    host->device = NULL;
}

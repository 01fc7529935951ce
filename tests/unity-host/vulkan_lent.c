/* What this Unity lends of its Vulkan device, and whether a plugin keeps to the rules. */
#include "vulkan.h"

static struct vulkan *lent(const char *function) {
    return within_event(function) && the_host->device ? vulkan_of(the_host) : NULL;
}

static void intercept(void) { violation("the plugin intercepts Vulkan, which it has no need to"); }
static void unused(void) { violation("a function that the plugin has no need of"); }

static void configure_event(int id, const struct unity_vulkan_event_config *config) {
    if (!the_host->device) {
        violation("an event is configured without a device");
        return;
    }
    struct vulkan *vk = vulkan_of(the_host);
    vk->configured_id = id;
    vk->config = *config;
    if (config->queue_access != 0) violation("queue access is asked for without need");
}

static struct unity_vulkan_instance instance(void) {
    struct unity_vulkan_instance out = {0};
    /* Some versions crash here. */
    if (the_host->initializing) violation("Instance() while the device is being initialized");
    struct vulkan *vk = lent("Instance()");
    if (vk) {
        out.instance = vk->instance, out.physical_device = vk->physical_device, out.device = vk->device;
        out.queue = vk->queue, out.queue_family = vk->queue_family;
        out.get_instance_proc_addr = vk->get_instance_proc_addr;
    }
    return out;
}

static bool recording_state(struct unity_vulkan_recording_state *out, int queue_access) {
    struct vulkan *vk = lent("CommandRecordingState()");
    if (!vk || !vk->recording) return false;
    if (queue_access != 0) violation("CommandRecordingState() with queue access");
    vulkan_note_finished(vk);
    *out = (struct unity_vulkan_recording_state){
        .command_buffer = vulkan_commands(vk), .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .render_pass = vk->in_pass ? vk->pass : VK_NULL_HANDLE, .subpass = vk->in_pass ? 0 : -1,
        .current_frame = vk->frame, .safe_frame = vk->safe_frame};
    vk->told = out->command_buffer;
    return true;
}

static bool access_texture(void *native, const VkImageSubresource *part, VkImageLayout layout, VkPipelineStageFlags stages,
                           VkAccessFlags access, int mode, struct unity_vulkan_image *out) {
    struct vulkan *vk = lent("AccessTexture()");
    if (!vk || !vk->recording) return false;
    struct vulkan_texture *texture = NULL;
    for (int i = 0; i < HOST_TEXTURES; i++) {
        if (vk->textures[i] && native == &vk->textures[i]->image) texture = vk->textures[i];
    }
    if (!texture) return false;
    if (part) violation("a part of a texture is accessed");
    if (mode != 1) violation("AccessTexture() without a barrier");
    if (vk->in_pass) {
        violation("AccessTexture() within a render pass");
        return false;
    }
    const VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER, .image = texture->image, .oldLayout = texture->layout, .newLayout = layout,
        .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT, .dstAccessMask = access,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED, .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    /* Whoever keeps an earlier recording state records into a command buffer that has ended. */
    vulkan_next_commands(vk);
    vk->vkCmdPipelineBarrier(vulkan_commands(vk), VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT | VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                             stages, 0, 0, NULL, 0, NULL, 1, &barrier);
    texture->layout = layout;
    *out = (struct unity_vulkan_image){
        .memory = {.memory = texture->memory, .size = texture->size}, .image = texture->image, .layout = layout,
        .aspect = VK_IMAGE_ASPECT_COLOR_BIT, .format = VK_FORMAT_R8G8B8A8_UNORM, .extent = {texture->width, texture->height, 1},
        .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL, .type = VK_IMAGE_TYPE_2D, .samples = VK_SAMPLE_COUNT_1_BIT, .layers = 1, .mips = 1};
    return true;
}

static void ensure_outside_render_pass(void) {
    struct vulkan *vk = lent("EnsureOutsideRenderPass()");
    if (vk) vulkan_end_pass(vk);
}

static void ensure_inside_render_pass(void) { violation("EnsureInsideRenderPass() for a plugin that computes"); }

const void *vulkan_table(uint32_t version) {
    static struct unity_vulkan table = {
        .intercept = {intercept, intercept}, .configure_event = configure_event, .instance = instance,
        .recording_state = recording_state, .access_texture = access_texture, .access_others = {unused, unused, unused},
        .ensure_outside_render_pass = ensure_outside_render_pass, .ensure_inside_render_pass = ensure_inside_render_pass,
        .others = {unused, unused, unused}};
    table.version_two[0] = table.version_two[1] = version == 2 ? intercept : NULL;
    return &table;
}

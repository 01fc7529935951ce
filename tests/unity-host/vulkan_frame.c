/* Textures and frames: each frame has command buffers of its own, two frames are in flight. */
#include <stdlib.h>

#include "picture.h"
#include "vulkan.h"

static struct vulkan_frame *present(struct vulkan *vk) { return &vk->frames[vk->frame % FRAMES_IN_FLIGHT]; }

VkCommandBuffer vulkan_commands(struct vulkan *vk) { return present(vk)->commands[present(vk)->used - 1]; }

static void begin_commands(struct vulkan *vk) {
    struct vulkan_frame *frame = present(vk);
    if (frame->used == FRAME_COMMANDS) abort();
    const VkCommandBufferBeginInfo once = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
    CHECK(vk->vkBeginCommandBuffer(frame->commands[frame->used++], &once));
}

/* Goes on in another command buffer: what was told of the last one is out of date. */
void vulkan_next_commands(struct vulkan *vk) {
    vulkan_end_pass(vk);
    CHECK(vk->vkEndCommandBuffer(vulkan_commands(vk)));
    begin_commands(vk);
}

void vulkan_end_pass(struct vulkan *vk) {
    if (vk->in_pass) vk->vkCmdEndRenderPass(vulkan_commands(vk));
    vk->in_pass = false;
}

static void destroy_texture(struct vulkan *vk, struct vulkan_texture *texture) {
    vk->vkDestroyFramebuffer(vk->device, texture->framebuffer, NULL);
    vk->vkDestroyImageView(vk->device, texture->view, NULL);
    vk->vkDestroyImage(vk->device, texture->image, NULL);
    vk->vkFreeMemory(vk->device, texture->memory, NULL);
    free(texture);
}

/* Which frames the GPU has finished, without waiting, and what can go because of it. */
void vulkan_note_finished(struct vulkan *vk) {
    for (int i = 0; i < FRAMES_IN_FLIGHT; i++) {
        const struct vulkan_frame *frame = &vk->frames[i];
        if (frame->number > vk->safe_frame && vk->vkGetFenceStatus(vk->device, frame->fence) == VK_SUCCESS)
            vk->safe_frame = frame->number;
    }
    for (int i = 0; i < OLD_TEXTURES; i++) {
        if (vk->old[i].texture && vk->old[i].frame <= vk->safe_frame) {
            destroy_texture(vk, vk->old[i].texture);
            vk->old[i].texture = NULL;
        }
    }
}

static uint32_t device_memory(const struct vulkan *vk, uint32_t allowed) {
    for (uint32_t i = 0; i < vk->memory.memoryTypeCount; i++) {
        if (allowed >> i & 1 && vk->memory.memoryTypes[i].propertyFlags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) return i;
    }
    abort();
}

static struct vulkan_texture *make_texture(struct vulkan *vk, uint32_t width, uint32_t height) {
    struct vulkan_texture *texture = calloc(1, sizeof *texture);
    if (!texture) abort();
    texture->width = width, texture->height = height;
    const VkImageCreateInfo image = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO, .imageType = VK_IMAGE_TYPE_2D, .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = {width, height, 1}, .mipLevels = 1, .arrayLayers = 1, .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL,
        .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT};
    CHECK(vk->vkCreateImage(vk->device, &image, NULL, &texture->image));
    VkMemoryRequirements needs;
    vk->vkGetImageMemoryRequirements(vk->device, texture->image, &needs);
    texture->size = needs.size;
    const VkMemoryAllocateInfo memory = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs.size,
        .memoryTypeIndex = device_memory(vk, needs.memoryTypeBits)};
    CHECK(vk->vkAllocateMemory(vk->device, &memory, NULL, &texture->memory));
    CHECK(vk->vkBindImageMemory(vk->device, texture->image, texture->memory, 0));
    const VkImageViewCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO, .image = texture->image, .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM, .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    CHECK(vk->vkCreateImageView(vk->device, &view, NULL, &texture->view));
    const VkFramebufferCreateInfo framebuffer = {
        .sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO, .renderPass = vk->pass, .attachmentCount = 1,
        .pAttachments = &texture->view, .width = width, .height = height, .layers = 1};
    CHECK(vk->vkCreateFramebuffer(vk->device, &framebuffer, NULL, &texture->framebuffer));
    return texture;
}

void vulkan_texture(struct host *host, uint32_t index, uint32_t width, uint32_t height) {
    struct vulkan *vk = vulkan_of(host);
    if (vk->textures[index]) {
        int free_place = 0;
        while (vk->old[free_place].texture) {
            if (++free_place == OLD_TEXTURES) {
                vulkan_wait_idle(host);
                free_place = 0;
            }
        }
        vk->old[free_place].texture = vk->textures[index];
        vk->old[free_place].frame = vk->frame;
    }
    vk->textures[index] = width ? make_texture(vk, width, height) : NULL;
    vulkan_note_finished(vk);
}

void vulkan_drop_textures(struct vulkan *vk) {
    for (int i = 0; i < OLD_TEXTURES; i++) {
        if (vk->old[i].texture) destroy_texture(vk, vk->old[i].texture);
    }
    for (int i = 0; i < HOST_TEXTURES; i++) {
        if (vk->textures[i]) destroy_texture(vk, vk->textures[i]);
    }
}

static void *native(struct host *host, uint32_t index) {
    struct vulkan_texture *texture = vulkan_of(host)->textures[index];
    return texture ? &texture->image : NULL;
}

static void begin(struct host *host) {
    struct vulkan *vk = vulkan_of(host);
    vk->frame++;
    struct vulkan_frame *frame = present(vk);
    if (frame->number) CHECK(vk->vkWaitForFences(vk->device, 1, &frame->fence, VK_TRUE, UINT64_MAX));
    vulkan_note_finished(vk);
    CHECK(vk->vkResetFences(vk->device, 1, &frame->fence));
    CHECK(vk->vkResetCommandPool(vk->device, frame->pool, 0));
    frame->used = 0, frame->number = 0;
    begin_commands(vk);
    vk->recording = true;
}

static void draw(struct host *host, uint32_t index, uint64_t number) {
    struct vulkan *vk = vulkan_of(host);
    struct vulkan_texture *texture = vk->textures[index];
    if (!texture) return;
    vulkan_end_pass(vk);
    const VkCommandBuffer commands = vulkan_commands(vk);
    /* Drawn anew, so what is in it may go; after whatever read it. */
    const VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER, .image = texture->image, .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED,
        .newLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_COLOR_ATTACHMENT_READ_BIT | VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED, .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    const VkPipelineStageFlags before = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
    vk->vkCmdPipelineBarrier(commands, before, VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
    texture->layout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    const VkClearValue nothing = {.color = {.float32 = {1, 0, 1, 1}}};
    const VkRenderPassBeginInfo pass = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO, .renderPass = vk->pass, .framebuffer = texture->framebuffer,
        .renderArea = {{0, 0}, {texture->width, texture->height}}, .clearValueCount = 1, .pClearValues = &nothing};
    vk->vkCmdBeginRenderPass(commands, &pass, VK_SUBPASS_CONTENTS_INLINE);
    vk->in_pass = true;
    struct picture_rect rects[PICTURE_RECTS];
    const uint32_t count = picture_rects(number, texture->width, texture->height, rects);
    for (uint32_t i = 0; i < count; i++) {
        VkClearAttachment colour = {.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT};
        for (int c = 0; c < 4; c++) colour.clearValue.color.float32[c] = (float)rects[i].rgba[c] / 255.0f;
        const VkClearRect rect = {
            {{(int32_t)rects[i].x, (int32_t)rects[i].y}, {rects[i].width, rects[i].height}}, 0, 1};
        vk->vkCmdClearAttachments(commands, 1, &colour, 1, &rect);
    }
    if (!host->options.leave_pass_open) vulkan_end_pass(vk);
}

static void before_event(struct host *host, int id) {
    struct vulkan *vk = vulkan_of(host);
    if (vk->configured_id == id && !host->options.ignore_config && vk->config.render_pass == 2) vulkan_end_pass(vk);
    vk->told = VK_NULL_HANDLE;
}

static void after_event(struct host *host) { (void)host; }

static void end(struct host *host) {
    struct vulkan *vk = vulkan_of(host);
    struct vulkan_frame *frame = present(vk);
    vulkan_end_pass(vk);
    CHECK(vk->vkEndCommandBuffer(vulkan_commands(vk)));
    const VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = frame->used, .pCommandBuffers = frame->commands};
    CHECK(vk->vkQueueSubmit(vk->queue, 1, &submit, frame->fence));
    frame->number = vk->frame;
    vk->recording = false;
}

const struct gpu vulkan_gpu = {vulkan_make, vulkan_destroy, vulkan_wait_idle, vulkan_texture, native,
                               begin, draw, before_event, after_event, end};

/* Pictures that are in a GPU's memory.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "rendercast/detail.hpp"

namespace rendercast {

/// A Vulkan device. It was created with what rendercast_graphics_device says.
struct VulkanDevice {
    /// VkInstance, VkPhysicalDevice, VkDevice.
    void *instance = nullptr, *physical_device = nullptr, *device = nullptr;
    /// VkQueue (compute allowed), which nobody else uses during a push, and its family.
    void *queue = nullptr;
    std::uint32_t queue_family = 0;
    /// vkGetInstanceProcAddr.
    void *get_instance_proc_addr = nullptr;
    /// The device was created with the feature timelineSemaphore.
    bool timeline_semaphores = false;
};

/// A picture in the GPU's memory; see rendercast_texture.
struct Texture {
    /// VkImage, OpenGL's name of a GL_TEXTURE_2D, ID3D11Texture2D*, ID3D12Resource*, id<MTLTexture>.
    std::uint64_t texture = 0;
    /// The API's own number of its format; 0 asks the API, which Vulkan cannot answer.
    std::uint32_t format = 0;
    /// VkImageLayout, D3D12_RESOURCE_STATES; others 0.
    std::uint32_t layout = 0;
    /// Pixels, 1 to 16384.
    std::uint32_t width = 0, height = 0;
    /// Pixels of the picture to stream, scaled by the GPU. 0: as above.
    std::uint32_t target_width = 0, target_height = 0;
    /// As Picture::host_time_ns.
    std::uint64_t host_time_ns = 0;
    /// Whose picture it is: Source::number, 0 for the source that is always there.
    std::uint32_t source = 0;
    /// Its first row is the bottom one.
    bool flipped = false;
    /// Red and blue change places.
    bool swap_red_blue = false;
    /// Its values are linear light, 1.0 is white. Formats that say so themselves (sRGB) need no flag.
    bool linear = false;
    /// Its values are linear light, brighter than white too: tone-mapped.
    bool tone_map = false;
};

/// A graphics device of the host's, so that its textures can be streamed: Streamer::push_texture. It has to end before the device does, on the
/// thread that pushes textures of it, OpenGL with its context current; that blocks until pictures being read are done with, usually a few
/// milliseconds, at most two seconds.
///
/// Making one throws StatusCode::graphics_unavailable (the API is not in this build, or the device lacks something, which `what()`
/// says). It compiles shaders, so not once a frame. OpenGL: on the thread whose context it is.
class GraphicsDevice {
public:
    static GraphicsDevice vulkan(const VulkanDevice &device) {
        auto c = of(RENDERCAST_GRAPHICS_VULKAN, device.device, device.queue);
        c.instance = device.instance;
        c.physical_device = device.physical_device;
        c.get_proc_address = device.get_instance_proc_addr;
        c.queue_family = device.queue_family;
        c.flags = device.timeline_semaphores ? RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES : 0;
        return GraphicsDevice(c);
    }
    /// The context that is current on this thread, OpenGL 3.3 or OpenGL ES 3.0 and newer. `get_proc_address` is a function
    /// `void *(*)(const char *name)`, such as eglGetProcAddress, only called in here.
    static GraphicsDevice opengl(void *get_proc_address) {
        auto c = of(RENDERCAST_GRAPHICS_OPENGL, nullptr, nullptr);
        c.get_proc_address = get_proc_address;
        return GraphicsDevice(c);
    }
    /// ID3D11Device*.
    static GraphicsDevice d3d11(void *device) { return GraphicsDevice(of(RENDERCAST_GRAPHICS_D3D11, device, nullptr)); }
    /// ID3D12Device*, and an ID3D12CommandQueue* (direct or compute) which nobody else uses during a push.
    static GraphicsDevice d3d12(void *device, void *queue) { return GraphicsDevice(of(RENDERCAST_GRAPHICS_D3D12, device, queue)); }
    /// id<MTLDevice>, and id<MTLCommandQueue> or NULL for one of the library's own: the GPU must then have finished drawing.
    static GraphicsDevice metal(void *device, void *queue = nullptr) {
        return GraphicsDevice(of(RENDERCAST_GRAPHICS_METAL, device, queue));
    }

    GraphicsDevice(GraphicsDevice &&) noexcept = default;
    GraphicsDevice &operator=(GraphicsDevice &&) noexcept = default;

private:
    friend class Streamer;

    explicit GraphicsDevice(const rendercast_graphics_device &device)
        : device_(std::make_unique<::rust::Box<bridge::Graphics>>(
              detail::call([&] { return bridge::create_graphics(device); }))) {}

    static rendercast_graphics_device of(std::uint32_t api, void *device, void *queue) noexcept {
        auto c = detail::sized<rendercast_graphics_device>();
        c.api = api;
        c.device = device;
        c.queue = queue;
        return c;
    }

    bool push(const bridge::Streamer &streamer, const Texture &texture) const {
        if (!device_) throw Error(StatusCode::invalid_handle, "rendercast::GraphicsDevice is empty: it was moved from");
        auto c = detail::sized<rendercast_texture>();
        c.flags = (texture.flipped ? RENDERCAST_TEXTURE_FLIPPED : 0) |
                  (texture.swap_red_blue ? RENDERCAST_TEXTURE_SWAP_RED_BLUE : 0) |
                  (texture.linear ? RENDERCAST_TEXTURE_LINEAR : 0) | (texture.tone_map ? RENDERCAST_TEXTURE_TONE_MAP : 0);
        c.texture = texture.texture;
        c.format = texture.format;
        c.layout = texture.layout;
        c.width = texture.width;
        c.height = texture.height;
        c.target_width = texture.target_width;
        c.target_height = texture.target_height;
        c.host_time_ns = texture.host_time_ns;
        c.source = texture.source;
        return detail::call([&] { return (*device_)->push_texture(streamer, c); });
    }

    std::unique_ptr<::rust::Box<bridge::Graphics>> device_;
};

} // namespace rendercast

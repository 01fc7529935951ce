//! What the host gives: its handles as plain numbers, so that nobody outside of this folder needs Vulkan's types.

#![allow(unsafe_code)]

use std::ffi::c_void;

use crate::graphics::texture::Texture;

/// A host's device. A handle that Vulkan calls dispatchable is the pointer's value.
#[derive(Clone, Copy, Debug)]
pub struct VulkanDevice {
    pub(super) instance: u64,
    pub(super) physical_device: u64,
    pub(super) device: u64,
    pub(super) queue: u64,
    pub(super) queue_family: u32,
    pub(super) get_instance_proc_addr: *const c_void,
    pub(super) timeline_semaphores: bool,
}

// SAFETY: the pointer is that of a function, which every thread may call.
unsafe impl Send for VulkanDevice {}

impl VulkanDevice {
    /// `queue` is of `queue_family`, which must support compute; 0 with a [`Recorder`].
    ///
    /// # Safety
    /// The handles and `vkGetInstanceProcAddr` are valid, and stay so until the `Device` made from this is closed. With a
    /// queue, nobody else uses the queue during a call of that `Device`.
    pub const unsafe fn new(
        instance: u64,
        physical_device: u64,
        device: u64,
        queue: u64,
        queue_family: u32,
        get_instance_proc_addr: *const c_void,
    ) -> Self {
        Self {
            instance,
            physical_device,
            device,
            queue,
            queue_family,
            get_instance_proc_addr,
            timeline_semaphores: false,
        }
    }

    /// The host created the device with the feature `timelineSemaphore` (Vulkan 1.2 or `VK_KHR_timeline_semaphore`):
    /// Vulkan cannot be asked what was enabled. Default: not, and a `VkFence` tells of each picture. Only for a queue.
    #[must_use]
    pub const fn with_timeline_semaphores(mut self, enabled: bool) -> Self {
        self.timeline_semaphores = enabled;
        self
    }
}

/// A host that owns the queue and lends its command buffers instead (Unity). Called on the render thread.
///
/// What is recorded changes the compute pipeline and the descriptor set 0 that are bound for compute, nothing else.
pub trait Recorder: Send {
    /// The command buffer that this frame is recorded into, and the image behind a texture. None: this frame is skipped.
    fn record(&mut self, texture: &Texture) -> Option<Recording>;
    /// The newest frame that the GPU has finished, in the numbers of `Recording`; 0 for none.
    fn safe_frame(&mut self) -> u64;
}

/// Where one picture is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// `VkCommandBuffer`, recording, outside of a render pass.
    pub command_buffer: u64,
    /// `VkImage`.
    pub image: u64,
    /// `VkImageLayout` it is in and is left in.
    pub image_layout: u32,
    /// `VkFormat`.
    pub format: u32,
    /// The frame that the command buffer belongs to; counts up.
    pub current_frame: u64,
    /// The newest frame that the GPU has finished.
    pub safe_frame: u64,
}

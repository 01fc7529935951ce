//! Vulkan, on a device of the host's. Nothing is linked or loaded: the host gives its `vkGetInstanceProcAddr`.
//!
//! `host` (what the host gives: handles, and a recorder where it owns the queue), `functions` (the device's functions,
//! checked, and what its errors mean), `format` (the table), `memory` (buffers that are mapped), `pipeline` (the shader),
//! `binding` (what one dispatch is bound to), `commands` (what is recorded for one picture), `completion` (fences for the
//! worker), `queue` and `recorder` (the two ways to the GPU), `backend`.
//!
//! # What a texture must be
//!
//! Vulkan can be asked nothing about an image, so the host answers for it: a `VkImage` of this device, 2D, one sample,
//! created with `VK_IMAGE_USAGE_SAMPLED_BIT`, owned by the queue's family, in the layout that is told, at least as large
//! as is told and of exactly the format that is told. It is read at mip level 0 and array layer 0, and is left in its
//! layout. It must live until the GPU has run what was recorded, as for any command that reads it.

mod backend;
mod binding;
mod commands;
mod completion;
mod format;
mod functions;
mod host;
mod memory;
mod pipeline;
mod queue;
mod recorder;

pub use backend::{VulkanBackend, VulkanSlot};
pub use host::{Recorder, Recording, VulkanDevice};

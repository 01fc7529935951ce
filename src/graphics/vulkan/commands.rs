//! The commands of one picture, the same in a command buffer of ours or of the host's.

#![allow(unsafe_code)]

use ash::vk::{self, AccessFlags as Access, ImageLayout, PipelineStageFlags as Stage};

use super::binding::{Binding, first_level};
use super::functions::Gpu;
use super::memory::MappedBuffer;
use super::pipeline::Pipeline;
use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::Params;

/// The image and its layouts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub image: vk::Image,
    /// It is in, and is left in.
    pub layout: ImageLayout,
    /// It is read in.
    pub read_layout: ImageLayout,
}

impl Source {
    /// Refuses layouts that say that there is no picture: what is in such an image is lost by any transition.
    pub fn new(image: vk::Image, layout: u32) -> Result<Self, GraphicsError> {
        let refused = GraphicsError::TextureLayout { api: Api::Vulkan, layout };
        let Ok(number) = i32::try_from(layout) else { return Err(refused) };
        let layout = ImageLayout::from_raw(number);
        let read_layout = match layout {
            ImageLayout::UNDEFINED | ImageLayout::PREINITIALIZED => return Err(refused),
            ImageLayout::GENERAL => ImageLayout::GENERAL,
            _ => ImageLayout::SHADER_READ_ONLY_OPTIMAL,
        };
        Ok(Self { image, layout, read_layout })
    }
}

/// Records the conversion into a command buffer that is recording, outside of a render pass.
///
/// # Safety
/// The handles are valid, and all of it lives until the GPU has run it.
pub(super) unsafe fn record(
    gpu: &Gpu,
    commands: vk::CommandBuffer,
    pipeline: &Pipeline,
    binding: &Binding,
    source: Source,
    picture: &MappedBuffer,
    params: &Params,
) {
    let image = |old, new, from, to| {
        vk::ImageMemoryBarrier::default()
            .image(source.image)
            .old_layout(old)
            .new_layout(new)
            .src_access_mask(from)
            .dst_access_mask(to)
            .src_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
            .dst_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
            .subresource_range(first_level())
    };
    let buffer = |from, to| {
        [vk::BufferMemoryBarrier::default()
            .buffer(picture.buffer)
            .size(vk::WHOLE_SIZE)
            .src_access_mask(from)
            .dst_access_mask(to)
            .src_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
            .dst_queue_family_index(vk::QUEUE_FAMILY_IGNORED)]
    };
    let to_read = image(source.layout, source.read_layout, Access::MEMORY_WRITE, Access::SHADER_READ);
    let all = Access::MEMORY_READ | Access::MEMORY_WRITE;
    let to_leave = image(source.read_layout, source.layout, Access::SHADER_READ, all);
    let [x, y] = params.workgroups();
    let device = &gpu.device;
    let none = vk::DependencyFlags::empty();
    // SAFETY: the caller's promise. Any stage of the host's may have written the image, and a queue without graphics knows
    // no narrower stages that are sure to cover it.
    unsafe {
        let reuse = buffer(Access::SHADER_WRITE, Access::SHADER_WRITE);
        device.cmd_pipeline_barrier(
            commands,
            Stage::ALL_COMMANDS,
            Stage::COMPUTE_SHADER,
            none,
            &[],
            &reuse,
            &[to_read],
        );
        device.cmd_bind_pipeline(commands, vk::PipelineBindPoint::COMPUTE, pipeline.of(params));
        let point = vk::PipelineBindPoint::COMPUTE;
        device.cmd_bind_descriptor_sets(commands, point, pipeline.layout, 0, &[binding.set], &[]);
        device.cmd_dispatch(commands, x, y, 1);
        let to_host = buffer(Access::SHADER_WRITE, Access::HOST_READ);
        let after = Stage::ALL_COMMANDS | Stage::HOST;
        device.cmd_pipeline_barrier(commands, Stage::COMPUTE_SHADER, after, none, &[], &to_host, &[to_leave]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_picture_is_refused_and_a_general_one_stays_general() {
        let layout = |number| Source::new(vk::Image::null(), number).map(|source| source.read_layout);
        for number in [0, 8, u32::MAX] {
            assert_eq!(layout(number), Err(GraphicsError::TextureLayout { api: Api::Vulkan, layout: number }));
        }
        assert_eq!(layout(1), Ok(ImageLayout::GENERAL));
        for number in [2, 5, 7, 1_000_001_002] {
            assert_eq!(layout(number), Ok(ImageLayout::SHADER_READ_ONLY_OPTIMAL));
        }
    }
}

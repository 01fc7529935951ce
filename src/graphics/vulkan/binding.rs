//! What one dispatch is bound to: the image, the slot's buffer, the parameters. None of it may change while the command
//! buffer that names it is pending.

#![allow(unsafe_code)]

use std::sync::Arc;

use ash::vk;

use super::functions::Gpu;
use super::memory::{MappedBuffer, MemoryTypes, Use};
use super::pipeline::{PARAMS, PICTURE, Pipeline, SOURCE};
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::Params;

#[derive(Debug)]
pub(super) struct Binding {
    gpu: Arc<Gpu>,
    pool: vk::DescriptorPool,
    pub set: vk::DescriptorSet,
    params: MappedBuffer,
    /// Made anew for each picture: a host may destroy a texture and be given the same handle for another.
    view: vk::ImageView,
}

impl Binding {
    pub fn new(gpu: &Arc<Gpu>, types: &MemoryTypes, pipeline: &Pipeline) -> Result<Self, GraphicsError> {
        let mut made = Self {
            gpu: Arc::clone(gpu),
            pool: vk::DescriptorPool::null(),
            set: vk::DescriptorSet::null(),
            params: MappedBuffer::new(gpu, types, Use::WriteParams, Params::BYTES)?,
            view: vk::ImageView::null(),
        };
        let one = |kind| vk::DescriptorPoolSize { ty: kind, descriptor_count: 1 };
        let sizes = [
            one(vk::DescriptorType::SAMPLED_IMAGE),
            one(vk::DescriptorType::STORAGE_BUFFER),
            one(vk::DescriptorType::UNIFORM_BUFFER),
        ];
        let layouts = [pipeline.set_layout];
        // SAFETY: valid handles and structures; what was made is destroyed by `Drop` should a later step fail.
        unsafe {
            let info = vk::DescriptorPoolCreateInfo::default().max_sets(1).pool_sizes(&sizes);
            made.pool = gpu.check("vkCreateDescriptorPool", gpu.device.create_descriptor_pool(&info, None))?;
            let info = vk::DescriptorSetAllocateInfo::default().descriptor_pool(made.pool).set_layouts(&layouts);
            let sets = gpu.check("vkAllocateDescriptorSets", gpu.device.allocate_descriptor_sets(&info))?;
            made.set = sets.first().copied().unwrap_or_default();
        }
        Ok(made)
    }

    /// Binds an image (read in `layout`) and a buffer. The GPU has finished with what was bound before.
    pub fn bind(
        &mut self,
        image: vk::Image,
        format: vk::Format,
        layout: vk::ImageLayout,
        picture: &MappedBuffer,
        params: &Params,
    ) -> Result<(), GraphicsError> {
        let info = vk::ImageViewCreateInfo::default()
            .image(image)
            .view_type(vk::ImageViewType::TYPE_2D)
            .format(format)
            .subresource_range(first_level());
        let device = &self.gpu.device;
        // SAFETY: the image is valid by the host's promise; the old view and set are in no pending command buffer.
        unsafe {
            let view = self.gpu.check("vkCreateImageView", device.create_image_view(&info, None))?;
            device.destroy_image_view(std::mem::replace(&mut self.view, view), None);
        }
        self.params.write(&params.to_bytes());
        let images = [vk::DescriptorImageInfo::default().image_view(self.view).image_layout(layout)];
        let whole = |buffer| [vk::DescriptorBufferInfo { buffer, offset: 0, range: vk::WHOLE_SIZE }];
        let (pictures, params) = (whole(picture.buffer), whole(self.params.buffer));
        let write = |binding: u32, kind| {
            vk::WriteDescriptorSet::default().dst_set(self.set).dst_binding(binding).descriptor_type(kind)
        };
        let writes = [
            write(SOURCE, vk::DescriptorType::SAMPLED_IMAGE).image_info(&images),
            write(PICTURE, vk::DescriptorType::STORAGE_BUFFER).buffer_info(&pictures),
            write(PARAMS, vk::DescriptorType::UNIFORM_BUFFER).buffer_info(&params),
        ];
        // SAFETY: valid handles; the set is in no pending command buffer.
        unsafe { device.update_descriptor_sets(&writes, &[]) };
        Ok(())
    }
}

/// The part of an image that is read.
pub(super) fn first_level() -> vk::ImageSubresourceRange {
    vk::ImageSubresourceRange {
        aspect_mask: vk::ImageAspectFlags::COLOR,
        base_mip_level: 0,
        level_count: 1,
        base_array_layer: 0,
        layer_count: 1,
    }
}

impl Drop for Binding {
    fn drop(&mut self) {
        // SAFETY: the owner drops it when the GPU has finished with it.
        unsafe {
            self.gpu.device.destroy_image_view(self.view, None);
            self.gpu.device.destroy_descriptor_pool(self.pool, None);
        }
    }
}

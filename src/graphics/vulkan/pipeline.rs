//! The conversion shader as this device runs it.

#![allow(unsafe_code)]

use std::sync::Arc;

use ash::vk;

use super::functions::Gpu;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::Params;
use crate::graphics::spirv::CONVERSIONS;

/// Bindings of the shader, in set 0.
pub(super) const SOURCE: u32 = 0;
pub(super) const PICTURE: u32 = 1;
pub(super) const PARAMS: u32 = 2;

#[derive(Debug)]
pub(super) struct Pipeline {
    gpu: Arc<Gpu>,
    pub set_layout: vk::DescriptorSetLayout,
    pub layout: vk::PipelineLayout,
    /// In the order of `CONVERSIONS`.
    pipelines: [vk::Pipeline; CONVERSIONS.len()],
}

impl Pipeline {
    pub fn new(gpu: &Arc<Gpu>) -> Result<Self, GraphicsError> {
        let mut made = Self {
            gpu: Arc::clone(gpu),
            set_layout: vk::DescriptorSetLayout::null(),
            layout: vk::PipelineLayout::null(),
            pipelines: [vk::Pipeline::null(); CONVERSIONS.len()],
        };
        let binding = |number: u32, kind: vk::DescriptorType| {
            let binding = vk::DescriptorSetLayoutBinding::default().binding(number).descriptor_type(kind);
            binding.descriptor_count(1).stage_flags(vk::ShaderStageFlags::COMPUTE)
        };
        let bindings = [
            binding(SOURCE, vk::DescriptorType::SAMPLED_IMAGE),
            binding(PICTURE, vk::DescriptorType::STORAGE_BUFFER),
            binding(PARAMS, vk::DescriptorType::UNIFORM_BUFFER),
        ];
        let device = &gpu.device;
        // SAFETY: valid handles and structures; what was made is destroyed by `Drop` should a later step fail.
        unsafe {
            let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            made.set_layout =
                gpu.check("vkCreateDescriptorSetLayout", device.create_descriptor_set_layout(&info, None))?;
            let layouts = [made.set_layout];
            let info = vk::PipelineLayoutCreateInfo::default().set_layouts(&layouts);
            made.layout = gpu.check("vkCreatePipelineLayout", device.create_pipeline_layout(&info, None))?;
            for (shader, pipeline) in CONVERSIONS.into_iter().zip(&mut made.pipelines) {
                let info = vk::ShaderModuleCreateInfo::default().code(shader);
                let module = gpu.check("vkCreateShaderModule", device.create_shader_module(&info, None))?;
                let stage = vk::PipelineShaderStageCreateInfo::default()
                    .stage(vk::ShaderStageFlags::COMPUTE)
                    .module(module)
                    .name(c"convert");
                let info = vk::ComputePipelineCreateInfo::default().stage(stage).layout(made.layout);
                let created = device.create_compute_pipelines(vk::PipelineCache::null(), &[info], None);
                device.destroy_shader_module(module, None);
                let created = gpu.check("vkCreateComputePipelines", created.map_err(|(_, code)| code))?;
                *pipeline = created.first().copied().unwrap_or_default();
            }
        }
        Ok(made)
    }

    /// The shader for a job.
    pub fn of(&self, params: &Params) -> vk::Pipeline {
        self.pipelines[usize::from(params.is_plain())]
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // SAFETY: the backend drops it when no slot is in use any more.
        unsafe {
            for pipeline in self.pipelines {
                self.gpu.device.destroy_pipeline(pipeline, None);
            }
            self.gpu.device.destroy_pipeline_layout(self.layout, None);
            self.gpu.device.destroy_descriptor_set_layout(self.set_layout, None);
        }
    }
}

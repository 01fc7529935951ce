//! The device's functions, each one that is used known to be there, and what their errors mean.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::fmt;
use std::mem::transmute;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use ash::vk::{self, Handle};

use super::host::VulkanDevice;
use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;

/// `ash` replaces a function that is missing by one that aborts the process, so those that are called are looked for.
const OF_THE_INSTANCE: &[&CStr] = &[
    c"vkGetDeviceProcAddr",
    c"vkGetPhysicalDeviceProperties",
    c"vkGetPhysicalDeviceMemoryProperties",
    c"vkGetPhysicalDeviceQueueFamilyProperties",
    c"vkGetPhysicalDeviceFormatProperties",
];
const OF_THE_DEVICE: &[&CStr] = &[
    c"vkAllocateCommandBuffers",
    c"vkAllocateDescriptorSets",
    c"vkAllocateMemory",
    c"vkBeginCommandBuffer",
    c"vkBindBufferMemory",
    c"vkCmdBindDescriptorSets",
    c"vkCmdBindPipeline",
    c"vkCmdDispatch",
    c"vkCmdPipelineBarrier",
    c"vkCmdSetEvent",
    c"vkCreateBuffer",
    c"vkCreateCommandPool",
    c"vkCreateComputePipelines",
    c"vkCreateDescriptorPool",
    c"vkCreateDescriptorSetLayout",
    c"vkCreateEvent",
    c"vkCreateFence",
    c"vkCreateImageView",
    c"vkCreatePipelineLayout",
    c"vkCreateShaderModule",
    c"vkDestroyBuffer",
    c"vkDestroyCommandPool",
    c"vkDestroyDescriptorPool",
    c"vkDestroyDescriptorSetLayout",
    c"vkDestroyEvent",
    c"vkDestroyFence",
    c"vkDestroyImageView",
    c"vkDestroyPipeline",
    c"vkDestroyPipelineLayout",
    c"vkDestroyShaderModule",
    c"vkEndCommandBuffer",
    c"vkFreeCommandBuffers",
    c"vkFreeMemory",
    c"vkGetBufferMemoryRequirements",
    c"vkGetEventStatus",
    c"vkGetFenceStatus",
    c"vkInvalidateMappedMemoryRanges",
    c"vkMapMemory",
    c"vkQueueSubmit",
    c"vkResetEvent",
    c"vkResetFences",
    c"vkUpdateDescriptorSets",
    c"vkWaitForFences",
];
const OF_TIMELINES: &[&CStr] =
    &[c"vkCreateSemaphore", c"vkDestroySemaphore", c"vkGetSemaphoreCounterValue", c"vkWaitSemaphores"];

/// Before Vulkan 1.2 a device has these by the extension's names.
const EXTENSION_NAMES: &[(&CStr, &CStr)] =
    &[(c"vkGetSemaphoreCounterValue", c"vkGetSemaphoreCounterValueKHR"), (c"vkWaitSemaphores", c"vkWaitSemaphoresKHR")];

/// The device, for every object made on it and for the worker's fences.
pub(super) struct Gpu {
    pub device: ash::Device,
    /// Lost, or closed: not to be waited for.
    gone: AtomicBool,
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gpu").field("device", &self.device.handle()).field("gone", &self.gone).finish()
    }
}

pub(super) fn unavailable(reason: impl Into<String>) -> GraphicsError {
    GraphicsError::Unavailable { api: Api::Vulkan, reason: reason.into() }
}

impl Gpu {
    /// Finds the functions of the instance and of the device.
    pub fn load(host: &VulkanDevice) -> Result<(ash::Instance, Self), GraphicsError> {
        let handles = [host.instance, host.physical_device, host.device];
        if handles.contains(&0) || host.get_instance_proc_addr.is_null() {
            return Err(unavailable("a handle or vkGetInstanceProcAddr is 0"));
        }
        // SAFETY: `VulkanDevice::new` promises that it is this function.
        let get_instance_proc_addr: vk::PFN_vkGetInstanceProcAddr = unsafe { transmute(host.get_instance_proc_addr) };
        let handle = vk::Instance::from_raw(host.instance);
        let mut missing = Missing::new(OF_THE_INSTANCE);
        // SAFETY: a valid instance, and the loader gives each function by its name.
        let instance = unsafe {
            let find = |name: &CStr| address(get_instance_proc_addr(handle, name.as_ptr()));
            ash::Instance::load_with(|name| missing.note(name, find(name)), handle)
        };
        missing.check()?;

        let get_device_proc_addr = instance.fp_v1_0().get_device_proc_addr;
        let handle = vk::Device::from_raw(host.device);
        let needed =
            if host.timeline_semaphores { [OF_THE_DEVICE, OF_TIMELINES].concat() } else { OF_THE_DEVICE.into() };
        let mut missing = Missing::new(&needed);
        // SAFETY: a valid device, and the loader gives each function by its name.
        let device = unsafe {
            let find = |name: &CStr| address(get_device_proc_addr(handle, name.as_ptr()));
            let either = |name: &CStr| {
                let found = find(name);
                let extension = EXTENSION_NAMES.iter().find(|(core, _)| found.is_null() && *core == name);
                extension.map_or(found, |(_, extension)| find(extension))
            };
            ash::Device::load_with(|name| missing.note(name, either(name)), handle)
        };
        missing.check()?;
        Ok((instance, Self { device, gone: AtomicBool::new(false) }))
    }

    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    pub fn set_gone(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// A call's result in our words. A lost device is remembered.
    pub fn check<T>(&self, call: &'static str, result: Result<T, vk::Result>) -> Result<T, GraphicsError> {
        result.map_err(|code| {
            if code == vk::Result::ERROR_DEVICE_LOST {
                self.set_gone();
                GraphicsError::DeviceLost { api: Api::Vulkan }
            } else {
                GraphicsError::Call { api: Api::Vulkan, call, code: code.as_raw().into() }
            }
        })
    }
}

fn address(function: vk::PFN_vkVoidFunction) -> *const c_void {
    function.map_or(ptr::null(), |function| function as *const c_void)
}

/// Which of the functions that are needed were not found.
struct Missing<'a> {
    needed: &'a [&'a CStr],
    missing: Vec<String>,
}

impl<'a> Missing<'a> {
    fn new(needed: &'a [&'a CStr]) -> Self {
        Self { needed, missing: Vec::new() }
    }

    fn note(&mut self, name: &CStr, found: *const c_void) -> *const c_void {
        if found.is_null() && self.needed.contains(&name) {
            self.missing.push(name.to_string_lossy().into_owned());
        }
        found
    }

    fn check(self) -> Result<(), GraphicsError> {
        if self.missing.is_empty() { Ok(()) } else { Err(unavailable(format!("without {}", self.missing.join(", ")))) }
    }
}

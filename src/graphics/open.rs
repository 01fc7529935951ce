//! A device of the host's, by the pointers that its API gives it.

use std::ffi::c_void;
#[cfg(feature = "graphics")]
use std::{ffi::c_char, mem::transmute};

use super::backend::Api;
use super::device::Device;
use super::error::GraphicsError;
#[cfg(feature = "graphics")]
use super::{
    device::Rings,
    opengl::OpenGl,
    vulkan::{VulkanBackend, VulkanDevice},
};

#[cfg(all(feature = "graphics", windows))]
use super::{d3d11::D3d11, d3d12::D3d12};

/// What a native host has in its hands. Pointers that the API does not need are NULL.
#[derive(Clone, Copy, Debug)]
pub struct DeviceHandles {
    pub api: Api,
    /// `VkDevice`, `ID3D11Device*`, `ID3D12Device*`, `id<MTLDevice>`.
    pub device: *mut c_void,
    /// `VkQueue`, `ID3D12CommandQueue*`; `id<MTLCommandQueue>` or NULL for one of our own.
    pub queue: *mut c_void,
    /// `VkInstance`.
    pub instance: *mut c_void,
    /// `VkPhysicalDevice`.
    pub physical_device: *mut c_void,
    /// Vulkan: the queue's family.
    pub queue_family: u32,
    /// Vulkan: the device was created with the feature `timelineSemaphore`.
    pub timeline_semaphores: bool,
    /// `vkGetInstanceProcAddr`; for OpenGL a function that takes a name and gives its address, such as
    /// `eglGetProcAddress`, `glXGetProcAddress`, `SDL_GL_GetProcAddress`.
    pub get_proc_address: *mut c_void,
}

/// Makes the pipeline on the host's device. On the thread that the device's context belongs to, for OpenGL.
///
/// # Safety
/// The pointers are NULL or what they are said to be, and stay so until the device is closed.
#[allow(unsafe_code)]
#[cfg_attr(not(feature = "graphics"), allow(unused_variables))]
pub unsafe fn open(handles: &DeviceHandles) -> Result<Box<dyn Device>, GraphicsError> {
    match handles.api {
        #[cfg(feature = "graphics")]
        Api::Vulkan => {
            // SAFETY: the caller's promise.
            let device = unsafe {
                VulkanDevice::new(
                    handles.instance as u64,
                    handles.physical_device as u64,
                    handles.device as u64,
                    handles.queue as u64,
                    handles.queue_family,
                    handles.get_proc_address,
                )
            };
            let device = device.with_timeline_semaphores(handles.timeline_semaphores);
            Ok(Box::new(Rings::new(VulkanBackend::on_queue(device)?)))
        }
        #[cfg(feature = "graphics")]
        Api::OpenGl => {
            let get_proc_address = handles.get_proc_address;
            if get_proc_address.is_null() {
                return Err(GraphicsError::Unavailable { api: Api::OpenGl, reason: "no get_proc_address".to_owned() });
            }
            // SAFETY: the caller's promise: a function of this kind, which is not NULL.
            let get: unsafe extern "C" fn(*const c_char) -> *const c_void = unsafe { transmute(get_proc_address) };
            // SAFETY: the caller's promise.
            let backend = unsafe { OpenGl::new(|name| get(name.as_ptr()))? };
            Ok(Box::new(Rings::new(backend)))
        }
        #[cfg(all(feature = "graphics", target_vendor = "apple"))]
        Api::Metal => {
            // SAFETY: the caller's promise.
            let backend = unsafe { super::metal::MetalBackend::with_queue(handles.device, handles.queue)? };
            Ok(Box::new(Rings::new(backend)))
        }
        // SAFETY: the caller's promise.
        #[cfg(all(feature = "graphics", windows))]
        Api::D3d11 => Ok(Box::new(Rings::new(unsafe { D3d11::new(handles.device)? }))),
        // SAFETY: the caller's promise.
        #[cfg(all(feature = "graphics", windows))]
        Api::D3d12 => Ok(Box::new(Rings::new(unsafe { D3d12::new(handles.device, handles.queue)? }))),
        api => Err(GraphicsError::Unavailable { api, reason: "not in this build".to_owned() }),
    }
}

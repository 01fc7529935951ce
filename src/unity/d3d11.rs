//! What Unity lends of Direct3D 11: its device, whose immediate context is the render thread's.

#![allow(unsafe_code)]

use std::ptr;

use super::abi::D3d11;
use crate::graphics::{self, Api, Device, DeviceHandles, GraphicsError};

/// Makes the pipeline, within a render event.
pub(super) fn open(d3d11: &D3d11) -> Result<Box<dyn Device>, GraphicsError> {
    // SAFETY: Unity's own function.
    let device = unsafe { (d3d11.device)() };
    if device.is_null() {
        return Err(GraphicsError::Unavailable { api: Api::D3d11, reason: "Unity gives no device".to_owned() });
    }
    let none = ptr::null_mut();
    let handles = DeviceHandles {
        api: Api::D3d11,
        device,
        queue: none,
        instance: none,
        physical_device: none,
        queue_family: 0,
        timeline_semaphores: false,
        get_proc_address: none,
    };
    // SAFETY: Unity's device lives until it tells that it goes, and is closed then.
    unsafe { graphics::open(&handles) }
}

//! What Unity lends of Direct3D 12: its device, and the execution of command lists in the order of its own.

#![allow(unsafe_code)]

use std::ffi::c_void;

use super::abi::{D3D12_V5, D3D12_V6, D3D12_V7, D3d12V5, D3d12V7, ExecuteCommandList, Get, Interfaces, ResourceState};
use crate::graphics::d3d12::{D3d12 as Backend, Executor};
use crate::graphics::{Api, Device, GraphicsError, Rings};

/// The functions that are used, which lie at other places in the newest version.
#[derive(Clone, Copy, Debug)]
pub(super) struct D3d12 {
    device: Get,
    frame_fence: Get,
    execute: ExecuteCommandList,
}

impl D3d12 {
    /// # Safety
    /// The tables are Unity's.
    pub unsafe fn find(interfaces: &Interfaces) -> Option<Self> {
        // SAFETY: the caller's promise.
        let (newest, before) = unsafe {
            let before = interfaces.find::<D3d12V5>(D3D12_V6).or_else(|| interfaces.find(D3D12_V5));
            (interfaces.find::<D3d12V7>(D3D12_V7), before)
        };
        let newest = newest.map(|t| Self { device: t.device, frame_fence: t.frame_fence, execute: t.execute });
        newest.or(before.map(|t| Self { device: t.device, frame_fence: t.frame_fence, execute: t.execute }))
    }
}

/// Makes the pipeline, within a render event.
pub(super) fn open(d3d12: D3d12) -> Result<Box<dyn Device>, GraphicsError> {
    // SAFETY: Unity's own functions.
    let (device, fence) = unsafe { ((d3d12.device)(), (d3d12.frame_fence)()) };
    if device.is_null() || fence.is_null() {
        return Err(GraphicsError::Unavailable { api: Api::D3d12, reason: "Unity gives no device".to_owned() });
    }
    // SAFETY: Unity's device and fence live until it tells that they go, and the pipeline is closed then.
    let backend = unsafe { Backend::with_executor(device, Box::new(Lent { d3d12, fence }))? };
    Ok(Box::new(Rings::new(backend)))
}

struct Lent {
    d3d12: D3d12,
    fence: *mut c_void,
}

// SAFETY: the fence is one of Unity's objects that any thread may use.
unsafe impl Send for Lent {}

impl Executor for Lent {
    fn fence(&self) -> *mut c_void {
        self.fence
    }

    fn execute(&mut self, list: *mut c_void, texture: *mut c_void, state: u32) -> Option<u64> {
        let mut states = [ResourceState { resource: texture, expected: state, current: state }];
        // SAFETY: Unity's own function, with one state.
        Some(unsafe { (self.d3d12.execute)(list, 1, states.as_mut_ptr()) })
    }
}

//! Who runs our command lists.

#![allow(unsafe_code)]

use std::ffi::c_void;

use windows::Win32::Graphics::Direct3D12::{
    D3D12_COMMAND_LIST_TYPE, D3D12_COMMAND_LIST_TYPE_COMPUTE, D3D12_COMMAND_LIST_TYPE_DIRECT, D3D12_FENCE_FLAG_NONE,
    D3D12_RESOURCE_STATES, ID3D12CommandQueue, ID3D12Device, ID3D12Fence, ID3D12GraphicsCommandList, ID3D12Resource,
};
use windows::core::{IUnknown, Interface};

use crate::graphics::dxgi::failed;
use crate::graphics::{Api, GraphicsError, Texture};

const API: Api = Api::D3d12;

/// An engine that owns the queue and runs command lists for us.
pub trait Executor: Send {
    /// The `ID3D12Fence*` that reaches the values `execute` gives. It is held as long as the pipeline.
    fn fence(&self) -> *mut c_void;
    /// Runs a closed `ID3D12GraphicsCommandList*` (direct) that finds the texture (`ID3D12Resource*`) in `state`, a
    /// `D3D12_RESOURCE_STATES`, and leaves it in that state. Gives the value that the fence reaches when it has run. Never
    /// waits. None: it was not taken, and never runs.
    fn execute(&mut self, list: *mut c_void, texture: *mut c_void, state: u32) -> Option<u64>;
}

pub enum Submit {
    Queue { queue: ID3D12CommandQueue, fence: ID3D12Fence, last: u64 },
    Engine { executor: Box<dyn Executor>, fence: ID3D12Fence },
}

impl Submit {
    /// # Safety
    /// `queue` is NULL or an `ID3D12CommandQueue*`.
    pub unsafe fn to_queue(device: &ID3D12Device, queue: *mut c_void) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        let queue = unsafe { IUnknown::from_raw_borrowed(&queue) };
        let queue = queue.ok_or_else(|| unavailable("the queue is NULL"))?.cast::<ID3D12CommandQueue>();
        let queue = queue.map_err(failed(API, "QueryInterface(ID3D12CommandQueue)"))?;
        // SAFETY: the device lives.
        let fence = unsafe { device.CreateFence(0, D3D12_FENCE_FLAG_NONE) }.map_err(failed(API, "CreateFence"))?;
        let submit = Self::Queue { queue, fence, last: 0 };
        match submit.list_type() {
            D3D12_COMMAND_LIST_TYPE_DIRECT | D3D12_COMMAND_LIST_TYPE_COMPUTE => Ok(submit),
            _ => Err(unavailable("the queue can neither draw nor compute")),
        }
    }

    /// # Safety
    /// The executor's fence is NULL or an `ID3D12Fence*`.
    pub unsafe fn to_engine(executor: Box<dyn Executor>) -> Result<Self, GraphicsError> {
        let fence = executor.fence();
        // SAFETY: the caller's promise.
        let fence = unsafe { IUnknown::from_raw_borrowed(&fence) };
        let fence = fence.ok_or_else(|| unavailable("the engine has no fence"))?.cast();
        Ok(Self::Engine { executor, fence: fence.map_err(failed(API, "QueryInterface(ID3D12Fence)"))? })
    }

    pub fn fence(&self) -> &ID3D12Fence {
        match self {
            Self::Queue { fence, .. } | Self::Engine { fence, .. } => fence,
        }
    }

    pub fn list_type(&self) -> D3D12_COMMAND_LIST_TYPE {
        match self {
            // SAFETY: the queue lives.
            Self::Queue { queue, .. } => unsafe { queue.GetDesc() }.Type,
            Self::Engine { .. } => D3D12_COMMAND_LIST_TYPE_DIRECT,
        }
    }

    /// The state in which a list finds the texture, and has to leave it: what the host says, or, where an engine keeps
    /// account of states, what the list needs.
    pub fn state_outside(&self, texture: &Texture, needed: D3D12_RESOURCE_STATES) -> D3D12_RESOURCE_STATES {
        match self {
            Self::Queue { .. } => D3D12_RESOURCE_STATES(texture.layout.cast_signed()),
            Self::Engine { .. } => needed,
        }
    }

    /// Runs a closed list. Gives the value that the fence reaches afterwards; None: the engine does not run it.
    pub fn execute(
        &mut self,
        list: &ID3D12GraphicsCommandList,
        texture: &ID3D12Resource,
        state: D3D12_RESOURCE_STATES,
    ) -> Result<Option<u64>, GraphicsError> {
        match self {
            Self::Queue { queue, fence, last } => {
                let list = list.cast().map_err(failed(API, "QueryInterface(ID3D12CommandList)"))?;
                // SAFETY: the list is closed, and everything it names lives until the GPU has run it.
                unsafe {
                    queue.ExecuteCommandLists(&[Some(list)]);
                    *last += 1;
                    queue.Signal(&*fence, *last).map_err(failed(API, "Signal"))?;
                }
                Ok(Some(*last))
            }
            Self::Engine { executor, .. } => {
                Ok(executor.execute(list.as_raw(), texture.as_raw(), state.0.cast_unsigned()))
            }
        }
    }
}

impl std::fmt::Debug for Submit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Queue { queue, last, .. } => {
                f.debug_struct("Queue").field("queue", queue).field("last", last).finish()
            }
            Self::Engine { fence, .. } => f.debug_struct("Engine").field("fence", fence).finish_non_exhaustive(),
        }
    }
}

pub fn unavailable(reason: impl Into<String>) -> GraphicsError {
    GraphicsError::Unavailable { api: API, reason: reason.into() }
}

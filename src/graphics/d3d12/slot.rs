//! What one picture needs: the buffer that the shader writes, memory of the CPU's that it is copied to, a command list.

#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::Arc;

use windows::Win32::Graphics::Direct3D12::{
    D3D12_COMMAND_LIST_TYPE, D3D12_DESCRIPTOR_HEAP_DESC, D3D12_DESCRIPTOR_HEAP_FLAG_SHADER_VISIBLE,
    D3D12_DESCRIPTOR_HEAP_TYPE_CBV_SRV_UAV, D3D12_HEAP_FLAG_NONE, D3D12_HEAP_PROPERTIES, D3D12_HEAP_TYPE,
    D3D12_HEAP_TYPE_DEFAULT, D3D12_HEAP_TYPE_READBACK, D3D12_RESOURCE_DESC, D3D12_RESOURCE_DIMENSION_BUFFER,
    D3D12_RESOURCE_FLAG_ALLOW_UNORDERED_ACCESS, D3D12_RESOURCE_FLAG_NONE, D3D12_RESOURCE_FLAGS,
    D3D12_RESOURCE_STATE_COMMON, D3D12_RESOURCE_STATE_COPY_DEST, D3D12_RESOURCE_STATES, D3D12_TEXTURE_LAYOUT_ROW_MAJOR,
    ID3D12CommandAllocator, ID3D12DescriptorHeap, ID3D12Device, ID3D12Fence, ID3D12GraphicsCommandList, ID3D12Resource,
};
use windows::Win32::Graphics::Dxgi::Common::DXGI_SAMPLE_DESC;

use super::fence::SlotFence;
use crate::graphics::dxgi::failed;
use crate::graphics::{Api, GraphicsError, Memory};

const API: Api = Api::D3d12;

#[derive(Debug)]
pub struct Slot {
    pub picture: ID3D12Resource,
    pub readback: ID3D12Resource,
    pub memory: Mapped,
    pub allocator: ID3D12CommandAllocator,
    /// Closed, but while something is recorded.
    pub list: ID3D12GraphicsCommandList,
    /// Of one view: the host's texture.
    pub views: ID3D12DescriptorHeap,
    pub fence: Arc<SlotFence>,
    /// The texture of ours that the recording reads, which has to live as long as the GPU works on it.
    pub source: Option<ID3D12Resource>,
}

/// The readback buffer's memory, mapped as long as the buffer exists.
#[derive(Debug)]
pub struct Mapped(pub Memory);

// SAFETY: the memory is the process's; who may read it when is the ring's business.
unsafe impl Send for Mapped {}

impl Slot {
    pub fn new(
        device: &ID3D12Device,
        kind: D3D12_COMMAND_LIST_TYPE,
        fence: &ID3D12Fence,
        bytes: usize,
    ) -> Result<Self, GraphicsError> {
        let writable = D3D12_RESOURCE_FLAG_ALLOW_UNORDERED_ACCESS;
        let picture = create_buffer(device, bytes, D3D12_HEAP_TYPE_DEFAULT, writable, D3D12_RESOURCE_STATE_COMMON)?;
        let (heap, state) = (D3D12_HEAP_TYPE_READBACK, D3D12_RESOURCE_STATE_COPY_DEST);
        let readback = create_buffer(device, bytes, heap, D3D12_RESOURCE_FLAG_NONE, state)?;
        let mut start = ptr::null_mut();
        let views = D3D12_DESCRIPTOR_HEAP_DESC {
            Type: D3D12_DESCRIPTOR_HEAP_TYPE_CBV_SRV_UAV,
            NumDescriptors: 1,
            Flags: D3D12_DESCRIPTOR_HEAP_FLAG_SHADER_VISIBLE,
            NodeMask: 0,
        };
        // SAFETY: the device lives, all places too; a readback heap can be mapped for good.
        let (allocator, list, views) = unsafe {
            readback.Map(0, None, Some(&raw mut start)).map_err(failed(API, "Map"))?;
            let allocator: ID3D12CommandAllocator =
                device.CreateCommandAllocator(kind).map_err(failed(API, "CreateCommandAllocator"))?;
            let list: ID3D12GraphicsCommandList =
                device.CreateCommandList(0, kind, &allocator, None).map_err(failed(API, "CreateCommandList"))?;
            list.Close().map_err(failed(API, "Close"))?;
            let views = device.CreateDescriptorHeap(&raw const views).map_err(failed(API, "CreateDescriptorHeap"))?;
            (allocator, list, views)
        };
        let start = NonNull::new(start.cast()).ok_or(GraphicsError::Call { api: API, call: "Map", code: 0 })?;
        let memory = Mapped(Memory { start, bytes });
        let fence = Arc::new(SlotFence::new(fence.clone())?);
        Ok(Self { picture, readback, memory, allocator, list, views, fence, source: None })
    }
}

fn create_buffer(
    device: &ID3D12Device,
    bytes: usize,
    heap: D3D12_HEAP_TYPE,
    flags: D3D12_RESOURCE_FLAGS,
    state: D3D12_RESOURCE_STATES,
) -> Result<ID3D12Resource, GraphicsError> {
    let desc = D3D12_RESOURCE_DESC {
        Dimension: D3D12_RESOURCE_DIMENSION_BUFFER,
        Width: bytes as u64,
        Height: 1,
        DepthOrArraySize: 1,
        MipLevels: 1,
        SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
        Layout: D3D12_TEXTURE_LAYOUT_ROW_MAJOR,
        Flags: flags,
        ..Default::default()
    };
    create_resource(device, heap, &desc, state)
}

/// A resource with memory of its own.
pub fn create_resource(
    device: &ID3D12Device,
    heap: D3D12_HEAP_TYPE,
    desc: &D3D12_RESOURCE_DESC,
    state: D3D12_RESOURCE_STATES,
) -> Result<ID3D12Resource, GraphicsError> {
    let heap = D3D12_HEAP_PROPERTIES { Type: heap, ..Default::default() };
    let mut resource = None;
    // SAFETY: the device lives, and all places too.
    unsafe {
        device.CreateCommittedResource(&raw const heap, D3D12_HEAP_FLAG_NONE, desc, state, None, &raw mut resource)
    }
    .map_err(failed(API, "CreateCommittedResource"))?;
    resource.ok_or(GraphicsError::Call { api: API, call: "CreateCommittedResource", code: 0 })
}

//! Recording command lists of our own.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;

use windows::Win32::Graphics::Direct3D12::{
    D3D12_RESOURCE_STATE_COMMON, D3D12_RESOURCE_STATE_COPY_SOURCE, D3D12_RESOURCE_STATE_UNORDERED_ACCESS, ID3D12Device,
};
use windows::core::{IUnknown, Interface};

use super::barrier::transition;
use super::pipeline::{self, Pipeline};
use super::slot::Slot;
use super::source::{Source, Sources};
use super::submit::{Executor, Submit, unavailable};
use crate::graphics::dxgi::failed;
use crate::graphics::{Api, Backend, Fence, FenceState, GraphicsError, Job, Memory, NewSlot, Params, PictureLayout};

const API: Api = Api::D3d12;

/// Direct3D 12 from feature level 11.0.
///
/// A texture's `layout` is its `D3D12_RESOURCE_STATES` when our list runs, which leaves it in that state. The texture must
/// live until the GPU has run the list, as with every list of the host's own.
#[derive(Debug)]
pub struct D3d12 {
    device: ID3D12Device,
    submit: Submit,
    pipeline: Pipeline,
    sources: Sources,
    is_lost: bool,
}

impl D3d12 {
    /// Makes the pipeline on a device, for lists that go to a queue of the host's: direct or compute.
    ///
    /// # Safety
    /// The pointers are NULL or an `ID3D12Device*` and an `ID3D12CommandQueue*` of it. Both are held until the pipeline is
    /// dropped.
    pub unsafe fn new(device: *mut c_void, queue: *mut c_void) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        unsafe {
            let device = open(device)?;
            let submit = Submit::to_queue(&device, queue)?;
            Self::with(device, submit)
        }
    }

    /// Makes the pipeline on a device, for lists that an engine runs.
    ///
    /// # Safety
    /// `device` is NULL or an `ID3D12Device*`, the executor's fence NULL or an `ID3D12Fence*` of it.
    pub unsafe fn with_executor(device: *mut c_void, executor: Box<dyn Executor>) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        unsafe { Self::with(open(device)?, Submit::to_engine(executor)?) }
    }

    fn with(device: ID3D12Device, submit: Submit) -> Result<Self, GraphicsError> {
        let pipeline = Pipeline::new(&device)?;
        Ok(Self { device, submit, pipeline, sources: Sources::default(), is_lost: false })
    }

    fn note<T>(&mut self, result: Result<T, GraphicsError>) -> Result<T, GraphicsError> {
        if let Err(GraphicsError::DeviceLost { .. }) = result {
            self.is_lost = true;
        }
        result
    }

    fn record_now(&mut self, slot: &mut Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        // SAFETY: the host's promise for a texture that it hands over.
        let source = unsafe { self.sources.open(&self.device, job)? };
        let outside = self.submit.state_outside(&job.texture, source.needed());
        // SAFETY: the slot is free, so the GPU has run the list.
        unsafe {
            slot.allocator.Reset().map_err(failed(API, "ID3D12CommandAllocator::Reset"))?;
            let reset = slot.list.Reset(&slot.allocator, &self.pipeline.state);
            reset.map_err(failed(API, "ID3D12GraphicsCommandList::Reset"))?;
        }
        let inside = source.state_inside(outside);
        transition(&slot.list, &source.texture, outside, inside);
        source.record_copy(&slot.list);
        self.record_shader(slot, &source, job, picture);
        transition(&slot.list, &source.texture, inside, outside);
        // SAFETY: the list is being recorded.
        unsafe { slot.list.Close() }.map_err(failed(API, "ID3D12GraphicsCommandList::Close"))?;
        slot.source.clone_from(&source.copy);
        match self.submit.execute(&slot.list, &source.texture, outside)? {
            Some(value) => {
                slot.fence.set_value(value);
                Ok(())
            }
            None => Err(GraphicsError::Call { api: API, call: "ExecuteCommandList", code: 0 }),
        }
    }

    fn record_shader(&self, slot: &Slot, source: &Source, job: &Job, picture: &PictureLayout) {
        let params = Params::new(&Job { transfer: source.transfer, ..*job }, picture);
        let [across, down] = params.workgroups();
        let constants = params.to_bytes();
        source.create_view(&self.device, &slot.views);
        let list = &slot.list;
        // SAFETY: the list is being recorded, the slot's objects live at least until the GPU has run it, and the root
        // signature has these places.
        unsafe {
            list.SetComputeRootSignature(&self.pipeline.root);
            list.SetDescriptorHeaps(&[Some(slot.views.clone())]);
            list.SetComputeRootDescriptorTable(pipeline::TEXTURE, slot.views.GetGPUDescriptorHandleForHeapStart());
            list.SetComputeRoot32BitConstants(pipeline::PARAMS, pipeline::CONSTANTS, constants.as_ptr().cast(), 0);
            list.SetComputeRootUnorderedAccessView(pipeline::PICTURE, slot.picture.GetGPUVirtualAddress());
        }
        // Every buffer is in COMMON when a list begins.
        transition(list, &slot.picture, D3D12_RESOURCE_STATE_COMMON, D3D12_RESOURCE_STATE_UNORDERED_ACCESS);
        // SAFETY: as above.
        unsafe { list.Dispatch(across, down, 1) };
        transition(list, &slot.picture, D3D12_RESOURCE_STATE_UNORDERED_ACCESS, D3D12_RESOURCE_STATE_COPY_SOURCE);
        // SAFETY: as above; both buffers have room for the picture.
        unsafe { list.CopyBufferRegion(&slot.readback, 0, &slot.picture, 0, picture.bytes as u64) };
        transition(list, &slot.picture, D3D12_RESOURCE_STATE_COPY_SOURCE, D3D12_RESOURCE_STATE_COMMON);
    }
}

impl Backend for D3d12 {
    type Slot = Slot;

    fn api(&self) -> Api {
        API
    }

    fn name(&self) -> &str {
        "Direct3D 12"
    }

    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<Slot>, GraphicsError> {
        let slot = Slot::new(&self.device, self.submit.list_type(), self.submit.fence(), bytes);
        self.note(slot).map(|slot| {
            let fence = Arc::clone(&slot.fence) as Arc<dyn Fence>;
            NewSlot { slot, fence: Some(fence) }
        })
    }

    fn memory(&self, slot: &Slot) -> Option<Memory> {
        Some(slot.memory.0)
    }

    fn destroy_slot(&mut self, slot: Slot) {
        drop(slot);
    }

    fn record(&mut self, slot: &mut Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        let result = self.record_now(slot, job, picture);
        self.note(result)
    }

    fn poll(&mut self, slot: &mut Slot) -> Result<Option<Memory>, GraphicsError> {
        match slot.fence.state() {
            FenceState::Done => Ok(Some(slot.memory.0)),
            FenceState::Pending => Ok(None),
            FenceState::Lost => self.note(Err(GraphicsError::DeviceLost { api: API })),
        }
    }

    fn is_lost(&self) -> bool {
        self.is_lost
    }
}

/// # Safety
/// `device` is NULL or an `ID3D12Device*`.
unsafe fn open(device: *mut c_void) -> Result<ID3D12Device, GraphicsError> {
    // SAFETY: the caller's promise.
    let device = unsafe { IUnknown::from_raw_borrowed(&device) };
    device.ok_or_else(|| unavailable("the device is NULL"))?.cast().map_err(failed(API, "QueryInterface(ID3D12Device)"))
}

//! Recording on the host's immediate context and asking it, without waiting, what is done.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::NonNull;

use windows::Win32::Graphics::Direct3D11::{
    D3D11_1_CREATE_DEVICE_CONTEXT_STATE_SINGLETHREADED, D3D11_CREATE_DEVICE_SINGLETHREADED, D3D11_MAP_FLAG_DO_NOT_WAIT,
    D3D11_MAP_READ, D3D11_MAPPED_SUBRESOURCE, D3D11_SDK_VERSION, ID3D11ComputeShader, ID3D11Device, ID3D11Device1,
    ID3D11DeviceContext1, ID3DDeviceContextState,
};
use windows::Win32::Graphics::Dxgi::IDXGIDevice;
use windows::core::{IUnknown, Interface};

use super::progress::Progress;
use super::slot::Slot;
use super::source::Sources;
use crate::graphics::dxgi::{bytecode, failure, is_still_drawing};
use crate::graphics::{Api, Backend, GraphicsError, Job, Memory, NewSlot, Params, PictureLayout};

const API: Api = Api::D3d11;

/// Direct3D 11 from feature level 11.0, with the interfaces of 11.1 (Windows 8 and later).
///
/// Everything is recorded on the device's immediate context, so every call, dropping included, belongs on the thread that
/// draws with it. The host's own state there is left as it was. What is pushed is recorded at once: a texture may be drawn
/// into again, or released, right after.
#[derive(Debug)]
pub struct D3d11 {
    device: ID3D11Device,
    context: ID3D11DeviceContext1,
    /// What is bound while we record, instead of what the host has bound.
    state: ID3DDeviceContextState,
    shader: ID3D11ComputeShader,
    progress: Progress,
    sources: Sources,
    name: String,
    is_lost: bool,
}

impl D3d11 {
    /// Makes the pipeline on a device.
    ///
    /// # Safety
    /// `device` is NULL or an `ID3D11Device*`. It is held until the pipeline is dropped.
    pub unsafe fn new(device: *mut c_void) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        let device: ID3D11Device1 = unsafe { IUnknown::from_raw_borrowed(&device) }
            .ok_or_else(|| unavailable("the device is NULL".to_owned()))?
            .cast()
            .map_err(|error| unavailable(format!("no ID3D11Device1: {error}")))?;
        let mut shader = None;
        let mut state = None;
        // SAFETY: the device lives, and all places too; the bytecode is a whole container.
        let context = unsafe {
            device
                .CreateComputeShader(&bytecode(), None, Some(&raw mut shader))
                .map_err(|error| unavailable(format!("CreateComputeShader: {error}")))?;
            let single = device.GetCreationFlags() & D3D11_CREATE_DEVICE_SINGLETHREADED.0 != 0;
            let flags = if single { D3D11_1_CREATE_DEVICE_CONTEXT_STATE_SINGLETHREADED.0.cast_unsigned() } else { 0 };
            let levels = [device.GetFeatureLevel()];
            let interface = &ID3D11Device1::IID;
            device
                .CreateDeviceContextState(flags, &levels, D3D11_SDK_VERSION, interface, None, Some(&raw mut state))
                .map_err(|error| unavailable(format!("CreateDeviceContextState: {error}")))?;
            let context = device.GetImmediateContext().and_then(|context| context.cast::<ID3D11DeviceContext1>());
            context.map_err(|error| unavailable(format!("no ID3D11DeviceContext1: {error}")))?
        };
        let (Some(shader), Some(state)) = (shader, state) else {
            return Err(unavailable("nothing was created".to_owned()));
        };
        let name = adapter_name(&device);
        let device = device.into();
        let progress = Progress::new(&device, &context);
        Ok(Self { device, context, state, shader, progress, sources: Sources::default(), name, is_lost: false })
    }

    fn note<T>(&mut self, result: Result<T, GraphicsError>) -> Result<T, GraphicsError> {
        if let Err(GraphicsError::DeviceLost { .. }) = result {
            self.is_lost = true;
        }
        result
    }

    fn map(&self, slot: &mut Slot) -> Result<Option<Memory>, GraphicsError> {
        if !self.progress.is_done(&self.context, &slot.mark)? {
            return Ok(None);
        }
        let mut mapped = D3D11_MAPPED_SUBRESOURCE::default();
        let flags = D3D11_MAP_FLAG_DO_NOT_WAIT.0.cast_unsigned();
        // SAFETY: the staging buffer can be read by the CPU and is not mapped.
        let result = unsafe { self.context.Map(&slot.staging, 0, D3D11_MAP_READ, flags, Some(&raw mut mapped)) };
        match result {
            Ok(()) => {}
            Err(error) if is_still_drawing(error.code().0) => return Ok(None),
            Err(error) => return Err(failure(API, "Map", error.code().0)),
        }
        slot.is_mapped = true;
        Ok(NonNull::new(mapped.pData.cast()).map(|start| Memory { start, bytes: slot.bytes }))
    }

    fn record_now(&mut self, slot: &mut Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        // SAFETY: the host's promise for a texture that it hands over.
        let source = unsafe { self.sources.open(&self.device, job)? };
        let params = Params::new(&Job { transfer: source.transfer, ..*job }, picture);
        let [across, down] = params.workgroups();
        let bytes = params.to_bytes();
        let (written, nothing) = (Some(slot.view.clone()), None);
        let context = &self.context;
        // SAFETY: everything belongs to this device and lives for the call. Our state is bound throughout, and holds
        // nothing of the host's afterwards.
        unsafe {
            let mut host = None;
            context.SwapDeviceContextState(&self.state, Some(&raw mut host));
            source.record_copy(context);
            context.UpdateSubresource(&slot.params, 0, None, bytes.as_ptr().cast(), 0, 0);
            context.CSSetShader(&self.shader, None);
            context.CSSetConstantBuffers(0, Some(&[Some(slot.params.clone())]));
            context.CSSetShaderResources(0, Some(&[Some(source.view.clone())]));
            context.CSSetUnorderedAccessViews(0, 1, Some(&raw const written), None);
            context.Dispatch(across, down, 1);
            context.CSSetUnorderedAccessViews(0, 1, Some(&raw const nothing), None);
            context.CSSetShaderResources(0, Some(&[None]));
            context.CopyResource(&slot.staging, &slot.picture);
            let marked = self.progress.set(context, &mut slot.mark);
            if let Some(host) = &host {
                context.SwapDeviceContextState(host, None);
            }
            // Otherwise the GPU may begin only with the host's next flush, which is a frame later.
            context.Flush();
            marked
        }
    }
}

impl Backend for D3d11 {
    type Slot = Slot;

    fn api(&self) -> Api {
        API
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<Slot>, GraphicsError> {
        let slot = self.progress.create_mark(&self.device).and_then(|mark| Slot::new(&self.device, bytes, mark));
        self.note(slot).map(|slot| NewSlot { slot, fence: None })
    }

    fn memory(&self, _slot: &Slot) -> Option<Memory> {
        None
    }

    fn destroy_slot(&mut self, mut slot: Slot) {
        self.release(&mut slot);
    }

    fn record(&mut self, slot: &mut Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        let result = self.record_now(slot, job, picture);
        self.note(result)
    }

    fn poll(&mut self, slot: &mut Slot) -> Result<Option<Memory>, GraphicsError> {
        let result = self.map(slot);
        self.note(result)
    }

    fn release(&mut self, slot: &mut Slot) {
        if std::mem::take(&mut slot.is_mapped) {
            // SAFETY: it is mapped, and nobody reads it any more.
            unsafe { self.context.Unmap(&slot.staging, 0) };
        }
    }

    fn is_lost(&self) -> bool {
        self.is_lost
    }
}

fn unavailable(reason: String) -> GraphicsError {
    GraphicsError::Unavailable { api: API, reason }
}

fn adapter_name(device: &ID3D11Device1) -> String {
    // SAFETY: each object lives for its call.
    let desc = unsafe {
        device.cast::<IDXGIDevice>().and_then(|device| device.GetAdapter()).and_then(|adapter| adapter.GetDesc())
    };
    desc.map_or_else(
        |_| API.to_string(),
        |desc| {
            let length = desc.Description.iter().position(|unit| *unit == 0).unwrap_or(desc.Description.len());
            String::from_utf16_lossy(&desc.Description[..length])
        },
    )
}

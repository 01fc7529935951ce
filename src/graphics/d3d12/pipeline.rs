//! The shader and what it is given: the texture (a table of one view), the parameters (root constants), the picture (a
//! root view).

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;

use windows::Win32::Graphics::Direct3D::ID3DBlob;
use windows::Win32::Graphics::Direct3D12::{
    D3D_ROOT_SIGNATURE_VERSION, D3D_ROOT_SIGNATURE_VERSION_1, D3D12_COMPUTE_PIPELINE_STATE_DESC,
    D3D12_DESCRIPTOR_RANGE, D3D12_DESCRIPTOR_RANGE_TYPE_SRV, D3D12_ROOT_CONSTANTS, D3D12_ROOT_DESCRIPTOR,
    D3D12_ROOT_DESCRIPTOR_TABLE, D3D12_ROOT_PARAMETER, D3D12_ROOT_PARAMETER_0,
    D3D12_ROOT_PARAMETER_TYPE_32BIT_CONSTANTS, D3D12_ROOT_PARAMETER_TYPE_DESCRIPTOR_TABLE,
    D3D12_ROOT_PARAMETER_TYPE_UAV, D3D12_ROOT_SIGNATURE_DESC, D3D12_SHADER_BYTECODE, ID3D12Device, ID3D12PipelineState,
    ID3D12RootSignature,
};
use windows::Win32::System::LibraryLoader::{GetProcAddress, LoadLibraryA};
use windows::core::{HRESULT, Interface, s};

use super::submit::unavailable;
use crate::graphics::dxgi::bytecode;
use crate::graphics::{GraphicsError, Params};

/// Words of the parameters.
pub const CONSTANTS: u32 = (Params::BYTES / 4) as u32;

// Places in the root signature.
pub const TEXTURE: u32 = 0;
pub const PARAMS: u32 = 1;
pub const PICTURE: u32 = 2;

#[derive(Debug)]
pub struct Pipeline {
    pub root: ID3D12RootSignature,
    pub state: ID3D12PipelineState,
}

impl Pipeline {
    pub fn new(device: &ID3D12Device) -> Result<Self, GraphicsError> {
        let signature = serialize_root_signature()?;
        // SAFETY: the device lives, and the blob is what was just serialized.
        let root = unsafe {
            let bytes = ptr::slice_from_raw_parts(signature.GetBufferPointer().cast(), signature.GetBufferSize());
            device.CreateRootSignature::<ID3D12RootSignature>(0, &*bytes)
        };
        let root = root.map_err(|error| unavailable(format!("CreateRootSignature: {error}")))?;
        let code = bytecode();
        let mut desc = D3D12_COMPUTE_PIPELINE_STATE_DESC {
            pRootSignature: ManuallyDrop::new(Some(root.clone())),
            CS: D3D12_SHADER_BYTECODE { pShaderBytecode: code.as_ptr().cast(), BytecodeLength: code.len() },
            ..Default::default()
        };
        // SAFETY: the code and the root signature live for the call; the description's reference is given back once.
        let state = unsafe {
            let state = device.CreateComputePipelineState(&raw const desc);
            ManuallyDrop::drop(&mut desc.pRootSignature);
            state
        };
        Ok(Self { root, state: state.map_err(|error| unavailable(format!("CreateComputePipelineState: {error}")))? })
    }
}

type Serialize = unsafe extern "system" fn(
    *const D3D12_ROOT_SIGNATURE_DESC,
    D3D_ROOT_SIGNATURE_VERSION,
    *mut *mut c_void,
    *mut *mut c_void,
) -> HRESULT;

/// By the `d3d12.dll` that the host's device came from: nothing is linked.
fn serialize_root_signature() -> Result<ID3DBlob, GraphicsError> {
    // SAFETY: the host has loaded this library, so that no code of it runs for the first time here.
    let serialize = unsafe {
        let library = LoadLibraryA(s!("d3d12.dll")).map_err(|error| unavailable(format!("d3d12.dll: {error}")))?;
        GetProcAddress(library, s!("D3D12SerializeRootSignature"))
    };
    let serialize = serialize.ok_or_else(|| unavailable("d3d12.dll has no D3D12SerializeRootSignature"))?;
    // SAFETY: the documented signature of this function.
    let serialize = unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, Serialize>(serialize) };
    let range =
        D3D12_DESCRIPTOR_RANGE { RangeType: D3D12_DESCRIPTOR_RANGE_TYPE_SRV, NumDescriptors: 1, ..Default::default() };
    let table = D3D12_ROOT_DESCRIPTOR_TABLE { NumDescriptorRanges: 1, pDescriptorRanges: &raw const range };
    let constants = D3D12_ROOT_CONSTANTS { Num32BitValues: CONSTANTS, ..Default::default() };
    let parameter = |kind, value| D3D12_ROOT_PARAMETER { ParameterType: kind, Anonymous: value, ..Default::default() };
    let parameters = [
        parameter(D3D12_ROOT_PARAMETER_TYPE_DESCRIPTOR_TABLE, D3D12_ROOT_PARAMETER_0 { DescriptorTable: table }),
        parameter(D3D12_ROOT_PARAMETER_TYPE_32BIT_CONSTANTS, D3D12_ROOT_PARAMETER_0 { Constants: constants }),
        parameter(
            D3D12_ROOT_PARAMETER_TYPE_UAV,
            D3D12_ROOT_PARAMETER_0 { Descriptor: D3D12_ROOT_DESCRIPTOR::default() },
        ),
    ];
    let desc = D3D12_ROOT_SIGNATURE_DESC {
        NumParameters: parameters.len() as u32,
        pParameters: parameters.as_ptr(),
        ..Default::default()
    };
    let (mut blob, mut error) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the description and what it points to live; what comes back is a reference to a blob each, or NULL.
    let (result, blob, error) = unsafe {
        let result = serialize(&raw const desc, D3D_ROOT_SIGNATURE_VERSION_1, &raw mut blob, &raw mut error);
        let owned = |raw: *mut c_void| (!raw.is_null()).then(|| ID3DBlob::from_raw(raw));
        (result, owned(blob), owned(error))
    };
    drop(error);
    result.ok().map_err(|error| unavailable(format!("D3D12SerializeRootSignature: {error}")))?;
    blob.ok_or_else(|| unavailable("D3D12SerializeRootSignature gave nothing"))
}

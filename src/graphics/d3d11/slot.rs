//! The buffers of one picture: the shader writes one, the CPU reads a copy of it.

#![allow(unsafe_code)]

use windows::Win32::Graphics::Direct3D11::{
    D3D11_BIND_CONSTANT_BUFFER, D3D11_BIND_UNORDERED_ACCESS, D3D11_BUFFER_DESC, D3D11_BUFFER_UAV,
    D3D11_BUFFER_UAV_FLAG_RAW, D3D11_CPU_ACCESS_READ, D3D11_RESOURCE_MISC_BUFFER_ALLOW_RAW_VIEWS,
    D3D11_UAV_DIMENSION_BUFFER, D3D11_UNORDERED_ACCESS_VIEW_DESC, D3D11_UNORDERED_ACCESS_VIEW_DESC_0,
    D3D11_USAGE_DEFAULT, D3D11_USAGE_STAGING, ID3D11Buffer, ID3D11Device, ID3D11UnorderedAccessView,
};
use windows::Win32::Graphics::Dxgi::Common::DXGI_FORMAT_R32_TYPELESS;

use super::progress::Mark;
use crate::graphics::dxgi::failed;
use crate::graphics::{Api, GraphicsError, Params};

const API: Api = Api::D3d11;

#[derive(Debug)]
pub struct Slot {
    pub picture: ID3D11Buffer,
    pub view: ID3D11UnorderedAccessView,
    pub params: ID3D11Buffer,
    /// Memory of the CPU's that the picture is copied to.
    pub staging: ID3D11Buffer,
    pub bytes: usize,
    pub mark: Mark,
    pub is_mapped: bool,
}

impl Slot {
    pub fn new(device: &ID3D11Device, bytes: usize, mark: Mark) -> Result<Self, GraphicsError> {
        let width =
            u32::try_from(bytes).map_err(|_| GraphicsError::Call { api: API, call: "CreateBuffer", code: 0 })?;
        let picture = create_buffer(
            device,
            &D3D11_BUFFER_DESC {
                ByteWidth: width,
                Usage: D3D11_USAGE_DEFAULT,
                BindFlags: D3D11_BIND_UNORDERED_ACCESS.0.cast_unsigned(),
                MiscFlags: D3D11_RESOURCE_MISC_BUFFER_ALLOW_RAW_VIEWS.0.cast_unsigned(),
                ..Default::default()
            },
        )?;
        let params = create_buffer(
            device,
            &D3D11_BUFFER_DESC {
                ByteWidth: Params::BYTES as u32,
                Usage: D3D11_USAGE_DEFAULT,
                BindFlags: D3D11_BIND_CONSTANT_BUFFER.0.cast_unsigned(),
                ..Default::default()
            },
        )?;
        let staging = create_buffer(
            device,
            &D3D11_BUFFER_DESC {
                ByteWidth: width,
                Usage: D3D11_USAGE_STAGING,
                CPUAccessFlags: D3D11_CPU_ACCESS_READ.0.cast_unsigned(),
                ..Default::default()
            },
        )?;
        let view = create_view(device, &picture, width / 4)?;
        Ok(Self { picture, view, params, staging, bytes, mark, is_mapped: false })
    }
}

fn create_buffer(device: &ID3D11Device, desc: &D3D11_BUFFER_DESC) -> Result<ID3D11Buffer, GraphicsError> {
    let mut buffer = None;
    // SAFETY: the device lives, and both places too.
    unsafe { device.CreateBuffer(desc, None, Some(&raw mut buffer)) }.map_err(failed(API, "CreateBuffer"))?;
    buffer.ok_or(GraphicsError::Call { api: API, call: "CreateBuffer", code: 0 })
}

/// The buffer as words, as `RWByteAddressBuffer` wants it.
fn create_view(
    device: &ID3D11Device,
    buffer: &ID3D11Buffer,
    words: u32,
) -> Result<ID3D11UnorderedAccessView, GraphicsError> {
    let desc = D3D11_UNORDERED_ACCESS_VIEW_DESC {
        Format: DXGI_FORMAT_R32_TYPELESS,
        ViewDimension: D3D11_UAV_DIMENSION_BUFFER,
        Anonymous: D3D11_UNORDERED_ACCESS_VIEW_DESC_0 {
            Buffer: D3D11_BUFFER_UAV {
                FirstElement: 0,
                NumElements: words,
                Flags: D3D11_BUFFER_UAV_FLAG_RAW.0.cast_unsigned(),
            },
        },
    };
    let mut view = None;
    // SAFETY: as above; the buffer allows raw views.
    unsafe { device.CreateUnorderedAccessView(buffer, Some(&raw const desc), Some(&raw mut view)) }
        .map_err(failed(API, "CreateUnorderedAccessView"))?;
    view.ok_or(GraphicsError::Call { api: API, call: "CreateUnorderedAccessView", code: 0 })
}

//! The host's texture as the shader reads it: itself, or a copy of ours where it cannot be read (several samples, layers,
//! or not made to be read).

#![allow(unsafe_code)]

use std::ffi::c_void;

use windows::Win32::Graphics::Direct3D::D3D_SRV_DIMENSION_TEXTURE2D;
use windows::Win32::Graphics::Direct3D11::{
    D3D11_BIND_SHADER_RESOURCE, D3D11_SHADER_RESOURCE_VIEW_DESC, D3D11_SHADER_RESOURCE_VIEW_DESC_0, D3D11_TEX2D_SRV,
    D3D11_TEXTURE2D_DESC, D3D11_USAGE_DEFAULT, ID3D11Device, ID3D11DeviceContext1, ID3D11ShaderResourceView,
    ID3D11Texture2D,
};
use windows::Win32::Graphics::Dxgi::Common::{DXGI_FORMAT, DXGI_SAMPLE_DESC};
use windows::core::{IUnknown, Interface};

use crate::graphics::dxgi::{View, failed, view};
use crate::graphics::{Api, GraphicsError, Job, Transfer};
use crate::units::Size;

const API: Api = Api::D3d11;

/// A texture of ours that hosts' textures are copied to.
#[derive(Debug)]
struct Copy {
    texture: ID3D11Texture2D,
    view: ID3D11ShaderResourceView,
    size: Size,
    format: u32,
}

/// A texture for one recording. It holds the host's texture no longer than that.
#[derive(Debug)]
pub struct Source {
    pub view: ID3D11ShaderResourceView,
    pub transfer: Transfer,
    /// What has to be copied first: from where, to where, whether several samples become one.
    copy: Option<(ID3D11Texture2D, ID3D11Texture2D, bool)>,
    format: u32,
}

/// Makes sources.
#[derive(Debug, Default)]
pub struct Sources {
    copy: Option<Copy>,
}

impl Sources {
    /// Records nothing.
    ///
    /// # Safety
    /// The job's texture is a COM object that lives.
    pub unsafe fn open(&mut self, device: &ID3D11Device, job: &Job) -> Result<Source, GraphicsError> {
        // SAFETY: the caller's promise.
        let texture = unsafe { texture(device, job)? };
        let mut desc = D3D11_TEXTURE2D_DESC::default();
        // SAFETY: the texture lives.
        unsafe { texture.GetDesc(&raw mut desc) };
        let actual = Size::new(desc.Width, desc.Height);
        if actual != job.texture.size {
            return Err(GraphicsError::TextureShape { given: job.texture.size, actual });
        }
        let View { format, transfer } = view(desc.Format.0.cast_unsigned(), job.texture.format, job.transfer)
            .map_err(|format| GraphicsError::TextureFormat { api: API, format })?;
        let can_be_read = desc.BindFlags & D3D11_BIND_SHADER_RESOURCE.0.cast_unsigned() != 0;
        let has_samples = desc.SampleDesc.Count > 1;
        if can_be_read && !has_samples && desc.ArraySize == 1 {
            return Ok(Source { view: create_view(device, &texture, format)?, transfer, copy: None, format });
        }
        if self.copy.as_ref().is_none_or(|copy| (copy.size, copy.format) != (actual, format)) {
            self.copy = Some(Copy::new(device, actual, format)?);
        }
        let Some(copy) = &self.copy else { return Err(GraphicsError::TextureFormat { api: API, format }) };
        let to_copy = (texture, copy.texture.clone(), has_samples);
        Ok(Source { view: copy.view.clone(), transfer, copy: Some(to_copy), format })
    }
}

impl Source {
    /// Records what makes the view show the host's texture.
    pub fn record_copy(&self, context: &ID3D11DeviceContext1) {
        let Some((from, to, has_samples)) = &self.copy else { return };
        // SAFETY: both are textures of this device, of one size and of formats of one family; the first of the texture's
        // pictures is whole.
        unsafe {
            if *has_samples {
                context.ResolveSubresource(to, 0, from, 0, DXGI_FORMAT(self.format.cast_signed()));
            } else {
                context.CopySubresourceRegion(to, 0, 0, 0, 0, from, 0, None);
            }
        }
    }
}

impl Copy {
    fn new(device: &ID3D11Device, size: Size, format: u32) -> Result<Self, GraphicsError> {
        let desc = D3D11_TEXTURE2D_DESC {
            Width: size.width,
            Height: size.height,
            MipLevels: 1,
            ArraySize: 1,
            Format: DXGI_FORMAT(format.cast_signed()),
            SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
            Usage: D3D11_USAGE_DEFAULT,
            BindFlags: D3D11_BIND_SHADER_RESOURCE.0.cast_unsigned(),
            CPUAccessFlags: 0,
            MiscFlags: 0,
        };
        let mut texture = None;
        // SAFETY: the device lives, and both places too.
        unsafe { device.CreateTexture2D(&raw const desc, None, Some(&raw mut texture)) }
            .map_err(failed(API, "CreateTexture2D"))?;
        let texture = texture.ok_or(GraphicsError::Call { api: API, call: "CreateTexture2D", code: 0 })?;
        let view = create_view(device, &texture, format)?;
        Ok(Self { texture, view, size, format })
    }
}

/// The job's texture, held. Another kind of object and a texture of another device are told apart.
unsafe fn texture(device: &ID3D11Device, job: &Job) -> Result<ID3D11Texture2D, GraphicsError> {
    let raw = std::ptr::with_exposed_provenance_mut::<c_void>(job.texture.handle as usize);
    // SAFETY: the caller's promise.
    let object = unsafe { IUnknown::from_raw_borrowed(&raw) }.ok_or(GraphicsError::NullTexture)?;
    let texture: ID3D11Texture2D = object.cast().map_err(failed(API, "QueryInterface(ID3D11Texture2D)"))?;
    // SAFETY: the texture lives.
    let owner = unsafe { texture.GetDevice() }.map_err(failed(API, "ID3D11Texture2D::GetDevice"))?;
    if owner != *device {
        return Err(GraphicsError::Call { api: API, call: "ID3D11Texture2D::GetDevice (another device)", code: 0 });
    }
    Ok(texture)
}

/// The texture's largest picture.
fn create_view(
    device: &ID3D11Device,
    texture: &ID3D11Texture2D,
    format: u32,
) -> Result<ID3D11ShaderResourceView, GraphicsError> {
    let desc = D3D11_SHADER_RESOURCE_VIEW_DESC {
        Format: DXGI_FORMAT(format.cast_signed()),
        ViewDimension: D3D_SRV_DIMENSION_TEXTURE2D,
        Anonymous: D3D11_SHADER_RESOURCE_VIEW_DESC_0 {
            Texture2D: D3D11_TEX2D_SRV { MostDetailedMip: 0, MipLevels: 1 },
        },
    };
    let mut view = None;
    // SAFETY: the device and the texture live, and both places too.
    unsafe { device.CreateShaderResourceView(texture, Some(&raw const desc), Some(&raw mut view)) }
        .map_err(failed(API, "CreateShaderResourceView"))?;
    view.ok_or(GraphicsError::Call { api: API, call: "CreateShaderResourceView", code: 0 })
}

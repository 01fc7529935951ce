//! The host's texture as the shader reads it: itself, or a copy of ours where a shader cannot read it as one picture
//! (several samples, layers).

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::ManuallyDrop;

use windows::Win32::Graphics::Direct3D12::{
    D3D12_DEFAULT_SHADER_4_COMPONENT_MAPPING, D3D12_HEAP_TYPE_DEFAULT, D3D12_RESOURCE_DESC,
    D3D12_RESOURCE_DIMENSION_TEXTURE2D, D3D12_RESOURCE_FLAG_DENY_SHADER_RESOURCE, D3D12_RESOURCE_STATE_COPY_DEST,
    D3D12_RESOURCE_STATE_COPY_SOURCE, D3D12_RESOURCE_STATE_NON_PIXEL_SHADER_RESOURCE,
    D3D12_RESOURCE_STATE_RESOLVE_DEST, D3D12_RESOURCE_STATE_RESOLVE_SOURCE, D3D12_RESOURCE_STATES,
    D3D12_SHADER_RESOURCE_VIEW_DESC, D3D12_SHADER_RESOURCE_VIEW_DESC_0, D3D12_SRV_DIMENSION_TEXTURE2D, D3D12_TEX2D_SRV,
    D3D12_TEXTURE_COPY_LOCATION, D3D12_TEXTURE_COPY_LOCATION_0, D3D12_TEXTURE_COPY_TYPE_SUBRESOURCE_INDEX,
    ID3D12Device, ID3D12GraphicsCommandList, ID3D12Resource,
};
use windows::Win32::Graphics::Dxgi::Common::{DXGI_FORMAT, DXGI_SAMPLE_DESC};
use windows::core::{IUnknown, Interface};

use super::barrier::transition;
use super::slot::create_resource;
use crate::graphics::dxgi::{View, failed, view};
use crate::graphics::{Api, GraphicsError, Job, Transfer};
use crate::units::Size;

const API: Api = Api::D3d12;
const READABLE: D3D12_RESOURCE_STATES = D3D12_RESOURCE_STATE_NON_PIXEL_SHADER_RESOURCE;

/// What becomes of the host's texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Read,
    Copy,
    Resolve,
}

/// A texture for one recording. It holds the host's texture no longer than that.
#[derive(Debug)]
pub struct Source {
    pub texture: ID3D12Resource,
    pub transfer: Transfer,
    /// A texture of ours, always readable but while it is written.
    pub copy: Option<ID3D12Resource>,
    format: DXGI_FORMAT,
    way: Way,
}

/// Makes sources.
#[derive(Debug, Default)]
pub struct Sources {
    copy: Option<(Size, DXGI_FORMAT, ID3D12Resource)>,
}

impl Sources {
    /// Records nothing.
    ///
    /// # Safety
    /// The job's texture is a COM object that lives.
    pub unsafe fn open(&mut self, device: &ID3D12Device, job: &Job) -> Result<Source, GraphicsError> {
        // SAFETY: the caller's promise.
        let texture = unsafe { texture(device, job)? };
        // SAFETY: the texture lives.
        let desc = unsafe { texture.GetDesc() };
        let number = desc.Format.0.cast_unsigned();
        let is_readable =
            desc.Flags & D3D12_RESOURCE_FLAG_DENY_SHADER_RESOURCE != D3D12_RESOURCE_FLAG_DENY_SHADER_RESOURCE;
        if desc.Dimension != D3D12_RESOURCE_DIMENSION_TEXTURE2D || !is_readable {
            return Err(GraphicsError::TextureFormat { api: API, format: number });
        }
        let actual = Size::new(u32::try_from(desc.Width).unwrap_or(u32::MAX), desc.Height);
        if actual != job.texture.size {
            return Err(GraphicsError::TextureShape { given: job.texture.size, actual });
        }
        let View { format, transfer } = view(number, job.texture.format, job.transfer)
            .map_err(|format| GraphicsError::TextureFormat { api: API, format })?;
        let format = DXGI_FORMAT(format.cast_signed());
        let way = match (desc.SampleDesc.Count, desc.DepthOrArraySize) {
            (2.., _) => Way::Resolve,
            (_, 2..) => Way::Copy,
            _ => Way::Read,
        };
        let copy = if way == Way::Read { None } else { Some(self.copy(device, actual, format)?) };
        Ok(Source { texture, transfer, copy, format, way })
    }

    fn copy(
        &mut self,
        device: &ID3D12Device,
        size: Size,
        format: DXGI_FORMAT,
    ) -> Result<ID3D12Resource, GraphicsError> {
        if let Some((known, of, texture)) = &self.copy
            && (*known, *of) == (size, format)
        {
            return Ok(texture.clone());
        }
        let desc = D3D12_RESOURCE_DESC {
            Dimension: D3D12_RESOURCE_DIMENSION_TEXTURE2D,
            Width: size.width.into(),
            Height: size.height,
            DepthOrArraySize: 1,
            MipLevels: 1,
            Format: format,
            SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
            ..Default::default()
        };
        let texture = create_resource(device, D3D12_HEAP_TYPE_DEFAULT, &desc, READABLE)?;
        self.copy = Some((size, format, texture.clone()));
        Ok(texture)
    }
}

impl Source {
    /// The state in which the recording needs the host's texture.
    pub fn needed(&self) -> D3D12_RESOURCE_STATES {
        match self.way {
            Way::Read => READABLE,
            Way::Copy => D3D12_RESOURCE_STATE_COPY_SOURCE,
            Way::Resolve => D3D12_RESOURCE_STATE_RESOLVE_SOURCE,
        }
    }

    /// The state to bring the texture to, from that one: a state that allows more than what is needed may stay.
    pub fn state_inside(&self, outside: D3D12_RESOURCE_STATES) -> D3D12_RESOURCE_STATES {
        if outside & self.needed() == self.needed() { outside } else { self.needed() }
    }

    /// Makes the view in a heap of one.
    pub fn create_view(
        &self,
        device: &ID3D12Device,
        views: &windows::Win32::Graphics::Direct3D12::ID3D12DescriptorHeap,
    ) {
        let desc = D3D12_SHADER_RESOURCE_VIEW_DESC {
            Format: self.format,
            ViewDimension: D3D12_SRV_DIMENSION_TEXTURE2D,
            Shader4ComponentMapping: D3D12_DEFAULT_SHADER_4_COMPONENT_MAPPING,
            Anonymous: D3D12_SHADER_RESOURCE_VIEW_DESC_0 {
                Texture2D: D3D12_TEX2D_SRV { MostDetailedMip: 0, MipLevels: 1, ..Default::default() },
            },
        };
        let texture = self.copy.as_ref().unwrap_or(&self.texture);
        // SAFETY: everything lives, and the GPU reads this heap no more: its slot is free.
        unsafe {
            device.CreateShaderResourceView(texture, Some(&raw const desc), views.GetCPUDescriptorHandleForHeapStart());
        }
    }

    /// Records what makes the view show the host's texture, which is in the state `needed`.
    pub fn record_copy(&self, list: &ID3D12GraphicsCommandList) {
        let Some(copy) = &self.copy else { return };
        let written = match self.way {
            Way::Resolve => D3D12_RESOURCE_STATE_RESOLVE_DEST,
            _ => D3D12_RESOURCE_STATE_COPY_DEST,
        };
        transition(list, copy, READABLE, written);
        if self.way == Way::Resolve {
            // SAFETY: both live, are of one size, and the format is one of both.
            unsafe { list.ResolveSubresource(copy, 0, &self.texture, 0, self.format) };
        } else {
            let (mut to, mut from) = (first_of(copy), first_of(&self.texture));
            // SAFETY: both live, are of one size and of formats of one family; references are given back once.
            unsafe {
                list.CopyTextureRegion(&raw const to, 0, 0, 0, &raw const from, None);
                ManuallyDrop::drop(&mut to.pResource);
                ManuallyDrop::drop(&mut from.pResource);
            }
        }
        transition(list, copy, written, READABLE);
    }
}

fn first_of(texture: &ID3D12Resource) -> D3D12_TEXTURE_COPY_LOCATION {
    D3D12_TEXTURE_COPY_LOCATION {
        pResource: ManuallyDrop::new(Some(texture.clone())),
        Type: D3D12_TEXTURE_COPY_TYPE_SUBRESOURCE_INDEX,
        Anonymous: D3D12_TEXTURE_COPY_LOCATION_0 { SubresourceIndex: 0 },
    }
}

/// The job's texture, held. Another kind of object and a texture of another device are told apart.
unsafe fn texture(device: &ID3D12Device, job: &Job) -> Result<ID3D12Resource, GraphicsError> {
    let raw = std::ptr::with_exposed_provenance_mut::<c_void>(job.texture.handle as usize);
    // SAFETY: the caller's promise.
    let object = unsafe { IUnknown::from_raw_borrowed(&raw) }.ok_or(GraphicsError::NullTexture)?;
    let texture: ID3D12Resource = object.cast().map_err(failed(API, "QueryInterface(ID3D12Resource)"))?;
    let mut owner: Option<ID3D12Device> = None;
    // SAFETY: the texture lives, and the place too.
    unsafe { texture.GetDevice(&raw mut owner) }.map_err(failed(API, "ID3D12Resource::GetDevice"))?;
    if owner.as_ref() != Some(device) {
        return Err(GraphicsError::Call { api: API, call: "ID3D12Resource::GetDevice (another device)", code: 0 });
    }
    Ok(texture)
}

//! Direct3D 11, as the host's device gives it.

use rendercast::graphics::d3d11::D3d11;
use rendercast::graphics::{Device, Rings, Texture};
use rendercast::units::Size;
use windows::Win32::Foundation::HMODULE;
use windows::Win32::Graphics::Direct3D::{D3D_DRIVER_TYPE_HARDWARE, D3D_DRIVER_TYPE_WARP};
use windows::Win32::Graphics::Direct3D11::{
    D3D11_BIND_RENDER_TARGET, D3D11_BIND_SHADER_RESOURCE, D3D11_CREATE_DEVICE_FLAG, D3D11_SDK_VERSION,
    D3D11_SUBRESOURCE_DATA, D3D11_TEXTURE2D_DESC, D3D11_USAGE_DEFAULT, D3D11CreateDevice, ID3D11ComputeShader,
    ID3D11Device, ID3D11DeviceContext, ID3D11RenderTargetView, ID3D11ShaderResourceView, ID3D11Texture2D,
    ID3D11UnorderedAccessView,
};
use windows::Win32::Graphics::Dxgi::Common::{DXGI_FORMAT, DXGI_SAMPLE_DESC};
use windows::core::{IUnknown, Interface};

use super::{Host, RGBA8, RGBA8_TYPELESS, World, common, job, texel_bytes};
use crate::oracle::{assert_same, converted};
use crate::picture::Picture;

pub(super) struct D3d11Host {
    pub(super) device: ID3D11Device,
    pub(super) context: ID3D11DeviceContext,
    pipeline: Rings<D3d11>,
    pub(super) textures: Vec<ID3D11Texture2D>,
}

pub(super) fn host() -> Option<D3d11Host> {
    for kind in [D3D_DRIVER_TYPE_HARDWARE, D3D_DRIVER_TYPE_WARP] {
        let (mut device, mut context) = (None, None);
        let (no_flags, no_module) = (D3D11_CREATE_DEVICE_FLAG(0), HMODULE::default());
        let (to, and) = (Some(&raw mut device), Some(&raw mut context));
        // SAFETY: all places live.
        let made =
            unsafe { D3D11CreateDevice(None, kind, no_module, no_flags, None, D3D11_SDK_VERSION, to, None, and) };
        if let (Ok(()), Some(device), Some(context)) = (made, device, context) {
            // SAFETY: a device.
            let pipeline = Rings::new(unsafe { D3d11::new(device.as_raw()) }.expect("a pipeline"));
            return Some(D3d11Host { device, context, pipeline, textures: Vec::new() });
        }
    }
    crate::skip("Direct3D 11", "there is no device");
    None
}

impl D3d11Host {
    fn texture(&mut self, desc: &D3D11_TEXTURE2D_DESC, bytes: &[u8]) -> Texture {
        let row = bytes.len() as u32 / desc.Height;
        let layers =
            vec![
                D3D11_SUBRESOURCE_DATA { pSysMem: bytes.as_ptr().cast(), SysMemPitch: row, SysMemSlicePitch: 0 };
                desc.ArraySize as usize
            ];
        let mut texture = None;
        // SAFETY: the bytes and all places live.
        unsafe { self.device.CreateTexture2D(desc, Some(layers.as_ptr()), Some(&raw mut texture)) }.expect("texture");
        self.keep(texture.expect("texture"), desc)
    }

    fn keep(&mut self, texture: ID3D11Texture2D, desc: &D3D11_TEXTURE2D_DESC) -> Texture {
        let handle = texture.as_raw() as u64;
        self.textures.push(texture);
        Texture { handle, format: 0, size: Size::new(desc.Width, desc.Height), layout: 0 }
    }
}

pub(super) fn desc(format: u32, size: Size) -> D3D11_TEXTURE2D_DESC {
    D3D11_TEXTURE2D_DESC {
        Width: size.width,
        Height: size.height,
        MipLevels: 1,
        ArraySize: 1,
        Format: DXGI_FORMAT(format as i32),
        SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
        Usage: D3D11_USAGE_DEFAULT,
        BindFlags: D3D11_BIND_SHADER_RESOURCE.0 as u32,
        CPUAccessFlags: 0,
        MiscFlags: 0,
    }
}

impl Host for D3d11Host {
    fn device(&mut self) -> &mut dyn Device {
        &mut self.pipeline
    }

    fn upload(&mut self, format: u32, size: Size, bytes: &[u8]) -> Texture {
        assert_eq!(bytes.len(), size.width as usize * size.height as usize * texel_bytes(format));
        self.texture(&desc(format, size), bytes)
    }
}

common!(host());

#[test]
fn textures_that_no_shader_reads_and_layers_are_copied_first() {
    let Some(host) = host() else { return };
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(160, 90), 4);
    let shown = converted(&picture, picture.size);
    let plain = desc(RGBA8, picture.size);
    for (what, desc) in [
        ("a render target only", D3D11_TEXTURE2D_DESC { BindFlags: D3D11_BIND_RENDER_TARGET.0 as u32, ..plain }),
        ("two layers", D3D11_TEXTURE2D_DESC { ArraySize: 2, ..plain }),
        ("typeless layers", D3D11_TEXTURE2D_DESC { ArraySize: 2, Format: DXGI_FORMAT(RGBA8_TYPELESS as i32), ..plain }),
        ("a render target only, again", D3D11_TEXTURE2D_DESC { BindFlags: D3D11_BIND_RENDER_TARGET.0 as u32, ..plain }),
    ] {
        let texture = world.host.texture(&desc, &picture.rgba8());
        assert_same(&world.planes(&job(texture)), &shown, what);
    }
}

#[test]
fn several_samples_are_resolved() {
    let Some(host) = host() else { return };
    let mut world = World::new(host);
    let size = Size::new(64, 32);
    let desc = D3D11_TEXTURE2D_DESC {
        SampleDesc: DXGI_SAMPLE_DESC { Count: 4, Quality: 0 },
        BindFlags: (D3D11_BIND_RENDER_TARGET.0 | D3D11_BIND_SHADER_RESOURCE.0) as u32,
        ..desc(RGBA8, size)
    };
    let (mut texture, mut view) = (None, None);
    // SAFETY: all places live.
    let made = unsafe { world.host.device.CreateTexture2D(&raw const desc, None, Some(&raw mut texture)) };
    let (Ok(()), Some(texture)) = (made, texture) else {
        return crate::skip("four samples", "the device has no such textures");
    };
    // SAFETY: as above.
    unsafe {
        world.host.device.CreateRenderTargetView(&texture, None, Some(&raw mut view)).expect("view");
        world.host.context.ClearRenderTargetView(view.as_ref().expect("view"), &[1.0, 0.0, 0.0, 1.0]);
    }
    let texture = world.host.keep(texture, &desc);
    let red = Picture { size, rgba: [255, 0, 0, 255].repeat((size.width * size.height) as usize) };
    assert_same(&world.planes(&job(texture)), &converted(&red, size), "red");
}

/// What is bound at the places that we use, and at the host's render target.
#[derive(Debug, PartialEq)]
struct Bound {
    target: Option<ID3D11RenderTargetView>,
    source: Option<ID3D11ShaderResourceView>,
    output: Option<ID3D11UnorderedAccessView>,
    shader: Option<ID3D11ComputeShader>,
    constants: Option<windows::Win32::Graphics::Direct3D11::ID3D11Buffer>,
}

fn bound(context: &ID3D11DeviceContext) -> Bound {
    let (mut targets, mut sources, mut constants) = ([None], [None], [None]);
    let (mut output, mut shader) = (None, None);
    // SAFETY: all places live.
    unsafe {
        context.OMGetRenderTargets(Some(&mut targets), None);
        context.CSGetShaderResources(0, Some(&mut sources));
        context.CSGetUnorderedAccessViews(0, Some(std::slice::from_mut(&mut output)));
        context.CSGetShader(&raw mut shader, None, None);
        context.CSGetConstantBuffers(0, Some(&mut constants));
    }
    let ([target], [source], [constants]) = (targets, sources, constants);
    Bound { target, source, output, shader, constants }
}

#[test]
fn what_the_host_has_bound_stays_bound_and_its_own_target_can_be_taken() {
    let Some(host) = host() else { return };
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(128, 72), 6);
    let both = (D3D11_BIND_RENDER_TARGET.0 | D3D11_BIND_SHADER_RESOURCE.0) as u32;
    let target =
        world.host.texture(&D3D11_TEXTURE2D_DESC { BindFlags: both, ..desc(RGBA8, picture.size) }, &picture.rgba8());
    let other = world.host.upload(RGBA8, picture.size, &picture.rgba8());
    let (mut view, mut read) = (None, None);
    // SAFETY: all places live.
    unsafe {
        let (device, textures) = (&world.host.device, &world.host.textures);
        device.CreateRenderTargetView(&textures[0], None, Some(&raw mut view)).expect("view");
        device.CreateShaderResourceView(&textures[1], None, Some(&raw mut read)).expect("view");
        world.host.context.OMSetRenderTargets(Some(&[view.clone()]), None);
        world.host.context.CSSetShaderResources(0, Some(&[read.clone()]));
    }
    let before = bound(&world.host.context);
    assert_eq!((&before.target, &before.source), (&view, &read));
    for texture in [target, other, target] {
        assert_same(&world.planes(&job(texture)), &converted(&picture, picture.size), "a bound texture");
        assert_eq!(bound(&world.host.context), before);
    }
}

#[test]
fn a_texture_is_held_no_longer_than_the_call() {
    let Some(host) = host() else { return };
    let mut world = World::new(host);
    let job = world.upload(&Picture::new(Size::new(128, 72), 8));
    let references = |world: &World<D3d11Host>| {
        let texture: IUnknown = world.host.textures[0].cast().expect("an object");
        // SAFETY: a reference is taken and given back.
        unsafe {
            (texture.vtable().AddRef)(texture.as_raw());
            (texture.vtable().Release)(texture.as_raw())
        }
    };
    let before = references(&world);
    for _ in 0..5 {
        world.take(&job);
        assert_eq!(references(&world), before);
    }
    world.push(&job).expect("recorded");
    assert_eq!(references(&world), before, "while the GPU may be at work");
    world.host.textures.clear();
    assert_eq!(crate::picture::number(&world.read().1, 128, 1), 8, "freed by the host before it was read");
}

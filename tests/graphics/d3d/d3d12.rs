//! Direct3D 12, with lists on the host's queue, and run by an engine.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::park_timeout;
use std::time::Duration;

use rendercast::frame::Chroma;
use rendercast::graphics::d3d12::{D3d12, Executor};
use rendercast::graphics::{Device, GraphicsError, Job, Rings, Texture};
use rendercast::units::Size;
use windows::Win32::Graphics::Direct3D::D3D_FEATURE_LEVEL_11_0;
use windows::Win32::Graphics::Direct3D12::*;
use windows::Win32::Graphics::Dxgi::Common::{DXGI_FORMAT, DXGI_FORMAT_UNKNOWN, DXGI_SAMPLE_DESC};
use windows::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows::core::{Interface, s};

use super::{Host, PATIENCE, RGBA8, World, common, job, texel_bytes};
use crate::oracle::{assert_same, converted};
use crate::picture::Picture;

pub(super) struct D3d12Host {
    pipeline: Rings<D3d12>,
    gpu: Gpu,
    textures: Vec<ID3D12Resource>,
    /// In which textures are handed over.
    state: D3D12_RESOURCE_STATES,
}

/// A device and a queue on which everything is waited for.
#[derive(Clone)]
struct Gpu {
    device: ID3D12Device,
    queue: ID3D12CommandQueue,
    fence: ID3D12Fence,
    last: Arc<AtomicU64>,
}

fn gpu() -> Option<Gpu> {
    let mut device = None;
    // SAFETY: the place lives.
    let made = unsafe { D3D12CreateDevice(None, D3D_FEATURE_LEVEL_11_0, &raw mut device) };
    let (Ok(()), Some(device)) = (made, device) else {
        crate::skip("Direct3D 12", "there is no device");
        return None;
    };
    let device: ID3D12Device = device;
    let desc = D3D12_COMMAND_QUEUE_DESC { Type: D3D12_COMMAND_LIST_TYPE_DIRECT, ..Default::default() };
    // SAFETY: the device lives.
    let (queue, fence) = unsafe {
        let fence = device.CreateFence(0, D3D12_FENCE_FLAG_NONE).expect("fence");
        (device.CreateCommandQueue(&raw const desc).expect("queue"), fence)
    };
    Some(Gpu { device, queue, fence, last: Arc::default() })
}

impl Gpu {
    fn run(&self, list: &ID3D12GraphicsCommandList) -> u64 {
        let value = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        // SAFETY: a closed list.
        unsafe {
            self.queue.ExecuteCommandLists(&[Some(list.cast().expect("a list"))]);
            self.queue.Signal(&self.fence, value).expect("signal");
        }
        value
    }

    fn buffer(&self, bytes: u64) -> ID3D12Resource {
        let desc = D3D12_RESOURCE_DESC {
            Dimension: D3D12_RESOURCE_DIMENSION_BUFFER,
            Width: bytes,
            Height: 1,
            DepthOrArraySize: 1,
            MipLevels: 1,
            SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
            Format: DXGI_FORMAT_UNKNOWN,
            Layout: D3D12_TEXTURE_LAYOUT_ROW_MAJOR,
            ..Default::default()
        };
        self.create(D3D12_HEAP_TYPE_UPLOAD, &desc, D3D12_RESOURCE_STATE_GENERIC_READ)
    }

    fn create(
        &self,
        heap: D3D12_HEAP_TYPE,
        desc: &D3D12_RESOURCE_DESC,
        state: D3D12_RESOURCE_STATES,
    ) -> ID3D12Resource {
        let heap = D3D12_HEAP_PROPERTIES { Type: heap, ..Default::default() };
        let mut made = None;
        let device = &self.device;
        // SAFETY: all places live.
        unsafe {
            device.CreateCommittedResource(&raw const heap, D3D12_HEAP_FLAG_NONE, desc, state, None, &raw mut made)
        }
        .expect("resource");
        made.expect("resource")
    }

    /// A texture in `state` whose first layer has these texels.
    fn texture(&self, desc: &D3D12_RESOURCE_DESC, bytes: &[u8], state: D3D12_RESOURCE_STATES) -> ID3D12Resource {
        let texture = self.create(D3D12_HEAP_TYPE_DEFAULT, desc, D3D12_RESOURCE_STATE_COPY_DEST);
        let mut place = D3D12_PLACED_SUBRESOURCE_FOOTPRINT::default();
        let mut total = 0;
        // SAFETY: all places live; the upload buffer is as large as the device says.
        unsafe {
            let (place, total) = (Some(&raw mut place), Some(&raw mut total));
            self.device.GetCopyableFootprints(desc, 0, 1, 0, place, None, None, total);
        }
        let upload = self.buffer(total);
        let row = bytes.len() / desc.Height as usize;
        // SAFETY: rows lie where the device says.
        unsafe {
            let mut start = std::ptr::null_mut();
            upload.Map(0, None, Some(&raw mut start)).expect("map");
            for (y, from) in bytes.chunks_exact(row).enumerate() {
                let to = start.cast::<u8>().add(y * place.Footprint.RowPitch as usize);
                to.copy_from_nonoverlapping(from.as_ptr(), row);
            }
            upload.Unmap(0, None);
            let kind = D3D12_COMMAND_LIST_TYPE_DIRECT;
            let allocator: ID3D12CommandAllocator = self.device.CreateCommandAllocator(kind).expect("allocator");
            let list: ID3D12GraphicsCommandList =
                self.device.CreateCommandList(0, kind, &allocator, None).expect("list");
            let to = D3D12_TEXTURE_COPY_LOCATION {
                pResource: ManuallyDrop::new(Some(texture.clone())),
                Type: D3D12_TEXTURE_COPY_TYPE_SUBRESOURCE_INDEX,
                Anonymous: D3D12_TEXTURE_COPY_LOCATION_0 { SubresourceIndex: 0 },
            };
            let from = D3D12_TEXTURE_COPY_LOCATION {
                pResource: ManuallyDrop::new(Some(upload.clone())),
                Type: D3D12_TEXTURE_COPY_TYPE_PLACED_FOOTPRINT,
                Anonymous: D3D12_TEXTURE_COPY_LOCATION_0 { PlacedFootprint: place },
            };
            list.CopyTextureRegion(&raw const to, 0, 0, 0, &raw const from, None);
            let (to, from) = (ManuallyDrop::into_inner(to.pResource), ManuallyDrop::into_inner(from.pResource));
            drop((to, from));
            let transition = D3D12_RESOURCE_TRANSITION_BARRIER {
                pResource: ManuallyDrop::new(Some(texture.clone())),
                Subresource: D3D12_RESOURCE_BARRIER_ALL_SUBRESOURCES,
                StateBefore: D3D12_RESOURCE_STATE_COPY_DEST,
                StateAfter: state,
            };
            let barrier = D3D12_RESOURCE_BARRIER {
                Type: D3D12_RESOURCE_BARRIER_TYPE_TRANSITION,
                Anonymous: D3D12_RESOURCE_BARRIER_0 { Transition: ManuallyDrop::new(transition) },
                ..Default::default()
            };
            list.ResourceBarrier(&[barrier]);
            list.Close().expect("close");
            let value = self.run(&list);
            for _ in 0..PATIENCE {
                if self.fence.GetCompletedValue() >= value {
                    return texture;
                }
                park_timeout(Duration::from_millis(1));
            }
        }
        panic!("the upload never finished");
    }
}

fn desc(format: u32, size: Size) -> D3D12_RESOURCE_DESC {
    D3D12_RESOURCE_DESC {
        Dimension: D3D12_RESOURCE_DIMENSION_TEXTURE2D,
        Width: size.width.into(),
        Height: size.height,
        DepthOrArraySize: 1,
        MipLevels: 1,
        Format: DXGI_FORMAT(format as i32),
        SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
        ..Default::default()
    }
}

impl D3d12Host {
    fn texture(&mut self, desc: &D3D12_RESOURCE_DESC, bytes: &[u8]) -> Texture {
        let texture = self.gpu.texture(desc, bytes, self.state);
        let handle = texture.as_raw() as u64;
        self.textures.push(texture);
        Texture { handle, format: 0, size: Size::new(desc.Width as u32, desc.Height), layout: self.state.0 as u32 }
    }
}

impl Host for D3d12Host {
    fn device(&mut self) -> &mut dyn Device {
        &mut self.pipeline
    }

    fn upload(&mut self, format: u32, size: Size, bytes: &[u8]) -> Texture {
        assert_eq!(bytes.len(), size.width as usize * size.height as usize * texel_bytes(format));
        self.texture(&desc(format, size), bytes)
    }
}

pub(super) fn host() -> Option<D3d12Host> {
    let gpu = gpu()?;
    // SAFETY: a device and a queue of it.
    match unsafe { D3d12::new(gpu.device.as_raw(), gpu.queue.as_raw()) } {
        Ok(pipeline) => {
            let pipeline = Rings::new(pipeline);
            Some(D3d12Host { pipeline, gpu, textures: Vec::new(), state: D3D12_RESOURCE_STATE_PIXEL_SHADER_RESOURCE })
        }
        Err(error) => panic!("{error}"),
    }
}

/// A host whose shaders can read textures. Wine 8's Direct3D 12 loses descriptor tables on software Vulkan ("Invalid heap
/// for base descriptor"), so that every texture is black there; nowhere else is that a reason to skip anything.
fn seeing_host() -> Option<D3d12Host> {
    let mut world = World::new(host()?);
    let size = Size::new(2, 2);
    let white = world.host.upload(RGBA8, size, &[255; 16]);
    let is_black = world.planes(&job(white)).planes[0].iter().all(|luma| *luma == 16);
    // SAFETY: this library is in every process.
    let is_wine = unsafe {
        let library = GetModuleHandleA(s!("ntdll.dll")).expect("ntdll.dll");
        GetProcAddress(library, s!("wine_get_version")).is_some()
    };
    if is_black && is_wine {
        crate::skip("pictures of Direct3D 12", "wine's shaders see no textures");
        return None;
    }
    host()
}

common!(
    host(),
    pictures_that_nobody_reads_are_dropped_and_counted
    what_the_texture_is_not_is_refused
);
common!(
    seeing_host(),
    pictures_are_the_cpu_conversions
    scaled_pictures_are_like_the_cpu_conversions
    every_format_shows_what_is_stored
    linear_light_is_encoded_and_tone_mapped
    the_size_may_change_with_each_picture
    a_picture_being_read_outlives_none_of_its_memory
    no_picture_is_another
);

#[test]
fn black_is_black_in_every_layout() {
    let Some(host) = host() else { return };
    let mut world = World::new(host);
    for (width, height) in [(128, 72), (161, 91), (640, 360), (2, 2)] {
        let size = Size::new(width, height);
        let black = Picture { size, rgba: [0, 0, 0, 255].repeat((width * height) as usize) };
        for chroma in [Chroma::Planar, Chroma::Interleaved] {
            let job = Job { chroma, ..world.upload(&black) };
            for _ in 0..3 {
                assert_same(&world.planes(&job), &converted(&black, size), &format!("{width}x{height} {chroma:?}"));
            }
        }
    }
}

#[test]
fn a_texture_may_be_in_any_state_and_is_left_in_it() {
    let Some(mut host) = seeing_host() else { return };
    host.state = D3D12_RESOURCE_STATE_COMMON;
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(128, 72), 6);
    for state in [
        D3D12_RESOURCE_STATE_COMMON,
        D3D12_RESOURCE_STATE_COPY_SOURCE,
        D3D12_RESOURCE_STATE_NON_PIXEL_SHADER_RESOURCE,
        D3D12_RESOURCE_STATE_GENERIC_READ,
    ] {
        world.host.state = state;
        let job = world.upload(&picture);
        for _ in 0..2 {
            assert_same(&world.planes(&job), &converted(&picture, picture.size), &format!("{state:?}"));
        }
    }
}

#[test]
fn layers_are_copied_first() {
    let Some(host) = seeing_host() else { return };
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(160, 90), 4);
    let layers = D3D12_RESOURCE_DESC { DepthOrArraySize: 2, ..desc(RGBA8, picture.size) };
    let texture = world.host.texture(&layers, &picture.rgba8());
    for _ in 0..3 {
        assert_same(&world.planes(&job(texture)), &converted(&picture, picture.size), "two layers");
    }
}

/// Runs lists as an engine does, which keeps account of states.
struct Engine {
    gpu: Gpu,
    refuses: Arc<AtomicU32>,
}

impl Executor for Engine {
    fn fence(&self) -> *mut c_void {
        self.gpu.fence.as_raw()
    }

    fn execute(&mut self, list: *mut c_void, texture: *mut c_void, state: u32) -> Option<u64> {
        assert_eq!(state, D3D12_RESOURCE_STATE_NON_PIXEL_SHADER_RESOURCE.0 as u32);
        assert!(!texture.is_null());
        if self.refuses.swap(0, Ordering::Relaxed) == 1 {
            return None;
        }
        // SAFETY: the caller's list.
        let list = unsafe { ID3D12GraphicsCommandList::from_raw_borrowed(&list) }.expect("a list").clone();
        Some(self.gpu.run(&list))
    }
}

#[test]
fn an_engine_may_run_the_lists_or_refuse_one() {
    let Some(gpu) = gpu() else { return };
    let refuses = Arc::new(AtomicU32::new(0));
    let engine = Engine { gpu: gpu.clone(), refuses: Arc::clone(&refuses) };
    // SAFETY: a device, and a fence of it.
    let pipeline = unsafe { D3d12::with_executor(gpu.device.as_raw(), Box::new(engine)) };
    let state = D3D12_RESOURCE_STATE_NON_PIXEL_SHADER_RESOURCE;
    let pipeline = Rings::new(pipeline.expect("a pipeline"));
    let mut world = World::new(D3d12Host { pipeline, gpu, textures: Vec::new(), state });
    // Black is what even wine sees.
    let size = Size::new(128, 72);
    let picture = Picture { size, rgba: [0, 0, 0, 255].repeat(128 * 72) };
    let mut job = world.upload(&picture);
    // What an engine says of states is its own business.
    job.texture.layout = 0;
    for _ in 0..4 {
        assert_same(&world.planes(&job), &converted(&picture, picture.size), "run by an engine");
    }
    refuses.store(1, Ordering::Relaxed);
    assert!(matches!(world.push(&job), Err(GraphicsError::Call { call: "ExecuteCommandList", .. })));
    assert_eq!(world.dropped.get(), 1);
    assert_same(&world.planes(&job), &converted(&picture, picture.size), "after a refused one");
}

//! Pictures from the host's GPU: its device is made known once, then each picture is one recorded copy.

use std::ffi::c_void;
use std::mem::offset_of;

use super::boundary::boundary;
use super::devices;
use super::handles;
use super::memory::{self, Versioned};
use super::sources::rendercast_source;
use super::status::{Failure, RENDERCAST_OK, RENDERCAST_WOULD_BLOCK, rendercast_status};
use super::streamer::rendercast_streamer;
use crate::graphics::{self, Api, DeviceHandles, Pushed, Texture, Transfer};
use crate::streamer::TextureFrame;
use crate::units::{Size, SourceId};

/// A graphics device of the host's that the library knows. 0 is never one. A stale value is an error, never a crash.
pub type rendercast_graphics = u32;

/// `device` is a VkDevice.
pub const RENDERCAST_GRAPHICS_VULKAN: u32 = 1;
/// The context that is current on the calling thread, OpenGL 3.3 or OpenGL ES 3.0 and newer.
pub const RENDERCAST_GRAPHICS_OPENGL: u32 = 2;
/// `device` is an ID3D11Device*.
pub const RENDERCAST_GRAPHICS_D3D11: u32 = 3;
/// `device` is an ID3D12Device*.
pub const RENDERCAST_GRAPHICS_D3D12: u32 = 4;
/// `device` is an id<MTLDevice>.
pub const RENDERCAST_GRAPHICS_METAL: u32 = 5;

/// Vulkan: the device was created with the feature timelineSemaphore.
pub const RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES: u32 = 1;

/// A graphics device of the host's. Set `size`, `api` and what the API needs; the rest may be 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_graphics_device {
    /// sizeof(rendercast_graphics_device).
    pub size: u32,
    /// One of RENDERCAST_GRAPHICS_*.
    pub api: u32,
    /// VkDevice, ID3D11Device*, ID3D12Device*, id<MTLDevice>. OpenGL: NULL.
    pub device: *mut c_void,
    /// VkQueue (compute allowed), ID3D12CommandQueue* (direct or compute), id<MTLCommandQueue> or NULL for one of the
    /// library's own: the GPU must then have finished drawing the texture. Nobody else may use the queue during a
    /// rendercast_push_texture. Others: NULL.
    pub queue: *mut c_void,
    /// VkInstance. Others: NULL.
    pub instance: *mut c_void,
    /// VkPhysicalDevice. Others: NULL.
    pub physical_device: *mut c_void,
    /// Vulkan: vkGetInstanceProcAddr. OpenGL: a function void *(*)(const char *name) such as eglGetProcAddress or
    /// SDL_GL_GetProcAddress, only called by rendercast_create_graphics. Others: NULL.
    pub get_proc_address: *mut c_void,
    /// Vulkan: the family of `queue`.
    pub queue_family: u32,
    /// 0, or RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES.
    pub flags: u32,
}

// SAFETY: repr(C), size first, integers and pointers that may be NULL.
unsafe impl Versioned for rendercast_graphics_device {
    const NAME: &'static str = "rendercast_graphics_device";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// The texture's first row is the bottom one.
pub const RENDERCAST_TEXTURE_FLIPPED: u32 = 1;
/// Red and blue change places.
pub const RENDERCAST_TEXTURE_SWAP_RED_BLUE: u32 = 2;
/// The texture's values are linear light, 1.0 is white; they are encoded as sRGB, and what is brighter than white is
/// clipped. Formats that say so themselves (sRGB) need no flag.
pub const RENDERCAST_TEXTURE_LINEAR: u32 = 4;
/// The texture's values are linear light, brighter than white too: tone-mapped, then encoded as sRGB.
pub const RENDERCAST_TEXTURE_TONE_MAP: u32 = 8;

/// A picture in the GPU's memory. Set `size`, `texture`, `width`, `height`, for Vulkan also `format` and `layout`; the rest
/// may be 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_texture {
    /// sizeof(rendercast_texture).
    pub size: u32,
    /// Sum of RENDERCAST_TEXTURE_*.
    pub flags: u32,
    /// VkImage (with VK_IMAGE_USAGE_SAMPLED_BIT), OpenGL's name of a GL_TEXTURE_2D, ID3D11Texture2D*, ID3D12Resource*,
    /// id<MTLTexture> (with MTLTextureUsageShaderRead). It must live until the GPU has run what is recorded, as for any
    /// other command that reads it; it may be another one with each picture.
    pub texture: u64,
    /// The API's own number of its format: VkFormat, OpenGL's internal format, DXGI_FORMAT, MTLPixelFormat. 0 asks the API,
    /// which Vulkan cannot answer. Taken are 8-bit RGBA and BGRA with their sRGB forms, 10-bit RGB with 2-bit alpha and
    /// 16-bit float RGBA.
    pub format: u32,
    /// The state it is in, and is left in: VkImageLayout, D3D12_RESOURCE_STATES. Others: 0.
    pub layout: u32,
    /// Pixels, 1 to 16384.
    pub width: u32,
    /// Pixels, 1 to 16384.
    pub height: u32,
    /// Pixels of the picture to stream, scaled by the GPU. 0: as `width`. Odd sides are rounded up.
    pub target_width: u32,
    /// 0: as `height`.
    pub target_height: u32,
    /// When the picture was made, in ns on the host's monotonic clock; 0 means now, on the library's clock.
    pub host_time_ns: u64,
    /// Whose picture it is, of rendercast_source_create; 0 is the source that is always there.
    pub source: rendercast_source,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_texture {
    const NAME: &'static str = "rendercast_texture";
    const SIZES: &'static [usize] = &[offset_of!(Self, source), size_of::<Self>()];
}

/// Makes a graphics device of the host's known, so that its textures can be streamed. Everything the library makes on the
/// device goes with rendercast_destroy_graphics, which has to come before the device's own end.
///
/// On RENDERCAST_OK `*out` is the new handle, otherwise 0.
///
/// Returns RENDERCAST_OK; RENDERCAST_GRAPHICS_UNAVAILABLE (the API is not in this build, or the device lacks something:
/// rendercast_last_error says what); RENDERCAST_INVALID_ARGUMENT (`api`, `flags`); RENDERCAST_NULL_POINTER (one the API
/// needs, or `out`); RENDERCAST_STRUCT_SIZE; RENDERCAST_TOO_MANY (16 are alive); RENDERCAST_PANIC.
///
/// OpenGL: on the thread whose context it is. Others: any thread. Compiles shaders, so not once a frame. Since 0.1.0.
///
/// # Safety
/// `device` is NULL or valid as described, and its pointers are what they are said to be until
/// rendercast_destroy_graphics; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_create_graphics(
    device: *const rendercast_graphics_device,
    out: *mut rendercast_graphics,
) -> rendercast_status {
    boundary("rendercast_create_graphics", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::write_value(out, 0, "out")? };
        // SAFETY: the caller's promise about `device`.
        let device = unsafe { memory::read(device, "device")? };
        // SAFETY: the caller's promise about the pointers in it.
        let handle = devices::insert(unsafe { graphics::open(&device.to_handles()?)? })?;
        // SAFETY: as above.
        unsafe { memory::write_value(out, handle, "out")? };
        Ok(RENDERCAST_OK)
    })
}

/// Takes back what is being encoded from the device's memory and frees everything the library made on it. Streaming goes
/// on with the next picture, from wherever.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE; RENDERCAST_PANIC.
///
/// The thread that pushes textures of it; OpenGL: with its context current. Blocks until pictures being read are done with,
/// usually a few milliseconds, at most two seconds. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_destroy_graphics(graphics: rendercast_graphics) -> rendercast_status {
    boundary("rendercast_destroy_graphics", || {
        devices::remove(graphics)?;
        Ok(RENDERCAST_OK)
    })
}

/// Streams a texture: records its conversion to the encoder's format into memory the CPU reads, and returns. A worker waits
/// for the GPU. While nobody watches, only a picture now and then is recorded.
///
/// Vulkan, D3D12 and Metal submit to the device's `queue`; OpenGL and D3D11 use the thread's context and leave its state
/// as it was. With OpenGL and D3D11 a finished picture is found by a later push, so push each frame.
///
/// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (the GPU or the encoder is behind, or another thread uses the device: the
/// picture was dropped and counted); RENDERCAST_DEVICE_LOST (destroy the device and create another);
/// RENDERCAST_TEXTURE_FORMAT; RENDERCAST_PICTURE_SIZE; RENDERCAST_GRAPHICS_FAILED (one call of the API failed, the picture
/// was dropped and counted); RENDERCAST_INVALID_ARGUMENT (`flags`); RENDERCAST_NO_SOURCE; RENDERCAST_NULL_POINTER (`texture`,
/// or the texture in it is 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// The thread that the device belongs to. Never waits for the GPU, and once warm allocates nothing of its own. Since 0.1.0.
///
/// # Safety
/// `texture` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_push_texture(
    streamer: rendercast_streamer,
    graphics: rendercast_graphics,
    texture: *const rendercast_texture,
) -> rendercast_status {
    boundary("rendercast_push_texture", || {
        // SAFETY: the caller's promise about `texture`.
        let texture = unsafe { memory::read(texture, "texture")? };
        let frame = texture.to_frame()?;
        handles::with(streamer, |object| {
            let source = object.streamer.source(SourceId(texture.source))?;
            let pushed = devices::with(graphics, |device| Ok(source.push_texture(device, &frame)?));
            if let Err(Failure::BusyDevice(_)) = pushed {
                object.streamer.count_dropped_texture();
            }
            match pushed? {
                Pushed::Recorded | Pushed::Idle => Ok(RENDERCAST_OK),
                Pushed::Dropped => Ok(RENDERCAST_WOULD_BLOCK),
            }
        })
    })
}

impl rendercast_graphics_device {
    fn to_handles(self) -> Result<DeviceHandles, Failure> {
        let all = [Api::Vulkan, Api::OpenGl, Api::D3d11, Api::D3d12, Api::Metal];
        let api = all.into_iter().find(|api| *api as u32 == self.api);
        let range = "RENDERCAST_GRAPHICS_VULKAN to RENDERCAST_GRAPHICS_METAL";
        let api = api.ok_or(Failure::Argument { name: "api", value: self.api.into(), range })?;
        if self.flags & !RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES != 0 {
            return Err(Failure::Argument {
                name: "flags",
                value: self.flags.into(),
                range: "the flags of the header",
            });
        }
        let needed: &[(&'static str, *mut c_void)] = match api {
            Api::Vulkan => &[
                ("device", self.device),
                ("queue", self.queue),
                ("instance", self.instance),
                ("physical_device", self.physical_device),
                ("get_proc_address", self.get_proc_address),
            ],
            Api::OpenGl => &[("get_proc_address", self.get_proc_address)],
            Api::D3d12 => &[("device", self.device), ("queue", self.queue)],
            Api::D3d11 | Api::Metal => &[("device", self.device)],
        };
        if let Some((name, _)) = needed.iter().find(|(_, pointer)| pointer.is_null()) {
            return Err(Failure::Null(name));
        }
        Ok(DeviceHandles {
            api,
            device: self.device,
            queue: self.queue,
            instance: self.instance,
            physical_device: self.physical_device,
            queue_family: self.queue_family,
            timeline_semaphores: self.flags & RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES != 0,
            get_proc_address: self.get_proc_address,
        })
    }
}

impl rendercast_texture {
    fn to_frame(self) -> Result<TextureFrame, Failure> {
        let (flip, swap_red_blue, transfer) = texture_flags(self.flags)?;
        let or = |target: u32, own: u32| if target == 0 { own } else { target };
        Ok(TextureFrame {
            texture: Texture {
                handle: self.texture,
                format: self.format,
                size: Size::new(self.width, self.height),
                layout: self.layout,
            },
            target: Some(Size::new(or(self.target_width, self.width), or(self.target_height, self.height))),
            flip,
            swap_red_blue,
            transfer,
            host_time: self.host_time_ns,
        })
    }
}

/// Flip, swap and transfer of RENDERCAST_TEXTURE_* flags.
pub(super) fn texture_flags(flags: u32) -> Result<(bool, bool, Transfer), Failure> {
    let set = |flag: u32| flags & flag != 0;
    let known = RENDERCAST_TEXTURE_FLIPPED
        | RENDERCAST_TEXTURE_SWAP_RED_BLUE
        | RENDERCAST_TEXTURE_LINEAR
        | RENDERCAST_TEXTURE_TONE_MAP;
    if set(!known) {
        return Err(Failure::Argument { name: "flags", value: flags.into(), range: "the sum of RENDERCAST_TEXTURE_*" });
    }
    let transfer = if set(RENDERCAST_TEXTURE_TONE_MAP) {
        Transfer::ToneMapped
    } else if set(RENDERCAST_TEXTURE_LINEAR) {
        Transfer::Linear
    } else {
        Transfer::Encoded
    };
    Ok((set(RENDERCAST_TEXTURE_FLIPPED), set(RENDERCAST_TEXTURE_SWAP_RED_BLUE), transfer))
}

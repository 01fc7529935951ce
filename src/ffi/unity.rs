//! The plugin that Unity loads: Unity's two exports and callbacks, and what the C# package asks. A host in C needs nothing of
//! this.

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;

use super::boundary::{boundary, boundary_value};
use super::graphics::texture_flags;
use super::handles;
use super::memory::{self, Versioned};
use super::sources::rendercast_source;
use super::status::{Failure, RENDERCAST_OK};
use super::streamer::{rendercast_shutdown_all, rendercast_streamer};
use crate::graphics::Texture;
use crate::streamer::TextureFrame;
use crate::units::{Size, SourceId};
use crate::unity::{self, Frame};

/// Textures in one batch at most.
pub const RENDERCAST_UNITY_BATCH_FRAMES: u32 = 64;

/// One texture of Unity's for one streamer. Set `size`, `streamer`, `texture`, `width`, `height`; the rest may be 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_unity_frame {
    /// sizeof(rendercast_unity_frame).
    pub size: u32,
    /// Whose picture it becomes. A stale one is ignored.
    pub streamer: rendercast_streamer,
    /// What Texture.GetNativeTexturePtr gives, of a colour texture without multisampling. It must live until the render
    /// event has run.
    pub texture: *mut c_void,
    /// Pixels, 1 to 16384.
    pub width: u32,
    /// Pixels, 1 to 16384.
    pub height: u32,
    /// Pixels of the picture to stream, scaled by the GPU. 0: as `width`. Odd sides are rounded up.
    pub target_width: u32,
    /// 0: as `height`.
    pub target_height: u32,
    /// Sum of RENDERCAST_TEXTURE_*.
    pub flags: u32,
    /// The API's own number of the texture's format; 0 asks Unity or the API, which know it.
    pub format: u32,
    /// When the picture was made, in ns on the host's monotonic clock; 0 means now, on the library's clock.
    pub host_time_ns: u64,
    /// Which of the streamer's sources it is for, of rendercast_source_create; 0 is the one that is always there.
    pub source: rendercast_source,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and a pointer that may be NULL.
unsafe impl Versioned for rendercast_unity_frame {
    const NAME: &'static str = "rendercast_unity_frame";
    const SIZES: &'static [usize] = &[offset_of!(Self, source), size_of::<Self>()];
}

/// What one render event takes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_unity_batch {
    /// sizeof(rendercast_unity_batch).
    pub size: u32,
    /// Frames, 0 to RENDERCAST_UNITY_BATCH_FRAMES.
    pub count: u32,
    /// `count` frames of one size, one after the other. NULL only with a `count` of 0.
    pub frames: *const rendercast_unity_frame,
}

// SAFETY: as above.
unsafe impl Versioned for rendercast_unity_batch {
    const NAME: &'static str = "rendercast_unity_batch";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Unity calls it when it loads the library, before there is a graphics device or after. Not for hosts.
///
/// # Safety
/// `interfaces` is NULL or Unity's IUnityInterfaces, valid until UnityPluginUnload.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn UnityPluginLoad(interfaces: *mut c_void) {
    boundary_value("UnityPluginLoad", (), || {
        // SAFETY: the caller's promise.
        unsafe { unity::load(interfaces.cast_const().cast(), on_device_event) }
    })
}

/// Unity calls it when it lets the library go: frees everything made on the device and ends every streamer. Not for hosts.
#[unsafe(no_mangle)]
pub extern "system" fn UnityPluginUnload() {
    boundary_value("UnityPluginUnload", (), || {
        unity::unload();
        rendercast_shutdown_all();
    })
}

/// The function for Unity's CommandBuffer.IssuePluginEventAndData. Its data is a rendercast_unity_batch*, read during the
/// event, which must stay as it is until then; NULL takes no texture and only looks what the GPU has finished.
///
/// The function takes the textures on the render thread. It never waits, and once warm allocates nothing of its own. What
/// cannot be taken is dropped and counted: rendercast_stats tells, and Unity's console once for each reason.
///
/// Returns the function, never NULL. Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_unity_render_event() -> *mut c_void {
    boundary_value("rendercast_unity_render_event", ptr::null_mut(), || on_render_event as *mut c_void)
}

/// The event id for CommandBuffer.IssuePluginEventAndData, which Unity reserved for the library.
///
/// Returns the id; -1: Unity has not loaded the library as a native plugin.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_unity_event_id() -> i32 {
    boundary_value("rendercast_unity_event_id", -1, unity::event_id)
}

/// Unity's number of the graphics API in use: 2 Direct3D 11, 4 none, 11 OpenGL ES 3, 16 Metal, 17 OpenGL, 18 Direct3D 12,
/// 21 Vulkan.
///
/// Returns the number; -1: Unity has not loaded the library as a native plugin.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_unity_renderer() -> i32 {
    boundary_value("rendercast_unity_renderer", -1, unity::renderer)
}

/// Whether render events take textures on the present device. The device is opened by the first render event, so this may
/// become 0 with it.
///
/// Returns 1; 0: read textures back by AsyncGPUReadback and push them with rendercast_push_video.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_unity_can_take_textures() -> u32 {
    boundary_value("rendercast_unity_can_take_textures", 0, || unity::can_take_textures().into())
}

/// Unity tells of its device.
unsafe extern "system" fn on_device_event(kind: i32) {
    boundary_value("a device event of Unity's", (), || unity::device_event(kind));
}

/// Unity's render thread has come to our place in its frame.
unsafe extern "system" fn on_render_event(_event_id: i32, batch: *mut c_void) {
    boundary("a render event of Unity's", || {
        // SAFETY: C# gives a batch or NULL.
        unsafe { take_batch(batch.cast_const().cast()) };
        Ok(RENDERCAST_OK)
    });
}

/// # Safety
/// `batch` is NULL or valid as described.
unsafe fn take_batch(batch: *const rendercast_unity_batch) {
    // SAFETY: the caller's promise.
    let read = if batch.is_null() { Ok((0, ptr::null())) } else { unsafe { read_batch(batch) } };
    let (count, first) = *read.as_ref().unwrap_or(&(0, ptr::null()));
    let (mut wrong, mut distance) = (read.err(), 0);
    if wrong.is_none() && count > 0 {
        // The first one's size is that of all.
        // SAFETY: the caller's promise.
        match unsafe { memory::stated_size(first, "frames") } {
            Ok(size) => distance = size,
            Err(failure) => wrong = Some(failure),
        }
    }
    let frames = (0..if wrong.is_none() { count as usize } else { 0 }).map_while(|index| {
        // Not by `add`, which wants it aligned.
        let frame = first.wrapping_byte_add(index * distance);
        // SAFETY: within the `count` frames of the caller's promise.
        unsafe { memory::read(frame, "frames") }.ok().map(rendercast_unity_frame::to_frame)
    });
    let malformed = wrong.as_ref().map(|failure| failure as &dyn std::fmt::Display);
    unity::render_event(frames, malformed, &|streamer, take| {
        // A stale streamer is one that C# has destroyed meanwhile.
        let _ = handles::with(streamer, |object| {
            take(&object.streamer);
            Ok(())
        });
    });
}

/// # Safety
/// As `take_batch`, and not NULL.
unsafe fn read_batch(batch: *const rendercast_unity_batch) -> Result<(u32, *const rendercast_unity_frame), Failure> {
    // SAFETY: the caller's promise.
    let batch = unsafe { memory::read(batch, "batch")? };
    if batch.count > RENDERCAST_UNITY_BATCH_FRAMES {
        return Err(Failure::Argument { name: "count", value: batch.count.into(), range: "0 to 64" });
    }
    if batch.count > 0 && batch.frames.is_null() {
        return Err(Failure::Null("frames"));
    }
    Ok((batch.count, batch.frames))
}

impl rendercast_unity_frame {
    fn to_frame(self) -> Frame {
        let or = |target: u32, own: u32| if target == 0 { own } else { target };
        let texture = texture_flags(self.flags).ok().map(|(flip, swap_red_blue, transfer)| TextureFrame {
            texture: Texture {
                handle: self.texture.addr() as u64,
                format: self.format,
                size: Size::new(self.width, self.height),
                layout: 0,
            },
            target: Some(Size::new(or(self.target_width, self.width), or(self.target_height, self.height))),
            flip,
            swap_red_blue,
            transfer,
            host_time: self.host_time_ns,
        });
        Frame { streamer: self.streamer, source: SourceId(self.source), texture }
    }
}

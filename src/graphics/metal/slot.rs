//! A slot: a pixel buffer, and its planes as Metal writes to them.

#![allow(unsafe_code)] // Metal's interface, and what may cross threads

use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use block2::RcBlock;
use objc2::rc::Retained;
use objc2::runtime::ProtocolObject;
use objc2_core_foundation::CFRetained;
use objc2_core_video::{CVPixelBuffer, CVPixelBufferGetIOSurface};
use objc2_io_surface::IOSurfaceRef;
use objc2_metal::{
    MTLCommandBuffer, MTLCommandBufferStatus, MTLDevice, MTLPixelFormat, MTLTexture, MTLTextureDescriptor,
    MTLTextureUsage,
};

use super::completion::Completion;
use super::pixel_buffer::{CALLS, PixelBuffers};
use crate::frame::Surface;
use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::PictureLayout;
use crate::units::Size;

type Texture = Retained<ProtocolObject<dyn MTLTexture>>;
type CompletedHandler = RcBlock<dyn Fn(NonNull<ProtocolObject<dyn MTLCommandBuffer>>)>;

pub struct MetalSlot {
    pub completion: Arc<Completion>,
    /// Made once: handing it to a command buffer only counts it.
    pub completed: CompletedHandler,
    /// The error of the last recording was told.
    pub told: bool,
    buffers: Option<PixelBuffers>,
    current: Option<CFRetained<CVPixelBuffer>>,
    views: Option<Views>,
}

/// The planes of an IOSurface as textures.
pub struct Views {
    surface: CFRetained<IOSurfaceRef>,
    pub luma: Texture,
    pub chroma: Texture,
}

// SAFETY: only the thread that has the slot uses it; what is in it belongs to no thread: CoreVideo, IOSurface and Metal
// count their objects atomically, and the block holds nothing but the completion, which is shared between threads anyway.
unsafe impl Send for MetalSlot {}

impl MetalSlot {
    pub fn new() -> Self {
        let completion = Arc::new(Completion::default());
        let told = Arc::clone(&completion);
        let completed = RcBlock::new(move |buffer: NonNull<ProtocolObject<dyn MTLCommandBuffer>>| {
            // SAFETY: Metal hands over the command buffer that has finished, alive during the call.
            told.finish(outcome(unsafe { buffer.as_ref() }));
        });
        Self { completion, completed, told: false, buffers: None, current: None, views: None }
    }

    /// Takes a fresh pixel buffer of that size, in place of the last one, and gives its planes to write to.
    pub fn prepare(&mut self, device: &ProtocolObject<dyn MTLDevice>, size: Size) -> Result<&Views, GraphicsError> {
        // Back to the pool first: unless an encoder still reads it, it is the one that comes again.
        self.current = None;
        let buffers = match self.buffers.take() {
            Some(buffers) if buffers.layout.size == size => buffers,
            _ => PixelBuffers::new(size)?,
        };
        let current = buffers.take();
        self.buffers = Some(buffers);
        let current = current?;
        let surface = CVPixelBufferGetIOSurface(Some(&current)).ok_or_else(|| failed("CVPixelBufferGetIOSurface"))?;
        self.current = Some(current);
        let views = match self.views.take() {
            // It is kept alive here, so that the same address is the same surface.
            Some(views) if CFRetained::as_ptr(&views.surface) == CFRetained::as_ptr(&surface) => views,
            _ => Views::new(device, surface, size)?,
        };
        Ok(self.views.insert(views))
    }

    pub fn layout(&self) -> Option<PictureLayout> {
        self.buffers.as_ref().map(|buffers| buffers.layout)
    }

    /// What the GPU writes, or wrote last.
    pub fn surface(&self) -> Option<Surface> {
        let handle = CFRetained::as_ptr(self.current.as_ref()?).cast();
        // SAFETY: a live pixel buffer, which these calls are for; CoreVideo lets any thread retain, lock and release it. The
        // slot is not recorded into while the picture is read, and a buffer that an encoder keeps for longer is not given
        // out again by the pool.
        Some(unsafe { Surface::new(handle, &CALLS) })
    }
}

impl Views {
    fn new(
        device: &ProtocolObject<dyn MTLDevice>,
        surface: CFRetained<IOSurfaceRef>,
        size: Size,
    ) -> Result<Self, GraphicsError> {
        let (width, height) = (size.width as usize, size.height as usize);
        let view = |plane: usize, format, width, height| {
            // SAFETY: a plain size, and a format without mipmaps.
            let descriptor = unsafe {
                MTLTextureDescriptor::texture2DDescriptorWithPixelFormat_width_height_mipmapped(
                    format, width, height, false,
                )
            };
            descriptor.setUsage(MTLTextureUsage::ShaderWrite);
            let view = device.newTextureWithDescriptor_iosurface_plane(&descriptor, &surface, plane);
            view.ok_or_else(|| failed("newTextureWithDescriptor:iosurface:plane:"))
        };
        let luma = view(0, MTLPixelFormat::R8Unorm, width, height)?;
        let chroma = view(1, MTLPixelFormat::RG8Unorm, width / 2, height / 2)?;
        Ok(Self { surface, luma, chroma })
    }
}

/// 0, or the code of the error that a command buffer ended with.
fn outcome(buffer: &ProtocolObject<dyn MTLCommandBuffer>) -> i64 {
    /// `MTLCommandBufferErrorInternal`.
    const UNSPECIFIED: i64 = 1;
    if buffer.status() != MTLCommandBufferStatus::Error {
        return 0;
    }
    let code = buffer.error().map_or(UNSPECIFIED, |error| error.code() as i64);
    if code > 0 { code } else { UNSPECIFIED }
}

pub fn failed(call: &'static str) -> GraphicsError {
    GraphicsError::Call { api: Api::Metal, call, code: 0 }
}

impl fmt::Debug for MetalSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetalSlot")
            .field("completion", &self.completion)
            .field("layout", &self.layout())
            .finish_non_exhaustive()
    }
}

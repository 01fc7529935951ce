//! A host with a context, textures, and a streamer's inbox.

use std::sync::Arc;

use glow::HasContext;
use rendercast::frame::Chroma;
use rendercast::graphics::opengl::{Capabilities, OpenGl};
use rendercast::graphics::{
    Device, GpuFrame, GraphicsError, Inbox, Job, PictureLayout, Pushed, Rings, Texture, Transfer,
};
use rendercast::stats::Counter;
use rendercast::time::Nanos;
use rendercast::units::Size;
use rendercast::wake::Wake;

use super::egl::{Context, Kind};
use crate::oracle::{Planes, taken};
use crate::picture::Picture;

pub struct Host {
    pub device: Rings<OpenGl>,
    pub used: Capabilities,
    pub inbox: Arc<Inbox>,
    pub dropped: Counter,
    pub gl: glow::Context,
    /// Last, so that everything of it goes before.
    pub context: Context,
}

/// Everything, and with less.
pub const LIMITS: [Capabilities; 4] = [
    Capabilities { compute: true, buffer_storage: true },
    Capabilities { compute: true, buffer_storage: false },
    Capabilities { compute: false, buffer_storage: true },
    Capabilities { compute: false, buffer_storage: false },
];

impl Host {
    pub fn new(kind: Kind, allowed: Capabilities) -> Result<Self, String> {
        Self::on(Context::new(kind, false)?, allowed)
    }

    pub fn on(context: Context, allowed: Capabilities) -> Result<Self, String> {
        // SAFETY: the context is current, and its functions are what EGL gives.
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| context.address(name)) };
        // SAFETY: the same.
        let backend = unsafe { OpenGl::with_capabilities(|name| context.address(name), allowed) };
        let backend = backend.map_err(|error| error.to_string())?;
        let used = backend.capabilities();
        let dropped = Counter::default();
        let inbox = Inbox::new(dropped.clone(), Wake::default());
        inbox.set_watched(true);
        Ok(Self { device: Rings::new(backend), used, inbox, dropped, gl, context })
    }

    pub fn push(&mut self, job: &Job) -> Result<Pushed, GraphicsError> {
        self.device.push(&self.inbox, job)
    }

    /// The next picture; the GPU of these tests is the CPU, and finishes.
    pub fn next(&mut self) -> GpuFrame {
        loop {
            self.device.poll();
            if let Some(frame) = self.inbox.pop() {
                return frame;
            }
            std::thread::yield_now();
        }
    }

    /// Pushes one picture and waits for it.
    pub fn take(&mut self, job: &Job) -> Result<Planes, GraphicsError> {
        assert_eq!(self.push(job)?, Pushed::Recorded);
        let frame = self.next();
        let layout = frame.picture;
        assert_eq!(layout, PictureLayout::new(job.target, job.chroma));
        Ok(taken(&frame.into_bytes().unwrap(), &layout))
    }

    /// What every call before noted; 0 is none.
    pub fn error(&self) -> u32 {
        // SAFETY: the context is current.
        unsafe { self.gl.get_error() }
    }

    /// A texture with one level and the filter textures begin with, which wants more of them.
    pub fn texture(&self, size: Size, (internal, format, kind): (u32, u32, u32), bytes: &[u8]) -> u64 {
        let gl = &self.gl;
        // SAFETY: the context is current, the bytes are the texture's.
        unsafe {
            let texture = gl.create_texture().unwrap();
            gl.bind_texture(glow::TEXTURE_2D, Some(texture));
            gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 1);
            let pixels = glow::PixelUnpackData::Slice(Some(bytes));
            let (width, height) = (size.width as i32, size.height as i32);
            gl.tex_image_2d(glow::TEXTURE_2D, 0, internal as i32, width, height, 0, format, kind, pixels);
            gl.bind_texture(glow::TEXTURE_2D, None);
            assert_eq!(self.error(), glow::NO_ERROR);
            u64::from(texture.0.get())
        }
    }

    pub fn rgba8(&self, picture: &Picture) -> u64 {
        self.texture(picture.size, (glow::RGBA8, glow::RGBA, glow::UNSIGNED_BYTE), &picture.rgba8())
    }
}

/// A texture as it is, into planes.
pub fn job(handle: u64, size: Size) -> Job {
    Job {
        texture: Texture { handle, format: 0, size, layout: 0 },
        target: size,
        chroma: Chroma::Planar,
        flip: false,
        swap_red_blue: false,
        transfer: Transfer::Encoded,
        host_time: handle,
        pushed_at: Nanos(1),
    }
}

/// Every context of this machine with everything and with less. Empty, and said so, without a driver.
pub fn hosts() -> Vec<Host> {
    let mut hosts = Vec::new();
    for kind in [Kind::Gl, Kind::Es] {
        for limits in LIMITS {
            match Host::new(kind, limits) {
                // An old context can do no more with everything than with less.
                Ok(host) if hosts.iter().any(|same: &Host| same.context.kind == kind && same.used == host.used) => {}
                Ok(host) => {
                    host.context.make_current(false);
                    hosts.push(host);
                }
                Err(error) => crate::skip(&format!("OpenGL {kind:?}"), &error),
            }
        }
    }
    hosts
}

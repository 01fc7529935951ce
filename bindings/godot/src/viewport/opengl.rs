//! Read-back from OpenGL: the library converts the viewport's texture in Godot's own context and finds the result with a later
//! picture, without waiting. Where there is no GPU, `pixels` does it.

use rendercast::graphics::{Device, GraphicsError, Rings, Texture, Transfer, opengl::OpenGl};
use rendercast::streamer::TextureFrame;

use godot::classes::RenderingServer;
use godot::obj::Singleton;

use super::gl_functions;
use super::picture::{Drawn, fitted};
use super::pixels::Pixels;

/// Lives on the render thread, where Godot's context is current.
#[derive(Default)]
pub struct Reader {
    opened: bool,
    pixels: Option<Pixels>,
    device: Option<Box<dyn Device>>,
    problem: Option<String>,
}

impl Reader {
    /// Records the conversion. On the render thread.
    pub fn take(&mut self, drawn: &Drawn) {
        if self.problem.is_some() {
            return;
        }
        match self.try_take(drawn) {
            // Counted by the library; the next picture may do.
            Err(error) if error.is_drop() && !error.is_device_lost() => {}
            Err(error) => self.problem = Some(error.to_string()),
            Ok(()) => {}
        }
    }

    /// Why it reads nothing.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn try_take(&mut self, drawn: &Drawn) -> Result<(), GraphicsError> {
        let name = RenderingServer::singleton().texture_get_native_handle(drawn.texture);
        // A viewport that has drawn nothing yet has none.
        if name == 0 {
            return Ok(());
        }
        if !self.opened {
            self.opened = true;
            self.pixels = Pixels::open(&gl_functions::current());
        }
        if let Some(pixels) = &self.pixels
            && pixels.take(name, drawn)?
        {
            return Ok(());
        }
        let device = match &mut self.device {
            Some(device) => device,
            none => none.insert(open()?),
        };
        let mut frame = TextureFrame {
            texture: Texture { handle: name, format: 0, size: drawn.size, layout: 0 },
            target: Some(fitted(drawn.size, drawn.largest)),
            // Godot's viewports lie with their first row on top here too.
            flip: false,
            swap_red_blue: false,
            transfer: Transfer::Encoded,
            host_time: drawn.drawn_ns,
        };
        match drawn.source.push_texture(device.as_mut(), &frame) {
            // It is being resized.
            Err(GraphicsError::TextureShape { actual, .. }) => {
                frame.texture.size = actual;
                frame.target = Some(fitted(actual, drawn.largest));
                drawn.source.push_texture(device.as_mut(), &frame).map(drop)
            }
            pushed => pushed.map(drop),
        }
    }

    /// Frees what is in Godot's context. On the render thread.
    pub fn close(&mut self) {
        self.device = None;
        self.opened = false;
        if let Some(pixels) = self.pixels.take() {
            pixels.close();
        }
    }
}

#[allow(unsafe_code)]
fn open() -> Result<Box<dyn Device>, GraphicsError> {
    let functions = gl_functions::current();
    // SAFETY: the functions are those of the context that is current on this thread.
    let backend = unsafe { OpenGl::new(|name| functions.address(name))? };
    Ok(Box::new(Rings::new(backend)))
}

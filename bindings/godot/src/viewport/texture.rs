//! For comparison only: Godot reads the viewport's texture back itself, whole, and the library converts it on the CPU.

use std::sync::Arc;

use godot::builtin::{Callable, PackedByteArray, Rid};
use godot::classes::RenderingDevice;
use godot::global::Error;
use godot::obj::Gd;
use rendercast::frame::PixelFormat;
use rendercast::units::Size;

use super::picture::Drawn;
use super::rendering_device::OnTheWay;
use crate::cost;

pub fn is_wanted() -> bool {
    std::env::var_os("RENDERCAST_READ_TEXTURE").is_some()
}

/// Asks for a texture of four bytes a pixel. On the render thread.
pub fn take(
    device: &mut Gd<RenderingDevice>,
    texture: Rid,
    size: Size,
    drawn: &Drawn,
    guard: OnTheWay,
) -> Result<(), String> {
    let (source, drawn_ns) = (Arc::clone(&drawn.source), drawn.drawn_ns);
    let read = Callable::from_sync_fn("rendercast_texture", move |arguments| {
        let (_guard, _spending) = (&guard, cost::spending());
        if let Some(Ok(bytes)) = arguments.first().map(|bytes| bytes.try_to::<PackedByteArray>()) {
            let row = size.width as usize * 4;
            let _ = source.push_video(PixelFormat::Rgba8, size, &[(bytes.as_slice(), row)], drawn_ns, false);
        }
    });
    match device.texture_get_data_async(texture, 0, &read) {
        Error::OK => Ok(()),
        error => Err(format!("the device gives no texture back ({error:?})")),
    }
}

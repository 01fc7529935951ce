//! Read-back by [Viewport.get_texture].get_image: waits for the GPU, and works everywhere.

use godot::classes::Viewport;
use godot::classes::image::{Format, Interpolation};
use rendercast::frame::PixelFormat;
use rendercast::units::Size;

use super::picture::{Drawn, fitted};

/// Copies what the viewport shows. On the main thread.
pub fn take(viewport: &Viewport, drawn: &Drawn) {
    let Some(mut image) = viewport.get_texture().and_then(|texture| texture.get_image()) else { return };
    let side = |pixels: i32| u32::try_from(pixels).unwrap_or(0);
    let size = Size::new(side(image.get_width()), side(image.get_height()));
    if size.pixels() == 0 {
        return;
    }
    let target = fitted(size, drawn.largest);
    if target != size {
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        image.resize_ex(side(target.width), side(target.height)).interpolation(Interpolation::BILINEAR).done();
    }
    let (format, pixel) = match image.get_format() {
        Format::RGB8 => (PixelFormat::Rgb8, 3),
        Format::RGBA8 => (PixelFormat::Rgba8, 4),
        other => {
            // Float pictures hold linear light.
            if matches!(other, Format::RGBAF | Format::RGBAH | Format::RGBF | Format::RGBH) {
                image.linear_to_srgb();
            }
            image.convert(Format::RGBA8);
            (PixelFormat::Rgba8, 4)
        }
    };
    let bytes = image.get_data();
    // What has no room is dropped and counted.
    let plane = (bytes.as_slice(), target.width as usize * pixel);
    let _ = drawn.source.push_video(format, target, &[plane], drawn.drawn_ns, false);
}

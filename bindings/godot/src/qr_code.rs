//! QR codes of links, for phones.

use godot::builtin::{GString, PackedByteArray};
use godot::classes::Image;
use godot::classes::image::Format;
use godot::obj::Gd;
use godot::register::{GodotClass, godot_api};
use qrcode::{Color, QrCode};

/// Modules without anything around the code (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// Draws QR codes.
///
/// A phone's camera opens the link that such a picture holds: show [method RenderCastServer.get_link] as one.
#[derive(GodotClass)]
#[class(tool, init, base = RefCounted)]
pub struct RenderCastQrCode {}

#[godot_api]
impl RenderCastQrCode {
    /// Returns [param text] as a black and white picture, one pixel for each module, with the border that readers need. Scale it up
    /// without filtering. Returns [code]null[/code] where the text is too long (2331 bytes).
    #[func]
    fn encode(text: GString) -> Option<Gd<Image>> {
        let (side, bytes) = draw(&text.to_string())?;
        let side = i32::try_from(side).ok()?;
        Image::create_from_data(side, side, false, Format::L8, &PackedByteArray::from(bytes.as_slice()))
    }
}

/// The picture's side and its bytes, 0 is black.
fn draw(text: &str) -> Option<(usize, Vec<u8>)> {
    let code = QrCode::new(text).ok()?;
    let modules = code.width();
    let side = modules + 2 * QUIET;
    let mut bytes = vec![255; side * side];
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if let (Color::Dark, Some(byte)) = (color, bytes.get_mut((at / modules + QUIET) * side + at % modules + QUIET))
        {
            *byte = 0;
        }
    }
    Some((side, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_finder_patterns_in_a_quiet_zone() {
        let (side, bytes) = draw("http://192.168.1.20:8080/?token=0123456789abcdef").unwrap();
        assert_eq!((side - 2 * QUIET) % 4, 1, "versions grow by four modules");
        let row = |y: usize| &bytes[y * side..(y + 1) * side];
        assert!((0..QUIET).chain(side - QUIET..side).all(|y| row(y).iter().all(|byte| *byte == 255)));
        for finder in [QUIET, side - QUIET - 7] {
            assert_eq!(row(QUIET)[finder - 1..finder + 8], [255, 0, 0, 0, 0, 0, 0, 0, 255]);
            assert_eq!(row(QUIET + 1)[finder..finder + 7], [0, 255, 255, 255, 255, 255, 0]);
        }
    }

    #[test]
    fn what_does_not_fit_is_no_code() {
        assert!(draw(&"x".repeat(2_331)).is_some());
        assert!(draw(&"x".repeat(3_000)).is_none());
    }
}

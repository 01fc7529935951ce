//! Which textures are taken and what errors mean, by Metal's own numbers. Pure.

use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::texture::{Texture, Transfer};
use crate::units::Size;

/// `MTLTextureType2D`.
const TYPE_2D: usize = 2;
/// `MTLTextureUsageShaderRead`; no usage at all means any.
const SHADER_READ: usize = 1;

/// Reading it gives the stored values, or linear light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Stored,
    Linear,
}

/// Each `MTLPixelFormat` that is taken. The shader sees red, green and blue in this order, however they are stored.
const FORMATS: [(u32, Values); 7] = [
    (70, Values::Stored),  // RGBA8Unorm
    (71, Values::Linear),  // RGBA8Unorm_sRGB
    (80, Values::Stored),  // BGRA8Unorm
    (81, Values::Linear),  // BGRA8Unorm_sRGB
    (90, Values::Stored),  // RGB10A2Unorm
    (94, Values::Stored),  // BGR10A2Unorm
    (115, Values::Stored), // RGBA16Float
];

/// What Metal says of a texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    pub kind: usize,
    pub format: u32,
    pub usage: usize,
    pub samples: usize,
    /// Can only be drawn to, such as most drawables of a window.
    pub framebuffer_only: bool,
    pub width: usize,
    pub height: usize,
}

/// What the shader has to do with the values that it reads from the texture; an error where it cannot, or where the texture
/// is not what the host said.
pub fn check(given: &Texture, actual: &Described, transfer: Transfer) -> Result<Transfer, GraphicsError> {
    let refused = GraphicsError::TextureFormat { api: Api::Metal, format: actual.format };
    let values = FORMATS.iter().find(|(format, _)| *format == actual.format).map(|(_, values)| *values);
    let readable = actual.usage == 0 || actual.usage & SHADER_READ != 0;
    let plain = actual.kind == TYPE_2D && actual.samples == 1 && readable && !actual.framebuffer_only;
    let (Some(values), true) = (values, plain) else { return Err(refused) };
    if given.format != 0 && given.format != actual.format {
        return Err(GraphicsError::TextureFormat { api: Api::Metal, format: given.format });
    }
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let size = Size::new(side(actual.width), side(actual.height));
    if size != given.size {
        return Err(GraphicsError::TextureShape { given: given.size, actual: size });
    }
    Ok(match (values, transfer) {
        // Stored as sRGB, read as linear light: encoded again, it is as it was.
        (Values::Linear, Transfer::Encoded) => Transfer::Linear,
        _ => transfer,
    })
}

/// Whether an `MTLCommandBufferError` means that nothing will run on the device again: the process was banned from it (4)
/// or it was pulled out (11).
pub fn is_lost(code: i64) -> bool {
    matches!(code, 4 | 11)
}

/// What to tell of an `MTLCommandBufferError`.
pub fn error(call: &'static str, code: i64) -> GraphicsError {
    if is_lost(code) {
        GraphicsError::DeviceLost { api: Api::Metal }
    } else {
        GraphicsError::Call { api: Api::Metal, call, code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Texture = Texture { handle: 1, format: 0, size: Size::new(640, 360), layout: 0 };
    const ACTUAL: Described =
        Described { kind: 2, format: 80, usage: 5, samples: 1, framebuffer_only: false, width: 640, height: 360 };

    #[test]
    fn each_format_is_taken_and_srgb_formats_come_out_as_they_are_stored() {
        for format in [70, 71, 80, 81, 90, 94, 115] {
            let taken = |transfer| check(&GIVEN, &Described { format, ..ACTUAL }, transfer).unwrap();
            let encoded = if matches!(format, 71 | 81) { Transfer::Linear } else { Transfer::Encoded };
            assert_eq!(taken(Transfer::Encoded), encoded, "{format}");
            assert_eq!(taken(Transfer::Linear), Transfer::Linear);
            assert_eq!(taken(Transfer::ToneMapped), Transfer::ToneMapped);
        }
        assert!(check(&GIVEN, &Described { usage: 0, ..ACTUAL }, Transfer::Encoded).is_ok(), "any usage");
        assert!(check(&Texture { format: 80, ..GIVEN }, &ACTUAL, Transfer::Encoded).is_ok());
    }

    #[test]
    fn what_the_shader_cannot_read_is_refused_by_its_format() {
        for unreadable in [
            Described { format: 73, ..ACTUAL }, // integers
            Described { format: 0, ..ACTUAL },  // invalid
            Described { usage: 4, ..ACTUAL },   // drawn to only
            Described { framebuffer_only: true, ..ACTUAL },
            Described { kind: 4, samples: 4, ..ACTUAL }, // multisampled
            Described { kind: 3, ..ACTUAL },             // an array
        ] {
            let refused = GraphicsError::TextureFormat { api: Api::Metal, format: unreadable.format };
            assert_eq!(check(&GIVEN, &unreadable, Transfer::Encoded), Err(refused), "{unreadable:?}");
        }
    }

    #[test]
    fn a_texture_that_is_not_what_the_host_said_is_refused() {
        let other = Texture { format: 70, ..GIVEN };
        let refused = GraphicsError::TextureFormat { api: Api::Metal, format: 70 };
        assert_eq!(check(&other, &ACTUAL, Transfer::Encoded), Err(refused));
        let actual = Size::new(640, 359);
        let refused = GraphicsError::TextureShape { given: GIVEN.size, actual };
        assert_eq!(check(&GIVEN, &Described { height: 359, ..ACTUAL }, Transfer::Encoded), Err(refused));
    }

    #[test]
    fn only_a_device_that_is_gone_is_lost() {
        for code in [1, 2, 3, 7, 8, 9, 10, 12] {
            assert_eq!(error("x", code), GraphicsError::Call { api: Api::Metal, call: "x", code });
        }
        assert!([4, 11].into_iter().all(|code| error("x", code).is_device_lost()));
    }
}

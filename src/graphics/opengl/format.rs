//! Which textures are taken and what reading one gives, by internal format. Pure.

use crate::graphics::Transfer;

const BGRA: u32 = 0x80E1;
const BGRA8: u32 = 0x93A1;

/// A texture's format, as far as the shader can tell formats apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RGBA8 and BGRA8: OpenGL itself puts the channels in order. The unsized names are what some drivers answer.
    Rgba8,
    Rgb8,
    /// Read as linear light.
    Srgb8Alpha8,
    /// Read as linear light.
    Srgb8,
    Rgb10A2,
    Rgba16Float,
    R11G11B10Float,
}

impl Format {
    /// From a GL internal format. None: not taken.
    pub fn of(internal: u32) -> Option<Self> {
        Some(match internal {
            glow::RGBA8 | glow::RGBA | BGRA | BGRA8 => Self::Rgba8,
            glow::RGB8 | glow::RGB => Self::Rgb8,
            glow::SRGB8_ALPHA8 => Self::Srgb8Alpha8,
            glow::SRGB8 => Self::Srgb8,
            glow::RGB10_A2 => Self::Rgb10A2,
            glow::RGBA16F => Self::Rgba16Float,
            glow::R11F_G11F_B10F => Self::R11G11B10Float,
            _ => return None,
        })
    }

    /// What the shader does with the values, so that the picture has what the host asked for.
    pub fn transfer(self, wanted: Transfer) -> Transfer {
        match (self, wanted) {
            // The values as stored are asked for, and reading has decoded them: they are encoded again.
            (Self::Srgb8Alpha8 | Self::Srgb8, Transfer::Encoded) => Transfer::Linear,
            _ => wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_srgb_format_changes_what_encoded_means() {
        assert_eq!(Format::Srgb8Alpha8.transfer(Transfer::Encoded), Transfer::Linear);
        assert_eq!(Format::Srgb8.transfer(Transfer::ToneMapped), Transfer::ToneMapped);
        for format in [glow::RGBA8, BGRA8, glow::RGB8, glow::RGB10_A2, glow::RGBA16F, glow::R11F_G11F_B10F] {
            for transfer in [Transfer::Encoded, Transfer::Linear, Transfer::ToneMapped] {
                assert_eq!(Format::of(format).unwrap().transfer(transfer), transfer);
            }
        }
    }

    #[test]
    fn what_has_no_colours_to_read_is_not_taken() {
        for format in [0, glow::RGBA8UI, glow::DEPTH_COMPONENT24, glow::R8, glow::RGBA8_SNORM, 0x83F3] {
            assert_eq!(Format::of(format), None, "{format:#x}");
        }
    }
}

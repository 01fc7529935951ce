//! Which formats are taken, and how each is viewed. Pure; the numbers are `DXGI_FORMAT`'s.

use crate::graphics::Transfer;

/// Formats of the same bits: typeless, as values, as sRGB. 0: there is none.
const FAMILIES: [[u32; 3]; 7] = [
    [1, 2, 0],    // R32G32B32A32_TYPELESS, _FLOAT
    [9, 10, 0],   // R16G16B16A16_TYPELESS, _FLOAT
    [23, 24, 0],  // R10G10B10A2_TYPELESS, _UNORM
    [0, 26, 0],   // R11G11B10_FLOAT
    [27, 28, 29], // R8G8B8A8_TYPELESS, _UNORM, _UNORM_SRGB
    [90, 87, 91], // B8G8R8A8_TYPELESS, _UNORM, _UNORM_SRGB
    [92, 88, 93], // B8G8R8X8_TYPELESS, _UNORM, _UNORM_SRGB
];

/// How a texture is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Never typeless.
    pub format: u32,
    /// What the shader has to do with what it reads there.
    pub transfer: Transfer,
}

/// How a texture of the format `actual` is read, that the host says is of the format `stated` (0: says nothing), and whose
/// values mean `transfer`. The values of a format with sRGB are what is stored, as sRGB says. `Err`: the format not taken.
pub fn view(actual: u32, stated: u32, transfer: Transfer) -> Result<View, u32> {
    let family = FAMILIES.iter().find(|family| actual != 0 && family.contains(&actual)).ok_or(actual)?;
    if stated != 0 && !family.contains(&stated) {
        return Err(stated);
    }
    let [typeless, values, srgb] = *family;
    if actual == typeless {
        // A view may be of either kind, and the values as they are stored need no rounding.
        return Ok(if stated == srgb && stated != 0 {
            match transfer {
                Transfer::Encoded | Transfer::Linear => View { format: values, transfer: Transfer::Encoded },
                Transfer::ToneMapped => View { format: srgb, transfer },
            }
        } else {
            View { format: values, transfer }
        });
    }
    // A texture with a type has views of this type only. Reading sRGB gives linear light, and encoding that gives back
    // what is stored.
    let decoded = actual == srgb && transfer == Transfer::Encoded;
    Ok(View { format: actual, transfer: if decoded { Transfer::Linear } else { transfer } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPELESS: u32 = 27;
    const UNORM: u32 = 28;
    const SRGB: u32 = 29;

    #[test]
    fn what_is_stored_in_srgb_is_what_is_shown() {
        for transfer in [Transfer::Encoded, Transfer::Linear] {
            assert_eq!(view(SRGB, 0, transfer), Ok(View { format: SRGB, transfer: Transfer::Linear }));
            assert_eq!(view(TYPELESS, SRGB, transfer), Ok(View { format: UNORM, transfer: Transfer::Encoded }));
        }
        let tone_mapped = Ok(View { format: SRGB, transfer: Transfer::ToneMapped });
        assert_eq!(view(SRGB, SRGB, Transfer::ToneMapped), tone_mapped);
        assert_eq!(view(TYPELESS, SRGB, Transfer::ToneMapped), tone_mapped);
    }

    #[test]
    fn values_are_taken_as_the_host_says() {
        for transfer in [Transfer::Encoded, Transfer::Linear, Transfer::ToneMapped] {
            for (actual, format) in [(UNORM, UNORM), (TYPELESS, UNORM), (9, 10), (10, 10), (24, 24), (90, 87), (88, 88)]
            {
                for stated in [0, actual, format] {
                    assert_eq!(view(actual, stated, transfer), Ok(View { format, transfer }), "{actual} {stated}");
                }
            }
        }
    }

    #[test]
    fn other_formats_and_those_that_contradict_the_texture_are_refused() {
        assert_eq!(view(0, 0, Transfer::Encoded), Err(0));
        assert_eq!(view(71, 0, Transfer::Encoded), Err(71), "BC1_UNORM");
        assert_eq!(view(45, 0, Transfer::Encoded), Err(45), "D24_UNORM_S8_UINT");
        assert_eq!(view(UNORM, 87, Transfer::Encoded), Err(87), "a host that takes BGRA for RGBA");
        assert_eq!(view(26, 0, Transfer::Linear).map(|view| view.format), Ok(26), "R11G11B10_FLOAT has no relatives");
    }
}

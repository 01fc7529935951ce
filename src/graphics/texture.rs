//! What the host hands over for each picture, in words that every API shares.

use super::error::GraphicsError;
use crate::frame::Chroma;
use crate::time::Nanos;
use crate::units::Size;

/// A texture of the host's. It must live until the GPU has run what was recorded, as for any command that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texture {
    /// The API's own name: `VkImage`, GL texture name, `ID3D11Texture2D*`, `ID3D12Resource*`, `id<MTLTexture>`.
    pub handle: u64,
    /// The API's own number of its format (`VkFormat`, GL internal format, `DXGI_FORMAT`, `MTLPixelFormat`). 0: ask the
    /// API, which D3D, Metal and OpenGL can answer and Vulkan cannot.
    pub format: u32,
    /// In pixels. A texture may be of another size with each picture.
    pub size: Size,
    /// The state it is in and is left in: `VkImageLayout`, `D3D12_RESOURCE_STATES`. 0 elsewhere.
    pub layout: u32,
}

/// What the texture's values mean, as the shader reads them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Transfer {
    /// As they are shown: sRGB-encoded values in a UNORM format.
    #[default]
    Encoded = 0,
    /// Linear light, 1.0 = white, which is encoded as sRGB; what is brighter is clipped. What reading an sRGB format or a
    /// float format gives.
    Linear = 1,
    /// Linear light, brighter than white too: tone-mapped (extended Reinhard by luminance, white point 4.0), then encoded.
    ToneMapped = 2,
}

/// One picture to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub texture: Texture,
    /// Size of the picture made, even in both directions. Smaller than the texture: area average; larger: bilinear.
    pub target: Size,
    pub chroma: Chroma,
    /// The texture's first row is the bottom one.
    pub flip: bool,
    /// Red and blue change places.
    pub swap_red_blue: bool,
    pub transfer: Transfer,
    /// The host's own stamp, in ns of its monotonic clock.
    pub host_time: u64,
    pub pushed_at: Nanos,
}

impl Job {
    /// Refuses what no API could take.
    pub(super) fn check(&self) -> Result<(), GraphicsError> {
        for Size { width, height } in [self.texture.size, self.target] {
            if !Size::new(width, height).is_valid() {
                return Err(GraphicsError::TextureSize(width, height));
            }
        }
        if self.texture.handle == 0 { Err(GraphicsError::NullTexture) } else { Ok(()) }
    }
}

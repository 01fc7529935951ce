//! What can go wrong between a texture and a picture. None of it ever takes the host's device down.

use super::backend::Api;
use crate::units::Size;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphicsError {
    /// The device cannot be used at all; final for this device.
    #[error("{api} cannot be used: {reason}")]
    Unavailable { api: Api, reason: String },
    /// The device is gone. Destroy it and make another; streaming goes on with the next picture.
    #[error("the {api} device is lost")]
    DeviceLost { api: Api },
    #[error("the texture's handle is 0")]
    NullTexture,
    #[error("texture size {0}x{1} is outside 1x1 to {max}x{max}", max = Size::MAX_SIDE)]
    TextureSize(u32, u32),
    /// The API knows the texture by another size than the host gave.
    #[error("the texture is {}x{}, and was said to be {}x{}", actual.width, actual.height, given.width, given.height)]
    TextureShape { given: Size, actual: Size },
    /// The API's own number of a format that is not taken.
    #[error("{api} texture format {format} is not taken")]
    TextureFormat { api: Api, format: u32 },
    /// The API's own number of a layout or state in which a texture holds no picture.
    #[error("a {api} texture in layout {layout} holds no picture")]
    TextureLayout { api: Api, layout: u32 },
    /// The host has nothing to record into for this frame; the frame was dropped.
    #[error("{api}: the host has no command buffer for this frame")]
    Skipped { api: Api },
    /// One call of the API failed; the frame was dropped.
    #[error("{api}: {call} failed with {code}")]
    Call { api: Api, call: &'static str, code: i64 },
}

impl GraphicsError {
    pub fn is_device_lost(&self) -> bool {
        matches!(self, Self::DeviceLost { .. })
    }

    /// Whether the frame was taken and then dropped, and not refused for what the host said of it.
    pub fn is_drop(&self) -> bool {
        matches!(self, Self::DeviceLost { .. } | Self::Skipped { .. } | Self::Call { .. })
    }
}

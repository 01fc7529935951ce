//! Which formats are taken, and what reading one gives.

#![allow(unsafe_code)]

use ash::vk::{self, Format};

use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::texture::Transfer;

/// What the sampler gives for a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// What is stored.
    AsStored,
    /// Linear light, decoded from sRGB.
    Decoded,
}

const TABLE: [(Format, Reads); 7] = [
    (Format::R8G8B8A8_UNORM, Reads::AsStored),
    (Format::R8G8B8A8_SRGB, Reads::Decoded),
    (Format::B8G8R8A8_UNORM, Reads::AsStored),
    (Format::B8G8R8A8_SRGB, Reads::Decoded),
    (Format::A2B10G10R10_UNORM_PACK32, Reads::AsStored),
    (Format::A2R10G10B10_UNORM_PACK32, Reads::AsStored),
    (Format::R16G16B16A16_SFLOAT, Reads::AsStored),
];

/// The formats of the table that a device can sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formats([bool; TABLE.len()]);

impl Formats {
    pub fn of(instance: &ash::Instance, physical_device: vk::PhysicalDevice) -> Self {
        Self(TABLE.map(|(format, _)| {
            // SAFETY: a valid physical device of this instance.
            let properties = unsafe { instance.get_physical_device_format_properties(physical_device, format) };
            properties.optimal_tiling_features.contains(vk::FormatFeatureFlags::SAMPLED_IMAGE)
        }))
    }

    /// What the view's format is, and what the shader has to do so that the picture is what the job says.
    pub fn read(&self, number: u32, transfer: Transfer) -> Result<(Format, Transfer), GraphicsError> {
        let unknown = GraphicsError::TextureFormat { api: Api::Vulkan, format: number };
        let index = TABLE.iter().position(|(format, _)| u32::try_from(format.as_raw()) == Ok(number));
        let index = index.filter(|index| self.0[*index]).ok_or(unknown)?;
        let (format, reads) = TABLE[index];
        Ok(match (reads, transfer) {
            // Encoding what the sampler decoded gives the stored values again.
            (Reads::Decoded, Transfer::Encoded) => (format, Transfer::Linear),
            _ => (format, transfer),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Formats = Formats([true; TABLE.len()]);

    #[test]
    fn numbers_are_those_of_vulkan() {
        let numbers = TABLE.map(|(format, _)| format.as_raw());
        assert_eq!(numbers, [37, 43, 44, 50, 64, 58, 97]);
    }

    #[test]
    fn an_srgb_format_gives_the_stored_values_whatever_the_host_calls_them() {
        for number in [43, 50] {
            for transfer in [Transfer::Encoded, Transfer::Linear] {
                assert_eq!(ALL.read(number, transfer).unwrap().1, Transfer::Linear);
            }
            assert_eq!(ALL.read(number, Transfer::ToneMapped).unwrap().1, Transfer::ToneMapped);
        }
    }

    #[test]
    fn other_formats_are_read_as_the_job_says() {
        for number in [37, 44, 64, 58, 97] {
            for transfer in [Transfer::Encoded, Transfer::Linear, Transfer::ToneMapped] {
                assert_eq!(ALL.read(number, transfer).unwrap(), (Format::from_raw(number as i32), transfer));
            }
        }
    }

    #[test]
    fn formats_that_are_unknown_or_that_the_device_lacks_are_refused() {
        for number in [0, 1, 38, 124, u32::MAX] {
            let expected = GraphicsError::TextureFormat { api: Api::Vulkan, format: number };
            assert_eq!(ALL.read(number, Transfer::Encoded), Err(expected));
        }
        let few = Formats(TABLE.map(|(format, _)| format != Format::A2R10G10B10_UNORM_PACK32));
        assert!(few.read(58, Transfer::Encoded).is_err());
        assert!(few.read(37, Transfer::Encoded).is_ok());
    }
}

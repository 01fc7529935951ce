//! H.264 through OpenH264: baseline, main and high profile without fields, 4:2:0, 8 bits.

use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use super::colour::{self, Colour};
use super::{DecodeError, Planes, VideoDecoder};
use crate::encode::Codec;
use crate::units::Size;

const NAME: &str = "openh264";

pub struct OpenH264 {
    decoder: Decoder,
    colour: Colour,
}

impl OpenH264 {
    pub fn open() -> Result<Self, DecodeError> {
        // What it would keep for reordering comes out at once: browsers send nothing out of order.
        let config = DecoderConfig::new().flush_after_decode(Flush::Flush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(|error| DecodeError::Unavailable { decoder: NAME, reason: error.to_string() })?;
        Ok(Self { decoder, colour: Colour::default() })
    }
}

impl VideoDecoder for OpenH264 {
    fn name(&self) -> &'static str {
        NAME
    }
    fn codec(&self) -> Codec {
        Codec::H264
    }

    fn decode(&mut self, data: &[u8], show: &mut dyn FnMut(&Planes<'_>)) -> Result<(), DecodeError> {
        let refused = |reason: String| DecodeError::Refused { decoder: NAME, reason };
        self.colour = colour::of_access_unit(data).unwrap_or(self.colour);
        let Some(picture) = self.decoder.decode(data).map_err(|error| refused(error.to_string()))? else {
            return Err(refused("no picture came of it".into()));
        };
        let (width, height) = picture.dimensions();
        let (y, u, v) = picture.strides();
        let side = |side: usize| u32::try_from(side).unwrap_or(0);
        let planes = Planes {
            size: Size::new(side(width), side(height)),
            planes: [picture.y(), picture.u(), picture.v()],
            strides: [y, u, v],
            matrix: self.colour.matrix,
            full_range: self.colour.full_range,
        };
        if !planes.is_complete() {
            return Err(refused(format!("a picture of {width}x{height} is not whole")));
        }
        show(&planes);
        Ok(())
    }
}

//! VP8 through libvpx's decoder, found at run time as its encoders are.

#![allow(unsafe_code)] // the C interface of libvpx
#![allow(clippy::disallowed_methods, reason = "slices over the library's pictures, each with its SAFETY comment")]

mod abi;
mod library;

use std::ptr::{null, null_mut};

use self::abi::{Context, Image};
use self::library::Library;
use super::{DecodeError, MAX_PIXELS, Planes, VideoDecoder, lent};
use crate::encode::Codec;
use crate::units::Size;

const NAME: &str = "libvpx";

pub struct Vp8 {
    library: &'static Library,
    /// The library keeps its address.
    context: Box<Context>,
}

// SAFETY: libvpx keeps no thread-local state; a decoder may move to another thread, and `&mut self` keeps two from using it.
unsafe impl Send for Vp8 {}

impl Vp8 {
    pub fn open() -> Result<Self, DecodeError> {
        let unavailable = |reason: String| DecodeError::Unavailable { decoder: NAME, reason };
        let library = library::get().map_err(|reason| unavailable(reason.to_owned()))?;
        let mut context = Box::new(Context { reserved: [0; 512] });
        // SAFETY: zeroed and boxed: it stays where it is until it is destroyed.
        unsafe { library.init(&mut *context) }.map_err(unavailable)?;
        Ok(Self { library, context })
    }

    fn picture(&mut self) -> Option<&Image> {
        let mut iterator = null();
        // SAFETY: an open context; the picture lives until the next call on it, which takes `&mut self`.
        unsafe { (self.library.get_frame)(&mut *self.context, &raw mut iterator).as_ref() }
    }
}

impl VideoDecoder for Vp8 {
    fn name(&self) -> &'static str {
        NAME
    }
    fn codec(&self) -> Codec {
        Codec::Vp8
    }

    fn decode(&mut self, data: &[u8], show: &mut dyn FnMut(&Planes<'_>)) -> Result<(), DecodeError> {
        let refused = |reason: String| DecodeError::Refused { decoder: NAME, reason };
        let length = u32::try_from(data.len()).map_err(|_| refused("it is too long".into()))?;
        if data.is_empty() {
            // To libvpx that is a lost frame, which it would make up.
            return Err(refused("it is empty".into()));
        }
        if header_size(data).is_some_and(|size| size.pixels() > MAX_PIXELS) {
            return Err(refused("its picture is too large".into()));
        }
        // SAFETY: an open context, and `data` is readable for its length.
        let status = unsafe { (self.library.decode)(&mut *self.context, data.as_ptr(), length, null_mut(), 0) };
        if status != abi::OK {
            return Err(refused(format!("status {status}")));
        }
        // None: a frame that is not to be shown.
        let Some(image) = self.picture() else { return Ok(()) };
        let planes = planes(image).ok_or_else(|| refused("its picture is not 4:2:0".into()))?;
        if !planes.is_complete() {
            return Err(refused("its picture is not whole".into()));
        }
        show(&planes);
        Ok(())
    }
}

/// The size that a keyframe states, before anything is allocated for it (RFC 6386, section 9.1).
fn header_size(data: &[u8]) -> Option<Size> {
    let [tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *data.first_chunk::<10>()? else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    (tag & 1 == 0).then(|| Size::new(side(w0, w1), side(h0, h1)))
}

fn planes(image: &Image) -> Option<Planes<'_>> {
    let size = Size::new(image.d_w, image.d_h);
    if image.fmt != abi::I420 {
        return None;
    }
    let [y, u, v, _] = image.planes;
    let [y_stride, u_stride, v_stride, _] = image.stride;
    // SAFETY: a picture of this format has these planes, which live as long as it.
    let (planes, strides) = unsafe { lent::planes(size, [y, u, v], [y_stride, u_stride, v_stride])? };
    // VP8 can name no other matrix (RFC 6386, section 9.2).
    Some(Planes { size, planes, strides, matrix: Codec::Vp8.matrix(), full_range: false })
}

impl Drop for Vp8 {
    fn drop(&mut self) {
        // SAFETY: an open context, destroyed once.
        unsafe { (self.library.destroy)(&mut *self.context) };
    }
}

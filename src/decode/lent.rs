//! Pictures in a C library's memory.

#![allow(unsafe_code)] // pointers of the library's
#![allow(clippy::disallowed_methods, reason = "slices over a library's pictures, with their SAFETY comment")]

use std::ffi::c_int;
use std::slice;

use crate::units::Size;

/// Y, U and V of a 4:2:0 picture, and their strides. None where a plane is missing or its rows are too short.
///
/// # Safety
/// Each plane is null, or has half of `size`'s rows (Y all of them) `stride` bytes apart, of which the last is at least its width
/// long; they stay unchanged for `'a`.
pub unsafe fn planes<'a>(size: Size, data: [*const u8; 3], strides: [c_int; 3]) -> Option<([&'a [u8]; 3], [usize; 3])> {
    if !size.is_valid() {
        return None;
    }
    let (mut planes, mut lent): ([&[u8]; 3], _) = ([&[]; 3], [0; 3]);
    for plane in 0..3 {
        let halves = u32::from(plane > 0);
        let (width, height) = (size.width.div_ceil(1 + halves) as usize, size.height.div_ceil(1 + halves) as usize);
        let stride = usize::try_from(strides[plane]).ok().filter(|stride| *stride >= width)?;
        if data[plane].is_null() {
            return None;
        }
        // SAFETY: the caller's promise.
        planes[plane] = unsafe { slice::from_raw_parts(data[plane], stride * (height - 1) + width) };
        lent[plane] = stride;
    }
    Some((planes, lent))
}

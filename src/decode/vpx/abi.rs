//! What is used of libvpx's decoder (its headers `vpx_decoder.h`, `vpx_codec.h` and `vpx_image.h`), the same in every version of
//! [`ABI_VERSIONS`].

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::ops::RangeInclusive;

/// `vpx_codec_err_t`.
pub const OK: c_int = 0;
pub const ABI_MISMATCH: c_int = 3;
/// `VPX_IMG_FMT_I420`.
pub const I420: c_int = 0x102;
/// The values of `VPX_DECODER_ABI_VERSION` since libvpx 1.8.
pub const ABI_VERSIONS: RangeInclusive<c_int> = 12..=12;

/// `vpx_codec_ctx_t` is 56 bytes; what a longer one would write has room here too.
#[repr(C, align(16))]
pub struct Context {
    pub reserved: [u8; 512],
}

/// `vpx_codec_iface_t`: only ever pointed to.
#[repr(C)]
pub struct Interface {
    _opaque: [u8; 0],
}

/// `vpx_image_t`, up to what is read.
#[repr(C)]
pub struct Image {
    pub fmt: c_int,
    pub cs: c_int,
    pub range: c_int,
    pub w: c_uint,
    pub h: c_uint,
    pub bit_depth: c_uint,
    /// The picture's own size.
    pub d_w: c_uint,
    pub d_h: c_uint,
    pub r_w: c_uint,
    pub r_h: c_uint,
    pub x_chroma_shift: c_uint,
    pub y_chroma_shift: c_uint,
    pub planes: [*const u8; 4],
    pub stride: [c_int; 4],
}

pub type GetInterface = unsafe extern "C" fn() -> *const Interface;
pub type Init = unsafe extern "C" fn(*mut Context, *const Interface, *const c_void, c_long, c_int) -> c_int;
pub type Decode = unsafe extern "C" fn(*mut Context, *const u8, c_uint, *mut c_void, c_long) -> c_int;
pub type GetFrame = unsafe extern "C" fn(*mut Context, *mut *const c_void) -> *const Image;
pub type Destroy = unsafe extern "C" fn(*mut Context) -> c_int;

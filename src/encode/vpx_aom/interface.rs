//! What libvpx and libaom have alike in their public C interfaces (`vpx_codec.h` and `vpx_encoder.h`, `aom_codec.h` and
//! `aom_encoder.h`). The `abi_tests` of each compare it with the headers of the system.

use std::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void};

/// `vpx_codec_err_t`, `aom_codec_err_t`.
pub const OK: c_int = 0;
pub const ABI_MISMATCH: c_int = 3;

/// `vpx_codec_iface_t`, `aom_codec_iface_t`: only ever pointed to.
#[repr(C)]
pub struct Interface {
    _opaque: [u8; 0],
}

/// `vpx_codec_ctx_t` and `aom_codec_ctx_t` are 56 bytes; what a longer one would write has room here too.
#[repr(C, align(16))]
pub struct Context {
    pub reserved: [u8; 512],
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rational {
    pub num: c_int,
    pub den: c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FixedBuffer {
    pub buf: *mut c_void,
    pub sz: usize,
}

/// `VPX_CBR`, `VPX_RC_ONE_PASS`, `VPX_KF_DISABLED`, `VPX_ERROR_RESILIENT_DEFAULT`, and their namesakes.
pub const CBR: c_int = 1;
pub const ONE_PASS: c_int = 0;
pub const KEYFRAMES_ON_REQUEST: c_int = 0;
pub const ERROR_RESILIENT: u32 = 1;

/// `VPX_IMG_FMT_I420`, `VPX_CR_STUDIO_RANGE`, and their namesakes.
pub const I420: c_int = 0x102;
pub const STUDIO_RANGE: c_int = 0;

/// `VPX_EFLAG_FORCE_KF`, `AOM_EFLAG_FORCE_KF`.
pub const FORCE_KEYFRAME: c_long = 1;

/// `vpx_codec_cx_pkt_t`, `aom_codec_cx_pkt_t` of the kind [`FRAME_PACKET`].
#[repr(C)]
pub struct Packet {
    pub kind: c_int,
    pub frame: PacketFrame,
}

#[repr(C)]
pub struct PacketFrame {
    pub buf: *const u8,
    pub sz: usize,
    pub pts: i64,
    pub duration: c_ulong,
    pub flags: u32,
}

/// `VPX_CODEC_CX_FRAME_PKT`, `AOM_CODEC_CX_FRAME_PKT`.
pub const FRAME_PACKET: c_int = 0;

pub type GetInterface = unsafe extern "C" fn() -> *const Interface;
pub type ConfigDefault<C> = unsafe extern "C" fn(*const Interface, *mut C, c_uint) -> c_int;
pub type Init<C> = unsafe extern "C" fn(*mut Context, *const Interface, *const C, c_long, c_int) -> c_int;
pub type ConfigSet<C> = unsafe extern "C" fn(*mut Context, *const C) -> c_int;
pub type Control = unsafe extern "C" fn(*mut Context, c_int, ...) -> c_int;
pub type NextPacket = unsafe extern "C" fn(*mut Context, *mut *const c_void) -> *const Packet;
pub type Destroy = unsafe extern "C" fn(*mut Context) -> c_int;
pub type Describe = unsafe extern "C" fn(c_int) -> *const c_char;
pub type ErrorDetail = unsafe extern "C" fn(*const Context) -> *const c_char;
pub type Version = unsafe extern "C" fn() -> c_int;
pub type VersionText = unsafe extern "C" fn() -> *const c_char;

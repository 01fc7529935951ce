//! libvpx.

pub mod abi;
#[cfg(test)]
mod abi_tests;
pub mod options;

use std::ffi::{c_int, c_long, c_uint, c_ulong};
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::OnceLock;

use self::abi::flag;
use super::interface::{self, Context};
use super::library::Library;
use super::open::Open;
use super::spec::{self, Spec};
use super::{Sibling, TIME_BASE, configure_alike};
use crate::encode::temporal::{Step, round};
use crate::encode::{EncoderSettings, YuvFrame};

pub struct Vpx;

impl Sibling for Vpx {
    const NAME: &'static str = "libvpx";
    #[cfg(target_os = "windows")]
    const FILES: &'static [&'static str] = &["libvpx-1.dll", "vpx.dll", "libvpx.dll"];
    #[cfg(target_vendor = "apple")]
    const FILES: &'static [&'static str] = &[
        "libvpx.12.dylib",
        "libvpx.11.dylib",
        "libvpx.9.dylib",
        "libvpx.8.dylib",
        "libvpx.7.dylib",
        "libvpx.dylib",
        // Homebrew, on ARM and on Intel: outside of where a program looks.
        "/opt/homebrew/lib/libvpx.dylib",
        "/usr/local/lib/libvpx.dylib",
    ];
    #[cfg(not(any(target_os = "windows", target_vendor = "apple")))]
    const FILES: &'static [&'static str] = &[
        "libvpx.so.12",
        "libvpx.so.11",
        "libvpx.so.10",
        "libvpx.so.9",
        "libvpx.so.8",
        "libvpx.so.7",
        "libvpx.so.6",
        "libvpx.so",
    ];
    const PREFIX: &'static str = "vpx_codec_";
    const CONTROL: &'static str = "control_";
    const MAJOR: c_int = 1;
    /// libvpx 1.8 (23) to 1.17 (39). They all count `VPX_CODEC_ABI_VERSION` 9 in; what grew in between is the tail of the
    /// configuration and the external rate control.
    const ABI_VERSIONS: RangeInclusive<c_int> = 23..=39;
    const LAYERS_SINCE: c_int = 0;
    const USAGE: c_uint = 0;
    const LARGEST_SIDE: u32 = 16_383;
    type Config = abi::Config;
    type Image = abi::Image;
    type Encode = abi::Encode;

    fn library() -> &'static OnceLock<Result<Library<Self>, String>> {
        static LIBRARY: OnceLock<Result<Library<Vpx>, String>> = OnceLock::new();
        &LIBRARY
    }

    fn configure(config: &mut abi::Config, spec: &Spec, settings: EncoderSettings, layers: u8) {
        configure_alike!(&mut *config, spec, settings);
        config.g_error_resilient = interface::ERROR_RESILIENT;
        config.rc_resize_allowed = 0;
        if layers > 1 {
            let round = round(layers);
            config.ts_number_layers = layers.into();
            config.ts_periodicity = u32::try_from(round.len()).unwrap_or(1);
            config.ts_layer_id.iter_mut().zip(round).for_each(|(id, step)| *id = step.temporal.id.into());
            config
                .ts_rate_decimator
                .iter_mut()
                .zip(spec::decimators(layers))
                .for_each(|(to, one_of)| *to = one_of.into());
        }
    }

    fn write_rate(config: &mut abi::Config, kbps: u32, layers: u8) {
        config.rc_target_bitrate = kbps;
        if layers > 1 {
            config.ts_target_bitrate.iter_mut().zip(spec::layer_kbps(kbps, layers)).for_each(|(to, share)| *to = share);
        }
    }

    /// The configuration has said it all.
    fn set_layers(_: &mut Open<Self>, _: u8) -> Result<(), String> {
        Ok(())
    }

    fn place(open: &mut Open<Self>, step: Step) -> Result<c_long, String> {
        open.control((abi::control::TEMPORAL_LAYER_ID, c_int::from(step.temporal.id)))?;
        Ok(flags(step))
    }

    fn image_of(frame: &YuvFrame) -> abi::Image {
        let plane = |i: usize| frame.planes[i].as_ptr().cast_mut();
        let stride = |i: usize| c_int::try_from(frame.strides[i]).unwrap_or(0);
        abi::Image {
            fmt: interface::I420,
            cs: abi::BT_709,
            range: interface::STUDIO_RANGE,
            w: frame.size.width,
            h: frame.size.height,
            bit_depth: 8,
            d_w: frame.size.width,
            d_h: frame.size.height,
            r_w: 0,
            r_h: 0,
            x_chroma_shift: 1,
            y_chroma_shift: 1,
            planes: [plane(0), plane(1), plane(2), ptr::null_mut()],
            stride: [stride(0), stride(1), stride(2), 0],
            bps: 12,
            user_priv: ptr::null_mut(),
            img_data: ptr::null_mut(),
            img_data_owner: 0,
            self_allocd: 0,
            fb_priv: ptr::null_mut(),
            rest: [0; 16],
        }
    }

    unsafe fn encode(
        encode: abi::Encode,
        context: *mut Context,
        image: *const abi::Image,
        pts: i64,
        duration: c_ulong,
        flags: c_long,
    ) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { encode(context, image, pts, duration, flags, abi::REALTIME) }
    }
}

/// Golden and alternate reference hold the middle layer's last frame and the last keyframe; with two layers only the base
/// layer changes them, and everybody may refer to them. What is not the base leaves the coding contexts as they are.
fn flags(step: Step) -> c_long {
    use flag::*;
    const KEEP: c_long = NO_UPDATE_LAST | NO_UPDATE_GOLDEN | NO_UPDATE_ALTREF | NO_UPDATE_ENTROPY;
    let middle = NO_REFERENCE_GOLDEN | NO_REFERENCE_ALTREF;
    match (step.temporal.id, step.temporal.discardable) {
        (0, _) => NO_UPDATE_GOLDEN | NO_UPDATE_ALTREF | middle,
        (_, false) => (KEEP & !NO_UPDATE_GOLDEN) | middle,
        (_, true) if step.refers_to_middle => KEEP | NO_REFERENCE_ALTREF,
        (_, true) => KEEP | middle,
    }
}

//! libaom.

pub mod abi;
#[cfg(test)]
mod abi_tests;
pub mod options;

use std::ffi::{c_int, c_long, c_uint, c_ulong};
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::OnceLock;

use self::abi::{LayerId, Layers, References, control, name};
use super::interface::{self, Context};
use super::library::Library;
use super::open::Open;
use super::spec::{self, Spec};
use super::{Sibling, TIME_BASE, configure_alike};
use crate::encode::temporal::Step;
use crate::encode::{EncoderSettings, YuvFrame};

pub struct Aom;

impl Sibling for Aom {
    const NAME: &'static str = "libaom";
    #[cfg(target_os = "windows")]
    const FILES: &'static [&'static str] = &["libaom.dll", "aom.dll", "libaom-3.dll"];
    #[cfg(target_vendor = "apple")]
    const FILES: &'static [&'static str] = &[
        "libaom.3.dylib",
        "libaom.dylib",
        // Homebrew, on ARM and on Intel: outside of where a program looks.
        "/opt/homebrew/lib/libaom.dylib",
        "/usr/local/lib/libaom.dylib",
    ];
    #[cfg(not(any(target_os = "windows", target_vendor = "apple")))]
    const FILES: &'static [&'static str] = &["libaom.so.3", "libaom.so"];
    const PREFIX: &'static str = "aom_codec_";
    const CONTROL: &'static str = "control";
    const MAJOR: c_int = 3;
    /// libaom 3.2 to 3.14: the newer ones answer to 25 too, for programs of before the partitions' interface counted.
    const ABI_VERSIONS: RangeInclusive<c_int> = 29..=29;
    /// What libaom 3.2 makes cannot be decoded without its upper layers.
    const LAYERS_SINCE: c_int = 0x30400;
    const USAGE: c_uint = abi::REALTIME;
    const LARGEST_SIDE: u32 = 65_536;
    type Config = abi::Config;
    type Image = abi::Image;
    type Encode = abi::Encode;

    fn library() -> &'static OnceLock<Result<Library<Self>, String>> {
        static LIBRARY: OnceLock<Result<Library<Aom>, String>> = OnceLock::new();
        &LIBRARY
    }

    fn configure(config: &mut abi::Config, spec: &Spec, settings: EncoderSettings, _: u8) {
        configure_alike!(&mut *config, spec, settings);
        // What is lost is asked for again or a keyframe, and what layers are left out their references allow.
        config.g_error_resilient = 0;
        config.rc_min_quantizer = options::MIN_QUANTIZER;
        config.rc_resize_mode = 0;
        config.rc_superres_mode = 0;
    }

    fn write_rate(config: &mut abi::Config, kbps: u32, _: u8) {
        config.rc_target_bitrate = kbps;
    }

    fn set_layers(open: &mut Open<Self>, layers: u8) -> Result<(), String> {
        if layers <= 1 {
            return Ok(());
        }
        let said = layers_of(&open.config, layers);
        // SAFETY: the control takes such a structure and copies it.
        unsafe { open.control_with(control::SVC_PARAMS, said) }
    }

    fn place(open: &mut Open<Self>, step: Step) -> Result<c_long, String> {
        let id = LayerId { spatial_layer_id: 0, temporal_layer_id: step.temporal.id.into() };
        // SAFETY: the controls take such structures and copy them.
        unsafe {
            open.control_with(control::SVC_LAYER_ID, id)?;
            open.control_with(control::SVC_REF_FRAME_CONFIG, references(step))?;
        }
        Ok(0)
    }

    fn image_of(frame: &YuvFrame) -> abi::Image {
        let plane = |i: usize| frame.planes[i].as_ptr().cast_mut();
        let stride = |i: usize| c_int::try_from(frame.strides[i]).unwrap_or(0);
        abi::Image {
            fmt: interface::I420,
            cp: abi::BT_709,
            tc: abi::BT_709,
            mc: abi::BT_709,
            monochrome: 0,
            csp: 0,
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
            planes: [plane(0), plane(1), plane(2)],
            stride: [stride(0), stride(1), stride(2)],
            sz: 0,
            bps: 12,
            temporal_id: 0,
            spatial_id: 0,
            user_priv: ptr::null_mut(),
            img_data: ptr::null_mut(),
            img_data_owner: 0,
            self_allocd: 0,
            metadata: ptr::null_mut(),
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
        unsafe { encode(context, image, pts, duration, flags) }
    }
}

/// Temporal layers of one size, with their shares of the rate.
fn layers_of(config: &abi::Config, layers: u8) -> Layers {
    let quantizer = |q: c_uint| [c_int::try_from(q).unwrap_or(c_int::MAX); abi::LAYERS];
    let mut all = Layers {
        number_spatial_layers: 1,
        number_temporal_layers: layers.into(),
        max_quantizers: quantizer(config.rc_max_quantizer),
        min_quantizers: quantizer(config.rc_min_quantizer),
        scaling_factor_num: [1; abi::SPATIAL_LAYERS],
        scaling_factor_den: [1; abi::SPATIAL_LAYERS],
        layer_target_bitrate: [0; abi::LAYERS],
        framerate_factor: [1; abi::TEMPORAL_LAYERS],
    };
    let shares = spec::layer_kbps(config.rc_target_bitrate, layers);
    all.layer_target_bitrate.iter_mut().zip(shares).for_each(|(to, kbps)| *to = kbps.try_into().unwrap_or(c_int::MAX));
    all.framerate_factor.iter_mut().zip(spec::decimators(layers)).for_each(|(to, one_of)| *to = one_of.into());
    all
}

/// Slot 0 has the base layer's last frame, slot 1 the middle one's. The reference called "last" is also the one whose coding
/// contexts a frame begins with, and a slot is written only where a reference is mapped to it. All others are mapped to what
/// everybody has.
fn references(step: Step) -> References {
    const BASE: usize = 0;
    const MIDDLE: usize = 1;
    let mut all = References { reference: [0; 7], ref_idx: [BASE as c_int; 7], refresh: [0; 8] };
    all.reference[name::LAST] = 1;
    match (step.temporal.id, step.temporal.discardable) {
        (0, _) => all.refresh[BASE] = 1,
        (_, false) => {
            all.ref_idx[name::GOLDEN] = MIDDLE as c_int;
            all.refresh[MIDDLE] = 1;
        }
        (_, true) if step.refers_to_middle => {
            all.ref_idx[name::LAST] = MIDDLE as c_int;
            all.reference[name::GOLDEN] = 1;
        }
        (_, true) => {}
    }
    all
}

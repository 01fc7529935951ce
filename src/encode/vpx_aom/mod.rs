//! VP8 and VP9 by libvpx, AV1 by libaom: by the libraries themselves, whose rate changes without a keyframe when they are
//! asked directly (FFmpeg's wrappers read the rate once).
//!
//! Their C interfaces are siblings, so most is here once: `interface` (what both have alike), `library` (finding one), `spec`
//! (what an encoder is told, as data), `open` (one open encoder), `encoder` (the trait's). What differs is a [`Sibling`]:
//! `vpx` and `aom`, each with its `abi` and its `options`.

#![allow(unsafe_code)] // the C interfaces of libvpx and libaom
#![allow(clippy::disallowed_methods, reason = "slices over the libraries' packets, each with its SAFETY comment")]

mod aom;
mod encoder;
#[cfg(test)]
mod headers;
mod interface;
mod library;
mod open;
mod spec;
#[cfg(test)]
mod tests;
mod vpx;

use std::ffi::{c_int, c_long, c_uint, c_ulong};
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use self::aom::Aom;
use self::encoder::Encoder;
use self::interface::Context;
use self::library::Library;
use self::open::Open;
use self::spec::Spec;
use self::vpx::Vpx;
use super::select::Candidate;
use super::temporal::Step;
use super::{EncoderSettings, VideoEncoder, YuvFrame};

/// Ticks a second of the time stamps that the libraries get.
const TIME_BASE: u32 = 90_000;

/// What libvpx and libaom have each in its own way.
trait Sibling: Sized + 'static {
    const NAME: &'static str;
    /// What its file is called, newest first.
    const FILES: &'static [&'static str];
    /// What its functions' names begin with, and what that of its controls goes on with.
    const PREFIX: &'static str;
    const CONTROL: &'static str;
    /// The major version for which `abi` is right, and the values of its `ENCODER_ABI_VERSION`.
    const MAJOR: c_int;
    const ABI_VERSIONS: RangeInclusive<c_int>;
    /// The first version whose temporal layers can be left out, 0x30400 for 3.4.0.
    const LAYERS_SINCE: c_int;
    /// Which default configuration is asked for.
    const USAGE: c_uint;
    /// It takes no larger sides.
    const LARGEST_SIDE: u32;
    /// Its configuration with room behind it, its picture, its encoding function.
    type Config: 'static;
    type Image;
    type Encode: Copy + 'static;

    /// Where the one of this process is kept.
    fn library() -> &'static OnceLock<Result<Library<Self>, String>>;
    fn configure(config: &mut Self::Config, spec: &Spec, settings: EncoderSettings, layers: u8);
    fn write_rate(config: &mut Self::Config, kbps: u32, layers: u8);
    /// Tells an encoder that was just opened, or got another rate, what `write_rate` has no room for.
    fn set_layers(open: &mut Open<Self>, layers: u8) -> Result<(), String>;
    /// Tells the place of the next frame among temporal layers. Answers the flags it is encoded with.
    fn place(open: &mut Open<Self>, step: Step) -> Result<c_long, String>;
    /// The picture as the library sees it, for as long as `frame` is there. Planar, as `encode` has checked.
    fn image_of(frame: &YuvFrame) -> Self::Image;
    /// # Safety
    /// `encode` must be the library's, `context` open and `image` whole.
    unsafe fn encode(
        encode: Self::Encode,
        context: *mut Context,
        image: *const Self::Image,
        pts: i64,
        duration: c_ulong,
        flags: c_long,
    ) -> c_int;
}

/// libvpx as it is loaded, for what decodes with it.
pub fn load_libvpx() -> Result<libloading::Library, String> {
    library::load(Vpx::FILES)
}

/// Every encoder of both.
pub fn candidates() -> impl Iterator<Item = Candidate> {
    candidates_of::<Vpx>(vpx::options::ENCODERS).chain(candidates_of::<Aom>(aom::options::ENCODERS))
}

fn candidates_of<L: Sibling>(encoders: &'static [Spec]) -> impl Iterator<Item = Candidate> {
    encoders.iter().map(|spec| {
        Candidate::new(spec.name, spec.codec, move |settings| {
            Ok(Box::new(Encoder::<L>::open(spec, settings)?) as Box<dyn VideoEncoder>)
        })
    })
}

/// Writes the fields that both configurations have by the same names.
macro_rules! configure_alike {
    ($config:expr, $spec:expr, $settings:expr) => {{
        let (config, spec, settings) = ($config, $spec, $settings);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        config.g_threads = spec.threads.count(cores, settings.size.height).unsigned_abs();
        (config.g_w, config.g_h) = (settings.size.width, settings.size.height);
        config.g_timebase = interface::Rational { num: 1, den: TIME_BASE.cast_signed() };
        config.g_pass = interface::ONE_PASS;
        config.g_lag_in_frames = 0;
        config.rc_dropframe_thresh = 0;
        config.rc_end_usage = interface::CBR;
        config.rc_undershoot_pct = spec::UNDERSHOOT_PERCENT;
        config.rc_overshoot_pct = spec::OVERSHOOT_PERCENT;
        config.rc_buf_sz = spec::BUFFER_MS;
        config.rc_buf_initial_sz = spec::BUFFER_INITIAL_MS;
        config.rc_buf_optimal_sz = spec::BUFFER_OPTIMAL_MS;
        config.kf_mode = interface::KEYFRAMES_ON_REQUEST;
    }};
}
use configure_alike;

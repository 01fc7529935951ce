//! VP8 and VP9 by libvpx itself, whose rate changes without a keyframe when it is asked directly (FFmpeg's wrapper reads the
//! rate once): `abi` (its C interface), `library` (finding it), `options` (what it is told, as data).

#![allow(unsafe_code)] // libvpx's C interface
#![allow(clippy::disallowed_methods, reason = "slices over libvpx's packets, each with its SAFETY comment")]

mod abi;
#[cfg(test)]
mod abi_tests;
mod library;
mod options;
#[cfg(test)]
mod tests;

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;

use bytes::Bytes;

use self::abi::{Config, Context, Image, flag};
use self::library::Vpx;
use self::options::{ENCODERS, VpxSpec};
use super::select::Candidate;
use super::temporal::{Pattern, Step, round};
use super::threads::Threads;
use super::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame, bitstream};
use crate::frame::Chroma;
use crate::time;
use crate::units::Bitrate;

/// Ticks a second of the time stamps that libvpx gets.
const TIME_BASE: u32 = 90_000;
/// libvpx takes no larger sides.
const LARGEST_SIDE: u32 = 16_383;

/// Both encoders.
pub fn candidates() -> impl Iterator<Item = Candidate> {
    ENCODERS.iter().map(|spec| {
        Candidate::new(spec.name, spec.codec, move |settings| {
            Ok(Box::new(VpxEncoder::open(spec, settings)?) as Box<dyn VideoEncoder>)
        })
    })
}

pub struct VpxEncoder {
    spec: &'static VpxSpec,
    settings: EncoderSettings,
    open: Open,
    pattern: Pattern,
    layers: u8,
    pts: i64,
    started: bool,
}

impl VpxEncoder {
    pub fn open(spec: &'static VpxSpec, settings: EncoderSettings) -> Result<Self, EncodeError> {
        let size = settings.size;
        if size != size.padded_to_even() || size.width.max(size.height) > LARGEST_SIDE || !size.is_valid() {
            return Err(unavailable(spec, format!("{}x{} is odd or too large", size.width, size.height)));
        }
        let open = library::get().map_err(str::to_owned).and_then(|vpx| Open::new(vpx, spec, settings, 1));
        let open = open.map_err(|reason| unavailable(spec, reason))?;
        Ok(Self { spec, settings, open, pattern: Pattern::new(1), layers: 1, pts: 0, started: false })
    }

    fn failed(&self, reason: impl Into<String>) -> EncodeError {
        EncodeError::Failed { encoder: self.spec.name.into(), reason: reason.into() }
    }

    fn encode_picture(&mut self, frame: &YuvFrame, keyframe: bool, step: Option<Step>) -> Result<Bytes, String> {
        if let Some(step) = step {
            self.open.control((abi::control::TEMPORAL_LAYER_ID, c_int::from(step.temporal.id)))?;
        }
        let (pts, duration) = (self.pts, TIME_BASE / self.settings.fps.clamp(1, TIME_BASE));
        self.pts += i64::from(duration);
        let flags = if keyframe { flag::FORCE_KEYFRAME } else { step.map_or(0, flags) };
        self.open.encode(frame, pts, duration, flags)
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

impl VideoEncoder for VpxEncoder {
    fn name(&self) -> &'static str {
        self.spec.name
    }
    fn codec(&self) -> Codec {
        self.spec.codec
    }
    fn settings(&self) -> EncoderSettings {
        self.settings
    }
    fn rate_change(&self) -> RateChange {
        RateChange::Seamless
    }

    fn set_temporal_layers(&mut self, layers: u8) -> Result<u8, EncodeError> {
        let layers = layers.clamp(1, self.spec.temporal_layers);
        if !self.started && layers != self.layers {
            self.open = Open::new(self.open.vpx, self.spec, self.settings, layers).map_err(|e| self.failed(e))?;
            (self.layers, self.pattern) = (layers, Pattern::new(layers));
        }
        Ok(self.layers)
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        let encode_started = time::now();
        if frame.size != self.settings.size || !frame.is_complete() || frame.chroma != Chroma::Planar {
            return Err(self.failed(format!("the picture is not a whole {:?}", self.settings.size)));
        }
        let keyframe = keyframe || !self.started;
        let step = self.pattern.advance(keyframe);
        let data = self.encode_picture(frame, keyframe, step).map_err(|reason| self.failed(reason))?;
        if data.is_empty() {
            return Ok(None);
        }
        self.started = true;
        Ok(Some(EncodedFrame {
            codec: self.spec.codec,
            size: self.settings.size,
            keyframe: bitstream::is_keyframe(self.spec.codec, &data),
            temporal: step.map(|step| step.temporal),
            data,
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started,
            encode_ended: time::now(),
        }))
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        // The frame rate is what the time stamps say.
        self.settings.fps = fps.max(1);
        if bitrate != self.settings.bitrate {
            self.open.set_rate(bitrate, self.layers).map_err(|reason| self.failed(reason))?;
            self.settings.bitrate = bitrate;
        }
        Ok(())
    }
}

/// One open encoder of libvpx's.
struct Open {
    vpx: &'static Vpx,
    context: Box<Context>,
    config: Box<Config>,
}

// SAFETY: libvpx's contexts are bound to no thread; `&mut self` sees to one caller at a time.
unsafe impl Send for Open {}

impl Open {
    fn new(vpx: &'static Vpx, spec: &VpxSpec, settings: EncoderSettings, layers: u8) -> Result<Self, String> {
        let interface = vpx.interface(spec.codec).ok_or_else(|| format!("{} is built without it", vpx.version()))?;
        // SAFETY: numbers and pointers, for which zero is a value.
        let mut config: Box<Config> = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: the interface is the library's own, and the configuration has room for any version's.
        let status = unsafe { (vpx.config_default)(interface, &raw mut *config, 0) };
        if status != abi::OK {
            return Err(format!("no default configuration (status {status})"));
        }
        configure(&mut config, settings, layers);
        let mut context = Box::new(Context { reserved: [0; 512] });
        // SAFETY: zeroed, boxed, and destroyed by `drop` once it is open.
        unsafe { vpx.init(&raw mut *context, interface, &raw const *config)? };
        let mut open = Self { vpx, context, config };
        for control in spec.controls_for(settings.size, settings.fps) {
            open.control(control)?;
        }
        Ok(open)
    }

    fn control(&mut self, (id, value): options::Control) -> Result<(), String> {
        // SAFETY: the context is open, and every control used here takes an int.
        let status = unsafe { (self.vpx.control)(&raw mut *self.context, id, value) };
        self.check(status).map_err(|reason| format!("control {id} = {value}: {reason}"))
    }

    fn set_rate(&mut self, bitrate: Bitrate, layers: u8) -> Result<(), String> {
        write_rate(&mut self.config, bitrate, layers);
        // SAFETY: both are ours; the configuration is copied.
        let status = unsafe { (self.vpx.config_set)(&raw mut *self.context, &raw const *self.config) };
        self.check(status)
    }

    /// What comes out for this picture; nothing if the rate control left it out.
    fn encode(&mut self, frame: &YuvFrame, pts: i64, duration: u32, flags: c_long) -> Result<Bytes, String> {
        let image = image_of(frame);
        // SAFETY: the image's planes hold a whole picture of the configured size (`is_complete`), and are only read.
        let status = unsafe {
            let context = &raw mut *self.context;
            (self.vpx.encode)(context, &raw const image, pts, c_ulong::from(duration), flags, abi::REALTIME)
        };
        self.check(status)?;
        let mut data = Bytes::new();
        let mut iterator: *const c_void = ptr::null();
        // SAFETY: a packet lives until the next picture is encoded.
        while let Some(packet) = unsafe { (self.vpx.next_packet)(&raw mut *self.context, &raw mut iterator).as_ref() } {
            if packet.kind != abi::FRAME_PACKET || packet.frame.sz == 0 || packet.frame.buf.is_null() {
                continue;
            }
            if packet.frame.pts != pts || !data.is_empty() {
                return Err(format!("it holds frames back (frame {} came out for {pts})", packet.frame.pts));
            }
            // SAFETY: a frame packet has `sz` bytes at `buf`.
            data = Bytes::copy_from_slice(unsafe { slice::from_raw_parts(packet.frame.buf, packet.frame.sz) });
        }
        Ok(data)
    }

    fn check(&self, status: c_int) -> Result<(), String> {
        if status == abi::OK {
            return Ok(());
        }
        // SAFETY: the context is this library's.
        Err(unsafe { self.vpx.describe(status, &raw const *self.context) })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: the context is open, and never used again.
        unsafe { (self.vpx.destroy)(&raw mut *self.context) };
    }
}

fn configure(config: &mut Config, settings: EncoderSettings, layers: u8) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = Threads::Spinning.count(cores, settings.size.height);
    config.g_threads = threads.unsigned_abs();
    (config.g_w, config.g_h) = (settings.size.width, settings.size.height);
    config.g_timebase = abi::Rational { num: 1, den: TIME_BASE.cast_signed() };
    config.g_error_resilient = abi::ERROR_RESILIENT;
    config.g_pass = abi::ONE_PASS;
    config.g_lag_in_frames = 0;
    config.rc_dropframe_thresh = 0;
    config.rc_resize_allowed = 0;
    config.rc_end_usage = abi::CBR;
    config.rc_undershoot_pct = options::UNDERSHOOT_PERCENT;
    config.rc_overshoot_pct = options::OVERSHOOT_PERCENT;
    config.rc_buf_sz = options::BUFFER_MS;
    config.rc_buf_initial_sz = options::BUFFER_INITIAL_MS;
    config.rc_buf_optimal_sz = options::BUFFER_OPTIMAL_MS;
    config.kf_mode = abi::KEYFRAMES_ON_REQUEST;
    if layers > 1 {
        let round = round(layers);
        config.ts_number_layers = layers.into();
        config.ts_periodicity = u32::try_from(round.len()).unwrap_or(1);
        for (id, step) in config.ts_layer_id.iter_mut().zip(round) {
            *id = step.temporal.id.into();
        }
        for (layer, decimator) in (0..layers).zip(&mut config.ts_rate_decimator) {
            *decimator = 1 << (layers - 1 - layer);
        }
    }
    write_rate(config, settings.bitrate, layers);
}

fn write_rate(config: &mut Config, bitrate: Bitrate, layers: u8) {
    // libvpx counts bits a second in an int.
    let kbps = (bitrate.bps() / 1_000).clamp(1, i32::MAX as u64 / 1_000);
    config.rc_target_bitrate = u32::try_from(kbps).unwrap_or(u32::MAX);
    if layers > 1 {
        let shares = options::layer_kbps(config.rc_target_bitrate, layers);
        config.ts_target_bitrate.iter_mut().zip(shares).for_each(|(to, share)| *to = share);
    }
}

/// The picture as libvpx sees it, for as long as `frame` is there. Planar, as `encode` has checked.
fn image_of(frame: &YuvFrame) -> Image {
    let plane = |i: usize| frame.planes[i].as_ptr().cast_mut();
    let stride = |i: usize| c_int::try_from(frame.strides[i]).unwrap_or(0);
    Image {
        fmt: abi::I420,
        cs: abi::BT_709,
        range: abi::STUDIO_RANGE,
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

fn unavailable(spec: &VpxSpec, reason: impl Into<String>) -> EncodeError {
    EncodeError::Unavailable { encoder: spec.name.into(), reason: reason.into() }
}

//! One open codec context: what all encoders share, the options of one entry of the table, and pictures in, packets out.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{NonNull, null_mut};
use std::slice;

use ffmpeg_next::ffi::{self, AVCodecContext, AVDictionary, AVPacket};

use super::log;
use super::picture::Feed;
use super::spec::{Cbr, EncoderSpec, Options, Period, Refresh};
use crate::encode::{Codec, EncodeError, EncoderSettings};

pub const EAGAIN: c_int = ffi::AVERROR(ffmpeg_next::error::EAGAIN);

/// `FF_PROFILE_H264_CONSTRAINED_BASELINE`, which FFmpeg 8 renames: what every browser decodes (RFC 7742, 42e01f).
const H264_CONSTRAINED_BASELINE: c_int = 66 | 1 << 9;

/// Pixels a second above which the table's `heavy` options apply: 1080p60.
const HEAVY: u64 = 1920 * 1080 * 60;

pub struct Context {
    codec: NonNull<AVCodecContext>,
    packet: NonNull<AVPacket>,
    /// The frame rate that the rate control divides by, for as long as this context lives.
    opened_fps: u32,
    refreshes_by_strips: bool,
}

// SAFETY: FFmpeg's contexts and packets are bound to no thread; `&mut self` sees to one caller at a time.
unsafe impl Send for Context {}

impl Context {
    /// Opens with the table's options, then with each fallback set, and all of that again without intra refresh where it was
    /// asked for. The error is that of the first attempt.
    pub fn open(spec: &EncoderSpec, settings: EncoderSettings, feed: &Feed) -> Result<Self, EncodeError> {
        let mut first = None;
        let refresh = spec.refresh.filter(|_| settings.intra_refresh).map(Some);
        for refresh in refresh.into_iter().chain([None]) {
            for fallback in std::iter::once(None).chain(spec.fallbacks.iter().copied().map(Some)) {
                let (result, lines) = log::collect(|| Self::try_open(spec, settings, feed, fallback, refresh));
                match result {
                    Ok(context) => {
                        tracing::debug!(encoder = spec.name, ?fallback, ?refresh, notes = ?lines, "encoder opened");
                        return Ok(context);
                    }
                    Err(reason) => {
                        first.get_or_insert(with_lines(reason, &lines));
                    }
                }
            }
        }
        Err(unavailable(spec, first.unwrap_or_default()))
    }

    fn try_open(
        spec: &EncoderSpec,
        settings: EncoderSettings,
        feed: &Feed,
        fallback: Option<Options>,
        refresh: Option<Refresh>,
    ) -> Result<Self, String> {
        let mut context = Self::allocate(spec, settings)?;
        context.set_common(spec, settings, feed)?;
        context.set_rate(spec, settings);
        let heavy = settings.size.pixels().saturating_mul(settings.fps.into()) > HEAVY;
        let mut options = Dictionary::new();
        for (key, value) in spec.options_with(heavy, fallback) {
            options.set(key, value)?;
        }
        if let Some(refresh) = refresh {
            context.set_refresh(refresh, &mut options)?;
        }
        // SAFETY: the context was allocated for its codec, the dictionary is ours and stays valid.
        let status = unsafe { ffi::avcodec_open2(context.codec.as_ptr(), std::ptr::null(), &raw mut options.0) };
        if status < 0 {
            return Err(describe(status));
        }
        let unknown = options.keys();
        // Without its option a refresh's period would be one of keyframes.
        let refreshing = |key: &str| refresh.is_some_and(|refresh| refresh.names(key));
        if let Some(key) = unknown.iter().find(|key| spec.essential.contains(&key.as_str()) || refreshing(key)) {
            return Err(format!("this FFmpeg does not know its option {key}"));
        }
        if !unknown.is_empty() {
            tracing::debug!(encoder = spec.name, ?unknown, "options that this FFmpeg does not know");
        }
        Ok(context)
    }

    fn allocate(spec: &EncoderSpec, settings: EncoderSettings) -> Result<Self, String> {
        let name = CString::new(spec.name).map_err(|e| e.to_string())?;
        // SAFETY: plain lookups and allocations; null is checked below, and what was allocated is freed by `drop`.
        unsafe {
            let codec = ffi::avcodec_find_encoder_by_name(name.as_ptr());
            let packet = NonNull::new(ffi::av_packet_alloc()).ok_or("out of memory")?;
            let context = if codec.is_null() { null_mut() } else { ffi::avcodec_alloc_context3(codec) };
            match NonNull::new(context) {
                Some(codec) => Ok(Self { codec, packet, opened_fps: settings.fps.max(1), refreshes_by_strips: false }),
                None => {
                    ffi::av_packet_free(&mut packet.as_ptr());
                    Err("not in this FFmpeg".into())
                }
            }
        }
    }

    fn set_common(&mut self, spec: &EncoderSpec, settings: EncoderSettings, feed: &Feed) -> Result<(), String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let side = |n: u32| c_int::try_from(n).map_err(|e| e.to_string());
        let fps = side(self.opened_fps)?;
        // SAFETY: the context is ours, and not open yet, so that its fields may be set.
        let c = unsafe { self.codec.as_mut() };
        c.width = side(settings.size.width)?;
        c.height = side(settings.size.height)?;
        c.time_base = ffi::AVRational { num: 1, den: fps };
        c.framerate = ffi::AVRational { num: fps, den: 1 };
        c.gop_size = c_int::MAX;
        c.max_b_frames = 0;
        c.refs = 1;
        c.flags |= ffi::AV_CODEC_FLAG_LOW_DELAY as c_int;
        c.thread_type = ffi::FF_THREAD_SLICE;
        c.thread_count = spec.threads.count(cores, settings.size.height);
        c.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
        c.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
        c.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
        c.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
        if spec.codec == Codec::H264 {
            c.profile = H264_CONSTRAINED_BASELINE;
        }
        (c.pix_fmt, c.sw_pix_fmt) = feed.pixel_formats();
        if let Some(frames) = feed.frames() {
            c.hw_frames_ctx = frames.new_reference()?;
        }
        Ok(())
    }

    /// The period is a second's frames, as long as the frame rate stays what it was at the opening.
    fn set_refresh(&mut self, refresh: Refresh, options: &mut Dictionary) -> Result<(), String> {
        for (key, value) in refresh.options {
            options.set(key, value)?;
        }
        match refresh.period {
            // SAFETY: the context is ours, and not open yet, so that its fields may be set.
            Period::Gop => unsafe { self.codec.as_mut() }.gop_size = period(self.opened_fps),
            Period::Option(key) => options.set(key, &period(self.opened_fps).to_string())?,
        }
        self.refreshes_by_strips = true;
        Ok(())
    }

    /// Whether the picture is renewed a strip at a time.
    pub fn refreshes_by_strips(&self) -> bool {
        self.refreshes_by_strips
    }

    /// Writes the rate into the context. Before opening it always counts; afterwards only for encoders that read it again
    /// with each frame (libx264, NVENC). They divide by the frame rate they were opened with, hence the scaling.
    pub fn set_rate(&mut self, spec: &EncoderSpec, settings: EncoderSettings) {
        let fps = u64::from(settings.fps.max(1));
        let bps = settings.bitrate.bps().min(i32::MAX as u64) * u64::from(self.opened_fps) / fps;
        let bps = bps.max(1_000);
        let as_i64 = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        // SAFETY: the context is ours; FFmpeg documents these fields as readable by the encoder between frames.
        let c = unsafe { self.codec.as_mut() };
        c.bit_rate = as_i64(bps);
        c.rc_max_rate = c.bit_rate;
        match spec.cbr {
            Cbr::Max => {}
            Cbr::MinMax => c.rc_min_rate = c.bit_rate,
            Cbr::Nearly => c.bit_rate -= 1,
        }
        c.rc_buffer_size = c_int::try_from(spec.buffer.bits(bps, self.opened_fps)).unwrap_or(c_int::MAX).max(1_000);
    }

    /// Encodes one picture. `None` when nothing came out. The packet lives until the next call.
    ///
    /// # Safety
    /// `frame` must be a valid frame of the format and size this context was opened with.
    pub unsafe fn encode(&mut self, frame: *const ffi::AVFrame) -> Result<Option<Packet<'_>>, c_int> {
        // SAFETY: context and packet are ours and valid; the caller vouches for the frame.
        unsafe {
            let status = ffi::avcodec_send_frame(self.codec.as_ptr(), frame);
            if status < 0 {
                return Err(status);
            }
            match ffi::avcodec_receive_packet(self.codec.as_ptr(), self.packet.as_ptr()) {
                0 => {}
                EAGAIN => return Ok(None),
                status => return Err(status),
            }
            let packet = self.packet.as_ref();
            let data = match usize::try_from(packet.size) {
                Ok(len) if len > 0 && !packet.data.is_null() => slice::from_raw_parts(packet.data, len),
                _ => &[],
            };
            Ok(Some(Packet { data, pts: packet.pts }))
        }
    }

    /// Parameter sets that the encoder keeps beside the stream.
    pub fn extradata(&self) -> &[u8] {
        // SAFETY: `extradata` holds `extradata_size` bytes, written when the context was opened.
        unsafe {
            let c = self.codec.as_ref();
            match usize::try_from(c.extradata_size) {
                Ok(len) if len > 0 && !c.extradata.is_null() => slice::from_raw_parts(c.extradata, len),
                _ => &[],
            }
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // Encoders sum themselves up when they close: not worth a warning.
        log::collect(|| {
            // SAFETY: both are ours and freed once.
            unsafe {
                ffi::av_packet_free(&mut self.packet.as_ptr());
                ffi::avcodec_free_context(&mut self.codec.as_ptr());
            }
        });
    }
}

/// Frames of one pass over the picture; with one frame only there are no strips.
fn period(fps: u32) -> c_int {
    c_int::try_from(fps.max(2)).unwrap_or(c_int::MAX)
}

/// What came out for one picture.
pub struct Packet<'a> {
    pub data: &'a [u8],
    pub pts: i64,
}

/// FFmpeg's dictionary: after opening it holds what nobody took.
struct Dictionary(*mut AVDictionary);

impl Dictionary {
    fn new() -> Self {
        Self(null_mut())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let (key, value) = (CString::new(key), CString::new(value));
        let (Ok(key), Ok(value)) = (key, value) else { return Err("an option holds NUL".into()) };
        // SAFETY: the dictionary is ours; both texts are copied.
        let status = unsafe { ffi::av_dict_set(&raw mut self.0, key.as_ptr(), value.as_ptr(), 0) };
        if status < 0 { Err(describe(status)) } else { Ok(()) }
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let mut entry = null_mut();
        loop {
            // SAFETY: the dictionary is ours and not changed while it is walked.
            unsafe {
                entry = ffi::av_dict_get(self.0, c"".as_ptr(), entry, ffi::AV_DICT_IGNORE_SUFFIX as c_int);
                let Some(found) = entry.as_ref() else { return keys };
                keys.push(CStr::from_ptr(found.key).to_string_lossy().into_owned());
            }
        }
    }
}

impl Drop for Dictionary {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { ffi::av_dict_free(&raw mut self.0) };
    }
}

/// FFmpeg's words for a status.
pub fn describe(status: c_int) -> String {
    let mut buffer = [0 as c_char; 128];
    // SAFETY: the buffer's size is given, and FFmpeg ends it with NUL.
    let text = unsafe {
        ffi::av_strerror(status, buffer.as_mut_ptr(), buffer.len());
        CStr::from_ptr(buffer.as_ptr()).to_string_lossy().into_owned()
    };
    format!("{text} ({status})")
}

/// One line: what failed, and what FFmpeg said about it.
pub fn with_lines(reason: String, lines: &[String]) -> String {
    if lines.is_empty() { reason } else { format!("{reason}: {}", lines.join("; ")) }
}

pub fn unavailable(spec: &EncoderSpec, reason: impl Into<String>) -> EncodeError {
    EncodeError::Unavailable { encoder: spec.name.into(), reason: reason.into() }
}

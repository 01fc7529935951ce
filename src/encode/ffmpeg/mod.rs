//! Encoders of the FFmpeg that this library is built with: `options` (what each is told, as data, in the words
//! of `spec`), `context` (one open encoder), `picture` (our planes as its frames), `hardware` (a device's memory), `log`
//! (FFmpeg's log into ours).

#![allow(unsafe_code)] // FFmpeg's C interface; `ffmpeg-next` wraps neither rate changes nor hardware frames
#![allow(clippy::disallowed_methods, reason = "slices over FFmpeg's memory, each with its SAFETY comment")]

mod context;
mod hardware;
mod log;
mod options;
mod picture;
mod spec;

use std::sync::Arc;

use bytes::Bytes;

use self::context::{Context, describe, unavailable, with_lines};
use self::hardware::HardwareFrames;
use self::options::ENCODERS;
use self::picture::{Feed, Frame};
use self::spec::{EncoderSpec, Input};
use super::bitstream;
use super::rate::is_worth_reopening;
use super::select::Candidate;
use super::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use crate::frame::Chroma;
use crate::time;
use crate::units::Bitrate;

/// Every encoder of the table, in order, with whether it is tried without being named.
pub fn candidates() -> impl Iterator<Item = Candidate> {
    ENCODERS.iter().map(|spec| {
        let open = move |settings| Ok(Box::new(FfmpegEncoder::open(spec, settings)?) as Box<dyn VideoEncoder>);
        Candidate::new(spec.name, spec.codec, open).offered(spec.is_offered_on(std::env::consts::OS))
    })
}

pub struct FfmpegEncoder {
    spec: &'static EncoderSpec,
    settings: EncoderSettings,
    /// `None` only after opening anew failed.
    context: Option<Context>,
    feed: Feed,
    pts: i64,
}

impl FfmpegEncoder {
    /// Cheap checks first: the vendor's library is loaded only where its device is.
    pub fn open(spec: &'static EncoderSpec, settings: EncoderSettings) -> Result<Self, EncodeError> {
        log::install();
        let size = settings.size;
        if ffmpeg_next::codec::encoder::find_by_name(spec.name).is_none() {
            return Err(unavailable(spec, "not in this FFmpeg"));
        }
        if cfg!(target_os = "linux") && !spec.device_files.is_empty() && !spec.device_files.iter().any(exists) {
            return Err(unavailable(spec, format!("no device ({})", spec.device_files.join(", "))));
        }
        if !size.is_valid() || size != size.padded_to_even() {
            return Err(unavailable(spec, format!("{}x{} is odd or too large", size.width, size.height)));
        }
        if size.width < spec.min_size.width || size.height < spec.min_size.height {
            return Err(unavailable(spec, format!("{}x{} is too small for it", size.width, size.height)));
        }
        let feed = match spec.input {
            Input::I420 => new_frame().map(|frame| Feed::Lend { frame }),
            Input::Nv12 => new_frame().map(|frame| Feed::Interleave { frame }),
            Input::PixelBuffer => new_frame().map(|frame| Feed::PixelBuffer { frame, as_it_is: false }),
            Input::Uploaded(device) => HardwareFrames::new(device, size)
                .and_then(|frames| Ok(Feed::Upload { staging: new_frame()?, frame: new_frame()?, frames })),
        };
        let feed = feed.map_err(|reason| unavailable(spec, reason))?;
        let context = Context::open(spec, settings, &feed)?;
        Ok(Self { spec, settings, context: Some(context), feed, pts: 0 })
    }

    fn failed(&self, reason: impl Into<String>) -> EncodeError {
        EncodeError::Failed { encoder: self.spec.name.into(), reason: reason.into() }
    }

    /// Closes and opens. Closed first: some devices have room for one encoder only.
    fn reopen(&mut self, settings: EncoderSettings) -> Result<(), EncodeError> {
        self.context = None;
        self.context = Some(Context::open(self.spec, settings, &self.feed)?);
        self.pts = 0;
        self.settings = settings;
        Ok(())
    }

    fn encode_picture(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<Bytes>, String> {
        let context = self.context.as_mut().ok_or("it could not be opened again")?;
        let pts = self.pts;
        self.pts += 1;
        let picture = self.feed.prepare(frame, pts, keyframe).map_err(describe)?;
        // SAFETY: the feed makes frames of the format and the size that the context was opened with.
        let packet = unsafe { context.encode(picture) }.map_err(describe)?;
        let Some(packet) = packet else { return Ok(None) };
        if packet.pts != pts {
            return Err(format!("it holds frames back (frame {} came out for {pts})", packet.pts));
        }
        let data = match self.spec.codec {
            Codec::Av1 => Bytes::copy_from_slice(bitstream::without_temporal_delimiter(packet.data)),
            Codec::H264 => {
                let start = bitstream::h264_start(packet.data);
                let missing = start.idr && !(start.sps && start.pps);
                let data = packet.data.to_vec();
                if missing { with_parameter_sets(context.extradata(), data) } else { data }.into()
            }
            Codec::Vp8 | Codec::Vp9 => Bytes::copy_from_slice(packet.data),
        };
        if data.is_empty() { Ok(None) } else { Ok(Some(data)) }
    }
}

fn new_frame() -> Result<Frame, String> {
    Frame::new().map_err(describe)
}

/// Puts what the encoder keeps beside the stream before an IDR that came without it. Only Annex B can be joined so.
fn with_parameter_sets(extradata: &[u8], data: Vec<u8>) -> Vec<u8> {
    let annex_b = extradata.starts_with(&[0, 0, 1]) || extradata.starts_with(&[0, 0, 0, 1]);
    if annex_b { [extradata, &data].concat() } else { data }
}

/// Whether a path that begins so exists.
fn exists(beginning: &&'static str) -> bool {
    let (folder, name) = beginning.rsplit_once('/').unwrap_or((".", beginning));
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(name)))
    })
}

impl VideoEncoder for FfmpegEncoder {
    fn name(&self) -> &'static str {
        self.spec.name
    }
    fn codec(&self) -> Codec {
        self.spec.codec
    }
    fn settings(&self) -> EncoderSettings {
        self.settings
    }
    fn chroma(&self) -> Chroma {
        if self.spec.input == Input::I420 { Chroma::Planar } else { Chroma::Interleaved }
    }
    fn rate_change(&self) -> RateChange {
        self.spec.rate_change
    }
    fn refreshes_by_strips(&self) -> bool {
        self.context.as_ref().is_some_and(Context::refreshes_by_strips)
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        let encode_started = time::now();
        if self.feed.must_reopen_for(frame) {
            self.reopen(self.settings)?;
        }
        // An object is taken as it is, and looking at its planes would map them.
        if frame.size != self.settings.size || !(self.feed.is_object() || frame.is_complete()) {
            return Err(self.failed(format!("the picture is not a whole {:?}", self.settings.size)));
        }
        let (result, lines) = log::collect(|| self.encode_picture(frame, keyframe));
        self.feed.release();
        let data = match result {
            Ok(Some(data)) => data,
            Ok(None) => return Ok(None),
            Err(reason) => return Err(self.failed(with_lines(reason, &lines))),
        };
        Ok(Some(EncodedFrame {
            codec: self.spec.codec,
            size: self.settings.size,
            keyframe: bitstream::is_keyframe(self.spec.codec, &data),
            temporal: None,
            data,
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started,
            encode_ended: time::now(),
        }))
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        let new = EncoderSettings { bitrate, fps: fps.max(1), ..self.settings };
        match self.spec.rate_change {
            RateChange::Seamless | RateChange::Keyframe => {
                let Some(context) = self.context.as_mut() else {
                    return Err(self.failed("it could not be opened again"));
                };
                context.set_rate(self.spec, new);
                self.settings = new;
                Ok(())
            }
            RateChange::Reopen
                if new.fps != self.settings.fps || is_worth_reopening(self.settings.bitrate, bitrate) =>
            {
                self.reopen(new)
            }
            RateChange::Reopen => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spec::Options;
    use super::*;
    use crate::encode::tests::decode::decode_all;
    use crate::encode::tests::picture::{color_bars, psnr};
    use crate::units::Size;

    #[test]
    fn parameter_sets_are_joined_only_as_annex_b() {
        assert_eq!(with_parameter_sets(&[0, 0, 0, 1, 0x67], vec![0, 0, 1, 0x65]), [0, 0, 0, 1, 0x67, 0, 0, 1, 0x65]);
        assert_eq!(with_parameter_sets(&[1, 0x42], vec![0, 0, 1, 0x65]), [0, 0, 1, 0x65]);
    }

    #[test]
    fn a_missing_device_is_told_before_any_library_is_loaded() {
        assert!(exists(&"/proc/self/stat") || !cfg!(target_os = "linux"));
        assert!(!exists(&"/dev/no-such-device") && !exists(&"/no/such/folder"));
    }

    fn altered(name: &str, alter: impl FnOnce(&mut EncoderSpec)) -> &'static EncoderSpec {
        let mut spec = *ENCODERS.iter().find(|spec| spec.name == name).unwrap();
        alter(&mut spec);
        Box::leak(Box::new(spec))
    }

    const SETTINGS: EncoderSettings = EncoderSettings {
        size: Size::new(640, 360),
        fps: 30,
        bitrate: Bitrate::from_kbps(4_000),
        intra_refresh: false,
    };

    #[test]
    fn hardware_that_is_not_there_says_why_in_one_line_and_leaves_stderr_alone() {
        for spec in ENCODERS.iter().filter(|spec| spec.input != Input::I420) {
            // Without the cheap check, as on a machine with the device but without its driver.
            match FfmpegEncoder::open(altered(spec.name, |spec| spec.device_files = &[]), SETTINGS) {
                Ok(_) => eprintln!("SKIPPED: {} is there", spec.name),
                Err(EncodeError::Unavailable { encoder, reason }) => {
                    eprintln!("{encoder}: {reason}");
                    assert!(encoder == spec.name && !reason.is_empty() && !reason.contains('\n'));
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn an_unknown_option_is_tolerated_unless_it_is_essential() {
        const OPTIONS: Options = &[("preset", "superfast"), ("tune", "zerolatency"), ("from_the_future", "1")];
        let open = |essential| {
            let spec = altered("libx264", |spec| (spec.options, spec.essential) = (OPTIONS, essential));
            FfmpegEncoder::open(spec, SETTINGS)
        };
        match open(&[]) {
            Ok(_) => {}
            Err(error) if error.to_string().contains("not in this FFmpeg") => return eprintln!("SKIPPED: {error}"),
            Err(error) => panic!("{error}"),
        }
        let error = open(&["from_the_future"]).err().unwrap().to_string();
        assert!(error.contains("from_the_future"), "{error}");
    }

    #[test]
    fn a_refused_option_falls_back_to_the_next_set() {
        const REFUSED: Options = &[("preset", "superfast"), ("forced-idr", "neither")];
        let with = |fallbacks| altered("libx264", |spec| (spec.options, spec.fallbacks) = (REFUSED, fallbacks));
        if let Err(error) = FfmpegEncoder::open(with(&[&[("tune", "zerolatency")], &[("forced-idr", "1")]]), SETTINGS) {
            assert!(error.to_string().contains("not in this FFmpeg"), "{error}");
            return eprintln!("SKIPPED: {error}");
        }
        assert!(FfmpegEncoder::open(with(&[]), SETTINGS).is_err());
    }

    #[test]
    fn nv12_encoders_get_the_same_colors() {
        let spec = altered("libx264", |spec| spec.input = Input::Nv12);
        let mut encoder = match FfmpegEncoder::open(spec, SETTINGS) {
            Ok(encoder) => encoder,
            Err(error) => return eprintln!("SKIPPED: {error}"),
        };
        let bars = Arc::new(color_bars(SETTINGS.size));
        let frames: Vec<_> = (0..10).map(|_| encoder.encode(&bars, false).unwrap().unwrap()).collect();
        let pictures = decode_all(Codec::H264, &frames);
        for plane in 0..3 {
            assert!(psnr(&bars, &pictures[9].planes, plane) > 30.0, "plane {plane}");
        }
    }

    #[test]
    fn an_encoder_that_holds_frames_back_fails_instead_of_mislabelling_them() {
        const LOOKAHEAD: Options = &[("preset", "superfast"), ("forced-idr", "1"), ("rc-lookahead", "4")];
        let spec = altered("libx264", |spec| (spec.options, spec.essential) = (LOOKAHEAD, &[]));
        let mut encoder = match FfmpegEncoder::open(spec, SETTINGS) {
            Ok(encoder) => encoder,
            Err(error) => return eprintln!("SKIPPED: {error}"),
        };
        let bars = Arc::new(color_bars(SETTINGS.size));
        assert!(encoder.encode(&bars, false).unwrap().is_none());
        let error = (0..60).find_map(|_| encoder.encode(&bars, false).err()).unwrap().to_string();
        assert!(error.contains("holds frames back"), "{error}");
    }
}

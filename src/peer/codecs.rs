//! What our offers name: codecs, their feedback, and the RTP header extensions we use.

use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_FLEX_FEC03, MIME_TYPE_OPUS, MIME_TYPE_RTX, MediaEngine,
};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::shared::error::Result;

use crate::encode::Codec;

use super::choice::{AudioChoice, Receivable, VideoChoice};
use super::extensions::{ABS_CAPTURE_TIME_URI, ABS_SEND_TIME_URI, PLAYOUT_DELAY_URI, VIDEO_TIMING_URI};
use super::sdp::Kind;

pub use super::extensions::TRANSPORT_CC_URI;

/// What we offer for Opus: 10 ms packets, in-band error correction, two channels both ways (RFC 7587, section 6.1).
const OPUS_FMTP: &str = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1";
const OPUS_PAYLOAD_TYPE: u8 = 111;
/// Opus within RFC 2198: both parts of a pair are Opus.
const RED_PAYLOAD_TYPE: u8 = 112;
const RED_FMTP: &str = "111/111";
/// As libwebrtc writes it: how long repair packets are of use, in microseconds (draft-ietf-payload-flexible-fec-scheme-03).
const FLEXFEC_FMTP: &str = "repair-window=10000000";
const FLEXFEC_PAYLOAD_TYPE: u8 = 109;
const FIRST_VIDEO_PAYLOAD_TYPE: u8 = 96;

/// H.264 profiles a decoder of which takes constrained baseline, the closest first; packetization mode 1 only.
const H264_FMTPS: [&str; 3] = [
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
];

/// Header extensions, and what they are used with.
pub const EXTENSIONS: [(&str, Kind); 7] = [
    (TRANSPORT_CC_URI, Kind::Video),
    (TRANSPORT_CC_URI, Kind::Audio),
    (ABS_SEND_TIME_URI, Kind::Video),
    (ABS_SEND_TIME_URI, Kind::Audio),
    (PLAYOUT_DELAY_URI, Kind::Video),
    (VIDEO_TIMING_URI, Kind::Video),
    (ABS_CAPTURE_TIME_URI, Kind::Video),
];

/// A format as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub payload_type: u8,
    pub mime_type: String,
    pub clock_rate: u32,
    /// 0: of pictures.
    pub channels: u16,
    pub fmtp: String,
    /// It carries media, not what repairs it.
    media: bool,
}

/// The formats of these video codecs, in this order, and what repairs them.
pub fn video(codecs: &[Codec]) -> Vec<Listed> {
    let mut listed = Vec::new();
    let mut list = |payload_type, mime_type, fmtp, media| {
        listed.push(Listed { payload_type, mime_type, clock_rate: 90_000, channels: 0, fmtp, media });
    };
    let formats = codecs.iter().flat_map(|codec| fmtps(*codec).iter().map(|fmtp| (*codec, *fmtp)));
    for ((codec, fmtp), payload_type) in formats.zip((FIRST_VIDEO_PAYLOAD_TYPE..).step_by(2)) {
        list(payload_type, video_codec(codec, fmtp, Vec::new()).mime_type, fmtp.into(), true);
        list(payload_type + 1, MIME_TYPE_RTX.into(), format!("apt={payload_type}"), false);
    }
    if !codecs.is_empty() {
        list(FLEXFEC_PAYLOAD_TYPE, MIME_TYPE_FLEX_FEC03.into(), FLEXFEC_FMTP.into(), false);
    }
    listed
}

/// Opus, and what repairs it.
pub fn audio() -> Vec<Listed> {
    let list = |payload_type, mime_type: &str, fmtp: &str, media| Listed {
        payload_type,
        mime_type: mime_type.into(),
        clock_rate: 48_000,
        channels: 2,
        fmtp: fmtp.into(),
        media,
    };
    vec![list(OPUS_PAYLOAD_TYPE, MIME_TYPE_OPUS, OPUS_FMTP, true), list(RED_PAYLOAD_TYPE, "audio/red", RED_FMTP, false)]
}

/// The crate's list of codecs and extensions, for these video codecs in this order, and those that are only received.
pub fn media_engine(codecs: &[Codec], sound: bool, receivable: &Receivable) -> Result<MediaEngine> {
    let mut engine = MediaEngine::default();
    let only_received = receivable.video.iter().filter(|codec| !codecs.contains(codec));
    let codecs: Vec<Codec> = codecs.iter().chain(only_received).copied().collect();
    let sound = if sound || receivable.audio { audio() } else { Vec::new() };
    for (kind, listed) in [(Kind::Video, video(&codecs)), (Kind::Audio, sound)] {
        for Listed { payload_type, mime_type, clock_rate, channels, fmtp, media } in listed {
            let rtcp_feedback = match kind {
                _ if !media => Vec::new(),
                Kind::Video => video_feedback(),
                _ => vec![feedback("transport-cc", "")],
            };
            let rtp_codec = RTCRtpCodec { mime_type, clock_rate, channels, sdp_fmtp_line: fmtp, rtcp_feedback };
            engine.register_codec(RTCRtpCodecParameters { rtp_codec, payload_type }, crates(kind))?;
        }
    }
    for (uri, kind) in EXTENSIONS {
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri: uri.into() }, crates(kind), None)?;
    }
    Ok(engine)
}

fn crates(kind: Kind) -> RtpCodecKind {
    if kind == Kind::Video { RtpCodecKind::Video } else { RtpCodecKind::Audio }
}

/// The codec a track is bound with, once it is known what the browser takes.
pub fn chosen_video(choice: &VideoChoice) -> RTCRtpCodec {
    video_codec(choice.codec, &choice.fmtp, video_feedback())
}

pub fn chosen_audio(choice: &AudioChoice) -> RTCRtpCodec {
    audio_codec(&choice.fmtp, Vec::new())
}

/// Whether the crate takes this format of the browser's for exactly one of ours. It leaves out the inexact ones as soon as
/// anything else in the section is exact, so that a repair format may only stay beside an exact one.
pub fn is_exact(name: &str, fmtp: &str) -> bool {
    let ours: &[&str] = match Codec::ALL.into_iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(name)) {
        Some(Codec::H264) => {
            let profile = |fmtp: &str| {
                parameters(fmtp)
                    .find(|(key, _)| *key == "profile-level-id")
                    .map(|(_, id)| id.get(..4).unwrap_or_default().to_ascii_lowercase())
            };
            return H264_FMTPS.iter().any(|ours| profile(ours) == profile(fmtp));
        }
        Some(codec) => fmtps(codec),
        None if name.eq_ignore_ascii_case("opus") => &[OPUS_FMTP],
        None if name.eq_ignore_ascii_case("red") => &[RED_FMTP],
        None if name.eq_ignore_ascii_case("flexfec-03") => &[FLEXFEC_FMTP],
        None => return false,
    };
    ours.iter().any(|ours| {
        parameters(ours).all(|(key, value)| {
            parameters(fmtp)
                .all(|(other, theirs)| !other.eq_ignore_ascii_case(key) || theirs.eq_ignore_ascii_case(value))
        })
    })
}

fn parameters(fmtp: &str) -> impl Iterator<Item = (&str, &str)> {
    fmtp.split(';').filter_map(|pair| pair.trim().split_once('='))
}

fn video_codec(codec: Codec, fmtp: &str, rtcp_feedback: Vec<RTCPFeedback>) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: format!("video/{}", codec.rtpmap_name()),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: fmtp.into(),
        rtcp_feedback,
    }
}

fn audio_codec(fmtp: &str, rtcp_feedback: Vec<RTCPFeedback>) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.into(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: fmtp.into(),
        rtcp_feedback,
    }
}

fn fmtps(codec: Codec) -> &'static [&'static str] {
    match codec {
        Codec::H264 => &H264_FMTPS,
        Codec::Vp8 => &[""],
        Codec::Vp9 => &["profile-id=0"],
        Codec::Av1 => &["profile=0"],
    }
}

fn video_feedback() -> Vec<RTCPFeedback> {
    vec![feedback("transport-cc", ""), feedback("ccm", "fir"), feedback("nack", ""), feedback("nack", "pli")]
}

fn feedback(typ: &str, parameter: &str) -> RTCPFeedback {
    RTCPFeedback { typ: typ.into(), parameter: parameter.into() }
}

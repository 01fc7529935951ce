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

/// The crate's list of codecs and extensions, for these video codecs in this order, and those that are only received.
pub fn media_engine(codecs: &[Codec], audio: bool, receivable: &Receivable) -> Result<MediaEngine> {
    let mut engine = MediaEngine::default();
    let only_received = receivable.video.iter().filter(|codec| !codecs.contains(codec));
    let codecs: Vec<Codec> = codecs.iter().chain(only_received).copied().collect();
    let audio = audio || receivable.audio;
    let mut payload_type = FIRST_VIDEO_PAYLOAD_TYPE;
    for &codec in &codecs {
        for &fmtp in fmtps(codec) {
            let format = RTCRtpCodecParameters { rtp_codec: video_codec(codec, fmtp, video_feedback()), payload_type };
            engine.register_codec(format, RtpCodecKind::Video)?;
            let rtx = RTCRtpCodecParameters {
                rtp_codec: RTCRtpCodec {
                    mime_type: MIME_TYPE_RTX.into(),
                    clock_rate: 90_000,
                    sdp_fmtp_line: format!("apt={payload_type}"),
                    ..Default::default()
                },
                payload_type: payload_type + 1,
            };
            engine.register_codec(rtx, RtpCodecKind::Video)?;
            payload_type += 2;
        }
    }
    if !codecs.is_empty() {
        let flexfec = RTCRtpCodec {
            mime_type: MIME_TYPE_FLEX_FEC03.into(),
            clock_rate: 90_000,
            sdp_fmtp_line: FLEXFEC_FMTP.into(),
            ..Default::default()
        };
        let flexfec = RTCRtpCodecParameters { rtp_codec: flexfec, payload_type: FLEXFEC_PAYLOAD_TYPE };
        engine.register_codec(flexfec, RtpCodecKind::Video)?;
    }
    if audio {
        let opus = audio_codec(OPUS_FMTP, vec![feedback("transport-cc", "")]);
        let opus = RTCRtpCodecParameters { rtp_codec: opus, payload_type: OPUS_PAYLOAD_TYPE };
        engine.register_codec(opus, RtpCodecKind::Audio)?;
        let red = RTCRtpCodec { mime_type: "audio/red".into(), ..audio_codec(RED_FMTP, Vec::new()) };
        let red = RTCRtpCodecParameters { rtp_codec: red, payload_type: RED_PAYLOAD_TYPE };
        engine.register_codec(red, RtpCodecKind::Audio)?;
    }
    for (uri, kind) in [
        (TRANSPORT_CC_URI, RtpCodecKind::Video),
        (TRANSPORT_CC_URI, RtpCodecKind::Audio),
        (ABS_SEND_TIME_URI, RtpCodecKind::Video),
        (ABS_SEND_TIME_URI, RtpCodecKind::Audio),
        (PLAYOUT_DELAY_URI, RtpCodecKind::Video),
        (VIDEO_TIMING_URI, RtpCodecKind::Video),
        (ABS_CAPTURE_TIME_URI, RtpCodecKind::Video),
    ] {
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri: uri.into() }, kind, None)?;
    }
    Ok(engine)
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

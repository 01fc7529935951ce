//! A page's camera and microphone: one colour through our own encoders, and a tone, as RTP packets on tracks of the plain crate.

use std::sync::Arc;

use rendercast::encode::opus::{OpusEncoder, OpusSettings};
use rendercast::encode::select::Selector;
use rendercast::encode::{Codec, EncoderSettings, Plane, VideoEncoder, YuvFrame};
use rendercast::fanout::Packetizer;
use rendercast::units::{Bitrate, Size};
use rtc::media_stream::MediaStreamTrack;
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RTCRtpRtxParameters, RtpCodecKind,
};
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

pub const CAMERA_SSRC: u32 = 0x00c0_ffee;
pub const CAMERA_RTX_SSRC: u32 = 0x00c0_ffef;
pub const MICROPHONE_SSRC: u32 = 0x0000_face;
/// Hz.
pub const TONE: f32 = 1_000.0;

fn track(kind: RtpCodecKind, ssrc: u32, rtx: Option<u32>, codec: RTCRtpCodec) -> Arc<TrackLocalStaticRTP> {
    let rtp_coding_parameters = RTCRtpCodingParameters {
        ssrc: Some(ssrc),
        rtx: rtx.map(|ssrc| RTCRtpRtxParameters { ssrc }),
        ..Default::default()
    };
    let coding = RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..Default::default() };
    let name = if kind == RtpCodecKind::Video { "camera" } else { "microphone" };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "page".into(),
        name.into(),
        name.into(),
        kind,
        vec![coding],
    )))
}

/// A track that a page sends its camera on.
pub fn camera_track(codec: Codec) -> Arc<TrackLocalStaticRTP> {
    let sdp_fmtp_line = match codec {
        Codec::H264 => "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f".into(),
        _ => String::new(),
    };
    let mime_type = format!("video/{}", codec.rtpmap_name());
    let codec = RTCRtpCodec { mime_type, clock_rate: 90_000, sdp_fmtp_line, ..Default::default() };
    track(RtpCodecKind::Video, CAMERA_SSRC, Some(CAMERA_RTX_SSRC), codec)
}

/// A track that a page sends its microphone on.
pub fn microphone_track() -> Arc<TrackLocalStaticRTP> {
    let codec = RTCRtpCodec {
        mime_type: "audio/opus".into(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".into(),
        ..Default::default()
    };
    track(RtpCodecKind::Audio, MICROPHONE_SSRC, None, codec)
}

/// The number a description gives to a format, of which there may be one.
pub fn payload_type(sdp: &str, name: &str) -> Option<u8> {
    sdp.lines().find_map(|line| {
        let (number, format) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        format
            .to_ascii_lowercase()
            .starts_with(&format!("{}/", name.to_ascii_lowercase()))
            .then(|| number.parse().ok())?
    })
}

pub struct Camera {
    encoder: Box<dyn VideoEncoder>,
    packetizer: Packetizer,
    payload_type: u8,
    sequence: u16,
    picture: YuvFrame,
}

impl Camera {
    /// None: this machine has no encoder for it.
    pub fn new(codec: Codec, payload_type: u8, size: Size, colour: [u8; 3]) -> Option<Self> {
        let settings = EncoderSettings { size, fps: 50, bitrate: Bitrate::from_kbps(1_000), intra_refresh: false };
        let (encoder, _) = Selector::new("openh264").unwrap().open(codec, settings).ok()?;
        let mut picture = YuvFrame::black(size);
        for (plane, value) in colour.into_iter().enumerate() {
            let length = picture.planes[plane].len();
            picture.planes[plane] = Plane::from(vec![value; length]);
        }
        // In many packets, however small the frame is.
        Some(Self { encoder, packetizer: Packetizer::with_limit(codec, 64), payload_type, sequence: 65_500, picture })
    }

    /// The next picture, 20 ms after the one before.
    pub fn packets(&mut self, keyframe: bool) -> Vec<rtp::Packet> {
        self.picture.host_time += 20_000_000;
        // A little movement, so that there is something to encode.
        let shade = (self.picture.host_time / 20_000_000 % 8) as u8;
        let corner = self.picture.size.width as usize / 4;
        for row in 0..corner.min(self.picture.size.height as usize) {
            let from = row * self.picture.strides[0];
            self.picture.planes[0].to_mut()[from..from + corner].iter_mut().enumerate().for_each(|(x, luma)| {
                *luma = 40 + shade * 8 + (x * row % 90) as u8;
            });
        }
        let Some(frame) = self.encoder.encode(&Arc::new(self.picture.clone()), keyframe).unwrap() else {
            return Vec::new();
        };
        let frame = self.packetizer.packetize(&frame);
        let last = frame.payloads.len() - 1;
        let packet = |(index, payload): (usize, &bytes::Bytes)| {
            self.sequence = self.sequence.wrapping_add(1);
            let header = rtp::Header {
                version: 2,
                marker: index == last,
                payload_type: self.payload_type,
                sequence_number: self.sequence,
                timestamp: frame.rtp_timestamp,
                ssrc: CAMERA_SSRC,
                ..Default::default()
            };
            rtp::Packet { header, payload: payload.clone() }
        };
        frame.payloads.iter().enumerate().map(packet).collect()
    }
}

pub struct Microphone {
    encoder: OpusEncoder,
    payload_type: u8,
    next: u32,
}

impl Microphone {
    pub fn new(payload_type: u8) -> Self {
        Self { encoder: OpusEncoder::new(OpusSettings::default()).unwrap(), payload_type, next: 0 }
    }

    /// The next 10 ms.
    pub fn packet(&mut self) -> rtp::Packet {
        let first = self.next * 480;
        let sample = |i: u32| (std::f32::consts::TAU * TONE * (i as f32 / 48_000.0)).sin() * 0.5;
        let samples: Vec<f32> = (first..first + 480).flat_map(|i| [sample(i % 48_000); 2]).collect();
        let header = rtp::Header {
            version: 2,
            payload_type: self.payload_type,
            sequence_number: self.next as u16,
            timestamp: first,
            ssrc: MICROPHONE_SSRC,
            ..Default::default()
        };
        self.next += 1;
        rtp::Packet { header, payload: self.encoder.encode(&samples).unwrap() }
    }
}

/// The share of a channel's energy that is at the tone (Goertzel), 0 to 1.
pub fn tone_share(samples: &[f32], channels: usize) -> f32 {
    let channel: Vec<f32> = samples.chunks(channels).map(|frame| frame[0]).collect();
    let step = 2.0 * (std::f32::consts::TAU * TONE / 48_000.0).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in &channel {
        (one, two) = (sample + step * one - two, one);
    }
    let power = one * one + two * two - step * one * two;
    let energy: f32 = channel.iter().map(|sample| sample * sample).sum();
    if energy == 0.0 { 0.0 } else { power * 2.0 / (energy * channel.len() as f32) }
}

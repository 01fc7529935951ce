//! What can be sent and received at all (W3C `RTCRtpSender.getCapabilities`, `RTCRtpReceiver.getCapabilities`), from the same list that
//! our offers are made of. Pure.

use super::codecs::{self, Listed};
use super::sdp::Kind;
use crate::encode::Codec;

/// W3C `RTCRtpCapabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub codecs: Vec<CodecCapability>,
    /// URIs.
    pub header_extensions: Vec<&'static str>,
}

/// W3C `RTCRtpCodec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecCapability {
    pub mime_type: String,
    pub clock_rate: u32,
    /// Of sound only.
    pub channels: Option<u16>,
    /// Empty: none.
    pub sdp_fmtp_line: String,
}

impl Capabilities {
    /// Of pictures in these codecs. `sends`: by us.
    pub fn video(of: &[Codec], sends: bool) -> Self {
        // We repair what we send, and ask again for what we receive.
        Self::of(Kind::Video, codecs::video(of), |mime_type| sends || !mime_type.contains("flexfec"))
    }

    /// Of sound; `any`: there is some.
    pub fn audio(any: bool) -> Self {
        Self::of(Kind::Audio, if any { codecs::audio() } else { Vec::new() }, |_| true)
    }

    fn of(kind: Kind, listed: Vec<Listed>, keep: impl Fn(&str) -> bool) -> Self {
        let mut codecs: Vec<CodecCapability> = Vec::new();
        for Listed { mime_type, fmtp, clock_rate, channels, .. } in listed {
            // One entry stands for the retransmission of all, without a payload type (W3C WebRTC, section 5.2).
            let sdp_fmtp_line = if fmtp.starts_with("apt=") { String::new() } else { fmtp };
            let channels = (channels > 0).then_some(channels);
            let codec = CodecCapability { mime_type, clock_rate, channels, sdp_fmtp_line };
            if keep(&codec.mime_type) && !codecs.contains(&codec) {
                codecs.push(codec);
            }
        }
        let of_kind = codecs::EXTENSIONS.iter().filter(|(_, of)| *of == kind && !codecs.is_empty());
        let header_extensions = of_kind.map(|(uri, _)| *uri).collect();
        Self { codecs, header_extensions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(capabilities: &Capabilities) -> Vec<&str> {
        capabilities.codecs.iter().map(|codec| codec.mime_type.as_str()).collect()
    }

    #[test]
    fn each_format_is_named_once_in_the_order_of_our_offers() {
        let sent = Capabilities::video(&[Codec::Vp8, Codec::H264], true);
        assert_eq!(
            names(&sent),
            ["video/VP8", "video/rtx", "video/H264", "video/H264", "video/H264", "video/flexfec-03"]
        );
        assert!(sent.codecs.iter().all(|codec| codec.clock_rate == 90_000 && codec.channels.is_none()));
        assert!(
            sent.codecs[2].sdp_fmtp_line.contains("packetization-mode=1") && sent.codecs[1].sdp_fmtp_line.is_empty()
        );
        assert_eq!(sent.header_extensions.len(), 5);
        assert_eq!(names(&Capabilities::video(&[Codec::Vp8], false)), ["video/VP8", "video/rtx"]);
    }

    #[test]
    fn sound_is_opus_and_nothing_has_no_extensions() {
        let sound = Capabilities::audio(true);
        assert_eq!(names(&sound), ["audio/opus", "audio/red"]);
        assert_eq!((sound.codecs[0].channels, sound.codecs[0].clock_rate), (Some(2), 48_000));
        assert_eq!(sound.header_extensions.len(), 2);
        let none = Capabilities { codecs: Vec::new(), header_extensions: Vec::new() };
        assert_eq!((Capabilities::audio(false), Capabilities::video(&[], true)), (none.clone(), none));
    }
}

//! The few things this room reads in a session description (RFC 8866) and changes in it: payload formats of a media
//! section, its direction, its identification. Pure text in, pure text out; lines it does not know stay as they are.

use std::borrow::Cow;

/// Longest description accepted, in bytes. Browsers send 2 to 20 KB.
pub const MAX_SDP_BYTES: usize = 256 * 1024;
/// Most media sections accepted.
pub const MAX_SECTIONS: usize = 64;

/// Why a text is no session description we can work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    #[error("the session description has {0} bytes, {MAX_SDP_BYTES} at most are accepted")]
    TooLong(usize),
    #[error("the session description has more than {MAX_SECTIONS} media sections")]
    TooManySections,
    #[error("the text does not begin like a session description (v=0)")]
    NotSdp,
    #[error("media section {0} has a malformed m= line")]
    MediaLine(usize),
    #[error("no media section can be served: {0}")]
    NoTransport(&'static str),
}

/// What a media section carries (RFC 8866, section 5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Video,
    Audio,
    /// Data channels.
    Application,
    Other,
}

/// One payload type with what `a=rtpmap` and `a=fmtp` say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format<'a> {
    pub payload_type: u8,
    /// Encoding name as written, empty without an `a=rtpmap`.
    pub name: &'a str,
    /// Parameters as written, empty without an `a=fmtp`.
    pub fmtp: &'a str,
}

impl<'a> Format<'a> {
    /// A parameter's value; names compare without case (RFC 8866, section 6.15 leaves it to the format, and all ours do).
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.fmtp.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// One `m=` line and what follows it.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    pub kind: Kind,
    /// 0: rejected.
    pub port: u16,
    lines: Vec<Cow<'a, str>>,
}

/// A description, split at its `m=` lines.
#[derive(Clone, Debug)]
pub struct Description<'a> {
    session: Vec<&'a str>,
    pub sections: Vec<Section<'a>>,
}

/// Splits a description into sections.
pub fn parse(sdp: &str) -> Result<Description<'_>, SdpError> {
    if sdp.len() > MAX_SDP_BYTES {
        return Err(SdpError::TooLong(sdp.len()));
    }
    let mut lines = sdp.lines().map(str::trim_end).filter(|line| !line.is_empty()).peekable();
    if lines.peek() != Some(&"v=0") {
        return Err(SdpError::NotSdp);
    }
    let mut description = Description { session: Vec::new(), sections: Vec::new() };
    for line in lines {
        if let Some(media) = line.strip_prefix("m=") {
            let index = description.sections.len();
            if index == MAX_SECTIONS {
                return Err(SdpError::TooManySections);
            }
            description.sections.push(Section::begin(line, media).ok_or(SdpError::MediaLine(index))?);
        } else if let Some(section) = description.sections.last_mut() {
            section.lines.push(Cow::Borrowed(line));
        } else {
            description.session.push(line);
        }
    }
    Ok(description)
}

impl Description<'_> {
    /// The text again, lines ended as RFC 8866 wants.
    pub fn to_text(&self) -> String {
        let sections = self.sections.iter().flat_map(|section| section.lines.iter().map(|line| line.as_ref()));
        let mut text = String::with_capacity(4096);
        for line in self.session.iter().copied().chain(sections) {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text
    }

    /// What stands before the sections.
    pub fn session_lines(&self) -> impl Iterator<Item = &str> {
        self.session.iter().copied()
    }

    /// Identification and index of the section that carries the transport: the first one that is not rejected.
    pub fn transport_section(&self) -> Option<(String, u16)> {
        let (index, section) = self.sections.iter().enumerate().find(|(_, section)| section.port != 0)?;
        Some((section.attribute("mid").unwrap_or_default().to_owned(), u16::try_from(index).unwrap_or(0)))
    }
}

impl<'a> Section<'a> {
    fn begin(line: &'a str, media: &str) -> Option<Self> {
        let mut words = media.split_ascii_whitespace();
        let kind = match words.next()? {
            "video" => Kind::Video,
            "audio" => Kind::Audio,
            "application" => Kind::Application,
            _ => Kind::Other,
        };
        // "9" or "9/2".
        let port = words.next()?.split('/').next()?.parse().ok()?;
        words.next()?;
        Some(Self { kind, port, lines: vec![Cow::Borrowed(line)] })
    }

    /// The value of `a=name:value`, or an empty text for `a=name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let rest = line.strip_prefix("a=")?.strip_prefix(name)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
        })
    }

    /// Port 0 rejects, unless the section has no port but the bundle's (RFC 8843, section 6); so Firefox offers sound.
    pub fn is_rejected(&self) -> bool {
        self.port == 0 && self.attribute("bundle-only").is_none()
    }

    /// Whether the side that wrote this section takes media (RFC 8866, section 6.7; `sendrecv` when nothing is said).
    pub fn receives(&self) -> bool {
        !self.is_rejected() && self.attribute("sendonly").is_none() && self.attribute("inactive").is_none()
    }

    /// Whether it sends media.
    pub fn sends(&self) -> bool {
        !self.is_rejected() && self.attribute("recvonly").is_none() && self.attribute("inactive").is_none()
    }

    /// Leaves out the attributes with these names.
    pub fn remove(&mut self, names: &[&str]) {
        self.lines.retain(|line| {
            let name = line.strip_prefix("a=").map(|rest| rest.split_once(':').map_or(rest, |(name, _)| name));
            !name.is_some_and(|name| names.contains(&name))
        });
    }

    /// Leaves out the transport of a rejected section. It has none (RFC 9429, section 5.3.1), but browsers write the ICE
    /// credentials of one that it would have had, and the `webrtc` crate takes different ones for a conflict.
    pub fn forget_rejected_transport(&mut self) {
        if self.port == 0 {
            const TRANSPORT: [&str; 6] =
                ["a=ice-ufrag:", "a=ice-pwd:", "a=ice-options:", "a=candidate:", "a=fingerprint:", "a=setup:"];
            self.lines.retain(|line| !TRANSPORT.iter().any(|name| line.starts_with(name)));
        }
    }

    /// The payload types in the order of the `m=` line, which is the order of preference.
    pub fn formats(&self) -> Vec<Format<'_>> {
        let Some(media) = self.lines.first() else { return Vec::new() };
        media
            .split_ascii_whitespace()
            .skip(3)
            .filter_map(|word| word.parse::<u8>().ok())
            .map(|payload_type| Format {
                payload_type,
                name: self
                    .of_payload_type("a=rtpmap:", payload_type)
                    .and_then(|map| map.split('/').next())
                    .unwrap_or_default(),
                fmtp: self.of_payload_type("a=fmtp:", payload_type).unwrap_or_default(),
            })
            .collect()
    }

    fn of_payload_type(&self, prefix: &str, payload_type: u8) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (number, rest) = line.strip_prefix(prefix)?.split_once(' ')?;
            (number.parse() == Ok(payload_type)).then(|| rest.trim())
        })
    }

    /// Leaves only these payload types. With none left the section offers nothing we could match (format 0 without a map).
    pub fn retain_formats(&mut self, keep: &[u8]) {
        self.lines.retain(|line| {
            let about = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|prefix| line.strip_prefix(prefix));
            let Some(about) = about else { return true };
            let number = about.split_once(' ').map_or(about, |(number, _)| number);
            // `a=rtcp-fb:*` is about all of them (RFC 4585, section 4.2).
            number.parse::<u8>().map_or(number == "*", |number| keep.contains(&number))
        });
        if let Some(media) = self.lines.first_mut() {
            let head: Vec<&str> = media.split_ascii_whitespace().take(3).collect();
            let mut line = head.join(" ");
            for payload_type in keep {
                line.push(' ');
                line.push_str(&payload_type.to_string());
            }
            if keep.is_empty() {
                line.push_str(" 0");
            }
            *media = Cow::Owned(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n\
        a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 H264/90000\r\n\
        a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\n";

    #[test]
    fn a_description_comes_out_as_it_went_in() {
        assert_eq!(parse(OFFER).unwrap().to_text(), OFFER);
    }

    #[test]
    fn formats_carry_their_names_and_parameters() {
        let description = parse(OFFER).unwrap();
        let formats = description.sections[0].formats();
        assert_eq!(
            formats.iter().map(|f| (f.payload_type, f.name)).collect::<Vec<_>>(),
            [(96, "VP8"), (97, "rtx"), (98, "H264")]
        );
        assert_eq!(formats[2].parameter("Profile-Level-Id"), Some("42e01f"));
        assert_eq!(formats[2].parameter("level"), None);
        assert!(description.sections[0].receives());
        assert_eq!(description.transport_section(), Some(("0".into(), 0)));
    }

    #[test]
    fn retaining_a_format_drops_every_line_about_the_others() {
        let mut description = parse(OFFER).unwrap();
        description.sections[0].retain_formats(&[98]);
        let text = description.to_text();
        assert!(text.contains("m=video 9 UDP/TLS/RTP/SAVPF 98\r\n"), "{text}");
        assert!(text.contains("a=rtpmap:98") && text.contains("a=mid:0") && text.contains("sctp-port"), "{text}");
        assert!(!text.contains("VP8") && !text.contains("apt=96") && !text.contains("nack pli"), "{text}");
    }

    #[test]
    fn junk_is_refused_with_a_reason() {
        assert_eq!(parse("").unwrap_err(), SdpError::NotSdp);
        assert_eq!(parse("{\"sdp\":1}").unwrap_err(), SdpError::NotSdp);
        assert_eq!(parse("v=0\r\nm=video x y\r\n").unwrap_err(), SdpError::MediaLine(0));
        let many = "v=0\r\n".to_owned() + &"m=video 9 a 0\r\n".repeat(MAX_SECTIONS + 1);
        assert_eq!(parse(&many).unwrap_err(), SdpError::TooManySections);
        assert!(matches!(parse(&"x".repeat(MAX_SDP_BYTES + 1)).unwrap_err(), SdpError::TooLong(_)));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "(v=0\n)?([ma]=[ -~]{0,40}\n){0,20}") {
            if let Ok(mut description) = parse(&text) {
                for section in &mut description.sections {
                    let keep: Vec<u8> = section.formats().iter().map(|f| f.payload_type).take(1).collect();
                    section.retain_formats(&keep);
                }
                prop_assert!(parse(&description.to_text()).is_ok());
            }
        }
    }
}

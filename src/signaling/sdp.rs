//! Reading session descriptions (RFC 8866), and the bitrate boost that Unity Render Streaming's senders give an offer.
//! Everything here is total: any text is accepted, what is not understood is passed over.

use crate::units::Bitrate;

/// The key that marks the lines of [`boost`]: an H.264 format parameter (RFC 6184, section 8.1).
const H264_KEY: &str = "level-asymmetry-allowed=";
const START_KEY: &str = "x-google-start-bitrate";
const MAX_KEY: &str = "x-google-max-bitrate";
const MIN_KEY: &str = "x-google-min-bitrate";

/// Asks for a start and a greatest rate, in kbit/s, on every `a=fmtp:` line that holds `level-asymmetry-allowed=`
/// (every H.264 payload type, wherever the key stands).
///
/// A key that a line already has is left as it is: the peer's own values win, and a second boost changes nothing.
/// Line ends stay as they are, CRLF or LF or none at the end.
pub fn boost(sdp: &str, start_kbps: u32, max_kbps: u32) -> String {
    let mut out = String::with_capacity(sdp.len() + 128);
    for line in sdp.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        out.push_str(text);
        if let Some(parameters) = fmtp(text)
            && parameters.contains(H264_KEY)
        {
            if parameter(parameters, START_KEY).is_none() {
                out.push_str(&format!(";{START_KEY}={start_kbps}"));
            }
            if parameter(parameters, MAX_KEY).is_none() {
                out.push_str(&format!(";{MAX_KEY}={max_kbps}"));
            }
        }
        out.push_str(&line[text.len()..]);
    }
    out
}

/// What a description asks of a video sender's rate. `None` where it asks nothing; zeros count as nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BitrateLimits {
    /// First `x-google-start-bitrate` of the video sections.
    pub start: Option<Bitrate>,
    /// Smallest of the video sections' `b=AS:` (kbit/s), `b=TIAS:` (bit/s, RFC 3890) and first `x-google-max-bitrate`.
    pub max: Option<Bitrate>,
    /// First `x-google-min-bitrate` of the video sections.
    pub min: Option<Bitrate>,
}

/// Reads the rates a description asks for. They are independent: `start` may be above `max`.
pub fn bitrate_limits(sdp: &str) -> BitrateLimits {
    let mut limits = BitrateLimits::default();
    let mut hinted_max = None;
    let mut in_video = false;
    for line in sdp.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            in_video = media_word(media) == "video";
        } else if !in_video {
        } else if let Some(kbps) = line.strip_prefix("b=AS:").and_then(positive) {
            limits.max = smaller(limits.max, Bitrate::from_kbps(kbps));
        } else if let Some(bps) = line.strip_prefix("b=TIAS:").and_then(positive) {
            limits.max = smaller(limits.max, Bitrate::from_bps(bps));
        } else if let Some(parameters) = fmtp(line) {
            let rate = |key| parameter(parameters, key).and_then(positive).map(Bitrate::from_kbps);
            limits.start = limits.start.or_else(|| rate(START_KEY));
            limits.min = limits.min.or_else(|| rate(MIN_KEY));
            hinted_max = hinted_max.or_else(|| rate(MAX_KEY));
        }
    }
    if let Some(hint) = hinted_max {
        limits.max = smaller(limits.max, hint);
    }
    limits
}

/// Which way media of one kind may flow, seen from whoever wrote the description (RFC 8866, section 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    pub sends: bool,
    pub receives: bool,
}

impl Direction {
    pub const SENDRECV: Self = Self { sends: true, receives: true };
    pub const SENDONLY: Self = Self { sends: true, receives: false };
    pub const RECVONLY: Self = Self { sends: false, receives: true };
    pub const INACTIVE: Self = Self { sends: false, receives: false };

    /// W3C `RTCRtpTransceiverDirection`.
    pub const fn name(self) -> &'static str {
        match (self.sends, self.receives) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }

    fn of_line(line: &str) -> Option<Self> {
        match line.trim_end() {
            "a=sendrecv" => Some(Self::SENDRECV),
            "a=sendonly" => Some(Self::SENDONLY),
            "a=recvonly" => Some(Self::RECVONLY),
            "a=inactive" => Some(Self::INACTIVE),
            _ => None,
        }
    }
}

/// Which kinds of media a description holds. Several sections of one kind are joined: it sends if any of them sends.
/// Rejected sections (port 0 without `a=bundle-only`) do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaKinds {
    pub audio: Option<Direction>,
    pub video: Option<Direction>,
    /// A data channel section (`m=application`).
    pub application: bool,
}

impl MediaKinds {
    pub fn of(sdp: &str) -> Self {
        let mut kinds = Self::default();
        let mut session_direction = Direction::SENDRECV;
        let mut section: Option<Section> = None;
        for line in sdp.lines() {
            if let Some(media) = line.strip_prefix("m=") {
                if let Some(finished) = section.take() {
                    kinds.add(finished);
                }
                section = Some(Section {
                    kind: media_word(media),
                    rejected: media.split_ascii_whitespace().nth(1) == Some("0"),
                    direction: session_direction,
                });
            } else if let Some(direction) = Direction::of_line(line) {
                match &mut section {
                    Some(section) => section.direction = direction,
                    None => session_direction = direction,
                }
            } else if line.trim_end() == "a=bundle-only"
                && let Some(section) = &mut section
            {
                section.rejected = false;
            }
        }
        if let Some(finished) = section {
            kinds.add(finished);
        }
        kinds
    }

    /// Whether there is any audio or video section.
    pub const fn has_media(&self) -> bool {
        self.audio.is_some() || self.video.is_some()
    }

    /// Whether there is a data channel and nothing else: the first offer of Unity's newest pages.
    pub const fn is_data_only(&self) -> bool {
        self.application && !self.has_media()
    }

    fn add(&mut self, section: Section<'_>) {
        if section.rejected {
            return;
        }
        let slot = match section.kind {
            "audio" => &mut self.audio,
            "video" => &mut self.video,
            "application" => {
                self.application = true;
                return;
            }
            _ => return,
        };
        let before = slot.unwrap_or(Direction::INACTIVE);
        *slot = Some(Direction {
            sends: before.sends || section.direction.sends,
            receives: before.receives || section.direction.receives,
        });
    }
}

struct Section<'a> {
    kind: &'a str,
    rejected: bool,
    direction: Direction,
}

/// The first ICE user fragment of a description (RFC 8839, section 5.4): it changes when candidates start anew.
pub fn ice_ufrag(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim)
}

/// The first word of an `m=` line.
fn media_word(media: &str) -> &str {
    media.split_ascii_whitespace().next().unwrap_or("")
}

/// The parameters of `a=fmtp:<digits> <parameters>`.
fn fmtp(line: &str) -> Option<&str> {
    let (payload_type, parameters) = line.strip_prefix("a=fmtp:")?.split_once(' ')?;
    (!payload_type.is_empty() && payload_type.bytes().all(|b| b.is_ascii_digit())).then_some(parameters)
}

/// The value of one `key=value` between semicolons.
fn parameter<'a>(parameters: &'a str, key: &str) -> Option<&'a str> {
    parameters.split(';').filter_map(|p| p.trim().split_once('=')).find(|(k, _)| k.trim() == key).map(|(_, v)| v.trim())
}

fn positive(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|n| *n > 0)
}

fn smaller(a: Option<Bitrate>, b: Bitrate) -> Option<Bitrate> {
    Some(a.map_or(b, |a| a.min(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOOSTED: &str = include_str!("../../tests/vectors/urs-sdp-boost-example.txt");
    const ADDED: &str = ";x-google-start-bitrate=16000;x-google-max-bitrate=160000";

    #[test]
    fn boost_matches_the_recorded_example() {
        let recorded = BOOSTED.split("\nnot idempotent").next().unwrap();
        let plain = recorded.replace(ADDED, "");
        assert_eq!(plain.len() + 3 * ADDED.len(), recorded.len());
        assert_eq!(boost(&plain, 16_000, 160_000), recorded);
        let crlf = plain.replace('\n', "\r\n");
        assert_eq!(boost(&crlf, 16_000, 160_000), recorded.replace('\n', "\r\n"));
    }

    #[test]
    fn a_second_boost_changes_nothing() {
        let once = boost("a=fmtp:96 level-asymmetry-allowed=1\r\n", 16_000, 160_000);
        assert_eq!(once, format!("a=fmtp:96 level-asymmetry-allowed=1{ADDED}\r\n"));
        assert_eq!(boost(&once, 1, 2), once);
    }

    #[test]
    fn the_peers_own_rates_win() {
        let own = "a=fmtp:96 x-google-max-bitrate=900;level-asymmetry-allowed=1\n";
        let expected = "a=fmtp:96 x-google-max-bitrate=900;level-asymmetry-allowed=1;x-google-start-bitrate=16000\n";
        assert_eq!(boost(own, 16_000, 160_000), expected);
    }

    #[test]
    fn only_h264_lines_are_boosted() {
        let other = "a=fmtp:97 apt=96\r\na=fmtp:x level-asymmetry-allowed=1\r\nlevel-asymmetry-allowed=1\r\n";
        assert_eq!(boost(other, 1, 2), other);
    }

    #[test]
    fn limits_are_read_from_every_place() {
        let limits = bitrate_limits(BOOSTED);
        assert_eq!(limits.start, Some(Bitrate::from_kbps(16_000)));
        assert_eq!(limits.max, Some(Bitrate::from_kbps(160_000)));
        assert_eq!(limits.min, None);
        let sdp = "m=audio 9 x 111\r\nb=AS:32\r\nm=video 9 x 96\r\nb=AS:2500\r\nb=TIAS:2000000\r\n\
                   a=fmtp:96 x-google-min-bitrate=300; x-google-max-bitrate=9000\r\nm=application 9 x\r\nb=AS:30\r\n";
        let limits = bitrate_limits(sdp);
        assert_eq!(limits.max, Some(Bitrate::from_kbps(2_000)), "the smallest of the video section");
        assert_eq!(limits.min, Some(Bitrate::from_kbps(300)));
        assert_eq!(bitrate_limits("m=video 9 x 96\nb=AS:0\nb=AS:-1\nb=TIAS:99999999999999999999\n").max, None);
    }

    #[test]
    fn kinds_and_directions_are_read() {
        let seed = "v=0\r\nm=audio 9 x 111\r\na=recvonly\r\nm=video 9 x 96\r\na=recvonly\r\nm=application 9 x\r\n";
        let kinds = MediaKinds::of(seed);
        assert_eq!(kinds.audio, Some(Direction::RECVONLY));
        assert_eq!(kinds.video, Some(Direction::RECVONLY));
        assert!(kinds.has_media() && !kinds.is_data_only());
        let newest = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sendrecv\r\n";
        assert!(MediaKinds::of(newest).is_data_only());
        assert_eq!(MediaKinds::of(""), MediaKinds::default());
    }

    #[test]
    fn sections_of_one_kind_are_joined_and_rejected_ones_left_out() {
        let kinds =
            MediaKinds::of("a=inactive\nm=video 0 x 96\na=sendonly\nm=video 9 x 96\nm=video 9 x 97\na=recvonly\n");
        assert_eq!(kinds.video, Some(Direction::RECVONLY));
        let bundled = MediaKinds::of("m=audio 0 x 111\na=bundle-only\na=sendonly\n");
        assert_eq!(bundled.audio, Some(Direction::SENDONLY));
        assert_eq!(MediaKinds::of("m=video 9 x 96").video, Some(Direction::SENDRECV));
    }

    /// Text made of the words that matter, in any order.
    fn sdp_like() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "a=fmtp:",
            "96 ",
            "level-asymmetry-allowed=",
            "x-google-start-bitrate",
            "=",
            ";",
            "\r\n",
            "\n",
            "\r",
            "m=video 9 ",
            "m=application 0",
            "b=AS:",
            "b=TIAS:",
            "18446744073709551615",
            "7",
            "a=recvonly",
            "é",
            "\0",
        ]);
        prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_accepted_and_boosting_is_idempotent(sdp in prop_oneof![sdp_like(), any::<String>()]) {
            let once = boost(&sdp, 16_000, 160_000);
            prop_assert_eq!(boost(&once, 16_000, 160_000), once.clone());
            prop_assert_eq!(sdp.matches('\n').count(), once.matches('\n').count());
            bitrate_limits(&once);
            MediaKinds::of(&sdp);
            ice_ufrag(&sdp);
        }
    }
}

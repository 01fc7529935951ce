//! Which of the formats a browser names we send, and the description narrowed down to them. Pure.
//!
//! The `webrtc` crate matches codecs loosely (any H.264 counts as ours, packetization mode 0 included), so it is only shown
//! what was chosen here: one video format of each codec with its retransmission format, the one that is sent first, and one
//! Opus.

use crate::encode::Codec;
use crate::signaling::sdp::bitrate_limits;
use crate::units::Bitrate;

use super::sdp::{self, Format, Kind, SdpError};
use super::sections::VideoSection;
use super::{codecs, receiving, spare};
use crate::receive::Medium;
use crate::receive::formats::Formats;

/// Whose order decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The remote side offered: our best codec of those it names.
    Ours,
    /// The remote side answered: its first format that we can send.
    Theirs,
}

/// Rates the page asks for: `x-google-*-bitrate` (libwebrtc's format parameters, in kbit/s there) of the chosen format, else
/// of any other (pages write them on the H.264 ones only); `max` is never above `b=AS` and `b=TIAS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestedRates {
    pub start: Option<Bitrate>,
    pub min: Option<Bitrate>,
    pub max: Option<Bitrate>,
}

/// The video format we send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoChoice {
    pub codec: Codec,
    pub payload_type: u8,
    /// Payload type of retransmissions (RFC 4588).
    pub rtx: Option<u8>,
    /// Payload type of repair packets (FlexFEC, draft-ietf-payload-flexible-fec-scheme-03).
    pub fec: Option<u8>,
    /// The remote's format parameters, as written.
    pub fmtp: String,
    pub rates: RequestedRates,
}

/// The audio format we send (Opus, RFC 7587).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioChoice {
    pub payload_type: u8,
    pub fmtp: String,
    /// The browser plays two channels (`stereo=1`).
    pub stereo: bool,
    /// The browser uses in-band error correction (`useinbandfec=1`).
    pub fec: bool,
    /// Payload type of redundant packets (RFC 2198).
    pub red: Option<u8>,
}

/// What a description says about our video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideoOutcome {
    /// It has no video section.
    Absent,
    Chosen(VideoChoice),
    /// There is one, and nothing in it can be sent.
    Refused(String),
}

/// A remote description, narrowed down.
#[derive(Clone, Debug)]
pub struct Narrowed {
    pub sdp: String,
    pub video: VideoOutcome,
    /// What each video section says, in order.
    pub videos: Vec<VideoSection>,
    /// Formats of other codecs that stay in the description: the sender may change to them at any time (RFC 3264, section 6.1).
    pub others: Vec<VideoChoice>,
    pub audio: Option<AudioChoice>,
    /// What is received from the page, by payload type.
    pub formats: Formats,
    /// What each media section carries, in order.
    pub directions: Vec<SectionDirection>,
}

/// A media section, from our side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDirection {
    /// `a=mid`.
    pub mid: String,
    pub kind: Kind,
    /// The page takes what we send in it.
    pub send: bool,
    /// We take what the page sends in it.
    pub receive: bool,
}

/// What is taken from pages that send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receivable {
    /// Opus.
    pub audio: bool,
    /// Codecs with a working decoder, best first.
    pub video: Vec<Codec>,
    /// Sections in which nothing is taken, by identification.
    pub closed: Vec<String>,
}

/// Chooses formats and removes the others from the description.
///
/// `codecs` are ours, best first. `current` is what is being sent already: it stays when it is still named.
pub fn narrow(
    sdp: &str,
    codecs: &[Codec],
    audio: bool,
    receivable: &Receivable,
    order: Order,
    current: Option<Codec>,
) -> Result<Narrowed, SdpError> {
    let mut description = sdp::parse(sdp)?;
    let mut outcome = VideoOutcome::Absent;
    let mut others = Vec::new();
    let mut videos = Vec::new();
    let mut sound = None;
    let mut taken = Formats::default();
    let mut directions = Vec::new();
    for section in &mut description.sections {
        section.forget_rejected_transport();
        let mid = section.attribute("mid").unwrap_or_default().to_owned();
        let closed = receivable.closed.contains(&mid);
        let (send, sends) = (section.receives(), section.sends() && !closed);
        match section.kind {
            Kind::Video => {
                // Several layers of a camera's picture would be several streams: one is enough.
                section.remove(&["simulcast", "rid"]);
                let formats = section.formats();
                let receives = sends && !taken.has(Medium::Video);
                let choice = choose_both_ways(&formats, codecs, receivable, send, receives, order, current);
                let receive =
                    receives && receiving::take_video(&formats, choice.as_ref(), receivable, order, &mut taken);
                let (of_mid, sends) = (mid.clone(), send && choice.is_some());
                directions.push(SectionDirection { mid, kind: Kind::Video, send: sends, receive });
                // A page that sends has one format both ways.
                let unused = match &choice {
                    Some(choice) if send && !receive => spare::formats(&formats, codecs, choice, order),
                    _ => Vec::new(),
                };
                let named = choice.iter().chain(&unused).flat_map(|c| std::iter::once(c.payload_type).chain(c.rtx));
                let keep: Vec<u8> = named.chain(choice.iter().filter_map(|choice| choice.fec)).collect();
                let own = match choice {
                    Some(choice) if send => VideoOutcome::Chosen(choice),
                    // A camera alone.
                    _ if receive || (closed && !send) => VideoOutcome::Absent,
                    Some(_) => VideoOutcome::Refused("the browser does not receive video".into()),
                    None => VideoOutcome::Refused(refusal(&formats, codecs)),
                };
                if !matches!(outcome, VideoOutcome::Chosen(_)) {
                    others.clone_from(&unused);
                    if own != VideoOutcome::Absent {
                        outcome = own.clone();
                    }
                }
                videos.push(VideoSection { mid: of_mid, outcome: own, others: unused });
                section.retain_formats(&keep);
            }
            Kind::Audio => {
                let receives = receivable.audio && sends && !taken.has(Medium::Audio);
                let choice = (audio || receives).then(|| choose_audio(&section.formats())).flatten();
                let receive = receives && receiving::take_audio(choice.as_ref(), &mut taken);
                let send = send && audio;
                directions.push(SectionDirection { mid, kind: Kind::Audio, send: send && choice.is_some(), receive });
                let keep: Vec<u8> = choice.iter().flat_map(|c| std::iter::once(c.payload_type).chain(c.red)).collect();
                if sound.is_none() && send {
                    sound = choice;
                }
                section.retain_formats(&keep);
            }
            Kind::Application | Kind::Other => {}
        }
    }
    if let VideoOutcome::Chosen(choice) = &mut outcome {
        choice.rates = requested(choice.rates, sdp);
    }
    Ok(Narrowed {
        sdp: description.to_text(),
        video: outcome,
        videos,
        others,
        audio: sound,
        formats: taken,
        directions,
    })
}

/// One format for both ways, as a section has: where the page sends, one that we can decode, if there is one.
fn choose_both_ways(
    formats: &[Format<'_>],
    codecs: &[Codec],
    receivable: &Receivable,
    send: bool,
    receive: bool,
    order: Order,
    current: Option<Codec>,
) -> Option<VideoChoice> {
    let decodable = |codec: &&Codec| receivable.video.contains(codec);
    if receive && !send {
        return choose_video(formats, &receivable.video, order, None);
    }
    let both: Vec<Codec> = codecs.iter().filter(decodable).filter(|_| receive).copied().collect();
    // A page that answers has chosen already.
    let both = (order == Order::Ours && !both.is_empty()).then(|| choose_video(formats, &both, order, current));
    both.flatten().or_else(|| choose_video(formats, codecs, order, current))
}

pub(super) fn choose_video(
    formats: &[Format<'_>],
    codecs: &[Codec],
    order: Order,
    current: Option<Codec>,
) -> Option<VideoChoice> {
    let candidates = formats.iter().enumerate().filter_map(|(position, format)| {
        let (codec, profile) = sendable(format)?;
        let rank = codecs.iter().position(|&ours| ours == codec)?;
        let preference = match order {
            Order::Ours => (rank, profile, position),
            Order::Theirs => (position, 0, 0),
        };
        Some(((current != Some(codec), preference), codec, format))
    });
    let (_, codec, format) = candidates.min_by_key(|(key, _, _)| *key)?;
    let rtx = formats.iter().find(|other| {
        other.name.eq_ignore_ascii_case("rtx")
            && other.parameter("apt").and_then(|apt| apt.parse().ok()) == Some(format.payload_type)
    });
    Some(VideoChoice {
        codec,
        payload_type: format.payload_type,
        rtx: rtx.map(|rtx| rtx.payload_type),
        fec: repair(format, formats, "flexfec-03", |_| true),
        fmtp: format.fmtp.to_owned(),
        rates: RequestedRates {
            start: rate(format, "x-google-start-bitrate"),
            min: rate(format, "x-google-min-bitrate"),
            max: rate(format, "x-google-max-bitrate"),
        },
    })
}

/// What the chosen format asks for, completed by what the description asks for elsewhere.
fn requested(own: RequestedRates, sdp: &str) -> RequestedRates {
    let any = bitrate_limits(sdp);
    let own_max = own.max.map(|max| bandwidth(sdp).map_or(max, |bandwidth| max.min(bandwidth)));
    RequestedRates { start: own.start.or(any.start), min: own.min.or(any.min), max: own_max.or(any.max) }
}

/// The smallest `b=` of the video sections.
fn bandwidth(sdp: &str) -> Option<Bitrate> {
    let without_formats: Vec<&str> = sdp.lines().filter(|line| !line.starts_with("a=fmtp:")).collect();
    bitrate_limits(&without_formats.join("\n")).max
}

fn rate(format: &Format<'_>, name: &str) -> Option<Bitrate> {
    let kbps: u64 = format.parameter(name)?.parse().ok()?;
    (kbps > 0).then(|| Bitrate::from_kbps(kbps))
}

/// Whether our encoders' output is legal in this format, and how well it fits (0 best).
fn sendable(format: &Format<'_>) -> Option<(Codec, u8)> {
    let codec = Codec::ALL.into_iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(format.name))?;
    match codec {
        // Packetization mode 1 only: our fragments (FU-A) and aggregates do not exist in mode 0 (RFC 6184, section 6.2).
        Codec::H264 if format.parameter("packetization-mode") == Some("1") => {
            h264_profile_rank(format.parameter("profile-level-id").unwrap_or("420010")).map(|rank| (codec, rank))
        }
        Codec::H264 => None,
        Codec::Vp9 => (format.parameter("profile-id").unwrap_or("0") == "0").then_some((codec, 0)),
        Codec::Av1 => (format.parameter("profile").unwrap_or("0") == "0").then_some((codec, 0)),
        Codec::Vp8 => Some((codec, 0)),
    }
}

/// Our encoders make constrained baseline, which decoders of the baseline and main profiles take too (RFC 6184, table 5).
fn h264_profile_rank(profile_level_id: &str) -> Option<u8> {
    let id = u32::from_str_radix(profile_level_id, 16).ok().filter(|_| profile_level_id.len() == 6)?;
    let (profile_idc, constraints) = (id >> 16, (id >> 8) & 0xff);
    match profile_idc {
        0x42 if constraints & 0x40 != 0 => Some(0),
        0x42 => Some(1),
        0x4d => Some(2),
        _ => None,
    }
}

fn choose_audio(formats: &[Format<'_>]) -> Option<AudioChoice> {
    let opus = formats.iter().find(|format| format.name.eq_ignore_ascii_case("opus"))?;
    Some(AudioChoice {
        payload_type: opus.payload_type,
        fmtp: opus.fmtp.to_owned(),
        stereo: opus.parameter("stereo") == Some("1"),
        fec: opus.parameter("useinbandfec") == Some("1"),
        // RFC 2198, section 5: the payload types within, all of which must be the Opus we send.
        red: repair(opus, formats, "red", |red| {
            red.fmtp.split('/').all(|within| within.trim().parse() == Ok(opus.payload_type))
        }),
    })
}

/// The format that repairs the chosen one, if the crate can tell them apart from the others.
fn repair(chosen: &Format<'_>, formats: &[Format<'_>], name: &str, fits: impl Fn(&Format<'_>) -> bool) -> Option<u8> {
    let usable = |format: &&Format<'_>| {
        format.name.eq_ignore_ascii_case(name) && codecs::is_exact(format.name, format.fmtp) && fits(format)
    };
    let repair = formats.iter().find(usable)?;
    codecs::is_exact(chosen.name, chosen.fmtp).then_some(repair.payload_type)
}

fn refusal(formats: &[Format<'_>], codecs: &[Codec]) -> String {
    let names: Vec<&str> =
        formats.iter().map(|f| f.name).filter(|n| !n.is_empty() && !n.eq_ignore_ascii_case("rtx")).collect();
    let ours: Vec<&str> = codecs.iter().map(|codec| codec.rtpmap_name()).collect();
    if formats.iter().any(|f| f.name.eq_ignore_ascii_case("H264")) && codecs.contains(&Codec::H264) {
        return "the browser names H264 only in profiles or packetization modes we do not send".into();
    }
    format!("the browser names [{}], we can send [{}]", names.join(", "), ours.join(", "))
}

#[cfg(test)]
mod tests;

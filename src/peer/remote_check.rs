//! Whether a description of the other side's can be one, before anything of it is applied. Pure.
//!
//! The crate applies a description line by line: what is refused half-way stays half applied.

use super::sdp::{self, SdpError, Section};

/// Why a description of the other side's is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    #[error(transparent)]
    Sdp(#[from] SdpError),
    #[error("media section {0} has no identification (a=mid)")]
    NoMid(usize),
    #[error("two media sections have the identification {0:?}")]
    SameMid(String),
    #[error("there is no {0}")]
    Missing(&'static str),
    #[error("{0}: the crypto of ICE wants {1} characters at least")]
    Short(&'static str, usize),
    #[error("the answer has {answer} media sections, the offer {offer}")]
    Count { answer: usize, offer: usize },
    #[error("media section {0} of the answer is not that of the offer")]
    Section(usize),
}

/// Checks what every description of an offer or an answer has. `offer`: ours, where this one answers it.
pub fn check(remote: &str, offer: Option<&str>) -> Result<(), RemoteError> {
    let description = sdp::parse(remote)?;
    let mids: Vec<&str> = description.sections.iter().map(mid).collect();
    for (index, mid) in mids.iter().enumerate() {
        if mid.is_empty() {
            return Err(RemoteError::NoMid(index));
        }
        if mids[..index].contains(mid) {
            return Err(RemoteError::SameMid((*mid).to_owned()));
        }
    }
    // RFC 8839, section 5.4: 4 characters of name and 22 of password at least.
    for (name, least) in [("a=ice-ufrag:", 4), ("a=ice-pwd:", 22)] {
        let value = remote.lines().find_map(|line| line.strip_prefix(name));
        if value.ok_or(RemoteError::Missing(name))?.trim_end().len() < least {
            return Err(RemoteError::Short(name, least));
        }
    }
    if !remote.lines().any(|line| line.starts_with("a=fingerprint:")) {
        return Err(RemoteError::Missing("a=fingerprint:"));
    }
    let Some(offer) = offer else { return Ok(()) };
    let offer = sdp::parse(offer)?;
    let (answered, offered) = (description.sections.len(), offer.sections.len());
    if answered != offered {
        return Err(RemoteError::Count { answer: answered, offer: offered });
    }
    let pairs = description.sections.iter().zip(&offer.sections);
    match pairs.enumerate().find(|(_, (a, o))| a.kind != o.kind || mid(a) != mid(o)) {
        Some((index, _)) => Err(RemoteError::Section(index)),
        None => Ok(()),
    }
}

fn mid<'a>(section: &'a Section<'_>) -> &'a str {
    section.attribute("mid").unwrap_or_default()
}

/// The user name fragment of ICE: another one restarts it (RFC 8839, section 4.4.1.1.1).
pub fn ice_ufrag(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim_end)
}

/// W3C `canTrickleIceCandidates` (RFC 8838, section 4.1): `trickle` among the options.
pub fn can_trickle(sdp: &str) -> bool {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a=ice-options:"))
        .any(|options| options.split_ascii_whitespace().any(|option| option == "trickle"))
}

/// Whether a description has the section that a candidate names.
pub fn has_section(sdp: &str, mid_wanted: Option<&str>, index: Option<u16>) -> bool {
    let Ok(description) = sdp::parse(sdp) else { return false };
    match (mid_wanted.filter(|mid| !mid.is_empty()), index) {
        (Some(wanted), _) => description.sections.iter().any(|section| mid(section) == wanted),
        (None, Some(index)) => usize::from(index) < description.sections.len(),
        (None, None) => true,
    }
}

/// The streams that a section's sender puts its track into (RFC 8830; `-` stands for none).
pub fn streams(sdp: &str, mid_wanted: &str) -> Vec<String> {
    let Ok(description) = sdp::parse(sdp) else { return Vec::new() };
    let Some(section) = description.sections.iter().find(|section| mid(section) == mid_wanted) else {
        return Vec::new();
    };
    let stream = section.attribute("msid").and_then(|msid| msid.split_ascii_whitespace().next());
    stream.filter(|stream| *stream != "-").map(str::to_owned).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ICE: &str = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 00\r\n";

    fn sdp(sections: &str) -> String {
        format!("v=0\r\n{ICE}{sections}")
    }

    #[test]
    fn what_a_description_must_have_is_missed_by_name() {
        let video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n";
        assert_eq!(check(&sdp(video), None), Ok(()));
        assert_eq!(check("v=1", None), Err(RemoteError::Sdp(SdpError::NotSdp)));
        assert_eq!(check(&sdp("m=video 9 a 96\r\n"), None), Err(RemoteError::NoMid(0)));
        assert_eq!(check(&sdp(&video.repeat(2)), None), Err(RemoteError::SameMid("0".into())));
        for name in ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"] {
            let without: String = sdp(video).split_inclusive('\n').filter(|line| !line.starts_with(name)).collect();
            assert_eq!(check(&without, None), Err(RemoteError::Missing(name)));
        }
        assert_eq!(check(&sdp(video).replace("abcd", "abc"), None), Err(RemoteError::Short("a=ice-ufrag:", 4)));
    }

    #[test]
    fn an_answer_has_the_sections_of_its_offer() {
        let [video, audio] =
            ["video", "audio"].map(|kind| format!("m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{kind}\r\n"));
        let both = sdp(&format!("{video}{audio}"));
        assert_eq!(check(&both, Some(&both)), Ok(()));
        assert_eq!(check(&sdp(&video), Some(&both)), Err(RemoteError::Count { answer: 1, offer: 2 }));
        assert_eq!(check(&sdp(&format!("{audio}{video}")), Some(&both)), Err(RemoteError::Section(0)));
    }

    #[test]
    fn sections_streams_and_options_are_found() {
        let text = sdp("a=ice-options:ice2 trickle\r\nm=video 9 a 96\r\na=mid:v\r\na=msid:stream track\r\n\
             m=audio 9 a 96\r\na=mid:s\r\na=msid:- track\r\n");
        assert!(can_trickle(&text) && !can_trickle(&sdp("a=ice-options:trickles\r\n")));
        assert_eq!(ice_ufrag(&text), Some("abcd"));
        assert_eq!(
            [streams(&text, "v"), streams(&text, "s"), streams(&text, "x")],
            [vec!["stream".to_owned()], vec![], vec![]]
        );
        assert!(has_section(&text, Some("v"), Some(9)) && has_section(&text, None, Some(1)));
        assert!(!has_section(&text, Some("x"), Some(0)) && !has_section(&text, None, Some(2)));
    }
}

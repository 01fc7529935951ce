//! Who wrote a description or a candidate, on channels whose messages name nobody: the session id of the `o=` line (RFC 8866,
//! section 5.2) and the ICE user fragments (RFC 8839, section 5.4). Not proofs: whoever shares a channel can copy both.

use super::IceCandidate;
use super::candidates::identity;

/// Longest description taken, in bytes. Browsers' are below 20 KiB.
pub const MAX_DESCRIPTION_LENGTH: usize = 64 * 1024;
/// User fragments remembered of one description: one for each section without BUNDLE.
const MAX_UFRAGS: usize = 16;
/// Media sections compared.
const MAX_SECTIONS: usize = 128;

/// What a description tells of who wrote it, and of what it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The same in all descriptions of one RTCPeerConnection, another in those of any other.
    pub session: u64,
    ufrags: Vec<u64>,
    sections: Vec<Section>,
}

/// One `m=` section: its kind, and its mid if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Section {
    kind: u64,
    mid: Option<u64>,
}

impl Signature {
    /// `None` for a text without an `o=` line, which no description is, and for one that is too long.
    pub fn of(sdp: &str) -> Option<Self> {
        if sdp.len() > MAX_DESCRIPTION_LENGTH {
            return None;
        }
        let mut session = None;
        let mut signature = Self::default();
        for line in sdp.lines().map(str::trim_end) {
            if let Some(origin) = line.strip_prefix("o=") {
                session = session.or_else(|| session_of(origin));
            } else if let Some(ufrag) = line.strip_prefix("a=ice-ufrag:") {
                let ufrag = identity(&ufrag.trim());
                if signature.ufrags.len() < MAX_UFRAGS && !signature.ufrags.contains(&ufrag) {
                    signature.ufrags.push(ufrag);
                }
            } else if let Some(media) = line.strip_prefix("m=") {
                if signature.sections.len() < MAX_SECTIONS {
                    let kind = identity(&media.split_ascii_whitespace().next().unwrap_or_default());
                    signature.sections.push(Section { kind, mid: None });
                }
            } else if let (Some(mid), Some(section)) = (line.strip_prefix("a=mid:"), signature.sections.last_mut()) {
                section.mid = section.mid.or_else(|| Some(identity(&mid.trim())));
            }
        }
        session.map(|session| Self { session, ..signature })
    }

    /// Whether this can be the answer to `offer`: the same sections in the same order (RFC 3264, section 6).
    pub fn answers(&self, offer: &Self) -> bool {
        self.sections.len() == offer.sections.len()
            && self.sections.iter().zip(&offer.sections).all(|(own, offered)| {
                own.kind == offered.kind && (own.mid.is_none() || offered.mid.is_none() || own.mid == offered.mid)
            })
    }

    pub fn has_ufrag(&self, ufrag: u64) -> bool {
        self.ufrags.contains(&ufrag)
    }

    pub fn ufrags(&self) -> &[u64] {
        &self.ufrags
    }
}

/// User name, session id and address: all of the line but the version, which counts a session's descriptions.
fn session_of(origin: &str) -> Option<u64> {
    let mut words = origin.split_ascii_whitespace();
    let (user, session, _version) = (words.next()?, words.next()?, words.next()?);
    Some(identity(&(user, session, words.next(), words.next(), words.next())))
}

/// The user fragment that a candidate's line bears as an extension, as libwebrtc writes it.
pub fn ufrag_of(candidate: &IceCandidate) -> Option<&str> {
    let mut words = candidate.candidate.split_ascii_whitespace().skip_while(|word| *word != "ufrag");
    words.nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFER: &str = include_str!("../../tests/vectors/chromium-offer.sdp");

    #[test]
    fn descriptions_of_one_connection_share_the_session_and_those_of_another_do_not() {
        let first = Signature::of("v=0\r\no=- 70938 2 IN IP4 127.0.0.1\r\na=ice-ufrag:a\r\n").unwrap();
        let later = Signature::of("v=0\r\no=- 70938 3 IN IP4 127.0.0.1\r\na=ice-ufrag:b\r\n").unwrap();
        let other = Signature::of("v=0\r\no=- 70939 2 IN IP4 127.0.0.1\r\n").unwrap();
        assert_eq!(first.session, later.session);
        assert_ne!(first.session, other.session);
        assert!(first.has_ufrag(identity(&"a")) && !later.has_ufrag(identity(&"a")));
        assert_eq!(Signature::of("v=0\r\n"), None);
        assert_eq!(Signature::of(&format!("o=- 1 2\r\n{}", "x".repeat(MAX_DESCRIPTION_LENGTH))), None);
    }

    #[test]
    fn an_answer_has_the_sections_of_its_offer() {
        let of = |sections: &str| Signature::of(&format!("o=- 1 1 IN IP4 0\r\n{sections}")).unwrap();
        let offer = of("m=audio 9 x\r\na=mid:0\r\nm=video 9 x\r\na=mid:1\r\n");
        assert!(of("m=audio 0 x\r\na=mid:0\r\nm=video 9 x\r\na=mid:1\r\n").answers(&offer));
        assert!(of("m=audio 9 x\r\nm=video 9 x\r\n").answers(&offer), "old answers have no mids");
        assert!(!of("m=video 9 x\r\na=mid:1\r\nm=audio 9 x\r\na=mid:0\r\n").answers(&offer));
        assert!(!of("m=audio 9 x\r\na=mid:0\r\nm=video 9 x\r\na=mid:2\r\n").answers(&offer));
        assert!(!of("m=audio 9 x\r\na=mid:0\r\n").answers(&offer));
    }

    #[test]
    fn a_recorded_offer_and_its_candidate_have_the_same_fragment() {
        let signature = Signature::of(OFFER).unwrap();
        let ufrag = crate::signaling::sdp::ice_ufrag(OFFER).unwrap();
        let line = format!("candidate:1 1 udp 1 10.0.0.1 9 typ host generation 0 ufrag {ufrag} network-cost 999");
        let candidate = IceCandidate { candidate: line, sdp_mid: None, sdp_mline_index: None };
        assert_eq!(ufrag_of(&candidate), Some(ufrag));
        assert!(signature.has_ufrag(identity(&ufrag)) && signature.answers(&signature));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_little_of_it_kept(text in "([omva]=[a-z:0-9 ]{0,20}\r?\n){0,300}") {
            if let Some(signature) = Signature::of(&text) {
                prop_assert!(signature.ufrags.len() <= MAX_UFRAGS && signature.sections.len() <= MAX_SECTIONS);
            }
        }
    }
}

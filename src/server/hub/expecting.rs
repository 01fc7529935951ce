//! What a page that polls is about to be told: a poll waits for that, since the next one comes a second later. Pure.

use super::{Hub, HubError, SessionId};
use crate::signaling::sdp::MediaKinds;

/// How long a poll waits for the page's own offer, after its session has begun, in ms.
const FIRST_MS: u64 = 300;
/// How long one waits for the answer, after the offer, in ms.
const ANSWER_MS: u64 = 800;
/// How long one waits for the host's own offer after its answer, in ms, where the page has offered no media: pages of Unity
/// Render Streaming are offered some right then, and have both in one poll.
const OFFER_MS: u64 = 100;

/// Of one session. Times are ms.
#[derive(Clone, Copy, Debug)]
pub enum Expecting {
    /// The page has begun and will say what it wants.
    Begun {
        at: u64,
    },
    Asked {
        at: u64,
        media: bool,
    },
    Answered {
        at: u64,
    },
    Nothing,
}

impl Expecting {
    /// The page has offered.
    pub fn asked(at: u64, sdp: &str) -> Self {
        let kinds = MediaKinds::of(sdp);
        Self::Asked { at, media: kinds.video.is_some() || kinds.audio.is_some() }
    }

    /// The host has described itself.
    pub fn hear(&mut self, is_offer: bool, now: u64) {
        *self = match self {
            Self::Asked { media: false, .. } if !is_offer => Self::Answered { at: now },
            _ => Self::Nothing,
        };
    }

    /// How much longer a poll waits; 0: it does not.
    fn left(self, now: u64) -> u64 {
        let until = match self {
            Self::Begun { at } => at + FIRST_MS,
            Self::Asked { at, .. } => at + ANSWER_MS,
            Self::Answered { at } => at + OFFER_MS,
            Self::Nothing => 0,
        };
        until.saturating_sub(now)
    }
}

impl<W: Clone> Hub<W> {
    /// For how many ms more the session's poll waits for what it is about to be told; 0: it is answered now.
    pub fn expected_within(&mut self, id: &SessionId, now: u64) -> Result<u64, HubError> {
        Ok(self.session(id, now)?.expecting.left(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";
    const MEDIA: &str = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n";

    #[test]
    fn a_page_that_begins_is_waited_for_a_moment() {
        let begun = Expecting::Begun { at: 1_000 };
        assert_eq!((begun.left(1_000), begun.left(1_299), begun.left(1_300), begun.left(9_000)), (300, 1, 0, 0));
    }

    #[test]
    fn an_offer_without_media_is_told_the_answer_with_the_hosts_own_offer() {
        let mut expecting = Expecting::asked(1_000, DATA);
        assert_eq!(expecting.left(1_010), 790);
        expecting.hear(false, 1_020);
        assert_eq!((expecting.left(1_020), expecting.left(1_120)), (100, 0));
        expecting.hear(true, 1_030);
        assert_eq!(expecting.left(1_030), 0);
        assert_eq!(Expecting::asked(1_000, DATA).left(1_800), 0, "a host that says nothing is not waited for");
    }

    #[test]
    fn an_offer_with_media_is_told_the_answer_at_once() {
        let mut expecting = Expecting::asked(1_000, MEDIA);
        assert_eq!(expecting.left(1_010), 790);
        expecting.hear(false, 1_020);
        assert_eq!(expecting.left(1_020), 0);
        let mut invited = Expecting::Begun { at: 1_000 };
        invited.hear(true, 1_005);
        assert_eq!(invited.left(1_005), 0);
    }
}

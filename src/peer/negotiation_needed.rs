//! When an exchange of descriptions is needed, told once until it was (W3C WebRTC, section 4.7.3). Pure.

use super::sdp::{self, Kind, Section};

/// What this side wants to have negotiated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    pub video: bool,
    pub audio: bool,
    pub channels: bool,
    /// Tracks were added, removed or turned, and no description has that.
    pub tracks: bool,
    /// New ICE credentials.
    pub restart: bool,
}

/// What was negotiated last.
#[derive(Clone, Copy, Debug)]
pub struct Agreed<'a> {
    /// The offer was ours.
    pub offered: bool,
    pub local: &'a str,
    pub remote: &'a str,
}

/// Whether what is wanted is not in what was agreed. A medium that was offered and refused is no reason to offer it again.
pub fn is_needed(agreed: Option<Agreed<'_>>, wants: Wants) -> bool {
    let Some(agreed) = agreed else { return wants.video || wants.audio || wants.channels || wants.tracks };
    let (Ok(local), Ok(remote)) = (sdp::parse(agreed.local), sdp::parse(agreed.remote)) else { return false };
    let settled = |kind| {
        let is = |section: &&Section<'_>| section.kind == kind;
        match (kind, agreed.offered) {
            (Kind::Application, _) => local.sections.iter().any(|section| is(&section)),
            (_, true) => local.sections.iter().filter(is).any(Section::sends),
            // They took what they offered to receive, or we had nothing they could.
            (_, false) => remote.sections.iter().filter(is).any(Section::receives),
        }
    };
    wants.restart
        || wants.tracks
        || wants.video && !settled(Kind::Video)
        || wants.audio && !settled(Kind::Audio)
        || wants.channels && !settled(Kind::Application)
}

/// W3C `[[NegotiationNeeded]]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NegotiationNeeded(bool);

impl NegotiationNeeded {
    /// True: tell it now.
    pub fn update(&mut self, stable: bool, needed: bool) -> bool {
        if !stable {
            return false;
        }
        let told = std::mem::replace(&mut self.0, needed);
        needed && !told
    }

    /// An exchange of descriptions has come to its end: what is still needed is told again.
    pub fn settle(&mut self) {
        self.0 = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEDIA: Wants = Wants { video: true, audio: true, channels: false, tracks: false, restart: false };

    fn section(media: &str, direction: &str) -> String {
        format!("m={media} 9 UDP/TLS/RTP/SAVPF 96\r\na={direction}\r\n")
    }

    fn sdp(sections: &[(&str, &str)]) -> String {
        let sections: String = sections.iter().map(|(media, direction)| section(media, direction)).collect();
        format!("v=0\r\n{sections}")
    }

    fn needed(offered: bool, local: &[(&str, &str)], remote: &[(&str, &str)], wants: Wants) -> bool {
        is_needed(Some(Agreed { offered, local: &sdp(local), remote: &sdp(remote) }), wants)
    }

    #[test]
    fn before_the_first_exchange_anything_to_send_is_a_reason() {
        assert!(is_needed(None, MEDIA));
        assert!(is_needed(None, Wants { channels: true, ..Wants::default() }));
        assert!(!is_needed(None, Wants { restart: true, ..Wants::default() }), "there is nothing to restart");
    }

    #[test]
    fn what_their_offer_did_not_ask_for_is_still_needed() {
        let theirs = [("video", "recvonly")];
        assert!(needed(false, &[("video", "sendonly")], &theirs, MEDIA), "sound was not in it");
        let theirs = [("video", "recvonly"), ("audio", "sendrecv")];
        assert!(!needed(false, &[("video", "sendonly"), ("audio", "sendonly")], &theirs, MEDIA));
        assert!(!needed(false, &[("video", "inactive"), ("audio", "sendonly")], &theirs, MEDIA), "no codec of theirs");
        let camera = [("video", "sendonly"), ("audio", "recvonly")];
        assert!(needed(false, &[("video", "recvonly"), ("audio", "sendonly")], &camera, MEDIA));
    }

    #[test]
    fn what_our_offer_had_is_settled_whatever_they_answered() {
        let ours = [("video", "sendonly"), ("audio", "sendonly")];
        assert!(!needed(true, &ours, &[("video", "inactive"), ("audio", "recvonly")], MEDIA));
        let channels = Wants { channels: true, ..MEDIA };
        assert!(needed(true, &ours, &ours, channels));
        let with = [ours[0], ours[1], ("application", "sendrecv")];
        assert!(!needed(true, &with, &with, channels));
        assert!(needed(true, &with, &with, Wants { restart: true, ..channels }));
        assert!(needed(true, &with, &with, Wants { tracks: true, ..channels }));
    }

    #[test]
    fn it_is_told_once_until_an_exchange_has_ended_and_never_within_one() {
        let mut flag = NegotiationNeeded::default();
        assert!(!flag.update(false, true));
        assert!(flag.update(true, true));
        assert!(!flag.update(true, true));
        flag.settle();
        assert!(!flag.update(true, false));
        assert!(flag.update(true, true));
    }
}

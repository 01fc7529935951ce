//! Which video section of a description is which track's. Pure.

use super::Direction;
use super::choice::{Narrowed, VideoChoice, VideoOutcome};
use super::sdp::Kind;
use crate::receive::Medium;

/// What a description says in one video section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoSection {
    /// `a=mid`.
    pub mid: String,
    pub outcome: VideoOutcome,
    /// Formats of other codecs that stay in it.
    pub others: Vec<VideoChoice>,
}

impl VideoSection {
    /// What is to be sent in it.
    pub fn choice(&self) -> Option<&VideoChoice> {
        match &self.outcome {
            VideoOutcome::Chosen(choice) => Some(choice),
            VideoOutcome::Absent | VideoOutcome::Refused(_) => None,
        }
    }
}

impl Narrowed {
    pub fn section(&self, mid: &str) -> Option<&VideoSection> {
        self.videos.iter().find(|section| section.mid == mid)
    }

    /// Of several sections the first track's is the one it has, or else the first that is no other track's: what it is told
    /// is what that one says.
    pub fn assign(&mut self, first: Option<&str>, others: &[&str]) {
        if self.videos.len() < 2 {
            return;
        }
        let own = first.and_then(|mid| self.section(mid)).cloned();
        let own = own.or_else(|| {
            let free = || self.videos.iter().filter(|section| !others.contains(&section.mid.as_str()));
            let chosen = free().find(|section| section.choice().is_some());
            chosen.or_else(|| free().find(|section| section.outcome != VideoOutcome::Absent)).cloned()
        });
        let Some(own) = own else { return };
        // What a page asks for holds for the connection, wherever it stands.
        let rates = match &self.video {
            VideoOutcome::Chosen(choice) => Some(choice.rates),
            VideoOutcome::Absent | VideoOutcome::Refused(_) => None,
        };
        (self.video, self.others) = (own.outcome, own.others);
        if let (VideoOutcome::Chosen(choice), Some(rates)) = (&mut self.video, rates) {
            choice.rates = rates;
        }
    }

    /// This section goes no other ways than these, whatever the page would do.
    pub fn limit(&mut self, mid: &str, wanted: Direction) {
        for section in self.directions.iter_mut().filter(|section| section.mid == mid) {
            section.send &= wanted.sends;
            if section.receive && !wanted.receives {
                section.receive = false;
                // It was the one section in which that is received.
                self.formats.forget(if section.kind == Kind::Audio { Medium::Audio } else { Medium::Video });
            }
        }
        if !wanted.sends {
            self.videos.retain(|section| section.mid != mid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::peer::choice::{Order, Receivable, narrow};

    fn narrowed(directions: &[(&str, &str)]) -> Narrowed {
        let sections: String = directions
            .iter()
            .map(|(mid, direction)| {
                format!("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\na=rtpmap:96 VP8/90000\r\n")
            })
            .collect();
        let sdp = format!("v=0\r\n{sections}");
        narrow(&sdp, &Codec::ALL, true, &Receivable::default(), Order::Ours, None).unwrap()
    }

    fn is_sent(narrowed: &Narrowed) -> bool {
        matches!(narrowed.video, VideoOutcome::Chosen(_))
    }

    #[test]
    fn each_track_is_told_what_its_own_section_says() {
        let page = || narrowed(&[("0", "inactive"), ("2", "recvonly")]);
        let mut of_one = page();
        of_one.assign(Some("0"), &["2"]);
        assert!(!is_sent(&of_one), "the other section is not its own");
        assert!(of_one.section("2").unwrap().choice().is_some() && of_one.section("0").unwrap().choice().is_none());
        let mut first = page();
        first.assign(Some("2"), &["0"]);
        assert!(is_sent(&first));
    }

    #[test]
    fn a_track_without_a_section_takes_the_first_that_is_nobody_elses() {
        let mut page = narrowed(&[("a", "recvonly"), ("b", "recvonly")]);
        page.assign(None, &["a"]);
        assert!(is_sent(&page));
        let mut page = narrowed(&[("a", "recvonly"), ("b", "inactive")]);
        page.assign(None, &["a"]);
        assert!(!is_sent(&page));
        let mut page = narrowed(&[("a", "inactive"), ("b", "recvonly")]);
        page.assign(None, &[]);
        assert!(is_sent(&page), "as with one track: whichever takes it");
    }

    #[test]
    fn a_silent_section_is_answered_so() {
        let mut page = narrowed(&[("a", "recvonly"), ("b", "recvonly")]);
        page.limit("b", Direction::INACTIVE);
        assert_eq!(page.directions.iter().map(|section| section.send).collect::<Vec<_>>(), [true, false]);
        assert!(page.section("b").is_none());
    }

    #[test]
    fn what_is_not_wanted_from_a_section_has_no_format() {
        let sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:a\r\na=sendrecv\r\na=rtpmap:96 VP8/90000\r\n";
        let receivable = Receivable { video: vec![Codec::Vp8], ..Receivable::default() };
        let mut page = narrow(sdp, &Codec::ALL, true, &receivable, Order::Ours, None).unwrap();
        assert!(page.formats.has(Medium::Video) && page.directions[0].receive);
        page.limit("a", Direction::SENDONLY);
        assert!(!page.formats.has(Medium::Video) && !page.directions[0].receive && page.directions[0].send);
    }
}

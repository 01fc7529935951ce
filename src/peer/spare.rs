//! Formats beside the one that is sent: agreed on, so that the sender may change to another codec without a negotiation. Pure.

use crate::encode::Codec;

use super::choice::{Narrowed, Order, VideoChoice, VideoOutcome, choose_video};
use super::codecs::is_exact;
use super::sdp::Format;

/// One format of each codec of ours but the chosen one's, as far as the crate keeps them: it leaves out inexact formats as soon
/// as one is exact.
pub fn formats(named: &[Format<'_>], ours: &[Codec], chosen: &VideoChoice, order: Order) -> Vec<VideoChoice> {
    let exact = |choice: &VideoChoice| is_exact(choice.codec.rtpmap_name(), &choice.fmtp);
    if !exact(chosen) {
        return Vec::new();
    }
    let others = ours.iter().filter(|codec| **codec != chosen.codec);
    others.filter_map(|codec| choose_video(named, &[*codec], order, None)).filter(exact).collect()
}

/// Makes `choice` the first of `codecs` that is there. False: none of them is.
pub fn prefer(choice: &mut VideoChoice, others: &mut [VideoChoice], codecs: &[Codec]) -> bool {
    for codec in codecs {
        if choice.codec == *codec {
            return true;
        }
        if let Some(other) = others.iter_mut().find(|other| other.codec == *codec) {
            // What the page asks for, and what repairs its video, is not one format's own.
            (other.rates, other.fec) = (choice.rates, choice.fec);
            std::mem::swap(choice, other);
            return true;
        }
    }
    false
}

impl Narrowed {
    /// Puts the first of these codecs that was named in the place of the one chosen. None was: that one stays.
    pub fn prefer(&mut self, codecs: &[Codec]) {
        if let VideoOutcome::Chosen(choice) = &mut self.video {
            prefer(choice, &mut self.others, codecs);
        }
        for section in &mut self.videos {
            if let VideoOutcome::Chosen(choice) = &mut section.outcome {
                prefer(choice, &mut section.others, codecs);
            }
        }
    }

    /// The crate answers with the payload types that the first section agreed on (`agreed`), in all sections, and sends nothing by
    /// others. Where a page has numbered a format anew, another one is sent that has its number still, or nothing.
    pub fn conform(&mut self, agreed: &[VideoChoice]) {
        if agreed.is_empty() {
            return;
        }
        let same = |choice: &VideoChoice| {
            agreed.iter().any(|one| (one.codec, one.payload_type) == (choice.codec, choice.payload_type))
        };
        let fec = agreed.iter().find_map(|one| one.fec);
        for section in &mut self.videos {
            section.others.retain(same);
            let VideoOutcome::Chosen(choice) = &mut section.outcome else { continue };
            choice.fec = choice.fec.filter(|own| fec == Some(*own));
            if same(choice) {
                continue;
            }
            let first = section.others.first().map(|other| other.codec);
            if let Some(codec) = first
                && prefer(choice, &mut section.others, &[codec])
            {
                section.others.retain(same);
                continue;
            }
            let reason = format!("the page calls {} {} here", choice.codec.rtpmap_name(), choice.payload_type);
            section.outcome = VideoOutcome::Refused(reason);
            let mid = &section.mid;
            self.directions.iter_mut().filter(|other| other.mid == *mid).for_each(|other| other.send = false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::choice::{Receivable, narrow};

    const OFFER: &str = include_str!("../../tests/vectors/chromium-offer.sdp");

    fn narrowed(sdp: &str, codecs: &[Codec], receivable: &Receivable, order: Order) -> Narrowed {
        narrow(sdp, codecs, true, receivable, order, None).unwrap()
    }

    fn sent(narrowed: &Narrowed) -> (Codec, Vec<Codec>) {
        let VideoOutcome::Chosen(choice) = &narrowed.video else { panic!("{:?}", narrowed.video) };
        (choice.codec, narrowed.others.iter().map(|other| other.codec).collect())
    }

    #[test]
    fn one_format_of_each_codec_stays_agreed_on_behind_the_one_that_is_sent() {
        let all = narrowed(OFFER, &Codec::ALL, &Receivable::default(), Order::Ours);
        assert_eq!(sent(&all), (Codec::H264, vec![Codec::Vp8, Codec::Vp9, Codec::Av1]));
        assert!(all.others.iter().all(|other| other.rtx.is_some()), "{:?}", all.others);
        let media = all.sdp.lines().find(|line| line.starts_with("m=video")).unwrap();
        assert!(media.starts_with("m=video 9 UDP/TLS/RTP/SAVPF 108 109 96 97 "), "{media}");
        assert_eq!(sent(&narrowed(OFFER, &[Codec::Vp8], &Receivable::default(), Order::Ours)), (Codec::Vp8, vec![]));
        let (first, others) = sent(&narrowed(OFFER, &Codec::ALL, &Receivable::default(), Order::Theirs));
        assert_eq!((first, others), (Codec::Vp8, vec![Codec::H264, Codec::Vp9, Codec::Av1]));
    }

    #[test]
    fn a_format_that_the_crate_matches_loosely_has_no_other_beside_it() {
        let loose = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 98 96\r\na=mid:0\r\na=recvonly\r\na=rtpmap:98 H264/90000\r\n\
            a=fmtp:98 packetization-mode=1;profile-level-id=42c01f\r\na=rtpmap:96 VP8/90000\r\n";
        let ours = [Codec::H264, Codec::Vp8];
        assert_eq!(sent(&narrowed(loose, &ours, &Receivable::default(), Order::Ours)), (Codec::H264, vec![]));
        let vp8_first = narrowed(loose, &[Codec::Vp8, Codec::H264], &Receivable::default(), Order::Ours);
        assert_eq!(sent(&vp8_first), (Codec::Vp8, vec![]));
    }

    #[test]
    fn a_page_that_sends_its_camera_too_has_one_format() {
        let receivable = Receivable { video: vec![Codec::H264], ..Receivable::default() };
        let both = OFFER.replace("a=recvonly", "a=sendrecv");
        assert_eq!(sent(&narrowed(&both, &Codec::ALL, &receivable, Order::Ours)), (Codec::H264, vec![]));
    }

    #[test]
    fn a_format_that_a_later_section_numbers_anew_is_not_sent_in_it() {
        let section = |mid: &str, h264: u8, more: &str| {
            format!(
                "m=video 9 UDP/TLS/RTP/SAVPF {h264} 102\r\na=mid:{mid}\r\na=recvonly\r\na=rtpmap:{h264} H264/90000\r\n\
                 a=fmtp:{h264} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n{more}"
            )
        };
        let vp8 = "a=rtpmap:102 VP8/90000\r\n";
        let sdp = format!("v=0\r\n{}{}{}", section("0", 96, vp8), section("1", 108, vp8), section("2", 108, ""));
        let ours = [Codec::H264, Codec::Vp8];
        let mut all = narrowed(&sdp, &ours, &Receivable::default(), Order::Ours);
        let chosen = |all: &Narrowed, mid| {
            let section = all.section(mid).unwrap();
            section.choice().map(|choice| (choice.codec, choice.payload_type, section.others.len()))
        };
        assert_eq!(chosen(&all, "1"), Some((Codec::H264, 108, 1)));
        all.conform(&[]);
        assert_eq!(chosen(&all, "1"), Some((Codec::H264, 108, 1)), "nothing was agreed on yet");
        let first = all.section("0").unwrap().clone();
        let agreed: Vec<_> = first.choice().into_iter().chain(&first.others).cloned().collect();
        all.conform(&agreed);
        assert_eq!(chosen(&all, "0"), Some((Codec::H264, 96, 1)));
        assert_eq!(chosen(&all, "1"), Some((Codec::Vp8, 102, 0)));
        assert_eq!(chosen(&all, "2"), None);
        assert_eq!(all.directions.iter().map(|section| section.send).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_preference_chooses_among_what_was_agreed_on_and_keeps_what_the_page_asks_for() {
        let mut all = narrowed(OFFER, &Codec::ALL, &Receivable::default(), Order::Ours);
        let fec = |narrowed: &Narrowed| match &narrowed.video {
            VideoOutcome::Chosen(choice) => choice.fec,
            _ => None,
        };
        let before = fec(&all);
        all.prefer(&[Codec::Av1, Codec::Vp8]);
        assert_eq!(sent(&all), (Codec::Av1, vec![Codec::Vp8, Codec::Vp9, Codec::H264]));
        assert_eq!((fec(&all), before.is_some()), (before, true));
        all.prefer(&[Codec::H264]);
        assert_eq!(sent(&all).0, Codec::H264, "and back");
        let mut one = narrowed(OFFER, &[Codec::Vp8], &Receivable::default(), Order::Ours);
        one.prefer(&[Codec::Av1]);
        assert_eq!(sent(&one).0, Codec::Vp8);
    }
}

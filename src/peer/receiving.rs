//! Which payload types are received, by what a description and our choice say. Pure.

use crate::receive::Encoding;
use crate::receive::formats::{Format as Taken, Formats};

use super::choice::{AudioChoice, Order, Receivable, VideoChoice};
use super::sdp::Format;

/// Notes what a page may send in a video section. A page that offered sends what we chose; one that answered may send any of
/// those it named.
pub fn take_video(
    formats: &[Format<'_>],
    choice: Option<&VideoChoice>,
    receivable: &Receivable,
    order: Order,
    taken: &mut Formats,
) -> bool {
    let mut any = false;
    let chosen = choice.map(|choice| choice.payload_type);
    for format in formats.iter().filter(|format| order == Order::Theirs || chosen == Some(format.payload_type)) {
        let codec = receivable.video.iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(format.name));
        if let Some(codec) = codec {
            taken.set(format.payload_type, Taken::Media(Encoding::Video(*codec)));
            any = true;
        }
    }
    for format in formats.iter().filter(|format| any && format.name.eq_ignore_ascii_case("rtx")) {
        if let Some(original) = format.parameter("apt").and_then(|apt| apt.parse().ok())
            && matches!(taken.get(original), Some(Taken::Media(Encoding::Video(_))))
        {
            taken.set(format.payload_type, Taken::Again(original));
        }
    }
    any
}

/// Notes what a page may send in an audio section.
pub fn take_audio(choice: Option<&AudioChoice>, taken: &mut Formats) -> bool {
    let Some(choice) = choice else { return false };
    taken.set(choice.payload_type, Taken::Media(Encoding::Opus));
    if let Some(red) = choice.red {
        taken.set(red, Taken::Media(Encoding::Red));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::peer::choice::{self, Narrowed, VideoOutcome};
    use crate::receive::Medium;

    const FORMATS: &str = "a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=rtpmap:98 VP9/90000\n\
        a=rtpmap:109 H264/90000\na=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\n\
        a=rtpmap:114 rtx/90000\na=fmtp:114 apt=109\n";

    fn page(video: &str, audio: &str) -> String {
        format!(
            "v=0\nm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 109 114\na=mid:v\na={video}\na=rid:h send\na=simulcast:send h\n{FORMATS}\
             m=audio 9 UDP/TLS/RTP/SAVPF 111 63\na=mid:s\na={audio}\na=rtpmap:111 opus/48000/2\n\
             a=fmtp:111 useinbandfec=1\na=rtpmap:63 red/48000/2\na=fmtp:63 111/111\n"
        )
    }

    fn both() -> Receivable {
        Receivable { audio: true, video: vec![Codec::H264, Codec::Vp8], closed: Vec::new() }
    }

    fn narrow(sdp: &str, codecs: &[Codec], receivable: &Receivable, order: Order) -> Narrowed {
        choice::narrow(sdp, codecs, true, receivable, order, None).unwrap()
    }

    fn directions(narrowed: &Narrowed) -> Vec<(&str, bool, bool)> {
        narrowed.directions.iter().map(|section| (section.mid.as_str(), section.send, section.receive)).collect()
    }

    #[test]
    fn nothing_is_received_where_it_is_not_wanted() {
        for direction in ["sendrecv", "sendonly"] {
            let off = narrow(&page(direction, direction), &Codec::ALL, &Receivable::default(), Order::Ours);
            assert!(Medium::ALL.iter().all(|medium| !off.formats.has(*medium)));
            assert!(off.directions.iter().all(|section| !section.receive));
        }
        let inactive = narrow(&page("recvonly", "inactive"), &Codec::ALL, &both(), Order::Ours);
        assert!(Medium::ALL.iter().all(|medium| !inactive.formats.has(*medium)));
        assert_eq!(directions(&inactive), [("v", true, false), ("s", false, false)]);
    }

    #[test]
    fn a_page_that_sends_and_receives_has_one_format_both_ways() {
        let narrowed = narrow(&page("sendrecv", "sendrecv"), &Codec::ALL, &both(), Order::Ours);
        assert_eq!(directions(&narrowed), [("v", true, true), ("s", true, true)]);
        assert_eq!(narrowed.formats.get(109), Some(Taken::Media(Encoding::Video(Codec::H264))));
        assert_eq!(narrowed.formats.repaired(114), Some(Encoding::Video(Codec::H264)));
        assert_eq!([narrowed.formats.get(96), narrowed.formats.get(98)], [None; 2]);
        assert_eq!(narrowed.formats.get(111), Some(Taken::Media(Encoding::Opus)));
        assert!(!narrowed.sdp.contains("simulcast") && !narrowed.sdp.contains("a=rid"), "{}", narrowed.sdp);
        // What we would rather send cannot be decoded here.
        let narrowed = narrow(&page("sendrecv", "sendrecv"), &[Codec::Vp9, Codec::Vp8], &both(), Order::Ours);
        assert!(matches!(narrowed.video, VideoOutcome::Chosen(choice) if choice.codec == Codec::Vp8));
        let narrowed = narrow(&page("sendrecv", "sendrecv"), &[Codec::Vp9], &both(), Order::Ours);
        assert_eq!(directions(&narrowed)[0], ("v", true, false));
    }

    #[test]
    fn a_page_that_only_sends_is_answered_with_what_can_be_decoded() {
        let vp8 = Receivable { video: vec![Codec::Vp8], ..Receivable::default() };
        let narrowed = narrow(&page("sendonly", "sendonly"), &[Codec::H264], &vp8, Order::Ours);
        assert_eq!(directions(&narrowed), [("v", false, true), ("s", false, false)]);
        assert_eq!(narrowed.formats.get(96), Some(Taken::Media(Encoding::Video(Codec::Vp8))));
        assert!(narrowed.sdp.contains("SAVPF 96 97\r\n"), "{}", narrowed.sdp);
    }

    #[test]
    fn a_page_that_answers_may_send_any_that_it_names() {
        let narrowed = narrow(&page("sendrecv", "sendrecv"), &Codec::ALL, &both(), Order::Theirs);
        for (payload_type, codec) in [(96, Codec::Vp8), (109, Codec::H264)] {
            assert_eq!(narrowed.formats.get(payload_type), Some(Taken::Media(Encoding::Video(codec))));
        }
        assert_eq!(narrowed.formats.repaired(97), Some(Encoding::Video(Codec::Vp8)));
        assert_eq!(narrowed.formats.get(98), None);
    }

    #[test]
    fn of_two_cameras_the_first_is_received_that_is_wanted() {
        let sdp = page("sendonly", "sendonly");
        let (session, media) = sdp.split_at(4);
        let second = media.replace("a=mid:v", "a=mid:w").replace("a=mid:s", "a=mid:t");
        let received = |closed: &[&str]| {
            let closed = closed.iter().map(|mid| (*mid).to_owned()).collect();
            let receivable = Receivable { closed, ..both() };
            let narrowed = narrow(&format!("{session}{media}{second}"), &Codec::ALL, &receivable, Order::Ours);
            directions(&narrowed).iter().map(|(_, _, receive)| *receive).collect::<Vec<_>>()
        };
        assert_eq!(received(&[]), [true, true, false, false]);
        assert_eq!(received(&["v"]), [false, true, true, false]);
        assert_eq!(received(&["v", "s"]), [false, false, true, true]);
    }
}

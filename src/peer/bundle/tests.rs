//! Descriptions of pages that bundle, and of others.

use proptest::prelude::*;

use super::*;

fn sdp(groups: &[&str], sections: &[&str]) -> String {
    let mut sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".to_owned();
    for group in groups {
        sdp += &format!("a=group:{group}\r\n");
    }
    for section in sections {
        let (media, attributes) = section.split_once('|').unwrap();
        sdp += &format!("m={media}\r\nc=IN IP4 0.0.0.0\r\n");
        for attribute in attributes.split(' ') {
            sdp += &format!("a={attribute}\r\n");
        }
    }
    sdp
}

const VIDEO: &str = "video 9 UDP/TLS/RTP/SAVPF 96|mid:0 rtcp-mux recvonly";
const AUDIO: &str = "audio 9 UDP/TLS/RTP/SAVPF 111|mid:1 rtcp-mux recvonly";
const DATA: &str = "application 9 UDP/DTLS/SCTP webrtc-datachannel|mid:2";

fn ports(sdp: &str) -> Vec<u16> {
    sdp::parse(sdp).unwrap().sections.iter().map(|section| section.port).collect()
}

#[test]
fn what_is_bundled_stays_as_it_is() {
    let bundled = sdp(&["BUNDLE 0 1 2"], &[VIDEO, AUDIO, DATA]);
    let shared = share(&bundled).unwrap();
    assert_eq!(shared, Shared { sdp: Cow::Borrowed(&bundled), bundled: true, refused: Vec::new() });
    let telling = Telling::default();
    telling.hear(&shared);
    assert_eq!(telling.tell(&bundled), bundled);
}

#[test]
fn what_is_not_bundled_is_refused_and_the_first_section_is_served() {
    let plain = sdp(&[], &[VIDEO, AUDIO, DATA]);
    let shared = share(&plain).unwrap();
    assert_eq!(ports(&shared.sdp), [9, 0, 0]);
    assert!(shared.sdp.contains("a=group:BUNDLE 0\r\nm=video"), "{}", shared.sdp);
    assert_eq!(shared.refused, [(1, Kind::Audio, OWN_TRANSPORT), (2, Kind::Application, OWN_TRANSPORT)]);
    let telling = Telling::default();
    telling.hear(&shared);
    let answer = sdp(&["BUNDLE 0"], &[VIDEO]);
    assert!(!telling.tell(&answer).contains("group"), "an answer groups only what was offered so");
    let offer = answer.replace("a=recvonly", "a=setup:actpass");
    assert_eq!(telling.tell(&offer), offer);
}

#[test]
fn one_section_alone_needs_no_group() {
    let one = sdp(&[], &[DATA]);
    let shared = share(&one).unwrap();
    assert!(shared.refused.is_empty() && shared.sdp.contains("a=group:BUNDLE 2\r\nm=application 9"), "{}", shared.sdp);
}

#[test]
fn a_group_of_some_leaves_out_the_others_and_rejected_sections_do_not_count() {
    let rejected = "video 0 UDP/TLS/RTP/SAVPF 96|mid:9 rtcp-mux";
    let some = sdp(&["LS 0 1", "BUNDLE 1 2"], &[rejected, AUDIO, DATA, VIDEO]);
    let shared = share(&some).unwrap();
    assert_eq!(ports(&shared.sdp), [0, 9, 9, 0]);
    assert!(shared.sdp.contains("a=group:BUNDLE 1 2\r\n") && !shared.sdp.contains("group:LS"), "{}", shared.sdp);
    assert!(shared.bundled);
}

#[test]
fn sections_without_a_port_of_their_own_stay() {
    let only = "audio 0 UDP/TLS/RTP/SAVPF 111|mid:1 rtcp-mux bundle-only";
    let bundled = sdp(&["BUNDLE 0 1"], &[VIDEO, only]);
    assert!(share(&bundled).unwrap().refused.is_empty());
    let lonely = sdp(&[], &[VIDEO, only]);
    let shared = share(&lonely).unwrap();
    assert!(!shared.sdp.contains("bundle-only") && shared.refused.len() == 1, "{}", shared.sdp);
}

#[test]
fn rtcp_on_a_port_of_its_own_is_refused() {
    let video = VIDEO.replace(" rtcp-mux", "");
    let alone = sdp(&["BUNDLE 2"], &[&video, DATA]);
    let shared = share(&alone).unwrap();
    assert_eq!(ports(&shared.sdp), [0, 9]);
    assert_eq!(shared.refused, [(0, Kind::Video, OWN_RTCP)]);
    let mut outcome = VideoOutcome::Refused("something".into());
    shared.explain(&mut outcome);
    assert_eq!(outcome, VideoOutcome::Refused(OWN_RTCP.into()));
    assert_eq!(share(&sdp(&[], &[&video])), Err(SdpError::NoTransport(OWN_RTCP)), "nothing is left");
    // Said by another section of its bundle.
    assert!(share(&sdp(&["BUNDLE 0 1"], &[&video, AUDIO])).unwrap().refused.is_empty());
}

#[test]
fn max_bundle_offers_one_port_until_the_other_side_has_spoken() {
    let telling = Telling::default();
    telling.set_bundle_only(true);
    let offer = sdp(&["BUNDLE 0 1 2"], &[VIDEO, AUDIO, DATA]).replace("a=recvonly", "a=setup:actpass");
    let told = telling.tell(&offer);
    assert_eq!(ports(&told), [9, 0, 0]);
    assert_eq!(told.matches("a=bundle-only\r\n").count(), 2);
    let shared = share(&told).unwrap();
    assert!(shared.refused.is_empty(), "our own words for it");
    telling.hear(&shared);
    assert_eq!(telling.tell(&offer), offer);
}

proptest! {
    #[test]
    fn any_description_is_shared_so_that_nothing_more_is_refused(
        text in "(v=0\n)?(a=group:(BUNDLE|LS)( [0-3]){0,4}\n){0,2}(m=(video|audio|application) [09] x 9\n(a=mid:[0-3]\n)?(a=rtcp-mux\n|a=bundle-only\n){0,2}){0,5}"
    ) {
        if let Ok(shared) = share(&text) {
            let again = share(&shared.sdp).unwrap();
            prop_assert_eq!(&again.sdp, &shared.sdp);
            let _ = Telling::default().tell(&text);
        }
    }
}

use super::*;

/// Where nothing is received.
fn narrow(
    sdp: &str,
    codecs: &[Codec],
    audio: bool,
    order: Order,
    current: Option<Codec>,
) -> Result<Narrowed, SdpError> {
    super::narrow(sdp, codecs, audio, &Receivable::default(), order, current)
}

fn video(formats: &str) -> String {
    let numbers: Vec<&str> = formats
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    format!("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF {}\r\na=mid:0\r\na=recvonly\r\n{formats}\r\n", numbers.join(" "))
}

fn chosen(sdp: &str, codecs: &[Codec], order: Order, current: Option<Codec>) -> VideoChoice {
    match narrow(sdp, codecs, true, order, current).unwrap().video {
        VideoOutcome::Chosen(choice) => choice,
        other => panic!("{other:?}"),
    }
}

const CHROME: &str = "a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n\
    a=rtpmap:103 H264/90000\na=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\n\
    a=rtpmap:104 rtx/90000\na=fmtp:104 apt=103\n\
    a=rtpmap:107 H264/90000\na=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\n\
    a=rtpmap:109 H264/90000\na=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\n\
    a=rtpmap:114 rtx/90000\na=fmtp:114 apt=109;rtx-time=3000\n\
    a=rtpmap:98 VP9/90000\na=fmtp:98 profile-id=2";

#[test]
fn our_order_prefers_constrained_baseline_in_mode_one_with_its_rtx() {
    let choice = chosen(&video(CHROME), &Codec::ALL, Order::Ours, None);
    assert_eq!((choice.codec, choice.payload_type, choice.rtx), (Codec::H264, 109, Some(114)));
}

#[test]
fn their_order_is_obeyed_when_they_answer() {
    let choice = chosen(&video(CHROME), &Codec::ALL, Order::Theirs, None);
    assert_eq!((choice.codec, choice.payload_type, choice.rtx), (Codec::Vp8, 96, Some(97)));
    let choice = chosen(&video(CHROME), &[Codec::H264], Order::Theirs, None);
    assert_eq!((choice.codec, choice.payload_type), (Codec::H264, 103));
}

#[test]
fn what_is_being_sent_stays() {
    let choice = chosen(&video(CHROME), &Codec::ALL, Order::Ours, Some(Codec::Vp8));
    assert_eq!(choice.codec, Codec::Vp8);
}

#[test]
fn mode_zero_alone_falls_back_to_the_next_codec_or_is_refused() {
    let mode0 = "a=rtpmap:107 H264/90000\na=fmtp:107 packetization-mode=0;profile-level-id=42e01f";
    let with_vp8 = format!("{mode0}\na=rtpmap:96 VP8/90000");
    assert_eq!(chosen(&video(&with_vp8), &Codec::ALL, Order::Ours, None).codec, Codec::Vp8);
    let narrowed = narrow(&video(mode0), &Codec::ALL, true, Order::Ours, None).unwrap();
    assert!(
        matches!(&narrowed.video, VideoOutcome::Refused(why) if why.contains("packetization")),
        "{:?}",
        narrowed.video
    );
    assert!(narrowed.sdp.contains("SAVPF 0\r\n") && !narrowed.sdp.contains("H264"), "{}", narrowed.sdp);
}

#[test]
fn a_rejected_section_brings_no_transport_of_its_own() {
    let sdp = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:used\r\na=ice-pwd:used\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 0\r\na=inactive\r\na=ice-ufrag:other\r\na=ice-pwd:other\r\n\
        a=fingerprint:sha-256 00\r\na=mid:1\r\n";
    let narrowed = narrow(sdp, &Codec::ALL, true, Order::Theirs, None).unwrap();
    assert!(narrowed.sdp.contains("a=ice-ufrag:used") && narrowed.sdp.contains("a=mid:1"), "{}", narrowed.sdp);
    assert!(!narrowed.sdp.contains("other") && !narrowed.sdp.contains("fingerprint"), "{}", narrowed.sdp);
}

#[test]
fn a_section_that_has_the_bundles_port_only_is_no_rejected_one() {
    let with = |more: &str| {
        let sdp = format!(
            "v=0\r\na=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 120\r\na=mid:0\r\na=recvonly\r\n\
            a=rtpmap:120 VP8/90000\r\nm=audio 0 UDP/TLS/RTP/SAVPF 109\r\na=mid:1\r\na=recvonly\r\n{more}\
            a=rtpmap:109 opus/48000/2\r\n"
        );
        let narrowed = narrow(&sdp, &Codec::ALL, true, Order::Ours, None).unwrap();
        (narrowed.directions[1].send, narrowed.audio.is_some())
    };
    assert_eq!(with("a=bundle-only\r\n"), (true, true), "as Firefox offers sound");
    assert_eq!(with(""), (false, false));
}

#[test]
fn other_profiles_are_not_ours() {
    for fmtp in ["profile-id=2", "profile-id=1"] {
        let sdp = video(&format!("a=rtpmap:98 VP9/90000\na=fmtp:98 {fmtp}"));
        assert!(matches!(narrow(&sdp, &Codec::ALL, true, Order::Ours, None).unwrap().video, VideoOutcome::Refused(_)));
    }
    let high = "a=rtpmap:98 H264/90000\na=fmtp:98 packetization-mode=1;profile-level-id=640c1f";
    assert!(matches!(
        narrow(&video(high), &Codec::ALL, true, Order::Ours, None).unwrap().video,
        VideoOutcome::Refused(_)
    ));
}

#[test]
fn requested_rates_are_read_in_kilobits() {
    let sdp = video(
        "a=rtpmap:98 VP8/90000\na=fmtp:98 x-google-start-bitrate=16000;x-google-max-bitrate=160000;x-google-min-bitrate=0",
    );
    let rates = chosen(&sdp, &Codec::ALL, Order::Ours, None).rates;
    assert_eq!(rates.start, Some(Bitrate::from_kbps(16_000)));
    assert_eq!(rates.max, Some(Bitrate::from_kbps(160_000)));
    assert_eq!(rates.min, None);
}

#[test]
fn rates_written_on_other_formats_count_and_the_chosen_ones_own_win() {
    let formats = "a=rtpmap:98 VP8/90000\na=rtpmap:109 H264/90000\na=fmtp:109 packetization-mode=0;\
        x-google-start-bitrate=16000;x-google-max-bitrate=160000";
    let rates = |sdp: &str| chosen(sdp, &[Codec::Vp8], Order::Ours, None).rates;
    let other = rates(&video(formats));
    assert_eq!(other.start, Some(Bitrate::from_kbps(16_000)));
    assert_eq!((other.min, other.max), (None, Some(Bitrate::from_kbps(160_000))));
    let own = rates(&video(&format!("{formats}\na=fmtp:98 x-google-min-bitrate=7;x-google-max-bitrate=9000")));
    assert_eq!(own.start, Some(Bitrate::from_kbps(16_000)));
    assert_eq!((own.min, own.max), (Some(Bitrate::from_kbps(7)), Some(Bitrate::from_kbps(9_000))));
    for (bandwidth, max) in [("b=AS:2500", 2_500), ("b=TIAS:3000000", 3_000), ("b=AS:20000", 9_000)] {
        let own = format!("{formats}\n{bandwidth}\na=fmtp:98 x-google-max-bitrate=9000");
        assert_eq!(rates(&video(&own)).max, Some(Bitrate::from_kbps(max)), "{bandwidth}");
    }
}

#[test]
fn of_a_chromium_offer_the_constrained_baseline_mode_one_format_is_left() {
    let narrowed =
        narrow(include_str!("../../../tests/vectors/chromium-offer.sdp"), &Codec::ALL, true, Order::Ours, None)
            .unwrap();
    let VideoOutcome::Chosen(choice) = &narrowed.video else { panic!("{:?}", narrowed.video) };
    assert_eq!((choice.codec, choice.payload_type, choice.rtx), (Codec::H264, 108, Some(109)));
    assert_eq!(choice.fec, Some(49));
    assert!(narrowed.sdp.contains("m=video 9 UDP/TLS/RTP/SAVPF 108 109 96 97 98 99 45 46 49\r\n"), "{}", narrowed.sdp);
    assert_eq!(narrowed.audio.as_ref().unwrap().red, Some(63));
    assert!(narrowed.sdp.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n"));
    assert!(narrowed.sdp.contains("playout-delay") && narrowed.sdp.contains("webrtc-datachannel"));
    let av1 = narrow(include_str!("../../../tests/vectors/chromium-offer.sdp"), &[Codec::Av1], true, Order::Ours, None);
    assert!(matches!(av1.unwrap().video, VideoOutcome::Chosen(choice) if choice.payload_type == 45));
}

#[test]
fn repair_formats_stay_only_beside_formats_the_crate_matches_exactly() {
    let fec = |fmtp: &str, repair: &str| {
        let formats =
            format!("a=rtpmap:98 H264/90000\na=fmtp:98 {fmtp}\na=rtpmap:49 flexfec-03/90000\na=fmtp:49 {repair}");
        chosen(&video(&formats), &Codec::ALL, Order::Ours, None).fec
    };
    let ours = "packetization-mode=1;profile-level-id=42e033";
    assert_eq!(fec(ours, "repair-window=10000000"), Some(49));
    assert_eq!(fec(ours, "repair-window=200000"), None);
    assert_eq!(fec("packetization-mode=1;profile-level-id=42c01f", "repair-window=10000000"), None);
    assert_eq!(fec("packetization-mode=1", "repair-window=10000000"), None);
    let red = |opus: &str, within: &str| {
        let sdp = format!(
            "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109 63\r\na=rtpmap:109 opus/48000/2\r\na=fmtp:109 {opus}\r\n\
             a=rtpmap:63 red/48000/2\r\na=fmtp:63 {within}\r\n"
        );
        narrow(&sdp, &Codec::ALL, true, Order::Ours, None).unwrap().audio.unwrap().red
    };
    assert_eq!(red("useinbandfec=1;maxplaybackrate=48000", "109/109"), Some(63));
    assert_eq!(red("useinbandfec=0", "109/109"), None);
    assert_eq!(red("useinbandfec=1", "0/109"), None);
    assert_eq!(red("useinbandfec=1", ""), None);
}

#[test]
fn opus_is_found_and_everything_else_in_its_section_goes() {
    let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9\r\na=mid:1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
        a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";
    let narrowed = narrow(sdp, &Codec::ALL, true, Order::Ours, None).unwrap();
    let audio = narrowed.audio.unwrap();
    assert_eq!((audio.payload_type, audio.stereo, audio.fec, audio.red), (111, true, true, Some(63)));
    assert!(narrowed.sdp.contains("SAVPF 111 63\r\n") && !narrowed.sdp.contains("SAVPF 111 63 9"));
    assert!(narrow(sdp, &Codec::ALL, false, Order::Ours, None).unwrap().audio.is_none());
    assert_eq!(narrowed.video, VideoOutcome::Absent);
}

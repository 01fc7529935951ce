//! Frames, sound, and what comes back about them.

use std::sync::atomic::Ordering;

use rendercast::encode::Codec;
use rendercast::peer::{Limits, PeerError, PeerEvent};
use rendercast::units::{Bitrate, SenderId};
use rtc::rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;

use crate::browser::{PATIENCE, PLAYOUT_DELAY};
use crate::session::{Session, extension, frame, number, payload_type, settings, sound};

const FRAMES: u32 = 30;
const PACKETS: usize = 20;

async fn negotiated(session: &mut Session) -> Codec {
    session
        .event(|event| match event {
            PeerEvent::VideoNegotiated { codec, .. } => Some(*codec),
            PeerEvent::VideoRefused { reason } => panic!("{reason}"),
            _ => None,
        })
        .await
}

/// Sends frames and checks every packet of them at the other end.
async fn check_video(session: &mut Session, codec: Codec, payload_type: u8, extension: u8) {
    let mut last = None;
    for n in 0..FRAMES {
        session.peer.send_video(&frame(codec, n, PACKETS)).await.unwrap();
        for p in 0..PACKETS {
            let packet = session.packet(payload_type).await;
            assert_eq!(number(&packet), (n, p as u8));
            assert_eq!(packet.header.timestamp, 90_000 + n * 1_500);
            assert_eq!(packet.header.marker, p + 1 == PACKETS);
            let delay = packet.header.extensions.iter().find(|e| e.id == extension).expect("playout delay");
            assert_eq!(delay.payload.as_ref(), [0, 0, 0]);
            let sequence = packet.header.sequence_number;
            assert!(last.is_none_or(|last: u16| last.wrapping_add(1) == sequence));
            last = Some(sequence);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_offers_media_gets_every_frame_in_order() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let offer = session.browser.offer().await;
    let answer = session.peer.answer(&offer, true).await.unwrap();
    assert_eq!(answer.matches("H264/90000").count(), 1, "{answer}");
    assert_eq!(answer.matches("VP8/90000").count(), 1, "agreed on too: {answer}");
    let first = format!("SAVPF {} ", payload_type(&answer, "H264"));
    assert!(answer.contains(&first) && answer.contains("a=sendonly"), "{answer}");
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    assert_eq!(negotiated(&mut session).await, Codec::H264);
    // Its numbers, not ours.
    let (h264, delay) = (payload_type(&answer, "H264"), extension(&offer, PLAYOUT_DELAY));
    assert_eq!(delay, extension(&answer, PLAYOUT_DELAY));
    check_video(&mut session, Codec::H264, h264, delay).await;
    assert!(session.browser.wire.transport_numbers.load(Ordering::Relaxed) >= FRAMES * PACKETS as u32);
    session.event(|event| matches!(event, PeerEvent::AudioNegotiated { fec: true, .. }).then_some(())).await;
    let opus = payload_type(&answer, "opus");
    for n in 0..10 {
        session.peer.send_audio(&sound(n)).await.unwrap();
        let packet = session.packet(opus).await;
        assert_eq!((packet.header.timestamp, packet.header.marker), (n * 480, false));
        assert_eq!(packet.payload.as_ref(), n.to_be_bytes());
    }
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_offers_only_data_gets_media_by_our_own_offer() {
    let mut session = Session::open(settings()).await;
    let _channel = session.browser.pc.create_data_channel("data", None).await.unwrap();
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    assert!(!answer.contains("m=video"), "{answer}");
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    let early = session.peer.send_video(&frame(Codec::H264, 0, 1)).await;
    assert!(matches!(early, Err(PeerError::NotNegotiated)), "{early:?}");
    let offer = session.peer.offer().await.unwrap();
    for name in ["H264", "VP8", "VP9", "AV1", "opus"] {
        assert!(offer.contains(&format!(" {name}/")), "{offer}");
    }
    assert!(!offer.contains("packetization-mode=0"));
    let streams: Vec<&str> = offer.lines().filter(|line| line.starts_with("a=msid:")).collect();
    assert_eq!(streams.len(), 2, "{streams:?}");
    assert_ne!(streams[0].split(' ').next(), streams[1].split(' ').next());
    let answer = session.browser.answer(&offer).await;
    session.peer.accept_answer(&answer).await.unwrap();
    let codec = negotiated(&mut session).await;
    let video = payload_type(&answer, codec.rtpmap_name());
    check_video(&mut session, codec, video, extension(&answer, PLAYOUT_DELAY)).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_codec_the_browser_answers_is_the_one_that_is_sent() {
    let mut session = Session::open(settings()).await;
    let offer = session.peer.offer().await.unwrap();
    let answer = session.browser.answer(&offer).await;
    // A browser that put VP9 first and kept the rest.
    let vp9 = payload_type(&answer, "VP9").to_string();
    let answer: String = answer
        .lines()
        .map(|line| match line.strip_prefix("m=video 9 UDP/TLS/RTP/SAVPF ") {
            Some(formats) => {
                let others: Vec<&str> = formats.split(' ').filter(|f| *f != vp9).collect();
                format!("m=video 9 UDP/TLS/RTP/SAVPF {vp9} {}\r\n", others.join(" "))
            }
            None => format!("{line}\r\n"),
        })
        .collect();
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    session.connected().await;
    assert_eq!(negotiated(&mut session).await, Codec::Vp9);
    session.peer.send_video(&frame(Codec::Vp9, 0, 3)).await.unwrap();
    for p in 0..3 {
        assert_eq!(number(&session.packet(vp9.parse().unwrap()).await), (0, p));
    }
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stream_puts_sound_and_picture_together() {
    let session = Session::open(rendercast::peer::PeerSettings { one_stream: true, ..settings() }).await;
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    let streams: Vec<&str> =
        answer.lines().filter_map(|line| line.strip_prefix("a=msid:")).filter_map(|l| l.split(' ').next()).collect();
    assert_eq!(streams.len(), 2, "{answer}");
    assert_eq!(streams[0], streams[1]);
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_for_a_keyframe_reach_us() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let h264 = {
        negotiated(&mut session).await;
        session.peer.send_video(&frame(Codec::H264, 0, 1)).await.unwrap();
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            session.event_or_packet(until).await;
            if let Some(packet) = session.packets.front() {
                break packet.header.ssrc;
            }
        }
    };
    let track = session.browser.track(RtpCodecKind::Video).await;
    assert_eq!(track.ssrcs().await, [h264]);
    let keyframe = |event: &PeerEvent| (*event == PeerEvent::KeyframeNeeded(SenderId::VIDEO)).then_some(());
    track.write_rtcp(vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: h264 })]).await.unwrap();
    session.event(keyframe).await;
    session.passed.clear();
    let fir =
        FullIntraRequest { sender_ssrc: 1, media_ssrc: 0, fir: vec![FirEntry { ssrc: h264, sequence_number: 1 }] };
    track.write_rtcp(vec![Box::new(fir)]).await.unwrap();
    session.event(keyframe).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_packets_come_again_by_rtx() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    let (h264, rtx) = (payload_type(&answer, "H264"), payload_type(&answer, "rtx"));
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    negotiated(&mut session).await;
    session.browser.wire.lose_every.store(7, Ordering::Relaxed);
    let mut missing: Vec<(u32, u8)> = Vec::new();
    let until = tokio::time::Instant::now() + PATIENCE;
    // What comes last cannot be missed by anyone: small frames follow until all that count have come. The
    // stand-in asks each 100 ms, for no more than the last 512 packets, hence the pace.
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(8));
    for n in 0.. {
        pace.tick().await;
        let size = if n < FRAMES { PACKETS } else { 1 };
        session.peer.send_video(&frame(Codec::H264, n, size)).await.unwrap();
        if n < FRAMES {
            missing.extend((0..PACKETS).map(|p| (n, p as u8)));
        }
        session.event_or_packet(until).await;
        while let Some(packet) = session.packets.pop_front() {
            assert_eq!(packet.header.payload_type, h264);
            missing.retain(|number_of| *number_of != number(&packet));
        }
        if n >= FRAMES && missing.is_empty() {
            break;
        }
        assert!(tokio::time::Instant::now() < until, "still missing: {missing:?}");
    }
    assert!(session.browser.wire.lost.load(Ordering::Relaxed) > 20);
    assert!(session.browser.wire.payload_types.lock().unwrap().contains(&rtx), "no retransmission in its own format");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_give_round_trip_and_estimate() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    negotiated(&mut session).await;
    let peer = session.peer.clone();
    let sending = tokio::spawn(async move {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(16));
        for n in 0.. {
            tick.tick().await;
            if peer.send_video(&frame(Codec::H264, n, 14)).await.is_err() {
                return;
            }
        }
    });
    // The browser's report must answer a sender report, so the first one or two have no round trip.
    let rtt = session
        .event(|event| match event {
            PeerEvent::Feedback { rtt, fraction_lost } => {
                assert!((0.0..0.5).contains(fraction_lost));
                *rtt
            }
            _ => None,
        })
        .await;
    assert!(rtt < std::time::Duration::from_millis(500), "{rtt:?}");
    session.passed.clear();
    session.peer.set_limits(Limits::new(Bitrate::from_kbps(1_000), Bitrate::from_kbps(500), Bitrate::from_kbps(2_000)));
    let estimate = session
        .event(|event| match event {
            PeerEvent::Estimate(estimate) => (*estimate <= Bitrate::from_kbps(2_000)).then_some(*estimate),
            _ => None,
        })
        .await;
    assert!(estimate >= Bitrate::from_kbps(500), "{estimate:?}");
    session.peer.close().await;
    sending.await.unwrap();
}

//! Several codecs agreed on, one of them sent, and the change from one to another.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::encode::Codec;
use rendercast::peer::{PeerError, PeerEvent, PeerSettings, Preferred};

use crate::browser::PATIENCE;
use crate::session::{Session, frame, number, payload_type, settings};

/// What packets of this payload type are sent again as.
fn rtx_of(sdp: &str, payload_type: u8) -> u8 {
    let apt = format!(" apt={payload_type}");
    let line = sdp.lines().find(|line| line.starts_with("a=fmtp:") && line.ends_with(&apt)).unwrap();
    line["a=fmtp:".len()..].split(' ').next().unwrap().parse().unwrap()
}

/// The codec last told.
async fn told(session: &mut Session, wanted: Codec) {
    session
        .event(|event| match event {
            PeerEvent::VideoNegotiated { codec, .. } if *codec == wanted => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_frame_leaves_in_its_own_codecs_format_and_so_does_what_is_sent_again() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    told(&mut session, Codec::H264).await;
    let (h264, vp8) = (payload_type(&answer, "H264"), payload_type(&answer, "VP8"));
    session.peer.send_video(&frame(Codec::H264, 0, 1)).await.unwrap();
    assert_eq!(number(&session.packet(h264).await), (0, 0));

    assert_eq!(session.peer.prefer(vec![Codec::Vp8]).await.unwrap(), Preferred::Sent(Codec::Vp8));
    told(&mut session, Codec::Vp8).await;
    // The old one goes on until the new one's first keyframe.
    session.peer.send_video(&frame(Codec::H264, 1, 1)).await.unwrap();
    assert_eq!(number(&session.packet(h264).await), (1, 0));
    session.browser.wire.lose_every.store(5, Ordering::Relaxed);
    let until = tokio::time::Instant::now() + PATIENCE;
    let mut missing: Vec<u32> = (2..60).collect();
    let mut pace = tokio::time::interval(Duration::from_millis(8));
    for n in 2.. {
        pace.tick().await;
        session.peer.send_video(&frame(Codec::Vp8, n, 2)).await.unwrap();
        session.event_or_packet(until).await;
        while let Some(packet) = session.packets.pop_front() {
            assert_eq!(packet.header.payload_type, vp8);
            missing.retain(|frame| number(&packet) != (*frame, 1));
        }
        if n > 60 && missing.is_empty() {
            break;
        }
        assert!(tokio::time::Instant::now() < until, "still missing: {missing:?}");
    }
    let seen = session.browser.wire.payload_types.lock().unwrap().clone();
    assert!(seen.contains(&rtx_of(&answer, vp8)), "{seen:?}");
    assert!(!seen.contains(&rtx_of(&answer, h264)), "the old format cannot carry the new codec");
    assert_eq!(session.peer.prefer(Vec::new()).await.unwrap(), Preferred::Sent(Codec::H264), "as configured");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_preferred_before_the_first_description_is_sent_first_whoever_offers() {
    for we_offer in [false, true] {
        let mut session = Session::open(settings()).await;
        assert_eq!(session.peer.prefer(vec![Codec::Vp9, Codec::Vp8]).await.unwrap(), Preferred::NotYet);
        if we_offer {
            let offer = session.peer.offer().await.unwrap();
            let answer = session.browser.answer(&offer).await;
            session.peer.accept_answer(&answer).await.unwrap();
        } else {
            session.browser.want_media().await;
            let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
            session.browser.accept(&answer).await;
        }
        session.settle().await;
        session.connected().await;
        told(&mut session, Codec::Vp9).await;
        session.peer.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_codec_that_was_not_agreed_on_is_not_sent() {
    let mut session = Session::browser_offers_media(PeerSettings { codecs: vec![Codec::H264], ..settings() }).await;
    session.connected().await;
    told(&mut session, Codec::H264).await;
    let wrong = session.peer.send_video(&frame(Codec::Vp8, 0, 1)).await;
    assert!(matches!(wrong, Err(PeerError::WrongCodec { negotiated: Codec::H264, .. })), "{wrong:?}");
    assert_eq!(session.peer.prefer(vec![Codec::Vp8]).await.unwrap(), Preferred::Without(Codec::H264));
    session.peer.send_video(&frame(Codec::H264, 0, 1)).await.unwrap();
    session.peer.close().await;
}

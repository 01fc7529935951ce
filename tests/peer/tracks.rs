//! Several video tracks in one connection: each with its own SSRC and MediaStream, added and removed while others play.

use rendercast::encode::Codec;
use rendercast::peer::{Direction, MOST_VIDEO_TRACKS, PeerError, PeerEvent};
use rendercast::units::SenderId;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};

use crate::browser::{Browser, PATIENCE};
use crate::session::{Session, frame, number, settings};

const MAP: SenderId = SenderId(3);
const REAR: SenderId = SenderId(4);

async fn want_one_more(browser: &Browser) {
    let direction = RTCRtpTransceiverDirection::Recvonly;
    let init = RTCRtpTransceiverInit { direction, streams: vec![], send_encodings: vec![] };
    browser.pc.add_transceiver_from_kind(RtpCodecKind::Video, Some(init)).await.unwrap();
}

/// What is sent on a track from now on.
async fn negotiated(session: &mut Session, wanted: SenderId) -> Option<Codec> {
    session
        .event(|event| match event {
            PeerEvent::TrackNegotiated { sender, codec } if *sender == wanted => Some(*codec),
            _ => None,
        })
        .await
}

/// The next packet that tells this frame, and its SSRC.
async fn arrives(session: &mut Session, wanted: u32) -> u32 {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let of_frame = |packet: &rtc::rtp::Packet| packet.payload.len() > 5 && number(packet).0 == wanted;
        if let Some(at) = session.packets.iter().position(of_frame) {
            return session.packets.remove(at).unwrap().header.ssrc;
        }
        session.event_or_packet(until).await;
    }
}

/// Sends a frame on each of these, and tells by what SSRCs they come.
async fn play(session: &mut Session, senders: &[SenderId], codec: Codec, first: u32) -> Vec<u32> {
    let mut ssrcs = Vec::new();
    for (n, sender) in senders.iter().enumerate() {
        let number = first + n as u32;
        session.peer.send_track(*sender, &frame(codec, number, 3)).await.unwrap();
        ssrcs.push(arrives(session, number).await);
    }
    ssrcs
}

/// MediaStreams of the video sections that are sent, by description.
fn streams(sdp: &str) -> Vec<&str> {
    let sections = sdp.split("m=").filter(|section| section.starts_with("video") && section.contains("a=sendonly"));
    let stream = |section: &'_ str| section.find("a=msid:").map(|at| at + "a=msid:".len());
    sections.filter_map(|section| section[stream(section)?..].split(' ').next()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_takes_two_gets_both_by_their_own_ssrcs_and_streams() {
    let mut session = Session::open(settings()).await;
    session.peer.add_track(MAP, "map", None).await.unwrap();
    session.browser.want_media().await;
    want_one_more(&session.browser).await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    assert_eq!(streams(&answer), ["rendercast-video", "map"], "{answer}");
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    let codec = negotiated(&mut session, MAP).await.unwrap();
    let ssrcs = play(&mut session, &[SenderId::VIDEO, MAP, SenderId::VIDEO, MAP], codec, 0).await;
    assert!(ssrcs[0] == ssrcs[2] && ssrcs[1] == ssrcs[3] && ssrcs[0] != ssrcs[1], "{ssrcs:?}");
    assert!(!session.peer.has_untold_tracks().await);
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_track_is_added_and_removed_while_another_plays() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    assert!(!session.peer.has_untold_tracks().await);
    session.peer.add_track(MAP, "map", None).await.unwrap();
    let early = session.peer.send_track(MAP, &frame(Codec::H264, 0, 1)).await;
    assert!(matches!(early, Err(PeerError::NotNegotiated)), "{early:?}");
    assert!(session.peer.has_untold_tracks().await, "the page offers one section only");
    let (offer, _) = session.offers().await;
    assert_eq!(streams(&offer), ["rendercast-video", "map"], "{offer}");
    let codec = negotiated(&mut session, MAP).await.unwrap();
    let before = play(&mut session, &[SenderId::VIDEO, MAP], codec, 0).await;
    assert_ne!(before[0], before[1]);
    session.peer.remove_track(MAP).await.unwrap();
    let gone = session.peer.send_track(MAP, &frame(codec, 2, 1)).await;
    assert!(matches!(gone, Err(PeerError::NoTrack)), "{gone:?}");
    assert!(session.peer.has_untold_tracks().await);
    assert_eq!(play(&mut session, &[SenderId::VIDEO], codec, 3).await, before[..1]);
    assert_eq!(streams(&session.offers().await.0), ["rendercast-video"]);
    assert_eq!(play(&mut session, &[SenderId::VIDEO], codec, 4).await, before[..1]);
    // Its section is used again, by another SSRC.
    session.peer.add_track(REAR, "rear", None).await.unwrap();
    let (offer, _) = session.offers().await;
    assert_eq!((streams(&offer), offer.matches("m=video").count()), (vec!["rendercast-video", "rear"], 2), "{offer}");
    assert_eq!(negotiated(&mut session, REAR).await, Some(codec));
    let after = play(&mut session, &[SenderId::VIDEO, REAR], codec, 5).await;
    assert!(after[0] == before[0] && after[1] != before[1]);
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_asks_for_one_more_while_the_first_plays_gets_what_waits() {
    let mut session = Session::open(settings()).await;
    session.offers().await;
    session.settle().await;
    session.connected().await;
    // One that was turned off and on again stands before it.
    session.peer.add_track(REAR, "rear", None).await.unwrap();
    session.offers().await;
    for wanted in [Direction::INACTIVE, Direction::SENDONLY] {
        session.peer.set_direction(REAR, wanted).await.unwrap();
        session.offers().await;
    }
    session.peer.add_track(MAP, "map", None).await.unwrap();
    want_one_more(&session.browser).await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    assert_eq!(streams(&answer), ["rendercast-video", "rear", "map"], "{answer}");
    session.browser.accept(&answer).await;
    let codec = negotiated(&mut session, MAP).await.unwrap();
    let ssrcs = play(&mut session, &[SenderId::VIDEO, REAR, MAP], codec, 0).await;
    assert!(ssrcs[0] != ssrcs[1] && ssrcs[1] != ssrcs[2] && ssrcs[0] != ssrcs[2], "{ssrcs:?}");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inactive_section_stops_its_track_and_no_other() {
    let mut session = Session::open(settings()).await;
    session.peer.add_track(MAP, "map", None).await.unwrap();
    let offer = session.peer.offer().await.unwrap();
    let answer = session.browser.answer(&offer).await;
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    session.connected().await;
    let codec = negotiated(&mut session, MAP).await.unwrap();
    play(&mut session, &[SenderId::VIDEO, MAP], codec, 0).await;
    session.peer.set_direction(MAP, Direction::INACTIVE).await.unwrap();
    assert_eq!(streams(&session.offers().await.0), ["rendercast-video"]);
    session.passed.clear();
    assert_eq!(negotiated(&mut session, MAP).await, None);
    let stopped = session.peer.send_track(MAP, &frame(codec, 2, 1)).await;
    assert!(matches!(stopped, Err(PeerError::NotNegotiated)), "{stopped:?}");
    play(&mut session, &[SenderId::VIDEO], codec, 3).await;
    let states = session.peer.track_states().await.unwrap();
    let of_map = states.iter().find(|state| state.sender == Some(MAP)).unwrap();
    assert_eq!((of_map.direction, of_map.current_direction), ("inactive", Some("inactive")), "{states:?}");
    session.peer.set_direction(MAP, Direction::SENDONLY).await.unwrap();
    session.offers().await;
    assert_eq!(negotiated(&mut session, MAP).await, Some(codec));
    play(&mut session, &[SenderId::VIDEO, MAP], codec, 4).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_an_end_to_tracks() {
    let session = Session::open(settings()).await;
    for n in 1..MOST_VIDEO_TRACKS as u32 {
        session.peer.add_track(SenderId(2 + n), "s", None).await.unwrap();
    }
    let more = session.peer.add_track(SenderId(99), "s", None).await;
    assert!(matches!(more, Err(PeerError::TooManyTracks)), "{more:?}");
    session.peer.remove_track(SenderId(3)).await.unwrap();
    session.peer.add_track(SenderId(99), "s", None).await.unwrap();
    let offer = session.peer.offer().await.unwrap();
    assert_eq!(offer.matches("m=video").count(), MOST_VIDEO_TRACKS, "{offer}");
    session.peer.close().await;
}

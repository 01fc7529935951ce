//! What a page sends arrives in the inlet, and the page is told what its sender must know.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::encode::Codec;
use rendercast::peer::{PeerEvent, PeerSettings, Receivable};
use rendercast::receive::inlet::Inlet;
use rendercast::receive::{Arrival, Encoding, Medium};
use rendercast::units::Size;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use crate::browser::PATIENCE;
use crate::sender::{Camera, Microphone, camera_track, microphone_track, payload_type};
use crate::session::{Session, settings};

const SIZE: Size = Size::new(160, 90);

fn receiving(audio: bool, video: &[Codec]) -> (Inlet, PeerSettings) {
    let inlet = Inlet::new(Default::default(), Default::default());
    let receivable = Receivable { audio, video: video.to_vec(), ..Receivable::default() };
    (inlet.clone(), PeerSettings { receivable, inlet: Some(inlet), ..settings() })
}

/// The directions of a description's media sections, in order.
fn directions(sdp: &str) -> Vec<&str> {
    let media = sdp.split("m=application").next().unwrap_or_default();
    let known = ["sendrecv", "sendonly", "recvonly", "inactive"];
    media.lines().filter_map(|line| line.strip_prefix("a=")).filter(|line| known.contains(line)).collect()
}

async fn add(session: &Session, track: &Arc<TrackLocalStaticRTP>) {
    session.browser.pc.add_track(Arc::clone(track) as Arc<dyn TrackLocal>).await.unwrap();
}

/// A page that watches and sends both, answered and connected. Our answer.
async fn page_that_sends(session: &mut Session) -> (String, [Arc<TrackLocalStaticRTP>; 2]) {
    let tracks = [camera_track(Codec::H264), microphone_track()];
    for track in &tracks {
        add(session, track).await;
    }
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    (answer, tracks)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_packets_of_a_camera_are_asked_for_and_come_and_the_page_is_told_of_its_stream() {
    let (inlet, settings) = receiving(true, &[Codec::H264]);
    let mut session = Session::open(settings).await;
    let (answer, [pictures, sound]) = page_that_sends(&mut session).await;
    assert_eq!(directions(&answer), ["sendrecv", "sendrecv"]);
    let mut camera = Camera::new(Codec::H264, payload_type(&answer, "H264").unwrap(), SIZE, [63, 102, 240]).unwrap();
    let mut microphone = Microphone::new(payload_type(&answer, "opus").unwrap());
    session.browser.wire.lose_sent_every.store(10, Ordering::Relaxed);
    let wire = Arc::clone(&session.browser.wire);
    let counts = || [&wire.nacks, &wire.reports, &wire.arrivals, &wire.plis].map(|count| count.load(Ordering::Relaxed));
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let until = tokio::time::Instant::now() + PATIENCE;
    let (mut sent, mut came, mut heard) = (Vec::new(), Vec::new(), 0);
    // Until nothing is missing that was sent 100 ms ago, and everything was told.
    for n in 0.. {
        tick.tick().await;
        assert!(tokio::time::Instant::now() < until, "{} of {} came, told {:?}", came.len(), sent.len(), counts());
        for packet in camera.packets(n == 0) {
            sent.push((n, packet.header.sequence_number));
            pictures.write_rtp(packet).await.unwrap();
        }
        sound.write_rtp(microphone.packet()).await.unwrap();
        while let Some(arrival) = inlet.pop() {
            match arrival {
                Arrival::Packet { encoding: Encoding::Video(Codec::H264), packet } => came.push(packet.sequence),
                Arrival::Packet { encoding: Encoding::Opus, .. } => heard += 1,
                _ => {}
            }
        }
        if n == 60 {
            inlet.ask_for_keyframe();
        }
        let missing = sent.iter().filter(|(at, _)| at + 5 < n).filter(|(_, sequence)| !came.contains(sequence)).count();
        if n > 70 && missing == 0 && heard > 50 && counts().iter().all(|count| *count > 0) {
            break;
        }
    }
    assert!(wire.lost_sent.load(Ordering::Relaxed) > 10);
    session.event(|event| (*event == PeerEvent::Receiving).then_some(())).await;
    session.peer.close().await;
    assert!(inlet.is_closed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_wanted_and_can_be_decoded_is_agreed_to() {
    for (audio, video, expected) in [
        (false, &[][..], ["sendonly", "sendonly"]),
        (true, &[], ["sendonly", "sendrecv"]),
        (false, &[Codec::H264], ["sendrecv", "sendonly"]),
    ] {
        let (_, settings) = receiving(audio, video);
        let session = Session::open(settings).await;
        for track in [camera_track(Codec::H264), microphone_track()] {
            add(&session, &track).await;
        }
        let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
        assert_eq!(directions(&answer), expected, "{answer}");
        // Once more: what the crate makes of a second offer is another way through it.
        session.browser.accept(&answer).await;
        let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
        assert_eq!(directions(&answer), expected, "{answer}");
        session.peer.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_offer_lets_the_page_send_where_that_is_wanted() {
    let (_, settings) = receiving(true, &[Codec::H264]);
    let session = Session::open(settings).await;
    assert_eq!(directions(&session.peer.offer().await.unwrap()), ["sendrecv", "sendrecv"]);
    session.peer.close().await;
    let (_, settings) = receiving(false, &[]);
    let session = Session::open(settings).await;
    assert_eq!(directions(&session.peer.offer().await.unwrap()), ["sendonly", "sendonly"]);
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_in_a_section_of_its_own_does_not_take_our_pictures_place() {
    let (_, settings) = receiving(true, &[Codec::H264]);
    let session = Session::open(settings).await;
    // The camera's section comes first.
    add(&session, &camera_track(Codec::H264)).await;
    for transceiver in session.browser.pc.get_transceivers().await {
        transceiver.set_direction(RTCRtpTransceiverDirection::Sendonly).await.unwrap();
    }
    let receive = RTCRtpTransceiverInit { direction: RTCRtpTransceiverDirection::Recvonly, ..Default::default() };
    session.browser.pc.add_transceiver_from_kind(RtpCodecKind::Video, Some(receive)).await.unwrap();
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    assert_eq!(directions(&answer), ["recvonly", "sendonly"], "{answer}");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_that_is_taken_out_ends_at_once_and_comes_again_with_its_section() {
    let (inlet, settings) = receiving(false, &[Codec::H264]);
    let mut session = Session::open(settings).await;
    let (answer, [pictures, _]) = page_that_sends(&mut session).await;
    let mut camera = Camera::new(Codec::H264, payload_type(&answer, "H264").unwrap(), SIZE, [63, 102, 240]).unwrap();
    let section = session.browser.section("0").await;
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let until = tokio::time::Instant::now() + PATIENCE;
    for (direction, keyframe) in [
        (RTCRtpTransceiverDirection::Recvonly, true),
        (RTCRtpTransceiverDirection::Sendrecv, false),
        (RTCRtpTransceiverDirection::Inactive, true),
    ] {
        let sends = direction != RTCRtpTransceiverDirection::Sendrecv;
        if sends {
            // It sends until its packets come.
            while !std::iter::from_fn(|| inlet.pop()).any(|arrival| matches!(arrival, Arrival::Packet { .. })) {
                assert!(tokio::time::Instant::now() < until, "nothing comes");
                for packet in camera.packets(keyframe) {
                    pictures.write_rtp(packet).await.unwrap();
                }
                tick.tick().await;
            }
        }
        section.set_direction(direction).await.unwrap();
        let offer = session.browser.offer().await;
        let answer = session.peer.answer(&offer, true).await.unwrap();
        session.browser.accept(&answer).await;
        // What was under way comes before the end, and nothing after it.
        let last = std::iter::from_fn(|| inlet.pop()).last();
        assert_eq!(
            last == Some(Arrival::Ended { medium: Medium::Video }),
            sends,
            "{direction}: {last:?} {offer} {answer}"
        );
    }
    session.peer.close().await;
}

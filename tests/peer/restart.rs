//! A browser whose network changes, and restarts of ICE by either side.

use std::net::SocketAddr;
use std::time::Duration;

use rendercast::encode::Codec;
use rendercast::peer::{ChannelOptions, Peer, PeerEvent};
use rtc::peer_connection::configuration::RTCOfferOptions;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use webrtc::peer_connection::RTCIceCandidateInit;

use crate::session::{Session, frame, number, payload_type, settings};

/// Between the browser and us. Each move gives the browser another port, as a NAT or another network does.
struct Nat {
    inside: SocketAddr,
    moves: mpsc::Sender<()>,
    ours: mpsc::Sender<SocketAddr>,
}

impl Nat {
    async fn open() -> Self {
        let inside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (moves, moves_rx) = mpsc::channel(1);
        let (ours, ours_rx) = mpsc::channel(1);
        let address = inside.local_addr().unwrap();
        tokio::spawn(translate(inside, ours_rx, moves_rx));
        Self { inside: address, moves, ours }
    }

    /// Our candidates, as the browser may see them.
    fn through(&self, description: &str) -> String {
        let candidate = format!("a={}\r\n", self.candidate());
        let mut said = false;
        let lines = description.split_inclusive('\n').map(|line| match line.starts_with("a=candidate:") {
            true if std::mem::replace(&mut said, true) => "",
            true => candidate.as_str(),
            false => line,
        });
        lines.collect()
    }

    fn candidate(&self) -> String {
        format!("candidate:1 1 udp 2130706431 127.0.0.1 {} typ host", self.inside.port())
    }
}

async fn translate(inside: UdpSocket, mut ours: mpsc::Receiver<SocketAddr>, mut moves: mpsc::Receiver<()>) {
    let mut outside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (mut browser, mut peer) = (None, None);
    let (mut from_inside, mut from_outside) = ([0; 2048], [0; 2048]);
    loop {
        tokio::select! {
            Ok((length, from)) = inside.recv_from(&mut from_inside) => {
                browser = Some(from);
                if let Some(peer) = peer {
                    let _ = outside.send_to(&from_inside[..length], peer).await;
                }
            }
            Ok((length, _)) = outside.recv_from(&mut from_outside) => {
                if let Some(browser) = browser {
                    let _ = inside.send_to(&from_outside[..length], browser).await;
                }
            }
            Some(address) = ours.recv() => peer = Some(address),
            moved = moves.recv() => match moved {
                Some(()) => outside = UdpSocket::bind("127.0.0.1:0").await.unwrap(),
                None => return,
            },
        }
    }
}

fn without_candidates(description: &str) -> String {
    description.split_inclusive('\n').filter(|line| !line.starts_with("a=candidate:")).collect()
}

fn ufrag(description: &str) -> &str {
    description.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap()
}

/// Sends frame after frame, as a host does, until the peer says what `wanted` recognises.
async fn sending_until(session: &mut Session, next: &mut u32, wanted: impl FnMut(&PeerEvent) -> Option<()>) {
    let peer = session.peer.clone();
    session.passed.clear();
    tokio::select! {
        () = session.event(wanted) => {}
        () = send_for_ever(&peer, next) => {}
    }
}

async fn send_for_ever(peer: &Peer, next: &mut u32) {
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    loop {
        tick.tick().await;
        let _ = peer.send_video(&frame(Codec::H264, *next, 1)).await;
        *next += 1;
    }
}

/// A frame that is sent now arrives.
async fn expect_frame(session: &mut Session, h264: u8, next: u32) {
    session.peer.send_video(&frame(Codec::H264, next, 1)).await.unwrap();
    while number(&session.packet(h264).await).0 != next {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_whose_address_changes_is_missed_and_found_again() {
    let nat = Nat::open().await;
    let mut session = Session::open(settings()).await;
    session.hidden = true;
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&without_candidates(&answer)).await;
    session.event(|event| (*event == PeerEvent::GatheringComplete).then_some(())).await;
    let described = session.peer.local_description().await.unwrap();
    let ours = described.lines().find_map(|line| line.strip_prefix("a=candidate:")).unwrap();
    let port: u16 = ours.split(' ').nth(5).unwrap().parse().unwrap();
    nat.ours.send(([127, 0, 0, 1], port).into()).await.unwrap();
    let candidate = RTCIceCandidateInit { candidate: nat.candidate(), sdp_mline_index: Some(0), ..Default::default() };
    session.browser.pc.add_ice_candidate(candidate).await.unwrap();
    session.connected().await;
    let h264 = payload_type(&answer, "H264");
    expect_frame(&mut session, h264, 0).await;

    nat.moves.send(()).await.unwrap();
    let mut next = 1;
    sending_until(&mut session, &mut next, |event| (*event == PeerEvent::Silent).then_some(())).await;
    let offer = session.peer.offer_restart().await.unwrap();
    assert_ne!(ufrag(&offer), ufrag(&answer));
    let restarted = session.browser.answer(&nat.through(&offer)).await;
    session.peer.accept_answer(&without_candidates(&restarted)).await.unwrap();
    let heard = |event: &PeerEvent| matches!(event, PeerEvent::Heard { .. }).then_some(());
    sending_until(&mut session, &mut next, heard).await;
    expect_frame(&mut session, h264, next).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_to_restart_that_nobody_answers_stops_no_media_and_the_browsers_own_is_answered() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let described = session.peer.local_description().await.unwrap();
    let h264 = payload_type(&described, "H264");
    let offer = session.peer.offer_restart().await.unwrap();
    assert_eq!(session.peer.local_description().await.unwrap(), offer, "what is told without trickling");
    expect_frame(&mut session, h264, 0).await;
    session.peer.rollback().await.unwrap();
    expect_frame(&mut session, h264, 1).await;

    // What was staged is the crate's to apply with any description: only an offer that restarts too can be answered.
    let about_something_else = session.browser.offer().await;
    assert!(session.peer.answer(&about_something_else, true).await.is_err());
    expect_frame(&mut session, h264, 2).await;
    let rollback = webrtc::peer_connection::RTCSessionDescription::rollback(None).unwrap();
    session.browser.pc.set_local_description(rollback).await.unwrap();

    let restart = session.browser.pc.create_offer(Some(RTCOfferOptions { ice_restart: true })).await.unwrap();
    session.browser.pc.set_local_description(restart.clone()).await.unwrap();
    let answer = session.peer.answer(&restart.sdp, true).await.unwrap();
    assert_ne!(ufrag(&answer), ufrag(&described));
    assert_ne!(ufrag(&answer), ufrag(&offer));
    session.browser.accept(&answer).await;
    session.passed.clear();
    session.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
    expect_frame(&mut session, h264, 3).await;
    session.peer.close().await;
}

/// The browser looks for a way anew, by an offer of its own.
async fn browser_restarts(session: &Session) -> String {
    let restart = session.browser.pc.create_offer(Some(RTCOfferOptions { ice_restart: true })).await.unwrap();
    session.browser.pc.set_local_description(restart.clone()).await.unwrap();
    restart.sdp
}

/// Of two offers at once ours yields: it is taken back, and the browser's is answered.
async fn yields(session: &mut Session, restart: &str, with_media: bool) {
    session.peer.rollback().await.unwrap();
    let answer = session.peer.answer(restart, with_media).await.unwrap();
    session.passed.clear();
    session.browser.accept(&answer).await;
    session.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tracks_whose_offer_yields_to_a_restart_are_offered_again() {
    let mut session = Session::open(settings()).await;
    let _data = session.browser.pc.create_data_channel("data", None).await.unwrap();
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    session.peer.offer().await.unwrap();
    let restart = browser_restarts(&session).await;
    assert!(session.peer.answer(&restart, false).await.is_err(), "one after the other");
    yields(&mut session, &restart, false).await;
    let (_, agreed) = session.offers().await;
    expect_frame(&mut session, payload_type(&agreed, "H264"), 0).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_section_whose_offer_yields_to_a_restart_is_offered_again_and_media_goes_on() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let h264 = payload_type(&session.peer.local_description().await.unwrap(), "H264");
    expect_frame(&mut session, h264, 0).await;
    session.peer.open_channel(ChannelOptions { label: "news".into(), ..Default::default() }).await.unwrap();
    assert!(session.peer.offer().await.unwrap().contains("m=application"));
    let restart = browser_restarts(&session).await;
    yields(&mut session, &restart, true).await;
    expect_frame(&mut session, h264, 1).await;
    assert!(session.offers().await.1.contains("m=application"));
    expect_frame(&mut session, h264, 2).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_side_restarts_again_after_both_did_at_once() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let h264 = payload_type(&session.peer.local_description().await.unwrap(), "H264");
    for round in 0..3 {
        session.peer.offer_restart().await.unwrap();
        let restart = browser_restarts(&session).await;
        yields(&mut session, &restart, true).await;
        expect_frame(&mut session, h264, 2 * round).await;
        let ours = session.peer.offer_restart().await.unwrap();
        let answer = session.browser.answer(&ours).await;
        session.passed.clear();
        session.peer.accept_answer(&answer).await.unwrap();
        session.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
        expect_frame(&mut session, h264, 2 * round + 1).await;
    }
    session.peer.close().await;
}

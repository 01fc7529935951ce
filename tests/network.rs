//! Ways of packets between the whole streamer and its viewers: one port for all, TCP, TURN servers.

#![cfg(feature = "server")]

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::streamer::EventKind;

#[allow(dead_code)] // support files serve several programs
#[path = "support/host.rs"]
mod host;
#[path = "support/turn.rs"]
mod turn;
#[allow(dead_code)]
#[path = "support/viewer.rs"]
mod viewer;
use host::Host;
use turn::TurnServer;
use viewer::{Transport, Viewer};

const PATIENCE: Duration = Duration::from_secs(20);

fn with_peer(peer: &str) -> String {
    format!(
        r#"{{"server":{{"address":"127.0.0.1:0"}},"video":{{"fps":50,"start_bitrate_kbps":1000,"max_bitrate_kbps":2000}},
            "peer":{{"bind_addresses":["127.0.0.1"],{peer}}}}}"#
    )
}

/// One that was free just now.
fn free_port() -> u16 {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

async fn plays(viewer: &mut Viewer) {
    let now = viewer.received.video_frames.load(Ordering::Relaxed);
    let sound = viewer.received.audio_packets.load(Ordering::Relaxed);
    let more = |r: &viewer::Received| {
        r.video_frames.load(Ordering::Relaxed) >= now + 20 && r.audio_packets.load(Ordering::Relaxed) >= sound + 20
    };
    assert!(viewer.wait(more).await, "{:?}", viewer.received);
}

/// Nothing is missing. What a probe is padded with comes twice.
fn is_whole(viewer: &Viewer) {
    let received = &viewer.received;
    assert_eq!(received.video_missing.load(Ordering::Relaxed), 0);
    assert_eq!(received.stepped_back.load(Ordering::Relaxed), 0);
}

/// Where this viewer's packets come from, by the candidates it was told.
async fn our_candidates(viewer: &Viewer) -> Vec<String> {
    let sdp = viewer.connection.remote_description().await.unwrap().sdp;
    let mut candidates = viewer.told.lock().unwrap().clone();
    candidates.extend(sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")).map(str::to_owned));
    candidates
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_share_one_port_and_come_and_go_without_disturbing_each_other() {
    let port = free_port();
    let host = Host::start(&with_peer(&format!(r#""udp_port":{port}"#)));
    let link = host.link().await;
    let mut staying = Vec::new();
    for _ in 0..3 {
        staying.push(Viewer::open(&link).await.unwrap());
    }
    assert!(UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_err(), "the port is open");
    for _ in 0..3 {
        let mut passing = Viewer::open(&link).await.unwrap();
        plays(&mut passing).await;
        is_whole(&passing);
        passing.leave().await;
        host.event(EventKind::ViewerDisconnected).await;
    }
    for viewer in &mut staying {
        plays(viewer).await;
        is_whole(viewer);
        let told = our_candidates(viewer).await;
        let shared = format!(" 127.0.0.1 {port} typ host");
        assert!(!told.is_empty() && told.iter().all(|candidate| candidate.contains(&shared)), "{told:?}");
    }
    assert_eq!((host.counter("viewer_resyncs"), host.counter("datagrams_dropped")), (0, 0));
    host.streamer.stop();
    UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_datagrams_at_the_shared_port_are_counted_and_disturb_nobody() {
    let port = free_port();
    let host = Host::start(&with_peer(&format!(r#""udp_port":{port}"#)));
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    plays(&mut viewer).await;
    let answer = viewer.connection.remote_description().await.unwrap().sdp;
    let ufrag = answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap().trim().to_owned();
    // A check for this viewer that nobody has signed, and what can be made of it.
    let name = format!("{ufrag}:evil");
    let mut check = vec![0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 0];
    check.push(name.len() as u8);
    check.extend(name.as_bytes());
    check.resize(check.len().next_multiple_of(4), 0);
    check[3] = (check.len() - 20) as u8;
    let attacker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = (Ipv4Addr::LOCALHOST, port);
    let mut strangers = 0;
    for round in 0..200_u32 {
        let mut random: Vec<u8> =
            (0..100_u32).map(|i| (i.wrapping_add(round).wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        attacker.send_to(&random, at).unwrap();
        random[0] = 0x80;
        attacker.send_to(&random, at).unwrap();
        attacker.send_to(&check[..(round as usize % check.len())], at).unwrap();
        strangers += 3;
        let counted = async {
            while host.counter("datagrams_unknown") < strangers {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, counted).await.expect("each is counted");
    }
    // From here on the attacker's address counts as this viewer's, and its junk comes as far as the viewer's connection.
    for round in 0..200_u8 {
        attacker.send_to(&check, at).unwrap();
        attacker.send_to(&[0x80 | round, round, 3, 4], at).unwrap();
        attacker.send_to(&[22, 0xfe, 0xfd, 0, 0, round], at).unwrap();
    }
    plays(&mut viewer).await;
    is_whole(&viewer);
    let mut second = Viewer::open(&host.link().await).await.unwrap();
    plays(&mut second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_said_at_the_start() {
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let host = Host::start(&with_peer(&format!(r#""udp_port":{port}"#)));
    let message = tokio::time::timeout(PATIENCE, host.event(EventKind::ViewerRefused)).await.unwrap();
    assert!(message.contains(&format!("peer.udp_port: 127.0.0.1:{port}/udp")), "{message}");
    drop(taken);
    plays(&mut Viewer::open(&host.link().await).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_without_udp_share_one_tcp_port() {
    let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let host = Host::start(&with_peer(&format!(r#""ice_tcp_port":{port}"#)));
    let link = host.link().await;
    let mut viewers = Vec::new();
    for _ in 0..2 {
        viewers.push(Viewer::open_by(&link, Ipv4Addr::LOCALHOST, Transport::Tcp).await.unwrap());
    }
    for viewer in &mut viewers {
        plays(viewer).await;
        is_whole(viewer);
    }
    host.streamer.stop();
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
}

/// Everything goes through the server: there is no other candidate.
async fn plays_over_turn(test: &str, url: impl Fn(&TurnServer) -> String, more: &str) {
    let Some(server) = TurnServer::start(test) else { return };
    let (user, password, ca_file) = (TurnServer::USER, TurnServer::PASSWORD, server.ca_file.display());
    let url = url(&server);
    let host = Host::start(&with_peer(&format!(
        r#""ice_transport":"relay",{more}"ice_servers":[{{"urls":["{url}"],"username":"{user}","credential":"{password}",
            "ca_file":"{ca_file}"}}]"#
    )));
    let link = host.link().await;
    let mut viewers = Vec::new();
    for _ in 0..2 {
        let opened = Viewer::open(&link).await;
        viewers.push(opened.unwrap_or_else(|error| panic!("{error}\n{}", server.log())));
    }
    for viewer in &mut viewers {
        plays(viewer).await;
        is_whole(viewer);
        let candidates = our_candidates(viewer).await;
        assert!(!candidates.is_empty() && candidates.iter().all(|c| c.contains(" typ relay ")), "{candidates:?}");
    }
    for viewer in viewers {
        viewer.leave().await;
    }
    host.event(EventKind::ViewerDisconnected).await;
    assert_eq!(host.counter("datagrams_dropped"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_cross_a_turn_server_over_udp() {
    plays_over_turn("turn-udp", |server| format!("turn:127.0.0.1:{}", server.port), "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_cross_a_turn_server_over_udp_beside_a_shared_port() {
    let shared = format!(r#""udp_port":{},"#, free_port());
    plays_over_turn("turn-shared", |server| format!("turn:127.0.0.1:{}?transport=udp", server.port), &shared).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_cross_a_turn_server_over_tcp() {
    plays_over_turn("turn-tcp", |server| format!("turn:127.0.0.1:{}?transport=tcp", server.port), "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_cross_a_turn_server_over_tls() {
    plays_over_turn("turn-tls", |server| format!("turns:localhost:{}", server.tls_port), "").await;
}

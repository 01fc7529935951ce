//! Media through a Unity Render Streaming server over a WebSocket, to a peer that speaks as the newest pages do.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt, StreamExt};
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceCandidateInit, RTCPeerConnectionIceEvent, RTCSessionDescription,
};

use super::*;

/// Packets of video and of sound.
#[derive(Default)]
struct Heard([AtomicU64; 2]);

struct Handler {
    heard: Arc<Heard>,
    progress: watch::Sender<u64>,
    candidates: mpsc::Sender<RTCIceCandidateInit>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(candidate) = event.candidate.to_json() {
            let _ = self.candidates.try_send(candidate);
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let (heard, progress) = (Arc::clone(&self.heard), self.progress.clone());
        let kind = usize::from(track.kind().await != RtpCodecKind::Video);
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(_) = event {
                    heard.0[kind].fetch_add(1, Ordering::Relaxed);
                    progress.send_modify(|n| *n += 1);
                }
            }
        });
    }
}

/// How a page begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Page {
    /// Offers a data channel, and answers the sender's own offer after it (public mode).
    OffersChannel,
    /// Connects and waits to be offered something (private mode, a page without anything to send).
    Waits,
}

/// A page with a real connection, until enough media has come.
async fn watch_through(url: &str, connection_id: &str, page: Page) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (progress, mut changed) = watch::channel(0);
    let (candidates, mut local) = mpsc::channel(64);
    let heard = Arc::new(Heard::default());
    let handler = Handler { heard: Arc::clone(&heard), progress, candidates };
    let mut engine = MediaEngine::default();
    engine.register_default_codecs().unwrap();
    let connection: Arc<dyn PeerConnection> = Arc::new(
        PeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::default().build())
            .with_media_engine(engine)
            .with_handler(Arc::new(handler))
            .with_runtime(webrtc::runtime::default_runtime().unwrap())
            .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
            .build()
            .await
            .unwrap(),
    );
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let connect = json!({"type": "connect", "connectionId": connection_id});
    socket.send(Message::text(connect.to_string())).await.unwrap();
    let of_ours = |kind: &str, mut data: Value| {
        data["connectionId"] = connection_id.into();
        Message::text(json!({"type": kind, "from": connection_id, "data": data}).to_string())
    };
    let mut offered = None;
    if page == Page::OffersChannel {
        connection.create_data_channel("input", None).await.unwrap();
        let offer = connection.create_offer(None).await.unwrap();
        connection.set_local_description(offer.clone()).await.unwrap();
        socket.send(of_ours("offer", json!({"sdp": offer.sdp}))).await.unwrap();
        offered = Some(offer.sdp);
    }
    let (mut answered, mut described, mut early) = (HashSet::new(), false, Vec::new());
    let enough = || heard.0.iter().all(|packets| packets.load(Ordering::Relaxed) >= 5);
    while !enough() {
        tokio::select! {
            Some(candidate) = local.recv() => {
                let data = json!({"candidate": candidate.candidate, "sdpMid": candidate.sdp_mid,
                    "sdpMLineIndex": candidate.sdp_mline_index});
                socket.send(of_ours("candidate", data)).await.unwrap();
            }
            Ok(()) = changed.changed() => {}
            message = socket.next() => {
                let Message::Text(text) = message.expect("the server is there").unwrap() else { continue };
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame["from"] != connection_id {
                    continue;
                }
                let sdp = || frame["data"]["sdp"].as_str().unwrap().to_owned();
                match frame["type"].as_str().unwrap() {
                    "answer" if offered.take().is_some() => {
                        connection.set_remote_description(RTCSessionDescription::answer(sdp()).unwrap()).await.unwrap();
                        described = true;
                    }
                    "offer" if answered.insert(sdp()) => {
                        if offered.take().is_some() {
                            // The page is the polite side (W3C perfect negotiation).
                            let rollback = RTCSessionDescription::rollback(None).unwrap();
                            connection.set_local_description(rollback).await.unwrap();
                        }
                        connection.set_remote_description(RTCSessionDescription::offer(sdp()).unwrap()).await.unwrap();
                        let answer = connection.create_answer(None).await.unwrap();
                        connection.set_local_description(answer.clone()).await.unwrap();
                        socket.send(of_ours("answer", json!({"sdp": answer.sdp}))).await.unwrap();
                        described = true;
                    }
                    "candidate" => early.push(RTCIceCandidateInit {
                        candidate: frame["data"]["candidate"].as_str().unwrap().to_owned(),
                        sdp_mid: frame["data"]["sdpMid"].as_str().map(Into::into),
                        sdp_mline_index: frame["data"]["sdpMLineIndex"].as_u64().and_then(|n| u16::try_from(n).ok()),
                        ..Default::default()
                    }),
                    _ => {}
                }
                if described {
                    for candidate in early.drain(..) {
                        let _ = connection.add_ice_candidate(candidate).await;
                    }
                }
            }
        }
    }
    connection.close().await.unwrap();
}

fn host(server: &UrsServer, connection_id: &str) -> Host {
    let mut config = Config::from_json(LOCAL).unwrap();
    config.server.enabled = false;
    config.signaling.url = server.url();
    config.signaling.connection_id = connection_id.to_owned();
    Host::with(Streamer::new(config).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn picture_and_sound_arrive_through_a_server_that_talks_web_socket() {
    for (private, connection_id, page) in [
        (false, "", Page::OffersChannel),
        (true, "12345", Page::OffersChannel),
        // The host is the first one in: its offer is lost, and comes again after 5 s.
        (true, "12345", Page::Waits),
    ] {
        let generation = urs::Generation::Newest { private, web_socket: true };
        let server = UrsServer::start(generation, 0, None).await.unwrap();
        let host = host(&server, connection_id);
        assert!(host.event(EventKind::SignalingReady).await.contains("WebSocket"));
        if private {
            server.until(|inside| inside.frames.iter().any(|(_, text)| text.contains("m=video")).then_some(())).await;
        }
        let url = server.url().replace("http", "ws");
        let watched = watch_through(&url, if private { connection_id } else { "conn-1" }, page);
        let watched = tokio::time::timeout(Duration::from_secs(30), watched).await;
        assert_eq!(watched, Ok(()), "private: {private}, {page:?}");
        host.event(EventKind::ViewerConnected).await;
        let inside = server.lock();
        let ours = inside.frames.iter().filter(|(client, _)| *client == 1);
        assert!(ours.clone().all(|(_, text)| serde_json::from_str::<Value>(text).is_ok_and(|frame| frame.is_object())));
        drop(inside);
    }
}

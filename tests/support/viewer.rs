//! A viewer without a browser: speaks the embedded server's HTTP signaling, receives RTP with the plain `webrtc` crate, and
//! counts. Used by tests and benchmarks.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rendercast::time::Nanos;
use rtc::interceptor::Registry;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use serde_json::{Value, json};
use tokio::sync::watch;
use webrtc::data_channel::DataChannel;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceCandidateInit, RTCPeerConnectionIceEvent, RTCPeerConnectionState, RTCSessionDescription,
};

#[allow(clippy::duplicate_mod)] // each program that has this file has that one too
#[path = "sps.rs"]
mod sps;

/// What has arrived so far.
#[derive(Debug, Default)]
pub struct Received {
    pub video_packets: AtomicU64,
    pub video_frames: AtomicU64,
    pub keyframes: AtomicU64,
    pub audio_packets: AtomicU64,
    pub bytes: AtomicU64,
    /// Video packets that have not come (yet): gaps in the sequence numbers.
    pub video_missing: AtomicU64,
    /// Video packets that came again. They count nowhere else but in `bytes`.
    pub video_repeated: AtomicU64,
    /// Video frames whose RTP timestamp is not after the one before.
    pub stepped_back: AtomicU64,
    /// Every video frame, when its last packet came.
    pub arrivals: Mutex<Vec<Arrival>>,
}

/// A complete video frame.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub at: Nanos,
    pub keyframe: bool,
    /// Width and height in pixels, where the encoder was a real one.
    pub size: Option<(u32, u32)>,
    /// Of RTP: 90 kHz, from a random beginning.
    pub timestamp: u32,
}

/// What the packets of one video track say, in the order of their arrival.
#[derive(Default)]
struct Video {
    last_sequence: Option<u16>,
    missing: BTreeSet<u16>,
    timestamp: Option<u32>,
    keyframe: bool,
    size: Option<(u32, u32)>,
    /// The last packet was the end of the first frame.
    at_first_end: bool,
}

impl Video {
    /// The keyframe was sent before the track was read, or the connection stood on this side: a browser asks for another one.
    fn began_amid(&self, received: &Received) -> bool {
        self.at_first_end && received.keyframes.load(Ordering::Relaxed) == 0
    }

    fn handle(&mut self, received: &Received, header: &rtc::rtp::Header, payload: &[u8]) {
        self.at_first_end = false;
        let step = self.last_sequence.map_or(1, |last| header.sequence_number.wrapping_sub(last).cast_signed());
        if step > 0 {
            self.missing.extend((1..step.cast_unsigned()).map(|back| header.sequence_number.wrapping_sub(back)));
            self.last_sequence = Some(header.sequence_number);
            let ahead = self.timestamp.map_or(1, |last| header.timestamp.wrapping_sub(last).cast_signed());
            received.stepped_back.fetch_add(u64::from(ahead < 0), Ordering::Relaxed);
            self.timestamp = Some(header.timestamp);
        } else if !self.missing.remove(&header.sequence_number) {
            received.video_repeated.fetch_add(1, Ordering::Relaxed);
            return;
        }
        received.video_packets.fetch_add(1, Ordering::Relaxed);
        received.video_missing.store(self.missing.len() as u64, Ordering::Relaxed);
        let keyframe = begins_keyframe(payload);
        received.keyframes.fetch_add(u64::from(keyframe), Ordering::Relaxed);
        self.keyframe |= keyframe;
        if keyframe {
            self.size = parameter_set(payload).and_then(sps::size);
        }
        self.at_first_end = header.marker && received.video_frames.load(Ordering::Relaxed) == 0;
        if header.marker {
            received.video_frames.fetch_add(1, Ordering::Relaxed);
            let keyframe = std::mem::take(&mut self.keyframe);
            let arrival =
                Arrival { at: rendercast::time::now(), keyframe, size: self.size, timestamp: header.timestamp };
            received.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
        }
    }
}

/// Candidates that came one by one.
pub type Told = Arc<Mutex<Vec<String>>>;

/// What came on each video track that was negotiated after the first, by its MediaStream.
pub type Beside = Arc<Mutex<Vec<(String, Arc<Received>)>>>;

/// The track, once it is there.
type VideoTrack = Arc<Mutex<Option<Arc<dyn TrackRemote>>>>;

/// What its only candidates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

pub struct Viewer {
    pub connection: Arc<dyn PeerConnection>,
    pub channel: Arc<dyn DataChannel>,
    /// Those that it opened beside.
    pub further: Vec<Arc<dyn DataChannel>>,
    /// What it sends on.
    pub sending: Vec<Arc<TrackLocalStaticRTP>>,
    pub received: Arc<Received>,
    pub beside: Beside,
    /// The streamer's candidates.
    pub told: Told,
    video: VideoTrack,
    /// Turns when anything was received.
    pub progress: watch::Receiver<u64>,
    signaling: tokio::task::JoinHandle<()>,
    http: reqwest::Client,
    base: String,
    session: String,
}

struct Handler {
    received: Arc<Received>,
    beside: Beside,
    progress: watch::Sender<u64>,
    video: VideoTrack,
    candidates: tokio::sync::mpsc::Sender<RTCIceCandidateInit>,
    state: watch::Sender<RTCPeerConnectionState>,
}

impl Handler {
    /// Whether there is another video track already; else this one is the first from now on.
    fn is_beside(&self, track: &Arc<dyn TrackRemote>) -> bool {
        let mut video = self.video.lock().unwrap_or_else(PoisonError::into_inner);
        let is_beside = video.is_some();
        video.get_or_insert_with(|| Arc::clone(track));
        is_beside
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(candidate) = event.candidate.to_json() {
            let _ = self.candidates.try_send(candidate);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let _ = self.state.send(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let (mut received, progress) = (Arc::clone(&self.received), self.progress.clone());
        let video = track.kind().await == RtpCodecKind::Video;
        if video && self.is_beside(&track) {
            received = Arc::default();
            let (beside, received, track) = (Arc::clone(&self.beside), Arc::clone(&received), Arc::clone(&track));
            // Whoever waits here misses the track's first packets.
            tokio::spawn(async move {
                let stream = track.stream_id().await;
                beside.lock().unwrap_or_else(PoisonError::into_inner).push((stream, received));
            });
        }
        tokio::spawn(async move {
            let mut state = Video::default();
            while let Some(event) = track.poll().await {
                let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
                received.bytes.fetch_add(packet.payload.len() as u64, Ordering::Relaxed);
                if video {
                    state.handle(&received, &packet.header, &packet.payload);
                    if state.began_amid(&received) {
                        let lost = PictureLossIndication { sender_ssrc: 1, media_ssrc: packet.header.ssrc };
                        let _ = track.write_rtcp(vec![Box::new(lost)]).await;
                    }
                } else {
                    received.audio_packets.fetch_add(1, Ordering::Relaxed);
                }
                progress.send_modify(|n| *n += 1);
            }
        });
    }
}

/// H.264: a STAP-A that carries an SPS (RFC 6184), which the streamer sends before every IDR.
fn begins_keyframe(payload: &[u8]) -> bool {
    match payload.first().map(|b| b & 0x1f) {
        Some(7) => true,
        Some(24) => payload.get(3).is_some_and(|b| b & 0x1f == 7),
        _ => false,
    }
}

/// The SPS of a keyframe's first packet.
fn parameter_set(payload: &[u8]) -> Option<&[u8]> {
    match payload.first()? & 0x1f {
        7 => Some(payload),
        24 => {
            let length = usize::from(u16::from_be_bytes([*payload.get(1)?, *payload.get(2)?]));
            payload.get(3..3 + length)
        }
        _ => None,
    }
}

/// What a page asks for, in kbit/s of video.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// No less, whatever its link seems to carry (libwebrtc's `x-google-min-bitrate`).
    pub least: Option<u32>,
    /// No more (RFC 8866, section 5.8).
    pub most: Option<u32>,
}

impl Asked {
    /// The description of a page that asks so: it says it every time, as what a later one leaves out is asked for no more.
    fn within(self, sdp: &str) -> String {
        let mut video = false;
        let lines = sdp.lines().map(|line| {
            video = if line.starts_with("m=") { line.starts_with("m=video") } else { video };
            match (self.least, self.most) {
                (Some(least), _) if video && line.starts_with("a=fmtp:") => {
                    format!("{line};x-google-min-bitrate={least}\r\n")
                }
                (_, Some(most)) if video && line.starts_with("c=") => format!("{line}\r\nb=AS:{most}\r\n"),
                _ => format!("{line}\r\n"),
            }
        });
        lines.collect()
    }
}

impl Viewer {
    /// Opens a link as the player page does, and returns once media may flow.
    pub async fn open(link: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_from(link, Ipv4Addr::LOCALHOST).await
    }

    /// The same, receiving at this address.
    pub async fn open_from(link: &str, address: Ipv4Addr) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, address, Transport::Udp, Asked::default(), sockets()?, Vec::new(), &[]).await
    }

    /// The same, by a page that asks for that much video.
    pub async fn open_asking(link: &str, asked: Asked) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, Ipv4Addr::LOCALHOST, Transport::Udp, asked, sockets()?, Vec::new(), &[]).await
    }

    /// The same, over this transport.
    pub async fn open_by(
        link: &str,
        address: Ipv4Addr,
        transport: Transport,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, address, transport, Asked::default(), sockets()?, Vec::new(), &[]).await
    }

    /// The same, with the sockets of this runtime.
    pub async fn open_on(
        link: &str,
        address: Ipv4Addr,
        runtime: Arc<dyn webrtc::runtime::Runtime>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, address, Transport::Udp, Asked::default(), runtime, Vec::new(), &[]).await
    }

    /// The same, by a page that sends on these tracks.
    pub async fn open_sending(
        link: &str,
        tracks: Vec<Arc<TrackLocalStaticRTP>>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, Ipv4Addr::LOCALHOST, Transport::Udp, Asked::default(), sockets()?, tracks, &[]).await
    }

    /// The same, by a page that opens these channels too.
    pub async fn open_with_channels(
        link: &str,
        labels: &[&str],
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::open_with(link, Ipv4Addr::LOCALHOST, Transport::Udp, Asked::default(), sockets()?, Vec::new(), labels)
            .await
    }

    async fn open_with(
        link: &str,
        address: Ipv4Addr,
        transport: Transport,
        asked: Asked,
        runtime: Arc<dyn webrtc::runtime::Runtime>,
        sending: Vec<Arc<TrackLocalStaticRTP>>,
        labels: &[&str],
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = reqwest::Url::parse(link)?;
        let token = url.query_pairs().find(|(k, _)| k == "token").map(|(_, v)| v.into_owned());
        let base = format!("http://{}:{}", url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(80));
        let mut headers = reqwest::header::HeaderMap::new();
        if let Some(token) = token {
            headers.insert("Authorization", format!("Bearer {token}").parse()?);
        }
        let http = reqwest::Client::builder().default_headers(headers).build()?;
        let session = http.put(format!("{base}/signaling")).send().await?.json::<Value>().await?;
        let session = session["sessionId"].as_str().unwrap_or_default().to_owned();

        let (received, beside) = (Arc::new(Received::default()), Beside::default());
        let (progress_tx, progress) = watch::channel(0);
        let (candidates, mut candidates_rx) = tokio::sync::mpsc::channel(64);
        let (state_tx, mut state) = watch::channel(RTCPeerConnectionState::New);
        let video = VideoTrack::default();
        let handler = Handler {
            received: Arc::clone(&received),
            beside: Arc::clone(&beside),
            progress: progress_tx,
            video: Arc::clone(&video),
            candidates,
            state: state_tx,
        };
        let mut engine = MediaEngine::default();
        engine.register_default_codecs()?;
        let registry = register_default_interceptors(Registry::new(), &mut engine)?;
        let addresses = vec![format!("{address}:0")];
        let connection: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(RTCConfigurationBuilder::default().build())
                .with_media_engine(engine)
                .with_interceptor_registry(registry)
                .with_handler(Arc::new(handler))
                .with_runtime(runtime)
                .with_udp_addrs(if transport == Transport::Udp { addresses.clone() } else { Vec::new() })
                .with_tcp_addrs(if transport == Transport::Tcp { addresses } else { Vec::new() })
                .build()
                .await?,
        );
        let receive =
            || RTCRtpTransceiverInit { direction: RTCRtpTransceiverDirection::Recvonly, ..Default::default() };
        connection.add_transceiver_from_kind(RtpCodecKind::Video, Some(receive())).await?;
        connection.add_transceiver_from_kind(RtpCodecKind::Audio, Some(receive())).await?;
        for track in &sending {
            connection.add_track(Arc::clone(track) as Arc<dyn TrackLocal>).await?;
        }
        let channel = connection.create_data_channel("data", None).await?;
        let mut further = Vec::new();
        for label in labels {
            further.push(connection.create_data_channel(label, None).await?);
        }
        let offer = connection.create_offer(None).await?;
        connection.set_local_description(offer.clone()).await?;

        let id = format!("viewer-{}", &session);
        let post = {
            let (http, base, session, id) = (http.clone(), base.clone(), session.clone(), id.clone());
            move |method: reqwest::Method, path: &str, mut body: Value| {
                body["connectionId"] = Value::from(id.clone());
                http.request(method, format!("{base}{path}")).header("Session-Id", &session).json(&body).send()
            }
        };
        post(reqwest::Method::PUT, "/signaling/connection", json!({})).await?.error_for_status()?;
        post(reqwest::Method::POST, "/signaling/offer", json!({ "sdp": asked.within(&offer.sdp) }))
            .await?
            .error_for_status()?;
        let told = Told::default();
        let signaling = {
            let (connection, http, base, session, told) =
                (Arc::clone(&connection), http.clone(), base.clone(), session.clone(), Arc::clone(&told));
            tokio::spawn(async move {
                let sending = async {
                    while let Some(c) = candidates_rx.recv().await {
                        let body = json!({ "candidate": c.candidate, "sdpMid": c.sdp_mid, "sdpMLineIndex": c.sdp_mline_index });
                        let _ = post(reqwest::Method::POST, "/signaling/candidate", body).await;
                    }
                    std::future::pending::<()>().await;
                };
                let answer = |sdp: String| {
                    post(reqwest::Method::POST, "/signaling/answer", json!({ "sdp": asked.within(&sdp) }))
                };
                tokio::select! { () = sending => {}, () = listen(&connection, &http, &base, &session, &told, answer) => {} }
            })
        };
        tokio::time::timeout(Duration::from_secs(20), state.wait_for(|s| *s == RTCPeerConnectionState::Connected))
            .await??;
        Ok(Self {
            connection,
            channel,
            further,
            sending,
            received,
            beside,
            told,
            video,
            progress,
            signaling,
            http,
            base,
            session,
        })
    }

    /// Every size of picture it was sent, in order, and again where one came back.
    pub fn sizes(&self) -> Vec<(u32, u32)> {
        let arrivals = self.received.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sizes: Vec<_> = arrivals.iter().filter_map(|arrival| arrival.size).collect();
        sizes.dedup();
        sizes
    }

    /// What came on the newest track of this MediaStream.
    pub fn of_stream(&self, stream: &str) -> Option<Arc<Received>> {
        let beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        beside.iter().rev().find(|(name, _)| name == stream).map(|(_, received)| Arc::clone(received))
    }

    /// Waits until `enough` says so.
    pub async fn wait(&mut self, enough: impl Fn(&Received) -> bool) -> bool {
        let received = Arc::clone(&self.received);
        let waiting = self.progress.wait_for(|_| enough(&received));
        matches!(tokio::time::timeout(Duration::from_secs(20), waiting).await, Ok(Ok(_)))
    }

    /// Says that the picture is lost (PLI, RFC 4585), as often as it is called.
    pub async fn request_keyframe(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let track = self.track()?;
        for media_ssrc in track.ssrcs().await {
            track.write_rtcp(vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc })]).await?;
        }
        Ok(())
    }

    /// The video, once some of it has come.
    pub fn track(&self) -> Result<Arc<dyn TrackRemote>, &'static str> {
        self.video.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or("no video track yet")
    }

    /// Deletes its session, and leaves its connection and channels open.
    pub async fn delete_session(&self) -> Result<(), reqwest::Error> {
        let request = self.http.delete(format!("{}/signaling", self.base)).header("Session-Id", &self.session);
        request.send().await.map(drop)
    }

    /// Leaves as a page does: closes the connection and deletes its session.
    pub async fn leave(self) {
        self.signaling.abort();
        let _ = self.connection.close().await;
        let _ = self.delete_session().await;
    }
}

/// Long-polls and obeys, until the server forgets us.
async fn listen<F: Future<Output = Result<reqwest::Response, reqwest::Error>>>(
    connection: &Arc<dyn PeerConnection>,
    http: &reqwest::Client,
    base: &str,
    session: &str,
    told: &Mutex<Vec<String>>,
    answer: impl Fn(String) -> F,
) {
    let mut offered = String::new();
    let mut since = 0_u64;
    let mut seen = std::collections::HashSet::new();
    let mut described = false;
    let mut early = Vec::new();
    loop {
        let url = format!("{base}/signaling?fromtime={since}&wait=5000");
        let Ok(response) = http.get(url).header("Session-Id", session).send().await else { return };
        let Ok(body) = response.json::<Value>().await else { return };
        since = body["datetime"].as_u64().unwrap_or(since);
        for message in body["messages"].as_array().into_iter().flatten() {
            if message["type"] == "connect" || !seen.insert(message.to_string()) {
                continue;
            }
            if message["type"] == "answer" && !described {
                let Ok(answer) = RTCSessionDescription::answer(message["sdp"].as_str().unwrap_or_default().into())
                else {
                    return;
                };
                described = connection.set_remote_description(answer).await.is_ok();
                for candidate in early.drain(..) {
                    let _ = connection.add_ice_candidate(candidate).await;
                }
            } else if message["type"] == "offer" && message["sdp"].as_str() != Some(&offered) {
                offered = message["sdp"].as_str().unwrap_or_default().into();
                match describe(connection, offered.clone()).await {
                    Ok(sdp) => drop(answer(sdp).await),
                    Err(error) => eprintln!("{error} in {offered}"),
                }
            } else if message["type"] == "candidate" {
                let candidate = RTCIceCandidateInit {
                    candidate: message["candidate"].as_str().unwrap_or_default().into(),
                    sdp_mid: message["sdpMid"].as_str().map(Into::into),
                    sdp_mline_index: message["sdpMLineIndex"].as_u64().and_then(|n| u16::try_from(n).ok()),
                    ..Default::default()
                };
                told.lock().unwrap_or_else(PoisonError::into_inner).push(candidate.candidate.clone());
                if described {
                    let _ = connection.add_ice_candidate(candidate).await;
                } else {
                    early.push(candidate);
                }
            }
        }
    }
}

fn sockets() -> Result<Arc<dyn webrtc::runtime::Runtime>, &'static str> {
    webrtc::runtime::default_runtime().ok_or("no runtime")
}

/// Our answer to an offer of the streamer's.
async fn describe(connection: &Arc<dyn PeerConnection>, offer: String) -> rtc::shared::error::Result<String> {
    connection.set_remote_description(RTCSessionDescription::offer(offer)?).await?;
    let answer = connection.create_answer(None).await?;
    connection.set_local_description(answer.clone()).await?;
    Ok(answer.sdp)
}

//! Stands in for a browser: the plain crate with its default codecs, in this process, over loopback.

#![allow(clippy::disallowed_methods, reason = "a stand-in for a browser keeps whatever it sees")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::interceptor::{Interceptor, Packet, Slot, StreamInfo, TaggedPacket, TwccSenderBuilder};
use rtc::peer_connection::configuration::interceptor_registry::{Registry, register_default_interceptors};
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpHeaderExtensionCapability, RtpCodecKind};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use tokio::sync::mpsc;
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit, RTCPeerConnectionIceEvent,
    RTCPeerConnectionState, RTCSessionDescription, SettingEngineBuilder,
};
use webrtc::rtp_transceiver::RtpTransceiver;

use crate::sender::CAMERA_SSRC;

pub const PATIENCE: Duration = Duration::from_secs(20);
pub const PLAYOUT_DELAY: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

/// What the stand-in has seen.
pub enum Seen {
    Candidate(RTCIceCandidateInit),
    Connected,
    Rtp(rtp::Packet),
    Text(String),
    Binary(Vec<u8>),
}

pub struct Browser {
    pub pc: Arc<dyn PeerConnection>,
    pub seen: mpsc::UnboundedReceiver<Seen>,
    /// Data channels that the other side has opened.
    pub channels: mpsc::UnboundedReceiver<Arc<dyn DataChannel>>,
    tracks: Arc<Mutex<Vec<Arc<dyn TrackRemote>>>>,
    /// Packets that came by retransmission (seen below the crate's own unpacking).
    pub wire: Arc<Wire>,
}

/// What the network did, and is to do.
#[derive(Default)]
pub struct Wire {
    /// Every how many-th media packet is lost; 0 for none.
    pub lose_every: AtomicU32,
    pub lost: AtomicU32,
    pub payload_types: Mutex<Vec<u8>>,
    pub transport_numbers: AtomicU32,
    /// Every how many-th packet of the camera is lost on its way to us, at first; 0 for none.
    pub lose_sent_every: AtomicU32,
    pub lost_sent: AtomicU32,
    /// Of what we tell it: requests for packets, for keyframes, reports, arrivals.
    pub nacks: AtomicU32,
    pub plis: AtomicU32,
    pub reports: AtomicU32,
    pub arrivals: AtomicU32,
}

struct Handler {
    seen: mpsc::UnboundedSender<Seen>,
    channels: mpsc::UnboundedSender<Arc<dyn DataChannel>>,
    tracks: Arc<Mutex<Vec<Arc<dyn TrackRemote>>>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let _ = self.seen.send(Seen::Candidate(event.candidate.to_json().unwrap()));
    }
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            let _ = self.seen.send(Seen::Connected);
        }
    }
    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        let _ = self.channels.send(channel);
    }
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        self.tracks.lock().unwrap().push(Arc::clone(&track));
        let seen = self.seen.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    let _ = seen.send(Seen::Rtp(packet));
                }
            }
        });
    }
}

/// Closest to the network: loses packets and notes what comes by.
struct Tap {
    wire: Arc<Wire>,
    /// What came first: nothing can be sent again before.
    media_ssrc: Option<u32>,
    media: u32,
    sent: u32,
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Tap {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;
    fn handle_read(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(contents) = &msg.message.packet {
            for content in contents.iter().map(|content| content.as_any()) {
                for (is, count) in [
                    (content.is::<TransportLayerNack>(), &self.wire.nacks),
                    (content.is::<PictureLossIndication>(), &self.wire.plis),
                    (content.is::<ReceiverReport>(), &self.wire.reports),
                    (content.is::<TransportLayerCc>(), &self.wire.arrivals),
                ] {
                    count.fetch_add(is.into(), Ordering::Relaxed);
                }
            }
        }
        if let Packet::Rtp(packet) = &msg.message.packet {
            self.wire.payload_types.lock().unwrap().push(packet.header.payload_type);
            if packet.header.extensions.iter().any(|e| e.payload.len() == 2) {
                self.wire.transport_numbers.fetch_add(1, Ordering::Relaxed);
            }
            // Video carries the playout delay, also when it is sent again, on another SSRC: only first transmissions are lost.
            let video = packet.header.extensions.iter().any(|e| e.payload.len() == 3);
            let first = video && *self.media_ssrc.get_or_insert(packet.header.ssrc) == packet.header.ssrc;
            self.media += u32::from(first);
            let every = self.wire.lose_every.load(Ordering::Relaxed);
            if first && every != 0 && self.media.is_multiple_of(every) {
                self.wire.lost.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
        self.read.push_back(msg);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }
    fn handle_write(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtp(packet) = &msg.message.packet
            && packet.header.ssrc == CAMERA_SSRC
        {
            self.sent += 1;
            let every = self.wire.lose_sent_every.load(Ordering::Relaxed);
            if every != 0 && self.sent.is_multiple_of(every) {
                self.wire.lost_sent.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
        self.write.push_back(msg);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
}

impl Interceptor for Tap {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

impl Browser {
    pub async fn open() -> Self {
        Self::with_srtp(Vec::new()).await
    }

    /// With these ciphers only; none: all.
    pub async fn with_srtp(profiles: Vec<SrtpProtectionProfile>) -> Self {
        let mut engine = MediaEngine::default();
        engine.register_default_codecs().unwrap();
        // Numbers of its own for the extensions: ours must not be taken for granted.
        for uri in ["urn:ietf:params:rtp-hdrext:toffset", "urn:3gpp:video-orientation", PLAYOUT_DELAY] {
            let extension = RTCRtpHeaderExtensionCapability { uri: uri.into() };
            engine.register_header_extension(extension, RtpCodecKind::Video, None).unwrap();
        }
        let wire = Arc::new(Wire::default());
        let tap = Tap {
            wire: Arc::clone(&wire),
            media_ssrc: None,
            media: 0,
            sent: 0,
            read: VecDeque::new(),
            write: VecDeque::new(),
        };
        let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap().with(Slot::from(500), tap);
        let registry = registry.with(Slot::TwccSender, TwccSenderBuilder::new().build());
        let (tx, seen) = mpsc::unbounded_channel();
        let (channels_tx, channels) = mpsc::unbounded_channel();
        let tracks = Arc::new(Mutex::new(Vec::new()));
        let pc = PeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_setting_engine(
                SettingEngineBuilder::new()
                    .with_srtp_protection_profiles(profiles)
                    .with_ice_connection_attempts(Some(Duration::from_millis(20)), Some(200))
                    .with_prflx_acceptance_min_wait(Some(Duration::ZERO))
                    .build(),
            )
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Handler { seen: tx, channels: channels_tx, tracks: Arc::clone(&tracks) }))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await
            .unwrap();
        Self { pc: Arc::new(pc), seen, channels, tracks, wire }
    }

    pub async fn want_media(&self) {
        for kind in [RtpCodecKind::Video, RtpCodecKind::Audio] {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                streams: vec![],
                send_encodings: vec![],
            };
            self.pc.add_transceiver_from_kind(kind, Some(init)).await.unwrap();
        }
    }

    pub async fn offer(&self) -> String {
        let offer = self.pc.create_offer(None).await.unwrap();
        self.pc.set_local_description(offer.clone()).await.unwrap();
        offer.sdp
    }

    pub async fn accept(&self, answer: &str) {
        self.pc.set_remote_description(RTCSessionDescription::answer(answer.into()).unwrap()).await.unwrap();
    }

    pub async fn answer(&self, offer: &str) -> String {
        self.pc.set_remote_description(RTCSessionDescription::offer(offer.into()).unwrap()).await.unwrap();
        let answer = self.pc.create_answer(None).await.unwrap();
        self.pc.set_local_description(answer.clone()).await.unwrap();
        answer.sdp
    }

    /// The section of this name (`a=mid`), wherever the crate lists it.
    pub async fn section(&self, mid: &str) -> Arc<dyn RtpTransceiver> {
        for transceiver in self.pc.get_transceivers().await {
            if transceiver.mid().await.unwrap().as_deref() == Some(mid) {
                return transceiver;
            }
        }
        panic!("no section {mid}")
    }

    pub async fn track(&self, kind: RtpCodecKind) -> Arc<dyn TrackRemote> {
        let tracks = self.tracks.lock().unwrap().clone();
        for track in tracks {
            if track.kind().await == kind {
                return track;
            }
        }
        panic!("no such track yet")
    }
}

/// Reads a channel of the stand-in into its `seen`.
pub fn listen(channel: Arc<dyn DataChannel>) -> mpsc::UnboundedReceiver<Option<Seen>> {
    let (tx, rx) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = channel.poll().await {
            let _ = match event {
                DataChannelEvent::OnOpen => tx.send(None),
                DataChannelEvent::OnMessage(m) if m.is_string => {
                    tx.send(Some(Seen::Text(String::from_utf8(m.data.to_vec()).unwrap())))
                }
                DataChannelEvent::OnMessage(m) => tx.send(Some(Seen::Binary(m.data.to_vec()))),
                _ => Ok(()),
            };
        }
    });
    rx
}

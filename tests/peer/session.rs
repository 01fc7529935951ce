//! Our peer and a stand-in for a browser, brought together, and what goes between them.

#![allow(clippy::disallowed_methods, reason = "it keeps whatever it sees")]

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rendercast::encode::Codec;
use rendercast::fanout::{AudioPacket, PacketizedFrame};
use rendercast::peer::{Peer, PeerEvent, PeerSettings};
use rendercast::signaling::IceCandidate;
use rendercast::time::Nanos;
use rendercast::units::{Bitrate, Size, ViewerId};
use rtc::rtp;
use tokio::sync::mpsc;
use webrtc::peer_connection::RTCIceCandidateInit;

use crate::browser::{Browser, PATIENCE, Seen};
use crate::lossy::LossyPath;

/// Our peer, its stand-in, and what comes from either.
pub struct Session {
    pub peer: Peer,
    /// As the peer was opened.
    pub settings: PeerSettings,
    pub browser: Browser,
    events: mpsc::Receiver<PeerEvent>,
    early: Vec<IceCandidate>,
    pub candidates: usize,
    /// The browser's do not reach us, as where nobody outside can resolve them.
    pub hidden: bool,
    settled: bool,
    browser_connected: bool,
    /// Events passed over while waiting for another one.
    pub passed: Vec<PeerEvent>,
    pub packets: VecDeque<rtp::Packet>,
    /// What is between the two; None: nothing.
    pub path: Option<LossyPath>,
}

pub fn settings() -> PeerSettings {
    PeerSettings {
        viewer: ViewerId(7),
        codecs: Codec::ALL.to_vec(),
        audio: true,
        one_stream: false,
        receivable: Default::default(),
        inlet: None,
        configured: Default::default(),
        bind_addresses: vec![[127, 0, 0, 1].into()],
        network: Default::default(),
        start_bitrate: Bitrate::from_kbps(50_000),
        min_bitrate: Bitrate::from_kbps(300),
        // No more than at the start: nothing is probed, so nothing comes twice.
        max_bitrate: Bitrate::from_kbps(50_000),
        playout_delay_ms: (0, 0),
        protection: rendercast::config::ProtectionMode::Auto,
        sent: None,
        events_dropped: Default::default(),
        pacing: Default::default(),
    }
}

impl Session {
    /// We offer and the browser answers: both descriptions.
    pub async fn offers(&self) -> (String, String) {
        let offer = self.peer.offer().await.unwrap();
        let answer = self.browser.answer(&offer).await;
        self.peer.accept_answer(&answer).await.unwrap();
        (offer, answer)
    }

    pub async fn open(settings: PeerSettings) -> Self {
        let (tx, events) = mpsc::channel(64);
        Self {
            peer: Peer::open(settings.clone(), tx).await.unwrap(),
            settings,
            browser: Browser::open().await,
            events,
            early: Vec::new(),
            candidates: 0,
            hidden: false,
            settled: false,
            browser_connected: false,
            passed: Vec::new(),
            packets: VecDeque::new(),
            path: None,
        }
    }

    /// The browser asks for media at once (generation 1).
    pub async fn browser_offers_media(settings: PeerSettings) -> Self {
        let mut session = Self::open(settings).await;
        session.browser.want_media().await;
        let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
        session.browser.accept(&answer).await;
        session.settle().await;
        session
    }

    /// From now on candidates go straight to the browser.
    pub async fn settle(&mut self) {
        self.settled = true;
        for candidate in std::mem::take(&mut self.early) {
            self.pass_on(candidate).await;
        }
    }

    async fn pass_on(&mut self, candidate: IceCandidate) {
        if !self.settled {
            self.early.push(candidate);
            return;
        }
        self.candidates += 1;
        let candidate = match &self.path {
            Some(path) => path.candidate(candidate),
            None => candidate,
        };
        let init = RTCIceCandidateInit {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_mline_index,
            ..Default::default()
        };
        self.browser.pc.add_ice_candidate(init).await.unwrap();
    }

    /// Lets both sides' candidates and packets through until the peer says what `wanted` recognises.
    pub async fn event<T>(&mut self, mut wanted: impl FnMut(&PeerEvent) -> Option<T>) -> T {
        if let Some(found) = self.passed.iter().find_map(&mut wanted) {
            return found;
        }
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            tokio::select! {
                event = self.events.recv() => {
                    let event = event.expect("the peer's events ended");
                    if let PeerEvent::Candidate(candidate) = event {
                        self.pass_on(candidate).await;
                    } else if let Some(found) = wanted(&event) {
                        return found;
                    } else {
                        self.passed.push(event);
                    }
                }
                seen = self.browser.seen.recv() => self.take(seen.expect("the browser's events ended")).await,
                () = tokio::time::sleep_until(until) => panic!("it never came; passed: {:?}", self.passed),
            }
        }
    }

    async fn take(&mut self, seen: Seen) {
        match seen {
            // Behind a path of ours the browser is where that path is.
            Seen::Candidate(_) if self.path.is_some() => {}
            Seen::Candidate(_) if self.hidden => {}
            Seen::Candidate(init) => {
                let candidate = IceCandidate {
                    candidate: init.candidate,
                    sdp_mid: init.sdp_mid,
                    sdp_mline_index: init.sdp_mline_index,
                };
                self.peer.add_candidate(candidate).await.unwrap();
            }
            Seen::Rtp(packet) => self.packets.push_back(packet),
            Seen::Connected => self.browser_connected = true,
            Seen::Text(_) | Seen::Binary(_) => {}
        }
    }

    /// Until both sides are: what reaches a side before it has its keys is lost.
    pub async fn connected(&mut self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        self.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
        while !self.browser_connected {
            self.event_or_packet(until).await;
        }
    }

    /// The next RTP packet of a medium, by its payload type.
    pub async fn packet(&mut self, payload_type: u8) -> rtp::Packet {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.packets.iter().position(|p| p.header.payload_type == payload_type) {
                return self.packets.remove(at).unwrap();
            }
            self.event_or_packet(until).await;
        }
    }

    /// Lets one thing happen.
    pub async fn event_or_packet(&mut self, until: tokio::time::Instant) {
        tokio::select! {
            event = self.events.recv() => match event.expect("the peer's events ended") {
                PeerEvent::Candidate(candidate) => self.pass_on(candidate).await,
                event => self.passed.push(event),
            },
            seen = self.browser.seen.recv() => self.take(seen.expect("the browser's events ended")).await,
            () = tokio::time::sleep_until(until) => panic!("nothing happens; passed: {:?}", self.passed),
        }
    }

    /// The peer's next event, for when the browser's have ended.
    pub async fn browser_gone_event(&mut self) -> PeerEvent {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("nothing happens").expect("events ended")
    }

    pub async fn rest(mut self) -> Vec<PeerEvent> {
        let mut rest = std::mem::take(&mut self.passed);
        while let Ok(event) = self.events.try_recv() {
            rest.push(event);
        }
        rest
    }
}

/// A frame of `packets` packets whose payloads tell which frame and packet they are.
pub fn frame(codec: Codec, number: u32, packets: usize) -> Arc<PacketizedFrame> {
    let payloads = (0..packets)
        .map(|packet| {
            let mut payload = BytesMut::zeroed(1100);
            // H.264: a single NAL unit of type 1, so that nobody drops it for its shape.
            payload[0] = 0x41;
            payload[1..5].copy_from_slice(&number.to_be_bytes());
            payload[5] = packet as u8;
            payload.freeze()
        })
        .collect();
    Arc::new(PacketizedFrame {
        codec,
        size: Size::new(640, 360),
        keyframe: number == 0,
        temporal_id: 0,
        discardable: false,
        rtp_timestamp: 90_000 + number * 1_500,
        payloads,
        host_time: 0,
        pushed_at: Nanos(0),
        encode_started: Nanos(0),
        encode_ended: Nanos(0),
        marks: None,
    })
}

pub fn sound(number: u32) -> Arc<AudioPacket> {
    Arc::new(AudioPacket {
        rtp_timestamp: number * 480,
        payload: Bytes::copy_from_slice(&number.to_be_bytes()),
        pushed_at: Nanos(0),
    })
}

/// Frame and packet number of a payload made by [`frame`].
pub fn number(packet: &rtp::Packet) -> (u32, u8) {
    (u32::from_be_bytes(packet.payload[1..5].try_into().unwrap()), packet.payload[5])
}

/// The payload type of a codec in a description, by the `m=` line's first of that name.
pub fn payload_type(sdp: &str, name: &str) -> u8 {
    let line = sdp.lines().find(|line| line.starts_with("a=rtpmap:") && line.contains(&format!(" {name}/"))).unwrap();
    line["a=rtpmap:".len()..].split(' ').next().unwrap().parse().unwrap()
}

/// The number of an extension in a description.
pub fn extension(sdp: &str, uri: &str) -> u8 {
    let line = sdp.lines().find(|line| line.starts_with("a=extmap:") && line.contains(uri)).unwrap();
    line["a=extmap:".len()..].split(' ').next().unwrap().parse().unwrap()
}

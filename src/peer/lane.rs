//! One outgoing RTP stream, from the streamer to the interceptor that writes its packets.
//!
//! The crate's driver turns its whole loop once per packet it is given. A lane gives it one empty packet per frame, the
//! carrier; [`Burst`](super::interceptors::burst::Burst) puts the frame's packets in its place, and they leave in one turn.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rtc::rtp;
use tokio::sync::Semaphore;
use webrtc::media_stream::track_local::TrackLocal;

use crate::encode::Codec;
use crate::fanout::Media;
use crate::pacing::Traffic;
use crate::units::SenderId;

use super::formats::SendFormats;
use super::interceptors::stamp::Timed;
use super::protection::Protection;
use super::settings::PeerError;

/// Frames that may wait for the driver. More would only be latency: the subscriber's queue drops and resyncs instead.
pub const DEPTH: usize = 3;
/// How long a frame may wait for its turn.
pub const SEND_TIMEOUT: Duration = Duration::from_millis(200);

/// Older than this, and the host's stamp is not a capture time of this run.
const MAX_AGE: Duration = Duration::from_secs(1);

const UNBOUND: u16 = u16::MAX;

/// State shared by the sending side and the interceptor.
pub struct Lane {
    /// Whose it is.
    pub sender: SenderId,
    /// What an added track has sent; the first ones' is the connection's (`pacing::Desk`).
    pub traffic: Traffic,
    /// Ours, random, for the life of the peer.
    pub ssrc: u32,
    pub rtx_ssrc: u32,
    /// Of repair packets; 0: none are sent.
    pub fec_ssrc: u32,
    /// How this viewer's media is protected.
    pub protection: Arc<Protection>,
    /// Packets on their way that say when they leave.
    pub timed: Timed,
    /// Of video: what each codec is sent as.
    pub formats: SendFormats,
    /// Payload type of redundant audio.
    red: AtomicU16,
    /// The playout-delay extension's three bytes.
    playout_delay: AtomicU32,
    track: OnceLock<Arc<dyn TrackLocal>>,
    payload_type: AtomicU16,
    codec: Mutex<Option<Codec>>,
    carriers: AtomicU32,
    /// How long media has been under way when it leaves, in microseconds, smoothed.
    age: AtomicU32,
    room: Semaphore,
    waiting: Mutex<VecDeque<(u16, Media)>>,
}

impl Lane {
    pub fn new(ssrc: u32, rtx_ssrc: u32) -> Self {
        Self {
            sender: SenderId::VIDEO,
            traffic: Traffic::default(),
            ssrc,
            rtx_ssrc,
            fec_ssrc: 0,
            protection: Arc::default(),
            timed: Timed::default(),
            formats: SendFormats::default(),
            red: AtomicU16::new(UNBOUND),
            playout_delay: AtomicU32::new(0),
            track: OnceLock::new(),
            payload_type: AtomicU16::new(UNBOUND),
            codec: Mutex::default(),
            carriers: AtomicU32::new(0),
            age: AtomicU32::new(0),
            room: Semaphore::new(DEPTH),
            waiting: Mutex::default(),
        }
    }

    /// The same lane, of another sender than the first video track's.
    pub fn of(self, sender: SenderId) -> Self {
        Self { sender, ..self }
    }

    /// The same lane, protected as its viewer is.
    pub fn protected(self, fec_ssrc: u32, protection: Arc<Protection>) -> Self {
        Self { fec_ssrc, protection, ..self }
    }

    /// What redundant audio is sent as, if the browser takes it.
    pub fn red(&self) -> Option<u8> {
        u8::try_from(self.red.load(Ordering::Relaxed)).ok()
    }

    pub fn set_red(&self, payload_type: Option<u8>) {
        self.red.store(payload_type.map_or(UNBOUND, u16::from), Ordering::Relaxed);
    }

    /// How long a receiver may and must hold a frame back, as the extension has it.
    pub fn playout_delay(&self) -> [u8; 3] {
        let [_, a, b, c] = self.playout_delay.load(Ordering::Relaxed).to_be_bytes();
        [a, b, c]
    }

    pub fn set_playout_delay(&self, [a, b, c]: [u8; 3]) {
        self.playout_delay.store(u32::from_be_bytes([0, a, b, c]), Ordering::Relaxed);
    }

    /// The track the crate knows this lane by. The first one stays.
    pub fn attach(&self, track: Arc<dyn TrackLocal>) {
        let _ = self.track.set(track);
    }

    /// The stream is negotiated (or not any more): called by the interceptor.
    pub fn bind(&self, payload_type: Option<u8>) {
        self.payload_type.store(payload_type.map_or(UNBOUND, u16::from), Ordering::Release);
    }

    /// What the browser takes; None for audio, and until it has answered.
    pub fn codec(&self) -> Option<Codec> {
        *self.codec.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None: nothing is sent from now on.
    pub fn set_codec(&self, codec: Option<Codec>) {
        let before = std::mem::replace(&mut *self.codec.lock().unwrap_or_else(PoisonError::into_inner), codec);
        if before.is_none() != codec.is_none() {
            self.forget_waiting();
        }
    }

    /// The crate throws away carriers in a section that does not send, and tells nobody: their room would be lost.
    pub fn forget_waiting(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.room.add_permits(waiting.drain(..).count());
    }

    /// Notes how old a frame or packet is at the moment it leaves.
    pub fn left(&self, age: Duration) {
        let age = u32::try_from(age.min(MAX_AGE).as_micros()).unwrap_or(u32::MAX);
        let before = self.age.load(Ordering::Relaxed);
        let smoothed = if before == 0 { age } else { before - before / 16 + age / 16 };
        self.age.store(smoothed, Ordering::Relaxed);
    }

    /// How old media is when it leaves: the time between its capture and its sender report's.
    pub fn age(&self) -> Duration {
        Duration::from_micros(self.age.load(Ordering::Relaxed).into())
    }

    /// Ends every waiting and future `send`.
    pub fn close(&self) {
        self.room.close();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Hands one frame or audio packet to the driver. Waits while [`DEPTH`] are before it.
    pub async fn send(&self, media: Media) -> Result<(), PeerError> {
        let track = self.track.get().ok_or(PeerError::NotNegotiated)?;
        let bound = u8::try_from(self.payload_type.load(Ordering::Acquire)).map_err(|_| PeerError::NotNegotiated)?;
        // The crate refuses a carrier whose format the newest description does not name.
        let payload_type = match &media {
            Media::Video(frame) => self.formats.payload_type(frame.codec).unwrap_or(bound),
            Media::Audio(_) => bound,
        };
        match tokio::time::timeout(SEND_TIMEOUT, self.room.acquire()).await {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_)) => return Err(PeerError::Closed),
            Err(_) => return Err(PeerError::Congested),
        }
        let id = self.push(media);
        let carrier = rtp::Packet {
            header: rtp::Header {
                version: 2,
                ssrc: self.ssrc,
                payload_type,
                sequence_number: id,
                ..Default::default()
            },
            ..Default::default()
        };
        track.write_rtp(carrier).await.map_err(|_| {
            // The driver is gone.
            self.close();
            PeerError::Closed
        })
    }

    /// Puts media where the carrier with the returned number finds it.
    pub fn push(&self, media: Media) -> u16 {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let id = self.carriers.fetch_add(1, Ordering::Relaxed) as u16;
        waiting.push_back((id, media));
        id
    }

    /// What the carrier with this number stands for. Anything before it belongs to carriers that got lost.
    pub fn take(&self, id: u16) -> Option<Media> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let position = waiting.iter().position(|(waiting, _)| *waiting == id)?;
        self.room.add_permits(position + 1);
        waiting.drain(..=position).next_back().map(|(_, media)| media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::AudioPacket;
    use crate::time::Nanos;

    pub(crate) fn sound(rtp_timestamp: u32) -> Media {
        Media::Audio(Arc::new(AudioPacket { rtp_timestamp, payload: vec![1].into(), pushed_at: Nanos(0) }))
    }

    #[test]
    fn a_lost_carrier_takes_neither_the_order_nor_the_room_of_later_ones() {
        let lane = Lane::new(1, 2);
        for _ in 0..DEPTH {
            lane.room.try_acquire().unwrap().forget();
        }
        let _lost = lane.push(sound(10));
        let second = lane.push(sound(20));
        let Some(Media::Audio(packet)) = lane.take(second) else { panic!() };
        assert_eq!(packet.rtp_timestamp, 20);
        assert_eq!(lane.room.available_permits(), 2);
        assert!(lane.take(second).is_none());
        assert_eq!(lane.room.available_permits(), 2);
    }

    #[test]
    fn what_waits_when_sending_stops_or_begins_takes_no_room() {
        let lane = Lane::new(1, 2);
        lane.set_codec(Some(Codec::Vp8));
        for _ in 0..DEPTH {
            lane.room.try_acquire().unwrap().forget();
            lane.push(sound(10));
        }
        lane.set_codec(Some(Codec::H264));
        assert_eq!(lane.room.available_permits(), 0, "another codec stops nothing");
        lane.set_codec(None);
        assert_eq!(lane.room.available_permits(), DEPTH);
        lane.room.try_acquire().unwrap().forget();
        let late = lane.push(sound(20));
        lane.set_codec(Some(Codec::Vp8));
        assert!(lane.take(late).is_none());
        assert_eq!(lane.room.available_permits(), DEPTH);
    }

    #[tokio::test]
    async fn nothing_is_sent_before_it_is_negotiated() {
        let lane = Lane::new(1, 2);
        assert!(matches!(lane.send(sound(0)).await, Err(PeerError::NotNegotiated)));
    }
}

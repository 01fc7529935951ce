//! Tells when a video frame has left: as near to encryption and the socket as our code gets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtc::interceptor::{Packet, TaggedPacket};

use crate::fanout::PacketizedFrame;
use crate::peer::settings::{Departed, SentHook};
use crate::time::Nanos;
use crate::units::SenderId;

use super::station::Work;

/// Frames that may be between the two stations: what the pacer holds, which sends no more on when it holds 250 ms.
const MOST: usize = 64;

/// A frame on its way.
pub struct Leaving {
    pub frame: Arc<PacketizedFrame>,
    pub sender: SenderId,
    /// When its packets went to the pacer.
    pub paced_at: Nanos,
    /// Of its last packet.
    pub ssrc: u32,
    pub sequence_number: u16,
}

/// The frames on their way from [`Burst`](super::burst::Burst) to [`Departure`].
#[derive(Default)]
pub struct Departing(Mutex<VecDeque<Leaving>>);

impl Departing {
    fn frames(&self) -> MutexGuard<'_, VecDeque<Leaving>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, frame: Leaving) {
        let mut frames = self.frames();
        if frames.len() >= MOST {
            frames.pop_front();
        }
        frames.push_back(frame);
    }

    /// The frame whose last packet this is. Only once: the same packet may be sent again.
    fn take(&self, ssrc: u32, sequence_number: u16) -> Option<Leaving> {
        let mut frames = self.frames();
        let is_last = |frame: &Leaving| (frame.ssrc, frame.sequence_number) == (ssrc, sequence_number);
        let position = frames.iter().position(is_last)?;
        frames.drain(..=position).next_back()
    }
}

/// The last before encryption.
pub struct Departure {
    departing: Arc<Departing>,
    sent: SentHook,
}

impl Departure {
    pub fn new(departing: Arc<Departing>, sent: SentHook) -> Self {
        Self { departing, sent }
    }
}

impl Work for Departure {
    fn pass(&mut self, packet: &mut TaggedPacket) {
        if let Packet::Rtp(content) = &packet.message.packet
            && content.header.marker
            && let Some(left) = self.departing.take(content.header.ssrc, content.header.sequence_number)
        {
            let Leaving { frame, sender, paced_at, .. } = left;
            (self.sent.0)(&Departed { frame: &frame, sender, rtp_timestamp: content.header.timestamp, paced_at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::Media;
    use crate::peer::interceptors::burst::Burst;
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::{self, lanes, rtp, video};
    use crate::peer::lane::Lane;
    use rtc::sansio::Protocol;

    type Stamps = Arc<Mutex<Vec<u32>>>;

    /// Both stations, with nothing between them, and the timestamps of the frames that have left.
    fn stations() -> (Arc<Lane>, Station<Burst>, Station<Departure>, Stamps) {
        let (lane, departing) = (Arc::new(Lane::new(5, 6)), Arc::new(Departing::default()));
        let left = Stamps::default();
        let own = Arc::clone(&left);
        let sent = SentHook(Arc::new(move |left: &Departed<'_>| {
            assert_eq!((left.sender, left.rtp_timestamp), (SenderId::VIDEO, left.frame.rtp_timestamp));
            own.lock().unwrap().push(left.rtp_timestamp);
        }));
        let burst = Burst::new(lanes(&lane), Some(Arc::clone(&departing)));
        (lane, burst, Station::new(Departure::new(departing, sent)), left)
    }

    fn send(lane: &Lane, burst: &mut Station<Burst>, media: Media) -> Vec<TaggedPacket> {
        burst.handle_write(rtp(5, lane.push(media), Vec::new())).unwrap();
        std::iter::from_fn(|| burst.poll_write()).collect()
    }

    #[test]
    fn a_frame_has_left_with_its_last_packet_and_not_before() {
        let (lane, mut burst, mut departure, left) = stations();
        let mut seen = Vec::new();
        for timestamp in [100, 200] {
            for packet in send(&lane, &mut burst, video(timestamp, 3)) {
                departure.handle_write(packet).unwrap();
                assert!(departure.poll_write().is_some());
                seen.push(left.lock().unwrap().len());
            }
        }
        assert_eq!(seen, [0, 0, 1, 1, 1, 2]);
        assert_eq!(*left.lock().unwrap(), [100, 200]);
    }

    #[test]
    fn what_is_sent_again_does_not_leave_again_and_other_packets_pass() {
        let (lane, mut burst, mut departure, left) = stations();
        let packet = send(&lane, &mut burst, video(100, 1)).remove(0);
        let Packet::Rtp(content) = &packet.message.packet else { panic!() };
        let again = testing::packet(Packet::Rtp(content.clone()));
        for out in [packet, again, rtp(77, 1, vec![9])] {
            departure.handle_write(out).unwrap();
        }
        assert_eq!(std::iter::from_fn(|| departure.poll_write()).count(), 3);
        assert_eq!(*left.lock().unwrap(), [100]);
    }

    #[test]
    fn frames_whose_last_packet_never_comes_do_not_pile_up() {
        let (lane, mut burst, mut departure, left) = stations();
        for timestamp in 0..100 {
            send(&lane, &mut burst, video(timestamp, 1));
        }
        assert_eq!(departure.work.departing.frames().len(), MOST);
        let packet = send(&lane, &mut burst, video(100, 1)).remove(0);
        departure.handle_write(packet).unwrap();
        assert!(departure.poll_write().is_some());
        assert_eq!(*left.lock().unwrap(), [100]);
        assert!(departure.work.departing.frames().is_empty());
    }
}

//! What all our stations have in common: a packet that nothing is done with goes on.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Interceptor, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// Packets that leave a station, each direction in order.
#[derive(Default)]
pub struct Out {
    /// Towards us.
    pub read: VecDeque<TaggedPacket>,
    /// Towards the network.
    pub write: VecDeque<TaggedPacket>,
}

/// What one station does. Whatever is not overridden passes.
pub trait Work: Send + Sync {
    /// A packet from the network that goes on, changed or not.
    fn hear(&mut self, _packet: &mut TaggedPacket) {}
    /// A packet to the network that goes on, changed or not.
    fn pass(&mut self, _packet: &mut TaggedPacket) {}
    /// A packet from the network that may be held, or become several.
    fn read(&mut self, mut packet: TaggedPacket, out: &mut Out) {
        self.hear(&mut packet);
        out.read.push_back(packet);
    }
    /// A packet to the network that may be held, or become several.
    fn write(&mut self, mut packet: TaggedPacket, out: &mut Out) {
        self.pass(&mut packet);
        out.write.push_back(packet);
    }
    /// The time [`due`](Self::due) told is here, or a moment later.
    fn wake(&mut self, _now: Instant, _out: &mut Out) {}
    /// When to be woken; the crate wakes no more often than each millisecond.
    fn due(&self) -> Option<Instant> {
        None
    }
    /// One of our streams is negotiated, with the numbers both sides agreed on.
    fn bind(&mut self, _info: &StreamInfo) {}
    fn unbind(&mut self, _info: &StreamInfo) {}
}

/// A station of the crate's packet path.
pub struct Station<W> {
    pub work: W,
    out: Out,
}

impl<W> Station<W> {
    pub fn new(work: W) -> Self {
        Self { work, out: Out::default() }
    }
}

impl<W: Work> Protocol<TaggedPacket, TaggedPacket, ()> for Station<W> {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.work.read(packet, &mut self.out);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.out.read.pop_front()
    }
    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.work.write(packet, &mut self.out);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.out.write.pop_front()
    }
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.work.wake(now, &mut self.out);
        Ok(())
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        self.work.due()
    }
}

impl<W: Work> Interceptor for Station<W> {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        self.work.bind(info);
    }
    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        self.work.unbind(info);
    }
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::rtp;

    struct Nothing;
    impl Work for Nothing {}

    #[test]
    fn a_station_that_does_nothing_passes_everything_in_order() {
        let mut station = Station::new(Nothing);
        for number in 0..3 {
            station.handle_read(rtp(1, number, vec![])).unwrap();
            station.handle_write(rtp(2, number, vec![])).unwrap();
        }
        for number in 0..3 {
            assert_eq!(station.poll_read().unwrap().message.packet, rtp(1, number, vec![]).message.packet);
            assert_eq!(station.poll_write().unwrap().message.packet, rtp(2, number, vec![]).message.packet);
        }
        assert!(station.poll_read().is_none() && station.poll_write().is_none() && station.poll_timeout().is_none());
    }
}

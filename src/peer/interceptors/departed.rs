//! Tells congestion control what has left, before anybody answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use rtc::shared::marshal::MarshalSize;

use crate::congestion::Orders;
use crate::time;

/// The station at 900, where every packet of every stream has got its time of leaving.
pub struct Departed {
    orders: Arc<Orders>,
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

impl Departed {
    pub fn new(orders: Arc<Orders>) -> Self {
        Self { orders, read: VecDeque::new(), write: VecDeque::new() }
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Departed {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        self.read.push_back(msg);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }
    fn handle_write(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtp(packet) = &msg.message.packet {
            self.orders.departed(time::nanos(msg.now), packet.marshal_size());
        }
        self.write.push_back(msg);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
}

impl Interceptor for Departed {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::{drain, rtp};

    #[test]
    fn all_that_leaves_is_counted_with_its_header_and_goes_on() {
        let orders = Arc::new(Orders::default());
        let mut station = Departed::new(Arc::clone(&orders));
        for number in 0..3 {
            let packet =
                TaggedPacket { now: time::instant_at(time::Nanos(1_000_000_000)), ..rtp(1, number, vec![0; 88]) };
            station.handle_write(packet).unwrap();
        }
        assert_eq!(orders.departed_since(time::Nanos(0)), 300);
        assert!(orders.last_departure().is_some());
        assert_eq!(drain(&mut station).len(), 3);
    }
}

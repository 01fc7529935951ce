//! Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): numbers what leaves, over all
//! streams, and tells the estimator what became of it.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc::interceptor::{Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{PacketStatusChunk, SymbolTypeTcc, TransportLayerCc};
use rtc::shared::marshal::MarshalSize;

use crate::congestion::{Orders, Report};
use crate::peer::estimate::Estimator;
use crate::peer::extensions::TRANSPORT_CC_URI;
use crate::time;

use super::burst::extension_id;
use super::outstanding::Outstanding;
use super::stamp::slot;
use super::station::{Out, Work};

/// Of the feedback's reference time.
const REFERENCE: Duration = Duration::from_millis(64);

/// Every number there is, as it is written into a header: a packet borrows its own instead of allocating two bytes.
static NUMBERS: LazyLock<&'static [u8]> =
    LazyLock::new(|| Box::leak((0..=u16::MAX).flat_map(u16::to_be_bytes).collect::<Box<[u8]>>()));

fn number(number: u16) -> Bytes {
    let at = usize::from(number) * 2;
    Bytes::from_static(NUMBERS.get(at..at + 2).unwrap_or_default())
}

/// Past the pacer, where every packet of every stream has got its time of leaving.
pub struct Transport {
    id: Option<u8>,
    outstanding: Outstanding,
    reports: Vec<Report>,
    estimator: Estimator,
    orders: Arc<Orders>,
}

impl Transport {
    pub fn new(estimator: Estimator, orders: Arc<Orders>) -> Self {
        Self { id: None, outstanding: Outstanding::default(), reports: Vec::new(), estimator, orders }
    }
}

impl Work for Transport {
    /// Whatever has room for a number gets one: media, what is sent again, repair.
    fn pass(&mut self, packet: &mut TaggedPacket) {
        let now = time::nanos(packet.now);
        let Packet::Rtp(content) = &mut packet.message.packet else { return };
        let bytes = content.marshal_size();
        self.orders.departed(now, bytes);
        if let Some(slot) = slot(&mut content.header, self.id) {
            *slot = number(self.outstanding.push(now, bytes));
        }
    }

    fn hear(&mut self, packet: &mut TaggedPacket) {
        let Packet::Rtcp(contents) = &packet.message.packet else { return };
        let mut heard = false;
        for feedback in contents.iter().filter_map(|content| content.as_any().downcast_ref::<TransportLayerCc>()) {
            each_arrival(feedback, |number, at| self.outstanding.arrived(number, at));
            heard = true;
        }
        if heard {
            self.reports.clear();
            self.reports.extend(self.outstanding.take());
            self.estimator.handle_reports(time::nanos(packet.now), &self.reports);
        }
    }

    fn wake(&mut self, now: Instant, _out: &mut Out) {
        self.estimator.handle_timeout(time::nanos(now));
    }

    fn due(&self) -> Option<Instant> {
        self.estimator.next_timeout().map(time::instant_at)
    }

    /// Numbers are the same in all streams of a connection (RFC 8843, section 9).
    fn bind(&mut self, info: &StreamInfo) {
        self.id = extension_id(info, TRANSPORT_CC_URI).or(self.id);
    }
}

/// Section 3.1: statuses in chunks, beginning at the base number; a delta for each packet that came, but for those whose
/// time the receiver does not tell.
fn each_arrival(feedback: &TransportLayerCc, mut arrived: impl FnMut(u16, Option<Duration>)) {
    let mut at = REFERENCE * feedback.reference_time;
    let mut number = feedback.base_sequence_number;
    let mut deltas = feedback.recv_deltas.iter();
    let mut status = |symbol: SymbolTypeTcc| {
        match symbol {
            SymbolTypeTcc::PacketNotReceived => {}
            SymbolTypeTcc::PacketReceivedWithoutDelta => arrived(number, None),
            SymbolTypeTcc::PacketReceivedSmallDelta | SymbolTypeTcc::PacketReceivedLargeDelta => {
                let delta =
                    deltas.next().map(|delta| (delta.delta < 0, Duration::from_micros(delta.delta.unsigned_abs())));
                at = match delta {
                    Some((true, step)) => at.saturating_sub(step),
                    Some((false, step)) => at.saturating_add(step),
                    None => at,
                };
                arrived(number, delta.map(|_| at));
            }
        }
        number = number.wrapping_add(1);
    };
    for chunk in &feedback.packet_chunks {
        match chunk {
            PacketStatusChunk::RunLengthChunk(run) => {
                (0..run.run_length).for_each(|_| status(run.packet_status_symbol));
            }
            PacketStatusChunk::StatusVectorChunk(vector) => {
                vector.symbol_list.iter().for_each(|symbol| status(*symbol))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::Limits;
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::{drain, rtcp, rtp};
    use crate::time::Nanos;
    use crate::units::Bitrate;
    use rtc::interceptor::{Interceptor, RTPHeaderExtension};
    use rtc::rtcp::transport_feedbacks::transport_layer_cc::{RecvDelta, RunLengthChunk, StatusVectorChunk};
    use rtc::sansio::Protocol;

    fn station() -> (Arc<Orders>, Station<Transport>) {
        let orders = Arc::new(Orders::default());
        let rate = Bitrate::from_kbps;
        let limits = Limits::new(rate(1_000), rate(100), rate(9_000));
        let (update, demand, mailbox) = Default::default();
        let estimator = Estimator::new(limits, update, demand, mailbox, Arc::clone(&orders));
        let mut station = Station::new(Transport::new(estimator, Arc::clone(&orders)));
        station.bind_local_stream(&StreamInfo {
            rtp_header_extensions: vec![RTPHeaderExtension { uri: TRANSPORT_CC_URI.into(), id: 3 }],
            ..Default::default()
        });
        (orders, station)
    }

    fn send(station: &mut Station<Transport>, ssrc: u32, at: Nanos, room: bool) -> Option<Bytes> {
        let mut packet = TaggedPacket { now: time::instant_at(at), ..rtp(ssrc, 0, vec![0; 80]) };
        let Packet::Rtp(content) = &mut packet.message.packet else { panic!() };
        if room {
            content.header.set_extension(3, Bytes::from_static(&[0, 0])).unwrap();
        }
        station.handle_write(packet).unwrap();
        drain(station).remove(0).header.extensions.pop().map(|extension| extension.payload)
    }

    fn feedback(base: u16, packet_chunks: Vec<PacketStatusChunk>, deltas: &[i64]) -> TransportLayerCc {
        let recv_deltas = deltas.iter().map(|delta| RecvDelta { delta: *delta, ..Default::default() }).collect();
        let status = TransportLayerCc { base_sequence_number: base, reference_time: 2, ..Default::default() };
        TransportLayerCc { packet_chunks, recv_deltas, ..status }
    }

    #[test]
    fn all_streams_are_numbered_in_one_row_where_there_is_room_and_all_is_counted() {
        let (orders, mut station) = station();
        let at = Nanos(1_000_000_000);
        for (ssrc, expected) in [(1, [0, 0]), (2, [0, 1]), (3, [0, 2]), (1, [0, 3])] {
            assert_eq!(send(&mut station, ssrc, at, true).unwrap(), expected[..]);
        }
        assert_eq!(send(&mut station, 1, at, false), None);
        assert_eq!(send(&mut station, 1, at, true).unwrap(), [0, 4][..]);
        // 12 bytes of header and 8 of its extension.
        assert_eq!(orders.departed_since(Nanos(0)), 6 * 92 + 5 * 8);
    }

    #[test]
    fn every_number_is_written_as_the_network_has_it() {
        for n in [0, 1, 255, 256, u16::MAX] {
            assert_eq!(number(n), n.to_be_bytes()[..]);
        }
    }

    #[test]
    fn arrivals_are_read_from_chunks_of_both_kinds() {
        use SymbolTypeTcc::{
            PacketNotReceived, PacketReceivedLargeDelta, PacketReceivedSmallDelta, PacketReceivedWithoutDelta,
        };
        let run =
            RunLengthChunk { packet_status_symbol: PacketReceivedSmallDelta, run_length: 2, ..Default::default() };
        let symbol_list = vec![PacketNotReceived, PacketReceivedLargeDelta, PacketReceivedWithoutDelta];
        let vector = StatusVectorChunk { symbol_list, ..Default::default() };
        let chunks = vec![PacketStatusChunk::RunLengthChunk(run), PacketStatusChunk::StatusVectorChunk(vector)];
        let mut arrivals = Vec::new();
        each_arrival(&feedback(u16::MAX, chunks, &[250, 1_000, -500]), |number, at| {
            arrivals.push((number, at.map(|at| at.as_micros() as u64)));
        });
        assert_eq!(arrivals, [(u16::MAX, Some(128_250)), (0, Some(129_250)), (2, Some(128_750)), (3, None)]);
    }

    #[test]
    fn feedback_reaches_the_estimator_and_goes_on() {
        let (_, mut station) = station();
        for ms in 0..20 {
            send(&mut station, 1, Nanos((1_000 + ms * 5) * 1_000_000), true);
        }
        let symbol = SymbolTypeTcc::PacketReceivedSmallDelta;
        let run = RunLengthChunk { packet_status_symbol: symbol, run_length: 20, ..Default::default() };
        let told = feedback(0, vec![PacketStatusChunk::RunLengthChunk(run)], &[5_000; 20]);
        assert_eq!(station.poll_timeout(), None);
        let packet = TaggedPacket { now: time::instant_at(Nanos(1_150_000_000)), ..rtcp(told) };
        station.handle_read(packet).unwrap();
        assert!(station.poll_read().is_some());
        assert!(station.poll_timeout().is_some(), "silence would be noticed from now on");
    }
}

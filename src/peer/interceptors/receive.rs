//! Takes what the page sends out of the connection, into the inlet of the worker that decodes it, and tells the page what its
//! sender has to know: what is missing (NACK), that a keyframe is needed (PLI, RFC 4585), how much is lost (RFC 3550).
//!
//! Nothing of it goes on to the crate: its own receivers would queue every packet once more, and number streams by what a
//! description names, which not every page writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::interceptor::{AttributedPacket, Packet as Message, TaggedPacket};
use rtc::rtcp::goodbye::Goodbye;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::reception_report::ReceptionReport;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers};
use rtc::{rtcp, rtp};

use crate::peer::mailbox::Mailbox;
use crate::peer::settings::PeerEvent;
use crate::receive::formats::Format;
use crate::receive::inlet::Inlet;
use crate::receive::missing::Missing;
use crate::receive::reception::Reception;
use crate::receive::{Arrival, Medium, Packet, clock};
use crate::time::{self, Nanos};

use super::agreed::{Agreed, Inbound};
use super::station::Out;

/// Between receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Another stream of a medium is taken once the one before has been silent for so long.
const SILENCE: Duration = Duration::from_millis(500);

struct Stream {
    ssrc: u32,
    /// Of its retransmissions, once one came.
    rtx_ssrc: Option<u32>,
    last: Nanos,
    reception: Reception,
    missing: Missing,
}

pub struct Receive {
    /// We are this to the page.
    own_ssrc: u32,
    inlet: Inlet,
    agreed: Agreed,
    mailbox: Arc<Mailbox>,
    /// Audio, video.
    streams: [Option<Stream>; 2],
    report_at: Option<Nanos>,
}

impl Receive {
    pub fn new(own_ssrc: u32, inlet: Inlet, agreed: Agreed, mailbox: Arc<Mailbox>) -> Self {
        Self { own_ssrc, inlet, agreed, mailbox, streams: [None, None], report_at: None }
    }

    /// Whether a packet from the network goes on: media does not.
    pub fn hear(&mut self, packet: &TaggedPacket, out: &mut Out) -> bool {
        let now = time::nanos(packet.now);
        self.forget_ended();
        match &packet.message.packet {
            Message::Rtp(content) => {
                self.heard_media(now, content);
                self.ask(packet.now, now, out);
                false
            }
            Message::Rtcp(contents) => {
                contents.iter().for_each(|content| self.heard_control(now, content.as_ref()));
                true
            }
            _ => true,
        }
    }

    pub fn wake(&mut self, at: Instant, out: &mut Out) {
        let now = time::nanos(at);
        self.forget_ended();
        self.ask(at, now, out);
        if self.report_at.is_some_and(|due| due <= now) {
            self.report_at = Some(now + REPORT_EVERY);
            self.report(at, now, out);
        }
    }

    pub fn due(&self) -> Option<Instant> {
        let missing = self.streams[Medium::Video as usize].as_ref().and_then(|stream| stream.missing.due());
        [missing, self.report_at].into_iter().flatten().min().map(time::instant_at)
    }

    fn forget_ended(&mut self) {
        let ended = self.agreed.take_ended();
        for medium in Medium::ALL.into_iter().filter(|medium| ended[*medium as usize]) {
            self.streams[medium as usize] = None;
        }
    }

    fn heard_media(&mut self, now: Nanos, content: &rtp::Packet) {
        let header = &content.header;
        let payload = &content.payload;
        let agreed = self.agreed.clone();
        // Held until the packet is in the inlet: see `Agreed::set`.
        let mut terms = agreed.lock();
        let (own, original) = (terms.formats.get(header.payload_type), terms.formats.repaired(header.payload_type));
        let (encoding, sequence, payload) = match (own, original) {
            (Some(Format::Media(encoding)), _) => {
                let Some(stream) = self.stream(encoding.medium(), header.ssrc, now) else { return };
                stream.last = now;
                let rate = clock::rate(encoding.medium());
                stream.reception.heard(header.sequence_number, header.timestamp, rate, now);
                let inbound = terms.inbound[encoding.medium() as usize]
                    .get_or_insert_with(|| Inbound::new(header.ssrc, encoding, header.payload_type, now));
                if inbound.ssrc != header.ssrc {
                    *inbound = Inbound::new(header.ssrc, encoding, header.payload_type, now);
                }
                (inbound.encoding, inbound.payload_type) = (encoding, header.payload_type);
                (inbound.lost, inbound.jitter) = (stream.reception.lost(), stream.reception.jitter() / f64::from(rate));
                (encoding, header.sequence_number, payload.clone())
            }
            (_, Some(encoding)) => {
                // RFC 4588, section 4: the original's number, and then its payload. Without one it is a probe's padding.
                let Some(stream) = &mut self.streams[encoding.medium() as usize] else { return };
                let Some(number) = payload.first_chunk::<2>() else { return };
                if *stream.rtx_ssrc.get_or_insert(header.ssrc) != header.ssrc || header.ssrc == stream.ssrc {
                    return;
                }
                if let Some(inbound) = &mut terms.inbound[encoding.medium() as usize] {
                    inbound.packets_again += 1;
                    inbound.bytes_again += payload.len() as u64 - 2;
                }
                (encoding, u16::from_be_bytes(*number), payload.slice(2..))
            }
            (_, None) => return,
        };
        if let Some(inbound) = &mut terms.inbound[encoding.medium() as usize] {
            inbound.packets += 1;
            inbound.bytes += payload.len() as u64;
            inbound.last = now;
        }
        if encoding.medium() == Medium::Video
            && let Some(stream) = &mut self.streams[Medium::Video as usize]
        {
            stream.missing.heard(sequence, now);
        }
        self.inlet.push(Arrival::Packet {
            encoding,
            packet: Packet { sequence, timestamp: header.timestamp, marker: header.marker, payload, arrived: now },
        });
        if self.inlet.begins() {
            self.mailbox.push(PeerEvent::Receiving);
        }
        self.report_at.get_or_insert(now + REPORT_EVERY);
    }

    /// The medium's one stream, if this is it, or takes its place.
    fn stream(&mut self, medium: Medium, ssrc: u32, now: Nanos) -> Option<&mut Stream> {
        let place = &mut self.streams[medium as usize];
        match place {
            Some(stream) if stream.ssrc != ssrc && now.saturating_since(stream.last) < SILENCE => return None,
            Some(stream) if stream.ssrc != ssrc => {
                self.inlet.push(Arrival::Ended { medium });
                *place = None;
            }
            _ => {}
        }
        Some(place.get_or_insert_with(|| Stream {
            ssrc,
            rtx_ssrc: None,
            last: now,
            reception: Reception::default(),
            missing: Missing::default(),
        }))
    }

    fn heard_control(&mut self, now: Nanos, content: &dyn rtcp::Packet) {
        let content = content.as_any();
        if let Some(report) = content.downcast_ref::<SenderReport>() {
            for medium in Medium::ALL {
                if let Some(stream) = self.of(medium, report.ssrc) {
                    stream.reception.heard_report(report.ntp_time, now);
                    self.inlet.push(Arrival::Clock { medium, ntp: report.ntp_time, timestamp: report.rtp_time });
                }
            }
        } else if let Some(goodbye) = content.downcast_ref::<Goodbye>() {
            for medium in Medium::ALL {
                if goodbye.sources.iter().any(|source| self.of(medium, *source).is_some()) {
                    self.streams[medium as usize] = None;
                    self.agreed.lock().inbound[medium as usize] = None;
                    self.inlet.push(Arrival::Ended { medium });
                }
            }
        }
    }

    fn of(&mut self, medium: Medium, ssrc: u32) -> Option<&mut Stream> {
        self.streams[medium as usize].as_mut().filter(|stream| stream.ssrc == ssrc)
    }

    /// Asks for what is missing, and for a keyframe where the worker needs one.
    fn ask(&mut self, at: Instant, now: Nanos, out: &mut Out) {
        let Some(stream) = &mut self.streams[Medium::Video as usize] else { return };
        let (sender_ssrc, media_ssrc) = (self.own_ssrc, stream.ssrc);
        if stream.missing.due().is_some_and(|due| due <= now) {
            let missing = stream.missing.ask(now);
            if !missing.is_empty() {
                let nacks = nack_pairs_from_sequence_numbers(&missing);
                self.agreed.lock().inbound[Medium::Video as usize].iter_mut().for_each(|inbound| inbound.nacks += 1);
                send(at, Box::new(TransportLayerNack { sender_ssrc, media_ssrc, nacks }), out);
            }
        }
        if self.inlet.take_keyframe_request() {
            self.agreed.lock().inbound[Medium::Video as usize].iter_mut().for_each(|inbound| inbound.plis += 1);
            send(at, Box::new(PictureLossIndication { sender_ssrc, media_ssrc }), out);
        }
    }

    fn report(&mut self, at: Instant, now: Nanos, out: &mut Out) {
        let blocks = self.streams.iter_mut().flatten().filter_map(|stream| {
            let block = stream.reception.report(now)?;
            Some(ReceptionReport {
                ssrc: stream.ssrc,
                fraction_lost: block.fraction_lost,
                total_lost: block.total_lost,
                last_sequence_number: block.highest_sequence,
                jitter: block.jitter,
                last_sender_report: block.last_sender_report,
                delay: block.delay,
            })
        });
        let reports: Vec<ReceptionReport> = blocks.collect();
        if !reports.is_empty() {
            send(at, Box::new(ReceiverReport { ssrc: self.own_ssrc, reports, ..Default::default() }), out);
        }
    }
}

fn send(now: Instant, content: Box<dyn rtcp::Packet>, out: &mut Out) {
    let message = AttributedPacket::new(Message::Rtcp(vec![content]));
    out.write.push_back(TaggedPacket { now, transport: Default::default(), message });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::peer::interceptors::testing::{rtcp, rtp};
    use crate::receive::Encoding;
    use crate::receive::formats::Formats;
    use crate::stats::Counter;

    const MS: u64 = 1_000_000;

    struct Rig {
        receive: Receive,
        inlet: Inlet,
        mailbox: Arc<Mailbox>,
        out: Out,
    }

    fn rig() -> Rig {
        let (inlet, mailbox) = (Inlet::new(Counter::default(), Counter::default()), Arc::new(Mailbox::default()));
        let mut formats = Formats::default();
        formats.set(96, Format::Media(Encoding::Video(Codec::Vp8)));
        formats.set(97, Format::Again(96));
        formats.set(111, Format::Media(Encoding::Opus));
        let agreed = Agreed::new(Some(inlet.clone()));
        agreed.set(&formats, &[]);
        let receive = Receive::new(5, inlet.clone(), agreed, Arc::clone(&mailbox));
        Rig { receive, inlet, mailbox, out: Out::default() }
    }

    impl Rig {
        fn packet(&mut self, ms: u64, payload_type: u8, ssrc: u32, sequence: u16, payload: Vec<u8>) {
            let mut packet = rtp(ssrc, sequence, payload);
            packet.now = time::instant_at(Nanos((10_000 + ms) * MS));
            let Message::Rtp(content) = &mut packet.message.packet else { panic!() };
            content.header.payload_type = payload_type;
            assert!(!self.receive.hear(&packet, &mut self.out));
        }

        fn control(&mut self, ms: u64, content: impl rtcp::Packet + 'static) {
            let packet = TaggedPacket { now: time::instant_at(Nanos((10_000 + ms) * MS)), ..rtcp(content) };
            assert!(self.receive.hear(&packet, &mut self.out), "reports are for others too");
        }

        fn wake(&mut self, ms: u64) {
            self.receive.wake(time::instant_at(Nanos((10_000 + ms) * MS)), &mut self.out);
        }

        /// What came into the inlet: SSRCs are not told there.
        fn taken(&self) -> Vec<String> {
            let told = |arrival| match arrival {
                Arrival::Packet { encoding, packet } => {
                    format!("{} {} {:?}", encoding.medium().name(), packet.sequence, packet.payload.to_vec())
                }
                Arrival::Clock { medium, timestamp, .. } => format!("{} clock {timestamp}", medium.name()),
                Arrival::Ended { medium } => format!("{} ended", medium.name()),
            };
            std::iter::from_fn(|| self.inlet.pop()).map(told).collect()
        }

        fn sent<T: rtcp::Packet + Clone + 'static>(&mut self) -> Vec<T> {
            let messages = self.out.write.drain(..).filter_map(|packet| match packet.message.packet {
                Message::Rtcp(contents) => contents[0].as_any().downcast_ref::<T>().cloned(),
                _ => None,
            });
            messages.collect()
        }
    }

    #[test]
    fn agreed_media_is_taken_and_the_first_packet_is_told() {
        let mut rig = rig();
        rig.packet(0, 127, 9, 1, vec![1]);
        assert!(rig.taken().is_empty() && rig.mailbox.next().is_none());
        rig.packet(0, 111, 9, 7, vec![1]);
        rig.packet(0, 96, 8, 1, vec![2]);
        // Sent again, on a stream of its own; a probe's padding; somebody else's.
        rig.packet(1, 97, 88, 500, vec![0, 3, 4]);
        rig.packet(1, 97, 88, 501, vec![]);
        rig.packet(1, 97, 77, 501, vec![0, 4, 4]);
        assert_eq!(rig.taken(), ["audio 7 [1]", "video 1 [2]", "video 3 [4]"]);
        assert_eq!((rig.mailbox.next(), rig.mailbox.next()), (Some(PeerEvent::Receiving), None));
    }

    #[test]
    fn missing_video_is_asked_for_and_a_keyframe_when_the_worker_wants_one() {
        let mut rig = rig();
        for sequence in [1, 2, 5] {
            rig.packet(0, 96, 8, sequence, vec![2]);
        }
        assert_eq!(rig.receive.due(), Some(time::instant_at(Nanos(10_003 * MS))));
        rig.wake(3);
        let nack = &rig.sent::<TransportLayerNack>()[0];
        assert_eq!((nack.sender_ssrc, nack.media_ssrc), (5, 8));
        assert_eq!(nack.nacks[0].packet_list(), [3, 4]);
        rig.packet(4, 97, 88, 1, vec![0, 3, 1]);
        rig.wake(23);
        assert_eq!(rig.sent::<TransportLayerNack>()[0].nacks[0].packet_list(), [4]);
        rig.inlet.ask_for_keyframe();
        rig.packet(24, 96, 8, 6, vec![2]);
        rig.packet(25, 96, 8, 7, vec![2]);
        assert_eq!(rig.sent::<PictureLossIndication>(), [PictureLossIndication { sender_ssrc: 5, media_ssrc: 8 }]);
        let told = rig.receive.agreed.lock().inbound[Medium::Video as usize].unwrap();
        assert_eq!((told.packets, told.bytes, told.packets_again, told.bytes_again), (6, 6, 1, 1));
        assert_eq!((told.lost, told.nacks, told.plis), (2, 2, 1));
    }

    #[test]
    fn each_second_the_page_is_told_what_it_lost() {
        let mut rig = rig();
        for sequence in [1, 2, 3, 5] {
            rig.packet(0, 111, 9, sequence, vec![2]);
        }
        rig.control(500, SenderReport { ssrc: 9, ntp_time: 0x1111_2222_3333_4444, rtp_time: 77, ..Default::default() });
        rig.wake(999);
        assert!(rig.sent::<ReceiverReport>().is_empty());
        rig.wake(1_000);
        let report = &rig.sent::<ReceiverReport>()[0];
        let block = &report.reports[0];
        assert_eq!((report.ssrc, block.ssrc, block.total_lost, block.fraction_lost), (5, 9, 1, 51));
        assert_eq!((block.last_sender_report, block.delay), (0x2222_3333, 32_768));
        assert_eq!(rig.taken().last().unwrap(), "audio clock 77");
    }

    #[test]
    fn what_is_no_longer_agreed_on_ends_at_once_and_begins_anew_when_it_is_again() {
        let mut rig = rig();
        rig.packet(0, 96, 8, 1, vec![1]);
        rig.packet(0, 111, 9, 7, vec![2]);
        let mut formats = Formats::default();
        formats.set(111, Format::Media(Encoding::Opus));
        rig.receive.agreed.set(&formats, &[]);
        rig.packet(1, 96, 8, 2, vec![3]);
        rig.packet(1, 111, 9, 8, vec![4]);
        assert_eq!(rig.taken(), ["video 1 [1]", "audio 7 [2]", "video ended", "audio 8 [4]"]);
        formats.set(96, Format::Media(Encoding::Video(Codec::Vp8)));
        rig.receive.agreed.set(&formats, &[]);
        // By the same SSRC: what it sent meanwhile is not missing.
        rig.packet(2, 96, 8, 90, vec![5]);
        rig.wake(50);
        assert_eq!((rig.taken(), rig.sent::<TransportLayerNack>().len()), (vec!["video 90 [5]".to_owned()], 0));
    }

    #[test]
    fn another_stream_is_taken_after_a_goodbye_or_silence_and_not_before() {
        let mut rig = rig();
        rig.packet(0, 96, 8, 1, vec![1]);
        rig.packet(100, 96, 20, 50, vec![2]);
        rig.control(100, Goodbye { sources: vec![8], ..Default::default() });
        rig.packet(101, 96, 20, 51, vec![3]);
        rig.packet(601, 96, 21, 9, vec![4]);
        assert_eq!(rig.taken(), ["video 1 [1]", "video ended", "video 51 [3]", "video ended", "video 9 [4]"]);
    }
}

//! Holds what the link has no room for yet, sends again what was lost, and probes.
//!
//! NACKs are answered here and not farther from the network: when a packet has left, what still waits to leave, and what a
//! probe is padded with are one place's knowledge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::interceptor::{Attribute, AttributedPacket, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
use rtc::rtp;
use rtc::shared::marshal::MarshalSize;

use crate::pacing::{Class, Desk, Horizon, OVERHEAD, Pacer, Sending, Traffic};
use crate::peer::lanes::{Beside, Lanes};
use crate::time::{self, Nanos};
use crate::units::Bitrate;

use super::resend::{Again, Resend};
use super::station::{Out, Work};

/// What is worth sending again, in time at the estimate. A small keyframe is there sooner than more than that.
const MOST_AGAIN: Duration = Duration::from_millis(500);
/// The same while a queue drains, behind which it would wait too.
const MOST_AGAIN_BEHIND_A_QUEUE: Duration = Duration::from_millis(100);
/// The picture begins anew no more often: until then what is asked for is older than the keyframe.
const ANEW_EVERY: Duration = Duration::from_millis(300);

/// From this share of lost packets on, answers are sent twice. From the lower one where a lost answer is a stop that is seen.
const MUCH_LOSS: f32 = 0.04;
const MUCH_LOSS_FAR: f32 = 0.01;
const FAR: Duration = Duration::from_millis(60);

#[allow(clippy::large_enum_variant, reason = "nearly all are packets, and a box each would cost more than it saves")]
enum Item {
    Packet(TaggedPacket),
    Again(Again),
    /// Once more, right after the first answer.
    Copy(Again),
}

pub struct Pacing {
    video_ssrc: u32,
    audio_ssrc: u32,
    beside: Beside,
    desk: Desk,
    pacer: Pacer<Item>,
    resend: Resend,
    estimate: Bitrate,
    burst: f64,
    /// When the orders were last read.
    read_at: Option<Instant>,
    anew_at: Option<Instant>,
}

impl Pacing {
    /// Paces by `start` until the controller has given a rate.
    pub fn new(video_ssrc: u32, audio_ssrc: u32, start: Bitrate, desk: Desk) -> Self {
        let resend = Resend::new(time::now(), desk.counters.clone());
        let pacer = Pacer::new(start);
        let beside = Beside::default();
        let (estimate, burst) = (start, 2.0);
        Self { video_ssrc, audio_ssrc, beside, desk, pacer, resend, estimate, burst, read_at: None, anew_at: None }
    }

    /// Added tracks too; what of a lane is sent again has the format of its own codec.
    pub fn with_lanes(mut self, lanes: Arc<Lanes>) -> Self {
        self.resend.set_lanes(Arc::clone(&lanes));
        self.beside = Beside::new(lanes);
        self
    }

    /// Where this video stream's packets are counted.
    fn traffic(&self, ssrc: u32) -> &Traffic {
        self.beside.find(ssrc).map_or(&self.desk.traffic, |lane| &lane.traffic)
    }

    fn horizon(&self) -> Horizon {
        Horizon { answer_time: self.desk.path.answer_time() }
    }

    fn class(&self, packet: &TaggedPacket, content: &rtp::Packet) -> Class {
        if content.header.ssrc == self.audio_ssrc {
            Class::Audio
        } else if packet.message.has(&Attribute::Retransmission) {
            Class::Retransmission
        } else if content.header.ssrc == self.video_ssrc || self.beside.has(content.header.ssrc) {
            Class::Video
        } else {
            Class::Repair
        }
    }

    /// Whether answers get lost so often, and not by a queue of ours, that each is worth a copy: who misses an answer asks
    /// again only after 100 ms where it knows no round trip, as browsers do that send nothing.
    fn loses_much(&self) -> bool {
        let path = &self.desk.path;
        self.burst > 1.0 && path.loss() > if path.answer_time() > FAR { MUCH_LOSS_FAR } else { MUCH_LOSS }
    }

    /// What the controller wants. Once for all packets of a turn.
    fn read_orders(&mut self, now: Instant) {
        if self.read_at == Some(now) && !self.pacer.is_probing() {
            return;
        }
        self.read_at = Some(now);
        if self.desk.orders.take_begin_anew() {
            self.begin_anew(now);
        }
        let burst = self.desk.orders.burst();
        if let Some(estimate) =
            self.desk.orders.rate().filter(|estimate| (*estimate, burst) != (self.estimate, self.burst))
        {
            (self.estimate, self.burst) = (estimate, burst);
            let dropped = self.pacer.set_estimate(estimate, burst);
            self.dropped(dropped);
        }
        // Before the first picture there is nothing to probe with.
        if !self.pacer.is_probing()
            && (!self.pacer.is_empty() || self.resend.has_padding())
            && let Some(probe) = self.desk.orders.take_probe()
        {
            self.pacer.begin(time::nanos(now), probe);
        }
    }

    /// Where so many bytes would have to be sent again that a keyframe is there sooner, they are not.
    fn give_up_what_is_too_much(&mut self, now: Instant, bytes: usize) {
        let most = if self.burst > 1.0 { MOST_AGAIN } else { MOST_AGAIN_BEHIND_A_QUEUE };
        if bytes as f64 * 8.0 > self.estimate.bps() as f64 * most.as_secs_f64() {
            self.begin_anew(now);
        }
    }

    /// With a keyframe: what waits is thrown away, and what was sent is not sent again.
    fn begin_anew(&mut self, now: Instant) {
        self.resend.forget();
        let again = self.anew_at.is_some_and(|at| now.saturating_duration_since(at) < ANEW_EVERY);
        let dropped = if again { self.pacer.drop_again() } else { self.pacer.drop_video() };
        self.desk.counters.packets_dropped.add(dropped as u64);
        if !again {
            self.anew_at = Some(now);
            self.desk.backlog.cut();
        }
    }

    fn dropped(&self, packets: usize) {
        if packets > 0 {
            self.desk.counters.packets_dropped.add(packets as u64);
            self.desk.backlog.cut();
        }
    }

    /// Lets everything go that may. Without `padding` while the rest of a frame may follow at once.
    fn turn(&mut self, now: Instant, padding: bool, out: &mut Out) {
        self.read_orders(now);
        let at = time::nanos(now);
        loop {
            while let Some(item) = self.pacer.pop(at) {
                self.leave(now, at, item, out);
            }
            if padding
                && self.pacer.wants_padding(at)
                && let Some(packet) = self.resend.padding(at)
            {
                self.pacer.sent(at, on_wire(&packet));
                out.write.push_back(again(now, packet));
                continue;
            }
            match self.pacer.take_probed(at) {
                Some(probed) => self.desk.orders.tell(probed),
                None => break,
            }
        }
        self.desk.backlog.set(at, self.pacer.queued(at));
        self.desk.orders.set_backlog(self.pacer.queued_bytes());
    }

    fn leave(&mut self, now: Instant, at: Nanos, item: Item, out: &mut Out) {
        match item {
            Item::Packet(mut packet) => {
                if let Packet::Rtp(content) = &packet.message.packet {
                    match self.class(&packet, content) {
                        Class::Video => {
                            self.resend.keep(at, self.horizon(), on_wire(content), content);
                            let traffic = self.traffic(content.header.ssrc);
                            count(&traffic.video, content);
                            if content.header.marker {
                                traffic.add_frame();
                            }
                        }
                        Class::Audio => count(&self.desk.traffic.audio, content),
                        Class::Retransmission | Class::Repair => {}
                    }
                }
                packet.now = now;
                out.write.push_back(packet);
            }
            Item::Again(asked) | Item::Copy(asked) => match self.resend.leave(at, asked) {
                Some(packet) => {
                    count(&self.traffic(asked.ssrc).again, &packet);
                    out.write.push_back(again(now, packet));
                    if matches!(item, Item::Again(_))
                        && self.loses_much()
                        && self.resend.spare(at, self.estimate, asked)
                    {
                        self.pacer.push(Class::Repair, asked.bytes, 0, Item::Copy(asked));
                    }
                }
                None => self.pacer.unsent(asked.bytes),
            },
        }
    }
}

impl Work for Pacing {
    fn read(&mut self, packet: TaggedPacket, out: &mut Out) {
        let now = packet.now;
        if let Packet::Rtcp(contents) = &packet.message.packet {
            let (at, horizon) = (time::nanos(now), self.horizon());
            let mut wanted = self.pacer.queued_again();
            for content in contents {
                let Some(nack) = content.as_any().downcast_ref::<TransportLayerNack>() else { continue };
                let pacer = &mut self.pacer;
                wanted += self.resend.asked(at, horizon, self.estimate, nack, |asked| {
                    pacer.push(Class::Retransmission, asked.bytes, 0, Item::Again(asked));
                });
            }
            self.give_up_what_is_too_much(now, wanted);
            // Reports change the orders, and the controller reads them before us.
            self.read_at = None;
            self.turn(now, true, out);
        }
        out.read.push_back(packet);
    }

    fn write(&mut self, packet: TaggedPacket, out: &mut Out) {
        let Packet::Rtp(content) = &packet.message.packet else {
            // Reports are small, and of no use when they are late.
            out.write.push_back(packet);
            return;
        };
        let (now, class, bytes, frame) =
            (packet.now, self.class(&packet, content), on_wire(content), frame_of(content));
        let dropped = self.pacer.push(class, bytes, frame, Item::Packet(packet));
        self.dropped(dropped);
        self.turn(now, false, out);
    }

    fn wake(&mut self, now: Instant, out: &mut Out) {
        self.turn(now, true, out);
    }

    fn due(&self) -> Option<Instant> {
        self.pacer.due().map(time::instant_at)
    }

    fn bind(&mut self, info: &StreamInfo) {
        self.beside.bind(info.ssrc);
        self.resend.bind(info);
    }

    fn unbind(&mut self, info: &StreamInfo) {
        self.resend.unbind(info);
    }
}

/// Frames of several tracks may have been captured at one time.
fn frame_of(packet: &rtp::Packet) -> u32 {
    packet.header.timestamp.wrapping_add(packet.header.ssrc)
}

fn on_wire(packet: &rtp::Packet) -> usize {
    packet.marshal_size() + OVERHEAD
}

fn count(sending: &Sending, packet: &rtp::Packet) {
    let payload = packet.payload.len();
    sending.add(packet.marshal_size().saturating_sub(payload), payload);
}

fn again(now: Instant, packet: rtp::Packet) -> TaggedPacket {
    let message = AttributedPacket::new(Packet::Rtp(packet)).with(Attribute::Retransmission);
    TaggedPacket { now, transport: Default::default(), message }
}

#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod tests;

//! Reads the browser's RTCP: who asks for a keyframe, how much is lost, how long a round trip takes. Puts right in ours
//! what the crate cannot know: when media was captured.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::interceptor::{Packet, TaggedPacket};
use rtc::rtcp;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::reception_report::ReceptionReport;
use rtc::rtcp::sender_report::SenderReport;

use crate::pacing::Path;
use crate::peer::lanes::Lanes;
use crate::peer::mailbox::Mailbox;
use crate::time::{self, media_ticks};

use super::station::Work;

/// Sender reports remembered: one leaves each second per stream, so this is some seconds.
const REMEMBERED: usize = 16;

/// Nearer to the network than the sender reports, so that it sees them leave.
pub struct Feedback {
    lanes: Arc<Lanes>,
    mailbox: Arc<Mailbox>,
    path: Arc<Path>,
    /// What a receiver calls each report (the middle half of its NTP time), and when it left.
    reports: VecDeque<(u32, Instant)>,
}

impl Feedback {
    pub fn new(lanes: Arc<Lanes>, mailbox: Arc<Mailbox>, path: Arc<Path>) -> Self {
        Self { lanes, mailbox, path, reports: VecDeque::with_capacity(REMEMBERED) }
    }

    fn keyframe_needed(&self, ssrc: u32) {
        if let Some(lane) = self.lanes.video(ssrc) {
            self.mailbox.keyframe_needed(lane.sender);
        }
    }

    fn heard(&self, now: Instant, packet: &dyn rtcp::Packet) {
        let packet = packet.as_any();
        if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
            self.keyframe_needed(pli.media_ssrc);
        } else if let Some(fir) = packet.downcast_ref::<FullIntraRequest>() {
            fir.fir.iter().for_each(|entry| self.keyframe_needed(entry.ssrc));
        } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
            self.reported(now, &report.reports);
        } else if let Some(report) = packet.downcast_ref::<SenderReport>() {
            self.reported(now, &report.reports);
        }
    }

    /// All tracks go one way: of several the one that loses most speaks for it.
    fn reported(&self, now: Instant, reports: &[ReceptionReport]) {
        let of_video = || reports.iter().filter(|report| self.lanes.video(report.ssrc).is_some());
        if let Some(worst) = of_video().max_by_key(|report| report.fraction_lost) {
            let lost = f32::from(worst.fraction_lost) / 256.0;
            let rtt = of_video().find_map(|report| self.round_trip(now, report));
            self.path.reported(rtt, lost);
            self.mailbox.feedback(rtt, lost);
        }
    }

    /// The crate takes the time a packet leaves for the time of its RTP timestamp. Ours are of the capture, so by then
    /// the media clock has run on: without this, sound and picture would be apart by the difference of their delays.
    fn corrected(&self, report: &SenderReport) -> SenderReport {
        let mut report = report.clone();
        let sound = (report.ssrc == self.lanes.audio.ssrc).then(|| (Arc::clone(&self.lanes.audio), 48_000));
        if let Some((lane, clock_rate)) = sound.or_else(|| Some((self.lanes.video(report.ssrc)?, 90_000))) {
            let age = u64::try_from(lane.age().as_nanos()).unwrap_or(0);
            report.rtp_time = report.rtp_time.wrapping_add(media_ticks(age, clock_rate));
        }
        report
    }

    /// RFC 3550, section 6.4.1: now, less when the last sender report left, less how long the browser held it.
    fn round_trip(&self, now: Instant, report: &ReceptionReport) -> Option<Duration> {
        if report.last_sender_report == 0 {
            return None;
        }
        let (_, left) = self.reports.iter().find(|(name, _)| *name == report.last_sender_report)?;
        let held = Duration::from_nanos(u64::from(report.delay) * 1_000_000_000 / 65_536);
        // Clocks differ a little in speed: a round trip of less than nothing is a very short one.
        Some(now.saturating_duration_since(*left).saturating_sub(held))
    }
}

impl Work for Feedback {
    fn hear(&mut self, packet: &mut TaggedPacket) {
        if let Packet::Rtcp(contents) = &packet.message.packet {
            self.path.note_heard(time::nanos(packet.now));
            for content in contents {
                self.heard(packet.now, content.as_ref());
            }
        }
    }

    fn pass(&mut self, packet: &mut TaggedPacket) {
        if let Packet::Rtcp(contents) = &mut packet.message.packet {
            for content in contents {
                let Some(report) = content.as_any().downcast_ref::<SenderReport>() else { continue };
                if self.reports.len() == REMEMBERED {
                    self.reports.pop_front();
                }
                self.reports.push_back(((report.ntp_time >> 16) as u32, packet.now));
                let corrected = self.corrected(report);
                *content = Box::new(corrected);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::rtcp;
    use crate::peer::lane::Lane;
    use crate::peer::settings::PeerEvent;
    use crate::units::SenderId;
    use rtc::rtcp::payload_feedbacks::full_intra_request::FirEntry;
    use rtc::sansio::Protocol;

    fn station(mailbox: &Arc<Mailbox>) -> Station<Feedback> {
        let lane = |ssrc| {
            let lane = Lane::new(ssrc, 0);
            lane.left(Duration::from_millis(20));
            Arc::new(lane)
        };
        let lanes = Arc::new(Lanes::new(lane(7), lane(9)));
        Station::new(Feedback::new(lanes, Arc::clone(mailbox), Arc::default()))
    }

    #[test]
    fn sender_reports_tell_the_capture_clock() {
        let mut feedback = station(&Arc::default());
        for (ssrc, rtp_time, wanted) in [(7, u32::MAX, 1_799), (9, 0, 960), (1, 5, 5)] {
            feedback.handle_write(rtcp(SenderReport { ssrc, rtp_time, ..Default::default() })).unwrap();
            let Packet::Rtcp(out) = feedback.poll_write().unwrap().message.packet else { panic!() };
            assert_eq!(out[0].as_any().downcast_ref::<SenderReport>().unwrap().rtp_time, wanted);
        }
    }

    fn told(mailbox: &Mailbox) -> Vec<PeerEvent> {
        std::iter::from_fn(|| mailbox.next()).collect()
    }

    #[test]
    fn only_requests_for_our_video_ask_for_a_keyframe() {
        let mailbox = Arc::new(Mailbox::default());
        let mut feedback = station(&mailbox);
        feedback.handle_read(rtcp(PictureLossIndication { sender_ssrc: 0, media_ssrc: 8 })).unwrap();
        let fir =
            |ssrc| FullIntraRequest { sender_ssrc: 0, media_ssrc: 0, fir: vec![FirEntry { ssrc, sequence_number: 0 }] };
        feedback.handle_read(rtcp(fir(8))).unwrap();
        assert_eq!(told(&mailbox), []);
        feedback.handle_read(rtcp(PictureLossIndication { sender_ssrc: 0, media_ssrc: 7 })).unwrap();
        assert_eq!(told(&mailbox), [PeerEvent::KeyframeNeeded(SenderId::VIDEO)]);
        feedback.handle_read(rtcp(fir(7))).unwrap();
        assert_eq!(told(&mailbox), [PeerEvent::KeyframeNeeded(SenderId::VIDEO)]);
    }

    #[test]
    fn a_round_trip_is_now_less_departure_less_what_the_browser_held() {
        let mailbox = Arc::new(Mailbox::default());
        let mut feedback = station(&mailbox);
        let sent = rtcp(SenderReport { ssrc: 7, ntp_time: 0x1111_2222_3333_4444, ..Default::default() });
        let left = sent.now;
        feedback.handle_write(sent).unwrap();
        let report = |last_sender_report, after_ms: u64| {
            let block = ReceptionReport {
                ssrc: 7,
                fraction_lost: 64,
                last_sender_report,
                // 30 ms, in units of 1/65536 s.
                delay: 1966,
                ..Default::default()
            };
            let mut packet = rtcp(ReceiverReport { ssrc: 1, reports: vec![block], ..Default::default() });
            packet.now = left + Duration::from_millis(after_ms);
            packet
        };
        let mut heard = |name, after_ms| {
            feedback.handle_read(report(name, after_ms)).unwrap();
            match told(&mailbox).as_slice() {
                [PeerEvent::Feedback { rtt, fraction_lost }] => {
                    assert_eq!(*fraction_lost, 0.25);
                    rtt.map(|rtt| rtt.as_millis())
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(heard(0x2222_3333, 80), Some(50));
        assert_eq!(heard(0x2222_3333, 10), Some(0));
        assert_eq!(heard(0, 80), None);
        assert_eq!(heard(0x9999_9999, 80), None);
    }
}

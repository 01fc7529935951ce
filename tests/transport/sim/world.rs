//! One run.

use std::collections::VecDeque;

use super::algorithm::Algorithm;
use super::figures::Series;
use super::link::{Link, Packet, Whose};
use super::receiver::Receiver;
use super::scenario::{Change, Scenario};
use super::sender::Sender;
use super::tcp::Tcp;
use super::{MS, Time};

pub fn run(scenario: &Scenario, algorithm: &mut dyn Algorithm) -> Series {
    let Scenario { seconds, link_kbps, rtt_ms, queue, fps, seed, ref steps, .. } = *scenario;
    let mut link = Link::new(link_kbps as f64 * 1e3, queue, rtt_ms * MS / 2, seed);
    let mut receiver = Receiver::new(seed ^ 0xFEED);
    let mut sender = Sender::new(fps, seed ^ 0x5E4D);
    let mut tcp = Tcp::new();
    let mut series = Series::default();
    let mut steps: VecDeque<_> = steps.iter().copied().collect();
    let mut arriving: VecDeque<(Time, u64, usize)> = VecDeque::new();
    let mut sequence = 0;
    for ms in 0..seconds * 1000 {
        let now = ms * MS;
        while steps.front().is_some_and(|(at, _)| *at <= ms) {
            match steps.pop_front().map(|(_, change)| change) {
                Some(Change::Rate(kbps)) => link.bps = kbps as f64 * 1e3,
                Some(Change::Rtt(ms)) => link.one_way = ms * MS / 2,
                Some(Change::Loss(loss)) => link.loss = loss,
                Some(Change::Bursts(bursts)) => link.bursts = bursts,
                Some(Change::Hold(ms)) => link.hold = ms * MS,
                Some(Change::FeedbackLoss(loss)) => receiver.feedback_loss = loss,
                Some(Change::Wants(kbps)) => {
                    sender.wants = kbps as f64 * 1e3;
                    algorithm.set_demand(sender.wants);
                }
                Some(Change::Tcp(on)) => tcp.on = on,
                None => {}
            }
        }
        let tcp_before = tcp.delivered;
        let mut delivered = 0;
        for (packet, arrives) in link.advance(now) {
            match packet.whose {
                Whose::Ours { sequence } => {
                    if let Some(at) = arrives {
                        delivered += packet.bytes;
                        arriving.push_back((at, sequence, packet.bytes));
                    }
                }
                Whose::Tcp => tcp.handle_through(arrives, now, link.one_way, &link),
            }
        }
        while let Some(&(at, sequence, _)) = arriving.front().filter(|(at, ..)| *at <= now) {
            arriving.pop_front();
            receiver.handle_arrival(sequence, at);
        }
        receiver.tick(now, link.one_way);
        let fates = receiver.take_reports(now);
        if !fates.is_empty() {
            algorithm.handle_reports(now, &fates);
        }
        algorithm.handle_timeout(now);
        let mut sent = 0;
        for bytes in sender.tick(now, algorithm) {
            sequence += 1;
            sent += bytes;
            receiver.handle_sent(sequence, now, bytes);
            link.push(Packet { whose: Whose::Ours { sequence }, bytes, sent: now });
        }
        tcp.tick(now, &mut link);
        let pacer = sender.queue_seconds(algorithm.orders().rate().map_or(1e6, |rate| rate.bps() as f64));
        series.add(super::figures::Sample {
            link_bps: link.bps,
            queue: link.queue_seconds(),
            pacer,
            estimate: algorithm.estimate(),
            sent: sent as f64 * 8.0,
            delivered: delivered as f64 * 8.0,
            tcp: (tcp.delivered - tcp_before) as f64 * 8.0,
        });
    }
    series
}

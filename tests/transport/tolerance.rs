//! Loss, jitter and silence that are not congestion.

use crate::sim::link::Bursts;
use crate::sim::{Change::*, Ours, Queue, Scenario, at, run};

#[test]
fn random_loss_is_not_congestion() {
    for rtt in [20, 100] {
        for (loss, least) in [(0.02, 0.9), (0.05, 0.85), (0.10, 0.75)] {
            for seed in 1..=3 {
                let scenario =
                    Scenario::new(20_000, rtt, 40).seed(seed).steps([at(0, Wants(4_000)), at(0, Loss(loss))]);
                let series = run(&scenario, &mut Ours::new(4e6, 50e6));
                let full = Scenario::new(4_000, rtt, 40).seed(seed).steps([at(0, Loss(loss))]);
                let full = run(&full, &mut Ours::new(4e6, 50e6));
                println!(
                    "loss {loss} RTT {rtt} seed {seed}: lowest estimate {:.2} (>= {least}), on a 4 Mbit/s link: mean {:.2}, lowest {:.2}, queue {:.0} / {:.0}",
                    series.lowest_estimate(1000, 40_000) / 4e6,
                    full.estimate(1000, 40_000) / 4e6,
                    full.lowest_estimate(1000, 40_000) / 4e6,
                    full.queue_ms(1000, 40_000, 50),
                    full.queue_ms(1000, 40_000, 95)
                );
            }
        }
    }
}

#[test]
fn bursts_of_loss() {
    for seed in 1..=3 {
        let bursts = Bursts { enter: 0.003, leave: 0.1, loss: 0.7 };
        let full = Scenario::new(4_000, 40, 40).seed(seed).steps([at(0, Bursts(bursts))]);
        let full = run(&full, &mut Ours::new(4e6, 50e6));
        if seed == 1 {
            full.print(0, 40_000, 200);
        }
        println!(
            "bursts: mean {:.2}, lowest {:.2}, queue {:.0} / {:.0}",
            full.estimate(1000, 40_000) / 4e6,
            full.lowest_estimate(1000, 40_000) / 4e6,
            full.queue_ms(1000, 40_000, 50),
            full.queue_ms(1000, 40_000, 95)
        );
    }
}

#[test]
fn jitter() {
    for hold in [10, 20, 30] {
        for seed in 1..=2 {
            let full = Scenario::new(8_000, 40, 40).seed(seed).steps([at(0, Hold(hold))]);
            let full = run(&full, &mut Ours::new(4e6, 50e6));
            println!(
                "hold {hold}: use {:.2}, lowest {:.2} highest {:.2}, queue {:.0} / {:.0}",
                full.use_of_link(5000, 40_000),
                full.lowest_estimate(5000, 40_000) / 8e6,
                full.highest_estimate(5000, 40_000) / 8e6,
                full.queue_ms(1000, 40_000, 50),
                full.queue_ms(1000, 40_000, 95)
            );
            if hold == 20 && seed == 2 {
                full.print(0, 40_000, 200);
            }
        }
    }
}

#[test]
fn feedback_loss() {
    for loss in [0.3, 0.5] {
        for seed in 1..=2 {
            let full = Scenario::new(8_000, 40, 60).seed(seed).steps([
                at(0, FeedbackLoss(loss)),
                at(20_000, Rate(1_500)),
                at(40_000, Rate(8_000)),
            ]);
            let full = run(&full, &mut Ours::new(4e6, 50e6));
            println!(
                "feedback loss {loss}: use {:.2}, lowest {:.2}, queue {:.0} / {:.0}; below {:?} drained {:?} back {:?}",
                full.use_of_link(5000, 20_000),
                full.lowest_estimate(5000, 20_000) / 8e6,
                full.queue_ms(1000, 20_000, 50),
                full.queue_ms(1000, 20_000, 95),
                full.below_after(20_000),
                full.drained_after(20_000, 50.0),
                full.reached_after(40_000, 0.8, 8e6)
            );
        }
    }
    let full = Scenario::new(8_000, 40, 30).steps([at(10_000, FeedbackLoss(1.0)), at(13_000, FeedbackLoss(0.0))]);
    let full = run(&full, &mut Ours::new(4e6, 50e6));
    full.print(9_500, 17_000, 250);
}

#[test]
fn codel() {
    for seed in 1..=2 {
        let full = Scenario::new(8_000, 40, 60)
            .queue(Queue::CoDel)
            .seed(seed)
            .steps([at(20_000, Rate(1_500)), at(40_000, Rate(8_000))]);
        let full = run(&full, &mut Ours::new(4e6, 50e6));
        println!(
            "codel: use {:.2} {:.2}, queue {:.0} / {:.0}; below {:?} drained {:?} back {:?}",
            full.use_of_link(5000, 20_000),
            full.use_of_link(25_000, 40_000),
            full.queue_ms(1000, 20_000, 50),
            full.queue_ms(1000, 20_000, 95),
            full.below_after(20_000),
            full.drained_after(20_000, 50.0),
            full.reached_after(40_000, 0.8, 8e6)
        );
        if seed == 1 {
            full.print(24_000, 40_000, 200);
        }
    }
}
#[test]
fn longer() {
    let full = Scenario::new(8_000, 20, 30).steps([at(10_000, Rtt(120)), at(20_000, Rtt(20))]);
    let full = run(&full, &mut Ours::new(4e6, 50e6));
    full.print(9_500, 17_000, 250);
}

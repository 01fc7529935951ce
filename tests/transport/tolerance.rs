//! Loss, jitter and silence that are not congestion.

use crate::sim::link::Bursts as LossBursts;
use crate::sim::{Change::*, Ours, Scenario, at, run};

#[test]
fn random_loss_is_not_congestion() {
    for (rtt, loss, least, seed) in [
        (20, 0.02, 0.95, 1),
        (20, 0.05, 0.9, 2),
        (20, 0.1, 0.8, 3),
        (100, 0.02, 0.95, 4),
        (100, 0.05, 0.9, 5),
        (100, 0.1, 0.8, 6),
    ] {
        // A picture that needs 4 Mbit/s on a link with room, and a link that is full with it.
        let steps = [at(0, Loss(loss)), at(0, Wants(4_000))];
        let room = run(&Scenario::new(20_000, rtt, 30).seed(seed).steps(steps), &mut Ours::new(4e6, 50e6));
        let full = run(&Scenario::new(4_000, rtt, 30).seed(seed).steps(&steps[..1]), &mut Ours::new(4e6, 50e6));
        let (lowest, mean) = (room.lowest_estimate(1_000, 30_000) / 4e6, full.estimate(1_000, 30_000) / 4e6);
        let queue = full.queue_ms(1_000, 30_000, 50);
        println!("loss {loss}, RTT {rtt}, seed {seed}: never below {lowest:.2}; full: {mean:.2}, queue {queue:.1} ms");
        assert!(lowest >= least && mean >= least && queue <= 15.0);
    }
}

#[test]
fn loss_in_bursts_passes() {
    for seed in 1..=3 {
        let bursts = LossBursts { enter: 0.003, leave: 0.1, loss: 0.7 };
        let series =
            run(&Scenario::new(4_000, 40, 40).seed(seed).steps([at(0, Bursts(bursts))]), &mut Ours::new(4e6, 50e6));
        let (mean, lowest) = (series.estimate(1_000, 40_000) / 4e6, series.lowest_estimate(1_000, 40_000) / 4e6);
        println!("seed {seed}: {mean:.2}, never below {lowest:.2}");
        assert!(mean >= 0.9 && lowest >= 0.4, "seed {seed}: {mean:.2}, {lowest:.2}");
    }
}

#[test]
fn jitter_is_neither_a_queue_nor_room() {
    for (ms, seed) in [(10, 1), (20, 2), (20, 3), (30, 4)] {
        let series = run(&Scenario::new(8_000, 40, 40).seed(seed).steps([at(0, Hold(ms))]), &mut Ours::new(4e6, 50e6));
        let (used, lowest) = (series.use_of_link(5_000, 40_000), series.lowest_estimate(5_000, 40_000) / 8e6);
        let queue = series.queue_ms(5_000, 40_000, 50);
        println!("up to {ms} ms, seed {seed}: {used:.2} of the link, never below {lowest:.2}, queue {queue:.1} ms");
        assert!(used >= 0.9 && lowest >= 0.6 && queue <= 20.0, "seed {seed}: {used:.2}, {lowest:.2}, {queue:.1} ms");
    }
}

#[test]
fn lost_feedback_is_not_lost_packets() {
    for seed in 1..=3 {
        let steps = [at(0, FeedbackLoss(0.3)), at(20_000, Rate(1_500)), at(40_000, Rate(8_000))];
        let series = run(&Scenario::new(8_000, 40, 60).seed(seed).steps(steps), &mut Ours::new(4e6, 50e6));
        let (used, lowest) = (series.use_of_link(3_000, 20_000), series.lowest_estimate(3_000, 20_000) / 8e6);
        let (drained, back) = (series.drained_after(20_000, 50.0), series.reached_after(40_000, 0.8, 8e6));
        println!("seed {seed}: {used:.2}, never below {lowest:.2}; drained {drained:?}, back {back:?} ms");
        assert!(used >= 0.9 && lowest >= 0.8, "seed {seed}: {used:.2}, {lowest:.2}");
        assert!(drained.is_some_and(|ms| ms <= 1_000) && back.is_some_and(|ms| ms <= 5_000), "{drained:?} {back:?}");
    }
}

#[test]
fn silence_halves_the_rate_again_and_again_and_its_end_restores_it() {
    let steps = [at(10_000, FeedbackLoss(1.0)), at(13_000, FeedbackLoss(0.0))];
    let series = run(&Scenario::new(8_000, 40, 20).steps(steps), &mut Ours::new(4e6, 50e6));
    assert!(series.estimate(10_900, 11_000) < 4.5e6 && series.estimate(12_500, 12_900) < 1e6);
    assert!(series.reached_after(13_000, 0.8, 8e6).is_some_and(|ms| ms <= 3_000));
}

#[test]
fn a_path_that_was_gone_for_three_seconds_is_used_again_at_once() {
    let steps =
        [at(10_000, Loss(1.0)), at(10_000, FeedbackLoss(1.0)), at(13_000, Loss(0.0)), at(13_000, FeedbackLoss(0.0))];
    let series = run(&Scenario::new(8_000, 40, 20).steps(steps), &mut Ours::new(4e6, 50e6));
    for ms in (9_000..20_000).step_by(250) {
        eprintln!("{ms} {:.2}", series.estimate(ms, ms + 250) / 1e6);
    }
    assert!(
        series.reached_after(13_000, 0.8, 8e6).is_some_and(|ms| ms <= 3_000),
        "{:?}",
        series.reached_after(13_000, 0.8, 8e6)
    );
}

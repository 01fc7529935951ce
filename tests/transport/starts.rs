//! The first seconds, and a picture that begins to need more.

use crate::sim::algorithm::Algorithm;
use crate::sim::{Change::*, Ours, Scenario, at, run};

#[test]
fn a_fast_link_is_found_within_two_seconds() {
    for (rtt, start_kbps, seed) in [(0, 2_000, 1), (40, 1_000, 2), (40, 4_000, 3), (100, 2_000, 4)] {
        let series = run(&Scenario::new(20_000, rtt, 4).seed(seed), &mut Ours::new(start_kbps as f64 * 1e3, 50e6));
        let there = series.reached_after(0, 0.8, 20e6);
        println!("RTT {rtt} ms, from {start_kbps} kbit/s, seed {seed}: 80 % after {there:?} ms");
        assert!(there.is_some_and(|ms| ms <= 2_000), "seed {seed}: {there:?}");
    }
}

#[test]
fn a_start_far_too_high_is_corrected_within_a_second() {
    for (rtt, fps, seed) in [(0, 30, 1), (40, 60, 2), (100, 30, 3), (40, 30, 1), (40, 30, 2)] {
        let series = run(&Scenario::new(2_000, rtt, 20).fps(fps).seed(seed), &mut Ours::new(16e6, 50e6));
        let drained = series.drained_after(0, 50.0);
        let (used, median) = (series.use_of_link(3_000, 20_000), series.queue_ms(3_000, 20_000, 50));
        println!("RTT {rtt} ms, {fps} fps, seed {seed}: drained after {drained:?} ms; then {used:.2}, {median:.1} ms");
        assert!(drained.is_some_and(|ms| ms <= 1_000), "seed {seed}: {drained:?}");
        assert!(used >= 0.9 && median <= 15.0, "seed {seed}: {used:.2}, {median:.1} ms");
    }
}

#[test]
fn a_picture_that_needs_more_gets_it_within_a_second() {
    for (rtt, start_kbps, seed) in [(20, 2_000, 1), (40, 1_500, 2), (100, 4_000, 3)] {
        let scenario = Scenario::new(8_000, rtt, 20).seed(seed).steps([at(0, Wants(1_000)), at(10_000, Wants(6_000))]);
        let start = start_kbps as f64 * 1e3;
        let series = run(&scenario, &mut Ours::new(start, 50e6));
        let (lowest, highest) = (series.lowest_estimate(0, 10_000), series.highest_estimate(0, 10_000));
        assert!(lowest >= start * 0.95 && highest <= start * 1.5, "while little is sent: {lowest} to {highest}");
        let there = series.reached_after(10_000, 0.9, 6e6 * 0.95);
        println!("RTT {rtt} ms, seed {seed}: there after {there:?} ms");
        assert!(there.is_some_and(|ms| ms <= 1_000), "seed {seed}: {there:?}");
    }
}

#[test]
fn an_estimate_that_was_proved_is_kept_while_little_is_sent() {
    let steps = [at(0, Wants(6_000)), at(5_000, Wants(500)), at(35_000, Wants(6_000))];
    let series = run(&Scenario::new(8_000, 40, 40).steps(steps), &mut Ours::new(4e6, 50e6));
    let lowest = series.lowest_estimate(5_000, 40_000);
    assert!(lowest >= 6e6, "{lowest}");
    assert!(series.highest_estimate(0, 40_000) <= 8.8e6);
    assert!(series.reached_after(35_000, 0.9, 6e6 * 0.95).is_some_and(|ms| ms <= 300));
}

#[test]
fn frames_leave_at_once_where_they_do_not_queue_and_at_twice_the_rate_where_they_do() {
    for (link_kbps, burst) in [(50_000, 8.0), (3_300, 2.0)] {
        let mut ours = Ours::new(3e6, 50e6);
        run(&Scenario::new(link_kbps, 20, 8).steps([at(0, Wants(3_000))]), &mut ours);
        assert_eq!(ours.orders().burst(), burst, "{link_kbps} kbit/s");
    }
}

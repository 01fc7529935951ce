//! The first seconds, and a picture that begins to need more.

use crate::sim::{Change::*, Ours, Scenario, at, run};

#[test]
fn a_fast_link_is_found_within_two_seconds() {
    for (rtt, start, seed) in [(0, 2_000, 1), (40, 1_000, 2), (40, 4_000, 3), (100, 2_000, 4)] {
        let scenario = Scenario::new(20_000, rtt, 10).seed(seed);
        let series = run(&scenario, &mut Ours::new(start as f64 * 1e3, 50e6));
        let there = series.reached_after(0, 0.8, 20e6);
        println!("RTT {rtt} ms, start {start} kbit/s, seed {seed}: 80 % after {there:?} ms");
        println!("  queue {:.0} ms, p95 {:.0} ms", series.queue_ms(0, 10_000, 50), series.queue_ms(0, 10_000, 95));
    }
}

#[test]
fn a_start_far_too_high_is_corrected_before_it_is_seen() {
    for (rtt, fps, seed) in [(0, 30, 1), (40, 60, 2), (100, 30, 3)] {
        let scenario = Scenario::new(2_000, rtt, 20).fps(fps).seed(seed);
        let series = run(&scenario, &mut Ours::new(16e6, 50e6));
        let drained = series.drained_after(100, 50.0);
        println!(
            "RTT {rtt} ms, {fps} fps, seed {seed}: drained after {drained:?} ms; use {:.2}, queue {:.0}",
            series.use_of_link(2_000, 20_000),
            series.queue_ms(2_000, 20_000, 50)
        );
        series.print(0, 2000, 100);
    }
}

#[test]
fn a_picture_that_needs_more_gets_it_within_a_second() {
    for (rtt, start, seed) in [(20, 2_000, 1), (40, 1_500, 2), (100, 4_000, 3)] {
        let scenario = Scenario::new(8_000, rtt, 20).seed(seed).steps([at(0, Wants(1_000)), at(10_000, Wants(6_000))]);
        let series = run(&scenario, &mut Ours::new(start as f64 * 1e3, 50e6));
        let there = series.reached_after(10_000, 0.9, 6e6 * 0.95);
        println!(
            "RTT {rtt} ms, seed {seed}: estimate {:.2} to {:.2} while idle, there after {there:?} ms; queue {:.0}",
            series.lowest_estimate(2_000, 10_000) / 1e6,
            series.highest_estimate(2_000, 10_000) / 1e6,
            series.queue_ms(10_000, 20_000, 95)
        );
        series.print(9900, 12000, 100);
    }
}

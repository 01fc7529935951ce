//! The link changes its rate.

use crate::sim::{Change::*, Ours, Scenario, Series, at, run};

fn steps(rtt_ms: u64, fps: u64, seed: u64) -> Series {
    let scenario =
        Scenario::new(8_000, rtt_ms, 60).fps(fps).seed(seed).steps([at(20_000, Rate(1_500)), at(40_000, Rate(8_000))]);
    run(&scenario, &mut Ours::new(4e6, 50e6))
}

#[test]
fn a_drop_is_followed_at_once_and_a_rise_soon() {
    for (rtt, fps, seed) in [(0, 60, 1), (0, 30, 2), (40, 60, 3), (40, 30, 4)] {
        let series = steps(rtt, fps, seed);
        let below = series.below_after(20_000).unwrap();
        let drained = series.drained_after(20_000, 50.0).unwrap();
        let back = series.reached_after(40_000, 0.8, 8e6).unwrap();
        println!(
            "RTT {rtt} ms, {fps} fps, seed {seed}: below after {below} ms, drained after {drained} ms, back after {back} ms"
        );
        for (from, to) in [(5_000, 20_000), (25_000, 40_000), (45_000, 60_000)] {
            let (used, median, p95) =
                (series.use_of_link(from, to), series.queue_ms(from, to, 50), series.queue_ms(from, to, 95));
            println!("  {from} to {to}: use {used:.2}, queue {median:.1} ms, p95 {p95:.1} ms");
        }
        series.print(0, 3_000, 100);
        series.print(19_900, 22_500, 50);
        series.print(22_500, 40_000, 1000);
        series.print(40_000, 43_000, 100);
    }
}

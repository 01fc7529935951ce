//! The link changes its rate, its length or its queue.

use crate::sim::algorithm::Algorithm;
use crate::sim::{Change::*, Ours, Queue, Scenario, Series, at, run};

const LINK: f64 = 8e6;

/// 8, 1.5 and 8 Mbit/s again, 20 s each.
fn down_and_up(scenario: Scenario) -> Series {
    let scenario = scenario.steps([at(20_000, Rate(1_500)), at(40_000, Rate(8_000))]);
    run(&scenario, &mut Ours::new(4e6, 50e6))
}

#[test]
fn a_drop_is_followed_at_once_and_a_rise_soon() {
    for (rtt, fps, seed) in [(0, 60, 1), (0, 30, 2), (40, 60, 3), (40, 30, 4), (100, 60, 5)] {
        let series = down_and_up(Scenario::new(8_000, rtt, 60).fps(fps).seed(seed));
        let below = series.below_after(20_000);
        let drained = series.drained_after(20_000, 50.0);
        let back = series.reached_after(40_000, 0.8, LINK);
        let run = format!("RTT {rtt}, {fps} fps, seed {seed}: below {below:?}, drained {drained:?}, back {back:?} ms");
        println!("{run}");
        series.print(19_500, 23_000, 250);
        assert!(below.is_some_and(|ms| ms <= 500), "{run}");
        assert!(drained.is_some_and(|ms| ms <= 1_000), "{run}");
        assert!(back.is_some_and(|ms| ms <= 3_000), "{run}");
        for (from, to) in [(5_000, 20_000), (25_000, 40_000), (45_000, 60_000)] {
            let (used, median) = (series.use_of_link(from, to), series.queue_ms(from, to, 50));
            println!("  {from} to {to} ms: {used:.2} of the link, queue {median:.1} ms");
            assert!(used >= 0.9 && median <= 15.0, "{run}; from {from} ms: {used:.2}, {median:.1} ms");
        }
    }
}

#[test]
fn the_picture_begins_anew_where_the_queue_must_overflow_and_not_where_it_only_grows() {
    for (kbps, seed, anew) in [(1_500, 1, true), (1_500, 2, true), (7_000, 1, false), (7_000, 2, false)] {
        let mut ours = Ours::new(4e6, 50e6);
        run(&Scenario::new(8_000, 40, 12).seed(seed).steps([at(10_000, Rate(kbps))]), &mut ours);
        assert_eq!(ours.orders().take_begin_anew(), anew, "{kbps} kbit/s, seed {seed}");
    }
}

#[test]
fn a_queue_that_drops_early_is_no_obstacle() {
    for seed in 1..=2 {
        let series = down_and_up(Scenario::new(8_000, 40, 60).queue(Queue::CoDel).seed(seed));
        let (drained, back) = (series.drained_after(20_000, 50.0), series.reached_after(40_000, 0.8, LINK));
        assert!(drained.is_some_and(|ms| ms <= 1_000) && back.is_some_and(|ms| ms <= 3_000), "{drained:?} {back:?}");
        for (from, to) in [(5_000, 20_000), (25_000, 40_000), (45_000, 60_000)] {
            let used = series.use_of_link(from, to);
            assert!(used >= 0.88, "seed {seed}, from {from}: {used:.2}");
        }
    }
}

#[test]
fn a_path_that_gets_longer_is_not_taken_for_a_queue_for_long() {
    for seed in 1..=2 {
        let scenario = Scenario::new(8_000, 20, 30).seed(seed).steps([at(10_000, Rtt(120)), at(20_000, Rtt(20))]);
        let series = run(&scenario, &mut Ours::new(4e6, 50e6));
        let (during, after) = (series.use_of_link(14_000, 20_000), series.use_of_link(21_000, 30_000));
        assert!(during >= 0.88 && after >= 0.88, "seed {seed}: {during:.2}, {after:.2}");
    }
}

#[test]
fn what_a_small_queue_cannot_hold_is_not_sent() {
    for (ms, seed) in [(30, 1), (30, 2), (10, 3)] {
        let series = down_and_up(Scenario::new(8_000, 40, 60).queue(Queue::DropTail { ms }).seed(seed));
        let (sent, used) = (series.sent_of_link(25_000, 40_000), series.use_of_link(25_000, 40_000));
        let (sent_later, back) = (series.sent_of_link(45_000, 60_000), series.reached_after(40_000, 0.7, LINK));
        println!("{ms} ms, seed {seed}: sent {sent:.2}, {sent_later:.2} of the link, used {used:.2}, back {back:?} ms");
        assert!(sent <= 1.25 && sent_later <= 1.25 && used >= 0.7, "seed {seed}");
        assert!(back.is_some_and(|ms| ms <= 3_000), "seed {seed}: {back:?}");
    }
}

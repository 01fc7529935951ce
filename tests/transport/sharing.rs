//! Others on the same link.

use crate::sim::{Change::*, Ours, Queue, Scenario, at, run};

#[test]
fn a_flow_that_fills_the_queue_and_ours_both_get_a_share() {
    for (ms, rtt, seed) in [(200, 20, 1), (200, 40, 2), (200, 100, 3), (100, 40, 4), (50, 20, 5), (50, 100, 6)] {
        let steps = [at(10_000, Tcp(true)), at(60_000, Tcp(false))];
        let scenario = Scenario::new(8_000, rtt, 90).queue(Queue::DropTail { ms }).seed(seed).steps(steps);
        let series = run(&scenario, &mut Ours::new(4e6, 50e6));
        let (ours, tcp) = (series.use_of_link(20_000, 60_000), series.tcp_use(20_000, 60_000));
        // It is tried at least every 12 s whether the other one has gone.
        let (used, queue) = (series.use_of_link(75_000, 90_000), series.queue_ms(75_000, 90_000, 50));
        println!(
            "queue {ms} ms, RTT {rtt} ms, seed {seed}: ours {ours:.2}, TCP {tcp:.2}; then {used:.2}, {queue:.1} ms"
        );
        assert!(ours >= 0.2 && tcp >= 0.2, "seed {seed}: ours {ours:.2}, TCP {tcp:.2}");
        assert!(used >= 0.88 && queue <= 15.0, "seed {seed}: afterwards {used:.2}, {queue:.1} ms");
    }
}

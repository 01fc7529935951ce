//! Others on the same link.

use crate::sim::{Change::*, Ours, Queue, Scenario, at, run};

#[test]
fn a_flow_that_fills_the_queue_and_ours_both_get_a_share() {
    for ms in [200, 100, 50] {
        for (rtt, seed) in [(20, 1), (40, 2), (100, 3)] {
            let scenario = Scenario::new(8_000, rtt, 90)
                .queue(Queue::DropTail { ms })
                .seed(seed)
                .steps([at(10_000, Tcp(true)), at(70_000, Tcp(false))]);
            let series = run(&scenario, &mut Ours::new(4e6, 50e6));
            println!(
                "queue {ms} RTT {rtt} ms, seed {seed}: ours {:.2}, TCP {:.2}; after it: {:.2}, queue {:.0} ms",
                series.use_of_link(20_000, 70_000),
                series.tcp_use(20_000, 70_000),
                series.use_of_link(75_000, 90_000),
                series.queue_ms(75_000, 90_000, 50)
            );
            if ms == 200 && rtt == 40 {
                series.print(9_000, 40_000, 500);
            }
        }
    }
}

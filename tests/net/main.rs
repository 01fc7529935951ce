//! The network of `tests/net.sh`, without a network: what its link does to packets.

#[allow(dead_code, reason = "the program uses all of it")]
mod link;

use link::{Link, Path};

const MS: u64 = 1_000_000;
const SEED: u64 = 20_261_121;

fn packet(bytes: usize) -> Vec<u8> {
    vec![0; bytes]
}

/// Everything that arrives, with its time in ms.
fn arrivals(link: &mut Link, until: u64) -> Vec<(f64, usize)> {
    let mut out = Vec::new();
    while let Some(at) = link.next_at().filter(|at| *at <= until) {
        while let Some(packet) = link.pop(at) {
            out.push((at as f64 / 1e6, packet.len()));
        }
    }
    out
}

#[test]
fn without_limits_a_packet_passes_at_once_and_with_a_delay_it_comes_later() {
    let mut link = Link::new(Path::default(), SEED);
    link.push(5 * MS, packet(100));
    assert_eq!(arrivals(&mut link, 5 * MS), [(5.0, 100)]);
    link.set_path(5 * MS, Path { delay_ms: 20.5, ..Path::default() });
    link.push(6 * MS, packet(100));
    assert_eq!(link.pop(26 * MS), None);
    assert_eq!(arrivals(&mut link, 30 * MS), [(26.5, 100)]);
}

#[test]
fn packets_leave_the_bottleneck_at_its_rate_and_their_wait_is_told() {
    let mut link = Link::new(Path { rate_kbps: 8_000, ..Path::default() }, SEED);
    for _ in 0..3 {
        link.push(0, packet(1_000));
    }
    assert_eq!(link.take_log(0).standing, 3_000);
    assert_eq!(arrivals(&mut link, 10 * MS), [(1.0, 1_000), (2.0, 1_000), (3.0, 1_000)]);
    let log = link.take_log(10 * MS);
    assert_eq!((log.waits, log.delivered, log.standing), (vec![0, 1_000, 2_000], 3_000, 0));
}

#[test]
fn a_full_queue_drops_the_newest_and_holds_the_time_it_was_given() {
    let mut link = Link::new(Path { rate_kbps: 8_000, queue_ms: 200, ..Path::default() }, SEED);
    for _ in 0..250 {
        link.push(0, packet(1_000));
    }
    let log = link.take_log(0);
    assert_eq!((log.offered, log.dropped, log.standing), (250_000, 50, 200_000));
    assert_eq!(arrivals(&mut link, 1_000 * MS).len(), 200);
}

#[test]
fn what_waits_goes_on_at_the_new_rate() {
    let mut link = Link::new(Path { rate_kbps: 8_000, queue_ms: 200, ..Path::default() }, SEED);
    for _ in 0..3 {
        link.push(0, packet(1_000));
    }
    // Half of the first packet is through.
    link.set_path(MS / 2, Path { rate_kbps: 800, queue_ms: 200, ..Path::default() });
    assert_eq!(arrivals(&mut link, 100 * MS), [(5.5, 1_000), (15.5, 1_000), (25.5, 1_000)]);
}

#[test]
fn jitter_stays_within_its_bounds_and_keeps_the_order() {
    println!("seed {SEED}");
    let mut link = Link::new(Path { delay_ms: 10.0, jitter_ms: 30.0, ..Path::default() }, SEED);
    let (mut sent, mut delays) = (Vec::new(), Vec::new());
    for n in 0..1_000_u64 {
        link.push(n * 5 * MS, packet(1 + n as usize));
        for (at, bytes) in arrivals(&mut link, n * 5 * MS) {
            sent.push(bytes);
            delays.push(at - (bytes as f64 - 1.0) * 5.0);
        }
    }
    assert!(sent.is_sorted(), "out of order");
    assert!(delays.iter().all(|delay| (10.0..=40.0).contains(delay)));
    let (least, most) = (delays.iter().copied().fold(f64::MAX, f64::min), delays.iter().copied().fold(0.0, f64::max));
    assert!(least < 13.0 && most > 37.0, "{least} to {most}");
}

#[test]
fn chance_loses_the_share_it_is_given_alone_and_in_runs() {
    println!("seed {SEED}");
    for (run, runs) in [(1.0, 0.9..1.2), (4.0, 3.4..4.6)] {
        let mut link = Link::new(Path { loss_percent: 5.0, loss_run: run, ..Path::default() }, SEED);
        let (mut lost, mut began, mut before) = (0_u32, 0_u32, false);
        for n in 0..100_000 {
            link.push(n, packet(1));
            let gone = link.pop(n).is_none();
            lost += u32::from(gone);
            began += u32::from(gone && !before);
            before = gone;
        }
        let (share, length) = (f64::from(lost) / 1e5, f64::from(lost) / f64::from(began));
        assert!((0.045..0.055).contains(&share) && runs.contains(&length), "run {run}: {share}, {length}");
    }
}

#[test]
fn a_path_that_loses_all_delivers_nothing_and_the_same_seed_loses_the_same() {
    let mut dead = Link::new(Path { loss_percent: 100.0, ..Path::default() }, SEED);
    dead.push(0, packet(1));
    assert_eq!((dead.pop(MS), dead.take_log(MS).lost), (None, 1));
    let [first, again] = [(); 2].map(|()| {
        let mut link = Link::new(Path { loss_percent: 30.0, ..Path::default() }, SEED);
        (0..100).map(|n| (link.push(n, packet(1)), link.pop(n).is_some()).1).collect::<Vec<_>>()
    });
    assert_eq!(first, again);
    assert!(first.contains(&true) && first.contains(&false));
}

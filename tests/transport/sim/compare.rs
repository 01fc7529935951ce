//! The same paths under our controller and the crate's.

use super::algorithm::{Algorithm, Stock};
use super::{Change, Ours, Queue, Scenario, Series, at, run};

use Change::*;

/// One figure of one scenario, for each seed; infinite: never.
pub struct Line {
    pub scenario: &'static str,
    pub figure: &'static str,
    pub unit: &'static str,
    pub ours: Vec<f64>,
    pub stock: Vec<f64>,
}

type Figure = (&'static str, &'static str, fn(&Series) -> f64);

struct Case {
    name: &'static str,
    scenario: Scenario,
    start: f64,
    figures: &'static [Figure],
}

fn ms(after: Option<usize>) -> f64 {
    after.map_or(f64::INFINITY, |ms| ms as f64)
}

const STEPS: &[Figure] = &[
    ("below the link after the drop", "ms", |s| ms(s.below_after(20_000))),
    ("queue under 50 ms after the drop", "ms", |s| ms(s.drained_after(20_000, 50.0))),
    ("80 % of the link after the rise", "ms", |s| ms(s.reached_after(40_000, 0.8, 8e6))),
    ("use of the link, 10 to 20 s", "%", |s| s.use_of_link(10_000, 20_000) * 100.0),
    ("queue, 10 to 20 s", "ms", |s| s.queue_ms(10_000, 20_000, 50)),
    ("queue, 30 to 40 s", "ms", |s| s.queue_ms(30_000, 40_000, 50)),
];
const STEADY: &[Figure] = &[
    ("use of the link", "%", |s| s.use_of_link(5_000, 30_000) * 100.0),
    ("queue", "ms", |s| s.queue_ms(5_000, 30_000, 50)),
];

const SHARE: &[Figure] = &[
    ("share of the link, 10 to 30 s", "%", |s| s.use_of_link(10_000, 30_000) * 100.0),
    ("the TCP flow's share", "%", |s| s.tcp_use(10_000, 30_000) * 100.0),
];

fn cases() -> Vec<Case> {
    let steps = [at(20_000, Rate(1_500)), at(40_000, Rate(8_000))];
    let case = |name, scenario, start, figures| Case { name, scenario, start, figures };
    vec![
        case("8, 1.5, 8 Mbit/s, RTT 0", Scenario::new(8_000, 0, 60).steps(steps), 4e6, STEPS),
        case("8, 1.5, 8 Mbit/s, RTT 40 ms", Scenario::new(8_000, 40, 60).steps(steps), 4e6, STEPS),
        case("same, CoDel", Scenario::new(8_000, 40, 60).queue(Queue::CoDel).steps(steps), 4e6, STEPS),
        case(
            "20 Mbit/s, started at 2",
            Scenario::new(20_000, 40, 30),
            2e6,
            &[("80 % of the link", "ms", |s| ms(s.reached_after(0, 0.8, 20e6)))],
        ),
        case(
            "2 Mbit/s, started at 16",
            Scenario::new(2_000, 40, 30).fps(30),
            16e6,
            &[("queue under 50 ms", "ms", |s| ms(s.drained_after(0, 50.0)))],
        ),
        case("4 Mbit/s, 2 % loss", Scenario::new(4_000, 40, 30).steps([at(0, Loss(0.02))]), 4e6, STEADY),
        case("4 Mbit/s, 5 % loss", Scenario::new(4_000, 40, 30).steps([at(0, Loss(0.05))]), 4e6, STEADY),
        case("4 Mbit/s, 10 % loss", Scenario::new(4_000, 40, 30).steps([at(0, Loss(0.1))]), 4e6, STEADY),
        case("8 Mbit/s, jitter up to 20 ms", Scenario::new(8_000, 40, 30).steps([at(0, Hold(20))]), 4e6, STEADY),
        case(
            "8 Mbit/s, 30 % of feedback lost",
            Scenario::new(8_000, 40, 30).steps([at(0, FeedbackLoss(0.3))]),
            4e6,
            STEADY,
        ),
        case("8 Mbit/s beside a TCP flow", Scenario::new(8_000, 40, 30).steps([at(0, Tcp(true))]), 4e6, SHARE),
        case(
            "1 of 8 Mbit/s sent, then 6 wanted",
            Scenario::new(8_000, 40, 20).steps([at(0, Wants(1_000)), at(10_000, Wants(6_000))]),
            2e6,
            &[
                ("estimate while 1 is sent", "Mbit/s", |s| s.estimate(9_000, 10_000) / 1e6),
                ("there", "ms", |s| ms(s.reached_after(10_000, 0.9, 5.7e6))),
            ],
        ),
    ]
}

/// Runs everything with so many seeds.
pub fn compare(seeds: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    for Case { name, scenario, start, figures } in cases() {
        let runs = |algorithm: fn(f64) -> Box<dyn Algorithm>| -> Vec<Series> {
            (1..=seeds).map(|seed| run(&scenario.clone().seed(seed), algorithm(start).as_mut())).collect()
        };
        let ours = runs(|start| Box::new(Ours::new(start, 50e6)));
        let stock = runs(|start| Box::new(Stock::new(start, 50e6)));
        for (figure, unit, of) in figures {
            let values = |runs: &[Series]| runs.iter().map(of).collect();
            lines.push(Line { scenario: name, figure, unit, ours: values(&ours), stock: values(&stock) });
        }
    }
    lines
}

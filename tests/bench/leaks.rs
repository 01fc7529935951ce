//! Whether viewers leave anything behind in the host: opens and closes 200 connections, or `RENDERCAST_BENCH_ROUNDS`.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::table::Row;
use crate::viewer::Viewer;

/// Connections between two looks.
const STEP: usize = 10;
/// How long the least is looked for: connections that were told to close are still there for a moment.
const LOOK: Duration = Duration::from_millis(200);

const WHAT: [(&str, &str); 6] = [
    ("resident memory", "MiB"),
    ("heap of Rust", "KiB"),
    ("heap of Rust", "blocks"),
    ("heap of C libraries and malloc's caches", "KiB"),
    ("threads", "count"),
    ("descriptors", "count"),
];

struct Host {
    child: Child,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    link: String,
}

impl Host {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("own path"))
            .arg("--host")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the host starts");
        let ask = child.stdin.take().expect("stdin");
        let mut answers = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let link = answers
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("LINK ").map(str::to_owned))
            .expect("the host prints its link");
        Self { child, ask, answers, link }
    }

    /// As in `WHAT`, once every viewer and encoder has ended.
    fn held(&mut self) -> [f64; 6] {
        loop {
            writeln!(self.ask).expect("the host lives");
            let answer = self.answers.next().expect("the host lives").expect("an answer");
            let parts: Vec<f64> = answer.split(' ').map(|part| part.parse().unwrap_or(f64::NAN)).collect();
            let [bytes, blocks, others, ended] = parts[..] else { panic!("{answer}") };
            if ended == 1.0 {
                let status = std::fs::read_to_string(self.path("status")).unwrap_or_default();
                let value = |key: &str| {
                    let line = status.lines().find(|line| line.starts_with(key)).unwrap_or("");
                    line.split_whitespace().nth(1).and_then(|v| v.parse::<f64>().ok()).unwrap_or(f64::NAN)
                };
                let descriptors = std::fs::read_dir(self.path("fd")).map_or(f64::NAN, |d| d.count() as f64);
                let memory = value("VmRSS:") / 1024.0;
                return [memory, bytes / 1024.0, blocks, others / 1024.0, value("Threads:"), descriptors];
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn path(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    fn least(&mut self) -> [f64; 6] {
        let (begun, mut least) = (Instant::now(), self.held());
        while begun.elapsed() < LOOK {
            std::thread::sleep(Duration::from_millis(5));
            least.iter_mut().zip(self.held()).for_each(|(least, now)| *least = least.min(now));
        }
        least
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the host holds after each ten connections, against what it held after the first ten.
pub fn run(rows: &mut Vec<Row>) {
    let rounds = std::env::var("RENDERCAST_BENCH_ROUNDS").map_or(200, |text| text.parse().expect("a number of rounds"));
    let runtime = crate::viewers::runtime();
    let mut host = Host::start();
    let mut looks = Vec::new();
    for round in 1..=rounds {
        match runtime.block_on(Viewer::open(&host.link)) {
            Ok(viewer) => runtime.block_on(viewer.leave()),
            Err(error) => eprintln!("round {round}: {error}"),
        }
        if round % STEP == 0 {
            looks.push(host.least());
        }
    }
    for (i, (what, unit)) in WHAT.into_iter().enumerate() {
        let values: Vec<f64> = looks.iter().map(|look| look[i]).collect();
        let (first, last) = (values.first().copied().unwrap_or(f64::NAN), values.last().copied().unwrap_or(f64::NAN));
        rows.push(Row::of(format!("{rounds} connections: {what} after the first {STEP}"), unit, vec![first]));
        rows.push(Row::of(format!("{rounds} connections: {what} at the end"), unit, vec![last]));
        rows.push(Row::of(format!("{rounds} connections: {what} throughout"), unit, values));
    }
}

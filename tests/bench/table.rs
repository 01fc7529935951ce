//! Rows of measurements: a table for people, JSON for machines.

use std::fmt::Write;

/// One measurement. `runs` values were taken; percentiles are nearest rank. None: not measured.
pub struct Row {
    pub name: String,
    pub unit: &'static str,
    pub median: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    pub runs: usize,
}

impl Row {
    pub fn of(name: impl Into<String>, unit: &'static str, mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100).max(1);
            values.get(rank - 1).copied()
        };
        Self { name: name.into(), unit, median: at(50), p95: at(95), p99: at(99), runs: values.len() }
    }
}

/// The machine's load averages, said with every table.
pub fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .map_or_else(|_| "unknown".into(), |text| text.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}

pub fn print(rows: &[Row], load: &str) {
    println!("{:<82} {:>7} {:>10} {:>10} {:>10} {:>6}", "what", "unit", "median", "p95", "p99", "runs");
    let cell = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.3}"));
    for r in rows {
        let [median, p95, p99] = [r.median, r.p95, r.p99].map(cell);
        println!("{:<82} {:>7} {median:>10} {p95:>10} {p99:>10} {:>6}", r.name, r.unit, r.runs);
    }
    println!("load before: {load}; load after: {}", self::load());
}

pub fn json(rows: &[Row], load: &str) -> String {
    let mut out = String::from("[\n");
    for (i, r) in rows.iter().enumerate() {
        let comma = if i + 1 < rows.len() { "," } else { "" };
        let row = serde_json::json!({
            "name": r.name, "unit": r.unit, "median": r.median, "p95": r.p95, "p99": r.p99, "runs": r.runs, "load": load,
        });
        let _ = writeln!(out, "  {row}{comma}");
    }
    out.push_str("]\n");
    out
}

//! Congestion control on simulated paths, ours and the crate's: virtual time, so the machine does not matter.

use crate::sim::compare::compare;
use crate::table::Row;

const SEEDS: u64 = 5;

pub fn run(rows: &mut Vec<Row>) {
    for line in compare(SEEDS) {
        let name = |whose| format!("{}: {}, {whose}", line.scenario, line.figure);
        rows.push(Row::of(name("ours"), line.unit, line.ours.clone()));
        rows.push(Row::of(name("stock Gcc"), line.unit, line.stock.clone()));
    }
}

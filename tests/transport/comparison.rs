//! Ours beside the crate's `Gcc`; the whole table: `cargo test --test transport comparison -- --nocapture`.

use crate::sim::compare::{Line, compare};

#[test]
fn ours_is_faster_than_the_stock_controller_where_it_matters() {
    let lines = compare(1);
    let cell = |values: &[f64]| {
        values.first().map_or_else(|| "-".into(), |v| if v.is_finite() { format!("{v:.1}") } else { "never".into() })
    };
    for Line { scenario, figure, unit, ours, stock } in &lines {
        println!("{scenario:<36} {figure:<34} {unit:>6} {:>9} {:>9}", cell(ours), cell(stock));
    }
    for figure in
        ["below the link after the drop", "queue under 50 ms after the drop", "80 % of the link after the rise"]
    {
        for line in lines.iter().filter(|line| line.figure == figure) {
            assert!(
                line.ours[0] < line.stock[0],
                "{}, {figure}: {} and {} ms",
                line.scenario,
                line.ours[0],
                line.stock[0]
            );
        }
    }
}

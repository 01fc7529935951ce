//! A snapshot as Prometheus text (exposition format 0.0.4).

use std::fmt::Write;

use super::snapshot::Snapshot;

pub fn text(snapshot: &Snapshot) -> String {
    let gauges = [
        ("uptime_ms", snapshot.uptime_ms),
        ("viewers", snapshot.viewers.into()),
        ("encoders", snapshot.encoders.into()),
        ("video_width_pixels", snapshot.width.into()),
        ("video_height_pixels", snapshot.height.into()),
        ("target_bitrate_kbps", snapshot.target_bitrate_kbps),
        ("convert_p50_us", snapshot.convert_p50_us.into()),
        ("convert_p99_us", snapshot.convert_p99_us.into()),
        ("encode_p50_us", snapshot.encode_p50_us.into()),
        ("encode_p99_us", snapshot.encode_p99_us.into()),
        ("transit_p50_us", snapshot.transit_p50_us.into()),
        ("transit_p99_us", snapshot.transit_p99_us.into()),
    ];
    let mut out = String::new();
    for (name, value) in gauges {
        let _ = writeln!(out, "# TYPE rendercast_{name} gauge\nrendercast_{name} {value}");
    }
    for (name, value) in &snapshot.counters {
        let _ = writeln!(out, "# TYPE rendercast_{name}_total counter\nrendercast_{name}_total {value}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gauge_and_counter_is_a_typed_line() {
        let snapshot = Snapshot { viewers: 3, counters: vec![("packets_sent", 7)], ..Snapshot::default() };
        let text = text(&snapshot);
        assert!(text.contains("# TYPE rendercast_viewers gauge\nrendercast_viewers 3\n"));
        assert!(text.contains("# TYPE rendercast_packets_sent_total counter\nrendercast_packets_sent_total 7\n"));
    }
}

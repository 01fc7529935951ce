//! A snapshot as Prometheus text (exposition format 0.0.4).

use std::fmt::Write;

use super::snapshot::{LayerSnapshot, Snapshot};

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
    let layers = &snapshot.layers;
    type Value = fn(&LayerSnapshot) -> u64;
    let values: [(&str, Value); 5] = [
        ("width_pixels", |layer| layer.width.into()),
        ("height_pixels", |layer| layer.height.into()),
        ("fps", |layer| layer.fps.into()),
        ("target_bitrate_kbps", |layer| layer.target_bitrate_kbps),
        ("viewers", |layer| layer.viewers as u64),
    ];
    for (name, value) in values.into_iter().filter(|_| !layers.is_empty()) {
        let _ = writeln!(out, "# TYPE rendercast_layer_{name} gauge");
        for layer in layers {
            let LayerSnapshot { source, codec, rung, repair, encoder, scale_resolution_down_by, max_framerate, .. } =
                layer;
            let mut labels =
                format!(r#"source="{source}",codec="{codec}",rung="{rung}",repair="{repair}",encoder="{encoder}""#);
            if *scale_resolution_down_by > 0.0 {
                // Every series has labels of its own.
                let _ = write!(labels, r#",scale="{scale_resolution_down_by}",max_framerate="{max_framerate}""#);
            }
            let _ = writeln!(out, "rendercast_layer_{name}{{{labels}}} {}", value(layer));
        }
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

    #[test]
    fn every_layer_is_a_line_of_each_of_its_values() {
        let layer =
            |rung, viewers| LayerSnapshot { codec: "VP8", rung, encoder: "libvpx", viewers, ..Default::default() };
        let shaped = LayerSnapshot { scale_resolution_down_by: 1.5, max_framerate: 15, ..layer(0, 2) };
        let text = text(&Snapshot { layers: vec![layer(0, 3), layer(1, 1), shaped], ..Snapshot::default() });
        for line in [
            "# TYPE rendercast_layer_viewers gauge",
            r#"rendercast_layer_viewers{source="0",codec="VP8",rung="0",repair="false",encoder="libvpx"} 3"#,
            r#"rendercast_layer_viewers{source="0",codec="VP8",rung="1",repair="false",encoder="libvpx"} 1"#,
            r#"rendercast_layer_viewers{source="0",codec="VP8",rung="0",repair="false",encoder="libvpx",scale="1.5",max_framerate="15"} 2"#,
        ] {
            assert!(text.contains(&format!("{line}\n")), "{text}");
        }
    }
}

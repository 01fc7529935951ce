//! The text is read back by a parser that takes nothing but what Prometheus' format allows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::stats::Counters;

/// A family as it was read.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    help: String,
    samples: Vec<(BTreeMap<String, String>, f64)>,
}

fn is_name(name: &str, colons: bool) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || colons && c == ':';
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

/// The characters up to an unescaped quote, and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, c @ ('\\' | '"'))) => value.push(c),
                other => panic!("an escape that is none: {other:?} in {text}"),
            },
            c => value.push(c),
        }
    }
    panic!("a quote is not closed in {text}");
}

fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").expect("a label has a value");
        assert!(is_name(name, false) && !name.starts_with("__"), "label {name}");
        let (value, rest) = quoted(rest);
        assert!(labels.insert(name.to_owned(), value).is_none(), "label {name} twice");
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return (labels, rest.strip_prefix('}').expect("labels end with a brace")),
        }
    }
}

/// Every family by its name.
fn parse(text: &str) -> BTreeMap<String, Family> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is not ended");
    let mut families = BTreeMap::<String, Family>::new();
    let mut current = String::new();
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        assert!(!line.contains('\r'), "{line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help has a text");
            assert!(is_name(name, true) && !help.trim().is_empty(), "{line}");
            assert!(
                families.insert(name.into(), Family { help: help.into(), ..Family::default() }).is_none(),
                "{name} twice"
            );
            current = name.into();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type has a kind");
            assert!(name == current && ["gauge", "counter"].contains(&kind), "{line}");
            let family = families.get_mut(name).expect("help comes first");
            assert!(family.kind.is_empty() && family.samples.is_empty(), "{line}");
            family.kind = kind.into();
        } else {
            let end = line.find(['{', ' ']).expect("a sample has a value");
            let (name, rest) = line.split_at(end);
            assert_eq!(name, current, "samples stand below their own type");
            let (labels, rest) = rest.strip_prefix('{').map_or_else(|| (BTreeMap::new(), rest), labels);
            let value: f64 = rest.strip_prefix(' ').expect("one blank").parse().expect("a number");
            let family = families.get_mut(name).expect("its family");
            assert!(!family.kind.is_empty() && value.is_finite(), "{line}");
            assert!(family.samples.iter().all(|(other, _)| *other != labels), "the same series twice: {line}");
            family.samples.push((labels, value));
        }
    }
    for (name, family) in &families {
        assert!(name.starts_with("rendercast_") && !family.samples.is_empty(), "{name} has no samples");
        assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name}");
        assert!(family.help.ends_with('.'), "{name}: {}", family.help);
    }
    families
}

fn viewer(viewer: u32) -> ViewerSnapshot {
    ViewerSnapshot { viewer, connection: format!("c{viewer}"), state: "connected", ..Default::default() }
}

fn full() -> Snapshot {
    let layer = |rung, viewers| LayerSnapshot { codec: "VP8", rung, encoder: "libvpx", viewers, ..Default::default() };
    let page = PageFigures {
        end_to_end_p50_ms: Some(21.5),
        end_to_end_p95_ms: Some(40.0),
        jitter_buffer_ms: Some(3.0),
        decode_ms: Some(2.0),
        display_ms: Some(8.0),
        input_to_picture_p50_ms: Some(30.0),
        input_to_picture_p95_ms: Some(44.0),
        fps: Some(60.0),
        dropped: Some(3),
        frozen_ms: Some(1_500.0),
    };
    let telling = ViewerSnapshot {
        rtt_ms: Some(12.5),
        rung: Some(1),
        estimate_kbps: 8_000,
        page: Some(page),
        page_age_ms: Some(250),
        ..viewer(7)
    };
    Snapshot {
        viewers: 3,
        sources: vec![SourceSnapshot { frames: 9, ..Default::default() }],
        layers: vec![
            LayerSnapshot { frames: 60, keyframes: 2, bytes: 5_000, encode_p50_us: 1_500, ..layer(0, 3) },
            layer(1, 1),
            LayerSnapshot { scale_resolution_down_by: 1.5, max_framerate: 15, ..layer(0, 2) },
        ],
        viewer_list: vec![telling, viewer(9)],
        counters: Counters::default().iter().collect(),
        ..Default::default()
    }
}

#[test]
fn every_family_is_read_back_with_its_help_its_type_and_its_samples() {
    let families = parse(&text(&full()));
    let of_viewer = |name: &str, viewer: &str| {
        let family = &families[&format!("rendercast_{name}")];
        let own = family.samples.iter().find(|(labels, _)| labels["viewer"] == viewer);
        own.map(|(_, value)| *value)
    };
    assert_eq!(of_viewer("viewer_round_trip_seconds", "7"), Some(0.0125));
    assert_eq!(of_viewer("viewer_round_trip_seconds", "9"), None, "not measured");
    assert_eq!(of_viewer("viewer_estimate_bytes_per_second", "7"), Some(1_000_000.0));
    assert_eq!(of_viewer("page_end_to_end_p50_seconds", "7"), Some(0.0215));
    assert_eq!(of_viewer("page_frozen_seconds_total", "7"), Some(1.5));
    assert_eq!(of_viewer("page_age_seconds", "9"), None);
    assert_eq!(of_viewer("viewer_info", "9"), Some(1.0));
    assert_eq!(families["rendercast_layer_encode_p50_seconds"].samples[0].1, 0.0015);
    assert_eq!(families["rendercast_layer_frames_total"].samples.len(), 3);
    let help = &families["rendercast_packets_sent_total"].help;
    assert_eq!(help, counters::help("packets_sent").unwrap(), "a counter's help is its documentation");
    // Every row of the tables is there.
    let rows = |names: &mut dyn Iterator<Item = (&'static str, Kind)>| {
        let named = |(name, kind)| match kind {
            Gauge => format!("rendercast_{name}"),
            Counter => format!("rendercast_{name}_total"),
        };
        names.map(named).collect::<BTreeSet<_>>()
    };
    let all = rows(
        &mut STREAMER
            .iter()
            .map(|row| (row.0, row.1))
            .chain(SOURCES.iter().map(|row| (row.0, row.1)))
            .chain(LAYERS.iter().map(|row| (row.0, row.1)))
            .chain(VIEWERS.iter().map(|row| (row.0, row.1)))
            .chain(PAGES.iter().map(|row| (row.0, row.1)))
            .chain(Counters::default().iter().map(|(name, _)| (name, Counter)))
            .chain([("viewer_info", Gauge), ("page_age_seconds", Gauge)]),
    );
    assert_eq!(all, families.keys().cloned().collect::<BTreeSet<_>>());
}

#[test]
fn a_streamer_that_nobody_watches_has_no_empty_families() {
    let families = parse(&text(&Snapshot::default()));
    assert_eq!(families.len(), STREAMER.len());
}

/// Others read these names: none is renamed.
#[test]
fn names_and_labels_of_the_first_version_stay() {
    let text = text(&full());
    for line in [
        "# TYPE rendercast_viewers gauge\nrendercast_viewers 3",
        "# TYPE rendercast_packets_sent_total counter\nrendercast_packets_sent_total 0",
        "# TYPE rendercast_layer_viewers gauge",
        r#"rendercast_layer_viewers{source="0",codec="VP8",rung="0",repair="false",encoder="libvpx"} 3"#,
        r#"rendercast_layer_viewers{source="0",codec="VP8",rung="1",repair="false",encoder="libvpx"} 1"#,
        r#"rendercast_layer_viewers{source="0",codec="VP8",rung="0",repair="false",encoder="libvpx",scale="1.5",max_framerate="15"} 2"#,
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
    }
    for name in ["uptime_ms", "convert_p99_us", "target_bitrate_kbps", "layer_target_bitrate_kbps", "layer_fps"] {
        assert!(
            text.contains(&format!("\nrendercast_{name}")) || text.contains(&format!(" rendercast_{name} ")),
            "{name}"
        );
    }
}

proptest! {
    #[test]
    fn a_name_that_a_page_has_chosen_is_read_back_whatever_is_in_it(name in any::<String>()) {
        let name: String = name.chars().filter(|c| *c != '\r').collect();
        let snapshot = Snapshot {
            viewer_list: vec![ViewerSnapshot { connection: name.clone(), ..viewer(1) }],
            ..Default::default()
        };
        let families = parse(&text(&snapshot));
        prop_assert_eq!(&families["rendercast_viewer_info"].samples[0].0["connection"], &name);
    }
}

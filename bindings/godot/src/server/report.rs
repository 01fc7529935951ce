//! Figures: for the game as dictionaries, for the editor's dock as a message to the debugger.

use godot::builtin::{GString, PackedStringArray, VarDictionary, varray, vdict};
use godot::classes::EngineDebugger;
use godot::obj::Singleton;
use rendercast::stats::snapshot::Snapshot;
use serde_json::{Value, json};

use super::session::Session;
use crate::values::to_dictionary;

/// What the dock listens for.
const STATUS: &str = "rendercast:status";

pub fn stats(session: &Session) -> VarDictionary {
    let mut figures = figures(&session.streamer.stats());
    let [median, slow] = session.costs.figures();
    (figures["main_thread_p50_us"], figures["main_thread_p99_us"]) = (median, slow);
    to_dictionary(&figures)
}

pub fn viewer_stats(session: &Session, id: i64) -> VarDictionary {
    let figures = figures(&session.streamer.stats());
    let viewers = figures.get("viewer_list").and_then(Value::as_array);
    let found = viewers.and_then(|viewers| viewers.iter().find(|viewer| viewer["viewer"] == id));
    found.map(to_dictionary).unwrap_or_default()
}

/// The snapshot, and what a game wants to show of it in one number.
fn figures(snapshot: &Snapshot) -> Value {
    let mut figures: Value = serde_json::from_str(&snapshot.to_json()).unwrap_or_default();
    let kbps: u64 = snapshot.viewer_list.iter().map(|viewer| viewer.sent_kbps).sum();
    let fps = snapshot.sources.iter().map(|source| source.fps).max().unwrap_or(0);
    figures["kbps"] = json!(kbps);
    figures["fps"] = json!(fps);
    figures
}

/// Tells the editor, where one has started the game.
pub fn to_editor(session: &Session, stats: &VarDictionary) {
    let mut debugger = EngineDebugger::singleton();
    if !debugger.is_active() {
        return;
    }
    let warnings: PackedStringArray = session.warnings.iter().map(|text| GString::from(text.as_str())).collect();
    let link = GString::from(session.streamer.link().unwrap_or_default().as_str());
    let status = vdict! {
        "running" => true,
        "link" => &link,
        "viewers" => &stats.get_or_nil("viewers"),
        "kbps" => &stats.get_or_nil("kbps"),
        "fps" => &stats.get_or_nil("fps"),
        "encoder" => &stats.get_or_nil("encoder"),
        "warnings" => &warnings,
    };
    debugger.send_message(STATUS, &varray![&status]);
}

#[cfg(test)]
mod tests {
    use rendercast::stats::snapshot::{SourceSnapshot, ViewerSnapshot};

    use super::*;

    #[test]
    fn rates_are_of_everybody_and_of_the_fastest_picture() {
        let viewer = |sent_kbps| ViewerSnapshot { sent_kbps, ..Default::default() };
        let source = |fps| SourceSnapshot { fps, ..Default::default() };
        let snapshot = Snapshot {
            viewer_list: vec![viewer(100), viewer(20)],
            sources: vec![source(30), source(60)],
            ..Default::default()
        };
        let figures = figures(&snapshot);
        assert_eq!((&figures["kbps"], &figures["fps"], &figures["viewers"]), (&json!(120), &json!(60), &json!(0)));
    }
}

//! What the game is told, each thing as it happened: signals, input events, figures.

use std::time::Duration;

use godot::builtin::{GString, PackedByteArray};
use godot::classes::Os;
use godot::global::{godot_print, godot_warn};
use godot::meta::ToGodot;
use godot::obj::{Singleton, WithBaseField, WithUserSignals};
use rendercast::time;
use rendercast::units::ViewerId;

use super::RenderCastServer;
use super::report;
use super::session::News;
use crate::input::{self, Mapping, RenderCastInput, Target, make};

/// How often figures are told.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// What `input_received` has as the device of the first player: as [RenderCastInput] has it unless told otherwise.
const DEVICE_BASE: i32 = 8;

impl RenderCastServer {
    /// Where viewers' input goes besides the signal.
    pub(super) fn targets(&self) -> Vec<Target> {
        let nodes = self.base().get_tree_or_null().map(|tree| tree.get_nodes_in_group(input::GROUP));
        let nodes = nodes.iter().flat_map(|nodes| nodes.iter_shared());
        nodes.filter_map(|node| node.try_cast::<RenderCastInput>().ok()?.bind().target()).collect()
    }

    pub(super) fn tell(&mut self, news: News, targets: &mut [Target]) {
        match news {
            News::Started(link) => {
                if Os::singleton().is_debug_build() {
                    godot_print!("RenderCast: open {link}");
                }
                self.signals().started().emit(link.as_str());
            }
            News::Connected(viewer) => self.signals().viewer_connected().emit(id_of(viewer)),
            News::Disconnected(viewer, reason) => {
                self.signals().viewer_disconnected().emit(id_of(viewer), reason.as_str());
            }
            News::Role(viewer, number) => self.signals().role_changed().emit(id_of(viewer), i64::from(number)),
            News::Warned(message) => {
                godot_warn!("RenderCast: {message}");
                self.signals().warned().emit(message.as_str());
            }
            News::Message { viewer, channel, text, data } => {
                let data = if text {
                    GString::from(String::from_utf8_lossy(&data).as_ref()).to_variant()
                } else {
                    PackedByteArray::from(data.as_slice()).to_variant()
                };
                self.signals().message_received().emit(id_of(viewer), channel.as_str(), &data);
            }
            News::Input { viewer, number, plays, action } => {
                let root = self.base().get_tree_or_null().and_then(|tree| tree.get_root());
                if let Some(root) = root.filter(|_| self.base().has_connections("input_received")) {
                    let device = i32::try_from(number).map_or(DEVICE_BASE, |number| DEVICE_BASE + number - 1);
                    let event = make(&action, &Mapping::local(&root), device);
                    self.signals().input_received().emit(id_of(viewer), &event);
                }
                // Nodes that get the event may ask this one for something.
                let _open = self.base_mut();
                for target in targets {
                    target.give(&action, number, plays);
                }
            }
        }
    }

    pub(super) fn report(&mut self) {
        let now = time::now().0;
        if now < self.next_report {
            return;
        }
        self.next_report = now + REPORT_EVERY.as_nanos() as u64;
        let Some(session) = &self.session else { return };
        let stats = report::stats(session);
        report::to_editor(session, &stats);
        self.signals().stats_updated().emit(&stats);
    }
}

fn id_of(viewer: ViewerId) -> i64 {
    viewer.0.into()
}

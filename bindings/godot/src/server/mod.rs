//! The node that owns a streamer. `session` is the streamer and what is known of its viewers, `report` what the game and the
//! editor are told of it in figures, `calls` what the game asks of viewers' pages, `telling` what it is told.

mod calls;
mod report;
mod session;
mod telling;

use std::sync::Arc;

use godot::builtin::{GString, PackedByteArray, PackedInt32Array, PackedStringArray, VarDictionary, Variant};
use godot::classes::node::ProcessMode;
use godot::classes::{Engine, INode, InputEvent, Node};
use godot::global::{Error, godot_warn};
use godot::obj::{Base, Gd, NewGd, Singleton, WithBaseField, WithUserSignals};
use godot::register::{GodotClass, godot_api};
use rendercast::streamer::Streamer;
use rendercast::units::{Size, SourceId, ViewerId};

use crate::cost;
use crate::settings::RenderCastSettings;
use session::Session;

const GROUP: &str = "rendercast_server";

/// Streams this game to browsers.
///
/// Serves a page under [method get_link]; whoever opens it sees the game, hears it, and plays it with keyboard, mouse, fingers or a
/// gamepad. Pictures come from [RenderCastViewport], sound from [RenderCastAudio] on a bus, and input goes to the game by
/// [RenderCastInput].
/// [br][br]Never starts within the editor itself: only the running game opens a port.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct RenderCastServer {
    /// How to stream. Empty: the defaults, for browsers on this machine.
    #[export]
    settings: Option<Gd<RenderCastSettings>>,
    /// Whether streaming starts with the game.
    #[export]
    #[init(val = true)]
    autostart: bool,
    session: Option<Session>,
    /// It streamed when it left the tree, and goes on when it comes back.
    resume: bool,
    next_report: u64,
    base: Base<Node>,
}

#[godot_api]
impl RenderCastServer {
    /// The page is served: [param link] opens it.
    #[signal]
    pub fn started(link: GString);
    /// Streaming has ended.
    #[signal]
    pub fn stopped();
    /// A viewer's connection is up.
    #[signal]
    pub fn viewer_connected(id: i64);
    /// A viewer is gone; [param reason] says why, in English, and may be empty.
    #[signal]
    pub fn viewer_disconnected(id: i64, reason: GString);
    /// A viewer did something. Positions are those of the picture that it sees: the main viewport's own coordinates.
    #[signal]
    pub fn input_received(id: i64, event: Gd<InputEvent>);
    /// A viewer's page has sent something on a data channel: [param data] is a [String] or a [PackedByteArray].
    #[signal]
    pub fn message_received(id: i64, channel: GString, data: Variant);
    /// A viewer is player [param number] from now on, or only watches: 0.
    #[signal]
    pub fn role_changed(id: i64, number: i64);
    /// Once a second: what [method get_stats] returns.
    #[signal]
    pub fn stats_updated(stats: VarDictionary);
    /// Something does not work as it was meant to; [param message] says what.
    #[signal]
    pub fn warned(message: GString);

    /// Starts streaming. Returns at once: [signal started] tells when the page can be opened, [signal warned] what went wrong.
    /// Returns [constant ERR_ALREADY_IN_USE] if it streams, [constant ERR_INVALID_PARAMETER] if [member settings] make no sense,
    /// [constant ERR_UNAVAILABLE] within the editor.
    #[func]
    fn start(&mut self) -> Error {
        if Engine::singleton().is_editor_hint() {
            return Error::ERR_UNAVAILABLE;
        }
        if self.session.is_some() {
            return Error::ERR_ALREADY_IN_USE;
        }
        let settings = self.settings.clone().unwrap_or_else(RenderCastSettings::new_gd);
        let (config, largest) = (settings.bind().to_config(), settings.bind().largest());
        let (outcome, problem) = match config {
            Err(problem) => (Error::ERR_INVALID_PARAMETER, problem),
            Ok(config) => match Session::start(config, largest) {
                Err(problem) => (Error::ERR_CANT_CREATE, problem),
                Ok(session) => {
                    self.session = Some(session);
                    return Error::OK;
                }
            },
        };
        self.warn(&problem);
        outcome
    }

    /// Ends every connection and stops. Takes as long as the connections need, two seconds at most.
    #[func]
    fn stop(&mut self) {
        if let Some(session) = self.session.take() {
            drop(session);
            self.signals().stopped().emit();
        }
    }

    /// Returns whether it streams, or is about to.
    #[func]
    fn is_running(&self) -> bool {
        self.session.is_some()
    }

    /// Returns the link to open in a browser, or an empty text while nothing is served. It may hold a secret that lets viewers in.
    #[func]
    fn get_link(&self) -> GString {
        let link = self.session.as_ref().and_then(|session| session.streamer.link());
        GString::from(link.unwrap_or_default().as_str())
    }

    /// Returns the numbers of the viewers that are connected.
    #[func]
    fn get_viewers(&self) -> PackedInt32Array {
        let viewers = self.session.iter().flat_map(Session::connected);
        viewers.map(|viewer| i32::try_from(viewer.0).unwrap_or(i32::MAX)).collect()
    }

    /// Returns the player number of a viewer, from 1, or 0 if it watches or is not here.
    #[func]
    fn get_player(&self, id: i64) -> i64 {
        self.player_number(id).into()
    }

    /// Returns figures of the whole: [code]viewers[/code], [code]kbps[/code], [code]fps[/code], [code]encoder[/code],
    /// [code]width[/code], [code]height[/code], [code]viewer_list[/code], [code]sources[/code], [code]layers[/code],
    /// [code]counters[/code], [code]main_thread_p50_us[/code] and [code]main_thread_p99_us[/code] (what the add-on takes of the main
    /// thread in a frame) and more.
    #[func]
    fn get_stats(&self) -> VarDictionary {
        self.session.as_ref().map(report::stats).unwrap_or_default()
    }

    /// Returns figures of one viewer: [code]rtt_ms[/code], [code]loss[/code], [code]sent_kbps[/code], [code]sent_fps[/code],
    /// [code]width[/code], [code]height[/code], [code]player[/code] and more. Empty if it is not here.
    #[func]
    fn get_viewer_stats(&self, id: i64) -> VarDictionary {
        self.session.as_ref().map(|session| report::viewer_stats(session, id)).unwrap_or_default()
    }

    /// Sends a text to a viewer's page, or to everybody's: [param id] 0. The page gets it on the data channel of that label.
    #[func]
    fn send_text(&self, id: i64, text: GString, #[opt(default = "rendercast")] channel: GString) -> Error {
        self.call(id, |streamer, to| calls::send(streamer, to, &channel, true, text.to_string().as_bytes()))
    }

    /// Sends bytes to a viewer's page, or to everybody's: [param id] 0. The page gets them on the data channel of that label.
    #[func]
    fn send_bytes(&self, id: i64, data: PackedByteArray, #[opt(default = "rendercast")] channel: GString) -> Error {
        self.call(id, |streamer, to| calls::send(streamer, to, &channel, false, data.as_slice()))
    }

    /// Sends a viewer away; its page shows [param reason].
    #[func]
    fn kick(&self, id: i64, #[opt(default = "")] reason: GString) -> Error {
        self.call(id, |streamer, to| calls::kick(streamer, to, &reason.to_string()))
    }

    /// Makes a viewer a player, with the lowest number that is free.
    #[func]
    fn make_player(&self, id: i64) -> Error {
        self.call(id, |streamer, to| calls::set_role(streamer, to, true))
    }

    /// Makes a viewer a spectator.
    #[func]
    fn make_spectator(&self, id: i64) -> Error {
        self.call(id, |streamer, to| calls::set_role(streamer, to, false))
    }

    /// Shakes a gamepad of a viewer, or of everybody: [param id] 0. [param pad] is 0 to 3; [param weak] and [param strong] are 0 to 1,
    /// [param seconds] at most 5. As [method Input.start_joy_vibration].
    #[func]
    fn rumble(&self, id: i64, pad: i64, weak: f64, strong: f64, seconds: f64) -> Error {
        self.call(id, |streamer, to| calls::rumble(streamer, to, pad, [weak, strong], seconds))
    }

    /// Shows another cursor over the picture of a viewer, or of everybody: [param id] 0. [param shape] is a keyword of CSS, such as
    /// [code]pointer[/code], [code]crosshair[/code], [code]none[/code]; empty: the page's own.
    #[func]
    fn set_cursor(&self, id: i64, shape: GString) -> Error {
        self.call(id, |streamer, to| calls::set_cursor(streamer, to, &shape.to_string()))
    }

    /// Shows a viewer, or everybody ([param id] 0), another picture: the [member RenderCastViewport.source] of that name. Empty: the
    /// first one. Returns [constant ERR_DOES_NOT_EXIST] if no [RenderCastViewport] has made it yet.
    #[func]
    fn set_viewer_source(&self, id: i64, source: GString) -> Error {
        let Some(source) = self.session.as_ref().and_then(|session| session.known_source(&source.to_string())) else {
            return Error::ERR_DOES_NOT_EXIST;
        };
        self.call(id, |streamer, to| calls::show(streamer, to, source))
    }

    /// Returns the server that [param from] belongs to: the nearest among its ancestors and their children, or the first of the tree.
    #[func]
    pub fn find(from: Gd<Node>) -> Option<Gd<RenderCastServer>> {
        let mut above = Some(from.clone());
        while let Some(node) = above {
            if let Ok(server) = node.clone().try_cast::<RenderCastServer>() {
                return Some(server);
            }
            let children = node.get_children();
            if let Some(server) = children.iter_shared().find_map(|child| child.try_cast::<RenderCastServer>().ok()) {
                return Some(server);
            }
            above = node.get_parent();
        }
        from.get_tree_or_null()?.get_first_node_in_group(GROUP)?.try_cast().ok()
    }
}

impl RenderCastServer {
    pub fn player_number(&self, id: i64) -> u32 {
        self.session.as_ref().map_or(0, |session| session.number(viewer_of(id)))
    }

    /// The streamer at work and how large its pictures may be.
    pub fn streamer(&self) -> Option<(Arc<Streamer>, Size)> {
        self.session.as_ref().map(|session| (Arc::clone(&session.streamer), session.largest))
    }

    /// Whether somebody is connected.
    pub fn is_watched(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.connected().next().is_some())
    }

    /// The source of that name, made where there is none.
    pub fn source(&mut self, name: &str) -> Option<SourceId> {
        let made = self.session.as_mut()?.source(name);
        made.map_err(|problem| self.warn(&problem)).ok()
    }

    pub fn forget_source(&mut self, name: &str) {
        if let Some(session) = &mut self.session {
            session.forget_source(name);
        }
    }

    fn call(&self, id: i64, call: impl FnOnce(&Streamer, Option<ViewerId>) -> Error) -> Error {
        let to = (id != 0).then(|| viewer_of(id));
        self.session.as_ref().map_or(Error::ERR_UNCONFIGURED, |session| call(&session.streamer, to))
    }

    fn warn(&mut self, problem: &str) {
        if let Some(session) = &mut self.session {
            session.warn(problem.to_owned());
        }
        godot_warn!("RenderCast: {problem}");
        self.signals().warned().emit(problem);
    }
}

/// 0 is nobody, and so is what is out of range.
fn viewer_of(id: i64) -> ViewerId {
    ViewerId(u32::try_from(id).unwrap_or(0))
}

#[godot_api]
impl INode for RenderCastServer {
    fn enter_tree(&mut self) {
        self.base_mut().add_to_group(GROUP);
        if Engine::singleton().is_editor_hint() {
            return;
        }
        // A game that is paused is still watched.
        if self.base().get_process_mode() == ProcessMode::INHERIT {
            self.base_mut().set_process_mode(ProcessMode::ALWAYS);
        }
        if std::mem::take(&mut self.resume) {
            self.start();
        }
    }

    fn ready(&mut self) {
        let in_editor = Engine::singleton().is_editor_hint();
        self.base_mut().set_process(!in_editor);
        if self.autostart && !in_editor && self.session.is_none() {
            self.start();
        }
    }

    fn process(&mut self, _delta: f64) {
        let Some(session) = &mut self.session else { return };
        session.costs.end_frame();
        let _spending = cost::spending();
        let news = session.poll();
        if !news.is_empty() {
            let mut targets = self.targets();
            for one in news {
                self.tell(one, &mut targets);
            }
        }
        self.report();
    }

    fn exit_tree(&mut self) {
        self.resume = self.session.is_some();
        self.stop();
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        let problem = self.settings.as_ref().and_then(|settings| settings.bind().to_config().err());
        if let Some(problem) = problem {
            warnings.push(&GString::from(format!("The settings make no sense: {problem}.").as_str()));
        }
        let others = self.base().get_tree_or_null().map_or(0, |tree| tree.get_nodes_in_group(GROUP).len());
        if others > 1 {
            warnings.push(&GString::from(
                "There is another RenderCastServer in this scene: only one of them can have the port, and sound goes to both.",
            ));
        }
        warnings
    }
}

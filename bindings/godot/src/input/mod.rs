//! Viewers' input as Godot's own events. `translate` (with `touches`, `pads`, `clicks`) is pure and makes an `action` of what the
//! library tells; `event` makes Godot's object of it, `mapping` places it; the node says where it goes.

mod action;
mod clicks;
mod event;
mod mapping;
mod pads;
mod touches;
mod translate;

use godot::builtin::{GString, PackedStringArray};
use godot::classes::{INode, Input, InputEvent, Node, SubViewport, Viewport};
use godot::obj::{Base, Gd, Singleton, WithBaseField};
use godot::register::{GodotClass, godot_api};

use crate::server::RenderCastServer;
pub use action::Action;
pub use event::make;
pub use mapping::Mapping;
pub use translate::Translator;

/// Gives viewers' input to the game as real input events.
///
/// Keys, mice, wheels, fingers, pens and gamepads of viewers arrive as [InputEvent]s, as if they were this machine's: in
/// [method Node._input], in [Control]s and in [Input]. Each player has a device number of its own ([method get_device]), which
/// [member InputEvent.device] carries, so that a game can tell players apart; actions of the input map that are for all devices take
/// every player's. What a viewer holds down is let go of when it leaves, loses its place or its connection.
/// [br][br]One node of this kind anywhere in the tree is enough for every server of the game.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct RenderCastInput {
    /// Where events go: to the whole game, or to one viewport.
    #[export(enum = (Tree, Viewport))]
    into: i32,
    /// With [constant VIEWPORT]: the viewport that gets the events, in its own coordinates.
    #[export]
    viewport: Option<Gd<SubViewport>>,
    /// Leaves out what viewers do that have no player's number.
    #[export]
    #[init(val = true)]
    players_only: bool,
    /// The device number of the first player; the second has the next one, and so on. Numbers of pads that are plugged into this
    /// machine begin with 0.
    #[export]
    #[init(val = 8)]
    device_base: i32,
    server: Option<Gd<RenderCastServer>>,
    base: Base<Node>,
}

#[godot_api]
impl RenderCastInput {
    /// [member into]: the whole game, by [method Input.parse_input_event].
    #[constant]
    const TREE: i32 = 0;
    /// [member into]: [member viewport] only, by [method Viewport.push_input].
    #[constant]
    const VIEWPORT: i32 = 1;

    /// Returns the device number of a viewer's events, or -1 if it is no player.
    #[func]
    fn get_device(&self, id: i64) -> i32 {
        let server = self.server.as_ref().filter(|server| server.is_instance_valid());
        let number = server.map_or(0, |server| server.bind().player_number(id));
        if number == 0 { -1 } else { self.device_of(number) }
    }
}

impl RenderCastInput {
    fn device_of(&self, number: u32) -> i32 {
        i32::try_from(number).map_or(self.device_base, |number| self.device_base.saturating_add(number - 1))
    }

    /// Where events go now. None: nowhere.
    pub fn target(&self) -> Option<Target> {
        let (viewport, is_window): (Gd<Viewport>, bool) = if self.into == Self::VIEWPORT {
            (self.viewport.clone().filter(Gd::is_instance_valid)?.upcast(), false)
        } else {
            (self.base().get_tree_or_null()?.get_root()?.upcast(), true)
        };
        let mapping = if is_window { Mapping::window(&viewport) } else { Mapping::local(&viewport) };
        let viewport = (!is_window).then_some(viewport);
        Some(Target { viewport, mapping, players_only: self.players_only, device_base: self.device_base })
    }
}

#[godot_api]
impl INode for RenderCastInput {
    fn enter_tree(&mut self) {
        self.base_mut().add_to_group(GROUP);
    }

    fn ready(&mut self) {
        let this = self.to_gd().upcast::<Node>();
        self.server = RenderCastServer::find(this);
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        if self.into == Self::VIEWPORT && self.viewport.is_none() {
            warnings.push(&GString::from("Choose the viewport that gets the events, or let them go into the tree."));
        }
        warnings
    }
}

/// The group that every node of this kind is in.
pub const GROUP: &str = "rendercast_input";

/// Where one node's events go, and on which devices.
pub struct Target {
    /// None: the whole game.
    viewport: Option<Gd<Viewport>>,
    mapping: Mapping,
    players_only: bool,
    device_base: i32,
}

impl Target {
    /// `number` is the player's, or was: whoever has lost its place lets go of what it held.
    pub fn give(&mut self, action: &Action, number: u32, plays: bool) {
        if self.players_only && !plays && !action.releases() {
            return;
        }
        let offset = i32::try_from(number.max(1)).map_or(0, |number| number - 1);
        let event: Gd<InputEvent> = make(action, &self.mapping, self.device_base.saturating_add(offset));
        match &mut self.viewport {
            None => Input::singleton().parse_input_event(&event),
            Some(viewport) if viewport.is_instance_valid() => {
                viewport.push_input_ex(&event).in_local_coords(true).done();
            }
            Some(_) => {}
        }
    }
}

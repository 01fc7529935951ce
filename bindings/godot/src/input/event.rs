//! An action as one of Godot's own input events.

use godot::builtin::Vector2;
use godot::classes::{
    InputEvent, InputEventJoypadButton, InputEventJoypadMotion, InputEventKey, InputEventMouseButton,
    InputEventMouseMotion, InputEventScreenDrag, InputEventScreenTouch, InputEventWithModifiers,
};
use godot::global::{JoyAxis, JoyButton, Key, KeyLocation, MouseButton, MouseButtonMask};
use godot::obj::{EngineBitfield, EngineEnum, Gd, Inherits, NewGd};
use rendercast::input::key;

use super::action::{Action, Modifiers, PenTip};
use super::mapping::Mapping;

/// `device` is what the game tells viewers apart by.
pub fn make(action: &Action, mapping: &Mapping, device: i32) -> Gd<InputEvent> {
    let mut event = match *action {
        Action::Key { key, pressed, echo, character, modifiers } => {
            key_event(key, (pressed, echo), character, modifiers).upcast()
        }
        Action::MouseMotion { at, by, mask, pen, modifiers } => {
            motion(mapping, (at, by), mask, pen, modifiers).upcast()
        }
        Action::MouseButton { at, button, pressed, double_click, factor, mask, modifiers } => {
            let mut event = InputEventMouseButton::new_gd();
            event.set_button_index(MouseButton::try_from_ord(button).unwrap_or(MouseButton::NONE));
            event.set_pressed(pressed);
            event.set_double_click(double_click);
            event.set_factor(factor);
            set_modifiers(&mut event, modifiers);
            event.set_button_mask(mask_of(mask));
            event.set_position(mapping.point(at));
            event.set_global_position(mapping.point(at));
            event.upcast::<InputEvent>()
        }
        Action::Touch { index, at, pressed, canceled, double_tap } => {
            let mut event = InputEventScreenTouch::new_gd();
            event.set_index(index);
            event.set_position(mapping.point(at));
            event.set_pressed(pressed);
            event.set_canceled(canceled);
            event.set_double_tap(double_tap);
            event.upcast::<InputEvent>()
        }
        Action::Drag { index, at, by, pressure } => {
            let mut event = InputEventScreenDrag::new_gd();
            event.set_index(index);
            event.set_position(mapping.point(at));
            event.set_relative(mapping.vector(by));
            event.set_screen_relative(mapping.vector(by));
            event.set_pressure(pressure);
            event.upcast::<InputEvent>()
        }
        Action::PadButton { button, pressed } => {
            let mut event = InputEventJoypadButton::new_gd();
            event.set_button_index(JoyButton::try_from_ord(button).unwrap_or(JoyButton::INVALID));
            event.set_pressed(pressed);
            event.set_pressure(if pressed { 1.0 } else { 0.0 });
            event.upcast::<InputEvent>()
        }
        Action::PadAxis { axis, value } => {
            let mut event = InputEventJoypadMotion::new_gd();
            event.set_axis(JoyAxis::try_from_ord(axis).unwrap_or(JoyAxis::INVALID));
            event.set_axis_value(value);
            event.upcast::<InputEvent>()
        }
    };
    event.set_device(device);
    event
}

fn key_event(
    number: u16,
    (pressed, echo): (bool, bool),
    character: Option<char>,
    modifiers: Modifiers,
) -> Gd<InputEventKey> {
    let key_of = |code: u32| i32::try_from(code).ok().and_then(Key::try_from_ord).unwrap_or(Key::NONE);
    let physical = key_of(key::godot(number));
    // Of a letter the layout is known by what it types, of everything else the place on the keyboard is.
    let letter = character.filter(char::is_ascii_alphabetic).filter(|_| number != 0);
    let keycode = letter.map_or(physical, |letter| key_of(letter.to_ascii_uppercase().into()));
    let mut event = InputEventKey::new_gd();
    event.set_physical_keycode(physical);
    event.set_keycode(keycode);
    event.set_key_label(keycode);
    event.set_unicode(character.map_or(0, u32::from));
    event.set_pressed(pressed);
    event.set_echo(echo);
    event.set_location(location(key::code(number).unwrap_or_default()));
    set_modifiers(&mut event, modifiers);
    event
}

/// Godot tells it of the keys that there are two of.
fn location(code: &str) -> KeyLocation {
    let has_two = ["Shift", "Control", "Alt", "Meta"].iter().any(|name| code.starts_with(name));
    match () {
        () if has_two && code.ends_with("Left") => KeyLocation::LEFT,
        () if has_two && code.ends_with("Right") => KeyLocation::RIGHT,
        () => KeyLocation::UNSPECIFIED,
    }
}

fn motion(
    mapping: &Mapping,
    (at, by): ([f32; 2], [f32; 2]),
    mask: u64,
    pen: PenTip,
    modifiers: Modifiers,
) -> Gd<InputEventMouseMotion> {
    let mut event = InputEventMouseMotion::new_gd();
    event.set_position(mapping.point(at));
    event.set_global_position(mapping.point(at));
    event.set_relative(mapping.vector(by));
    event.set_screen_relative(mapping.vector(by));
    event.set_button_mask(mask_of(mask));
    event.set_pressure(pen.pressure);
    event.set_tilt(Vector2::new(pen.tilt[0], pen.tilt[1]));
    event.set_pen_inverted(pen.inverted);
    set_modifiers(&mut event, modifiers);
    event
}

fn set_modifiers(event: &mut Gd<impl Inherits<InputEventWithModifiers>>, modifiers: Modifiers) {
    let mut event = event.clone().upcast::<InputEventWithModifiers>();
    event.set_shift_pressed(modifiers.shift);
    event.set_ctrl_pressed(modifiers.control);
    event.set_alt_pressed(modifiers.alt);
    event.set_meta_pressed(modifiers.meta);
}

fn mask_of(mask: u64) -> MouseButtonMask {
    MouseButtonMask::try_from_ord(mask).unwrap_or_default()
}

use rendercast::units::{Size, ViewerId};

use super::*;

const MILLISECOND: u64 = 1_000_000;

struct World {
    translator: Translator,
    now_ns: u64,
}

impl World {
    fn new() -> Self {
        Self { translator: Translator::default(), now_ns: 0 }
    }

    fn after(&mut self, ms: u64, kind: InputKind) -> Vec<Action> {
        self.now_ns += ms * MILLISECOND;
        let (viewer, video) = (ViewerId(3), Size::new(200, 100));
        let event = InputEvent { viewer, received_ns: self.now_ns, page_time_us: None, video, kind };
        let mut out = Vec::new();
        self.translator.translate(&event, &mut out);
        out
    }

    fn tell(&mut self, kind: InputKind) -> Vec<Action> {
        self.after(10_000, kind)
    }
}

fn mouse(x: f32, y: f32, dx: f32, dy: f32, buttons: u16) -> InputKind {
    InputKind::Mouse { x, y, dx, dy, buttons }
}

fn key(code: &str, down: bool, character: Option<char>) -> InputKind {
    InputKind::Key { key: key::from_code(code).unwrap(), down, repeat: false, character }
}

fn text(text: &str) -> InputKind {
    InputKind::Text { text: text.into() }
}

#[test]
fn a_mouse_moves_then_presses_and_positions_are_parts_of_the_picture() {
    let mut world = World::new();
    let modifiers = Modifiers::default();
    let motion = |at, by, mask| Action::MouseMotion { at, by, mask, pen: PenTip::default(), modifiers };
    let button = |button, pressed, mask| Action::MouseButton {
        at: [0.5, 0.25],
        button,
        pressed,
        double_click: false,
        factor: 1.0,
        mask,
        modifiers,
    };
    let told = world.tell(mouse(100.0, 25.0, 10.0, -5.0, 1));
    assert_eq!(told, [motion([0.5, 0.25], [0.05, -0.05], 0), button(1, true, 1)]);
    assert_eq!(world.tell(mouse(100.0, 25.0, 0.0, 0.0, 1 | 4)), [button(3, true, 0b101)]);
    // Back and forward, and the left one goes.
    let told = world.tell(mouse(100.0, 25.0, 0.0, 0.0, 4 | 8 | 16));
    assert_eq!(told, [button(1, false, 0b100), button(8, true, 0b1000_0100), button(9, true, 0b1_1000_0100)]);
    // A locked pointer stands still and moves all the same.
    assert_eq!(world.tell(mouse(100.0, 25.0, 2.0, 0.0, 28)), [motion([0.5, 0.25], [0.01, 0.0], 0b1_1000_0100)]);
    assert_eq!(world.tell(mouse(100.0, 25.0, 0.0, 0.0, 28)), []);
}

#[test]
fn the_second_press_in_one_place_is_a_double_click() {
    let mut world = World::new();
    let mut double = |ms, buttons| {
        let told = world.after(ms, mouse(20.0, 20.0, 0.0, 0.0, buttons));
        told.iter().any(|action| matches!(action, Action::MouseButton { double_click: true, .. }))
    };
    assert_eq!(
        [double(0, 1), double(50, 0), double(50, 1), double(50, 0), double(50, 1)],
        [false, false, true, false, false]
    );
}

#[test]
fn a_wheels_notch_is_a_press_and_a_release_with_its_share() {
    let mut world = World::new();
    let wheel = |delta_x, delta_y| InputKind::Wheel { x: 20.0, y: 10.0, delta_x, delta_y };
    let told = world.tell(wheel(0.0, -150.0));
    let numbers: Vec<_> = told
        .iter()
        .map(|action| match *action {
            Action::MouseButton { at, button, pressed, factor, .. } => (at, button, pressed, factor),
            _ => panic!("{action:?}"),
        })
        .collect();
    assert_eq!(numbers, [([0.1, 0.1], 4, true, 1.5), ([0.1, 0.1], 4, false, 1.5)]);
    let buttons = |told: Vec<Action>| {
        told.into_iter()
            .map(|action| if let Action::MouseButton { button, .. } = action { button } else { 0 })
            .collect()
    };
    let both: Vec<i32> = buttons(world.tell(wheel(10.0, 10.0)));
    assert_eq!(both, [5, 5, 7, 7]);
    let left: Vec<i32> = buttons(world.tell(wheel(-10.0, 0.0)));
    assert_eq!(left, [6, 6]);
}

#[test]
fn a_key_brings_its_character_and_the_text_that_follows_it_is_not_told_twice() {
    let mut world = World::new();
    let of = |told: Vec<Action>| match told[..] {
        [Action::Key { key, pressed, echo: false, character, modifiers }] => (key, pressed, character, modifiers.shift),
        _ => panic!("{told:?}"),
    };
    let [shift, a] = ["ShiftLeft", "KeyA"].map(|code| key::from_code(code).unwrap());
    assert_eq!(of(world.tell(key("ShiftLeft", true, None))), (shift, true, None, true));
    assert_eq!(of(world.tell(key("KeyA", true, Some('A')))), (a, true, Some('A'), true));
    assert_eq!(world.tell(text("A")), []);
    assert_eq!(of(world.tell(key("ShiftLeft", false, None))), (shift, false, None, false));
    assert_eq!(of(world.tell(key("KeyA", false, None))), (a, false, None, false));
    // What an input method commits comes without a key, the same letter too.
    let typed =
        |pressed| Action::Key { key: 0, pressed, echo: false, character: Some('A'), modifiers: Modifiers::default() };
    assert_eq!(world.tell(text("A")), [typed(true), typed(false)]);
    world.tell(key("KeyA", true, Some('a')));
    assert_eq!(world.tell(text("ab")).len(), 2, "only the first letter is the key's");
}

#[test]
fn a_pen_is_a_mouse_that_presses() {
    let mut world = World::new();
    let pen = |phase, buttons, pressure| InputKind::Pen {
        phase,
        x: 50.0,
        y: 50.0,
        pressure,
        tilt_x: 45,
        tilt_y: -90,
        twist: 0,
        buttons,
    };
    let told = world.tell(pen(TouchPhase::Hovering, 0, 0.0));
    let [Action::MouseMotion { pen: tip, mask: 0, .. }] = told[..] else { panic!("{told:?}") };
    assert_eq!(tip, PenTip { pressure: 0.0, tilt: [0.5, -1.0], inverted: false });
    let told = world.tell(pen(TouchPhase::Began, ERASER, 0.5));
    assert!(matches!(told[..], [Action::MouseButton { button: 1, pressed: true, .. }]), "{told:?}");
    let told = world.tell(pen(TouchPhase::Moved, ERASER, 0.75));
    let [Action::MouseMotion { pen: tip, mask: 1, .. }] = told[..] else { panic!("{told:?}") };
    assert!(tip.inverted && tip.pressure == 0.75);
    let told = world.tell(pen(TouchPhase::Ended, 0, 0.0));
    assert!(matches!(told[..], [Action::MouseButton { button: 1, pressed: false, .. }]), "{told:?}");
}

#[test]
fn what_godot_has_no_event_for_is_nothing() {
    let mut world = World::new();
    for kind in [InputKind::Probe, InputKind::PageButton { id: 1 }, InputKind::Label { label: "Ann".into() }] {
        assert_eq!(world.tell(kind), []);
    }
}

#[test]
fn what_lets_go_is_known() {
    let mut world = World::new();
    world.tell(mouse(1.0, 1.0, 0.0, 0.0, 1));
    let told = world.tell(mouse(2.0, 2.0, 1.0, 1.0, 0));
    assert_eq!(told.iter().map(Action::releases).collect::<Vec<_>>(), [false, true]);
    assert!(Action::PadAxis { axis: 0, value: 0.0 }.releases());
    assert!(!Action::PadAxis { axis: 0, value: 0.1 }.releases());
}

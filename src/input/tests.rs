//! The decoders against messages recorded from the pages themselves, and against anything else.

use std::collections::HashSet;

use proptest::prelude::*;

use super::event::TouchPhase::{Began, Canceled, Ended, Moved};
use super::*;
use crate::units::Size;

const OLD: &str = include_str!("../../tests/vectors/urs-input-old.txt");
const NEW: &str = include_str!("../../tests/vectors/urs-input-new.txt");
const VIDEO: Size = Size::new(1280, 720);

/// Every message of a vector file: title and bytes.
fn golden(text: &str) -> Vec<(&str, Vec<u8>)> {
    let mut messages: Vec<(&str, Vec<u8>)> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            messages.push((title, Vec::new()));
        } else if let Some((_, bytes)) = messages.last_mut()
            && !line.starts_with("json:")
        {
            // Some lines begin with their offset.
            let hex = line.split_once("  ").map_or(line, |(_, hex)| hex);
            bytes.extend(hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()));
        }
    }
    messages.retain(|(_, bytes)| !bytes.is_empty());
    messages
}

fn decode(decoder: &mut Decoder, message: &[u8]) -> Vec<InputKind> {
    let mut out = Events::default();
    decoder.decode(message, VIDEO, &mut out).unwrap();
    kinds(&mut out)
}

fn kinds(events: &mut Events) -> Vec<InputKind> {
    events.drain().map(|(_, kind)| kind).collect()
}

fn old() -> Decoder {
    Decoder::for_label("data").unwrap()
}

fn new() -> Decoder {
    Decoder::for_label("input").unwrap()
}

fn released(decoder: &mut Decoder) -> Vec<InputKind> {
    let mut out = Events::default();
    decoder.release_all(&mut out);
    kinds(&mut out)
}

fn key(key: u16, down: bool) -> InputKind {
    InputKind::Key { key, down, repeat: false, character: None }
}

fn repeat(key: u16) -> InputKind {
    InputKind::Key { key, down: true, repeat: true, character: None }
}

/// Of the old format, which says what a key types.
fn typing(key: u16, down: bool, character: char) -> InputKind {
    InputKind::Key { key, down, repeat: false, character: Some(character) }
}

fn text(character: char) -> InputKind {
    InputKind::Text { text: character.into() }
}

fn mouse(at: (f32, f32), (dx, dy): (f32, f32), buttons: u16) -> InputKind {
    InputKind::Mouse { x: at.0, y: at.1, dx, dy, buttons }
}

/// A mouse that does not move.
fn still(x: f32, y: f32, buttons: u16) -> InputKind {
    mouse((x, y), (0.0, 0.0), buttons)
}

fn wheel((x, y): (f32, f32), delta_x: f32, delta_y: f32) -> InputKind {
    InputKind::Wheel { x, y, delta_x, delta_y }
}

fn touch(id: i32, phase: TouchPhase, x: f32, y: f32) -> InputKind {
    InputKind::Touch { id, phase, x, y, force: 1.0, radius_x: 0.0, radius_y: 0.0 }
}

fn pad(buttons: u32, axes: [f32; 6]) -> InputKind {
    InputKind::Gamepad { index: 0, buttons, axes }
}

/// A `NewEvents` message of one event.
fn envelope(kind: &[u8; 4], device: u16, payload: &[u8]) -> Vec<u8> {
    events(&[event(kind, device, payload)])
}

fn events(events: &[Vec<u8>]) -> Vec<u8> {
    let data = events.concat();
    let mut out = [0i32, 4, data.len() as i32].map(i32::to_le_bytes).concat();
    out.extend(data);
    out
}

fn event(kind: &[u8; 4], device: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = u32::from_be_bytes(*kind).to_le_bytes().to_vec();
    out.extend((20 + payload.len() as u16).to_le_bytes());
    out.extend(device.to_le_bytes());
    out.extend([0; 12]);
    out.extend(payload);
    out
}

fn state(format: &[u8; 4], device: u16, state: &[u8]) -> Vec<u8> {
    let mut payload = u32::from_be_bytes(*format).to_le_bytes().to_vec();
    payload.extend(state);
    event(b"STAT", device, &payload)
}

fn keys(down: &[u16]) -> Vec<u8> {
    let bits = down.iter().fold(0u128, |bits, key| bits | 1 << key);
    events(&[state(b"KEYS", 2, &bits.to_le_bytes()[..14])])
}

fn touch_state(id: i32, phase: u8, x: f32) -> Vec<u8> {
    let mut bytes = vec![0; 56];
    bytes[..4].copy_from_slice(&id.to_le_bytes());
    bytes[4..8].copy_from_slice(&x.to_le_bytes());
    bytes[20..24].copy_from_slice(&1f32.to_le_bytes());
    bytes[32] = phase;
    events(&[state(b"TOUC", 4, &bytes)])
}

fn mouse_state(floats: [f32; 6], buttons: u16) -> Vec<u8> {
    let mut bytes: Vec<u8> = floats.iter().flat_map(|f| f.to_le_bytes()).collect();
    bytes.extend(buttons.to_le_bytes());
    bytes.extend([0; 4]);
    events(&[state(b"MOUS", 1, &bytes)])
}

fn pad_state(device: u16, buttons: u32, axes: [f32; 6]) -> Vec<u8> {
    let mut bytes = buttons.to_le_bytes().to_vec();
    bytes.extend(axes.iter().flat_map(|f| f.to_le_bytes()));
    state(b"GPAD", device, &bytes)
}

#[test]
fn every_recorded_message_of_the_old_page_is_understood() {
    let expected = vec![
        ("Keyboard: KeyA(15) down", vec![typing(15, true, 'a'), text('a')]),
        ("Keyboard: KeyA up", vec![typing(15, false, 'a')]),
        ("Keyboard: ArrowLeft(61) down repeat", vec![repeat(61)]),
        ("Mouse: x=640", vec![still(640.0, 360.0, 1)]),
        ("MouseWheel", vec![wheel((640.0, 360.0), 0.0, 120.0)]),
        ("Touch", vec![touch(0, Began, 100.0, 520.0)]),
        ("ButtonClick", vec![InputKind::PageButton { id: 3 }]),
        ("Gamepad: button 0", vec![pad(1, [0.0; 6])]),
        ("Gamepad: axis 100", vec![pad(1, [0.5, -0.25, 0.0, 0.0, 0.0, 0.0])]),
    ];
    check(OLD, &mut old(), expected);
}

#[test]
fn every_recorded_message_of_the_new_page_is_understood() {
    let expected = vec![
        ("NewDevice Mouse", vec![]),
        ("NewDevice Keyboard", vec![]),
        ("NewDevice Gamepad", vec![]),
        ("NewDevice Touchscreen", vec![]),
        ("mouse STAT", vec![mouse((640.0, 360.0), (3.0, -2.0), 3)]),
        // The position stays; the buttons of this message are none.
        ("wheel", vec![still(640.0, 360.0, 0), wheel((640.0, 360.0), 0.0, 120.0)]),
        ("DOM back button", vec![mouse((0.0, 720.0), (-640.0, 360.0), 8)]),
        ("DOM forward button", vec![still(0.0, 720.0, 0)]),
        ("KeyW down", vec![key(37, true)]),
        ("KeyW + ShiftLeft", vec![key(51, true)]),
        ("ShiftLeft only", vec![key(37, false)]),
        ("TEXT 'w'", vec![text('w')]),
        ("TEXT 'é'", vec![]),
        ("gamepad GPAD", vec![pad(1 << 0 | 1 << 7, [0.25, 0.5, 0.0, -1.0, 0.0, 0.75])]),
        ("touch TOUC began", vec![touch(1, Began, 100.0, 520.0)]),
        ("touch TOUC moved", vec![touch(1, Moved, 110.0, 525.0)]),
        ("touch TOUC ended", vec![touch(1, Ended, 110.0, 525.0)]),
        ("touch TOUC after DOM click", vec![]),
    ];
    check(NEW, &mut new(), expected);
}

fn check(file: &str, decoder: &mut Decoder, expected: Vec<(&str, Vec<InputKind>)>) {
    let messages = golden(file);
    assert_eq!(messages.len(), expected.len());
    for ((title, bytes), (name, events)) in messages.into_iter().zip(expected) {
        assert!(title.contains(name), "{title}: not {name}");
        assert_eq!(decode(decoder, &bytes), events, "{title}");
    }
}

#[test]
fn an_event_has_the_time_that_its_page_says_and_the_old_page_says_none() {
    let mut out = Events::default();
    for (title, bytes) in golden(NEW) {
        new().decode(&bytes, VIDEO, &mut out).unwrap();
        let times: Vec<_> = out.drain().map(|(time, _)| time).collect();
        match title {
            title if title.contains("mouse STAT") => assert_eq!(times, [Some(1_500_000)]),
            title if title.contains("TEXT 'w'") => assert_eq!(times, [Some(3_000_000)]),
            title if title.contains("touch TOUC moved") => assert_eq!(times, [Some(5_100_000)]),
            _ => {}
        }
    }
    old().decode(&[0, 1, 0, 15, b'a'], VIDEO, &mut out).unwrap();
    assert!(out.drain().all(|(time, _)| time.is_none()));
    // What is let go is nothing that the page has done.
    let mut decoder = new();
    decoder.decode(&keys(&[5]), VIDEO, &mut out).unwrap();
    decoder.release_all(&mut out);
    assert_eq!(out.drain().map(|(time, _)| time).collect::<Vec<_>>(), [Some(0), None]);
}

#[test]
fn movement_of_a_mouse_is_that_of_its_position_and_of_a_locked_pointer_what_the_page_says() {
    let mut decoder = new();
    decode(&mut decoder, &mouse_state([10.0, 20.0, 7.0, 7.0, 0.0, 0.0], 0));
    let moved = decode(&mut decoder, &mouse_state([13.0, 25.0, 1.0, 1.0, 0.0, 0.0], 0));
    assert_eq!(moved, [mouse((13.0, 695.0), (3.0, -5.0), 0)]);
    let locked = decode(&mut decoder, &mouse_state([13.0, 25.0, 4.0, 2.0, 0.0, 0.0], 0));
    assert_eq!(locked, [mouse((13.0, 695.0), (4.0, -2.0), 0)]);
    let mut decoder = old();
    decode(&mut decoder, &[1, 10, 0, 20, 0, 0]);
    assert_eq!(decode(&mut decoder, &[1, 13, 0, 25, 0, 1]), [mouse((13.0, 695.0), (3.0, -5.0), 1)]);
}

#[test]
fn what_is_held_stays_in_its_place_on_a_picture_of_another_size() {
    let mut decoder = new();
    decode(&mut decoder, &mouse_state([640.0, 180.0, 0.0, 0.0, 0.0, 0.0], 1));
    decode(&mut decoder, &touch_state(7, 1, 320.0));
    let half = Size::new(640, 360);
    let mut out = Events::default();
    decoder.decode(&keys(&[]), half, &mut out).unwrap();
    decoder.release_all(&mut out);
    assert_eq!(kinds(&mut out), [still(320.0, 270.0, 0), touch(7, Canceled, 160.0, 360.0)]);
}

#[test]
fn only_the_two_labels_have_a_decoder() {
    assert!(matches!(Decoder::for_label("data"), Some(Decoder::UrsOld(_))));
    assert!(matches!(Decoder::for_label("input"), Some(Decoder::UrsNew(_))));
    assert!(Decoder::for_label("multiplay").is_none());
}

#[test]
fn old_text_comes_with_downs_and_repeats_and_only_if_it_is_a_character() {
    let mut decoder = old();
    let repeated = InputKind::Key { key: 15, down: true, repeat: true, character: Some('a') };
    assert_eq!(decode(&mut decoder, &[0, 1, 0, 15, b'a']), [typing(15, true, 'a'), text('a')]);
    assert_eq!(decode(&mut decoder, &[0, 1, 1, 15, b'a']), [repeated, text('a')]);
    // A key without a number that types; the low byte of a Cyrillic letter; a key-up; the first releases' 4 bytes.
    assert_eq!(decode(&mut decoder, &[0, 1, 0, 0, 0xE9]), [text('é')]);
    assert_eq!(decode(&mut decoder, &[0, 1, 0, 0, 0x10]), []);
    assert_eq!(decode(&mut decoder, &[0, 0, 0, 15, b'a']), [typing(15, false, 'a')]);
    assert_eq!(decode(&mut decoder, &[0, 1, 0, 16]), [key(16, true)]);
}

#[test]
fn second_down_without_an_up_is_a_repeat() {
    let mut decoder = old();
    decode(&mut decoder, &[0, 1, 0, 15, 0]);
    assert_eq!(decode(&mut decoder, &[0, 1, 0, 15, 0]), [repeat(15)]);
}

#[test]
fn old_finger_that_is_not_listed_any_more_has_ended() {
    let mut decoder = old();
    let finger = |id: u8, phase: u8, x: u8| [id, 0, 0, 0, phase, x, 0, 0, 0, 0, 0, 0x80, 0x3F];
    let message = |fingers: &[[u8; 13]]| [vec![3, fingers.len() as u8], fingers.concat()].concat();
    decode(&mut decoder, &message(&[finger(0, 1, 1), finger(1, 1, 2)]));
    let events = decode(&mut decoder, &message(&[finger(1, 5, 2), finger(2, 1, 3)]));
    assert_eq!(events, [touch(0, Ended, 1.0, 720.0), touch(2, Began, 3.0, 720.0)]);
    let events = decode(&mut decoder, &message(&[]));
    assert_eq!(events, [touch(1, Ended, 2.0, 720.0), touch(2, Ended, 3.0, 720.0)]);
}

#[test]
fn old_held_button_is_told_once_and_triggers_have_a_value() {
    let mut decoder = old();
    let button =
        |action: u8, control: u8, value: f64| [vec![5, action, control], value.to_le_bytes().to_vec()].concat();
    assert_eq!(decode(&mut decoder, &button(1, 7, 0.5)), [pad(1 << 7, [0.0, 0.0, 0.0, 0.0, 0.0, 0.5])]);
    assert_eq!(decode(&mut decoder, &button(2, 7, 0.5)), []);
    assert_eq!(decode(&mut decoder, &button(2, 7, 0.75)), [pad(1 << 7, [0.0, 0.0, 0.0, 0.0, 0.0, 0.75])]);
    assert_eq!(decode(&mut decoder, &button(0, 7, 0.0)), [pad(0, [0.0; 6])]);
    let mut out = Events::default();
    assert_eq!(decoder.decode(&button(1, 17, 1.0), VIDEO, &mut out), Err(InputError::GamepadControl(17)));
    assert_eq!(decoder.decode(&button(1, 0, f64::NAN), VIDEO, &mut out), Err(InputError::NotFinite));
}

#[test]
fn new_wheel_keeps_the_last_good_position() {
    let mut decoder = new();
    assert_eq!(decode(&mut decoder, &mouse_state([9.0, 9.0, 0.0, 0.0, 0.0, -3.0], 0)), [wheel((0.0, 0.0), 0.0, -3.0)]);
    decode(&mut decoder, &mouse_state([10.0, 20.0, 0.0, 0.0, 0.0, 0.0], 1));
    assert_eq!(
        decode(&mut decoder, &mouse_state([999.0, 999.0, 0.0, 0.0, 2.0, 0.0], 1)),
        [wheel((10.0, 700.0), 2.0, 0.0)]
    );
    assert_eq!(released(&mut decoder), [still(10.0, 700.0, 0)]);
}

#[test]
fn new_state_that_says_nothing_new_is_no_event() {
    let mut decoder = new();
    for message in [
        mouse_state([1.0, 2.0, 0.0, 0.0, 0.0, 0.0], 1),
        keys(&[5, 6]),
        touch_state(1, 1, 5.0),
        events(&[pad_state(3, 1, [0.1; 6])]),
    ] {
        assert!(!decode(&mut decoder, &message).is_empty());
        assert_eq!(decode(&mut decoder, &message), []);
    }
}

#[test]
fn new_mouse_buttons_become_those_of_the_dom() {
    let mut decoder = new();
    for (unity, dom) in [(1, 1), (2, 2), (4, 4), (8, 16), (16, 8), (0x7F, 31)] {
        assert_eq!(decode(&mut decoder, &mouse_state([0.0; 6], unity)), [still(0.0, 720.0, dom)]);
    }
}

#[test]
fn new_gamepad_buttons_become_those_of_the_w3c_mapping() {
    let mut decoder = new();
    for (bit, w3c) in [12, 13, 14, 15, 3, 1, 0, 2, 10, 11, 4, 5, 9, 8].into_iter().enumerate() {
        let message = events(&[pad_state(3, 1 << bit, [0.0; 6])]);
        assert_eq!(decode(&mut decoder, &message), [pad(1 << w3c, [0.0; 6])]);
    }
    let squeezed = events(&[pad_state(3, 0, [0.0, 0.0, 0.0, 0.0, 0.5, 2.0])]);
    assert_eq!(decode(&mut decoder, &squeezed), [pad(1 << 6 | 1 << 7, [0.0, 0.0, 0.0, 0.0, 0.5, 1.0])]);
}

#[test]
fn new_keys_that_changed_are_told_releases_first() {
    let mut decoder = new();
    assert_eq!(decode(&mut decoder, &keys(&[1, 110])), [key(1, true), key(110, true)]);
    assert_eq!(decode(&mut decoder, &keys(&[0, 2, 110, 111])), [key(1, false), key(2, true)]);
}

#[test]
fn new_text_leaves_out_what_types_nothing() {
    let mut decoder = new();
    let mut typed = |character: u32| decode(&mut decoder, &envelope(b"TEXT", 2, &character.to_le_bytes()));
    for nothing in [0, 16, 17, 0xD800, 0x11_0000, u32::MAX] {
        assert_eq!(typed(nothing), []);
    }
    for something in ['A', '\r', '\u{8}', 'я'] {
        assert_eq!(typed(something.into()), [text(something)]);
    }
}

#[test]
fn several_events_in_one_message_are_aligned_to_four_bytes() {
    let mut keyboard = state(b"KEYS", 2, &[2; 14]);
    assert_eq!(keyboard.len(), 38);
    keyboard.extend([0, 0]);
    let message = events(&[keyboard, event(b"TEXT", 2, &[b'q', 0, 0, 0])]);
    assert_eq!(decode(&mut new(), &message).last(), Some(&text('q')));
}

#[test]
fn second_gamepad_has_a_place_of_its_own_and_gives_it_back() {
    let mut decoder = new();
    decode(&mut decoder, &events(&[pad_state(3, 1, [0.0; 6]), pad_state(9, 1, [0.0; 6])]));
    let neutral = InputKind::Gamepad { index: 1, buttons: 0, axes: [0.0; 6] };
    let remove = [0i32, 5, 4, 9].map(i32::to_le_bytes).concat();
    assert_eq!(decode(&mut decoder, &remove), [neutral]);
    for device in 10..13 {
        decode(&mut decoder, &events(&[pad_state(device, 1, [0.0; 6])]));
    }
    let fifth = events(&[pad_state(13, 1, [0.0; 6])]);
    assert_eq!(decoder.decode(&fifth, VIDEO, &mut Events::default()), Err(InputError::Gamepads));
}

#[test]
fn everything_held_is_let_go_once() {
    let mut decoder = new();
    for message in [
        keys(&[5, 60]),
        mouse_state([10.0, 20.0, 0.0, 0.0, 0.0, 0.0], 5),
        touch_state(7, 1, 5.0),
        events(&[pad_state(3, 0, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0])]),
    ] {
        decode(&mut decoder, &message);
    }
    let expected =
        [key(5, false), key(60, false), still(10.0, 700.0, 0), touch(7, Canceled, 5.0, 720.0), pad(0, [0.0; 6])];
    assert_eq!(released(&mut decoder), expected);
    assert_eq!(released(&mut decoder), []);

    let mut decoder = old();
    golden(OLD).iter().for_each(|(_, bytes)| drop(decode(&mut decoder, bytes)));
    let expected = [key(61, false), still(640.0, 360.0, 0), touch(0, Canceled, 100.0, 520.0), pad(0, [0.0; 6])];
    assert_eq!(released(&mut decoder), expected);
}

#[test]
fn disconnect_lets_go_too() {
    let mut decoder = new();
    decode(&mut decoder, &keys(&[5]));
    assert_eq!(decode(&mut decoder, &[0i32, 1, 0].map(i32::to_le_bytes).concat()), [key(5, false)]);
}

#[test]
fn fingers_of_one_viewer_are_bounded() {
    let mut decoder = new();
    let results: Vec<_> =
        (0..100).map(|id| decoder.decode(&touch_state(id, 1, 0.0), VIDEO, &mut Events::default())).collect();
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), held::MAX_FINGERS);
    assert_eq!(results.last(), Some(&Err(InputError::Fingers)));
}

#[test]
fn nonsense_is_named() {
    let error =
        |mut decoder: Decoder, message: &[u8]| decoder.decode(message, VIDEO, &mut Events::default()).unwrap_err();
    assert_eq!(error(old(), &[]), InputError::Truncated { needed: 1, left: 0 });
    assert_eq!(error(old(), &[9]), InputError::MessageType(9));
    assert_eq!(error(old(), &[0, 1, 0, 111, 0]), InputError::Key(111));
    assert_eq!(error(new(), &[0i32, 10, 0].map(i32::to_le_bytes).concat()), InputError::MessageType(10));
    assert_eq!(error(new(), &envelope(b"WHAT", 1, &[])), InputError::EventType(0x5748_4154));
    assert_eq!(error(new(), &events(&[state(b"NONE", 1, &[])])), InputError::StateFormat(0x4E4F_4E45));
    assert_eq!(error(new(), &touch_state(1, 6, 0.0)), InputError::TouchPhase(6));
    assert_eq!(error(new(), &mouse_state([f32::NAN; 6], 0)), InputError::NotFinite);
    let mut small = envelope(b"TEXT", 2, &[65, 0, 0, 0]);
    small[16] = 19;
    assert_eq!(error(new(), &small), InputError::EventSize(19));
    assert!(matches!(error(new(), &[0i32, 3, 0].map(i32::to_le_bytes).concat()), InputError::Device(_)));
}

#[test]
fn truncated_messages_are_refused() {
    for (title, bytes) in golden(OLD).iter().chain(&golden(NEW)) {
        // Without its character a key is still a key; the last bytes of a gamepad message are unused.
        let needed = match (bytes.first(), bytes.len()) {
            (_, 5) => 4,
            (_, 19 | 27) => bytes.len() - 8,
            _ => bytes.len(),
        };
        for cut in 0..needed {
            let mut decoder = if OLD.contains(title) { old() } else { new() };
            let mut out = Events::default();
            assert!(decoder.decode(&bytes[..cut], VIDEO, &mut out).is_err(), "{title} cut to {cut}");
            assert!(out.is_empty(), "{title} cut to {cut}");
        }
    }
}

/// Messages that look right up to some point.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let recorded: Vec<Vec<u8>> = golden(OLD).into_iter().chain(golden(NEW)).map(|(_, bytes)| bytes).collect();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let changed = (prop::sample::select(recorded), changes).prop_map(|(mut bytes, changes)| {
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        bytes
    });
    prop_oneof![3 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #[test]
    fn any_bytes_are_survived_and_everything_held_can_be_let_go(
        messages in proptest::collection::vec(any_message(), 0..60),
    ) {
        for label in ["data", "input"] {
            let mut decoder = Decoder::for_label(label).unwrap();
            let mut out = Events::default();
            for message in &messages {
                let _ = decoder.decode(message, VIDEO, &mut out);
            }
            decoder.release_all(&mut out);
            prop_assert!(released(&mut decoder).is_empty() && !decoder.holds_anything());
            check_outcome(&kinds(&mut out))?;
        }
    }
}

/// At the end nothing is held; on the way every number is finite and every finger begins before it moves or ends.
pub(super) fn check_outcome(events: &[InputKind]) -> Result<(), TestCaseError> {
    let (mut keys, mut fingers) = (HashSet::new(), HashSet::new());
    let (mut buttons, mut pads, mut plugged) = (0, [0; held::MAX_PADS], [false; held::MAX_PADS]);
    let (mut pen_touches, mut pen_buttons, mut composes) = (false, 0, false);
    for event in events {
        match *event {
            InputKind::Key { key, down: true, .. } => drop(keys.insert(key)),
            InputKind::Key { key, down: false, .. } => drop(keys.remove(&key)),
            InputKind::Mouse { x, y, dx, dy, buttons: now } => {
                prop_assert!([x, y, dx, dy].iter().all(|number| number.is_finite()) && now <= 31);
                buttons = now;
            }
            InputKind::Wheel { x, y, delta_x, delta_y } => {
                prop_assert!([x, y, delta_x, delta_y].iter().all(|number| number.is_finite()));
            }
            InputKind::Touch { id, phase, x, y, force, radius_x, radius_y } => {
                prop_assert!([x, y, force, radius_x, radius_y].iter().all(|number| number.is_finite()));
                match phase {
                    Began => prop_assert!(fingers.insert(id)),
                    Ended | Canceled => prop_assert!(fingers.remove(&id)),
                    Moved => prop_assert!(fingers.contains(&id)),
                    TouchPhase::Stationary | TouchPhase::Hovering => prop_assert!(false),
                }
            }
            InputKind::Pen { phase, x, y, pressure, buttons, .. } => {
                prop_assert!(x.is_finite() && y.is_finite() && (0.0..=1.0).contains(&pressure));
                prop_assert_eq!(pen_touches, matches!(phase, Moved | Ended | Canceled), "{:?}", phase);
                pen_touches = matches!(phase, Began | Moved);
                pen_buttons = buttons;
            }
            InputKind::Gamepad { index, buttons, axes } => {
                prop_assert!(axes.iter().all(|axis| (-1.0..=1.0).contains(axis)));
                pads[usize::from(index)] = buttons;
            }
            InputKind::GamepadConnected { index, .. } => {
                prop_assert!(
                    !std::mem::replace(&mut plugged[usize::from(index)], true) && pads[usize::from(index)] == 0
                );
            }
            InputKind::GamepadDisconnected { index } => {
                prop_assert!(std::mem::take(&mut plugged[usize::from(index)]) && pads[usize::from(index)] == 0);
            }
            InputKind::Composition { phase, .. } => {
                composes = matches!(phase, CompositionPhase::Started | CompositionPhase::Updated);
            }
            InputKind::Text { ref text } => prop_assert!(!text.is_empty() && !text.contains('\0')),
            InputKind::PageButton { .. }
            | InputKind::Probe
            | InputKind::Label { .. }
            | InputKind::TextField { .. }
            | InputKind::Clipboard { .. }
            | InputKind::Message { .. } => {}
        }
    }
    prop_assert!(keys.is_empty() && fingers.is_empty() && buttons == 0 && pads == [0; held::MAX_PADS]);
    prop_assert!(!pen_touches && pen_buttons == 0 && !composes);
    Ok(())
}

//! Our own format against the vectors that its encoder is tested against too, and against anything else.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::tests::check_outcome;
use super::*;
use crate::units::{Size, ViewerId};

const VECTORS: &str = include_str!("../../tests/vectors/input-compact.json");
const VIDEO: Size = Size::new(1280, 720);

/// A message, what a page means by it, and what the host is to be given.
#[derive(Deserialize)]
struct Vector {
    name: String,
    channel: String,
    sequence: u32,
    time_ms: f64,
    records: Vec<Record>,
    hex: String,
    /// As in `rendercast_input_json`, without what is the same for every event. None: the message is stale.
    events: Option<Vec<Value>>,
}

/// A record as the page has it before it is encoded; every number as in the format.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Record {
    Key { down: bool, repeat: bool, key: u16, character: u32 },
    Text { text: String },
    Composition { phase: u8, caret: u16, text: String },
    Mouse { x: f32, y: f32, dx: f32, dy: f32, buttons: u16 },
    Wheel { x: f32, y: f32, dx: f32, dy: f32 },
    Touch { id: i32, phase: u8, x: f32, y: f32, force: f32, radius_x: f32, radius_y: f32 },
    Pen { phase: u8, buttons: u16, x: f32, y: f32, pressure: f32, tilt_x: i16, tilt_y: i16, twist: u16 },
    Gamepad { index: u8, buttons: u32, sticks: [i16; 4], triggers: [u8; 2] },
    GamepadPlugged { index: u8, connected: bool, flags: u8, id: String },
    Release {},
}

fn encode(record: &Record) -> Vec<u8> {
    let floats = |numbers: &[f32]| -> Vec<u8> { numbers.iter().flat_map(|number| number.to_le_bytes()).collect() };
    let shorts = |numbers: &[i16]| -> Vec<u8> { numbers.iter().flat_map(|number| number.to_le_bytes()).collect() };
    let text = |text: &str| [&(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat();
    match record {
        Record::Key { down, repeat, key, character } => {
            let flags = u8::from(*down) | u8::from(*repeat) << 1;
            [&[1, flags][..], &key.to_le_bytes(), &character.to_le_bytes()].concat()
        }
        Record::Text { text: typed } => [vec![2], text(typed)].concat(),
        Record::Composition { phase, caret, text: composed } => {
            [&[3, *phase][..], &caret.to_le_bytes(), &text(composed)].concat()
        }
        Record::Mouse { x, y, dx, dy, buttons } => {
            [&[4][..], &floats(&[*x, *y, *dx, *dy]), &buttons.to_le_bytes()].concat()
        }
        Record::Wheel { x, y, dx, dy } => [vec![5], floats(&[*x, *y, *dx, *dy])].concat(),
        Record::Touch { id, phase, x, y, force, radius_x, radius_y } => {
            [&[6][..], &id.to_le_bytes(), &[*phase], &floats(&[*x, *y, *force, *radius_x, *radius_y])].concat()
        }
        Record::Pen { phase, buttons, x, y, pressure, tilt_x, tilt_y, twist } => {
            let numbers = floats(&[*x, *y, *pressure]);
            [&[7, *phase][..], &buttons.to_le_bytes(), &numbers, &shorts(&[*tilt_x, *tilt_y]), &twist.to_le_bytes()]
                .concat()
        }
        Record::Gamepad { index, buttons, sticks, triggers } => {
            [&[8, *index][..], &buttons.to_le_bytes(), &shorts(sticks), triggers].concat()
        }
        Record::GamepadPlugged { index, connected, flags, id } => {
            [&[9, *index, u8::from(*connected), *flags, id.len() as u8][..], id.as_bytes()].concat()
        }
        Record::Release {} => vec![10],
    }
}

fn message(sequence: u32, time_ms: f64, records: &[Record]) -> Vec<u8> {
    let records: Vec<u8> = records.iter().flat_map(encode).collect();
    [&[1][..], &sequence.to_le_bytes(), &time_ms.to_le_bytes(), &records].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kinds(events: &mut Events) -> Vec<InputKind> {
    events.drain().map(|(_, kind)| kind).collect()
}

fn decode(compact: &mut Compact, lane: Lane, message: &[u8]) -> Vec<InputKind> {
    let mut out = Events::default();
    compact.decode(lane, message, VIDEO, &mut out).unwrap();
    kinds(&mut out)
}

fn refusal(lane: Lane, records: &[Record]) -> InputError {
    let message = message(1, 0.0, records);
    Compact::default().decode(lane, &message, VIDEO, &mut Events::default()).unwrap_err()
}

/// One after the other, as messages of one page.
#[test]
fn every_vector_is_understood() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.len() > 20);
    let mut compact = Compact::default();
    for vector in vectors {
        let name = &vector.name;
        let bytes = message(vector.sequence, vector.time_ms, &vector.records);
        assert_eq!(hex(&bytes), vector.hex, "{name}");
        let lane = Compact::lane(&vector.channel).unwrap();
        let mut out = Events::default();
        let outcome = compact.decode(lane, &bytes, VIDEO, &mut out).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome == Outcome::Stale, vector.events.is_none(), "{name}");
        let said: Vec<Value> = out.drain().map(|(time, kind)| without_the_usual(time, kind)).collect();
        assert_eq!(said, vector.events.unwrap_or_default(), "{name}");
    }
}

fn without_the_usual(page_time_us: Option<u64>, kind: InputKind) -> Value {
    let event = InputEvent { viewer: ViewerId(1), received_ns: 0, page_time_us, video: VIDEO, kind };
    let mut value: Value = serde_json::from_str(&json::json(&event)).unwrap();
    for usual in ["viewer", "received_ns", "width", "height"] {
        value.as_object_mut().unwrap().remove(usual);
    }
    value
}

fn mouse(buttons: u16) -> Record {
    Record::Mouse { x: 0.5, y: 0.5, dx: 1.0, dy: 0.0, buttons }
}

fn touch(phase: u8) -> Record {
    Record::Touch { id: 3, phase, x: 0.5, y: 0.5, force: 1.0, radius_x: 0.0, radius_y: 0.0 }
}

fn pen(phase: u8) -> Record {
    Record::Pen { phase, buttons: 0, x: 0.5, y: 0.5, pressure: 0.5, tilt_x: 0, tilt_y: 0, twist: 0 }
}

const SPACE: Record = Record::Key { down: true, repeat: false, key: 1, character: 32 };

#[test]
fn moves_that_were_overtaken_are_stale_and_what_is_reliable_never_is() {
    let mut compact = Compact::default();
    let mut at = |lane, sequence: u32| {
        let mut out = Events::default();
        compact.decode(lane, &message(sequence, 0.0, &[mouse(0)]), VIDEO, &mut out).unwrap()
    };
    use Lane::{Moves, Reliable};
    use Outcome::{Stale, Understood};
    assert_eq!([at(Moves, u32::MAX - 1), at(Moves, u32::MAX), at(Moves, 1)], [Understood; 3]);
    assert_eq!([at(Moves, 0), at(Moves, u32::MAX)], [Stale; 2]);
    // What is late on the reliable channel counts, and does not turn the clock back.
    assert_eq!([at(Reliable, 0), at(Moves, 0), at(Moves, 2)], [Understood, Stale, Understood]);
    assert_eq!([at(Reliable, 9), at(Moves, 8), at(Moves, 10)], [Understood, Stale, Understood]);
}

#[test]
fn what_may_be_lost_carries_nothing_that_must_not_be() {
    for record in [
        SPACE,
        Record::Text { text: "a".into() },
        Record::Composition { phase: 1, caret: 0, text: String::new() },
        Record::Wheel { x: 0.0, y: 0.0, dx: 0.0, dy: 1.0 },
        touch(1),
        touch(3),
        touch(4),
        pen(1),
        pen(3),
        pen(4),
        Record::GamepadPlugged { index: 0, connected: true, flags: 0, id: String::new() },
        Record::Release {},
    ] {
        let kind = encode(&record)[0];
        assert_eq!(refusal(Lane::Moves, &[record]), InputError::Unreliable(kind));
    }
    for record in [mouse(1), touch(2), pen(0), pen(2)] {
        assert_eq!(decode(&mut Compact::default(), Lane::Moves, &message(1, 0.0, &[record])).len(), 1);
    }
}

#[test]
fn nonsense_is_named_and_what_came_before_it_counts() {
    assert_eq!(refusal(Lane::Reliable, &[touch(0)]), InputError::TouchPhase(0));
    assert_eq!(refusal(Lane::Reliable, &[pen(5)]), InputError::TouchPhase(5));
    let composition = Record::Composition { phase: 5, caret: 0, text: String::new() };
    assert_eq!(refusal(Lane::Reliable, &[composition]), InputError::CompositionPhase(5));
    let key = Record::Key { down: true, repeat: false, key: key::MAX + 1, character: 0 };
    assert_eq!(refusal(Lane::Reliable, &[key]), InputError::Key(key::MAX + 1));
    let pad = |index| Record::Gamepad { index, buttons: 0, sticks: [0; 4], triggers: [0; 2] };
    assert_eq!(refusal(Lane::Reliable, &[pad(4)]), InputError::Gamepads);
    let plug = Record::GamepadPlugged { index: 4, connected: true, flags: 0, id: String::new() };
    assert_eq!(refusal(Lane::Reliable, &[plug]), InputError::Gamepads);
    let wheel = Record::Wheel { x: 0.0, y: 0.0, dx: f32::NAN, dy: 0.0 };
    assert_eq!(refusal(Lane::Reliable, &[wheel]), InputError::NotFinite);

    let refused = |bytes: &[u8]| {
        let mut out = Events::default();
        let error = Compact::default().decode(Lane::Reliable, bytes, VIDEO, &mut out).unwrap_err();
        (error, out.len())
    };
    let good = message(1, 0.0, &[SPACE]);
    assert_eq!(refused(&[2]), (InputError::Version(2), 0));
    assert_eq!(refused(&message(1, f64::INFINITY, &[])), (InputError::NotFinite, 0));
    assert_eq!(refused(&[&good[..], &[0]].concat()), (InputError::RecordType(0), 2));
    assert_eq!(refused(&[&good[..], &[11]].concat()), (InputError::RecordType(11), 2));
    assert_eq!(refused(&[&good[..], &[2, 1, 0, 0xFF]].concat()), (InputError::NotUtf8, 2));
    assert_eq!(refused(&[&good[..], &[2, 2, 0, b'a']].concat()), (InputError::Truncated { needed: 2, left: 1 }, 2));
    let long = vec![1; compact::LONGEST_MESSAGE + 1];
    assert_eq!(refused(&long), (InputError::TooLong(long.len()), 0));
    let longest = Record::Composition { phase: 2, caret: 0, text: "x".repeat(65_535) };
    assert_eq!(decode(&mut Compact::default(), Lane::Reliable, &message(1, 0.0, &[longest])).len(), 1);
}

#[test]
fn positions_outside_of_the_picture_are_on_its_edge() {
    let record = Record::Mouse { x: -3.0, y: 1e9, dx: 0.0, dy: 0.0, buttons: 0xFFFF };
    let expected = InputKind::Mouse { x: 0.0, y: 720.0, dx: 0.0, dy: 0.0, buttons: 31 };
    assert_eq!(decode(&mut Compact::default(), Lane::Reliable, &message(1, 0.0, &[record])), [expected]);
}

#[test]
fn a_page_that_loses_the_focus_lets_go_of_everything_once() {
    let mut compact = Compact::default();
    let pad = Record::Gamepad { index: 1, buttons: 1, sticks: [i16::MIN, 0, 0, 0], triggers: [0, 255] };
    let composing = Record::Composition { phase: 2, caret: 1, text: "に".into() };
    let records = [SPACE, mouse(4), touch(1), pen(1), pad, composing];
    decode(&mut compact, Lane::Reliable, &message(1, 0.0, &records));
    let let_go = decode(&mut compact, Lane::Reliable, &message(2, 0.0, &[Record::Release {}]));
    let names: Vec<_> = let_go.iter().map(|kind| serde_json::to_value(kind).unwrap()["type"].clone()).collect();
    assert_eq!(names, ["composition", "key", "mouse", "touch", "pen", "gamepad"]);
    assert_eq!(decode(&mut compact, Lane::Reliable, &message(3, 0.0, &[Record::Release {}])), []);
}

#[test]
fn a_pen_that_hovers_although_it_touched_has_been_lifted() {
    let mut compact = Compact::default();
    let mut phase = |number| {
        let said = decode(&mut compact, Lane::Reliable, &message(1, 0.0, &[pen(number)]));
        said.into_iter().map(|kind| if let InputKind::Pen { phase, .. } = kind { phase } else { panic!() }).collect()
    };
    use TouchPhase::{Began, Canceled, Ended, Hovering, Moved};
    let phases: Vec<Vec<TouchPhase>> = [0, 1, 1, 2, 0, 2, 3, 3, 1, 4].map(&mut phase).into();
    let expected = [
        vec![Hovering],
        vec![Began],
        vec![Moved],
        vec![Moved],
        vec![Ended, Hovering],
        vec![Began],
        vec![Ended],
        vec![Hovering],
        vec![Began],
        vec![Canceled],
    ];
    assert_eq!(phases, expected);
}

#[test]
fn a_gamepad_that_is_pulled_out_lets_go_first() {
    let mut compact = Compact::default();
    let plug = |connected| Record::GamepadPlugged { index: 2, connected, flags: 3, id: "Pad".into() };
    let pad = Record::Gamepad { index: 2, buttons: 1, sticks: [0; 4], triggers: [0; 2] };
    let connected = InputKind::GamepadConnected {
        index: 2,
        dual_rumble: true,
        trigger_rumble: true,
        standard_mapping: false,
        id: "Pad".into(),
    };
    let pressed = |buttons| InputKind::Gamepad { index: 2, buttons, axes: [0.0; 6] };
    let gone = InputKind::GamepadDisconnected { index: 2 };
    let mut said = |records: &[Record]| decode(&mut compact, Lane::Reliable, &message(1, 0.0, records));
    assert_eq!(said(&[plug(true), pad.clone()]), [connected.clone(), pressed(1)]);
    // Another one in its place.
    assert_eq!(said(&[plug(true)]), [pressed(0), gone.clone(), connected]);
    assert_eq!(said(&[pad, plug(false), plug(false)]), [pressed(1), pressed(0), gone]);
}

fn any_record() -> impl Strategy<Value = Record> {
    let part = || -1.0f32..2.0;
    prop_oneof![
        (any::<bool>(), any::<bool>(), 0u16..200, 0u32..0x11_0000)
            .prop_map(|(down, repeat, key, character)| Record::Key { down, repeat, key, character }),
        ".{0,20}".prop_map(|text| Record::Text { text }),
        (0u8..6, any::<u16>(), ".{0,9}").prop_map(|(phase, caret, text)| Record::Composition { phase, caret, text }),
        (part(), part(), -9f32..9.0, any::<u16>()).prop_map(|(x, y, dx, buttons)| Record::Mouse {
            x,
            y,
            dx,
            dy: -dx,
            buttons
        }),
        (part(), part(), any::<f32>()).prop_map(|(x, y, dx)| Record::Wheel { x, y, dx, dy: 1.0 }),
        (0i32..40, 1u8..5, part(), part())
            .prop_map(|(id, phase, x, y)| { Record::Touch { id, phase, x, y, force: x, radius_x: y, radius_y: 1.0 } }),
        (0u8..5, any::<u16>(), part(), any::<i16>()).prop_map(|(phase, buttons, x, tilt_x)| {
            Record::Pen { phase, buttons, x, y: x, pressure: x, tilt_x, tilt_y: 1, twist: buttons }
        }),
        (0u8..4, any::<u32>(), any::<[i16; 4]>(), any::<[u8; 2]>())
            .prop_map(|(index, buttons, sticks, triggers)| Record::Gamepad { index, buttons, sticks, triggers }),
        (0u8..4, any::<bool>(), any::<u8>(), ".{0,9}")
            .prop_map(|(index, connected, flags, id)| Record::GamepadPlugged { index, connected, flags, id }),
        Just(Record::Release {}),
    ]
}

/// Messages that are right but for some of their bytes.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    let records = proptest::collection::vec(any_record(), 0..5);
    let changed = (any::<u32>(), records, changes).prop_map(|(sequence, records, changes)| {
        let mut bytes = message(sequence, 1.0, &records);
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        bytes
    });
    prop_oneof![4 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..100)]
}

proptest! {
    #[test]
    fn any_bytes_are_survived_and_everything_held_can_be_let_go(
        messages in proptest::collection::vec((any::<bool>(), any_message()), 0..40),
    ) {
        let mut channels = InputChannels::default();
        channels.open(1, compact::RELIABLE_LABEL);
        channels.open(2, compact::MOVES_LABEL);
        let mut out = Events::default();
        for (moves, message) in &messages {
            let _ = channels.decode(if *moves { 2 } else { 1 }, false, message, VIDEO, &mut out);
        }
        channels.close_all(&mut out);
        prop_assert!(!channels.holds_anything());
        check_outcome(&kinds(&mut out))?;
    }

    #[test]
    fn what_a_page_encodes_is_what_the_host_is_given(
        id in any::<i32>(),
        (x, y) in (0f32..=1.0, 0f32..=1.0),
        (radius_x, radius_y) in (0f32..99.0, 0f32..99.0),
        text in "[^\0]{1,40}",
        caret in any::<u16>(),
        sticks in any::<[i16; 4]>(),
        time_ms in 0f64..1e9,
    ) {
        let records = [
            Record::Touch { id, phase: 1, x, y, force: y, radius_x, radius_y },
            Record::Text { text: text.clone() },
            Record::Composition { phase: 2, caret, text: text.clone() },
            Record::Gamepad { index: 3, buttons: u32::MAX, sticks, triggers: [255, 0] },
        ];
        let mut out = Events::default();
        Compact::default().decode(Lane::Reliable, &message(7, time_ms, &records), VIDEO, &mut out).unwrap();
        let (times, said): (Vec<_>, Vec<_>) = out.drain().unzip();
        prop_assert!(times.iter().all(|time| time.unwrap().abs_diff((time_ms * 1e3) as u64) <= 1));
        let axis = |at: usize| (f32::from(sticks[at]) / 32_767.0).max(-1.0);
        let phase = TouchPhase::Began;
        let (pixel_x, pixel_y) = (x * 1280.0, y * 720.0);
        prop_assert_eq!(said, [
            InputKind::Touch { id, phase, x: pixel_x, y: pixel_y, force: y, radius_x, radius_y },
            InputKind::Text { text: text.clone() },
            InputKind::Composition { phase: CompositionPhase::Updated, caret, text },
            InputKind::Gamepad { index: 3, buttons: u32::MAX, axes: [axis(0), axis(1), axis(2), axis(3), 1.0, 0.0] },
        ]);
    }
}

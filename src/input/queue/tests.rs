use proptest::prelude::*;

use super::*;
use crate::units::Size;

const ANN: ViewerId = ViewerId(1);
const BOB: ViewerId = ViewerId(2);

fn queue() -> (InputQueue, Counters) {
    let counters = Counters::default();
    (InputQueue::new(&counters), counters)
}

fn event(viewer: ViewerId, kind: InputKind) -> InputEvent {
    InputEvent { viewer, received_ns: 0, page_time_us: None, video: Size::new(100, 100), kind }
}

fn mouse(x: u16, buttons: u16) -> InputKind {
    InputKind::Mouse { x: x.into(), y: 0.0, dx: 0.0, dy: 0.0, buttons }
}

fn movement(dx: f32, dy: f32) -> InputKind {
    InputKind::Mouse { x: 1.0, y: 2.0, dx, dy, buttons: 0 }
}

fn touch(id: i32, phase: TouchPhase, x: u16) -> InputKind {
    InputKind::Touch { id, phase, x: x.into(), y: 0.0, force: 1.0, radius_x: 0.0, radius_y: 0.0 }
}

fn pen(phase: TouchPhase, x: u16, buttons: u16) -> InputKind {
    InputKind::Pen { phase, x: x.into(), y: 0.0, pressure: 0.5, tilt_x: 0, tilt_y: 0, twist: 0, buttons }
}

fn key(key: u16, down: bool) -> InputKind {
    InputKind::Key { key, down, repeat: false, character: None }
}

fn pad(x: f32, buttons: u32) -> InputKind {
    InputKind::Gamepad { index: 0, buttons, axes: [x, 0.0, 0.0, 0.0, 0.0, 0.0] }
}

fn text(i: usize) -> InputKind {
    typed(&char::from_u32(0x1_0000 + i as u32).unwrap().to_string())
}

fn typed(text: &str) -> InputKind {
    InputKind::Text { text: text.into() }
}

fn drain(queue: &InputQueue) -> Vec<InputKind> {
    std::iter::from_fn(|| queue.poll()).map(|event| event.kind).collect()
}

#[test]
fn moves_merge_and_clicks_stay_where_they_were() {
    let (queue, counters) = queue();
    for kind in [mouse(1, 0), mouse(2, 0), mouse(3, 1), mouse(4, 1), mouse(5, 1), mouse(5, 0), mouse(6, 0)] {
        queue.push(event(ANN, kind));
    }
    assert_eq!(drain(&queue), [mouse(2, 0), mouse(3, 1), mouse(5, 1), mouse(5, 0), mouse(6, 0)]);
    assert_eq!((counters.input_events.get(), counters.input_events_dropped.get()), (7, 0));
}

#[test]
fn movements_of_a_locked_pointer_add_up_however_seldom_the_host_polls() {
    let (queue, counters) = queue();
    for _ in 0..1_000 {
        queue.push(event(ANN, movement(0.5, -1.0)));
        queue.push(event(BOB, movement(1.0, 0.0)));
    }
    assert_eq!(drain(&queue), [movement(500.0, -1_000.0), movement(1_000.0, 0.0)]);
    assert_eq!(counters.input_events_dropped.get(), 0);
    queue.push(event(ANN, movement(f32::MAX, f32::MIN)));
    queue.push(event(ANN, movement(f32::MAX, f32::MIN)));
    assert_eq!(drain(&queue), [movement(f32::MAX, f32::MIN)]);
}

#[test]
fn a_pens_moves_merge_and_its_touches_and_buttons_stay() {
    use TouchPhase::{Began, Ended, Hovering, Moved};
    let (queue, _) = queue();
    for kind in [
        pen(Hovering, 1, 0),
        pen(Hovering, 2, 0),
        pen(Began, 3, 1),
        pen(Moved, 4, 1),
        pen(Moved, 5, 1),
        pen(Moved, 5, 3),
        pen(Ended, 6, 0),
        pen(Hovering, 7, 0),
        pen(Hovering, 8, 0),
    ] {
        queue.push(event(ANN, kind));
    }
    let expected = [
        pen(Hovering, 2, 0),
        pen(Began, 3, 1),
        pen(Moved, 5, 1),
        pen(Moved, 5, 3),
        pen(Ended, 6, 0),
        pen(Hovering, 8, 0),
    ];
    assert_eq!(drain(&queue), expected);
    assert!(queue.lock().buttons.is_empty());
}

#[test]
fn a_text_is_read_character_by_character_with_nothing_between() {
    let (queue, counters) = queue();
    queue.push(event(ANN, key(1, true)));
    queue.push(event(ANN, typed("aß😀")));
    queue.push(event(BOB, typed("z")));
    let read: Vec<_> = std::iter::from_fn(|| queue.poll()).collect();
    let expected = [
        event(ANN, key(1, true)),
        event(ANN, typed("a")),
        event(ANN, typed("ß")),
        event(ANN, typed("😀")),
        event(BOB, typed("z")),
    ];
    assert_eq!(read, expected);
    assert_eq!((counters.input_events.get(), counters.input_events_dropped.get()), (3, 0));
}

#[test]
fn a_text_is_dropped_whole_or_not_at_all() {
    let (queue, counters) = queue();
    queue.push(event(ANN, typed("begun")));
    assert_eq!(queue.poll().unwrap().kind, typed("b"));
    queue.push(event(ANN, typed("whole")));
    for i in 0..CAPACITY - 1 {
        queue.push(event(ANN, text(i)));
    }
    assert_eq!(counters.input_events_dropped.get(), 1);
    for i in 0..2 * (CAPACITY + KEY_UP_RESERVE) {
        queue.push(event(ViewerId(i as u32), key(1, false)));
    }
    let read = drain(&queue);
    assert_eq!(read[..4], ["e", "g", "u", "n"].map(typed));
    assert!(read[4..].iter().all(|kind| *kind == key(1, false)), "{read:?}");
}

#[test]
fn two_fingers_and_two_viewers_do_not_keep_each_other_from_merging() {
    let (queue, _) = queue();
    for x in 0..10 {
        queue.push(event(ANN, touch(1, TouchPhase::Moved, x)));
        queue.push(event(ANN, touch(2, TouchPhase::Moved, 100 + x)));
        queue.push(event(BOB, mouse(200 + x, 0)));
    }
    let expected = [touch(1, TouchPhase::Moved, 9), touch(2, TouchPhase::Moved, 109), mouse(209, 0)];
    assert_eq!(drain(&queue), expected);
}

#[test]
fn moves_do_not_merge_across_a_key() {
    let (queue, _) = queue();
    for kind in [mouse(1, 0), key(1, true), mouse(2, 0)] {
        queue.push(event(ANN, kind));
    }
    assert_eq!(drain(&queue), [mouse(1, 0), key(1, true), mouse(2, 0)]);
}

#[test]
fn gamepad_buttons_are_kept_and_sticks_merge() {
    let (queue, _) = queue();
    for kind in [pad(0.1, 0), pad(0.2, 0), pad(0.2, 1), pad(0.3, 1), pad(0.4, 1), pad(0.4, 0), pad(0.0, 0)] {
        queue.push(event(ANN, kind));
    }
    assert_eq!(drain(&queue), [pad(0.2, 0), pad(0.2, 1), pad(0.4, 1), pad(0.4, 0), pad(0.0, 0)]);
}

#[test]
fn turns_of_the_wheel_add_up() {
    let (queue, _) = queue();
    let wheel = |delta_x, delta_y| InputKind::Wheel { x: 0.0, y: 0.0, delta_x, delta_y };
    for kind in
        [wheel(1.0, 10.0), wheel(2.0, 20.0), mouse(1, 0), wheel(0.0, 5.0), wheel(0.0, f32::MAX), wheel(0.0, f32::MAX)]
    {
        queue.push(event(ANN, kind));
    }
    let expected = [wheel(3.0, 30.0), mouse(1, 0), wheel(0.0, f32::MAX), wheel(0.0, f32::MAX)];
    assert_eq!(drain(&queue), expected);
}

#[test]
fn full_queue_drops_the_oldest_move_first() {
    let (queue, counters) = queue();
    queue.push(event(ANN, text(0)));
    queue.push(event(ANN, mouse(1, 0)));
    for i in 1..CAPACITY {
        queue.push(event(ANN, text(i)));
    }
    assert_eq!(counters.input_events_dropped.get(), 1);
    assert_eq!(drain(&queue), (0..CAPACITY).map(text).collect::<Vec<_>>());
}

#[test]
fn full_queue_keeps_releases_over_presses_and_key_ups_over_all() {
    let (queue, counters) = queue();
    queue.push(event(ANN, mouse(1, 1)));
    queue.push(event(ANN, key(1, true)));
    queue.push(event(ANN, mouse(1, 0)));
    queue.push(event(ANN, key(1, false)));
    for i in 0..CAPACITY * 2 {
        queue.push(event(ANN, text(i)));
    }
    let kept = drain(&queue);
    assert_eq!(kept.len(), CAPACITY);
    assert_eq!(kept[..2], [mouse(1, 0), key(1, false)]);
    assert_eq!(kept[CAPACITY - 1], text(CAPACITY * 2 - 1));
    assert_eq!(counters.input_events_dropped.get(), CAPACITY as u64 + 4);
}

#[test]
fn button_released_after_the_host_read_the_press_is_no_move() {
    let (queue, _) = queue();
    queue.push(event(ANN, mouse(1, 1)));
    assert_eq!(drain(&queue), [mouse(1, 1)]);
    queue.push(event(ANN, mouse(1, 0)));
    for i in 0..CAPACITY {
        queue.push(event(ANN, text(i)));
    }
    assert_eq!(queue.poll().unwrap().kind, mouse(1, 0));
}

#[test]
fn letting_go_of_a_stick_is_no_move() {
    let (queue, _) = queue();
    queue.push(event(ANN, pad(0.5, 0)));
    assert_eq!(drain(&queue), [pad(0.5, 0)]);
    queue.push(event(ANN, pad(0.0, 0)));
    for i in 0..CAPACITY {
        queue.push(event(ANN, text(i)));
    }
    assert_eq!(queue.poll().unwrap().kind, pad(0.0, 0));
}

#[test]
fn key_ups_go_beyond_the_bound_and_the_reserve_is_bounded_too() {
    let (queue, counters) = queue();
    let up = |i: usize| event(ViewerId(i as u32 / 100), key(1 + (i % 100) as u16, false));
    for i in 0..CAPACITY + 100 {
        queue.push(up(i));
        queue.push(up(i));
    }
    queue.push(event(ANN, text(0)));
    assert_eq!(counters.input_events_dropped.get(), 1);
    let waiting: Vec<_> = std::iter::from_fn(|| queue.poll()).collect();
    for i in 0..CAPACITY + 100 {
        assert!(waiting.contains(&up(i)));
    }
    // Repeated once the queue was full, a key-up took no place of its own.
    assert_eq!(waiting.iter().filter(|event| **event == up(CAPACITY)).count(), 1);
    for i in 0..2 * (CAPACITY + KEY_UP_RESERVE) {
        queue.push(up(i));
    }
    assert_eq!(queue.len(), CAPACITY + KEY_UP_RESERVE);
}

#[test]
fn nothing_is_remembered_of_a_viewer_that_let_go() {
    let (queue, _) = queue();
    queue.push(event(ANN, mouse(1, 1)));
    queue.push(event(ANN, pad(0.0, 1)));
    queue.push(event(ANN, mouse(1, 0)));
    queue.push(event(ANN, pad(0.0, 0)));
    assert!(queue.lock().buttons.is_empty());
}

fn any_kind() -> impl Strategy<Value = InputKind> {
    prop_oneof![
        4 => (0u16..50, 0u16..3).prop_map(|(x, buttons)| mouse(x, buttons)),
        2 => (0i32..3, 0u16..50).prop_map(|(id, x)| touch(id, TouchPhase::Moved, x)),
        1 => (0i32..3).prop_map(|id| touch(id, TouchPhase::Ended, 0)),
        4 => (1u16..20, any::<bool>()).prop_map(|(k, down)| key(k, down)),
        2 => (0usize..1_000).prop_map(text),
        1 => (0u32..3).prop_map(|buttons| pad(0.5, buttons)),
        1 => (0u16..50, 0u16..2).prop_map(|(x, buttons)| pen(TouchPhase::Hovering, x, buttons)),
    ]
}

fn any_event() -> impl Strategy<Value = InputEvent> {
    (1u32..4, any_kind()).prop_map(|(viewer, kind)| event(ViewerId(viewer), kind))
}

/// The state that events leave a viewer's keys and mouse buttons in.
fn outcome(events: &[InputEvent]) -> (HashMap<(ViewerId, u16), bool>, HashMap<ViewerId, u16>) {
    let (mut keys, mut buttons) = (HashMap::new(), HashMap::new());
    for InputEvent { viewer, kind, .. } in events {
        match *kind {
            InputKind::Key { key, down, .. } => drop(keys.insert((*viewer, key), down)),
            InputKind::Mouse { buttons: b, .. } => drop(buttons.insert(*viewer, b)),
            _ => {}
        }
    }
    (keys, buttons)
}

proptest! {
    #[test]
    fn nothing_but_moves_is_lost_while_there_is_room(events in proptest::collection::vec(any_event(), 0..CAPACITY)) {
        let (queue, counters) = queue();
        events.iter().for_each(|event| queue.push(event.clone()));
        let read: Vec<_> = std::iter::from_fn(|| queue.poll()).collect();
        prop_assert_eq!(counters.input_events_dropped.get(), 0);
        let not_mergeable = |events: &[InputEvent]| -> Vec<InputEvent> {
            let is_kept = |e: &&InputEvent| pointer(&e.kind).is_none() || matches!(e.kind, InputKind::Touch { phase: TouchPhase::Ended, .. });
            events.iter().filter(is_kept).cloned().collect()
        };
        prop_assert_eq!(not_mergeable(&read), not_mergeable(&events));
        prop_assert_eq!(outcome(&read), outcome(&events));
    }

    #[test]
    fn no_key_stays_down_however_seldom_the_host_polls(
        events in proptest::collection::vec((any_event(), 0u8..8), 0..2_000),
    ) {
        let (queue, counters) = queue();
        let mut read = Vec::new();
        for (event, polls) in &events {
            queue.push(event.clone());
            prop_assert!(queue.len() <= CAPACITY);
            if *polls == 7 {
                read.extend(queue.poll());
            }
        }
        read.extend(std::iter::from_fn(|| queue.poll()));
        prop_assert!(read.len() as u64 + counters.input_events_dropped.get() <= events.len() as u64);
        let pushed: Vec<InputEvent> = events.into_iter().map(|(event, _)| event).collect();
        let (keys, _) = outcome(&pushed);
        let (keys_read, _) = outcome(&read);
        for (key, down) in keys_read {
            prop_assert!(!down || keys[&key], "{key:?} stays down");
        }
    }
}

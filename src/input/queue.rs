//! What viewers did, until the host polls. Moves merge; under pressure the least important goes first, a key-up last.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::event::{CompositionPhase, InputEvent, InputKind, TouchPhase};
use crate::stats::{Counter, Counters};
use crate::units::ViewerId;

/// Events that may wait for the host.
pub const CAPACITY: usize = 256;
/// Key-ups that may wait beyond that, when nothing but key-ups waits.
pub const KEY_UP_RESERVE: usize = 1_024;

/// Peers push from their tasks, the host polls from its main thread. The lock is held for one event.
#[derive(Debug)]
pub struct InputQueue {
    state: Mutex<State>,
    events: Counter,
    dropped: Counter,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Buttons that each pointer holds, to tell a change from a move. Those that hold none are not here, so it is
    /// empty again when everybody let go.
    buttons: HashMap<(ViewerId, Pointer), u32>,
}

#[derive(Debug)]
struct Waiting {
    event: InputEvent,
    class: Class,
    /// Bytes of its text that the host has read.
    read: usize,
}

/// What an event is worth, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Replaced by the next one of the same pointer.
    Move,
    /// A press, a text as a whole, a wheel, a message.
    Plain,
    /// Without it something stays pressed until the next event of the same pointer.
    Release,
    /// Without it a key stays pressed until the viewer presses it again.
    KeyUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admission {
    Added,
    /// The new event or one that waited.
    OneDropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pointer {
    Mouse,
    Touch(i32),
    Pen,
    Gamepad(u8),
}

/// Beside a pen's buttons: it touches.
const PEN_TOUCHES: u32 = 1 << 16;

impl InputQueue {
    /// Counts in `input_events` and `input_events_dropped`.
    pub fn new(counters: &Counters) -> Self {
        Self {
            state: Mutex::default(),
            events: counters.input_events.clone(),
            dropped: counters.input_events_dropped.clone(),
        }
    }

    /// Adds an event. A move that follows a move of the same pointer replaces it, movements and turns of the wheel add up.
    pub fn push(&self, event: InputEvent) {
        self.events.add(1);
        let mut state = self.lock();
        let class = state.classify(&event);
        let Some(event) = state.merge(event, class) else { return };
        if state.admit(Waiting { event, class, read: 0 }) == Admission::OneDropped {
            self.dropped.add(1);
        }
    }

    /// The oldest event; of a text its next character.
    pub fn poll(&self) -> Option<InputEvent> {
        let mut state = self.lock();
        if let Some(event) = state.waiting.front_mut()?.next_character() {
            return Some(event);
        }
        state.waiting.pop_front().map(|waiting| waiting.event)
    }

    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Of a text that has more than one left: the next one. Begun, it is not dropped any more.
    fn next_character(&mut self) -> Option<InputEvent> {
        let InputKind::Text { text } = &mut self.event.kind else { return None };
        let rest = text.get(self.read..)?;
        let character = rest.chars().next()?;
        if rest.len() > character.len_utf8() {
            self.read += character.len_utf8();
            let kind = InputKind::Text { text: character.into() };
            let InputEvent { viewer, received_ns, page_time_us, video, .. } = self.event;
            return Some(InputEvent { viewer, received_ns, page_time_us, video, kind });
        }
        *text = character.into();
        None
    }
}

impl State {
    fn classify(&mut self, event: &InputEvent) -> Class {
        match event.kind {
            InputKind::Key { down: false, .. } => Class::KeyUp,
            InputKind::Mouse { buttons, .. } => self.buttons_changed(event.viewer, Pointer::Mouse, buttons.into()),
            InputKind::Gamepad { index, buttons, axes } => {
                let class = self.buttons_changed(event.viewer, Pointer::Gamepad(index), buttons);
                // Letting go of a stick is not to be lost among its moves.
                if class == Class::Move && buttons == 0 && axes == [0.0; 6] { Class::Release } else { class }
            }
            InputKind::Touch { phase, .. } => match phase {
                TouchPhase::Moved | TouchPhase::Stationary | TouchPhase::Hovering => Class::Move,
                TouchPhase::Began => Class::Plain,
                TouchPhase::Ended | TouchPhase::Canceled => Class::Release,
            },
            InputKind::Pen { phase, buttons, .. } => {
                let touches = matches!(phase, TouchPhase::Began | TouchPhase::Moved);
                let touches = if touches { PEN_TOUCHES } else { 0 };
                let class = self.buttons_changed(event.viewer, Pointer::Pen, touches | u32::from(buttons));
                // How a touch ends is told once.
                if phase.ends() { Class::Release } else { class }
            }
            InputKind::Composition { phase: CompositionPhase::Ended | CompositionPhase::Canceled, .. }
            | InputKind::GamepadDisconnected { .. } => Class::Release,
            InputKind::Key { .. }
            | InputKind::Composition { .. }
            | InputKind::GamepadConnected { .. }
            | InputKind::Label { .. }
            | InputKind::Text { .. }
            | InputKind::Wheel { .. }
            | InputKind::PageButton { .. }
            | InputKind::Probe
            | InputKind::TextField { .. }
            | InputKind::Clipboard { .. }
            | InputKind::Message { .. } => Class::Plain,
        }
    }

    fn buttons_changed(&mut self, viewer: ViewerId, pointer: Pointer, buttons: u32) -> Class {
        let before = match buttons {
            0 => self.buttons.remove(&(viewer, pointer)),
            _ => self.buttons.insert((viewer, pointer), buttons),
        };
        match before.unwrap_or(0) {
            before if before == buttons => Class::Move,
            before if before & !buttons != 0 => Class::Release,
            _ => Class::Plain,
        }
    }

    /// Gives the event back if nothing that waits can take it in. Other viewers' events are looked past, and moves of the
    /// same viewer's other pointers; never a press or release, which would then happen elsewhere.
    fn merge(&mut self, event: InputEvent, class: Class) -> Option<InputEvent> {
        let own = self.waiting.iter_mut().rev().filter(|waiting| waiting.event.viewer == event.viewer);
        if class == Class::Move {
            let pointer = pointer(&event.kind);
            let mut moves = own.take_while(|waiting| waiting.class == Class::Move);
            if let Some(waiting) = moves.find(|waiting| self::pointer(&waiting.event.kind) == pointer) {
                waiting.event = moved_on(&waiting.event.kind, event);
                return None;
            }
        } else if let InputKind::Wheel { delta_x, delta_y, x, y } = event.kind
            && let Some(last) = { own }.next()
            && let InputKind::Wheel { delta_x: before_x, delta_y: before_y, .. } = last.event.kind
            && (before_x + delta_x).is_finite()
            && (before_y + delta_y).is_finite()
        {
            let (delta_x, delta_y) = (before_x + delta_x, before_y + delta_y);
            last.event = InputEvent { kind: InputKind::Wheel { x, y, delta_x, delta_y }, ..event };
            return None;
        }
        Some(event)
    }

    /// Adds an event; into a full queue in the place of the oldest that is worth least.
    fn admit(&mut self, new: Waiting) -> Admission {
        let least = self.waiting.iter().filter(|waiting| waiting.read == 0).map(|waiting| waiting.class).min();
        match least {
            Some(least) if self.waiting.len() >= CAPACITY => {
                if least > new.class {
                    return Admission::OneDropped;
                }
                if least < Class::KeyUp {
                    let victim = self.waiting.iter().position(|w| w.class == least && w.read == 0);
                    victim.map(|at| self.waiting.remove(at));
                    self.waiting.push_back(new);
                    return Admission::OneDropped;
                }
                self.admit_to_reserve(new)
            }
            _ => {
                self.waiting.push_back(new);
                Admission::Added
            }
        }
    }

    /// Nothing but key-ups waits, and here is one more.
    fn admit_to_reserve(&mut self, key_up: Waiting) -> Admission {
        let is_same = |w: &Waiting| w.event.viewer == key_up.event.viewer && w.event.kind == key_up.event.kind;
        if self.waiting.iter().any(is_same) {
            return Admission::Added; // the key is up once the host has read the one that waits
        }
        self.waiting.push_back(key_up);
        if self.waiting.len() <= CAPACITY + KEY_UP_RESERVE {
            return Admission::Added;
        }
        let oldest = self.waiting.iter().position(|waiting| waiting.read == 0);
        oldest.map(|at| self.waiting.remove(at));
        Admission::OneDropped
    }
}

/// A move in the place of the one before it. Movements of the mouse add up: a host may know nothing else of it.
fn moved_on(before: &InputKind, mut event: InputEvent) -> InputEvent {
    if let (InputKind::Mouse { dx: before_x, dy: before_y, .. }, InputKind::Mouse { dx, dy, .. }) =
        (before, &mut event.kind)
    {
        (*dx, *dy) = ((before_x + *dx).clamp(f32::MIN, f32::MAX), (before_y + *dy).clamp(f32::MIN, f32::MAX));
    }
    event
}

fn pointer(kind: &InputKind) -> Option<Pointer> {
    match *kind {
        InputKind::Mouse { .. } => Some(Pointer::Mouse),
        InputKind::Pen { .. } => Some(Pointer::Pen),
        InputKind::Touch { id, .. } => Some(Pointer::Touch(id)),
        InputKind::Gamepad { index, .. } => Some(Pointer::Gamepad(index)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
        for kind in [
            wheel(1.0, 10.0),
            wheel(2.0, 20.0),
            mouse(1, 0),
            wheel(0.0, 5.0),
            wheel(0.0, f32::MAX),
            wheel(0.0, f32::MAX),
        ] {
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
}

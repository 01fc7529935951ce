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
mod tests;

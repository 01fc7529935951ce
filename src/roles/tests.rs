//! Whatever order things happen in, the table stays whole.

use proptest::prelude::*;

use super::*;
use crate::config::{InputConfig, PlayerPolicy};
use crate::input::event::TouchPhase;
use crate::input::{Events, InputKind};
use crate::time::Nanos;
use crate::units::ViewerId;
use std::time::Duration;

const TOKEN: &str = "open sesame";
const ANN: ViewerId = ViewerId(1);
const BEN: ViewerId = ViewerId(2);
const CAT: ViewerId = ViewerId(3);
const START: Nanos = Nanos(5_000_000_000);

fn config(players: PlayerPolicy, max_players: u32) -> InputConfig {
    let player_token = if players == PlayerPolicy::Token { TOKEN.into() } else { String::new() };
    InputConfig { players, max_players, player_token, ..Default::default() }
}

fn roles(players: PlayerPolicy, max_players: u32) -> Roles {
    Roles::new(Rules::new(&config(players, max_players)))
}

fn becomes(viewer: ViewerId, role: Role, reason: Reason) -> Change {
    Change::Role { viewer, role, reason }
}

fn is_refused(viewer: ViewerId, reason: Reason) -> Vec<Change> {
    vec![Change::Refused { viewer, reason }]
}

#[test]
fn by_default_everybody_plays_and_numbers_are_the_lowest_free_ones() {
    let mut roles = roles(PlayerPolicy::default(), 0);
    for (viewer, number) in [(ANN, 1), (BEN, 2), (CAT, 3)] {
        assert_eq!(roles.enter(viewer), [becomes(viewer, Role::Player(number), Reason::FreePlace)]);
    }
    assert_eq!(roles.enter(ANN), [], "it is here already");
    assert_eq!(roles.leave(BEN), []);
    assert_eq!(roles.enter(ViewerId(9)), [becomes(ViewerId(9), Role::Player(2), Reason::FreePlace)]);
    assert_eq!((roles.role(CAT), roles.players()), (Role::Player(3), 3));
}

#[test]
fn with_first_the_longest_waiting_spectator_moves_up_but_not_who_gave_up() {
    let mut roles = roles(PlayerPolicy::First, 0);
    assert_eq!(roles.enter(BEN), [becomes(BEN, Role::Player(1), Reason::FreePlace)]);
    assert_eq!(roles.enter(CAT), []);
    assert_eq!(roles.enter(ANN), []);
    assert_eq!(roles.want_player(ANN, START), [Change::Asked { viewer: ANN }]);
    assert_eq!(roles.want_player(ANN, START), [], "it asks already");
    assert_eq!(roles.asking(), [ANN]);
    let gave_up = becomes(BEN, Role::Spectator, Reason::GivenUp);
    assert_eq!(roles.want_spectator(BEN), [gave_up, becomes(CAT, Role::Player(1), Reason::FreePlace)]);
    assert_eq!(roles.leave(CAT), [becomes(ANN, Role::Player(1), Reason::FreePlace)]);
    assert_eq!(roles.asking(), [], "it has what it asked for");
    assert_eq!(roles.leave(ANN), [], "who gave up is not made a player by itself");
    assert_eq!(roles.want_player(BEN, START), [becomes(BEN, Role::Player(1), Reason::FreePlace)]);
}

#[test]
fn a_player_hands_its_number_to_a_spectator_and_waits_then_itself() {
    let mut roles = roles(PlayerPolicy::Everyone, 2);
    [ANN, BEN, CAT].into_iter().for_each(|viewer| drop(roles.enter(viewer)));
    assert_eq!(roles.give(CAT, ANN), is_refused(CAT, Reason::NotAPlayer));
    assert_eq!(roles.give(BEN, ANN), is_refused(BEN, Reason::NoSuchSpectator));
    assert_eq!(roles.give(BEN, BEN), is_refused(BEN, Reason::NoSuchSpectator));
    assert_eq!(roles.give(BEN, ViewerId(77)), is_refused(BEN, Reason::NoSuchSpectator));
    let (from, to) = (Role::Spectator, Role::Player(2));
    assert_eq!(roles.give(BEN, CAT), [becomes(BEN, from, Reason::GivenUp), becomes(CAT, to, Reason::Given)]);
    assert_eq!(roles.leave(ANN), [becomes(BEN, Role::Player(1), Reason::FreePlace)]);
}

#[test]
fn who_hands_its_number_on_where_there_is_room_gets_another() {
    let mut roles = roles(PlayerPolicy::Everyone, 0);
    [ANN, BEN].into_iter().for_each(|viewer| drop(roles.enter(viewer)));
    roles.want_spectator(ANN);
    let (from, to) = (becomes(BEN, Role::Spectator, Reason::GivenUp), becomes(ANN, Role::Player(2), Reason::Given));
    assert_eq!(roles.give(BEN, ANN), [from, to, becomes(BEN, Role::Player(1), Reason::FreePlace)]);
}

#[test]
fn with_a_token_only_who_knows_it_plays() {
    let mut roles = roles(PlayerPolicy::Token, 1);
    [ANN, BEN, CAT].into_iter().for_each(|viewer| assert_eq!(roles.enter(viewer), []));
    assert_eq!(roles.want_player(ANN, START), is_refused(ANN, Reason::TokenNeeded));
    assert!(!roles.may_ask(ANN));
    assert_eq!(roles.present_token(BEN, TOKEN, START), [becomes(BEN, Role::Player(1), Reason::FreePlace)]);
    assert_eq!(roles.present_token(CAT, TOKEN, START), []);
    assert!(roles.may_ask(CAT));
    assert_eq!(roles.give(BEN, ANN), is_refused(BEN, Reason::TokenNeeded));
    assert_eq!(roles.leave(BEN), [becomes(CAT, Role::Player(1), Reason::FreePlace)]);
    // Guessing costs.
    let mut guess = |at| roles.present_token(ANN, "open says me", at);
    for _ in 0..3 {
        assert_eq!(guess(START), is_refused(ANN, Reason::WrongToken));
    }
    assert_eq!(guess(START), is_refused(ANN, Reason::TooOften));
    assert_eq!(guess(START + Duration::from_secs(5)), is_refused(ANN, Reason::WrongToken));
    assert_eq!(roles.present_token(ANN, TOKEN, START + Duration::from_secs(5)), is_refused(ANN, Reason::TooOften));
}

#[test]
fn where_the_host_decides_it_is_asked_and_an_ask_ends_by_itself() {
    let mut roles = roles(PlayerPolicy::Host, 1);
    [ANN, BEN].into_iter().for_each(|viewer| assert_eq!(roles.enter(viewer), []));
    assert_eq!(roles.want_player(ANN, START), [Change::Asked { viewer: ANN }]);
    assert_eq!(roles.ask_deadline(ANN), Some(START + ASK_TIMEOUT));
    assert_eq!(roles.tick(START + (ASK_TIMEOUT - Duration::from_millis(1))), []);
    assert_eq!(roles.tick(START + ASK_TIMEOUT), is_refused(ANN, Reason::NoAnswer));
    assert_eq!((roles.asking(), roles.ask_deadline(ANN)), (vec![], None));
    let decided = Reason::HostDecided;
    assert_eq!(roles.make_player(ANN), Ok(vec![becomes(ANN, Role::Player(1), decided)]));
    assert_eq!(roles.make_player(ANN), Ok(vec![]));
    assert_eq!(roles.make_player(BEN), Err(RoleError::Full(1)));
    assert_eq!(roles.make_player(CAT), Err(RoleError::NoViewer(CAT)));
    assert_eq!(roles.give(ANN, BEN), is_refused(ANN, Reason::HostDecides));
    assert_eq!(roles.make_spectator(ANN), Ok(vec![becomes(ANN, Role::Spectator, decided)]));
    assert_eq!(roles.want_player(BEN, START), [Change::Asked { viewer: BEN }]);
    assert_eq!(roles.make_spectator(BEN), Ok(is_refused(BEN, decided)));
    assert_eq!(roles.make_spectator(CAT), Err(RoleError::NoViewer(CAT)));
}

#[test]
fn whom_the_host_took_the_place_from_gets_it_back_from_the_host_only() {
    let mut roles = roles(PlayerPolicy::Everyone, 0);
    [ANN, BEN].into_iter().for_each(|viewer| drop(roles.enter(viewer)));
    roles.make_spectator(ANN).unwrap();
    assert_eq!(roles.want_player(ANN, START), [Change::Asked { viewer: ANN }], "though there is room");
    assert_eq!(roles.give(BEN, ANN), is_refused(BEN, Reason::HostDecides));
    assert_eq!(roles.want_spectator(ANN), is_refused(ANN, Reason::GivenUp));
    assert_eq!(roles.want_player(ANN, START), [Change::Asked { viewer: ANN }], "giving up does not wash it off");
    assert_eq!(roles.make_player(ANN), Ok(vec![becomes(ANN, Role::Player(1), Reason::HostDecided)]));
    assert_eq!(roles.want_spectator(ANN), [becomes(ANN, Role::Spectator, Reason::GivenUp)]);
    assert_eq!(roles.want_player(ANN, START), [becomes(ANN, Role::Player(1), Reason::FreePlace)]);
}

#[test]
fn who_keeps_asking_is_not_heard() {
    let mut roles = roles(PlayerPolicy::Host, 0);
    roles.enter(ANN);
    for _ in 0..3 {
        assert_eq!(roles.want_player(ANN, START), [Change::Asked { viewer: ANN }]);
        roles.want_spectator(ANN);
    }
    assert_eq!(roles.want_player(ANN, START), is_refused(ANN, Reason::TooOften));
    assert_eq!(roles.want_player(ANN, START + Duration::from_secs(5)), [Change::Asked { viewer: ANN }]);
    let mut silent = Roles::new(Rules::new(&InputConfig { ask: false, ..config(PlayerPolicy::First, 1) }));
    [ANN, BEN].into_iter().for_each(|viewer| drop(silent.enter(viewer)));
    assert_eq!(silent.want_player(BEN, START), is_refused(BEN, Reason::NoAsking));
    assert!(!silent.may_ask(BEN));
}

#[derive(Clone, Debug)]
enum Step {
    Enter(u32),
    Leave(u32),
    Token(u32, bool),
    WantPlayer(u32),
    WantSpectator(u32),
    Give(u32, u32),
    MakePlayer(u32),
    MakeSpectator(u32),
    Tick(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1u32..7;
    prop_oneof![
        3 => who().prop_map(Step::Enter),
        2 => who().prop_map(Step::Leave),
        1 => (who(), any::<bool>()).prop_map(|(who, right)| Step::Token(who, right)),
        3 => who().prop_map(Step::WantPlayer),
        2 => who().prop_map(Step::WantSpectator),
        2 => (who(), who()).prop_map(|(from, to)| Step::Give(from, to)),
        1 => who().prop_map(Step::MakePlayer),
        1 => who().prop_map(Step::MakeSpectator),
        2 => (0u64..40).prop_map(Step::Tick),
    ]
}

fn key(down: bool) -> InputKind {
    InputKind::Key { key: 15, down, repeat: false, character: None }
}

fn mouse_with(buttons: u16) -> InputKind {
    InputKind::Mouse { x: 0.0, y: 0.0, dx: 0.0, dy: 0.0, buttons }
}

fn touch(phase: TouchPhase) -> InputKind {
    InputKind::Touch { id: 1, phase, x: 0.0, y: 0.0, force: 0.0, radius_x: 0.0, radius_y: 0.0 }
}

fn of(kinds: impl IntoIterator<Item = InputKind>) -> Events {
    let mut events = Events::default();
    kinds.into_iter().for_each(|kind| events.push(kind));
    events
}

proptest! {
    #[test]
    fn whatever_happens_the_table_stays_whole(
        policy in prop::sample::select(PlayerPolicy::ALL.to_vec()),
        most in 0u32..4,
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let mut table = roles(policy, most);
        let bound = match (policy, most) { (PlayerPolicy::First, 0) => 1, (_, 0) => 6, (_, most) => most };
        let mut now = START;
        let mut told = std::collections::BTreeMap::new();
        let mut here = std::collections::BTreeSet::new();
        for step in steps {
            let changes = match step {
                Step::Enter(who) => { here.insert(who); table.enter(ViewerId(who)) }
                Step::Leave(who) => { here.remove(&who); told.remove(&ViewerId(who)); table.leave(ViewerId(who)) }
                Step::Token(who, right) => table.present_token(ViewerId(who), if right { TOKEN } else { "x" }, now),
                Step::WantPlayer(who) => table.want_player(ViewerId(who), now),
                Step::WantSpectator(who) => table.want_spectator(ViewerId(who)),
                Step::Give(from, to) => table.give(ViewerId(from), ViewerId(to)),
                Step::MakePlayer(who) => table.make_player(ViewerId(who)).unwrap_or_default(),
                Step::MakeSpectator(who) => table.make_spectator(ViewerId(who)).unwrap_or_default(),
                Step::Tick(seconds) => { now = now + Duration::from_secs(seconds); table.tick(now) }
            };
            for change in changes {
                if let Change::Role { viewer, role, .. } = change {
                    prop_assert_ne!(told.insert(viewer, role), Some(role), "a change that is none");
                }
            }
            // Who was told something has just that role, and who was told nothing watches.
            for who in 1..7 {
                let viewer = ViewerId(who);
                prop_assert_eq!(table.role(viewer), told.get(&viewer).copied().unwrap_or_default());
                prop_assert!(here.contains(&who) || table.role(viewer) == Role::Spectator);
            }
            let mut numbers: Vec<u32> = (1..7).map(|who| table.role(ViewerId(who)).number()).filter(|n| *n > 0).collect();
            numbers.sort_unstable();
            prop_assert_eq!(numbers.len(), table.players() as usize);
            prop_assert!(table.players() <= bound);
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", numbers);
            for asking in table.asking() {
                prop_assert!(!table.role(asking).is_player() && here.contains(&asking.0));
                prop_assert!(table.ask_deadline(asking).is_some_and(|deadline| deadline <= now + ASK_TIMEOUT));
            }
        }
        // Nobody asks for ever.
        table.tick(now + ASK_TIMEOUT);
        prop_assert!(table.asking().is_empty());
        // Nobody waits beside a free place that it could have.
        if matches!(policy, PlayerPolicy::Everyone | PlayerPolicy::First) && table.players() < bound {
            prop_assert_eq!(table.enter(ViewerId(50)).len(), 1);
        }
    }

    /// A button or stick that passed pressed passes let go, however much else is sent.
    #[test]
    fn what_was_let_in_pressed_is_let_go(
        events in prop::collection::vec((0u8..4, 0u32..4, 0u64..3_000), 1..300),
        rate in 10u32..50,
    ) {
        let mut admission = Admission::new(rate);
        let (mut now, mut mouse, mut pad, mut passed) = (START, 0, (0, false), 0u64);
        let mut released = 0u64;
        for (what, state, wait_us) in events {
            now = now + Duration::from_micros(wait_us);
            let stick = f32::from(u8::from(state & 2 != 0));
            let kind = match what {
                0 => mouse_with(state as u16),
                1 => InputKind::Gamepad { index: 1, buttons: state, axes: [stick, 0.0, 0.0, 0.0, 0.0, 0.0] },
                2 => key(state == 0),
                _ => InputKind::PageButton { id: 1 },
            };
            let must = match what {
                0 => mouse & !(state as u16) != 0,
                1 => pad.0 & !state != 0 || (pad.1 && stick == 0.0),
                2 => state != 0,
                _ => false,
            };
            let mut events = of([kind]);
            let refused = admission.admit(Role::Player(1), now, &mut events);
            prop_assert_eq!(events.len() as u64 + refused.limited, 1);
            prop_assert!(!must || events.len() == 1);
            if events.len() == 1 {
                (passed, released) = (passed + 1, released + u64::from(must));
                match what {
                    0 => mouse = state as u16,
                    1 => pad = (state, stick != 0.0),
                    _ => {}
                }
            }
        }
        let earned = now.saturating_since(START).as_millis() as u64 * u64::from(rate) / 1_000;
        prop_assert!(passed - released <= u64::from(rate) + earned + 1);
    }
}

#[test]
fn of_a_spectator_nothing_passes_but_messages() {
    let mut admission = Admission::new(1_000);
    let message = || InputKind::Message { channel: "chat".into(), number: 3, text: true, data: b"hello".to_vec() };
    let mut events = of([key(true), message(), key(false), touch(TouchPhase::Ended)]);
    let refused = admission.admit(Role::Spectator, START, &mut events);
    assert_eq!(refused, Refused { of_spectator: 3, limited: 0 });
    assert_eq!(events.drain().map(|(_, kind)| kind).collect::<Vec<_>>(), [message()]);
    let mut events = of([key(true), message(), key(false)]);
    assert_eq!(admission.admit(Role::Player(2), START, &mut events), Refused::default());
    assert_eq!(events.len(), 3);
}

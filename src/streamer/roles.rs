//! The table of roles as the streamer uses it: each step is told the host by events, and each viewer's task by its standing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Streamer;
use super::event::{EventKind, EventQueue};
use crate::config::InputConfig;
use crate::roles::{Change, Reason, Role, RoleError, Roles, Rules};
use crate::time::{self, Nanos};
use crate::units::ViewerId;

/// What one viewer's task has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub reason: Reason,
    /// How often something was told about its role.
    pub news: u64,
    pub players: u32,
    /// It may ask for control.
    pub may_ask: bool,
    /// Who asks for control; players are told.
    pub asking: Arc<[ViewerId]>,
    /// When its own ask ends.
    pub ask_deadline: Option<Nanos>,
}

#[derive(Debug)]
struct Book {
    roles: Roles,
    viewers: HashMap<ViewerId, watch::Sender<Standing>>,
}

/// Everybody's role. Steps follow each other under one lock, so that host and pages are told of them in order.
#[derive(Debug)]
pub struct RoleBook {
    book: Mutex<Book>,
    events: EventQueue,
}

impl RoleBook {
    pub fn new(config: &InputConfig, events: EventQueue) -> Self {
        let roles = Roles::new(Rules::new(config));
        Self { book: Mutex::new(Book { roles, viewers: HashMap::new() }), events }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A viewer's task begins; it watches until it [`enter`](Self::enter)s.
    pub fn meet(&self, viewer: ViewerId) -> watch::Receiver<Standing> {
        let (sender, receiver) = watch::channel(Standing::default());
        self.book().viewers.insert(viewer, sender);
        receiver
    }

    /// It is connected.
    pub fn enter(&self, viewer: ViewerId) {
        let mut book = self.book();
        // Who was sent away comes in no more.
        if book.viewers.contains_key(&viewer) {
            let changes = book.roles.enter(viewer);
            self.tell(&mut book, changes);
        }
    }

    pub fn leave(&self, viewer: ViewerId) {
        let mut book = self.book();
        let changes = book.roles.leave(viewer);
        if let Some(sender) = book.viewers.remove(&viewer) {
            sender.send_modify(|standing| *standing = Standing::default());
        }
        self.tell(&mut book, changes);
    }

    pub fn present_token(&self, viewer: ViewerId, token: &str) {
        let now = time::now();
        self.step(|roles| roles.present_token(viewer, token, now));
    }

    pub fn want(&self, viewer: ViewerId, player: bool) {
        let now = time::now();
        self.step(|roles| if player { roles.want_player(viewer, now) } else { roles.want_spectator(viewer) });
    }

    pub fn give(&self, from: ViewerId, to: ViewerId) {
        self.step(|roles| roles.give(from, to));
    }

    /// The host decides.
    pub fn set(&self, viewer: ViewerId, player: bool) -> Result<(), RoleError> {
        let mut book = self.book();
        let roles = &mut book.roles;
        let changes = if player { roles.make_player(viewer)? } else { roles.make_spectator(viewer)? };
        self.tell(&mut book, changes);
        Ok(())
    }

    pub fn tick(&self, now: Nanos) {
        self.step(|roles| roles.tick(now));
    }

    pub fn role(&self, viewer: ViewerId) -> Role {
        self.book().roles.role(viewer)
    }

    fn step(&self, step: impl FnOnce(&mut Roles) -> Vec<Change>) {
        let mut book = self.book();
        let changes = step(&mut book.roles);
        self.tell(&mut book, changes);
    }

    fn tell(&self, book: &mut Book, changes: Vec<Change>) {
        // What a viewer is told comes with its role in one piece: its task may look at any moment.
        let mut told: HashMap<ViewerId, Reason> = HashMap::new();
        for change in changes {
            match change {
                Change::Role { viewer, role, reason } => {
                    self.events.push_of_role(EventKind::RoleChanged, viewer, role, reason.text());
                    told.insert(viewer, reason);
                }
                Change::Refused { viewer, reason } => drop(told.insert(viewer, reason)),
                Change::Asked { viewer } => {
                    let role = book.roles.role(viewer);
                    self.events.push_of_role(EventKind::RoleAsked, viewer, role, "asks for control");
                }
            }
        }
        let (players, asking): (u32, Arc<[ViewerId]>) = (book.roles.players(), book.roles.asking().into());
        for (viewer, sender) in &book.viewers {
            sender.send_if_modified(|standing| {
                let told = told.get(viewer).copied();
                let now = Standing {
                    role: book.roles.role(*viewer),
                    reason: told.unwrap_or(standing.reason),
                    news: standing.news + u64::from(told.is_some()),
                    players,
                    may_ask: book.roles.may_ask(*viewer),
                    asking: Arc::clone(&asking),
                    ask_deadline: book.roles.ask_deadline(*viewer),
                };
                let changed = *standing != now;
                *standing = now;
                changed
            });
        }
    }
}

impl Streamer {
    /// Makes a viewer that is connected a player, which gets the lowest free number, or a spectator. Waits for nothing.
    pub fn set_viewer_role(&self, viewer: ViewerId, player: bool) -> Result<(), RoleError> {
        self.shared.roles.set(viewer, player)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PlayerPolicy;
    use crate::stats::Counter;

    const ANN: ViewerId = ViewerId(1);
    const BEN: ViewerId = ViewerId(2);

    fn book(players: PlayerPolicy) -> (RoleBook, EventQueue) {
        let events = EventQueue::new(Counter::default());
        (RoleBook::new(&InputConfig { players, ..Default::default() }, events.clone()), events)
    }

    #[test]
    fn host_and_viewers_are_told_what_changes_and_nothing_else() {
        let (book, events) = book(PlayerPolicy::First);
        let (mut ann, mut ben) = (book.meet(ANN), book.meet(BEN));
        assert_eq!(*ann.borrow(), Standing::default());
        book.enter(ANN);
        assert_eq!((ann.borrow_and_update().role, ben.borrow_and_update().players), (Role::Player(1), 1));
        book.enter(BEN);
        assert!(!ann.has_changed().unwrap());
        book.want(BEN, true);
        assert_eq!(&*ann.borrow_and_update().asking, [BEN]);
        assert!(ben.borrow_and_update().ask_deadline.is_some());
        book.give(ANN, BEN);
        assert_eq!((ann.borrow().role, ann.borrow().reason), (Role::Spectator, Reason::GivenUp));
        assert_eq!((ben.borrow().role, ben.borrow().asking.len()), (Role::Player(1), 0));
        book.leave(BEN);
        assert_eq!((ben.borrow().role, ann.borrow().role), (Role::Spectator, Role::Player(1)));
        let told: Vec<_> = std::iter::from_fn(|| events.poll()).map(|e| (e.kind, e.viewer, e.role.unwrap())).collect();
        let changed = EventKind::RoleChanged;
        let expected = [
            (changed, ANN, Role::Player(1)),
            (EventKind::RoleAsked, BEN, Role::Spectator),
            (changed, ANN, Role::Spectator),
            (changed, BEN, Role::Player(1)),
            (changed, ANN, Role::Player(1)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_refusal_is_news_though_the_role_stays() {
        let (book, _) = book(PlayerPolicy::Host);
        let ann = book.meet(ANN);
        book.enter(ANN);
        book.give(ANN, BEN);
        assert_eq!((ann.borrow().news, ann.borrow().reason), (1, Reason::NotAPlayer));
        assert_eq!(book.set(BEN, true), Err(RoleError::NoViewer(BEN)));
        book.set(ANN, true).unwrap();
        assert_eq!((ann.borrow().news, ann.borrow().role), (2, Role::Player(1)));
    }
}

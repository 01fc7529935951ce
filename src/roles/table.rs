//! The table of roles. Every step is total: whoever is not here changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::told::{Change, Reason, Role};
use crate::config::{InputConfig, PlayerPolicy};
use crate::guard::{self, Bucket};
use crate::time::Nanos;
use crate::units::ViewerId;

/// An ask that nobody answers ends.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(60);
/// Asks, and tokens, of one viewer at once, and the time until one more.
const ASKS: u32 = 3;
const ASK_INTERVAL: Duration = Duration::from_secs(5);

/// Why the host's wish was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    #[error("{0} is not here, or not connected yet")]
    NoViewer(ViewerId),
    #[error("input.max_players = {0} are players already")]
    Full(u32),
}

/// What the host has configured.
#[derive(Clone, Debug)]
pub struct Rules {
    policy: PlayerPolicy,
    most: u32,
    ask: bool,
    token: String,
}

impl Rules {
    pub fn new(config: &InputConfig) -> Self {
        let most = match (config.max_players, config.players) {
            (0, PlayerPolicy::First) => 1,
            (0, _) => u32::MAX,
            (most, _) => most,
        };
        Self { policy: config.players, most, ask: config.ask, token: config.player_token.clone() }
    }
}

/// How a spectator comes by a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stance {
    /// By itself, when it is its turn.
    Waits,
    /// By asking: it gave its place up, or does not want one.
    Watches,
    /// By the host, who has taken its place away.
    Barred,
}

#[derive(Debug)]
struct Member {
    role: Role,
    stance: Stance,
    /// Its place in the line, lower is earlier.
    turn: u64,
    knows_token: bool,
    asked_at: Option<Nanos>,
    asks: Bucket,
}

/// Everybody who is connected.
#[derive(Debug)]
pub struct Roles {
    rules: Rules,
    members: BTreeMap<ViewerId, Member>,
    next_turn: u64,
}

impl Roles {
    pub fn new(rules: Rules) -> Self {
        Self { rules, members: BTreeMap::new(), next_turn: 0 }
    }

    /// A viewer is connected.
    pub fn enter(&mut self, viewer: ViewerId) -> Vec<Change> {
        if self.members.contains_key(&viewer) {
            return Vec::new();
        }
        let turn = self.take_turn();
        let asks = Bucket::new(ASKS, ASK_INTERVAL);
        let (role, stance) = (Role::Spectator, Stance::Waits);
        self.members.insert(viewer, Member { role, stance, turn, knows_token: false, asked_at: None, asks });
        self.fill()
    }

    pub fn leave(&mut self, viewer: ViewerId) -> Vec<Change> {
        self.members.remove(&viewer);
        self.fill()
    }

    /// Its page says what it knows.
    pub fn present_token(&mut self, viewer: ViewerId, token: &str, now: Nanos) -> Vec<Change> {
        let Some(member) = self.members.get_mut(&viewer) else { return Vec::new() };
        if self.rules.policy != PlayerPolicy::Token || member.knows_token {
            return Vec::new();
        }
        if !member.asks.take(now) {
            return refused(viewer, Reason::TooOften);
        }
        if !guard::equal(token.as_bytes(), self.rules.token.as_bytes()) {
            return refused(viewer, Reason::WrongToken);
        }
        member.knows_token = true;
        self.fill()
    }

    /// A viewer asks for control.
    pub fn want_player(&mut self, viewer: ViewerId, now: Nanos) -> Vec<Change> {
        let free = self.has_free_place();
        let rules = &self.rules;
        let Some(member) = self.members.get_mut(&viewer) else { return Vec::new() };
        if member.role.is_player() || member.asked_at.is_some() {
            return Vec::new();
        }
        if !rules.ask {
            return refused(viewer, Reason::NoAsking);
        }
        if rules.policy == PlayerPolicy::Token && !member.knows_token {
            return refused(viewer, Reason::TokenNeeded);
        }
        if !member.asks.take(now) {
            return refused(viewer, Reason::TooOften);
        }
        if member.stance == Stance::Watches {
            member.stance = Stance::Waits;
        }
        if free && moves_up(rules, member) {
            return self.promote(viewer, Reason::FreePlace).into_iter().collect();
        }
        member.asked_at = Some(now);
        vec![Change::Asked { viewer }]
    }

    /// A viewer gives control up, takes its ask back, or wants no place when it is its turn.
    pub fn want_spectator(&mut self, viewer: ViewerId) -> Vec<Change> {
        let Some(member) = self.members.get_mut(&viewer) else { return Vec::new() };
        if member.stance == Stance::Waits {
            member.stance = Stance::Watches;
        }
        let asked = member.asked_at.take().is_some();
        if member.role.is_player() {
            let mut changes = self.demote(viewer, Reason::GivenUp);
            changes.extend(self.fill());
            return changes;
        }
        if asked { refused(viewer, Reason::GivenUp) } else { Vec::new() }
    }

    /// A player hands its place and number to a spectator, and waits in line itself.
    pub fn give(&mut self, from: ViewerId, to: ViewerId) -> Vec<Change> {
        let Some(giver) = self.members.get(&from) else { return Vec::new() };
        let role = giver.role;
        if !role.is_player() {
            return refused(from, Reason::NotAPlayer);
        }
        let reason = match self.members.get(&to) {
            _ if self.rules.policy == PlayerPolicy::Host => Some(Reason::HostDecides),
            None => Some(Reason::NoSuchSpectator),
            Some(taker) if taker.role.is_player() => Some(Reason::NoSuchSpectator),
            Some(taker) if taker.stance == Stance::Barred => Some(Reason::HostDecides),
            Some(taker) if self.rules.policy == PlayerPolicy::Token && !taker.knows_token => Some(Reason::TokenNeeded),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            return refused(from, reason);
        }
        let turn = self.take_turn();
        let mut changes = self.demote(from, Reason::GivenUp);
        if let Some(giver) = self.members.get_mut(&from) {
            giver.turn = turn;
        }
        if let Some(taker) = self.members.get_mut(&to) {
            (taker.role, taker.stance, taker.asked_at) = (role, Stance::Waits, None);
            changes.push(Change::Role { viewer: to, role, reason: Reason::Given });
        }
        // Where there is room for both, the giver's turn is now.
        changes.extend(self.fill());
        changes
    }

    /// The host makes a viewer a player, also where it is not its turn.
    pub fn make_player(&mut self, viewer: ViewerId) -> Result<Vec<Change>, RoleError> {
        let free = self.has_free_place();
        let member = self.members.get_mut(&viewer).ok_or(RoleError::NoViewer(viewer))?;
        if member.role.is_player() {
            return Ok(Vec::new());
        }
        if !free {
            return Err(RoleError::Full(self.rules.most));
        }
        member.stance = Stance::Waits;
        Ok(self.promote(viewer, Reason::HostDecided).into_iter().collect())
    }

    /// The host makes a viewer a spectator, or refuses its ask: from now on only the host gives it a place.
    pub fn make_spectator(&mut self, viewer: ViewerId) -> Result<Vec<Change>, RoleError> {
        let member = self.members.get_mut(&viewer).ok_or(RoleError::NoViewer(viewer))?;
        member.stance = Stance::Barred;
        let asked = member.asked_at.take().is_some();
        if !member.role.is_player() {
            return Ok(if asked { refused(viewer, Reason::HostDecided) } else { Vec::new() });
        }
        let mut changes = self.demote(viewer, Reason::HostDecided);
        changes.extend(self.fill());
        Ok(changes)
    }

    /// Asks that nobody has answered end.
    pub fn tick(&mut self, now: Nanos) -> Vec<Change> {
        let mut changes = Vec::new();
        for (viewer, member) in &mut self.members {
            if member.asked_at.is_some_and(|asked_at| asked_at + ASK_TIMEOUT <= now) {
                member.asked_at = None;
                changes.extend(refused(*viewer, Reason::NoAnswer));
            }
        }
        changes
    }

    /// When a viewer's ask ends.
    pub fn ask_deadline(&self, viewer: ViewerId) -> Option<Nanos> {
        self.members.get(&viewer)?.asked_at.map(|asked_at| asked_at + ASK_TIMEOUT)
    }

    pub fn role(&self, viewer: ViewerId) -> Role {
        self.members.get(&viewer).map_or(Role::Spectator, |member| member.role)
    }

    /// Whether asking can come to anything.
    pub fn may_ask(&self, viewer: ViewerId) -> bool {
        let needs_token = self.rules.policy == PlayerPolicy::Token;
        let may = |member: &Member| !member.role.is_player() && (member.knows_token || !needs_token);
        self.rules.ask && self.members.get(&viewer).is_some_and(may)
    }

    pub fn players(&self) -> u32 {
        u32::try_from(self.members.values().filter(|member| member.role.is_player()).count()).unwrap_or(u32::MAX)
    }

    /// Who asks, by their numbers.
    pub fn asking(&self) -> Vec<ViewerId> {
        let asking = self.members.iter().filter(|(_, member)| member.asked_at.is_some());
        asking.map(|(viewer, _)| *viewer).collect()
    }

    fn take_turn(&mut self) -> u64 {
        self.next_turn += 1;
        self.next_turn
    }

    fn has_free_place(&self) -> bool {
        self.players() < self.rules.most
    }

    /// Gives free places to those who wait, the longest waiting first.
    fn fill(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        while self.has_free_place() {
            let waiting = self.members.iter().filter(|(_, member)| moves_up(&self.rules, member));
            let Some(next) = waiting.min_by_key(|(_, member)| member.turn).map(|(viewer, _)| *viewer) else { break };
            changes.extend(self.promote(next, Reason::FreePlace));
        }
        changes
    }

    fn promote(&mut self, viewer: ViewerId, reason: Reason) -> Option<Change> {
        let taken: Vec<u32> = self.members.values().map(|member| member.role.number()).collect();
        let role = Role::Player((1..).find(|number| !taken.contains(number))?);
        let member = self.members.get_mut(&viewer)?;
        (member.role, member.asked_at) = (role, None);
        Some(Change::Role { viewer, role, reason })
    }

    fn demote(&mut self, viewer: ViewerId, reason: Reason) -> Vec<Change> {
        let Some(member) = self.members.get_mut(&viewer) else { return Vec::new() };
        member.role = Role::Spectator;
        vec![Change::Role { viewer, role: Role::Spectator, reason }]
    }
}

/// Whether a viewer is given a free place without anybody deciding.
fn moves_up(rules: &Rules, member: &Member) -> bool {
    let by_policy = match rules.policy {
        PlayerPolicy::Everyone | PlayerPolicy::First => true,
        PlayerPolicy::Token => member.knows_token,
        PlayerPolicy::Host => false,
    };
    by_policy && !member.role.is_player() && member.stance == Stance::Waits
}

fn refused(viewer: ViewerId, reason: Reason) -> Vec<Change> {
    vec![Change::Refused { viewer, reason }]
}

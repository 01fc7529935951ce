//! A role, and what a step in the table of roles comes to.

use crate::units::ViewerId;

/// What a viewer may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// It watches; its input counts for nothing.
    #[default]
    Spectator,
    /// Its input reaches the host. Players have numbers from 1; a free one is given again, the lowest first.
    Player(u32),
}

impl Role {
    pub fn is_player(self) -> bool {
        matches!(self, Self::Player(_))
    }

    /// 0 for a spectator.
    pub fn number(self) -> u32 {
        match self {
            Self::Spectator => 0,
            Self::Player(number) => number,
        }
    }

    /// As the page is told it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spectator => "spectator",
            Self::Player(_) => "player",
        }
    }
}

/// Why a viewer has the role that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reason {
    /// It has come and nothing has happened since.
    #[default]
    Joined,
    /// A place was free.
    FreePlace,
    /// Another viewer has handed it its place.
    Given,
    /// It has handed its place to another viewer, or given it up.
    GivenUp,
    HostDecided,
    /// Refused: nobody may ask.
    NoAsking,
    /// Refused: it has asked too often.
    TooOften,
    /// Refused: nobody has answered in time.
    NoAnswer,
    /// Refused: it, or whom it wants to hand its place to, does not know the token.
    TokenNeeded,
    /// Refused: the token is not the right one.
    WrongToken,
    /// Refused: only the host hands out places.
    HostDecides,
    /// Refused: only a player has something to hand over.
    NotAPlayer,
    /// Refused: there is no such spectator to hand something to.
    NoSuchSpectator,
}

impl Reason {
    /// For people, in English.
    pub fn text(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::FreePlace => "a place is free",
            Self::Given => "another player handed over control",
            Self::GivenUp => "control was given up",
            Self::HostDecided => "the host decided so",
            Self::NoAsking => "control cannot be asked for here",
            Self::TooOften => "asked too often",
            Self::NoAnswer => "nobody answered",
            Self::TokenNeeded => "only who has the player token may play",
            Self::WrongToken => "the player token is not the right one",
            Self::HostDecides => "only the host decides who plays",
            Self::NotAPlayer => "only a player can hand over control",
            Self::NoSuchSpectator => "no such spectator is here",
        }
    }
}

/// What a step came to, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A viewer has another role.
    Role { viewer: ViewerId, role: Role, reason: Reason },
    /// A viewer asks for control; whoever can give it is to be told.
    Asked { viewer: ViewerId },
    /// What a viewer wanted came to nothing.
    Refused { viewer: ViewerId, reason: Reason },
}

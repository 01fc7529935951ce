//! What a page has been told, and what it is to be told next. Pure.

use crate::streamer::control_json::{HostMessage, Quality, RungOffer, VERSION};
use crate::streamer::presentation::{Keyboard, Presentation};
use crate::streamer::roles::Standing;
use crate::units::ViewerId;

/// What the page is to know.
#[derive(Debug)]
pub struct Wanted {
    pub viewer: ViewerId,
    pub standing: Standing,
    pub shown: Presentation,
    /// Texts of the clipboard are taken.
    pub clipboard: bool,
    pub layers: Vec<RungOffer>,
    pub codecs: Vec<&'static str>,
    /// What its viewer has chosen; None: it may not choose.
    pub quality: Option<Quality>,
}

/// What it knows. Nothing, until its welcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    welcome: String,
    news: u64,
    asking: Vec<ViewerId>,
    shown: Presentation,
}

impl Wanted {
    fn welcome(&self) -> String {
        let standing = &self.standing;
        let message = HostMessage::Welcome {
            version: VERSION,
            viewer: self.viewer.0,
            role: standing.role.name(),
            number: standing.role.number(),
            players: standing.players,
            may_ask: standing.may_ask,
            clipboard: self.clipboard,
            layers: self.layers.clone(),
            codecs: self.codecs.clone(),
            quality: self.quality.as_ref(),
        };
        message.encode()
    }

    /// Who asks for control, where this viewer can give it.
    fn asks_it(&self, viewer: ViewerId) -> bool {
        self.standing.role.is_player() && viewer != self.viewer && self.standing.asking.contains(&viewer)
    }
}

impl Told {
    /// The next message, and what the page knows with it. None: it knows everything.
    pub fn next(&self, wanted: &Wanted) -> Option<(String, Self)> {
        let mut told = self.clone();
        told.asking.retain(|viewer| wanted.asks_it(*viewer));
        let message = told.step(wanted)?;
        Some((message, told))
    }

    fn step(&mut self, wanted: &Wanted) -> Option<String> {
        let (standing, shown) = (&wanted.standing, &wanted.shown);
        let (role, number, reason) = (standing.role.name(), standing.role.number(), standing.reason.text());
        let welcome = wanted.welcome();
        if self.welcome.is_empty() {
            (self.welcome, self.news) = (welcome, standing.news);
            return Some(self.welcome.clone());
        }
        if self.news != standing.news {
            self.news = standing.news;
            return Some(HostMessage::Role { role, number, reason }.encode());
        }
        if self.welcome != welcome {
            self.welcome = welcome;
            return Some(self.welcome.clone());
        }
        let unheard = |viewer: &&ViewerId| wanted.asks_it(**viewer) && !self.asking.contains(viewer);
        if let Some(viewer) = standing.asking.iter().find(unheard).copied() {
            self.asking.push(viewer);
            return Some(HostMessage::Asked { viewer: viewer.0 }.encode());
        }
        if self.shown.cursor != shown.cursor {
            self.shown.cursor = shown.cursor;
            return Some(HostMessage::Cursor { shape: shown.cursor.unwrap_or("default") }.encode());
        }
        if self.shown.pointer_lock != shown.pointer_lock {
            self.shown.pointer_lock = shown.pointer_lock;
            return Some(HostMessage::PointerLock { on: shown.pointer_lock }.encode());
        }
        if self.shown.freeze != shown.freeze {
            self.shown.freeze = shown.freeze;
            return Some(HostMessage::Freeze { on: shown.freeze }.encode());
        }
        if self.shown.keyboard.0 != shown.keyboard.0 {
            self.shown.keyboard = shown.keyboard.clone();
            return Some(keyboard(shown.keyboard.1.as_ref()));
        }
        None
    }
}

fn keyboard(shown: Option<&Keyboard>) -> String {
    let none = Keyboard::default();
    let field = shown.unwrap_or(&none);
    let message = HostMessage::Keyboard {
        show: shown.is_some(),
        text: &field.text,
        start: field.selection_start,
        end: field.selection_end,
        mode: field.mode.name(),
        label: &field.label,
    };
    message.encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::{Reason, Role};

    fn wanted() -> Wanted {
        Wanted {
            viewer: ViewerId(7),
            standing: Standing { role: Role::Player(1), players: 1, may_ask: false, ..Default::default() },
            shown: Presentation::default(),
            clipboard: false,
            layers: Vec::new(),
            codecs: vec!["H264"],
            quality: None,
        }
    }

    /// The types and a member of everything that is told.
    fn tell(told: &mut Told, wanted: &Wanted) -> Vec<String> {
        let mut all = Vec::new();
        while let Some((text, next)) = told.next(wanted) {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            let kind = json["type"].as_str().unwrap();
            let of_interest = ["number", "viewer", "shape", "on", "show"].map(|name| json[name].to_string());
            let of_interest: Vec<_> = of_interest.into_iter().filter(|value| value != "null").collect();
            all.push(format!("{kind} {}", of_interest.join(" ")));
            *told = next;
            assert!(all.len() < 50, "it never ends: {all:?}");
        }
        all
    }

    #[test]
    fn a_page_is_welcomed_first_and_then_told_what_is_new_only() {
        let (mut told, mut wanted) = (Told::default(), wanted());
        wanted.standing.news = 3;
        (wanted.shown.cursor, wanted.shown.freeze) = (Some("none"), true);
        wanted.shown.pointer_lock = true;
        assert_eq!(
            tell(&mut told, &wanted),
            ["welcome 1 7", "cursor \"none\"", "pointer_lock true", "freeze true"],
            "its role is in its welcome"
        );
        assert!(tell(&mut told, &wanted).is_empty());
        wanted.standing = Standing { news: 4, reason: Reason::GivenUp, ..Default::default() };
        wanted.shown = Presentation { keyboard: (2, Some(Keyboard::default())), ..Default::default() };
        let expected =
            ["role 0", "welcome 0 7", "cursor \"default\"", "pointer_lock false", "freeze false", "keyboard true"];
        assert_eq!(tell(&mut told, &wanted), expected);
        wanted.shown.keyboard = (3, Some(Keyboard::default()));
        assert_eq!(tell(&mut told, &wanted), ["keyboard true"], "the same again is asked for again");
        wanted.shown.keyboard = (4, None);
        wanted.standing.news = 5;
        assert_eq!(tell(&mut told, &wanted), ["role 0", "keyboard false"], "a refusal tells the role again");
        wanted.layers.push(RungOffer { rung: 0, width: 2, height: 2 });
        assert_eq!(tell(&mut told, &wanted), ["welcome 0 7"]);
        wanted.quality = Some(Quality { rung: Some(1), ..Default::default() });
        assert_eq!(tell(&mut told, &wanted), ["welcome 0 7"]);
        assert!(told.welcome.ends_with(r#""quality":{"rung":1,"codec":null,"max_kbps":null}}"#), "{}", told.welcome);
    }

    #[test]
    fn only_players_are_asked_by_others_once_for_each_ask() {
        let (mut told, mut wanted) = (Told::default(), wanted());
        wanted.standing.asking = vec![ViewerId(7), ViewerId(9)].into();
        assert_eq!(tell(&mut told, &wanted), ["welcome 1 7", "asked 9"]);
        wanted.standing.asking = vec![ViewerId(9), ViewerId(11)].into();
        assert_eq!(tell(&mut told, &wanted), ["asked 11"]);
        wanted.standing.asking = vec![].into();
        wanted.standing.players = 2;
        assert_eq!(tell(&mut told, &wanted), ["welcome 1 7"]);
        wanted.standing.asking = vec![ViewerId(11)].into();
        assert_eq!(tell(&mut told, &wanted), ["asked 11"], "it asks again");
        wanted.standing.role = Role::Spectator;
        assert_eq!(tell(&mut told, &wanted), ["welcome 0 7"]);
        wanted.standing.role = Role::Player(2);
        assert_eq!(tell(&mut told, &wanted), ["welcome 2 7", "asked 11"]);
    }
}

//! What pages are to show beside the picture: states that the host sets for one viewer or for all, kept here until a page has
//! taken them, and for viewers to come.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::units::ViewerId;

/// What one page is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presentation {
    /// A keyword of CSS; None: the page's own.
    pub cursor: Option<&'static str>,
    pub pointer_lock: bool,
    pub freeze: bool,
    /// The text field, and the how-manieth wish that is.
    pub keyboard: (u64, Option<Keyboard>),
}

/// An on-screen keyboard with its text field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    pub text: String,
    /// The selection, in characters.
    pub selection_start: u32,
    pub selection_end: u32,
    pub mode: KeyboardMode,
    /// What the text is for.
    pub label: String,
}

/// HTML `inputmode`, and the field of a password. The numbers are the C ABI's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyboardMode {
    #[default]
    Text,
    Numeric,
    Email,
    Url,
    Search,
    Password,
}

impl KeyboardMode {
    pub const ALL: [Self; 6] = [Self::Text, Self::Numeric, Self::Email, Self::Url, Self::Search, Self::Password];

    /// As the page is told it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Numeric => "numeric",
            Self::Email => "email",
            Self::Url => "url",
            Self::Search => "search",
            Self::Password => "password",
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    usual: Presentation,
    viewers: HashMap<ViewerId, watch::Sender<Presentation>>,
}

/// Everybody's.
#[derive(Debug, Default)]
pub struct Presentations(Mutex<Table>);

impl Presentations {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A viewer's task begins, with what is set for those to come.
    pub fn meet(&self, viewer: ViewerId) -> watch::Receiver<Presentation> {
        let mut table = self.table();
        let (sender, receiver) = watch::channel(table.usual.clone());
        table.viewers.insert(viewer, sender);
        receiver
    }

    pub fn leave(&self, viewer: ViewerId) {
        self.table().viewers.remove(&viewer);
    }

    /// For one viewer, or for all that are here and all to come. False: the viewer is not here.
    pub fn set(&self, to: Option<ViewerId>, set: impl Fn(&mut Presentation)) -> bool {
        let mut table = self.table();
        match to {
            Some(viewer) => {
                let Some(sender) = table.viewers.get(&viewer) else { return false };
                sender.send_modify(set);
            }
            None => {
                set(&mut table.usual);
                table.viewers.values().for_each(|sender| sender.send_modify(&set));
            }
        }
        true
    }

    /// Opens a text field, or closes it, at one viewer or at all that are here. False: the viewer is not here.
    pub fn set_keyboard(&self, to: Option<ViewerId>, keyboard: Option<Keyboard>) -> bool {
        let table = self.table();
        let set = |shown: &mut Presentation| shown.keyboard = (shown.keyboard.0 + 1, keyboard.clone());
        match to {
            Some(viewer) => table.viewers.get(&viewer).map(|sender| sender.send_modify(set)).is_some(),
            None => {
                table.viewers.values().for_each(|sender| sender.send_modify(set));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ViewerId = ViewerId(1);
    const BEN: ViewerId = ViewerId(2);

    #[test]
    fn what_is_set_for_all_is_for_those_to_come_too_but_not_a_text_field() {
        let all = Presentations::default();
        let ann = all.meet(ANN);
        assert!(!all.set(Some(BEN), |shown| shown.freeze = true));
        assert!(all.set(None, |shown| shown.cursor = Some("none")));
        assert!(all.set(Some(ANN), |shown| shown.pointer_lock = true));
        assert!(all.set_keyboard(None, Some(Keyboard::default())));
        assert!(!all.set_keyboard(Some(BEN), None));
        let ben = all.meet(BEN);
        assert_eq!((ann.borrow().cursor, ann.borrow().pointer_lock), (Some("none"), true));
        assert_eq!(ann.borrow().keyboard, (1, Some(Keyboard::default())));
        assert_eq!(*ben.borrow(), Presentation { cursor: Some("none"), ..Default::default() });
        all.leave(BEN);
        assert!(!all.set(Some(BEN), |_| ()));
    }
}

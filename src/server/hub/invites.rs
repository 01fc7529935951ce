//! Pages of private mode that have connected and may yet offer by themselves. Pure.
//!
//! Whoever offers first is answered: a page that has to take back an offer with its first data channel never gets that
//! channel (Chromium). So the host's own offer waits a moment for the page's.

use std::collections::VecDeque;

use super::{Hub, SessionId};
use crate::signaling::ConnectionId;

/// How long a page has to offer, in ms: a round trip, and what a browser needs to make an offer.
pub const INVITE_AFTER_MS: u64 = 300;

#[derive(Debug, Default)]
pub struct Invites {
    /// In the order in which they are due.
    waiting: VecDeque<(u64, SessionId, ConnectionId)>,
    /// Somebody came since the last look.
    rung: bool,
}

impl Invites {
    /// The page has connected.
    pub fn wait_for(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) {
        let due = now.saturating_add(INVITE_AFTER_MS);
        let due = self.waiting.back().map_or(due, |(last, ..)| due.max(*last));
        self.waiting.push_back((due, id.clone(), connection.clone()));
        self.rung = true;
    }

    /// It has offered, or is gone.
    pub fn forget(&mut self, id: &SessionId, connection: Option<&ConnectionId>) {
        self.waiting
            .retain(|(_, waiting, its)| waiting != id || connection.is_some_and(|connection| its != connection));
    }

    /// The next one that has not offered in time.
    pub fn take_due(&mut self, now: u64) -> Option<(SessionId, ConnectionId)> {
        let (due, ..) = self.waiting.front()?;
        if *due > now {
            return None;
        }
        self.waiting.pop_front().map(|(_, id, connection)| (id, connection))
    }

    /// When that is next, in ms.
    pub fn next(&self) -> Option<u64> {
        self.waiting.front().map(|(due, ..)| *due)
    }

    /// Whether [`Self::next`] may have become sooner since this was last asked.
    pub fn take_rung(&mut self) -> bool {
        std::mem::take(&mut self.rung)
    }
}

impl<W: Clone> Hub<W> {
    /// Has the host offer to those who have not done so themselves. Gives when to ask again, in ms.
    pub fn send_invites(&mut self, now: u64) -> Option<u64> {
        while let Some((id, connection)) = self.invites.take_due(now) {
            // A host that is too busy for it is asked again.
            if self.owns(&id, &connection) && self.invite(&id, &connection, now).is_err() {
                self.invites.wait_for(&id, &connection, now);
                break;
            }
        }
        self.invites.next()
    }

    /// Whether [`Self::send_invites`] is to be asked sooner than it said.
    pub fn take_rung(&mut self) -> bool {
        self.invites.take_rung()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> (SessionId, ConnectionId) {
        (SessionId(name.into()), ConnectionId(name.into()))
    }

    #[test]
    fn who_offers_or_leaves_in_time_is_not_invited() {
        let mut invites = Invites::default();
        let pages = ["offers", "leaves", "waits"].map(page);
        for (id, connection) in &pages {
            invites.wait_for(id, connection, 1_000);
        }
        assert!(invites.take_rung() && !invites.take_rung());
        invites.forget(&pages[0].0, Some(&pages[0].1));
        invites.forget(&pages[1].0, None);
        invites.forget(&pages[2].0, Some(&pages[0].1));
        assert_eq!(invites.next(), Some(1_000 + INVITE_AFTER_MS));
        assert_eq!(invites.take_due(1_000 + INVITE_AFTER_MS - 1), None);
        assert_eq!(invites.take_due(1_000 + INVITE_AFTER_MS), Some(page("waits")));
        assert_eq!(invites.next(), None);
    }
}

//! Who is here, and what the host has set for each viewer and for those to come. Read and written by the host's threads and by
//! the viewers' tasks, each for a moment.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::orders::{OrderError, Orders};
use super::senders::{MediaKind, SenderError, SenderParameters};
use crate::encode::Codec;
use crate::peer::Direction;
use crate::roles::Role;
use crate::signaling::ConnectionId;
use crate::units::{SenderId, SourceId, ViewerId};

/// How a viewer's connection is. The numbers are the C ABI's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum ViewerState {
    /// It is negotiated, or has not come up yet.
    #[default]
    Connecting = 1,
    Connected = 2,
    /// Nothing is heard from it; it may come back within seconds.
    Interrupted = 3,
}

/// A viewer that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentViewer {
    pub viewer: ViewerId,
    pub state: ViewerState,
    /// As its signaling protocol names it.
    pub connection: ConnectionId,
    pub role: Role,
}

/// What the host has set for one viewer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    pub video: SenderParameters,
    pub audio: SenderParameters,
    /// Best first; empty: as configured.
    pub codecs: Vec<Codec>,
    /// Which ways their sections go; None: the host has said nothing.
    pub video_direction: Option<Direction>,
    pub audio_direction: Option<Direction>,
    /// Their MediaStreams; None: as configured.
    pub video_stream: Option<String>,
    pub audio_stream: Option<String>,
    /// Tracks beside the first two, in the order in which they were added.
    pub tracks: Vec<TrackWish>,
    /// How many were ever added: their numbers are not used again.
    pub added: u32,
}

/// A track that the host has added.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackWish {
    pub sender: SenderId,
    /// Of sound nothing is sent.
    pub kind: MediaKind,
    pub source: SourceId,
    /// Its MediaStream.
    pub stream: String,
    /// Which ways its section goes; None: the host has said nothing.
    pub direction: Option<Direction>,
    pub parameters: SenderParameters,
}

#[derive(Debug, Default)]
struct Entry {
    /// None until its task runs.
    met: Option<(ConnectionId, ViewerState)>,
    /// None: nothing was set.
    wishes: Option<Wishes>,
}

#[derive(Debug, Default)]
struct Table {
    viewers: BTreeMap<ViewerId, Entry>,
    /// Codecs for viewers to come; empty: as configured.
    usual: Vec<Codec>,
    /// Codecs with an encoder that works; None until that is known.
    working: Option<Vec<Codec>>,
}

#[derive(Debug, Default)]
pub struct Directory(Mutex<Table>);

impl Directory {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A viewer's task begins. Returns the codecs that it is to have, best first.
    pub fn meet(&self, viewer: ViewerId, connection: ConnectionId) -> Vec<Codec> {
        let mut table = self.table();
        let usual = table.usual.clone();
        let entry = table.viewers.entry(viewer).or_default();
        entry.met = Some((connection, ViewerState::Connecting));
        let codecs = &mut entry.wishes.get_or_insert_default().codecs;
        if codecs.is_empty() {
            *codecs = usual;
        }
        codecs.clone()
    }

    pub fn set_state(&self, viewer: ViewerId, state: ViewerState) {
        if let Some(Entry { met: Some((_, present)), .. }) = self.table().viewers.get_mut(&viewer) {
            *present = state;
        }
    }

    /// After it takes no orders any more.
    pub fn leave(&self, viewer: ViewerId) {
        self.table().viewers.remove(&viewer);
    }

    /// Everybody, in the order of their numbers; who plays is in another table.
    pub fn list(&self) -> Vec<PresentViewer> {
        let table = self.table();
        let present = table.viewers.iter().filter_map(|(viewer, entry)| {
            let (connection, state) = entry.met.clone()?;
            Some(PresentViewer { viewer: *viewer, state, connection, role: Role::Spectator })
        });
        present.collect()
    }

    /// What the host has set for a viewer.
    pub fn wishes(&self, viewer: ViewerId) -> Wishes {
        self.table().viewers.get(&viewer).and_then(|entry| entry.wishes.clone()).unwrap_or_default()
    }

    /// What the host has set for a viewer that takes orders.
    pub fn wishes_of(&self, orders: &Orders, viewer: ViewerId) -> Result<Wishes, SenderError> {
        let table = self.table();
        if !orders.has(viewer) {
            return Err(SenderError::NoViewer(viewer));
        }
        Ok(table.viewers.get(&viewer).and_then(|entry| entry.wishes.clone()).unwrap_or_default())
    }

    /// Changes what is set for a viewer that takes orders.
    pub fn set(&self, orders: &Orders, viewer: ViewerId, set: impl FnOnce(&mut Wishes)) -> Result<(), SenderError> {
        let mut table = self.table();
        // Asked while the table is held: whoever leaves takes no orders first, and its entry goes after this one is made.
        if !orders.has(viewer) {
            return Err(SenderError::NoViewer(viewer));
        }
        set(table.viewers.entry(viewer).or_default().wishes.get_or_insert_default());
        Ok(())
    }

    /// Changes what is set for a viewer, if `change` says so.
    pub fn change<T, E: From<OrderError>>(
        &self,
        orders: &Orders,
        viewer: ViewerId,
        change: impl FnOnce(&mut Wishes) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut table = self.table();
        if !orders.has(viewer) {
            return Err(OrderError::NoViewer(viewer).into());
        }
        change(table.viewers.entry(viewer).or_default().wishes.get_or_insert_default())
    }

    pub fn set_working(&self, codecs: &[Codec]) {
        self.table().working = Some(codecs.to_vec());
    }

    /// Codecs with an encoder that works; None until that is known.
    pub fn working(&self) -> Option<Vec<Codec>> {
        self.table().working.clone()
    }

    /// Whether one of these has an encoder that works, as far as that is known.
    pub fn any_works(&self, codecs: &[Codec]) -> bool {
        let table = self.table();
        table.working.as_ref().is_none_or(|working| codecs.iter().any(|codec| working.contains(codec)))
    }

    pub fn set_usual(&self, codecs: Vec<Codec>) {
        self.table().usual = codecs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ViewerId = ViewerId(7);

    fn connection() -> ConnectionId {
        ConnectionId("ann".into())
    }

    #[test]
    fn a_viewer_is_listed_with_its_state_from_its_coming_to_its_leaving() {
        let directory = Directory::default();
        directory.set_state(ANN, ViewerState::Connected);
        assert!(directory.list().is_empty());
        directory.meet(ViewerId(9), ConnectionId("ben".into()));
        directory.meet(ANN, connection());
        let states = || directory.list().into_iter().map(|one| (one.viewer.0, one.state)).collect::<Vec<_>>();
        assert_eq!(states(), [(7, ViewerState::Connecting), (9, ViewerState::Connecting)]);
        directory.set_state(ANN, ViewerState::Interrupted);
        assert_eq!(states()[0].1, ViewerState::Interrupted);
        assert_eq!(directory.list()[0].connection, connection());
        directory.leave(ANN);
        assert_eq!(states(), [(9, ViewerState::Connecting)]);
    }

    #[test]
    fn what_is_set_stays_with_a_viewer_that_takes_orders_and_goes_with_it() {
        let (directory, orders) = (Directory::default(), Orders::default());
        let mute = |wishes: &mut Wishes| wishes.audio.active = false;
        assert_eq!(directory.set(&orders, ANN, mute), Err(SenderError::NoViewer(ANN)));
        let _queue = orders.enter(ANN);
        // Before its task runs.
        directory.set(&orders, ANN, mute).unwrap();
        assert!(directory.list().is_empty());
        directory.meet(ANN, connection());
        assert!(!directory.wishes_of(&orders, ANN).unwrap().audio.active && directory.wishes(ANN).video.active);
        orders.leave(ANN);
        directory.leave(ANN);
        assert_eq!(directory.wishes_of(&orders, ANN), Err(SenderError::NoViewer(ANN)));
        assert_eq!(directory.wishes(ANN), Wishes::default());
    }

    #[test]
    fn codecs_are_taken_for_working_until_it_is_known_better() {
        let directory = Directory::default();
        assert!(directory.any_works(&[Codec::Av1]));
        directory.set_working(&[Codec::H264, Codec::Vp8]);
        assert!(directory.any_works(&[Codec::Av1, Codec::Vp8]) && !directory.any_works(&[Codec::Av1]));
        directory.set_usual(vec![Codec::Vp8]);
        assert_eq!(directory.meet(ANN, connection()), [Codec::Vp8]);
    }
}

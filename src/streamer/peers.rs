//! Viewers whose connections the host negotiates itself, step by step: how they are made, and what it wants done with them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::orders::{Order, OrderError};
use super::peer_events::{OPERATIONS, PeerEvents, PeerNews};
use super::session;
use super::shared::Shared;
use crate::peer::{Configured, Described, Description, DescriptionKind, OperationError, PeerStates};
use crate::signaling::IceCandidate;
use crate::stats::Counter;
use crate::units::ViewerId;

/// Viewers that may wait for the session.
const WAITING: usize = 64;
/// A connection's driver that is busy for longer has no description to give.
const LONGEST: Duration = Duration::from_millis(250);

/// Why a call on a viewer's connection was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerCallError {
    #[error("the streamer is not started")]
    NotStarted,
    #[error("peer.max_viewers = {0} are connected already")]
    TooMany(u32),
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error("{0} came by a signaling protocol: the library negotiates for it")]
    NotHostNegotiated(ViewerId),
    #[error("too much waits for {0} already")]
    Full(ViewerId),
    #[error("{OPERATIONS} operations are not polled yet")]
    Unpolled,
    #[error("the connection of {0} did not answer within 250 ms")]
    Busy(ViewerId),
    #[error("configuration: {0}")]
    Configuration(String),
}

impl From<OrderError> for PeerCallError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::NoViewer(viewer) => Self::NoViewer(viewer),
            OrderError::Full(viewer) => Self::Full(viewer),
        }
    }
}

/// What is done with a connection (W3C WebRTC, section 4.4.2), each after the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateOffer {
        ice_restart: bool,
    },
    CreateAnswer,
    /// No kind: the one that the state implies.
    SetLocal {
        kind: Option<DescriptionKind>,
        sdp: String,
    },
    SetRemote {
        kind: DescriptionKind,
        sdp: String,
    },
    AddCandidate(IceCandidate),
}

/// A viewer on its way to the session.
#[derive(Debug)]
pub struct NewPeer {
    pub id: ViewerId,
    pub orders: mpsc::Receiver<Order>,
    pub configured: Configured,
}

#[derive(Debug, Default)]
struct Door {
    to_session: Option<mpsc::Sender<NewPeer>>,
    for_session: Option<mpsc::Receiver<NewPeer>>,
    /// Viewers that the host negotiates, with the number of operations that wait for each.
    here: HashMap<ViewerId, Arc<AtomicU32>>,
}

/// Between the host's threads and the session.
#[derive(Debug)]
pub struct Peers {
    pub events: PeerEvents,
    door: Mutex<Door>,
    /// Viewers of any kind that have a seat.
    seats: AtomicU32,
    last_request: AtomicU32,
}

impl Peers {
    pub fn new(dropped: Counter) -> Self {
        Self {
            events: PeerEvents::new(dropped),
            door: Mutex::default(),
            seats: AtomicU32::new(0),
            last_request: AtomicU32::new(0),
        }
    }

    /// A session begins: from now on viewers can be made.
    pub fn open(&self) {
        let (to_session, for_session) = mpsc::channel(WAITING);
        let mut door = self.door();
        (door.to_session, door.for_session) = (Some(to_session), Some(for_session));
        // Those of an earlier session are free.
        self.seats.store(0, Ordering::Relaxed);
    }

    /// Where the session takes them.
    pub fn take_arrivals(&self) -> Option<mpsc::Receiver<NewPeer>> {
        self.door().for_session.take()
    }

    /// The session ends.
    pub fn close(&self) {
        self.door().to_session = None;
    }

    pub fn set_seats(&self, seats: usize) {
        self.seats.store(u32::try_from(seats).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// A viewer that the host negotiates is gone, and the host is told why. Nothing happens where it was gone before.
    pub fn leave(&self, viewer: ViewerId, reason: &str) {
        if self.door().here.remove(&viewer).is_some() {
            self.events.push(viewer, PeerNews::Closed { reason: reason.to_owned() });
        }
    }

    /// Operations that wait for a viewer; None if the host does not negotiate for it.
    pub fn waiting(&self, viewer: ViewerId) -> Option<Arc<AtomicU32>> {
        self.door().here.get(&viewer).cloned()
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An operation that was accepted. Its end is told, whatever happens to it.
#[derive(Debug)]
pub struct Ticket {
    shared: Arc<Shared>,
    viewer: ViewerId,
    request: u32,
    waiting: Arc<AtomicU32>,
    outcome: Result<String, OperationError>,
}

impl Ticket {
    fn new(shared: &Arc<Shared>, viewer: ViewerId) -> Result<Self, PeerCallError> {
        let Some(waiting) = shared.peers.waiting(viewer) else {
            let here = shared.orders.is_here(viewer);
            return Err(if here { PeerCallError::NotHostNegotiated(viewer) } else { PeerCallError::NoViewer(viewer) });
        };
        if !shared.peers.events.reserve() {
            return Err(PeerCallError::Unpolled);
        }
        waiting.fetch_add(1, Ordering::AcqRel);
        // Zero is no request.
        let request = shared.peers.last_request.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1);
        let outcome = Err(OperationError::InvalidState("the connection is closed".into()));
        Ok(Self { shared: Arc::clone(shared), viewer, request, waiting, outcome })
    }

    pub fn end(mut self, outcome: Result<String, OperationError>) {
        self.outcome = outcome;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        let outcome = std::mem::replace(&mut self.outcome, Ok(String::new()));
        self.shared.peers.events.push(self.viewer, PeerNews::Done { request: self.request, outcome });
    }
}

/// Makes a viewer. Its number is good at once: what is wanted of it waits until the session has seated it.
pub fn create(shared: &Shared, configured: Configured) -> Result<ViewerId, PeerCallError> {
    let max = shared.config.peer.max_viewers;
    let mut door = shared.peers.door();
    let to_session = door.to_session.clone().ok_or(PeerCallError::NotStarted)?;
    let coming = (to_session.max_capacity() - to_session.capacity()) as u32;
    if shared.peers.seats.load(Ordering::Relaxed).saturating_add(coming) >= max {
        return Err(PeerCallError::TooMany(max));
    }
    let id = session::next_viewer();
    shared.configurations.enter(id, configured.clone());
    let new = NewPeer { id, orders: shared.orders.enter(id), configured };
    if let Err(error) = to_session.try_send(new) {
        shared.orders.leave(id);
        shared.configurations.leave(id);
        return Err(match error {
            mpsc::error::TrySendError::Full(_) => PeerCallError::Full(id),
            mpsc::error::TrySendError::Closed(_) => PeerCallError::NotStarted,
        });
    }
    door.here.insert(id, Arc::default());
    Ok(id)
}

/// Has an operation done after those before it. The number that its end is told with.
pub fn operate(shared: &Arc<Shared>, viewer: ViewerId, operation: Operation) -> Result<u32, PeerCallError> {
    let ticket = Ticket::new(shared, viewer)?;
    let request = ticket.request;
    let posted = shared.orders.post(viewer, move |viewer| Box::pin(viewer.operate(operation, ticket)));
    if let Err(error) = posted {
        // The ticket has told the end of what never began.
        shared.peers.events.withdraw(request);
        return Err(error.into());
    }
    Ok(request)
}

/// Asks for new ICE credentials, of any viewer.
pub fn restart_ice(shared: &Shared, viewer: ViewerId) -> Result<(), PeerCallError> {
    Ok(shared.orders.post(viewer, |viewer| Box::pin(viewer.restart_ice()))?)
}

/// Ends a connection that the host made.
pub fn close(shared: &Shared, viewer: ViewerId) -> Result<(), PeerCallError> {
    if shared.peers.waiting(viewer).is_none() && shared.orders.is_here(viewer) {
        return Err(PeerCallError::NotHostNegotiated(viewer));
    }
    Ok(shared.orders.post(viewer, |viewer| Box::pin(async move { viewer.close_for_host() }))?)
}

/// One of the descriptions of any viewer's connection. Waits for its driver.
pub fn description(shared: &Shared, viewer: ViewerId, which: Description) -> Result<Option<Described>, PeerCallError> {
    let Some(peer) = shared.reports.peer(viewer) else {
        return if shared.orders.is_here(viewer) { Ok(None) } else { Err(PeerCallError::NoViewer(viewer)) };
    };
    let (tell, told) = crossbeam_channel::bounded(1);
    peer.clone().spawn(async move {
        let _ = tell.try_send(peer.description(which).await);
    });
    told.recv_timeout(LONGEST).map_err(|_| PeerCallError::Busy(viewer))
}

/// The states of any viewer's connection. Waits for nothing.
pub fn states(shared: &Shared, viewer: ViewerId) -> Result<PeerStates, PeerCallError> {
    match shared.reports.peer(viewer) {
        Some(peer) => Ok(peer.states()),
        None if shared.orders.is_here(viewer) => Ok(PeerStates::default()),
        None => Err(PeerCallError::NoViewer(viewer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn shared(max_viewers: u32) -> Arc<Shared> {
        let mut config = Config::default();
        config.peer.max_viewers = max_viewers;
        Shared::new(config)
    }

    fn made(shared: &Shared) -> Result<ViewerId, PeerCallError> {
        create(shared, Configured::default())
    }

    fn outcomes(shared: &Shared) -> Vec<PeerNews> {
        std::iter::from_fn(|| shared.peers.events.poll(|_, news| Ok::<_, ()>(news.clone()))).flatten().collect()
    }

    #[test]
    fn viewers_are_made_while_a_session_runs_and_as_many_as_may_be() {
        let shared = shared(2);
        assert_eq!(made(&shared), Err(PeerCallError::NotStarted));
        shared.peers.open();
        let first = made(&shared).unwrap();
        shared.peers.set_seats(1);
        assert_eq!(made(&shared), Err(PeerCallError::TooMany(2)), "one waits, one is seated");
        let mut arrivals = shared.peers.take_arrivals().unwrap();
        assert_eq!(arrivals.try_recv().unwrap().id, first);
        assert!(made(&shared).unwrap() > first);
        shared.peers.close();
        assert_eq!(made(&shared), Err(PeerCallError::NotStarted));
    }

    #[test]
    fn the_end_of_every_operation_is_told_also_when_the_viewer_leaves_before() {
        let shared = shared(4);
        shared.peers.open();
        let viewer = made(&shared).unwrap();
        let first = operate(&shared, viewer, Operation::CreateAnswer).unwrap();
        let second = operate(&shared, viewer, Operation::CreateOffer { ice_restart: false }).unwrap();
        assert_eq!(shared.peers.waiting(viewer).unwrap().load(Ordering::Relaxed), 2);
        drop(shared.peers.take_arrivals());
        shared.orders.leave(viewer);
        shared.peers.leave(viewer, "over");
        shared.peers.leave(viewer, "over");
        let requests: Vec<u32> = outcomes(&shared)
            .iter()
            .map(|news| match news {
                PeerNews::Done { request, outcome: Err(OperationError::InvalidState(_)) } => *request,
                PeerNews::Closed { reason } if reason == "over" => 0,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(requests, [first, second, 0]);
        let again = operate(&shared, viewer, Operation::CreateAnswer);
        assert_eq!(again, Err(PeerCallError::NoViewer(viewer)));
    }

    #[test]
    fn what_is_not_taken_leaves_no_event() {
        let shared = shared(4);
        let theirs = session::next_viewer();
        let orders = shared.orders.enter(theirs);
        assert_eq!(operate(&shared, theirs, Operation::CreateAnswer), Err(PeerCallError::NotHostNegotiated(theirs)));
        assert_eq!(close(&shared, theirs), Err(PeerCallError::NotHostNegotiated(theirs)));
        drop(orders);
        shared.peers.open();
        let viewer = made(&shared).unwrap();
        let mut taken = 0;
        while operate(&shared, viewer, Operation::CreateAnswer).is_ok() {
            taken += 1;
        }
        assert_eq!(operate(&shared, viewer, Operation::CreateAnswer), Err(PeerCallError::Full(viewer)));
        drop(shared.peers.take_arrivals());
        assert_eq!(outcomes(&shared).len(), taken);
    }
}

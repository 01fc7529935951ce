//! What the host wants done by a viewer's own task: posted from any thread, done in the order it was posted in.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::viewer::Viewer;
use crate::units::ViewerId;

/// Orders that may wait for one viewer.
const WAITING: usize = 64;

/// What an order does, on the viewer's task. Nothing else happens to the viewer meanwhile, so it must not wait for the network.
pub type Doing<'v> = Pin<Box<dyn Future<Output = ()> + Send + 'v>>;
pub type Order = Box<dyn for<'v> FnOnce(&'v mut Viewer) -> Doing<'v> + Send>;

/// Why an order was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error("{WAITING} orders wait for {0} already")]
    Full(ViewerId),
}

/// Every viewer's queue, from the moment it has a number until it leaves.
#[derive(Default)]
pub struct Orders(Mutex<HashMap<ViewerId, mpsc::Sender<Order>>>);

impl Orders {
    pub fn enter(&self, viewer: ViewerId) -> mpsc::Receiver<Order> {
        let (orders, queue) = mpsc::channel(WAITING);
        self.viewers().insert(viewer, orders);
        queue
    }

    pub fn leave(&self, viewer: ViewerId) {
        self.viewers().remove(&viewer);
    }

    /// Whether a viewer takes orders.
    pub fn has(&self, viewer: ViewerId) -> bool {
        self.viewers().contains_key(&viewer)
    }

    /// Whether a viewer has this number now.
    pub fn is_here(&self, viewer: ViewerId) -> bool {
        self.viewers().contains_key(&viewer)
    }

    /// Never waits. An order that is taken is dropped undone if the viewer leaves before its turn.
    pub fn post<F>(&self, viewer: ViewerId, order: F) -> Result<(), OrderError>
    where
        F: for<'v> FnOnce(&'v mut Viewer) -> Doing<'v> + Send + 'static,
    {
        let viewers = self.viewers();
        let orders = viewers.get(&viewer).ok_or(OrderError::NoViewer(viewer))?;
        orders.try_send(Box::new(order)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => OrderError::Full(viewer),
            mpsc::error::TrySendError::Closed(_) => OrderError::NoViewer(viewer),
        })
    }

    /// Everybody who can be given one.
    pub fn everybody(&self) -> Vec<ViewerId> {
        self.viewers().keys().copied().collect()
    }

    fn viewers(&self) -> MutexGuard<'_, HashMap<ViewerId, mpsc::Sender<Order>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Orders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Orders")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_wait_for_a_viewer_that_is_here_and_never_without_bound() {
        let orders = Orders::default();
        let viewer = ViewerId(7);
        let post = || orders.post(viewer, |_| Box::pin(async {}));
        assert_eq!(post(), Err(OrderError::NoViewer(viewer)));
        let mut queue = orders.enter(viewer);
        for _ in 0..WAITING {
            post().unwrap();
        }
        assert_eq!(post(), Err(OrderError::Full(viewer)));
        assert!(queue.try_recv().is_ok());
        post().unwrap();
        drop(queue);
        assert_eq!(post(), Err(OrderError::NoViewer(viewer)));
        orders.leave(viewer);
        assert_eq!(post(), Err(OrderError::NoViewer(viewer)));
    }
}

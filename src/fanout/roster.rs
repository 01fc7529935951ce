//! Who listens to a fan-out now. The lock is held only to swap or clone one pointer, never while media is handed out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Roster<Q>(Mutex<Arc<Vec<Arc<Q>>>>);

impl<Q> Default for Roster<Q> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q> Roster<Q> {
    pub(super) fn join(&self, queue: Arc<Q>) {
        let mut list = self.lock();
        *list = Arc::new(list.iter().cloned().chain([queue]).collect());
    }

    pub(super) fn leave(&self, queue: &Arc<Q>) {
        let mut list = self.lock();
        *list = Arc::new(list.iter().filter(|q| !Arc::ptr_eq(q, queue)).cloned().collect());
    }

    /// Everybody who listens at this moment.
    pub(super) fn listeners(&self) -> Arc<Vec<Arc<Q>>> {
        Arc::clone(&self.lock())
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<Arc<Q>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

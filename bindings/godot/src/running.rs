//! Streamers that run in this process, for the audio thread, which has no way to their node. Reading takes no lock.

use std::sync::{Arc, LazyLock};

use arc_swap::{ArcSwap, Guard};
use rendercast::streamer::Streamer;

static RUNNING: LazyLock<ArcSwap<Vec<Arc<Streamer>>>> = LazyLock::new(ArcSwap::default);

pub fn enter(streamer: &Arc<Streamer>) {
    RUNNING.rcu(|all| {
        let mut all = Vec::clone(all);
        all.push(Arc::clone(streamer));
        all
    });
}

pub fn leave(streamer: &Arc<Streamer>) {
    RUNNING.rcu(|all| all.iter().filter(|one| !Arc::ptr_eq(one, streamer)).cloned().collect::<Vec<_>>());
}

pub fn all() -> Guard<Arc<Vec<Arc<Streamer>>>> {
    RUNNING.load()
}

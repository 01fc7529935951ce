//! All sources of one streamer, by number. Finding one takes no lock, so that a push never waits for a host that makes
//! another.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::{Source, SourceOptions};
use crate::config::VideoConfig;
use crate::error::ConfigError;
use crate::stats::Counters;
use crate::streamer::orders::OrderError;
use crate::streamer::rate_bounds::RateBounds;
use crate::units::SourceId;

/// Sources besides the first that there may be at once.
pub const MOST_SOURCES: usize = 15;

/// What cannot be done with a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{0} is not there: it was destroyed or never created")]
    Unknown(SourceId),
    #[error("source 0 is always there")]
    First,
    #[error("{MOST_SOURCES} sources besides source 0 at once are the limit")]
    TooMany,
    #[error(transparent)]
    Options(#[from] ConfigError),
    #[error("no thread for a source: {0}")]
    Resources(String),
    #[error(transparent)]
    Order(#[from] OrderError),
}

#[derive(Debug)]
pub struct Sources {
    first: Arc<Source>,
    /// Those that the host has made, in that order.
    others: ArcSwap<Vec<Arc<Source>>>,
    /// The number given last; held while the table changes.
    last: Mutex<u32>,
    /// What viewers to come are shown.
    chosen: AtomicU32,
    video: VideoConfig,
    counters: Counters,
    rate_bounds: Arc<RateBounds>,
}

impl Sources {
    pub fn new(video: &VideoConfig, counters: &Counters, rate_bounds: &Arc<RateBounds>) -> Self {
        Self {
            first: Source::new(SourceId(0), SourceOptions::default(), counters, Arc::clone(rate_bounds)),
            others: ArcSwap::default(),
            last: Mutex::new(0),
            chosen: AtomicU32::new(0),
            video: video.clone(),
            counters: counters.clone(),
            rate_bounds: Arc::clone(rate_bounds),
        }
    }

    /// The one that is always there.
    pub fn first(&self) -> &Arc<Source> {
        &self.first
    }

    pub fn find(&self, id: SourceId) -> Result<Arc<Source>, SourceError> {
        if id == self.first.id {
            return Ok(Arc::clone(&self.first));
        }
        let others = self.others.load();
        others.iter().find(|source| source.id == id).cloned().ok_or(SourceError::Unknown(id))
    }

    /// The first, then the others in the order they were made in.
    pub fn all(&self) -> Vec<Arc<Source>> {
        std::iter::once(&self.first).chain(self.others.load().iter()).cloned().collect()
    }

    /// What a viewer that comes now is shown.
    pub fn chosen(&self) -> Arc<Source> {
        let chosen = self.find(SourceId(self.chosen.load(Ordering::Acquire)));
        chosen.unwrap_or_else(|_| Arc::clone(&self.first))
    }

    pub fn choose(&self, id: SourceId) -> Result<Arc<Source>, SourceError> {
        let source = self.find(id)?;
        self.chosen.store(id.0, Ordering::Release);
        Ok(source)
    }

    pub fn create(&self, options: SourceOptions) -> Result<Arc<Source>, SourceError> {
        options.validate(&self.video)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let others = self.others.load();
        if others.len() >= MOST_SOURCES {
            return Err(SourceError::TooMany);
        }
        // Four milliards of sources are more than anybody makes.
        *last = last.checked_add(1).ok_or(SourceError::TooMany)?;
        let source = Source::new(SourceId(*last), options, &self.counters, Arc::clone(&self.rate_bounds));
        self.others.store(Arc::new(others.iter().chain([&source]).cloned().collect()));
        Ok(source)
    }

    /// Takes a source out and ends it; its number is never given again.
    pub fn remove(&self, id: SourceId) -> Result<Arc<Source>, SourceError> {
        if id == self.first.id {
            return Err(SourceError::First);
        }
        let _one_at_a_time = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let source = self.find(id)?;
        let rest = self.others.load().iter().filter(|other| other.id != id).cloned().collect();
        self.others.store(Arc::new(rest));
        source.end();
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn sources() -> Sources {
        let (video, counters) = (Config::default().video, Counters::default());
        let bounds = Arc::new(RateBounds::new(&video));
        Sources::new(&video, &counters, &bounds)
    }

    #[test]
    fn a_number_is_never_given_twice_and_the_first_source_stays() {
        let sources = sources();
        let create = || sources.create(SourceOptions::default()).unwrap().id;
        let (a, b) = (create(), create());
        assert_eq!((a, b), (SourceId(1), SourceId(2)));
        assert!(sources.remove(a).unwrap().has_ended());
        assert!(matches!(sources.remove(a), Err(SourceError::Unknown(SourceId(1)))));
        assert!(matches!(sources.remove(SourceId(0)), Err(SourceError::First)));
        assert_eq!(create(), SourceId(3));
        assert_eq!(sources.all().iter().map(|source| source.id.0).collect::<Vec<_>>(), [0, 2, 3]);
        assert!(sources.find(a).is_err() && sources.find(SourceId(0)).is_ok());
    }

    #[test]
    fn there_are_fifteen_besides_the_first_at_once() {
        let sources = sources();
        let made: Vec<_> = (0..MOST_SOURCES).map(|_| sources.create(SourceOptions::default()).unwrap().id).collect();
        assert!(matches!(sources.create(SourceOptions::default()), Err(SourceError::TooMany)));
        sources.remove(made[7]).unwrap();
        assert_eq!(sources.create(SourceOptions::default()).unwrap().id, SourceId(16));
    }

    #[test]
    fn viewers_to_come_are_shown_what_was_chosen_while_it_is_there() {
        let sources = sources();
        let id = sources.create(SourceOptions::default()).unwrap().id;
        assert_eq!(sources.chosen().id, SourceId(0));
        assert!(sources.choose(SourceId(9)).is_err());
        assert_eq!(sources.choose(id).unwrap().id, id);
        assert_eq!(sources.chosen().id, id);
        sources.remove(id).unwrap();
        assert_eq!(sources.chosen().id, SourceId(0));
    }
}

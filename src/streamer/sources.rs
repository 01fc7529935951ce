//! What a host does with sources: makes and ends them, and says which viewer is shown which.

use std::sync::{Arc, PoisonError};

use super::Streamer;
use super::source::{Source, SourceError, SourceOptions};
use crate::units::{SourceId, ViewerId};

impl Streamer {
    /// The source of that number, to push to. 0 is always there. Takes no lock and never waits.
    pub fn source(&self, source: SourceId) -> Result<Arc<Source>, SourceError> {
        self.shared.sources.find(source)
    }

    /// Makes one more source. Waits while another thread starts or stops the streamer, for nothing else.
    pub fn create_source(&self, options: SourceOptions) -> Result<SourceId, SourceError> {
        let _life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let source = self.shared.sources.create(options)?;
        let mut graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(error)) = graph.as_mut().map(|graph| graph.run_source(Arc::clone(&source))) {
            let _ = self.shared.sources.remove(source.id);
            return Err(SourceError::Resources(error.to_string()));
        }
        Ok(source.id)
    }

    /// Ends a source and its worker. Who watches it is shown source 0 from now on. Waits as `create_source` does.
    pub fn destroy_source(&self, source: SourceId) -> Result<(), SourceError> {
        let _life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = self.shared.sources.remove(source)?;
        if let Some(graph) = self.graph.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            graph.layers.forget(gone.id);
        }
        for viewer in self.shared.orders.everybody() {
            // Who has no room, or leaves, finds out by itself: it looks four times a second.
            let _ = self.shared.orders.post(viewer, |viewer| Box::pin(viewer.review()));
        }
        Ok(())
    }

    /// What a viewer is shown from now on; `None`: those to come, unless they are told something else. The old picture stays
    /// until the new one's first keyframe is here. Waits for nothing.
    pub fn set_viewer_source(&self, viewer: Option<ViewerId>, source: SourceId) -> Result<(), SourceError> {
        match viewer {
            Some(viewer) => self.show(viewer, self.source(source)?),
            None => self.shared.sources.choose(source).map(drop),
        }
    }

    /// The same for everybody: those here and those to come. An error about one viewer leaves the others as asked for.
    pub fn set_every_viewers_source(&self, source: SourceId) -> Result<(), SourceError> {
        let source = self.shared.sources.choose(source)?;
        let mut outcome = Ok(());
        for viewer in self.shared.orders.everybody() {
            match self.show(viewer, Arc::clone(&source)) {
                // It has left meanwhile.
                Ok(()) | Err(SourceError::Order(super::orders::OrderError::NoViewer(_))) => {}
                failed => outcome = failed,
            }
        }
        outcome
    }

    fn show(&self, viewer: ViewerId, source: Arc<Source>) -> Result<(), SourceError> {
        Ok(self.shared.orders.post(viewer, |viewer| Box::pin(viewer.show(source)))?)
    }
}

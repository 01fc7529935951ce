//! What a host may ask of single connections.

use std::time::SystemTime;

use super::peers::{self, Operation, PeerCallError};
use super::{PeerNews, Streamer};
use crate::peer::{Configured, Described, Description, PeerStates};
use crate::units::ViewerId;

impl Streamer {
    /// Makes a viewer whose connection the host negotiates. `configuration`: an `RTCConfiguration` as JSON, with W3C's defaults;
    /// None: as the streamer's other viewers. Blocks while the certificates it names are read.
    pub fn create_peer(&self, configuration: Option<&str>) -> Result<ViewerId, PeerCallError> {
        let configured = match configuration {
            Some(json) => Configured::open(json, SystemTime::now())
                .map_err(|error| PeerCallError::Configuration(error.to_string()))?,
            None => Configured::of_streamer(&self.shared.config.peer),
        };
        peers::create(&self.shared, configured)
    }

    /// Has something done with such a connection, after what was asked before. Its end is told with the number returned.
    pub fn operate_peer(&self, viewer: ViewerId, operation: Operation) -> Result<u32, PeerCallError> {
        peers::operate(&self.shared, viewer, operation)
    }

    /// Ends such a connection.
    pub fn close_peer(&self, viewer: ViewerId) -> Result<(), PeerCallError> {
        peers::close(&self.shared, viewer)
    }

    /// Asks for new ICE credentials, of any viewer's connection.
    pub fn restart_ice(&self, viewer: ViewerId) -> Result<(), PeerCallError> {
        peers::restart_ice(&self.shared, viewer)
    }

    /// One of the descriptions of any viewer's connection. Waits for it, at most 250 ms.
    pub fn peer_description(&self, viewer: ViewerId, which: Description) -> Result<Option<Described>, PeerCallError> {
        peers::description(&self.shared, viewer, which)
    }

    /// The states of any viewer's connection. Waits for nothing.
    pub fn peer_states(&self, viewer: ViewerId) -> Result<PeerStates, PeerCallError> {
        peers::states(&self.shared, viewer)
    }

    /// What the connections that the host negotiates tell it. It stays where `read` fails.
    pub fn poll_peer<T, E>(&self, read: impl FnOnce(ViewerId, &PeerNews) -> Result<T, E>) -> Option<Result<T, E>> {
        self.shared.peers.events.poll(read)
    }
}

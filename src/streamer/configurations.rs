//! The configuration of each viewer's connection, for the host to read and to change (W3C `getConfiguration`,
//! `setConfiguration`), and its certificates.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Streamer;
use crate::peer::Configured;
pub use crate::peer::configuration::ConfigurationError;
use crate::peer::configuration::parse;
pub use crate::peer::{Certificate, CertificateError};
use crate::units::ViewerId;

/// Why a viewer's configuration is not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
}

/// Every viewer's, from the moment it has a number until it leaves.
#[derive(Debug, Default)]
pub struct Configurations(Mutex<HashMap<ViewerId, Configured>>);

impl Configurations {
    pub fn enter(&self, viewer: ViewerId, configured: Configured) {
        self.viewers().insert(viewer, configured);
    }

    pub fn leave(&self, viewer: ViewerId) {
        self.viewers().remove(&viewer);
    }

    fn find(&self, viewer: ViewerId) -> Result<Configured, ConfigureError> {
        self.viewers().get(&viewer).cloned().ok_or(ConfigureError::NoViewer(viewer))
    }

    fn viewers(&self) -> MutexGuard<'_, HashMap<ViewerId, Configured>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streamer {
    /// The configuration of a viewer's connection as JSON, credentials included (W3C `getConfiguration`).
    pub fn peer_configuration(&self, viewer: ViewerId) -> Result<String, ConfigureError> {
        Ok(self.shared.configurations.find(viewer)?.get().to_json())
    }

    /// Changes it (W3C `setConfiguration`). Servers and policy count from the connection's next gathering on, an ICE restart.
    /// Waits for nothing.
    pub fn set_peer_configuration(&self, viewer: ViewerId, json: &str) -> Result<(), ConfigureError> {
        let next = parse(json)?;
        Ok(self.shared.configurations.find(viewer)?.set(next)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_viewer_has_the_streamers_configuration_until_the_host_changes_it() {
        let config =
            r#"{"peer":{"ice_servers":[{"urls":"turn:a","username":"u","credential":"c"}],"ice_transport":"relay"}}"#;
        let streamer = Streamer::new(Config::from_json(config).unwrap()).unwrap();
        let (viewer, configurations) = (ViewerId(7), &streamer.shared.configurations);
        assert!(matches!(streamer.peer_configuration(viewer), Err(ConfigureError::NoViewer(ViewerId(7)))));
        assert!(matches!(streamer.set_peer_configuration(viewer, "{}"), Err(ConfigureError::NoViewer(_))));
        let configured = Configured::of_streamer(&streamer.config().peer);
        configurations.enter(viewer, configured.clone());
        let told = streamer.peer_configuration(viewer).unwrap();
        assert!(told.contains("turn:a") && told.contains(r#""iceTransportPolicy":"relay""#), "{told}");
        streamer.set_peer_configuration(viewer, r#"{"iceServers":[{"urls":"stun:b"}]}"#).unwrap();
        assert_eq!(configured.get().ice_servers[0].urls, ["stun:b"]);
        let error = streamer.set_peer_configuration(viewer, r#"{"bundlePolicy":"max-bundle"}"#).unwrap_err();
        assert_eq!(error.to_string(), "bundlePolicy cannot be changed after the connection was made");
        configurations.leave(viewer);
        assert!(streamer.peer_configuration(viewer).is_err());
    }
}

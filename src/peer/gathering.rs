//! The configuration that counts when a connection begins to gather candidates. The crate would take a new one with any
//! description, and end allocations that carry media; here it gets one with new ICE credentials only (W3C
//! `setConfiguration`: no action is taken until the next gathering phase).

use std::sync::{Mutex, PoisonError};

use rtc::peer_connection::configuration::{RTCConfigurationBuilder, RTCIceServer, RTCIceTransportPolicy};

use crate::config::IceTransport;

use super::Peer;
use super::configuration::{BundlePolicy, PeerConfiguration};
use super::negotiate::at;
use super::settings::PeerError;

/// What the last gathering began with.
#[derive(Debug, Default)]
pub struct Gathered(Mutex<Began>);

#[derive(Clone, Debug, Default)]
struct Began {
    ufrag: String,
    /// Of the configuration.
    version: u64,
}

impl Peer {
    /// To be called once, before anything is described.
    pub(super) async fn configure(&self) -> Result<(), PeerError> {
        let (configuration, version) = self.0.settings.configured.latest();
        self.adopt(&configuration).await?;
        self.0.gathered.begin(Began { ufrag: String::new(), version });
        Ok(())
    }

    /// To be called before this description of ours is applied.
    pub(super) async fn prepare_gathering(&self, sdp: &str) -> Result<(), PeerError> {
        let ufrag = sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map_or("", str::trim);
        let before = self.0.gathered.last();
        if before.ufrag == ufrag {
            return Ok(());
        }
        self.0.settings.configured.describe();
        let (configuration, version) = self.0.settings.configured.latest();
        if before.version != version {
            self.adopt(&configuration).await?;
        }
        self.0.gathered.begin(Began { ufrag: ufrag.to_owned(), version });
        Ok(())
    }

    /// What counts for the gathering that begins next.
    async fn adopt(&self, configuration: &PeerConfiguration) -> Result<(), PeerError> {
        let relay = configuration.ice_transport_policy == IceTransport::Relay;
        let mut servers = self.0.network.adopt(&configuration.ice_servers, relay);
        self.0.network.telling.set_bundle_only(configuration.bundle_policy == BundlePolicy::MaxBundle);
        if servers.is_empty() {
            // The crate takes an empty list for no change.
            servers.push(RTCIceServer::default());
        }
        let policy = if relay { RTCIceTransportPolicy::Relay } else { RTCIceTransportPolicy::All };
        let adopted =
            RTCConfigurationBuilder::new().with_ice_servers(servers).with_ice_transport_policy(policy).build();
        self.0.connection.set_configuration(adopted).await.map_err(at("configuration"))
    }
}

impl Gathered {
    fn last(&self) -> Began {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begin(&self, began: Began) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = began;
    }
}

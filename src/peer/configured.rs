//! One connection's configuration, shared by the host's threads and the connection. What the host sets counts when the
//! connection next asks its servers, which is with new ICE credentials.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::config::PeerConfig;

use super::certificate::Certificate;
use super::configuration::{ConfigurationError, PeerConfiguration, parse};

/// Clones are the same configuration. The default is W3C's.
#[derive(Clone, Debug, Default)]
pub struct Configured(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    certificate: Option<Arc<Certificate>>,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    current: PeerConfiguration,
    /// How often it was changed.
    version: u64,
    /// There was a local description.
    described: bool,
}

impl Configured {
    /// Reads a JSON text (W3C `RTCConfiguration`) and the certificates it names. Blocks while files are read.
    pub fn open(json: &str, now: SystemTime) -> Result<Self, ConfigurationError> {
        Self::new(parse(json)?, now)
    }

    /// Reads the certificates that are named; each must be good, and the first is used. Blocks while files are read.
    pub fn new(configuration: PeerConfiguration, now: SystemTime) -> Result<Self, ConfigurationError> {
        configuration.check()?;
        let mut certificates = Vec::new();
        for file in &configuration.certificates {
            certificates.push(Certificate::load(Path::new(file), now)?);
        }
        let certificate = certificates.into_iter().next().map(Arc::new);
        Ok(Self(Arc::new(Shared {
            certificate,
            state: Mutex::new(State { current: configuration, ..Default::default() }),
        })))
    }

    /// What connections have that nobody configures one by one.
    pub fn of_streamer(config: &PeerConfig) -> Self {
        let current = PeerConfiguration::of_streamer(config);
        Self(Arc::new(Shared { certificate: None, state: Mutex::new(State { current, ..Default::default() }) }))
    }

    /// W3C `getConfiguration`.
    pub fn get(&self) -> PeerConfiguration {
        self.state().current.clone()
    }

    /// W3C `setConfiguration`. Servers and policy count from the next gathering on.
    pub fn set(&self, mut next: PeerConfiguration) -> Result<(), ConfigurationError> {
        next.check()?;
        let mut state = self.state();
        state.current.check_change(&next, state.described)?;
        next.certificates = std::mem::take(&mut state.current.certificates);
        state.current = next;
        state.version += 1;
        Ok(())
    }

    /// A certificate of its own.
    pub(super) fn certificate(&self) -> Option<Arc<Certificate>> {
        self.0.certificate.clone()
    }

    /// There is a local description from now on.
    pub(super) fn describe(&self) {
        self.state().described = true;
    }

    /// What counts now, and how often it was changed.
    pub(super) fn latest(&self) -> (PeerConfiguration, u64) {
        let state = self.state();
        (state.current.clone(), state.version)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_taken_whole_or_not_at_all() {
        let configured = Configured::open("{}", SystemTime::UNIX_EPOCH).unwrap();
        let set = |json: &str| configured.set(parse(json).unwrap());
        set(r#"{"iceCandidatePoolSize":3,"iceServers":[{"urls":"stun:a"}]}"#).unwrap();
        configured.describe();
        let (first, version) = configured.latest();
        assert_eq!((first.ice_candidate_pool_size, version), (3, 1));
        assert!(set(r#"{"iceServers":[],"iceCandidatePoolSize":4}"#).is_err());
        assert_eq!(configured.get(), first);
        // An empty list is no server any more.
        set(r#"{"iceCandidatePoolSize":3,"iceTransportPolicy":"relay"}"#).unwrap();
        let (second, version) = configured.latest();
        assert_eq!((second.ice_servers.len(), version), (0, 2));
    }

    #[test]
    fn certificates_are_read_at_once_and_stay() {
        let folder = std::env::temp_dir().join(format!("rendercast-configured-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("own.pem");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_780_000_000);
        let made = Certificate::generate_file(&file, r#"{"expires":1000}"#, now).unwrap();
        let json = format!(r#"{{"certificates":[{:?}]}}"#, file.display().to_string());
        let configured = Configured::open(&json, now).unwrap();
        assert_eq!(configured.certificate().unwrap().fingerprint(), made.fingerprint());
        configured.set(parse("{}").unwrap()).unwrap();
        assert_eq!(configured.get().certificates.len(), 1);
        let late = Configured::open(&json, now + std::time::Duration::from_secs(2)).unwrap_err().to_string();
        assert!(late.contains("own.pem") && late.contains("expired"), "{late}");
        std::fs::remove_dir_all(&folder).unwrap();
        let error = Configured::open(&json, now).unwrap_err().to_string();
        assert!(error.starts_with("certificates: ") && error.contains("own.pem"), "{error}");
    }
}

//! What one connection is told (W3C `RTCConfiguration`), read from JSON in W3C's own names, and what of it may change. Pure.

use serde_json::{Map, Value, json};

use crate::config::{IceServer, IceTransport, NO_OAUTH, PeerConfig, check_ice_servers};
use crate::error::ConfigError;

use super::certificate::CertificateError;

/// Certificates at most. One is used.
const MAX_CERTIFICATES: usize = 8;
/// Longest name of a file, in bytes.
const MAX_PATH: usize = 4096;

/// Which sections may have a transport of their own (W3C `RTCBundlePolicy`). We have one transport for each connection, so
/// sections that are not bundled are refused with any policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BundlePolicy {
    #[default]
    Balanced,
    MaxCompat,
    /// Our first offer says so too (`a=bundle-only`, RFC 9429, section 5.2.1).
    MaxBundle,
}

/// W3C `RTCConfiguration`, with its defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerConfiguration {
    /// Default none.
    pub ice_servers: Vec<IceServer>,
    /// Default `all`.
    pub ice_transport_policy: IceTransport,
    /// Default `balanced`.
    pub bundle_policy: BundlePolicy,
    /// Default 0. Without effect: a connection's own addresses are there at once, and servers are asked with the first local
    /// description.
    pub ice_candidate_pool_size: u8,
    /// Files with a certificate and its key (PEM); the first one is used. Default none: the streamer's, or a new one.
    pub certificates: Vec<String>,
}

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// It is not JSON, or not of this shape.
    #[error("RTCConfiguration: {0}")]
    Shape(String),
    /// W3C `TypeError`, `SyntaxError`, `InvalidAccessError`.
    #[error(transparent)]
    Value(#[from] ConfigError),
    /// W3C `NotSupportedError`.
    #[error("{key} = {value} is not supported: {reason}")]
    Unsupported { key: String, value: String, reason: &'static str },
    /// W3C `InvalidModificationError`.
    #[error("{key} cannot be changed {when}")]
    Modification { key: &'static str, when: &'static str },
    #[error("certificates: {0}")]
    Certificate(#[from] CertificateError),
}

const TRANSPORT: [(&str, IceTransport); 2] = [("all", IceTransport::All), ("relay", IceTransport::Relay)];
const BUNDLE: [(&str, BundlePolicy); 3] = [
    ("balanced", BundlePolicy::Balanced),
    ("max-compat", BundlePolicy::MaxCompat),
    ("max-bundle", BundlePolicy::MaxBundle),
];
const KEYS: &str = "iceServers, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, iceCandidatePoolSize, certificates, \
                    peerIdentity";

/// Reads a JSON text (W3C `RTCConfiguration`). What is not said has W3C's default; unknown keys are errors.
pub fn parse(text: &str) -> Result<PeerConfiguration, ConfigurationError> {
    let shape = |reason: String| ConfigurationError::Shape(reason);
    let Value::Object(members) = serde_json::from_str(text).map_err(|error| shape(error.to_string()))? else {
        return Err(shape("an object is expected".into()));
    };
    PeerConfiguration::from_members(members)
}

impl PeerConfiguration {
    /// What connections have that nobody configures one by one.
    pub fn of_streamer(config: &PeerConfig) -> Self {
        Self {
            ice_servers: config.ice_servers.clone(),
            ice_transport_policy: config.ice_transport,
            ..Default::default()
        }
    }

    fn from_members(members: Map<String, Value>) -> Result<Self, ConfigurationError> {
        let mut read = Self::default();
        for (key, value) in members {
            match key.as_str() {
                "iceServers" => read.ice_servers = ice_servers(value)?,
                "iceTransportPolicy" if value == "public" => {
                    let reason = "W3C has removed it; all and relay are left";
                    return Err(unsupported(&key, "public", reason));
                }
                "iceTransportPolicy" => read.ice_transport_policy = word(&key, &value, &TRANSPORT)?,
                "bundlePolicy" => read.bundle_policy = word(&key, &value, &BUNDLE)?,
                "rtcpMuxPolicy" if value == "negotiate" => {
                    let reason = "W3C has removed it; RTCP always shares the port (require)";
                    return Err(unsupported(&key, "negotiate", reason));
                }
                "rtcpMuxPolicy" => word(&key, &value, &[("require", ())])?,
                "iceCandidatePoolSize" => {
                    let size = value.as_u64().and_then(|size| u8::try_from(size).ok());
                    read.ice_candidate_pool_size = size.ok_or_else(|| wrong(&key, &value, "a number from 0 to 255"))?;
                }
                "certificates" => read.certificates = files(&key, value)?,
                "peerIdentity" if value.is_null() => {}
                "peerIdentity" => {
                    let reason = "no browser has identity providers; leave it out, or null";
                    return Err(unsupported(&key, &said(&value), reason));
                }
                _ => {
                    let value = key.chars().take(64).collect();
                    return Err(ConfigError::Unknown { key: "member".into(), value, known: KEYS.into() }.into());
                }
            }
        }
        read.check()?;
        Ok(read)
    }

    /// Checks servers and their URLs.
    pub fn check(&self) -> Result<(), ConfigError> {
        check_ice_servers(&self.ice_servers, "iceServers").map(|_| ())
    }

    /// The same as a JSON text, credentials included (W3C `getConfiguration`).
    pub fn to_json(&self) -> String {
        let bundle = BUNDLE.iter().find(|(_, policy)| *policy == self.bundle_policy);
        let servers: Vec<Value> = self.ice_servers.iter().map(server_json).collect();
        let relay = self.ice_transport_policy == IceTransport::Relay;
        json!({
            "iceServers": servers,
            "iceTransportPolicy": if relay { "relay" } else { "all" },
            "bundlePolicy": bundle.map_or("balanced", |(name, _)| *name),
            "rtcpMuxPolicy": "require",
            "iceCandidatePoolSize": self.ice_candidate_pool_size,
            "certificates": self.certificates,
        })
        .to_string()
    }

    /// Whether a connection that has `self` may be told `next` (W3C "set the configuration"). `described`: it has had a local
    /// description.
    pub fn check_change(&self, next: &Self, described: bool) -> Result<(), ConfigurationError> {
        let fixed = |key| Err(ConfigurationError::Modification { key, when: "after the connection was made" });
        if !next.certificates.is_empty() && next.certificates != self.certificates {
            return fixed("certificates");
        }
        if next.bundle_policy != self.bundle_policy {
            return fixed("bundlePolicy");
        }
        if described && next.ice_candidate_pool_size != self.ice_candidate_pool_size {
            let when = "after the first local description";
            return Err(ConfigurationError::Modification { key: "iceCandidatePoolSize", when });
        }
        Ok(())
    }
}

fn ice_servers(value: Value) -> Result<Vec<IceServer>, ConfigurationError> {
    let Value::Array(list) = value else { return Err(wrong("iceServers", &value, "a list of servers")) };
    let mut servers = Vec::with_capacity(list.len().min(32));
    for (at, server) in list.into_iter().enumerate() {
        let key = format!("iceServers[{at}]");
        if !server.is_object() {
            return Err(wrong(&key, &server, "an object with urls"));
        }
        if server.get("credentialType").is_some_and(|kind| kind == "oauth") {
            return Err(unsupported(&format!("{key}.credentialType"), "oauth", NO_OAUTH));
        }
        let read = serde_json::from_value(server);
        let short = |error: serde_json::Error| error.to_string().chars().take(200).collect::<String>();
        servers.push(read.map_err(|error| ConfigurationError::Shape(format!("{key}: {}", short(error))))?);
    }
    Ok(servers)
}

fn server_json(server: &IceServer) -> Value {
    let mut members = Map::new();
    members.insert("urls".into(), json!(server.urls));
    for (key, text) in
        [("username", &server.username), ("credential", &server.credential), ("ca_file", &server.ca_file)]
    {
        if !text.is_empty() {
            members.insert(key.into(), json!(text));
        }
    }
    Value::Object(members)
}

fn files(key: &str, value: Value) -> Result<Vec<String>, ConfigurationError> {
    let expected = "a list of files (PEM), 0 to 8";
    let Value::Array(list) = &value else { return Err(wrong(key, &value, expected)) };
    let named =
        |file: &Value| file.as_str().filter(|file| !file.is_empty() && file.len() <= MAX_PATH).map(str::to_owned);
    let files: Option<Vec<String>> = list.iter().take(MAX_CERTIFICATES + 1).map(named).collect();
    files.filter(|files| files.len() <= MAX_CERTIFICATES).ok_or_else(|| wrong(key, &value, expected))
}

fn word<T: Copy>(key: &str, value: &Value, known: &[(&str, T)]) -> Result<T, ConfigurationError> {
    let found = value.as_str().and_then(|word| known.iter().find(|(name, _)| *name == word));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        ConfigError::Unknown { key: key.into(), value: said(value), known }.into()
    })
}

fn wrong(key: &str, value: &Value, range: &str) -> ConfigurationError {
    ConfigError::OutOfRange { key: key.into(), value: said(value), range: range.into() }.into()
}

fn unsupported(key: &str, value: &str, reason: &'static str) -> ConfigurationError {
    ConfigurationError::Unsupported { key: key.into(), value: value.into(), reason }
}

/// A value in an error: short, and nothing of what is within an object.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(64).collect(),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;

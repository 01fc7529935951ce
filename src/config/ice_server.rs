//! STUN and TURN servers (W3C `RTCIceServer`): one reader for the streamer's configuration and for a connection's own. Pure.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{IceUrl, out_of_range};
use crate::error::ConfigError;

/// Servers at most, and URLs of all of them: each costs a question from each local address.
const MAX_SERVERS: usize = 32;
const MAX_URLS: usize = 32;
/// RFC 8489, section 14.3: a name has fewer than 509 bytes.
const MAX_USERNAME: usize = 508;
/// Tokens as passwords are some hundreds of bytes long.
const MAX_CREDENTIAL: usize = 4096;

/// Why `credentialType: "oauth"` is refused.
pub const NO_OAUTH: &str = "only password is supported: no browser has oauth (RFC 7635) either, and W3C has removed it";

/// W3C `RTCIceServer`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Read")]
pub struct IceServer {
    /// `stun:host:port`, `turn:host:port?transport=udp` (or `tcp`), or `turns:host:port` (TLS). `stuns:` is accepted and asks
    /// nobody: the address of a stream is of no use to UDP. One text, or a list of them.
    pub urls: Vec<String>,
    /// Needed for TURN, at most 508 bytes.
    pub username: String,
    /// Needed for TURN, at most 4096 bytes.
    pub credential: String,
    /// A file of certificates (PEM) that `turns:` servers are checked against. Default empty: the system's.
    pub ca_file: String,
}

/// Logs have no credentials.
impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).field("ca_file", &self.ca_file).finish_non_exhaustive()
    }
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default, deserialize_with = "one_or_many")]
    urls: Vec<String>,
    #[serde(default)]
    username: String,
    #[serde(default)]
    credential: String,
    #[serde(default, rename = "credentialType")]
    credential_type: Option<String>,
    #[serde(default)]
    ca_file: String,
}

impl TryFrom<Read> for IceServer {
    type Error = String;

    fn try_from(read: Read) -> Result<Self, String> {
        match read.credential_type.as_deref() {
            None | Some("password") => {}
            Some("oauth") => return Err(format!("credentialType = oauth: {NO_OAUTH}")),
            Some(other) => {
                let other: String = other.chars().take(32).collect();
                return Err(format!("credentialType = {other:?} is unknown; one of: password"));
            }
        }
        Ok(Self { urls: read.urls, username: read.username, credential: read.credential, ca_file: read.ca_file })
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct OneOrMany;
    impl<'de> Visitor<'de> for OneOrMany {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("urls: a text or a list of texts")
        }

        fn visit_str<E: de::Error>(self, url: &str) -> Result<Self::Value, E> {
            Ok(vec![url.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut urls = Vec::new();
            while let Some(url) = list.next_element()? {
                if urls.len() == MAX_URLS {
                    return Err(de::Error::custom(format!("urls: {MAX_URLS} at most")));
                }
                urls.push(url);
            }
            Ok(urls)
        }
    }
    deserializer.deserialize_any(OneOrMany)
}

/// Checks every URL and what belongs to it; `key` is what the list is called. Whether one of them relays.
pub fn check_ice_servers(servers: &[IceServer], key: &str) -> Result<bool, ConfigError> {
    if servers.len() > MAX_SERVERS {
        return Err(out_of_range(&format!("servers in {key}"), servers.len(), format!("0 to {MAX_SERVERS}")));
    }
    let all = servers.iter().map(|server| server.urls.len()).sum::<usize>();
    if all > MAX_URLS {
        return Err(out_of_range(&format!("URLs in {key}"), all, format!("0 to {MAX_URLS}")));
    }
    let mut relays = false;
    for (i, server) in servers.iter().enumerate() {
        if server.urls.is_empty() {
            return Err(out_of_range(&format!("{key}[{i}].urls"), "[]", "one URL or more"));
        }
        for (name, text, most) in
            [("username", &server.username, MAX_USERNAME), ("credential", &server.credential, MAX_CREDENTIAL)]
        {
            if text.len() > most {
                let range = format!("0 to {most}");
                return Err(out_of_range(&format!("bytes of {key}[{i}].{name}"), text.len(), range));
            }
        }
        for (j, url) in server.urls.iter().enumerate() {
            let key = format!("{key}[{i}].urls[{j}]");
            let said = || url.chars().take(256).collect::<String>();
            let parsed = IceUrl::parse(url).map_err(|accepted| out_of_range(&key, said(), accepted))?;
            if matches!(parsed, IceUrl::Turn { .. }) {
                if server.username.is_empty() || server.credential.is_empty() {
                    return Err(out_of_range(&key, said(), "TURN with a username and a credential"));
                }
                relays = true;
            }
        }
    }
    Ok(relays)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<IceServer, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn one_url_is_a_list_of_one() {
        let one = read(r#"{"urls":"stun:a"}"#).unwrap();
        assert_eq!(one, read(r#"{"urls":["stun:a"],"credentialType":"password"}"#).unwrap());
        assert_eq!(one.urls, ["stun:a"]);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(read(&text).unwrap(), one);
    }

    #[test]
    fn what_is_wrong_is_named_and_credentials_are_not_said() {
        for (json, word) in [
            (r#"{"urls":7}"#, "urls"),
            (r#"{"urls":["stun:a",null]}"#, "null"),
            (r#"{"url":"stun:a"}"#, "url"),
            (r#"{"urls":"turn:a","credentialType":"oauth"}"#, "oauth"),
            (r#"{"urls":"turn:a","credentialType":"token"}"#, "token"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(word), "{json}: {error}");
        }
        let many = format!(r#"{{"urls":[{}]}}"#, vec![r#""stun:a""#; MAX_URLS + 1].join(","));
        assert!(read(&many).unwrap_err().contains("32 at most"));
        let secret = IceServer { credential: "secret".into(), username: "me".into(), ..Default::default() };
        assert!(!format!("{secret:?}").contains("secret"));
    }

    #[test]
    fn lists_are_bounded_and_their_keys_named() {
        let server = |url: &str| IceServer { urls: vec![url.into()], ..Default::default() };
        assert_eq!(check_ice_servers(&[], "x"), Ok(false));
        assert_eq!(check_ice_servers(&[server("stun:a"), server("stuns:b:1")], "x"), Ok(false));
        let turn = IceServer { username: "u".into(), credential: "c".into(), ..server("turns:t") };
        assert_eq!(check_ice_servers(std::slice::from_ref(&turn), "x"), Ok(true));
        let error = |servers: &[IceServer]| check_ice_servers(servers, "x").unwrap_err().to_string();
        assert!(error(&[turn.clone(), server("turn:a")]).starts_with("x[1].urls[0] = turn:a"));
        assert!(error(&[IceServer::default()]).starts_with("x[0].urls"));
        assert!(error(&vec![server("stun:a"); 33]).contains("servers in x = 33"));
        let many = IceServer { urls: vec!["stun:a".into(); 20], ..Default::default() };
        assert!(error(&[many.clone(), many]).contains("URLs in x = 40"));
        let name = IceServer { username: "u".repeat(509), ..turn.clone() };
        assert!(error(&[name]).contains("bytes of x[0].username = 509"));
        let long = IceServer { credential: "c".repeat(5000), ..turn };
        assert!(error(&[long]).contains("bytes of x[0].credential"));
        assert!(error(&[server(&"s".repeat(100_000))]).len() < 400);
    }
}

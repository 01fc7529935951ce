//! Who may come in. Looks at one request's headers and query; holds no state.
//!
//! A token in the query or in `Authorization` is proof by itself. A cookie is proof of the browser only, and no token at all
//! is proof of nothing, so in these two cases another site's page must not speak through the viewer's browser: its `Origin`
//! must be ours (cross-site WebSockets carry cookies, and CORS here is open), and without a token our name must be one that
//! no foreign DNS server can hand out (DNS rebinding).

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};

use super::token::Token;

/// Why a request is turned away, in words for the person at the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("This stream is private. Open it with the whole link that the host gives you, which ends in ?token=...")]
    NoToken,
    #[error("The token is not this stream's token. Ask the host for the present link.")]
    WrongToken,
    #[error("Pages of other sites may use this server only with its token in the address.")]
    ForeignOrigin,
    #[error(
        "This server has no token, so it is open under an IP address or localhost only. Set a token to give it a name."
    )]
    ForeignName,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::WrongToken | Self::ForeignOrigin | Self::ForeignName => StatusCode::FORBIDDEN,
        }
    }
}

/// How a request proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// No token is demanded.
    Open,
    Cookie,
    /// The query of this very request: worth a cookie.
    Query,
    Header,
}

#[derive(Clone, Debug)]
pub struct Gate {
    token: Option<Token>,
    cookie: String,
    /// Over TLS: the cookie never leaves without it.
    secure: bool,
}

impl Gate {
    /// Cookies do not tell ports apart, so the name of ours does.
    pub fn new(token: Option<Token>, port: u16, secure: bool) -> Self {
        Self { token, cookie: format!("rendercast_{port}"), secure }
    }

    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<Pass, Refusal> {
        let Some(token) = &self.token else {
            if !host_is_literal(headers) {
                return Err(Refusal::ForeignName);
            }
            return if origin_is_ours(headers, true) { Ok(Pass::Open) } else { Err(Refusal::ForeignOrigin) };
        };
        let query = query_value(uri, "token");
        let bearer = text(headers, AUTHORIZATION.as_str()).and_then(|v| v.strip_prefix("Bearer "));
        let cookie = self.cookie_value(headers);
        if query.as_deref().is_some_and(|given| token.matches(given)) {
            Ok(Pass::Query)
        } else if bearer.is_some_and(|given| token.matches(given)) {
            Ok(Pass::Header)
        } else if cookie.is_some_and(|given| token.matches_encoded(given)) {
            if origin_is_ours(headers, false) { Ok(Pass::Cookie) } else { Err(Refusal::ForeignOrigin) }
        } else if query.is_some() || bearer.is_some() || cookie.is_some() {
            Err(Refusal::WrongToken)
        } else {
            Err(Refusal::NoToken)
        }
    }

    /// Lets the browser in again without the token in the address. Out of reach of scripts and of other sites.
    pub fn set_cookie(&self) -> Option<String> {
        let token = self.token.as_ref()?;
        let secure = if self.secure { "; Secure" } else { "" };
        Some(format!("{}={}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie, token.encoded()))
    }

    fn cookie_value<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, value)| value)
    }
}

/// The first value of `key` in the query, decoded.
pub fn query_value(uri: &Uri, key: &str) -> Option<String> {
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    query.0.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn authority(headers: &HeaderMap) -> Option<Authority> {
    text(headers, HOST.as_str()).and_then(|host| host.parse().ok())
}

/// An address, or a name that always means this machine. No `Host` at all is no browser.
fn host_is_literal(headers: &HeaderMap) -> bool {
    !headers.contains_key(HOST)
        || authority(headers).is_some_and(|host| is_ip(host.host()) || is_localhost(host.host()))
}

/// No `Origin` is no page. With `loopback`, pages from this machine are ours too.
fn origin_is_ours(headers: &HeaderMap, loopback: bool) -> bool {
    if !headers.contains_key(ORIGIN) {
        return true;
    }
    let origin = text(headers, ORIGIN.as_str()).and_then(|origin| origin.split_once("://"));
    let Some(origin) = origin.and_then(|(_, rest)| rest.parse::<Authority>().ok()) else { return false };
    // The scheme is not compared: behind a TLS proxy the page's is https and ours http.
    authority(headers).is_some_and(|host| host.as_str().eq_ignore_ascii_case(origin.as_str()))
        || loopback && (is_localhost(origin.host()) || is_loopback(origin.host()))
}

fn ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_ip(host: &str) -> bool {
    ip(host).is_some()
}

fn is_loopback(host: &str) -> bool {
    ip(host).is_some_and(|ip| ip.is_loopback())
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn admit(gate: &Gate, uri: &str, headers: &[(HeaderName, &str)]) -> Result<Pass, Refusal> {
        let headers = headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_str(v).unwrap())).collect();
        gate.admit(&uri.parse().unwrap(), &headers)
    }

    fn locked() -> Gate {
        Gate::new(Some(Token::new("open sesame")), 8080, false)
    }

    const COOKIE_PAIR: &str = "other=1; rendercast_8080=open%20sesame";

    #[test]
    fn the_token_is_taken_from_query_header_or_cookie() {
        assert_eq!(admit(&locked(), "/?a=b&token=open%20sesame", &[]), Ok(Pass::Query));
        assert_eq!(admit(&locked(), "/?token=open+sesame", &[]), Ok(Pass::Query));
        assert_eq!(admit(&locked(), "/", &[(AUTHORIZATION, "Bearer open sesame")]), Ok(Pass::Header));
        assert_eq!(admit(&locked(), "/", &[(COOKIE, COOKIE_PAIR)]), Ok(Pass::Cookie));
        assert_eq!(locked().set_cookie().unwrap(), "rendercast_8080=open%20sesame; Path=/; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn no_token_and_a_wrong_one_are_told_apart() {
        assert_eq!(admit(&locked(), "/", &[]), Err(Refusal::NoToken));
        assert_eq!(admit(&locked(), "/?token=open", &[]), Err(Refusal::WrongToken));
        assert_eq!(admit(&locked(), "/", &[(COOKIE, "rendercast_8080=x")]), Err(Refusal::WrongToken));
        assert_eq!(admit(&locked(), "/", &[(COOKIE, "rendercast_9090=open%20sesame")]), Err(Refusal::NoToken));
        assert_eq!((Refusal::NoToken.status(), Refusal::WrongToken.status()).0.as_u16(), 401);
    }

    #[test]
    fn another_site_cannot_ride_on_the_cookie() {
        let host = (HOST, "192.0.2.7:8080");
        let own = [(COOKIE, COOKIE_PAIR), host.clone(), (ORIGIN, "http://192.0.2.7:8080")];
        assert_eq!(admit(&locked(), "/", &own), Ok(Pass::Cookie));
        for origin in ["http://evil.example", "http://192.0.2.7:9090", "null", "http://localhost:8080"] {
            let request = [(COOKIE, COOKIE_PAIR), host.clone(), (ORIGIN, origin)];
            assert_eq!(admit(&locked(), "/", &request), Err(Refusal::ForeignOrigin), "{origin}");
        }
        let with_token = [host, (ORIGIN, "http://evil.example")];
        assert_eq!(admit(&locked(), "/?token=open%20sesame", &with_token), Ok(Pass::Query));
    }

    #[test]
    fn without_a_token_only_this_machines_pages_come_in() {
        let gate = Gate::new(None, 8080, false);
        let host = (HOST, "127.0.0.1:8080");
        assert_eq!(admit(&gate, "/", &[]), Ok(Pass::Open));
        assert_eq!(admit(&gate, "/", std::slice::from_ref(&host)), Ok(Pass::Open));
        for origin in ["http://127.0.0.1:8080", "http://localhost:3000", "https://[::1]", "http://127.0.0.1"] {
            assert_eq!(admit(&gate, "/", &[host.clone(), (ORIGIN, origin)]), Ok(Pass::Open), "{origin}");
        }
        for origin in ["https://evil.example", "http://localhost.evil.example", "null", "http://10.0.0.1"] {
            assert_eq!(admit(&gate, "/", &[host.clone(), (ORIGIN, origin)]), Err(Refusal::ForeignOrigin), "{origin}");
        }
    }

    #[test]
    fn a_rebound_name_is_turned_away() {
        let gate = Gate::new(None, 8080, false);
        let rebound = [(HOST, "evil.example:8080"), (ORIGIN, "http://evil.example:8080")];
        assert_eq!(admit(&gate, "/", &rebound), Err(Refusal::ForeignName));
        assert_eq!(admit(&gate, "/", &[(HOST, "localhost:8080")]), Ok(Pass::Open));
        assert_eq!(admit(&gate, "/", &[(HOST, "[::1]:8080")]), Ok(Pass::Open));
    }
}

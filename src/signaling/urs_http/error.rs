//! Why a request brought nothing, in sentences for the person who has to put the address right: they are the text of
//! [`SignalEvent::Trouble`](crate::signaling::SignalEvent::Trouble). None names an address.

use std::error::Error;
use std::io;

use reqwest::StatusCode;
use rustls::CertificateError;

use super::client::MAX_BODY;
use super::wire::WireError;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("signaling.url is no address of a server: {0}")]
    Address(String),
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
    #[error("the signaling server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the signaling server did not answer in time: is the address right, and does a firewall let us through?")]
    TimedOut,
    #[error("the signaling server's answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("the signaling server does not know our session")]
    SessionUnknown,
    #[error("what answers at signaling.url is not a Unity Render Streaming server: it has no {0}")]
    NoEndpoint(&'static str),
    #[error("the signaling server answered {path} with status {}", status_text(*.status))]
    Status { path: &'static str, status: u16 },
    #[error("what answers at signaling.url does not look like a Unity Render Streaming server: {0}")]
    Wire(#[from] WireError),
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Unreachable(explain(&error, error.is_connect())) }
    }
}

/// The innermost reason, which names no address.
pub fn cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}

/// What most likely has to be changed, where that can be told; else the innermost reason.
fn explain(error: &(dyn Error + 'static), while_connecting: bool) -> String {
    if let Some(tls) = chain(error).find_map(|error| error.downcast_ref::<rustls::Error>()) {
        return match tls {
            rustls::Error::InvalidCertificate(error) => format!(
                "its TLS certificate {}; signaling.accept_invalid_certificates lets it pass",
                certificate_text(error)
            ),
            rustls::Error::InvalidMessage(_) => "it does not speak TLS: http:// instead of https://?".into(),
            other => other.to_string(),
        };
    }
    let io = chain(error).find_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
    let cause = cause(error);
    match io {
        Some(io::ErrorKind::ConnectionRefused) => format!("nothing listens at this host and port ({cause})"),
        _ if while_connecting => cause,
        _ => format!("what listens there does not talk HTTP; a wrong port, or https:// instead of http://? ({cause})"),
    }
}

/// An error and what caused it, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An I/O error passes over what it wraps when asked for its source.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

const fn certificate_text(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "is for another name",
        CertificateError::Revoked => "was revoked",
        _ => "is not trusted by this machine (self-signed?)",
    }
}

fn status_text(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{status} ({reason})"),
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error as the layers of an HTTP client wrap it.
    #[derive(Debug, thiserror::Error)]
    #[error("error sending request for url (https://secret.example/)")]
    struct Wrapped(#[source] io::Error);

    fn text(error: io::Error, while_connecting: bool) -> String {
        explain(&Wrapped(error), while_connecting)
    }
    fn tls(error: rustls::Error) -> String {
        text(io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error)), true)
    }

    #[test]
    fn each_common_mistake_is_told_apart_and_no_address_is_named() {
        let texts = [
            (text(io::ErrorKind::ConnectionRefused.into(), true), "nothing listens"),
            (tls(CertificateError::UnknownIssuer.into()), "accept_invalid_certificates"),
            (tls(CertificateError::Expired.into()), "has expired"),
            (tls(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)), "http:// instead"),
            (text(io::ErrorKind::ConnectionReset.into(), false), "https:// instead"),
            (text(io::Error::other("no such host"), true), "no such host"),
            (
                RequestError::Status { path: "/config", status: 502 }.to_string(),
                "/config with status 502 (Bad Gateway)",
            ),
        ];
        for (text, part) in texts {
            assert!(text.contains(part) && !text.contains("secret"), "{text:?} has no {part:?}");
        }
    }
}

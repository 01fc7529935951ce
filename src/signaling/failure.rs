//! What most likely has to be changed when a server cannot be reached, from the errors of TCP and TLS. No text names an
//! address.

use std::error::Error;
use std::io;

use reqwest::StatusCode;
use rustls::CertificateError;

/// The innermost reason, which names no address.
pub fn cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}

/// What most likely has to be changed, where that can be told; else the innermost reason.
pub fn explain(error: &(dyn Error + 'static), while_connecting: bool) -> String {
    if let Some(tls) = chain(error).find_map(|error| error.downcast_ref::<rustls::Error>()) {
        return match tls {
            rustls::Error::InvalidCertificate(error) => format!(
                "its TLS certificate {}; signaling.accept_invalid_certificates lets it pass",
                certificate_text(error)
            ),
            rustls::Error::InvalidMessage(_) => {
                "it does not speak TLS: http:// instead of https://, or ws:// instead of wss://?".into()
            }
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

/// A status of HTTP with its name.
pub fn status_text(status: u16) -> String {
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
        ];
        for (text, part) in texts {
            assert!(text.contains(part) && !text.contains("secret"), "{text:?} has no {part:?}");
        }
    }
}

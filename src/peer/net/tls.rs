//! TLS to a TURN server.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("peer.ice_servers[].ca_file = {file}: {reason}")]
    CaFile { file: String, reason: String },
    #[error("{0:?} is no server name")]
    Name(String),
    #[error("TLS: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("TLS: {0}")]
    Handshake(#[from] std::io::Error),
}

/// Whom to trust: the certificates in `ca_file` (PEM), or the system's where that is empty. Reads files: blocks.
pub fn configure(ca_file: &str) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = if ca_file.is_empty() {
        builder.with_platform_verifier()?.with_no_client_auth()
    } else {
        let failed = |reason: String| TlsError::CaFile { file: ca_file.to_owned(), reason };
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_file_iter(ca_file).map_err(|error| failed(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(failed("no certificate in it".into()));
        }
        builder.with_root_certificates(roots).with_no_client_auth()
    };
    Ok(Arc::new(config))
}

/// The handshake; the server must be `host`.
pub async fn connect(
    config: Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, TlsError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name(host.to_owned()))?;
    Ok(TlsConnector::from(config).connect(name, stream).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_named() {
        let error = configure("/nonexistent/ca.pem").unwrap_err().to_string();
        assert!(error.contains("/nonexistent/ca.pem"), "{error}");
        let error = configure(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err().to_string();
        assert!(error.contains("no certificate"), "{error}");
    }
}

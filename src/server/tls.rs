//! TLS with a certificate of the user's. The files are read when the server starts; what was renewed counts from then on.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig as TlsConfig};

use crate::config::ServerConfig;

/// Why the certificate is of no use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{key} = {file:?} cannot be read: {source}")]
    File { key: &'static str, file: String, source: std::io::Error },
    #[error("server.certificate_file = {file:?} holds no certificate (PEM, \"BEGIN CERTIFICATE\")")]
    NoCertificate { file: String },
    #[error("server.private_key_file = {file:?} holds no private key (PEM, \"BEGIN PRIVATE KEY\", not encrypted)")]
    NoKey { file: String },
    #[error("{key} = {file:?} is damaged: {reason}")]
    Damaged { key: &'static str, file: String, reason: String },
    #[error("server.private_key_file = {key:?} is not the key of server.certificate_file = {certificate:?}")]
    Mismatch { key: String, certificate: String },
    #[error("server.certificate_file = {certificate:?} and server.private_key_file = {key:?} are refused: {source}")]
    Refused { certificate: String, key: String, source: rustls::Error },
}

const CERTIFICATE: &str = "server.certificate_file";
const KEY: &str = "server.private_key_file";

/// None where no certificate is configured.
pub fn acceptor(config: &ServerConfig) -> Result<Option<TlsAcceptor>, TlsError> {
    let (certificate, key) = (&config.certificate_file, &config.private_key_file);
    if certificate.is_empty() {
        return Ok(None);
    }
    let chain = CertificateDer::pem_slice_iter(&read(CERTIFICATE, certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| damaged(CERTIFICATE, certificate, &error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { file: certificate.clone() });
    }
    let private = PrivateKeyDer::from_pem_slice(&read(KEY, key)?).map_err(|error| match error {
        PemError::NoItemsFound => TlsError::NoKey { file: key.clone() },
        error => damaged(KEY, key, &error),
    })?;
    let refused = |source| match source {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { key: key.clone(), certificate: certificate.clone() },
        source => TlsError::Refused { certificate: certificate.clone(), key: key.clone(), source },
    };
    // Named, since a process may hold two providers and then has no default one.
    let builder = TlsConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(refused)?;
    let mut tls = builder.with_no_client_auth().with_single_cert(chain, private).map_err(refused)?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(tls))))
}

fn read(key: &'static str, file: &str) -> Result<Vec<u8>, TlsError> {
    std::fs::read(Path::new(file)).map_err(|source| TlsError::File { key, file: file.to_owned(), source })
}

fn damaged(key: &'static str, file: &str, error: &PemError) -> TlsError {
    TlsError::Damaged { key, file: file.to_owned(), reason: error.to_string() }
}

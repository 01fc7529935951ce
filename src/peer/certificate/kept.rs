//! The certificate that all connections of a streamer have: in a file, so that it stays the same over restarts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Certificate, CertificateError, Unread, name};

/// One file's certificate, read when it is first wanted.
#[derive(Debug)]
pub struct Kept {
    file: PathBuf,
    lifetime: Duration,
    loaded: Mutex<Option<Arc<Certificate>>>,
}

impl Kept {
    /// `lifetime`: of certificates that are made for it.
    pub fn new(file: &str, lifetime: Duration) -> Self {
        Self { file: file.into(), lifetime, loaded: Mutex::default() }
    }

    /// The certificate. Made where there is none, and anew where it has expired, which is logged. Reads and writes the file:
    /// blocks, the first time and after an expiry.
    pub fn get(&self, now: SystemTime) -> Result<Arc<Certificate>, CertificateError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = loaded.as_ref().filter(|certificate| !certificate.is_expired(now)) {
            return Ok(Arc::clone(certificate));
        }
        let certificate = Arc::new(load_or_make(&self.file, self.lifetime, now)?);
        *loaded = Some(Arc::clone(&certificate));
        Ok(certificate)
    }
}

fn load_or_make(file: &Path, lifetime: Duration, now: SystemTime) -> Result<Certificate, CertificateError> {
    let replace = match Certificate::read(file) {
        Ok(certificate) if !certificate.is_expired(now) => return Ok(certificate),
        Ok(expired) => {
            tracing::warn!(file = %file.display(), fingerprint = expired.fingerprint(), "the certificate has expired");
            true
        }
        Err(Unread::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(Unread::Io(error)) => return Err(CertificateError::Read { file: name(file), reason: error.to_string() }),
        Err(Unread::Damaged(reason)) => return Err(CertificateError::Damaged { file: name(file), reason }),
    };
    let certificate = Certificate::generate(lifetime, now)?;
    if certificate.write(file, replace)? {
        tracing::info!(file = %file.display(), fingerprint = certificate.fingerprint(), "a new certificate");
        return Ok(certificate);
    }
    // Another program was faster; both have its certificate then.
    Certificate::load(file, now)
}

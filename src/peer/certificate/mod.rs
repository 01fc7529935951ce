//! Certificates that connections are known by (W3C `RTCCertificate`): made, kept in files, told of. ECDSA on the curve P-256,
//! which every browser takes. `validity` (pure: until when) · `file` (owner-only, atomic) · `kept` (one file's, for all).

mod file;
mod kept;
mod validity;

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rtc::crypto::{SignatureScheme, default_provider};
use rtc::peer_connection::certificate::{CertificateParams, RTCCertificate};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use crate::error::ConfigError;

pub use kept::Kept;

/// How long a certificate is good where nobody says (W3C `generateCertificate`): 30 days.
pub const LIFETIME: Duration = Duration::from_secs(30 * DAY);
/// The longest that W3C allows: 365 days.
const LONGEST: Duration = Duration::from_secs(365 * DAY);
const DAY: u64 = 86_400;

const SCHEME: SignatureScheme = SignatureScheme::EcdsaP256Sha256;

/// Why there is no certificate. Each names its file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("{file:?} cannot be read: {reason}")]
    Read { file: String, reason: String },
    #[error("{file:?} cannot be written: {reason}")]
    Write { file: String, reason: String },
    #[error("{file:?} is no certificate with its key: {reason}")]
    Damaged { file: String, reason: String },
    #[error("{file:?} has expired")]
    Expired { file: String },
    #[error("{file:?} is not replaced: it holds something else ({reason})")]
    Foreign { file: String, reason: String },
    #[error("no certificate can be made: {0}")]
    Generate(String),
    /// W3C `NotSupportedError`.
    #[error("{key} = {value} is not supported: {reason}")]
    Unsupported { key: &'static str, value: String, reason: &'static str },
    #[error(transparent)]
    Option(#[from] ConfigError),
}

/// A certificate and its key. Neither is in its `Debug` text.
#[derive(Clone)]
pub struct Certificate {
    own: RTCCertificate,
    expires: SystemTime,
    fingerprint: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Certificate").field(&self.fingerprint).finish()
    }
}

impl Certificate {
    /// A new one, good from now on.
    pub fn generate(lifetime: Duration, now: SystemTime) -> Result<Self, CertificateError> {
        let failed = |error: &dyn std::fmt::Display| CertificateError::Generate(error.to_string());
        let provider = default_provider().map_err(|error| failed(&error))?;
        let number = getrandom::u64().map_err(|error| failed(&error))?;
        // Whoever looks at it learns nothing of the host.
        let mut params = CertificateParams::new(vec![format!("{number:016x}")]).map_err(|error| failed(&error))?;
        // As the file says it: in whole seconds.
        let end = (now + lifetime).duration_since(UNIX_EPOCH).map_err(|error| failed(&error))?.as_secs();
        let expires = UNIX_EPOCH + Duration::from_secs(end);
        // The other side's clock may be behind.
        params.not_before = (now - Duration::from_secs(DAY)).into();
        params.not_after = expires.into();
        let own = RTCCertificate::generate(provider.crypto(), SCHEME, params).map_err(|error| failed(&error))?;
        Self::new(own, expires).map_err(|reason| failed(&reason))
    }

    /// The one in a file: PEM, `BEGIN CERTIFICATE` and `BEGIN PRIVATE KEY` (PKCS #8, not encrypted), in any order.
    pub fn load(file: &Path, now: SystemTime) -> Result<Self, CertificateError> {
        let certificate = Self::read(file).map_err(|error| match error {
            Unread::Io(error) => CertificateError::Read { file: name(file), reason: error.to_string() },
            Unread::Damaged(reason) => CertificateError::Damaged { file: name(file), reason },
        })?;
        if certificate.is_expired(now) {
            return Err(CertificateError::Expired { file: name(file) });
        }
        Ok(certificate)
    }

    /// Makes one as W3C's `generateCertificate` does and keeps it in a file. `options` is JSON: `name` (`ECDSA`), `namedCurve`
    /// (`P-256`), `expires` (in ms from now on, 1000 to 31536000000, default 30 days). A file that holds a certificate with its
    /// key is replaced; anything else stays, and is an error.
    pub fn generate_file(file: &Path, options: &str, now: SystemTime) -> Result<Self, CertificateError> {
        let certificate = Self::generate(lifetime(options)?, now)?;
        let replace = match Self::read(file) {
            Ok(_) => true,
            Err(Unread::Io(error)) if error.kind() == io::ErrorKind::NotFound => false,
            Err(Unread::Io(error)) => {
                return Err(CertificateError::Read { file: name(file), reason: error.to_string() });
            }
            Err(Unread::Damaged(reason)) => return Err(CertificateError::Foreign { file: name(file), reason }),
        };
        if !certificate.write(file, replace)? {
            let reason = "somebody has just made it".into();
            return Err(CertificateError::Foreign { file: name(file), reason });
        }
        Ok(certificate)
    }

    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires <= now
    }

    /// SHA-256, as W3C's `getFingerprints` and descriptions write it, in lower case.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// `{"expires": ms since 1970, "fingerprints": [{"algorithm": "sha-256", "value": "ab:cd:..."}]}` (W3C `RTCCertificate`).
    pub fn to_json(&self) -> String {
        let ms = self.expires.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() * 1000);
        json!({"expires": ms, "fingerprints": [{"algorithm": "sha-256", "value": self.fingerprint}]}).to_string()
    }

    /// What the crate takes.
    pub(super) fn to_crate(&self) -> RTCCertificate {
        self.own.clone()
    }

    fn new(own: RTCCertificate, expires: SystemTime) -> Result<Self, String> {
        let provider = default_provider().map_err(|error| error.to_string())?;
        let fingerprints = own.get_fingerprints(provider.crypto()).map_err(|error| error.to_string())?;
        let first = fingerprints.into_iter().next().ok_or("no certificate")?;
        Ok(Self { own, expires, fingerprint: first.value.to_lowercase() })
    }

    fn write(&self, file: &Path, replace: bool) -> Result<bool, CertificateError> {
        let failed = |reason: String| CertificateError::Write { file: name(file), reason };
        let pem = self.own.dtls_certificate.serialize_pem().map_err(|error| failed(error.to_string()))?;
        // The crate's own word for PKCS #8 is read by nobody else.
        let pem = pem.replace("PRIVATE_KEY", "PRIVATE KEY").replace("\r\n", "\n");
        file::write(file, &pem, replace).map_err(|error| failed(error.to_string()))
    }

    fn read(path: &Path) -> Result<Self, Unread> {
        let damaged = |reason: &str| Unread::Damaged(reason.to_owned());
        let pem = file::read(path).map_err(Unread::Io)?;
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| Unread::Damaged(error.to_string()))?;
        let own = chain.first().ok_or_else(|| damaged("no BEGIN CERTIFICATE in it"))?;
        let end = validity::not_after(own).ok_or_else(|| damaged("its certificate says no date of expiry"))?;
        let expires = UNIX_EPOCH.checked_add(Duration::from_secs(end)).ok_or_else(|| damaged("its date of expiry"))?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(&pem)
            .map_err(|_| damaged("no BEGIN PRIVATE KEY (PKCS #8, not encrypted) in it"))?;
        let provider = default_provider().map_err(|error| Unread::Damaged(error.to_string()))?;
        let key = provider
            .crypto()
            .import_signing_key(SCHEME, key.secret_pkcs8_der())
            .map_err(|_| damaged("its key is not one of ECDSA P-256"))?;
        // A point of the curve is in no certificate but by purpose.
        let point = key.public_key().bytes;
        if !own.windows(point.len()).any(|bytes| bytes == point) {
            return Err(damaged("its key belongs to another certificate"));
        }
        let own = RTCCertificate::from_signing_key(chain, key.clone(), expires);
        Self::new(own, expires).map_err(Unread::Damaged)
    }
}

/// Why a file was not read.
enum Unread {
    Io(io::Error),
    Damaged(String),
}

fn name(file: &Path) -> String {
    file.display().to_string()
}

fn lifetime(options: &str) -> Result<Duration, CertificateError> {
    let members = match serde_json::from_str(options) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return Err(ConfigError::Json("an object is expected".into()).into()),
        Err(error) => return Err(ConfigError::Json(error.to_string()).into()),
    };
    let mut lifetime = LIFETIME;
    for (key, value) in members {
        let said =
            || value.as_str().map_or_else(|| value.to_string(), str::to_owned).chars().take(64).collect::<String>();
        match key.as_str() {
            "name" if value == "ECDSA" => {}
            "name" => {
                return Err(CertificateError::Unsupported {
                    key: "name",
                    value: said(),
                    reason: "ECDSA is what is made",
                });
            }
            "namedCurve" if value == "P-256" => {}
            "namedCurve" => {
                let reason = "P-256 is the curve that every browser takes";
                return Err(CertificateError::Unsupported { key: "namedCurve", value: said(), reason });
            }
            "expires" => {
                let most = LONGEST.as_millis() as u64;
                let ms = value.as_u64().filter(|ms| (1000..=most).contains(ms));
                let ms = ms.ok_or_else(|| ConfigError::OutOfRange {
                    key: "expires".into(),
                    value: said(),
                    range: format!("1000 to {most} ms"),
                })?;
                lifetime = Duration::from_millis(ms);
            }
            _ => {
                let value = key.chars().take(64).collect();
                let known = "name, namedCurve, expires".into();
                return Err(ConfigError::Unknown { key: "member".into(), value, known }.into());
            }
        }
    }
    Ok(lifetime)
}

#[cfg(test)]
mod tests;

//! Certificates over their whole life: made, kept, read again, expired, damaged.

use std::path::PathBuf;

use super::*;

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rendercast-certificate-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> SystemTime {
    // Any moment will do; this one is of the year 2026.
    UNIX_EPOCH + Duration::from_millis(1_780_000_000_500)
}

#[test]
fn a_certificate_is_made_once_and_stays_until_it_expires() {
    let folder = Folder::new("kept");
    let file = folder.file("own.pem");
    let path = file.to_str().unwrap();
    let first = Kept::new(path, HOUR).get(now()).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("-----BEGIN PRIVATE KEY-----\n") && text.contains("-----BEGIN CERTIFICATE-----\n"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // After a restart.
    let kept = Kept::new(path, HOUR);
    let again = kept.get(now() + HOUR / 2).unwrap();
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!(again.to_json(), first.to_json(), "the file says the same end");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    // While it runs, and after a restart.
    let renewed = kept.get(now() + HOUR).unwrap();
    assert_ne!(renewed.fingerprint(), first.fingerprint());
    assert_eq!(Kept::new(path, HOUR).get(now() + HOUR).unwrap().fingerprint(), renewed.fingerprint());
    assert!(matches!(Certificate::load(&file, now() + 3 * HOUR), Err(CertificateError::Expired { .. })));
}

#[test]
fn information_is_w3cs() {
    let certificate = Certificate::generate(LIFETIME, now()).unwrap();
    let told: Value = serde_json::from_str(&certificate.to_json()).unwrap();
    assert_eq!(told["expires"], 1_780_000_000_000_u64 + 30 * DAY * 1000);
    let print = &told["fingerprints"][0];
    assert_eq!(print["algorithm"], "sha-256");
    let value = print["value"].as_str().unwrap();
    assert_eq!(value.len(), 32 * 3 - 1);
    assert!(value.split(':').all(|byte| u8::from_str_radix(byte, 16).is_ok()) && value == value.to_lowercase());
    assert!(!format!("{certificate:?}").contains("PRIVATE"), "{certificate:?}");
}

#[test]
fn a_broken_file_is_named_with_the_reason_and_left_alone() {
    let folder = Folder::new("broken");
    let (good, other) = (folder.file("good.pem"), folder.file("other.pem"));
    Certificate::generate_file(&good, "{}", now()).unwrap();
    Certificate::generate_file(&other, "{}", now()).unwrap();
    let [good, other] = [&good, &other].map(|file| std::fs::read_to_string(file).unwrap());
    let split = |text: &str| {
        let at = text.find("-----BEGIN CERTIFICATE").unwrap();
        (text[..at].to_owned(), text[at..].to_owned())
    };
    let ((key, certificate), (_, foreign)) = (split(&good), split(&other));
    let file = folder.file("broken.pem");
    for (text, reason) in [
        (String::new(), "no BEGIN CERTIFICATE"),
        ("hello".into(), "no BEGIN CERTIFICATE"),
        (certificate.clone(), "no BEGIN PRIVATE KEY"),
        (key.clone(), "no BEGIN CERTIFICATE"),
        (format!("{key}{foreign}"), "belongs to another certificate"),
        (format!("{}{certificate}", key.replace("PRIVATE KEY", "EC PRIVATE KEY")), "no BEGIN PRIVATE KEY"),
        (
            format!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{certificate}"),
            "not one of ECDSA P-256",
        ),
        (format!("{key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "no date of expiry"),
        (good.replace("-----END CERTIFICATE", "-----END"), ""),
    ] {
        std::fs::write(&file, &text).unwrap();
        let error = Kept::new(file.to_str().unwrap(), HOUR).get(now()).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, CertificateError::Damaged { .. }), "{said}");
        assert!(said.contains("broken.pem") && said.contains(reason), "{reason}: {said}");
        assert!(matches!(Certificate::generate_file(&file, "{}", now()), Err(CertificateError::Foreign { .. })));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "nothing of somebody else's is lost");
    }
    // In the other order, with a chain, as other programs write it.
    std::fs::write(&file, format!("{certificate}{foreign}{key}")).unwrap();
    Certificate::load(&file, now()).unwrap();
    let error = Certificate::load(&folder.file("none.pem"), now()).unwrap_err().to_string();
    assert!(error.contains("none.pem") && error.contains("cannot be read"), "{error}");
    let error = Certificate::generate_file(&folder.file("no/where.pem"), "{}", now()).unwrap_err();
    assert!(matches!(error, CertificateError::Write { .. }), "{error}");
    let error = Certificate::load(&folder.0, now()).unwrap_err();
    assert!(matches!(error, CertificateError::Read { .. }), "{error}");
}

#[test]
fn options_are_those_of_w3c_and_named_when_they_are_wrong() {
    let folder = Folder::new("options");
    let file = folder.file("own.pem");
    let options = r#"{"name":"ECDSA","namedCurve":"P-256","expires":3600000}"#;
    let made = Certificate::generate_file(&file, options, now()).unwrap();
    assert!(!made.is_expired(now() + HOUR / 2) && made.is_expired(now() + HOUR));
    let replaced = Certificate::generate_file(&file, options, now()).unwrap();
    assert_ne!(replaced.fingerprint(), made.fingerprint());
    for (options, words) in [
        ("", "configuration"),
        ("[]", "an object is expected"),
        (r#"{"name":"RSASSA-PKCS1-v1_5"}"#, "name = RSASSA-PKCS1-v1_5 is not supported"),
        (r#"{"namedCurve":"P-384"}"#, "namedCurve = P-384 is not supported"),
        (r#"{"expires":999}"#, "expires = 999 is outside 1000 to 31536000000 ms"),
        (r#"{"expires":31536000001}"#, "expires"),
        (r#"{"expires":-1}"#, "expires"),
        (r#"{"expire":1000}"#, "\"expire\" is unknown; one of: name, namedCurve, expires"),
    ] {
        let error = Certificate::generate_file(&file, options, now()).unwrap_err().to_string();
        assert!(error.contains(words), "{options}: {error}");
    }
    assert_eq!(Certificate::load(&file, now()).unwrap().fingerprint(), replaced.fingerprint());
}

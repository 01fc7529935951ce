//! The token: what a viewer must know. Made here, compared in constant time, carried in a query, a header or a cookie.

use std::fmt::Write;

use crate::guard::equal;

/// Bytes of randomness in a token or an id made here.
const RANDOM_BYTES: usize = 16;

/// A secret that shows itself only where asked to.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl Token {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// 128 random bits as 32 hexadecimal digits.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut text = String::with_capacity(2 * RANDOM_BYTES);
        for byte in random()? {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// Takes as long for a near miss as for a far one.
    pub fn matches(&self, given: &str) -> bool {
        equal(self.0.as_bytes(), given.as_bytes())
    }

    /// The same for text that is percent-encoded, as the cookie and the link carry it.
    pub fn matches_encoded(&self, given: &str) -> bool {
        equal(self.encoded().as_bytes(), given.as_bytes())
    }

    /// With everything but unreserved characters percent-encoded (RFC 3986, section 2.3): fit for a query or a cookie.
    pub fn encoded(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    }
}

/// A random UUID, version 4 (RFC 9562, section 5.4).
pub fn random_uuid() -> Result<String, getrandom::Error> {
    let mut bytes = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

fn random() -> Result<[u8; RANDOM_BYTES], getrandom::Error> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_tokens_are_long_plain_and_different() {
        let (a, b) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.0.len(), 32);
        assert_eq!(a.encoded(), a.0);
        assert!(!format!("{a:?}").contains(&a.0));
    }

    #[test]
    fn only_the_whole_token_matches() {
        let token = Token::new("pass word+ä");
        assert!(token.matches("pass word+ä"));
        assert!(token.matches_encoded("pass%20word%2B%C3%A4"));
        for wrong in ["", "pass word+", "pass word+äx", "Pass word+ä", "pass%20word%2B%C3%A4"] {
            assert!(!token.matches(wrong), "{wrong}");
        }
    }

    #[test]
    fn ids_are_version_4_uuids() {
        let id = random_uuid().unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(id, random_uuid().unwrap());
    }
}

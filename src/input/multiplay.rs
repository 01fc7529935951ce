//! Unity Render Streaming's channel `multiplay`: messages about the viewer, UTF-8 JSON `{"type":0,"argument":"..."}`.

use serde::Deserialize;

use super::event::InputKind;

/// The channel's label.
pub const LABEL: &str = "multiplay";
/// Bytes of a viewer's label; a longer one is cut at a character.
pub const LONGEST_LABEL: usize = 1_024;

/// The only type there is: the viewer's label changes.
const CHANGE_LABEL: i64 = 0;

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: i64,
    argument: String,
}

/// What a message says; none: it is something else, for the host to read.
pub fn decode(message: &[u8]) -> Option<InputKind> {
    let Message { kind, argument } = serde_json::from_slice(message).ok()?;
    // Hosts in C would see an end in a NUL.
    let mut label = argument.replace('\0', "");
    label.truncate(label.floor_char_boundary(LONGEST_LABEL));
    (kind == CHANGE_LABEL).then_some(InputKind::Label { label })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(label: &str) -> Option<InputKind> {
        Some(InputKind::Label { label: label.into() })
    }

    #[test]
    fn a_label_is_read_and_bounded() {
        assert_eq!(decode(br#"{"type":0,"argument":"Ann"}"#), label("Ann"));
        assert_eq!(decode(r#"{"argument":"安","type":0,"more":1}"#.as_bytes()), label("安"));
        assert_eq!(decode(br#"{"type":0,"argument":"A\u0000n"}"#), label("An"));
        let long = format!(r#"{{"type":0,"argument":"x{}"}}"#, "é".repeat(LONGEST_LABEL));
        let Some(InputKind::Label { label }) = decode(long.as_bytes()) else { panic!("no label") };
        assert_eq!(label.len(), LONGEST_LABEL - 1);
    }

    #[test]
    fn anything_else_is_the_hosts_to_read() {
        for other in [
            &b""[..],
            b"hello",
            br#"{"type":1,"argument":"Ann"}"#,
            br#"{"type":0}"#,
            br#"{"type":"0","argument":"Ann"}"#,
            br#"[0,"Ann"]x"#,
            &[0xFF, 0xFE],
        ] {
            assert_eq!(decode(other), None, "{}", String::from_utf8_lossy(other));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(message in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&message);
        }

        #[test]
        fn any_label_is_read_as_it_was_written(name in "[^\0]{0,60}") {
            let message = serde_json::json!({"type": 0, "argument": name}).to_string();
            prop_assert_eq!(decode(message.as_bytes()), label(&name));
        }
    }
}

//! The JSON that our page and the host tell each other on the data channel `rendercast`. Pure; any text decodes to a message or
//! an error.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The data channel's label.
pub const LABEL: &str = "rendercast";
/// Of this format.
pub const VERSION: u32 = 1;
/// The longest message that is read, in bytes.
pub const LONGEST: usize = 65_536;

/// Why a text is no message.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("{0} bytes are more than {LONGEST}")]
    TooLong(usize),
    #[error("no JSON object with a type: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a message has no type")]
    NoType,
}

/// What a page says.
#[derive(Clone, Debug, PartialEq)]
pub enum PageMessage {
    Hello(Hello),
    /// It asks for control, or gives it up.
    Role {
        want: WantedRole,
    },
    /// It hands its place over.
    Give {
        viewer: u32,
    },
    Clipboard {
        text: String,
    },
    Field(Field),
    /// The quality that its viewer chooses.
    Quality(Quality),
    /// The application's own.
    Message {
        text: String,
    },
    /// Of a type that is not known here.
    Other(Value),
}

/// What the page is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Hello {
    pub version: u32,
    pub touch: bool,
    pub gamepads: bool,
    pub pen: bool,
    pub language: String,
    /// What its link has as `player=`.
    pub player_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WantedRole {
    Player,
    Spectator,
}

/// All that is in the text field; the selection in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Field {
    pub text: String,
    #[serde(default)]
    pub start: u32,
    #[serde(default)]
    pub end: u32,
    #[serde(default)]
    pub done: bool,
}

impl Field {
    /// The selection, within the text and in order.
    pub fn selection(&self) -> (u32, u32) {
        let most = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        let end = self.end.min(most);
        (self.start.min(end), end)
    }
}

/// What a viewer chooses of its own picture; None: as it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quality {
    /// No larger than this rung of the welcome's `layers`.
    pub rung: Option<u32>,
    /// One of its `codecs`.
    pub codec: Option<String>,
    /// Of encoded picture, at most.
    pub max_kbps: Option<u32>,
}

#[derive(Deserialize)]
struct WantBody {
    want: WantedRole,
}

#[derive(Deserialize)]
struct GiveBody {
    viewer: u32,
}

#[derive(Deserialize)]
struct TextBody {
    text: String,
}

impl PageMessage {
    pub fn decode(text: &[u8]) -> Result<Self, ControlError> {
        if text.len() > LONGEST {
            return Err(ControlError::TooLong(text.len()));
        }
        let json: Value = serde_json::from_slice(text)?;
        let kind = json.get("type").and_then(Value::as_str).ok_or(ControlError::NoType)?;
        Ok(match kind {
            "hello" => Self::Hello(serde_json::from_value(json)?),
            "role" => Self::Role { want: serde_json::from_value::<WantBody>(json)?.want },
            "give" => Self::Give { viewer: serde_json::from_value::<GiveBody>(json)?.viewer },
            "clipboard" => Self::Clipboard { text: serde_json::from_value::<TextBody>(json)?.text },
            "field" => Self::Field(serde_json::from_value(json)?),
            "quality" => Self::Quality(serde_json::from_value(json)?),
            "message" => Self::Message { text: serde_json::from_value::<TextBody>(json)?.text },
            _ => Self::Other(json),
        })
    }
}

/// One rung of the ladder that the viewer is served from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RungOffer {
    pub rung: usize,
    pub width: u32,
    pub height: u32,
}

/// What the host says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HostMessage<'a> {
    Welcome {
        version: u32,
        viewer: u32,
        role: &'a str,
        number: u32,
        players: u32,
        may_ask: bool,
        clipboard: bool,
        layers: Vec<RungOffer>,
        codecs: Vec<&'a str>,
        /// What counts of what the viewer has chosen; None: it may not choose.
        quality: Option<&'a Quality>,
    },
    Role {
        role: &'a str,
        number: u32,
        reason: &'a str,
    },
    Asked {
        viewer: u32,
    },
    Rumble(Rumble),
    Cursor {
        shape: &'a str,
    },
    PointerLock {
        on: bool,
    },
    Keyboard {
        show: bool,
        text: &'a str,
        start: u32,
        end: u32,
        mode: &'a str,
        label: &'a str,
    },
    Clipboard {
        text: &'a str,
    },
    Message {
        text: &'a str,
    },
    Kick {
        reason: &'a str,
    },
    Freeze {
        on: bool,
    },
}

/// Strengths 0 to 1, as in the Gamepad API's `GamepadEffectParameters`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rumble {
    pub pad: u32,
    pub strong: f32,
    pub weak: f32,
    pub left_trigger: f32,
    pub right_trigger: f32,
    pub ms: u32,
}

impl HostMessage<'_> {
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // no map with other keys than texts, no writer that fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(text: &str) -> Result<PageMessage, ControlError> {
        PageMessage::decode(text.as_bytes())
    }

    #[test]
    fn pages_messages_are_read() {
        let hello =
            r#"{"type":"hello","version":1,"touch":true,"gamepads":false,"pen":true,"language":"de-DE","later":1}"#;
        let expected = Hello { version: 1, touch: true, pen: true, language: "de-DE".into(), ..Default::default() };
        assert_eq!(decode(hello).unwrap(), PageMessage::Hello(expected));
        let token = decode(r#"{"type":"hello","player_token":"x"}"#).unwrap();
        assert!(matches!(token, PageMessage::Hello(Hello { player_token: Some(token), .. }) if token == "x"));
        let want = |name| decode(&format!(r#"{{"type":"role","want":"{name}"}}"#));
        assert_eq!(want("player").unwrap(), PageMessage::Role { want: WantedRole::Player });
        assert_eq!(want("spectator").unwrap(), PageMessage::Role { want: WantedRole::Spectator });
        assert!(want("king").is_err());
        assert_eq!(decode(r#"{"type":"give","viewer":7}"#).unwrap(), PageMessage::Give { viewer: 7 });
        assert_eq!(decode(r#"{"type":"clipboard","text":"ä"}"#).unwrap(), PageMessage::Clipboard { text: "ä".into() });
        assert_eq!(decode(r#"{"type":"message","text":""}"#).unwrap(), PageMessage::Message { text: String::new() });
        let quality = |members: &str| match decode(&format!(r#"{{"type":"quality"{members}}}"#)) {
            Ok(PageMessage::Quality(quality)) => Some(quality),
            _ => None,
        };
        let chosen = Quality { rung: Some(1), codec: Some("VP8".into()), max_kbps: Some(2_000) };
        assert_eq!(quality(r#","rung":1,"codec":"VP8","max_kbps":2000"#), Some(chosen));
        assert_eq!(quality(r#","rung":null,"codec":null"#), Some(Quality::default()));
        for wrong in [r#","rung":-1"#, r#","rung":0.5"#, r#","codec":7"#, r#","max_kbps":"much""#] {
            assert_eq!(quality(wrong), None, "{wrong}");
        }
        let field = decode(r#"{"type":"field","text":"höh","start":9,"end":3,"done":true}"#).unwrap();
        let PageMessage::Field(field) = field else { panic!("{field:?}") };
        assert!(field.done && field.selection() == (3, 3));
        let unknown = r#"{"type":"ping","id":4}"#;
        assert_eq!(decode(unknown).unwrap(), PageMessage::Other(serde_json::from_str(unknown).unwrap()));
        for wrong in
            ["", "7", "null", "[]", "{}", r#"{"type":4}"#, r#"{"type":"give","viewer":-1}"#, r#"{"type":"field"}"#]
        {
            assert!(decode(wrong).is_err(), "{wrong}");
        }
        let long = format!(r#"{{"type":"message","text":"{}"}}"#, "x".repeat(LONGEST));
        assert!(matches!(decode(&long), Err(ControlError::TooLong(_))));
    }

    #[test]
    fn hosts_messages_have_the_pages_form() {
        let form = |message: HostMessage<'_>| message.encode();
        assert_eq!(
            form(HostMessage::Welcome {
                version: 1,
                viewer: 7,
                role: "player",
                number: 1,
                players: 1,
                may_ask: true,
                clipboard: false,
                layers: vec![RungOffer { rung: 0, width: 1280, height: 720 }],
                codecs: vec!["H264", "VP8"],
                quality: None,
            }),
            r#"{"type":"welcome","version":1,"viewer":7,"role":"player","number":1,"players":1,"may_ask":true,"clipboard":false,"layers":[{"rung":0,"width":1280,"height":720}],"codecs":["H264","VP8"],"quality":null}"#
        );
        let role = HostMessage::Role { role: "spectator", number: 0, reason: "so" };
        assert_eq!(form(role), r#"{"type":"role","role":"spectator","number":0,"reason":"so"}"#);
        assert_eq!(form(HostMessage::Asked { viewer: 9 }), r#"{"type":"asked","viewer":9}"#);
        let rumble = Rumble { pad: 1, strong: 0.5, weak: 1.0, ms: 200, ..Default::default() };
        assert_eq!(
            form(HostMessage::Rumble(rumble)),
            r#"{"type":"rumble","pad":1,"strong":0.5,"weak":1.0,"left_trigger":0.0,"right_trigger":0.0,"ms":200}"#
        );
        assert_eq!(form(HostMessage::PointerLock { on: true }), r#"{"type":"pointer_lock","on":true}"#);
        let (text, label) = ("a\"b", "Name");
        let keyboard = HostMessage::Keyboard { show: true, text, start: 1, end: 2, mode: "text", label };
        assert_eq!(
            form(keyboard),
            r#"{"type":"keyboard","show":true,"text":"a\"b","start":1,"end":2,"mode":"text","label":"Name"}"#
        );
        assert_eq!(form(HostMessage::Cursor { shape: "none" }), r#"{"type":"cursor","shape":"none"}"#);
        assert_eq!(form(HostMessage::Freeze { on: false }), r#"{"type":"freeze","on":false}"#);
        assert_eq!(form(HostMessage::Kick { reason: "late" }), r#"{"type":"kick","reason":"late"}"#);
        assert_eq!(form(HostMessage::Clipboard { text: "c" }), r#"{"type":"clipboard","text":"c"}"#);
        assert_eq!(form(HostMessage::Message { text: "m" }), r#"{"type":"message","text":"m"}"#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = PageMessage::decode(&bytes);
        }

        #[test]
        fn any_members_are_read_or_refused(
            kind in prop::sample::select(vec!["hello", "role", "give", "clipboard", "field", "quality", "message", "x"]),
            name in prop::sample::select(vec!["want", "viewer", "text", "start", "done", "rung", "max_kbps", "player_token"]),
            value in "[-0-9a-z\"{}\\[\\]:,.]{0,20}",
            text in ".{0,40}",
        ) {
            let _ = decode(&format!(r#"{{"type":"{kind}","{name}":{value}}}"#));
            let said = serde_json::json!({ "type": kind, name: text, "text": text }).to_string();
            if let Ok(PageMessage::Field(field)) = decode(&said) {
                let (start, end) = field.selection();
                prop_assert!(start <= end && end as usize <= text.chars().count());
            }
        }
    }
}

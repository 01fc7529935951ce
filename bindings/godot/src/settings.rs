//! What the inspector shows of a server, made into the library's configuration.

use godot::builtin::{GString, PackedStringArray};
use godot::register::{GodotClass, godot_api};
use rendercast::config::Config;
use rendercast::units::Size;
use serde_json::{Value, json};

/// How a [RenderCastServer] streams.
///
/// The defaults stream to browsers on this machine. For others, such as phones, set [member address] to [code]0.0.0.0[/code].
/// [br][br]Changes count when the server is started the next time.
#[derive(GodotClass)]
#[class(tool, init, base = Resource)]
pub struct RenderCastSettings {
    /// The TCP port of the page and its signaling. 0 takes a free one.
    #[export(range = (0.0, 65535.0, 1.0))]
    #[init(val = 8080)]
    port: i32,
    /// The address that the page is served on. [code]127.0.0.1[/code]: this machine only. [code]0.0.0.0[/code]: everybody who can reach
    /// this machine and knows the link.
    #[export]
    #[init(val = GString::from("127.0.0.1"))]
    address: GString,
    /// What viewers must know, at least 8 characters; it is a part of the link. Empty: none where [member address] is this machine's
    /// own, made anew at each start on any other.
    #[export]
    token: GString,
    /// Pictures a second at most, 1 to 240.
    #[export(range = (1.0, 240.0, 1.0))]
    #[init(val = 60)]
    fps: i32,
    /// The most that a viewer is sent, in kbit/s, 100 to 1000000. Slower links get less.
    #[export(range = (100.0, 160000.0, 1.0, or_greater))]
    #[init(val = 8000)]
    bitrate_kbps: i32,
    /// Larger pictures are made smaller, to this width at most, in pixels. 0: as they are.
    #[export(range = (0.0, 16384.0, 1.0))]
    max_width: i32,
    /// Larger pictures are made smaller, to this height at most, in pixels. 0: as they are.
    #[export(range = (0.0, 16384.0, 1.0))]
    max_height: i32,
    /// [code]auto[/code], or the encoder that is tried first, such as [code]h264_nvenc[/code], [code]libx264[/code],
    /// [code]openh264[/code].
    #[export]
    #[init(val = GString::from("auto"))]
    encoder: GString,
    /// Codecs to offer, best first: [code]h264[/code], [code]vp8[/code], [code]vp9[/code], [code]av1[/code]. Empty: all of them.
    #[export]
    codecs: PackedStringArray,
    /// The address of somebody else's signaling server, beginning with [code]ws[/code] or [code]http[/code]. Empty: none.
    #[export]
    signaling_url: GString,
    /// Which viewers play, the others watch: everyone, whoever came first, who knows the player token
    /// ([code]{"input": {"player_token": "..."}}[/code] in [member extra_json]), or whom the game makes one
    /// ([method RenderCastServer.make_player]).
    #[export(enum = (Everyone, First, Token, Host))]
    players: i32,
    /// Players at once, 0 to 1000. 0: one with [constant FIRST], else as many as there are viewers.
    #[export(range = (0.0, 1000.0, 1.0))]
    max_players: i32,
    /// Whether the sound of viewers' microphones is received.
    #[export]
    receive_audio: bool,
    /// Whether the pictures of viewers' cameras are received.
    #[export]
    receive_video: bool,
    /// Any other key of the library's configuration, as one JSON object, such as
    /// [code]{"video": {"layers": 1}, "peer": {"udp_port": 8081}}[/code]. It wins over the properties above.
    #[export(multiline)]
    extra_json: GString,
}

#[godot_api]
impl RenderCastSettings {
    /// [member players]: whoever comes, as long as there is a place.
    #[constant]
    const EVERYONE: i32 = 0;
    /// [member players]: who came first; the others wait in line.
    #[constant]
    const FIRST: i32 = 1;
    /// [member players]: who knows the player token.
    #[constant]
    const TOKEN: i32 = 2;
    /// [member players]: whom the game makes one.
    #[constant]
    const HOST: i32 = 3;

    /// Returns what is wrong with these settings, in words. Empty: nothing.
    #[func]
    fn get_problem(&self) -> GString {
        GString::from(self.to_config().err().unwrap_or_default().as_str())
    }
}

impl RenderCastSettings {
    /// The library's configuration, or what is wrong, in words.
    pub fn to_config(&self) -> Result<Config, String> {
        let codecs: Vec<String> = self.codecs.as_slice().iter().map(ToString::to_string).collect();
        let mut all = document(&Plain {
            port: self.port,
            address: &self.address.to_string(),
            token: &self.token.to_string(),
            fps: self.fps,
            bitrate_kbps: self.bitrate_kbps,
            encoder: &self.encoder.to_string(),
            codecs: &codecs,
            signaling_url: &self.signaling_url.to_string(),
            players: self.players,
            max_players: self.max_players,
            receive: [self.receive_audio, self.receive_video],
        });
        merge(&mut all, extra(&self.extra_json.to_string())?);
        Config::from_json(&all.to_string()).map_err(|error| error.to_string())
    }

    /// Pictures larger than this are made smaller; 0: as they are.
    pub fn largest(&self) -> Size {
        let side = |side: i32| u32::try_from(side).unwrap_or(0);
        Size::new(side(self.max_width), side(self.max_height))
    }
}

/// The properties as plain values.
struct Plain<'a> {
    port: i32,
    address: &'a str,
    token: &'a str,
    fps: i32,
    bitrate_kbps: i32,
    encoder: &'a str,
    codecs: &'a [String],
    signaling_url: &'a str,
    players: i32,
    max_players: i32,
    receive: [bool; 2],
}

fn document(plain: &Plain<'_>) -> Value {
    let players = ["everyone", "first", "token", "host"];
    let players = usize::try_from(plain.players).ok().and_then(|number| players.get(number)).unwrap_or(&"everyone");
    let [audio, video] = plain.receive;
    let mut all = json!({
        "video": {
            "fps": plain.fps,
            "start_bitrate_kbps": plain.bitrate_kbps,
            "max_bitrate_kbps": plain.bitrate_kbps,
            "min_bitrate_kbps": plain.bitrate_kbps.min(300),
            "encoder": plain.encoder,
        },
        "server": { "address": socket_address(plain.address, plain.port), "token": plain.token },
        "signaling": { "url": plain.signaling_url },
        "input": { "players": players, "max_players": plain.max_players },
        "peer": { "receive": { "audio": audio, "video": video } },
    });
    if !plain.codecs.is_empty() {
        all["video"]["codecs"] = json!(plain.codecs);
    }
    all
}

/// `*` and `localhost` are what Godot's own servers take.
fn socket_address(address: &str, port: i32) -> String {
    match address.trim() {
        "*" => format!("0.0.0.0:{port}"),
        "" | "localhost" => format!("127.0.0.1:{port}"),
        ipv6 if ipv6.contains(':') && !ipv6.starts_with('[') => format!("[{ipv6}]:{port}"),
        other => format!("{other}:{port}"),
    }
}

fn extra(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(json!({}));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| format!("extra_json: {error}"))?;
    if value.is_object() { Ok(value) } else { Err("extra_json: one JSON object is expected".to_owned()) }
}

/// Members of both; where both have one that is no object, the second's.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use rendercast::config::PlayerPolicy;
    use rendercast::encode::Codec;

    use super::*;

    fn plain<'a>() -> Plain<'a> {
        Plain {
            port: 8080,
            address: "127.0.0.1",
            token: "",
            fps: 60,
            bitrate_kbps: 8000,
            encoder: "auto",
            codecs: &[],
            signaling_url: "",
            players: 0,
            max_players: 0,
            receive: [false; 2],
        }
    }

    fn config(plain: &Plain<'_>, more: &str) -> Result<Config, String> {
        let mut all = document(plain);
        merge(&mut all, extra(more)?);
        Config::from_json(&all.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn properties_become_the_librarys_configuration() {
        let codecs = ["vp8".to_owned(), "h264".to_owned()];
        let wanted = Plain {
            port: 9000,
            address: "::",
            token: "longer than eight",
            bitrate_kbps: 200,
            codecs: &codecs,
            players: 3,
            max_players: 2,
            receive: [true, false],
            ..plain()
        };
        let made = config(&wanted, "").unwrap();
        assert_eq!((made.server.address.as_str(), made.server.token.as_str()), ("[::]:9000", "longer than eight"));
        assert_eq!((made.video.max_bitrate_kbps, made.video.min_bitrate_kbps), (200, 200));
        assert_eq!(made.video.codecs, [Codec::Vp8, Codec::H264]);
        assert_eq!((made.input.players, made.input.max_players), (PlayerPolicy::Host, 2));
        assert!(made.peer.receive.audio && !made.peer.receive.video);
        assert_eq!(config(&plain(), " ").unwrap().video.codecs, Config::default().video.codecs);
    }

    #[test]
    fn addresses_that_godots_servers_take_are_taken() {
        let at = |address| socket_address(address, 1);
        assert_eq!(
            [at("*"), at("localhost"), at("::1"), at("[::1]")],
            ["0.0.0.0:1", "127.0.0.1:1", "[::1]:1", "[::1]:1"]
        );
    }

    #[test]
    fn extra_keys_win_and_leave_their_neighbours() {
        let made = config(&plain(), r#"{"video": {"fps": 30, "layers": 1}, "stats": {}}"#).unwrap();
        assert_eq!((made.video.fps, made.video.max_bitrate_kbps), (30, 8000));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (wanted, more, part) in [
            (Plain { fps: 0, ..plain() }, "", "video.fps = 0"),
            (Plain { fps: -1, ..plain() }, "", "invalid value"),
            (Plain { address: "somewhere", ..plain() }, "", "server.address"),
            (Plain { token: "short", ..plain() }, "", "server.token"),
            (plain(), "{", "extra_json"),
            (plain(), "[]", "one JSON object"),
            (plain(), r#"{"vidio": {}}"#, "vidio"),
        ] {
            let error = config(&wanted, more).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}

//! The configuration as a C structure. It says what the JSON of [`Config`] says; what only JSON can say is named there.

use std::ffi::c_char;
use std::mem::offset_of;
use std::net::IpAddr;

use super::memory::Versioned;
use super::status::Failure;
use super::text::text_in;
use crate::config::{AnswerCalls, Config, IceServer, MediaStreams, OfferTurn, PlayerPolicy, SignalingProtocol};
use crate::encode::Codec;
use crate::error::ConfigError;

/// A switch that is on; 0 leaves it at its default.
pub const RENDERCAST_ON: u32 = 1;
/// A switch that is off; 0 leaves it at its default.
pub const RENDERCAST_OFF: u32 = 2;

/// One MediaStream or two, as the page needs.
pub const RENDERCAST_MEDIA_STREAMS_AUTO: u32 = 0;
/// Audio and video in one MediaStream: the browser keeps lips in step and holds the picture back for it.
pub const RENDERCAST_MEDIA_STREAMS_ONE: u32 = 1;
/// A MediaStream each: neither waits for the other.
pub const RENDERCAST_MEDIA_STREAMS_SEPARATE: u32 = 2;

/// Unity Render Streaming: over a WebSocket at "ws://" and "wss://" addresses, at "http://" and "https://" as the server says
/// that its pages do.
pub const RENDERCAST_SIGNALING_AUTO: u32 = 0;
/// Unity Render Streaming over HTTP, whatever its pages talk.
pub const RENDERCAST_SIGNALING_URS_HTTP: u32 = 1;
/// Unity Render Streaming over a WebSocket.
pub const RENDERCAST_SIGNALING_URS_WEBSOCKET: u32 = 2;
/// A WebSocket whose server repeats every message to all others.
pub const RENDERCAST_SIGNALING_RELAY: u32 = 3;
/// A WebSocket with session descriptions and candidates, where either side may offer at any time.
pub const RENDERCAST_SIGNALING_DESCRIPTION: u32 = 4;
/// A WebSocket with user names that call each other.
pub const RENDERCAST_SIGNALING_CALL: u32 = 5;

/// Whoever comes is a player, as long as there is a place.
pub const RENDERCAST_PLAYERS_EVERYONE: u32 = 0;
/// Who came first is a player; the others watch and wait in line.
pub const RENDERCAST_PLAYERS_FIRST: u32 = 1;
/// Who knows `player_token` is a player.
pub const RENDERCAST_PLAYERS_TOKEN: u32 = 2;
/// Whom the host makes one is a player, see rendercast_set_viewer_role.
pub const RENDERCAST_PLAYERS_HOST: u32 = 3;

/// What a streamer is told at its creation. Zero (NULL) in any field but `size` means its default, so clear the structure,
/// set `size`, and set what matters. Texts are NUL-terminated UTF-8 and are copied; they may be freed after the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_config {
    /// sizeof(rendercast_config).
    pub size: u32,
    /// Expected pictures a second, 1 to 240. Default 60. For rate control; the host may push at any rate.
    pub fps: u32,
    /// Where the sender starts, in kbit/s, 100 to 1000000. Default 16000.
    pub start_bitrate_kbps: u32,
    /// Never more than this, in kbit/s, 100 to 1000000. Default 160000.
    pub max_bitrate_kbps: u32,
    /// Never less than this, in kbit/s, 50 to 1000000. Default 300.
    pub min_bitrate_kbps: u32,
    /// Switch: whether an audio track is offered. Default on.
    pub audio: u32,
    /// Opus rate in kbit/s, 6 to 510. Default 128.
    pub audio_bitrate_kbps: u32,
    /// One of RENDERCAST_MEDIA_STREAMS_*. Default RENDERCAST_MEDIA_STREAMS_AUTO.
    pub media_streams: u32,
    /// Viewers at most, 1 to 1000. Default 64.
    pub max_viewers: u32,
    /// Longest time between polls of the signaling server while nothing happens, in ms, 100 to 8000. Default 500.
    pub signaling_idle_poll_ms: u32,
    /// Time between polls of the signaling server while something is negotiated, in ms, 10 to 5000. Default 250.
    pub signaling_busy_poll_ms: u32,
    /// Switch: do not check the signaling server's TLS certificate. Default off.
    pub accept_invalid_certificates: u32,
    /// Switch: the embedded signaling server with its player page. Default on.
    pub server: u32,
    /// One of RENDERCAST_SIGNALING_*: what the server at `signaling_url` speaks. Default RENDERCAST_SIGNALING_AUTO.
    pub signaling_protocol: u32,
    /// "auto", or one encoder that is tried first: "h264_nvenc", "libx264", "openh264", ... Default "auto".
    pub encoder: *const c_char,
    /// Codecs to offer, best first, with commas between. Default "h264,vp8,vp9,av1".
    pub codecs: *const c_char,
    /// Address and port the embedded server listens on; port 0 takes a free one. Default "127.0.0.1:8080".
    pub server_address: *const c_char,
    /// What a viewer must know, at least 8 characters. Default: nothing on a loopback address, generated on any other.
    pub server_token: *const c_char,
    /// "http://", "https://", "ws://" or "wss://" address of a signaling server. Default none.
    pub signaling_url: *const c_char,
    /// IP addresses to gather host candidates on, with commas between. Default every address of this machine.
    pub bind_addresses: *const c_char,
    /// Addresses of one STUN or TURN server, with commas between: "stun:host:port", "turn:host:port?transport=udp".
    /// Default none. Several servers with different credentials need the JSON configuration.
    pub ice_urls: *const c_char,
    /// User name at the servers of `ice_urls`. Default none.
    pub ice_username: *const c_char,
    /// Password at the servers of `ice_urls`. Default none.
    pub ice_credential: *const c_char,
    /// The connection that both sides name in the private mode of Unity Render Streaming, at most 256 bytes. Default none:
    /// public mode.
    pub signaling_connection_id: *const c_char,
    /// Our name where users call each other (RENDERCAST_SIGNALING_CALL), 1 to 128 bytes. Default "rendercast".
    pub signaling_user_name: *const c_char,
    /// Switch: we make the first offer, for pages that wait for one (RENDERCAST_SIGNALING_RELAY and _DESCRIPTION). Default off.
    pub signaling_offers_first: u32,
    /// Switch: RENDERCAST_EVENT_CALL_REQUESTED asks the host before a user gets the stream (RENDERCAST_SIGNALING_CALL, and the
    /// embedded server's path /call). Default off.
    pub signaling_asks_host: u32,
    /// What a page has to know with RENDERCAST_PLAYERS_TOKEN, 8 to 256 bytes: its link carries it as `player=`. Default none.
    pub player_token: *const c_char,
    /// One of RENDERCAST_PLAYERS_*: who is a player, and who watches only. Default RENDERCAST_PLAYERS_EVERYONE.
    pub players: u32,
    /// Players at once, 1 to 1000. Default: one with RENDERCAST_PLAYERS_FIRST, else as many as there are viewers.
    pub max_players: u32,
    /// Switch: a spectator may ask for control. Default on.
    pub player_asking: u32,
    /// Switch: texts of the clipboard go from the host to pages, and from players to the host. Default off.
    pub clipboard: u32,
    /// Longest text of the clipboard, in bytes of UTF-8, 1 to 65536. Default 65536.
    pub clipboard_max_bytes: u32,
    /// Input events of one viewer in the long run, per second, 10 to 100000; a second's worth may come at once. What lets a key or
    /// button go is never dropped. Default 1000.
    pub max_events_per_second: u32,
    /// Switch: a viewer may ask on its page for less than it is given: a smaller picture, a lower rate, another codec that was agreed
    /// on; never for more than the host has granted. Off: such messages reach the host as they are. Default on.
    pub choose_quality: u32,
}

// SAFETY: repr(C), size first, integers and pointers that may be NULL.
unsafe impl Versioned for rendercast_config {
    const NAME: &'static str = "rendercast_config";
    const SIZES: &'static [usize] = &[
        offset_of!(Self, signaling_connection_id),
        offset_of!(Self, player_token),
        offset_of!(Self, choose_quality),
        size_of::<Self>(),
    ];
}

impl rendercast_config {
    /// The same configuration in Rust's words. Ranges are checked where JSON's are, by [`Config::validate`].
    ///
    /// # Safety
    /// Every text is NULL or ends with a NUL.
    pub(super) unsafe fn to_config(self) -> Result<Config, Failure> {
        let mut config = Config::default();
        set_number(&mut config.video.fps, self.fps);
        set_number(&mut config.video.start_bitrate_kbps, self.start_bitrate_kbps);
        set_number(&mut config.video.max_bitrate_kbps, self.max_bitrate_kbps);
        set_number(&mut config.video.min_bitrate_kbps, self.min_bitrate_kbps);
        set_switch(&mut config.audio.enabled, self.audio, "audio")?;
        set_number(&mut config.audio.bitrate_kbps, self.audio_bitrate_kbps);
        set_number(&mut config.peer.max_viewers, self.max_viewers);
        set_number(&mut config.signaling.idle_poll_ms, self.signaling_idle_poll_ms);
        set_number(&mut config.signaling.busy_poll_ms, self.signaling_busy_poll_ms);
        let accept = &mut config.signaling.accept_invalid_certificates;
        set_switch(accept, self.accept_invalid_certificates, "accept_invalid_certificates")?;
        set_switch(&mut config.server.enabled, self.server, "server")?;
        config.peer.media_streams = match self.media_streams {
            RENDERCAST_MEDIA_STREAMS_AUTO => MediaStreams::Auto,
            RENDERCAST_MEDIA_STREAMS_ONE => MediaStreams::One,
            RENDERCAST_MEDIA_STREAMS_SEPARATE => MediaStreams::Separate,
            other => return Err(out_of_range("media_streams", other, "0 to 2")),
        };
        let all = SignalingProtocol::ALL;
        let protocol = usize::try_from(self.signaling_protocol).ok().and_then(|at| all.get(at));
        let unknown = || out_of_range("signaling_protocol", self.signaling_protocol, "0 to 5");
        config.signaling.protocol = *protocol.ok_or_else(unknown)?;
        // SAFETY: the caller's promise about every text.
        let text = |text, name| unsafe { text_in(text, name) };
        set_text(&mut config.video.encoder, text(self.encoder, "encoder")?);
        set_text(&mut config.server.address, text(self.server_address, "server_address")?);
        set_text(&mut config.server.token, text(self.server_token, "server_token")?);
        set_text(&mut config.signaling.url, text(self.signaling_url, "signaling_url")?);
        set_text(&mut config.signaling.connection_id, text(self.signaling_connection_id, "signaling_connection_id")?);
        set_text(&mut config.signaling.user_name, text(self.signaling_user_name, "signaling_user_name")?);
        let (mut first, mut ask) = (false, false);
        set_switch(&mut first, self.signaling_offers_first, "signaling_offers_first")?;
        set_switch(&mut ask, self.signaling_asks_host, "signaling_asks_host")?;
        config.signaling.offer = if first { OfferTurn::First } else { OfferTurn::Wait };
        config.signaling.answer_calls = if ask { AnswerCalls::Ask } else { AnswerCalls::Auto };
        config.server.answer_calls = config.signaling.answer_calls;
        let players = usize::try_from(self.players).ok().and_then(|at| PlayerPolicy::ALL.get(at));
        config.input.players = *players.ok_or_else(|| out_of_range("players", self.players, "0 to 3"))?;
        set_text(&mut config.input.player_token, text(self.player_token, "player_token")?);
        set_number(&mut config.input.max_players, self.max_players);
        set_switch(&mut config.input.ask, self.player_asking, "player_asking")?;
        set_switch(&mut config.input.clipboard, self.clipboard, "clipboard")?;
        set_number(&mut config.input.clipboard_max_bytes, self.clipboard_max_bytes);
        set_number(&mut config.input.max_events_per_second, self.max_events_per_second);
        set_switch(&mut config.input.choose_quality, self.choose_quality, "choose_quality")?;
        if let Some(list) = text(self.codecs, "codecs")? {
            config.video.codecs = entries(list).map(codec).collect::<Result<_, _>>()?;
        }
        if let Some(list) = text(self.bind_addresses, "bind_addresses")? {
            config.peer.bind_addresses = entries(list).map(ip_address).collect::<Result<_, _>>()?;
        }
        let urls = entries(text(self.ice_urls, "ice_urls")?.unwrap_or_default()).map(str::to_owned).collect();
        let mut server = IceServer { urls, ..Default::default() };
        set_text(&mut server.username, text(self.ice_username, "ice_username")?);
        set_text(&mut server.credential, text(self.ice_credential, "ice_credential")?);
        if !server.urls.is_empty() {
            config.peer.ice_servers = vec![server];
        }
        config.validate()?;
        Ok(config)
    }
}

fn set_number(field: &mut u32, stated: u32) {
    if stated != 0 {
        *field = stated;
    }
}

fn set_switch(field: &mut bool, stated: u32, name: &'static str) -> Result<(), Failure> {
    match stated {
        0 => {}
        RENDERCAST_ON => *field = true,
        RENDERCAST_OFF => *field = false,
        other => return Err(out_of_range(name, other, "0 (default), 1 (on), 2 (off)")),
    }
    Ok(())
}

fn set_text(field: &mut String, stated: Option<&str>) {
    if let Some(stated) = stated {
        *field = stated.to_owned();
    }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

fn codec(name: &str) -> Result<Codec, Failure> {
    let known = Codec::ALL.into_iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(name));
    let unknown = || ConfigError::Unknown {
        key: "codecs".into(),
        value: name.into(),
        known: Codec::ALL.map(|codec| codec.rtpmap_name().to_lowercase()).join(", "),
    };
    Ok(known.ok_or_else(unknown)?)
}

fn ip_address(text: &str) -> Result<IpAddr, Failure> {
    text.parse().map_err(|_| out_of_range("bind_addresses", text, "IP addresses with commas between"))
}

fn out_of_range(key: &str, value: impl ToString, range: &str) -> Failure {
    ConfigError::OutOfRange { key: key.into(), value: value.to_string(), range: range.into() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zeros() -> rendercast_config {
        // SAFETY: zeros are a valid value, see `Versioned`.
        unsafe { std::mem::zeroed() }
    }

    fn read(config: rendercast_config) -> Result<Config, Failure> {
        // SAFETY: the tests' texts are C strings.
        unsafe { config.to_config() }
    }

    #[test]
    fn zero_means_default_in_every_field() {
        assert_eq!(read(zeros()).unwrap(), Config::default());
    }

    #[test]
    fn structure_and_json_say_the_same() {
        let structure = read(rendercast_config {
            size: 0,
            fps: 30,
            start_bitrate_kbps: 4_000,
            max_bitrate_kbps: 9_000,
            min_bitrate_kbps: 500,
            audio: RENDERCAST_OFF,
            audio_bitrate_kbps: 96,
            media_streams: RENDERCAST_MEDIA_STREAMS_SEPARATE,
            max_viewers: 3,
            signaling_idle_poll_ms: 1_500,
            signaling_busy_poll_ms: 100,
            accept_invalid_certificates: RENDERCAST_ON,
            server: RENDERCAST_OFF,
            signaling_protocol: RENDERCAST_SIGNALING_URS_WEBSOCKET,
            encoder: c"openh264".as_ptr(),
            codecs: c"vp9, H264".as_ptr(),
            server_address: c"0.0.0.0:0".as_ptr(),
            server_token: c"very secret".as_ptr(),
            signaling_url: c"https://example.org".as_ptr(),
            bind_addresses: c"127.0.0.1, ::1".as_ptr(),
            ice_urls: c"stun:a:3478, turn:b:3478".as_ptr(),
            ice_username: c"me".as_ptr(),
            ice_credential: c"word".as_ptr(),
            signaling_connection_id: c"01234".as_ptr(),
            signaling_user_name: c"stage".as_ptr(),
            signaling_offers_first: RENDERCAST_ON,
            signaling_asks_host: RENDERCAST_ON,
            player_token: c"a good one".as_ptr(),
            players: RENDERCAST_PLAYERS_TOKEN,
            max_players: 2,
            player_asking: RENDERCAST_OFF,
            clipboard: RENDERCAST_ON,
            clipboard_max_bytes: 1_000,
            max_events_per_second: 500,
            choose_quality: RENDERCAST_OFF,
        });
        let json = Config::from_json(
            r#"{"video":{"fps":30,"start_bitrate_kbps":4000,"max_bitrate_kbps":9000,"min_bitrate_kbps":500,
                "encoder":"openh264","codecs":["vp9","h264"]},
            "audio":{"enabled":false,"bitrate_kbps":96},
            "peer":{"media_streams":"separate","max_viewers":3,"bind_addresses":["127.0.0.1","::1"],
                "ice_servers":[{"urls":["stun:a:3478","turn:b:3478"],"username":"me","credential":"word"}]},
            "signaling":{"url":"https://example.org","idle_poll_ms":1500,"busy_poll_ms":100,
                "protocol":"urs-websocket","connection_id":"01234","accept_invalid_certificates":true,
                "user_name":"stage","offer":"first","answer_calls":"ask"},
            "server":{"enabled":false,"address":"0.0.0.0:0","token":"very secret","answer_calls":"ask"},
            "input":{"players":"token","player_token":"a good one","max_players":2,"ask":false,"clipboard":true,
                "clipboard_max_bytes":1000,"max_events_per_second":500,"choose_quality":false}}"#,
        );
        assert_eq!(structure.unwrap(), json.unwrap());
    }

    #[test]
    fn numbers_of_the_protocols_are_those_of_their_names() {
        for (number, protocol) in [
            (RENDERCAST_SIGNALING_AUTO, SignalingProtocol::Auto),
            (RENDERCAST_SIGNALING_URS_HTTP, SignalingProtocol::UrsHttp),
            (RENDERCAST_SIGNALING_URS_WEBSOCKET, SignalingProtocol::UrsWebsocket),
            (RENDERCAST_SIGNALING_RELAY, SignalingProtocol::Relay),
            (RENDERCAST_SIGNALING_DESCRIPTION, SignalingProtocol::Description),
            (RENDERCAST_SIGNALING_CALL, SignalingProtocol::Call),
        ] {
            let config = read(rendercast_config { signaling_protocol: number, ..zeros() }).unwrap();
            assert_eq!(config.signaling.protocol, protocol);
        }
    }

    #[test]
    fn numbers_of_the_players_are_those_of_their_names() {
        for (number, policy) in [
            (RENDERCAST_PLAYERS_EVERYONE, PlayerPolicy::Everyone),
            (RENDERCAST_PLAYERS_FIRST, PlayerPolicy::First),
            (RENDERCAST_PLAYERS_HOST, PlayerPolicy::Host),
        ] {
            assert_eq!(read(rendercast_config { players: number, ..zeros() }).unwrap().input.players, policy);
        }
    }

    #[test]
    fn wrong_values_are_named_with_their_range() {
        let text = |config| read(config).unwrap_err().to_string();
        assert_eq!(text(rendercast_config { fps: 241, ..zeros() }), "video.fps = 241 is outside 1 to 240");
        assert!(text(rendercast_config { audio: 3, ..zeros() }).starts_with("audio = 3 is outside"));
        assert!(text(rendercast_config { signaling_protocol: 6, ..zeros() }).contains("0 to 5"));
        assert!(text(rendercast_config { media_streams: 3, ..zeros() }).contains("0 to 2"));
        assert!(text(rendercast_config { players: 4, ..zeros() }).starts_with("players = 4 is outside 0 to 3"));
        assert!(text(rendercast_config { max_players: 1_001, ..zeros() }).contains("input.max_players"));
        let codecs = text(rendercast_config { codecs: c"h265".as_ptr(), ..zeros() });
        assert_eq!(codecs, r#"codecs = "h265" is unknown; one of: h264, vp8, vp9, av1"#);
        assert!(text(rendercast_config { bind_addresses: c"here".as_ptr(), ..zeros() }).contains("bind_addresses"));
        assert!(text(rendercast_config { encoder: c"\xff".as_ptr(), ..zeros() }).contains("encoder is not UTF-8"));
    }
}

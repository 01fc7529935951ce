//! The configuration: one struct, the same in JSON and behind the C struct. Every field has a default; unknown keys and
//! values outside their range are errors that name the key and the range.

mod calls;
mod delivery;
mod ice_server;
mod input;
mod ladder;
mod network;
mod receive;
mod server;
mod signaling;
mod stats;

use serde::{Deserialize, Serialize};

pub use calls::{AnswerCalls, MAX_USER_NAME, OfferTurn, is_user_name};
pub use ice_server::{IceServer, NO_OAUTH, check_ice_servers};
pub use input::{InputConfig, MAX_CLIPBOARD_BYTES, PlayerPolicy};
pub use network::{ExternalAddress, IceTransport, IceUrl, SrtpCipher, TurnTransport};
pub use receive::ReceiveConfig;

use crate::encode::Codec;
use crate::error::ConfigError;
use crate::units::Bitrate;
pub use delivery::{PlayoutDelay, ProtectionMode};
pub use ladder::{DegradationPreference, LadderConfig, MAX_RUNGS, RungConfig};
pub use server::{ServerConfig, SignalingMode};
pub use signaling::{SignalingConfig, SignalingProtocol};
pub use stats::StatsConfig;

/// Everything a streamer can be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub video: VideoConfig,
    pub audio: AudioConfig,
    pub peer: PeerConfig,
    pub signaling: SignalingConfig,
    pub server: ServerConfig,
    pub stats: StatsConfig,
    pub input: InputConfig,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VideoConfig {
    /// Expected frames a second, 1 to 240. Default 60. Sizes the encoder's rate control; the host may push at any rate.
    pub fps: u32,
    /// Where the sender starts, in kbit/s, 100 to 1000000. Default 16000 (`x-google-start-bitrate`).
    pub start_bitrate_kbps: u32,
    /// Never more than this, in kbit/s, 100 to 1000000. Default 160000 (`x-google-max-bitrate`).
    pub max_bitrate_kbps: u32,
    /// Never less than this, in kbit/s, 50 to 1000000. Default 300.
    pub min_bitrate_kbps: u32,
    /// `auto`, or one encoder by name (`h264_nvenc`, `libx264`, `openh264`, ...) that is tried first. Default `auto`.
    pub encoder: String,
    /// Temporal layers, 1 to 3, where the encoder makes them (`vpx_vp8` and `aom_av1` up to 3, `openh264` up to 2). With more
    /// than one a viewer short of rate gets fewer frames a second instead of a pause. Default 1: two layers cost VP8 and H.264 a
    /// fifth to a half more bits for the same picture.
    pub temporal_layers: u32,
    /// The picture is renewed a strip at a time, once a second, where the encoder can (`libx264`, `h264_nvenc`, `h264_qsv`).
    /// Default false: browsers go on after a loss at a keyframe only, and strips cost bits.
    pub intra_refresh: bool,
    /// Codecs to offer, best first; those without a working encoder are left out. Default H.264, VP8, VP9, AV1.
    pub codecs: Vec<Codec>,
    /// Sizes and rates that viewers with different links share: a number of rungs, or a list. Default 3; 1 is none.
    pub layers: LadderConfig,
    /// Encoders open at once, 1 to 32. Default 4. A codec's first one is opened in any case.
    pub max_encoders: u32,
    /// What gives way when a link does not carry the picture. Default `balanced`.
    pub degradation: DegradationPreference,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudioConfig {
    /// Whether an audio track is offered. Default true.
    pub enabled: bool,
    /// Opus rate in kbit/s, 6 to 510. Default 128.
    pub bitrate_kbps: u32,
}

/// Which MediaStreams the tracks are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaStreams {
    /// `one` for generation-1 pages, else `separate`.
    #[default]
    Auto,
    /// Audio and video in one stream: the browser synchronises lips and holds video back for it.
    One,
    /// A stream each: neither waits for the other.
    Separate,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeerConfig {
    /// STUN and TURN servers (W3C `RTCIceServer`). Default none.
    pub ice_servers: Vec<IceServer>,
    /// Addresses to gather host candidates on. Default: every address of this machine, loopback included.
    pub bind_addresses: Vec<std::net::IpAddr>,
    /// One UDP port for every viewer, on each of `bind_addresses`. Default 0: a free port for each connection.
    pub udp_port: u16,
    /// First and last of the UDP ports that connections may have, 1 to 65535; each takes one on each of `bind_addresses`.
    /// Default none: any free port. Not together with `udp_port`.
    pub udp_port_range: Option<[u16; 2]>,
    /// Addresses under which a NAT that keeps ports makes us reachable: `203.0.113.5` is offered besides our own ones,
    /// `10.0.0.5=203.0.113.5` in place of the internal one. Default none.
    pub external_addresses: Vec<String>,
    /// A TCP port on which browsers whose UDP is blocked may connect (RFC 6544, passive). Default 0: none.
    pub ice_tcp_port: u16,
    /// Default `all`.
    pub ice_transport: IceTransport,
    /// A file with the certificate and the key (PEM) that viewers know us by; made where it is not there, and anew when it has
    /// expired. Default empty: each connection has a certificate of its own.
    pub certificate_file: String,
    /// For how many days a certificate that is made for `certificate_file` is good, 1 to 365. Default 30, W3C's.
    pub certificate_days: u32,
    /// Default `auto`.
    pub srtp: SrtpCipher,
    pub media_streams: MediaStreams,
    /// Viewers at most, 1 to 1000. Default 64.
    pub max_viewers: u32,
    /// How long browsers hold pictures back. Default not at all.
    pub playout_delay_ms: PlayoutDelay,
    /// Protection against loss beside retransmission. Default `auto`.
    pub protection: ProtectionMode,
    /// What is taken of viewers' microphones and cameras. Default nothing.
    pub receive: ReceiveConfig,
}

impl Default for VideoConfig {
    fn default() -> Self {
        Self {
            fps: 60,
            start_bitrate_kbps: 16_000,
            max_bitrate_kbps: 160_000,
            min_bitrate_kbps: 300,
            encoder: "auto".into(),
            temporal_layers: 1,
            intra_refresh: false,
            codecs: Codec::ALL.to_vec(),
            layers: LadderConfig::default(),
            max_encoders: 4,
            degradation: DegradationPreference::default(),
        }
    }
}

impl Default for AudioConfig {
    fn default() -> Self {
        Self { enabled: true, bitrate_kbps: 128 }
    }
}

impl Default for PeerConfig {
    fn default() -> Self {
        Self {
            ice_servers: Vec::new(),
            bind_addresses: Vec::new(),
            udp_port: 0,
            udp_port_range: None,
            external_addresses: Vec::new(),
            ice_tcp_port: 0,
            ice_transport: IceTransport::All,
            certificate_file: String::new(),
            certificate_days: 30,
            srtp: SrtpCipher::Auto,
            media_streams: MediaStreams::Auto,
            max_viewers: 64,
            playout_delay_ms: PlayoutDelay::default(),
            protection: ProtectionMode::default(),
            receive: ReceiveConfig::default(),
        }
    }
}

impl VideoConfig {
    pub fn start_bitrate(&self) -> Bitrate {
        Bitrate::from_kbps(self.start_bitrate_kbps.into())
    }
    pub fn max_bitrate(&self) -> Bitrate {
        Bitrate::from_kbps(self.max_bitrate_kbps.into())
    }
    pub fn min_bitrate(&self) -> Bitrate {
        Bitrate::from_kbps(self.min_bitrate_kbps.into())
    }
}

impl Config {
    /// Reads a JSON text and checks it.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(text).map_err(|e| ConfigError::Json(e.to_string()))?;
        config.validate()?;
        Ok(config)
    }

    /// Checks every range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let v = &self.video;
        within("video.fps", v.fps, 1, 240)?;
        within("video.start_bitrate_kbps", v.start_bitrate_kbps, 100, 1_000_000)?;
        within("video.max_bitrate_kbps", v.max_bitrate_kbps, 100, 1_000_000)?;
        within("video.min_bitrate_kbps", v.min_bitrate_kbps, 50, 1_000_000)?;
        within("video.max_encoders", v.max_encoders, 1, 32)?;
        v.layers.validate()?;
        within("video.temporal_layers", v.temporal_layers, 1, 3)?;
        within("audio.bitrate_kbps", self.audio.bitrate_kbps, 6, 510)?;
        within("peer.max_viewers", self.peer.max_viewers, 1, 1_000)?;
        within("peer.certificate_days", self.peer.certificate_days, 1, 365)?;
        let delay = self.peer.playout_delay_ms;
        within("peer.playout_delay_ms.max", delay.max, 0, 40_950)?;
        within("peer.playout_delay_ms.min", delay.min, 0, delay.max)?;
        self.peer.validate()?;
        self.signaling.validate()?;
        self.stats.validate()?;
        self.input.validate()?;
        if v.min_bitrate_kbps > v.max_bitrate_kbps {
            return Err(out_of_range("video.min_bitrate_kbps", v.min_bitrate_kbps, "50 to video.max_bitrate_kbps"));
        }
        if v.codecs.is_empty() {
            return Err(out_of_range("video.codecs", "[]", "at least one of h264, vp8, vp9, av1"));
        }
        if v.codecs.iter().enumerate().any(|(i, codec)| v.codecs[..i].contains(codec)) {
            return Err(out_of_range("video.codecs", format!("{:?}", v.codecs), "each codec at most once"));
        }
        self.server.validate()
    }
}

impl PeerConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if let Some([first, last]) = self.udp_port_range {
            if first == 0 || first > last {
                let range = format!("[{first}, {last}]");
                return Err(out_of_range("peer.udp_port_range", range, "[first, last], 1 to 65535"));
            }
            if self.udp_port != 0 {
                return Err(out_of_range("peer.udp_port", self.udp_port, "0 where peer.udp_port_range is given"));
            }
        }
        if let Some(text) = self.external_addresses.iter().find(|text| ExternalAddress::parse(text).is_none()) {
            return Err(out_of_range("peer.external_addresses", text, "an IP address, or internal=external"));
        }
        let relays = check_ice_servers(&self.ice_servers, "peer.ice_servers")?;
        if self.ice_transport == IceTransport::Relay && !relays {
            return Err(out_of_range("peer.ice_transport", "relay", "all, unless peer.ice_servers has a TURN server"));
        }
        Ok(())
    }
}

fn within(key: &str, value: u32, min: u32, max: u32) -> Result<(), ConfigError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(out_of_range(key, value, format!("{min} to {max}"))) }
}

fn out_of_range(key: &str, value: impl ToString, range: impl Into<String>) -> ConfigError {
    ConfigError::OutOfRange { key: key.into(), value: value.to_string(), range: range.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_an_empty_object_means_defaults() {
        Config::default().validate().unwrap();
        assert_eq!(Config::from_json("{}").unwrap(), Config::default());
    }

    #[test]
    fn errors_name_the_key_and_the_range() {
        let error = Config::from_json(r#"{"video":{"fps":0}}"#).unwrap_err().to_string();
        assert_eq!(error, "video.fps = 0 is outside 1 to 240");
        let error = Config::from_json(r#"{"video":{"temporal_layers":4}}"#).unwrap_err().to_string();
        assert_eq!(error, "video.temporal_layers = 4 is outside 1 to 3");
        let error = Config::from_json(r#"{"video":{"fsp":30}}"#).unwrap_err().to_string();
        assert!(error.contains("fsp") && error.contains("fps"), "{error}");
        let error = Config::from_json(r#"{"video":{"codecs":["h264","vp8","h264"]}}"#).unwrap_err().to_string();
        assert!(error.contains("video.codecs") && error.contains("at most once"), "{error}");
        let error = Config::from_json(r#"{"peer":{"playout_delay_ms":{"min":20}}}"#).unwrap_err().to_string();
        assert_eq!(error, "peer.playout_delay_ms.min = 20 is outside 0 to 0");
        let error = Config::from_json(r#"{"server":{"address":"localhost"}}"#).unwrap_err().to_string();
        assert!(error.contains("server.address"), "{error}");
    }

    #[test]
    fn network_errors_name_the_key() {
        for (json, key) in [
            (r#"{"udp_port_range":[5000,4000]}"#, "peer.udp_port_range"),
            (r#"{"udp_port_range":[0,4000]}"#, "peer.udp_port_range"),
            (r#"{"udp_port":5000,"udp_port_range":[4000,4001]}"#, "peer.udp_port"),
            (r#"{"external_addresses":["1.2.3.4","home"]}"#, "peer.external_addresses"),
            (r#"{"ice_servers":[{"urls":["stun:a","turn:b?transport=sctp"]}]}"#, "peer.ice_servers[0].urls[1]"),
            (r#"{"ice_servers":[{"urls":["turn:b"]}]}"#, "peer.ice_servers[0].urls[0]"),
            (r#"{"ice_transport":"relay"}"#, "peer.ice_transport"),
            (r#"{"srtp":"none"}"#, "aes-gcm"),
            (r#"{"certificate_days":366}"#, "peer.certificate_days"),
            (r#"{"ice_servers":[{"urls":"turn:b","credentialType":"oauth"}]}"#, "credentialType = oauth"),
        ] {
            let error = Config::from_json(&format!(r#"{{"peer":{json}}}"#)).unwrap_err().to_string();
            assert!(error.contains(key), "{json}: {error}");
        }
        let whole = r#"{"peer":{"udp_port":7000,"external_addresses":["10.0.0.1=1.2.3.4"],"ice_tcp_port":7000,"srtp":"aes-cm",
            "ice_transport":"relay","ice_servers":[{"urls":["turns:t"],"username":"u","credential":"c","ca_file":"ca.pem"}]}}"#;
        Config::from_json(whole).unwrap();
    }

    #[test]
    fn json_round_trips() {
        let text = serde_json::to_string(&Config::default()).unwrap();
        assert_eq!(Config::from_json(&text).unwrap(), Config::default());
    }
}

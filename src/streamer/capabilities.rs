//! What this streamer can send and receive on this machine (W3C `getCapabilities`).

use super::Streamer;
use super::senders::MediaKind;
use crate::decode;
use crate::peer::Capabilities;

impl Streamer {
    /// What can be sent (`sends`) or received. Where encoders are not proved yet, as configured. May try decoders, once.
    pub fn capabilities(&self, kind: MediaKind, sends: bool) -> Capabilities {
        let config = &self.shared.config;
        match (kind, sends) {
            (MediaKind::Video, true) => {
                let working = self.shared.directory.working();
                Capabilities::video(&working.unwrap_or_else(|| config.video.codecs.clone()), true)
            }
            (MediaKind::Video, false) => {
                let codecs = if config.peer.receive.video { decode::select::working() } else { Vec::new() };
                Capabilities::video(&codecs, false)
            }
            (MediaKind::Audio, true) => Capabilities::audio(config.audio.enabled),
            (MediaKind::Audio, false) => Capabilities::audio(config.peer.receive.audio),
        }
    }
}

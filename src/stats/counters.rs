//! Counters that any stage writes and anyone may read: one relaxed atomic each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A shared number that only grows, or a gauge when `set`.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }
    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Every counter of one streamer, since its start.
        #[derive(Clone, Debug, Default)]
        pub struct Counters { $($(#[doc = $doc])+ pub $name: Counter,)* }

        /// What a counter of that name counts, in a sentence: its own documentation.
        pub fn help(name: &str) -> Option<&'static str> {
            match name {
                $(stringify!($name) => Some(concat!($($doc),+).trim_ascii()),)*
                _ => None,
            }
        }

        impl Counters {
            /// Name and value of each counter, in declaration order.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
                [$((stringify!($name), self.$name.get()),)*].into_iter()
            }
        }
    };
}

counters! {
    /// Frames the host pushed or committed.
    video_frames_pushed,
    /// Frames a newer one replaced, or that found no free buffer.
    video_frames_dropped,
    /// Frames refused because their arguments were wrong.
    video_frames_refused,
    /// Frames encoded, over all layers.
    video_frames_encoded,
    /// Keyframes encoded, over all layers.
    keyframes_encoded,
    /// Keyframe requests by viewers (PLI, FIR) and by our own resyncs, before merging.
    keyframes_requested,
    /// Bytes of encoded video, over all layers.
    video_bytes_encoded,
    /// Audio blocks the host pushed.
    audio_blocks_pushed,
    /// Audio blocks refused because 200 ms were already waiting.
    audio_blocks_dropped,
    /// Audio blocks refused because their arguments were wrong.
    audio_blocks_refused,
    /// Samples that were NaN or infinite, played as silence.
    audio_samples_silenced,
    /// Opus packets encoded.
    audio_packets_encoded,
    /// Opus packets that a slow viewer's queue had no room for, over all viewers.
    audio_packets_dropped,
    /// Times a viewer's media queue was cleared until the next keyframe.
    viewer_resyncs,
    /// Frames of upper temporal layers that were left out for a viewer whose link is short of rate, over all viewers.
    video_frames_thinned,
    /// Times a viewer that cost the others too many keyframes was given an encoder apart.
    viewers_isolated,
    /// Viewers that joined.
    viewers_joined,
    /// Viewers that left or were lost.
    viewers_left,
    /// Input events handed to the queue.
    input_events,
    /// Input events dropped because the host polls too slowly.
    input_events_dropped,
    /// Input events of spectators, which reach nobody.
    input_events_of_spectators,
    /// Input events and messages that were dropped because their viewer sent more than `input.max_events_per_second`, or more than the control channel takes.
    input_messages_limited,
    /// Texts of viewers' clipboards that were not taken: the clipboard is switched off, or the text is too long.
    clipboard_texts_refused,
    /// Data channel messages that no decoder understood.
    input_messages_malformed,
    /// Messages of moves that came after newer ones.
    input_moves_stale,
    /// Times a viewer that fell silent was made to let go of what it held down.
    input_releases_of_silent_viewers,
    /// Messages of the host that were sent on data channels, over all viewers.
    messages_sent,
    /// Messages of the host whose data channel closed before they were sent.
    messages_undeliverable,
    /// Events for the host that were dropped because it polls too slowly.
    events_dropped,
    /// Signaling messages that could not be understood, or that were outside a limit.
    signaling_messages_malformed,
    /// Signaling requests that failed.
    signaling_errors,
    /// Events of viewers' connections that were lost because too many waited.
    peer_events_dropped,
    /// RTP packets that were not sent, because a viewer's connection was not ready for them or has agreed to another codec.
    media_packets_refused,
    /// RTP packets sent again because a viewer asked for them, over all viewers.
    packets_retransmitted,
    /// RTP packets that viewers asked for and did not get: too old, asked for again too soon, or beyond what may be sent again.
    retransmissions_refused,
    /// RTP packets of video thrown away because a viewer's link became too slow for what already waited.
    video_packets_dropped,
    /// RTP packets sent, over all viewers.
    packets_sent,
    /// RTP payload bytes sent, over all viewers.
    bytes_sent,
    /// Datagrams and TCP connections on shared ports that were no viewer's.
    datagrams_unknown,
    /// Datagrams that a viewer's connection, or the stream to a TURN server, was too slow for.
    datagrams_dropped,
    /// RTP packets of viewers' microphones and cameras.
    received_packets,
    /// RTP packets of viewers' microphones and cameras that the decoding worker had no room for.
    received_packets_dropped,
    /// RTP packets of viewers' microphones and cameras that came too late to be played, or without which nothing could be begun.
    received_packets_late,
    /// Pictures of viewers' cameras that were decoded.
    received_video_frames,
    /// Pictures of viewers' cameras that a newer one replaced before the host took them.
    received_video_frames_dropped,
    /// Times a viewer's picture stood still until a keyframe, because something was lost.
    received_video_stops,
    /// Keyframes asked for, of viewers' pages.
    received_keyframes_requested,
    /// Blocks of sound of viewers' microphones, made up ones included.
    received_audio_blocks,
    /// Blocks of sound of viewers' microphones that gave way to newer ones before the host took them.
    received_audio_blocks_dropped,
    /// Blocks of sound of viewers' microphones that were made up for lost packets.
    received_audio_concealed,
    /// Packets and pictures of viewers that a decoder made nothing of.
    received_frames_refused,
    /// Encoders that failed while streaming and were replaced.
    encoder_failures,
    /// Traces of frames that were not written, because the file could not be or was too slow.
    traces_dropped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_says_what_it_counts_in_a_sentence_of_its_own() {
        for (name, _) in Counters::default().iter() {
            let help = help(name).unwrap_or_default();
            assert!(help.ends_with('.') && help.len() > 15 && !help.contains("Of those"), "{name}: {help:?}");
        }
        assert_eq!(help("packets_sent"), Some("RTP packets sent, over all viewers."));
        assert_eq!(help("nothing"), None);
    }
}

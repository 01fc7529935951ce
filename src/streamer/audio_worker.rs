//! Resamples the host's sound to 48 kHz stereo and encodes it once for all. Never waits for video.

use std::sync::Arc;
use std::time::Duration;

use super::audio_demand::AudioDemand;
use super::event::{EventKind, Severity};
use super::shared::Shared;
use crate::audio::resample::Resampler;
use crate::encode::opus::{OpusEncoder, OpusSettings};
use crate::fanout::{AudioFanout, AudioPacket};
use crate::time;
use crate::units::{Bitrate, ViewerId};

const IDLE: Duration = Duration::from_millis(250);
/// RTP clock of Opus (RFC 7587, section 4.1).
const CLOCK_RATE: u32 = 48_000;

pub fn run(shared: &Shared, fanout: &AudioFanout, demand: &AudioDemand) {
    shared.audio_wake.listen();
    let bitrate = Bitrate::from_kbps(shared.config.audio.bitrate_kbps.into());
    let mut encoder = match OpusEncoder::new(demand.settings(bitrate, OpusSettings::default())) {
        Ok(encoder) => encoder,
        Err(error) => {
            shared.events.push(EventKind::EncoderMissing, Severity::Error, ViewerId(0), error.to_string());
            return;
        }
    };
    let mut resampler = Resampler::new();
    let mut chunks = Vec::new();
    while !shared.is_stopping() {
        shared.audio_wake.wait(IDLE);
        while let Some(mut block) = shared.audio.pop() {
            shared.counters.audio_samples_silenced.add(block.silence_invalid() as u64);
            if fanout.subscriber_count() == 0 {
                continue;
            }
            chunks.clear();
            if let Err(error) = resampler.push(&block, &mut chunks) {
                shared.counters.audio_blocks_dropped.add(1);
                tracing::debug!(%error, "audio block");
            }
            let wanted = demand.settings(bitrate, encoder.settings());
            if wanted != encoder.settings()
                && let Err(error) = encoder.set(wanted)
            {
                tracing::debug!(%error, "opus settings");
            }
            for chunk in &chunks {
                match encoder.encode(&chunk.samples) {
                    Ok(payload) => {
                        shared.counters.audio_packets_encoded.add(1);
                        fanout.publish(Arc::new(AudioPacket {
                            rtp_timestamp: time::media_ticks(chunk.host_time, CLOCK_RATE),
                            payload,
                            pushed_at: chunk.pushed_at,
                        }));
                    }
                    Err(error) => {
                        shared.counters.encoder_failures.add(1);
                        tracing::debug!(%error, "opus");
                    }
                }
            }
        }
    }
}

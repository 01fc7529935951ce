//! Takes the newest picture, converts it once, hands it to every active layer. Keeps the last picture, so that a viewer
//! who joins while the host draws nothing still sees it.

use std::sync::Arc;
use std::time::Duration;

use super::layers::Layers;
use super::shared::{Shared, record};
use crate::convert::Converter;
use crate::frame::VideoFrame;
use crate::time;

/// How long the worker sleeps when nobody rings; only the answer to `stop` could wait for it, and `stop` rings.
const IDLE: Duration = Duration::from_millis(250);

pub fn run(shared: &Shared, layers: &Arc<Layers>) {
    shared.video_wake.listen();
    let mut converter = Converter::new();
    let mut last: Option<VideoFrame> = None;
    while !shared.is_stopping() {
        shared.video_wake.wait(IDLE);
        let fresh = shared.frames.take_newest();
        let repeat = layers.take_repeat_request();
        let is_fresh = fresh.is_some();
        if is_fresh {
            last = fresh;
        }
        let Some(frame) = last.as_mut() else { continue };
        shared.set_source_size(frame.buffer.size);
        if !(is_fresh || repeat) || !layers.any_active() {
            continue;
        }
        let started = time::now();
        if !is_fresh {
            let waited = started.saturating_since(frame.pushed_at);
            frame.host_time = frame.host_time.saturating_add(u64::try_from(waited.as_nanos()).unwrap_or(0));
            frame.pushed_at = started;
        }
        match converter.convert(frame, frame.buffer.size.padded_to_even()) {
            Ok(picture) => {
                record(&shared.convert_us, started, time::now());
                layers.offer(&picture);
            }
            Err(error) => {
                shared.counters.video_frames_dropped.add(1);
                tracing::debug!(%error, "convert");
            }
        }
    }
}

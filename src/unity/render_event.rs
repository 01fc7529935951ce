//! A batch of textures, taken on the render thread in the middle of Unity's frame.

use std::fmt::Display;

use super::device::Stage;
use super::state::{self, Plugin};
use crate::graphics::Pushed;
use crate::streamer::{Streamer, TextureFrame};
use crate::units::SourceId;

/// One texture for one streamer.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The handle, in `ffi`'s numbers.
    pub streamer: u32,
    /// Which of its sources.
    pub source: SourceId,
    /// None: what was said of it makes no sense; it is counted as refused.
    pub texture: Option<TextureFrame>,
}

/// Calls back with the streamer of a handle; not at all when it is stale.
pub type WithStreamer<'a> = &'a dyn Fn(u32, &mut dyn FnMut(&Streamer));

/// Takes the textures of a batch, and publishes what the GPU has finished of those before. `malformed` says why the batch
/// holds less than it claimed.
pub fn render_event(
    frames: impl Iterator<Item = Frame>,
    malformed: Option<&dyn Display>,
    with_streamer: WithStreamer<'_>,
) {
    let Some(mut plugin) = state::try_lock() else {
        // The device is being closed or reset on another thread.
        return drop_all(frames, with_streamer);
    };
    let _within = state::enter_render_event();
    let Plugin { host: Some(host), stage } = &mut *plugin else { return drop_all(frames, with_streamer) };
    let _marked = host.console.mark();
    if let Some(reason) = malformed {
        host.console.warn_of_batch(reason);
    }
    let mut is_lost = false;
    let console = &mut host.console;
    match stage.device(|device| {
        console.inform(&format_args!("takes pictures from {} ({})", device.api(), device.name()));
    }) {
        Ok(Some(device)) => {
            for frame in frames {
                with_streamer(frame.streamer, &mut |streamer| {
                    let (Some(texture), Ok(source)) = (&frame.texture, streamer.source(frame.source)) else {
                        return streamer.count_refused_texture();
                    };
                    match source.push_texture(device, texture) {
                        Ok(Pushed::Recorded | Pushed::Dropped | Pushed::Idle) => {}
                        Err(error) => {
                            is_lost |= error.is_device_lost();
                            console.warn_once(&error);
                        }
                    }
                });
            }
            device.poll();
        }
        Ok(None) => drop_all(frames, with_streamer),
        Err(error) => {
            console.warn_once(&error);
            drop_all(frames, with_streamer);
        }
    }
    if is_lost {
        // Unity makes another and tells of it, or ends.
        stage.close();
    }
    if is_lost || matches!(stage, Stage::Absent) {
        plugin.publish();
    }
}

fn drop_all(frames: impl Iterator<Item = Frame>, with_streamer: WithStreamer<'_>) {
    for frame in frames {
        with_streamer(frame.streamer, &mut Streamer::count_dropped_texture);
    }
}

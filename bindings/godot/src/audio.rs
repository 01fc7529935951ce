//! Sound from a bus, on the audio thread. Nothing here waits, locks or allocates once it runs.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use godot::classes::native::AudioFrame;
use godot::classes::{AudioEffect, AudioEffectInstance, AudioServer, IAudioEffect, IAudioEffectInstance};
use godot::meta::conv::RawPtr;
use godot::obj::{Base, Gd, Singleton};
use godot::register::{GodotClass, godot_api};
use rendercast::time;

use crate::running;

/// After this long without sound of the one that streams, another effect may.
const SILENT_AFTER: Duration = Duration::from_millis(500);

/// Streams the sound of the bus that it is on.
///
/// Put it on the bus [code]Master[/code] to stream everything that is heard. The sound goes on through the bus. Where several buses
/// have this effect, one of them is streamed.
#[derive(GodotClass)]
#[class(tool, init, base = AudioEffect)]
pub struct RenderCastAudio {
    /// Whether this machine stays silent: what is streamed is not heard here.
    #[var(get, set = set_mute_local)]
    #[export]
    mute_local: bool,
    /// The same for the instances on the audio thread.
    muted: Arc<AtomicU32>,
    base: Base<AudioEffect>,
}

#[godot_api]
impl RenderCastAudio {
    #[func]
    fn get_mute_local(&self) -> bool {
        self.mute_local
    }

    #[func]
    fn set_mute_local(&mut self, on: bool) {
        self.mute_local = on;
        self.muted.store(on.into(), Ordering::Relaxed);
    }
}

#[godot_api]
impl IAudioEffect for RenderCastAudio {
    fn instantiate(&mut self) -> Option<Gd<AudioEffectInstance>> {
        let muted = Arc::clone(&self.muted);
        let instance = Gd::from_init_fn(|base| RenderCastAudioInstance {
            muted,
            rate: AudioServer::singleton().get_mix_rate() as u32,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            base,
        });
        Some(instance.upcast())
    }
}

/// What one bus runs of a [RenderCastAudio].
#[derive(GodotClass)]
#[class(tool, no_init, internal, base = AudioEffectInstance)]
pub struct RenderCastAudioInstance {
    muted: Arc<AtomicU32>,
    /// Of the mixer, in Hz.
    rate: u32,
    number: u64,
    base: Base<AudioEffectInstance>,
}

static NEXT: AtomicU64 = AtomicU64::new(1);
/// Which instance streams, and when it last did.
static STREAMS: Turn = Turn { owner: AtomicU64::new(0), last_ns: AtomicU64::new(0) };

#[godot_api]
impl IAudioEffectInstance for RenderCastAudioInstance {
    #[allow(unsafe_code)]
    unsafe fn process_rawptr(&mut self, source: RawPtr<*const c_void>, target: RawPtr<*mut AudioFrame>, frames: i32) {
        let (source, target) = (source.ptr(), target.ptr());
        let frames = usize::try_from(frames).unwrap_or(0);
        if frames == 0 || source.is_null() || target.is_null() {
            return;
        }
        let muted = self.muted.load(Ordering::Relaxed) != 0;
        // SAFETY: Godot gives two buffers of so many frames, each of two floats; they do not overlap.
        #[allow(clippy::disallowed_methods)]
        let (heard, passed) = unsafe {
            let heard = std::slice::from_raw_parts(source.cast::<f32>(), 2 * frames);
            (heard, std::slice::from_raw_parts_mut(target.cast::<f32>(), 2 * frames))
        };
        if STREAMS.take(self.number, time::now().0) {
            for streamer in running::all().iter() {
                // What has no room is dropped and counted.
                let _ = streamer.push_audio(heard, self.rate, 2, 0);
            }
        }
        if muted { passed.fill(0.0) } else { passed.copy_from_slice(heard) }
    }

    /// Silence is a part of the sound too.
    fn process_silence(&self) -> bool {
        true
    }
}

/// Whose turn it is to stream.
struct Turn {
    owner: AtomicU64,
    last_ns: AtomicU64,
}

impl Turn {
    /// Whether `number` streams now. All callers are on the audio thread.
    fn take(&self, number: u64, now_ns: u64) -> bool {
        let owner = self.owner.load(Ordering::Relaxed);
        let silent = now_ns.saturating_sub(self.last_ns.load(Ordering::Relaxed)) > SILENT_AFTER.as_nanos() as u64;
        if owner != number && owner != 0 && !silent {
            return false;
        }
        self.owner.store(number, Ordering::Relaxed);
        self.last_ns.store(now_ns, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_effect_streams_until_it_falls_silent() {
        let turn = Turn { owner: AtomicU64::new(0), last_ns: AtomicU64::new(0) };
        let ms = 1_000_000;
        assert!(turn.take(7, ms));
        assert!(!turn.take(8, 10 * ms));
        assert!(turn.take(7, 400 * ms));
        assert!(!turn.take(8, 900 * ms));
        assert!(turn.take(8, 901 * ms), "the first one has ended");
        assert!(!turn.take(7, 902 * ms));
    }
}

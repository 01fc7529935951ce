//! The one place where everything is kept, and what any thread may read of it without the lock.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::abi::renderer;
use super::device::Stage;
use super::load::Host;

/// What there is between a load and an unload.
#[derive(Default)]
pub(super) struct Plugin {
    pub host: Option<Host>,
    pub stage: Stage,
}

static PLUGIN: Mutex<Plugin> = Mutex::new(Plugin { host: None, stage: Stage::Absent });
static EVENT_ID: AtomicI32 = AtomicI32::new(-1);
static RENDERER: AtomicI32 = AtomicI32::new(-1);
static TAKES_TEXTURES: AtomicBool = AtomicBool::new(false);

/// A render event is running, so Unity answers what it answers only there.
static IN_RENDER_EVENT: AtomicBool = AtomicBool::new(false);

/// Until it is dropped, a render event is running.
pub(super) struct RenderEvent;

pub(super) fn enter_render_event() -> RenderEvent {
    IN_RENDER_EVENT.store(true, Ordering::Release);
    RenderEvent
}

impl Drop for RenderEvent {
    fn drop(&mut self) {
        IN_RENDER_EVENT.store(false, Ordering::Release);
    }
}

/// Whether a render event is running. Asked under the lock.
#[cfg(feature = "graphics")]
pub(super) fn is_in_render_event() -> bool {
    IN_RENDER_EVENT.load(Ordering::Acquire)
}

/// Waits for a render event at most. A panic under the lock left things as they are before or after one step, and each of
/// them is allowed.
pub(super) fn lock() -> MutexGuard<'static, Plugin> {
    PLUGIN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Never waits.
pub(super) fn try_lock() -> Option<MutexGuard<'static, Plugin>> {
    match PLUGIN.try_lock() {
        Ok(plugin) => Some(plugin),
        Err(TryLockError::Poisoned(plugin)) => Some(plugin.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl Plugin {
    /// Tells the other threads what there is now.
    pub fn publish(&self) {
        let (event_id, number) = self.host.as_ref().map_or((-1, -1), |host| (host.event_id, host.renderer));
        EVENT_ID.store(event_id, Ordering::Release);
        RENDERER.store(number, Ordering::Release);
        TAKES_TEXTURES.store(event_id >= 0 && self.stage.takes_textures(), Ordering::Release);
    }
}

/// The event id that Unity reserved for `render_event`; -1: Unity has not loaded the library as a plugin.
pub fn event_id() -> i32 {
    EVENT_ID.load(Ordering::Acquire)
}

/// Unity's number of the graphics API in use; -1: Unity has not loaded the library as a plugin.
pub fn renderer() -> i32 {
    RENDERER.load(Ordering::Acquire)
}

/// Whether render events take textures on the present device.
pub fn can_take_textures() -> bool {
    TAKES_TEXTURES.load(Ordering::Acquire)
}

/// Unity tells of its device: 0 made, 1 about to go, 2 about to be reset, 3 reset. Others are none of ours.
pub fn device_event(kind: i32) {
    let mut plugin = lock();
    let Plugin { host: Some(host), stage } = &mut *plugin else { return };
    match kind {
        // In the editor twice, first without a device.
        0 | 3 => {
            stage.close();
            *stage = host.look_at_device();
        }
        1 => {
            stage.close();
            host.renderer = renderer::NULL;
        }
        2 => stage.pause(),
        _ => {}
    }
    plugin.publish();
}

//! Streamers by number. A handle is a slot (low 8 bits) and the slot's generation (high 24 bits): it is never given twice,
//! and a stale one is an error. Reading a slot takes no lock and never waits, so a push cannot be held up by another
//! thread that creates or destroys; those two do lock, against each other only.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::park_timeout;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::frames::LentFrames;
use super::input_event::PolledInput;
use super::status::Failure;
use crate::streamer::Streamer;

/// Streamers that may be alive at once.
pub(super) const CAPACITY: usize = 64;
const SLOT_BITS: u32 = 8;
const LAST_GENERATION: u32 = (1 << (32 - SLOT_BITS)) - 1;
/// How long a destroy waits for calls of other threads on the same object. None of them takes this long.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a handle stands for.
#[derive(Debug)]
pub(super) struct Object {
    handle: u32,
    pub(super) streamer: Streamer,
    pub(super) frames: LentFrames,
    /// The input that the host polled last.
    pub(super) polled: Mutex<PolledInput>,
    poisoned: AtomicBool,
}

/// Poisons the object when the call that uses it panics.
struct PoisonOnPanic<'a> {
    object: &'a Object,
    /// A host in Rust may call us from a destructor while it unwinds; that is no fault of the object.
    already_panicking: bool,
}

static SLOTS: [ArcSwapOption<Object>; CAPACITY] = [const { ArcSwapOption::const_empty() }; CAPACITY];
/// The generation each slot had last. The lock makes creation and removal one at a time.
static GENERATIONS: Mutex<[u32; CAPACITY]> = Mutex::new([0; CAPACITY]);

/// Gives a streamer a handle.
pub(super) fn insert(streamer: Streamer) -> Result<u32, Failure> {
    let mut generations = GENERATIONS.lock().unwrap_or_else(PoisonError::into_inner);
    for (index, (slot, generation)) in SLOTS.iter().zip(generations.iter_mut()).enumerate() {
        // A slot that has used up its generations is never used again.
        if *generation == LAST_GENERATION || slot.load().is_some() {
            continue;
        }
        *generation += 1;
        let handle = (*generation << SLOT_BITS) | index as u32;
        slot.store(Some(Arc::new(Object {
            handle,
            streamer,
            frames: LentFrames::default(),
            polled: Mutex::default(),
            poisoned: AtomicBool::new(false),
        })));
        return Ok(handle);
    }
    Err(Failure::TooMany { what: "64 streamers" })
}

/// Runs one call on the object of a handle. Never waits.
pub(super) fn with<T>(handle: u32, call: impl FnOnce(&Object) -> Result<T, Failure>) -> Result<T, Failure> {
    let slot = slot_of(handle).ok_or(Failure::StaleStreamer(handle))?.load();
    let object = slot.as_ref().filter(|object| object.handle == handle).ok_or(Failure::StaleStreamer(handle))?;
    if object.poisoned.load(Ordering::Acquire) {
        return Err(Failure::Poisoned(handle));
    }
    let _watch = PoisonOnPanic { object, already_panicking: std::thread::panicking() };
    call(object)
}

/// Takes the object of a handle out, ends it and frees it. Waits until calls of other threads on it have returned.
pub(super) fn remove(handle: u32) -> Result<(), Failure> {
    let object = {
        let _one_at_a_time = GENERATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slot_of(handle).ok_or(Failure::StaleStreamer(handle))?;
        if slot.load().as_ref().is_none_or(|object| object.handle != handle) {
            return Err(Failure::StaleStreamer(handle));
        }
        slot.swap(None).ok_or(Failure::StaleStreamer(handle))?
    };
    object.streamer.stop();
    free(object);
    Ok(())
}

/// Handles alive now, in no order.
pub(super) fn alive() -> impl Iterator<Item = u32> {
    SLOTS.iter().filter_map(|slot| slot.load().as_ref().map(|object| object.handle))
}

/// Streamers and lent frames alive now.
pub(super) fn live_object_count() -> usize {
    SLOTS.iter().filter_map(|slot| slot.load().as_ref().map(|object| 1 + object.frames.lent())).sum()
}

/// Drops the object on this thread, not on that of a push still on its way out, where freeing would cost a frame's time.
fn free(mut object: Arc<Object>) {
    let patience = crate::time::now() + PATIENCE;
    loop {
        match Arc::try_unwrap(object) {
            Ok(object) => return drop(object),
            Err(shared) if crate::time::now() > patience => return drop(shared),
            Err(shared) => object = shared,
        }
        park_timeout(Duration::from_micros(100));
    }
}

fn slot_of(handle: u32) -> Option<&'static ArcSwapOption<Object>> {
    SLOTS.get((handle & ((1 << SLOT_BITS) - 1)) as usize)
}

impl Drop for PoisonOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.already_panicking {
            self.object.poisoned.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boundary::boundary;
    use super::super::status::{RENDERCAST_OK, RENDERCAST_PANIC, RENDERCAST_POISONED};
    use super::*;
    use crate::config::Config;

    fn streamer() -> Streamer {
        Streamer::new(Config::default()).unwrap()
    }

    fn use_it(handle: u32) -> i32 {
        boundary("test", || with(handle, |_| Ok(RENDERCAST_OK)))
    }

    #[test]
    fn a_panic_poisons_its_object_and_no_other() {
        let (sick, well) = (insert(streamer()).unwrap(), insert(streamer()).unwrap());
        let status = boundary("test", || with(sick, |_| -> Result<i32, Failure> { panic!("on purpose") }));
        assert_eq!(status, RENDERCAST_PANIC);
        assert_eq!(use_it(sick), RENDERCAST_POISONED);
        assert_eq!(use_it(well), RENDERCAST_OK);
        remove(sick).unwrap();
        remove(well).unwrap();
    }

    #[test]
    fn a_call_from_a_destructor_during_the_hosts_own_panic_does_not_poison() {
        struct Calls(u32);
        impl Drop for Calls {
            fn drop(&mut self) {
                assert_eq!(use_it(self.0), RENDERCAST_OK);
            }
        }
        let handle = insert(streamer()).unwrap();
        let _ = std::panic::catch_unwind(|| {
            let _calls = Calls(handle);
            panic!("the host's");
        });
        assert_eq!(use_it(handle), RENDERCAST_OK);
        remove(handle).unwrap();
    }

    #[test]
    fn a_removed_handle_stays_stale_when_its_slot_is_used_again() {
        let first = insert(streamer()).unwrap();
        remove(first).unwrap();
        let second = insert(streamer()).unwrap();
        assert_ne!(first, second);
        assert!(matches!(with(first, |_| Ok(())), Err(Failure::StaleStreamer(_))));
        assert!(matches!(remove(first), Err(Failure::StaleStreamer(_))));
        remove(second).unwrap();
        for never in [0, u32::MAX, 0xff] {
            assert!(matches!(with(never, |_| Ok(())), Err(Failure::StaleStreamer(_))));
        }
    }

    #[test]
    fn remove_waits_for_a_call_in_progress_and_frees_on_its_own_thread() {
        let handle = insert(streamer()).unwrap();
        let (entered, wait_entered) = std::sync::mpsc::sync_channel(1);
        let (leave, wait_leave) = std::sync::mpsc::channel::<()>();
        let user = std::thread::spawn(move || {
            with(handle, |_| {
                entered.send(()).unwrap();
                wait_leave.recv().unwrap();
                Ok(())
            })
        });
        wait_entered.recv().unwrap();
        let remover = std::thread::spawn(move || remove(handle));
        while with(handle, |_| Ok(())).is_ok() {
            std::thread::yield_now();
        }
        assert!(!remover.is_finished());
        leave.send(()).unwrap();
        user.join().unwrap().unwrap();
        remover.join().unwrap().unwrap();
    }
}

//! Graphics devices, by number. A device belongs to one thread at a time; a second one that comes meanwhile is told so and
//! never waits.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::status::Failure;
use crate::graphics::Device;

/// Devices that may be alive at once.
pub(super) const CAPACITY: usize = 16;
const SLOT_BITS: u32 = 8;
/// Streamers have the numbers below, so that neither is taken for the other.
const FIRST: u32 = 128;
const LAST_GENERATION: u32 = (1 << (32 - SLOT_BITS)) - 1;

struct Slot {
    /// That of the last device here.
    generation: u32,
    device: Option<Box<dyn Device>>,
}

static SLOTS: [Mutex<Slot>; CAPACITY] = [const { Mutex::new(Slot { generation: 0, device: None }) }; CAPACITY];

/// Gives a device a handle.
pub(super) fn insert(device: Box<dyn Device>) -> Result<u32, Failure> {
    for (index, slot) in SLOTS.iter().enumerate() {
        let Ok(mut slot) = try_lock(slot) else { continue };
        if slot.device.is_none() && slot.generation < LAST_GENERATION {
            slot.generation += 1;
            slot.device = Some(device);
            return Ok(slot.generation << SLOT_BITS | (FIRST + index as u32));
        }
    }
    Err(Failure::TooMany { what: "16 graphics devices" })
}

/// Runs one call on the device of a handle. Never waits.
pub(super) fn with<T>(handle: u32, call: impl FnOnce(&mut dyn Device) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut slot = try_lock(slot_of(handle)?).map_err(|()| Failure::BusyDevice(handle))?;
    if slot.generation != handle >> SLOT_BITS {
        return Err(Failure::StaleDevice(handle));
    }
    call(slot.device.as_deref_mut().ok_or(Failure::StaleDevice(handle))?)
}

/// Takes the device of a handle out and frees it, on this thread.
pub(super) fn remove(handle: u32) -> Result<(), Failure> {
    let device = {
        let mut slot = slot_of(handle)?.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.generation != handle >> SLOT_BITS {
            return Err(Failure::StaleDevice(handle));
        }
        slot.device.take().ok_or(Failure::StaleDevice(handle))?
    };
    drop(device);
    Ok(())
}

fn slot_of(handle: u32) -> Result<&'static Mutex<Slot>, Failure> {
    let index = (handle & ((1 << SLOT_BITS) - 1)).checked_sub(FIRST);
    index.and_then(|index| SLOTS.get(index as usize)).ok_or(Failure::StaleDevice(handle))
}

fn try_lock(slot: &Mutex<Slot>) -> Result<MutexGuard<'_, Slot>, ()> {
    match slot.try_lock() {
        Ok(slot) => Ok(slot),
        // A call that panicked left the device as it was before or after one step; each of them is allowed.
        Err(TryLockError::Poisoned(slot)) => Ok(slot.into_inner()),
        Err(TryLockError::WouldBlock) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::graphics::{Api, GraphicsError, Inbox, Job, Pushed};

    struct Fake;

    impl Device for Fake {
        fn api(&self) -> Api {
            Api::Vulkan
        }
        fn name(&self) -> &str {
            "fake"
        }
        fn push(&mut self, _inbox: &Arc<Inbox>, _job: &Job) -> Result<Pushed, GraphicsError> {
            Ok(Pushed::Idle)
        }
        fn poll(&mut self) {}
        fn close(&mut self) {}
        fn leave(&mut self) {}
    }

    #[test]
    fn a_removed_device_stays_stale_and_a_busy_one_says_so() {
        let first = insert(Box::new(Fake)).unwrap();
        remove(first).unwrap();
        let second = insert(Box::new(Fake)).unwrap();
        assert_ne!(first, second);
        for stale in [first, 0, u32::MAX, FIRST] {
            assert!(matches!(with(stale, |_| Ok(())), Err(Failure::StaleDevice(_))));
            assert!(matches!(remove(stale), Err(Failure::StaleDevice(_))));
        }
        let within = with(second, |_| Ok(with(second, |_| Ok(()))));
        assert!(matches!(within, Ok(Err(Failure::BusyDevice(_)))));
        remove(second).unwrap();
    }
}

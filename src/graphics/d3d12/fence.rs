//! What the video worker waits for: a fence reaching the value of a slot's last recording.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use windows::Win32::Foundation::HANDLE;
use windows::Win32::Graphics::Direct3D12::ID3D12Fence;
use windows::Win32::System::Threading::{CreateEventW, WaitForSingleObject};
use windows::core::{Owned, PCWSTR};

use crate::graphics::dxgi::failed;
use crate::graphics::{Api, Fence, FenceState, GraphicsError};

/// Of one slot.
#[derive(Debug)]
pub struct SlotFence {
    fence: ID3D12Fence,
    /// Reached when the GPU has finished.
    value: AtomicU64,
    /// Set by the system when the fence reaches `armed`.
    event: Event,
    armed: AtomicU64,
}

#[derive(Debug)]
struct Event(Owned<HANDLE>);

// SAFETY: handles of events are the process's, and every call on them may come from any thread.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

impl SlotFence {
    pub fn new(fence: ID3D12Fence) -> Result<Self, GraphicsError> {
        // SAFETY: an unnamed event with default security that resets itself, and this handle to it is ours alone.
        let event = unsafe { CreateEventW(None, false, false, PCWSTR::null()).map(|handle| Owned::new(handle)) };
        let event = event.map_err(failed(Api::D3d12, "CreateEventW"))?;
        Ok(Self { fence, value: AtomicU64::new(0), event: Event(event), armed: AtomicU64::new(0) })
    }

    /// What is recorded now is done at that value.
    pub fn set_value(&self, value: u64) {
        self.value.store(value, Ordering::Release);
    }

    pub fn state(&self) -> FenceState {
        // SAFETY: the fence lives.
        match unsafe { self.fence.GetCompletedValue() } {
            // What fences of a removed device say.
            u64::MAX => FenceState::Lost,
            completed if completed >= self.value.load(Ordering::Acquire) => FenceState::Done,
            _ => FenceState::Pending,
        }
    }
}

impl Fence for SlotFence {
    fn wait(&self, at_most: Duration) -> FenceState {
        let state = self.state();
        if state != FenceState::Pending || at_most.is_zero() {
            return state;
        }
        let value = self.value.load(Ordering::Acquire);
        // Once for each value: the event stays set until a wait has seen it.
        if self.armed.swap(value, Ordering::AcqRel) != value {
            // SAFETY: the fence and the event live; the event outlives what is asked of the fence, as a slot outlives the
            // GPU's work on it.
            if unsafe { self.fence.SetEventOnCompletion(value, *self.event.0) }.is_err() {
                self.armed.store(0, Ordering::Release);
                return self.state();
            }
        }
        let milliseconds = u32::try_from(at_most.as_micros().div_ceil(1000)).unwrap_or(u32::MAX - 1);
        // SAFETY: the event lives. A wake-up that was meant for an earlier value only makes this answer early.
        unsafe { WaitForSingleObject(*self.event.0, milliseconds) };
        self.state()
    }

    fn can_wait(&self) -> bool {
        true
    }
}

//! Three slots between a render thread and a video worker: one being written by the GPU, one being read, one free. The
//! render thread takes a free one or counts a drop; it never waits.

use std::sync::Arc;
use std::thread::park_timeout;
use std::time::Duration;

use super::backend::{Backend, NewSlot};
use super::error::GraphicsError;
use super::inbox::Inbox;
use super::picture::PictureLayout;
use super::slot::{GpuFrame, SlotGuard, SlotState};
use super::texture::Job;
use crate::time;

/// Slots of a ring.
pub const SLOTS: usize = 3;

#[derive(Debug)]
struct Slot<S> {
    own: S,
    state: Arc<SlotState>,
    capacity: usize,
    /// Counts up with each recording while the GPU works on the slot; None when it has finished.
    in_gpu: Option<u64>,
    /// Published once the GPU has finished, where only the render thread can tell.
    waiting: Option<GpuFrame>,
    /// The API lent memory that it wants back before the slot is recorded into again.
    lent: bool,
}

/// The slots of one streamer on one device.
#[derive(Debug)]
pub(super) struct Ring<S> {
    pub inbox: Arc<Inbox>,
    slots: [Option<Slot<S>>; SLOTS],
    recorded: u64,
}

impl<S: Send + std::fmt::Debug> Ring<S> {
    pub fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox, slots: [const { None }; SLOTS], recorded: 0 }
    }

    /// Records one picture. `Ok(false)`: no slot was free, the picture is dropped and counted.
    pub fn push<B: Backend<Slot = S>>(&mut self, backend: &mut B, job: &Job) -> Result<bool, GraphicsError> {
        self.poll(backend)?;
        let picture = PictureLayout::new(job.target, job.chroma);
        let Some(index) = self.free_slot() else {
            self.inbox.count_drop();
            return Ok(false);
        };
        let entry = &mut self.slots[index];
        if let Some(small) = entry.take_if(|slot| slot.capacity < picture.bytes) {
            destroy(backend, small);
        }
        let slot = match entry {
            Some(slot) => slot,
            None => {
                let NewSlot { slot, fence } = backend.create_slot(picture.bytes)?;
                entry.insert(Slot {
                    own: slot,
                    state: SlotState::new(fence),
                    capacity: picture.bytes,
                    in_gpu: None,
                    waiting: None,
                    lent: false,
                })
            }
        };
        if std::mem::take(&mut slot.lent) {
            backend.release(&mut slot.own);
        }
        backend.record(&mut slot.own, job, &picture)?;
        self.recorded += 1;
        slot.in_gpu = Some(self.recorded);
        let guard = SlotGuard::hold(&slot.state);
        let picture = backend.picture(&slot.own, &picture);
        let surface = backend.surface(&slot.own);
        let frame = GpuFrame::new(guard, picture, surface, job.host_time, job.pushed_at);
        if slot.state.has_fence() {
            // The worker waits for the fence before it looks, and the memory is known once the slot exists.
            slot.state.set_memory(backend.memory(&slot.own));
            self.inbox.publish(frame);
        } else {
            slot.waiting = Some(frame);
        }
        Ok(true)
    }

    /// Looks which slots the GPU has finished, without waiting, and publishes what only this thread can see.
    pub fn poll<B: Backend<Slot = S>>(&mut self, backend: &mut B) -> Result<(), GraphicsError> {
        // In the order of recording, which is the order of finishing: the worker takes the last published as the newest.
        let mut order: [usize; SLOTS] = std::array::from_fn(|index| index);
        order.sort_unstable_by_key(|index| self.slots[*index].as_ref().and_then(|slot| slot.in_gpu));
        for index in order {
            let Some(slot) = self.slots[index].as_mut().filter(|slot| slot.in_gpu.is_some()) else { continue };
            let Some(memory) = backend.poll(&mut slot.own)? else { break };
            slot.in_gpu = None;
            slot.lent = true;
            if let Some(frame) = slot.waiting.take() {
                slot.state.set_memory(Some(memory));
                self.inbox.publish(frame);
            }
        }
        Ok(())
    }

    fn free_slot(&self) -> Option<usize> {
        // A slot that exists first, so that an idle ring stays small.
        let free = |slot: &Slot<S>| slot.in_gpu.is_none() && !slot.state.is_held();
        let existing = self.slots.iter().position(|slot| slot.as_ref().is_some_and(free));
        existing.or_else(|| self.slots.iter().position(Option::is_none))
    }

    /// Takes every slot back and frees it: waits, at most that long in all, for readers and the GPU. False: some memory
    /// is still in use.
    pub fn close<B: Backend<Slot = S>>(&mut self, backend: &mut B, patience: Duration) -> bool {
        for slot in self.slots.iter_mut().flatten() {
            slot.waiting = None;
        }
        self.inbox.revoke();
        let until = time::now() + patience;
        loop {
            let lost = backend.is_lost() || self.poll(backend).is_err();
            for entry in &mut self.slots {
                if let Some(free) = entry.take_if(|slot| !slot.state.is_held() && (lost || slot.in_gpu.is_none())) {
                    destroy(backend, free);
                }
            }
            if self.slots.iter().all(Option::is_none) {
                return true;
            }
            if time::now() >= until {
                return false;
            }
            park_timeout(Duration::from_micros(200));
        }
    }

    /// Frees what nobody uses and says whether that was all. Never waits.
    pub fn is_idle<B: Backend<Slot = S>>(&mut self, backend: &mut B) -> bool {
        self.close(backend, Duration::ZERO)
    }

    /// Leaves what is still in use alone for ever, which is better than pulling memory away under a reader.
    pub fn leak(&mut self) {
        self.slots.iter_mut().filter_map(Option::take).for_each(std::mem::forget);
    }

    /// Takes memory back from its readers, waiting at most that long, and leaves the slots alone for ever.
    pub fn leave(&mut self, patience: Duration) {
        self.abandon();
        self.inbox.revoke();
        let until = time::now() + patience;
        while self.slots.iter().flatten().any(|slot| slot.state.is_held()) && time::now() < until {
            park_timeout(Duration::from_micros(200));
        }
        self.leak();
    }

    /// Forgets which slots the GPU works on: the device is lost, so it works on none.
    pub fn abandon(&mut self) {
        for slot in self.slots.iter_mut().flatten() {
            slot.waiting = None;
            slot.in_gpu = None;
        }
    }
}

fn destroy<B: Backend>(backend: &mut B, mut slot: Slot<B::Slot>) {
    if slot.lent {
        backend.release(&mut slot.own);
    }
    slot.state.set_memory(None);
    backend.destroy_slot(slot.own);
}

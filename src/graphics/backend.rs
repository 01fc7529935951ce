//! What the ring asks of a graphics API.

use std::fmt::{self, Debug};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::error::GraphicsError;
use super::picture::PictureLayout;
use super::texture::Job;
use crate::frame::Surface;

/// A graphics API. The numbers are the C ABI's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Api {
    Vulkan = 1,
    OpenGl = 2,
    D3d11 = 3,
    D3d12 = 4,
    Metal = 5,
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vulkan => "Vulkan",
            Self::OpenGl => "OpenGL",
            Self::D3d11 => "Direct3D 11",
            Self::D3d12 => "Direct3D 12",
            Self::Metal => "Metal",
        })
    }
}

/// Memory of a slot that the CPU may read once the GPU has finished, until the slot is recorded into again, released or
/// destroyed.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub start: NonNull<u8>,
    pub bytes: usize,
}

impl Memory {
    /// What `Backend::poll` gives where pictures are read from a surface.
    pub const NOWHERE: Self = Self { start: NonNull::dangling(), bytes: 0 };
}

/// Where the GPU is with one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceState {
    Done,
    Pending,
    /// The device is gone, or it failed at what was recorded last; the slot's memory must not be read.
    Lost,
}

/// Lets the video worker wait for the GPU by itself. Only asked between the slot's `record` and its next one.
pub trait Fence: Send + Sync + Debug {
    /// Waits for the GPU, at most that long; an API that cannot wait on this thread answers at once.
    fn wait(&self, at_most: Duration) -> FenceState;
    /// Whether `wait` really waits.
    fn can_wait(&self) -> bool;
}

/// A slot as a backend makes it.
#[derive(Debug)]
pub struct NewSlot<S> {
    pub slot: S,
    /// None: only the render thread can ask the GPU (OpenGL, Direct3D 11); the ring then polls with each push.
    pub fence: Option<Arc<dyn Fence>>,
}

/// One graphics API on one device. Every method runs on the host's render thread, and none waits for the GPU.
pub trait Backend: Send {
    type Slot: Send + Debug;

    fn api(&self) -> Api;
    /// The device's name, for people.
    fn name(&self) -> &str;
    /// Makes a slot with room for `bytes`. Called when the ring warms up and when pictures grow.
    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<Self::Slot>, GraphicsError>;
    /// Where a slot with a fence will be read: mapped once, for as long as the slot exists. None for slots without one.
    fn memory(&self, slot: &Self::Slot) -> Option<Memory>;
    /// Where the planes lie in what `record` wrote last, for an API that has them its own way.
    fn picture(&self, _slot: &Self::Slot, asked: &PictureLayout) -> PictureLayout {
        *asked
    }
    /// What `record` wrote last as an object of the system's, which is then read instead of the slot's memory.
    fn surface(&self, _slot: &Self::Slot) -> Option<Surface> {
        None
    }
    /// Frees a slot that the GPU has finished with, or whose device is lost.
    fn destroy_slot(&mut self, slot: Self::Slot);
    /// Records (and where we own the queue submits) the conversion of the job's texture into the slot. On an error
    /// nothing was recorded and the slot is as it was.
    fn record(&mut self, slot: &mut Self::Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError>;
    /// The slot's memory once the GPU has finished what was recorded last; None while it has not.
    fn poll(&mut self, slot: &mut Self::Slot) -> Result<Option<Memory>, GraphicsError>;
    /// Nobody reads the slot any more: takes back what `poll` gave, where the API wants that (Direct3D 11's Unmap).
    fn release(&mut self, _slot: &mut Self::Slot) {}
    /// The host says the device is about to go, or is gone: no more waiting for it.
    fn is_lost(&self) -> bool;
    /// Frees what is no slot's: every slot that could be destroyed has been. Nothing is asked of the backend afterwards,
    /// and the host may destroy the device.
    fn close(&mut self) {}
}

//! Taking frames from a GPU without stalling the host.
//!
//! ```text
//!  RENDER THREAD                                               rc-video
//!  Device::push ─► Ring: free slot? ─► Backend::record ─► GPU ─► Inbox ─► Fence::wait ─► the slot's memory, read in place
//!                     │ none: counted drop                                                    │ dropped
//!                     └──────────────────────────────── slot free again ◄────────────────────┘
//! ```
//!
//! `texture` (what the host hands over), `picture` (where the planes lie in a slot, and the shader's parameters), `inbox`
//! (one for each streamer: what its worker reads), `slot` (who holds a slot's memory), `ring` (three slots), `device` (the
//! rings of one device), `backend` (the trait), `open` (by the host's pointers), `spirv` (for devices
//! that are not ours too), one folder for each API, `shaders` (written once, translated).
//!
//! The render thread never waits for the GPU: it takes a free slot or counts a drop, records, leaves.

mod backend;
#[cfg(all(feature = "graphics", windows))]
pub mod d3d11;
#[cfg(all(feature = "graphics", windows))]
pub mod d3d12;
mod device;
#[cfg(all(feature = "graphics", any(windows, test)))]
mod dxgi;
mod error;
mod inbox;
#[cfg(all(feature = "graphics", any(target_vendor = "apple", test)))]
mod metal;
mod open;
#[cfg(feature = "graphics")]
pub mod opengl;
mod picture;
mod ring;
mod slot;
#[cfg(feature = "graphics")]
mod spirv;
mod texture;
#[cfg(feature = "graphics")]
pub mod vulkan;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

pub use backend::{Api, Backend, Fence, FenceState, Memory, NewSlot};
pub use device::{Device, Pushed, Rings};
pub use error::GraphicsError;
pub use inbox::Inbox;
#[cfg(all(feature = "graphics", target_vendor = "apple"))]
pub use metal::{MetalBackend, MetalRecorder};
pub use open::{DeviceHandles, open};
pub use picture::{Params, PictureLayout};
pub use ring::SLOTS;
pub use slot::{GpuFrame, PictureMemory};
#[cfg(feature = "graphics")]
pub use spirv::CONVERSIONS;
pub use texture::{Job, Texture, Transfer};

//! Unity's native plugin ABI: pictures taken within Unity's own frame, without a copy through C#.
//!
//! ```text
//!  UNITY'S MAIN THREAD                        UNITY'S RENDER THREAD
//!  UnityPluginLoad ─► load                    render event ─► render_event ─► Streamer::push_texture ─► graphics ring
//!  device events ───► device (waits, opens at the first render event) ──┘
//!  UnityPluginUnload ► load
//! ```
//!
//! `abi` (Unity's tables of functions), `load` (which of them there are; loading and unloading), `device` (one device, from
//! Unity's events), `render_event` (a batch of textures), `console` (Unity's log and profiler), and a file for what Unity
//! lends of each API: `vulkan`, `gl`, `d3d11`, `d3d12`, `metal`.
//!
//! Everything is in one place behind one lock. The render thread only tries it: who unloads or resets the device waits for
//! a render event, never the other way round. A frame that finds it taken is dropped and counted.
//!
//! Nothing here panics on purpose, and `ffi` stops what does; Unity calls nothing but `ffi::unity`.

mod abi;
mod console;
#[cfg(all(windows, feature = "graphics"))]
mod d3d11;
#[cfg(all(windows, feature = "graphics"))]
mod d3d12;
mod device;
#[cfg(feature = "graphics")]
mod gl;
mod load;
#[cfg(all(target_vendor = "apple", feature = "graphics"))]
mod metal;
mod render_event;
mod state;
#[cfg(feature = "graphics")]
mod vulkan;

pub use load::{load, unload};
pub use render_event::{Frame, render_event};
pub use state::{can_take_textures, device_event, event_id, renderer};

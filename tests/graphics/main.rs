//! Textures on each graphics API that this machine has, taken as a host's would be and compared with the conversion on
//! the CPU and with plain arithmetic. `picture` (what is in the textures), `oracle` (what must come out); a file for each API.

mod allocations;
#[cfg(windows)]
mod d3d;
#[cfg(target_os = "linux")]
mod gl;
mod oracle;
mod picture;
mod vulkan;

/// Says why a test did not run, where nobody overlooks it.
#[allow(dead_code, reason = "not every system has an API that can be missing")]
pub fn skip(what: &str, why: &str) {
    eprintln!("SKIPPED {what}: {why}");
}

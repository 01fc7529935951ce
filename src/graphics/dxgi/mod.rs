//! What Direct3D 11 and 12 share: the formats, the failures, the translated shader.
//!
//! The shader is committed as what Microsoft's compiler makes of `compute.hlsl` (`shaders/compute.dxbc.rs`), as words like
//! the SPIR-V: nothing is compiled on a render thread, and a system without that compiler (wine) can do without it.

mod failure;
mod format;
mod shader;

#[cfg(windows)]
pub(super) use failure::{failed, failure, is_still_drawing};
#[cfg(windows)]
pub(super) use format::{View, view};
#[cfg(windows)]
pub(super) use shader::bytecode;

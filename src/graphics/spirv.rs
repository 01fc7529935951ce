//! The conversion for a device that can only run SPIR-V: ours by Vulkan, and an engine's own that the host gives it to.

/// `shaders/compute.wgsl` as SPIR-V 1.0: for every job, and for those that are plain ([`Params::is_plain`](super::Params)). A
/// compute shader with the entry point `convert`; in set 0 at binding 0 the texture (without a sampler), at 1 the storage buffer
/// that the picture is written to ([`PictureLayout`](super::PictureLayout)), at 2 the uniform buffer of
/// [`Params`](super::Params).
pub const CONVERSIONS: [&[u32]; 2] = [include!("shaders/compute.spv.rs"), include!("shaders/compute_plain.spv.rs")];

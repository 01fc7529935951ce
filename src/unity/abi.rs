//! The parts of Unity's native plugin ABI that are used: tables of functions, found by number, and what goes through them.
//! The functions have `extern "system"`, which is C's convention everywhere but on 32-bit Windows. Slots that nobody calls
//! are plain words.

// Without the APIs there is nobody who calls their tables.
#![cfg_attr(not(feature = "graphics"), allow(dead_code))]

use std::ffi::{c_char, c_void};

/// Tables of functions by a 128-bit number, in two halves.
#[derive(Debug)]
#[repr(C)]
pub struct Interfaces {
    /// The first two functions take the number as a C++ object, by value: how that is passed differs between compilers.
    by_guid: [usize; 2],
    /// None in editors before 2018.
    pub get_split: Option<unsafe extern "system" fn(u64, u64) -> *const c_void>,
    register_split: usize,
}

/// A number of a table.
pub type Guid = (u64, u64);

impl Interfaces {
    /// A table, unless this Unity has none of that number.
    ///
    /// # Safety
    /// `T` is the table of that number, or its beginning.
    #[allow(unsafe_code)]
    pub unsafe fn find<T>(&self, (high, low): Guid) -> Option<&'static T> {
        let get = self.get_split?;
        // SAFETY: the caller's promise; Unity's tables live as long as a plugin is loaded.
        unsafe { get(high, low).cast::<T>().as_ref() }
    }
}

pub type DeviceEventCallback = unsafe extern "system" fn(i32);

/// The device as such, whatever its API.
#[derive(Debug)]
#[repr(C)]
pub struct Graphics {
    pub renderer: unsafe extern "system" fn() -> i32,
    pub register_device_event_callback: unsafe extern "system" fn(DeviceEventCallback),
    pub unregister_device_event_callback: unsafe extern "system" fn(DeviceEventCallback),
    pub reserve_event_ids: unsafe extern "system" fn(i32) -> i32,
}

pub const GRAPHICS: Guid = (0x7CBA_0A9C_A4DD_B544, 0x8C5A_D492_6EB1_7B11);

/// What `Graphics::renderer` tells.
pub mod renderer {
    #[cfg(all(windows, feature = "graphics"))]
    pub const D3D11: i32 = 2;
    /// No device: not yet, not any more, or `-nographics`.
    pub const NULL: i32 = 4;
    pub const GLES3: i32 = 11;
    #[cfg(all(target_vendor = "apple", feature = "graphics"))]
    pub const METAL: i32 = 16;
    pub const GL_CORE: i32 = 17;
    #[cfg(all(windows, feature = "graphics"))]
    pub const D3D12: i32 = 18;
    pub const VULKAN: i32 = 21;
}

/// Writes into Unity's console. Any thread.
#[derive(Debug)]
#[repr(C)]
pub struct Log {
    /// Kind, text, file, line.
    pub log: unsafe extern "system" fn(i32, *const c_char, *const c_char, i32),
}

pub const LOG: Guid = (0x9E75_07FA_5B44_4D5D, 0x92FB_9795_15EA_83FC);

pub mod log_kind {
    pub const WARNING: i32 = 2;
    pub const LOG: i32 = 3;
}

/// Unity's profiler: its first four functions, which both versions have.
#[derive(Debug)]
#[repr(C)]
pub struct Profiler {
    /// Marker, begin (0) or end (1), and no more values.
    pub emit: unsafe extern "system" fn(*const c_void, u16, u16, *const c_void),
    is_enabled: usize,
    pub is_available: unsafe extern "system" fn() -> i32,
    /// Where the marker goes, name, category, flags, number of values. 0 on success.
    pub create_marker: unsafe extern "system" fn(*mut *const c_void, *const c_char, u16, u16, i32) -> i32,
}

pub const PROFILER_V2: Guid = (0xB957_E018_9CB6_A30B, 0x83CE_589A_E85B_9068);
pub const PROFILER_V1: Guid = (0x2CE7_9ED8_316A_4833, 0x8707_6B20_13E1_571F);

/// Vulkan, on the render thread and within a render event.
#[derive(Debug)]
#[repr(C)]
pub struct Vulkan {
    intercept: [usize; 2],
    pub configure_event: unsafe extern "system" fn(i32, *const EventConfig),
    /// Crashes in some versions while the device is being initialized.
    pub instance: unsafe extern "system" fn() -> VulkanInstance,
    /// Where to record now, and whether the queue may be used (0: no).
    pub recording_state: unsafe extern "system" fn(*mut RecordingState, i32) -> u8,
    /// Texture, part (NULL: whole), layout, stages, access, mode, and what it is. Outdates every earlier recording state.
    pub access_texture:
        unsafe extern "system" fn(*mut c_void, *const c_void, u32, u32, u32, i32, *mut VulkanImage) -> u8,
    access_others: [usize; 3],
    pub ensure_outside_render_pass: unsafe extern "system" fn(),
}

pub const VULKAN_V2: Guid = (0x3293_34C0_9DCA_4787, 0xB347_DD92_A009_7FFC);
pub const VULKAN_V1: Guid = (0x9535_5348_D4EF_4E11, 0x9789_313D_FCFF_CC87);

/// What a render event finds and may do.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct EventConfig {
    pub render_pass: i32,
    pub queue_access: i32,
    pub flags: u32,
}

impl EventConfig {
    pub const OUTSIDE_RENDER_PASS: i32 = 2;
    pub const NO_QUEUE_ACCESS: i32 = 0;
    /// Pipelines and descriptor sets are not as they were afterwards.
    pub const MODIFIES_COMMAND_BUFFER: u32 = 8;
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VulkanInstance {
    pub pipeline_cache: u64,
    pub instance: usize,
    pub physical_device: usize,
    pub device: usize,
    pub queue: usize,
    pub get_instance_proc_addr: *const c_void,
    pub queue_family: u32,
    reserved: [usize; 8],
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct RecordingState {
    pub command_buffer: usize,
    pub level: u32,
    pub render_pass: u64,
    pub framebuffer: u64,
    pub subpass: i32,
    pub current_frame: u64,
    pub safe_frame: u64,
    reserved: [usize; 4],
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct VulkanMemory {
    memory: u64,
    offset: u64,
    size: u64,
    mapped: usize,
    flags: u32,
    type_index: u32,
    reserved: [usize; 4],
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct VulkanImage {
    pub memory: VulkanMemory,
    pub image: u64,
    pub layout: u32,
    pub aspect: u32,
    pub usage: u32,
    pub format: u32,
    /// Width, height, depth.
    pub extent: [u32; 3],
    pub tiling: u32,
    pub kind: u32,
    pub samples: u32,
    pub layers: i32,
    pub mips: i32,
    pub reserved: [usize; 4],
}

/// How `Vulkan::access_texture` makes a texture readable.
pub const PIPELINE_BARRIER: i32 = 1;

/// Direct3D 11. Only the beginning.
#[cfg(all(windows, feature = "graphics"))]
#[derive(Debug)]
#[repr(C)]
pub struct D3d11 {
    pub device: unsafe extern "system" fn() -> *mut c_void,
}

#[cfg(all(windows, feature = "graphics"))]
pub const D3D11: Guid = (0xAAB3_7EF8_7A87_D748, 0xBF76_967F_07EF_B177);

#[cfg(all(windows, feature = "graphics"))]
pub type Get = unsafe extern "system" fn() -> *mut c_void;

/// A closed command list, the number of states, and the states. Gives the value that the frame's fence reaches when the GPU
/// has run it.
#[cfg(all(windows, feature = "graphics"))]
pub type ExecuteCommandList = unsafe extern "system" fn(*mut c_void, i32, *mut ResourceState) -> u64;

/// A resource, and the `D3D12_RESOURCE_STATES` that a command list finds it in and leaves it in.
#[cfg(all(windows, feature = "graphics"))]
#[derive(Debug)]
#[repr(C)]
pub struct ResourceState {
    pub resource: *mut c_void,
    pub expected: u32,
    pub current: u32,
}

/// Direct3D 12, on the render thread: the beginning of versions 5 and 6.
#[cfg(all(windows, feature = "graphics"))]
#[derive(Debug)]
#[repr(C)]
pub struct D3d12V5 {
    pub device: Get,
    pub frame_fence: Get,
    next_frame_fence_value: usize,
    pub execute: ExecuteCommandList,
}

/// The beginning of version 7.
#[cfg(all(windows, feature = "graphics"))]
#[derive(Debug)]
#[repr(C)]
pub struct D3d12V7 {
    pub device: Get,
    presentation: [usize; 3],
    pub frame_fence: Get,
    next_frame_fence_value: usize,
    pub execute: ExecuteCommandList,
}

#[cfg(all(windows, feature = "graphics"))]
pub const D3D12_V7: Guid = (0x4624_B0DA_41B6_4AAC, 0x915A_ABCB_9BC3_F0D3);
#[cfg(all(windows, feature = "graphics"))]
pub const D3D12_V6: Guid = (0xA396_DCE5_8CAC_4D78, 0xAFDD_9B28_1F20_B840);
#[cfg(all(windows, feature = "graphics"))]
pub const D3D12_V5: Guid = (0xF5C8_D8A3_7D37_BC42, 0xB02D_FE93_B506_4A27);

/// Metal, on the render thread and within a render event. The beginning, which both versions have.
#[cfg(all(target_vendor = "apple", feature = "graphics"))]
#[derive(Debug)]
#[repr(C)]
pub struct Metal {
    bundle: usize,
    pub device: unsafe extern "system" fn() -> *mut c_void,
    /// Not committed yet.
    pub current_command_buffer: unsafe extern "system" fn() -> *mut c_void,
    current_command_encoder: usize,
    /// Before a pass of one's own.
    pub end_current_command_encoder: unsafe extern "system" fn(),
}

#[cfg(all(target_vendor = "apple", feature = "graphics"))]
pub const METAL_V1: Guid = (0x29F8_F3D0_3833_465E, 0x9213_8551_C15D_823D);
#[cfg(all(target_vendor = "apple", feature = "graphics"))]
pub const METAL_V0: Guid = (0x992C_8EAE_A958_11E5, 0x9A62_C4B5_B987_6117);

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;
    use std::mem::offset_of;

    /// As a C compiler lays out the structures of the ABI on x86-64 and AArch64; tests/unity-host declares them in C.
    #[test]
    fn structures_lie_as_c_lays_them_out() {
        assert_eq!(size_of::<VulkanInstance>(), 120);
        assert_eq!(offset_of!(VulkanInstance, queue_family), 48);
        assert_eq!(size_of::<RecordingState>(), 88);
        assert_eq!(offset_of!(RecordingState, current_frame), 40);
        assert_eq!(size_of::<VulkanMemory>(), 72);
        assert_eq!(size_of::<VulkanImage>(), 160);
        assert_eq!(offset_of!(VulkanImage, format), 92);
        assert_eq!(offset_of!(VulkanImage, samples), 116);
        assert_eq!(size_of::<EventConfig>(), 12);
        assert_eq!(offset_of!(Vulkan, access_texture), 5 * 8);
        assert_eq!(offset_of!(Vulkan, ensure_outside_render_pass), 9 * 8);
        assert_eq!(offset_of!(Interfaces, get_split), 2 * 8);
    }
}

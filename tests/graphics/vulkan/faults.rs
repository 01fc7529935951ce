//! A Vulkan in which calls fail when a test says so: the real functions, some behind our own.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::mem::transmute;
use std::sync::OnceLock;

use ash::vk;

thread_local! {
    static SUBMIT: Cell<vk::Result> = const { Cell::new(vk::Result::SUCCESS) };
    static EVENTS: Cell<bool> = const { Cell::new(true) };
    static MISSING: Cell<Option<&'static CStr>> = const { Cell::new(None) };
}

static INSTANCE: OnceLock<vk::PFN_vkGetInstanceProcAddr> = OnceLock::new();
static DEVICE: OnceLock<vk::PFN_vkGetDeviceProcAddr> = OnceLock::new();
static REAL_SUBMIT: OnceLock<vk::PFN_vkQueueSubmit> = OnceLock::new();
static REAL_EVENT: OnceLock<vk::PFN_vkCreateEvent> = OnceLock::new();

/// `vkQueueSubmit` answers this on this thread, unless it is `SUCCESS`.
pub fn fail_submits(result: vk::Result) {
    SUBMIT.set(result);
}

/// The device has no events.
pub fn fail_events() {
    EVENTS.set(false);
}

/// The device lacks a function.
pub fn hide(name: &'static CStr) {
    MISSING.set(Some(name));
}

/// `vkGetInstanceProcAddr` in front of the real one.
pub fn get_instance_proc_addr(real: vk::PFN_vkGetInstanceProcAddr) -> *const c_void {
    let _ = INSTANCE.set(real);
    instance_function as *const c_void
}

unsafe extern "system" fn instance_function(instance: vk::Instance, name: *const c_char) -> vk::PFN_vkVoidFunction {
    // SAFETY: passed through; each function gets the type that its name says.
    unsafe {
        let real = INSTANCE.get().unwrap()(instance, name);
        if CStr::from_ptr(name) == c"vkGetDeviceProcAddr" {
            let _ = DEVICE.set(transmute::<vk::PFN_vkVoidFunction, vk::PFN_vkGetDeviceProcAddr>(real));
            return Some(transmute::<vk::PFN_vkGetDeviceProcAddr, unsafe extern "system" fn()>(device_function));
        }
        real
    }
}

unsafe extern "system" fn device_function(device: vk::Device, name: *const c_char) -> vk::PFN_vkVoidFunction {
    // SAFETY: passed through; each function gets the type that its name says.
    unsafe {
        let real = DEVICE.get().unwrap()(device, name);
        let name = CStr::from_ptr(name);
        if MISSING.get() == Some(name) {
            return None;
        }
        if name == c"vkQueueSubmit" {
            let _ = REAL_SUBMIT.set(transmute::<vk::PFN_vkVoidFunction, vk::PFN_vkQueueSubmit>(real));
            return Some(transmute::<vk::PFN_vkQueueSubmit, unsafe extern "system" fn()>(submit));
        }
        if name == c"vkCreateEvent" {
            let _ = REAL_EVENT.set(transmute::<vk::PFN_vkVoidFunction, vk::PFN_vkCreateEvent>(real));
            return Some(transmute::<vk::PFN_vkCreateEvent, unsafe extern "system" fn()>(create_event));
        }
        real
    }
}

unsafe extern "system" fn submit(
    queue: vk::Queue,
    count: u32,
    submits: *const vk::SubmitInfo<'_>,
    fence: vk::Fence,
) -> vk::Result {
    match SUBMIT.get() {
        // SAFETY: passed through.
        vk::Result::SUCCESS => unsafe { REAL_SUBMIT.get().unwrap()(queue, count, submits, fence) },
        failure => failure,
    }
}

unsafe extern "system" fn create_event(
    device: vk::Device,
    info: *const vk::EventCreateInfo<'_>,
    allocator: *const vk::AllocationCallbacks<'_>,
    event: *mut vk::Event,
) -> vk::Result {
    if EVENTS.get() {
        // SAFETY: passed through.
        unsafe { REAL_EVENT.get().unwrap()(device, info, allocator, event) }
    } else {
        vk::Result::ERROR_OUT_OF_HOST_MEMORY
    }
}

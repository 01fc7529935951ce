//! The C ABI's behaviour, called from Rust through its exports, as a host would.
#![cfg(feature = "webrtc")]

mod arguments;
#[allow(dead_code, reason = "the tests of the peer use all of it")]
#[path = "../support/browser.rs"]
mod browser;
mod channels;
mod configuration;
mod feedback;
mod graphics;
mod layout;
mod lifecycle;
mod peers;
mod real_time;
#[allow(dead_code, reason = "the tests of the peer use all of it")]
#[path = "../support/sender.rs"]
mod sender;
mod senders;
mod signals;
mod sources;
mod threads;

use std::ffi::{CString, c_char};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use rendercast::ffi::config::rendercast_config;
use rendercast::ffi::status::RENDERCAST_OK;
use rendercast::ffi::streamer::{
    rendercast_create, rendercast_create_json, rendercast_destroy, rendercast_last_error, rendercast_streamer,
};

/// Tests that count or destroy all of the process's objects have it for themselves.
static PROCESS: RwLock<()> = RwLock::new(());

fn shared() -> RwLockReadGuard<'static, ()> {
    PROCESS.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn alone() -> RwLockWriteGuard<'static, ()> {
    PROCESS.write().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A streamer that no test needs to destroy by hand.
struct Owned(rendercast_streamer);

impl Drop for Owned {
    fn drop(&mut self) {
        rendercast_destroy(self.0);
    }
}

fn create() -> Owned {
    let mut streamer = 0;
    assert_eq!(unsafe { rendercast_create(std::ptr::null(), &raw mut streamer) }, RENDERCAST_OK, "{}", last_error());
    assert_ne!(streamer, 0);
    Owned(streamer)
}

fn create_json(json: &str) -> (i32, rendercast_streamer) {
    let json = CString::new(json).unwrap();
    let mut streamer = 77;
    (unsafe { rendercast_create_json(json.as_ptr(), &raw mut streamer) }, streamer)
}

fn create_config(config: &rendercast_config) -> (i32, rendercast_streamer) {
    let mut streamer = 77;
    (unsafe { rendercast_create(config, &raw mut streamer) }, streamer)
}

fn last_error() -> String {
    text(|buffer, capacity, needed| unsafe { rendercast_last_error(buffer, capacity, needed) }).1
}

/// Calls a function that gives out text.
fn text(call: impl Fn(*mut c_char, u32, *mut u32) -> i32) -> (i32, String, u32) {
    let mut buffer = [0u8; 4096];
    let mut needed = 0;
    let status = call(buffer.as_mut_ptr().cast::<c_char>(), buffer.len() as u32, &raw mut needed);
    let len = buffer.iter().position(|byte| *byte == 0).unwrap();
    (status, String::from_utf8(buffer[..len].to_vec()).unwrap(), needed)
}

/// A structure of zeros with its size, as C's memset and sizeof make it.
fn sized<T>() -> T {
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    unsafe {
        value.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32);
        value.assume_init()
    }
}

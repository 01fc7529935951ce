//! libvpx, found when it is first needed. Nothing is linked: a system without it decodes no VP8, unless FFmpeg is there.

use std::ffi::{CStr, c_long};
use std::ptr::null;
use std::sync::OnceLock;

use libloading::Library as Loaded;

use super::abi::{self, Context};
use crate::encode::load_libvpx;

/// The functions used here, for as long as the process lives.
pub struct Library {
    interface: abi::GetInterface,
    init: abi::Init,
    pub decode: abi::Decode,
    pub get_frame: abi::GetFrame,
    pub destroy: abi::Destroy,
    _loaded: Loaded,
}

/// The library of this process, or why there is none.
pub fn get() -> Result<&'static Library, &'static str> {
    static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();
    LIBRARY.get_or_init(open).as_ref().map_err(String::as_str)
}

fn open() -> Result<Library, String> {
    let loaded = load_libvpx()?;
    // SAFETY: the types are those of the library's headers; that it is such a library, `init` asks it.
    unsafe {
        Ok(Library {
            interface: find(&loaded, c"vpx_codec_vp8_dx")?,
            init: find(&loaded, c"vpx_codec_dec_init_ver")?,
            decode: find(&loaded, c"vpx_codec_decode")?,
            get_frame: find(&loaded, c"vpx_codec_get_frame")?,
            destroy: find(&loaded, c"vpx_codec_destroy")?,
            _loaded: loaded,
        })
    }
}

/// # Safety
/// `T` must be the type of the function with that name.
unsafe fn find<T: Copy>(loaded: &Loaded, name: &CStr) -> Result<T, String> {
    // SAFETY: the caller's promise.
    unsafe { loaded.get::<T>(name.to_bytes_with_nul()) }.map(|found| *found).map_err(|error| error.to_string())
}

impl Library {
    /// Opens a decoder with the interface version that this library speaks.
    ///
    /// # Safety
    /// `context` must be zeroed and stay where it is until it is destroyed.
    pub unsafe fn init(&self, context: *mut Context) -> Result<(), String> {
        const FLAGS: c_long = 0;
        // SAFETY: takes nothing, and gives a table that is never freed.
        let interface = unsafe { (self.interface)() };
        for version in abi::ABI_VERSIONS.rev() {
            // SAFETY: the caller's promise. With a version that is not its own the library does nothing.
            match unsafe { (self.init)(context, interface, null(), FLAGS, version) } {
                abi::OK => return Ok(()),
                abi::ABI_MISMATCH => {}
                status => return Err(format!("status {status}")),
            }
        }
        Err(format!("it speaks none of the interface versions {:?}", abi::ABI_VERSIONS))
    }
}

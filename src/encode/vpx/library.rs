//! libvpx, found when it is first needed. Nothing is linked: a system without it has one encoder less.

use std::ffi::{CStr, c_char, c_int, c_long};
use std::sync::OnceLock;

use libloading::Library;

use super::abi::{self, Context, Interface};
use crate::encode::Codec;

/// The values of `VPX_ENCODER_ABI_VERSION` for which `abi` is right: libvpx 1.8 (23) to 1.17 (39). They all count
/// `VPX_CODEC_ABI_VERSION` 9 in; what grew in between is the tail of the configuration and the external rate control.
pub const ABI_VERSIONS: std::ops::RangeInclusive<c_int> = 23..=39;

/// What the library is called, newest first.
#[cfg(target_os = "windows")]
const NAMES: &[&str] = &["libvpx-1.dll", "vpx.dll", "libvpx.dll"];
#[cfg(target_vendor = "apple")]
const NAMES: &[&str] = &[
    "libvpx.12.dylib",
    "libvpx.11.dylib",
    "libvpx.9.dylib",
    "libvpx.8.dylib",
    "libvpx.7.dylib",
    "libvpx.dylib",
    // Homebrew, on ARM and on Intel: outside of where a program looks.
    "/opt/homebrew/lib/libvpx.dylib",
    "/usr/local/lib/libvpx.dylib",
];
#[cfg(not(any(target_os = "windows", target_vendor = "apple")))]
const NAMES: &[&str] = &[
    "libvpx.so.12",
    "libvpx.so.11",
    "libvpx.so.10",
    "libvpx.so.9",
    "libvpx.so.8",
    "libvpx.so.7",
    "libvpx.so.6",
    "libvpx.so",
];

/// The functions used here, for as long as the process lives: the library is never unloaded, its threads may still end.
pub struct Vpx {
    vp8: abi::GetInterface,
    vp9: Option<abi::GetInterface>,
    pub config_default: abi::ConfigDefault,
    init: abi::Init,
    pub config_set: abi::ConfigSet,
    pub control: abi::Control,
    pub encode: abi::Encode,
    pub next_packet: abi::NextPacket,
    pub destroy: abi::Destroy,
    describe: abi::Describe,
    error_detail: abi::ErrorDetail,
    version: abi::Version,
    _library: Library,
}

/// The library of this process, or why there is none.
pub fn get() -> Result<&'static Vpx, &'static str> {
    static LIBRARY: OnceLock<Result<Vpx, String>> = OnceLock::new();
    LIBRARY.get_or_init(Vpx::open).as_ref().map_err(String::as_str)
}

impl Vpx {
    fn open() -> Result<Self, String> {
        // One that FFmpeg has loaded, if any: with two, symbols of the one might be found by the other.
        let library = NAMES.iter().find_map(|name| already_loaded(name)).or_else(|| {
            // SAFETY: libvpx does nothing when it is loaded.
            NAMES.iter().find_map(|name| unsafe { Library::new(name) }.ok())
        });
        let vpx = Self::bind(library.ok_or_else(|| format!("no {}", NAMES.join(", ")))?)?;
        tracing::debug!(version = vpx.version(), "libvpx loaded");
        Ok(vpx)
    }

    fn bind(library: Library) -> Result<Self, String> {
        // SAFETY: the types in `abi` are those of libvpx's headers; that it is such a libvpx, `init` asks it.
        unsafe {
            Ok(Self {
                vp8: symbol(&library, c"vpx_codec_vp8_cx")?,
                vp9: symbol(&library, c"vpx_codec_vp9_cx").ok(),
                config_default: symbol(&library, c"vpx_codec_enc_config_default")?,
                init: symbol(&library, c"vpx_codec_enc_init_ver")?,
                config_set: symbol(&library, c"vpx_codec_enc_config_set")?,
                control: symbol(&library, c"vpx_codec_control_")?,
                encode: symbol(&library, c"vpx_codec_encode")?,
                next_packet: symbol(&library, c"vpx_codec_get_cx_data")?,
                destroy: symbol(&library, c"vpx_codec_destroy")?,
                describe: symbol(&library, c"vpx_codec_err_to_string")?,
                error_detail: symbol(&library, c"vpx_codec_error_detail")?,
                version: symbol(&library, c"vpx_codec_version_str")?,
                _library: library,
            })
        }
    }

    /// None: this libvpx was built without it.
    pub fn interface(&self, codec: Codec) -> Option<*const Interface> {
        let get = match codec {
            Codec::Vp8 => self.vp8,
            Codec::Vp9 => self.vp9?,
            Codec::H264 | Codec::Av1 => return None,
        };
        // SAFETY: gives the address of a table that is never freed.
        let interface = unsafe { get() };
        (!interface.is_null()).then_some(interface)
    }

    /// `vpx_codec_enc_init_ver` with the interface version that this library speaks.
    ///
    /// # Safety
    /// `context` must be zeroed and stay where it is until it is destroyed; `interface` and `config` this library's own.
    pub unsafe fn init(
        &self,
        context: *mut Context,
        interface: *const Interface,
        config: *const abi::Config,
    ) -> Result<(), String> {
        const FLAGS: c_long = 0;
        for version in ABI_VERSIONS.rev() {
            // SAFETY: the caller's promise. With a version that is not its own the library does nothing.
            match unsafe { (self.init)(context, interface, config, FLAGS, version) } {
                abi::OK => return Ok(()),
                abi::ABI_MISMATCH => {}
                // SAFETY: the context holds the error's details.
                status => return Err(unsafe { self.describe(status, context) }),
            }
        }
        Err(format!("{} speaks none of the interface versions {ABI_VERSIONS:?}", self.version()))
    }

    /// The library's words for a status, with its details.
    ///
    /// # Safety
    /// `context` must be one that this library was given before.
    pub unsafe fn describe(&self, status: c_int, context: *const Context) -> String {
        // SAFETY: both give text that is never freed, or null.
        let (text, detail) = unsafe { (text((self.describe)(status)), text((self.error_detail)(context))) };
        match (text, detail) {
            (Some(text), Some(detail)) => format!("{text}: {detail}"),
            (Some(text), None) => text,
            (None, _) => format!("status {status}"),
        }
    }

    pub fn version(&self) -> String {
        // SAFETY: gives text that is never freed.
        unsafe { text((self.version)()) }.unwrap_or_default()
    }
}

/// # Safety
/// Null, or ended by NUL.
unsafe fn text(text: *const c_char) -> Option<String> {
    // SAFETY: not null, hence ended by NUL.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// # Safety
/// `T` must be the type of the function with that name.
unsafe fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, String> {
    // SAFETY: the caller's promise.
    unsafe { library.get::<T>(name.to_bytes_with_nul()) }.map(|found| *found).map_err(|error| error.to_string())
}

#[cfg(windows)]
fn already_loaded(name: &str) -> Option<Library> {
    libloading::os::windows::Library::open_already_loaded(name).ok().map(Into::into)
}

#[cfg(not(windows))]
fn already_loaded(name: &str) -> Option<Library> {
    use libloading::os::unix::{Library, RTLD_LAZY};
    /// `RTLD_NOLOAD`
    const ONLY_IF_LOADED: c_int = if cfg!(target_vendor = "apple") { 0x10 } else { 4 };
    // SAFETY: nothing is loaded, so nothing of it runs.
    unsafe { Library::open(Some(name), RTLD_LAZY | ONLY_IF_LOADED) }.ok().map(Into::into)
}

//! libvpx or libaom, found when it is first needed. Nothing is linked: a system without it has some encoders less.

use std::ffi::{CStr, CString, c_char, c_int, c_long};

use libloading::Library as Loaded;

use super::Sibling;
use super::interface::{self as abi, Context, Interface};

/// The functions used here, for as long as the process lives: the library is never unloaded, its threads may still end.
pub struct Library<L: Sibling> {
    pub config_default: abi::ConfigDefault<L::Config>,
    init: abi::Init<L::Config>,
    pub config_set: abi::ConfigSet<L::Config>,
    pub control: abi::Control,
    pub encode: L::Encode,
    pub next_packet: abi::NextPacket,
    pub destroy: abi::Destroy,
    describe: abi::Describe,
    error_detail: abi::ErrorDetail,
    version: abi::Version,
    version_text: abi::VersionText,
    loaded: Loaded,
}

/// The library of this process, or why there is none.
pub fn get<L: Sibling>() -> Result<&'static Library<L>, &'static str> {
    L::library().get_or_init(|| Library::open(L::FILES)).as_ref().map_err(String::as_str)
}

/// The first of these files that is there.
pub fn load(files: &[&str]) -> Result<Loaded, String> {
    // One that FFmpeg has loaded, if any: with two, symbols of the one might be found by the other.
    let loaded = files.iter().find_map(|name| already_loaded(name)).or_else(|| {
        // SAFETY: neither library does anything when it is loaded.
        files.iter().find_map(|name| unsafe { Loaded::new(name) }.ok())
    });
    loaded.ok_or_else(|| format!("no {}", files.join(", ")))
}

impl<L: Sibling> Library<L> {
    /// The first of these files that is there.
    pub fn open(files: &[&str]) -> Result<Self, String> {
        let library = Self::bind(load(files)?)?;
        if library.version() >> 16 != L::MAJOR {
            return Err(format!("{} {} is here, and only {} is known", L::NAME, library.version_text(), L::MAJOR));
        }
        tracing::debug!(version = library.version_text(), "{} loaded", L::NAME);
        Ok(library)
    }

    fn bind(loaded: Loaded) -> Result<Self, String> {
        // SAFETY: the types are those of the library's headers; that it is such a library, `open` and `init` ask it.
        unsafe {
            Ok(Self {
                config_default: symbol::<L, _>(&loaded, "enc_config_default")?,
                init: symbol::<L, _>(&loaded, "enc_init_ver")?,
                config_set: symbol::<L, _>(&loaded, "enc_config_set")?,
                control: symbol::<L, _>(&loaded, L::CONTROL)?,
                encode: symbol::<L, _>(&loaded, "encode")?,
                next_packet: symbol::<L, _>(&loaded, "get_cx_data")?,
                destroy: symbol::<L, _>(&loaded, "destroy")?,
                describe: symbol::<L, _>(&loaded, "err_to_string")?,
                error_detail: symbol::<L, _>(&loaded, "error_detail")?,
                version: symbol::<L, _>(&loaded, "version")?,
                version_text: symbol::<L, _>(&loaded, "version_str")?,
                loaded,
            })
        }
    }

    /// The encoder that this function gives. None: the library was built without it.
    pub fn interface(&self, name: &CStr) -> Option<*const Interface> {
        // SAFETY: every function that gives an interface has this type, and the interface is a table that is never freed.
        let interface = unsafe { find::<abi::GetInterface>(&self.loaded, name).ok()?() };
        (!interface.is_null()).then_some(interface)
    }

    /// `vpx_codec_enc_init_ver`, `aom_codec_enc_init_ver` with the interface version that this library speaks.
    ///
    /// # Safety
    /// `context` must be zeroed and stay where it is until it is destroyed; `interface` and `config` this library's own.
    pub unsafe fn init(
        &self,
        context: *mut Context,
        interface: *const Interface,
        config: *const L::Config,
    ) -> Result<(), String> {
        const FLAGS: c_long = 0;
        for version in L::ABI_VERSIONS.rev() {
            // SAFETY: the caller's promise. With a version that is not its own the library does nothing.
            match unsafe { (self.init)(context, interface, config, FLAGS, version) } {
                abi::OK => return Ok(()),
                abi::ABI_MISMATCH => {}
                // SAFETY: the context holds the error's details.
                status => return Err(unsafe { self.describe(status, context) }),
            }
        }
        Err(format!("{} {} speaks none of the interface versions {:?}", L::NAME, self.version_text(), L::ABI_VERSIONS))
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

    /// 0x30600 for 3.6.0.
    pub fn version(&self) -> c_int {
        // SAFETY: takes nothing, and gives a number.
        unsafe { (self.version)() }
    }

    pub fn version_text(&self) -> String {
        // SAFETY: gives text that is never freed.
        unsafe { text((self.version_text)()) }.unwrap_or_default()
    }
}

/// # Safety
/// Null, or ended by NUL.
unsafe fn text(text: *const c_char) -> Option<String> {
    // SAFETY: not null, hence ended by NUL.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// # Safety
/// `T` must be the type of the function with that name, less the library's prefix.
unsafe fn symbol<L: Sibling, T: Copy>(loaded: &Loaded, name: &str) -> Result<T, String> {
    let name = CString::new([L::PREFIX, name].concat()).map_err(|error| error.to_string())?;
    // SAFETY: the caller's promise.
    unsafe { find(loaded, &name) }
}

/// # Safety
/// `T` must be the type of the function with that name.
unsafe fn find<T: Copy>(loaded: &Loaded, name: &CStr) -> Result<T, String> {
    // SAFETY: the caller's promise.
    unsafe { loaded.get::<T>(name.to_bytes_with_nul()) }.map(|found| *found).map_err(|error| error.to_string())
}

#[cfg(windows)]
fn already_loaded(name: &str) -> Option<Loaded> {
    libloading::os::windows::Library::open_already_loaded(name).ok().map(Into::into)
}

#[cfg(not(windows))]
fn already_loaded(name: &str) -> Option<Loaded> {
    use libloading::os::unix::{Library, RTLD_LAZY};
    /// `RTLD_NOLOAD`
    const ONLY_IF_LOADED: c_int = if cfg!(target_vendor = "apple") { 0x10 } else { 4 };
    // SAFETY: nothing is loaded, so nothing of it runs.
    unsafe { Library::open(Some(name), RTLD_LAZY | ONLY_IF_LOADED) }.ok().map(Into::into)
}

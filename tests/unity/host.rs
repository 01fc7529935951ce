//! The C host of tests/unity-host, compiled and loaded, with this crate's own exports as its plugin.

use std::ffi::{CStr, c_char, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libloading::Library;
use rendercast::ffi::unity::*;

pub const TEXT: usize = 512;
pub const TEXTURES: usize = 4;
pub const VULKAN: i32 = 21;
pub const GL_CORE: i32 = 17;
pub const GLES: i32 = 11;
pub const NULL: i32 = 4;

#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Options {
    pub renderer: i32,
    /// 1: version 1, 2: version 2.
    pub vulkan_versions: u32,
    pub validate: u32,
    pub events_on_render: u32,
    pub leave_pass_open: u32,
    pub ignore_config: u32,
}

#[repr(C)]
struct Plugin {
    load: unsafe extern "system" fn(*mut c_void),
    unload: extern "system" fn(),
    render_event: extern "C" fn() -> *mut c_void,
    event_id: extern "C" fn() -> i32,
    renderer: extern "C" fn() -> i32,
    can_take_textures: extern "C" fn() -> u32,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Use {
    pub texture: u32,
    pub streamer: u32,
    pub target_width: u32,
    pub target_height: u32,
    pub flags: u32,
    pub source: u32,
}

#[repr(C)]
struct Frame {
    number: u64,
    count: u32,
    uses: [Use; TEXTURES],
}

#[repr(C)]
pub struct Figures {
    pub frames: u64,
    pub events: u64,
    pub violations: u64,
    pub validation: u64,
    pub logs: u64,
    pub marks: u64,
    pub validated: u32,
    violation: [c_char; TEXT],
    message: [c_char; TEXT],
    log: [c_char; TEXT],
}

fn text(bytes: &[c_char]) -> String {
    // SAFETY: the host ends its texts with a NUL.
    unsafe { CStr::from_ptr(bytes.as_ptr()) }.to_string_lossy().into_owned()
}

impl Figures {
    pub fn log(&self) -> String {
        text(&self.log)
    }
}

/// The compiled host.
static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
/// One host, and one plugin, in a process.
static ONE: Mutex<()> = Mutex::new(());

/// Compiles the host, with further sources and options. None, loudly: this machine lacks a compiler or a header.
pub fn compile(name: &str, more: &[&str], options: &[&str]) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let files = ["host", "interfaces", "picture", "vulkan", "vulkan_frame", "vulkan_lent", "gl"];
    let out = Command::new("cc")
        .args(["-std=c11", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-pedantic", "-pthread"])
        .args(options)
        .arg("-I")
        .arg(root.join("include"))
        .args(files.iter().chain(more).map(|name| root.join("tests/unity-host").join(name).with_extension("c")))
        .arg("-o")
        .arg(&made)
        .arg("-ldl")
        .output();
    match out {
        Err(error) => eprintln!("SKIPPED: no cc here ({error})"),
        Ok(out) if out.status.success() => return Some(made),
        Ok(out) => {
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            // Without the headers of Vulkan and EGL there is nothing to compile against; anything else is a defect.
            assert!(said.contains("No such file or directory"), "{said}");
            eprintln!("SKIPPED: the headers of Vulkan or EGL are missing: {said}");
        }
    }
    None
}

fn load() -> Option<Library> {
    let path = compile("unity-host.so", &[], &["-shared", "-fPIC"])?;
    // SAFETY: the library runs nothing when it is loaded.
    let library = unsafe { Library::new(&path) };
    let _ = std::fs::remove_file(&path);
    Some(library.unwrap())
}

pub struct Host {
    host: *mut c_void,
    library: &'static Library,
    _one: MutexGuard<'static, ()>,
}

// SAFETY: the host's main thread is whoever calls, one at a time.
unsafe impl Send for Host {}

macro_rules! call {
    ($self:ident, $name:literal, fn($($kind:ty),*) $(-> $result:ty)?, $($value:expr),*) => {
        // SAFETY: the function has this type in host.h, and the host lives.
        unsafe { $self.library.get::<unsafe extern "C" fn($($kind),*) $(-> $result)?>($name).unwrap()($($value),*) }
    };
}

impl Host {
    /// None, loudly: this machine lacks something.
    pub fn new(options: Options) -> Option<Self> {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let library = LIBRARY.get_or_init(load).as_ref()?;
        let plugin = Plugin {
            load: UnityPluginLoad,
            unload: UnityPluginUnload,
            render_event: rendercast_unity_render_event,
            event_id: rendercast_unity_event_id,
            renderer: rendercast_unity_renderer,
            can_take_textures: rendercast_unity_can_take_textures,
        };
        let mut host = Self { host: std::ptr::null_mut(), library, _one: one };
        let mut why = [0; TEXT];
        host.host = call!(
            host,
            b"host_create",
            fn(*const Options, *const Plugin, *mut c_char) -> *mut c_void,
            &options,
            &plugin,
            why.as_mut_ptr()
        );
        assert!(!host.host.is_null(), "{}", text(&why));
        Some(host)
    }

    pub fn load_plugin(&self) {
        call!(self, b"host_load_plugin", fn(*mut c_void), self.host);
    }

    pub fn unload_plugin(&self) {
        call!(self, b"host_unload_plugin", fn(*mut c_void), self.host);
    }

    /// False, loudly: there is no such device here.
    pub fn make_device(&self) -> bool {
        let mut why = [0; TEXT];
        let made = call!(self, b"host_make_device", fn(*mut c_void, *mut c_char) -> bool, self.host, why.as_mut_ptr());
        if !made {
            eprintln!("SKIPPED: {}", text(&why));
        }
        made
    }

    pub fn lose_device(&self) {
        call!(self, b"host_lose_device", fn(*mut c_void), self.host);
    }

    pub fn reset_device(&self, begin: bool, end: bool) {
        call!(self, b"host_reset_device", fn(*mut c_void, bool, bool), self.host, begin, end);
    }

    pub fn texture(&self, texture: u32, width: u32, height: u32) {
        call!(self, b"host_texture", fn(*mut c_void, u32, u32, u32), self.host, texture, width, height);
    }

    pub fn frame(&self, number: u64, uses: &[Use]) {
        let mut frame = Frame { number, count: uses.len() as u32, uses: Default::default() };
        frame.uses[..uses.len()].copy_from_slice(uses);
        call!(self, b"host_frame", fn(*mut c_void, *const Frame), self.host, &frame);
    }

    /// A render event with any data.
    pub fn raw_event(&self, data: *mut c_void) {
        call!(self, b"host_raw_event", fn(*mut c_void, *mut c_void), self.host, data);
    }

    pub fn settle(&self) {
        call!(self, b"host_settle", fn(*mut c_void), self.host);
    }

    pub fn figures(&self) -> Figures {
        // SAFETY: integers and texts.
        let mut figures: Figures = unsafe { std::mem::zeroed() };
        call!(self, b"host_figures", fn(*mut c_void, *mut Figures), self.host, &mut figures);
        figures
    }

    /// Time of each render event in the plugin, in ns.
    pub fn times(&self) -> Vec<u64> {
        let mut times = vec![0; 1 << 16];
        let count = call!(
            self,
            b"host_times",
            fn(*mut c_void, *mut u64, u32) -> u32,
            self.host,
            times.as_mut_ptr(),
            times.len() as u32
        );
        times.truncate(count as usize);
        times
    }

    /// The plugin has kept Unity's rules and Vulkan's.
    pub fn assert_clean(&self) {
        let figures = self.figures();
        assert_eq!(figures.violations, 0, "{}", text(&figures.violation));
        assert_eq!(figures.validation, 0, "{}", text(&figures.message));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if rendercast_unity_event_id() >= 0 {
            self.unload_plugin();
        }
        if !std::thread::panicking() {
            // The device's own end tells of what was left on it.
            self.lose_device();
            self.assert_clean();
        }
        call!(self, b"host_destroy", fn(*mut c_void), self.host);
    }
}

/// What picture `number` looks like in memory.
pub fn painted(number: u64, width: u32, height: u32) -> Vec<u8> {
    let library = LIBRARY.get().and_then(Option::as_ref).unwrap();
    let mut rgba = vec![0; (width * height * 4) as usize];
    // SAFETY: the function has this type in picture.h, and room for the picture.
    unsafe {
        let paint = library.get::<unsafe extern "C" fn(u64, u32, u32, *mut u8)>(b"picture_paint").unwrap();
        paint(number, width, height, rgba.as_mut_ptr());
    }
    rgba
}

/// The number that a stamp was made of; None: it is no stamp of the host's.
pub fn number_of(host_time: u64) -> Option<u64> {
    const INTERVAL: u64 = 16_666_667;
    (host_time / INTERVAL).checked_sub(1).filter(|_| host_time.is_multiple_of(INTERVAL))
}

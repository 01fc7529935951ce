//! Makes `compute.dxbc.rs` of `compute.hlsl` with the system's compiler: `tests/windows.sh bytecode`, or on Windows
//! `RENDERCAST_BLESS=1 cargo test --test graphics bytecode`.

use std::ffi::c_void;
use std::path::Path;

use windows::Win32::Graphics::Direct3D::ID3DBlob;
use windows::Win32::System::LibraryLoader::{GetProcAddress, LoadLibraryA};
use windows::core::{HRESULT, Interface, PCSTR, s};

type Compile = unsafe extern "system" fn(
    *const c_void,
    usize,
    PCSTR,
    *const c_void,
    *mut c_void,
    PCSTR,
    PCSTR,
    u32,
    u32,
    *mut *mut c_void,
    *mut *mut c_void,
) -> HRESULT;
type Strip = unsafe extern "system" fn(*const c_void, usize, u32, *mut *mut c_void) -> HRESULT;

const OPTIMIZATION_LEVEL3: u32 = 1 << 15;
/// Reflection, debugging, tests.
const STRIP_ALL: u32 = 7;

fn bytes(blob: *mut c_void) -> Option<Vec<u8>> {
    // SAFETY: a reference to a blob that is ours, or NULL.
    let blob = (!blob.is_null()).then(|| unsafe { ID3DBlob::from_raw(blob) })?;
    // SAFETY: the blob lives, and has that many bytes.
    Some(
        unsafe { &*std::ptr::slice_from_raw_parts(blob.GetBufferPointer().cast::<u8>(), blob.GetBufferSize()) }
            .to_vec(),
    )
}

fn compile(hlsl: &str) -> Result<Vec<u8>, String> {
    // SAFETY: the documented signatures of both functions.
    let (compile, strip) = unsafe {
        let library = LoadLibraryA(s!("d3dcompiler_47.dll")).map_err(|error| error.to_string())?;
        let compile = GetProcAddress(library, s!("D3DCompile")).ok_or("no D3DCompile")?;
        let strip = GetProcAddress(library, s!("D3DStripShader")).ok_or("no D3DStripShader")?;
        type Any = unsafe extern "system" fn() -> isize;
        (std::mem::transmute::<Any, Compile>(compile), std::mem::transmute::<Any, Strip>(strip))
    };
    let (mut code, mut messages, mut small) = (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
    let (text, null) = (hlsl.as_bytes(), std::ptr::null_mut());
    let (name, entry, target) = (s!("compute.hlsl"), s!("convert"), s!("cs_5_0"));
    let flags = OPTIMIZATION_LEVEL3;
    // SAFETY: all strings and places live.
    let result = unsafe {
        let (to, say) = (&raw mut code, &raw mut messages);
        compile(text.as_ptr().cast(), text.len(), name, null, null, entry, target, flags, 0, to, say)
    };
    let (code, messages) = (bytes(code), bytes(messages));
    let messages = messages.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let code = code.ok_or_else(|| format!("{result:?}: {messages}"))?;
    // SAFETY: as above.
    unsafe { strip(code.as_ptr().cast(), code.len(), STRIP_ALL, &raw mut small) }.ok().map_err(|e| e.to_string())?;
    bytes(small).ok_or_else(|| "nothing is left".to_owned())
}

/// FNV-1a, as `graphics/dxgi/shader.rs` has it: `\r` does not count.
fn hash(text: &str) -> u64 {
    let bytes = text.bytes().filter(|byte| *byte != b'\r');
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn source(hlsl: &str, code: &[u8]) -> String {
    let words: Vec<String> =
        code.chunks_exact(4).map(|w| format!("{:#010x}", u32::from_le_bytes([w[0], w[1], w[2], w[3]]))).collect();
    let lines: String = words.chunks(10).map(|line| line.join(", ") + ",\n").collect();
    let hash = hash(hlsl);
    format!(
        "// Shader model 5.0 bytecode of compute.hlsl (FNV-1a {hash:016x}), made by tests/graphics/d3d/bytecode.rs.\n&[\n{lines}]\n"
    )
}

#[test]
fn the_systems_compiler_takes_the_hlsl() {
    let folder = Path::new("src/graphics/shaders");
    let hlsl = std::fs::read_to_string(folder.join("compute.hlsl")).expect("run in the package's folder");
    let bless = std::env::var_os("RENDERCAST_BLESS").is_some();
    match compile(&hlsl) {
        Ok(code) if bless => std::fs::write(folder.join("compute.dxbc.rs"), source(&hlsl, &code)).expect("writable"),
        Ok(code) => {
            let committed = std::fs::read_to_string(folder.join("compute.dxbc.rs")).expect("committed");
            let is_the_same = committed.replace('\r', "") == source(&hlsl, &code);
            eprintln!("{} bytes, {} the committed ones", code.len(), if is_the_same { "just" } else { "not" });
        }
        // Wine's own compiler knows no compute shaders, and its answer is about itself.
        Err(error) if !bless => crate::skip("the system's shader compiler", &error),
        Err(error) => panic!("{error}"),
    }
}

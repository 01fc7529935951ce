//! HRESULTs in our words.

use crate::graphics::{Api, GraphicsError};

/// `DXGI_ERROR_DEVICE_REMOVED`, `_HUNG`, `_RESET` and `_DRIVER_INTERNAL_ERROR`: each means that the device is gone.
const LOST: [u32; 4] = [0x887A_0005, 0x887A_0006, 0x887A_0007, 0x887A_0020];
/// `DXGI_ERROR_WAS_STILL_DRAWING`.
const STILL_DRAWING: u32 = 0x887A_000A;

/// What an HRESULT below zero means.
pub fn failure(api: Api, call: &'static str, code: i32) -> GraphicsError {
    if LOST.contains(&code.cast_unsigned()) {
        GraphicsError::DeviceLost { api }
    } else {
        GraphicsError::Call { api, call, code: code.into() }
    }
}

/// The GPU has not finished with what was to be mapped.
pub fn is_still_drawing(code: i32) -> bool {
    code.cast_unsigned() == STILL_DRAWING
}

/// For `map_err`.
#[cfg(windows)]
pub fn failed(api: Api, call: &'static str) -> impl FnOnce(windows::core::Error) -> GraphicsError {
    move |error| failure(api, call, error.code().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_codes_of_a_removed_device_lose_it() {
        for code in LOST {
            assert!(failure(Api::D3d11, "Map", code.cast_signed()).is_device_lost(), "{code:x}");
        }
        let out_of_memory = failure(Api::D3d12, "CreateFence", 0x8007_000E_u32.cast_signed());
        assert_eq!(out_of_memory.to_string(), "Direct3D 12: CreateFence failed with -2147024882");
        assert!(!failure(Api::D3d11, "Map", STILL_DRAWING.cast_signed()).is_device_lost());
        assert!(is_still_drawing(STILL_DRAWING.cast_signed()) && !is_still_drawing(0));
    }
}

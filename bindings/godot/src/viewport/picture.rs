//! What is asked of a read-back, whichever way it goes. Pure.

use std::sync::Arc;

use godot::builtin::Rid;
use rendercast::streamer::Source;
use rendercast::units::Size;

/// One picture that was just drawn.
#[derive(Clone)]
pub struct Drawn {
    /// Whose picture it is.
    pub source: Arc<Source>,
    /// The viewport's texture, as the rendering server knows it.
    pub texture: Rid,
    /// Of the texture, in pixels.
    pub size: Size,
    /// What is streamed is at most this large; 0: as it is.
    pub largest: Size,
    /// When it was drawn, in ns of the library's clock.
    pub drawn_ns: u64,
}

/// The size to stream: within `largest`, in the picture's own shape.
pub fn fitted(size: Size, largest: Size) -> Size {
    let limit = |side: u32, largest: u32| if largest == 0 { side } else { side.min(largest) };
    let (width, height) = (limit(size.width, largest.width), limit(size.height, largest.height));
    let (full_width, full_height) = (u64::from(size.width.max(1)), u64::from(size.height.max(1)));
    // The side that has to shrink more decides.
    let by_width = u64::from(width) * full_height <= u64::from(height) * full_width;
    let scaled =
        |of: u64, by: u32, from: u64| u32::try_from((of * u64::from(by) + from / 2) / from).unwrap_or(1).max(1);
    if by_width {
        Size::new(width, scaled(full_height, width, full_width))
    } else {
        Size::new(scaled(full_width, height, full_height), height)
    }
}

/// Whether pictures are read back as they are and converted on the CPU: where that is what Godot renders with, by the adapter's
/// name. RENDERCAST_GODOT_CONVERT=1 has it all done as with a GPU, for tests and measurements.
pub fn is_read_plain(adapter: &str) -> bool {
    is_software(adapter) && std::env::var_os("RENDERCAST_GODOT_CONVERT").is_none()
}

fn is_software(adapter: &str) -> bool {
    ["llvmpipe", "softpipe", "SwiftShader", "Microsoft Basic Render"].iter().any(|name| adapter.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renderers_on_the_cpu_are_known_by_name() {
        assert!(is_software("llvmpipe (LLVM 15.0.6, 256 bits)"));
        assert!(is_software(
            "Google Inc. (Google) - ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device), SwiftShader driver)"
        ));
        assert!(!is_software("NVIDIA GeForce RTX 4070"));
        assert!(!is_software("AMD Radeon Graphics (RADV RENOIR)"));
    }

    #[test]
    fn pictures_shrink_in_their_own_shape_and_never_grow() {
        for (size, largest, expected) in [
            ((1920, 1080), (0, 0), (1920, 1080)),
            ((1920, 1080), (1280, 0), (1280, 720)),
            ((1920, 1080), (0, 720), (1280, 720)),
            ((1920, 1080), (1280, 100), (178, 100)),
            ((1080, 1920), (1280, 1280), (720, 1280)),
            ((640, 360), (1280, 720), (640, 360)),
            ((10_000, 1), (100, 0), (100, 1)),
        ] {
            let (size, largest, expected) =
                (Size::new(size.0, size.1), Size::new(largest.0, largest.1), Size::new(expected.0, expected.1));
            assert_eq!(fitted(size, largest), expected, "{size:?} in {largest:?}");
        }
    }
}

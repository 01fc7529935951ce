//! What a context can do, from its version and its extensions. Pure.

/// Of a context. The default is everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Compute shaders with storage buffers (OpenGL 4.3, ES 3.1); else pictures are drawn and read back.
    pub compute: bool,
    /// Memory that stays mapped (OpenGL 4.4, `GL_ARB_buffer_storage`, `GL_EXT_buffer_storage`); else it is mapped for
    /// each picture, once its fence has passed.
    pub buffer_storage: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { compute: true, buffer_storage: true }
    }
}

/// OpenGL or OpenGL ES, with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    pub es: bool,
    pub major: u32,
    pub minor: u32,
}

impl Version {
    /// From `GL_VERSION`: "4.5 (Core Profile) Mesa 22.3.6", "OpenGL ES 3.2 NVIDIA 535.104". None: not a version, or one
    /// from before OpenGL ES 2.
    pub fn parse(text: &str) -> Option<Self> {
        let (es, numbers) = text.strip_prefix("OpenGL ES ").map_or((false, text), |numbers| (true, numbers));
        let mut numbers = numbers.split(' ').next()?.split('.');
        let mut number = || numbers.next()?.parse().ok();
        Some(Self { es, major: number()?, minor: number()? })
    }

    /// Whether it is at least that one, of OpenGL or of OpenGL ES.
    pub fn is_from(self, gl: (u32, u32), es: (u32, u32)) -> bool {
        (self.major, self.minor) >= if self.es { es } else { gl }
    }
}

/// What differs between contexts and matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    pub capabilities: Capabilities,
    /// `glMemoryBarrier`.
    pub memory_barrier: bool,
    /// `glGetTexLevelParameteriv`: a texture can be asked for its size and format.
    pub level_queries: bool,
    /// Blending and the colour mask belong to each draw buffer.
    pub draw_buffer_state: bool,
    /// Viewport and scissor test belong to each viewport.
    pub viewport_state: bool,
    /// `glGetGraphicsResetStatus`, by the name it has.
    pub reset_status: Option<&'static str>,
    /// `glPolygonMode`.
    pub polygon_mode: bool,
    /// The profile in which `GL_ALPHA_TEST` and its like still work.
    pub compatibility: bool,
    /// What else could spoil a drawing, and is switched off for it.
    pub toggles: &'static [u32],
}

const ALPHA_TEST: u32 = 0x0BC0;
const ES_TOGGLES: &[u32] = &[glow::CULL_FACE, glow::RASTERIZER_DISCARD, glow::DITHER];
/// The last one is known to the compatibility profile only.
const ALL_TOGGLES: &[u32] = &[
    glow::CULL_FACE,
    glow::RASTERIZER_DISCARD,
    glow::DITHER,
    glow::COLOR_LOGIC_OP,
    glow::CLIP_DISTANCE0,
    glow::CLIP_DISTANCE1,
    glow::CLIP_DISTANCE2,
    glow::CLIP_DISTANCE3,
    glow::CLIP_DISTANCE4,
    glow::CLIP_DISTANCE5,
    glow::CLIP_DISTANCE6,
    glow::CLIP_DISTANCE7,
    ALPHA_TEST,
];

impl Features {
    /// None: the context is too old.
    pub fn new(version: Version, compatibility: bool, has: impl Fn(&str) -> bool) -> Option<Self> {
        if !version.is_from((3, 3), (3, 0)) {
            return None;
        }
        let desktop = !version.es;
        // No OpenGL ES has it in its core; 99 is never.
        let buffer_storage = version.is_from((4, 4), (99, 0))
            || has(if desktop { "GL_ARB_buffer_storage" } else { "GL_EXT_buffer_storage" });
        let reset_status = if version.is_from((4, 5), (3, 2)) {
            Some("glGetGraphicsResetStatus")
        } else if has("GL_KHR_robustness") {
            Some(if desktop { "glGetGraphicsResetStatus" } else { "glGetGraphicsResetStatusKHR" })
        } else if desktop {
            has("GL_ARB_robustness").then_some("glGetGraphicsResetStatusARB")
        } else {
            has("GL_EXT_robustness").then_some("glGetGraphicsResetStatusEXT")
        };
        Some(Self {
            capabilities: Capabilities { compute: version.is_from((4, 3), (3, 1)), buffer_storage },
            memory_barrier: version.is_from((4, 2), (3, 1)),
            level_queries: version.is_from((3, 3), (3, 1)),
            draw_buffer_state: version.is_from((3, 3), (3, 2)),
            viewport_state: version.is_from((4, 1), (99, 0)),
            reset_status,
            polygon_mode: desktop,
            compatibility,
            toggles: match (desktop, compatibility) {
                (false, _) => ES_TOGGLES,
                (true, true) => ALL_TOGGLES,
                (true, false) => &ALL_TOGGLES[..ALL_TOGGLES.len() - 1],
            },
        })
    }

    /// Less of it, by the host's wish.
    pub fn limited(mut self, to: Capabilities) -> Self {
        self.capabilities.compute &= to.compute;
        self.capabilities.buffer_storage &= to.buffer_storage;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(version: &str, extensions: &[&str]) -> Option<Features> {
        Features::new(Version::parse(version)?, false, |name| extensions.contains(&name))
    }

    #[test]
    fn versions_are_read_as_drivers_write_them() {
        let version = |es, major, minor| Some(Version { es, major, minor });
        assert_eq!(Version::parse("4.5 (Core Profile) Mesa 22.3.6"), version(false, 4, 5));
        assert_eq!(Version::parse("4.6.0 NVIDIA 535.104.05"), version(false, 4, 6));
        assert_eq!(Version::parse("3.3"), version(false, 3, 3));
        assert_eq!(Version::parse("OpenGL ES 3.1 Mesa 22.3.6"), version(true, 3, 1));
        for nonsense in ["", "OpenGL ES-CM 1.1", "WebGL 2.0", "four.five", "4", "4.", ".5", "OpenGL ES "] {
            assert_eq!(Version::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn what_a_context_can_do_follows_from_its_version_and_extensions() {
        assert_eq!(features("3.2", &[]), None);
        assert_eq!(features("OpenGL ES 2.0", &[]), None);
        let able = |text, extensions: &[&str]| {
            let Capabilities { compute, buffer_storage } = features(text, extensions).unwrap().capabilities;
            (compute, buffer_storage)
        };
        assert_eq!(able("3.3", &[]), (false, false));
        assert_eq!(able("3.3", &["GL_ARB_buffer_storage"]), (false, true));
        assert_eq!(able("4.3", &["GL_EXT_buffer_storage"]), (true, false));
        assert_eq!(able("4.4", &[]), (true, true));
        assert_eq!(able("OpenGL ES 3.0", &[]), (false, false));
        assert_eq!(able("OpenGL ES 3.2", &["GL_EXT_buffer_storage"]), (true, true));
        assert!(!features("OpenGL ES 3.0", &[]).unwrap().level_queries);
        assert_eq!(features("OpenGL ES 3.1", &["GL_KHR_robustness"]).unwrap().reset_status.unwrap().len(), 27);
        assert_eq!(features("OpenGL ES 3.1", &["GL_ARB_robustness"]).unwrap().reset_status, None);
    }

    #[test]
    fn the_alpha_test_is_left_alone_where_it_does_not_exist() {
        let version = Version { es: false, major: 4, minor: 5 };
        let toggles = |compatibility| Features::new(version, compatibility, |_| false).unwrap().toggles;
        assert_eq!((toggles(true).contains(&ALPHA_TEST), toggles(false).contains(&ALPHA_TEST)), (true, false));
    }
}

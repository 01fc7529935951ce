//! OpenGL and OpenGL ES on contexts without a window: Mesa's llvmpipe where nothing else is found. Each test goes through
//! every context with everything it can, without mapped memory, without compute, and without either; the last test here
//! does it all again on OpenGL 3.3 and OpenGL ES 3.0.

#![allow(unsafe_code)]

mod dump;
mod egl;
mod hooks;
mod host;

use glow::HasContext;
use rendercast::frame::Chroma;
use rendercast::graphics::opengl::{Capabilities, OpenGl};
use rendercast::graphics::{Device, GraphicsError, Job, Pushed, SLOTS, Transfer};
use rendercast::units::Size;

use crate::oracle::{assert_alike, assert_same, assert_scaled, computed, converted};
use crate::picture::{Picture, number, srgb_decoded};
use egl::{Context, Kind, REPLACE};
use host::{Host, hosts, job};

/// Runs a test on every host, its context current.
fn on_every_host(test: impl Fn(&mut Host, &str)) {
    for mut host in hosts() {
        host.context.make_current(true);
        let what = format!("{} with {:?}", host.device.name(), host.used);
        println!("{what}");
        test(&mut host, &what);
        assert_eq!(host.error(), glow::NO_ERROR, "{what}");
    }
}

/// A host with everything, watched or steered by other functions.
fn replaced(replace: egl::Replace) -> Option<Context> {
    match Context::new(Kind::Gl, false) {
        Ok(context) => {
            REPLACE.set(Some(replace));
            Some(context)
        }
        Err(error) => {
            crate::skip("OpenGL", &error);
            None
        }
    }
}

#[test]
fn every_way_makes_the_picture_that_the_cpu_makes() {
    on_every_host(|host, what| {
        for size in [Size::new(320, 180), Size::new(161, 91), Size::new(2, 2), Size::new(1, 1), Size::new(1280, 720)] {
            let picture = Picture::new(size, 0xA5C3);
            let expected = converted(&picture, size);
            let (upright, inverted, swapped) =
                (host.rgba8(&picture), host.rgba8(&picture.upside_down()), host.rgba8(&picture.swapped()));
            for chroma in [Chroma::Planar, Chroma::Interleaved] {
                let plain = Job { chroma, ..job(upright, size) };
                let flipped = Job { chroma, flip: true, ..job(inverted, size) };
                let swapped = Job { chroma, swap_red_blue: true, ..job(swapped, size) };
                for (name, job) in [("plain", plain), ("flipped", flipped), ("swapped", swapped)] {
                    let what = format!("{what}, {size:?}, {chroma:?}, {name}");
                    assert_same(&host.take(&job).expect(&what), &expected, &what);
                }
            }
        }
    });
}

#[test]
fn pictures_are_scaled_as_on_the_cpu() {
    on_every_host(|host, what| {
        let picture = Picture::new(Size::new(1280, 720), 1);
        let texture = host.rgba8(&picture);
        for target in [Size::new(640, 360), Size::new(426, 240), Size::new(854, 480), Size::new(1600, 900)] {
            let what = format!("{what}, to {target:?}");
            let got = host.take(&Job { target, ..job(texture, picture.size) }).expect(&what);
            assert_scaled(&got, &converted(&picture, target), &what);
        }
    });
}

#[test]
fn every_format_that_is_taken_gives_its_colours() {
    on_every_host(|host, what| {
        let size = Size::new(160, 90);
        let picture = Picture::new(size, 7);
        let at = |x: u32, y: u32| (y * size.width + x) as usize * 4;
        let stored = |x, y| [0, 1, 2].map(|c| f64::from(picture.rgba[at(x, y) + c]) / 255.0);
        let light = |x, y| stored(x, y).map(srgb_decoded);
        let rgb: Vec<u8> = picture.pixels().flat_map(|[r, g, b, _]| [r, g, b]).collect();
        let bytes = (glow::RGBA, glow::UNSIGNED_BYTE);
        let halves = (glow::RGBA, glow::HALF_FLOAT);
        let tens = (glow::RGBA, glow::UNSIGNED_INT_2_10_10_10_REV);
        let encoded = [
            (glow::RGBA8, bytes, picture.rgba8()),
            (glow::SRGB8_ALPHA8, bytes, picture.rgba8()),
            (glow::RGB10_A2, tens, picture.rgb10a2()),
            (glow::RGB8, (glow::RGB, glow::UNSIGNED_BYTE), rgb.clone()),
            (glow::SRGB8, (glow::RGB, glow::UNSIGNED_BYTE), rgb),
        ];
        for (internal, (format, kind), bytes) in encoded {
            let texture = host.texture(size, (internal, format, kind), &bytes);
            // Asked, and stated.
            for stated in [0, internal] {
                let what = format!("{what}, format {internal:#x}, stated {stated:#x}");
                let mut job = job(texture, size);
                job.texture.format = stated;
                if stated == 0 && internal != glow::RGBA8 && !asks(host) {
                    continue;
                }
                let got = host.take(&job).expect(&what);
                assert_same(&got, &computed(size, Transfer::Encoded, stored), &what);
            }
        }
        for (internal, gain) in [(glow::RGBA16F, 1.0), (glow::RGBA16F, 6.0), (glow::R11F_G11F_B10F, 6.0)] {
            // OpenGL ES takes only half floats of three channels for the packed one.
            let (format, bytes) = if internal == glow::RGBA16F {
                (halves, picture.rgba16f(gain))
            } else {
                let three = picture.rgba16f(gain).chunks_exact(8).flat_map(|p| p[..6].to_vec()).collect();
                ((glow::RGB, glow::HALF_FLOAT), three)
            };
            let texture = host.texture(size, (internal, format.0, format.1), &bytes);
            for transfer in [Transfer::Linear, Transfer::ToneMapped] {
                let what = format!("{what}, format {internal:#x} times {gain}, {transfer:?}");
                let got = host.take(&Job { transfer, ..job(texture, size) }).expect(&what);
                let expected = computed(size, transfer, |x, y| light(x, y).map(|v| v * gain));
                if internal == glow::RGBA16F {
                    assert_same(&got, &expected, &what);
                } else {
                    // Five or six bits of precision.
                    assert_alike(&got, &expected, 36.0, 16, &what);
                }
            }
        }
    });
}

fn asks(host: &Host) -> bool {
    host.context.kind == Kind::Gl || dump::newer(host)
}

#[test]
fn a_swizzled_texture_gives_what_its_reader_sees_and_a_base_level_counts() {
    on_every_host(|host, what| {
        let picture = Picture::new(Size::new(128, 72), 3);
        let swizzled = host.texture(picture.size, (glow::RGBA8, glow::RGBA, glow::UNSIGNED_BYTE), &picture.bgra8());
        let based =
            host.texture(Size::new(256, 144), (glow::RGBA8, glow::RGBA, glow::UNSIGNED_BYTE), &[9; 256 * 144 * 4]);
        // SAFETY: the context is current; both are 2D textures.
        unsafe {
            let bind =
                |name| host.gl.bind_texture(glow::TEXTURE_2D, std::num::NonZeroU32::new(name).map(glow::NativeTexture));
            let set = |name, value: u32| host.gl.tex_parameter_i32(glow::TEXTURE_2D, name, value as i32);
            bind(swizzled as u32);
            set(glow::TEXTURE_SWIZZLE_R, glow::BLUE);
            set(glow::TEXTURE_SWIZZLE_B, glow::RED);
            bind(based as u32);
            let pixels = glow::PixelUnpackData::Slice(Some(&picture.rgba));
            let (format, kind) = (glow::RGBA, glow::UNSIGNED_BYTE);
            host.gl.tex_image_2d(glow::TEXTURE_2D, 1, glow::RGBA8 as i32, 128, 72, 0, format, kind, pixels);
            set(glow::TEXTURE_BASE_LEVEL, 1);
            set(glow::TEXTURE_MAX_LEVEL, 1);
            bind(0);
        }
        let expected = converted(&picture, picture.size);
        assert_same(&host.take(&job(swizzled, picture.size)).unwrap(), &expected, what);
        assert_same(&host.take(&job(based, picture.size)).unwrap(), &expected, what);
    });
}

#[test]
fn what_is_not_the_texture_that_was_stated_is_an_error_and_leaves_the_context_clean() {
    on_every_host(|host, what| {
        let size = Size::new(64, 32);
        let picture = Picture::new(size, 0);
        let texture = host.rgba8(&picture);
        let refused = |host: &mut Host, job: &Job| {
            let error = host.push(job).expect_err(what);
            assert_eq!(host.error(), glow::NO_ERROR, "{what}: {error}");
            assert!(!error.to_string().is_empty());
            error
        };
        let stated = |handle, format| {
            let mut job = job(handle, size);
            job.texture.format = format;
            job
        };
        let not_taken =
            |error: GraphicsError| assert!(matches!(error, GraphicsError::TextureFormat { .. }), "{what}: {error}");
        not_taken(refused(host, &stated(texture, glow::RGBA8UI)));
        let missing = refused(host, &job(987_654, size));
        assert!(matches!(missing, GraphicsError::Call { call: "glIsTexture", .. }), "{missing}");
        assert!(matches!(refused(host, &job(1 << 40 | texture, size)), GraphicsError::Call { .. }));
        let gone = host.rgba8(&picture);
        // SAFETY: the context is current.
        let cube = unsafe {
            host.gl.delete_texture(glow::NativeTexture(std::num::NonZeroU32::new(gone as u32).unwrap()));
            let cube = host.gl.create_texture().unwrap();
            host.gl.bind_texture(glow::TEXTURE_CUBE_MAP, Some(cube));
            cube
        };
        assert!(matches!(refused(host, &job(gone, size)), GraphicsError::Call { .. }));
        not_taken(refused(host, &job(u64::from(cube.0.get()), size)));
        if asks(host) {
            not_taken(refused(host, &stated(texture, glow::RGBA16F)));
            let integers = host.texture(size, (glow::RGBA8UI, glow::RGBA_INTEGER, glow::UNSIGNED_BYTE), &picture.rgba);
            not_taken(refused(host, &job(integers, size)));
            let wrong = refused(host, &job(texture, Size::new(65, 32)));
            assert_eq!(wrong, GraphicsError::TextureShape { given: Size::new(65, 32), actual: size });
        }
        if dump::newer(host) {
            // SAFETY: the context is current and new enough.
            let multisampled = unsafe {
                let texture = host.gl.create_texture().unwrap();
                host.gl.bind_texture(glow::TEXTURE_2D_MULTISAMPLE, Some(texture));
                host.gl.tex_storage_2d_multisample(glow::TEXTURE_2D_MULTISAMPLE, 4, glow::RGBA8, 64, 32, true);
                texture
            };
            not_taken(refused(host, &job(u64::from(multisampled.0.get()), size)));
        }
        assert_eq!(host.dropped.get(), 3, "{what}: what a call failed for is dropped, what is refused is not");
        assert_same(&host.take(&job(texture, size)).unwrap(), &converted(&picture, size), what);
    });
}

#[test]
fn everything_of_the_hosts_is_left_as_it_was() {
    on_every_host(|host, what| {
        let size = Size::new(320, 180);
        let picture = Picture::new(size, 9);
        let texture = host.rgba8(&picture);
        // SAFETY: the context is current.
        let cube = unsafe {
            let cube = host.gl.create_texture().unwrap();
            host.gl.bind_texture(glow::TEXTURE_CUBE_MAP, Some(cube));
            cube
        };
        let plain = dump::dump(host);
        let check = |host: &mut Host, before: &[String], what: &str| {
            // The first makes the slot and its target, the second writes other parameters, the third nothing new.
            for flip in [false, true, true] {
                let frame = host.take(&Job { flip, ..job(texture, size) }).expect(what);
                let shown = if flip { picture.upside_down() } else { picture.clone() };
                assert_same(&frame, &converted(&shown, size), what);
                assert_eq!(dump::dump(host), before, "{what}");
            }
            let larger = Job { target: Size::new(640, 360), ..job(texture, size) };
            host.take(&larger).expect(what);
            assert_eq!(dump::dump(host), before, "{what}, with a larger slot");
            host.push(&job(987_654, size)).unwrap_err();
            assert_eq!(dump::dump(host), before, "{what}, after a name of nothing");
            host.push(&job(u64::from(cube.0.get()), size)).unwrap_err();
            assert_eq!(dump::dump(host), before, "{what}, after an error");
        };
        check(host, &plain, what);
        dump::disturb(host);
        let disturbed = dump::dump(host);
        assert!(disturbed.iter().zip(&plain).filter(|(a, b)| a != b).count() > 30, "{disturbed:?}");
        check(host, &disturbed, what);
        host.device.close();
        assert_eq!(dump::dump(host), disturbed, "{what}, closed");
    });
}

/// A host that draws numbers as `Picture` has them, with so much work for each pixel that a conversion which does not wait
/// for the drawing reads what was there before.
struct Artist {
    framebuffer: glow::Framebuffer,
    program: glow::Program,
    vertex_array: glow::VertexArray,
    size: Size,
}

const VERTICES: &str = "void main() {
    gl_Position = vec4(float(gl_VertexID & 1) * 4.0 - 1.0, float(gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);
}";
/// The digits stand in the first rows and in the last ones.
const PIXELS: &str = "uniform int number;
uniform int rows;
out vec4 colour;
void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    float busy = gl_FragCoord.x * 0.01;
    for (int i = 0; i < 20; i++) busy = fract(sin(busy) * 43.7 + 0.3);
    bool digit = (at.y < 8 || at.y >= rows - 8) && at.x < 128;
    colour = digit ? vec4(float((number >> (at.x / 8)) & 1) + busy * 0.01) : vec4(busy, 0.5, float(number % 7) / 7.0, 1.0);
}";

impl Artist {
    fn new(host: &Host, framebuffer: glow::Framebuffer, size: Size) -> Self {
        let program = dump::program(host, VERTICES, PIXELS);
        // SAFETY: the context is current.
        let vertex_array = unsafe { host.gl.create_vertex_array() }.unwrap();
        Self { framebuffer, program, vertex_array, size }
    }

    fn draw(&self, host: &Host, number: u32) {
        let gl = &host.gl;
        // SAFETY: the context is current. What is bound stays so, as hosts do.
        unsafe {
            gl.bind_framebuffer(glow::FRAMEBUFFER, Some(self.framebuffer));
            gl.viewport(0, 0, self.size.width as i32, self.size.height as i32);
            gl.bind_vertex_array(Some(self.vertex_array));
            gl.use_program(Some(self.program));
            gl.uniform_1_i32(gl.get_uniform_location(self.program, "number").as_ref(), number as i32);
            gl.uniform_1_i32(gl.get_uniform_location(self.program, "rows").as_ref(), self.size.height as i32);
            gl.draw_arrays(glow::TRIANGLES, 0, 3);
        }
    }
}

fn drawable(host: &Host, size: Size) -> (u64, glow::Framebuffer) {
    let texture = host.rgba8(&Picture::new(size, 0));
    // SAFETY: the context is current.
    let framebuffer = unsafe {
        let framebuffer = host.gl.create_framebuffer().unwrap();
        host.gl.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
        let name = std::num::NonZeroU32::new(texture as u32).map(glow::NativeTexture);
        host.gl.framebuffer_texture_2d(glow::FRAMEBUFFER, glow::COLOR_ATTACHMENT0, glow::TEXTURE_2D, name, 0);
        framebuffer
    };
    (texture, framebuffer)
}

/// Of each host.
const FRAMES: u32 = 20;

#[test]
fn flat_out_no_picture_is_another_ones() {
    on_every_host(|host, what| {
        let size = Size::new(320, 180);
        let (texture, framebuffer) = drawable(host, size);
        let artist = Artist::new(host, framebuffer, size);
        let mut taken = 0;
        for frame in 1..=FRAMES {
            artist.draw(host, frame);
            let pushed = host.push(&Job { host_time: u64::from(frame), ..job(texture, size) });
            assert!(matches!(pushed, Ok(Pushed::Recorded | Pushed::Dropped)), "{what}: {pushed:?}");
            // Drawn over at once: what was pushed is what it was then.
            artist.draw(host, 0xFFFF);
            host.device.poll();
            while let Some(frame) = host.inbox.pop() {
                let (time, stride) = (frame.host_time, frame.picture.strides[0]);
                assert_eq!(u64::from(number(&frame.into_bytes().unwrap(), stride, 1)), time, "{what}");
                taken += 1;
            }
        }
        let waiting = SLOTS as u64;
        assert!(taken + host.dropped.get() + waiting >= u64::from(FRAMES) && taken > 0, "{what}: {taken}");
    });
}

/// Drawn by llvmpipe's own threads, from the first row on; upside down the last rows are the first that are read. This could
/// not be made to fail without the barriers: Mesa 22.3.6 waits for the drawing inside of the dispatch, with the host's
/// framebuffer still bound and with another one. It is the nearest there is to a test of them.
#[test]
fn a_picture_is_what_the_host_has_just_drawn() {
    on_every_host(|host, what| {
        let size = Size::new(1280, 720);
        let (texture, framebuffer) = drawable(host, size);
        let (_, another) = drawable(host, Size::new(64, 64));
        let artist = Artist::new(host, framebuffer, size);
        for drawn in 1..=4 {
            artist.draw(host, drawn);
            if drawn % 2 == 0 {
                // SAFETY: the context is current.
                unsafe {
                    host.gl.bind_framebuffer(glow::FRAMEBUFFER, Some(another));
                    host.gl.clear(glow::COLOR_BUFFER_BIT);
                }
            }
            host.push(&Job { flip: true, ..job(texture, size) }).unwrap();
            let frame = host.next();
            let stride = frame.picture.strides[0];
            assert_eq!(number(&frame.into_bytes().unwrap(), stride, 1), drawn, "{what}");
        }
    });
}

#[test]
fn pictures_nobody_reads_are_dropped_and_counted() {
    on_every_host(|host, what| {
        let size = Size::new(64, 64);
        let texture = host.rgba8(&Picture::new(size, 1));
        for _ in 0..SLOTS {
            assert_eq!(host.push(&job(texture, size)), Ok(Pushed::Recorded), "{what}");
        }
        let held: Vec<_> = (0..SLOTS).map(|_| host.next().into_bytes().unwrap()).collect();
        for drops in 1..=20 {
            assert_eq!((host.push(&job(texture, size)), host.dropped.get()), (Ok(Pushed::Dropped), drops), "{what}");
        }
        drop(held);
        assert_eq!(host.push(&job(texture, size)), Ok(Pushed::Recorded), "{what}");
        host.next();
    });
}

#[test]
fn sizes_may_change_with_every_picture() {
    on_every_host(|host, what| {
        let sizes = [(128, 72), (640, 360), (64, 64), (641, 359), (640, 360), (200, 1000), (128, 72)];
        for (index, (width, height)) in sizes.into_iter().enumerate() {
            let picture = Picture::new(Size::new(width, height), index as u32);
            let texture = host.rgba8(&picture);
            let got = host.take(&job(texture, picture.size)).unwrap();
            assert_same(&got, &converted(&picture, picture.size), what);
        }
    });
}

#[test]
fn closing_waits_for_a_reader_and_frees_everything_it_made() {
    on_every_host(|host, what| {
        let size = Size::new(256, 144);
        let picture = Picture::new(size, 77);
        let texture = host.rgba8(&picture);
        host.push(&job(texture, size)).unwrap();
        let frame = host.next();
        let stride = frame.picture.strides[0];
        let bytes = frame.into_bytes().unwrap();
        host.push(&job(texture, size)).unwrap();
        let inbox = std::sync::Arc::clone(&host.inbox);
        let revoked = inbox.revoked();
        let reader = std::thread::spawn(move || {
            while inbox.revoked() == revoked {
                std::thread::yield_now();
            }
            // The device is closing, and the memory is still there.
            number(&bytes, stride, 1)
        });
        host.device.close();
        assert_eq!(reader.join().unwrap(), 77, "{what}");
        assert!(host.push(&job(texture, size)).is_err());
        // SAFETY: the context is current, and any name may be asked.
        let left = (1..200).filter_map(std::num::NonZeroU32::new).filter(|name| unsafe {
            host.gl.is_buffer(glow::NativeBuffer(*name))
                || host.gl.is_framebuffer(glow::NativeFramebuffer(*name))
                || host.gl.is_renderbuffer(glow::NativeRenderbuffer(*name))
        });
        assert_eq!(left.count(), 0, "{what}");
    });
}

#[test]
fn no_call_waits_for_a_gpu_that_is_slow() {
    for limits in host::LIMITS {
        let Some(context) = replaced(hooks::watched) else { return };
        let mut host = Host::on(context, limits).unwrap();
        let size = Size::new(128, 72);
        let textures = [1, 2, 3, 4].map(|n| host.rgba8(&Picture::new(size, n)));
        hooks::WAITS.set(0);
        hooks::SLOW.set(true);
        for texture in &textures[..SLOTS] {
            assert_eq!(host.push(&job(*texture, size)), Ok(Pushed::Recorded));
        }
        for drops in 1..=10 {
            assert_eq!((host.push(&job(textures[3], size)), host.dropped.get()), (Ok(Pushed::Dropped), drops));
            host.device.poll();
            assert!(host.inbox.pop().is_none(), "nothing is published before the GPU is done");
        }
        hooks::SLOW.set(false);
        for expected in 1..=SLOTS as u32 {
            let frame = host.next();
            let stride = frame.picture.strides[0];
            assert_eq!(number(&frame.into_bytes().unwrap(), stride, 1), expected, "in order");
        }
        assert_eq!(host.push(&job(textures[3], size)), Ok(Pushed::Recorded));
        host.next();
        host.device.close();
        assert_eq!(hooks::WAITS.get(), 0, "{limits:?}");
        REPLACE.set(None);
    }
}

#[test]
fn a_lost_context_is_told_once_and_waited_for_never() {
    let Some(context) = replaced(hooks::mortal) else { return };
    let mut host = Host::on(context, Capabilities::default()).unwrap();
    let size = Size::new(64, 64);
    let texture = host.rgba8(&Picture::new(size, 1));
    hooks::SLOW.set(true);
    assert_eq!(host.push(&job(texture, size)), Ok(Pushed::Recorded));
    hooks::RESET.set(glow::GUILTY_CONTEXT_RESET);
    assert!(host.push(&job(texture, size)).unwrap_err().is_device_lost());
    // The driver tells it once only.
    hooks::RESET.set(glow::NO_ERROR);
    assert!(host.push(&job(texture, size)).unwrap_err().is_device_lost());
    assert_eq!(host.inbox.take_lost().map(|api| api.to_string()).as_deref(), Some("OpenGL"));
    host.device.close();
    hooks::SLOW.set(false);
    REPLACE.set(None);
}

#[test]
fn without_a_current_context_there_is_an_error_and_with_it_again_pictures() {
    let Some(context) = replaced(|_, driver| driver) else { return };
    REPLACE.set(None);
    context.make_current(false);
    // SAFETY: the functions are what EGL gives.
    let error = unsafe { OpenGl::new(|name| context.address(name)) }.unwrap_err();
    assert!(error.to_string().contains("no context is current"), "{error}");
    context.make_current(true);
    let mut host = Host::on(context, Capabilities::default()).unwrap();
    let size = Size::new(64, 64);
    let picture = Picture::new(size, 1);
    let texture = host.rgba8(&picture);
    for _ in 0..2 {
        host.context.make_current(false);
        let error = host.push(&job(texture, size)).unwrap_err();
        assert!(matches!(error, GraphicsError::Call { .. }), "{error}");
        host.context.make_current(true);
        assert_same(&host.take(&job(texture, size)).unwrap(), &converted(&picture, size), "again");
        host.push(&job(texture, size)).unwrap();
        host.context.make_current(false);
        host.device.poll();
        host.push(&job(texture, size)).unwrap_err();
        host.context.make_current(true);
        host.next();
    }
}

#[test]
fn a_context_that_is_too_old_or_incomplete_is_refused_in_words() {
    for (replace, word) in [(hooks::old as egl::Replace, "OpenGL 3.3"), (hooks::incomplete, "glFenceSync")] {
        let Some(context) = replaced(replace) else { return };
        // SAFETY: the functions are what EGL gives, or do what those do.
        let error = unsafe { OpenGl::new(|name| context.address(name)) }.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        REPLACE.set(None);
    }
}

/// Mesa gives the newest version that agrees with the one asked for, so the old ones are asked of the environment, which a
/// test leaves alone: everything above runs once more in a process of its own.
#[test]
fn opengl_3_3_and_es_3_0_do_the_same() {
    const MARK: &str = "RENDERCAST_TEST_OLD_OPENGL";
    if std::env::var_os(MARK).is_some() {
        on_every_host(|host, what| {
            assert!(!host.used.compute, "{what} is not old");
        });
        return;
    }
    let tests = std::env::current_exe().unwrap();
    let status = std::process::Command::new(tests)
        .args(["gl::", "--test-threads", "1"])
        .env(MARK, "1")
        .env("MESA_GL_VERSION_OVERRIDE", "3.3")
        .env("MESA_GLES_VERSION_OVERRIDE", "3.0")
        .status()
        .unwrap();
    assert!(status.success());
}

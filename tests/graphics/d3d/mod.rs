//! Direct3D 11 and 12: what both must do, written once, and what only one has.

mod bytecode;
mod d3d11;
mod d3d12;
mod measure;

use std::sync::Arc;
use std::thread::park_timeout;
use std::time::Duration;

use bytes::Bytes;
use rendercast::frame::Chroma;
use rendercast::graphics::{
    Device, FenceState, GraphicsError, Inbox, Job, PictureLayout, Pushed, SLOTS, Texture, Transfer,
};
use rendercast::stats::Counter;
use rendercast::time::Nanos;
use rendercast::units::Size;
use rendercast::wake::Wake;

use crate::oracle::{assert_alike, assert_same, assert_scaled, computed, converted, taken};
use crate::picture::{Picture, number, srgb_decoded};

const RGBA32F: u32 = 2;
const RGBA16F: u32 = 10;
const RGB10A2: u32 = 24;
const RGBA8_TYPELESS: u32 = 27;
const RGBA8: u32 = 28;
const RGBA8_SRGB: u32 = 29;
const BGRA8: u32 = 87;
const BGRX8: u32 = 88;
const BGRA8_TYPELESS: u32 = 90;
const BGRA8_SRGB: u32 = 91;
/// More than any machine needs, and no test waits for its end.
const PATIENCE: u32 = 60_000;

/// A host: a device of its own, and our pipeline on it.
trait Host {
    fn device(&mut self) -> &mut dyn Device;
    /// A texture that lives as long as the host.
    fn upload(&mut self, format: u32, size: Size, bytes: &[u8]) -> Texture;
}

struct World<H> {
    host: H,
    inbox: Arc<Inbox>,
    dropped: Counter,
    pushes: u64,
}

impl<H: Host> World<H> {
    fn new(host: H) -> Self {
        let dropped = Counter::default();
        let inbox = Inbox::new(dropped.clone(), Wake::default());
        inbox.set_watched(true);
        Self { host, inbox, dropped, pushes: 0 }
    }

    fn upload(&mut self, picture: &Picture) -> Job {
        job(self.host.upload(RGBA8, picture.size, &picture.rgba8()))
    }

    fn push(&mut self, job: &Job) -> Result<Pushed, GraphicsError> {
        self.pushes += 1;
        let pushed_at = Nanos(self.pushes);
        self.host.device().push(&self.inbox, &Job { pushed_at, ..*job })
    }

    /// The next picture, waited for as the worker does.
    fn read(&mut self) -> (PictureLayout, Bytes) {
        for _ in 0..PATIENCE {
            self.host.device().poll();
            if let Some(frame) = self.inbox.pop() {
                for _ in 0..PATIENCE {
                    match frame.wait(Duration::from_millis(1)) {
                        FenceState::Done => return (frame.picture, frame.into_bytes().expect("memory")),
                        FenceState::Pending => {}
                        FenceState::Lost => panic!("the device is lost"),
                    }
                }
            }
            park_timeout(Duration::from_millis(1));
        }
        panic!("the GPU never finished");
    }

    fn take(&mut self, job: &Job) -> (PictureLayout, Bytes) {
        assert_eq!(self.push(job), Ok(Pushed::Recorded));
        self.read()
    }

    fn planes(&mut self, job: &Job) -> crate::oracle::Planes {
        let (layout, bytes) = self.take(job);
        taken(&bytes, &layout)
    }
}

fn job(texture: Texture) -> Job {
    Job {
        texture,
        target: texture.size,
        chroma: Chroma::Planar,
        flip: false,
        swap_red_blue: false,
        transfer: Transfer::Encoded,
        host_time: 0,
        pushed_at: Nanos(0),
    }
}

fn pictures_are_the_cpu_conversions(host: impl Host) {
    let mut world = World::new(host);
    for (width, height) in [(320, 180), (161, 91), (2, 2), (1, 1), (130, 3)] {
        let picture = Picture::new(Size::new(width, height), 5);
        let shown = converted(&picture, picture.size);
        for chroma in [Chroma::Planar, Chroma::Interleaved] {
            world.inbox.set_chroma(chroma);
            let what = format!("{width}x{height} {chroma:?}");
            let upright = world.upload(&picture);
            assert_same(&world.planes(&Job { chroma, ..upright }), &shown, &what);
            let flipped = Job { chroma, flip: true, ..world.upload(&picture.upside_down()) };
            assert_same(&world.planes(&flipped), &shown, &format!("{what}, flipped"));
            let swapped = Job { chroma, swap_red_blue: true, ..world.upload(&picture.swapped()) };
            assert_same(&world.planes(&swapped), &shown, &format!("{what}, swapped"));
        }
    }
}

fn scaled_pictures_are_like_the_cpu_conversions(host: impl Host) {
    let mut world = World::new(host);
    for (from, to) in [((640, 360), (320, 180)), ((640, 360), (428, 240)), ((160, 90), (320, 180))] {
        let picture = Picture::new(Size::new(from.0, from.1), 3);
        let target = Size::new(to.0, to.1);
        let job = Job { target, ..world.upload(&picture) };
        let what = format!("{from:?} to {to:?}");
        if to.0 < from.0 {
            assert_scaled(&world.planes(&job), &converted(&picture, target), &what);
        } else {
            // The fine pattern is beyond what two ways of interpolation have in common.
            assert_alike(&world.planes(&job), &converted(&picture, target), 30.0, 255, &what);
        }
    }
}

fn every_format_shows_what_is_stored(host: impl Host) {
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(130, 66), 9);
    let shown = converted(&picture, picture.size);
    let (rgba, bgra) = (picture.rgba8(), picture.bgra8());
    for (made, stated, bytes) in [
        (RGBA8, 0, &rgba),
        (RGBA8, RGBA8, &rgba),
        (RGBA8_SRGB, 0, &rgba),
        (RGBA8_TYPELESS, 0, &rgba),
        (RGBA8_TYPELESS, RGBA8_SRGB, &rgba),
        (BGRA8, 0, &bgra),
        (BGRX8, 0, &bgra),
        (BGRA8_TYPELESS, BGRA8_SRGB, &bgra),
        (BGRA8_SRGB, 0, &bgra),
        (RGB10A2, 0, &picture.rgb10a2()),
    ] {
        let texture = world.host.upload(made, picture.size, bytes);
        let planes = world.planes(&job(Texture { format: stated, ..texture }));
        assert_same(&planes, &shown, &format!("format {made}, said to be {stated}"));
    }
}

fn linear_light_is_encoded_and_tone_mapped(host: impl Host) {
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(96, 64), 2);
    let stored: Vec<[u8; 4]> = picture.pixels().collect();
    for (transfer, gain) in [(Transfer::Linear, 1.0), (Transfer::Linear, 2.0), (Transfer::ToneMapped, 4.0)] {
        let light = |x: u32, y: u32| {
            let [r, g, b, _] = stored[(y * 96 + x) as usize];
            [r, g, b].map(|v| srgb_decoded(f64::from(v) / 255.0) * gain)
        };
        let expected = computed(picture.size, transfer, light);
        let floats: Vec<u8> = (0..64)
            .flat_map(|y| (0..96).map(move |x| (x, y)))
            .flat_map(|(x, y)| light(x, y).into_iter().chain([1.0]))
            .flat_map(|v| (v as f32).to_le_bytes())
            .collect();
        for (format, bytes) in [(RGBA16F, picture.rgba16f(gain)), (RGBA32F, floats)] {
            let texture = world.host.upload(format, picture.size, &bytes);
            let planes = world.planes(&Job { transfer, ..job(texture) });
            assert_same(&planes, &expected, &format!("{transfer:?} x{gain}, format {format}"));
        }
    }
}

fn pictures_that_nobody_reads_are_dropped_and_counted(host: impl Host) {
    let mut world = World::new(host);
    let job = world.upload(&Picture::new(Size::new(128, 16), 1));
    for _ in 0..SLOTS {
        assert_eq!(world.push(&job), Ok(Pushed::Recorded));
    }
    let held: Vec<_> = (0..SLOTS).map(|_| world.read()).collect();
    assert_eq!(world.push(&job), Ok(Pushed::Dropped));
    assert_eq!(world.dropped.get(), 1);
    drop(held);
    assert_eq!(world.push(&job), Ok(Pushed::Recorded));
    world.read();
}

fn the_size_may_change_with_each_picture(host: impl Host) {
    let mut world = World::new(host);
    for (width, height) in [(128, 72), (640, 360), (64, 64), (642, 362), (130, 2)] {
        let picture = Picture::new(Size::new(width, height), 0);
        let job = world.upload(&picture);
        let planes = world.planes(&job);
        assert_same(&planes, &converted(&picture, picture.size), &format!("{width}x{height}"));
    }
}

fn a_picture_being_read_outlives_none_of_its_memory(host: impl Host) {
    let mut world = World::new(host);
    let picture = Picture::new(Size::new(128, 72), 77);
    let job = world.upload(&picture);
    let (layout, bytes) = world.take(&job);
    let reader = std::thread::spawn(move || number(&bytes, layout.strides[0], 1));
    world.host.device().close();
    assert_eq!(reader.join().expect("reader"), 77);
    assert!(matches!(world.push(&job), Err(GraphicsError::DeviceLost { .. })), "closed for good");
}

fn no_picture_is_another(host: impl Host) {
    const FRAMES: u32 = 60;
    let mut world = World::new(host);
    let jobs: Vec<_> = (0..8).map(|n| world.upload(&Picture::new(Size::new(256, 144), n * 8191 + 1))).collect();
    let (mut recorded, mut read, mut dropped) = (0, 0, 0);
    // Flat out: whatever finds no slot is dropped, until enough were recorded and all of them read.
    for push in 0..PATIENCE {
        if recorded < FRAMES {
            let host_time = u64::from(push % 8);
            match world.push(&Job { host_time, ..jobs[host_time as usize] }) {
                Ok(Pushed::Recorded) => recorded += 1,
                Ok(Pushed::Dropped) => dropped += 1,
                other => panic!("{other:?}"),
            }
        } else if read == recorded {
            break;
        }
        world.host.device().poll();
        while let Some(frame) = world.inbox.pop() {
            while frame.wait(Duration::from_millis(1)) == FenceState::Pending {}
            let (which, layout) = (frame.host_time as u32, frame.picture);
            let bytes = frame.into_bytes().expect("memory");
            assert_eq!(number(&bytes, layout.strides[0], 1), which * 8191 + 1);
            read += 1;
        }
        park_timeout(Duration::from_micros(100));
    }
    assert_eq!((read, world.dropped.get()), (FRAMES, dropped));
    eprintln!("{read} read, all of them right; {dropped} dropped");
}

fn what_the_texture_is_not_is_refused(host: impl Host) {
    let mut world = World::new(host);
    let good = world.upload(&Picture::new(Size::new(64, 32), 0));
    let with = |texture| Job { texture, ..good };
    let size = Size::new(64, 34);
    let refused = world.push(&with(Texture { size, ..good.texture }));
    assert_eq!(refused, Err(GraphicsError::TextureShape { given: size, actual: good.texture.size }));
    let refused = world.push(&with(Texture { format: BGRA8, ..good.texture }));
    assert!(matches!(refused, Err(GraphicsError::TextureFormat { format: BGRA8, .. })), "{refused:?}");
    let bytes = vec![0; 64 * 32];
    let red = world.host.upload(61, good.texture.size, &bytes);
    let refused = world.push(&with(red));
    assert!(matches!(refused, Err(GraphicsError::TextureFormat { format: 61, .. })), "R8_UNORM: {refused:?}");
    assert_eq!(world.dropped.get(), 0, "refused, not dropped");
    world.take(&good);
}

/// Every test that both APIs have, for one that opens its host by `$open`.
macro_rules! common {
    ($open:expr, $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                if let Some(host) = $open {
                    super::$test(host);
                }
            }
        )*
    };
    ($open:expr) => {
        super::common!(
            $open,
            pictures_are_the_cpu_conversions
            scaled_pictures_are_like_the_cpu_conversions
            every_format_shows_what_is_stored
            linear_light_is_encoded_and_tone_mapped
            pictures_that_nobody_reads_are_dropped_and_counted
            the_size_may_change_with_each_picture
            a_picture_being_read_outlives_none_of_its_memory
            no_picture_is_another
            what_the_texture_is_not_is_refused
        );
    };
}
use common;

/// Bytes of a texel.
fn texel_bytes(format: u32) -> usize {
    match format {
        RGBA32F => 16,
        RGBA16F => 8,
        61 => 1,
        _ => 4,
    }
}

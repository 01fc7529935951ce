//! What was drawn is what the encoder gets.

use rendercast::ffi::sources::{rendercast_set_every_viewers_source, rendercast_source_create};
use rendercast::frame::Chroma;
use rendercast::units::Size;

use crate::host::{self, Options, Use};
use crate::watched::{Expected, Watched};
use crate::{GL, HEIGHT, VULKAN, WIDTH, started, whole};

/// Streams, and compares.
async fn plays(options: Options, chroma: Chroma, pictures: usize) {
    let Some(host) = started(options) else { return };
    let watched = Watched::new(chroma, Expected::default()).await;
    watched.stream(&host, 0, pictures, &whole(watched.handle));
    watched.assert_right();
    let figures = host.figures();
    assert_eq!(figures.marks, 2 * figures.events, "each event is marked in the profiler, once");
    assert!(figures.log().contains("takes pictures from"), "{}", figures.log());
    if options.validate != 0 && figures.validated == 0 {
        eprintln!("SKIPPED: no validation layer here; Vulkan's rules were not checked");
    }
    let stats = watched.stats();
    assert_eq!(stats.video_frames_pushed, figures.frames);
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_every_picture_that_reaches_the_encoder_is_the_one_that_was_drawn() {
    plays(VULKAN, Chroma::Planar, 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_interleaved_pictures_reach_an_encoder_that_wants_them() {
    plays(VULKAN, Chroma::Interleaved, 30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_plays_on_a_unity_with_the_first_version_only() {
    plays(Options { vulkan_versions: 1, ..VULKAN }, Chroma::Planar, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_leaves_a_render_pass_that_unity_has_left_open() {
    plays(Options { ignore_config: 1, ..VULKAN }, Chroma::Planar, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_every_picture_that_reaches_the_encoder_is_the_one_that_was_drawn() {
    plays(GL, Chroma::Planar, 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_es_plays_too() {
    plays(Options { renderer: host::GLES, ..GL }, Chroma::Interleaved, 20).await;
}

/// Several streamers and textures in one batch, one turned over, one made smaller.
async fn shares(options: Options) {
    const FLIPPED: u32 = 1;
    let Some(host) = started(options) else { return };
    host.texture(1, 640, 360);
    let plain = Watched::new(Chroma::Planar, Expected::default()).await;
    let flipped = Watched::new(Chroma::Planar, Expected { flipped: true, ..Default::default() }).await;
    let smaller = Expected { source: Some(Size::new(640, 360)), least_psnr: 38.0, ..Default::default() };
    let smaller = Watched::new(Chroma::Planar, smaller).await;
    let uses = [
        Use { streamer: plain.handle, ..Default::default() },
        Use { streamer: flipped.handle, flags: FLIPPED, ..Default::default() },
        Use { streamer: smaller.handle, texture: 1, target_width: WIDTH, target_height: HEIGHT, ..Default::default() },
    ];
    let mut number = 0;
    for watched in [&plain, &flipped, &smaller] {
        number = watched.stream(&host, number, 10, &uses);
    }
    for watched in [plain, flipped, smaller] {
        watched.assert_right();
        assert!(watched.seen(|seen| seen.sizes.iter().all(|size| *size == Size::new(WIDTH, HEIGHT))));
        watched.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_one_event_serves_several_streamers_each_in_its_way() {
    shares(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_one_event_serves_several_streamers_each_in_its_way() {
    shares(GL).await;
}

/// A texture that is another one with each few frames.
async fn resizes(options: Options) {
    let Some(host) = started(options) else { return };
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let mut number = 0;
    for (width, height) in [(320, 180), (256, 144), (400, 300), (320, 180)] {
        host.texture(0, width, height);
        watched.stream(&host, number, 5, &whole(watched.handle));
        // Without a texture there is nothing to take, and with one there is again.
        host.texture(0, 0, 0);
        number += 1000;
        host.frame(number, &whole(watched.handle));
    }
    watched.assert_right();
    let sizes = watched.seen(|seen| seen.sizes.clone());
    assert!(sizes.contains(&Size::new(256, 144)) && sizes.contains(&Size::new(400, 300)), "{sizes:?}");
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_a_texture_may_go_and_come_in_another_size_between_frames() {
    resizes(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_a_texture_may_go_and_come_in_another_size_between_frames() {
    resizes(GL).await;
}

/// The encoder keeps a picture for as long as it likes: frames are dropped, and the render thread goes on.
async fn outruns(options: Options) {
    let Some(host) = started(options) else { return };
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let uses = whole(watched.handle);
    let number = watched.stream(&host, 0, 3, &uses);
    let before = watched.stats();
    watched.hold(true);
    let mut last = number;
    while !watched.seen(|seen| seen.waiting) {
        host.frame(last, &uses);
        last += 1;
    }
    for ahead in 0..200 {
        host.frame(last + ahead, &uses);
    }
    // All of them have been drawn, and all of the plugin's calls have returned, while the encoder still waits.
    host.settle();
    assert!(watched.seen(|seen| seen.waiting));
    let stats = watched.stats();
    assert!(stats.video_frames_pushed >= before.video_frames_pushed + 200);
    assert!(stats.video_frames_dropped >= before.video_frames_dropped + 190, "{}", stats.video_frames_dropped);
    watched.hold(false);
    watched.stream(&host, last + 200, 5, &uses);
    watched.assert_right();
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_a_render_thread_that_outruns_the_encoder_goes_on_and_frames_are_dropped() {
    outruns(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_a_render_thread_that_outruns_the_encoder_goes_on_and_frames_are_dropped() {
    outruns(GL).await;
}

/// Two sources of one streamer in one batch: the encoder gets those of the source that the viewer is shown.
async fn splits(options: Options) {
    const LARGE: Size = Size::new(2 * WIDTH, 2 * HEIGHT);
    let Some(host) = started(options) else { return };
    host.texture(1, LARGE.width, LARGE.height);
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let (streamer, mut source) = (watched.handle, 0);
    // SAFETY: NULL is allowed, and the number has room.
    assert_eq!(unsafe { rendercast_source_create(streamer, std::ptr::null(), &mut source) }, 0);
    let uses = [Use { streamer, ..Default::default() }, Use { streamer, texture: 1, source, ..Default::default() }];
    let mut number = watched.stream(&host, 0, 20, &uses);
    assert!(watched.seen(|seen| !seen.sizes.contains(&LARGE)), "nobody watches the other one");
    assert_eq!(rendercast_set_every_viewers_source(streamer, source), 0);
    let last = || watched.seen(|seen| seen.sizes.last() == Some(&LARGE));
    for _ in 0..1_000 {
        number = watched.stream(&host, number, 1, &uses);
        if last() {
            break;
        }
    }
    watched.stream(&host, number, 20, &uses);
    assert!(last());
    watched.seen(|seen| assert_eq!(seen.wrong, Vec::<String>::new()));
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_sources_of_one_streamer_share_a_batch() {
    splits(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_sources_of_one_streamer_share_a_batch() {
    splits(GL).await;
}

//! Unity's device and the plugin come and go in every order.

use rendercast::ffi::streamer::{rendercast_live_object_count, rendercast_stop};
use rendercast::ffi::unity::*;
use rendercast::frame::Chroma;

use crate::host::{self, Host, Options};
use crate::watched::{Expected, Watched};
use crate::{GL, HEIGHT, VULKAN, WIDTH, started, whole};

fn takes() -> bool {
    rendercast_unity_can_take_textures() == 1
}

#[test]
fn without_unity_there_is_no_event_and_no_texture_is_taken() {
    let _host = Host::new(VULKAN);
    assert_eq!((rendercast_unity_event_id(), rendercast_unity_renderer()), (-1, -1));
    assert!(!takes() && !rendercast_unity_render_event().is_null());
}

async fn plays(host: &Host, watched: &Watched, number: u64) -> u64 {
    assert!(takes());
    let next = watched.stream(host, number, 5, &whole(watched.handle));
    watched.assert_right();
    next
}

/// Loaded before the device, told of it twice; the device goes, another comes.
async fn survives_its_device(options: Options) {
    let Some(host) = started(options) else { return };
    assert_eq!(rendercast_unity_renderer(), options.renderer);
    assert!(rendercast_unity_event_id() >= 40);
    let id = rendercast_unity_event_id();
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let mut number = plays(&host, &watched, 0).await;
    for _ in 0..2 {
        host.lose_device();
        assert_eq!((rendercast_unity_renderer(), takes()), (host::NULL, false));
        // Render events that come late, with a batch and without.
        host.frame(number, &whole(watched.handle));
        host.raw_event(std::ptr::null_mut());
        assert!(host.make_device());
        number = plays(&host, &watched, number + 1).await;
    }
    assert_eq!(rendercast_unity_event_id(), id, "reserved once");
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_streaming_goes_on_with_another_device() {
    survives_its_device(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_streaming_goes_on_with_another_device_that_unity_tells_of_on_its_main_thread() {
    survives_its_device(GL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_streaming_goes_on_with_another_device_that_unity_tells_of_on_its_render_thread() {
    survives_its_device(Options { events_on_render: 1, ..GL }).await;
}

async fn survives_a_reset(options: Options) {
    let Some(host) = started(options) else { return };
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let number = plays(&host, &watched, 0).await;
    host.reset_device(true, false);
    let before = watched.stats().video_frames_dropped;
    host.frame(number, &whole(watched.handle));
    host.settle();
    assert_eq!(watched.stats().video_frames_dropped, before + 1, "nothing is taken while the device is reset");
    host.reset_device(false, true);
    plays(&host, &watched, number + 1).await;
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_streaming_goes_on_after_a_reset() {
    survives_a_reset(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_streaming_goes_on_after_a_reset() {
    survives_a_reset(GL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_is_loaded_late_finds_the_device_that_is_there() {
    let Some(host) = Host::new(VULKAN) else { return };
    if !host.make_device() {
        return;
    }
    host.texture(0, WIDTH, HEIGHT);
    assert!(!takes());
    host.load_plugin();
    assert_eq!(rendercast_unity_renderer(), host::VULKAN);
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    plays(&host, &watched, 0).await;
    watched.leave().await;
}

/// The plugin goes while a picture is being encoded, and comes again.
async fn survives_an_unload(options: Options) {
    let Some(host) = started(options) else { return };
    for round in 0..2 {
        let watched = Watched::new(Chroma::Planar, Expected::default()).await;
        plays(&host, &watched, round * 1000).await;
        host.unload_plugin();
        assert_eq!((rendercast_unity_event_id(), rendercast_unity_renderer()), (-1, -1));
        assert!(!takes());
        assert_eq!(rendercast_live_object_count(), 0);
        assert_eq!(rendercast_stop(watched.handle), -2, "every streamer has ended");
        // The function may still be in a command buffer.
        host.frame(0, &whole(watched.handle));
        host.settle();
        host.load_plugin();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_the_plugin_may_go_while_streaming_and_come_again() {
    survives_an_unload(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_the_plugin_may_go_while_streaming_and_come_again() {
    survives_an_unload(GL).await;
}

/// Frames are dropped and counted, and C# is told to read back by itself.
async fn takes_nothing(options: Options) {
    let Some(host) = started(options) else { return };
    assert!(!takes() && rendercast_unity_event_id() >= 0);
    assert_eq!(rendercast_unity_renderer(), options.renderer);
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    for number in 0..3 {
        host.frame(number, &whole(watched.handle));
    }
    host.settle();
    let stats = watched.stats();
    assert_eq!((stats.video_frames_pushed, stats.video_frames_dropped), (3, 3));
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unity_without_a_table_for_vulkan_takes_no_textures() {
    takes_nothing(Options { vulkan_versions: 0, ..VULKAN }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unity_without_graphics_takes_no_textures() {
    takes_nothing(Options { renderer: host::NULL, ..VULKAN }).await;
}

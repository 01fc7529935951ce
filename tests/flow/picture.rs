//! Pictures and sound on their way to viewers.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn picture_and_sound_reach_a_viewer_who_starts_on_a_keyframe() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 20).await);
    assert!(viewer.wait(|r| r.audio_packets.load(Ordering::Relaxed) >= 20).await);
    assert!(viewer.received.keyframes.load(Ordering::Relaxed) >= 1);
    host.event(EventKind::ViewerConnected).await;
    viewer.leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    assert_eq!(host.streamer.stats().viewers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_share_one_encoder_and_one_leaving_disturbs_no_other() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut viewers = Vec::new();
    for _ in 0..4 {
        viewers.push(Viewer::open(&link).await.unwrap());
    }
    for viewer in &mut viewers {
        assert!(more_frames(viewer, 10).await);
    }
    assert_eq!(host.streamer.stats().encoders, 1);
    viewers.pop().unwrap().leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    for viewer in &mut viewers {
        assert!(more_frames(viewer, 10).await);
    }
    assert_eq!(host.counter("viewer_resyncs"), 0);
    for viewer in viewers {
        viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_size_change_is_followed_live_odd_sizes_included() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    for side in [97, 33, 128] {
        let keyframes = viewer.received.keyframes.load(Ordering::Relaxed);
        host.side.store(side, Ordering::Relaxed);
        assert!(viewer.wait(|r| r.keyframes.load(Ordering::Relaxed) > keyframes).await, "{side}");
        assert!(more_frames(&mut viewer, 10).await, "{side}");
    }
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hosts_bounds_on_the_rate_are_kept_from_the_next_picture_on() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    for (max, target) in [(400, 300..=400), (0, 500..=2000)] {
        host.streamer.set_video_rate(0, max, 30).unwrap();
        let reached = async {
            while !target.contains(&host.streamer.stats().target_bitrate_kbps) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("the encoder was told");
    }
    assert!(host.streamer.set_video_rate(0, 3000, 0).is_err());
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_stands_still_is_sent_again_now_and_then() {
    let host = Host::start(LOCAL);
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 5).await);
    host.side.store(0, Ordering::Relaxed);
    let pushed = host.counter("video_frames_pushed");
    assert!(more_frames(&mut viewer, 5).await);
    assert!(host.counter("video_frames_pushed") <= pushed + 1);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_while_the_host_draws_nothing_sees_the_last_picture() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut first = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut first, 5).await);
    host.side.store(0, Ordering::Relaxed);
    let mut second = Viewer::open(&link).await.unwrap();
    assert!(second.wait(|r| r.video_frames.load(Ordering::Relaxed) >= 1).await);
    if second.received.keyframes.load(Ordering::Relaxed) == 0 {
        // The first packets came before it listened: it asks again, as a browser does.
        second.request_keyframe().await.unwrap();
    }
    assert!(second.wait(|r| r.keyframes.load(Ordering::Relaxed) >= 1).await);
    first.leave().await;
    second.leave().await;
}

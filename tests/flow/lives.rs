//! Stopping and starting again.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_streamer_starts_again() {
    let host = Host::start(LOCAL);
    let viewer = Viewer::open(&host.link().await).await.unwrap();
    host.streamer.stop();
    assert!(!host.streamer.is_started());
    drop(viewer);
    host.streamer.start().unwrap();
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 10).await);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_of_two_lives_of_a_streamer_have_different_numbers() {
    let host = Host::start(LOCAL);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let viewer = Viewer::open(&host.link().await).await.unwrap();
        loop {
            match host.streamer.poll_event() {
                Some(event) if event.kind == EventKind::ViewerConnected => break seen.push(event.viewer),
                Some(_) => {}
                None => tokio::task::yield_now().await,
            }
        }
        host.streamer.stop();
        assert_eq!(host.streamer.stats().viewers, 0);
        host.streamer.start().unwrap();
        drop(viewer);
    }
    assert_ne!(seen[0], seen[1]);
}

/// Threads of this process that belong to the signaling client. No other test here has one.
#[cfg(target_os = "linux")]
fn signaling_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| ["rc-signaling", "rc-lookup"].contains(&name.trim_end())).count()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_with_a_hung_signaling_server_takes_no_longer_and_leaves_no_thread() {
    for (method, path) in [("GET", "/config"), ("DELETE", "/signaling")] {
        let newest = urs::Generation::Newest { private: false, web_socket: false };
        let server = UrsServer::start(newest, 0, None).await.unwrap();
        let (_switch, held) = tokio::sync::watch::channel(false);
        server.fail_next(1, method, path, Fault::Hold(held));
        let mut config = Config::from_json(LOCAL).unwrap();
        config.signaling.url = server.url();
        let host = Host::with(Streamer::new(config).unwrap());
        host.link().await;
        if method == "DELETE" {
            while !host.event(EventKind::SignalingReady).await.contains("newest") {} // the embedded server says so too
        } else {
            server.until(|inside| inside.all_faults_happened().then_some(())).await;
        }
        assert_eq!(signaling_threads(), 1, "{method} {path}");
        let before = rendercast::time::now();
        host.streamer.stop();
        // The system takes a joined thread off its list a moment later.
        while signaling_threads() > 0 {
            tokio::task::yield_now().await;
        }
        // Far above what stopping takes, far below the client's limit of 5 s for a request.
        assert!(rendercast::time::now().saturating_since(before) < Duration::from_secs(3), "{method} {path}");
        assert!(server.lock().all_faults_happened(), "{method} {path}");
    }
}

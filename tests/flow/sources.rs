//! Several sources in one streamer, told apart by the size of their pictures, and viewers that are shown one or the other.

use super::rungs::{lost_nothing, shown};
use super::*;

/// Sides of the pictures of source 0 and of the other one.
pub const FIRST: u32 = 64;
pub const SECOND: u32 = 96;

/// One more source of a host, drawn on a thread of its own until dropped.
pub struct Drawn {
    pub source: SourceId,
    side: Arc<AtomicU32>,
    stop: Option<crossbeam_channel::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drawn {
    pub fn start(host: &Host) -> Self {
        let source = host.streamer.create_source(SourceOptions { label: "map".into(), ..Default::default() }).unwrap();
        let (stop, stopped) = crossbeam_channel::bounded(1);
        let (own, side) = (Arc::clone(&host.streamer), Arc::new(AtomicU32::new(SECOND)));
        let drawn = Arc::clone(&side);
        let thread = std::thread::spawn(move || {
            let mut frame = 0_u8;
            let period = Duration::from_millis(20);
            while stopped.recv_timeout(period) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
                let side = drawn.load(Ordering::Relaxed);
                frame = frame.wrapping_add(5);
                let picture = vec![frame; (side * side * 4) as usize];
                // Destroyed at the end of some tests.
                let Ok(source) = own.source(source).map_err(drop) else { continue };
                if side > 0 {
                    let planes = [(&picture[..], side as usize * 4)];
                    source.push_video(PixelFormat::Rgba8, Size::new(side, side), &planes, 0, false).unwrap();
                }
            }
        });
        Self { source, side, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A viewer with its number.
pub async fn open(host: &Host, link: &str) -> (Viewer, ViewerId) {
    let mut viewer = Viewer::open(link).await.unwrap();
    loop {
        match host.streamer.poll_event() {
            Some(event) if event.kind == EventKind::ViewerConnected => {
                knows_size(&mut viewer).await;
                return (viewer, event.viewer);
            }
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    }
}

fn show(host: &Host, viewer: ViewerId, source: SourceId) {
    host.streamer.set_viewer_source(Some(viewer), source).unwrap();
}

pub fn sides(viewer: &Viewer) -> Vec<u32> {
    viewer.sizes().into_iter().map(|(width, _)| width).collect()
}

/// Source and viewers of each open encoder.
pub fn layers(host: &Host) -> Vec<(u32, usize)> {
    host.streamer.stats().layers.iter().map(|layer| (layer.source, layer.viewers)).collect()
}

pub async fn until(done: impl FnMut() -> bool) {
    assert!(comes(done).await, "it never came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_viewer_is_shown_its_source_and_each_source_is_encoded_once() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    let (mut a, _) = open(&host, &link).await;
    let (mut b, b_number) = open(&host, &link).await;
    let (mut c, c_number) = open(&host, &link).await;
    let keyframes = |viewer: &Viewer| viewer.received.keyframes.load(Ordering::Relaxed);
    let before = keyframes(&a) - host.counter("viewer_resyncs");
    for (viewer, number) in [(&mut b, b_number), (&mut c, c_number)] {
        show(&host, number, drawn.source);
        shown(viewer, SECOND).await;
        assert_eq!(host.event(EventKind::SourceChanged).await, "1");
        assert_eq!(sides(viewer), [FIRST, SECOND]);
        assert_eq!(host.streamer.viewer_figures(number).unwrap().source, drawn.source);
    }
    assert!(more_frames(&mut a, 20).await);
    assert_eq!(sides(&a), [FIRST]);
    assert_eq!(layers(&host), [(0, 1), (1, 2)]);
    // That the others went elsewhere cost it none.
    assert_eq!(keyframes(&a), before + host.counter("viewer_resyncs"));
    let sources = host.streamer.stats().sources;
    let seen: Vec<_> = sources.iter().map(|source| (source.label.as_str(), source.width, source.viewers)).collect();
    assert_eq!(seen, [("", FIRST, 1), ("map", SECOND, 2)]);
    assert!(sources.iter().all(|source| source.frames > 0), "{sources:?}");
    let report = host.streamer.viewer_report(b_number, None).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let all = || report.as_object().unwrap().values();
    let video = all().find(|entry| entry["type"] == "outbound-rtp" && entry["kind"] == "video").unwrap();
    let source = &report[video["mediaSourceId"].as_str().unwrap()];
    assert_eq!((&source["type"], &source["trackIdentifier"]), (&"media-source".into(), &"source-1".into()));
    assert_eq!((&source["width"], &source["height"]), (&SECOND.into(), &SECOND.into()), "{source}");
    for viewer in [a, b, c] {
        lost_nothing(&viewer);
        viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_goes_back_and_forth_loses_no_packet_and_its_sound_goes_on() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    let (mut other, _) = open(&host, &link).await;
    let (mut viewer, number) = open(&host, &link).await;
    let mut seen = vec![FIRST];
    for round in 0..6 {
        let (source, side) = if round % 2 == 0 { (drawn.source, SECOND) } else { (SourceId(0), FIRST) };
        let sound = viewer.received.audio_packets.load(Ordering::Relaxed);
        show(&host, number, source);
        shown(&mut viewer, side).await;
        assert!(viewer.wait(|r| r.audio_packets.load(Ordering::Relaxed) > sound).await);
        seen.push(side);
    }
    assert_eq!(sides(&viewer), seen);
    [&viewer, &other].into_iter().for_each(lost_nothing);
    assert!(more_frames(&mut other, 5).await);
    assert_eq!(sides(&other), [FIRST]);
    let stamps: Vec<_> = viewer.received.arrivals.lock().unwrap().iter().map(|arrival| arrival.timestamp).collect();
    let steps: Vec<_> = stamps.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]).cast_signed()).collect();
    assert!(steps.iter().all(|step| (1..90_000 * 2).contains(step)), "{steps:?}");
    viewer.leave().await;
    other.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_of_a_destroyed_source_are_shown_the_first_one_and_its_encoder_ends() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    host.streamer.set_viewer_source(None, drawn.source).unwrap();
    let (mut viewer, number) = open(&host, &link).await;
    assert_eq!(sides(&viewer), [SECOND], "viewers to come begin there");
    assert_eq!(layers(&host), [(1, 1)]);
    host.streamer.destroy_source(drawn.source).unwrap();
    shown(&mut viewer, FIRST).await;
    assert_eq!(host.event(EventKind::SourceChanged).await, "0");
    until(|| layers(&host) == [(0, 1)]).await;
    assert!(host.streamer.set_viewer_source(Some(number), drawn.source).is_err());
    assert!(host.streamer.set_viewer_source(Some(ViewerId(0)), SourceId(0)).is_err());
    let (newcomer, _) = open(&host, &link).await;
    assert_eq!(sides(&newcomer), [FIRST]);
    for viewer in [viewer, newcomer] {
        lost_nothing(&viewer);
        viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_shown_a_source_that_stands_still_as_soon_as_it_has_had_a_picture() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    drawn.side.store(0, Ordering::Relaxed);
    until(|| host.counter("video_frames_pushed") > 0).await;
    let (mut a, _) = open(&host, &link).await;
    let (mut b, _) = open(&host, &link).await;
    let empty = host.streamer.create_source(SourceOptions::default()).unwrap();
    host.streamer.set_every_viewers_source(empty).unwrap();
    // Without a picture there is nothing to be shown: what they have goes on.
    assert!(more_frames(&mut a, 30).await && more_frames(&mut b, 30).await);
    assert_eq!((sides(&a), sides(&b)), (vec![FIRST], vec![FIRST]));
    let picture = vec![77; (SECOND * SECOND * 4) as usize];
    let planes = [(&picture[..], SECOND as usize * 4)];
    let source = host.streamer.source(empty).unwrap();
    source.push_video(PixelFormat::Rgba8, Size::new(SECOND, SECOND), &planes, 0, false).unwrap();
    for viewer in [&mut a, &mut b] {
        let last = |r: &viewer::Received| r.arrivals.lock().unwrap().last().and_then(|arrival| arrival.size);
        assert!(viewer.wait(|r| last(r) == Some((SECOND, SECOND))).await, "{:?}", viewer.sizes());
    }
    let (c, _) = open(&host, &link).await;
    assert_eq!(sides(&c), [SECOND], "one that comes later");
    for viewer in [a, b, c] {
        viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_outlive_a_stop_and_work_after_the_next_start() {
    let host = Host::start(LOCAL);
    host.link().await;
    let drawn = Drawn::start(&host);
    host.streamer.set_viewer_source(None, drawn.source).unwrap();
    host.streamer.stop();
    let made_while_stopped = host.streamer.create_source(SourceOptions::default()).unwrap();
    host.streamer.start().unwrap();
    let (viewer, _) = open(&host, &host.link().await).await;
    assert_eq!(sides(&viewer), [SECOND]);
    host.streamer.destroy_source(made_while_stopped).unwrap();
    viewer.leave().await;
}

//! Viewers with different links.

use super::encoders::FailsWhen;
use super::*;

/// Two rungs for pictures of 480x480: the upper one needs 322 kbit/s, the lower one 100.
pub const LADDER: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},"video":{
    "fps":50,"start_bitrate_kbps":1000,"min_bitrate_kbps":100,"max_bitrate_kbps":2000}}"#;
pub const SIDE: u32 = 480;

/// A viewer whose page takes so little that the whole picture would not look good, sound taken off.
async fn open_slow(link: &str) -> Viewer {
    Viewer::open_asking(link, Asked { most: Some(300), ..Asked::default() }).await.unwrap()
}

/// What a page asks for that has the whole picture however busy this machine is, which looks like a link that carries less: the
/// most there is, of which it may lose half (`Group::floor`).
pub const WHOLE: Asked = Asked { least: Some(2_000), most: None };

pub async fn open_whole(link: &str) -> Viewer {
    Viewer::open_asking(link, WHOLE).await.unwrap()
}

pub fn ladder_host(selector: Option<Selector>) -> Host {
    let config = Config::from_json(LADDER).unwrap();
    let streamer = match selector {
        Some(selector) => Streamer::with_selector(config, selector),
        None => Streamer::new(config),
    };
    let host = Host::with(streamer.unwrap());
    host.side.store(SIDE, Ordering::Relaxed);
    host
}

pub fn lost_nothing(viewer: &Viewer) {
    let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
    assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
}

/// Waits until the last picture of `viewer` has that size and three more have come.
pub async fn shown(viewer: &mut Viewer, side: u32) {
    let last = |r: &viewer::Received| r.arrivals.lock().unwrap().last().and_then(|arrival| arrival.size);
    assert!(viewer.wait(|r| last(r) == Some((side, side))).await, "{side}: {:?}", viewer.sizes());
    assert!(more_frames(viewer, 3).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_comes_back_begins_with_what_its_path_carried() {
    let mut config = Config::from_json(LADDER).unwrap();
    config.video.start_bitrate_kbps = 300;
    let host = Host::with(Streamer::new(config).unwrap());
    host.side.store(SIDE, Ordering::Relaxed);
    let link = host.link().await;
    // From another address, so that it teaches nothing about the next one's.
    let mut other = Viewer::open_from(&link, std::net::Ipv4Addr::new(127, 0, 0, 2)).await.unwrap();
    assert!(more_frames(&mut other, 5).await);
    let mut viewer = Viewer::open(&link).await.unwrap();
    shown(&mut viewer, SIDE).await;
    assert_eq!(viewer.sizes(), [(SIDE / 2, SIDE / 2), (SIDE, SIDE)], "a stranger's link is taken to carry little");
    // A report must have told that the path works, at a moment when this machine left it room. Without memory none of these
    // begins with the whole picture.
    let mut begun = Vec::new();
    while begun.len() < 4 && begun.last() != Some(&(SIDE, SIDE)) {
        assert!(more_frames(&mut viewer, 100).await);
        viewer.leave().await;
        viewer = Viewer::open(&link).await.unwrap();
        knows_size(&mut viewer).await;
        begun.push(viewer.sizes()[0]);
    }
    assert_eq!(begun.last(), Some(&(SIDE, SIDE)), "{begun:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_with_a_slow_link_gets_a_smaller_picture_and_another_keeps_its_own() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut fast = open_whole(&link).await;
    assert!(more_frames(&mut fast, 20).await);
    let mut slow = open_slow(&link).await;
    shown(&mut slow, SIDE / 2).await;
    assert!(more_frames(&mut fast, 50).await && more_frames(&mut slow, 20).await);
    assert_eq!((fast.sizes(), slow.sizes()), (vec![(SIDE, SIDE)], vec![(SIDE / 2, SIDE / 2)]));
    let layers = host.streamer.stats().layers;
    let seen: Vec<_> = layers.iter().map(|layer| (layer.rung, layer.width, layer.viewers)).collect();
    assert_eq!(seen, [(0, SIDE, 1), (1, SIDE / 2, 1)], "{layers:?}");
    assert!(layers[1].target_bitrate_kbps <= 300 && layers[0].target_bitrate_kbps > 300, "{layers:?}");
    // It began with one, and the other one's coming cost it none.
    assert_eq!(fast.received.keyframes.load(Ordering::Relaxed), 1 + host.counter("viewer_resyncs"));
    [&fast, &slow].into_iter().for_each(lost_nothing);
    slow.leave().await;
    assert!(more_frames(&mut fast, 10).await);
    fast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_viewer_makes_room_for_a_faster_one_and_gets_the_encoder_back_without_losing_a_frame() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut slow = open_slow(&link).await;
    // Alone it has the encoder to itself, which makes as much of the picture as the link carries.
    let alone = SIDE * 3 / 4;
    shown(&mut slow, alone).await;
    let mut fast = open_whole(&link).await;
    shown(&mut slow, SIDE / 2).await;
    shown(&mut fast, SIDE).await;
    fast.leave().await;
    shown(&mut slow, alone).await;
    assert_eq!(slow.sizes(), [alone, SIDE / 2, alone].map(|side| (side, side)));
    lost_nothing(&slow);
    slow.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_one_encoder_is_all_there_is_everybody_shares_it() {
    /// A driver's only session, given back when its encoder ends.
    struct Session(Arc<AtomicU32>);
    impl Drop for Session {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let open = Arc::new(AtomicU32::new(0));
    let single = Candidate::new("single", Codec::H264, move |settings| {
        let session = Session(Arc::clone(&open));
        if open.fetch_add(1, Ordering::Relaxed) >= 1 {
            return Err(EncodeError::Failed { encoder: "single".into(), reason: "out of sessions".into() });
        }
        let encoder = FakeEncoder::new(Codec::H264, settings).with_sizes([300]);
        let failing = move || session.0.load(Ordering::Relaxed) > 100;
        Ok(Box::new(FailsWhen { encoder, failing }))
    });
    let host = ladder_host(Some(Selector::with_candidates("auto", vec![single]).unwrap()));
    let link = host.link().await;
    let mut fast = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut fast, 5).await);
    let mut slow = open_slow(&link).await;
    let told = host.event(EventKind::EncoderUnavailable).await;
    assert!(told.contains("out of sessions"), "{told}");
    for viewer in [&mut fast, &mut slow] {
        assert!(more_frames(viewer, 30).await, "{:?}", host.streamer.stats());
        lost_nothing(viewer);
    }
    let stats = host.streamer.stats();
    assert_eq!((stats.encoders, stats.layers[0].viewers, host.counter("encoder_failures")), (1, 2, 0));
    fast.leave().await;
    slow.leave().await;
}

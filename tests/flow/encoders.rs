//! Encoders that fail, are missing, or are asked for too much.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_that_fails_mid_stream_is_replaced_and_viewers_stay() {
    /// The picture of the test, told from the proofs'.
    const STREAM: Size = Size::new(64, 64);
    /// Keyframes that the viewer had when the second encoder was opened for the stream.
    static HAD: OnceLock<u64> = OnceLock::new();
    static RECEIVED: OnceLock<Arc<viewer::Received>> = OnceLock::new();
    let failing = Candidate::new("first", Codec::H264, |settings| {
        let encoder = FakeEncoder::new(Codec::H264, settings).named("first");
        // Not before there is a viewer that has seen it work.
        Ok(Box::new(FailsWhen { encoder, failing: || RECEIVED.get().is_some() }))
    });
    let second = Candidate::new("second", Codec::H264, |settings| {
        if let Some(received) = RECEIVED.get().filter(|_| settings.size == STREAM) {
            HAD.get_or_init(|| received.keyframes.load(Ordering::Relaxed));
        }
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("second")))
    });
    let selector = Selector::with_candidates("auto", vec![failing, second]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 30).await);
    assert_eq!(host.streamer.stats().encoder, "first");
    RECEIVED.set(Arc::clone(&viewer.received)).unwrap();
    let after = |r: &viewer::Received| HAD.get().is_some_and(|had| r.keyframes.load(Ordering::Relaxed) > *had);
    assert!(viewer.wait(after).await, "the new encoder starts with a keyframe");
    assert!(more_frames(&mut viewer, 30).await);
    let kinds = [EventKind::EncoderSelected, EventKind::EncoderFailed, EventKind::ViewerConnected];
    let told: Vec<_> = std::iter::from_fn(|| host.streamer.poll_event())
        .filter(|e| kinds.contains(&e.kind) || e.kind == EventKind::ViewerDisconnected)
        .map(|e| (e.kind, e.message))
        .collect();
    let order: Vec<_> = told.iter().map(|(kind, _)| *kind).filter(|kind| *kind != kinds[2]).collect();
    assert_eq!(order, [kinds[0], kinds[1], kinds[0]], "{told:?}");
    assert!(
        told.iter()
            .filter(|(kind, _)| order.contains(kind))
            .map(|(_, m)| m)
            .zip(["first", "first", "second"])
            .all(|(message, name)| message.contains(name)),
        "{told:?}"
    );
    assert_eq!(host.streamer.stats().encoder, "second");
    assert_eq!((host.counter("encoder_failures"), host.counter("viewers_left")), (1, 0));
    let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
    assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
    viewer.leave().await;
}

/// Works until the test says otherwise.
pub struct FailsWhen<F> {
    pub encoder: FakeEncoder,
    pub failing: F,
}

impl<F: Fn() -> bool + Send> VideoEncoder for FailsWhen<F> {
    fn name(&self) -> &'static str {
        self.encoder.name()
    }
    fn codec(&self) -> Codec {
        self.encoder.codec()
    }
    fn settings(&self) -> EncoderSettings {
        self.encoder.settings()
    }
    fn rate_change(&self) -> RateChange {
        self.encoder.rate_change()
    }
    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        if (self.failing)() {
            return Err(EncodeError::Failed { encoder: self.name().into(), reason: "by script".into() });
        }
        self.encoder.encode(frame, keyframe)
    }
    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        self.encoder.set_rate(bitrate, fps)
    }
}

/// `viewer` says that it lost its picture, with every frame it gets, until it has had `keyframes` more.
async fn keep_asking(viewer: &mut Viewer, keyframes: u64) {
    let enough = viewer.received.keyframes.load(Ordering::Relaxed) + keyframes;
    while viewer.received.keyframes.load(Ordering::Relaxed) < enough {
        assert!(more_frames(viewer, 1).await);
        viewer.request_keyframe().await.unwrap();
    }
}

fn fake(settings: EncoderSettings) -> Result<Box<dyn VideoEncoder>, EncodeError> {
    Ok(Box::new(FakeEncoder::new(Codec::H264, settings)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_keeps_asking_for_keyframes_costs_another_no_more_than_its_share() {
    let selector = Selector::with_candidates("auto", vec![Candidate::new("fake", Codec::H264, fake)]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let link = host.link().await;
    let mut well = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut well, 5).await);
    let mut broken = Viewer::open(&link).await.unwrap();
    // Among the others it would take minutes for so many.
    let asking = keep_asking(&mut broken, 12);
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("the broken viewer is served");
    // One at each joining, and three.
    let seen = well.received.keyframes.load(Ordering::Relaxed);
    assert!(seen <= 5 + host.counter("viewer_resyncs"), "{seen} keyframes");
    assert_eq!((host.counter("viewers_isolated"), host.streamer.stats().encoders), (1, 2));
    for viewer in [&mut well, &mut broken] {
        assert!(more_frames(viewer, 20).await);
        let (missing, stepped_back) = (&viewer.received.video_missing, &viewer.received.stepped_back);
        assert_eq!((missing.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
    }
    broken.leave().await;
    host.event(EventKind::ViewerDisconnected).await;
    assert_eq!(host.streamer.stats().encoders, 1, "the repair encoder ends with its last viewer");
    assert!(more_frames(&mut well, 5).await);
    well.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_second_encoder_can_be_had_who_keeps_asking_stays_and_is_heard_less_often() {
    // Its proof, the one for everybody, and no more.
    let opened = AtomicU32::new(0);
    let single = Candidate::new("single", Codec::H264, move |settings| {
        if opened.fetch_add(1, Ordering::Relaxed) >= 2 {
            return Err(EncodeError::Failed { encoder: "single".into(), reason: "out of sessions".into() });
        }
        fake(settings)
    });
    let selector = Selector::with_candidates("auto", vec![single]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let link = host.link().await;
    let mut well = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut well, 5).await);
    let mut broken = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut broken, 1).await);
    let message = async {
        loop {
            broken.request_keyframe().await.unwrap();
            assert!(more_frames(&mut broken, 1).await);
            match host.streamer.poll_event() {
                Some(event) if event.kind == EventKind::EncoderUnavailable => break event.message,
                _ => {}
            }
        }
    };
    let message = tokio::time::timeout(Duration::from_secs(20), message).await.expect("it is told");
    assert!(message.contains("second") && message.contains("out of sessions"), "{message}");
    assert_eq!(host.streamer.stats().encoders, 1);
    assert_eq!(host.counter("encoder_failures"), 0, "the encoder in use is not blamed");
    for viewer in [&mut well, &mut broken] {
        assert!(more_frames(viewer, 50).await);
    }
    well.leave().await;
    broken.leave().await;
}

#[test]
fn an_unknown_encoder_is_refused_with_the_known_names() {
    let config = Config::from_json(r#"{"video":{"encoder":"h265_magic"}}"#).unwrap();
    let error = Streamer::new(config).unwrap_err().to_string();
    assert!(error.contains("video.encoder") && error.contains("openh264"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_size_that_no_encoder_takes_is_said_and_the_next_one_plays_again() {
    let picky = Candidate::new("picky", Codec::H264, |settings| {
        if settings.size.width < 32 {
            return Err(EncodeError::Failed { encoder: "picky".into(), reason: "too small".into() });
        }
        Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("picky")))
    });
    let selector = Selector::with_candidates("auto", vec![picky]).unwrap();
    let host = Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 3).await);
    host.side.store(16, Ordering::Relaxed);
    assert!(host.event(EventKind::EncoderMissing).await.contains("too small"));
    host.side.store(64, Ordering::Relaxed);
    assert!(more_frames(&mut viewer, 10).await);
    viewer.leave().await;
}

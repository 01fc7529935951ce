//! What the host lets single viewers have: whether anything is sent, how much of the picture, and in which codec.

use rendercast::streamer::{MediaKind, SenderError, SenderParameters, ViewerState};
use rendercast::units::ViewerId;

use super::rungs::{SIDE, ladder_host, lost_nothing, open_whole, shown};
use super::*;

/// In the order of their coming.
fn ids(host: &Host) -> Vec<ViewerId> {
    host.streamer.viewers().iter().map(|viewer| viewer.viewer).collect()
}

fn usual() -> SenderParameters {
    SenderParameters::default()
}

fn set_video(host: &Host, viewer: ViewerId, parameters: SenderParameters) {
    host.streamer.set_sender_parameters(viewer, MediaKind::Video, parameters).unwrap();
    assert_eq!(host.streamer.sender_parameters(viewer, MediaKind::Video), Ok(parameters));
}

async fn until(host: &Host, done: impl Fn() -> bool) {
    assert!(comes(done).await, "it never came: {:?}", host.streamer.stats());
}

fn keyframes(viewer: &Viewer) -> u64 {
    viewer.received.keyframes.load(Ordering::Relaxed)
}

fn sound(viewer: &Viewer) -> u64 {
    viewer.received.audio_packets.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_switched_off_gets_nothing_while_another_plays_and_a_keyframe_when_it_is_on_again() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut one = Viewer::open(&link).await.unwrap();
    let mut two = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut one, 5).await && more_frames(&mut two, 5).await);
    let id = ids(&host)[0];
    assert!(host.streamer.viewers().iter().all(|viewer| viewer.state == ViewerState::Connected));

    set_video(&host, id, SenderParameters { active: false, ..usual() });
    until(&host, || host.streamer.stats().layers[0].viewers == 1).await;
    // What was on its way comes in.
    assert!(more_frames(&mut two, 25).await);
    let (stood, heard) = (frames(&one), sound(&one));
    assert!(more_frames(&mut two, 50).await);
    assert_eq!(frames(&one), stood);
    assert!(sound(&one) > heard, "sound goes on");

    let had = keyframes(&one);
    set_video(&host, id, usual());
    assert!(one.wait(|r| r.keyframes.load(Ordering::Relaxed) > had).await);
    assert!(more_frames(&mut one, 20).await);
    lost_nothing(&one);

    let mute =
        |active| host.streamer.set_sender_parameters(id, MediaKind::Audio, SenderParameters { active, ..usual() });
    mute(false).unwrap();
    assert!(more_frames(&mut one, 25).await);
    let heard = sound(&one);
    assert!(more_frames(&mut one, 25).await && more_frames(&mut two, 25).await);
    assert_eq!(sound(&one), heard);
    mute(true).unwrap();
    assert!(one.wait(|r| r.audio_packets.load(Ordering::Relaxed) > heard + 10).await);
    let slow = SenderParameters { max_framerate: Some(5), ..usual() };
    assert_eq!(host.streamer.set_sender_parameters(id, MediaKind::Audio, slow), Err(SenderError::OnlyActive));

    // Nobody watches any more: the encoder ends.
    ids(&host).into_iter().for_each(|id| set_video(&host, id, SenderParameters { active: false, ..usual() }));
    until(&host, || host.streamer.stats().encoders == 0).await;
    set_video(&host, id, usual());
    assert!(more_frames(&mut one, 10).await);
    one.leave().await;
    two.leave().await;
    until(&host, || host.streamer.viewers().is_empty()).await;
    assert_eq!(host.streamer.sender_parameters(id, MediaKind::Video), Err(SenderError::NoViewer(id)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_scaled_down_for_one_viewer_is_whole_for_another() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut one = open_whole(&link).await;
    let mut two = open_whole(&link).await;
    shown(&mut one, SIDE).await;
    shown(&mut two, SIDE).await;
    let (id, before) = (ids(&host)[0], two.sizes());
    // A rung of everybody's, a size that is its own, and back.
    for (scale_resolution_down_by, side) in [(2.0, SIDE / 2), (1.5, SIDE * 2 / 3), (1.0, SIDE)] {
        set_video(&host, id, SenderParameters { scale_resolution_down_by, ..usual() });
        shown(&mut one, side).await;
    }
    assert!(more_frames(&mut two, 10).await);
    assert_eq!(two.sizes(), before);
    [&one, &two].into_iter().for_each(lost_nothing);
    one.leave().await;
    two.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_on_one_viewers_rate_is_kept_by_a_smaller_picture_and_another_keeps_its_own() {
    let host = ladder_host(None);
    let link = host.link().await;
    let mut one = open_whole(&link).await;
    let mut two = open_whole(&link).await;
    shown(&mut one, SIDE).await;
    shown(&mut two, SIDE).await;
    let before = two.sizes();
    set_video(&host, ids(&host)[0], SenderParameters { max_bitrate: Some(Bitrate::from_kbps(200)), ..usual() });
    shown(&mut one, SIDE / 2).await;
    let layers = || host.streamer.stats().layers;
    until(&host, || layers().iter().any(|layer| layer.rung == 1 && layer.target_bitrate_kbps <= 200)).await;
    assert!(more_frames(&mut two, 20).await);
    assert!(layers().iter().any(|layer| layer.rung == 0 && layer.target_bitrate_kbps > 322), "{:?}", layers());
    assert_eq!(two.sizes(), before);
    [&one, &two].into_iter().for_each(lost_nothing);
    one.leave().await;
    two.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_on_one_viewers_frame_rate_leaves_anothers_as_it_is() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut one = Viewer::open(&link).await.unwrap();
    let mut two = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut one, 5).await && more_frames(&mut two, 5).await);
    set_video(&host, ids(&host)[0], SenderParameters { max_framerate: Some(10), ..usual() });
    until(&host, || host.streamer.stats().layers.iter().any(|layer| layer.fps == 10 && layer.viewers == 1)).await;
    until(&host, || host.streamer.stats().layers.iter().any(|layer| layer.fps == 50 && layer.viewers == 1)).await;
    assert!(more_frames(&mut one, 5).await);
    let from = one.received.arrivals.lock().unwrap().len();
    assert!(more_frames(&mut one, 20).await);
    let stamps: Vec<u32> = one.received.arrivals.lock().unwrap()[from..].iter().map(|a| a.timestamp).collect();
    let span = stamps[stamps.len() - 1].wrapping_sub(stamps[0]) / (stamps.len() as u32 - 1);
    assert!(span > 9_000 * 8 / 10, "every {span} ticks of 90 kHz: {stamps:?}");
    [&one, &two].into_iter().for_each(lost_nothing);
    one.leave().await;
    two.leave().await;
}

pub fn two_codecs() -> Host {
    let fake = |codec| Candidate::new("fake", codec, move |settings| Ok(Box::new(FakeEncoder::new(codec, settings))));
    let selector = Selector::with_candidates("auto", vec![fake(Codec::H264), fake(Codec::Vp8)]).unwrap();
    Host::with(Streamer::with_selector(Config::from_json(LOCAL).unwrap(), selector).unwrap())
}

/// How many viewers each codec has.
pub fn codecs(host: &Host) -> Vec<(&'static str, usize)> {
    let layers = host.streamer.stats().layers;
    layers.iter().filter(|layer| layer.viewers > 0).map(|layer| (layer.codec, layer.viewers)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewers_codec_changes_while_it_plays_and_back_without_a_negotiation_or_a_lost_packet() {
    let host = two_codecs();
    let link = host.link().await;
    let mut one = Viewer::open(&link).await.unwrap();
    let mut two = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut one, 10).await && more_frames(&mut two, 10).await);
    let id = ids(&host)[0];
    let described = one.connection.remote_description().await.unwrap().sdp;
    assert!(described.contains("H264/90000") && described.contains("VP8/90000"), "{described}");
    let prefer = |codecs| host.streamer.set_codec_preferences(Some(id), codecs);
    for (list, wanted) in [
        ("vp8,h264", vec![("H264", 1), ("VP8", 1)]),
        ("h264", vec![("H264", 2)]),
        ("vp8", vec![("H264", 1), ("VP8", 1)]),
        ("", vec![("H264", 2)]),
    ] {
        prefer(list).unwrap();
        until(&host, || codecs(&host) == wanted).await;
        assert!(more_frames(&mut one, 20).await && more_frames(&mut two, 10).await, "{list}");
    }
    assert_eq!(host.streamer.set_codec_preferences(Some(id), "av1,vp9"), Err(SenderError::NoneWorks));
    assert_eq!(one.connection.remote_description().await.unwrap().sdp, described);
    [&one, &two].into_iter().for_each(lost_nothing);
    assert_eq!((host.counter("media_packets_refused"), host.counter("viewer_resyncs")), (0, 0));
    one.leave().await;
    two.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_to_come_begin_with_the_codec_that_is_preferred_by_then() {
    let host = two_codecs();
    host.streamer.set_codec_preferences(None, "vp8").unwrap();
    let link = host.link().await;
    let mut one = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut one, 10).await);
    assert_eq!(codecs(&host), [("VP8", 1)]);
    host.streamer.set_codec_preferences(None, "").unwrap();
    let mut two = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut two, 10).await);
    assert_eq!(codecs(&host), [("H264", 1), ("VP8", 1)]);
    one.leave().await;
    two.leave().await;
}

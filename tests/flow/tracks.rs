//! Several video tracks in one connection that the library negotiates: another source beside the first, while that one plays.

use rendercast::streamer::{Direction, TrackError, TrackOptions};
use rendercast::units::SenderId;

use super::rungs::lost_nothing;
use super::sources::{Drawn, FIRST, SECOND, layers, open, sides, until};
use super::*;

fn of(source: SourceId) -> TrackOptions {
    TrackOptions { source, stream: Some("map".into()), ..TrackOptions::default() }
}

/// Frames on the track of that stream.
fn frames_of(viewer: &Viewer, stream: &str) -> u64 {
    viewer.of_stream(stream).map_or(0, |received| received.video_frames.load(Ordering::Relaxed))
}

/// Waits until more has come on that track, the last of it with pictures of that side.
async fn plays(viewer: &Viewer, stream: &str, side: u32) {
    let before = frames_of(viewer, stream);
    until(|| frames_of(viewer, stream) >= before + 5).await;
    let last = || viewer.of_stream(stream)?.arrivals.lock().unwrap().last()?.size;
    until(|| last() == Some((side, side))).await;
}

/// The streams of video, by their sections.
fn outbound(host: &Host, viewer: ViewerId) -> Vec<serde_json::Value> {
    let report: serde_json::Value = serde_json::from_str(&host.streamer.viewer_report(viewer, None).unwrap()).unwrap();
    let all = report.as_object().unwrap().values();
    let video = all.filter(|entry| entry["type"] == "outbound-rtp" && entry["kind"] == "video");
    let mut video: Vec<_> = video.cloned().collect();
    video.sort_by_key(|entry| entry["mid"].as_str().map(str::to_owned));
    video
}

/// A viewer who is shown the second source beside the first, on a track of its own.
async fn shown_both(host: &Host, drawn: &Drawn, link: &str) -> (Viewer, ViewerId, SenderId) {
    let (viewer, number) = open(host, link).await;
    let sender = host.streamer.add_track(number, of(drawn.source)).unwrap();
    plays(&viewer, "map", SECOND).await;
    (viewer, number, sender)
}

async fn ends(viewer: &mut Viewer, stream: &str) {
    let mut before = frames_of(viewer, stream);
    loop {
        assert!(more_frames(viewer, 20).await);
        if std::mem::replace(&mut before, frames_of(viewer, stream)) == frames_of(viewer, stream) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_source_plays_beside_the_first_from_its_adding_to_its_removal() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    let (mut viewer, number, sender) = shown_both(&host, &drawn, &link).await;
    assert_eq!(layers(&host), [(0, 1), (1, 1)]);
    assert!(more_frames(&mut viewer, 10).await);
    assert_eq!(sides(&viewer), [FIRST]);
    let told = outbound(&host, number);
    let [first, second] = &told[..] else { panic!("{told:?}") };
    for (entry, source, side) in [(first, "video-source-0", FIRST), (second, "video-source-1", SECOND)] {
        assert_eq!((&entry["mediaSourceId"], &entry["frameWidth"]), (&source.into(), &side.into()), "{entry}");
        assert_eq!((&entry["active"], &entry["qualityLimitationReason"]), (&true.into(), &"none".into()), "{entry}");
        assert!(entry["framesSent"].as_u64() > Some(4) && entry["targetBitrate"].is_u64(), "{entry}");
    }
    assert!(first["mid"] != second["mid"] && first["ssrc"] != second["ssrc"], "{told:?}");

    // Another source, by the same SSRC: nothing is lost, and each source is encoded once whoever shows it.
    host.streamer.replace_track(number, sender, SourceId(0)).unwrap();
    plays(&viewer, "map", FIRST).await;
    until(|| layers(&host) == [(0, 2)]).await;
    let map = viewer.of_stream("map").unwrap();
    assert_eq!((map.video_missing.load(Ordering::Relaxed), map.stepped_back.load(Ordering::Relaxed)), (0, 0));

    host.streamer.remove_track(number, sender).unwrap();
    ends(&mut viewer, "map").await;
    until(|| layers(&host) == [(0, 1)]).await;
    assert_eq!(host.streamer.remove_track(number, sender), Err(TrackError::NoSender(sender)));
    lost_nothing(&viewer);

    // A new one goes into the section that is free, with a number and an SSRC of its own.
    let next = host.streamer.add_track(number, of(drawn.source)).unwrap();
    assert_eq!(next, SenderId(sender.0 + 1));
    plays(&viewer, "map", SECOND).await;
    let sections = host.streamer.transceivers(number).unwrap();
    assert_eq!(sections.len(), 3, "{sections:?}");
    lost_nothing(&viewer);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_track_that_is_turned_off_costs_no_encoder_and_comes_back() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    let (mut viewer, number, sender) = shown_both(&host, &drawn, &link).await;
    for _ in 0..3 {
        host.streamer.set_track_direction(number, sender, Direction::INACTIVE).unwrap();
        ends(&mut viewer, "map").await;
        until(|| layers(&host) == [(0, 1)]).await;
        host.streamer.set_track_direction(number, sender, Direction::SENDONLY).unwrap();
        plays(&viewer, "map", SECOND).await;
    }
    lost_nothing(&viewer);
    viewer.leave().await;
    until(|| layers(&host).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_viewer_is_shown_beside_the_first_is_nobody_elses() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let drawn = Drawn::start(&host);
    let (mut other, _) = open(&host, &link).await;
    let (mut one, ..) = shown_both(&host, &drawn, &link).await;
    assert!(more_frames(&mut other, 20).await && more_frames(&mut one, 20).await);
    assert!(other.beside.lock().unwrap().is_empty());
    assert_eq!((sides(&one), sides(&other)), (vec![FIRST], vec![FIRST]));
    for viewer in [one, other] {
        lost_nothing(&viewer);
        viewer.leave().await;
    }
}

//! The quality menu of a page: what a viewer chooses for itself, within what the host has granted.

use rendercast::streamer::{MediaKind, SenderParameters};
use serde_json::{Value, json};

use super::control::{HELLO, Page, input, until};
use super::granted::{codecs, two_codecs};
use super::rungs::{LADDER, SIDE, WHOLE, ladder_host, lost_nothing, shown};
use super::*;

async fn choose(page: &Page, quality: Value) {
    let mut message = quality;
    message["type"] = "quality".into();
    page.say(&message.to_string()).await;
}

/// The next welcome that says this of the quality.
async fn in_effect(page: &Page, quality: Value) -> Value {
    loop {
        let welcome = page.hears("welcome").await;
        if welcome["quality"] == quality {
            return welcome;
        }
    }
}

fn set_video(host: &Host, page: &Page, parameters: SenderParameters) {
    host.streamer.set_sender_parameters(page.id, MediaKind::Video, parameters).unwrap();
}

/// A page that has a whole picture.
async fn open(host: &Host) -> Page {
    let (mut page, _) = Page::open_asking(host, HELLO, WHOLE).await;
    shown(&mut page.viewer, SIDE).await;
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_chooses_a_smaller_picture_gets_it_and_another_notices_nothing() {
    let host = ladder_host(None);
    let (mut one, mut two) = (open(&host).await, open(&host).await);
    let before = two.viewer.sizes();
    choose(&one, json!({"rung": 1})).await;
    let welcome = in_effect(&one, json!({"rung": 1, "codec": null, "max_kbps": null})).await;
    assert_eq!(welcome["layers"][1], json!({"rung": 1, "width": SIDE / 2, "height": SIDE / 2}));
    shown(&mut one.viewer, SIDE / 2).await;
    // Alone in its rung, with a link that carries the whole picture, it stays there.
    assert!(more_frames(&mut one.viewer, 60).await);
    assert_eq!(one.viewer.sizes().last(), Some(&(SIDE / 2, SIDE / 2)));
    choose(&one, json!({"rung": null})).await;
    shown(&mut one.viewer, SIDE).await;
    // A number that no rung has is the smallest one's.
    choose(&one, json!({"rung": 9})).await;
    in_effect(&one, json!({"rung": 1, "codec": null, "max_kbps": null})).await;
    shown(&mut one.viewer, SIDE / 2).await;
    assert!(more_frames(&mut two.viewer, 10).await);
    assert_eq!(two.viewer.sizes(), before);
    [&one.viewer, &two.viewer].into_iter().for_each(lost_nothing);
    one.viewer.leave().await;
    two.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_chooses_a_rate_is_sent_no_more_and_another_keeps_its_own() {
    let host = ladder_host(None);
    let (mut one, mut two) = (open(&host).await, open(&host).await);
    let before = two.viewer.sizes();
    choose(&one, json!({"max_kbps": 200})).await;
    in_effect(&one, json!({"rung": null, "codec": null, "max_kbps": 200})).await;
    shown(&mut one.viewer, SIDE / 2).await;
    let layers = || host.streamer.stats().layers;
    until("a layer of its rate", || layers().iter().any(|layer| layer.rung == 1 && layer.target_bitrate_kbps <= 200))
        .await;
    assert!(more_frames(&mut two.viewer, 20).await);
    assert!(layers().iter().any(|layer| layer.rung == 0 && layer.target_bitrate_kbps > 322), "{:?}", layers());
    assert_eq!(two.viewer.sizes(), before);
    [&one.viewer, &two.viewer].into_iter().for_each(lost_nothing);
    choose(&one, json!({})).await;
    shown(&mut one.viewer, SIDE).await;
    one.viewer.leave().await;
    two.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_changes_its_codec_without_a_negotiation_or_a_lost_packet() {
    let host = two_codecs();
    let (mut one, welcome) = Page::open(&host, HELLO).await;
    let (mut two, _) = Page::open(&host, HELLO).await;
    assert!(more_frames(&mut one.viewer, 10).await && more_frames(&mut two.viewer, 10).await);
    assert_eq!(welcome["codecs"], json!(["H264", "VP8"]));
    let described = one.viewer.connection.remote_description().await.unwrap().sdp;
    for (codec, wanted) in [
        (json!("VP8"), vec![("H264", 1), ("VP8", 1)]),
        (json!(null), vec![("H264", 2)]),
        (json!("VP8"), vec![("H264", 1), ("VP8", 1)]),
        // None of ours: as if nothing was chosen.
        (json!("H266"), vec![("H264", 2)]),
    ] {
        choose(&one, json!({ "codec": codec })).await;
        until("its codec", || codecs(&host) == wanted).await;
        assert!(more_frames(&mut one.viewer, 20).await && more_frames(&mut two.viewer, 10).await, "{codec}");
    }
    assert_eq!(one.viewer.connection.remote_description().await.unwrap().sdp, described);
    [&one.viewer, &two.viewer].into_iter().for_each(lost_nothing);
    one.viewer.leave().await;
    two.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hosts_bounds_win_over_what_a_page_chooses() {
    let host = ladder_host(None);
    let mut one = open(&host).await;
    let mut two = open(&host).await;
    let before = two.viewer.sizes();
    choose(&one, json!({"rung": 0, "max_kbps": 5000})).await;
    in_effect(&one, json!({"rung": 0, "codec": null, "max_kbps": 2000})).await;
    let half = SenderParameters { scale_resolution_down_by: 2.0, ..SenderParameters::default() };
    set_video(&host, &one, half);
    shown(&mut one.viewer, SIDE / 2).await;
    let welcome = in_effect(&one, json!({"rung": 1, "codec": null, "max_kbps": 2000})).await;
    assert_eq!(welcome["layers"], json!([{"rung": 1, "width": SIDE / 2, "height": SIDE / 2}]));
    let slow = SenderParameters { max_bitrate: Some(Bitrate::from_kbps(200)), ..half };
    set_video(&host, &one, slow);
    in_effect(&one, json!({"rung": 1, "codec": null, "max_kbps": 200})).await;
    assert!(more_frames(&mut two.viewer, 10).await);
    assert_eq!(two.viewer.sizes(), before);
    one.viewer.leave().await;
    two.viewer.leave().await;

    let host = two_codecs();
    let (mut page, _) = Page::open(&host, HELLO).await;
    host.streamer.set_codec_preferences(Some(page.id), "vp8").unwrap();
    until("the host's codec", || codecs(&host) == [("VP8", 1)]).await;
    choose(&page, json!({"codec": "H264"})).await;
    let welcome = in_effect(&page, json!({"rung": null, "codec": null, "max_kbps": null})).await;
    assert_eq!(welcome["codecs"], json!(["VP8"]));
    assert!(more_frames(&mut page.viewer, 20).await);
    assert_eq!(codecs(&host), [("VP8", 1)]);
    // What was chosen counts as soon as the host grants it.
    host.streamer.set_codec_preferences(Some(page.id), "vp8,h264").unwrap();
    until("the page's codec", || codecs(&host) == [("H264", 1)]).await;
    page.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_lets_nobody_choose_is_told_what_a_page_wants() {
    let mut config: Value = serde_json::from_str(LADDER).unwrap();
    config["input"] = json!({"choose_quality": false});
    let host = Host::start(&config.to_string());
    host.side.store(SIDE, Ordering::Relaxed);
    let (mut page, welcome) = Page::open_asking(&host, HELLO, WHOLE).await;
    assert_eq!(welcome["quality"], json!(null));
    shown(&mut page.viewer, SIDE).await;
    let before = page.viewer.sizes();
    choose(&page, json!({"rung": 1})).await;
    let said = input(&host, |who, kind| match kind {
        InputKind::Message { channel, data, text: true, .. } => Some((who, channel, data)),
        _ => None,
    });
    let (who, channel, data) = said.await;
    assert_eq!((who, channel.as_str()), (page.id, "rendercast"));
    assert_eq!(serde_json::from_slice::<Value>(&data).unwrap(), json!({"type": "quality", "rung": 1}));
    assert!(more_frames(&mut page.viewer, 60).await);
    assert_eq!(page.viewer.sizes(), before);
    page.viewer.leave().await;
}

//! What is known of the stream: of each layer and viewer, what a page measures, and how long an input takes to the picture.

use serde_json::{Value, json};
use webrtc::data_channel::DataChannel;

use super::*;

async fn say(channel: &Arc<dyn DataChannel>, message: Value) {
    while channel.send_text(&message.to_string()).await.is_err() {
        tokio::task::yield_now().await;
    }
}

/// The next message of that type.
async fn heard(channel: &Arc<dyn DataChannel>, kind: &str) -> Value {
    let hearing = async {
        loop {
            match channel.poll().await {
                Some(DataChannelEvent::OnMessage(message)) if message.is_string => {
                    let message: Value = serde_json::from_slice(&message.data).unwrap();
                    if message["type"] == kind {
                        return message;
                    }
                }
                Some(_) => {}
                None => panic!("the channel closed"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), hearing).await.unwrap_or_else(|_| panic!("no {kind}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_asks_measures_and_is_told_and_the_host_knows_what_it_measured() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let mut viewer = Viewer::open(&link).await.unwrap();
    assert!(more_frames(&mut viewer, 5).await);
    let channel = viewer.connection.create_data_channel("rendercast", None).await.unwrap();
    say(&channel, json!({"type": "ping", "id": 1, "time": 12.5})).await;
    let pong = heard(&channel, "pong").await;
    assert_eq!((&pong["id"], &pong["time"]), (&json!(1), &json!(12.5)));
    let now_us = rendercast::time::now().0 / 1_000;
    assert!(
        pong["received_us"].as_u64() <= pong["sent_us"].as_u64() && pong["sent_us"].as_u64() <= Some(now_us),
        "{pong}"
    );

    // The host sees the test as an event, and the next picture that it pushes is the answer.
    say(&channel, json!({"type": "probe", "id": 9})).await;
    let probed = loop {
        match host.streamer.poll_input() {
            Some(event) if event.kind == InputKind::Probe => break event.viewer,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    let answer = heard(&channel, "probe").await;
    assert_eq!(answer["id"], 9);
    let marked = answer["rtp"].as_u64().unwrap() as u32;
    let shown = viewer.wait(|received| received.arrivals.lock().unwrap().iter().any(|frame| frame.timestamp == marked));
    assert!(shown.await, "no frame of timestamp {marked} came");

    say(&channel, json!({"type": "stats", "on": true})).await;
    let (first, second) = (heard(&channel, "stats").await, heard(&channel, "stats").await);
    assert_eq!((&first["viewer"]["viewer"], &first["layer"]["codec"]), (&json!(probed.0), &json!("H264")));
    assert!(first["viewer"]["estimate_kbps"].as_u64() > Some(0) && first["layer"]["encode_p50_us"].is_u64());
    assert!(second["host_us"].as_u64() > first["host_us"].as_u64() && second["rtp_base"].is_u64(), "{first} {second}");

    let told = json!({"type": "latency", "end_to_end_ms": {"p50": 21, "p95": 33.5}, "jitter_buffer_ms": 2, "fps": 50});
    say(&channel, told).await;
    let one = loop {
        let one = host.streamer.stats().viewer_list.remove(0);
        if one.page.is_some() {
            break one;
        }
        tokio::task::yield_now().await;
    };
    let page = one.page.unwrap();
    assert_eq!((page.end_to_end_p95_ms, page.fps, page.decode_ms), (Some(33.5), Some(50.0), None));
    assert_eq!((one.viewer, one.state, one.codec, one.rung), (probed.0, "connected", "H264", Some(0)));
    assert!(!one.connection.is_empty() && one.frames_sent > 5 && one.sent_fps > 0 && one.sent_kbps > 0, "{one:?}");
    let layer = host.streamer.stats().layers.remove(0);
    assert!(layer.frames > 5 && layer.keyframes > 0 && layer.bytes > 0 && layer.encode_p99_us > 0, "{layer:?}");
    assert!(layer.actual_fps > 0 && layer.actual_bitrate_kbps > 0, "{layer:?}");

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| http.get(format!("{link}{path}")).send().await.unwrap().text().await.unwrap();
    let metrics = get("metrics").await;
    assert!(
        metrics.contains(&format!("rendercast_page_end_to_end_p50_seconds{{viewer=\"{}\"}} 0.021\n", probed.0)),
        "{metrics}"
    );
    let status: Value = serde_json::from_str(&get("status.json").await).unwrap();
    assert_eq!(status["viewer_list"][0]["page"]["end_to_end_p50_ms"], 21.0);
    viewer.leave().await;
}

#[cfg(feature = "trace")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_frame_of_five_is_traced_from_its_capture_to_its_sending() {
    let file = std::env::temp_dir().join(format!("rendercast-trace-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let mut config: Value = serde_json::from_str(LOCAL).unwrap();
    config["stats"] = json!({"trace_file": file.to_str().unwrap(), "trace_every": 5});
    let host = Host::start(&config.to_string());
    let mut viewer = Viewer::open(&host.link().await).await.unwrap();
    assert!(more_frames(&mut viewer, 60).await);
    viewer.leave().await;
    let frames = host.counter("video_frames_encoded") as usize;
    // What was sent is written before the streamer has stopped.
    host.streamer.stop();
    assert_eq!(host.counter("traces_dropped"), 0);
    let lines = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let count = lines.lines().count();
    assert!((3..=frames / 4 + 2).contains(&count), "{count} of {frames}");
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let spans = line["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
        let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["frame", "capture", "convert", "encode", "packetize", "pace", "send"]);
        let time = |span: &Value, name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        let begins: Vec<u64> = spans[1..].iter().map(|span| time(span, "startTimeUnixNano")).collect();
        assert!(begins.is_sorted() && begins[0] == time(&spans[0], "startTimeUnixNano"), "{line}");
        assert!(spans.iter().all(|span| time(span, "endTimeUnixNano") <= time(&spans[0], "endTimeUnixNano")), "{line}");
    }
}

//! What viewers' pages send reaches the host that polls: the colour of the camera, the tone of the microphone.

use super::*;
use rendercast::streamer::{Polled, ReceivedPicture};
use rendercast::units::ViewerId;
use sender::{Camera, Microphone, camera_track, microphone_track, payload_type, tone_share};
use webrtc::media_stream::track_local::TrackLocal;

const RECEIVING: &str = r#"{"server":{"address":"127.0.0.1:0"},
    "peer":{"bind_addresses":["127.0.0.1"],"receive":{"audio":true,"video":true}},
    "video":{"fps":50,"start_bitrate_kbps":1000,"max_bitrate_kbps":2000}}"#;
const SIZE: Size = Size::new(160, 90);

/// What becomes of the packets on their way.
#[derive(Clone, Copy)]
struct Way {
    /// Every how many-th packet of each medium is lost; 0 for none.
    lose_every: usize,
    /// Packets of the camera go in pairs, the later one first.
    swap: bool,
}

const GOOD: Way = Way { lose_every: 0, swap: false };

/// Sends a camera and a microphone until aborted, as a page does whose keyframes come twice a second.
async fn send(viewer: &Viewer, codec: Codec, way: Way) -> Option<tokio::task::JoinHandle<()>> {
    let answer = viewer.connection.remote_description().await.unwrap().sdp;
    let colour = if codec == Codec::Vp8 { [81, 90, 240] } else { [63, 102, 240] };
    let mut camera = Camera::new(codec, payload_type(&answer, codec.rtpmap_name())?, SIZE, colour)?;
    let mut microphone = Microphone::new(payload_type(&answer, "opus")?);
    let (pictures, sound) = (viewer.sending[0].clone(), viewer.sending[1].clone());
    Some(tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let mut count = [0usize; 2];
        let mut lost = |medium: usize| {
            count[medium] += 1;
            way.lose_every > 0 && count[medium].is_multiple_of(way.lose_every)
        };
        for n in 0.. {
            tick.tick().await;
            let mut packets = camera.packets(n % 25 == 0);
            if way.swap {
                packets.chunks_mut(2).for_each(<[_]>::reverse);
            }
            for packet in packets {
                if !lost(0) && pictures.write_rtp(packet).await.is_err() {
                    return;
                }
            }
            for _ in 0..2 {
                let packet = microphone.packet();
                if !lost(1) && sound.write_rtp(packet).await.is_err() {
                    return;
                }
            }
        }
    }))
}

async fn open(link: &str, codec: Codec) -> Viewer {
    Viewer::open_sending(link, vec![camera_track(codec), microphone_track()]).await.unwrap()
}

/// The next picture, in a buffer that is too small at first.
async fn picture(host: &Host, viewer: Option<ViewerId>) -> ReceivedPicture {
    let wait = async {
        loop {
            match host.streamer.poll_received_video(viewer, 100) {
                Polled::Empty => tokio::task::yield_now().await,
                Polled::TooLong(told, needed) => {
                    assert_eq!(needed, told.size.width as usize * told.size.height as usize * 4);
                    let Polled::Taken(picture) = host.streamer.poll_received_video(viewer, needed) else { continue };
                    return picture;
                }
                Polled::Taken(_) => panic!("it does not fit"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("no picture came")
}

fn assert_red(picture: &ReceivedPicture) {
    assert_eq!(picture.size, SIZE);
    let pixel = &picture.pixels[(80 * SIZE.width as usize + 120) * 4..][..4];
    for (told, sent) in pixel.iter().zip([255, 0, 0, 255]) {
        assert!(told.abs_diff(sent) <= 12, "{pixel:?}");
    }
}

/// Half a second of sound of one viewer, and how many pieces it came in.
async fn half_a_second(host: &Host) -> (Vec<f32>, usize, ViewerId) {
    let (mut samples, mut pieces) = (Vec::new(), 0);
    let wait = async {
        loop {
            match host.streamer.poll_received_audio(None, 11_520) {
                Polled::Taken(sound) => {
                    assert_eq!(sound.channels, 2, "the page's encoder is a stereo one");
                    pieces += 1;
                    samples.extend(sound.samples);
                    if samples.len() >= 48_000 {
                        return sound.viewer;
                    }
                }
                _ => tokio::task::yield_now().await,
            }
        }
    };
    let viewer = tokio::time::timeout(PATIENCE, wait).await.expect("no sound came");
    (samples, pieces, viewer)
}

async fn both_events(host: &Host, kind: EventKind) {
    let mut told = [host.event(kind).await, host.event(kind).await];
    told.sort();
    assert_eq!(told, ["audio", "video"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewers_camera_and_microphone_reach_the_host_until_it_leaves() {
    for codec in [Codec::H264, Codec::Vp8] {
        let config = RECEIVING
            .replace("\"fps\":50", &format!("\"fps\":50,\"codecs\":[\"{}\"]", codec.rtpmap_name().to_lowercase()));
        let host = Host::start(&config);
        let mut viewer = open(&host.link().await, codec).await;
        let Some(sending) = send(&viewer, codec, GOOD).await else {
            eprintln!("SKIPPED: {codec:?} is not encoded or not decoded on this machine");
            continue;
        };
        both_events(&host, EventKind::ReceivingStarted).await;
        let (samples, _, who) = half_a_second(&host).await;
        let share = tone_share(&samples[4_800..], 2);
        assert!(share > 0.9, "{share}");
        let first = picture(&host, None).await;
        assert_red(&first);
        assert_eq!(first.viewer, who);
        let (was, now) = (first.host_time, rendercast::time::now());
        assert!(was <= now && now.saturating_since(was) < Duration::from_secs(3), "{was:?} {now:?}");
        host.streamer.give_back(first);
        let second = picture(&host, Some(who)).await;
        assert!(second.host_time > was);
        assert_eq!(host.streamer.poll_received_video(Some(ViewerId(who.0 + 1)), 1 << 20), Polled::Empty);
        assert!(more_frames(&mut viewer, 2).await, "our own picture goes on");
        sending.abort();
        viewer.leave().await;
        both_events(&host, EventKind::ReceivingStopped).await;
        assert_eq!(host.streamer.poll_received_video(None, 1 << 20), Polled::Empty);
        assert!(matches!(host.streamer.poll_received_audio(None, 11_520), Polled::Empty));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_and_mixed_up_packets_cost_little_and_show_nothing_broken() {
    let host = Host::start(&RECEIVING.replace("\"fps\":50", "\"fps\":50,\"codecs\":[\"h264\"]"));
    let viewer = open(&host.link().await, Codec::H264).await;
    let sending = send(&viewer, Codec::H264, Way { lose_every: 41, swap: true }).await.unwrap();
    for _ in 0..10 {
        let picture = picture(&host, None).await;
        assert_red(&picture);
        host.streamer.give_back(picture);
    }
    let (samples, _, _) = half_a_second(&host).await;
    let share = tone_share(&samples, 2);
    assert!(share > 0.8, "{share}");
    let lost = async {
        while host.counter("received_audio_concealed") == 0 || host.counter("received_keyframes_requested") == 0 {
            let _ = host.streamer.poll_received_audio(None, 11_520);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, lost).await.expect("nothing was lost");
    assert_eq!(host.counter("received_frames_refused"), 0);
    sending.abort();
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_received_where_the_host_does_not_want_it() {
    let host = Host::start(LOCAL);
    let mut viewer = open(&host.link().await, Codec::H264).await;
    let answer = viewer.connection.remote_description().await.unwrap().sdp;
    let media = answer.split("m=application").next().unwrap();
    assert_eq!(media.matches("a=sendonly").count(), 2, "{answer}");
    assert!(!media.contains("a=recvonly") && !media.contains("a=sendrecv"), "{answer}");
    let sending = send(&viewer, Codec::H264, GOOD).await.unwrap();
    assert!(more_frames(&mut viewer, 20).await);
    assert_eq!((host.counter("received_packets"), host.counter("received_video_frames")), (0, 0));
    assert_eq!(host.streamer.poll_received_video(None, 1 << 20), Polled::Empty);
    sending.abort();
    viewer.leave().await;
}

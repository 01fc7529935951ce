//! What pages and the host tell each other.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_of_a_viewer_reaches_the_host_and_held_keys_are_released_when_it_leaves() {
    let host = Host::start(LOCAL);
    let link = host.link().await;
    let key = async |down| loop {
        match host.streamer.poll_input().map(|i| i.kind) {
            Some(InputKind::Key { key, down: d, .. }) if d == down => return key,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    for channel_closes_first in [true, false] {
        let mut viewer = Viewer::open(&link).await.unwrap();
        assert!(more_frames(&mut viewer, 1).await);
        while viewer.channel.send(bytes::BytesMut::from(&[0, 1, 0, 37, b'w'][..])).await.is_err() {
            tokio::task::yield_now().await;
        }
        assert_eq!(key(true).await, 37);
        if !channel_closes_first {
            viewer.delete_session().await.unwrap();
            let released = tokio::time::timeout(Duration::from_secs(10), key(false)).await;
            assert_eq!(released, Ok(37), "its channel is still open");
        }
        viewer.leave().await;
        if channel_closes_first {
            assert_eq!(key(false).await, 37);
        }
    }
}

/// A message of our own page.
fn compact(sequence: u32, records: &[&[u8]]) -> bytes::BytesMut {
    let header = [&[1][..], &sequence.to_le_bytes(), &1_234.5f64.to_le_bytes()].concat();
    bytes::BytesMut::from(&[&[header.as_slice()][..], records].concat().concat()[..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_page_plays_on_two_channels_and_lets_go_of_everything_when_its_channel_closes() {
    let host = Host::start(LOCAL);
    let labels = ["rendercast", "rendercast-moves"];
    let mut viewer = Viewer::open_with_channels(&host.link().await, &labels).await.unwrap();
    assert!(more_frames(&mut viewer, 1).await);
    // Reliable both: nothing is to be lost here by chance.
    let [reliable, moves] = [0, 1].map(|at: usize| Arc::clone(&viewer.further[at]));
    let send = async |channel: &Arc<dyn DataChannel>, sequence, records: &[&[u8]]| {
        // Until it is open.
        while channel.send(compact(sequence, records)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    let event = async || loop {
        match host.streamer.poll_input() {
            Some(event) => return event,
            None => tokio::task::yield_now().await,
        }
    };
    let floats = |numbers: &[f32]| -> Vec<u8> { numbers.iter().flat_map(|number| number.to_le_bytes()).collect() };
    let mouse = |x: f32| [&[4][..], &floats(&[x, 0.25, 1.0, -1.0]), &[0, 0]].concat();
    let character = u32::from('ж').to_le_bytes();
    let key = [&[1, 1, 37, 0][..], &character].concat();
    send(&reliable, 1, &[&key, &[2, 3, 0, b'a', 0xC3, 0x9F]]).await;
    let pressed = event().await;
    assert_eq!(pressed.kind, InputKind::Key { key: 37, down: true, repeat: false, character: Some('ж') });
    assert_eq!((pressed.page_time_us, pressed.video), (Some(1_234_500), Size::new(64, 64)));
    for typed in ["ж", "a", "ß"] {
        assert_eq!(event().await.kind, InputKind::Text { text: typed.into() });
    }
    send(&moves, 2, &[&mouse(0.5)]).await;
    let moved = event().await;
    assert_eq!(moved.kind, InputKind::Mouse { x: 32.0, y: 16.0, dx: 1.0, dy: -1.0, buttons: 0 });
    assert_eq!(moved.normalized(), Some((0.5, 0.25)));
    // Overtaken by what came since.
    send(&moves, 1, &[&mouse(0.75)]).await;
    while host.counter("input_moves_stale") == 0 {
        tokio::task::yield_now().await;
    }
    send(&moves, 3, &[&mouse(1.0)]).await;
    assert_eq!(event().await.kind.position(), Some((64.0, 16.0)));

    let touch = [&[6, 7, 0, 0, 0, 1][..], &floats(&[0.5, 0.5, 1.0, 2.0, 3.0])].concat();
    send(&reliable, 4, &[&touch]).await;
    assert!(matches!(event().await.kind, InputKind::Touch { id: 7, phase: TouchPhase::Began, .. }));
    reliable.close().await.unwrap();
    let released = [event().await.kind, event().await.kind];
    assert!(matches!(released[0], InputKind::Key { key: 37, down: false, .. }), "{released:?}");
    assert!(matches!(released[1], InputKind::Touch { id: 7, phase: TouchPhase::Canceled, .. }), "{released:?}");
    assert_eq!(host.counter("input_messages_malformed"), 0);
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_names_its_viewer() {
    let host = Host::start(LOCAL);
    let viewer = Viewer::open_with_channels(&host.link().await, &["multiplay"]).await.unwrap();
    while viewer.further[0].send_text(r#"{"type":0,"argument":"Ann"}"#).await.is_err() {
        tokio::task::yield_now().await;
    }
    let label = loop {
        match host.streamer.poll_input() {
            Some(event) => break event.kind,
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(label, InputKind::Label { label: "Ann".into() });
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_the_host_reaches_the_viewer_named_in_order_and_a_closed_channel_is_said() {
    let host = Host::start(LOCAL);
    let viewer = Viewer::open(&host.link().await).await.unwrap();
    let event = async |kind| loop {
        match host.streamer.poll_event() {
            Some(event) if event.kind == kind => return event,
            Some(_) => {}
            None => tokio::task::yield_now().await,
        }
    };
    let opened = event(EventKind::ChannelOpened).await;
    assert_eq!(opened.message, "data");
    host.streamer.send_message(Some(opened.viewer), "data", true, "höher".as_bytes()).unwrap();
    // More than the channel holds at once: what does not fit waits.
    let large = vec![7; 65_536];
    let mut sent = 0;
    let mut received = Vec::new();
    while received.len() < 41 {
        while sent < 40 && host.streamer.send_message(None, "data", false, &large).is_ok() {
            sent += 1;
        }
        match viewer.channel.poll().await {
            Some(DataChannelEvent::OnMessage(message)) => received.push((message.is_string, message.data.len())),
            Some(_) => {}
            None => panic!("the channel closed"),
        }
    }
    assert_eq!(received[0], (true, "höher".len()));
    assert!(received[1..].iter().all(|message| *message == (false, large.len())));
    viewer.channel.close().await.unwrap();
    event(EventKind::ChannelClosed).await;
    let refused = host.streamer.send_message(Some(opened.viewer), "data", true, b"late");
    assert_eq!(refused, Err(SendError::NoChannel("data".into())));
    viewer.leave().await;
}

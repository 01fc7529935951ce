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

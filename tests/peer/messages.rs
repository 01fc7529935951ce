//! Data channels.

use bytes::BytesMut;
use rendercast::peer::{ChannelKey, ChannelOptions, PeerError, PeerEvent};

use crate::browser::{Seen, listen};
use crate::session::{Session, settings};

/// The channel of ours or of the browser's with this label, once it is open.
pub async fn opened(session: &mut Session, wanted: &str) -> ChannelKey {
    let open = |event: &PeerEvent| match event {
        PeerEvent::ChannelOpened { key, options, .. } if options.label == wanted => Some(*key),
        _ => None,
    };
    session.event(open).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_every_kind_arrive_by_label_both_ways() {
    let mut session = Session::open(settings()).await;
    let data = session.browser.pc.create_data_channel("data", None).await.unwrap();
    let input = session.browser.pc.create_data_channel("input", None).await.unwrap();
    let mut heard = listen(data.clone());
    let _open = listen(input.clone());
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    let (data_key, input_key) = (opened(&mut session, "data").await, opened(&mut session, "input").await);
    assert!(heard.recv().await.unwrap().is_none(), "open");
    input.send(BytesMut::from(&[1u8, 2, 0, 255][..])).await.unwrap();
    input.send_text("höher").await.unwrap();
    for (is_text, content) in [(false, &[1u8, 2, 0, 255][..]), (true, "höher".as_bytes())] {
        session
            .event(|event| match event {
                PeerEvent::Message { key, text, data } if *text == is_text => {
                    assert_eq!((*key, data.as_ref()), (input_key, content));
                    Some(())
                }
                _ => None,
            })
            .await;
    }
    session.peer.send_message(data_key, true, b"hello").await.unwrap();
    session.peer.send_message(data_key, false, &[9, 8]).await.unwrap();
    assert!(matches!(heard.recv().await.unwrap(), Some(Seen::Text(text)) if text == "hello"));
    assert!(matches!(heard.recv().await.unwrap(), Some(Seen::Binary(data)) if data == [9, 8]));
    data.close().await.unwrap();
    session.event(|e| (*e == PeerEvent::ChannelClosed { key: data_key }).then_some(())).await;
    assert!(matches!(session.peer.send_message(data_key, true, b"x").await, Err(PeerError::NoChannel)));
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_of_our_own_is_in_our_offer() {
    let mut session = Session::open(settings()).await;
    let options = ChannelOptions { label: "cirrus".into(), ..Default::default() };
    let key = session.peer.open_channel(options).await.unwrap();
    let offer = session.peer.offer().await.unwrap();
    assert!(offer.contains("m=application"), "{offer}");
    let answer = session.browser.answer(&offer).await;
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    assert_eq!(opened(&mut session, "cirrus").await, key);
    session.peer.send_message(key, true, b"hello").await.unwrap();
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_floods_us_is_slowed_down_and_loses_nothing() {
    let mut session = Session::open(settings()).await;
    let data = session.browser.pc.create_data_channel("data", None).await.unwrap();
    let mut opened = listen(data.clone());
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.event(|e| matches!(e, PeerEvent::ChannelOpened { .. }).then_some(())).await;
    assert!(opened.recv().await.unwrap().is_none());
    const MESSAGES: u32 = 5_000;
    for n in 0..MESSAGES {
        data.send(BytesMut::from(&n.to_be_bytes()[..])).await.unwrap();
    }
    let mut next = 0u32;
    session
        .event(|event| {
            if let PeerEvent::Message { data, .. } = event {
                assert_eq!(data.as_ref(), next.to_be_bytes());
                next += 1;
            }
            (next == MESSAGES).then_some(())
        })
        .await;
    session.peer.close().await;
}

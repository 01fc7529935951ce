//! Data channels of ours, with their options, as the other side sees them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::BytesMut;
use rendercast::peer::{ChannelKey, ChannelOptions, MAX_CHANNELS, OptionsError, PeerError, PeerEvent, Reliability};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};

use crate::browser::{Browser, PATIENCE, Seen, listen};
use crate::lossy::LossyPath;
use crate::messages::opened;
use crate::session::{Session, settings};

fn named(label: &str) -> ChannelOptions {
    ChannelOptions { label: label.into(), ..Default::default() }
}

/// The channel of this label that the browser was told of.
async fn arrived(browser: &mut Browser, wanted: &str) -> Arc<dyn DataChannel> {
    let search = async {
        loop {
            let channel = browser.channels.recv().await.expect("the browser lives");
            if channel.label().await.unwrap() == wanted {
                return channel;
            }
        }
    };
    tokio::time::timeout(PATIENCE, search).await.expect("the channel arrives")
}

/// Its id, once it is open.
async fn id_of(session: &mut Session, wanted: ChannelKey) -> Option<u16> {
    let found = |event: &PeerEvent| match event {
        PeerEvent::ChannelOpened { key, id, ours: true, .. } if *key == wanted => Some(*id),
        _ => None,
    };
    session.event(found).await
}

async fn closed(session: &mut Session, key: ChannelKey) {
    session.event(|event| (*event == PeerEvent::ChannelClosed { key }).then_some(())).await;
}

/// Until everything was acknowledged or given up.
async fn settled(session: &Session, key: ChannelKey) {
    let settled = async {
        while session.peer.unacknowledged(key).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, settled).await.expect("nothing is tried any more");
}

/// Connected, with one channel of the browser's that stays open.
async fn connected() -> Session {
    let mut session = Session::open(settings()).await;
    let data = session.browser.pc.create_data_channel("data", None).await.unwrap();
    let _ = listen(data);
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    opened(&mut session, "data").await;
    session
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_of_ours_has_its_options_at_the_other_side_whether_it_is_opened_before_the_connection_or_after() {
    let mut session = Session::open(settings()).await;
    let unordered = ChannelOptions {
        protocol: "moves".into(),
        ordered: false,
        reliability: Reliability::Retransmits(0),
        ..named("early")
    };
    let early = session.peer.open_channel(unordered).await.unwrap();
    let offer = session.peer.offer().await.unwrap();
    let answer = session.browser.answer(&offer).await;
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    // The crate, as the server of DTLS, gives odd ids (RFC 8832, section 6).
    assert_eq!(id_of(&mut session, early).await, Some(1));
    let there = arrived(&mut session.browser, "early").await;
    assert_eq!((there.protocol().await.unwrap(), there.ordered().await.unwrap()), ("moves".into(), false));

    let timed = ChannelOptions { reliability: Reliability::PacketLifeTime(500), ..named("late") };
    let late = session.peer.open_channel(timed).await.unwrap();
    assert_eq!(id_of(&mut session, late).await, Some(3));
    let there = arrived(&mut session.browser, "late").await;
    assert!(there.ordered().await.unwrap());
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_chose_is_told_with_its_channel() {
    let mut session = Session::open(settings()).await;
    let init = RTCDataChannelInit { ordered: false, protocol: "moves".into(), ..Default::default() };
    let _data = session.browser.pc.create_data_channel("data", Some(init)).await.unwrap();
    let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    let told = session
        .event(|event| match event {
            PeerEvent::ChannelOpened { options, id, ours, .. } => Some((options.clone(), *id, *ours)),
            _ => None,
        })
        .await;
    let expected = ChannelOptions {
        label: "data".into(),
        protocol: "moves".into(),
        ordered: false,
        reliability: Reliability::Unknown,
        negotiated: None,
    };
    assert_eq!(told, (Box::new(expected), Some(0), false));
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_both_sides_open_with_one_id_needs_no_announcement() {
    let mut session = connected().await;
    let ours = session.peer.open_channel(ChannelOptions { negotiated: Some(8), ..named("both") }).await.unwrap();
    let init = RTCDataChannelInit { negotiated: Some(8), ..Default::default() };
    let theirs = session.browser.pc.create_data_channel("both", Some(init)).await.unwrap();
    assert_eq!(id_of(&mut session, ours).await, Some(8));
    let mut heard = listen(Arc::clone(&theirs));
    session.peer.send_message(ours, true, b"hello").await.unwrap();
    while !matches!(heard.recv().await.unwrap(), Some(Seen::Text(text)) if text == "hello") {}
    theirs.send(BytesMut::from(&b"you too"[..])).await.unwrap();
    let message = PeerEvent::Message { key: ours, text: false, data: "you too".into() };
    session.event(|event| (*event == message).then_some(())).await;
    // Its id is taken, that of an announced one too.
    for id in [8, 0] {
        let refused = session.peer.open_channel(ChannelOptions { negotiated: Some(id), ..named("both") }).await;
        match refused {
            Err(PeerError::Channel(OptionsError::IdInUse(used))) => assert_eq!(used, id),
            other => panic!("{other:?}"),
        }
    }
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_we_close_once_all_is_acknowledged_loses_nothing_and_the_next_one_opens() {
    let mut session = connected().await;
    for round in ["first", "second"] {
        let key = session.peer.open_channel(named(round)).await.unwrap();
        let there = arrived(&mut session.browser, round).await;
        opened(&mut session, round).await;
        for n in 0..50u32 {
            session.peer.send_message(key, false, &n.to_be_bytes()).await.unwrap();
        }
        settled(&session, key).await;
        session.peer.close_channel(key).await;
        closed(&mut session, key).await;
        let mut received = 0;
        loop {
            match tokio::time::timeout(PATIENCE, there.poll()).await.expect("it goes on") {
                Some(DataChannelEvent::OnMessage(_)) => received += 1,
                Some(DataChannelEvent::OnClose) | None => break,
                Some(_) => {}
            }
        }
        assert_eq!(received, 50);
        assert!(matches!(session.peer.send_message(key, true, b"x").await, Err(PeerError::NoChannel)));
        assert_eq!(session.peer.unacknowledged(key).await, 0);
    }
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_closed_before_there_is_a_connection_ends_and_too_many_are_refused() {
    let session = Session::open(settings()).await;
    let mut session = session;
    let first = session.peer.open_channel(named("first")).await.unwrap();
    for _ in 1..MAX_CHANNELS {
        session.peer.open_channel(named("more")).await.unwrap();
    }
    match session.peer.open_channel(named("too many")).await {
        Err(PeerError::Channel(OptionsError::TooMany)) => {}
        other => panic!("{other:?}"),
    }
    session.peer.close_channel(first).await;
    closed(&mut session, first).await;
    session.peer.open_channel(named("again")).await.unwrap();
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_on_an_unreliable_channel_is_not_waited_for_and_on_a_reliable_one_comes_again() {
    for (reliability, ordered, expected) in [
        (Reliability::Retransmits(0), false, &[2u8][..]),
        (Reliability::Retransmits(0), true, &[2]),
        // In whatever order.
        (Reliability::Reliable, false, &[1, 2]),
        (Reliability::Reliable, true, &[1, 2]),
    ] {
        let mut session = Session::open(settings()).await;
        session.path = Some(LossyPath::open().await);
        let key = session.peer.open_channel(ChannelOptions { ordered, reliability, ..named("lossy") }).await.unwrap();
        let offer = session.peer.offer().await.unwrap();
        let answer = session.browser.answer(&offer).await;
        session.peer.accept_answer(&answer).await.unwrap();
        session.settle().await;
        assert_eq!(opened(&mut session, "lossy").await, key);
        let there = arrived(&mut session.browser, "lossy").await;
        let path = session.path.as_ref().unwrap();
        path.losing.store(true, Ordering::Release);
        session.peer.send_message(key, false, &[1; 1000]).await.unwrap();
        let lost = async {
            while path.lost.load(Ordering::Acquire) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, lost).await.expect("it is lost");
        path.losing.store(false, Ordering::Release);
        session.peer.send_message(key, false, &[2; 1000]).await.unwrap();
        let mut got = Vec::new();
        while got.len() < expected.len() {
            if let Some(DataChannelEvent::OnMessage(message)) =
                tokio::time::timeout(PATIENCE, there.poll()).await.expect("a message comes")
            {
                got.push(message.data[0]);
            }
        }
        if !ordered {
            got.sort_unstable();
        }
        assert_eq!(got, expected, "{reliability:?}, ordered: {ordered}");
        // What was given up is given up for good: nothing is left to be acknowledged.
        settled(&session, key).await;
        session.peer.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_opened_right_after_another_was_closed_opens_when_the_id_is_free() {
    let mut session = connected().await;
    for round in ["first", "second", "third"] {
        let key = session.peer.open_channel(named(round)).await.unwrap();
        assert_eq!(id_of(&mut session, key).await, Some(1));
        session.peer.close_channel(key).await;
    }
    session.peer.close().await;
}

/// How often the next test brings two together.
const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_are_opened_at_any_moment_of_the_connections_making_are_announced_and_open() {
    for round in 0..ROUNDS {
        let mut session = Session::open(settings()).await;
        let data = session.browser.pc.create_data_channel("data", None).await.unwrap();
        let _heard = listen(data);
        let answer = session.peer.answer(&session.browser.offer().await, false).await.unwrap();
        session.browser.accept(&answer).await;
        session.settle().await;
        // One after the other from that moment on, which is another one each time, until the association has stood for a while.
        let (peer, (begin, begun)) = (session.peer.clone(), tokio::sync::oneshot::channel::<()>());
        let opening = tokio::spawn(async move {
            let _ = begun.await;
            let mut keys = Vec::new();
            for n in 0..MAX_CHANNELS - 1 {
                let key = peer.open_channel(named(&n.to_string())).await.unwrap();
                keys.push(key);
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
            }
            keys
        });
        session.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
        begin.send(()).unwrap();
        let keys = opening.await.unwrap();
        for (n, key) in keys.iter().enumerate() {
            assert!(id_of(&mut session, *key).await.is_some_and(|id| id % 2 == 1), "{n} in round {round}");
        }
        let mut labels = Vec::new();
        while labels.len() < keys.len() {
            let channel = tokio::time::timeout(PATIENCE, session.browser.channels.recv()).await.expect("all arrive");
            labels.push(channel.unwrap().label().await.unwrap().parse::<usize>().unwrap());
        }
        labels.sort_unstable();
        assert!(labels.into_iter().eq(0..keys.len()), "each once");
        session.peer.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_are_opened_while_the_association_is_being_made_open_when_it_stands_in_their_order() {
    let mut session = Session::open(settings()).await;
    let path = LossyPath::open().await;
    // SCTP's INIT comes through, what follows on our answer to it does not.
    path.hold();
    session.path = Some(path);
    let before = session.peer.open_channel(named("before")).await.unwrap();
    let offer = session.peer.offer().await.unwrap();
    let answer = session.browser.answer(&offer).await;
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    session.event(|event| (*event == PeerEvent::Connected).then_some(())).await;
    let said = async |session: &Session, times: u32| {
        let said = async {
            while session.path.as_ref().unwrap().said() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, said).await.expect("it says it again");
    };
    said(&session, 2).await;
    let mut keys = vec![before];
    for label in ["one", "two", "three"] {
        keys.push(session.peer.open_channel(named(label)).await.unwrap());
    }
    // Whatever the crate makes of them, it has by the time that the other side says it once more.
    said(&session, 3).await;
    session.path.as_ref().unwrap().release();
    for (key, id) in keys.into_iter().zip([1, 3, 5, 7]) {
        assert_eq!(id_of(&mut session, key).await, Some(id));
    }
    for _ in 0..4 {
        tokio::time::timeout(PATIENCE, session.browser.channels.recv()).await.expect("all are announced").unwrap();
    }
    session.peer.close().await;
}

//! Channels by number and by label, without a connection.

use super::queue::{MOST_BYTES, MOST_MESSAGES};
use super::*;

const FIRST: ViewerId = ViewerId(1);
const SECOND: ViewerId = ViewerId(2);

fn options(label: &str) -> ChannelOptions {
    ChannelOptions { label: label.into(), ..Default::default() }
}

fn opened(channels: &Channels, viewer: ViewerId, label: &str) -> (u32, Inbound) {
    let number = channels.enter(viewer, options(label), true).unwrap();
    (number, channels.open(number, Some(0), None).unwrap())
}

fn message(text: bool, data: &'static [u8]) -> Outgoing {
    Outgoing { text, data: Bytes::from_static(data) }
}

#[tokio::test]
async fn a_message_goes_to_the_viewer_named_or_to_all_that_have_the_channel() {
    let channels = Channels::default();
    let (_, mut first) = opened(&channels, FIRST, "game");
    channels.send_labelled(Some(FIRST), "game", true, b"one").unwrap();
    channels.send_labelled(None, "game", false, b"two").unwrap();
    let (_, mut second) = opened(&channels, SECOND, "game");
    channels.send_labelled(None, "game", true, b"three").unwrap();
    for expected in [message(true, b"one"), message(false, b"two"), message(true, b"three")] {
        assert_eq!(first.next().await, Some(expected));
    }
    assert_eq!(second.next().await, Some(message(true, b"three")));
    channels.leave(FIRST);
    assert_eq!(first.next().await, None);
}

#[test]
fn who_is_not_there_and_what_is_not_open_is_said() {
    let channels = Channels::default();
    let (number, _first) = opened(&channels, FIRST, "game");
    let send = |to, label: &str| channels.send_labelled(to, label, true, b"");
    assert_eq!(send(Some(ViewerId(9)), "game"), Err(SendError::NoViewer(ViewerId(9))));
    assert_eq!(send(Some(FIRST), "other"), Err(SendError::NoChannel("other".into())));
    assert_eq!(channels.closed(number), Some("game".into()));
    assert_eq!(channels.closed(number), None, "it is closed once");
    assert_eq!(send(None, "game"), Err(SendError::NoChannel("game".into())));
    let long = vec![0; LONGEST_MESSAGE + 1];
    let too_long = SendError::TooLong { bytes: long.len(), longest: LONGEST_MESSAGE };
    assert_eq!(channels.send_labelled(None, "game", false, &long), Err(too_long));
    // What is closed is told, what never was is not there.
    let not_open = ChannelError::NotOpen { channel: number, state: ReadyState::Closed };
    assert_eq!(channels.send(number, true, b""), Err(not_open));
    assert_eq!(channels.send(number + 1, true, b""), Err(ChannelError::NoChannel(number + 1)));
    assert_eq!(channels.close(number + 1), Err(ChannelError::NoChannel(number + 1)));
    channels.leave(FIRST);
    assert_eq!(channels.info(number), Err(ChannelError::NoChannel(number)));
}

#[tokio::test]
async fn a_channel_that_is_not_read_fills_its_own_room_and_a_message_to_all_goes_to_all_or_none() {
    let channels = Channels::default();
    let (slow, mut first) = opened(&channels, FIRST, "game");
    let (fast, mut other) = opened(&channels, FIRST, "fast");
    let (_, mut second) = opened(&channels, SECOND, "game");
    let sent = (0..MOST_MESSAGES * 2).take_while(|_| channels.send(slow, true, b"x").is_ok()).count();
    assert_eq!(sent, MOST_MESSAGES);
    assert_eq!(channels.send(slow, true, b"x"), Err(ChannelError::Full(slow)));
    assert_eq!(channels.send_labelled(None, "game", true, b"all"), Err(SendError::Full(FIRST)));
    channels.send(fast, true, b"own").unwrap();
    assert_eq!(other.next().await.unwrap().data, "own");
    first.next().await.unwrap();
    channels.send_labelled(None, "game", true, b"all").unwrap();
    assert_eq!(second.next().await.unwrap().data, "all");
    let large = vec![0; LONGEST_MESSAGE];
    let sent = (0..100).take_while(|_| channels.send(fast, false, &large).is_ok()).count();
    assert_eq!(sent, (MOST_BYTES - 3) / LONGEST_MESSAGE);
    assert_eq!(channels.info(fast).unwrap().buffered_amount, sent * LONGEST_MESSAGE + 3);
}

#[tokio::test]
async fn of_channels_with_one_label_the_newest_open_one_gets_what_is_sent_by_label() {
    let channels = Channels::default();
    let (_, mut old) = opened(&channels, FIRST, "game");
    let (number, mut new) = opened(&channels, FIRST, "game");
    let connecting = channels.enter(FIRST, options("game"), false).unwrap();
    channels.send_labelled(None, "game", true, b"new").unwrap();
    assert_eq!(new.next().await, Some(message(true, b"new")));
    assert_eq!(channels.close(number), Ok(None));
    assert_eq!(new.next().await, None, "what waited was sent, nothing more comes");
    channels.send_labelled(None, "game", true, b"old").unwrap();
    assert_eq!(old.next().await, Some(message(true, b"old")));
    // One that is closed before it opened never opens.
    assert_eq!(channels.connecting(FIRST).len(), 1);
    assert_eq!(channels.close(connecting), Ok(Some(FIRST)));
    assert!(channels.open(connecting, Some(1), None).is_none() && channels.connecting(FIRST).is_empty());
    assert_eq!(channels.info(connecting).unwrap().state, ReadyState::Closing);
}

#[test]
fn ids_that_clash_and_channels_beyond_the_limit_are_refused_until_one_closes() {
    let channels = Channels::default();
    let negotiated = |id| ChannelOptions { negotiated: Some(id), ..Default::default() };
    let number = channels.enter(FIRST, negotiated(5), false).unwrap();
    assert_eq!(channels.enter(FIRST, negotiated(5), false), Err(OptionsError::IdInUse(5)));
    assert_eq!(channels.enter(FIRST, negotiated(1024), false), Err(OptionsError::Id(1024)));
    assert!(channels.enter(SECOND, negotiated(5), false).is_ok(), "another viewer's ids are others");
    channels.closed(number).unwrap();
    for _ in 0..MAX_CHANNELS {
        channels.enter(FIRST, ChannelOptions::default(), false).unwrap();
    }
    assert_eq!(channels.enter(FIRST, negotiated(5), false), Err(OptionsError::TooMany));
}

#[test]
fn closed_channels_are_remembered_but_not_without_bound() {
    let channels = Channels::default();
    let numbers: Vec<u32> = (0..MAX_CHANNELS + 2)
        .map(|_| {
            let number = channels.enter(FIRST, ChannelOptions::default(), true).unwrap();
            channels.closed(number).unwrap();
            number
        })
        .collect();
    let known: Vec<bool> = numbers.iter().map(|number| channels.info(*number).is_ok()).collect();
    assert_eq!(known.iter().filter(|known| **known).count(), MAX_CHANNELS);
    assert!(!known[0] && !known[1] && known[2]);
}

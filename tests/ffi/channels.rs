//! Data channels by their numbers, between the C ABI and the plain crate as a page's browser.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::time::Duration;

use rendercast::ffi::channels::*;
use rendercast::ffi::events::*;
use rendercast::ffi::input::{RENDERCAST_INPUT_MESSAGE, rendercast_input, rendercast_poll_input};
use rendercast::ffi::messages::*;
use rendercast::ffi::signals::*;
use rendercast::ffi::status::*;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::RTCIceCandidateInit;

use crate::browser::{Browser, PATIENCE, Seen};
use crate::signals::{poll, push, streamer, string};
use crate::{Owned, last_error, shared, sized};

/// How often a host polls.
const PICTURE: Duration = Duration::from_millis(5);

/// A host, and a page with one data channel, `data`, that carry their messages to each other.
pub struct Rig {
    pub streamer: Owned,
    pub browser: Browser,
    data: Arc<dyn DataChannel>,
    pub viewer: u32,
    /// What the host was told of channels: kind, severity, channel, label.
    events: Vec<(u32, u32, u32, String)>,
    /// Numbers and labels of the channels that messages came on.
    messages: Vec<(u32, String)>,
}

impl Rig {
    /// Until the viewer is there and the page's channel is open; `init`: how the page opens it.
    pub async fn start(init: Option<RTCDataChannelInit>) -> (Self, u32) {
        let browser = Browser::open().await;
        let data = browser.pc.create_data_channel("data", init).await.unwrap();
        let mut rig =
            Self { streamer: streamer(""), browser, data, viewer: 0, events: Vec::new(), messages: Vec::new() };
        let offer = rig.browser.offer().await;
        assert_eq!(push(&rig.streamer, RENDERCAST_SIGNAL_OFFER, "friend", Some(&offer), None), RENDERCAST_OK);
        let data = rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "data").await;
        rig.until(|rig| (rig.viewer != 0).then_some(())).await;
        (rig, data)
    }

    /// Carries and polls until `wanted` is found.
    pub async fn until<T>(&mut self, mut wanted: impl FnMut(&mut Self) -> Option<T>) -> T {
        let mut picture = tokio::time::interval(PICTURE);
        let all = async {
            loop {
                tokio::select! {
                    seen = self.browser.seen.recv() => if let Seen::Candidate(candidate) = seen.expect("the browser lives") {
                        let (text, mid) = (&candidate.candidate, candidate.sdp_mid.as_deref());
                        let status = push(&self.streamer, RENDERCAST_SIGNAL_CANDIDATE, "friend", Some(text), mid);
                        assert_eq!(status, RENDERCAST_OK);
                    },
                    _ = picture.tick() => {
                        self.carry().await;
                        if let Some(found) = wanted(self) {
                            return found;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("it never came")
    }

    async fn carry(&mut self) {
        while let Some((kind, _, text, mid, index)) = poll(&self.streamer) {
            match kind {
                RENDERCAST_SIGNAL_ANSWER => self.browser.accept(&text).await,
                RENDERCAST_SIGNAL_OFFER => {
                    let answer = self.browser.answer(&text).await;
                    let status = push(&self.streamer, RENDERCAST_SIGNAL_ANSWER, "friend", Some(&answer), None);
                    assert_eq!(status, RENDERCAST_OK);
                }
                RENDERCAST_SIGNAL_CANDIDATE => {
                    let (sdp_mid, sdp_mline_index) = (Some(mid), Some(index as u16));
                    let candidate =
                        RTCIceCandidateInit { candidate: text, sdp_mid, sdp_mline_index, ..Default::default() };
                    self.browser.pc.add_ice_candidate(candidate).await.unwrap();
                }
                RENDERCAST_SIGNAL_DISCONNECT => {}
                other => panic!("kind {other}"),
            }
        }
        let mut event: rendercast_event = sized();
        while unsafe { rendercast_poll_event(self.streamer.0, &raw mut event) } == RENDERCAST_OK {
            match event.kind {
                RENDERCAST_EVENT_VIEWER_CONNECTED => self.viewer = event.viewer,
                RENDERCAST_EVENT_VIEWER_DISCONNECTED => self.viewer = 0,
                _ => {}
            }
            if event.channel != 0 {
                self.events.push((event.kind, event.severity, event.channel, string(&event.message)));
            }
        }
        let mut input: rendercast_input = sized();
        while unsafe { rendercast_poll_input(self.streamer.0, &raw mut input) } == RENDERCAST_OK {
            assert_eq!(input.kind, RENDERCAST_INPUT_MESSAGE);
            self.messages.push((input.channel_id, string(&input.channel)));
        }
    }

    /// The channel of an event that comes, or came and was not asked for.
    pub async fn told(&mut self, kind: u32, label: &str) -> u32 {
        self.until(|rig| {
            let at = rig.events.iter().position(|(k, _, _, l)| (*k, l.as_str()) == (kind, label))?;
            Some(rig.events.remove(at).2)
        })
        .await
    }

    fn open(&self, options: &rendercast_channel_options) -> (i32, u32) {
        let mut channel = 77;
        (unsafe { rendercast_channel_open(self.streamer.0, self.viewer, options, &raw mut channel) }, channel)
    }

    fn send(&self, channel: u32, is_text: u32, data: &[u8]) -> i32 {
        unsafe { rendercast_channel_send(self.streamer.0, channel, is_text, data.as_ptr(), data.len() as u32) }
    }

    fn info(&self, channel: u32) -> rendercast_channel_info {
        let mut info: rendercast_channel_info = sized();
        let status = unsafe { rendercast_get_channel_info(self.streamer.0, channel, &raw mut info) };
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        info
    }

    fn no_info(&self, channel: u32) -> bool {
        let mut info: rendercast_channel_info = sized();
        (unsafe { rendercast_get_channel_info(self.streamer.0, channel, &raw mut info) }) == RENDERCAST_NO_CHANNEL
    }

    /// The page's end of a channel that the host has opened.
    async fn arrived(&mut self) -> Arc<dyn DataChannel> {
        self.until(|rig| rig.browser.channels.try_recv().ok()).await
    }
}

fn options(label: &CString) -> rendercast_channel_options {
    rendercast_channel_options { label: label.as_ptr(), ..sized() }
}

/// What the page gets until the channel ends or `count` messages came.
pub async fn heard(channel: &Arc<dyn DataChannel>, count: usize) -> Vec<(bool, Vec<u8>)> {
    let mut heard = Vec::new();
    let all = async {
        while heard.len() < count {
            match channel.poll().await {
                Some(DataChannelEvent::OnMessage(message)) => heard.push((message.is_string, message.data.to_vec())),
                Some(DataChannelEvent::OnClose) | None => return,
                Some(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("messages come or the channel ends");
    heard
}

#[tokio::test]
async fn channels_of_the_page_have_numbers_and_what_it_chose() {
    let _guard = shared();
    let init = RTCDataChannelInit { ordered: false, protocol: "moves".into(), ..Default::default() };
    let (mut rig, data) = Rig::start(Some(init)).await;
    let info = rig.info(data);
    assert_eq!((info.viewer, info.state, info.id), (rig.viewer, RENDERCAST_CHANNEL_OPEN, 0));
    assert_eq!(info.flags, RENDERCAST_CHANNEL_UNORDERED | RENDERCAST_CHANNEL_BY_PAGE);
    assert_eq!((string(&info.label), string(&info.protocol)), ("data".into(), "moves".into()));
    assert_eq!((info.max_message_size, info.buffered_amount), (RENDERCAST_MESSAGE_MAX, 0));

    assert_eq!(rig.send(data, 1, "höher".as_bytes()), RENDERCAST_OK);
    assert_eq!(rig.send(data, 0, &[1, 0]), RENDERCAST_OK);
    assert_eq!(rig.send(data, 0, &[]), RENDERCAST_OK);
    let page = Arc::clone(&rig.data);
    let expected = vec![(true, "höher".into()), (false, vec![1, 0]), (false, vec![])];
    assert_eq!(heard(&page, 3).await, expected);
    page.send_text("hello").await.unwrap();
    let message = rig.until(|rig| rig.messages.pop()).await;
    assert_eq!(message, (data, "data".into()));

    // A second one of the same label: each has its number, and the label means the newest.
    let twin = rig.browser.pc.create_data_channel("data", None).await.unwrap();
    let number = rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "data").await;
    assert!(number != data && rig.info(number).id == 2);
    let by_label = |text: &[u8]| unsafe {
        rendercast_send_message(rig.streamer.0, rig.viewer, c"data".as_ptr(), 1, text.as_ptr(), text.len() as u32)
    };
    assert_eq!(by_label(b"new"), RENDERCAST_OK);
    assert_eq!(heard(&twin, 1).await, [(true, b"new".to_vec())]);
    twin.close().await.unwrap();
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_CLOSED, "data").await, number);
    assert_eq!(rig.info(number).state, RENDERCAST_CHANNEL_CLOSED);
    assert_eq!(rig.send(number, 1, b"late"), RENDERCAST_CHANNEL_NOT_OPEN);
    assert_eq!(last_error(), format!("rendercast_channel_send: data channel {number} is closed"));
    assert_eq!(rendercast_channel_close(rig.streamer.0, number), RENDERCAST_OK, "it is closed already");

    // Who leaves takes its channels along.
    assert_eq!(push(&rig.streamer, RENDERCAST_SIGNAL_DISCONNECT, "friend", None, None), RENDERCAST_OK);
    rig.until(|rig| (rig.viewer == 0).then_some(())).await;
    assert!(rig.no_info(data) && rig.no_info(number));
    assert_eq!(rig.send(data, 1, b"late"), RENDERCAST_NO_CHANNEL);
}

#[tokio::test]
async fn a_channel_of_the_host_opens_with_its_options_and_closes_after_everything_was_sent() {
    let _guard = shared();
    let (mut rig, _) = Rig::start(None).await;
    let (label, protocol) = (CString::new("world").unwrap(), CString::new("state").unwrap());
    let mut wanted = options(&label);
    (wanted.protocol, wanted.max_retransmits) = (protocol.as_ptr(), 3);
    wanted.flags = RENDERCAST_CHANNEL_UNORDERED | RENDERCAST_CHANNEL_MAX_RETRANSMITS;
    let (status, channel) = rig.open(&wanted);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rig.info(channel).state, RENDERCAST_CHANNEL_CONNECTING);
    assert_eq!(rig.send(channel, 1, b"early"), RENDERCAST_CHANNEL_NOT_OPEN);
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "world").await, channel);
    let info = rig.info(channel);
    assert_eq!((info.state, info.flags, info.max_retransmits), (RENDERCAST_CHANNEL_OPEN, wanted.flags, 3));
    assert_eq!((string(&info.protocol), info.id % 2), ("state".into(), 1));
    let page = rig.arrived().await;
    assert_eq!((page.label().await.unwrap(), page.protocol().await.unwrap()), ("world".into(), "state".into()));
    assert!(!page.ordered().await.unwrap());

    // Reliable and ordered, with more than fits at once.
    let label = CString::new("file").unwrap();
    let (_, file) = rig.open(&options(&label));
    rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "file").await;
    let page = rig.arrived().await;
    let part = vec![7; 60_000];
    let sent = (0..1000).take_while(|_| rig.send(file, 0, &part) == RENDERCAST_OK).count();
    assert!((17..1000).contains(&sent), "{sent} parts: then it has no room");
    assert!(rig.info(file).buffered_amount > 0);
    // It holds up no other channel.
    assert_eq!(rig.send(channel, 1, b"still here"), RENDERCAST_OK);
    assert_eq!(rendercast_channel_close(rig.streamer.0, file), RENDERCAST_OK);
    assert_eq!(rig.info(file).state, RENDERCAST_CHANNEL_CLOSING);
    assert_eq!(rig.send(file, 0, &part), RENDERCAST_CHANNEL_NOT_OPEN);
    let all = heard(&page, usize::MAX).await;
    assert_eq!((all.len(), all.iter().all(|(_, data)| data == &part)), (sent, true));
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_CLOSED, "file").await, file);

    // The next one opens though the stream may still be closing, and so does one that is closed before it is open.
    let (_, next) = rig.open(&options(&label));
    let (_, never) = rig.open(&options(&CString::new("never").unwrap()));
    assert_eq!(rendercast_channel_close(rig.streamer.0, never), RENDERCAST_OK);
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "file").await, next);
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_CLOSED, "never").await, never);
    assert!(rig.events.iter().all(
        |(kind, severity, ..)| (*kind, *severity) != (RENDERCAST_EVENT_CHANNEL_CLOSED, RENDERCAST_SEVERITY_WARNING)
    ));
}

#[tokio::test]
async fn what_waits_on_a_channel_rises_and_its_fall_to_the_threshold_is_told() {
    let _guard = shared();
    let (mut rig, data) = Rig::start(None).await;
    const LOW: u32 = 100_000;
    assert_eq!(rendercast_channel_set_buffered_amount_low_threshold(rig.streamer.0, data, LOW), RENDERCAST_OK);
    assert_eq!(rig.info(data).buffered_amount_low_threshold, LOW);
    let part = vec![7; 50_000];
    for n in 1..=10 {
        assert_eq!(rig.send(data, 0, &part), RENDERCAST_OK);
        assert!(rig.info(data).buffered_amount <= n * 50_000);
    }
    let page = Arc::clone(&rig.data);
    let reading = tokio::spawn(async move { heard(&page, 10).await.len() });
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_LOW, "data").await, data);
    assert!(rig.info(data).buffered_amount <= LOW.into());
    assert_eq!(reading.await.unwrap(), 10);
    rig.until(|rig| (rig.info(data).buffered_amount == 0).then_some(())).await;
    assert!(rig.events.is_empty(), "{:?}", rig.events);
}

#[tokio::test]
async fn a_negotiated_channel_has_the_id_that_both_sides_gave_it() {
    let _guard = shared();
    let (mut rig, _) = Rig::start(None).await;
    let label = CString::new("both").unwrap();
    let mut wanted = options(&label);
    (wanted.flags, wanted.id) = (RENDERCAST_CHANNEL_NEGOTIATED, 1000);
    let (status, channel) = rig.open(&wanted);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rig.open(&wanted), (RENDERCAST_CHANNEL_ID_IN_USE, 77));
    let init = RTCDataChannelInit { negotiated: Some(1000), ..Default::default() };
    let page = rig.browser.pc.create_data_channel("both", Some(init)).await.unwrap();
    assert_eq!(rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "both").await, channel);
    assert_eq!((rig.info(channel).id, rig.info(channel).flags), (1000, RENDERCAST_CHANNEL_NEGOTIATED));
    assert_eq!(rig.send(channel, 1, b"hello"), RENDERCAST_OK);
    assert_eq!(heard(&page, 1).await, [(true, b"hello".to_vec())]);
}

type Change<'a> = &'a dyn Fn(&mut rendercast_channel_options);

#[test]
fn what_no_channel_can_be_is_refused_by_name() {
    let _guard = shared();
    let streamer = streamer("");
    let open = |change: Change<'_>| {
        let mut wanted: rendercast_channel_options = sized();
        change(&mut wanted);
        let mut channel = 77;
        let status = unsafe { rendercast_channel_open(streamer.0, 9, &wanted, &raw mut channel) };
        assert_eq!(channel, 77);
        (status, last_error())
    };
    let long = CString::new("l".repeat(257)).unwrap();
    let refusals: [(Change<'_>, i32, &str); 8] = [
        (&|_| {}, RENDERCAST_NO_VIEWER, "viewer 9 is not here"),
        (&|o| o.flags = 16, RENDERCAST_INVALID_ARGUMENT, "options.flags = 16 is outside 0 to 15"),
        (&|o| o.flags = 6, RENDERCAST_INVALID_ARGUMENT, "not both"),
        (
            &|o| (o.flags, o.max_retransmits) = (2, 65_536),
            RENDERCAST_INVALID_ARGUMENT,
            "options.max_retransmits = 65536",
        ),
        (&|o| (o.flags, o.max_packet_life_time_ms) = (4, 65_536), RENDERCAST_INVALID_ARGUMENT, "life_time_ms = 65536"),
        (&|o| (o.flags, o.id) = (8, 1024), RENDERCAST_INVALID_ARGUMENT, "options.id = 1024 is outside 0 to 1023"),
        (&|o| o.label = long.as_ptr(), RENDERCAST_INVALID_ARGUMENT, "bytes of label = 257 is outside 0 to 256"),
        (&|o| o.protocol = c"\xff".as_ptr(), RENDERCAST_INVALID_TEXT, "options.protocol is not UTF-8"),
    ];
    for (change, status, part) in refusals {
        let (got, error) = open(change);
        assert_eq!(got, status, "{error}");
        assert!(error.contains(part), "{error}");
    }
    let nothing: *const rendercast_channel_options = null();
    let mut channel = 0;
    assert_eq!(unsafe { rendercast_channel_open(streamer.0, 9, nothing, &raw mut channel) }, RENDERCAST_NULL_POINTER);
    let wanted: rendercast_channel_options = sized();
    assert_eq!(unsafe { rendercast_channel_open(streamer.0, 9, &wanted, null_mut()) }, RENDERCAST_NULL_POINTER);

    let send = |text, data: *const c_char, len| unsafe {
        rendercast_channel_send(streamer.0, 5, text, data.cast::<u8>(), len)
    };
    assert_eq!(send(1, c"a".as_ptr(), 1), RENDERCAST_NO_CHANNEL);
    assert_eq!(send(2, c"a".as_ptr(), 1), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(send(1, c"\xff".as_ptr(), 1), RENDERCAST_INVALID_TEXT);
    assert_eq!(send(0, null(), 1), RENDERCAST_NULL_POINTER);
    assert_eq!(send(0, c"a".as_ptr(), RENDERCAST_MESSAGE_MAX + 1), RENDERCAST_MESSAGE_TOO_LONG);
    assert_eq!(rendercast_channel_close(streamer.0, 5), RENDERCAST_NO_CHANNEL);
    assert_eq!(rendercast_channel_set_buffered_amount_low_threshold(streamer.0, 5, 1), RENDERCAST_NO_CHANNEL);
    let no_info: *mut rendercast_channel_info = null_mut();
    assert_eq!(unsafe { rendercast_get_channel_info(streamer.0, 5, no_info) }, RENDERCAST_NULL_POINTER);
    let mut info: rendercast_channel_info = sized();
    info.size += 1;
    assert_eq!(unsafe { rendercast_get_channel_info(streamer.0, 5, &raw mut info) }, RENDERCAST_STRUCT_SIZE);
    assert_eq!(rendercast_channel_close(0, 5), RENDERCAST_INVALID_HANDLE);
}

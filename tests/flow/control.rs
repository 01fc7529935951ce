//! The control channel between our page and the host: what the page is to show and do, and what it tells beside input.

use rendercast::streamer::{FeedbackError, Keyboard, KeyboardMode, Rumble};
use serde_json::{Value, json};
use webrtc::data_channel::{DataChannel, RTCDataChannelState};

use super::*;

/// A viewer with our page's control channel.
pub struct Page {
    pub viewer: Viewer,
    pub id: ViewerId,
    pub control: Arc<dyn DataChannel>,
}

pub const HELLO: &str = r#"{"type":"hello","version":1,"touch":false,"gamepads":true,"pen":false,"language":"en"}"#;

impl Page {
    pub async fn open(host: &Host, hello: &str) -> (Self, Value) {
        Self::open_asking(host, hello, Asked::default()).await
    }

    pub async fn open_asking(host: &Host, hello: &str, asked: Asked) -> (Self, Value) {
        let here: Vec<_> = host.streamer.viewers().iter().map(|present| present.viewer).collect();
        let viewer = Viewer::open_asking(&host.link().await, asked).await.unwrap();
        // The stand-in's crate loses a channel that is made while the association is made.
        while !matches!(viewer.channel.ready_state().await, Ok(RTCDataChannelState::Open)) {
            tokio::task::yield_now().await;
        }
        let control = viewer.connection.create_data_channel("rendercast", None).await.unwrap();
        let mut page = Self { viewer, id: ViewerId(0), control };
        while page.control.send_text(hello).await.is_err() {
            tokio::task::yield_now().await;
        }
        let welcome = page.hears("welcome").await;
        page.id = ViewerId(welcome["viewer"].as_u64().unwrap() as u32);
        assert!(!here.contains(&page.id) && host.streamer.viewers().iter().any(|present| present.viewer == page.id));
        (page, welcome)
    }

    pub async fn say(&self, text: &str) {
        self.control.send_text(text).await.unwrap();
    }

    /// The next message of this type; those of other types are left out.
    pub async fn hears(&self, kind: &str) -> Value {
        let message = async {
            loop {
                match self.control.poll().await {
                    Some(DataChannelEvent::OnMessage(message)) => {
                        let json: Value = serde_json::from_slice(&message.data).unwrap();
                        if json["type"] == kind {
                            return json;
                        }
                    }
                    Some(_) => {}
                    None => panic!("the channel closed before {kind}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, message).await.unwrap_or_else(|_| panic!("no {kind}"))
    }

    /// A key goes down or up, in the format of Unity Render Streaming.
    pub async fn key(&self, key: u8, down: bool) {
        let message = [0, u8::from(down), 0, key, 0];
        while self.viewer.channel.send(bytes::BytesMut::from(&message[..])).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}

/// With this part `input` of the configuration.
pub fn host(input: &str) -> Host {
    let mut config: Value = serde_json::from_str(LOCAL).unwrap();
    config["input"] = serde_json::from_str(input).unwrap();
    Host::start(&config.to_string())
}

/// The next input event that is of interest.
pub async fn input<T>(host: &Host, wanted: impl Fn(ViewerId, InputKind) -> Option<T>) -> T {
    let found = async {
        loop {
            match host.streamer.poll_input() {
                Some(event) => {
                    if let Some(found) = wanted(event.viewer, event.kind) {
                        return found;
                    }
                }
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("input comes")
}

pub async fn until(what: &str, done: impl Fn() -> bool) {
    assert!(comes(done).await, "it never came: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_told_what_the_host_wants_it_to_show_and_do_and_so_are_those_to_come() {
    let host = host(r#"{"clipboard":true,"clipboard_max_bytes":20}"#);
    let streamer = &host.streamer;
    let (page, welcome) = Page::open(&host, HELLO).await;
    assert_eq!((&welcome["role"], &welcome["number"]), (&json!("player"), &json!(1)));
    assert_eq!((&welcome["version"], &welcome["clipboard"]), (&json!(1), &json!(true)));
    assert!(welcome["codecs"].as_array().unwrap().iter().any(|codec| codec == "H264"), "{welcome}");

    let rumble = Rumble { pad: 1, strong: 1.0, left_trigger: 0.5, ms: 250, ..Default::default() };
    streamer.rumble(Some(page.id), rumble).unwrap();
    let told = page.hears("rumble").await;
    assert_eq!((&told["pad"], &told["strong"], &told["left_trigger"]), (&json!(1), &json!(1.0), &json!(0.5)));
    assert_eq!((&told["weak"], &told["right_trigger"], &told["ms"]), (&json!(0.0), &json!(0.0), &json!(250)));
    streamer.set_cursor(None, Some("crosshair")).unwrap();
    assert_eq!(page.hears("cursor").await["shape"], "crosshair");
    streamer.set_pointer_lock(Some(page.id), true).unwrap();
    assert_eq!(page.hears("pointer_lock").await["on"], true);
    streamer.freeze(None, true).unwrap();
    assert_eq!(page.hears("freeze").await["on"], true);
    let (text, label, mode) = ("höhö".into(), "Name".into(), KeyboardMode::Email);
    let keyboard = Keyboard { text, label, mode, selection_start: 1, selection_end: 4 };
    streamer.set_keyboard(Some(page.id), Some(keyboard)).unwrap();
    let told = page.hears("keyboard").await;
    assert_eq!((&told["show"], &told["text"], &told["mode"]), (&json!(true), &json!("höhö"), &json!("email")));
    assert_eq!((&told["start"], &told["end"], &told["label"]), (&json!(1), &json!(4), &json!("Name")));
    streamer.set_keyboard(None, None).unwrap();
    assert_eq!(page.hears("keyboard").await["show"], false);
    streamer.set_clipboard(Some(page.id), "copied \"this\"").unwrap();
    assert_eq!(page.hears("clipboard").await["text"], "copied \"this\"");
    let long = streamer.set_clipboard(None, "more than twenty bytes");
    assert_eq!(long, Err(FeedbackError::TooLong { name: "text", bytes: 22, longest: 20 }));
    // A text of the host's has the form of the channel; bytes go as they are.
    streamer.send_message(Some(page.id), "rendercast", true, "grüße".as_bytes()).unwrap();
    assert_eq!(page.hears("message").await["text"], "grüße");

    let (other, _) = Page::open(&host, HELLO).await;
    assert_eq!(other.hears("cursor").await["shape"], "crosshair");
    assert_eq!(other.hears("freeze").await["on"], true);
    streamer.set_cursor(Some(other.id), None).unwrap();
    assert_eq!(other.hears("cursor").await["shape"], "default");
    streamer.rumble(None, Rumble::default()).unwrap();
    assert_eq!(
        (page.hears("rumble").await["ms"].as_u64(), other.hears("rumble").await["ms"].as_u64()),
        (Some(0), Some(0))
    );
    other.viewer.leave().await;
    page.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_page_says_reaches_the_host_and_what_is_nothing_is_counted() {
    let host = host(r#"{"clipboard":true,"clipboard_max_bytes":8}"#);
    let (page, _) = Page::open(&host, HELLO).await;
    page.say(r#"{"type":"field","text":"日本","start":2,"end":9,"done":false}"#).await;
    let field = input(&host, |who, kind| match kind {
        InputKind::TextField { text, selection_start, selection_end, done } => {
            Some((who, text, selection_start, selection_end, done))
        }
        _ => None,
    });
    assert_eq!(field.await, (page.id, "日本".into(), 2, 2, false));
    page.say(r#"{"type":"clipboard","text":"123456789"}"#).await;
    page.say(r#"{"type":"clipboard","text":"12345678"}"#).await;
    let copied = input(&host, |_, kind| if let InputKind::Clipboard { text } = kind { Some(text) } else { None });
    assert_eq!(copied.await, "12345678");
    assert_eq!(host.counter("clipboard_texts_refused"), 1);
    for (said, heard) in [
        (r#"{"type":"message","text":"hi\n"}"#, "hi\n"),
        (r#"{"type":"weather","rain":true}"#, r#"{"type":"weather","rain":true}"#),
    ] {
        page.say(said).await;
        let message = input(&host, |_, kind| match kind {
            InputKind::Message { channel, text: true, data, .. } => Some((channel, String::from_utf8(data).unwrap())),
            _ => None,
        });
        assert_eq!(message.await, ("rendercast".to_owned(), heard.to_owned()));
    }
    for malformed in ["nothing", "{}", r#"{"type":"give"}"#] {
        page.say(malformed).await;
    }
    until("three that are malformed", || host.counter("input_messages_malformed") == 3).await;
    page.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_of_the_clipboard_go_nowhere_unless_the_host_has_switched_that_on() {
    let host = host("{}");
    let (page, welcome) = Page::open(&host, HELLO).await;
    assert_eq!(welcome["clipboard"], false);
    assert_eq!(host.streamer.set_clipboard(Some(page.id), "secret"), Err(FeedbackError::ClipboardOff));
    page.say(r#"{"type":"clipboard","text":"secret"}"#).await;
    until("it is counted", || host.counter("clipboard_texts_refused") == 1).await;
    assert_eq!(host.streamer.poll_input(), None);
    page.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_away_is_told_why_lets_go_and_is_gone() {
    let host = host("{}");
    let (page, _) = Page::open(&host, HELLO).await;
    page.key(37, true).await;
    let key =
        |wanted| move |_, kind| matches!(kind, InputKind::Key { key: 37, down, .. } if down == wanted).then_some(());
    input(&host, key(true)).await;
    host.streamer.kick(page.id, "be kind").unwrap();
    assert_eq!(page.hears("kick").await["reason"], "be kind");
    input(&host, key(false)).await;
    let message = tokio::time::timeout(PATIENCE, host.event(EventKind::ViewerDisconnected)).await.unwrap();
    assert_eq!(message, "sent away: be kind");
    assert_eq!(host.streamer.kick(page.id, ""), Err(FeedbackError::NoViewer(page.id)));
    let gone = Err(FeedbackError::NoViewer(page.id));
    assert_eq!(host.streamer.rumble(Some(page.id), Rumble::default()), gone);
    assert_eq!(host.streamer.set_cursor(Some(page.id), None), gone);
    page.viewer.leave().await;
    // A page without the channel cannot be told, and goes all the same.
    let viewer = Viewer::open(&host.link().await).await.unwrap();
    tokio::time::timeout(PATIENCE, host.event(EventKind::ViewerConnected)).await.unwrap();
    let id = host.streamer.viewers()[0].viewer;
    assert_eq!(host.streamer.rumble(Some(id), Rumble::default()), Err(FeedbackError::NoChannel));
    host.streamer.kick(id, "").unwrap();
    let message = tokio::time::timeout(PATIENCE, host.event(EventKind::ViewerDisconnected)).await.unwrap();
    assert_eq!(message, "sent away: ");
    viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_away_hears_why_behind_all_that_was_said_before() {
    let host = host("{}");
    let (page, _) = Page::open(&host, HELLO).await;
    // No more than its socket takes in one burst: what is lost there comes again after a second, and the page is given two.
    let long = "x".repeat(60_000);
    let sent = 2;
    for _ in 0..sent {
        host.streamer.send_message(Some(page.id), "rendercast", true, long.as_bytes()).unwrap();
    }
    host.streamer.kick(page.id, "be kind").unwrap();
    for _ in 0..sent {
        assert_eq!(page.hears("message").await["text"].as_str().map(str::len), Some(long.len()));
    }
    assert_eq!(page.hears("kick").await["reason"], "be kind");
    tokio::time::timeout(PATIENCE, host.event(EventKind::ViewerDisconnected)).await.unwrap();
    page.viewer.leave().await;
}

//! Private mode: both sides name one connection.

use rendercast::config::SignalingConfig;
use rendercast::signaling::{SignalCommand, SignalEvent};
use serde_json::json;

use crate::rig::*;
use crate::socket::{PRIVATE, SocketPage, id, offered, over_web_socket, server};
use crate::urs::Generation;

const OVER_HTTP: Generation = Generation::Newest { private: true, web_socket: false };

fn named(config: SignalingConfig) -> SignalingConfig {
    SignalingConfig { connection_id: "12345".into(), ..config }
}

fn invite() -> SignalEvent {
    SignalEvent::Invite { connection: id("12345"), one_stream: false }
}

fn offer(sdp: &str) -> SignalCommand {
    SignalCommand::Offer { connection: id("12345"), sdp: sdp.into() }
}

#[tokio::test]
async fn first_one_in_is_impolite_and_its_early_offer_comes_again_with_its_candidates() {
    guarded(async {
        let server = server(PRIVATE).await;
        let mut client = Client::start(named(over_web_socket(&server)), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, invite());
        client.say(offer("v=0 ours")).await;
        client.say(SignalCommand::Candidate { connection: id("12345"), candidate: ice("candidate:1") }).await;
        server.until(|inside| (inside.frames.len() == 3).then_some(())).await;
        let mut page = SocketPage::open(&server);
        page.connect(&server, "12345");
        assert_eq!(page.hears("connect").await["polite"], true);
        // What the negotiation does every 5 s.
        client.say(offer("v=0 ours")).await;
        assert_eq!(page.hears("offer").await["data"]["sdp"], "v=0 ours");
        assert_eq!(page.hears("candidate").await["data"]["candidate"], "candidate:1");
        page.offer(&server, "12345", "v=0 theirs");
        assert_eq!(page.hears("offer").await["data"]["sdp"], "v=0 ours", "at once, to one who has just come");
        assert_eq!(
            client.next().await,
            offered("12345", "v=0 theirs", false),
            "whatever the server says of both sides"
        );
        page.answer(&server, "12345", "v=0 answer");
        assert_eq!(client.next().await, SignalEvent::Answer { connection: id("12345"), sdp: "v=0 answer".into() });
        page.say(&server, &json!({"type": "disconnect", "connectionId": "12345"}));
        assert_eq!(client.next().await, SignalEvent::Disconnect { connection: id("12345") });
        assert_eq!(client.next().await, invite(), "for the next one");
    })
    .await;
}

#[tokio::test]
async fn second_one_in_is_polite_and_a_third_one_is_told_and_waits() {
    guarded(async {
        let server = server(PRIVATE).await;
        let pages = [SocketPage::open(&server), SocketPage::open(&server)];
        pages[0].connect(&server, "12345");
        let mut client = Client::start(named(over_web_socket(&server)), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, invite());
        pages[0].offer(&server, "12345", "v=0 theirs");
        assert_eq!(client.next().await, offered("12345", "v=0 theirs", true));
        client.close().await;
        server.until(|inside| (inside.clients().len() == 2).then_some(())).await;
        pages.iter().for_each(|page| page.connect(&server, "12345"));
        let mut late = Client::start(named(over_web_socket(&server)), TIMING);
        late.ready().await;
        assert!(late.trouble().await.contains("signaling.connection_id = 12345"));
        pages[0].leave(&server);
        assert!(late.ready().await.contains("12345"), "after a while");
        assert_eq!(late.next().await, invite());
    })
    .await;
}

#[tokio::test]
async fn restarted_server_is_asked_for_the_connection_again() {
    guarded(async {
        let mut server = server(PRIVATE).await;
        let mut client = Client::start(named(config(server.url())), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, invite());
        client.say(offer("v=0 ours")).await;
        let page = SocketPage::open(&server);
        page.connect(&server, "12345");
        page.answer(&server, "12345", "v=0 answer");
        assert!(matches!(client.next().await, SignalEvent::Answer { .. }));
        server.restart(PRIVATE).await.unwrap();
        client.trouble().await;
        client.ready().await;
        let mut page = SocketPage::open(&server);
        server.until(|inside| (inside.frames.last()?.1.contains(r#""connect""#)).then_some(())).await;
        page.connect(&server, "12345");
        assert_eq!(page.hears("connect").await["polite"], true, "we are in already");
        page.offer(&server, "12345", "v=0 new");
        assert_eq!(client.next().await, offered("12345", "v=0 new", false), "what lives is not invited again");
    })
    .await;
}

#[tokio::test]
async fn private_mode_over_http_is_the_same() {
    guarded(async {
        let server = server(OVER_HTTP).await;
        let mut client = Client::start(named(config(server.url())), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, invite());
        client.say(offer("v=0 ours")).await;
        client.say(SignalCommand::Candidate { connection: id("12345"), candidate: ice("candidate:1") }).await;
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        let page = Page::open(&server, "12345");
        assert_eq!(page.messages(&server).iter().filter(|message| message["type"] == "offer").count(), 0, "dropped");
        client.say(offer("v=0 ours")).await;
        until_requests(&server, "POST", "/signaling/offer", 2).await;
        page.offer(&server, "v=0 theirs");
        assert_eq!(client.next().await, page.offer_event("v=0 theirs", false, false), "the first one in is impolite");
        page.answer(&server, "v=0 answer");
        assert_eq!(client.next().await, SignalEvent::Answer { connection: page.id(), sdp: "v=0 answer".into() });
        let kinds: Vec<_> = page.messages(&server).iter().map(|message| message["type"].clone()).collect();
        assert!(kinds.contains(&json!("offer")) && kinds.contains(&json!("candidate")), "{kinds:?}");
        page.leave(&server);
        assert_eq!(client.next().await, SignalEvent::Disconnect { connection: page.id() });
        assert_eq!(client.next().await, invite(), "for the next one");
        client.close().await;
    })
    .await;
}

#[tokio::test]
async fn third_one_over_http_is_told_once() {
    guarded(async {
        let server = server(OVER_HTTP).await;
        let pages = [Page::open(&server, "12345"), Page::open(&server, "12345")];
        let mut client = Client::start(named(config(server.url())), TIMING);
        client.ready().await;
        let reason = client.trouble().await;
        assert!(reason.contains("signaling.connection_id = 12345: two others"), "{reason}");
        pages[0].leave(&server);
        assert_eq!(client.next().await, invite(), "after a while");
    })
    .await;
}

#[tokio::test]
async fn server_in_private_mode_says_what_to_configure() {
    guarded(async {
        let server = server(OVER_HTTP).await;
        let mut client = Client::start(config(server.url()), TIMING);
        client.ready().await;
        assert!(client.trouble().await.contains("signaling.connection_id"));
    })
    .await;
}

#[tokio::test]
async fn viewer_nobody_came_for_leaves_without_ending_the_place() {
    guarded(async {
        let server = server(PRIVATE).await;
        let mut client = Client::start(named(over_web_socket(&server)), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, invite());
        client.say(offer("v=0 ours")).await;
        client.say(SignalCommand::Disconnect { connection: id("12345") }).await;
        assert_eq!(client.next().await, invite(), "again");
        let frames = server.lock().frames.clone();
        assert!(!frames.iter().any(|(_, text)| text.contains("disconnect")), "{frames:?}");
    })
    .await;
}

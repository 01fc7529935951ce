//! Whole conversations, both generations.

use std::time::Duration;

use rendercast::signaling::{SignalCommand, SignalEvent};
use serde_json::json;

use crate::rig::*;
use crate::urs::Generation;
use crate::urs_server::{Fault, UrsServer};

async fn server(generation: Generation) -> UrsServer {
    UrsServer::start(generation, 0, None).await.unwrap()
}

#[tokio::test]
async fn seed_page_and_client_meet() {
    guarded(async {
        let server = server(Generation::First).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert_eq!(client.ready().await, "Unity Render Streaming server, generation 1");
        let page = Page::open(&server, "");
        page.offer(&server, MEDIA);
        page.candidate(&server, "candidate:page");
        assert_eq!(client.next().await, page.offer_event(MEDIA, true, true));
        client.answer(&page, "answer").await;
        client.say(SignalCommand::Candidate { connection: page.id(), candidate: ice("candidate:ours") }).await;
        assert_eq!(client.next().await, page.candidate_event("candidate:page"));
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        assert_eq!(page.list(&server, "answers"), [json!({"connectionId": page.connection, "sdp": "answer"})]);
        let candidate = json!({"candidate": "candidate:ours", "sdpMid": "0", "sdpMLineIndex": 0});
        let expected = json!({"connectionId": page.connection, "candidates": [candidate]});
        assert_eq!(page.list(&server, "candidates"), [expected]);
        // The clock of this generation has whole seconds: all of it is delivered many times.
        after_polls(&server, "/signaling/candidate", 5).await;
        client.silent();
        let asked = |path: &str| server.lock().log.iter().filter(|request| request.path == path).count();
        assert_eq!((asked("/signaling/answer") - 1, asked("/protocol")), (0, 1), "no answer is waited for");
        let session = server.lock().log.iter().find_map(|request| request.session.clone()).unwrap();
        client.close().await;
        assert!(!server.lock().urs.sessions().contains(&session), "the session is ended");
    })
    .await;
}

#[tokio::test]
async fn newest_page_and_client_meet() {
    guarded(async {
        let server = server(NEWEST).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert_eq!(client.ready().await, "Unity Render Streaming server, newest generation");
        let page = Page::open(&server, "conn-1");
        page.offer(&server, "m=application 9 x\r\n");
        page.candidate(&server, "candidate:page");
        page.candidate(&server, "");
        assert_eq!(client.next().await, page.offer_event("m=application 9 x\r\n", false, false));
        client.answer(&page, "data answer").await;
        client.say(SignalCommand::Offer { connection: page.id(), sdp: "media offer".into() }).await;
        client.say(SignalCommand::Candidate { connection: page.id(), candidate: ice("candidate:ours") }).await;
        assert_eq!(client.next().await, page.candidate_event("candidate:page"));
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        let kinds: Vec<_> = page.messages(&server).iter().map(|message| message["type"].clone()).collect();
        for kind in ["answer", "offer", "candidate"] {
            assert!(kinds.contains(&json!(kind)), "{kind} in {kinds:?}");
        }
        page.answer(&server, "media answer");
        assert_eq!(client.next().await, SignalEvent::Answer { connection: page.id(), sdp: "media answer".into() });
        after_polls(&server, "/signaling", 5).await;
        client.silent();
        page.leave(&server);
        assert_eq!(client.next().await, SignalEvent::Disconnect { connection: page.id() });
        client.close().await;
        assert_eq!(server.lock().urs.sessions(), [""; 0], "the session is ended");
    })
    .await;
}

#[tokio::test]
async fn page_is_told_that_we_left_it() {
    guarded(async {
        let server = server(NEWEST).await;
        let mut client = Client::start(config(server.url()), TIMING);
        client.ready().await;
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
        client.say(SignalCommand::Disconnect { connection: page.id() }).await;
        until_requests(&server, "DELETE", "/signaling/connection", 1).await;
        assert!(page.messages(&server).iter().any(|message| message["type"] == "disconnect"));
        after_polls(&server, "/signaling", 5).await;
        client.silent();
    })
    .await;
}

#[tokio::test]
async fn own_offers_and_answers_are_not_heard() {
    guarded(async {
        let server = server(Generation::First).await;
        let mut client = Client::start(config(server.url()), TIMING);
        client.ready().await;
        let page = Page::open(&server, "");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, true, true));
        client.answer(&page, "our answer").await;
        client.say(SignalCommand::Offer { connection: page.id(), sdp: "our offer".into() }).await;
        until_requests(&server, "POST", "/signaling/offer", 1).await;
        after_polls(&server, "/signaling/answer", 3).await;
        client.silent();
        page.answer(&server, "their answer");
        assert_eq!(client.next().await, SignalEvent::Answer { connection: page.id(), sdp: "their answer".into() });
    })
    .await;
}

#[tokio::test]
async fn server_without_combined_polling_is_asked_for_lists() {
    guarded(async {
        let server = server(NEWEST).await;
        server.fail_next(1_000_000, "GET", "/signaling", Fault::Status(404));
        let mut client = Client::start(config(server.url()), TIMING);
        assert_eq!(client.ready().await, "Unity Render Streaming server, generation 3");
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        page.candidate(&server, "candidate:page");
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
        client.answer(&page, "answer").await;
        assert_eq!(client.next().await, page.candidate_event("candidate:page"), "the flat shape");
    })
    .await;
}

#[tokio::test]
async fn two_pages_do_not_wait_for_each_other() {
    guarded(async {
        let server = server(NEWEST).await;
        let mut client = Client::start(config(server.url()), TIMING);
        client.ready().await;
        let pages = [Page::open(&server, "conn-a"), Page::open(&server, "conn-b")];
        let (switch, held) = tokio::sync::watch::channel(false);
        server.fail_next(1, "POST", "/signaling/answer", Fault::Hold(held));
        for page in &pages {
            page.offer(&server, MEDIA);
            client.next().await;
            client.answer(page, "answer").await;
            until_requests(&server, "POST", "/signaling/answer", 1).await;
        }
        until_requests(&server, "POST", "/signaling/answer", 2).await;
        assert!(pages[1].messages(&server).iter().any(|message| message["type"] == "answer"));
        client.say(SignalCommand::Candidate { connection: pages[1].id(), candidate: ice("b") }).await;
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        switch.send_replace(true);
    })
    .await;
}

#[tokio::test]
async fn command_makes_polling_fast() {
    guarded(async {
        let server = server(NEWEST).await;
        let config = rendercast::config::SignalingConfig { idle_poll_ms: 60_000, ..config(server.url()) };
        let mut client = Client::start(config, TIMING);
        client.ready().await;
        let page = Page::open(&server, "conn-1");
        client.say(SignalCommand::Offer { connection: page.id(), sdp: "offer".into() }).await;
        // The idle pace is 8 s.
        let polls = after_polls(&server, "/signaling", 5);
        tokio::time::timeout(Duration::from_secs(6), polls).await.expect("polled at the idle pace");
    })
    .await;
}

#[tokio::test]
async fn offers_of_long_ago_are_left_to_rest_on_servers_that_keep_them() {
    guarded(async {
        let server = server(Generation::First).await;
        let [gone, waiting] = [Page::open(&server, ""), Page::open(&server, "")];
        gone.offer(&server, MEDIA);
        server.advance_clock(60_000);
        waiting.offer(&server, MEDIA);
        server.advance_clock(20_000);
        let mut client = Client::start(config(server.url()), TIMING);
        client.ready().await;
        assert_eq!(client.next().await, waiting.offer_event(MEDIA, true, true));
        after_polls(&server, "/signaling/offer", 3).await;
        client.silent();
    })
    .await;
}

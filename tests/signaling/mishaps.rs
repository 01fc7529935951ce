//! What goes wrong with servers, and what the client makes of it.

use std::time::Duration;

use rendercast::config::{SignalingConfig, SignalingProtocol};
use rendercast::signaling::client::{Timing, spawn};
use rendercast::signaling::{SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use tokio::sync::mpsc::channel;
use tokio::sync::watch;

use crate::rig::*;
use crate::urs::Generation;
use crate::urs_server::{Fault, UrsServer};

async fn start(generation: Generation) -> (UrsServer, Client) {
    let server = UrsServer::start(generation, 0, None).await.unwrap();
    let mut client = Client::start(config(server.url()), TIMING);
    client.ready().await;
    (server, client)
}

/// One outage, told once, after which an offer still arrives.
async fn one_outage(generation: Generation, path: &'static str, fault: Fault) -> String {
    let (server, mut client) = start(generation).await;
    server.fail_next(6, "GET", path, fault);
    let reason = client.trouble().await;
    client.ready().await;
    assert!(server.lock().all_faults_happened(), "ready only after the outage");
    let page = Page::open(&server, "conn-1");
    page.offer(&server, MEDIA);
    assert!(matches!(client.next().await, SignalEvent::Offer { .. }));
    assert!(client.counters.signaling_errors.get() > 0);
    reason
}

#[tokio::test]
async fn refusing_server_is_trouble_once() {
    guarded(async {
        let reason = one_outage(NEWEST, "/signaling", Fault::Status(503)).await;
        assert!(reason.contains("503"), "{reason}");
        one_outage(Generation::First, "/signaling/offer", Fault::Status(500)).await;
    })
    .await;
}

#[tokio::test]
async fn garbage_and_huge_answers_are_trouble_once() {
    guarded(async {
        let reason = one_outage(NEWEST, "/signaling", Fault::Garbage).await;
        assert!(reason.contains("not JSON"), "{reason}");
        let reason = one_outage(Generation::First, "/signaling/offer", Fault::Huge).await;
        assert!(reason.contains("larger"), "{reason}");
        one_outage(NEWEST, "/signaling", Fault::NotHttp).await;
        one_outage(NEWEST, "/signaling", Fault::Close).await;
    })
    .await;
}

#[tokio::test]
async fn connection_closed_once_is_no_trouble() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        server.fail_next(1, "GET", "/signaling", Fault::Close);
        after_polls(&server, "/signaling", 5).await;
        assert!(server.lock().all_faults_happened());
        client.silent();
        assert_eq!(client.counters.signaling_errors.get(), 0);
    })
    .await;
}

#[tokio::test]
async fn dead_server_is_given_up_after_the_time_limit() {
    guarded(async {
        let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
        let (switch, held) = watch::channel(false);
        server.fail_next(2, "GET", "/config", Fault::Hold(held));
        let timing = Timing { request: Duration::from_millis(100), ..TIMING };
        let mut client = Client::start(config(server.url()), timing);
        assert!(client.trouble().await.contains("in time"));
        client.ready().await;
        drop(switch);
    })
    .await;
}

#[tokio::test]
async fn server_that_comes_later_is_found() {
    guarded(async {
        let mut server = UrsServer::start(Generation::First, 0, None).await.unwrap();
        server.pause().await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert!(client.trouble().await.contains("reached"));
        server.resume().await.unwrap();
        client.ready().await;
    })
    .await;
}

#[tokio::test]
async fn restarted_server_is_found_again_even_as_another_release() {
    guarded(async {
        let (mut server, mut client) = start(Generation::First).await;
        server.restart(NEWEST).await.unwrap();
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        let mut event = client.next().await;
        // Whether a poll fell into the restart is chance; if so it is told, and ended.
        if matches!(event, SignalEvent::Trouble { .. }) {
            assert!(client.ready().await.contains("newest"));
            event = client.next().await;
        }
        assert_eq!(event, page.offer_event(MEDIA, false, false));
    })
    .await;
}

#[tokio::test]
async fn lost_session_is_replaced_silently_and_viewers_are_kept() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
        server.lock().urs.drop_sessions();
        until_requests(&server, "PUT", "/signaling", 2).await;
        // The page comes back under its name with what it said before, which is nothing new.
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        after_polls(&server, "/signaling", 5).await;
        client.silent();
        page.offer(&server, "m=video 9 new\r\n");
        assert_eq!(client.next().await, page.offer_event("m=video 9 new\r\n", false, false));
        client.answer(&page, "answer").await;
        until_requests(&server, "POST", "/signaling/answer", 1).await;
        assert!(page.messages(&server).iter().any(|message| message["sdp"] == "answer"));
    })
    .await;
}

#[tokio::test]
async fn session_the_server_forgot_for_silence_is_replaced() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        let page = Page::open(&server, "conn-1");
        server.advance_clock(11_000);
        // Another session's poll is what makes the server look.
        page.messages(&server);
        until_requests(&server, "PUT", "/signaling", 2).await;
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
    })
    .await;
}

#[tokio::test]
async fn answer_does_not_wait_behind_a_slow_poll() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        client.next().await;
        let (switch, held) = watch::channel(false);
        server.fail_next(1, "GET", "/signaling", Fault::Hold(held));
        server.until(|inside| inside.all_faults_happened().then_some(())).await;
        client.answer(&page, "answer").await;
        until_requests(&server, "POST", "/signaling/answer", 1).await;
        switch.send_replace(true);
    })
    .await;
}

#[tokio::test]
async fn candidate_follows_its_answer_however_often_that_is_refused() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        client.next().await;
        server.fail_next(2, "POST", "/signaling/answer", Fault::Status(503));
        server.fail_next(1, "POST", "/signaling/answer", Fault::Close);
        client.answer(&page, "answer").await;
        client.say(SignalCommand::Candidate { connection: page.id(), candidate: ice("candidate:1") }).await;
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        let posts: Vec<_> = server.lock().log.iter().filter(|r| r.method == "POST").map(|r| r.path.clone()).collect();
        assert_eq!(posts.len(), 5, "{posts:?}");
        assert!(posts[..4].iter().all(|path| path == "/signaling/answer"));
    })
    .await;
}

#[tokio::test]
async fn answer_that_made_the_first_server_stumble_is_not_repeated() {
    guarded(async {
        let (server, mut client) = start(Generation::First).await;
        let other = Page::open(&server, "");
        let page = Page { session: other.session.clone(), connection: Page::open(&server, "").connection };
        other.candidate(&server, "candidate:of another connection");
        page.offer(&server, MEDIA);
        client.next().await;
        client.answer(&page, "answer").await;
        client.say(SignalCommand::Candidate { connection: page.id(), candidate: ice("candidate:1") }).await;
        until_requests(&server, "POST", "/signaling/candidate", 1).await;
        let answers = server.lock().log.iter().filter(|r| r.method == "POST" && r.path == "/signaling/answer").count();
        assert_eq!(answers, 1);
        assert_eq!(client.counters.signaling_errors.get(), 0);
    })
    .await;
}

#[tokio::test]
async fn server_whose_pages_talk_websocket_is_named_and_still_polled_where_http_is_configured() {
    guarded(async {
        let generation = Generation::Newest { private: false, web_socket: true };
        let server = UrsServer::start(generation, 0, None).await.unwrap();
        let config = SignalingConfig { protocol: SignalingProtocol::UrsHttp, ..config(server.url()) };
        let mut client = Client::start(config, TIMING);
        client.ready().await;
        assert!(client.trouble().await.contains("start it with -t http"));
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
    })
    .await;
}

#[tokio::test]
async fn host_that_reads_no_events_can_still_send_and_leave() {
    guarded(async {
        let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
        let client = Client::start_with_room(config(server.url()), TIMING, 1);
        let pages: Vec<_> = (0..4).map(|n| Page::open(&server, &format!("conn-{n}"))).collect();
        pages.iter().for_each(|page| page.offer(&server, MEDIA));
        // The first successful poll brings more than there is room for.
        until_requests(&server, "GET", "/signaling", 2).await;
        client.say(SignalCommand::Offer { connection: pages[0].id(), sdp: "offer".into() }).await;
        until_requests(&server, "POST", "/signaling/offer", 1).await;
        client.close().await;
        until_requests(&server, "DELETE", "/signaling", 1).await;
    })
    .await;
}

#[tokio::test]
async fn leaving_a_dead_server_is_limited_in_time() {
    guarded(async {
        let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
        let timing = Timing { goodbye: Duration::from_millis(20), ..TIMING };
        let mut client = Client::start(config(server.url()), timing);
        client.ready().await;
        let (_switch, held) = watch::channel(false);
        server.fail_next(1, "DELETE", "/signaling", Fault::Hold(held));
        client.close().await;
    })
    .await;
}

#[tokio::test]
async fn thread_ends_by_itself_although_the_server_hangs() {
    guarded(async {
        for (method, path) in [("GET", "/config"), ("GET", "/signaling"), ("DELETE", "/signaling")] {
            let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
            let (_switch, held) = watch::channel(false);
            server.fail_next(1, method, path, Fault::Hold(held));
            let (to_us, mut events) = channel(64);
            let (commands, from_us) = channel(64);
            let thread = spawn(config(server.url()), to_us, from_us, Counters::default()).unwrap();
            assert_eq!(thread.thread().name(), Some("rc-signaling"));
            if method == "DELETE" {
                assert!(matches!(events.recv().await, Some(SignalEvent::Ready { .. })));
            } else {
                server.until(|inside| inside.all_faults_happened().then_some(())).await;
            }
            drop(commands);
            assert_eq!(events.recv().await, None, "{method} {path}");
            thread.join().unwrap();
            assert!(server.lock().all_faults_happened(), "{method} {path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_signaling_server_is_said_to_be_none() {
    guarded(async {
        for (fault, part) in [
            (Fault::Garbage, "does not look like a Unity Render Streaming server: its answer is not JSON"),
            (Fault::Status(404), "is not a Unity Render Streaming server: it has no /signaling"),
            (Fault::Status(405), "is not a Unity Render Streaming server: it has no /signaling"),
            (Fault::NotHttp, "does not talk HTTP"),
            (Fault::Close, "does not talk HTTP"),
        ] {
            let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
            server.fail_next(usize::MAX, "GET", "/config", Fault::Garbage);
            server.fail_next(usize::MAX, "GET", "/protocol", Fault::Garbage);
            server.fail_next(usize::MAX, "PUT", "/signaling", fault);
            let mut client = Client::start(config(server.url()), TIMING);
            let reason = client.trouble().await;
            assert!(reason.contains(part), "{reason:?} has no {part:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn address_that_is_none_is_trouble_and_ends_with_the_host() {
    guarded(async {
        let mut client = Client::start(config("http://".into()), TIMING);
        assert!(client.trouble().await.contains("signaling.url"));
        client.close().await;
    })
    .await;
}

#[tokio::test]
async fn session_is_kept_while_the_server_fails() {
    guarded(async {
        let server = UrsServer::start(NEWEST, 0, None).await.unwrap();
        server.fail_next(5, "GET", "/signaling", Fault::Status(503));
        let mut client = Client::start(config(server.url()), TIMING);
        client.trouble().await;
        client.ready().await;
        assert_eq!(server.lock().urs.sessions().len(), 1, "no session is left behind for ever");
    })
    .await;
}

#[tokio::test]
async fn what_was_said_before_the_new_session_is_heard() {
    guarded(async {
        let (server, mut client) = start(NEWEST).await;
        let (switch, held) = watch::channel(false);
        server.fail_next(1, "GET", "/signaling", Fault::Hold(held));
        server.until(|inside| inside.all_faults_happened().then_some(())).await;
        // Started anew, with an earlier clock, and found by a page before it is found by us.
        server.lock().urs.drop_sessions();
        server.advance_clock(-60_000);
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        switch.send_replace(true);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
    })
    .await;
}

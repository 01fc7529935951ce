//! What goes wrong with servers over a WebSocket, and what the client makes of it.

use std::sync::Arc;
use std::time::Duration;

use rendercast::config::{SignalingConfig, SignalingProtocol};
use rendercast::signaling::client::{Timing, spawn};
use rendercast::signaling::{SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::channel;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::*;
use crate::socket::{PUBLIC, SocketPage, id, offered, over_web_socket, server};
use crate::urs_server::Fault;

#[tokio::test]
async fn restarted_server_is_joined_again_and_viewers_never_notice() {
    guarded(async {
        let mut server = server(PUBLIC).await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        client.ready().await;
        let page = SocketPage::open(&server);
        page.offer(&server, "conn-1", MEDIA);
        assert_eq!(client.next().await, offered("conn-1", MEDIA, false));
        server.pause().await;
        assert!(client.trouble().await.contains("closed the connection"));
        // What is said meanwhile, of a connection whose page waits.
        client.say(SignalCommand::Answer { connection: id("conn-1"), sdp: "answer".into() }).await;
        server.resume().await.unwrap();
        client.ready().await;
        server.until(|inside| inside.frames.iter().any(|(_, text)| text.contains("answer")).then_some(())).await;
        client.silent();
    })
    .await;
}

#[tokio::test]
async fn server_that_comes_later_is_found_and_its_absence_told_once() {
    guarded(async {
        let mut server = server(PUBLIC).await;
        server.pause().await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        assert!(client.trouble().await.contains("nothing listens"));
        let errors = client.counters.signaling_errors.clone();
        while errors.get() < 4 {
            tokio::task::yield_now().await;
        }
        client.silent();
        server.resume().await.unwrap();
        client.ready().await;
    })
    .await;
}

#[tokio::test]
async fn server_that_answers_no_ping_is_given_up() {
    guarded(async {
        let server = server(PUBLIC).await;
        server.lock().is_deaf = true;
        let timing = Timing { ping: Duration::from_millis(20), ..TIMING };
        let mut client = Client::start(over_web_socket(&server), timing);
        client.ready().await;
        assert!(client.trouble().await.contains("answers no ping"));
        server.lock().is_deaf = false;
        client.ready().await;
    })
    .await;
}

#[tokio::test]
async fn message_that_is_no_json_is_counted_and_costs_nothing_else() {
    guarded(async {
        let server = server(PUBLIC).await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        client.ready().await;
        for message in
            [Message::text("hello"), Message::text("{}"), Message::binary(vec![0xff, 0xfe]), Message::text("")]
        {
            server.say_to_all(&message);
        }
        let page = SocketPage::open(&server);
        page.offer(&server, "conn-1", MEDIA);
        assert_eq!(client.next().await, offered("conn-1", MEDIA, false));
        assert_eq!(client.counters.signaling_messages_malformed.get(), 4);
        assert_eq!(server.lock().clients().len(), 2, "the same socket");
    })
    .await;
}

#[tokio::test]
async fn message_that_is_too_large_ends_the_socket_and_the_next_one_works() {
    guarded(async {
        let server = server(PUBLIC).await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        client.ready().await;
        server.say_to_all(&Message::text("x".repeat(1024 * 1024 + 1)));
        assert!(client.trouble().await.contains("larger than 1048576 bytes"));
        assert_eq!(client.counters.signaling_messages_malformed.get(), 1);
        client.ready().await;
        server.say_to_all(&Message::text(" ".repeat(1024 * 1024 - 2) + "{}"));
        let page = SocketPage::open(&server);
        page.offer(&server, "conn-1", MEDIA);
        assert_eq!(client.next().await, offered("conn-1", MEDIA, false), "as large as may be");
    })
    .await;
}

#[tokio::test]
async fn what_takes_no_web_socket_is_said_to_take_none() {
    guarded(async {
        for (fault, part) in [
            (Fault::Status(404), "takes no WebSocket: it answered with status 404 (Not Found)"),
            (Fault::Garbage, "takes no WebSocket: it answered with status 200 (OK)"),
            (Fault::NotHttp, "does not talk WebSocket"),
            (Fault::Close, "does not talk WebSocket"),
        ] {
            let server = server(PUBLIC).await;
            server.fail_next(usize::MAX, "GET", "/", fault);
            let mut client = Client::start(over_web_socket(&server), TIMING);
            let reason = client.trouble().await;
            assert!(reason.contains(part), "{reason:?} has no {part:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn host_that_reads_no_events_can_still_send_and_leave() {
    guarded(async {
        let server = server(PUBLIC).await;
        let client = Client::start_with_room(over_web_socket(&server), TIMING, 1);
        server.until(|inside| (!inside.clients().is_empty()).then_some(())).await;
        let page = SocketPage::open(&server);
        (0..8).for_each(|n| page.offer(&server, &format!("conn-{n}"), MEDIA));
        client.say(SignalCommand::Offer { connection: id("mine"), sdp: "v=0".into() }).await;
        server.until(|inside| inside.frames.iter().any(|(_, text)| text.contains("mine")).then_some(())).await;
        client.close().await;
        server.until(|inside| (inside.goodbyes == 1).then_some(())).await;
    })
    .await;
}

#[tokio::test]
async fn thread_ends_by_itself_although_the_server_hangs() {
    guarded(async {
        // One that takes connections and says nothing at all, and one whose socket hangs.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = server(PUBLIC).await;
        server.lock().is_deaf = true;
        for url in [format!("ws://{}", listener.local_addr().unwrap()), server.url().replace("http", "ws")] {
            let config = SignalingConfig { url, ..SignalingConfig::default() };
            let (to_us, mut events) = channel(64);
            let (commands, from_us) = channel(64);
            let thread = spawn(config.clone(), to_us, from_us, Counters::default()).unwrap();
            let _held = if config.url.contains(&listener.local_addr().unwrap().to_string()) {
                Some(listener.accept().await.unwrap())
            } else {
                assert!(matches!(events.recv().await, Some(SignalEvent::Ready { .. })));
                None
            };
            drop(commands);
            assert_eq!(events.recv().await, None);
            thread.join().unwrap();
        }
    })
    .await;
}

/// A server with a certificate of its own, which nobody signed. It refuses every WebSocket once the handshake is done.
async fn secure_server() -> std::net::SocketAddr {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.write_all(b"HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    address
}

#[tokio::test]
async fn certificate_nobody_signed_is_refused_unless_it_is_accepted() {
    guarded(async {
        let port = secure_server().await.port();
        for (accept_invalid_certificates, part) in [(false, "accept_invalid_certificates"), (true, "status 418")] {
            let url = format!("wss://localhost:{port}");
            let config = SignalingConfig { url, accept_invalid_certificates, ..SignalingConfig::default() };
            let mut client = Client::start(config, TIMING);
            let reason = client.trouble().await;
            assert!(reason.contains(part), "{reason:?} has no {part:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_schemes_are_told() {
    guarded(async {
        // What a server without TLS says to a handshake of TLS.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read_u8().await;
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
        });
        let config = SignalingConfig { url, accept_invalid_certificates: true, ..SignalingConfig::default() };
        assert!(Client::start(config, TIMING).trouble().await.contains("ws:// instead of wss://"));
        let port = secure_server().await.port();
        let url = format!("ws://127.0.0.1:{port}");
        let config = SignalingConfig { url, protocol: SignalingProtocol::UrsWebsocket, ..SignalingConfig::default() };
        let reason = Client::start(config, TIMING).trouble().await;
        assert!(reason.contains("does not talk"), "{reason}");
    })
    .await;
}

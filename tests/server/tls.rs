//! TLS with a certificate of the user's, seen by a client that checks it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rendercast::config::ServerConfig;
use rendercast::signaling::SignalEvent;
use rendercast::stats::Counters;
use rustls::pki_types::ServerName;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;

use crate::host::{Host, config, within};

/// Files in a folder of their own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

type Certified = rcgen::CertifiedKey<rcgen::KeyPair>;

fn certificate() -> Certified {
    rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap()
}

fn secured(folder: &Folder, certified: &Certified) -> ServerConfig {
    ServerConfig {
        certificate_file: folder.write("certificate.pem", &certified.cert.pem()),
        private_key_file: folder.write("key.pem", &certified.signing_key.serialize_pem()),
        ..config()
    }
}

/// A client that trusts this certificate only.
async fn connect(host: &Host, trusted: &Certified) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(host.address()).await?;
    TlsConnector::from(Arc::new(client)).connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

#[tokio::test]
async fn page_and_sockets_come_over_tls_and_a_silent_visitor_holds_nobody_up() {
    let (folder, certified) = (Folder::new("whole"), certificate());
    let locked = ServerConfig { token: "correct horse".into(), ..secured(&folder, &certified) };
    let mut host = Host::start_with(locked, Counters::default()).await.unwrap();
    let prefix = format!("https://{}/?token=", host.address());
    assert!(host.link().starts_with(&prefix), "{}", host.link());
    let _silent = TcpStream::connect(host.address()).await.unwrap();

    let mut stream = within(connect(&host, &certified)).await.unwrap();
    let request = "GET /?token=correct%20horse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    within(stream.read_to_string(&mut page)).await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<video"), "{page}");
    let cookie = page.lines().find(|line| line.starts_with("set-cookie")).unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");

    let stream = within(connect(&host, &certified)).await.unwrap();
    let url = "wss://localhost/?token=correct%20horse";
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let offer = json!({"type": "offer", "from": "c", "data": {"sdp": "offer", "connectionId": "c"}});
    socket.send(Message::text(offer.to_string())).await.unwrap();
    assert!(matches!(host.next().await, SignalEvent::Offer { .. }));
    host.stop().await;
    assert!(matches!(within(socket.next()).await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn who_trusts_another_certificate_or_speaks_no_tls_gets_nothing() {
    let (folder, certified) = (Folder::new("distrust"), certificate());
    let host = Host::start_with(secured(&folder, &certified), Counters::default()).await.unwrap();
    assert!(within(connect(&host, &certificate())).await.is_err());
    let mut plain = TcpStream::connect(host.address()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = within(plain.read_to_end(&mut said)).await;
    assert!(!said.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn a_renewed_certificate_is_used_from_the_next_start_on() {
    let folder = Folder::new("renewed");
    for _ in 0..2 {
        let certified = certificate();
        let host = Host::start_with(secured(&folder, &certified), Counters::default()).await.unwrap();
        within(connect(&host, &certified)).await.unwrap();
    }
}

#[tokio::test]
async fn errors_name_the_key_and_the_file() {
    let (folder, certified) = (Folder::new("errors"), certificate());
    let good = secured(&folder, &certified);
    let missing = folder.0.join("missing.pem").to_str().unwrap().to_owned();
    let empty = folder.write("empty.pem", "");
    let torn = folder.write("torn.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let nonsense = folder.write("nonsense.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let bad_key = folder.write("bad-key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let other_key = folder.write("other-key.pem", &certificate().signing_key.serialize_pem());
    let certificate_file = |file: &String| ServerConfig { certificate_file: file.clone(), ..good.clone() };
    let private_key_file = |file: &String| ServerConfig { private_key_file: file.clone(), ..good.clone() };
    for (config, key, file, reason) in [
        (certificate_file(&missing), "server.certificate_file", "missing.pem", "cannot be read"),
        (certificate_file(&empty), "server.certificate_file", "empty.pem", "no certificate"),
        (certificate_file(&torn), "server.certificate_file", "torn.pem", "damaged"),
        (certificate_file(&nonsense), "server.certificate_file", "nonsense.pem", "refused"),
        (private_key_file(&missing), "server.private_key_file", "missing.pem", "cannot be read"),
        (private_key_file(&empty), "server.private_key_file", "empty.pem", "no private key"),
        (private_key_file(&bad_key), "server.private_key_file", "bad-key.pem", "refused"),
        (private_key_file(&other_key), "server.private_key_file", "other-key.pem", "is not the key of"),
    ] {
        let Err(error) = Host::start_with(config, Counters::default()).await else { panic!("{file} is taken") };
        let words = error.to_string();
        assert!(words.contains(key) && words.contains(file) && words.contains(reason), "{words}");
    }
}

//! A connection's configuration, as a browser meets it: certificates, policies, servers that change while it plays.

use std::path::PathBuf;
use std::time::SystemTime;

use rendercast::config::PeerConfig;
use rendercast::encode::Codec;
use rendercast::peer::configuration::parse;
use rendercast::peer::{Certificate, Configured, Network, Peer, PeerEvent, PeerSettings};
use rtc::peer_connection::configuration::RTCOfferOptions;
use tokio::sync::mpsc;

use crate::browser::PATIENCE;
use crate::session::{Session, frame, number, payload_type, settings};
use crate::turn::TurnServer;

struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rendercast-peer-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn configured(json: &str) -> PeerSettings {
    PeerSettings { configured: Configured::open(json, SystemTime::now()).unwrap(), ..settings() }
}

fn kept_in(file: &str) -> PeerSettings {
    let config = PeerConfig { certificate_file: file.into(), ..Default::default() };
    PeerSettings { network: Network::new(&config, Default::default(), Default::default()), ..settings() }
}

fn fingerprint(sdp: &str) -> String {
    let line = sdp.lines().find_map(|line| line.strip_prefix("a=fingerprint:sha-256 ")).expect("a fingerprint");
    line.trim().to_lowercase()
}

fn candidates(sdp: &str) -> Vec<&str> {
    sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")).collect()
}

async fn answered(settings: PeerSettings) -> (Session, String) {
    let mut session = Session::open(settings).await;
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    (session, answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_certificate_is_in_every_description_and_survives_a_restart() {
    let folder = Folder::new("kept");
    let file = folder.file("own.pem");
    let mut told = Vec::new();
    for _ in 0..2 {
        // A network is a streamer's life.
        let settings = kept_in(&file);
        for _ in 0..2 {
            // Connected: the browser has checked the certificate against the description.
            let (session, answer) = answered(settings.clone()).await;
            told.push(fingerprint(&answer));
            session.peer.close().await;
        }
    }
    let kept = Certificate::load(file.as_ref(), SystemTime::now()).unwrap();
    assert_eq!(told, vec![kept.fingerprint(); 4]);
    // Without one each connection has its own.
    let (one, first) = answered(settings()).await;
    let (two, second) = answered(settings()).await;
    assert_ne!(fingerprint(&first), fingerprint(&second));
    one.peer.close().await;
    two.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connections_own_certificate_counts_more_than_the_streamers() {
    let folder = Folder::new("own");
    let (streamers, own) = (folder.file("streamers.pem"), folder.file("own.pem"));
    let made = Certificate::generate_file(own.as_ref(), "{}", SystemTime::now()).unwrap();
    let json = format!(r#"{{"certificates":[{own:?}]}}"#);
    let settings = PeerSettings { configured: configured(&json).configured, ..kept_in(&streamers) };
    let (session, answer) = answered(settings).await;
    assert_eq!(fingerprint(&answer), made.fingerprint());
    session.peer.close().await;
}

#[tokio::test]
async fn a_broken_certificate_file_is_named_and_left_alone() {
    let folder = Folder::new("broken");
    let file = folder.file("broken.pem");
    std::fs::write(&file, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    let (tx, _rx) = mpsc::channel(8);
    let error = Peer::open(kept_in(&file), tx).await.unwrap_err().to_string();
    assert!(error.contains("peer.certificate_file") && error.contains("broken.pem"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "-----BEGIN PRIVATE KEY-----\n");
}

/// Until a frame that is sent from now on has come.
async fn plays(session: &mut Session, h264: u8, first: u32) {
    let peer = session.peer.clone();
    let drawing = tokio::spawn(async move {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        for number in first.. {
            tick.tick().await;
            let _ = peer.send_video(&frame(Codec::H264, number, 1)).await;
        }
    });
    let all = async { while number(&session.packet(h264).await).0 < first {} };
    let played = tokio::time::timeout(PATIENCE, all).await;
    drawing.abort();
    played.expect("it plays again");
}

/// The page restarts ICE.
async fn restart(session: &mut Session) -> String {
    let offer = session.browser.pc.create_offer(Some(RTCOfferOptions { ice_restart: true })).await.unwrap();
    session.browser.pc.set_local_description(offer.clone()).await.unwrap();
    let answer = session.peer.answer(&offer.sdp, true).await.unwrap();
    session.browser.accept(&answer).await;
    answer
}

/// Until everything is gathered and told.
async fn gathered(session: &mut Session) -> String {
    session.event(|event| (*event == PeerEvent::GatheringComplete).then_some(())).await;
    session.peer.local_description().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_and_policy_change_with_the_next_ice_restart_and_not_before() {
    let Some(turn) = TurnServer::start("configuration") else { return };
    let (mut session, answer) = answered(settings()).await;
    let h264 = payload_type(&answer, "H264");
    plays(&mut session, h264, 0).await;
    let own = session.settings.configured.clone();
    let relayed = format!(
        r#"{{"iceTransportPolicy":"relay","iceServers":[{{"urls":"turn:127.0.0.1:{}","username":{:?},"credential":{:?}}}]}}"#,
        turn.port,
        TurnServer::USER,
        TurnServer::PASSWORD
    );
    own.set(parse(&relayed).unwrap()).unwrap();
    // Another description, the same path.
    let offer = session.browser.offer().await;
    let answer = session.peer.answer(&offer, true).await.unwrap();
    session.browser.accept(&answer).await;
    assert!(candidates(&answer).iter().all(|line| line.contains(" typ host")), "{answer}");
    plays(&mut session, h264, 1_000).await;

    session.passed.clear();
    restart(&mut session).await;
    let told = gathered(&mut session).await;
    let relays = candidates(&told);
    assert!(
        !relays.is_empty() && relays.iter().all(|line| line.contains(" typ relay raddr 0.0.0.0 rport 0")),
        "{told}"
    );
    plays(&mut session, h264, 2_000).await;
    assert!(turn.log().contains("peer usage") || turn.log().contains("ALLOCATE"), "{}", turn.log());

    own.set(parse("{}").unwrap()).unwrap();
    session.passed.clear();
    restart(&mut session).await;
    let told = gathered(&mut session).await;
    assert!(candidates(&told).iter().any(|line| line.contains(" typ host")), "{told}");
    plays(&mut session, h264, 3_000).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_size_of_the_pool_is_fixed_with_the_first_description() {
    let settings = configured(r#"{"iceCandidatePoolSize":2}"#);
    let own = settings.configured.clone();
    own.set(parse(r#"{"iceCandidatePoolSize":5}"#).unwrap()).unwrap();
    let (session, _) = answered(settings).await;
    let error = own.set(parse(r#"{"iceCandidatePoolSize":6}"#).unwrap()).unwrap_err().to_string();
    assert_eq!(error, "iceCandidatePoolSize cannot be changed after the first local description");
    session.peer.close().await;
}

fn ports(sdp: &str) -> Vec<&str> {
    sdp.lines().filter(|line| line.starts_with("m=")).filter_map(|line| line.split(' ').nth(1)).collect()
}

fn without_group(sdp: &str) -> String {
    sdp.split_inclusive('\n').filter(|line| !line.starts_with("a=group:")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_does_not_bundle_gets_its_first_section_and_a_refusal_of_the_others() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let offer = without_group(&session.browser.offer().await);
    let answer = session.peer.answer(&offer, true).await.unwrap();
    assert_eq!(ports(&answer)[1], "0", "{answer}");
    assert!(ports(&answer)[0] != "0" && !answer.contains("a=group:"), "{answer}");
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    plays(&mut session, payload_type(&answer, "H264"), 0).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rtcp_on_a_port_of_its_own_is_refused_with_the_reason() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let offer = session.browser.offer().await.replace("a=rtcp-mux\r\n", "");
    let error = session.peer.answer(&offer, true).await.unwrap_err().to_string();
    assert!(error.contains("rtcp-mux"), "{error}");
    // The same page can say it better.
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_bundle_keeps_the_first_section_of_our_offer() {
    let mut session = Session::open(settings()).await;
    let offer = session.peer.offer().await.unwrap();
    let answer = without_group(&session.browser.answer(&offer).await);
    session.peer.accept_answer(&answer).await.unwrap();
    session.settle().await;
    session.connected().await;
    plays(&mut session, payload_type(&answer, "H264"), 0).await;
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_max_bundle_our_first_offer_has_one_port() {
    for (policy, expected) in [("max-bundle", "0"), ("balanced", "9"), ("max-compat", "9")] {
        let session = Session::open(configured(&format!(r#"{{"bundlePolicy":{policy:?}}}"#))).await;
        let offer = session.peer.offer().await.unwrap();
        assert_eq!(ports(&offer), ["9", expected], "{policy}: {offer}");
        assert_eq!(offer.contains("a=bundle-only"), expected == "0", "{policy}: {offer}");
        session.peer.close().await;
    }
}

//! A peer's addresses, ports and ciphers, as a browser meets them.

use rendercast::config::{PeerConfig, SrtpCipher};
use rendercast::encode::Codec;
use rendercast::peer::{Network, Peer, PeerError, PeerSettings};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use tokio::sync::mpsc;

use crate::browser::Browser;
use crate::session::{Session, frame, number, payload_type, settings};

fn with(config: PeerConfig) -> PeerSettings {
    PeerSettings { network: Network::new(&config, Default::default(), Default::default()), ..settings() }
}

fn free_port() -> u16 {
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn candidates(session: &mut Session) -> Vec<String> {
    session.connected().await;
    let sdp = session.peer.local_description().await.unwrap();
    sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_ports_are_within_the_range_and_its_end_is_an_error() {
    let port = free_port();
    let settings = with(PeerConfig { udp_port_range: Some([port, port]), ..Default::default() });
    let mut session = Session::browser_offers_media(settings.clone()).await;
    let told = candidates(&mut session).await;
    assert!(told.iter().all(|line| line.contains(&format!(" 127.0.0.1 {port} typ host"))), "{told:?}");
    let (events, _rx) = mpsc::channel(8);
    match Peer::open(settings.clone(), events.clone()).await {
        Err(error @ PeerError::Network(_)) => {
            let expected = format!("peer.udp_port_range: no port from {port} to {port} is free on 127.0.0.1");
            assert_eq!(error.to_string(), expected);
        }
        other => panic!("{other:?}"),
    }
    session.peer.close().await;
    drop(session);
    // The driver lets the socket go a little later.
    let again = async {
        while Peer::open(settings.clone(), events.clone()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_external_address_is_in_descriptions_and_candidates_in_place_of_ours() {
    let external = vec!["127.0.0.1=127.0.0.2".to_owned()];
    let port = free_port();
    let config = PeerConfig { external_addresses: external, udp_port: port, ..Default::default() };
    // The browser reaches us all the same: we ask at its address, as through a NAT.
    let mut session = Session::browser_offers_media(with(config)).await;
    let told = candidates(&mut session).await;
    let expected = format!(" 127.0.0.2 {port} typ host");
    assert!(!told.is_empty() && told.iter().all(|line| line.contains(&expected)), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_with_one_kind_of_cipher_only_is_served() {
    let gcm = vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm];
    let cm = vec![SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80];
    for (ours, theirs) in [
        (SrtpCipher::Auto, &cm),
        (SrtpCipher::Auto, &gcm),
        (SrtpCipher::Auto, &[cm.clone(), gcm.clone()].concat()),
        (SrtpCipher::AesGcm, &[cm.clone(), gcm.clone()].concat()),
        (SrtpCipher::AesCm, &[gcm.clone(), cm.clone()].concat()),
    ] {
        let mut session = Session::open(with(PeerConfig { srtp: ours, ..Default::default() })).await;
        session.browser = Browser::with_srtp(theirs.clone()).await;
        session.browser.want_media().await;
        let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
        session.browser.accept(&answer).await;
        session.settle().await;
        session.connected().await;
        let h264 = payload_type(&answer, "H264");
        session.peer.send_video(&frame(Codec::H264, 0, 1)).await.unwrap();
        assert_eq!(number(&session.packet(h264).await), (0, 0), "{ours:?} and {theirs:?}");
        session.peer.close().await;
    }
}

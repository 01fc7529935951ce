//! The crate's connection, set up for one viewer, and the watch over its end.

use std::sync::Arc;
use std::time::Duration;

use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::interceptor::Registry;
use rtc::peer_connection::transport::{RTCDtlsRole, RTCDtlsTransportState};
use rtc::shared::error::Error;
use webrtc::peer_connection::{PeerConnection, PeerConnectionBuilder, RTCConfigurationBuilder, SettingEngineBuilder};
use webrtc::runtime::Runtime;

use super::handler::{Handler, Shared};
use super::net::{NetworkError, Way};
use super::settings::{PeerError, PeerSettings};
use super::{channels, codecs};
use crate::config::SrtpCipher;

/// Between a controlling peer's connectivity checks while it connects; the crate's 200 ms would be felt.
const ICE_CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// How long each candidate pair is tried at that interval: 5 s.
const ICE_CHECKS: u16 = 100;

/// How long a controlling peer that has a path looks for a more direct one. The crate's 0.5, 1 and 2 s would be felt; a
/// browser behind mDNS has no candidate but a peer-reflexive one.
const BETTER_PAIR_WAIT: Duration = Duration::from_millis(100);
const RELAY_WAIT: Duration = Duration::from_millis(800);

/// Silence after which a viewer counts as interrupted, and after how much more as lost.
const ICE_DISCONNECTED: Duration = Duration::from_secs(5);
const ICE_FAILED: Duration = Duration::from_secs(15);
const ICE_KEEPALIVE: Duration = Duration::from_secs(2);

/// How often the watch looks.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

pub async fn connect(
    settings: &PeerSettings,
    shared: Arc<Shared>,
    registry: Registry,
    way: &Way,
    mdns: MulticastDnsMode,
) -> Result<Arc<dyn PeerConnection>, PeerError> {
    let engine = codecs::media_engine(&settings.codecs, settings.audio, &settings.receivable).map_err(open_error)?;
    let setting_engine = SettingEngineBuilder::new()
        .with_srtp_protection_profiles(srtp_profiles(settings.network.srtp()))
        .with_multicast_dns_mode(mdns)
        .with_ice_connection_attempts(Some(ICE_CHECK_INTERVAL), Some(ICE_CHECKS))
        .with_ice_timeouts(Some(ICE_DISCONNECTED), Some(ICE_FAILED), Some(ICE_KEEPALIVE))
        .with_srflx_acceptance_min_wait(Some(BETTER_PAIR_WAIT))
        .with_prflx_acceptance_min_wait(Some(BETTER_PAIR_WAIT))
        .with_relay_acceptance_min_wait(Some(RELAY_WAIT))
        // The browser begins the handshake: it repeats a lost first message after 50 ms, the crate only after 1 s.
        .with_answering_dtls_role(RTCDtlsRole::Server)
        .build();
    let certificate = match settings.configured.certificate() {
        Some(own) => Some(own),
        None => settings.network.certificate().map_err(NetworkError::Certificate)?,
    };
    // Without servers and policy: they come with the first gathering, and the crate could not widen a policy again.
    let configuration = RTCConfigurationBuilder::new()
        .with_certificates(certificate.iter().map(|certificate| certificate.to_crate()).collect());
    let connection = PeerConnectionBuilder::new()
        .with_configuration(configuration.build())
        .with_media_engine(engine)
        .with_setting_engine(setting_engine)
        .with_interceptor_registry(registry)
        .with_handler(Arc::new(Handler(shared)))
        .with_runtime(Arc::clone(&way.network) as Arc<dyn Runtime>)
        .with_udp_addrs(way.udp_addresses.clone())
        .with_tcp_addrs(way.tcp_addresses.clone())
        .with_data_channel_send_buffer_limit(channels::SEND_BUFFER_BYTES)
        .build()
        .await
        .map_err(open_error)?;
    Ok(Arc::new(connection))
}

/// Ours to accept, and our order where we begin the handshake; [`net`](super::net) sees to it where the browser does.
fn srtp_profiles(cipher: SrtpCipher) -> Vec<SrtpProtectionProfile> {
    let gcm = [SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm];
    let cm = [SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80, SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32];
    match cipher {
        SrtpCipher::Auto => [gcm, cm].concat(),
        SrtpCipher::AesCm => cm.to_vec(),
        SrtpCipher::AesGcm => gcm.to_vec(),
    }
}

fn open_error(error: Error) -> PeerError {
    PeerError::Open(error.to_string())
}

pub fn random_ssrc() -> Result<u32, PeerError> {
    // Zero is a legal SSRC that many implementations read as "none".
    getrandom::u32().map(|ssrc| ssrc.max(1)).map_err(|error| PeerError::Open(error.to_string()))
}

/// A browser that leaves says so (DTLS `close_notify`), and the crate tells nobody: without this, 30 s would pass.
pub async fn watch(connection: Arc<dyn PeerConnection>, shared: Arc<Shared>) {
    let mut tick = tokio::time::interval(WATCH_INTERVAL);
    loop {
        tick.tick().await;
        if shared.is_connected() && has_left(connection.as_ref()).await {
            shared.lost("the browser closed the connection");
            return;
        }
    }
}

async fn has_left(connection: &dyn PeerConnection) -> bool {
    let transport = match connection.sctp().await {
        Some(sctp) => Some(sctp.transport()),
        None => match connection.get_senders().await.first() {
            Some(sender) => sender.transport().await.ok().flatten(),
            None => None,
        },
    };
    match transport {
        Some(transport) => matches!(transport.state().await, Ok(RTCDtlsTransportState::Closed)),
        None => false,
    }
}

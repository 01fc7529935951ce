//! A viewer's configuration and certificates through the C ABI.

use std::ffi::CString;
use std::ptr::{null, null_mut};

use rendercast::ffi::configuration::*;
use rendercast::ffi::peers::rendercast_peer_create;
use rendercast::ffi::signals::{RENDERCAST_SIGNAL_INVITE, rendercast_push_signal, rendercast_signal};
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::rendercast_start;

use crate::{Owned, create_json, last_error, shared, sized, text};

fn generate(path: &str, options: Option<&str>) -> i32 {
    let path = CString::new(path).unwrap();
    let options = options.map(|options| CString::new(options).unwrap());
    let options = options.as_ref().map_or(null(), |options| options.as_ptr());
    unsafe { rendercast_certificate_generate(path.as_ptr(), options) }
}

fn info(path: &str) -> (i32, String) {
    let path = CString::new(path).unwrap();
    let (status, text, _) = text(|buffer, capacity, needed| unsafe {
        rendercast_certificate_info(path.as_ptr(), buffer, capacity, needed)
    });
    (status, text)
}

#[test]
fn a_certificate_is_made_and_told_of() {
    let _shared = shared();
    let folder = std::env::temp_dir().join(format!("rendercast-ffi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("own.pem").display().to_string();
    assert_eq!(generate(&file, None), RENDERCAST_OK, "{}", last_error());
    let (status, first) = info(&file);
    assert_eq!(status, RENDERCAST_OK);
    assert!(first.starts_with(r#"{"expires":"#) && first.contains(r#""algorithm":"sha-256""#), "{first}");
    assert_eq!(generate(&file, Some(r#"{"name":"ECDSA","namedCurve":"P-256","expires":1000}"#)), RENDERCAST_OK);
    assert_ne!(info(&file).1, first);
    for (options, status) in [
        (r#"{"name":"RSASSA-PKCS1-v1_5"}"#, RENDERCAST_NOT_SUPPORTED),
        (r#"{"expires":0}"#, RENDERCAST_INVALID_CONFIG),
        ("nonsense", RENDERCAST_INVALID_CONFIG),
    ] {
        assert_eq!(generate(&file, Some(options)), status, "{options}: {}", last_error());
    }
    std::fs::write(&file, "something else").unwrap();
    assert_eq!(generate(&file, None), RENDERCAST_CERTIFICATE);
    assert!(last_error().contains("own.pem"), "{}", last_error());
    assert_eq!(info(&file).0, RENDERCAST_CERTIFICATE);
    unsafe {
        assert_eq!(rendercast_certificate_generate(null(), null()), RENDERCAST_NULL_POINTER);
        assert_eq!(rendercast_certificate_info(null(), null_mut(), 0, null_mut()), RENDERCAST_NULL_POINTER);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn set(streamer: &Owned, viewer: u32, json: &str) -> i32 {
    let json = CString::new(json).unwrap();
    unsafe { rendercast_peer_set_configuration(streamer.0, viewer, json.as_ptr()) }
}

fn get(streamer: &Owned, viewer: u32) -> (i32, String) {
    let (status, text, _) = text(|buffer, capacity, needed| unsafe {
        rendercast_peer_get_configuration(streamer.0, viewer, buffer, capacity, needed)
    });
    (status, text)
}

#[test]
fn a_viewers_configuration_is_read_and_changed_and_every_mistake_has_its_status() {
    let _shared = shared();
    let (status, streamer) = create_json(
        r#"{"server":{"enabled":false},"video":{"encoder":"openh264","codecs":["h264"]},
            "peer":{"bind_addresses":["127.0.0.1"],"ice_servers":[{"urls":"turn:a","username":"u","credential":"word"}]}}"#,
    );
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let streamer = Owned(streamer);
    assert_eq!(rendercast_start(streamer.0), RENDERCAST_OK);
    assert_eq!(get(&streamer, 4_000_000_000).0, RENDERCAST_NO_VIEWER);
    assert_eq!(set(&streamer, 4_000_000_000, "{}"), RENDERCAST_NO_VIEWER);
    let mut signal: rendercast_signal = sized();
    (signal.kind, signal.connection) = (RENDERCAST_SIGNAL_INVITE, c"friend".as_ptr());
    assert_eq!(unsafe { rendercast_push_signal(streamer.0, &signal) }, RENDERCAST_OK);
    // Numbers are the process's.
    let until = rendercast::time::now() + crate::browser::PATIENCE;
    let viewer = loop {
        if let Some(viewer) = (1..1000).find(|viewer| get(&streamer, *viewer).0 == RENDERCAST_OK) {
            break viewer;
        }
        assert!(rendercast::time::now() < until, "the viewer never came");
        std::thread::yield_now();
    };
    let (_, told) = get(&streamer, viewer);
    assert!(told.contains("turn:a") && told.contains("word"), "{told}");
    assert_eq!(set(&streamer, viewer, r#"{"iceServers":[],"iceTransportPolicy":"relay"}"#), RENDERCAST_OK);
    let (_, changed) = get(&streamer, viewer);
    assert!(changed.contains(r#""iceServers":[]"#) && changed.contains(r#""iceTransportPolicy":"relay""#), "{changed}");
    for (json, status, word) in [
        ("nonsense", RENDERCAST_INVALID_CONFIG, "RTCConfiguration"),
        (r#"{"iceServers":[{"urls":"turn:a"}]}"#, RENDERCAST_INVALID_CONFIG, "iceServers[0].urls[0]"),
        (r#"{"iceServer":[]}"#, RENDERCAST_INVALID_CONFIG, "iceServer"),
        (r#"{"iceTransportPolicy":"public"}"#, RENDERCAST_NOT_SUPPORTED, "public"),
        (r#"{"rtcpMuxPolicy":"negotiate"}"#, RENDERCAST_NOT_SUPPORTED, "negotiate"),
        (r#"{"peerIdentity":"me"}"#, RENDERCAST_NOT_SUPPORTED, "peerIdentity"),
        (r#"{"bundlePolicy":"max-bundle"}"#, RENDERCAST_INVALID_MODIFICATION, "bundlePolicy"),
        (r#"{"certificates":["own.pem"]}"#, RENDERCAST_INVALID_MODIFICATION, "certificates"),
    ] {
        assert_eq!(set(&streamer, viewer, json), status, "{json}: {}", last_error());
        assert!(last_error().contains(word), "{json}: {}", last_error());
        assert_eq!(get(&streamer, viewer).1, changed, "{json}: nothing has changed");
    }
    unsafe {
        assert_eq!(rendercast_peer_set_configuration(streamer.0, viewer, null()), RENDERCAST_NULL_POINTER);
        assert_eq!(rendercast_peer_set_configuration(0, viewer, c"{}".as_ptr()), RENDERCAST_INVALID_HANDLE);
        let mut needed = 0;
        let size = rendercast_peer_get_configuration(streamer.0, viewer, null_mut(), 0, &raw mut needed);
        assert_eq!((size, needed as usize), (RENDERCAST_OK, changed.len() + 1));
    }
}

#[test]
fn a_viewer_that_the_host_makes_has_the_configuration_it_was_made_with_or_the_streamers() {
    let _shared = shared();
    let json = r#"{"server":{"enabled":false},"peer":{"ice_servers":[{"urls":["stun:127.0.0.1:9"]}]}}"#;
    let (status, streamer) = create_json(json);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let streamer = Owned(streamer);
    assert_eq!(rendercast_start(streamer.0), RENDERCAST_OK, "{}", last_error());
    let create = |configuration: *const std::ffi::c_char| {
        let mut viewer = 0;
        let status = unsafe { rendercast_peer_create(streamer.0, configuration, &raw mut viewer) };
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        get(&streamer, viewer).1
    };
    let own = create(c"{\"bundlePolicy\":\"max-bundle\"}".as_ptr());
    assert!(own.contains("max-bundle") && !own.contains("stun:"), "{own}");
    let streamers = create(null());
    assert!(streamers.contains("balanced") && streamers.contains("stun:127.0.0.1:9"), "{streamers}");
}

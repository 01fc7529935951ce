//! The configuration of one viewer's connection, and certificates in files.

use std::ffi::c_char;
use std::path::Path;
use std::time::SystemTime;

use super::boundary::boundary;
use super::handles;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_in, text_out};
use crate::streamer::Certificate;
use crate::units::ViewerId;

/// Changes the configuration of a viewer's connection (W3C setConfiguration), whoever negotiates it.
///
/// `viewer` is the number that events and input carry. `json` is a W3C RTCConfiguration, NUL-terminated UTF-8; it may be freed
/// after the call. What it leaves out has W3C's default, as in a browser, so begin with what rendercast_peer_get_configuration tells:
///
/// - iceServers: a list of {urls (one, or a list), username, credential, credentialType "password", ca_file}; stun, stuns,
///   turn and turns (RFC 7064, RFC 7065), 32 servers and 32 URLs at most. Default none.
/// - iceTransportPolicy: "all" or "relay". Default "all".
/// - bundlePolicy: "balanced", "max-compat" or "max-bundle"; cannot change. Default "balanced".
/// - rtcpMuxPolicy: "require".
/// - iceCandidatePoolSize: 0 to 255, without effect; cannot change after the first local description. Default 0.
/// - certificates: a list of files, see rendercast_certificate_generate; cannot change. Default the connection's own.
/// - peerIdentity: null.
///
/// Servers and policy count when the connection next gathers candidates, which is with an ICE restart; until then everything
/// goes on as it is.
///
/// Returns RENDERCAST_OK (taken); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the key); RENDERCAST_NOT_SUPPORTED
/// (credentialType "oauth", iceTransportPolicy "public", rtcpMuxPolicy "negotiate", a peerIdentity);
/// RENDERCAST_INVALID_MODIFICATION (what cannot change); RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_TEXT;
/// RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC. Other than with RENDERCAST_OK
/// nothing has changed.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `json` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_set_configuration(
    streamer: rendercast_streamer,
    viewer: u32,
    json: *const c_char,
) -> rendercast_status {
    boundary("rendercast_peer_set_configuration", || {
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `json`.
            let json = unsafe { text_in(json, "json")? }.ok_or(Failure::Null("json"))?;
            object.streamer.set_peer_configuration(ViewerId(viewer), json)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Writes the configuration of a viewer's connection as JSON (W3C getConfiguration), in the form that
/// rendercast_peer_set_configuration takes. **Credentials of TURN servers are in it**, as in a browser: it is for the host, not
/// for logs.
///
/// `viewer` is the number that events and input carry. `needed`, unless NULL, becomes the text's size with its NUL. A NULL
/// `buffer` with `capacity` 0 asks for the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL);
/// RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_peer_get_configuration(
    streamer: rendercast_streamer,
    viewer: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_peer_get_configuration", || {
        handles::with(streamer, |object| {
            let json = object.streamer.peer_configuration(ViewerId(viewer))?;
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&json, buffer, capacity, needed) }
        })
    })
}

/// Makes a certificate with its key (W3C RTCPeerConnection.generateCertificate) and keeps it in a file, PEM, that only its owner
/// can read (where the system has such rights) and that is there whole or not at all. Name the file in `certificates` of a
/// connection's configuration, or in the streamer's `peer.certificate_file`, which makes one by itself.
///
/// `path` is a file, NUL-terminated UTF-8; one that holds a certificate with its key is replaced, anything else is left as it
/// is. `options_json`, unless NULL, is W3C's algorithm as JSON: name ("ECDSA"), namedCurve ("P-256"), expires (in ms from now
/// on, 1000 to 31536000000; default 2592000000, 30 days). Both may be freed after the call.
///
/// Returns RENDERCAST_OK; RENDERCAST_CERTIFICATE (the file cannot be written, or holds something else);
/// RENDERCAST_NOT_SUPPORTED (another algorithm or curve); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the option);
/// RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`path`); RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Blocks until the disk has the file. Since 0.1.0.
///
/// # Safety
/// `path` and `options_json` are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_certificate_generate(
    path: *const c_char,
    options_json: *const c_char,
) -> rendercast_status {
    boundary("rendercast_certificate_generate", || {
        // SAFETY: the caller's promise about both.
        let (path, options) = unsafe { (text_in(path, "path")?, text_in(options_json, "options_json")?) };
        let path = Path::new(path.ok_or(Failure::Null("path"))?);
        Certificate::generate_file(path, options.unwrap_or("{}"), SystemTime::now())?;
        Ok(RENDERCAST_OK)
    })
}

/// Writes what a file's certificate is known by, as JSON (W3C RTCCertificate and its getFingerprints):
/// {"expires": ms since 1970, "fingerprints": [{"algorithm": "sha-256", "value": "ab:cd:..."}]}. About 160 bytes.
///
/// `path` is a file, PEM, NUL-terminated UTF-8, with a certificate and its key (ECDSA P-256, PKCS #8, not encrypted).
/// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_CERTIFICATE (the file cannot be read, or is damaged; one that has expired is told of like
/// any other); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL); RENDERCAST_INVALID_TEXT;
/// RENDERCAST_NULL_POINTER; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Blocks until the disk has given the file. Since 0.1.0.
///
/// # Safety
/// `path` is NULL or ends with a NUL; `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_certificate_info(
    path: *const c_char,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_certificate_info", || {
        // SAFETY: the caller's promise about `path`.
        let path = unsafe { text_in(path, "path")? }.ok_or(Failure::Null("path"))?;
        // Expired or not: at the beginning of time everything is good.
        let certificate = Certificate::load(Path::new(path), SystemTime::UNIX_EPOCH)?;
        // SAFETY: the caller's promise about `buffer` and `needed`.
        unsafe { text_out(&certificate.to_json(), buffer, capacity, needed) }
    })
}

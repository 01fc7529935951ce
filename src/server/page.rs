//! The player page and the status page, carried inside the library: what the browser loads, and under which rules it runs.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Only our own files and connections; no inline script or style, so injected markup stays dead (W3C CSP level 3).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! files {
    ($($path:literal => $kind:expr, $file:literal;)*) => {
        /// Path, content type, content.
        const FILES: &[(&str, &str, &str)] =
            &[$(($path, $kind, include_str!(concat!("../../samples/web/", $file))),)*];
    };
}

files! {
    "/" => HTML, "index.html";
    "/index.html" => HTML, "index.html";
    "/style.css" => STYLE, "style.css";
    "/icon.svg" => "image/svg+xml", "icon.svg";
    "/player.js" => SCRIPT, "player.js";
    "/media.js" => SCRIPT, "media.js";
    "/arrivals.js" => SCRIPT, "arrivals.js";
    "/signaling.js" => SCRIPT, "signaling.js";
    "/input.js" => SCRIPT, "input.js";
    "/input-bytes.js" => SCRIPT, "input-bytes.js";
    "/keys.js" => SCRIPT, "keys.js";
    "/sdp.js" => SCRIPT, "sdp.js";
    "/stats.js" => SCRIPT, "stats.js";
    "/status/" => HTML, "status/index.html";
    "/status/status.css" => STYLE, "status/status.css";
    "/status/status.js" => SCRIPT, "status/status.js";
    "/status/charts.js" => SCRIPT, "status/charts.js";
}

/// The file at `path`, if there is one.
pub fn file(path: &str) -> Option<Response> {
    let (_, kind, content) = FILES.iter().find(|(name, _, _)| *name == path)?;
    let mut response = (*content).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Some(response)
}

/// On every response.
pub fn add_security_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        // A new build of the library must not meet yesterday's page, and answers to polls must never be reused.
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing_that_is_not_carried_along() {
        for (path, _, content) in FILES {
            for (before, after) in [("from \"./", "\""), ("src=\"", "\""), ("href=\"", "\""), ("url(", ")")] {
                for piece in content.split(before).skip(1) {
                    let name = piece.split(after).next().unwrap_or_default();
                    let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
                    let wanted = match name.strip_prefix("../") {
                        Some(name) => format!("/{name}"),
                        None => format!("{folder}{name}"),
                    };
                    assert!(FILES.iter().any(|(p, _, _)| *p == wanted), "{path} wants {name}");
                }
            }
        }
    }

    #[test]
    fn the_page_obeys_its_own_policy() {
        for (path, kind, content) in FILES.iter().filter(|(_, kind, _)| *kind == HTML) {
            assert!(!content.contains("<style") && !content.contains(" style="), "inline style in {path} ({kind})");
            assert!(!content.contains("<script>") && !content.contains(" onclick="), "inline script in {path}");
        }
    }
}

//! The player page and the status page, carried inside the library: what the browser loads, and under which rules it runs.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Only our own files and connections; no inline script or style, so injected markup stays dead (W3C CSP level 3).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

struct File {
    path: &'static str,
    kind: &'static str,
    /// As it is sent: `src/build.rs` leaves out what only its readers need.
    content: &'static str,
}

macro_rules! files {
    ($($path:literal => $kind:expr, $file:literal;)*) => {
        const FILES: &[File] = &[$(File {
            path: $path,
            kind: $kind,
            content: include_str!(concat!(env!("OUT_DIR"), "/page/", $file)),
        },)*];
        /// Where each file is in the repository.
        #[cfg(test)]
        const WRITTEN: &[&str] = &[$($file,)*];
    };
}

files! {
    "/" => HTML, "samples/web/index.html";
    "/index.html" => HTML, "samples/web/index.html";
    "/style.css" => STYLE, "samples/web/style.css";
    "/icon.svg" => "image/svg+xml", "samples/web/icon.svg";
    "/page.js" => SCRIPT, "samples/web/page.js";
    "/kept.js" => SCRIPT, "samples/web/kept.js";
    "/menu.js" => SCRIPT, "samples/web/menu.js";
    "/overlay.js" => SCRIPT, "samples/web/overlay.js";
    "/strings.js" => SCRIPT, "samples/web/strings.js";
    "/touch.js" => SCRIPT, "samples/web/touch.js";
    "/status/" => HTML, "samples/web/status/index.html";
    "/status/status.css" => STYLE, "samples/web/status/status.css";
    "/status/status.js" => SCRIPT, "samples/web/status/status.js";
    "/status/charts.js" => SCRIPT, "samples/web/status/charts.js";
    "/rendercast/arrivals.js" => SCRIPT, "bindings/web/src/arrivals.js";
    "/rendercast/attempt.js" => SCRIPT, "bindings/web/src/attempt.js";
    "/rendercast/channels.js" => SCRIPT, "bindings/web/src/channels.js";
    "/rendercast/elements.js" => SCRIPT, "bindings/web/src/elements.js";
    "/rendercast/feedback.js" => SCRIPT, "bindings/web/src/feedback.js";
    "/rendercast/gamepads.js" => SCRIPT, "bindings/web/src/gamepads.js";
    "/rendercast/index.js" => SCRIPT, "bindings/web/src/index.js";
    "/rendercast/input-bytes.js" => SCRIPT, "bindings/web/src/input-bytes.js";
    "/rendercast/input.js" => SCRIPT, "bindings/web/src/input.js";
    "/rendercast/keys.js" => SCRIPT, "bindings/web/src/keys.js";
    "/rendercast/latency.js" => SCRIPT, "bindings/web/src/latency.js";
    "/rendercast/line-call.js" => SCRIPT, "bindings/web/src/line-call.js";
    "/rendercast/line-http.js" => SCRIPT, "bindings/web/src/line-http.js";
    "/rendercast/line-relay.js" => SCRIPT, "bindings/web/src/line-relay.js";
    "/rendercast/line-socket.js" => SCRIPT, "bindings/web/src/line-socket.js";
    "/rendercast/line-websocket.js" => SCRIPT, "bindings/web/src/line-websocket.js";
    "/rendercast/media.js" => SCRIPT, "bindings/web/src/media.js";
    "/rendercast/picture.js" => SCRIPT, "bindings/web/src/picture.js";
    "/rendercast/player.js" => SCRIPT, "bindings/web/src/player.js";
    "/rendercast/sdp.js" => SCRIPT, "bindings/web/src/sdp.js";
    "/rendercast/server.js" => SCRIPT, "bindings/web/src/server.js";
    "/rendercast/stats.js" => SCRIPT, "bindings/web/src/stats.js";
    "/rendercast/text-field.js" => SCRIPT, "bindings/web/src/text-field.js";
}

/// The file at `path`, if there is one.
pub fn file(path: &str) -> Option<Response> {
    let file = FILES.iter().find(|file| file.path == path)?;
    let mut response = file.content.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
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
#[path = "../build/squeeze.rs"]
mod squeeze;

#[cfg(test)]
mod tests {
    use super::squeeze::{squeezed_markup, squeezed_script, squeezed_style};
    use super::*;

    /// Most bytes of script that a page needs to play, uncompressed.
    const SCRIPT_BYTES: usize = 61_440;

    /// What `content` at `path` names between `before` and `after`, as paths of the server.
    fn named(path: &str, content: &str, before: &str, after: &str) -> Vec<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pieces = content.split(before).skip(1);
        let names = pieces.map(|piece| piece.split(after).next().unwrap_or_default());
        // Nothing is deeper than one folder.
        names.map(|name| name.strip_prefix("..").map_or_else(|| format!("{folder}/{name}"), str::to_owned)).collect()
    }

    fn content_of(path: &str) -> &'static str {
        FILES.iter().find(|file| file.path == path).map(|file| file.content).unwrap()
    }

    /// A script and all it cannot run without.
    fn graph_of(path: &str, found: &mut Vec<String>) {
        if !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
            named(path, content_of(path), "from \"./", "\"").iter().for_each(|next| graph_of(next, found));
        }
    }

    #[test]
    fn the_page_loads_nothing_that_is_not_carried_along() {
        for File { path, content, .. } in FILES {
            for (before, after) in
                [("from \"./", "\""), ("import(\"./", "\""), ("src=\"", "\""), ("href=\"", "\""), ("url(", ")")]
            {
                for name in named(path, content, before, after) {
                    assert!(FILES.iter().any(|file| file.path == name), "{path} wants {name}");
                }
            }
        }
    }

    #[test]
    fn what_the_page_needs_to_play_is_asked_for_at_once_and_is_small() {
        let mut graph = Vec::new();
        graph_of("/page.js", &mut graph);
        let bytes: usize = graph.iter().map(|path| content_of(path).len()).sum();
        let all: usize = FILES.iter().filter(|file| file.kind == SCRIPT).map(|file| file.content.len()).sum();
        eprintln!("{bytes} bytes of script to play, {all} in all");
        assert!(graph.len() > 15 && bytes <= SCRIPT_BYTES, "{bytes} bytes of script, {SCRIPT_BYTES} at most");
        for path in graph {
            let link = path.trim_start_matches('/');
            let asked = [format!("modulepreload\" href=\"{link}\""), format!("src=\"{link}\"")];
            assert!(asked.iter().any(|link| content_of("/").contains(link)), "{path} is found late");
        }
    }

    fn written(file: &str) -> String {
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
    }

    #[test]
    fn what_is_stored_is_what_is_written_without_what_only_readers_need() {
        for (file, written_at) in FILES.iter().zip(WRITTEN) {
            let squeezed = match file.kind {
                SCRIPT => squeezed_script,
                STYLE => squeezed_style,
                _ => squeezed_markup,
            };
            assert!(file.content == squeezed(&written(written_at)), "{written_at} is another one in the library");
        }
    }

    #[test]
    fn nothing_spans_lines_that_could_be_taken_for_a_comment() {
        for path in WRITTEN {
            let content = written(path);
            for line in content.lines().map(str::trim_start) {
                for (open, close) in [("/*", "*/"), ("<!--", "-->")] {
                    assert!(
                        !line.starts_with(open) || line.ends_with(close) || !line.contains(close),
                        "{path}: {line}"
                    );
                }
                let is_comment = line.starts_with("//") || line.starts_with('*') || line.starts_with("/*");
                let is_script = path.ends_with(".js") && !is_comment;
                assert!(!is_script || line.matches('`').count() % 2 == 0, "{path}: a text spans lines: {line}");
            }
            assert!(!content.contains("<pre") && !content.contains("<textarea>"), "{path}: indentation has a meaning");
        }
    }

    #[test]
    fn the_module_has_the_version_of_the_crate() {
        let package = include_str!("../../bindings/web/package.json");
        assert!(package.contains(concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"")), "package.json");
    }

    #[test]
    fn the_page_obeys_its_own_policy() {
        for File { path, content, .. } in FILES.iter().filter(|file| file.kind == HTML) {
            assert!(!content.contains("<style") && !content.contains(" style="), "inline style in {path}");
            assert!(!content.contains("<script>") && !content.contains(" onclick="), "inline script in {path}");
        }
    }
}

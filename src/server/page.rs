//! The player page, carried inside the library: what the browser loads, and under which rules it runs.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Only our own files and connections; no inline script or style, so injected markup stays dead (W3C CSP level 3).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

struct File {
    path: &'static str,
    kind: &'static str,
    content: Cow<'static, str>,
}

macro_rules! files {
    ($($path:literal => $kind:expr, $file:literal;)*) => {
        /// Path, content type, content as it was written.
        const WRITTEN: &[(&str, &str, &str)] =
            &[$(($path, $kind, include_str!(concat!("../../", $file))),)*];
    };
}

files! {
    "/" => HTML, "samples/web/index.html";
    "/index.html" => HTML, "samples/web/index.html";
    "/style.css" => "text/css; charset=utf-8", "samples/web/style.css";
    "/icon.svg" => "image/svg+xml", "samples/web/icon.svg";
    "/page.js" => SCRIPT, "samples/web/page.js";
    "/kept.js" => SCRIPT, "samples/web/kept.js";
    "/menu.js" => SCRIPT, "samples/web/menu.js";
    "/overlay.js" => SCRIPT, "samples/web/overlay.js";
    "/strings.js" => SCRIPT, "samples/web/strings.js";
    "/touch.js" => SCRIPT, "samples/web/touch.js";
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

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let sent = |kind, content| if kind == SCRIPT { Cow::Owned(squeezed(content)) } else { Cow::Borrowed(content) };
    WRITTEN.iter().map(|&(path, kind, content)| File { path, kind, content: sent(kind, content) }).collect()
});

/// The file at `path`, if there is one.
pub fn file(path: &str) -> Option<Response> {
    let file = FILES.iter().find(|file| file.path == path)?;
    let content: &'static str = &file.content;
    let mut response = content.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    Some(response)
}

/// A script without what only its readers need: lines of comments, indentation, spaces around signs. Lines stay lines, so
/// that it means the same; no text of the scripts spans lines.
fn squeezed(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            kept.push_str(&tightened(line).unwrap_or_else(|| line.to_owned()));
            kept.push('\n');
        }
    }
    kept
}

/// A line without the spaces beside signs; none where that takes more than knowing what a text in double quotes is.
fn tightened(line: &str) -> Option<String> {
    let is_sign = |c: char| "{}()[];,:=<>&|?*!".contains(c);
    let mut kept = String::with_capacity(line.len());
    let (mut in_text, mut escaped, mut space) = (false, false, false);
    for c in line.chars() {
        if in_text {
            in_text = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if c == ' ' {
            space = true;
            continue;
        } else {
            if matches!(c, '\'' | '`' | '/') {
                return None;
            }
            if std::mem::take(&mut space) && !is_sign(c) && !kept.ends_with(is_sign) {
                kept.push(' ');
            }
            in_text = c == '"';
        }
        kept.push(c);
    }
    Some(kept)
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

    /// Most bytes of script that a page needs to play, uncompressed.
    const SCRIPT_BYTES: usize = 61_440;

    /// What `content` at `path` names between `before` and `after`, as paths of the server.
    fn named(path: &str, content: &str, before: &str, after: &str) -> Vec<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pieces = content.split(before).skip(1);
        pieces.map(|piece| format!("{folder}/{}", piece.split(after).next().unwrap_or_default())).collect()
    }

    fn content_of(path: &str) -> &'static str {
        FILES.iter().find(|file| file.path == path).map(|file| &*file.content).unwrap()
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
        for File { path, content, .. } in FILES.iter() {
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

    #[test]
    fn comments_stay_here_and_nothing_spans_lines_that_could_be_taken_for_one() {
        assert_eq!(squeezed("// a\n/** b\n * c */\n  let d = 1; // e\n\n/* f */\nd();\n"), "let d = 1; // e\nd();\n");
        let same = ["return \"a = \\\" b\"", "a + +b", "const d = /[a] = b/;", "`${a} = b`", "new A", "a - -b"];
        same.iter().for_each(|line| assert_eq!(squeezed(line), format!("{line}\n")));
        assert_eq!(squeezed("const [a, b = \"= c\"] = c ? d : (e) => 1;"), "const[a,b=\"= c\"]=c?d:(e)=>1;\n");
        for (path, kind, content) in WRITTEN.iter().filter(|(_, kind, _)| *kind == SCRIPT) {
            for line in content.lines() {
                let code = line.trim_start();
                let is_comment = code.starts_with("//") || code.starts_with('*') || code.starts_with("/*");
                assert!(!code.starts_with("/*") || code.ends_with("*/") || !code.contains("*/"), "{path}: {line}");
                assert!(
                    is_comment || code.matches('`').count() % 2 == 0,
                    "{path} ({kind}): a text spans lines: {line}"
                );
            }
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

//! Reads source files as far as the house rules need: which part is code, which is tests, and what names it uses. Comments
//! and texts are blanked, not cut, so that every position stays that of the file.

use std::path::{Path, PathBuf};

pub struct Source {
    /// From the repository's root, with forward slashes.
    pub path: String,
    /// The whole file belongs to a test.
    pub is_test: bool,
    /// Files that this one includes for tests only.
    pub test_files: Vec<String>,
    /// Lines that belong to tests.
    test_lines: usize,
    /// The file with tests, comments and texts blanked.
    code: String,
}

/// Taken at run time, so that the checks can be pointed at another checkout.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// Every source file under a folder. Modules that are declared under `#[cfg(test)]` are marked as tests.
pub fn sources(folder: &str) -> Vec<Source> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let known =
                path.extension().is_some_and(|extension| ["rs", "c", "h", "cpp"].iter().any(|k| extension == *k));
            if path.is_dir() {
                folders.push(path);
            } else if known {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let relative = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push(Source::parse(&relative, &text));
            }
        }
    }
    let tests: Vec<String> = files.iter().flat_map(|file| file.test_files.clone()).collect();
    for file in &mut files {
        let belongs = |test: &String| file.path == *test || file.path.starts_with(&format!("{}/", module_folder(test)));
        file.is_test = tests.iter().any(belongs);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

impl Source {
    pub fn parse(path: &str, text: &str) -> Self {
        let mut code = blank_comments_and_texts(text);
        let (mut test_files, mut test_lines) = (Vec::new(), 0);
        while let Some(start) = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|mark| code.find(mark)).min() {
            let end = item_end(&code, start);
            let item = &code[start..end];
            if let Some((_, name)) = item.strip_suffix(';').and_then(|item| item.rsplit_once("mod ")) {
                test_files.extend(module_files(path, name.trim(), &text[start..end]));
            }
            test_lines += item.lines().count();
            let blank: String = item.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
            code.replace_range(start..end, &blank);
        }
        Self { path: path.into(), is_test: false, test_files, test_lines, code }
    }

    /// The room a file of src/ belongs to; none for the root.
    pub fn room(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?.trim_end_matches(".rs");
        (!["lib", "build"].contains(&room)).then(|| room.to_owned())
    }

    /// The code with tests, comments and texts blanked; positions are those of the file.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Lines of the file without those of its tests.
    pub fn lines(&self) -> usize {
        self.code.lines().count() - self.test_lines
    }

    /// Rooms this file names by `crate::` or by enough `super::`, each with its line.
    pub fn rooms_used(&self) -> Vec<(String, usize)> {
        let mut used = Vec::new();
        for start in path_starts(&self.code) {
            let mut rest = &self.code[start..];
            if let Some(after) = rest.strip_prefix("crate::") {
                rest = after;
            } else {
                let mut depth = self.depth();
                while let Some(after) = rest.strip_prefix("super::") {
                    depth = depth.saturating_sub(1);
                    rest = after;
                }
                if depth > 0 || !self.code[start..].starts_with("super::") {
                    continue;
                }
            }
            let line = line_of(&self.code, start);
            used.extend(first_names(rest).into_iter().map(|name| (name, line)));
        }
        used
    }

    /// External crates this file names, each with its line.
    pub fn crates_used<'a>(&self, crates: impl Iterator<Item = &'a str>) -> Vec<(String, usize)> {
        let crates: Vec<&str> = crates.collect();
        let mut used = Vec::new();
        for start in path_starts(&self.code) {
            let rest = &self.code[start..];
            let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
            let followed = rest[name.len()..].trim_start().starts_with("::") || self.code[..start].ends_with("use ");
            if followed && crates.contains(&name.as_str()) {
                used.push((name, line_of(&self.code, start)));
            }
        }
        used
    }

    /// How many `super::` lead to the crate's root.
    fn depth(&self) -> usize {
        let inside = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        inside.split('/').count()
    }
}

/// 1 for the first line.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// What stands between the braces of the function after a place in blanked code.
pub fn body_after(code: &str, at: usize) -> &str {
    let Some(open) = code[at..].find('{').map(|open| at + open) else { return "" };
    &code[open + 1..closing(code, open).unwrap_or(code.len())]
}

/// Whether a body is more than one expression: a `;` outside of every bracket.
pub fn has_statements(body: &str) -> bool {
    let mut depth = 0;
    body.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        byte == b';' && depth == 0
    })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where paths begin: names with no name, `::` or `.` in front.
fn path_starts(code: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut before = ' ';
    for (at, c) in code.char_indices() {
        if is_name(c) && !is_name(before) && !c.is_numeric() {
            let front = code[..at].trim_end();
            if !front.ends_with("::") && !front.ends_with('.') {
                starts.push(at);
            }
        }
        before = c;
    }
    starts
}

/// The name after `crate::`, or all of a group in braces.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| is_name(*c)).collect::<String>();
    if !rest.starts_with('{') {
        return vec![name(rest)];
    }
    let group = &rest[1..closing(rest, 0).unwrap_or(rest.len())];
    let mut depth = 0;
    let entries = group.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    entries.map(name).filter(|name| !name.is_empty()).collect()
}

/// The end of the item that begins with an attribute.
fn item_end(code: &str, start: usize) -> usize {
    let mut at = start;
    let mut depth = 0;
    while let Some(byte) = code.as_bytes().get(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            b'{' if depth == 0 => return closing(code, at).map_or(code.len(), |end| end + 1),
            _ => {}
        }
        at += 1;
    }
    code.len()
}

fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    code.bytes().enumerate().skip(open).find_map(|(at, byte)| {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        (depth == 0).then_some(at)
    })
}

/// Where `mod name;` in a file leads.
fn module_files(path: &str, name: &str, stated: &str) -> Vec<String> {
    let own_folder = Path::new(path).parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
    if let Some(file) = stated.split_once("#[path").and_then(|(_, rest)| rest.split('"').nth(1)) {
        return vec![format!("{own_folder}/{file}")];
    }
    let folder = module_folder(path);
    vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
}

/// The folder that holds a module's children.
fn module_folder(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    ["/mod", "/lib", "/main"].iter().find_map(|name| stem.strip_suffix(name)).unwrap_or(stem).to_owned()
}

fn blank_comments_and_texts(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => find(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => block_comment_end(bytes, at),
            b'"' => text_end(bytes, at, raw_hashes(bytes, at)),
            b'\'' => character_end(bytes, at),
            _ => at,
        };
        for byte in out.get_mut(at..end).into_iter().flatten().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).expect("whole comments and texts were blanked")
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let found = bytes[from..].windows(what.len()).position(|window| window == what);
    found.map_or(bytes.len(), |at| from + at)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// `Some(n)` when the quote opens a raw text with n hashes.
fn raw_hashes(bytes: &[u8], quote: usize) -> Option<usize> {
    let hashes = bytes[..quote].iter().rev().take_while(|byte| **byte == b'#').count();
    (bytes[..quote - hashes].last() == Some(&b'r')).then_some(hashes)
}

fn text_end(bytes: &[u8], quote: usize, raw_hashes: Option<usize>) -> usize {
    if let Some(hashes) = raw_hashes {
        let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        return (find(bytes, quote + 1, &end) + end.len()).min(bytes.len());
    }
    let mut at = quote + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A lifetime ends at once, a character at its closing quote.
fn character_end(bytes: &[u8], quote: usize) -> usize {
    if bytes.get(quote + 1) == Some(&b'\\') {
        return (find(bytes, quote + 3, b"'") + 1).min(bytes.len());
    }
    let character = String::from_utf8_lossy(&bytes[quote + 1..(quote + 5).min(bytes.len())]).chars().next();
    let end = quote + 1 + character.map_or(1, char::len_utf8);
    if bytes.get(end) == Some(&b'\'') { end + 1 } else { quote }
}

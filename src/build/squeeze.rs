//! The page's files as they are stored and sent: without what only their readers need.

/// A script without lines of comments, indentation, and spaces around signs. Lines stay lines, so that it means the same; no
/// text of the scripts spans lines.
pub fn squeezed_script(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    for line in uncommented(script, "/*", "*/").filter(|line| !line.starts_with("//")) {
        kept.push_str(&tightened(line).unwrap_or_else(|| line.to_owned()));
        kept.push('\n');
    }
    kept
}

/// A style sheet without lines of comments and indentation.
pub fn squeezed_style(style: &str) -> String {
    lines(uncommented(style, "/*", "*/"))
}

/// HTML or SVG without lines of comments and indentation: where a line ends, white space stays.
pub fn squeezed_markup(markup: &str) -> String {
    lines(uncommented(markup, "<!--", "-->"))
}

fn lines<'a>(kept: impl Iterator<Item = &'a str>) -> String {
    kept.fold(String::new(), |text, line| text + line + "\n")
}

/// The lines of a text without their indentation, but empty ones and those of comments that begin and end with a line.
fn uncommented<'a>(text: &'a str, open: &'static str, close: &'static str) -> impl Iterator<Item = &'a str> {
    let mut in_comment = false;
    text.lines().map(str::trim).filter(move |line| {
        let is_comment = in_comment || line.starts_with(open);
        in_comment = is_comment && !line.ends_with(close);
        !is_comment && !line.is_empty()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_indentation_and_spaces_around_signs_go_and_lines_stay() {
        let script = "// a\n/** b\n * c */\n  let d = 1; // e\n\n/* f */\nd();\n";
        assert_eq!(squeezed_script(script), "let d = 1; // e\nd();\n");
        let same = ["return \"a = \\\" b\"", "a + +b", "const d = /[a] = b/;", "`${a} = b`", "new A", "a - -b"];
        same.iter().for_each(|line| assert_eq!(squeezed_script(line), format!("{line}\n")));
        assert_eq!(squeezed_script("const [a, b = \"= c\"] = c ? d : (e) => 1;"), "const[a,b=\"= c\"]=c?d:(e)=>1;\n");
        assert_eq!(squeezed_style("/* a */\n\nb {\n  /* c\n  d */\n  e: f(1 + 2);\n}\n"), "b {\ne: f(1 + 2);\n}\n");
        assert_eq!(squeezed_markup("<!-- a -->\n<p>\n  b\n  <i>c</i> d\n</p>\n"), "<p>\nb\n<i>c</i> d\n</p>\n");
    }
}

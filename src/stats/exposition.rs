//! Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): families with help and type, each once,
//! and their samples. Pure.

use std::fmt::{Display, Write};

/// What a number is. A counter's name ends in `_total`, and it only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gauge,
    Counter,
}

/// Names and values, in order. Names are ours; values may be anything.
pub type Labels = Vec<(&'static str, String)>;

#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// A family of samples; one without any is left out. Call it once for a name.
    pub fn family<T: Display>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, T)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let (name, kind) = match kind {
            Kind::Gauge => (format!("rendercast_{name}"), "gauge"),
            Kind::Counter => (format!("rendercast_{name}_total"), "counter"),
        };
        let help = escape(help, false);
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(self.0, "{name}{} {value}", braces(&labels));
        }
    }

    /// A family of one sample, without labels.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help, [(Labels::new(), value)]);
    }

    pub fn finish(self) -> String {
        self.0
    }
}

fn braces(labels: &Labels) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value, true))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A text in one line. Quotes mean nothing in a help.
fn escape(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out
}

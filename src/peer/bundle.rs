//! One transport for each connection: which sections of a remote description share it, and how our descriptions say so (BUNDLE,
//! RFC 9143; RTCP on the same port, RFC 5761). What would need another one is refused by port 0. Pure.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::choice::VideoOutcome;
use super::sdp::{self, Description, Kind, SdpError, Section};

const GROUP: &str = "a=group:";
const BUNDLE: &str = "a=group:BUNDLE";
/// An offer (RFC 8842, section 5.2).
const OFFER: &str = "a=setup:actpass";

const OWN_TRANSPORT: &str = "it has a transport of its own (no BUNDLE), and a connection of ours has one";
const OWN_RTCP: &str = "its RTCP has a port of its own (no a=rtcp-mux)";

/// A remote description whose sections share one transport.
#[derive(Debug, PartialEq, Eq)]
pub struct Shared<'a> {
    pub sdp: Cow<'a, str>,
    /// The remote side groups its sections, as browsers do.
    bundled: bool,
    /// Sections that are refused, and why.
    refused: Vec<(usize, Kind, &'static str)>,
}

/// Refuses the sections that cannot share a transport with the first one.
pub fn share(sdp: &str) -> Result<Shared<'_>, SdpError> {
    let description = sdp::parse(sdp)?;
    let groups: Vec<&str> = description.session_lines().filter_map(|line| line.strip_prefix(GROUP)).collect();
    let bundled = groups.iter().any(|group| words(group).next() == Some("BUNDLE"));
    let mut refused = Vec::new();
    let mut bundle: Option<Vec<&str>> = None;
    for (index, section) in description.sections.iter().enumerate().filter(|(_, section)| !section.is_rejected()) {
        let mid = section.attribute("mid").unwrap_or_default();
        if is_media(section) && !shares_rtcp(section, &description, &groups) {
            refused.push((index, section.kind, OWN_RTCP));
            continue;
        }
        match &bundle {
            None => bundle = Some(group_of(&groups, mid)),
            Some(members) if !mid.is_empty() && members.contains(&mid) => {}
            Some(_) => refused.push((index, section.kind, OWN_TRANSPORT)),
        }
    }
    let first_is_bundle = groups.first().is_some_and(|group| words(group).next() == Some("BUNDLE"));
    let sdp = match (bundle, refused.first()) {
        (None, Some((_, _, reason))) => return Err(SdpError::NoTransport(reason)),
        (Some(members), first) if first.is_some() || !first_is_bundle => {
            Cow::Owned(rewrite(sdp, &description, &members, &refused))
        }
        _ => Cow::Borrowed(sdp),
    };
    Ok(Shared { sdp, bundled, refused })
}

impl Shared<'_> {
    /// Says why there is no video, where that is why.
    pub fn explain(&self, video: &mut VideoOutcome) {
        for (index, kind, reason) in &self.refused {
            tracing::info!(section = index, ?kind, reason, "a section is refused");
            if let (Kind::Video, VideoOutcome::Refused(said)) = (kind, &mut *video) {
                *said = (*reason).to_owned();
            }
        }
    }
}

fn words(group: &str) -> impl Iterator<Item = &str> {
    group.split_ascii_whitespace()
}

fn is_media(section: &Section<'_>) -> bool {
    matches!(section.kind, Kind::Audio | Kind::Video)
}

/// The sections that a section is bundled with, itself among them.
fn group_of<'a>(groups: &[&'a str], mid: &'a str) -> Vec<&'a str> {
    let group = groups.iter().find(|group| {
        let mut words = words(group);
        words.next() == Some("BUNDLE") && words.any(|word| word == mid)
    });
    group.map_or_else(|| vec![mid], |group| words(group).skip(1).collect())
}

/// Some offerers say it once for all that is bundled.
fn shares_rtcp(section: &Section<'_>, description: &Description<'_>, groups: &[&str]) -> bool {
    let members = group_of(groups, section.attribute("mid").unwrap_or_default());
    section.attribute("rtcp-mux").is_some()
        || description.sections.iter().any(|other| {
            other.attribute("rtcp-mux").is_some() && other.attribute("mid").is_some_and(|mid| members.contains(&mid))
        })
}

/// The same with one group, of those that stay, and port 0 for those that do not.
fn rewrite(sdp: &str, description: &Description<'_>, members: &[&str], refused: &[(usize, Kind, &str)]) -> String {
    let is_refused = |index: usize| refused.iter().any(|(refused, _, _)| *refused == index);
    let stays = |(index, section): (usize, &Section<'_>)| {
        let mid = section.attribute("mid").unwrap_or_default();
        (members.contains(&mid) && !is_refused(index)).then(|| mid.to_owned())
    };
    let staying: Vec<String> = description.sections.iter().enumerate().filter_map(stays).collect();
    let mut out = String::with_capacity(sdp.len() + 64);
    let mut sections = 0;
    for line in sdp.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if line.starts_with("m=") {
            if sections == 0 {
                out.push_str(&format!("{BUNDLE} {}\r\n", staying.join(" ")));
            }
            sections += 1;
        }
        let refused = sections > 0 && is_refused(sections - 1);
        if sections == 0 && line.starts_with(GROUP) || refused && line == "a=bundle-only" {
            continue;
        }
        match line.strip_prefix("m=").filter(|_| refused) {
            Some(media) => out.push_str(&without_port(media)),
            None => out.push_str(line),
        }
        out.push_str("\r\n");
    }
    out
}

/// `m=`, with port 0.
fn without_port(media: &str) -> String {
    let mut words = words(media);
    let kind = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.skip(1).collect();
    format!("m={kind} 0 {}", rest.join(" "))
}

/// How our descriptions are told to the remote side.
#[derive(Debug, Default)]
pub struct Telling {
    /// The remote side does not group its sections, so neither does an answer to it (RFC 9143, section 7.3).
    ungrouped: AtomicBool,
    /// What we offer first says that it is of use only as one (W3C `max-bundle`).
    bundle_only: AtomicBool,
    /// The remote side has described itself: which sections there are is known.
    heard: AtomicBool,
}

impl Telling {
    pub fn set_bundle_only(&self, bundle_only: bool) {
        self.bundle_only.store(bundle_only, Ordering::Relaxed);
    }

    /// A remote description has come.
    pub fn hear(&self, remote: &Shared<'_>) {
        self.ungrouped.store(!remote.bundled, Ordering::Relaxed);
        self.heard.store(true, Ordering::Relaxed);
    }

    /// One of our descriptions, as it is told.
    pub fn tell<'a>(&self, sdp: &'a str) -> Cow<'a, str> {
        let offer = sdp.lines().any(|line| line.trim_end() == OFFER);
        if !offer && self.ungrouped.load(Ordering::Relaxed) {
            return sdp.split_inclusive('\n').filter(|line| !line.starts_with(BUNDLE)).collect();
        }
        if offer && self.bundle_only.load(Ordering::Relaxed) && !self.heard.load(Ordering::Relaxed) {
            return Cow::Owned(bundle_only(sdp));
        }
        Cow::Borrowed(sdp)
    }
}

/// All sections but the first have no port of their own (RFC 9143, section 7.2.1).
fn bundle_only(sdp: &str) -> String {
    let mut out = String::with_capacity(sdp.len() + 128);
    let mut sections = 0;
    for line in sdp.split_inclusive('\n') {
        sections += usize::from(line.starts_with("m="));
        match line.strip_prefix("m=").filter(|_| sections > 1) {
            Some(media) => {
                out.push_str(&without_port(media));
                out.push_str("\r\na=bundle-only\r\n");
            }
            None => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests;

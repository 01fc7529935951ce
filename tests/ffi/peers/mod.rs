//! Connections that the host negotiates itself, between the C ABI and the plain crate as a browser.

mod negotiating;
mod receivers;
mod refusing;
mod tracks;

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};
use std::time::Duration;

use rendercast::ffi::peer_events::*;
use rendercast::ffi::peer_operations::*;
use rendercast::ffi::peers::*;
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;
use webrtc::peer_connection::{RTCIceCandidateInit, RTCSessionDescription};

use crate::browser::{Browser, PATIENCE, Seen};
use crate::{Owned, create_json, last_error, sized};

/// How often a host polls: with each picture.
const PICTURE: Duration = Duration::from_millis(20);

fn streamer(more: &str) -> Owned {
    let json = format!(
        r#"{{"server":{{"enabled":false}},"video":{{"encoder":"openh264","codecs":["h264"]}},"peer":{{"bind_addresses":["127.0.0.1"]{more}}}}}"#
    );
    let (status, streamer) = create_json(&json);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rendercast_start(streamer), RENDERCAST_OK);
    Owned(streamer)
}

fn string(text: &[c_char]) -> String {
    // SAFETY: the library ends every text with a NUL.
    unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap().to_owned()
}

#[derive(Clone, Debug)]
struct Event {
    kind: u32,
    viewer: u32,
    request: u32,
    status: i32,
    state: u32,
    text: String,
    mid: String,
    index: u32,
    code: u32,
    url: String,
}

fn poll(streamer: &Owned) -> Option<Event> {
    let mut out: rendercast_peer_event = sized();
    let mut text = vec![0; 16_384];
    let status = unsafe { rendercast_poll_peer_event(streamer.0, &raw mut out, text.as_mut_ptr(), text.len() as u32) };
    if status == RENDERCAST_EMPTY {
        return None;
    }
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let (text, mid, url) = (string(&text), string(&out.sdp_mid), string(&out.url));
    assert_eq!(out.text_size as usize, text.len() + 1);
    let rendercast_peer_event { kind, viewer, request, status, state, error_code: code, .. } = out;
    Some(Event { kind, viewer, request, status, state, text, mid, index: out.sdp_mline_index, code, url })
}

fn create_peer(streamer: &Owned) -> u32 {
    let mut viewer = 0;
    let status = unsafe { rendercast_peer_create(streamer.0, null(), &raw mut viewer) };
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_ne!(viewer, 0);
    viewer
}

/// A step of the negotiation, as C calls it.
enum Step<'a> {
    CreateOffer(Option<&'a CStr>),
    CreateAnswer,
    SetLocal(u32, Option<&'a str>),
    SetRemote(u32, Option<&'a str>),
    Add(&'a str, Option<&'a str>, u32),
}

/// What the call itself returned, and its number.
fn ask(streamer: &Owned, viewer: u32, step: &Step<'_>) -> (i32, u32) {
    let text = |text: Option<&str>| text.map(|text| CString::new(text).unwrap());
    let pointer = |text: &Option<CString>| text.as_ref().map_or(null(), |text| text.as_ptr());
    let mut request = 0;
    let to = &raw mut request;
    // SAFETY: the texts end with a NUL and live through the call.
    let status = unsafe {
        match step {
            Step::CreateOffer(options) => {
                rendercast_peer_create_offer(streamer.0, viewer, options.map_or(null(), CStr::as_ptr), to)
            }
            Step::CreateAnswer => rendercast_peer_create_answer(streamer.0, viewer, null(), to),
            Step::SetLocal(kind, sdp) => {
                let sdp = text(*sdp);
                rendercast_peer_set_local_description(streamer.0, viewer, *kind, pointer(&sdp), to)
            }
            Step::SetRemote(kind, sdp) => {
                let sdp = text(*sdp);
                rendercast_peer_set_remote_description(streamer.0, viewer, *kind, pointer(&sdp), to)
            }
            Step::Add(candidate, mid, index) => {
                let (candidate, mid) = (text(Some(candidate)), text(*mid));
                let (candidate, mid) = (pointer(&candidate), pointer(&mid));
                rendercast_peer_add_ice_candidate(streamer.0, viewer, candidate, mid, *index, to)
            }
        }
    };
    (status, request)
}

fn description(streamer: &Owned, viewer: u32, which: u32) -> Option<(u32, String)> {
    let mut text = vec![0; 16_384];
    let (mut kind, mut needed) = (0, 0);
    let (buffer, capacity) = (text.as_mut_ptr(), text.len() as u32);
    let status = unsafe {
        rendercast_peer_description(streamer.0, viewer, which, &raw mut kind, buffer, capacity, &raw mut needed)
    };
    if status == RENDERCAST_EMPTY {
        return None;
    }
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let text = string(&text);
    assert_eq!(needed as usize, text.len() + 1);
    Some((kind, text))
}

fn states(streamer: &Owned, viewer: u32) -> rendercast_peer_states {
    let mut states: rendercast_peer_states = sized();
    let status = unsafe { rendercast_peer_get_states(streamer.0, viewer, &raw mut states) };
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    states
}

/// A host that draws and negotiates with one browser.
struct Scene {
    streamer: Owned,
    viewer: u32,
    browser: Browser,
    /// Every event so far.
    log: Vec<Event>,
    /// Of ours, those that the browser was not given yet.
    ours: VecDeque<Event>,
    /// Of the browser's, all.
    theirs: Vec<RTCIceCandidateInit>,
    /// The browser's candidates are passed on as they come.
    passes_on: bool,
    packets: usize,
    /// Those of each SSRC.
    streams: BTreeMap<u32, usize>,
    /// It draws for this source too.
    source: u32,
}

impl Scene {
    async fn start() -> Self {
        Self::with(streamer("")).await
    }

    async fn with(streamer: Owned) -> Self {
        let browser = Browser::open().await;
        browser.want_media().await;
        Self::between(streamer, browser)
    }

    fn between(streamer: Owned, browser: Browser) -> Self {
        let viewer = create_peer(&streamer);
        let (log, ours, theirs) = (Vec::new(), VecDeque::new(), Vec::new());
        let (packets, streams, source) = (0, BTreeMap::new(), 0);
        Self { streamer, viewer, browser, log, ours, theirs, passes_on: true, packets, streams, source }
    }

    /// Until this has happened, from event number `from` on.
    async fn until<T>(&mut self, what: &str, mut is: impl FnMut(&Self) -> Option<T>) -> T {
        let mut picture = tokio::time::interval(PICTURE);
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = is(self) {
                return found;
            }
            assert!(tokio::time::Instant::now() < end, "{what} did not happen: {:#?}", self.log);
            tokio::select! {
                seen = self.browser.seen.recv() => match seen.expect("the browser lives") {
                    Seen::Candidate(candidate) => {
                        if self.passes_on {
                            let mid = candidate.sdp_mid.as_deref();
                            let asked = ask(&self.streamer, self.viewer, &Step::Add(&candidate.candidate, mid, 0));
                            assert_eq!(asked.0, RENDERCAST_OK, "{}", last_error());
                        }
                        self.theirs.push(candidate);
                    }
                    Seen::Rtp(packet) => {
                        self.packets += 1;
                        *self.streams.entry(packet.header.ssrc).or_default() += 1;
                    }
                    _ => {}
                },
                _ = picture.tick() => self.carry().await,
            }
        }
    }

    async fn carry(&mut self) {
        let pixels = vec![90; 64 * 64 * 4];
        let mut frame: rendercast_video_frame = sized();
        (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 64, 64, pixels.as_ptr());
        assert!(unsafe { rendercast_push_video(self.streamer.0, &frame) } >= 0);
        if self.source != 0 {
            frame.source = self.source;
            assert!(unsafe { rendercast_push_video(self.streamer.0, &frame) } >= 0);
        }
        while let Some(event) = poll(&self.streamer) {
            assert_eq!(event.viewer, self.viewer);
            if event.kind == RENDERCAST_PEER_EVENT_ICE_CANDIDATE && !event.text.is_empty() {
                self.ours.push_back(event.clone());
            }
            self.log.push(event);
        }
        // A browser refuses candidates of a description that it has not heard.
        if self.browser.pc.remote_description().await.is_some() {
            for event in self.ours.drain(..) {
                let candidate = RTCIceCandidateInit {
                    candidate: event.text,
                    sdp_mid: Some(event.mid),
                    sdp_mline_index: Some(event.index as u16),
                    ..RTCIceCandidateInit::default()
                };
                self.browser.pc.add_ice_candidate(candidate).await.unwrap();
            }
        }
    }

    /// Status and text of an operation's end.
    async fn end_of(&mut self, request: u32) -> (i32, String) {
        let is = |event: &&Event| event.kind == RENDERCAST_PEER_EVENT_OPERATION_DONE && event.request == request;
        self.until("the end of an operation", |scene| {
            scene.log.iter().find(is).map(|event| (event.status, event.text.clone()))
        })
        .await
    }

    async fn run(&mut self, step: Step<'_>) -> (i32, String) {
        let (status, request) = ask(&self.streamer, self.viewer, &step);
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        assert_ne!(request, 0);
        self.end_of(request).await
    }

    async fn must(&mut self, step: Step<'_>) -> String {
        let (status, text) = self.run(step).await;
        assert_eq!(status, RENDERCAST_OK, "{text}");
        text
    }

    /// The states of a kind that were told, in order.
    fn told(&self, kind: u32) -> Vec<u32> {
        self.log.iter().filter(|event| event.kind == kind).map(|event| event.state).collect()
    }

    fn count(&self, kind: u32) -> usize {
        self.log.iter().filter(|event| event.kind == kind).count()
    }

    async fn until_negotiation_is_needed(&mut self, times: usize) {
        self.until("negotiationneeded", |scene| {
            (scene.count(RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED) >= times).then_some(())
        })
        .await;
    }

    async fn until_it_plays(&mut self) {
        let before = self.packets;
        self.until("a picture", |scene| (scene.packets >= before + 10).then_some(())).await;
    }

    /// The host offers, the browser answers.
    async fn host_offers(&mut self) -> String {
        let offer = self.must(Step::CreateOffer(None)).await;
        self.must(Step::SetLocal(RENDERCAST_SDP_OFFER, Some(&offer))).await;
        let answer = self.browser.answer(&offer).await;
        self.must(Step::SetRemote(RENDERCAST_SDP_ANSWER, Some(&answer))).await;
        offer
    }

    fn states(&self) -> rendercast_peer_states {
        states(&self.streamer, self.viewer)
    }

    fn description(&self, which: u32) -> Option<(u32, String)> {
        description(&self.streamer, self.viewer, which)
    }
}

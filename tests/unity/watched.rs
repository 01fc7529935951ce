//! A streamer that a real viewer watches, with an encoder that compares every picture it gets with what was drawn.

use std::ffi::c_char;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rendercast::config::Config;
use rendercast::encode::fake::FakeEncoder;
use rendercast::encode::select::{Candidate, Selector};
use rendercast::encode::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use rendercast::ffi::stats::{rendercast_get_stats, rendercast_stats};
use rendercast::ffi::streamer::{adopt, rendercast_destroy, rendercast_link};
use rendercast::frame::Chroma;
use rendercast::streamer::Streamer;
use rendercast::time;
use rendercast::units::{Bitrate, Size};

use crate::host::{Host, Use, number_of, painted};
use crate::oracle::{converted, psnr};
use crate::picture::Picture;
use crate::viewer::Viewer;

const CONFIG: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},
    "audio":{"enabled":false},"video":{"fps":60,"start_bitrate_kbps":1000,"max_bitrate_kbps":2000}}"#;
/// Nothing that is waited for takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What has reached the encoder.
#[derive(Default)]
pub struct Seen {
    /// Numbers of the pictures, in order; what the streamer repeats is left out.
    pub numbers: Vec<u64>,
    pub sizes: Vec<Size>,
    pub wrong: Vec<String>,
    /// The encoder waits while this is set.
    pub held: bool,
    /// The encoder waits.
    pub waiting: bool,
}

#[derive(Clone)]
pub struct Expected {
    /// Of the texture; None: as the picture.
    pub source: Option<Size>,
    pub flipped: bool,
    /// dB; scaled pictures differ more. 0: nothing is compared.
    pub least_psnr: f64,
}

impl Default for Expected {
    fn default() -> Self {
        Self { source: None, flipped: false, least_psnr: 45.0 }
    }
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

struct Comparing {
    inner: FakeEncoder,
    chroma: Chroma,
    expected: Expected,
    shared: Shared,
}

impl Comparing {
    fn compare(&self, frame: &YuvFrame) -> Option<(u64, Result<(), String>)> {
        let number = number_of(frame.host_time)?;
        if self.expected.least_psnr == 0.0 {
            return Some((number, Ok(())));
        }
        let size = self.expected.source.unwrap_or(frame.size);
        let mut picture = Picture { size, rgba: painted(number, size.width, size.height) };
        if self.expected.flipped {
            picture = picture.upside_down();
        }
        let wanted = converted(&picture, frame.size);
        let mut planar = YuvFrame::black(frame.size);
        frame.copy_planar_into(&mut planar);
        let verdict = (0..3).try_for_each(|plane| {
            let got: Vec<u8> = planar.rows(plane).flatten().copied().collect();
            let psnr = psnr(&got, &wanted.planes[plane]);
            if psnr >= self.expected.least_psnr {
                Ok(())
            } else {
                Err(format!("picture {number} at {size:?}, plane {plane}: {psnr:.1} dB"))
            }
        });
        Some((number, verdict))
    }
}

impl VideoEncoder for Comparing {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    fn codec(&self) -> Codec {
        self.inner.codec()
    }
    fn settings(&self) -> EncoderSettings {
        self.inner.settings()
    }
    fn rate_change(&self) -> RateChange {
        self.inner.rate_change()
    }
    fn chroma(&self) -> Chroma {
        self.chroma
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        if let Some((number, verdict)) = self.compare(frame) {
            let (seen, changed) = &*self.shared;
            let mut seen = seen.lock().unwrap();
            // While it waits, it holds the slot of the ring that it reads.
            while seen.held {
                seen.waiting = true;
                changed.notify_all();
                seen = changed.wait(seen).unwrap();
            }
            seen.waiting = false;
            if seen.numbers.last() != Some(&number) {
                seen.numbers.push(number);
                seen.sizes.push(frame.size);
            }
            seen.wrong.extend(verdict.err());
            changed.notify_all();
        }
        self.inner.encode(frame, keyframe)
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        self.inner.set_rate(bitrate, fps)
    }
}

/// A started streamer with a viewer.
pub struct Watched {
    pub handle: u32,
    shared: Shared,
    viewer: Option<Viewer>,
}

impl Watched {
    pub async fn new(chroma: Chroma, expected: Expected) -> Self {
        let shared = Shared::default();
        let own = Arc::clone(&shared);
        let comparing = Candidate::new("comparing", Codec::H264, move |settings| {
            let inner = FakeEncoder::new(Codec::H264, settings).named("comparing");
            Ok(Box::new(Comparing { inner, chroma, expected: expected.clone(), shared: Arc::clone(&own) }))
        });
        let selector = Selector::with_candidates("auto", vec![comparing]).unwrap();
        let streamer = Streamer::with_selector(Config::from_json(CONFIG).unwrap(), selector).unwrap();
        streamer.start().unwrap();
        let handle = adopt(streamer).unwrap();
        let viewer = Viewer::open(&link(handle).await).await.unwrap();
        Self { handle, shared, viewer: Some(viewer) }
    }

    pub fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.shared.0.lock().unwrap())
    }

    pub fn count(&self) -> usize {
        self.seen(|seen| seen.numbers.len())
    }

    /// Has the encoder keep the next picture, or go on.
    pub fn hold(&self, held: bool) {
        self.seen(|seen| seen.held = held);
        self.shared.1.notify_all();
    }

    pub fn stats(&self) -> rendercast_stats {
        // SAFETY: integers and texts.
        let mut stats: rendercast_stats = unsafe { std::mem::zeroed() };
        stats.size = size_of::<rendercast_stats>() as u32;
        // SAFETY: a whole structure.
        assert_eq!(unsafe { rendercast_get_stats(self.handle, &mut stats) }, 0);
        stats
    }

    /// Draws until `more` pictures have reached the encoder, and gives the next number.
    pub fn stream(&self, host: &Host, mut number: u64, more: usize, uses: &[Use]) -> u64 {
        let (wanted, until) = (self.count() + more, time::now() + PATIENCE);
        while self.count() < wanted {
            assert!(time::now() < until, "{} of {wanted} pictures arrived", self.count());
            host.frame(number, uses);
            number += 1;
        }
        host.settle();
        number
    }

    /// Every picture was the one drawn, and none was older than the one before.
    pub fn assert_right(&self) {
        self.seen(|seen| {
            assert_eq!(seen.wrong, Vec::<String>::new());
            assert!(seen.numbers.is_sorted_by(|a, b| a < b), "{:?}", seen.numbers);
        });
    }

    pub async fn leave(mut self) {
        if let Some(viewer) = self.viewer.take() {
            viewer.leave().await;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.hold(false);
        rendercast_destroy(self.handle);
    }
}

async fn link(handle: u32) -> String {
    let mut text = [0 as c_char; 512];
    // SAFETY: room as told.
    while unsafe { rendercast_link(handle, text.as_mut_ptr(), 512, std::ptr::null_mut()) } != 0 {
        tokio::task::yield_now().await;
    }
    let bytes: Vec<u8> = text.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
    String::from_utf8(bytes).unwrap()
}

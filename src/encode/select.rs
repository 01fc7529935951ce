//! Which encoder is used: candidates in order, hardware first, each proved once per process by really encoding with it.
//! What a driver claims is not believed: only a keyframe that came out at once counts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use super::bitstream;
use super::{Codec, EncodeError, EncoderSettings, VideoEncoder, YuvFrame};
use crate::error::ConfigError;
use crate::units::{Bitrate, Size};

/// What the proof encodes: small, but not too small for any hardware (NVENC wants 145x49).
const PROOF: EncoderSettings =
    EncoderSettings { size: Size::new(640, 360), fps: 30, bitrate: Bitrate::from_kbps(1_000), intra_refresh: false };

type Open = dyn Fn(EncoderSettings) -> Result<Box<dyn VideoEncoder>, EncodeError> + Send + Sync;
type Proof = Result<(), EncodeError>;
type Once = Arc<OnceLock<Proof>>;

/// One encoder that might work here.
#[derive(Clone)]
pub struct Candidate {
    name: &'static str,
    codec: Codec,
    /// Tried without being named in the configuration.
    offered: bool,
    open: Arc<Open>,
}

impl Candidate {
    /// `open` must fail fast when the encoder cannot be there.
    pub fn new(
        name: &'static str,
        codec: Codec,
        open: impl Fn(EncoderSettings) -> Result<Box<dyn VideoEncoder>, EncodeError> + Send + Sync + 'static,
    ) -> Self {
        Self { name, codec, offered: true, open: Arc::new(open) }
    }

    pub fn offered(mut self, offered: bool) -> Self {
        self.offered = offered;
        self
    }

    #[cfg(test)]
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    #[cfg(test)]
    pub(super) fn open(&self, settings: EncoderSettings) -> Result<Box<dyn VideoEncoder>, EncodeError> {
        (self.open)(settings)
    }

    fn prove(&self, intra_refresh: bool) -> Proof {
        let mut encoder = (self.open)(EncoderSettings { intra_refresh, ..PROOF })?;
        let black = Arc::new(YuvFrame::black(PROOF.size));
        let refused = |reason: &str| EncodeError::Unavailable { encoder: self.name.into(), reason: reason.into() };
        if intra_refresh && !encoder.refreshes_by_strips() {
            return Err(refused("it cannot renew by strips"));
        }
        // The first, an ordinary one, and one on demand: without the last, nobody could join.
        for (asked, must_be_keyframe) in [(false, true), (false, false), (true, true)] {
            let Some(frame) = encoder.encode(&black, asked)? else {
                return Err(refused("it holds frames back"));
            };
            if must_be_keyframe && !bitstream::is_keyframe(self.codec, &frame.data) {
                return Err(refused(if asked {
                    "it makes no keyframe on demand"
                } else {
                    "it does not begin with a keyframe"
                }));
            }
            let start = bitstream::h264_start(&frame.data);
            if start.idr && !(start.sps && start.pps) {
                return Err(refused("its keyframes come without parameter sets"));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.codec.rtpmap_name())
    }
}

/// What the proofs said, by encoder, and whether with intra refresh. A proof runs once even when several threads ask at the
/// same time.
#[derive(Debug, Default)]
struct Proofs(Mutex<HashMap<(&'static str, bool), Once>>);

impl Proofs {
    fn get(&self, candidate: &Candidate) -> Proof {
        self.prove_once(candidate, false)
    }

    /// What of `settings` the candidate can be opened with: a refresh that costs it its keyframes is left out.
    fn allowed(&self, candidate: &Candidate, settings: EncoderSettings) -> EncoderSettings {
        let intra_refresh = settings.intra_refresh && self.prove_once(candidate, true).is_ok();
        EncoderSettings { intra_refresh, ..settings }
    }

    fn prove_once(&self, candidate: &Candidate, intra_refresh: bool) -> Proof {
        let cell = Arc::clone(lock(&self.0).entry((candidate.name, intra_refresh)).or_default());
        cell.get_or_init(|| {
            let proof = candidate.prove(intra_refresh);
            match &proof {
                Ok(()) => tracing::info!(encoder = candidate.name, intra_refresh, "encoder works"),
                Err(error) if intra_refresh => tracing::info!("video.intra_refresh is ignored: {}", one_line(error)),
                Err(error) => tracing::info!("{}", one_line(error)),
            }
            proof
        })
        .clone()
    }
}

/// A driver's message may hold line breaks, but one failure is one line.
fn one_line(error: &EncodeError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every candidate for one codec failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no encoder works for {}: {}", codec.rtpmap_name(), reasons(failures))]
pub struct NoEncoder {
    pub codec: Codec,
    /// Every candidate's reason, in order of trial; empty when there is none.
    pub failures: Vec<EncodeError>,
}

fn reasons(failures: &[EncodeError]) -> String {
    if failures.is_empty() {
        return "none is built in, or all have failed before".into();
    }
    failures.iter().map(one_line).collect::<Vec<_>>().join("; ")
}

/// One streamer's choice of encoders. Shared by its threads; proofs are shared by all streamers of the process.
#[derive(Debug)]
pub struct Selector {
    candidates: Vec<Candidate>,
    proofs: Arc<Proofs>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Failed while streaming: skipped from then on.
    failed: Vec<&'static str>,
    /// Told to the host already.
    told: Vec<EncodeError>,
}

impl Selector {
    /// `preferred` is `VideoConfig::encoder`: `auto` (or empty), or the name of the one to try first. Proves nothing yet.
    ///
    /// # Errors
    /// `ConfigError::Unknown` with the known names.
    pub fn new(preferred: &str) -> Result<Self, ConfigError> {
        static PROOFS: LazyLock<Arc<Proofs>> = LazyLock::new(Arc::default);
        Self::with(preferred, built_in(), Arc::clone(&PROOFS))
    }

    /// With other candidates and proofs of its own: for tests.
    #[doc(hidden)]
    pub fn with_candidates(preferred: &str, candidates: Vec<Candidate>) -> Result<Self, ConfigError> {
        Self::with(preferred, candidates, Arc::default())
    }

    fn with(preferred: &str, mut candidates: Vec<Candidate>, proofs: Arc<Proofs>) -> Result<Self, ConfigError> {
        if !preferred.is_empty() && preferred != "auto" {
            let Some(at) = candidates.iter().position(|candidate| candidate.name == preferred) else {
                let names = std::iter::once("auto").chain(candidates.iter().map(|candidate| candidate.name));
                return Err(ConfigError::Unknown {
                    key: "video.encoder".into(),
                    value: preferred.into(),
                    known: names.collect::<Vec<_>>().join(", "),
                });
            };
            let first = candidates.remove(at).offered(true);
            candidates.insert(0, first);
        }
        candidates.retain(|candidate| candidate.offered);
        Ok(Self { candidates, proofs, state: Mutex::default() })
    }

    fn remaining(&self, codec: Codec) -> impl Iterator<Item = &Candidate> {
        let failed = lock(&self.state).failed.clone();
        self.candidates.iter().filter(move |c| c.codec == codec && !failed.contains(&c.name))
    }

    /// The first encoder for `codec` that is proved to work. The first call of a process takes as long as the proofs.
    pub fn working(&self, codec: Codec) -> Option<&'static str> {
        self.remaining(codec).find(|candidate| self.proofs.get(candidate).is_ok()).map(|candidate| candidate.name)
    }

    /// Proves the encoder that would take over from [`working`](Self::working)'s, so that a takeover need not wait for that.
    pub fn prove_spare(&self, codec: Codec) -> Option<&'static str> {
        let mut working = self.remaining(codec).filter(|candidate| self.proofs.get(candidate).is_ok());
        working.nth(1).map(|candidate| candidate.name)
    }

    /// Codecs with a working encoder, in the order of `Codec::ALL`.
    pub fn available_codecs(&self) -> Vec<Codec> {
        Codec::ALL.into_iter().filter(|codec| self.working(*codec).is_some()).collect()
    }

    /// Opens the first encoder for `codec` that works with `settings`, and tells which failed on the way; a failure is told
    /// once in this selector's life. One that is proved but cannot open now (sessions used up, picture too large) is
    /// tried again next time.
    ///
    /// # Errors
    /// When none is left.
    pub fn open(
        &self,
        codec: Codec,
        settings: EncoderSettings,
    ) -> Result<(Box<dyn VideoEncoder>, Vec<EncodeError>), NoEncoder> {
        let mut failures = Vec::new();
        for candidate in self.remaining(codec) {
            let open = |()| (candidate.open)(self.proofs.allowed(candidate, settings));
            match self.proofs.get(candidate).and_then(open) {
                Ok(encoder) => return Ok((encoder, self.untold(failures))),
                Err(error) => failures.push(error),
            }
        }
        Err(NoEncoder { codec, failures })
    }

    /// An encoder failed while streaming: it is skipped from now on. Returns the one that takes over for its codec.
    pub fn next_after(&self, name: &str) -> Option<&'static str> {
        let candidate = self.candidates.iter().find(|candidate| candidate.name == name)?;
        let mut state = lock(&self.state);
        if !state.failed.contains(&candidate.name) {
            tracing::warn!(encoder = candidate.name, "encoder failed while streaming and is not used again");
            state.failed.push(candidate.name);
        }
        drop(state);
        self.working(candidate.codec)
    }

    fn untold(&self, failures: Vec<EncodeError>) -> Vec<EncodeError> {
        let mut state = lock(&self.state);
        let fresh: Vec<_> = failures.into_iter().filter(|failure| !state.told.contains(failure)).collect();
        // Sizes and driver messages make endless variants; what is forgotten is told again.
        if state.told.len() > 64 {
            state.told.clear();
        }
        state.told.extend(fresh.iter().cloned());
        fresh
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything this build knows, in order: libvpx and libaom, FFmpeg's, OpenH264.
pub(super) fn built_in() -> Vec<Candidate> {
    #[allow(unused_mut)] // in a build without any
    let mut candidates: Vec<Candidate> = Vec::new();
    // Before FFmpeg's wrappers of both, which read the rate once.
    #[cfg(feature = "webrtc")]
    candidates.extend(super::vpx_aom::candidates());
    #[cfg(feature = "ffmpeg")]
    candidates.extend(super::ffmpeg::candidates());
    #[cfg(feature = "webrtc")]
    candidates.push(Candidate::new(super::openh264::NAME, Codec::H264, |settings| {
        Ok(Box::new(super::openh264::OpenH264::open(settings)?) as Box<dyn VideoEncoder>)
    }));
    candidates
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::encode::fake::FakeEncoder;

    const SETTINGS: EncoderSettings = EncoderSettings {
        size: Size::new(1280, 720),
        fps: 60,
        bitrate: Bitrate::from_kbps(6_000),
        intra_refresh: false,
    };

    fn works(name: &'static str, codec: Codec) -> Candidate {
        Candidate::new(name, codec, move |settings| Ok(Box::new(FakeEncoder::new(codec, settings).named(name))))
    }

    fn missing(name: &'static str) -> Candidate {
        Candidate::new(name, Codec::H264, move |_| {
            Err(EncodeError::Unavailable { encoder: name.into(), reason: "no\n  driver".into() })
        })
    }

    fn selector(preferred: &str, candidates: impl Into<Vec<Candidate>>) -> Selector {
        Selector::with_candidates(preferred, candidates.into()).unwrap()
    }

    #[test]
    fn the_first_that_works_is_opened_and_failures_are_told_once() {
        let selector = selector("auto", [missing("gone"), works("good", Codec::H264), works("later", Codec::H264)]);
        let (encoder, failures) = selector.open(Codec::H264, SETTINGS).unwrap();
        assert_eq!((encoder.name(), encoder.settings()), ("good", SETTINGS));
        assert_eq!(failures.len(), 1);
        assert_eq!(selector.open(Codec::H264, SETTINGS).unwrap().1, []);
    }

    #[test]
    fn the_preferred_one_leads_even_when_it_is_not_offered() {
        let candidates = [works("a", Codec::H264), works("b", Codec::H264).offered(false), works("c", Codec::Vp8)];
        assert_eq!(selector("auto", candidates.clone()).working(Codec::H264), Some("a"));
        assert_eq!(selector("b", candidates.clone()).working(Codec::H264), Some("b"));
        assert_eq!(selector("c", candidates.clone()).working(Codec::H264), Some("a"));
        assert_eq!(selector("b", candidates[1..].to_vec()).available_codecs(), [Codec::H264, Codec::Vp8]);
        assert_eq!(selector("", candidates[1..].to_vec()).working(Codec::H264), None, "only by name");
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Selector::with_candidates("x265", vec![works("a", Codec::H264), missing("b")]).unwrap_err();
        assert_eq!(error.to_string(), r#"video.encoder = "x265" is unknown; one of: auto, a, b"#);
    }

    #[test]
    fn an_encoder_without_a_keyframe_at_once_and_on_demand_does_not_count() {
        let holds_back = Candidate::new("delayed", Codec::Vp8, |settings| {
            Ok(Box::new(FakeEncoder::new(Codec::Vp8, settings).skipping_every(2)))
        });
        let dies = Candidate::new("dies", Codec::Vp8, |settings| {
            Ok(Box::new(FakeEncoder::new(Codec::Vp8, settings).failing_at(2)))
        });
        // Its bytes are VP9: no IDR is found in them.
        let mislabelled =
            Candidate::new("mislabelled", Codec::H264, |settings| Ok(Box::new(FakeEncoder::new(Codec::Vp9, settings))));
        let selector = selector("auto", [holds_back, dies, works("good", Codec::Vp8), mislabelled]);
        let (encoder, failures) = selector.open(Codec::Vp8, SETTINGS).unwrap();
        assert_eq!((encoder.name(), failures.len()), ("good", 2));
        let error = selector.open(Codec::H264, SETTINGS).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("does not begin with a keyframe"), "{error}");
        assert_eq!(selector.available_codecs(), [Codec::Vp8]);
    }

    #[test]
    fn intra_refresh_that_an_encoder_lacks_or_pays_for_with_keyframes_is_left_out() {
        let dies_of_it = Candidate::new("dies of it", Codec::Vp8, |settings| {
            let encoder = FakeEncoder::new(Codec::Vp8, settings);
            Ok(Box::new(if settings.intra_refresh { encoder.failing_at(2) } else { encoder }))
        });
        let without = Candidate::new("without", Codec::Vp9, |settings| {
            Ok(Box::new(FakeEncoder::new(Codec::Vp9, settings).without_intra_refresh()))
        });
        let selector = selector("auto", [works("good", Codec::H264), dies_of_it, without]);
        let wanted = EncoderSettings { intra_refresh: true, ..SETTINGS };
        assert_eq!(selector.open(Codec::H264, wanted).unwrap().0.settings(), wanted);
        for codec in [Codec::Vp8, Codec::Vp9] {
            let (encoder, failures) = selector.open(codec, wanted).unwrap();
            assert_eq!((encoder.settings(), failures), (SETTINGS, vec![]));
        }
    }

    #[test]
    fn a_spare_is_proved_before_it_is_needed_and_not_again() {
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = {
            let opened = Arc::clone(&opened);
            Candidate::new("spare", Codec::H264, move |settings| {
                opened.fetch_add(1, Ordering::Relaxed);
                Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("spare")))
            })
        };
        let selector = selector("auto", [works("a", Codec::H264), missing("b"), counted]);
        assert_eq!(selector.working(Codec::H264), Some("a"));
        assert_eq!(opened.load(Ordering::Relaxed), 0);
        assert_eq!(selector.prove_spare(Codec::H264), Some("spare"));
        assert_eq!(selector.next_after("a"), Some("spare"));
        assert_eq!(opened.load(Ordering::Relaxed), 1);
        assert_eq!(selector.prove_spare(Codec::H264), None);
    }

    #[test]
    fn one_that_failed_while_streaming_is_replaced_and_not_used_again() {
        let selector = selector("auto", [works("a", Codec::H264), missing("b"), works("c", Codec::H264)]);
        assert_eq!(selector.next_after("a"), Some("c"));
        assert_eq!(selector.open(Codec::H264, SETTINGS).unwrap().0.name(), "c");
        assert_eq!(selector.next_after("c"), None);
        assert_eq!(selector.next_after("never heard of"), None);
        let error = selector.open(Codec::H264, SETTINGS).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "no encoder works for H264: b is not available: no driver");
    }

    #[test]
    fn one_that_cannot_open_now_is_passed_over_for_now() {
        let sessions = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sessions);
        let scarce =
            Candidate::new("scarce", Codec::H264, move |settings| match counted.fetch_add(1, Ordering::Relaxed) {
                1 => Err(EncodeError::Failed { encoder: "scarce".into(), reason: "no session left".into() }),
                _ => Ok(Box::new(FakeEncoder::new(Codec::H264, settings).named("scarce"))),
            });
        let selector = selector("auto", [scarce, works("spare", Codec::H264)]);
        let (encoder, failures) = selector.open(Codec::H264, SETTINGS).unwrap();
        assert_eq!((encoder.name(), failures.len()), ("spare", 1));
        assert_eq!(selector.open(Codec::H264, SETTINGS).unwrap().0.name(), "scarce");
        assert_eq!(sessions.load(Ordering::Relaxed), 3, "one proof and two openings");
    }

    #[test]
    fn a_build_without_encoders_knows_nothing_but_auto() {
        let selector = selector("auto", []);
        assert_eq!(selector.available_codecs(), []);
        assert_eq!(selector.open(Codec::Av1, SETTINGS).map(|_| ()).unwrap_err().failures, []);
        assert!(Selector::with_candidates("openh264", vec![]).is_err());
    }
}

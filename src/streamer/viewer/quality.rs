//! What a viewer chooses of its own picture on its page: less than it would be given, or another codec that was agreed on, and
//! never more than the host has granted. Others notice nothing of it but that there may be one encoder more.

use std::time::Duration;

use super::Viewer;
use super::granting::ordered;
use crate::encode::Codec;
use crate::layers::{Ladder, Shape};
use crate::streamer::control_json::{Quality, RungOffer};
use crate::time::{self, Nanos};
use crate::units::{Bitrate, Size};

/// How often a viewer may choose anew: a change may open an encoder. What it chose last counts.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What a page asked for last, until it is carried out.
#[derive(Debug, Default)]
pub struct Asked {
    quality: Option<Quality>,
    /// When one was carried out last.
    obeyed: Option<Nanos>,
}

impl Asked {
    pub fn set(&mut self, quality: Quality) {
        self.quality = Some(quality);
    }

    /// When [`take`](Self::take) has something.
    pub fn due(&self) -> Option<Nanos> {
        self.quality.as_ref().map(|_| self.obeyed.map_or(Nanos(0), |at| at + AGAIN_AFTER))
    }

    /// What is to be carried out now.
    pub fn take(&mut self, now: Nanos) -> Option<Quality> {
        self.due().filter(|due| *due <= now)?;
        self.obeyed = Some(now);
        self.quality.take()
    }
}

/// What the viewer has chosen; None: as it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Of everybody's ladder: no larger than this one.
    rung: Option<usize>,
    codec: Option<Codec>,
    max: Option<Bitrate>,
}

impl Chosen {
    /// A codec that is none of ours is none.
    pub fn read(quality: &Quality) -> Self {
        let known = |name: &String| Codec::ALL.into_iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(name));
        Self {
            rung: quality.rung.map(|rung| usize::try_from(rung).unwrap_or(usize::MAX)),
            codec: quality.codec.as_ref().and_then(known),
            max: quality.max_kbps.map(|kbps| Bitrate::from_kbps(kbps.into())),
        }
    }

    /// The codecs to send, best first, of those that the host lets it have.
    pub fn codecs(&self, granted: &[Codec]) -> Vec<Codec> {
        ordered(granted, self.codec.as_slice())
    }

    /// The most video it takes; None: what there is.
    pub fn most(&self, granted: Option<Bitrate>) -> Option<Bitrate> {
        self.max.into_iter().chain(granted).min()
    }

    fn shape(&self, granted: Shape, common: &Ladder, whole: Size) -> Shape {
        self.rung.map_or(granted, |rung| granted.no_larger_than(rung, common, whole))
    }
}

impl Viewer {
    /// Carries out what its page has chosen last, when that is due.
    pub(super) async fn obey_page(&mut self) {
        let Some(quality) = self.control.asked.take(time::now()) else { return };
        let chosen = Chosen::read(&quality);
        let before = std::mem::replace(&mut self.granted.chosen, chosen);
        if chosen == before {
            return;
        }
        tracing::debug!(viewer = self.id.0, ?chosen, "the viewer chooses its quality");
        if chosen.codec != before.codec {
            // That none was agreed on is the host's to know of its own preferences, not of a page's.
            self.prefer().await;
        }
        if chosen.max != before.max {
            self.bound();
        }
        self.review().await;
    }

    /// What the picture is shaped by now: what the host grants it, and what its page has chosen of the present ladder.
    pub(super) fn follow_wishes(&mut self) {
        let video = &self.granted.wishes.video;
        let (granted, source) = (video.shape(), self.place.source());
        // Without a choice nothing of the ladder matters.
        let ladder = || self.granted.codec.map(|codec| self.context.layers.ladder(source, codec));
        let ladder = self.granted.chosen.rung.and_then(|_| ladder());
        let shape = ladder.map_or(granted, |common| self.granted.chosen.shape(granted, &common, source.size()));
        let preference = video.degradation_preference;
        self.place.set_wish(shape, preference);
    }

    /// Codecs that the host lets it have, best first.
    fn granted_codecs(&self) -> &[Codec] {
        let preferred = &self.granted.wishes.codecs;
        if preferred.is_empty() { &self.codecs } else { preferred }
    }

    /// The same, what its page has chosen first.
    pub(super) fn wanted_codecs(&self) -> Vec<Codec> {
        self.granted.chosen.codecs(self.granted_codecs())
    }

    /// Those that its page can choose from.
    pub(super) fn offered_codecs(&self) -> Vec<Codec> {
        let (sent, others) = (self.granted.codec, &self.granted.others);
        let agreed = |codec: &Codec| sent.is_none_or(|sent| sent == *codec) || others.contains(codec);
        self.granted_codecs().iter().copied().filter(agreed).collect()
    }

    /// The rungs that its page can choose from, once there is a picture: those of everybody that the host lets it have.
    pub(super) fn offered_rungs(&self) -> Vec<RungOffer> {
        let source = self.place.source();
        let Some(codec) = self.granted.codec.filter(|_| source.has_picture()) else { return Vec::new() };
        let ladder = self.context.layers.ladder(source, codec);
        let first = self.granted.wishes.video.shape().first_within(&ladder, source.size());
        let sizes = ladder.rungs().iter().map(|rung| rung.picture.size).enumerate().skip(first);
        sizes.map(|(rung, size)| RungOffer { rung, width: size.width, height: size.height }).collect()
    }

    /// What counts of what it has chosen, for its page; None: it may not choose.
    pub(super) fn quality(&self, rungs: &[RungOffer], codecs: &[Codec]) -> Option<Quality> {
        let config = &self.context.shared.config;
        if !config.input.choose_quality {
            return None;
        }
        let chosen = self.granted.chosen;
        let rung = chosen.rung.map(|rung| match rungs {
            [] => rung,
            [first, .., last] | [first @ last] => rung.clamp(first.rung, last.rung),
        });
        let most = config.video.max_bitrate();
        let max = chosen.max.and_then(|_| chosen.most(self.granted.wishes.video.max_bitrate));
        Some(Quality {
            rung: rung.and_then(|rung| u32::try_from(rung).ok()),
            codec: chosen.codec.filter(|codec| codecs.contains(codec)).map(|codec| codec.rtpmap_name().to_owned()),
            max_kbps: max.and_then(|max| u32::try_from(max.min(most).max(config.video.min_bitrate()).kbps()).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }

    #[test]
    fn a_choice_takes_nothing_that_the_host_has_not_granted() {
        let chosen = Chosen::read(&Quality { rung: Some(1), codec: Some("vp8".into()), max_kbps: Some(2_000) });
        assert_eq!(chosen.codecs(&[Codec::H264, Codec::Vp8]), [Codec::Vp8, Codec::H264]);
        assert_eq!(chosen.codecs(&[Codec::H264, Codec::Av1]), [Codec::H264, Codec::Av1]);
        assert_eq!((chosen.most(None), chosen.most(Some(kbps(900)))), (Some(kbps(2_000)), Some(kbps(900))));
        let none = Chosen::read(&Quality { codec: Some("H265".into()), ..Default::default() });
        assert_eq!(none, Chosen::default());
        assert_eq!((none.codecs(&[Codec::H264]), none.most(Some(kbps(900)))), (vec![Codec::H264], Some(kbps(900))));
    }

    #[test]
    fn the_last_choice_counts_and_none_comes_too_soon_after_another() {
        let ask = |kbps| Quality { max_kbps: Some(kbps), ..Default::default() };
        let at = |ms: u64| Nanos(5_000_000_000) + Duration::from_millis(ms);
        let mut asked = Asked::default();
        assert_eq!((asked.due(), asked.take(at(0))), (None, None));
        asked.set(ask(1));
        assert_eq!(asked.take(at(0)), Some(ask(1)), "the first one at once");
        asked.set(ask(2));
        asked.set(ask(3));
        assert_eq!((asked.due(), asked.take(at(499))), (Some(at(500)), None));
        assert_eq!((asked.take(at(500)), asked.due()), (Some(ask(3)), None));
    }
}

//! Which rung one viewer watches: down as soon as its link does not carry its own, up once there has been room for a while.

use std::time::Duration;

use crate::time::Nanos;
use crate::units::Bitrate;

use super::backoff::Backoff;
use super::group::TOLERANCE_PERCENT;

/// Room for a better rung, in percent of its floor.
const ROOM_PERCENT: u64 = 115;
/// How long there must be room, at first and at most.
const ROOM_LASTS: Duration = Duration::from_secs(2);
const ROOM_LASTS_LONGEST: Duration = Duration::from_secs(60);
/// How long a viewer that was left alone waits for others before it gets an encoder to itself.
const ALONE_LASTS: Duration = Duration::from_secs(1);
/// How far above the next rung's floor a link is worth probing, in percent: what it takes to go there, and some.
const PROBE_PERCENT: u64 = 130;

/// One rung as one viewer could have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What the viewer must carry to be there.
    pub floor: Bitrate,
    /// What it could use there at most.
    pub ceiling: Bitrate,
    /// What its layer is encoded at; None: it does not run.
    pub target: Option<Bitrate>,
    /// It runs, or may be started.
    pub available: bool,
}

/// One viewer's choice.
#[derive(Clone, Copy, Debug)]
pub struct Selector {
    rung: usize,
    room_since: Option<Nanos>,
    backoff: Backoff,
}

impl Selector {
    /// Begins with what `share` carries. `offers`: best rung first; `alone`: nobody else watches this codec.
    pub fn new(offers: &[Offer], share: Bitrate, alone: bool) -> Self {
        let rung = if alone { first_available(offers) } else { carried(offers, share, 100) };
        Self { rung, room_since: None, backoff: Backoff::new(ROOM_LASTS, ROOM_LASTS_LONGEST) }
    }

    pub fn rung(&self) -> usize {
        self.rung
    }

    /// Where the viewer is, which need not be what was chosen.
    pub fn set_place(&mut self, rung: usize) {
        if rung != self.rung {
            self.set_rung(rung);
        }
    }

    /// The viewer begins at another rung than the one chosen.
    pub fn set_rung(&mut self, rung: usize) {
        self.rung = rung;
        self.room_since = None;
    }

    /// What the viewer's link has room for now. Returns the rung to be at.
    pub fn handle_share(&mut self, now: Nanos, offers: &[Offer], share: Bitrate, alone: bool) -> usize {
        let present = offers.get(self.rung).filter(|offer| offer.available);
        let Some(present) = present else {
            self.set_rung(if alone { first_available(offers) } else { carried(offers, share, 100) });
            return self.rung;
        };
        if !alone && share.bps() < percent_of(present.floor, TOLERANCE_PERCENT) {
            let lower = carried_below(offers, self.rung + 1, share, 100);
            if let Some(lower) = lower {
                self.backoff.fell(now);
                self.set_rung(lower);
                return lower;
            }
        }
        let (better, lasts) = if alone {
            (first_available(offers), ALONE_LASTS)
        } else {
            (carried(offers, share, ROOM_PERCENT), self.backoff.wait())
        };
        if better >= self.rung {
            self.room_since = None;
        } else if now.saturating_since(*self.room_since.get_or_insert(now)) >= lasts {
            self.backoff.rose(now);
            self.set_rung(better);
        }
        self.rung
    }

    /// The video rate that would be of use to this viewer, so that its link is probed up to there and no further.
    pub fn demand(&self, offers: &[Offer], alone: bool) -> Bitrate {
        let Some(present) = offers.get(self.rung) else { return Bitrate::default() };
        if alone {
            return offers.get(first_available(offers)).map_or(present.ceiling, |best| best.ceiling);
        }
        // In a shared layer the slowest viewer rules, so each must find out whether it carries more.
        let here = present.target.map_or(present.floor, |target| doubled(target).min(present.ceiling));
        let above = offers.get(..self.rung).unwrap_or_default().iter().rev().find(|offer| offer.available);
        above.map_or(here, |above| Bitrate::from_bps(percent_of(above.floor, PROBE_PERCENT)).max(here))
    }
}

fn first_available(offers: &[Offer]) -> usize {
    offers.iter().position(|offer| offer.available).unwrap_or(0)
}

/// The best rung whose floor `share` carries, else the lowest there is.
fn carried(offers: &[Offer], share: Bitrate, percent: u64) -> usize {
    carried_below(offers, 0, share, percent).unwrap_or(0)
}

fn carried_below(offers: &[Offer], from: usize, share: Bitrate, percent: u64) -> Option<usize> {
    let available = || offers.iter().enumerate().skip(from).filter(|(_, offer)| offer.available);
    let fitting = available().find(|(_, offer)| percent_of(offer.floor, percent) <= share.bps());
    fitting.or_else(|| available().next_back()).map(|(rung, _)| rung)
}

fn doubled(rate: Bitrate) -> Bitrate {
    Bitrate::from_bps(rate.bps().saturating_mul(2))
}

fn percent_of(rate: Bitrate, percent: u64) -> u64 {
    rate.bps().saturating_mul(percent) / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }
    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }
    fn offer(floor: u64, ceiling: u64) -> Offer {
        Offer { floor: kbps(floor), ceiling: kbps(ceiling), target: None, available: true }
    }
    /// 1080p60 and its halves.
    fn offers() -> [Offer; 3] {
        [offer(3_265, 93_000), offer(816, 23_000), offer(300, 5_800)]
    }

    /// One viewer among others, in virtual time.
    struct Scene {
        selector: Selector,
        offers: [Offer; 3],
        now: u64,
        changes: Vec<(u64, usize)>,
    }

    impl Scene {
        fn new(share: u64) -> Self {
            let offers = offers();
            Self { selector: Selector::new(&offers, kbps(share), false), offers, now: 0, changes: Vec::new() }
        }

        /// Its link carries `share` for so long; told each 50 ms.
        fn run(&mut self, share: u64, ms: u64) -> usize {
            for _ in 0..ms / 50 {
                self.now += 50;
                let before = self.selector.rung();
                let rung = self.selector.handle_share(at(self.now), &self.offers, kbps(share), false);
                if rung != before {
                    self.changes.push((self.now, rung));
                }
            }
            self.selector.rung()
        }
    }

    #[test]
    fn a_viewer_begins_with_what_its_link_carries_and_a_lone_one_with_the_whole() {
        for (share, rung) in [(16_000, 0), (3_000, 1), (500, 2), (10, 2)] {
            assert_eq!(Selector::new(&offers(), kbps(share), false).rung(), rung, "{share}");
        }
        assert_eq!(Selector::new(&offers(), kbps(10), true).rung(), 0);
    }

    #[test]
    fn a_link_that_falls_is_followed_with_the_first_word_of_it() {
        let mut scene = Scene::new(8_000);
        scene.run(8_000, 1_000);
        assert_eq!(scene.run(400, 50), 2, "two rungs in one step");
        assert_eq!(scene.changes, [(1_050, 2)]);
        let mut scene = Scene::new(8_000);
        assert_eq!(scene.run(3_150, 10_000), 0, "within what encoders miss by");
    }

    #[test]
    fn a_link_that_rises_is_followed_when_there_has_been_room_for_a_while() {
        let mut scene = Scene::new(1_000);
        assert_eq!(scene.run(3_500, 60_000), 1, "not enough room");
        assert_eq!(scene.run(4_000, 1_950), 1);
        assert_eq!(scene.run(3_500, 50), 1, "the room was gone for a moment");
        assert_eq!(scene.run(4_000, 2_000), 1);
        assert_eq!(scene.run(4_000, 50), 0);
    }

    #[test]
    fn a_link_that_swings_is_tried_less_and_less_often() {
        let mut scene = Scene::new(1_000);
        for _ in 0..60 {
            scene.run(4_000, 2_500);
            scene.run(1_000, 2_500);
        }
        let rises = scene.changes.iter().filter(|(_, rung)| *rung == 0).count();
        assert_eq!(rises, 1, "{:?}", scene.changes);
        for _ in 0..20 {
            scene.run(4_000, 10_000);
            scene.run(1_000, 5_000);
        }
        let rises = scene.changes.iter().filter(|(_, rung)| *rung == 0).count();
        assert!(rises <= 3, "{:?}", scene.changes);
        assert_eq!(scene.run(4_000, 61_000), 0, "but never not at all");
    }

    #[test]
    fn who_is_left_alone_gets_the_whole_picture_and_who_is_joined_may_lose_it() {
        let mut selector = Selector::new(&offers(), kbps(500), false);
        assert_eq!(selector.handle_share(at(0), &offers(), kbps(500), true), 2);
        assert_eq!(selector.handle_share(at(999), &offers(), kbps(500), true), 2);
        assert_eq!(selector.handle_share(at(1_000), &offers(), kbps(500), true), 0);
        assert_eq!(selector.handle_share(at(60_000), &offers(), kbps(500), true), 0);
        assert_eq!(selector.handle_share(at(60_250), &offers(), kbps(500), false), 2);
    }

    #[test]
    fn a_rung_that_cannot_be_had_is_left_for_the_nearest_and_not_chosen() {
        let mut offers = offers();
        offers[1].available = false;
        assert_eq!(Selector::new(&offers, kbps(2_000), false).rung(), 2);
        let mut selector = Selector::new(&self::offers(), kbps(2_000), false);
        assert_eq!(selector.handle_share(at(0), &offers, kbps(2_000), false), 2);
        (offers[2].available, offers[0].available) = (false, true);
        assert_eq!(selector.handle_share(at(50), &offers, kbps(2_000), false), 0, "better too much than nothing");
        offers[0].available = false;
        assert_eq!(selector.handle_share(at(100), &offers, kbps(2_000), false), 0);
        assert_eq!(Selector::new(&[], kbps(1), false).handle_share(at(0), &[], kbps(1), true), 0);
    }

    #[test]
    fn demand_is_what_the_next_rung_takes_and_no_more() {
        let mut offers = offers();
        offers[1].target = Some(kbps(900));
        let selector = Selector::new(&offers, kbps(1_000), false);
        assert_eq!(selector.demand(&offers, false), Bitrate::from_bps(3_265_000 * 130 / 100));
        let top = Selector::new(&offers, kbps(8_000), false);
        offers[0].target = Some(kbps(8_000));
        assert_eq!(top.demand(&offers, false), kbps(16_000));
        assert_eq!(top.demand(&offers, true), kbps(93_000));
    }

    proptest! {
        #[test]
        fn a_viewer_is_never_left_where_its_link_does_not_carry_it_while_there_is_a_lower_rung(
            shares in proptest::collection::vec((1u64..5_000, 0u64..20_000, any::<[bool; 3]>()), 1..100)
        ) {
            let mut selector = Selector::new(&offers(), kbps(1_000), false);
            let mut now = 0;
            for (pause, share, available) in shares {
                now += pause;
                let mut offers = offers();
                offers.iter_mut().zip(available).for_each(|(offer, available)| offer.available = available);
                let rung = selector.handle_share(at(now), &offers, kbps(share), false);
                let lower = offers.iter().skip(rung + 1).any(|offer| offer.available);
                prop_assert!(offers[rung].available || available == [false; 3]);
                prop_assert!(!lower || share * 100 >= offers[rung].floor.kbps() * 94);
            }
        }
    }
}

//! The rate of a layer, from what the links of its viewers carry.
//!
//! A lone viewer has its own exact rate. Several share what the slowest of them carries, but nobody pulls the others below
//! half of what the best of them could have, or below what the layer's size needs: whoever cannot carry that does not count,
//! and is served by a smaller layer.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::DegradationPreference;
use crate::time::Nanos;
use crate::units::{Bitrate, ViewerId};

/// How long a viewer that is on its way to another layer, or will be at its next check, is not overrun by a rate that rises because
/// it counts no more.
const HOLD: Duration = Duration::from_secs(1);
/// A link counts as too slow when it is under what it has to carry by more than this, in percent: encoders miss by as much.
pub(super) const TOLERANCE_PERCENT: u64 = 95;

#[derive(Clone, Copy, Debug)]
struct Member {
    share: Bitrate,
    /// Measured or asked for, not a first guess.
    firm: bool,
    leaving_since: Option<Nanos>,
    /// Its link carries less than a place here costs.
    behind_since: Option<Nanos>,
    preference: Option<DegradationPreference>,
}

/// The viewers of one layer.
#[derive(Clone, Debug, Default)]
pub struct Group {
    members: BTreeMap<ViewerId, Member>,
    /// What was last given out.
    rate: Option<Bitrate>,
    changes: u64,
}

impl Group {
    /// What `viewer`'s link has room for. `firm`: it was measured or asked for; a guess counts only among guesses.
    pub fn set_share(&mut self, viewer: ViewerId, share: Bitrate, firm: bool) {
        match self.members.get_mut(&viewer) {
            Some(member) => (member.share, member.firm) = (share, firm),
            None => {
                self.members
                    .insert(viewer, Member { share, firm, leaving_since: None, behind_since: None, preference: None });
                self.changes += 1;
            }
        }
    }

    /// What is to give way for `viewer`, which is here already; None: what the host prefers for everybody.
    pub fn set_preference(&mut self, viewer: ViewerId, preference: Option<DegradationPreference>) {
        if let Some(member) = self.members.get_mut(&viewer) {
            member.preference = preference;
        }
    }

    /// What gives way in this layer, where all who stay agree on something else than what the host prefers for everybody.
    pub fn preference(&self) -> Option<DegradationPreference> {
        let mut staying = self.members.values().filter(|member| member.leaving_since.is_none());
        let first = staying.next()?.preference;
        first.filter(|_| staying.all(|member| member.preference == first))
    }

    /// `viewer` is on its way to another layer and does not count here any more, or stays after all.
    pub fn set_leaving(&mut self, viewer: ViewerId, since: Option<Nanos>) {
        if let Some(member) = self.members.get_mut(&viewer)
            && member.leaving_since.is_some() != since.is_some()
        {
            member.leaving_since = since;
            self.changes += 1;
        }
    }

    pub fn remove(&mut self, viewer: ViewerId) {
        if self.members.remove(&viewer).is_some() {
            self.changes += 1;
        }
    }

    /// Grows with every change of who counts.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// What a viewer has to carry to share this layer with those in it, `viewer` itself not counted. `least`: what the
    /// layer's size needs; `most`: what it can use.
    pub fn floor(&self, viewer: ViewerId, least: Bitrate, most: Bitrate) -> Bitrate {
        let others = self.members.iter().filter(|(id, member)| **id != viewer && member.leaving_since.is_none());
        let best = others.filter(|(_, member)| member.firm).map(|(_, member)| member.share.min(most)).max();
        best.map_or(least, |best| least.max(half(best)))
    }

    /// The layer's rate now; None while nobody is in it.
    pub fn rate(&mut self, now: Nanos, least: Bitrate, most: Bitrate) -> Option<Bitrate> {
        let stay = |member: &&Member| member.leaving_since.is_none();
        let any_stays = self.members.values().any(|member| stay(&member));
        let present = || self.members.values().filter(|member| !any_stays || stay(member));
        let any_firm = present().any(|member| member.firm);
        let shares = || present().filter(|member| member.firm || !any_firm).map(|member| member.share.min(most));
        let best = shares().max()?;
        let floor = least.max(half(best)).min(best);
        let floor = Bitrate::from_bps(floor.bps().saturating_mul(TOLERANCE_PERCENT) / 100);
        let mut rate = shares().filter(|share| *share >= floor).min()?;
        for member in self.members.values_mut() {
            let behind = (member.firm || !any_firm) && member.share < floor;
            member.behind_since = behind.then(|| member.behind_since.unwrap_or(now));
        }
        let held = |member: &&Member| {
            member.leaving_since.or(member.behind_since).is_some_and(|since| now.saturating_since(since) < HOLD)
        };
        if any_stays && let Some(slowest) = self.members.values().filter(held).map(|member| member.share).min() {
            rate = rate.min(slowest.max(self.rate.unwrap_or(rate)));
        }
        self.rate = Some(rate);
        Some(rate)
    }
}

fn half(rate: Bitrate) -> Bitrate {
    Bitrate::from_bps(rate.bps() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEAST: Bitrate = Bitrate::from_kbps(3_000);
    const MOST: Bitrate = Bitrate::from_kbps(20_000);

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }
    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }
    fn group(shares: &[u64]) -> Group {
        let mut group = Group::default();
        for (id, share) in (1..).zip(shares) {
            group.set_share(ViewerId(id), kbps(*share), true);
        }
        group
    }
    fn rate(group: &mut Group, ms: u64) -> u64 {
        group.rate(at(ms), LEAST, MOST).unwrap().kbps()
    }

    #[test]
    fn a_lone_viewer_has_its_own_rate_however_low() {
        assert_eq!(rate(&mut group(&[6_543]), 0), 6_543);
        assert_eq!(rate(&mut group(&[400]), 0), 400);
        assert_eq!(rate(&mut group(&[900_000]), 0), 20_000);
        assert_eq!(Group::default().rate(at(0), LEAST, MOST), None);
    }

    #[test]
    fn several_share_what_all_carry_and_a_slow_one_does_not_count() {
        assert_eq!(rate(&mut group(&[8_000, 6_000, 7_000]), 0), 6_000);
        assert_eq!(rate(&mut group(&[8_000, 300]), 0), 8_000);
        assert_eq!(rate(&mut group(&[8_000, 3_700]), 0), 8_000, "less than half of the best");
        assert_eq!(rate(&mut group(&[5_000, 2_700]), 0), 5_000, "less than the size needs");
        assert_eq!(rate(&mut group(&[8_000, 3_900]), 0), 3_900, "who stays by a hair counts");
        assert_eq!(rate(&mut group(&[500, 470]), 0), 500, "no more than the best can have");
    }

    #[test]
    fn a_guess_rules_nobody_who_was_measured() {
        let mut group = group(&[8_000]);
        group.set_share(ViewerId(9), kbps(5_000), false);
        assert_eq!(rate(&mut group, 0), 8_000);
        group.set_share(ViewerId(9), kbps(5_000), true);
        assert_eq!(rate(&mut group, 0), 5_000);
        let mut guesses = Group::default();
        guesses.set_share(ViewerId(1), kbps(16_000), false);
        assert_eq!(rate(&mut guesses, 0), 16_000);
    }

    #[test]
    fn who_leaves_because_its_link_fell_takes_nothing_with_it() {
        let mut group = group(&[8_000, 8_000]);
        assert_eq!(rate(&mut group, 0), 8_000);
        group.set_share(ViewerId(2), kbps(500), true);
        group.set_leaving(ViewerId(2), Some(at(10)));
        assert_eq!(rate(&mut group, 20), 8_000);
    }

    #[test]
    fn who_leaves_because_a_faster_one_came_is_not_overrun_meanwhile() {
        let mut group = group(&[1_000]);
        assert_eq!(rate(&mut group, 0), 1_000);
        group.set_share(ViewerId(2), kbps(8_000), true);
        assert_eq!(rate(&mut group, 5), 1_000, "nor before it has begun to leave");
        assert_eq!(rate(&mut group.clone(), 1_005), 8_000, "where it cannot leave, not for ever");
        group.set_leaving(ViewerId(1), Some(at(10)));
        assert_eq!(rate(&mut group, 20), 1_000);
        assert_eq!(rate(&mut group.clone(), 1_010), 8_000, "but not for ever");
        group.remove(ViewerId(1));
        assert_eq!(rate(&mut group, 30), 8_000);
    }

    #[test]
    fn a_place_in_a_layer_costs_half_of_what_its_best_viewer_could_have() {
        let group = group(&[16_000, 10_000]);
        assert_eq!(group.floor(ViewerId(9), LEAST, MOST), kbps(8_000));
        assert_eq!(group.floor(ViewerId(1), LEAST, MOST), kbps(5_000), "its own link is not counted");
        assert_eq!(Group::default().floor(ViewerId(1), LEAST, MOST), LEAST);
    }

    #[test]
    fn a_preference_counts_where_all_who_stay_have_it() {
        use DegradationPreference::{Balanced, MaintainFramerate};
        let mut group = group(&[1_000]);
        assert_eq!(group.preference(), None);
        group.set_preference(ViewerId(1), Some(MaintainFramerate));
        assert_eq!(group.preference(), Some(MaintainFramerate));
        group.set_share(ViewerId(2), kbps(1_000), true);
        assert_eq!(group.preference(), None, "another has none");
        group.set_preference(ViewerId(2), Some(Balanced));
        assert_eq!(group.preference(), None, "they differ");
        group.set_leaving(ViewerId(2), Some(at(0)));
        assert_eq!(group.preference(), Some(MaintainFramerate));
        group.set_share(ViewerId(1), kbps(900), true);
        assert_eq!(group.preference(), Some(MaintainFramerate), "news of the link change nothing");
        group.set_preference(ViewerId(9), Some(Balanced));
        assert_eq!(Group::default().preference(), None);
    }

    #[test]
    fn changes_of_who_counts_are_told_apart_from_changes_of_rate() {
        let mut group = group(&[1_000]);
        let before = group.changes();
        group.set_share(ViewerId(1), kbps(2_000), true);
        group.set_leaving(ViewerId(1), None);
        assert_eq!(group.changes(), before);
        group.set_leaving(ViewerId(1), Some(at(0)));
        group.set_leaving(ViewerId(1), Some(at(1)));
        assert_eq!(group.changes(), before + 1);
        group.remove(ViewerId(1));
        group.remove(ViewerId(1));
        assert_eq!(group.changes(), before + 2);
    }

    proptest! {
        #[test]
        fn nobody_loses_more_than_half_to_another_and_nobody_who_counts_is_overrun(
            shares in proptest::collection::vec(0u64..30_000, 1..20)
        ) {
            let mut group = group(&shares);
            let rate = rate(&mut group, 0);
            let best = shares.iter().max().unwrap().min(&MOST.kbps()).to_owned();
            prop_assert!(rate * 200 >= best * 94 && rate <= best);
            prop_assert!(shares.iter().all(|share| *share >= rate || *share < LEAST.kbps() || *share * 2 < best));
        }
    }
}

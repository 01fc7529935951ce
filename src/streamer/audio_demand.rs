//! What the listeners need of the one Opus encoder they share: in-band FEC when one that uses it loses packets.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::encode::opus::OpusSettings;
use crate::units::{Bitrate, ViewerId};

/// Loss, in percent, from which FEC is worth its bits and the longer look-ahead it brings.
const ON_AT: u8 = 2;
/// Expecting more than this, libopus spends so much on copies that everybody's sound is poor.
const MOST: u8 = 20;

/// Each listener's loss in percent, if it uses FEC.
#[derive(Debug, Default)]
pub struct AudioDemand(Mutex<HashMap<ViewerId, Option<u8>>>);

impl AudioDemand {
    /// `fec` as negotiated (`useinbandfec`, RFC 7587).
    pub fn join(&self, viewer: ViewerId, fec: bool) {
        self.lock().insert(viewer, fec.then_some(0));
    }

    pub fn leave(&self, viewer: ViewerId) {
        self.lock().remove(&viewer);
    }

    /// `fraction` of packets lost lately, 0 to 1.
    pub fn set_loss(&self, viewer: ViewerId, fraction: f32) {
        if let Some(Some(loss)) = self.lock().get_mut(&viewer) {
            *loss = (fraction.clamp(0.0, 1.0) * 100.0).round().min(MOST.into()) as u8;
        }
    }

    /// What to encode with now. FEC that is on stays until nobody loses anything: turning it off is heard.
    pub fn settings(&self, bitrate: Bitrate, now: OpusSettings) -> OpusSettings {
        let loss = self.lock().values().flatten().copied().max().unwrap_or(0);
        let fec = loss >= ON_AT || (now.fec && loss > 0);
        OpusSettings { bitrate, fec, loss_percent: if fec { loss } else { 0 } }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ViewerId, Option<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fec_follows_the_worst_listener_that_uses_it() {
        let demand = AudioDemand::default();
        let rate = Bitrate::from_kbps(128);
        let settings = |now: OpusSettings| demand.settings(rate, now);
        let off = settings(OpusSettings::default());
        assert_eq!((off.fec, off.loss_percent), (false, 0));
        demand.join(ViewerId(1), false);
        demand.join(ViewerId(2), true);
        demand.set_loss(ViewerId(1), 0.5);
        assert!(!settings(off).fec, "a listener without FEC gains nothing from it");
        demand.set_loss(ViewerId(2), 0.05);
        let on = settings(off);
        assert_eq!((on.fec, on.loss_percent), (true, 5));
        demand.set_loss(ViewerId(2), 0.01);
        assert!(settings(on).fec && !settings(off).fec);
        demand.leave(ViewerId(2));
        assert!(!settings(on).fec);
    }
}

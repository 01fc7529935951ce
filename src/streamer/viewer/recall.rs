//! What a viewer's path carried: told to whoever comes back, kept while it works.

use super::Viewer;
use crate::peer::Limits;
use crate::time;

impl Viewer {
    /// Who was here before begins with what its path carried then.
    pub(super) async fn recall(&mut self) {
        let Some(peer) = self.peer.clone() else { return };
        self.address = peer.remote_address().await;
        self.recalled = self.address.and_then(|address| self.context.rates().recall(time::now(), address));
        if let (Some(start), Some(Limits { min, max, .. })) = (self.recalled, self.limits) {
            let limits = Limits::new(start, min, max);
            peer.set_limits(limits);
            self.set_estimates(limits.start, false);
            // Nothing was sent yet: it begins in the layer that this rate is for.
            if let Some(codec) = self.place.codec() {
                self.watch(codec).await;
            }
        }
    }

    /// A report has come: the path works, and carries what is measured.
    pub(super) fn remember(&self) {
        if let (Some(address), Some(rate)) = (self.address, self.measured) {
            self.context.rates().remember(time::now(), address, rate);
        }
    }
}

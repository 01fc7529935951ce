//! What of one viewer's input passes, by its role and its rate.

use std::sync::Arc;

use tokio::sync::watch;

use super::input::ViewerInput;
use crate::input::InputKind;
use crate::roles::{Admission, Role};
use crate::streamer::roles::Standing;
use crate::streamer::shared::Shared;
use crate::time;
use crate::units::ViewerId;

pub struct Gate {
    standing: watch::Receiver<Standing>,
    /// As it was when last looked at, so that one message is taken in one role.
    role: Role,
    admission: Admission,
}

impl Gate {
    pub fn new(shared: &Arc<Shared>, viewer: ViewerId) -> Self {
        let admission = Admission::new(shared.config.input.max_events_per_second);
        Self { standing: shared.roles.meet(viewer), role: Role::Spectator, admission }
    }

    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }
}

impl ViewerInput {
    /// Its role may be another one: who plays no more lets go of everything.
    pub fn follow_role(&mut self) {
        let role = self.gate.standing.borrow().role;
        if std::mem::replace(&mut self.gate.role, role).is_player() && !role.is_player() {
            self.release_all();
            self.gate.admission.forget();
        }
    }

    /// Hands on what the viewer did, if it passes, in the role that [`follow_role`](Self::follow_role) has found before.
    pub fn pass(&mut self, kind: InputKind) {
        self.events.push(kind);
        self.pass_decoded();
    }

    /// The same with all that a message says.
    pub(super) fn pass_decoded(&mut self) {
        let refused = self.gate.admission.admit(self.gate.role, time::now(), &mut self.events);
        let counters = &self.shared.counters;
        counters.input_events_of_spectators.add(refused.of_spectator);
        counters.input_messages_limited.add(refused.limited);
        self.deliver();
        if !self.gate.role.is_player() {
            // Nobody knows of it, so nothing of it is to be released later.
            self.forget_held();
        }
    }
}

//! What messages say, event by event, on its way from a decoder to the queue.

use super::event::InputKind;

/// Appended to by decoders, each event with the page's time where the format has one.
#[derive(Debug, Default)]
pub struct Events {
    list: Vec<(Option<u64>, InputKind)>,
    page_time_us: Option<u64>,
}

impl Events {
    /// Of the events that are pushed from now on, in µs of the page's clock.
    pub(super) fn set_page_time(&mut self, page_time_us: Option<u64>) {
        self.page_time_us = page_time_us;
    }

    pub fn push(&mut self, kind: InputKind) {
        self.list.push((self.page_time_us, kind));
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes out those for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&InputKind) -> bool) {
        self.list.retain(|(_, kind)| keep(kind));
    }

    /// Takes them out, oldest first.
    pub fn drain(&mut self) -> impl Iterator<Item = (Option<u64>, InputKind)> {
        self.page_time_us = None;
        self.list.drain(..)
    }
}

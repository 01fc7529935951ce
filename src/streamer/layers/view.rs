//! What one viewer can choose from.

use super::{Layers, lock};
use crate::encode::Codec;
use crate::layers::{Offer, Rung, Shape};
use crate::streamer::layer::{Lane, LayerKey};
use crate::streamer::source::Source;
use crate::time::Nanos;
use crate::units::ViewerId;

/// One lane of a codec's ladder as one viewer could have it.
#[derive(Clone, Debug)]
pub struct View {
    /// Whose encodings these are.
    pub shape: Shape,
    /// Best rung first.
    pub offers: Vec<Offer>,
    /// Nobody else watches this source in this codec and shape.
    pub alone: bool,
}

impl View {
    /// Whether there is a better one than that rung, for a link that carries it.
    pub fn is_limited(&self, rung: usize) -> bool {
        self.offers.iter().take(rung).any(|offer| offer.available)
    }
}

impl Layers {
    /// What a viewer that is to have no more than `shape` can choose from in one lane: everybody's rungs, if one of them is just
    /// what it is to have; else encodings of its shape alone; where no encoder is to be had for these, everybody's smaller ones.
    pub fn view(&self, source: &Source, codec: Codec, lane: Lane, shape: Shape, viewer: ViewerId, now: Nanos) -> View {
        let (common, whole) = (self.ladder(source, codec), source.size());
        let (own, first) = shape.place(&common, whole);
        let view = self.view_of(source, codec, lane, own, first, viewer, now);
        if own == Shape::ALL || view.offers.iter().any(|offer| offer.available) {
            return view;
        }
        self.view_of(source, codec, lane, Shape::ALL, shape.first_within(&common, whole), viewer, now)
    }

    /// `first`: the best rung that is offered.
    #[allow(clippy::too_many_arguments)]
    fn view_of(
        &self,
        source: &Source,
        codec: Codec,
        lane: Lane,
        shape: Shape,
        first: usize,
        viewer: ViewerId,
        now: Nanos,
    ) -> View {
        let ladder = self.ladder_of(source, codec, shape);
        let running = lock(&self.running);
        let offer = |(rung, step): (usize, &Rung)| {
            let key = LayerKey { source: source.id, codec, shape, lane, rung };
            let open = running.get(&key).filter(|entry| !entry.layer.has_given_up());
            let status = open.map(|entry| entry.layer.status());
            Offer {
                floor: open.map_or(step.floor, |e| e.layer.group().floor(viewer, step.floor, step.ceiling)),
                ceiling: step.ceiling,
                target: status.filter(|status| !status.encoder.is_empty()).map(|status| status.target),
                available: rung >= first
                    && (open.is_some() || self.may_start(&running, key, step.picture.size, viewer, now)),
            }
        };
        let offers = ladder.rungs().iter().enumerate().map(offer).collect();
        let same = running.iter().filter(|(key, _)| (key.source, key.codec, key.shape) == (source.id, codec, shape));
        let alone = same.flat_map(|(_, entry)| &entry.viewers).all(|other| *other == viewer);
        View { shape, offers, alone }
    }
}

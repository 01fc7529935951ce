//! Temporal layers: which frames refer to which, so that a viewer short of rate can do without some. Pure.
//!
//! With two layers every other frame is one that no frame refers to. With three, of four frames one is the base, two refer
//! to nothing that is not sent to everybody but the frame in the middle, and that one refers to the base alone:
//!
//! ```text
//! layer 2        o       o             o       o
//! layer 1        |   o---'         o   |   o---'
//! layer 0    o---+---+---------o---+   o---+---+--- ...
//! ```

/// Layers at most.
pub const MOST: u8 = 3;

/// The place of a frame among the temporal layers of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Temporal {
    /// 0 is the base. A frame refers to none of a higher layer.
    pub id: u8,
    /// No frame refers to this one.
    pub discardable: bool,
    /// Refers to no frame but the base layer's last one (RFC 7741, section 4.2, "Y").
    pub sync: bool,
}

/// What a frame may refer to besides the base layer's last frame, and what it is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub temporal: Temporal,
    /// The middle layer's last frame too.
    pub refers_to_middle: bool,
}

const BASE: Step = step(0, false, false);
const TWO: [Step; 2] = [BASE, step(1, true, false)];
const THREE: [Step; 4] = [BASE, step(2, true, false), step(1, false, false), step(2, true, true)];

const fn step(id: u8, discardable: bool, refers_to_middle: bool) -> Step {
    Step { temporal: Temporal { id, discardable, sync: id > 0 && !refers_to_middle }, refers_to_middle }
}

/// One round of a stream with so many layers: empty for one layer, where there is nothing to tell apart.
pub const fn round(layers: u8) -> &'static [Step] {
    match layers {
        0 | 1 => &[],
        2 => &TWO,
        _ => &THREE,
    }
}

/// Goes through the rounds; each keyframe begins one.
#[derive(Clone, Debug)]
pub struct Pattern {
    round: &'static [Step],
    next: usize,
}

impl Pattern {
    pub const fn new(layers: u8) -> Self {
        Self { round: round(layers), next: 0 }
    }

    /// The place of the next frame; None with one layer.
    pub fn advance(&mut self, keyframe: bool) -> Option<Step> {
        if keyframe {
            self.next = 0;
        }
        let step = self.round.get(self.next).copied();
        self.next = (self.next + 1) % self.round.len().max(1);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(layers: u8) -> Vec<u8> {
        let mut pattern = Pattern::new(layers);
        (0..8).filter_map(|_| pattern.advance(false)).map(|step| step.temporal.id).collect()
    }

    #[test]
    fn layers_take_turns_and_one_layer_is_none() {
        assert!(ids(1).is_empty());
        assert_eq!(ids(2), [0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!(ids(3), [0, 2, 1, 2, 0, 2, 1, 2]);
    }

    #[test]
    fn a_keyframe_begins_a_round() {
        let mut pattern = Pattern::new(3);
        let ids: Vec<u8> =
            [true, false, true, false, false].map(|key| pattern.advance(key).unwrap().temporal.id).into();
        assert_eq!(ids, [0, 2, 0, 2, 1]);
    }

    #[test]
    fn the_highest_layer_can_be_left_out_and_says_so() {
        for layers in 2..=MOST {
            for step in round(layers) {
                assert_eq!(step.temporal.discardable, step.temporal.id == layers - 1);
                assert!(!step.refers_to_middle || !step.temporal.sync);
            }
        }
    }
}

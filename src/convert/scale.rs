//! Scaling of I420 planes, separable and in fixed point: first the rows are blended (16 bits a sample, which the compiler
//! turns into SIMD), then the one blended row is resampled across. Both stay in the first-level cache.
//!
//! Shrinking averages the area under each output sample (every input counts equally, nothing flickers); growing is bilinear.

use rendercast_pixels::{Axis, Scratch, resample};

use crate::encode::YuvFrame;

/// Keeps the weights of the last few size pairs.
#[derive(Debug, Default)]
pub(super) struct Scaler {
    axes: Vec<Axis>,
    scratch: Scratch,
}

/// Axes kept at most: luma and chroma, across and down, for eight layers.
const AXES_KEPT: usize = 32;

impl Scaler {
    /// Fills `out` with the picture of `frame`. Both have even sides.
    pub(super) fn scale(&mut self, frame: &YuvFrame, out: &mut YuvFrame) {
        for plane in 0..3 {
            let (from_width, from_rows) = frame.plane_size(plane);
            let (to_width, to_rows) = out.plane_size(plane);
            if self.axes.len() + 2 > AXES_KEPT {
                self.axes.clear();
            }
            let down = self.axis(from_rows, to_rows);
            let across = self.axis(from_width, to_width);
            let (Some(down), Some(across)) = (self.axes.get(down), self.axes.get(across)) else { return };
            let stride = out.strides[plane];
            let from = (&frame.planes[plane][..], frame.strides[plane]);
            resample([down, across], from, (out.planes[plane].to_mut(), stride), &mut self.scratch);
        }
    }

    /// The index of an axis, made when it is new.
    fn axis(&mut self, from: usize, to: usize) -> usize {
        if let Some(index) = self.axes.iter().position(|axis| axis.sides() == (from, to)) {
            return index;
        }
        self.axes.push(Axis::new(from, to));
        self.axes.len() - 1
    }
}

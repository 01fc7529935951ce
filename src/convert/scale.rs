//! Scaling of I420 planes, separable and in fixed point: first the rows are blended (16 bits a sample, which the compiler
//! turns into SIMD), then the one blended row is resampled across. Both stay in the first-level cache.
//!
//! Shrinking averages the area under each output sample (every input counts equally, nothing flickers); growing is bilinear.

use wide::{i16x8, u8x16};

use crate::encode::YuvFrame;

/// Weights of one output sample sum to this: 255 times it still fits 16 bits.
const ONE: u32 = 256;

/// Keeps the weights of the last few size pairs.
#[derive(Debug, Default)]
pub(super) struct Scaler {
    axes: Vec<Axis>,
    /// One row, made of several.
    blended: Vec<u8>,
    splats: Vec<i16x8>,
}

/// Axes kept at most: luma and chroma, across and down, for eight layers.
const AXES_KEPT: usize = 32;

/// How one side of a plane is resampled.
#[derive(Debug)]
struct Axis {
    from: usize,
    to: usize,
    /// Inputs that each output is made of.
    taps: usize,
    /// For each output, its first input; `start + taps <= from`.
    starts: Vec<usize>,
    /// `taps` weights for each output.
    weights: Vec<u16>,
    /// Every output is the mean of the two inputs below it.
    halves: bool,
}

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
            self.blended.resize(from_width, 0);
            let (Some(down), Some(across)) = (self.axes.get(down), self.axes.get(across)) else { return };
            let (source, stride) = (&frame.planes[plane], frame.strides[plane]);
            let weights = down.weights.chunks_exact(down.taps);
            for ((to, &start), weights) in out.rows_mut(plane).zip(&down.starts).zip(weights) {
                self.splats.clear();
                self.splats.extend(weights.iter().map(|weight| i16x8::splat(*weight as i16)));
                let rows = Rows { rows: &source[start * stride..], stride, weights, splats: &self.splats };
                rows.blend(&mut self.blended);
                across.resample(&self.blended, to);
            }
        }
    }

    /// The index of an axis, made when it is new.
    fn axis(&mut self, from: usize, to: usize) -> usize {
        if let Some(index) = self.axes.iter().position(|a| a.from == from && a.to == to) {
            return index;
        }
        self.axes.push(Axis::new(from, to));
        self.axes.len() - 1
    }
}

/// Samples blended at a time.
const BLOCK: usize = 16;

const LOW_BYTE: i16x8 = i16x8::new([0xff; 8]);
const ROUND: i16x8 = i16x8::new([ONE as i16 / 2; 8]);
const NOTHING: i16x8 = i16x8::new([0; 8]);
const UP: i16x8 = i16x8::new([1; 8]);

/// Rows that are blended into one, with a weight for each.
struct Rows<'a> {
    rows: &'a [u8],
    stride: usize,
    weights: &'a [u16],
    /// The same, eight times each: made once for a row.
    splats: &'a [i16x8],
}

impl Rows<'_> {
    fn blend(&self, blended: &mut [u8]) {
        let Self { rows, stride, weights, splats } = *self;
        if let Some(at) = weights.iter().position(|weight| u32::from(*weight) == ONE) {
            let row = &rows[at * stride..];
            return blended.copy_from_slice(&row[..blended.len()]);
        }
        let width = blended.len();
        let (blocks, rest) = blended.as_chunks_mut::<BLOCK>();
        for (block, at) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            // 16 bits without a sign, which neither a product nor a sum has to know.
            let (mut low, mut high) = (ROUND, ROUND);
            for (row, weight) in rows.chunks(stride).zip(splats) {
                let Some(samples) = row[at..].first_chunk::<BLOCK>() else { continue };
                let samples = u8x16::from(*samples);
                low += i16x8::from_u8x16_low(samples) * *weight;
                high += i16x8::from_u8x16_high(samples) * *weight;
            }
            let byte = |sum: i16x8| sum.unbounded_shr_scalar(8) & LOW_BYTE;
            *block = u8x16::narrow_i16x8(byte(low), byte(high)).to_array();
        }
        for (to, at) in rest.iter_mut().zip(width / BLOCK * BLOCK..) {
            let weighted =
                rows.chunks(stride).zip(weights).map(|(row, weight)| u32::from(row[at]) * u32::from(*weight));
            *to = ((weighted.sum::<u32>() + ONE / 2) >> 8) as u8;
        }
    }
}

impl Axis {
    fn new(from: usize, to: usize) -> Self {
        let (from, to) = (from.max(1), to.max(1));
        let ratio = from as f64 / to as f64;
        let outputs: Vec<Vec<(usize, f64)>> =
            (0..to).map(|i| if ratio > 1.0 { area(i, ratio, from) } else { bilinear(i, ratio, from) }).collect();
        let taps = outputs.iter().map(Vec::len).max().unwrap_or(1);
        let mut starts = Vec::with_capacity(to);
        let mut weights = vec![0; to * taps];
        for (output, weights) in outputs.iter().zip(weights.chunks_exact_mut(taps)) {
            let first = output.first().map_or(0, |(index, _)| *index);
            let start = first.min(from - taps);
            quantize(output, &mut weights[first - start..]);
            starts.push(start);
        }
        Self { from, to, taps, starts, weights, halves: from == 2 * to }
    }

    fn resample(&self, row: &[u8], to: &mut [u8]) {
        if self.halves {
            return halve(row, to);
        }
        match self.taps {
            1 => self.resample_by::<1>(row, to),
            2 => self.resample_by::<2>(row, to),
            3 => self.resample_by::<3>(row, to),
            4 => self.resample_by::<4>(row, to),
            taps => {
                for ((to, &start), weights) in to.iter_mut().zip(&self.starts).zip(self.weights.chunks_exact(taps)) {
                    *to = weighted(&row[start..start + taps], weights);
                }
            }
        }
    }

    /// The usual numbers of taps, known to the compiler.
    fn resample_by<const TAPS: usize>(&self, row: &[u8], to: &mut [u8]) {
        let (weights, _) = self.weights.as_chunks::<TAPS>();
        for ((to, &start), weights) in to.iter_mut().zip(&self.starts).zip(weights) {
            *to = weighted(&row[start..start + TAPS], weights);
        }
    }
}

/// The means of two samples each.
fn halve(row: &[u8], to: &mut [u8]) {
    let ((pairs, pairs_left), (blocks, left)) = (row.as_chunks::<{ 2 * BLOCK }>(), to.as_chunks_mut::<BLOCK>());
    for (block, pairs) in blocks.iter_mut().zip(pairs) {
        let (halves, _) = pairs.as_chunks::<BLOCK>();
        let mut means = [NOTHING; 2];
        for (mean, half) in means.iter_mut().zip(halves) {
            let pairs: i16x8 = bytemuck::cast(*half);
            let sum = (pairs & LOW_BYTE) + (pairs.unbounded_shr_scalar(8) & LOW_BYTE);
            *mean = (sum + UP).unbounded_shr_scalar(1);
        }
        *block = u8x16::narrow_i16x8(means[0], means[1]).to_array();
    }
    let rest = if pairs.len() > blocks.len() { &row[2 * BLOCK * blocks.len()..] } else { pairs_left };
    for (to, pair) in left.iter_mut().zip(rest.chunks_exact(2)) {
        *to = (u16::from(pair[0]) + u16::from(pair[1])).div_ceil(2) as u8;
    }
}

#[inline(always)]
fn weighted(samples: &[u8], weights: &[u16]) -> u8 {
    let sum: u32 = samples.iter().zip(weights).map(|(s, w)| u32::from(*s) * u32::from(*w)).sum();
    ((sum + ONE / 2) >> 8) as u8
}

/// The inputs under output `i` and how much of the output's width each covers.
fn area(i: usize, ratio: f64, from: usize) -> Vec<(usize, f64)> {
    let (left, right) = (i as f64 * ratio, (i + 1) as f64 * ratio);
    let covered = |j: usize| (right.min((j + 1) as f64) - left.max(j as f64)) / ratio;
    // Slivers of rounding noise at a boundary would only widen the filter.
    (left as usize..from.min(right.ceil() as usize)).map(|j| (j, covered(j))).filter(|(_, c)| *c > 1e-6).collect()
}

/// The two inputs whose centres are nearest to the centre of output `i`.
fn bilinear(i: usize, ratio: f64, from: usize) -> Vec<(usize, f64)> {
    let centre = ((i as f64 + 0.5) * ratio - 0.5).clamp(0.0, (from - 1) as f64);
    let left = centre as usize;
    let share = centre - left as f64;
    if share < 1e-6 { vec![(left, 1.0)] } else { vec![(left, 1.0 - share), (left + 1, share)] }
}

/// Rounds weights so that they sum to exactly `ONE` (a flat picture stays flat): each gets what its running sum rounds to.
fn quantize(exact: &[(usize, f64)], to: &mut [u16]) {
    let total: f64 = exact.iter().map(|(_, w)| w).sum();
    let (mut sum, mut given) = (0.0, 0);
    for (to, (_, weight)) in to.iter_mut().zip(exact) {
        sum += weight / total;
        let upto = (sum * f64::from(ONE)).round() as u16;
        *to = upto - given;
        given = upto;
    }
}

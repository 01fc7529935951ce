//! Planes resampled: area average where they shrink, bilinear where they grow.

/// Weights of one output sample sum to this: 255 times it still fits 16 bits.
const ONE: u32 = 256;

/// How one side of a plane is resampled.
#[derive(Debug)]
pub struct Axis {
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

/// One row of sums, and the row they become.
#[derive(Debug, Default)]
pub struct Scratch {
    sums: Vec<u16>,
    blended: Vec<u8>,
}

/// Fills the rows of `to`, each `across.to` samples at the begin of a stride, from a plane of `across.from` by `down.from`
/// samples. Ends early where a slice ends early.
pub fn resample(
    [down, across]: [&Axis; 2],
    (from, from_stride): (&[u8], usize),
    (to, to_stride): (&mut [u8], usize),
    scratch: &mut Scratch,
) {
    let Scratch { sums, blended } = scratch;
    sums.resize(across.from, 0);
    blended.resize(across.from, 0);
    let weights = down.weights.chunks_exact(down.taps);
    for ((to, &start), weights) in to.chunks_mut(to_stride.max(1)).zip(&down.starts).zip(weights) {
        let rows = from.chunks(from_stride.max(1)).skip(start).map(|row| row.get(..across.from));
        let (Some(to), Some(())) = (to.get_mut(..across.to), blend(rows, weights, sums, blended)) else { return };
        across.resample(blended, to);
    }
}

/// Weighted sum of as many rows as there are weights. None: a row ends early.
fn blend<'a>(
    rows: impl Iterator<Item = Option<&'a [u8]>>,
    weights: &[u16],
    sums: &mut [u16],
    blended: &mut [u8],
) -> Option<()> {
    let mut weighted = rows.zip(weights).filter(|(_, weight)| **weight > 0);
    let (row, &weight) = weighted.next()?;
    if u32::from(weight) == ONE {
        blended.copy_from_slice(row?);
        return Some(());
    }
    for (sum, &sample) in sums.iter_mut().zip(row?) {
        *sum = u16::from(sample) * weight + ONE as u16 / 2;
    }
    for (row, &weight) in weighted {
        for (sum, &sample) in sums.iter_mut().zip(row?) {
            *sum += u16::from(sample) * weight;
        }
    }
    for (to, sum) in blended.iter_mut().zip(sums) {
        *to = (*sum >> 8) as u8;
    }
    Some(())
}

impl Axis {
    /// Sides in samples; 0 counts as 1.
    pub fn new(from: usize, to: usize) -> Self {
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

    /// From how many samples to how many.
    pub fn sides(&self) -> (usize, usize) {
        (self.from, self.to)
    }

    /// A row of `from` samples as one of `to`.
    fn resample(&self, row: &[u8], to: &mut [u8]) {
        if self.halves {
            for (to, pair) in to.iter_mut().zip(row.chunks_exact(2)) {
                *to = (u16::from(pair[0]) + u16::from(pair[1])).div_ceil(2) as u8;
            }
            return;
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

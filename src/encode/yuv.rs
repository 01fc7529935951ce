//! How the planes of a `YuvFrame` lie in memory, and how its buffers are sized again.

use super::types::YuvFrame;
use crate::frame::Chroma;
use crate::time::Nanos;
use crate::units::Size;

/// Bytes each row is aligned to, so that SIMD code loads whole lines.
const ROW_ALIGN: usize = 64;

impl YuvFrame {
    /// A frame of zeros. Odd sides are rounded up.
    pub fn new(size: Size) -> Self {
        let mut frame = Self {
            size,
            chroma: Chroma::Planar,
            planes: Default::default(),
            strides: [0; 3],
            host_time: 0,
            pushed_at: Nanos::default(),
        };
        frame.reshape(size);
        frame
    }

    /// Gives the buffers the shape of another size, odd sides rounded up. Allocates only when a plane grows beyond what
    /// it ever was. The picture in it is undefined afterwards, its chroma planar.
    pub fn reshape(&mut self, size: Size) {
        self.size = size.padded_to_even();
        self.chroma = Chroma::Planar;
        for plane in 0..3 {
            let (width, rows) = self.plane_size(plane);
            self.strides[plane] = width.next_multiple_of(ROW_ALIGN);
            self.planes[plane].to_mut().resize(self.strides[plane] * rows, 0);
        }
    }

    /// Bytes of picture in a row and number of rows of plane 0 (Y), 1 (U, or U and V in turn) or 2 (V, or nothing).
    pub fn plane_size(&self, plane: usize) -> (usize, usize) {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        match (plane, self.chroma) {
            (0, _) => (width, height),
            (_, Chroma::Planar) => (width / 2, height / 2),
            (1, Chroma::Interleaved) => (width, height / 2),
            (_, Chroma::Interleaved) => (0, 0),
        }
    }

    /// Writes the same picture into `out`, which has its size, with planar chroma.
    pub fn copy_planar_into(&self, out: &mut YuvFrame) {
        (out.host_time, out.pushed_at) = (self.host_time, self.pushed_at);
        for plane in 0..if self.chroma == Chroma::Planar { 3 } else { 1 } {
            out.rows_mut(plane).zip(self.rows(plane)).for_each(|(to, from)| to.copy_from_slice(from));
        }
        if self.chroma == Chroma::Interleaved {
            out.deinterleave(self.rows(1));
        }
    }

    /// Fills U and V from rows in which they take turns (NV12).
    pub fn deinterleave<'a>(&mut self, rows: impl Iterator<Item = &'a [u8]>) {
        let ((width, _), stride) = (self.plane_size(1), self.strides[1].max(1));
        let [_, u, v] = &mut self.planes;
        for ((u, v), uv) in u.chunks_exact_mut(stride).zip(v.chunks_exact_mut(stride)).zip(rows) {
            deinterleave(uv, &mut u[..width], &mut v[..width]);
        }
    }

    /// The picture bytes of each row of a plane, top to bottom, without what pads them.
    pub fn rows(&self, plane: usize) -> impl Iterator<Item = &[u8]> {
        let (width, rows) = self.plane_size(plane);
        self.planes[plane].chunks_exact(self.strides[plane].max(1)).take(rows).map(move |row| &row[..width])
    }

    /// Like [`rows`](Self::rows), to write to.
    pub fn rows_mut(&mut self, plane: usize) -> impl Iterator<Item = &mut [u8]> {
        let (width, rows) = self.plane_size(plane);
        let stride = self.strides[plane].max(1);
        self.planes[plane].chunks_exact_mut(stride).take(rows).map(move |row| &mut row[..width])
    }
}

/// A row. In blocks of a known size, which compile to vector instructions.
fn deinterleave(uv: &[u8], u: &mut [u8], v: &mut [u8]) {
    const BLOCK: usize = 32;
    let width = u.len().min(v.len()).min(uv.len() / 2);
    let (uv, u, v) = (&uv[..2 * width], &mut u[..width], &mut v[..width]);
    let ((uv, uv_rest), (u, u_rest), (v, v_rest)) =
        (uv.as_chunks::<{ 2 * BLOCK }>(), u.as_chunks_mut::<BLOCK>(), v.as_chunks_mut::<BLOCK>());
    for ((uv, u), v) in uv.iter().zip(u).zip(v) {
        *u = std::array::from_fn(|i| uv[2 * i]);
        *v = std::array::from_fn(|i| uv[2 * i + 1]);
    }
    for ((pair, u), v) in uv_rest.as_chunks::<2>().0.iter().zip(u_rest).zip(v_rest) {
        [*u, *v] = *pair;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_padded_to_even_and_rows_leave_the_padding_out() {
        let mut frame = YuvFrame::new(Size::new(5, 3));
        assert_eq!(frame.size, Size::new(6, 4));
        assert_eq!([frame.plane_size(0), frame.plane_size(1), frame.plane_size(2)], [(6, 4), (3, 2), (3, 2)]);
        for plane in 0..3 {
            frame.rows_mut(plane).for_each(|row| row.fill(7));
            let sizes: Vec<usize> = frame.rows(plane).map(<[u8]>::len).collect();
            assert_eq!(sizes, vec![frame.plane_size(plane).0; frame.plane_size(plane).1]);
            let sevens = frame.planes[plane].iter().filter(|b| **b == 7).count();
            assert_eq!(sevens, frame.plane_size(plane).0 * frame.plane_size(plane).1);
        }
    }

    #[test]
    fn interleaved_chroma_comes_out_planar() {
        let mut nv12 = YuvFrame::new(Size::new(4, 2));
        nv12.chroma = Chroma::Interleaved;
        nv12.planes = [(0..8).collect(), [10, 20, 11, 21].into_iter().collect(), Default::default()];
        nv12.strides = [4, 4, 0];
        nv12.host_time = 5;
        assert!(nv12.is_complete());
        let mut out = YuvFrame::new(Size::new(4, 2));
        nv12.copy_planar_into(&mut out);
        assert_eq!(out.rows(0).collect::<Vec<_>>(), [[0, 1, 2, 3], [4, 5, 6, 7]]);
        assert_eq!((out.rows(1).next(), out.rows(2).next()), (Some(&[10, 11][..]), Some(&[20, 21][..])));
        assert_eq!(out.host_time, 5);
    }

    #[test]
    fn reshaping_to_a_smaller_size_and_back_keeps_the_memory() {
        let mut frame = YuvFrame::new(Size::new(640, 360));
        let address = frame.planes[0].as_ptr();
        frame.reshape(Size::new(320, 180));
        frame.reshape(Size::new(640, 360));
        assert_eq!(frame.planes[0].as_ptr(), address);
    }
}

//! Where the planes of a picture lie in a slot's memory, and what the shader is told. Pure.

use super::texture::{Job, Transfer};
use crate::frame::Chroma;
use crate::units::Size;

/// Bytes each luma row is aligned to. One invocation of the shader writes 8 pixels of a row, and chroma rows are half as
/// long, so 16 would do; 64 is what SIMD readers like.
const ROW_ALIGN: usize = 64;
/// Bytes that may lie between planes which somebody else laid out, beside the picture's own size.
const MAX_GAP: usize = 1 << 20;

/// A 4:2:0 picture in one piece of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLayout {
    /// Even in both directions.
    pub size: Size,
    pub chroma: Chroma,
    /// Where each plane begins, in bytes; a plane the chroma lacks begins at the end.
    pub offsets: [usize; 3],
    /// Bytes from row to row.
    pub strides: [usize; 3],
    /// Of the whole picture.
    pub bytes: usize,
}

impl PictureLayout {
    /// Odd sides are rounded up.
    pub fn new(size: Size, chroma: Chroma) -> Self {
        let size = size.padded_to_even();
        let stride = (size.width as usize).next_multiple_of(ROW_ALIGN);
        let rows = size.height as usize;
        let luma = stride * rows;
        let bytes = luma + luma / 2;
        let (offsets, strides) = match chroma {
            Chroma::Planar => ([0, luma, luma + luma / 4], [stride, stride / 2, stride / 2]),
            Chroma::Interleaved => ([0, luma, bytes], [stride, stride, 0]),
        };
        Self { size, chroma, offsets, strides, bytes }
    }

    /// An NV12 picture whose planes somebody else laid out: their addresses and bytes from row to row. None where a row
    /// does not hold its pixels, the planes overlap, or lie so far apart that they cannot be of one piece.
    pub fn from_planes(size: Size, addresses: [usize; 2], strides: [usize; 2]) -> Option<Self> {
        let size = size.padded_to_even();
        let (width, rows) = (size.width as usize, size.height as usize);
        if strides.iter().any(|stride| *stride < width) {
            return None;
        }
        let lengths = [strides[0].checked_mul(rows)?, strides[1].checked_mul(rows / 2)?];
        let start = addresses[0].min(addresses[1]);
        let offsets = addresses.map(|address| address - start);
        let ends = [offsets[0].checked_add(lengths[0])?, offsets[1].checked_add(lengths[1])?];
        let overlap = offsets[0] < ends[1] && offsets[1] < ends[0];
        let bytes = ends[0].max(ends[1]);
        // Alignment makes gaps of a page or so.
        if overlap || bytes > 2 * (lengths[0] + lengths[1]) + MAX_GAP {
            return None;
        }
        let chroma = Chroma::Interleaved;
        Some(Self {
            size,
            chroma,
            offsets: [offsets[0], offsets[1], bytes],
            strides: [strides[0], strides[1], 0],
            bytes,
        })
    }

    /// The bytes of a plane within the picture.
    pub fn plane(&self, plane: usize) -> std::ops::Range<usize> {
        let rows = self.size.height as usize;
        let rows = if plane == 0 { rows } else { rows / 2 };
        self.offsets[plane]..self.offsets[plane] + self.strides[plane] * rows
    }
}

/// The shader's parameters: `struct Params` of `shaders/common.wgsl`, in the layout of a uniform block (std140).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Params {
    /// In pixels.
    pub source_size: [u32; 2],
    /// In pixels, even.
    pub target_size: [u32; 2],
    /// Bytes, a multiple of 64.
    pub luma_stride: u32,
    /// Bytes, a multiple of 32.
    pub chroma_stride: u32,
    /// Where U begins, or U and V in turn, in bytes.
    pub u_offset: u32,
    /// Where V begins, in bytes.
    pub v_offset: u32,
    /// Sum of `FLIP`, `SWAP_RED_BLUE` and `INTERLEAVED`.
    pub flags: u32,
    /// A `Transfer`.
    pub transfer: u32,
    pub reserved: [u32; 2],
}

impl Params {
    pub const FLIP: u32 = 1;
    pub const SWAP_RED_BLUE: u32 = 2;
    pub const INTERLEAVED: u32 = 4;
    /// Bytes of the uniform block.
    pub const BYTES: usize = size_of::<Self>();

    /// Pixels of the picture that one invocation of the compute shader makes.
    pub const BLOCK: [u32; 2] = [8, 2];
    /// Invocations in a workgroup, as `@workgroup_size` says.
    pub const WORKGROUP: [u32; 2] = [8, 8];

    pub fn new(job: &Job, picture: &PictureLayout) -> Self {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        // A picture is at most 16384 pixels wide and high, so every offset fits.
        let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            source_size: [job.texture.size.width, job.texture.size.height],
            target_size: [picture.size.width, picture.size.height],
            luma_stride: number(picture.strides[0]),
            chroma_stride: number(picture.strides[1]),
            u_offset: number(picture.offsets[1]),
            v_offset: number(picture.offsets[2]),
            flags: flag(job.flip, Self::FLIP)
                | flag(job.swap_red_blue, Self::SWAP_RED_BLUE)
                | flag(picture.chroma == Chroma::Interleaved, Self::INTERLEAVED),
            transfer: job.transfer as u32,
            reserved: [0; 2],
        }
    }

    /// Whether the picture is the texture as it is: neither scaled nor encoded, which `shaders/plain.wgsl` is for.
    pub fn is_plain(&self) -> bool {
        self.transfer == Transfer::Encoded as u32 && self.target_size == self.source_size.map(|side| side + side % 2)
    }

    /// The uniform block's bytes, in this machine's order.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let words = [
            self.source_size[0],
            self.source_size[1],
            self.target_size[0],
            self.target_size[1],
            self.luma_stride,
            self.chroma_stride,
            self.u_offset,
            self.v_offset,
            self.flags,
            self.transfer,
            0,
            0,
        ];
        let mut bytes = [0; Self::BYTES];
        bytes.chunks_exact_mut(4).zip(words).for_each(|(to, word)| to.copy_from_slice(&word.to_ne_bytes()));
        bytes
    }

    /// Workgroups to dispatch, in x and y.
    pub fn workgroups(&self) -> [u32; 2] {
        std::array::from_fn(|i| self.target_size[i].div_ceil(Self::BLOCK[i] * Self::WORKGROUP[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_hd_is_three_megabytes_and_planes_follow_each_other() {
        let nv12 = PictureLayout::new(Size::new(1920, 1080), Chroma::Interleaved);
        assert_eq!(nv12.bytes, 3_110_400);
        assert_eq!(nv12.plane(1), 2_073_600..3_110_400);
        assert!(nv12.plane(2).is_empty());
        let i420 = PictureLayout::new(Size::new(1919, 1079), Chroma::Planar);
        assert_eq!((i420.size, i420.bytes), (Size::new(1920, 1080), 3_110_400));
        assert_eq!([i420.plane(1), i420.plane(2)], [2_073_600..2_592_000, 2_592_000..3_110_400]);
    }

    #[test]
    fn planes_laid_out_by_others_keep_their_strides_gaps_and_order() {
        let size = Size::new(638, 359); // padded to 638x360
        let layout = PictureLayout::from_planes(size, [0x10_000, 0x50_000], [640, 704]).unwrap();
        assert_eq!((layout.size, layout.chroma), (Size::new(638, 360), Chroma::Interleaved));
        assert_eq!([layout.plane(0), layout.plane(1)], [0..230_400, 0x40_000..0x40_000 + 126_720]);
        assert!(layout.plane(2).is_empty() && layout.bytes == layout.plane(1).end && layout.strides == [640, 704, 0]);
        let chroma_first = PictureLayout::from_planes(size, [0x50_000, 0x10_000], [640, 640]).unwrap();
        assert_eq!([chroma_first.plane(0), chroma_first.plane(1)], [0x40_000..0x40_000 + 230_400, 0..115_200]);
        assert_eq!(chroma_first.bytes, chroma_first.plane(0).end);
        for (addresses, strides) in [
            ([0, 230_400], [636, 640]),            // a row is too short
            ([0, 230_399], [640, 640]),            // they overlap
            ([0, 1 << 30], [640, 640]),            // not one piece
            ([0, usize::MAX], [640, 640]),         // no such memory
            ([0, 230_400], [usize::MAX / 2, 640]), // no such row
        ] {
            assert_eq!(PictureLayout::from_planes(size, addresses, strides), None, "{addresses:?} {strides:?}");
        }
    }

    #[test]
    fn every_plane_holds_its_rows_and_begins_at_a_word_for_every_size() {
        for width in 1..200 {
            for (height, chroma) in [(1, Chroma::Planar), (31, Chroma::Interleaved), (90, Chroma::Planar)] {
                let layout = PictureLayout::new(Size::new(width, height), chroma);
                let (w, h) = (layout.size.width as usize, layout.size.height as usize);
                let rows = match chroma {
                    Chroma::Planar => [(w, h), (w / 2, h / 2), (w / 2, h / 2)],
                    Chroma::Interleaved => [(w, h), (w, h / 2), (0, 0)],
                };
                for (plane, (row, rows)) in rows.into_iter().enumerate() {
                    assert!(layout.strides[plane] >= row && layout.plane(plane).len() >= layout.strides[plane] * rows);
                    assert!(layout.offsets[plane].is_multiple_of(4) && layout.strides[plane].is_multiple_of(4));
                }
            }
        }
    }
}

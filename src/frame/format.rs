//! Pixel formats a host may push, and how their bytes lie in memory.

use crate::error::PushError;
use crate::units::Size;

/// Memory layout of a picture. The numbers are the C ABI's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum PixelFormat {
    /// 4 bytes a pixel: R, G, B, A. Alpha is ignored.
    Rgba8 = 1,
    /// 4 bytes a pixel: B, G, R, A. Alpha is ignored.
    Bgra8 = 2,
    /// 4 bytes a pixel: R, G, B, unused.
    Rgbx8 = 3,
    /// 4 bytes a pixel: B, G, R, unused.
    Bgrx8 = 4,
    /// 3 bytes a pixel: R, G, B.
    Rgb8 = 5,
    /// Y plane, then interleaved U and V at half size. BT.709, limited range.
    Nv12 = 6,
    /// Y, U and V planes, U and V at half size. BT.709, limited range.
    I420 = 7,
}

/// How the chroma of a 4:2:0 picture lies: what tells I420 from NV12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chroma {
    /// A plane for U, a plane for V (I420).
    #[default]
    Planar,
    /// One plane of U and V in turn (NV12).
    Interleaved,
}

/// One plane: how many bytes a row holds and how many rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlaneLayout {
    /// Bytes of picture in one row; a stride is at least this.
    pub row_bytes: usize,
    pub rows: usize,
}

impl PixelFormat {
    pub const ALL: [PixelFormat; 7] =
        [Self::Rgba8, Self::Bgra8, Self::Rgbx8, Self::Bgrx8, Self::Rgb8, Self::Nv12, Self::I420];

    pub fn from_number(number: u32) -> Result<Self, PushError> {
        Self::ALL.into_iter().find(|f| *f as u32 == number).ok_or(PushError::PixelFormat(number))
    }

    /// The planes of a picture of this format and size; a chroma side of an odd picture is rounded up.
    pub fn planes(self, size: Size) -> ([PlaneLayout; 3], usize) {
        let (w, h) = (size.width as usize, size.height as usize);
        let (cw, ch) = (w.div_ceil(2), h.div_ceil(2));
        let plane = |row_bytes, rows| PlaneLayout { row_bytes, rows };
        let none = PlaneLayout::default();
        match self {
            Self::Rgba8 | Self::Bgra8 | Self::Rgbx8 | Self::Bgrx8 => ([plane(w * 4, h), none, none], 1),
            Self::Rgb8 => ([plane(w * 3, h), none, none], 1),
            Self::Nv12 => ([plane(w, h), plane(cw * 2, ch), none], 2),
            Self::I420 => ([plane(w, h), plane(cw, ch), plane(cw, ch)], 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_others_are_refused() {
        for format in PixelFormat::ALL {
            assert_eq!(PixelFormat::from_number(format as u32), Ok(format));
        }
        assert_eq!(PixelFormat::from_number(0), Err(PushError::PixelFormat(0)));
        assert_eq!(PixelFormat::from_number(8), Err(PushError::PixelFormat(8)));
    }

    #[test]
    fn chroma_of_an_odd_picture_is_rounded_up() {
        let (planes, count) = PixelFormat::I420.planes(Size::new(5, 3));
        assert_eq!(count, 3);
        assert_eq!(planes[1], PlaneLayout { row_bytes: 3, rows: 2 });
    }
}

//! The way back: a viewer's decoded picture to RGBA, by the `yuv` crate.

use yuv::{YuvPlanarImage, YuvRange, YuvStandardMatrix};

use super::ConvertError;
use crate::decode::Planes;
use crate::encode::Matrix;

/// Puts the picture into `out` in place of what is there: RGBA, 8 bits each, alpha 255, rows top to bottom, without padding.
pub fn to_rgba(picture: &Planes<'_>, out: &mut Vec<u8>) -> Result<(), ConvertError> {
    let size = picture.size;
    if !picture.is_complete() {
        return Err(ConvertError::Size(size.width, size.height));
    }
    let colour = |reason: String| ConvertError::Colour(reason);
    let mut planes = picture.planes;
    for (plane, bytes) in planes.iter_mut().enumerate() {
        // The crate wants the rows' whole length, of the last one too, or exactly what it needs; decoders lend either.
        let rows = if plane == 0 { size.height } else { size.height.div_ceil(2) } as usize;
        let whole = picture.strides[plane].saturating_mul(rows);
        *bytes = bytes.get(..whole.min(bytes.len())).unwrap_or_default();
    }
    let stride = |plane: usize| u32::try_from(picture.strides[plane]).map_err(|error| colour(error.to_string()));
    let image = YuvPlanarImage {
        y_plane: planes[0],
        y_stride: stride(0)?,
        u_plane: planes[1],
        u_stride: stride(1)?,
        v_plane: planes[2],
        v_stride: stride(2)?,
        width: size.width,
        height: size.height,
    };
    let row = size.width * 4;
    out.resize(row as usize * size.height as usize, 0);
    let range = if picture.full_range { YuvRange::Full } else { YuvRange::Limited };
    let matrix = match picture.matrix {
        Matrix::Bt601 => YuvStandardMatrix::Bt601,
        Matrix::Bt709 => YuvStandardMatrix::Bt709,
    };
    yuv::yuv420_to_rgba(&image, out, row, range, matrix).map_err(|error| colour(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Size;

    #[test]
    fn the_matrix_and_the_range_are_obeyed_and_odd_sides_are_taken() {
        let colour = |yuv: [u8; 3], matrix, full_range| {
            let (y, u, v) = ([yuv[0]; 8 * 3], [yuv[1]; 4 * 2], [yuv[2]; 4 * 2]);
            // Three rows of five pixels; the last row is not padded.
            let planes = [&y[..8 * 2 + 5], &u[..4 + 3], &v[..4 + 3]];
            let mut out = vec![9; 3];
            let picture = Planes { size: Size::new(5, 3), planes, strides: [8, 4, 4], matrix, full_range };
            to_rgba(&picture, &mut out).unwrap();
            assert_eq!(out.len(), 60);
            assert!(out.chunks(4).all(|pixel| pixel == &out[..4]), "{out:?}");
            <[u8; 4]>::try_from(&out[..4]).unwrap()
        };
        let near = |told: [u8; 4], wanted: [u8; 3]| {
            assert!(told[3] == 255 && told.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 3), "{told:?} {wanted:?}");
        };
        near(colour([81, 90, 240], Matrix::Bt601, false), [255, 0, 0]);
        near(colour([63, 102, 240], Matrix::Bt709, false), [255, 0, 0]);
        near(colour([235, 128, 128], Matrix::Bt709, false), [255, 255, 255]);
        near(colour([235, 128, 128], Matrix::Bt709, true), [235, 235, 235]);
    }

    #[test]
    fn a_picture_that_is_not_whole_is_refused() {
        let planes = Planes {
            size: Size::new(4, 4),
            planes: [&[0; 15], &[0; 4], &[0; 4]],
            strides: [4, 2, 2],
            matrix: Matrix::Bt601,
            full_range: false,
        };
        assert!(to_rgba(&planes, &mut Vec::new()).is_err());
    }
}

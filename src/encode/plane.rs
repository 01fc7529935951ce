//! The bytes of one plane of a picture: our own, or memory lent for as long as the picture lives (what a GPU wrote).

use std::ops::{Deref, DerefMut};

use bytes::Bytes;

use crate::frame::{Surface, SurfacePlane};

/// Reads as bytes. Writing to lent memory copies it first.
#[derive(Clone, Debug)]
pub enum Plane {
    Owned(Vec<u8>),
    Lent(Bytes),
    /// Mapped when it is first read.
    Surface(SurfacePlane),
}

impl Plane {
    /// The bytes as a vector that may grow and shrink.
    pub fn to_mut(&mut self) -> &mut Vec<u8> {
        loop {
            match self {
                Self::Owned(bytes) => return bytes,
                Self::Lent(bytes) => *self = Self::Owned(bytes.to_vec()),
                Self::Surface(bytes) => *self = Self::Owned(bytes.to_vec()),
            }
        }
    }

    pub fn is_lent(&self) -> bool {
        matches!(self, Self::Lent(_) | Self::Surface(_))
    }

    /// The object that the plane is a part of.
    pub fn surface(&self) -> Option<&Surface> {
        match self {
            Self::Surface(plane) => Some(plane.surface()),
            Self::Owned(_) | Self::Lent(_) => None,
        }
    }
}

impl Default for Plane {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl From<Vec<u8>> for Plane {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

impl FromIterator<u8> for Plane {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        Self::Owned(bytes.into_iter().collect())
    }
}

impl Deref for Plane {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Lent(bytes) => bytes,
            Self::Surface(bytes) => bytes,
        }
    }
}

impl DerefMut for Plane {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.to_mut()
    }
}

impl PartialEq for Plane {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_to_lent_bytes_leaves_the_lender_as_he_was() {
        let lender = Bytes::from(vec![1, 2, 3]);
        let mut plane = Plane::Lent(lender.clone());
        assert!(plane.is_lent() && plane[1] == 2);
        plane[1] = 9;
        assert_eq!((&plane[..], &lender[..], plane.is_lent()), (&[1, 9, 3][..], &[1, 2, 3][..], false));
    }
}

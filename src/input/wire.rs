//! Reading little-endian numbers from a message that may end anywhere.

use super::error::InputError;

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], InputError> {
        let (head, rest) =
            self.0.split_first_chunk::<N>().ok_or(InputError::Truncated { needed: N, left: self.0.len() })?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], InputError> {
        let (head, rest) =
            self.0.split_at_checked(count).ok_or(InputError::Truncated { needed: count, left: self.0.len() })?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, InputError> {
        self.array().map(u8::from_le_bytes)
    }
    pub(super) fn u16(&mut self) -> Result<u16, InputError> {
        self.array().map(u16::from_le_bytes)
    }
    pub(super) fn i16(&mut self) -> Result<i16, InputError> {
        self.array().map(i16::from_le_bytes)
    }
    pub(super) fn u32(&mut self) -> Result<u32, InputError> {
        self.array().map(u32::from_le_bytes)
    }
    pub(super) fn i32(&mut self) -> Result<i32, InputError> {
        self.array().map(i32::from_le_bytes)
    }

    /// A number that a host may calculate with.
    pub(super) fn f32(&mut self) -> Result<f32, InputError> {
        let value = f32::from_le_bytes(self.array()?);
        if value.is_finite() { Ok(value) } else { Err(InputError::NotFinite) }
    }

    /// The same, sent in double precision.
    pub(super) fn f64_as_f32(&mut self) -> Result<f32, InputError> {
        let value = f64::from_le_bytes(self.array()?) as f32;
        if value.is_finite() { Ok(value) } else { Err(InputError::NotFinite) }
    }

    /// The same in double precision.
    pub(super) fn f64(&mut self) -> Result<f64, InputError> {
        let value = f64::from_le_bytes(self.array()?);
        if value.is_finite() { Ok(value) } else { Err(InputError::NotFinite) }
    }

    /// Text of so many bytes of UTF-8. NULs are left out: hosts in C would see an end in them.
    pub(super) fn text(&mut self, bytes: usize) -> Result<String, InputError> {
        let text = std::str::from_utf8(self.bytes(bytes)?).map_err(|_| InputError::NotUtf8)?;
        Ok(text.replace('\0', ""))
    }
}

/// A page's time in µs; times before its origin are its origin.
pub(super) fn page_time_us(seconds: f64) -> u64 {
    // Saturates.
    (seconds * 1e6).round() as u64
}

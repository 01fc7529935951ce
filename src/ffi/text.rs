//! Text across the border. In: NUL-terminated UTF-8. Out: the caller's buffer, its capacity, and the size it needs.

use std::ffi::c_char;

use super::status::{Failure, RENDERCAST_OK, rendercast_status};

/// Longest text read from the host, NUL included. A missing NUL is an error here instead of a walk through all memory.
const LONGEST: usize = 1 << 20;

/// Borrows a text from the host; NULL is `None`.
///
/// # Safety
/// `text` is NULL or points to bytes that end with a NUL and stay unchanged for `'a`.
pub(super) unsafe fn text_in<'a>(text: *const c_char, name: &'static str) -> Result<Option<&'a str>, Failure> {
    if text.is_null() {
        return Ok(None);
    }
    let mut len = 0;
    // SAFETY: every byte up to the first NUL is readable, and the walk stops there.
    while unsafe { *text.add(len) } != 0 {
        len += 1;
        if len == LONGEST {
            return Err(Failure::Unterminated(name));
        }
    }
    // SAFETY: the walk above has read these bytes.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), len) };
    std::str::from_utf8(bytes).map(Some).map_err(|reason| Failure::NotUtf8 { name, reason })
}

/// Copies a text out. `needed`, unless NULL, becomes its size with the NUL. With a NULL buffer of capacity 0 that is all;
/// a buffer that is too small gets what fits, ended by a NUL and cut at a character.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
pub(super) unsafe fn text_out(
    text: &str,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> Result<rendercast_status, Failure> {
    let size = text.len() + 1;
    if !needed.is_null() {
        // SAFETY: not NULL, so writable.
        unsafe { needed.write_unaligned(u32::try_from(size).unwrap_or(u32::MAX)) };
    }
    if buffer.is_null() {
        return if capacity == 0 { Ok(RENDERCAST_OK) } else { Err(Failure::Null("buffer")) };
    }
    let too_small = Failure::BufferTooSmall { capacity, needed: size };
    let Some(room) = (capacity as usize).checked_sub(1) else { return Err(too_small) };
    let fits = text.floor_char_boundary(room.min(text.len()));
    // SAFETY: `fits + 1` is at most `capacity`, and the buffer is writable for that.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast::<u8>(), fits);
        buffer.add(fits).write(0);
    }
    if fits == text.len() { Ok(RENDERCAST_OK) } else { Err(too_small) }
}

/// Fills a text field of a structure: ended by a NUL, cut at a character when it is too long, zeros behind.
pub(super) fn text_field<const N: usize>(text: &str) -> [c_char; N] {
    let mut field = [0; N];
    let fits = text.floor_char_boundary(N.saturating_sub(1).min(text.len()));
    for (to, from) in field.iter_mut().zip(text.as_bytes().iter().take(fits)) {
        *to = *from as c_char;
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str, capacity: usize) -> (Result<rendercast_status, Failure>, Vec<u8>, u32) {
        let mut buffer = vec![0x55u8; capacity + 1];
        let mut needed = 0;
        // SAFETY: the buffer is larger than the capacity.
        let result = unsafe { text_out(text, buffer.as_mut_ptr().cast::<c_char>(), capacity as u32, &raw mut needed) };
        assert_eq!(buffer[capacity], 0x55, "a byte behind the buffer was written");
        (result, buffer, needed)
    }

    #[test]
    fn text_that_fits_is_copied_whole_and_a_small_buffer_gets_whole_characters() {
        let (result, buffer, needed) = out("héllo", 7);
        assert_eq!((result.unwrap(), needed), (RENDERCAST_OK, 7));
        assert_eq!(&buffer[..7], "héllo\0".as_bytes());

        let (result, buffer, needed) = out("héllo", 3);
        assert!(matches!(result, Err(Failure::BufferTooSmall { capacity: 3, needed: 7 })));
        assert_eq!(needed, 7);
        assert_eq!(&buffer[..2], b"h\0");
        assert!(out("a", 0).0.is_err());
    }

    #[test]
    fn a_null_buffer_asks_for_the_size() {
        let mut needed = 0;
        let null = std::ptr::null_mut();
        // SAFETY: NULL is allowed.
        unsafe {
            assert!(text_out("abc", null, 0, &raw mut needed).is_ok());
            assert!(matches!(text_out("abc", null, 9, std::ptr::null_mut()), Err(Failure::Null("buffer"))));
        }
        assert_eq!(needed, 4);
    }

    #[test]
    fn text_from_the_host_must_be_utf8_and_end() {
        // SAFETY: the texts end with NUL; the endless one is longer than the walk.
        unsafe {
            assert_eq!(text_in(std::ptr::null(), "x").unwrap(), None);
            assert_eq!(text_in(c"h\u{e9}".as_ptr(), "x").unwrap(), Some("hé"));
            assert!(matches!(text_in(c"\xff".as_ptr(), "x"), Err(Failure::NotUtf8 { .. })));
            let endless = vec![b'a'; LONGEST];
            assert!(matches!(text_in(endless.as_ptr().cast(), "x"), Err(Failure::Unterminated("x"))));
        }
    }

    #[test]
    fn text_fields_are_ended_and_cut_at_a_character() {
        assert_eq!(text_field::<4>("aéé").map(|c| c as u8), [b'a', 0xc3, 0xa9, 0]);
        assert_eq!(text_field::<4>("aaéé").map(|c| c as u8), [b'a', b'a', 0, 0]);
        assert_eq!(text_field::<4>("").map(|c| c as u8), [0; 4]);
    }
}

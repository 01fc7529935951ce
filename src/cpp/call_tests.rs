use super::*;
use crate::ffi::status::{RENDERCAST_EMPTY, RENDERCAST_OK};
use crate::ffi::streamer::rendercast_start;

/// Writes a text as the exports do: what fits, and the size that it needs.
fn write(text: &str, buffer: *mut c_char, capacity: u32, needed: *mut u32) -> rendercast_status {
    let bytes = CString::new(text).unwrap().into_bytes_with_nul();
    // SAFETY: the door lends room for `capacity` bytes, and a number.
    unsafe { needed.write(bytes.len() as u32) };
    if buffer.is_null() || capacity == 0 {
        return RENDERCAST_OK;
    }
    if bytes.len() > capacity as usize {
        return RENDERCAST_BUFFER_TOO_SMALL;
    }
    // SAFETY: it fits.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), buffer, bytes.len()) };
    RENDERCAST_OK
}

#[test]
fn a_panic_becomes_an_error_with_its_text() {
    let error = call(|| panic!("row {}", 7)).unwrap_err();
    assert_eq!(error.to_string(), "-4 the C++ API: a defect stopped this call: row 7");
    assert!(text(|_, _, _| panic!("oh")).unwrap_err().to_string().starts_with("-4 "));
    assert!(number(|_| panic!("oh")).is_err());
}

#[test]
fn a_failure_has_the_number_and_the_text_of_its_export() {
    let error = call(|| rendercast_start(0)).unwrap_err();
    assert_eq!(error.to_string(), "-2 rendercast_start: streamer 0x0 is not alive: it was destroyed or never created");
}

#[test]
fn not_now_is_false_and_of_a_number_an_error() {
    assert!(call(|| RENDERCAST_OK).unwrap());
    assert!(!call(|| RENDERCAST_EMPTY).unwrap());
    assert!(number(|_| RENDERCAST_WOULD_BLOCK).unwrap_err().to_string().starts_with("2 "));
}

#[test]
fn a_text_of_any_length_comes_whole_and_one_that_is_not_there_is_empty() {
    for length in [1, TEXT_ROOM - 2, TEXT_ROOM - 1, TEXT_ROOM, 3 * TEXT_ROOM] {
        let long = "é".repeat(length);
        assert_eq!(text(|buffer, capacity, needed| write(&long, buffer, capacity, needed)).unwrap(), long);
    }
    assert_eq!(text(|_, _, _| RENDERCAST_EMPTY).unwrap(), "");
}

#[test]
fn a_text_that_grows_is_read_again_but_not_for_ever() {
    let mut length = TEXT_ROOM;
    let grown = text(|buffer, capacity, needed| {
        length += length / 4;
        write(&"x".repeat(length.min(4000)), buffer, capacity, needed)
    });
    assert_eq!(grown.unwrap().len(), 4000);
    let mut calls = 0;
    let endless = text(|_, capacity, needed| {
        calls += 1;
        // SAFETY: a number is lent.
        unsafe { needed.write(capacity * 2) };
        RENDERCAST_BUFFER_TOO_SMALL
    });
    assert!(endless.unwrap_err().to_string().starts_with("-13 "));
    assert_eq!(calls, TRIES);
}

#[test]
fn items_keep_the_room_they_had_and_end_where_the_export_says() {
    let mut samples = vec![1.0f32; 3];
    let two = items(&mut samples, |out, capacity, needed| {
        // SAFETY: a number is lent.
        unsafe { needed.write(2) };
        if capacity < 2 {
            return RENDERCAST_BUFFER_TOO_SMALL;
        }
        // SAFETY: there is room for two.
        unsafe { out.write(0.5) };
        RENDERCAST_OK
    });
    assert!(two.unwrap());
    assert_eq!((samples.len(), samples[0]), (2, 0.5));
    assert!(!items(&mut samples, |_, _, _| RENDERCAST_EMPTY).unwrap());
    assert!(samples.is_empty());
}

#[test]
fn a_text_with_a_nul_is_refused_and_an_empty_one_is_null() {
    assert!(call_with(b"a\0b", |_| RENDERCAST_OK).unwrap_err().to_string().starts_with("-6 "));
    assert!(call_with(b"", |text| if text.is_null() { 0 } else { 1 }).unwrap());
    // SAFETY: the door lends a text that ends.
    assert!(call_with(b"ab", |text| unsafe { i32::from(CStr::from_ptr(text) != c"ab") }).unwrap());
}

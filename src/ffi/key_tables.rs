//! What other systems call a key. Tables of what is known: nothing here fails for a number that is not.

use std::ffi::c_char;

use super::boundary::{boundary, boundary_value};
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::text::{text_in, text_out};
use crate::input::key;

/// The USB HID usage of a key: the usage page in the upper 16 bits (0x07 Keyboard/Keypad, 0x0C Consumer, 0x01 Generic Desktop),
/// the usage in the lower. `key`: one of RENDERCAST_KEY_*. Source: HID Usage Tables 1.5.
///
/// Returns 0 for a key that USB does not have, and for a number that is no key.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_key_to_usb_hid(key: u32) -> u32 {
    boundary_value("rendercast_key_to_usb_hid", 0, || number(key).map_or(0, key::usb_hid))
}

/// The Windows virtual key (VK_*) of a key, on the US layout (of Japanese, Korean and Brazilian keys: on theirs). Left and
/// right are told apart (VK_LSHIFT, VK_RSHIFT). `key`: one of RENDERCAST_KEY_*. Source: Microsoft, Virtual-Key Codes.
///
/// Returns 0 for a key that Windows has no number for, and for a number that is no key.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_key_to_windows_vk(key: u32) -> u32 {
    boundary_value("rendercast_key_to_windows_vk", 0, || number(key).map_or(0, key::windows_vk))
}

/// Godot 4's `Key` of a key, as in `InputEventKey.physical_keycode`. Left and right are the same there. `key`: one of
/// RENDERCAST_KEY_*. Source: Godot 4, @GlobalScope.
///
/// Returns 0 (KEY_NONE) for a key that Godot does not have, and for a number that is no key.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_key_to_godot(key: u32) -> u32 {
    boundary_value("rendercast_key_to_godot", 0, || number(key).map_or(0, key::godot))
}

/// Unity's `UnityEngine.InputSystem.Key` of a key: the same number up to 110. `key`: one of RENDERCAST_KEY_*.
///
/// Returns 0 (`Key.None`) for a key that not every version of Unity's Input System has, and for a number that is no key.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_key_to_unity(key: u32) -> u32 {
    boundary_value("rendercast_key_to_unity", 0, || number(key).map_or(0, key::unity))
}

/// Writes the W3C UI Events `code` of a key, such as "KeyA". `key`: one of RENDERCAST_KEY_*.
///
/// `needed`, unless NULL, becomes the text's size with its NUL, 21 bytes at most. A NULL `buffer` with `capacity` 0 asks for the
/// size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_ARGUMENT (the number is no key with a code); RENDERCAST_BUFFER_TOO_SMALL (`buffer`
/// holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_PANIC.
///
/// Any thread. Never blocks. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_key_code(
    key: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_key_code", || {
        let code = number(key).and_then(key::code);
        let range = "the keys that have a code";
        let code = code.ok_or(Failure::Argument { name: "key", value: key.into(), range })?;
        // SAFETY: the caller's promise about `buffer` and `needed`.
        unsafe { text_out(code, buffer, capacity, needed) }
    })
}

/// The key of a W3C UI Events `code`, case-sensitive: one of RENDERCAST_KEY_*. The older names "OSLeft" and "OSRight" are known
/// too.
///
/// Writes to `key` 0 for a code that no key has.
///
/// Returns RENDERCAST_OK; RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_TEXT; RENDERCAST_PANIC.
///
/// Any thread. Never blocks. Since 0.1.0.
///
/// # Safety
/// `code` is NULL or ends with a NUL; `key` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_key_from_code(code: *const c_char, key: *mut u32) -> rendercast_status {
    boundary("rendercast_key_from_code", || {
        // SAFETY: the caller's promise about `code`.
        let code = unsafe { text_in(code, "code")? }.ok_or(Failure::Null("code"))?;
        // SAFETY: the caller's promise about `key`.
        unsafe { super::memory::write_value(key, key::from_code(code).unwrap_or(0).into(), "key")? };
        Ok(RENDERCAST_OK)
    })
}

fn number(key: u32) -> Option<u16> {
    u16::try_from(key).ok()
}

#[cfg(test)]
mod tests {
    use super::super::keys::{RENDERCAST_KEY_A, RENDERCAST_KEY_SPACE};
    use super::super::more_keys::{RENDERCAST_KEY_F13, RENDERCAST_KEY_RESUME};
    use super::super::status::{RENDERCAST_BUFFER_TOO_SMALL, RENDERCAST_INVALID_ARGUMENT, RENDERCAST_NULL_POINTER};
    use super::*;

    #[test]
    fn a_key_has_its_number_in_every_system_and_what_is_no_key_has_none() {
        let every = |key| {
            [rendercast_key_to_usb_hid, rendercast_key_to_windows_vk, rendercast_key_to_godot, rendercast_key_to_unity]
                .map(|to| to(key))
        };
        assert_eq!(every(RENDERCAST_KEY_A), [0x07_0004, 0x41, 65, 15]);
        assert_eq!(every(RENDERCAST_KEY_F13), [0x07_0068, 0x7C, 0x40_0028, 0]);
        for none in [0, RENDERCAST_KEY_RESUME + 1, 0x1_0001, u32::MAX] {
            assert_eq!(every(none), [0; 4], "{none}");
        }
    }

    #[test]
    fn a_key_is_named_and_found_by_its_name() {
        let mut buffer = [0x55 as c_char; 24];
        let mut needed = 0;
        for key in 0..=RENDERCAST_KEY_RESUME + 1 {
            // SAFETY: the buffer is as long as said.
            let named = unsafe { rendercast_key_code(key, buffer.as_mut_ptr(), 24, &raw mut needed) };
            let has_code = matches!(key, 1..=105 | 112..=RENDERCAST_KEY_RESUME);
            assert_eq!(named == RENDERCAST_OK, has_code, "{key}");
            if has_code {
                let mut found = 77;
                // SAFETY: the name ends with a NUL.
                assert_eq!(unsafe { rendercast_key_from_code(buffer.as_ptr(), &raw mut found) }, RENDERCAST_OK);
                assert_eq!(found, key);
                assert!(needed <= 21);
            } else {
                assert_eq!(named, RENDERCAST_INVALID_ARGUMENT);
            }
        }
        let mut found = 77;
        // SAFETY: texts end with a NUL, pointers are NULL or good.
        unsafe {
            assert_eq!(rendercast_key_from_code(c"NoSuchKey".as_ptr(), &raw mut found), RENDERCAST_OK);
            assert_eq!(found, 0);
            assert_eq!(rendercast_key_from_code(std::ptr::null(), &raw mut found), RENDERCAST_NULL_POINTER);
            assert_eq!(rendercast_key_from_code(c"KeyA".as_ptr(), std::ptr::null_mut()), RENDERCAST_NULL_POINTER);
            let short = rendercast_key_code(RENDERCAST_KEY_SPACE, buffer.as_mut_ptr(), 3, &raw mut needed);
            assert_eq!((short, needed), (RENDERCAST_BUFFER_TOO_SMALL, 6));
        }
    }
}

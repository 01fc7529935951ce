//! What crosses the border by pointer: versioned structures and single values.
//!
//! Every structure begins with its own size, as the host was compiled. Fields are only ever added at the end, so a shorter
//! structure of an older header is read as if its missing fields were zero (which means default), and only its own bytes
//! are written back. Nothing here needs the host's pointers to be aligned.

use std::mem::MaybeUninit;

use super::status::Failure;

/// A structure of the C ABI.
///
/// # Safety
/// The type is `repr(C)`, its first field is its `u32` size, and all-zero bytes are a valid value of it.
pub(super) unsafe trait Versioned: Copy {
    const NAME: &'static str;
    /// Sizes it had in released headers, oldest first, the present one last.
    const SIZES: &'static [usize];
}

/// Copies a structure in from the host.
///
/// # Safety
/// `from` is NULL or readable for the size that its first field states, at least 4 bytes.
pub(super) unsafe fn read<T: Versioned>(from: *const T, name: &'static str) -> Result<T, Failure> {
    // SAFETY: passed on from the caller.
    let size = unsafe { stated_size(from, name)? };
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` is at most `size_of::<T>()`, the source is readable for it, and zeroed bytes after it are valid for T.
    unsafe {
        std::ptr::copy_nonoverlapping(from.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), size);
        Ok(value.assume_init())
    }
}

/// Refuses a structure that [`write()`] would refuse, before anything is taken that would then be lost.
///
/// # Safety
/// `to` is NULL or readable for at least 4 bytes.
pub(super) unsafe fn check<T: Versioned>(to: *const T, name: &'static str) -> Result<(), Failure> {
    // SAFETY: passed on from the caller.
    unsafe { stated_size(to, name).map(drop) }
}

/// Copies a structure out to the host; the size field keeps what the host stated.
///
/// # Safety
/// `to` is NULL or readable and writable for the size that its first field states, at least 4 bytes.
pub(super) unsafe fn write<T: Versioned>(to: *mut T, value: &T, name: &'static str) -> Result<(), Failure> {
    // SAFETY: passed on from the caller.
    let size = unsafe { stated_size(to, name)? };
    let head = size_of::<u32>();
    // SAFETY: `size` is one of the known sizes, so at least `head` and at most `size_of::<T>()`; the target is writable for it.
    unsafe {
        let from = std::ptr::from_ref(value).cast::<u8>().add(head);
        std::ptr::copy_nonoverlapping(from, to.cast::<u8>().add(head), size - head);
    }
    Ok(())
}

/// Copies one value out to the host.
///
/// # Safety
/// `to` is NULL or writable for a `T`.
pub(super) unsafe fn write_value<T: Copy>(to: *mut T, value: T, name: &'static str) -> Result<(), Failure> {
    if to.is_null() {
        return Err(Failure::Null(name));
    }
    // SAFETY: not NULL, so writable as the caller promises.
    unsafe { to.write_unaligned(value) };
    Ok(())
}

/// Borrows bytes from the host. NULL is allowed where there are none.
///
/// # Safety
/// `from` is NULL or readable for `len` bytes that stay unchanged for `'a`; `len` is at most `isize::MAX`.
pub(super) unsafe fn bytes_in<'a>(from: *const u8, len: usize, name: &'static str) -> Result<&'a [u8], Failure> {
    match (from.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::Null(name)),
        // SAFETY: not NULL, so readable for `len` bytes as the caller promises.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(from, len) }),
    }
}

/// The size that a structure states, if it is one of those it has had.
///
/// # Safety
/// `of` is NULL or readable for at least 4 bytes.
pub(super) unsafe fn stated_size<T: Versioned>(of: *const T, name: &'static str) -> Result<usize, Failure> {
    if of.is_null() {
        return Err(Failure::Null(name));
    }
    // SAFETY: not NULL, so readable for the size field as the caller promises.
    let size = unsafe { of.cast::<u32>().read_unaligned() };
    let known = T::SIZES.iter().copied().find(|known| *known == size as usize);
    known.ok_or(Failure::StructSize { name: T::NAME, size, expected: size_of::<T>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Grown {
        size: u32,
        old: u32,
        new: u32,
    }

    // SAFETY: repr(C), size first, integers only.
    unsafe impl Versioned for Grown {
        const NAME: &'static str = "grown";
        const SIZES: &'static [usize] = &[8, size_of::<Self>()];
    }

    #[test]
    fn an_older_structure_reads_as_defaults_and_nothing_is_written_behind_it() {
        let mut host = [8u32, 5, 77];
        let pointer = host.as_mut_ptr().cast::<Grown>();
        // SAFETY: the array holds a whole `Grown`.
        unsafe {
            assert_eq!(read(pointer, "x").unwrap(), Grown { size: 8, old: 5, new: 0 });
            write(pointer, &Grown { size: 12, old: 6, new: 9 }, "x").unwrap();
        }
        assert_eq!(host, [8, 6, 77]);
    }

    #[test]
    fn other_sizes_and_null_are_refused() {
        for size in [0u32, 4, 9, 13, u32::MAX] {
            let host = [size, 0, 0];
            // SAFETY: the array holds a whole `Grown`.
            let failure = unsafe { read(host.as_ptr().cast::<Grown>(), "x").unwrap_err() };
            assert!(matches!(failure, Failure::StructSize { expected: 12, .. }), "{failure}");
        }
        // SAFETY: NULL is allowed.
        let failure = unsafe { read(std::ptr::null::<Grown>(), "x").unwrap_err() };
        assert!(matches!(failure, Failure::Null("x")));
    }
}

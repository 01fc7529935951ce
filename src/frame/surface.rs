//! A picture in an object of the system's: a hardware encoder takes the object as it is, and its bytes are mapped only
//! when somebody reads them, since that may copy them from the GPU.

#![allow(unsafe_code)] // the object is known by its pointer only

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::ops::{Deref, Range};
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurfaceKind {
    /// A `CVPixelBufferRef` of the format `420v`: NV12 in limited range.
    CvPixelBuffer,
}

/// Where bytes begin, and how many they are.
pub type MappedBytes = (NonNull<u8>, usize);

/// What can be done with a kind of object, on any thread.
#[derive(Debug)]
pub struct SurfaceCalls {
    pub kind: SurfaceKind,
    pub retain: unsafe fn(NonNull<c_void>),
    pub release: unsafe fn(NonNull<c_void>),
    /// Makes its bytes readable, and waits until they are. None: failed.
    pub map: unsafe fn(NonNull<c_void>) -> Option<MappedBytes>,
    /// Ends a `map` that did not fail.
    pub unmap: unsafe fn(NonNull<c_void>),
}

/// A share of an object. Cloning and dropping allocate nothing.
pub struct Surface {
    handle: NonNull<c_void>,
    calls: &'static SurfaceCalls,
}

// SAFETY: `Surface::new` demands an object and calls that any thread may use.
unsafe impl Send for Surface {}
// SAFETY: as above; reading an object changes nothing in it.
unsafe impl Sync for Surface {}

impl Surface {
    /// Takes a share of an object.
    ///
    /// # Safety
    /// The object is one that `calls` are for, is alive now, may be retained, read and released on any thread, and nobody
    /// writes to it while a share that is read lives.
    pub unsafe fn new(handle: NonNull<c_void>, calls: &'static SurfaceCalls) -> Self {
        // SAFETY: the caller's promise.
        unsafe { (calls.retain)(handle) };
        Self { handle, calls }
    }

    pub fn kind(&self) -> SurfaceKind {
        self.calls.kind
    }

    /// The object itself, alive as long as this share.
    pub fn handle(&self) -> NonNull<c_void> {
        self.handle
    }
}

impl Clone for Surface {
    fn clone(&self) -> Self {
        // SAFETY: the object is alive, and `new` was promised the rest.
        unsafe { Self::new(self.handle, self.calls) }
    }
}

impl Drop for Surface {
    fn drop(&mut self) {
        // SAFETY: the share that `new` took.
        unsafe { (self.calls.release)(self.handle) };
    }
}

impl fmt::Debug for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:p})", self.kind(), self.handle)
    }
}

/// The bytes of a surface, mapped from the first read until the last share of them is dropped.
#[derive(Clone, Debug)]
pub struct SurfaceMemory(Arc<Mapping>);

struct Mapping {
    surface: Surface,
    /// In bytes.
    size: usize,
    start: OnceLock<Option<NonNull<u8>>>,
    /// Dropped after the bytes are unmapped.
    _keep: Box<dyn Any + Send + Sync>,
}

// SAFETY: the pointer is to the surface's bytes, which any thread may read.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl SurfaceMemory {
    /// `size`: bytes that a mapping has to give at least. `keep` lives as long as anybody may read.
    pub fn new(surface: Surface, size: usize, keep: impl Any + Send + Sync) -> Self {
        Self(Arc::new(Mapping { surface, size, start: OnceLock::new(), _keep: Box::new(keep) }))
    }

    pub fn slice(&self, range: Range<usize>) -> SurfacePlane {
        SurfacePlane { memory: self.clone(), range }
    }
}

impl Mapping {
    fn start(&self) -> Option<NonNull<u8>> {
        *self.start.get_or_init(|| {
            let handle = self.surface.handle;
            // SAFETY: the surface is alive, and `Surface::new` was promised fitting calls.
            let (start, bytes) = unsafe { (self.surface.calls.map)(handle)? };
            if bytes < self.size {
                // SAFETY: the mapping that was just made.
                unsafe { (self.surface.calls.unmap)(handle) };
                return None;
            }
            Some(start)
        })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if let Some(Some(_)) = self.start.get() {
            // SAFETY: mapped once, and nobody reads any more.
            unsafe { (self.surface.calls.unmap)(self.surface.handle) };
        }
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} bytes", self.surface, self.size)
    }
}

/// A part of a surface's bytes. Empty where they could not be mapped.
#[derive(Clone, Debug)]
pub struct SurfacePlane {
    memory: SurfaceMemory,
    range: Range<usize>,
}

impl SurfacePlane {
    pub fn surface(&self) -> &Surface {
        &self.memory.0.surface
    }
}

impl Deref for SurfacePlane {
    type Target = [u8];

    #[allow(clippy::disallowed_methods)] // memory that the system maps
    fn deref(&self) -> &[u8] {
        let mapping = &*self.memory.0;
        let Some(start) = mapping.start() else { return &[] };
        // SAFETY: `size` bytes are mapped there until the mapping is dropped, and nobody writes them meanwhile.
        let bytes = unsafe { std::slice::from_raw_parts(start.as_ptr(), mapping.size) };
        bytes.get(self.range.clone()).unwrap_or_default()
    }
}

impl AsRef<[u8]> for SurfacePlane {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

#[cfg(test)]
pub(crate) mod fake {
    //! An object of memory that counts its shares and mappings.

    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    pub struct FakeObject {
        pub shares: AtomicUsize,
        pub mapped: AtomicUsize,
        pub maps: AtomicUsize,
        pub bytes: Vec<u8>,
    }

    impl FakeObject {
        /// Lives for ever, so that a share too few is seen and not crashed on.
        pub fn leak(bytes: Vec<u8>) -> &'static Self {
            Box::leak(Box::new(Self { bytes, ..Self::default() }))
        }

        pub fn surface(&'static self) -> Surface {
            // SAFETY: the object lives for ever and is only counted in.
            unsafe { Surface::new(NonNull::from(self).cast(), &CALLS) }
        }

        pub fn shares(&self) -> usize {
            self.shares.load(Ordering::Relaxed)
        }

        /// Mappings alive, and how many there ever were.
        pub fn mappings(&self) -> (usize, usize) {
            (self.mapped.load(Ordering::Relaxed), self.maps.load(Ordering::Relaxed))
        }
    }

    fn object(handle: NonNull<c_void>) -> &'static FakeObject {
        // SAFETY: every handle is of an object that lives for ever.
        unsafe { handle.cast().as_ref() }
    }

    static CALLS: SurfaceCalls = SurfaceCalls {
        kind: SurfaceKind::CvPixelBuffer,
        retain: |handle| _ = object(handle).shares.fetch_add(1, Ordering::Relaxed),
        release: |handle| _ = object(handle).shares.fetch_sub(1, Ordering::Relaxed),
        map: |handle| {
            let object = object(handle);
            object.mapped.fetch_add(1, Ordering::Relaxed);
            object.maps.fetch_add(1, Ordering::Relaxed);
            Some((NonNull::from(&object.bytes[0]), object.bytes.len()))
        },
        unmap: |handle| _ = object(handle).mapped.fetch_sub(1, Ordering::Relaxed),
    };
}

#[cfg(test)]
mod tests {
    use super::fake::FakeObject;
    use super::*;

    #[test]
    fn bytes_are_mapped_once_when_read_and_unmapped_before_their_keeper_goes() {
        struct Keeper(&'static FakeObject);
        impl Drop for Keeper {
            fn drop(&mut self) {
                assert_eq!(self.0.mappings().0, 0, "still mapped");
            }
        }
        let object = FakeObject::leak((0..12).collect());
        let memory = SurfaceMemory::new(object.surface(), 12, Keeper(object));
        let (luma, chroma) = (memory.slice(0..8), memory.slice(8..12));
        drop(memory);
        assert_eq!((object.shares(), object.mappings()), (1, (0, 0)));
        assert_eq!((&luma[..2], &chroma[..]), (&[0, 1][..], &[8, 9, 10, 11][..]));
        assert_eq!(object.mappings(), (1, 1));
        let other = chroma.surface().clone();
        drop((luma, chroma));
        assert_eq!((object.shares(), object.mappings()), (1, (0, 1)));
        drop(other);
        assert_eq!(object.shares(), 0);
    }

    #[test]
    fn a_surface_smaller_than_said_reads_as_nothing() {
        let object = FakeObject::leak(vec![0; 11]);
        let memory = SurfaceMemory::new(object.surface(), 12, ());
        assert!(memory.slice(0..4).is_empty());
        drop(memory);
        assert_eq!((object.shares(), object.mappings()), (0, (0, 1)));
    }

    #[test]
    fn a_part_outside_of_the_surface_is_empty() {
        let object = FakeObject::leak(vec![0; 12]);
        assert!(SurfaceMemory::new(object.surface(), 12, ()).slice(8..13).is_empty());
    }
}

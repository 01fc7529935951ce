//! Buffers whose memory stays mapped for as long as they exist.

#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::Arc;

use ash::vk::{self, MemoryPropertyFlags as Flags};

use super::functions::{Gpu, unavailable};
use crate::graphics::backend::{Api, Memory};
use crate::graphics::error::GraphicsError;

/// The device's kinds of memory, and what limits a buffer.
#[derive(Clone, Debug)]
pub(super) struct MemoryTypes {
    types: Vec<Flags>,
    /// Bytes of a buffer that one shader can write.
    pub max_storage_bytes: usize,
}

/// What the CPU does with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Reads what a shader wrote: uncached memory would take ten times as long.
    ReadPictures,
    /// Writes a shader's parameters.
    WriteParams,
}

impl MemoryTypes {
    pub fn of(instance: &ash::Instance, physical_device: vk::PhysicalDevice) -> Self {
        // SAFETY: a valid physical device of this instance.
        let (memory, properties) = unsafe {
            (
                instance.get_physical_device_memory_properties(physical_device),
                instance.get_physical_device_properties(physical_device),
            )
        };
        Self {
            types: memory.memory_types_as_slice().iter().map(|kind| kind.property_flags).collect(),
            max_storage_bytes: properties.limits.max_storage_buffer_range as usize,
        }
    }

    /// The best of the types that a resource may lie in (a bit for each), with its properties.
    fn choose(&self, allowed: u32, purpose: Use) -> Option<(u32, Flags)> {
        let (cached, coherent) = (Flags::HOST_VISIBLE | Flags::HOST_CACHED, Flags::HOST_VISIBLE | Flags::HOST_COHERENT);
        let wishes: &[Flags] = match purpose {
            Use::ReadPictures => &[cached | coherent, cached, coherent],
            Use::WriteParams => &[coherent],
        };
        wishes.iter().find_map(|wish| {
            let fits = |(index, flags): &(u32, Flags)| allowed >> index & 1 == 1 && flags.contains(*wish);
            (0u32..).zip(self.types.iter().copied()).find(fits)
        })
    }
}

/// A buffer, alone in its memory.
#[derive(Debug)]
pub(super) struct MappedBuffer {
    gpu: Arc<Gpu>,
    pub buffer: vk::Buffer,
    memory: vk::DeviceMemory,
    start: NonNull<u8>,
    pub bytes: usize,
    is_coherent: bool,
}

// SAFETY: the pointer is to memory mapped for the whole process, and the handles may be used on any thread, which Vulkan
// wants for one at a time: whoever owns the buffer.
unsafe impl Send for MappedBuffer {}

impl MappedBuffer {
    pub fn new(gpu: &Arc<Gpu>, types: &MemoryTypes, purpose: Use, bytes: usize) -> Result<Self, GraphicsError> {
        let usage = match purpose {
            Use::ReadPictures => vk::BufferUsageFlags::STORAGE_BUFFER,
            Use::WriteParams => vk::BufferUsageFlags::UNIFORM_BUFFER,
        };
        let info = vk::BufferCreateInfo::default().size(bytes as u64).usage(usage);
        let mut made = Self {
            gpu: Arc::clone(gpu),
            buffer: vk::Buffer::null(),
            memory: vk::DeviceMemory::null(),
            start: NonNull::dangling(),
            bytes,
            is_coherent: true,
        };
        let device = &gpu.device;
        // SAFETY: valid handles and structures; what was made is destroyed by `Drop` should a later step fail.
        unsafe {
            made.buffer = gpu.check("vkCreateBuffer", device.create_buffer(&info, None))?;
            let needs = device.get_buffer_memory_requirements(made.buffer);
            let Some((index, flags)) = types.choose(needs.memory_type_bits, purpose) else {
                return Err(unavailable("it has no memory that the CPU can read"));
            };
            made.is_coherent = flags.contains(Flags::HOST_COHERENT);
            let info = vk::MemoryAllocateInfo::default().allocation_size(needs.size).memory_type_index(index);
            made.memory = gpu.check("vkAllocateMemory", device.allocate_memory(&info, None))?;
            gpu.check("vkBindBufferMemory", device.bind_buffer_memory(made.buffer, made.memory, 0))?;
            let start = device.map_memory(made.memory, 0, vk::WHOLE_SIZE, vk::MemoryMapFlags::empty());
            let start = NonNull::new(gpu.check("vkMapMemory", start)?.cast());
            made.start = start.ok_or(GraphicsError::Call { api: Api::Vulkan, call: "vkMapMemory", code: 0 })?;
        }
        Ok(made)
    }

    pub fn mapped(&self) -> Memory {
        Memory { start: self.start, bytes: self.bytes }
    }

    /// The memory to invalidate before the CPU reads it; None where it always sees what the GPU wrote.
    pub fn to_invalidate(&self) -> Option<vk::DeviceMemory> {
        (!self.is_coherent).then_some(self.memory)
    }

    /// Writes the buffer's first bytes, which the GPU does not read now.
    pub fn write(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.bytes);
        // SAFETY: mapped, at least that long, and nobody else's.
        unsafe { self.start.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), count) };
    }
}

impl Drop for MappedBuffer {
    fn drop(&mut self) {
        // SAFETY: the owner drops it when the GPU has finished with it. Freeing memory unmaps it.
        unsafe {
            self.gpu.device.destroy_buffer(self.buffer, None);
            self.gpu.device.free_memory(self.memory, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(flags: &[Flags]) -> MemoryTypes {
        MemoryTypes { types: flags.to_vec(), max_storage_bytes: 0 }
    }

    #[test]
    fn pictures_are_read_from_cached_memory_where_there_is_any() {
        let (local, visible) = (Flags::DEVICE_LOCAL, Flags::HOST_VISIBLE);
        let (coherent, cached) = (visible | Flags::HOST_COHERENT, visible | Flags::HOST_CACHED);
        let all = types(&[local, local | coherent, coherent, cached, cached | coherent]);
        assert_eq!(all.choose(!0, Use::ReadPictures), Some((4, cached | coherent)));
        assert_eq!(all.choose(0b01111, Use::ReadPictures), Some((3, cached)));
        assert_eq!(all.choose(0b00111, Use::ReadPictures), Some((1, local | coherent)));
        assert_eq!(all.choose(!0, Use::WriteParams), Some((1, local | coherent)));
        assert_eq!(all.choose(0b00001, Use::ReadPictures), None);
    }
}

//! What Unity lends of Vulkan: its command buffer within a render event, and the word which frames are finished.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use super::abi::{EventConfig, PIPELINE_BARRIER, RecordingState, Vulkan, VulkanImage};
use super::state;
use crate::graphics::vulkan::{Recorder, Recording, VulkanBackend, VulkanDevice};
use crate::graphics::{Api, Device, GraphicsError, Rings, Texture};

/// `VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL`
const SHADER_READ_ONLY: u32 = 5;
/// `VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT`
const COMPUTE_SHADER: u32 = 0x800;
/// `VK_ACCESS_SHADER_READ_BIT`
const SHADER_READ: u32 = 0x20;
/// `VK_IMAGE_USAGE_SAMPLED_BIT`
const SAMPLED: u32 = 4;
/// `VK_COMMAND_BUFFER_LEVEL_PRIMARY`
const PRIMARY: u32 = 0;
const NO_QUEUE: i32 = EventConfig::NO_QUEUE_ACCESS;

/// Asks for a render event outside of a render pass, after which nothing that was bound is taken for granted. Neither the
/// queue nor a submission is asked for: that would make Unity's threads wait for each other.
pub(super) fn configure(vulkan: &Vulkan, event_id: i32) {
    let config = EventConfig {
        render_pass: EventConfig::OUTSIDE_RENDER_PASS,
        queue_access: NO_QUEUE,
        flags: EventConfig::MODIFIES_COMMAND_BUFFER,
    };
    // SAFETY: Unity's own function; it copies the structure.
    unsafe { (vulkan.configure_event)(event_id, &raw const config) };
}

/// Makes the pipeline, within a render event.
pub(super) fn open(vulkan: &'static Vulkan) -> Result<Box<dyn Device>, GraphicsError> {
    // SAFETY: Unity's own function.
    let unity = unsafe { (vulkan.instance)() };
    if unity.instance == 0 || unity.device == 0 || unity.get_instance_proc_addr.is_null() {
        let reason = "Unity gives no device".to_owned();
        return Err(GraphicsError::Unavailable { api: Api::Vulkan, reason });
    }
    let [instance, physical, device] = [unity.instance, unity.physical_device, unity.device].map(|h| h as u64);
    // SAFETY: Unity's handles live until it tells that the device goes, and the device is closed then.
    let host =
        unsafe { VulkanDevice::new(instance, physical, device, 0, unity.queue_family, unity.get_instance_proc_addr) };
    let lent = Lent { vulkan, safe_frame: 0 };
    Ok(Box::new(Rings::new(VulkanBackend::with_recorder(host, Box::new(lent))?)))
}

struct Lent {
    vulkan: &'static Vulkan,
    /// The newest frame that was known to be finished.
    safe_frame: u64,
}

impl Lent {
    fn state(&mut self) -> Option<RecordingState> {
        let mut now = RecordingState::default();
        // SAFETY: Unity's own function, and a place for the answer.
        let known = unsafe { (self.vulkan.recording_state)(&raw mut now, NO_QUEUE) } != 0;
        if known {
            self.safe_frame = self.safe_frame.max(now.safe_frame);
        }
        known.then_some(now)
    }
}

impl Recorder for Lent {
    fn record(&mut self, texture: &Texture) -> Option<Recording> {
        if !state::is_in_render_event() {
            return None;
        }
        let native = usize::try_from(texture.handle).ok()? as *mut c_void;
        let mut image = VulkanImage::default();
        // SAFETY: Unity's own functions, within a render event; the texture is what C# got from Unity for it.
        let found = unsafe {
            (self.vulkan.ensure_outside_render_pass)();
            let (access, image) = (self.vulkan.access_texture, &raw mut image);
            access(native, ptr::null(), SHADER_READ_ONLY, COMPUTE_SHADER, SHADER_READ, PIPELINE_BARRIER, image)
        };
        if found == 0 || !is_readable(&image, texture) {
            return None;
        }
        // Only now: making the texture readable may have gone into another command buffer than what was told before.
        let now = self.state()?;
        (now.command_buffer != 0 && now.level == PRIMARY).then_some(Recording {
            command_buffer: now.command_buffer as u64,
            image: image.image,
            image_layout: image.layout,
            format: image.format,
            current_frame: now.current_frame,
            safe_frame: self.safe_frame,
        })
    }

    fn safe_frame(&mut self) -> u64 {
        if state::is_in_render_event() {
            self.state();
        }
        self.safe_frame
    }
}

/// What Unity knows of an image, against what is needed and what C# said of it: a texture may have been made anew meanwhile.
fn is_readable(image: &VulkanImage, texture: &Texture) -> bool {
    let [width, height, _] = image.extent;
    image.image != 0
        && image.usage & SAMPLED != 0
        && image.samples <= 1
        && (width, height) == (texture.size.width, texture.size.height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Size;

    #[test]
    fn only_an_image_that_can_be_sampled_and_has_the_size_told_is_read() {
        let texture = Texture { handle: 1, format: 0, size: Size::new(64, 32), layout: 0 };
        let good = VulkanImage { image: 7, usage: 6, samples: 1, extent: [64, 32, 1], ..Default::default() };
        assert!(is_readable(&good, &texture));
        let bad = [
            VulkanImage { image: 0, ..good },
            VulkanImage { usage: 2, ..good },
            VulkanImage { samples: 4, ..good },
            VulkanImage { extent: [64, 31, 1], ..good },
            VulkanImage { extent: [32, 64, 1], ..good },
        ];
        assert!(bad.iter().all(|image| !is_readable(image, &texture)));
    }
}

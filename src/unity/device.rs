//! The one device of Unity's, from its events to a [`Device`] that takes textures.

use std::mem;

#[cfg(feature = "graphics")]
use super::abi;
use crate::graphics::{Device, GraphicsError};

/// Who lends textures.
#[derive(Clone, Copy)]
pub(super) enum Source {
    #[cfg(feature = "graphics")]
    Vulkan(&'static abi::Vulkan),
    /// Unity has no table for it: the context is the one that is current on the render thread.
    #[cfg(feature = "graphics")]
    Gl,
    #[cfg(all(windows, feature = "graphics"))]
    D3d11(&'static abi::D3d11),
    #[cfg(all(windows, feature = "graphics"))]
    D3d12(super::d3d12::D3d12),
    #[cfg(all(target_vendor = "apple", feature = "graphics"))]
    Metal(&'static abi::Metal),
}

/// How far it is with the device.
#[derive(Default)]
pub(super) enum Stage {
    /// There is none that textures could be taken from.
    #[default]
    Absent,
    /// There is one. It is opened by the first render event: some versions of Unity give out Vulkan's handles only then,
    /// and a context of OpenGL is current only there.
    Waiting(Source),
    Open(Box<dyn Device>),
    /// Being reset.
    Paused,
}

impl Source {
    /// Says what our render event needs.
    #[cfg_attr(not(feature = "graphics"), allow(unused_variables))]
    pub fn configure(self, event_id: i32) {
        match self {
            #[cfg(feature = "graphics")]
            Self::Vulkan(vulkan) => super::vulkan::configure(vulkan, event_id),
            #[cfg(feature = "graphics")]
            Self::Gl => {}
            #[cfg(all(windows, feature = "graphics"))]
            Self::D3d11(_) | Self::D3d12(_) => {}
            #[cfg(all(target_vendor = "apple", feature = "graphics"))]
            Self::Metal(_) => {}
        }
    }

    /// Makes the pipeline, within a render event.
    fn open(self) -> Result<Box<dyn Device>, GraphicsError> {
        match self {
            #[cfg(feature = "graphics")]
            Self::Vulkan(vulkan) => super::vulkan::open(vulkan),
            #[cfg(feature = "graphics")]
            Self::Gl => super::gl::open(),
            #[cfg(all(windows, feature = "graphics"))]
            Self::D3d11(d3d11) => super::d3d11::open(d3d11),
            #[cfg(all(windows, feature = "graphics"))]
            Self::D3d12(d3d12) => super::d3d12::open(d3d12),
            #[cfg(all(target_vendor = "apple", feature = "graphics"))]
            Self::Metal(metal) => super::metal::open(metal),
        }
    }
}

impl Stage {
    /// Whether textures are taken, now or with the first render event.
    pub fn takes_textures(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Within a render event: the device, opened if it was not; `opened` hears of it when it is. None: there is none.
    pub fn device(
        &mut self,
        opened: impl FnOnce(&dyn Device),
    ) -> Result<Option<&mut (dyn Device + 'static)>, GraphicsError> {
        if let Self::Waiting(source) = *self {
            *self = Self::Absent;
            let device = source.open()?;
            opened(&*device);
            *self = Self::Open(device);
        }
        match self {
            Self::Open(device) => Ok(Some(&mut **device)),
            _ => Ok(None),
        }
    }

    /// Frees what was made on the device. Textures are not taken before another device is there.
    pub fn close(&mut self) {
        if let Self::Open(mut device) = mem::take(self) {
            device.close();
        }
    }

    /// The device is being reset: frees what was made on it, for now.
    pub fn pause(&mut self) {
        if self.takes_textures() {
            self.close();
            *self = Self::Paused;
        }
    }
}

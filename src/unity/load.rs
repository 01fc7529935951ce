//! Loading and unloading: which of Unity's tables there are.

#![allow(unsafe_code)]

use super::abi::{self, DeviceEventCallback, Graphics, Interfaces, renderer};
use super::console::Console;
use super::device::{Source, Stage};
use super::state;

/// What Unity has given.
pub(super) struct Host {
    pub graphics: &'static Graphics,
    pub console: Console,
    /// Reserved once for each load.
    pub event_id: i32,
    /// Unity's number of the API in use.
    pub renderer: i32,
    on_device_event: DeviceEventCallback,
    #[cfg(feature = "graphics")]
    vulkan: Option<&'static abi::Vulkan>,
    #[cfg(all(windows, feature = "graphics"))]
    d3d11: Option<&'static abi::D3d11>,
    #[cfg(all(windows, feature = "graphics"))]
    d3d12: Option<super::d3d12::D3d12>,
    #[cfg(all(target_vendor = "apple", feature = "graphics"))]
    metal: Option<&'static abi::Metal>,
}

impl Host {
    /// # Safety
    /// As `load`.
    unsafe fn find(interfaces: &Interfaces, on_device_event: DeviceEventCallback) -> Option<Self> {
        // SAFETY: each table has the number of its structure, and is Unity's.
        unsafe {
            let graphics = interfaces.find::<Graphics>(abi::GRAPHICS)?;
            Some(Self {
                graphics,
                console: Console::find(interfaces),
                event_id: (graphics.reserve_event_ids)(1),
                renderer: renderer::NULL,
                on_device_event,
                #[cfg(feature = "graphics")]
                vulkan: interfaces.find(abi::VULKAN_V2).or_else(|| interfaces.find(abi::VULKAN_V1)),
                #[cfg(all(windows, feature = "graphics"))]
                d3d11: interfaces.find(abi::D3D11),
                #[cfg(all(windows, feature = "graphics"))]
                d3d12: super::d3d12::D3d12::find(interfaces),
                #[cfg(all(target_vendor = "apple", feature = "graphics"))]
                metal: interfaces.find(abi::METAL_V1).or_else(|| interfaces.find(abi::METAL_V0)),
            })
        }
    }

    /// Asks which device there is, and readies what has to be ready before its first render event.
    pub fn look_at_device(&mut self) -> Stage {
        // SAFETY: Unity's own function.
        self.renderer = unsafe { (self.graphics.renderer)() };
        match self.source() {
            Some(source) => {
                source.configure(self.event_id);
                Stage::Waiting(source)
            }
            None => Stage::Absent,
        }
    }

    /// What lends textures of the device in use; None where there is nothing, or nothing that is known.
    fn source(&self) -> Option<Source> {
        match self.renderer {
            #[cfg(feature = "graphics")]
            renderer::VULKAN => self.vulkan.map(Source::Vulkan),
            #[cfg(feature = "graphics")]
            renderer::GLES3 | renderer::GL_CORE => Some(Source::Gl),
            #[cfg(all(windows, feature = "graphics"))]
            renderer::D3D11 => self.d3d11.map(Source::D3d11),
            #[cfg(all(windows, feature = "graphics"))]
            renderer::D3D12 => self.d3d12.map(Source::D3d12),
            #[cfg(all(target_vendor = "apple", feature = "graphics"))]
            renderer::METAL => self.metal.map(Source::Metal),
            _ => None,
        }
    }
}

/// Unity loads the library: as a plugin that is loaded at its start before there is a device, otherwise after it was made.
///
/// # Safety
/// `interfaces` is NULL or Unity's, which lives until `unload`.
pub unsafe fn load(interfaces: *const Interfaces, on_device_event: DeviceEventCallback) {
    // SAFETY: the caller's promise.
    let Some(interfaces) = (unsafe { interfaces.as_ref() }) else { return };
    unload();
    // SAFETY: the caller's promise.
    let Some(host) = (unsafe { Host::find(interfaces, on_device_event) }) else { return };
    let graphics = host.graphics;
    let mut plugin = state::lock();
    plugin.host = Some(host);
    plugin.publish();
    // Without the lock, since what Unity is asked may tell of a device at once.
    drop(plugin);
    // SAFETY: Unity's own functions, and a callback that stays until `unload`.
    unsafe {
        (graphics.register_device_event_callback)(on_device_event);
        // Who comes late is not told of the device that is there.
        if (graphics.renderer)() != renderer::NULL {
            on_device_event(0);
        }
    }
}

/// Unity lets the library go: everything made on the device goes, and all is as before `load`. Waits for pictures that are
/// being encoded, at most two seconds.
pub fn unload() {
    let mut plugin = state::lock();
    plugin.stage.close();
    let host = plugin.host.take();
    plugin.publish();
    drop(plugin);
    if let Some(host) = host {
        // SAFETY: Unity's own function, and the callback that was registered.
        unsafe { (host.graphics.unregister_device_event_callback)(host.on_device_event) };
    }
}

//! A host without a window: an instance, a device, one queue, textures that it fills by its own command buffers. With the
//! validation layer, where that is installed, synchronization included.

#![allow(dead_code, reason = "the benchmark uses less of it")]

use std::ffi::{CStr, c_void};
use std::sync::Mutex;

use ash::vk::{self, Handle};
use rendercast::graphics::vulkan::VulkanDevice;
use rendercast::units::Size;

const LAYER: &CStr = c"VK_LAYER_KHRONOS_validation";

pub struct Host {
    pub entry: ash::Entry,
    pub instance: ash::Instance,
    pub physical: vk::PhysicalDevice,
    pub device: ash::Device,
    pub queue: vk::Queue,
    pub family: u32,
    pub has_timelines: bool,
    pub pool: vk::CommandPool,
    debug: Option<(ash::ext::debug_utils::Instance, vk::DebugUtilsMessengerEXT)>,
    pub is_validated: bool,
    /// What the validation layer said.
    messages: Box<Mutex<Vec<String>>>,
}

unsafe extern "system" fn note(
    _severity: vk::DebugUtilsMessageSeverityFlagsEXT,
    _kind: vk::DebugUtilsMessageTypeFlagsEXT,
    data: *const vk::DebugUtilsMessengerCallbackDataEXT<'_>,
    messages: *mut c_void,
) -> vk::Bool32 {
    // SAFETY: the layer gives a valid message; `messages` is the host's box, which outlives the instance.
    unsafe {
        let text = (*data).message_as_c_str().unwrap_or_default().to_string_lossy().into_owned();
        (*messages.cast::<Mutex<Vec<String>>>()).lock().unwrap().push(text);
    }
    vk::FALSE
}

/// The system's loader. Not by `ash`, whose feature for it the library does not have: it would be compiled twice.
fn load() -> Result<ash::Entry, Box<dyn std::error::Error>> {
    // SAFETY: the loader is Vulkan's, and stays.
    unsafe {
        let library = libloading::Library::new(if cfg!(windows) { "vulkan-1.dll" } else { "libvulkan.so.1" })?;
        let symbol = |name: &CStr| library.get(name.to_bytes_with_nul()).map_or(std::ptr::null(), |symbol| *symbol);
        let functions = ash::StaticFn::load_checked(symbol)?;
        std::mem::forget(library);
        Ok(ash::Entry::from_static_fn(functions))
    }
}

impl Host {
    /// None, and why, where there is no Vulkan.
    pub fn new(validate: bool) -> Result<Self, String> {
        // SAFETY: plain calls with valid structures; what is missing is an error.
        unsafe {
            let entry = load().map_err(|error| format!("no Vulkan loader: {error}"))?;
            let layers = entry.enumerate_instance_layer_properties().unwrap_or_default();
            let has_layer = layers.iter().any(|layer| layer.layer_name_as_c_str() == Ok(LAYER));
            let validate = validate && has_layer;
            let messages = Box::new(Mutex::new(Vec::new()));
            let messenger = vk::DebugUtilsMessengerCreateInfoEXT::default()
                .message_severity(
                    vk::DebugUtilsMessageSeverityFlagsEXT::WARNING | vk::DebugUtilsMessageSeverityFlagsEXT::ERROR,
                )
                .message_type(
                    vk::DebugUtilsMessageTypeFlagsEXT::VALIDATION | vk::DebugUtilsMessageTypeFlagsEXT::PERFORMANCE,
                )
                .pfn_user_callback(Some(note))
                .user_data(std::ptr::from_ref(&*messages).cast_mut().cast());
            let mut from_the_start = messenger;
            let also = [vk::ValidationFeatureEnableEXT::SYNCHRONIZATION_VALIDATION];
            let mut features = vk::ValidationFeaturesEXT::default().enabled_validation_features(&also);
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_2);
            let (names, extensions) = (
                [LAYER.as_ptr()],
                [ash::ext::debug_utils::NAME.as_ptr(), ash::ext::validation_features::NAME.as_ptr()],
            );
            let mut info = vk::InstanceCreateInfo::default().application_info(&application);
            if validate {
                info = info.enabled_layer_names(&names).enabled_extension_names(&extensions);
                info = info.push_next(&mut features).push_next(&mut from_the_start);
            }
            let instance = entry.create_instance(&info, None).map_err(|error| format!("no instance: {error}"))?;
            let debug = validate.then(|| {
                let utils = ash::ext::debug_utils::Instance::new(&entry, &instance);
                let messenger = utils.create_debug_utils_messenger(&messenger, None).expect("messenger");
                (utils, messenger)
            });
            let found = instance.enumerate_physical_devices().unwrap_or_default().first().copied();
            let Some(physical) = found else {
                instance.destroy_instance(None);
                return Err("no driver".into());
            };
            let families = instance.get_physical_device_queue_family_properties(physical);
            let does = vk::QueueFlags::COMPUTE | vk::QueueFlags::GRAPHICS;
            let family = families.iter().position(|family| family.queue_flags.contains(does)).expect("family") as u32;
            let mut timelines = vk::PhysicalDeviceTimelineSemaphoreFeatures::default();
            instance.get_physical_device_features2(
                physical,
                &mut vk::PhysicalDeviceFeatures2::default().push_next(&mut timelines),
            );
            let has_timelines = timelines.timeline_semaphore == vk::TRUE;
            let queues = [vk::DeviceQueueCreateInfo::default().queue_family_index(family).queue_priorities(&[1.0])];
            let mut info = vk::DeviceCreateInfo::default().queue_create_infos(&queues);
            if has_timelines {
                info = info.push_next(&mut timelines);
            }
            let device = instance.create_device(physical, &info, None).expect("device");
            let queue = device.get_device_queue(family, 0);
            let info = vk::CommandPoolCreateInfo::default()
                .queue_family_index(family)
                .flags(vk::CommandPoolCreateFlags::RESET_COMMAND_BUFFER);
            let pool = device.create_command_pool(&info, None).expect("pool");
            Ok(Self {
                entry,
                instance,
                physical,
                device,
                queue,
                family,
                has_timelines,
                pool,
                debug,
                is_validated: validate,
                messages,
            })
        }
    }

    pub fn handles(&self) -> VulkanDevice {
        self.handles_through(self.entry.static_fn().get_instance_proc_addr as *const c_void)
    }

    pub fn handles_through(&self, get_instance_proc_addr: *const c_void) -> VulkanDevice {
        // SAFETY: valid handles, which live as long as the host.
        unsafe {
            VulkanDevice::new(
                self.instance.handle().as_raw(),
                self.physical.as_raw(),
                self.device.handle().as_raw(),
                self.queue.as_raw(),
                self.family,
                get_instance_proc_addr,
            )
        }
    }

    /// A texture in `layout`, filled and known to the GPU before whatever is submitted next.
    pub fn texture(&self, format: vk::Format, size: Size, bytes: &[u8], layout: vk::ImageLayout) -> HostTexture<'_> {
        let extent = vk::Extent3D { width: size.width, height: size.height, depth: 1 };
        let info = vk::ImageCreateInfo::default()
            .image_type(vk::ImageType::TYPE_2D)
            .format(format)
            .extent(extent)
            .mip_levels(1)
            .array_layers(1)
            .samples(vk::SampleCountFlags::TYPE_1)
            .usage(
                vk::ImageUsageFlags::SAMPLED
                    | vk::ImageUsageFlags::TRANSFER_DST
                    | vk::ImageUsageFlags::TRANSFER_SRC
                    | vk::ImageUsageFlags::COLOR_ATTACHMENT,
            );
        // SAFETY: valid structures of this device.
        unsafe {
            let image = self.device.create_image(&info, None).expect("image");
            let needs = self.device.get_image_memory_requirements(image);
            let memory = self.allocate(needs, vk::MemoryPropertyFlags::DEVICE_LOCAL);
            self.device.bind_image_memory(image, memory, 0).expect("bound");
            let staging = self.buffer(bytes.len(), vk::BufferUsageFlags::TRANSFER_SRC);
            let allocate = vk::CommandBufferAllocateInfo::default().command_pool(self.pool).command_buffer_count(1);
            let commands = self.device.allocate_command_buffers(&allocate).expect("commands")[0];
            let fence = self.device.create_fence(&vk::FenceCreateInfo::default(), None).expect("fence");
            let mut made = HostTexture {
                host: self,
                image,
                memory,
                size,
                format,
                layout: None,
                staging,
                commands,
                fence,
                busy: false,
            };
            made.fill_to(bytes, layout);
            made
        }
    }

    pub fn allocate(&self, needs: vk::MemoryRequirements, wanted: vk::MemoryPropertyFlags) -> vk::DeviceMemory {
        // SAFETY: valid structures of this device.
        unsafe {
            let types = self.instance.get_physical_device_memory_properties(self.physical);
            let index = (0..types.memory_type_count)
                .find(|i| {
                    let flags = types.memory_types[*i as usize].property_flags;
                    needs.memory_type_bits >> i & 1 == 1 && flags.contains(wanted)
                })
                .expect("memory type");
            let info = vk::MemoryAllocateInfo::default().allocation_size(needs.size).memory_type_index(index);
            self.device.allocate_memory(&info, None).expect("memory")
        }
    }

    /// A mapped buffer.
    pub fn buffer(&self, bytes: usize, usage: vk::BufferUsageFlags) -> HostBuffer {
        let info = vk::BufferCreateInfo::default().size(bytes as u64).usage(usage);
        let kind = vk::MemoryPropertyFlags::HOST_VISIBLE | vk::MemoryPropertyFlags::HOST_COHERENT;
        // SAFETY: valid structures of this device.
        unsafe {
            let buffer = self.device.create_buffer(&info, None).expect("buffer");
            let memory = self.allocate(self.device.get_buffer_memory_requirements(buffer), kind);
            self.device.bind_buffer_memory(buffer, memory, 0).expect("bound");
            let flags = vk::MemoryMapFlags::empty();
            let start = self.device.map_memory(memory, 0, vk::WHOLE_SIZE, flags).expect("mapped").cast();
            HostBuffer { buffer, memory, start, bytes }
        }
    }

    pub fn destroy_buffer(&self, buffer: &HostBuffer) {
        // SAFETY: the GPU has finished with it.
        unsafe {
            self.device.destroy_buffer(buffer.buffer, None);
            self.device.free_memory(buffer.memory, None);
        }
    }

    pub fn wait_idle(&self) {
        // SAFETY: a valid device.
        unsafe { self.device.device_wait_idle() }.expect("idle");
    }

    /// Destroys everything and gives what the validation layer had to say, what was not destroyed included.
    pub fn end(self) -> Vec<String> {
        // SAFETY: nothing of the device is used any more.
        unsafe {
            let _ = self.device.device_wait_idle();
            self.device.destroy_command_pool(self.pool, None);
            self.device.destroy_device(None);
            if let Some((utils, messenger)) = &self.debug {
                utils.destroy_debug_utils_messenger(*messenger, None);
            }
            self.instance.destroy_instance(None);
        }
        self.messages.into_inner().unwrap()
    }
}

pub struct HostBuffer {
    pub buffer: vk::Buffer,
    pub memory: vk::DeviceMemory,
    pub start: *mut u8,
    pub bytes: usize,
}

pub struct HostTexture<'a> {
    host: &'a Host,
    pub image: vk::Image,
    memory: vk::DeviceMemory,
    pub size: Size,
    pub format: vk::Format,
    /// What it was left in; None before it was filled.
    pub layout: Option<vk::ImageLayout>,
    staging: HostBuffer,
    commands: vk::CommandBuffer,
    fence: vk::Fence,
    busy: bool,
}

impl HostTexture<'_> {
    /// What the host tells of it.
    pub fn told(&self) -> rendercast::graphics::Texture {
        rendercast::graphics::Texture {
            handle: self.image.as_raw(),
            format: self.format.as_raw() as u32,
            size: self.size,
            layout: self.layout.map_or(0, vk::ImageLayout::as_raw) as u32,
        }
    }

    /// Draws another picture, in the order of submission, without waiting for it. It stays in its layout.
    pub fn fill(&mut self, bytes: &[u8]) {
        self.fill_to(bytes, self.layout.expect("filled before"));
    }

    fn fill_to(&mut self, bytes: &[u8], layout: vk::ImageLayout) {
        let device = &self.host.device;
        assert_eq!(bytes.len(), self.staging.bytes);
        let barrier = |old, new, from, to| {
            [vk::ImageMemoryBarrier::default()
                .image(self.image)
                .old_layout(old)
                .new_layout(new)
                .src_access_mask(from)
                .dst_access_mask(to)
                .src_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
                .dst_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
                .subresource_range(vk::ImageSubresourceRange {
                    aspect_mask: vk::ImageAspectFlags::COLOR,
                    level_count: 1,
                    layer_count: 1,
                    ..Default::default()
                })]
        };
        let copy = vk::BufferImageCopy::default()
            .image_subresource(vk::ImageSubresourceLayers {
                aspect_mask: vk::ImageAspectFlags::COLOR,
                layer_count: 1,
                ..Default::default()
            })
            .image_extent(vk::Extent3D { width: self.size.width, height: self.size.height, depth: 1 });
        let (transfer, none) = (vk::PipelineStageFlags::TRANSFER, vk::DependencyFlags::empty());
        let writes = vk::AccessFlags::TRANSFER_WRITE;
        let old = self.layout.unwrap_or(vk::ImageLayout::UNDEFINED);
        let during = vk::ImageLayout::TRANSFER_DST_OPTIMAL;
        // SAFETY: valid handles; the staging buffer is free again once the fence is.
        unsafe {
            if self.busy {
                device.wait_for_fences(&[self.fence], true, u64::MAX).expect("fence");
                device.reset_fences(&[self.fence]).expect("fence");
            }
            self.staging.start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            device.begin_command_buffer(self.commands, &vk::CommandBufferBeginInfo::default()).expect("begin");
            // As an engine does that knows of its own use only: it read the texture in a transfer last.
            let into = barrier(old, during, vk::AccessFlags::empty(), writes);
            device.cmd_pipeline_barrier(self.commands, transfer, transfer, none, &[], &[], &into);
            device.cmd_copy_buffer_to_image(self.commands, self.staging.buffer, self.image, during, &[copy]);
            let back = barrier(during, layout, writes, vk::AccessFlags::empty());
            let end = vk::PipelineStageFlags::BOTTOM_OF_PIPE;
            device.cmd_pipeline_barrier(self.commands, transfer, end, none, &[], &[], &back);
            device.end_command_buffer(self.commands).expect("end");
            let commands = [self.commands];
            let submit = vk::SubmitInfo::default().command_buffers(&commands);
            device.queue_submit(self.host.queue, &[submit], self.fence).expect("submit");
        }
        self.busy = true;
        self.layout = Some(layout);
    }
}

impl Drop for HostTexture<'_> {
    fn drop(&mut self) {
        self.host.wait_idle();
        // SAFETY: the GPU has finished with everything.
        unsafe {
            self.host.device.destroy_fence(self.fence, None);
            self.host.device.free_command_buffers(self.host.pool, &[self.commands]);
            self.host.device.destroy_image(self.image, None);
            self.host.device.free_memory(self.memory, None);
        }
        self.host.destroy_buffer(&self.staging);
    }
}

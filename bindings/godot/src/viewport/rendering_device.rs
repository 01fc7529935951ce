//! Read-back from Godot's RenderingDevice (Vulkan, Direct3D 12, Metal): a compute pass of the library makes what the encoder
//! reads, and the device tells when it is there, a frame or two later. Nothing waits, and a third of the bytes of RGBA cross the
//! bus. Where there is no GPU the pass would be the CPU's too: the texture comes as it is then, and `carrier`'s thread hands it on
//! (lavapipe, 720p: a game's frame took 21 ms instead of 31 with one viewer).

use std::sync::Arc;

use godot::builtin::{Array, Callable, PackedByteArray, Rid};
use godot::classes::rendering_device::{DataFormat, ShaderStage, UniformType};
use godot::classes::{RdShaderSpirv, RdUniform, RenderingDevice, RenderingServer};
use godot::global::Error;
use godot::obj::{Gd, NewGd, Singleton};
use rendercast::graphics::{CONVERSIONS, Job, Params, PictureLayout, Texture, Transfer};
use rendercast::time::Nanos;
use rendercast::units::Size;

use crate::cost;

use super::carrier::{Asked, Carrier, Shape};
use super::picture::{Drawn, fitted, is_read_plain};

/// Bindings of the shader.
const SOURCE: i32 = 0;
const PICTURE: i32 = 1;
const PARAMS: i32 = 2;

/// Lives on the render thread.
#[derive(Debug, Default)]
pub struct Reader {
    made: Option<Made>,
    carrier: Option<Carrier>,
    /// Whether textures come as they are, once that was asked.
    plain: Option<bool>,
    problem: Option<String>,
}

/// What belongs to the device.
#[derive(Debug)]
struct Made {
    shaders: [Rid; 2],
    pipelines: [Rid; 2],
    params: Rid,
    /// What is in it.
    written: Option<Params>,
    picture: Rid,
    bytes: usize,
    /// The textures and buffers that are bound, by shader.
    sets: [Option<(Rid, Rid)>; 2],
}

impl Reader {
    /// Records the conversion and asks for its result. On the render thread.
    pub fn take(&mut self, drawn: &Drawn) {
        if self.problem.is_some() {
            return;
        }
        let Some(mut device) = RenderingServer::singleton().get_rendering_device() else { return };
        if let Err(problem) = self.try_take(&mut device, drawn) {
            self.problem = Some(problem);
        }
    }

    /// Why it reads nothing.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn try_take(&mut self, device: &mut Gd<RenderingDevice>, drawn: &Drawn) -> Result<(), String> {
        let texture = RenderingServer::singleton().texture_get_rd_texture(drawn.texture);
        // A viewport that has drawn nothing yet has none.
        let Some(format) = Some(texture).filter(Rid::is_valid).and_then(|texture| device.texture_get_format(texture))
        else {
            return Ok(());
        };
        let side = |pixels: u32| pixels.clamp(1, Size::MAX_SIDE);
        let size = Size::new(side(format.get_width()), side(format.get_height()));
        let job = Job {
            texture: Texture { handle: 1, format: 0, size, layout: 0 },
            target: fitted(size, drawn.largest).padded_to_even(),
            chroma: drawn.source.chroma(),
            flip: false,
            swap_red_blue: false,
            transfer: transfer(format.get_format()),
            host_time: drawn.drawn_ns,
            pushed_at: Nanos(drawn.drawn_ns),
        };
        let carrier = match &mut self.carrier {
            Some(carrier) => carrier,
            none => none.insert(Carrier::start()?),
        };
        let plain = *self
            .plain
            .get_or_insert_with(|| is_read_plain(&RenderingServer::singleton().get_video_adapter_name().to_string()));
        if plain && format.get_format() == DataFormat::R8G8B8A8_UNORM && job.target == size {
            let Some(asked) = carrier.ask(&drawn.source, Shape::Rgba(size), drawn.drawn_ns) else { return Ok(()) };
            return told(device.texture_get_data_async(texture, 0, &brought(carrier, asked)));
        }
        let layout = PictureLayout::new(job.target, job.chroma);
        let Some(asked) = carrier.ask(&drawn.source, Shape::Converted(layout), drawn.drawn_ns) else {
            return Ok(());
        };
        let params = Params::new(&job, &layout);
        let made = match &mut self.made {
            Some(made) => made,
            none => none.insert(Made::new(device)?),
        };
        made.record(device, texture, &params, layout.bytes)?;
        let read = brought(carrier, asked);
        told(device.buffer_get_data_async_ex(made.picture, &read).size_bytes(number(layout.bytes)).done())
    }

    /// Gives the device back what is its. On the render thread.
    pub fn close(&mut self) {
        self.carrier = None;
        if let (Some(made), Some(mut device)) = (self.made.take(), RenderingServer::singleton().get_rendering_device())
        {
            made.free(&mut device);
        }
    }
}

impl Made {
    fn new(device: &mut Gd<RenderingDevice>) -> Result<Self, String> {
        let mut shaders = [Rid::Invalid; 2];
        let mut pipelines = [Rid::Invalid; 2];
        for (at, words) in CONVERSIONS.into_iter().enumerate() {
            let mut code = RdShaderSpirv::new_gd();
            code.set_stage_bytecode(ShaderStage::COMPUTE, &bytecode(words));
            shaders[at] = device.shader_create_from_spirv(&code);
            if !shaders[at].is_valid() {
                return Err("the device does not take the conversion's shader".to_owned());
            }
            pipelines[at] = device.compute_pipeline_create(shaders[at]);
        }
        let params = device.uniform_buffer_create(number(Params::BYTES));
        let made = Self { shaders, pipelines, params, written: None, picture: Rid::Invalid, bytes: 0, sets: [None; 2] };
        if !made.params.is_valid() || made.pipelines.iter().any(|pipeline| !pipeline.is_valid()) {
            made.free(device);
            return Err("the device has no room for the conversion".to_owned());
        }
        Ok(made)
    }

    fn record(
        &mut self,
        device: &mut Gd<RenderingDevice>,
        texture: Rid,
        params: &Params,
        bytes: usize,
    ) -> Result<(), String> {
        if self.bytes != bytes {
            free(device, self.picture);
            // Sets end with what they name.
            self.sets = [None; 2];
            (self.picture, self.bytes) = (device.storage_buffer_create(number(bytes)), bytes);
        }
        if self.written.as_ref() != Some(params) {
            let data = PackedByteArray::from(params.to_bytes().as_slice());
            device.buffer_update(self.params, 0, number(Params::BYTES), &data);
            self.written = Some(*params);
        }
        let which = usize::from(params.is_plain());
        let set = self.bound(device, which, texture);
        if !set.is_valid() {
            return Err("the viewport's texture cannot be read by a shader".to_owned());
        }
        let [x, y] = params.workgroups();
        let list = device.compute_list_begin();
        device.compute_list_bind_compute_pipeline(list, self.pipelines[which]);
        device.compute_list_bind_uniform_set(list, set, 0);
        device.compute_list_dispatch(list, x, y, 1);
        device.compute_list_end();
        Ok(())
    }

    /// A viewport's texture is another one after a change of its size.
    fn bound(&mut self, device: &mut Gd<RenderingDevice>, which: usize, texture: Rid) -> Rid {
        if let Some((known, set)) = self.sets[which] {
            if known == texture && device.uniform_set_is_valid(set) {
                return set;
            }
            if device.uniform_set_is_valid(set) {
                device.free_rid(set);
            }
        }
        let uniform = |binding: i32, kind: UniformType, id: Rid| {
            let mut uniform = RdUniform::new_gd();
            uniform.set_binding(binding);
            uniform.set_uniform_type(kind);
            uniform.add_id(id);
            uniform
        };
        let mut uniforms = Array::new();
        uniforms.push(&uniform(SOURCE, UniformType::TEXTURE, texture));
        uniforms.push(&uniform(PICTURE, UniformType::STORAGE_BUFFER, self.picture));
        uniforms.push(&uniform(PARAMS, UniformType::UNIFORM_BUFFER, self.params));
        let set = device.uniform_set_create(&uniforms, self.shaders[which], 0);
        self.sets[which] = Some((texture, set));
        set
    }

    /// Pipelines and sets end with their shaders and buffers.
    fn free(self, device: &mut Gd<RenderingDevice>) {
        for rid in [self.picture, self.params].into_iter().chain(self.shaders) {
            free(device, rid);
        }
    }
}

/// What is called with a picture's bytes: on the render thread, a frame or two later, or never.
fn brought(carrier: &Carrier, asked: Arc<Asked>) -> Callable {
    let way = carrier.way();
    Callable::from_sync_fn("rendercast_picture", move |arguments| {
        let _spending = cost::spending();
        if let Some(Ok(bytes)) = arguments.first().map(|bytes| bytes.try_to::<PackedByteArray>()) {
            way.bring(&asked, bytes);
        }
    })
}

fn told(error: Error) -> Result<(), String> {
    match error {
        Error::OK => Ok(()),
        error => Err(format!("the device gives no picture back ({error:?})")),
    }
}

fn free(device: &mut Gd<RenderingDevice>, rid: Rid) {
    if rid.is_valid() {
        device.free_rid(rid);
    }
}

/// Sizes here are those of a picture's at most.
fn number(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Float textures of viewports hold linear light, the others what is shown.
fn transfer(format: DataFormat) -> Transfer {
    match format {
        DataFormat::R16G16B16A16_SFLOAT | DataFormat::R32G32B32A32_SFLOAT | DataFormat::B10G11R11_UFLOAT_PACK32 => {
            Transfer::Linear
        }
        _ => Transfer::Encoded,
    }
}

/// Godot calls every shader's entry point `main`; the library's is `convert`, which takes as many words.
fn bytecode(words: &[u32]) -> PackedByteArray {
    let word = |text: &[u8; 4]| u32::from_le_bytes(*text);
    let (ours, godots) = ([word(b"conv"), word(b"ert\0")], [word(b"main"), 0]);
    let mut words = words.to_vec();
    if let Some(at) = words.windows(2).position(|pair| pair == ours) {
        words[at..at + 2].copy_from_slice(&godots);
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

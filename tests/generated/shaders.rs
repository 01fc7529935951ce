//! The shaders are written once, in WGSL; what each API is given is a translation that lies beside them. This makes the
//! translations again and compares.
//!
//! Where each thing is bound, by our numbers in WGSL (group 0):
//!
//! | WGSL | SPIR-V, set 0 | GLSL 4.30, ES 3.10 | HLSL | MSL |
//! |---|---|---|---|---|
//! | 0 `source` | binding 0 | texture unit 0 | t0 | texture(0) |
//! | 1 `picture` | binding 1 | storage block 1 | u0 | |
//! | 1 `luma` | | | | texture(1) |
//! | 2 `params` | binding 2 | uniform block 2 | b0 | buffer(0) |
//! | 3 `chroma` | | | | texture(2) |
//!
//! GLSL 3.30 and ES 3.00 cannot say it: there a program is told by name, after linking: the sampler
//! `_group_0_binding_0_fs`, the uniform block `Params_block_0Fragment`. A test holds these names.

use naga::back::{glsl, hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Module, ResourceBinding, ShaderStage};

use crate::repository;

const SOURCE: ResourceBinding = ResourceBinding { group: 0, binding: 0 };
const PICTURE: ResourceBinding = ResourceBinding { group: 0, binding: 1 };
const LUMA: ResourceBinding = PICTURE;
const PARAMS: ResourceBinding = ResourceBinding { group: 0, binding: 2 };
const CHROMA: ResourceBinding = ResourceBinding { group: 0, binding: 3 };

struct Shader {
    module: Module,
    info: ModuleInfo,
}

fn read(name: &str) -> String {
    repository::read(&format!("src/graphics/shaders/{name}"))
}

/// A module: the common part, what a pixel is, and the file.
fn parse(shown: &str, name: &str, capabilities: Capabilities) -> Shader {
    let text = read("common.wgsl") + &read(shown) + &read(name);
    let module = naga::front::wgsl::parse_str(&text)
        .unwrap_or_else(|error| panic!("{name} after common.wgsl: {}", error.emit_to_string(&text)));
    let info = Validator::new(ValidationFlags::all(), capabilities)
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name} after common.wgsl: {}", error.emit_to_string(&text)));
    Shader { module, info }
}

impl Shader {
    /// A Rust expression: no binary lies in the repository.
    fn spirv(&self, entry_point: &str) -> String {
        // Every loop ends by itself, and nothing is read or written outside of what is bound: see common.wgsl.
        let options =
            spv::Options { flags: spv::WriterFlags::empty(), force_loop_bounding: false, ..spv::Options::default() };
        let pipeline = spv::PipelineOptions { shader_stage: ShaderStage::Compute, entry_point: entry_point.to_owned() };
        let words = spv::write_vec(&self.module, &self.info, &options, Some(&pipeline)).expect("SPIR-V");
        let lines = words.chunks(10).map(|line| {
            let words: Vec<String> = line.iter().map(|word| format!("{word:#010x}")).collect();
            format!("{},\n", words.join(", "))
        });
        format!(
            "// SPIR-V 1.0 of compute.wgsl, made by tests/generated/shaders.rs.\n&[\n{}]\n",
            lines.collect::<String>()
        )
    }

    fn glsl(&self, version: glsl::Version, shader_stage: ShaderStage, entry_point: &str) -> String {
        let can_bind =
            matches!(version, glsl::Version::Desktop(420..) | glsl::Version::Embedded { version: 310.., .. });
        let bindings = [(SOURCE, 0), (PICTURE, 1), (PARAMS, 2)];
        let options = glsl::Options {
            version,
            // As in WGSL, the first row drawn is the first in memory.
            writer_flags: glsl::WriterFlags::empty(),
            binding_map: bindings.into_iter().filter(|_| can_bind).collect(),
            ..glsl::Options::default()
        };
        let pipeline = glsl::PipelineOptions { shader_stage, entry_point: entry_point.to_owned(), multiview: None };
        let mut out = String::new();
        let policies = naga::proc::BoundsCheckPolicies::default();
        glsl::Writer::new(&mut out, &self.module, &self.info, &options, &pipeline, policies)
            .and_then(|mut writer| writer.write())
            .expect("GLSL");
        out
    }

    fn hlsl(&self) -> String {
        let target = |register| hlsl::BindTarget { register, ..hlsl::BindTarget::default() };
        let options = hlsl::Options {
            shader_model: hlsl::ShaderModel::V5_0,
            binding_map: [(SOURCE, target(0)), (PICTURE, target(0)), (PARAMS, target(0))].into_iter().collect(),
            fake_missing_bindings: false,
            restrict_indexing: false,
            force_loop_bounding: false,
            ..hlsl::Options::default()
        };
        let pipeline = hlsl::PipelineOptions::default();
        let mut out = String::new();
        let made = hlsl::Writer::new(&mut out, &options, &pipeline).write(&self.module, &self.info, None);
        let names = made.expect("HLSL").entry_point_names;
        assert!(matches!(&names[..], [Ok(name)] if name == "convert"), "{names:?}");
        out
    }

    fn msl(&self) -> String {
        let texture = |slot, mutable| msl::BindTarget { texture: Some(slot), mutable, ..msl::BindTarget::default() };
        let params = msl::BindTarget { buffer: Some(0), ..msl::BindTarget::default() };
        let resources = msl::EntryPointResources {
            resources: [
                (SOURCE, texture(0, false)),
                (LUMA, texture(1, true)),
                (CHROMA, texture(2, true)),
                (PARAMS, params),
            ]
            .into_iter()
            .collect(),
            ..msl::EntryPointResources::default()
        };
        let options = msl::Options {
            lang_version: (2, 0),
            per_entry_point_map: [("convert_planes".to_owned(), resources)].into_iter().collect(),
            fake_missing_bindings: false,
            force_loop_bounding: false,
            ..msl::Options::default()
        };
        let pipeline = msl::PipelineOptions::default();
        let (text, info) = msl::write_string(&self.module, &self.info, &options, &pipeline).expect("MSL");
        let names = info.entry_point_names;
        assert!(matches!(&names[..], [Ok(name)] if name == "convert_planes"), "{names:?}");
        text
    }
}

/// Every translation with its file name.
fn translations() -> Vec<(&'static str, String)> {
    let compute = parse("shown.wgsl", "compute.wgsl", Capabilities::empty());
    let plain = parse("plain.wgsl", "compute.wgsl", Capabilities::empty());
    let fragment = parse("shown.wgsl", "fragment.wgsl", Capabilities::empty());
    let plain_fragment = parse("plain.wgsl", "fragment.wgsl", Capabilities::empty());
    let planes = parse("shown.wgsl", "planes.wgsl", Capabilities::all());
    let (desktop, embedded) = (glsl::Version::Desktop, glsl::Version::new_gles);
    let (vertex, pixel) = ((ShaderStage::Vertex, "vertex_all"), (ShaderStage::Fragment, "fragment_all"));
    let text = |version, (stage, entry_point)| fragment.glsl(version, stage, entry_point);
    let plain_text = |version| plain_fragment.glsl(version, pixel.0, pixel.1);
    vec![
        ("compute.spv.rs", compute.spirv("convert")),
        ("compute_plain.spv.rs", plain.spirv("convert")),
        ("compute.430.glsl", compute.glsl(desktop(430), ShaderStage::Compute, "convert")),
        ("compute.310es.glsl", compute.glsl(embedded(310), ShaderStage::Compute, "convert")),
        ("compute_plain.430.glsl", plain.glsl(desktop(430), ShaderStage::Compute, "convert")),
        ("compute_plain.310es.glsl", plain.glsl(embedded(310), ShaderStage::Compute, "convert")),
        ("compute.hlsl", compute.hlsl()),
        ("fragment.330.vert.glsl", text(desktop(330), vertex)),
        ("fragment.330.frag.glsl", text(desktop(330), pixel)),
        ("fragment.300es.vert.glsl", text(embedded(300), vertex)),
        ("fragment.300es.frag.glsl", text(embedded(300), pixel)),
        ("fragment_plain.330.frag.glsl", plain_text(desktop(330))),
        ("fragment_plain.300es.frag.glsl", plain_text(embedded(300))),
        ("planes.metal", planes.msl()),
    ]
}

fn translation(name: &str) -> String {
    translations().into_iter().find(|(n, _)| *n == name).map(|(_, text)| text).expect(name)
}

#[test]
fn the_committed_translations_are_those_of_the_shaders() {
    for (name, text) in translations() {
        let text = text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
        repository::compare(&format!("src/graphics/shaders/{name}"), &text);
    }
}

#[test]
fn what_opengl_binds_by_name_has_the_names_that_are_documented() {
    for name in [
        "fragment.330.frag.glsl",
        "fragment.300es.frag.glsl",
        "fragment_plain.330.frag.glsl",
        "fragment_plain.300es.frag.glsl",
    ] {
        let text = translation(name);
        assert!(text.contains("sampler2D _group_0_binding_0_fs;"), "{name}");
        assert!(text.contains("uniform Params_block_0Fragment {"), "{name}");
    }
}

#[test]
fn every_explicit_binding_is_the_documented_one() {
    const GLSL: [&str; 3] =
        ["layout(binding = 0) uniform ", "layout(std430, binding = 1) buffer ", "layout(std140, binding = 2) uniform "];
    for (name, bindings) in [
        ("compute.430.glsl", &GLSL as &[&str]),
        ("compute.310es.glsl", &GLSL),
        ("compute_plain.430.glsl", &GLSL),
        ("compute_plain.310es.glsl", &GLSL),
        ("compute.hlsl", &["register(t0)", "register(u0)", "register(b0)"]),
        ("planes.metal", &["[[texture(0)]]", "[[texture(1)]]", "[[texture(2)]]", "[[buffer(0)]]"]),
    ] {
        let text = translation(name);
        for binding in bindings {
            assert!(text.contains(binding), "{name} lacks {binding}");
        }
    }
}

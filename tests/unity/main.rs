//! The plugin within Unity, played by a host in C (tests/unity-host): real devices, Unity's calls in Unity's order and on
//! Unity's threads, and every picture that reaches the encoder compared with what was drawn.
//!
//! `host` (the C host), `watched` (a streamer with a viewer and an encoder that compares), `pictures`, `lifecycle`,
//! `hostility`, `program` (the host as a program, with the shared library), `measure`.
#![cfg(target_os = "linux")]

mod hostility;
mod lifecycle;
mod measure;
mod pictures;
mod program;

mod host;
#[path = "../graphics/oracle.rs"]
mod oracle;
#[path = "../graphics/picture.rs"]
mod picture;
#[path = "../bench/table.rs"]
mod table;
#[path = "../support/viewer.rs"]
#[allow(dead_code)] // support files serve several programs
mod viewer;
mod watched;

use host::{Host, Options, Use};

/// Vulkan as a present Unity lends it.
const VULKAN: Options = Options {
    renderer: host::VULKAN,
    vulkan_versions: 3,
    validate: 1,
    events_on_render: 0,
    leave_pass_open: 1,
    ignore_config: 0,
};
const GL: Options = Options { renderer: host::GL_CORE, vulkan_versions: 0, validate: 0, ..VULKAN };

const WIDTH: u32 = 320;
const HEIGHT: u32 = 180;

/// A host with the plugin loaded before its device, and one texture. None, loudly: no such device here.
fn started(options: Options) -> Option<Host> {
    let host = Host::new(options)?;
    host.load_plugin();
    if !host.make_device() {
        return None;
    }
    host.texture(0, WIDTH, HEIGHT);
    Some(host)
}

/// Texture 0 for one streamer, as it is.
fn whole(streamer: u32) -> [Use; 1] {
    [Use { streamer, ..Default::default() }]
}

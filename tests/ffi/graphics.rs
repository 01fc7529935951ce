//! What a host gets for wrong graphics arguments. The right ones are in tests/graphics.

use rendercast::ffi::graphics::*;
use rendercast::ffi::status::*;

use crate::{create, last_error, shared, sized};

fn device(api: u32) -> rendercast_graphics_device {
    rendercast_graphics_device { api, ..sized() }
}

fn open(device: &rendercast_graphics_device) -> (i32, u32) {
    let mut handle = 7;
    let status = unsafe { rendercast_create_graphics(device, &mut handle) };
    (status, handle)
}

#[test]
fn a_device_without_what_its_api_needs_is_refused_by_name() {
    assert_eq!(open(&device(0)), (RENDERCAST_INVALID_ARGUMENT, 0));
    assert_eq!(open(&device(6)), (RENDERCAST_INVALID_ARGUMENT, 0));
    assert_eq!(open(&rendercast_graphics_device { flags: 2, ..device(1) }), (RENDERCAST_INVALID_ARGUMENT, 0));
    for (api, name) in [(1, "device"), (2, "get_proc_address"), (3, "device"), (4, "device"), (5, "device")] {
        assert_eq!(open(&device(api)), (RENDERCAST_NULL_POINTER, 0));
        assert_eq!(last_error(), format!("rendercast_create_graphics: {name} is NULL"));
    }
    let mut handle = 7;
    let statuses = unsafe {
        [
            rendercast_create_graphics(std::ptr::null(), &mut handle),
            rendercast_create_graphics(&device(1), std::ptr::null_mut()),
            rendercast_create_graphics(&rendercast_graphics_device { size: 9, ..device(1) }, &mut handle),
        ]
    };
    assert_eq!(statuses, [RENDERCAST_NULL_POINTER, RENDERCAST_NULL_POINTER, RENDERCAST_STRUCT_SIZE]);
}

#[test]
fn a_texture_for_nobody_or_of_a_stale_device_is_refused() {
    let _process = shared();
    let streamer = create();
    let texture = rendercast_texture { texture: 1, width: 16, height: 16, ..sized() };
    let push = |streamer, graphics, texture: &rendercast_texture| unsafe {
        rendercast_push_texture(streamer, graphics, texture)
    };
    assert_eq!(push(streamer.0, 0, &texture), RENDERCAST_INVALID_HANDLE);
    assert_eq!(
        last_error(),
        "rendercast_push_texture: graphics device 0x0 is not alive: it was destroyed or never created"
    );
    assert_eq!(push(streamer.0, streamer.0, &texture), RENDERCAST_INVALID_HANDLE);
    assert_eq!(push(0, 1, &texture), RENDERCAST_INVALID_HANDLE);
    assert_eq!(push(streamer.0, 1, &rendercast_texture { flags: 16, ..texture }), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(unsafe { rendercast_push_texture(streamer.0, 1, std::ptr::null()) }, RENDERCAST_NULL_POINTER);
    assert_eq!(rendercast_destroy_graphics(1), RENDERCAST_INVALID_HANDLE);
}

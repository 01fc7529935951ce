//! The C examples of README.md compile against include/rendercast.h.

use std::path::Path;
use std::process::Command;

use crate::library::{ROOT, scratch};

/// What the host of the examples has: a way to draw, a streamer, Vulkan.
const HOST: &str = "void draw(uint8_t *pixels, uint32_t stride);
extern rendercast_streamer streamer;
extern void *instance, *physical_device, *vk_device, *queue, *image;
extern uint32_t family, viewer;
extern rendercast_video_frame picture;
void vkGetInstanceProcAddr(void);
enum { VK_FORMAT_B8G8R8A8_UNORM = 44, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL = 5 };
";

/// Includes stay at the top, the statements go into a function of a host that can draw.
fn program(example: &str) -> String {
    let (includes, statements): (Vec<&str>, Vec<&str>) = example.lines().partition(|line| line.starts_with("#include"));
    format!(
        "{}\n#include <stdio.h>\n\n{HOST}\nint main(void) {{\n{}\nreturn 0;\n}}\n",
        includes.join("\n"),
        statements.join("\n")
    )
}

#[test]
fn readme_examples_compile_as_c99_without_warnings() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let blocks: Vec<&str> =
        readme.split("```c\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect();
    assert!(!blocks.is_empty(), "README.md has no C example");
    let dir = scratch("readme");
    for (number, block) in blocks.iter().enumerate() {
        assert!(
            block.contains("#include <rendercast.h>"),
            "C example {number} of README.md does not include the header"
        );
        let source = dir.join(format!("readme-{number}.c"));
        std::fs::write(&source, program(block)).expect("a scratch file");
        let mut command = Command::new("cc");
        command.args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"]);
        match command.arg(Path::new(ROOT).join("include")).arg(&source).output() {
            Err(error) => eprintln!("SKIPPED: no cc here ({error}); the C example of README.md was not compiled"),
            Ok(out) => assert!(out.status.success(), "README.md: {}", String::from_utf8_lossy(&out.stderr)),
        }
    }
}

//! What Godot calls when it loads the library.

#![allow(unsafe_code)]

use godot::init::{ExtensionLibrary, gdextension};

struct RenderCast;

// SAFETY: the library is loaded by Godot alone, as the trait asks.
#[gdextension]
unsafe impl ExtensionLibrary for RenderCast {}

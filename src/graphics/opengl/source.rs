//! The host's texture, bound and asked whether it is what the host says.

#![allow(unsafe_code)]

use std::num::NonZeroU32;

use glow::HasContext;

use super::context::{Context, failed};
use super::format::Format;
use crate::graphics::{Api, GraphicsError, Texture, Transfer};
use crate::units::Size;

/// How a source is read.
#[derive(Debug)]
pub struct Sampler(glow::Sampler);

impl Sampler {
    /// One without mipmaps, so that a texture is complete without them, whatever its own filter is.
    pub fn new(context: &Context) -> Result<Self, GraphicsError> {
        let gl = &context.gl;
        // SAFETY: the context is current and knows the parameters.
        unsafe {
            let sampler = gl.create_sampler().map_err(|_| failed("glGenSamplers", 0))?;
            for filter in [glow::TEXTURE_MIN_FILTER, glow::TEXTURE_MAG_FILTER] {
                gl.sampler_parameter_i32(sampler, filter, glow::NEAREST as i32);
            }
            Ok(Self(sampler))
        }
    }

    pub fn destroy(&self, context: &Context) {
        // SAFETY: it is our own, and bound only while a picture is recorded.
        unsafe { context.gl.delete_sampler(self.0) };
    }
}

/// A texture's name, where it is a texture of this context. Asked before anything is bound: one that the host has
/// deleted is an error of ours, and none of the context's.
pub fn name(context: &Context, texture: &Texture) -> Result<glow::Texture, GraphicsError> {
    let name = u32::try_from(texture.handle).ok().and_then(NonZeroU32::new).map(glow::NativeTexture);
    // SAFETY: any number may be asked.
    name.filter(|name| unsafe { context.gl.is_texture(*name) }).ok_or(failed("glIsTexture", 0))
}

/// Binds a texture to the active unit, checks it, and says how its values are to be taken.
pub fn bind(
    context: &Context,
    sampler: &Sampler,
    name: glow::Texture,
    texture: &Texture,
    wanted: Transfer,
) -> Result<Transfer, GraphicsError> {
    let gl = &context.gl;
    let not_taken = |format| GraphicsError::TextureFormat { api: Api::OpenGl, format };
    let stated = match texture.format {
        0 => None,
        number => Some(Format::of(number).ok_or(not_taken(number))?),
    };
    // SAFETY: the name is a texture's; binding it changes nothing that is not given back.
    unsafe {
        gl.bind_texture(glow::TEXTURE_2D, Some(name));
        if gl.get_parameter_texture(glow::TEXTURE_BINDING_2D) != Some(name) {
            // A multisampled one, or another target's. The context has noted an error that is ours to take back.
            gl.get_error();
            return Err(not_taken(texture.format));
        }
        gl.bind_sampler(super::state::UNIT - glow::TEXTURE0, Some(sampler.0));
    }
    if !context.features.level_queries {
        // OpenGL ES 3.0 cannot be asked.
        return Ok(stated.map_or(wanted, |format| format.transfer(wanted)));
    }
    // SAFETY: a 2D texture is bound; every level may be asked.
    let (size, number) = unsafe {
        // The level that the shader reads as its first.
        let base = gl.get_tex_parameter_i32(glow::TEXTURE_2D, glow::TEXTURE_BASE_LEVEL);
        let of = |parameter| gl.get_tex_level_parameter_i32(glow::TEXTURE_2D, base, parameter) as u32;
        (Size::new(of(glow::TEXTURE_WIDTH), of(glow::TEXTURE_HEIGHT)), of(glow::TEXTURE_INTERNAL_FORMAT))
    };
    if size != texture.size {
        return Err(GraphicsError::TextureShape { given: texture.size, actual: size });
    }
    match Format::of(number) {
        Some(format) if stated.is_none_or(|stated| stated == format) => Ok(format.transfer(wanted)),
        _ => Err(not_taken(number)),
    }
}

//! The conversion shader, compiled by Metal for the host's device.

use objc2::rc::Retained;
use objc2::runtime::ProtocolObject;
use objc2_foundation::{NSError, ns_string};
use objc2_metal::{MTLComputePipelineState, MTLDevice, MTLLibrary};

use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;

/// Compiles the shader. Takes milliseconds, so not for every picture.
pub fn compile(
    device: &ProtocolObject<dyn MTLDevice>,
) -> Result<Retained<ProtocolObject<dyn MTLComputePipelineState>>, GraphicsError> {
    let source = objc2_foundation::NSString::from_str(include_str!("../shaders/planes.metal"));
    let library =
        device.newLibraryWithSource_options_error(&source, None).map_err(|error| unavailable(&describe(&error)))?;
    let function = library
        .newFunctionWithName(ns_string!("convert_planes"))
        .ok_or_else(|| unavailable("the shader has no convert_planes"))?;
    device.newComputePipelineStateWithFunction_error(&function).map_err(|error| unavailable(&describe(&error)))
}

pub fn unavailable(reason: &str) -> GraphicsError {
    GraphicsError::Unavailable { api: Api::Metal, reason: reason.to_owned() }
}

fn describe(error: &NSError) -> String {
    error.localizedDescription().to_string().replace('\n', "; ")
}

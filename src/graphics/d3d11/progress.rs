//! How the GPU says that it has finished, without a wait or a flush: a fence where the system has them (Windows 10, 1703),
//! else an event query.

#![allow(unsafe_code)]

use windows::Win32::Graphics::Direct3D11::{
    D3D11_ASYNC_GETDATA_DONOTFLUSH, D3D11_FENCE_FLAG_NONE, D3D11_QUERY_DESC, D3D11_QUERY_EVENT, ID3D11Device,
    ID3D11Device5, ID3D11DeviceContext1, ID3D11DeviceContext4, ID3D11Fence, ID3D11Query,
};
use windows::core::{BOOL, Interface};

use crate::graphics::dxgi::failed;
use crate::graphics::{Api, GraphicsError};

const API: Api = Api::D3d11;

/// How this device tells.
#[derive(Debug)]
pub enum Progress {
    Fence { context: ID3D11DeviceContext4, fence: ID3D11Fence, last: u64 },
    Query,
}

/// What tells of one slot's last recording.
#[derive(Debug)]
pub enum Mark {
    Value(u64),
    Query(ID3D11Query),
}

impl Progress {
    pub fn new(device: &ID3D11Device, context: &ID3D11DeviceContext1) -> Self {
        Self::with_fence(device, context).unwrap_or(Self::Query)
    }

    fn with_fence(device: &ID3D11Device, context: &ID3D11DeviceContext1) -> Option<Self> {
        let device: ID3D11Device5 = device.cast().ok()?;
        let context = context.cast().ok()?;
        let mut fence = None;
        // SAFETY: the device lives, and the place for the fence too.
        unsafe { device.CreateFence(0, D3D11_FENCE_FLAG_NONE, &raw mut fence).ok()? };
        Some(Self::Fence { context, fence: fence?, last: 0 })
    }

    pub fn create_mark(&self, device: &ID3D11Device) -> Result<Mark, GraphicsError> {
        if matches!(self, Self::Fence { .. }) {
            return Ok(Mark::Value(0));
        }
        let desc = D3D11_QUERY_DESC { Query: D3D11_QUERY_EVENT, MiscFlags: 0 };
        let mut query = None;
        // SAFETY: the device lives, and both places too.
        unsafe { device.CreateQuery(&raw const desc, Some(&raw mut query)) }.map_err(failed(API, "CreateQuery"))?;
        query.map(Mark::Query).ok_or(GraphicsError::Call { api: API, call: "CreateQuery", code: 0 })
    }

    /// Marks the end of what was recorded until now.
    pub fn set(&mut self, context: &ID3D11DeviceContext1, mark: &mut Mark) -> Result<(), GraphicsError> {
        match (self, mark) {
            (Self::Fence { context, fence, last }, Mark::Value(value)) => {
                *last += 1;
                *value = *last;
                // SAFETY: both belong to the same device.
                unsafe { context.Signal(&*fence, *last) }.map_err(failed(API, "ID3D11DeviceContext4::Signal"))
            }
            (_, Mark::Query(query)) => {
                // SAFETY: as above.
                unsafe { context.End(&*query) };
                Ok(())
            }
            (Self::Query, Mark::Value(_)) => Ok(()),
        }
    }

    /// Whether the GPU has passed the mark.
    pub fn is_done(&self, context: &ID3D11DeviceContext1, mark: &Mark) -> Result<bool, GraphicsError> {
        match (self, mark) {
            (Self::Fence { fence, .. }, Mark::Value(value)) => {
                // SAFETY: the fence lives.
                match unsafe { fence.GetCompletedValue() } {
                    // What fences of a removed device say.
                    u64::MAX => Err(GraphicsError::DeviceLost { api: API }),
                    completed => Ok(completed >= *value),
                }
            }
            (_, Mark::Query(query)) => {
                let mut done = BOOL(0);
                let place = (&raw mut done).cast();
                let flags = D3D11_ASYNC_GETDATA_DONOTFLUSH.0.cast_unsigned();
                // SAFETY: the query is an event query, whose answer is a BOOL; while there is none, it is left alone.
                unsafe { context.GetData(query, Some(place), size_of::<BOOL>() as u32, flags) }
                    .map_err(failed(API, "GetData"))?;
                Ok(done.as_bool())
            }
            (Self::Query, Mark::Value(_)) => Ok(true),
        }
    }
}

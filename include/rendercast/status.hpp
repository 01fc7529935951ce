/* Statuses of the library, by name.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>

#include "rendercast.h"

namespace rendercast {

/// What a call came to: the C ABI's statuses. Negative ones are thrown as `rendercast::Error`; positive ones mean "not now", which
/// functions tell by `false` or an empty `std::optional`.
enum class StatusCode : std::int32_t {
    /// Done.
    ok = RENDERCAST_OK,
    /// There is nothing to take now: no event, no input, no link yet.
    empty = RENDERCAST_EMPTY,
    /// Every buffer is in use. A frame or block was dropped and counted: push the next one as usual. A message was not
    /// taken: send it again later.
    would_block = RENDERCAST_WOULD_BLOCK,
    /// A pointer that must point somewhere is NULL.
    null_pointer = RENDERCAST_NULL_POINTER,
    /// The handle is stale or was never given: its object was destroyed, or the lent frame was committed or discarded.
    invalid_handle = RENDERCAST_INVALID_HANDLE,
    /// An earlier call on this object hit a defect of the library. Only rendercast_destroy still works on it.
    poisoned = RENDERCAST_POISONED,
    /// This call hit a defect of the library. The object is poisoned, the process and other objects are unharmed.
    panic = RENDERCAST_PANIC,
    /// The structure's `size` field is not the size of any version of it that this library knows.
    struct_size = RENDERCAST_STRUCT_SIZE,
    /// A text is not UTF-8, or has no NUL in its first 1048576 bytes.
    invalid_text = RENDERCAST_INVALID_TEXT,
    /// The configuration cannot be used. rendercast_last_error names the key and the accepted range.
    invalid_config = RENDERCAST_INVALID_CONFIG,
    /// An argument is outside its range, or a flag is unknown. rendercast_last_error names it.
    invalid_argument = RENDERCAST_INVALID_ARGUMENT,
    /// The picture's width or height is outside 1 to 16384 pixels, or not the texture's own.
    picture_size = RENDERCAST_PICTURE_SIZE,
    /// The pixel format is none of RENDERCAST_FORMAT_*.
    pixel_format = RENDERCAST_PIXEL_FORMAT,
    /// A stride is smaller than one row of its plane, or larger than 1048576 bytes.
    stride = RENDERCAST_STRIDE,
    /// The sample rate, the channel count or the length of the audio block is outside its range.
    audio_block = RENDERCAST_AUDIO_BLOCK,
    /// The caller's buffer is too small. `needed` says how large it has to be.
    buffer_too_small = RENDERCAST_BUFFER_TOO_SMALL,
    /// The streamer was started before.
    already_started = RENDERCAST_ALREADY_STARTED,
    /// The system refused a thread, a socket or memory.
    no_resources = RENDERCAST_NO_RESOURCES,
    /// Too many objects of this kind are alive at once: 64 streamers, 8 lent frames or 15 sources of one streamer, 16
    /// graphics devices, 32 data channels or 16 video tracks of one viewer, or `peer.max_viewers` viewers.
    too_many = RENDERCAST_TOO_MANY,
    /// A pointer to float samples is not aligned to 4 bytes.
    unaligned = RENDERCAST_UNALIGNED,
    /// The graphics API is not in this build, or the device lacks something.
    graphics_unavailable = RENDERCAST_GRAPHICS_UNAVAILABLE,
    /// The graphics device is lost. Destroy it and create another; streaming goes on with the next picture.
    device_lost = RENDERCAST_DEVICE_LOST,
    /// The texture's format, or what it may be used for, is not one that is taken.
    texture_format = RENDERCAST_TEXTURE_FORMAT,
    /// A call of the graphics API failed. The picture was dropped and counted.
    graphics_failed = RENDERCAST_GRAPHICS_FAILED,
    /// The viewer is not connected, or has no open data channel with this label, or no data channel has this number.
    no_channel = RENDERCAST_NO_CHANNEL,
    /// No embedded server and no signaling client of the call protocol runs.
    no_calls = RENDERCAST_NO_CALLS,
    /// The streamer is not started.
    not_started = RENDERCAST_NOT_STARTED,
    /// No viewer with this number is here.
    no_viewer = RENDERCAST_NO_VIEWER,
    /// The streamer has no source with this number: it was destroyed or never created.
    no_source = RENDERCAST_NO_SOURCE,
    /// None of the codecs has an encoder that works on this machine.
    no_codec = RENDERCAST_NO_CODEC,
    /// The viewer has no sender of this number, or not one that this can be done with.
    no_sender = RENDERCAST_NO_SENDER,
    /// The data channel is not open: connecting, closing or closed.
    channel_not_open = RENDERCAST_CHANNEL_NOT_OPEN,
    /// The id is that of another data channel of this viewer.
    channel_id_in_use = RENDERCAST_CHANNEL_ID_IN_USE,
    /// The message is longer than the viewer takes.
    message_too_long = RENDERCAST_MESSAGE_TOO_LONG,
    /// What is asked for cannot change any more (W3C InvalidModificationError). rendercast_last_error names the key.
    invalid_modification = RENDERCAST_INVALID_MODIFICATION,
    /// A certificate's file cannot be read or written, is damaged, or has expired. rendercast_last_error names it.
    certificate = RENDERCAST_CERTIFICATE,
    /// It is W3C's, and not supported (W3C NotSupportedError). rendercast_last_error says why.
    not_supported = RENDERCAST_NOT_SUPPORTED,
    /// The viewer came by a signaling protocol: the library negotiates for it.
    not_host_negotiated = RENDERCAST_NOT_HOST_NEGOTIATED,
    /// It cannot be done in this state of the connection, or never again (W3C InvalidStateError).
    invalid_state = RENDERCAST_INVALID_STATE,
    /// It is no session description, does not fit the other one, or is not ours (W3C sdp-syntax-error,
    /// InvalidAccessError, InvalidModificationError).
    invalid_description = RENDERCAST_INVALID_DESCRIPTION,
    /// An operation on a connection failed (W3C OperationError).
    operation_failed = RENDERCAST_OPERATION_FAILED,
};

} // namespace rendercast

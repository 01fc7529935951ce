using System;
using Rendercast.Streaming.Interop;

namespace Rendercast.Streaming
{
    /// <summary>What a call came to: 0 is done, positive is "not now" (nothing is wrong), negative is a failure.</summary>
    /// <remarks>The numbers are those of rendercast.h. A newer library may return numbers that are not named here.</remarks>
    public enum Status
    {
        Ok = NativeMethods.RENDERCAST_OK,
        /// <summary>There is nothing to take now.</summary>
        Empty = NativeMethods.RENDERCAST_EMPTY,
        /// <summary>Every buffer is in use. A frame or block was dropped and counted; a message was not taken: send it again later.</summary>
        WouldBlock = NativeMethods.RENDERCAST_WOULD_BLOCK,
        NullPointer = NativeMethods.RENDERCAST_NULL_POINTER,
        /// <summary>The streamer was disposed of, or everything was shut down.</summary>
        InvalidHandle = NativeMethods.RENDERCAST_INVALID_HANDLE,
        Poisoned = NativeMethods.RENDERCAST_POISONED,
        Panic = NativeMethods.RENDERCAST_PANIC,
        StructSize = NativeMethods.RENDERCAST_STRUCT_SIZE,
        InvalidText = NativeMethods.RENDERCAST_INVALID_TEXT,
        InvalidConfig = NativeMethods.RENDERCAST_INVALID_CONFIG,
        InvalidArgument = NativeMethods.RENDERCAST_INVALID_ARGUMENT,
        PictureSize = NativeMethods.RENDERCAST_PICTURE_SIZE,
        PixelFormat = NativeMethods.RENDERCAST_PIXEL_FORMAT,
        Stride = NativeMethods.RENDERCAST_STRIDE,
        AudioBlock = NativeMethods.RENDERCAST_AUDIO_BLOCK,
        BufferTooSmall = NativeMethods.RENDERCAST_BUFFER_TOO_SMALL,
        AlreadyStarted = NativeMethods.RENDERCAST_ALREADY_STARTED,
        NoResources = NativeMethods.RENDERCAST_NO_RESOURCES,
        TooMany = NativeMethods.RENDERCAST_TOO_MANY,
        Unaligned = NativeMethods.RENDERCAST_UNALIGNED,
        GraphicsUnavailable = NativeMethods.RENDERCAST_GRAPHICS_UNAVAILABLE,
        DeviceLost = NativeMethods.RENDERCAST_DEVICE_LOST,
        TextureFormat = NativeMethods.RENDERCAST_TEXTURE_FORMAT,
        GraphicsFailed = NativeMethods.RENDERCAST_GRAPHICS_FAILED,
        /// <summary>The viewer is not connected, or has no open data channel with this label.</summary>
        NoChannel = NativeMethods.RENDERCAST_NO_CHANNEL,
        /// <summary>The signaling protocol has no calls, or the streamer is not started.</summary>
        NoCalls = NativeMethods.RENDERCAST_NO_CALLS,
        /// <summary>The streamer is not started.</summary>
        NotStarted = NativeMethods.RENDERCAST_NOT_STARTED,
        /// <summary>No viewer with this number is here.</summary>
        NoViewer = NativeMethods.RENDERCAST_NO_VIEWER,
        /// <summary>The streamer has no source with this number.</summary>
        NoSource = NativeMethods.RENDERCAST_NO_SOURCE,
        /// <summary>None of the codecs has an encoder that works on this machine.</summary>
        NoCodec = NativeMethods.RENDERCAST_NO_CODEC,
        /// <summary>The viewer has no sender of this number, or not one that this can be done with.</summary>
        NoSender = NativeMethods.RENDERCAST_NO_SENDER,
        /// <summary>The data channel is connecting, closing or closed.</summary>
        ChannelNotOpen = NativeMethods.RENDERCAST_CHANNEL_NOT_OPEN,
        ChannelIdInUse = NativeMethods.RENDERCAST_CHANNEL_ID_IN_USE,
        /// <summary>The message is longer than the viewer takes.</summary>
        MessageTooLong = NativeMethods.RENDERCAST_MESSAGE_TOO_LONG,
        /// <summary>What is asked for cannot change any more.</summary>
        InvalidModification = NativeMethods.RENDERCAST_INVALID_MODIFICATION,
        /// <summary>A certificate's file cannot be read or written, is damaged, or has expired.</summary>
        Certificate = NativeMethods.RENDERCAST_CERTIFICATE,
        /// <summary>It is W3C's, and not supported.</summary>
        NotSupported = NativeMethods.RENDERCAST_NOT_SUPPORTED,
        /// <summary>The viewer came by a signaling protocol: the library negotiates for it.</summary>
        NotHostNegotiated = NativeMethods.RENDERCAST_NOT_HOST_NEGOTIATED,
        /// <summary>It cannot be done in this state of the connection.</summary>
        InvalidState = NativeMethods.RENDERCAST_INVALID_STATE,
        InvalidDescription = NativeMethods.RENDERCAST_INVALID_DESCRIPTION,
        OperationFailed = NativeMethods.RENDERCAST_OPERATION_FAILED,
    }

    /// <summary>A call failed. The message is the library's own: it names the key or argument and its range.</summary>
    public sealed class RendercastException : Exception
    {
        /// <summary>Always negative.</summary>
        public Status Status { get; }

        public RendercastException(Status status, string message) : base(message)
        {
            Status = status;
        }
    }

    public static class StatusExtensions
    {
        /// <summary>Throws with the library's text where the status is a failure. On the thread that made the call only.</summary>
        /// <exception cref="RendercastException">The status is negative.</exception>
        public static Status ThrowIfFailed(this Status status)
        {
            if ((int)status < 0) throw new RendercastException(status, Library.LastError(status));
            return status;
        }
    }
}

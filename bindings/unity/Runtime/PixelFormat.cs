using Rendercast.Streaming.Interop;

namespace Rendercast.Streaming
{
    /// <summary>How the bytes of a pushed picture lie, one plane.</summary>
    public enum PixelFormat : uint
    {
        /// <summary>Unity's TextureFormat.RGBA32.</summary>
        Rgba8 = NativeMethods.RENDERCAST_FORMAT_RGBA8,
        /// <summary>Unity's TextureFormat.BGRA32.</summary>
        Bgra8 = NativeMethods.RENDERCAST_FORMAT_BGRA8,
        /// <summary>Unity's TextureFormat.RGB24.</summary>
        Rgb8 = NativeMethods.RENDERCAST_FORMAT_RGB8
    }
}

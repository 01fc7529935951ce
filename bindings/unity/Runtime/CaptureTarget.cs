using System;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>A render texture of ours, and its native pointer, which is fetched once: asking waits for the render thread.</summary>
    internal sealed class CaptureTarget
    {
        RenderTexture _texture;
        Texture _asked;
        Vector2Int _askedSize;
        IntPtr _pointer;

        /// <summary>Null before the first <see cref="Ensure"/>.</summary>
        internal RenderTexture Texture
        {
            get { return _texture; }
        }

        /// <summary>Makes the texture as wished. The one before is released.</summary>
        /// <returns>Whether it is another one now.</returns>
        internal bool Ensure(string name, Vector2Int size, int depth, int antiAliasing, bool hdr)
        {
            var format = hdr ? RenderTextureFormat.ARGBHalf : RenderTextureFormat.ARGB32;
            var same = _texture != null && _texture.width == size.x && _texture.height == size.y && _texture.depth == depth
                && _texture.antiAliasing == antiAliasing && _texture.format == format;
            // A texture is lost with its graphics device.
            if (same && _texture.IsCreated()) return false;
            Release();
            _texture = new RenderTexture(size.x, size.y, depth, format, RenderTextureReadWrite.Default)
            {
                name = name,
                antiAliasing = antiAliasing,
                hideFlags = HideFlags.HideAndDontSave
            };
            _texture.Create();
            return true;
        }

        /// <summary>The native pointer of a texture, ours or not.</summary>
        internal IntPtr PointerOf(Texture texture)
        {
            var size = new Vector2Int(texture.width, texture.height);
            if (_asked != texture || _askedSize != size || _pointer == IntPtr.Zero)
            {
                _asked = texture;
                _askedSize = size;
                _pointer = texture.GetNativeTexturePtr();
            }
            return _pointer;
        }

        /// <summary>The texture may have got another native one without changing its size.</summary>
        internal void ForgetPointer()
        {
            _asked = null;
            _pointer = IntPtr.Zero;
        }

        internal void Release()
        {
            ForgetPointer();
            if (_texture == null) return;
            _texture.Release();
            if (Application.isPlaying) UnityEngine.Object.Destroy(_texture);
            else UnityEngine.Object.DestroyImmediate(_texture);
            _texture = null;
        }
    }
}

// A stand-in for Unity's engine, for tests only: numbers, textures, cameras, sound and reading back.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Unity.Collections;

namespace UnityEngine
{
    public struct Vector2
    {
        public float x, y;
        public Vector2(float x, float y) { this.x = x; this.y = y; }
        public static Vector2 zero { get { return new Vector2(); } }
        public static Vector2 operator -(Vector2 a, Vector2 b) { return new Vector2(a.x - b.x, a.y - b.y); }
        public override string ToString() { return x + "," + y; }
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
    }

    public struct Vector2Int : IEquatable<Vector2Int>
    {
        public int x { get; set; }
        public int y { get; set; }
        public Vector2Int(int x, int y) : this() { this.x = x; this.y = y; }
        public static Vector2Int zero { get { return new Vector2Int(); } }
        public static bool operator ==(Vector2Int a, Vector2Int b) { return a.Equals(b); }
        public static bool operator !=(Vector2Int a, Vector2Int b) { return !a.Equals(b); }
        public bool Equals(Vector2Int other) { return x == other.x && y == other.y; }
        public override bool Equals(object other) { return other is Vector2Int && Equals((Vector2Int)other); }
        public override int GetHashCode() { return x * 31 + y; }
        public override string ToString() { return x + " x " + y; }
    }

    public struct Rect
    {
        public float x { get; set; }
        public float y { get; set; }
        public float width { get; set; }
        public float height { get; set; }
        public Rect(float x, float y, float width, float height) : this() { this.x = x; this.y = y; this.width = width; this.height = height; }
    }

    public static class Mathf
    {
        public static int Clamp(int value, int min, int max) { return Math.Max(min, Math.Min(max, value)); }
        public static int Max(int a, int b) { return Math.Max(a, b); }
        public static float Abs(float a) { return Math.Abs(a); }
    }

    public enum RenderTextureFormat { ARGB32, ARGBHalf, ARGBFloat }
    public enum RenderTextureReadWrite { Default, Linear, sRGB }
    public enum TextureFormat { RGBA32 }
    public enum ColorSpace { Gamma, Linear }

    public static class QualitySettings { public static ColorSpace activeColorSpace; }

    public static class Screen { public static int width = 320, height = 180; }

    public static class SystemInfo
    {
        public static Rendering.GraphicsDeviceType graphicsDeviceType = Rendering.GraphicsDeviceType.Vulkan;
        public static bool supportsAsyncGPUReadback = true;
        public static bool graphicsUVStartsAtTop = true;
    }

    /// <summary>RGBA in memory that does not move; the first row is the bottom one. It stands for the GPU's.</summary>
    public class Texture : Object
    {
        public static int NativePointersAsked;
        protected IntPtr pixels;
        public virtual int width { get; set; }
        public virtual int height { get; set; }
        public IntPtr Pixels { get { return pixels; } }

        public IntPtr GetNativeTexturePtr()
        {
            NativePointersAsked++;
            return pixels;
        }

        public unsafe void Fill(byte red, byte green, byte blue)
        {
            var to = (byte*)pixels;
            for (var at = 0; at < width * height; at++, to += 4)
            {
                to[0] = red;
                to[1] = green;
                to[2] = blue;
                to[3] = 255;
            }
        }
    }

    public class RenderTexture : Texture
    {
        public static int Alive;
        public static RenderTexture active { get; set; }
        public RenderTexture(int width, int height, int depth, RenderTextureFormat format, RenderTextureReadWrite readWrite)
        {
            this.width = width;
            this.height = height;
            this.depth = depth;
            this.format = format;
            antiAliasing = 1;
        }

        public int depth { get; set; }
        public int antiAliasing { get; set; }
        public RenderTextureFormat format { get; set; }
        public bool IsCreated() { return pixels != IntPtr.Zero; }

        public bool Create()
        {
            if (IsCreated()) return true;
            Alive++;
            pixels = Marshal.AllocHGlobal(width * height * 4);
            Fill(0, 0, 0);
            return true;
        }

        public void Release()
        {
            if (!IsCreated()) return;
            Alive--;
            Marshal.FreeHGlobal(pixels);
            pixels = IntPtr.Zero;
        }
    }

    public sealed class Camera : Behaviour
    {
        public RenderTexture targetTexture { get; set; }
        public static int Frame;

        /// <summary>Every camera paints its texture: the lower half dark, the upper half bright, in turning colours.</summary>
        internal static unsafe void RenderAll()
        {
            Frame++;
            for (var at = 0; at < StubPlayer.World.Count; at++)
            {
                var camera = StubPlayer.World[at].GetComponent(typeof(Camera)) as Camera;
                if (ReferenceEquals(camera, null) || !camera.isActiveAndEnabled || ReferenceEquals(camera.targetTexture, null)) continue;
                Paint(camera.targetTexture);
            }
        }

        internal static unsafe void Paint(RenderTexture texture)
        {
            texture.Create();
            var to = (uint*)texture.Pixels;
            var half = texture.width * texture.height / 2;
            var turning = (uint)(Frame * 3 & 63);
            for (var at = 0; at < half; at++) to[at] = 0xFF000000 | turning;
            for (var at = half; at < half * 2; at++) to[at] = 0xFFC0C0C0 + turning;
        }
    }

    public sealed class Light : Behaviour { public LightType type { get; set; } }

    public static class ScreenCapture
    {
        public static void CaptureScreenshotIntoRenderTexture(RenderTexture texture) { Camera.Paint(texture); }
    }

    public static class Graphics
    {
        /// <summary>Scales by taking the nearest.</summary>
        public static unsafe void Blit(Texture source, RenderTexture to)
        {
            to.Create();
            RenderTexture.active = to;
            for (var y = 0; y < to.height; y++)
                for (var x = 0; x < to.width; x++)
                    ((uint*)to.Pixels)[y * to.width + x] =
                        ((uint*)source.Pixels)[y * source.height / to.height * source.width + x * source.width / to.width];
        }

        /// <summary>The render thread does it at once.</summary>
        public static void ExecuteCommandBuffer(Rendering.CommandBuffer buffer) { buffer.Execute(); }
    }

    public sealed class GUIStyle { }
    public sealed class GUILayoutOption { }
    public static class GUILayout
    {
        public static string Pressed;
        public static bool Button(string text, params GUILayoutOption[] options) { return text == Pressed; }
        public static GUILayoutOption Width(float width) { return null; }
    }

    public sealed class AudioListener : Behaviour { }
    public sealed class AudioSource : Behaviour { }

    public static class AudioSettings
    {
        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);
        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged;
        public static int outputSampleRate = 48000;

        public static void Change(int rate)
        {
            outputSampleRate = rate;
            if (OnAudioConfigurationChanged != null) OnAudioConfigurationChanged(true);
        }
    }
}

namespace UnityEngine.Rendering
{
    public enum GraphicsDeviceType { Direct3D11 = 2, Null = 4, OpenGLES3 = 11, Metal = 16, OpenGLCore = 17, Direct3D12 = 18, Vulkan = 21 }

    public sealed class CommandBuffer
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] delegate void RenderEvent(int id, IntPtr data);

        struct Event { internal IntPtr Function; internal int Id; internal IntPtr Data; }

        static IntPtr s_function;
        static RenderEvent s_call;
        readonly List<Event> _events = new List<Event>();
        public static int Executed;
        public string name { get; set; }
        public void Clear() { _events.Clear(); }

        public void IssuePluginEventAndData(IntPtr function, int id, IntPtr data)
        {
            _events.Add(new Event { Function = function, Id = id, Data = data });
        }

        internal void Execute()
        {
            foreach (var each in _events)
            {
                Executed++;
                if (s_function != each.Function)
                {
                    s_function = each.Function;
                    s_call = (RenderEvent)Marshal.GetDelegateForFunctionPointer(each.Function, typeof(RenderEvent));
                }
                s_call(each.Id, each.Data);
            }
        }
    }

    public struct AsyncGPUReadbackRequest
    {
        internal int Slot, Due;
        public bool done { get { return AsyncGPUReadback.Now >= Due; } }
        /// <summary>As Unity: an answer is gone one frame after it came.</summary>
        public bool hasError { get { return AsyncGPUReadback.Now > Due || AsyncGPUReadback.Failing; } }
        public void WaitForCompletion() { AsyncGPUReadback.Complete(Slot); }
    }

    /// <summary>Delivers two frames later, and writes only then, as a GPU does.</summary>
    public static unsafe class AsyncGPUReadback
    {
        const int Delay = 2;
        struct Work { internal int Due; internal byte* To; internal byte[] From; internal int Length; internal bool Open; }

        static readonly Work[] s_work = new Work[64];
        internal static int Now;
        static int s_next;
        public static bool Failing;
        public static int Requested;

        public static AsyncGPUReadbackRequest RequestIntoNativeArray<T>(ref NativeArray<T> output, Texture texture, int mip, TextureFormat format)
            where T : struct
        {
            var length = texture.width * texture.height * 4;
            if (output.Length != length) throw new ArgumentException("the array has not the size of the picture");
            var slot = s_next++ % s_work.Length;
            var from = s_work[slot].From;
            if (from == null || from.Length < length) from = new byte[length];
            Marshal.Copy(texture.Pixels, from, 0, length);
            s_work[slot] = new Work { Due = Now + Delay, To = (byte*)output.Pointer, From = from, Length = length, Open = true };
            Requested++;
            return new AsyncGPUReadbackRequest { Slot = slot, Due = Now + Delay };
        }

        internal static void Advance()
        {
            Now++;
            for (var slot = 0; slot < s_work.Length; slot++) if (s_work[slot].Open && s_work[slot].Due <= Now) Complete(slot);
        }

        /// <summary>As Unity: memory that the GPU will write into may not be freed.</summary>
        public static void CheckUnused(void* memory)
        {
            foreach (var work in s_work)
                if (work.Open && work.To == memory) throw new InvalidOperationException("freed while a request writes into it");
        }

        internal static void Complete(int slot)
        {
            if (!s_work[slot].Open) return;
            s_work[slot].Open = false;
            Marshal.Copy(s_work[slot].From, 0, (IntPtr)s_work[slot].To, s_work[slot].Length);
        }
    }
}

namespace Unity.Collections
{
    public enum Allocator { Invalid, None, Temp, TempJob, Persistent }
    public enum NativeArrayOptions { UninitializedMemory, ClearMemory }

    public unsafe struct NativeArray<T> : IDisposable where T : struct
    {
        internal void* Pointer;
        int _length;
        public NativeArray(int length, Allocator allocator, NativeArrayOptions options = NativeArrayOptions.ClearMemory)
        {
            _length = length;
            Pointer = (void*)Marshal.AllocHGlobal(length * Marshal.SizeOf(typeof(T)));
            StubMemory.Alive++;
        }

        public int Length { get { return _length; } }
        public bool IsCreated { get { return Pointer != null; } }

        public void Dispose()
        {
            if (Pointer == null) throw new ObjectDisposedException("NativeArray");
            UnityEngine.Rendering.AsyncGPUReadback.CheckUnused(Pointer);
            Marshal.FreeHGlobal((IntPtr)Pointer);
            Pointer = null;
            StubMemory.Alive--;
        }
    }

    public static class StubMemory { public static int Alive; }
}

namespace Unity.Collections.LowLevel.Unsafe
{
    public static unsafe class NativeArrayUnsafeUtility
    {
        public static void* GetUnsafeReadOnlyPtr<T>(NativeArray<T> array) where T : struct { return array.Pointer; }
    }
}

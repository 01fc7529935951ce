using System;
using System.Runtime.InteropServices;
using Rendercast.Streaming;
using UnityEngine;
using UnityEngine.Rendering;

namespace Rendercast.UnityTests
{
    /// <summary>The way of textures: one render event a frame. The library is behind texture_host.c.</summary>
    public static class TextureTests
    {
        const uint Flipped = 1;
        const uint LinearAndToneMapped = 4 | 8;

        [StructLayout(LayoutKind.Sequential)]
        struct Seen
        {
            public uint Events, Bad, Count, Flags, TargetWidth, TargetHeight;
            public IntPtr Batch;
        }

        [DllImport("rendercast", CallingConvention = CallingConvention.Cdecl)]
        static extern void texture_host_seen(out Seen seen);

        static Seen Last()
        {
            Seen seen;
            texture_host_seen(out seen);
            Check.Same(0u, seen.Bad, "bad events, frames or pushes");
            return seen;
        }

        [Test]
        public static void a_viewer_sees_the_textures_and_nothing_is_read_back()
        {
            using (var scene = new ComponentTests.Scene())
            {
                var read = AsyncGPUReadback.Requested;
                var asked = Texture.NativePointersAsked;
                var before = Last().Events;
                var frames = Time.frameCount;
                using (var viewer = new BrowserlessViewer(scene.Link())) viewer.WaitFor("sound", scene.Frame);
                Check.Same(read, AsyncGPUReadback.Requested, "pictures read back");
                Check.Same((uint)(Time.frameCount - frames), Last().Events - before, "events: one a frame");
                Check.Same(1, Texture.NativePointersAsked - asked, "native pointers asked for, which waits for the render thread");
                Check.Same(Flipped, Last().Flags, "flags of a camera");
                ComponentTests.NoErrors();
            }
        }

        [Test]
        public static void flags_follow_the_source_the_graphics_api_and_the_colour_space()
        {
            using (var scene = new ComponentTests.Scene())
            {
                scene.Link();
                scene.Camera.Hdr = true;
                QualitySettings.activeColorSpace = ColorSpace.Linear;
                scene.Frame();
                Check.Same(Flipped | LinearAndToneMapped, Last().Flags, "half floats in linear space");
                QualitySettings.activeColorSpace = ColorSpace.Gamma;
                scene.Frame();
                Check.Same(Flipped, Last().Flags, "half floats in gamma space");
                scene.Camera.Hdr = false;
                scene.Camera.Flip = FlipMode.TopDown;
                scene.Frame();
                Check.Same(0u, Last().Flags, "stated: top down");
                scene.Camera.Flip = FlipMode.Automatic;
                scene.Camera.Source = PictureSourceKind.Screen;
                scene.Frame();
                Check.Same(0u, Last().Flags, "the screen in Vulkan, Direct3D and Metal");
                Check.Same("128 x 96", Last().TargetWidth + " x " + Last().TargetHeight, "target");
                SystemInfo.graphicsUVStartsAtTop = false;
                scene.Frame();
                SystemInfo.graphicsUVStartsAtTop = true;
                Check.Same(Flipped, Last().Flags, "the screen in OpenGL");
            }
        }

        [Test]
        public static void streams_of_a_frame_share_one_event_and_batches_take_turns()
        {
            using (var scene = new ComponentTests.Scene())
            {
                scene.Link();
                var other = new GameObject("Other");
                other.SetActive(false);
                other.AddComponent<Camera>();
                other.AddComponent<CameraStreamer>().Size = new Vector2Int(32, 32);
                var manager = other.AddComponent<StreamManager>();
                manager.Settings = ScriptableObject.CreateInstance<StreamingSettings>();
                manager.Settings.configuration = NativeTests.Local();
                other.SetActive(true);
                scene.Frame();
                var before = Last();
                scene.Frame();
                Check.Same(2u, Last().Count, "frames of the batch");
                Check.Same(before.Events + 1, Last().Events, "events");
                var last = before.Batch;
                for (var frame = 0; frame < 3; frame++)
                {
                    Check.That(Last().Batch != before.Batch, "the batch is written again while the render thread may read it");
                    scene.Frame();
                }
                Check.Same(last, Last().Batch, "the fourth batch is the first again");
            }
        }

        [Test]
        public static void a_lost_or_resized_texture_is_asked_for_its_pointer_again()
        {
            using (var scene = new ComponentTests.Scene())
            {
                scene.Link();
                scene.Frame();
                var asked = Texture.NativePointersAsked;
                scene.Camera.GetComponent<Camera>().targetTexture.Release();
                scene.Frame();
                Check.Same(asked + 1, Texture.NativePointersAsked, "after a loss");
                scene.Camera.Size = new Vector2Int(64, 64);
                scene.Frame();
                Check.Same(asked + 2, Texture.NativePointersAsked, "after a change of size");
                Last();
            }
        }

        [Test]
        public static void frames_by_texture_allocate_nothing_once_warm()
        {
            using (var scene = new ComponentTests.Scene(s => s.Camera.Size = new Vector2Int(16, 16)))
            {
                scene.Link();
                for (var frame = 0; frame < 100; frame++) scene.Frame();
                GC.Collect();
                var before = GC.CollectionCount(0);
                for (var frame = 0; frame < 30000; frame++) scene.Frame();
                Check.Same(before, GC.CollectionCount(0), "collections");
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Rendercast.Streaming;
using UnityEngine;
using UnityEngine.InputSystem;
using UnityEngine.InputSystem.LowLevel;
using UnityEngine.Rendering;

namespace Rendercast.UnityTests
{
    /// <summary>The components in a stand-in of a player, with the real native library and a real viewer.</summary>
    public static class ComponentTests
    {
        /// <summary>A scene as a user builds it; everything is enabled at once, as when Unity loads it.</summary>
        internal sealed class Scene : IDisposable
        {
            internal readonly StreamManager Manager;
            internal readonly CameraStreamer Camera;
            internal readonly AudioStreamer Audio;
            internal readonly InputReceiver Input;
            internal readonly DataChannel Channel;
            readonly GameObject _camera = new GameObject("Camera");
            readonly GameObject _stream = new GameObject("Stream");

            internal Scene(Action<Scene> change = null, StreamingConfiguration configuration = null)
            {
                Debug.Lines.Clear();
                Application.isBatchMode = false;
                SystemInfo.graphicsDeviceType = GraphicsDeviceType.Vulkan;
                SystemInfo.supportsAsyncGPUReadback = true;
                AudioSettings.outputSampleRate = 48000;
                StubPlayer.Begin(typeof(StreamManager).Assembly);
                _camera.SetActive(false);
                _stream.SetActive(false);
                _camera.AddComponent<Camera>();
                Camera = _camera.AddComponent<CameraStreamer>();
                Camera.Size = new Vector2Int(NativeTests.Width, NativeTests.Height);
                _camera.AddComponent<AudioListener>();
                Audio = _camera.AddComponent<AudioStreamer>();
                Manager = _stream.AddComponent<StreamManager>();
                Manager.Settings = ScriptableObject.CreateInstance<StreamingSettings>();
                Manager.Settings.configuration = configuration ?? NativeTests.Local();
                Input = _stream.AddComponent<InputReceiver>();
                Channel = _stream.AddComponent<DataChannel>();
                if (change != null) change(this);
                // The camera first: a manager that comes later must be found as well.
                _camera.SetActive(true);
                _stream.SetActive(true);
            }

            internal void Frame()
            {
                StubPlayer.Frame();
                StubPlayer.Sound(NativeTests.Sound, 2);
            }

            internal string Link()
            {
                BrowserlessViewer.Until(() => Manager.Link != null, Frame, "a link");
                return Manager.Link;
            }

            internal StreamStats Stats()
            {
                StreamStats stats;
                Check.Same(Status.Ok, Manager.Streamer.GetStats(out stats), "stats");
                return stats;
            }

            public void Dispose()
            {
                StubPlayer.Clear();
                Check.Same(0, Library.LiveObjectCount, "streamers left");
                Check.Same(0, RenderTexture.Alive, "render textures left");
                Check.Same(0, Unity.Collections.StubMemory.Alive, "native arrays left");
                Check.Same(0, InputSystem.Devices.Count, "devices left");
                Check.Same(0, StubPlayer.Coroutines.Count, "coroutines left");
            }
        }

        static readonly List<int> s_keys = new List<int>();

        static void NoteKey(in StreamInput input)
        {
            s_keys.Add(input.Down ? input.Key : -input.Key);
        }

        internal static void NoErrors()
        {
            Check.That(!Debug.Lines.Exists(line => line.StartsWith("error")), string.Join("\n", Debug.Lines));
        }

        [Test]
        public static void a_scene_streams_its_camera_and_sound_and_a_viewer_steers_it()
        {
            InputSystem.Queue.Clear();
            using (var scene = new Scene())
            {
                s_keys.Clear();
                var channel = new List<string>();
                int connected = 0, disconnected = 0;
                scene.Input.KeyChanged += NoteKey;
                scene.Channel.Opened += viewer => channel.Add("opened");
                scene.Channel.TextReceived += (viewer, text) => channel.Add(text);
                scene.Channel.BytesReceived += (viewer, bytes) => channel.Add(BitConverter.ToString(bytes.Array, bytes.Offset, bytes.Count));
                scene.Manager.OnViewerConnected.AddListener(viewer => connected++);
                scene.Manager.OnViewerDisconnected.AddListener(viewer => disconnected++);
                using (var viewer = new BrowserlessViewer(scene.Link()))
                {
                    viewer.WaitFor("acted", scene.Frame);
                    BrowserlessViewer.Until(() => channel.Count == 3, scene.Frame, "messages");
                    Check.Same("opened grüße 00-FF-07", string.Join(" ", channel), "the data channel");
                    Check.Same(Status.NoChannel, scene.Channel.Send("nobody", 4242), "to a viewer who is not there");
                    Check.Same(Status.Ok, scene.Channel.Send("grüße zurück"), "a text to all");
                    var bytes = new ArraySegment<byte>(System.Text.Encoding.ASCII.GetBytes("(zurück)"), 1, 2);
                    Check.Same(Status.Ok, scene.Channel.Send(bytes, scene.Manager.Viewers[0]), "bytes to one");
                    viewer.WaitFor("text grüße zurück", scene.Frame);
                    viewer.WaitFor("bytes zu", scene.Frame);
                    Check.Same("37 -37", string.Join(" ", s_keys), "keys");
                    Check.Same(1, connected, "viewers connected");
                    Check.Same(1, scene.Manager.Viewers.Count, "viewers");
                    CheckDevices(scene.Manager.Viewers[0]);
                    var stats = scene.Stats();
                    Check.Same(NativeTests.Width + " x " + NativeTests.Height, stats.Width + " x " + stats.Height, "size");
                    Check.That(stats.AudioBlocksPushed > 10, "sound");
                }
                BrowserlessViewer.Until(() => disconnected == 1, scene.Frame, "the viewer's leaving");
                Check.Same(0, InputSystem.Devices.Count, "devices of a viewer who left");
                NoErrors();
            }
        }

        static void CheckDevices(uint viewer)
        {
            Check.That(InputSystem.Devices.Exists(device => device is Keyboard && device.name == "RendercastKeyboard" + viewer), "keyboard");
            var keys = InputSystem.Queue.Where(each => each.State is KeyboardState).Select(each => ((KeyboardState)each.State).IsPressed(Key.W));
            Check.Same("True False", string.Join(" ", keys), "states of W");
            Check.That(InputSystem.Queue.Exists(each => each.State is char && (char)each.State == 'w'), "typed w");
            var mouse = InputSystem.Queue.Where(each => each.State is MouseState).Select(each => (MouseState)each.State).ToList();
            Check.Same(2, mouse.Count, "mouse states");
            // 16 of 128 pixels from the left, 8 of 96 from the bottom, on a screen of 320 x 180.
            Check.Same("40,15", mouse[0].position.ToString(), "position");
            Check.Same(1, (int)mouse[0].buttons, "buttons");
            Check.Same("0,-100", mouse[1].scroll.ToString(), "scroll: Unity counts upwards");
            Check.Same(1, (int)mouse[1].buttons, "buttons held while scrolling");
        }

        [Test]
        public static void pictures_follow_size_rate_and_source_live()
        {
            using (var scene = new Scene())
            {
                scene.Link();
                scene.Camera.Size = new Vector2Int(64, 48);
                BrowserlessViewer.Until(() => scene.Stats().Width == 64 && scene.Stats().Height == 48, scene.Frame, "the new size");
                Check.Same(1, RenderTexture.Alive, "render textures");

                scene.Camera.Source = PictureSourceKind.Screen;
                scene.Camera.Size = Vector2Int.zero;
                BrowserlessViewer.Until(() => scene.Stats().Width == 320 && scene.Stats().Height == 180, scene.Frame, "the screen");
                Check.Same("320 x 180", scene.Manager.PictureSize.ToString(), "size that input refers to");
                Check.That(scene.Camera.GetComponent<Camera>().targetTexture == null, "the camera shows on the screen again");

                scene.Camera.Size = new Vector2Int(160, 90);
                BrowserlessViewer.Until(() => scene.Stats().Width == 160, scene.Frame, "the screen, scaled");
                Check.That(RenderTexture.active == null, "the active texture is left as it was");

                var texture = new RenderTexture(40, 20, 0, RenderTextureFormat.ARGBHalf, RenderTextureReadWrite.Default);
                texture.Create();
                scene.Camera.SourceTexture = texture;
                scene.Camera.Source = PictureSourceKind.Texture;
                scene.Camera.Size = Vector2Int.zero;
                BrowserlessViewer.Until(() => scene.Stats().Width == 40, scene.Frame, "a texture in half floats");
                texture.Release();

                scene.Camera.Source = PictureSourceKind.Camera;
                scene.Camera.FrameRate = 10f;
                var before = AsyncGPUReadback.Requested;
                for (var frame = 0; frame < 100; frame++) scene.Frame();
                var taken = AsyncGPUReadback.Requested - before;
                Check.That(taken == 20 || taken == 21, "pictures of 2 s at 10 a second: " + taken);
                NoErrors();
            }
        }

        [Test]
        public static void reading_back_is_said_once_and_survives_errors_of_the_device()
        {
            using (var scene = new Scene())
            {
                scene.Link();
                AsyncGPUReadback.Failing = true;
                for (var frame = 0; frame < 10; frame++) scene.Frame();
                AsyncGPUReadback.Failing = false;
                var pushed = scene.Stats().VideoFramesPushed;
                BrowserlessViewer.Until(() => scene.Stats().VideoFramesPushed > pushed + 5, scene.Frame, "pictures after the errors");
                Check.Same(1, Debug.Lines.Count(line => line.Contains("are read back")), "times it was said");
            }
        }

        [Test]
        public static void pictures_in_flight_are_awaited_when_the_scene_goes()
        {
            var scene = new Scene();
            scene.Link();
            scene.Frame();
            scene.Frame();
            scene.Dispose();
            NoErrors();
        }

        [Test]
        public static void without_a_graphics_device_one_error_says_so()
        {
            using (var scene = new Scene())
            {
                SystemInfo.graphicsDeviceType = GraphicsDeviceType.Null;
                scene.Link();
                for (var frame = 0; frame < 5; frame++) scene.Frame();
                Check.Same(1, Debug.Lines.Count(line => line.Contains("-nographics")), "times it was said");
                Check.Same(0UL, scene.Stats().VideoFramesPushed, "pictures");
            }
        }

        [Test]
        public static void batch_mode_streams_though_the_end_of_frame_never_comes()
        {
            Action<Scene> batch = scene => Application.isBatchMode = true;
            using (var scene = new Scene(batch))
            {
                BrowserlessViewer.Until(() => scene.Manager.IsStreaming && scene.Stats().VideoFramesPushed > 5, scene.Frame, "pictures");
            }
            Application.isBatchMode = false;
        }

        [Test]
        public static void bitrates_and_codecs_of_the_camera_streamer_are_used_at_the_next_start()
        {
            using (var scene = new Scene(s => s.Camera.MaxBitrateKbps = 1000001))
            {
                scene.Frame();
                Check.That(Debug.Lines.Exists(line => line.StartsWith("error") && line.Contains("video.max_bitrate_kbps")), "the error");
                Check.That(!scene.Manager.IsStreaming, "it streams with wrong settings");
                scene.Camera.MaxBitrateKbps = 500;
                scene.Camera.Codecs = new[] { Codec.Vp8 };
                scene.Manager.RestartStreaming();
                Check.That(scene.Manager.IsStreaming, "started");
            }
        }

        [Test]
        public static void a_second_camera_streamer_of_one_manager_is_refused_once()
        {
            using (var scene = new Scene())
            {
                var second = new GameObject("Second");
                second.AddComponent<Camera>();
                var streamer = second.AddComponent<CameraStreamer>();
                for (var frame = 0; frame < 5; frame++) scene.Frame();
                Check.Same(1, Debug.Lines.Count(line => line.Contains("Second") && line.StartsWith("error")), "errors");
                scene.Camera.enabled = false;
                scene.Frame();
                Check.That(scene.Manager.PictureSource == streamer, "the second takes over from the first");
            }
        }

        [Test]
        public static void stopping_and_starting_again_works_and_viewers_are_gone()
        {
            using (var scene = new Scene())
            {
                using (var viewer = new BrowserlessViewer(scene.Link()))
                {
                    viewer.WaitFor("connected", scene.Frame);
                    BrowserlessViewer.Until(() => scene.Manager.Viewers.Count == 1, scene.Frame, "a viewer");
                    scene.Manager.enabled = false;
                    Check.Same(0, scene.Manager.Viewers.Count, "viewers");
                    Check.Same(0, Library.LiveObjectCount, "streamers");
                    scene.Frame();
                }
                scene.Manager.enabled = true;
                Check.Same(1, StubPlayer.Coroutines.Count, "coroutines");
                using (var viewer = new BrowserlessViewer(scene.Link())) viewer.WaitFor("sound", scene.Frame);
            }
        }

        [Test]
        public static void streams_that_were_shut_down_behind_the_components_do_not_break_them()
        {
            using (var scene = new Scene())
            {
                scene.Link();
                Library.ShutdownAll();
                for (var frame = 0; frame < 5; frame++) scene.Frame();
                Check.That(scene.Audio.BlocksRefused > 0, "refused blocks are counted");
                scene.Manager.RestartStreaming();
                scene.Link();
                NoErrors();
            }
        }

        [Test]
        public static void sound_follows_a_change_of_the_rate_and_can_be_silent_here()
        {
            using (var scene = new Scene())
            {
                scene.Link();
                scene.Frame();
                var refused = scene.Audio.BlocksRefused;
                AudioSettings.Change(1000);
                scene.Frame();
                Check.Same(refused + 1, scene.Audio.BlocksRefused, "a rate that the library does not take is used");
                AudioSettings.Change(44100);
                var data = new[] { 0.5f, 0.5f };
                StubPlayer.Sound(data, 2);
                Check.Same(0.5f, data[0], "heard here");
                scene.Audio.PlayLocally = false;
                StubPlayer.Sound(data, 2);
                Check.Same(0f, data[0], "silent here");
            }
        }

        [Test]
        public static void play_mode_without_a_domain_reload_begins_afresh()
        {
            var forgotten = new Streamer(NativeTests.Local().ToJson());
            forgotten.Start();
            using (var scene = new Scene())
            {
                Check.Same(0u, forgotten.GetStatsStatus(), "the forgotten streamer is gone");
                scene.Link();
                Check.Same(1, StreamManager.Enabled.Count, "managers");
            }
        }

        static uint GetStatsStatus(this Streamer streamer)
        {
            StreamStats stats;
            return streamer.GetStats(out stats) == Status.InvalidHandle ? 0u : 1u;
        }

        [Test]
        public static void frames_and_sound_of_the_components_allocate_nothing_once_warm()
        {
            const int frames = 30000;
            using (var scene = new Scene(s => s.Camera.Size = new Vector2Int(16, 16)))
            {
                scene.Link();
                for (var frame = 0; frame < 100; frame++) scene.Frame();
                BrowserlessViewer.Until(() => Debug.Lines.Exists(line => line.Contains("ServerListening")), scene.Frame, "quiet");
                GC.Collect();
                var before = GC.CollectionCount(0);
                for (var frame = 0; frame < frames; frame++) scene.Frame();
                // 35 bytes a frame would fill the nursery of 1 MiB.
                Check.Same(before, GC.CollectionCount(0), "collections");
            }
        }
    }
}

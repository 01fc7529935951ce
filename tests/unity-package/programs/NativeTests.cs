using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Rendercast.Streaming;
using Unity.Collections;

namespace Rendercast.UnityTests
{
    /// <summary>The streamer alone, with the real native library and a real viewer.</summary>
    public static class NativeTests
    {
        internal const int Width = 128;
        internal const int Height = 96;
        internal static readonly float[] Sound = new float[960 * 2];

        /// <summary>Streams to this machine only, on a free port.</summary>
        internal static StreamingConfiguration Local()
        {
            return new StreamingConfiguration
            {
                serverAddress = "127.0.0.1:0", bindAddresses = new[] { "127.0.0.1" }, fps = 50, startBitrateKbps = 1000, maxBitrateKbps = 2000
            };
        }

        [Test]
        public static void native_library_is_the_one_of_these_natives()
        {
            Check.Same(null, Library.Problem, "problem");
            Check.That(Library.Version.Split('.').Length == 3, Library.Version);
        }

        [Test]
        public static void every_default_of_the_inspector_is_accepted()
        {
            new Streamer(new StreamingConfiguration().ToJson()).Dispose();
            var everything = Local();
            everything.iceServers = new[] { new IceServer { urls = new[] { "stun:127.0.0.1:3478" }, username = "ü\"" } };
            everything.codecs = new[] { Codec.Vp8, Codec.H264 };
            everything.mediaStreams = MediaStreams.Separate;
            everything.serverMode = SignalingMode.Private;
            everything.serverToken = "long enough";
            new Streamer(everything.ToJson()).Dispose();
            Check.Same(0, Library.LiveObjectCount, "streamers left");
        }

        [Test]
        public static void wrong_settings_throw_with_the_key_and_its_range()
        {
            try
            {
                new Streamer(new StreamingConfiguration { fps = 0 }.ToJson());
            }
            catch (RendercastException error)
            {
                Check.Same(Status.InvalidConfig, error.Status, "status");
                Check.Same("video.fps = 0 is outside 1 to 240", error.Message.Substring(error.Message.IndexOf("video", StringComparison.Ordinal)), "text");
                return;
            }
            throw new Exception("nothing was thrown");
        }

        [Test]
        public static void pushing_and_polling_a_disposed_streamer_is_a_status_and_no_exception()
        {
            var streamer = new Streamer(Local().ToJson());
            streamer.Dispose();
            streamer.Dispose();
            StreamEvent streamEvent;
            StreamInput input;
            StreamStats stats;
            Check.Same(Status.InvalidHandle, streamer.PushAudio(Sound, 2, 48000), "audio");
            Check.Same(Status.InvalidHandle, streamer.GetStats(out stats), "stats");
            Check.That(!streamer.PollEvent(out streamEvent) && !streamer.PollInput(out input) && streamer.Link == null, "polling");
            using (var pixels = new Pixels()) Check.Same(Status.InvalidHandle, pixels.Push(streamer), "video");
            try
            {
                streamer.Start();
            }
            catch (RendercastException error)
            {
                Check.Same(Status.InvalidHandle, error.Status, "status of start");
                return;
            }
            throw new Exception("starting a disposed streamer was silent");
        }

        [Test]
        public static void an_array_too_short_for_its_picture_is_refused_before_it_is_read()
        {
            using (var streamer = new Streamer(Local().ToJson()))
            {
                var pixels = new NativeArray<byte>(Width * Height * 4, Allocator.Persistent);
                Check.Same(Status.Ok, streamer.PushFrame(pixels, PixelFormat.Rgba8, Width, Height), "the whole picture");
                Check.Same(Status.Ok, streamer.PushFrame(pixels, PixelFormat.Rgb8, Width, Height), "three bytes a pixel");
                Check.Same(Status.InvalidArgument, streamer.PushFrame(pixels, PixelFormat.Rgba8, Width, Height + 1), "one row more");
                Check.Same(Status.InvalidArgument, streamer.PushFrame(pixels, PixelFormat.Rgba8, Width, Height, Width * 4 + 4), "longer rows");
                Check.Same(Status.PictureSize, streamer.PushFrame(pixels, PixelFormat.Rgba8, -1, -1), "negative sides");
                pixels.Dispose();
                Check.Same(Status.AudioBlock, streamer.PushAudio(Sound, 0, 48000), "no channels");
                Check.Same(Status.AudioBlock, streamer.PushAudio(Sound, 2, 7999), "too slow");
                Check.Same(Status.NullPointer, streamer.PushAudio(null, 2, 48000), "no block");
            }
        }

        [Test]
        public static void a_viewer_gets_picture_and_sound_and_its_input_arrives()
        {
            using (var streamer = new Streamer(Local().ToJson()))
            using (var pixels = new Pixels())
            {
                var seen = new Seen();
                streamer.Start();
                Action frame = () =>
                {
                    pixels.Push(streamer).ThrowIfFailed();
                    streamer.PushAudio(Sound, 2, 48000).ThrowIfFailed();
                    seen.Poll(streamer);
                };
                BrowserlessViewer.Until(() => streamer.Link != null, frame, "a link");
                using (var viewer = new BrowserlessViewer(streamer.Link))
                {
                    viewer.WaitFor("acted", frame);
                    BrowserlessViewer.Until(() => seen.Messages.Count == 2, frame, "messages");
                    Check.Same("ViewerConnected", seen.Events.Find(kind => kind == "ViewerConnected"), "event");
                    Check.Same(1, seen.Viewers.Count, "viewers");
                    seen.CheckInput();
                    Check.Same("game grüße", seen.Messages[0], "text");
                    Check.Same("game 00-FF-07", seen.Messages[1], "bytes");
                    StreamStats stats;
                    Check.Same(Status.Ok, streamer.GetStats(out stats), "stats");
                    Check.Same(Width + " x " + Height, stats.Width + " x " + stats.Height, "size");
                    Check.That(stats.Viewers == 1 && stats.Encoder.Length > 0 && stats.VideoFramesEncoded >= 10, "figures");
                    Check.That(streamer.StatsJson().Contains("\"video_frames_encoded\""), "JSON");
                }
                BrowserlessViewer.Until(() => seen.Events.Contains("ViewerDisconnected"), frame, "the viewer's leaving");
            }
            Check.Same(0, Library.LiveObjectCount, "streamers left");
        }

        [Test]
        public static void pushing_and_polling_allocate_nothing_once_warm()
        {
            // The nursery holds 1 MiB (MONO_GC_PARAMS of run.sh): 5 bytes a round would fill it, and show as a collection.
            const int rounds = 200000;
            using (var streamer = new Streamer(Local().ToJson()))
            using (var pixels = new Pixels(16, 16))
            {
                StreamEvent streamEvent;
                StreamInput input;
                StreamStats stats;
                for (var warm = 0; warm < 2; warm++)
                {
                    GC.Collect();
                    var before = GC.CollectionCount(0);
                    for (var round = 0; round < (warm == 0 ? 100 : rounds); round++)
                    {
                        pixels.Push(streamer);
                        streamer.PushAudio(Sound, 2, 48000);
                        streamer.PollEvent(out streamEvent);
                        streamer.PollInput(out input);
                        if (round % 100 == 0) streamer.GetStats(out stats);
                    }
                    Check.Same(before, GC.CollectionCount(0), "collections");
                }
            }
        }

        /// <summary>What came by polling.</summary>
        internal sealed class Seen
        {
            internal readonly List<string> Events = new List<string>();
            internal readonly List<StreamInput> Inputs = new List<StreamInput>();
            internal readonly List<string> Messages = new List<string>();
            internal readonly HashSet<uint> Viewers = new HashSet<uint>();

            internal void Poll(Streamer streamer)
            {
                StreamEvent streamEvent;
                while (streamer.PollEvent(out streamEvent)) Events.Add(streamEvent.Kind.ToString());
                StreamInput input;
                while (streamer.PollInput(out input))
                {
                    Viewers.Add(input.Viewer);
                    Inputs.Add(input);
                    if (input.Kind != InputKind.Message) continue;
                    var bytes = new byte[input.MessageLength];
                    Check.That(streamer.ReadMessage(bytes), "the message's bytes");
                    var text = input.IsText ? System.Text.Encoding.UTF8.GetString(bytes) : BitConverter.ToString(bytes);
                    Messages.Add(input.Channel + " " + text);
                }
            }

            /// <summary>What viewer_main.rs does.</summary>
            internal void CheckInput()
            {
                Check.That(Inputs.Exists(i => i.Kind == InputKind.Key && i.Key == 37 && i.Down), "W down");
                Check.That(Inputs.Exists(i => i.Kind == InputKind.Key && i.Key == 37 && !i.Down), "W up");
                Check.That(Inputs.Exists(i => i.Kind == InputKind.Text && i.Character == 'w'), "w typed");
                Check.That(Inputs.Exists(i => i.Kind == InputKind.Mouse && i.Position.x == 16f && i.Buttons == 1), "the mouse");
                Check.That(Inputs.Exists(i => i.Kind == InputKind.Wheel && i.Delta.y == 100f), "the wheel");
            }
        }

        /// <summary>A picture that changes from push to push.</summary>
        internal sealed class Pixels : IDisposable
        {
            readonly int _width;
            readonly int _height;
            readonly IntPtr _memory;
            byte _value;

            internal Pixels(int width = Width, int height = Height)
            {
                _width = width;
                _height = height;
                _memory = Marshal.AllocHGlobal(width * height * 4);
            }

            internal unsafe Status Push(Streamer streamer)
            {
                _value += 3;
                var to = (byte*)_memory;
                for (var at = 0; at < _width * 4 * 8; at++) to[at] = _value;
                return streamer.PushFrame(_memory, PixelFormat.Bgra8, _width, _height, 0, true);
            }

            public void Dispose()
            {
                Marshal.FreeHGlobal(_memory);
            }
        }
    }
}

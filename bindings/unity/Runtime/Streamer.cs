using System;
using System.Threading;
using Rendercast.Streaming.Interop;
using Unity.Collections;
using Unity.Collections.LowLevel.Unsafe;

namespace Rendercast.Streaming
{
    /// <summary>
    /// One stream: pictures and sound in, viewers' input out. Made for scripts that want it without components.
    /// </summary>
    /// <remarks>
    /// Pushing and polling never block, throw or allocate; they say what they came to. The rest throws
    /// <see cref="RendercastException"/>. Any thread may call any method; poll input from one thread at a time. There is no
    /// finalizer: a streamer that is not disposed of streams on until <see cref="Library.ShutdownAll"/>.
    /// </remarks>
    public sealed unsafe class Streamer : IDisposable
    {
        readonly TextCache _texts = new TextCache();
        int _handle;

        /// <param name="json">The configuration, see <see cref="StreamingConfiguration.ToJson"/>; "{}" is all defaults.</param>
        /// <exception cref="RendercastException">The configuration cannot be used; the message names the key and its range.</exception>
        public Streamer(string json = "{}")
        {
            if (json == null) throw new ArgumentNullException("json");
            uint handle;
            fixed (byte* text = Utf8.Encode(json))
            {
                ((Status)NativeMethods.rendercast_create_json(text, &handle)).ThrowIfFailed();
            }
            _handle = (int)handle;
        }

        /// <summary>The library's number of this streamer, 0 once disposed of. Never reused.</summary>
        public uint Handle
        {
            get { return (uint)Volatile.Read(ref _handle); }
        }

        /// <summary>Starts the workers, the server and signaling. Events tell how it goes.</summary>
        public void Start()
        {
            ((Status)NativeMethods.rendercast_start(Handle)).ThrowIfFailed();
        }

        /// <summary>Closes every viewer's connection and ends every thread. Blocks for up to about two seconds.</summary>
        public void Stop()
        {
            ((Status)NativeMethods.rendercast_stop(Handle)).ThrowIfFailed();
        }

        /// <summary>
        /// Bounds the video's rate in kbit/s from the next picture on, within the configuration's, and says how many pictures a
        /// second to expect. 0 is the configuration's own value. Viewers stay connected.
        /// </summary>
        public void SetVideoRate(int minBitrateKbps, int maxBitrateKbps, int frameRate)
        {
            ((Status)NativeMethods.rendercast_set_video_rate(
                Handle, (uint)minBitrateKbps, (uint)maxBitrateKbps, (uint)frameRate)).ThrowIfFailed();
        }

        /// <summary>Stops and frees. Blocks as <see cref="Stop"/> does. Calls made afterwards return InvalidHandle.</summary>
        public void Dispose()
        {
            var handle = (uint)Interlocked.Exchange(ref _handle, 0);
            // A stale handle is no error here: ShutdownAll was first.
            if (handle != 0) NativeMethods.rendercast_destroy(handle);
        }

        /// <summary>Copies a picture in. The newest picture wins. The memory is free again when the call returns.</summary>
        /// <param name="pixels">The first byte in memory.</param>
        /// <param name="stride">Bytes from one row to the next, 0 where rows follow each other without a gap.</param>
        /// <param name="bottomUp">The first row in memory is the bottom one, as in Unity's textures.</param>
        /// <returns>Ok, WouldBlock (dropped and counted), or a failure.</returns>
        public Status PushFrame(IntPtr pixels, PixelFormat format, int width, int height, int stride = 0, bool bottomUp = false)
        {
            var frame = new rendercast_video_frame
            {
                size = (uint)sizeof(rendercast_video_frame),
                format = (uint)format,
                width = (uint)width,
                height = (uint)height,
                planes0 = (byte*)pixels,
                flags = bottomUp ? NativeMethods.RENDERCAST_VIDEO_FLIPPED : 0
            };
            frame.strides[0] = (uint)stride;
            return (Status)NativeMethods.rendercast_push_video(Handle, &frame);
        }

        /// <summary>As the other one, and checks that the array holds the picture.</summary>
        /// <returns>Ok, WouldBlock, or a failure: InvalidArgument where the array is too short for the picture.</returns>
        public Status PushFrame(NativeArray<byte> pixels, PixelFormat format, int width, int height, int stride = 0, bool bottomUp = false)
        {
            long row = (long)width * (format == PixelFormat.Rgb8 ? 3 : 4);
            long needed = (stride != 0 ? stride : row) * (height - 1L) + row;
            if (width < 1 || height < 1) return Status.PictureSize;
            if (stride < 0) return Status.Stride;
            if (pixels.Length < needed) return Status.InvalidArgument;
            var first = (IntPtr)NativeArrayUnsafeUtility.GetUnsafeReadOnlyPtr(pixels);
            return PushFrame(first, format, width, height, stride, bottomUp);
        }

        /// <summary>Copies a block of sound in, as Unity's OnAudioFilterRead gives it.</summary>
        /// <param name="samples">Interleaved, -1 to 1, at most 200 ms.</param>
        /// <param name="channels">1 to 8.</param>
        /// <param name="sampleRate">In Hz, 8000 to 192000.</param>
        /// <returns>Ok, WouldBlock (200 ms are waiting, dropped and counted), or a failure.</returns>
        public Status PushAudio(float[] samples, int channels, int sampleRate)
        {
            return samples == null ? Status.NullPointer : PushAudio(Handle, samples, channels, sampleRate);
        }

        /// <summary>For the audio thread, which keeps the handle only: a stale one is harmless.</summary>
        internal static Status PushAudio(uint handle, float[] samples, int channels, int sampleRate)
        {
            if (channels < 1) return Status.AudioBlock;
            fixed (float* first = samples)
            {
                var frames = (uint)(samples.Length / channels);
                if (frames == 0) return Status.Ok;
                return (Status)NativeMethods.rendercast_push_audio(handle, first, frames, (uint)channels, (uint)sampleRate, 0);
            }
        }

        /// <summary>Takes the oldest event. Call it until it returns false, about once a picture.</summary>
        public bool PollEvent(out StreamEvent streamEvent)
        {
            var native = new rendercast_event { size = (uint)sizeof(rendercast_event) };
            if (NativeMethods.rendercast_poll_event(Handle, &native) != NativeMethods.RENDERCAST_OK)
            {
                streamEvent = default(StreamEvent);
                return false;
            }
            streamEvent = new StreamEvent
            {
                Kind = (StreamEventKind)native.kind,
                Severity = (Severity)native.severity,
                Viewer = native.viewer,
                Message = Utf8.Decode(native.message, NativeMethods.RENDERCAST_MESSAGE_SIZE)
            };
            return true;
        }

        /// <summary>Takes the oldest input event. Call it until it returns false, once a picture.</summary>
        public bool PollInput(out StreamInput input)
        {
            var native = new rendercast_input { size = (uint)sizeof(rendercast_input) };
            if (NativeMethods.rendercast_poll_input(Handle, &native) != NativeMethods.RENDERCAST_OK)
            {
                input = default(StreamInput);
                return false;
            }
            input = InputReader.Read(&native, _texts, TextOf(native.kind, (int)native.data_len));
            return true;
        }

        /// <summary>The text of the input that was polled last; null where it has none, or a message's bytes.</summary>
        string TextOf(uint kind, int length)
        {
            switch (kind)
            {
                case NativeMethods.RENDERCAST_INPUT_COMPOSITION:
                case NativeMethods.RENDERCAST_INPUT_GAMEPAD_CONNECTED:
                case NativeMethods.RENDERCAST_INPUT_LABEL:
                    var bytes = new byte[length];
                    return ReadMessage(bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : string.Empty;
                default:
                    return null;
            }
        }

        /// <summary>Copies the bytes of the message that <see cref="PollInput"/> returned last.</summary>
        /// <returns>False where there is none, or the buffer is too small (see <see cref="StreamInput.MessageLength"/>).</returns>
        public bool ReadMessage(byte[] buffer)
        {
            if (buffer == null) throw new ArgumentNullException("buffer");
            // An empty array has no first byte to point to, and an empty message nothing to copy.
            byte none;
            fixed (byte* first = buffer)
            {
                var to = first != null ? first : &none;
                return NativeMethods.rendercast_input_data(Handle, to, (uint)buffer.Length, null) == NativeMethods.RENDERCAST_OK;
            }
        }

        /// <summary>Sends a text on a data channel that a page opened.</summary>
        /// <param name="viewer">Whom, as events and input name it; 0 is every viewer with such a channel.</param>
        /// <param name="channel">The label the page gave the channel.</param>
        /// <returns>
        /// Ok (taken, not yet arrived), WouldBlock (a viewer has no room: send it again later), NoChannel, or a failure.
        /// </returns>
        public Status SendText(uint viewer, string channel, string text)
        {
            if (channel == null || text == null) return Status.NullPointer;
            // With its NUL, which is not sent.
            var bytes = Utf8.Encode(text);
            return Send(viewer, channel, bytes, 0, bytes.Length - 1, true);
        }

        /// <summary>As <see cref="SendText"/>, with bytes.</summary>
        public Status SendBytes(uint viewer, string channel, ArraySegment<byte> data)
        {
            if (channel == null || data.Array == null) return Status.NullPointer;
            return Send(viewer, channel, data.Array, data.Offset, data.Count, false);
        }

        Status Send(uint viewer, string channel, byte[] data, int offset, int count, bool isText)
        {
            fixed (byte* label = Utf8.Encode(channel))
            fixed (byte* first = data)
            {
                // An empty array has no first byte to point to.
                var from = first != null ? first + offset : null;
                return (Status)NativeMethods.rendercast_send_message(
                    Handle, viewer, label, isText ? 1u : 0u, from, (uint)count);
            }
        }

        /// <summary>Asks a user to watch, where users call each other (SignalingProtocol.Call).</summary>
        public Status StartCall(string user)
        {
            if (user == null) return Status.NullPointer;
            fixed (byte* name = Utf8.Encode(user)) return (Status)NativeMethods.rendercast_call_start(Handle, name);
        }

        /// <summary>Grants the request of the user that StreamEventKind.CallRequested names.</summary>
        public Status AcceptCall(string user)
        {
            if (user == null) return Status.NullPointer;
            fixed (byte* name = Utf8.Encode(user)) return (Status)NativeMethods.rendercast_call_accept(Handle, name);
        }

        /// <summary>Declines the request of the user that StreamEventKind.CallRequested names.</summary>
        public Status DeclineCall(string user)
        {
            if (user == null) return Status.NullPointer;
            fixed (byte* name = Utf8.Encode(user)) return (Status)NativeMethods.rendercast_call_decline(Handle, name);
        }

        /// <summary>Ends the call with a user, or the request of either side.</summary>
        public Status EndCall(string user)
        {
            if (user == null) return Status.NullPointer;
            fixed (byte* name = Utf8.Encode(user)) return (Status)NativeMethods.rendercast_call_end(Handle, name);
        }

        /// <summary>The link to open in a browser; null until the embedded server listens. May hold the server's token: a secret then.</summary>
        public string Link
        {
            get
            {
                const int capacity = 512;
                var buffer = stackalloc byte[capacity];
                var status = NativeMethods.rendercast_link(Handle, buffer, capacity, null);
                return status == NativeMethods.RENDERCAST_OK ? Utf8.Decode(buffer, capacity) : null;
            }
        }

        /// <summary>Reads the figures. Once a second is enough. Not on the audio thread.</summary>
        public Status GetStats(out StreamStats stats)
        {
            var native = new rendercast_stats { size = (uint)sizeof(rendercast_stats) };
            var status = (Status)NativeMethods.rendercast_get_stats(Handle, &native);
            stats = status == Status.Ok ? StatsReader.Read(&native, _texts) : default(StreamStats);
            return status;
        }

        /// <summary>Every figure as one JSON object, all counters by name under "counters".</summary>
        public string StatsJson()
        {
            // The text may grow between two calls.
            for (uint capacity = 4096; ; capacity *= 2)
            {
                var buffer = new byte[capacity];
                fixed (byte* first = buffer)
                {
                    var status = (Status)NativeMethods.rendercast_stats_json(Handle, first, capacity, null);
                    if (status == Status.Ok) return Utf8.Decode(first, (int)capacity);
                    if (status != Status.BufferTooSmall || capacity > 1 << 20) status.ThrowIfFailed();
                }
            }
        }
    }
}

using System;
using System.Collections.Generic;
using Rendercast.Streaming.Interop;
using UnityEngine;
using UnityEngine.Rendering;

namespace Rendercast.Streaming
{
    public enum PictureSourceKind
    {
        /// <summary>What a camera sees. It renders into a texture then, no more to the screen.</summary>
        Camera,
        /// <summary>The whole screen, user interface included.</summary>
        Screen,
        /// <summary>A texture of the game, such as the render texture of a camera that also shows elsewhere.</summary>
        Texture
    }

    public enum FlipMode
    {
        /// <summary>As the source and the graphics API need.</summary>
        Automatic,
        /// <summary>The first row is the bottom one.</summary>
        BottomUp,
        /// <summary>The first row is the top one.</summary>
        TopDown
    }

    /// <summary>Gives a <see cref="StreamManager"/> its pictures. Every setting may be changed while it streams, but see each.</summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("Rendercast/Camera Streamer")]
    public sealed class CameraStreamer : MonoBehaviour
    {
        const int MinSide = 16;
        const int MaxSide = 16384;
        static readonly List<CameraStreamer> s_enabled = new List<CameraStreamer>();
        static int s_lastFrame = -1;
        static bool s_saidFallback;

        [SerializeField, Tooltip("Empty: the manager of this object or its parents, else the first of the scene.")]
        StreamManager manager;
        [SerializeField] PictureSourceKind source = PictureSourceKind.Camera;
        [SerializeField, Tooltip("Empty: the camera of this object.")]
        Camera sourceCamera;
        [SerializeField] Texture sourceTexture;
        [SerializeField, Tooltip("Pixels. 0: the source's own size (camera: 1280 x 720).")]
        Vector2Int size = new Vector2Int(1280, 720);
        [SerializeField, Range(0f, 240f), Tooltip("Pictures a second. 0: every frame.")]
        float frameRate;
        [SerializeField, Tooltip("Samples of a camera's texture: 1, 2, 4 or 8.")]
        int antiAliasing = 1;
        [SerializeField, Tooltip("Depth bits of a camera's texture: 16, 24 or 32.")]
        int depth = 24;
        [SerializeField, Tooltip("Render the camera in half floats and map the tones while converting.")]
        bool hdr;
        [SerializeField] FlipMode flip = FlipMode.Automatic;

        [SerializeField, Tooltip("In kbit/s; 0: as in the settings.")]
        int minBitrateKbps;
        [SerializeField, Tooltip("In kbit/s; 0: as in the settings.")]
        int maxBitrateKbps;
        [Header("When streaming starts")]
        [SerializeField, Tooltip("Codecs to offer, best first; none: as in the settings.")]
        Codec[] codecs = new Codec[0];

        readonly CaptureTarget _target = new CaptureTarget();
        readonly CaptureTarget _scaled = new CaptureTarget();
        Readback _readback;
        Camera _redirected;
        RenderTexture _redirectedFrom;
        Pacer _pacer;
        StreamManager _used;
        RateBounds _bounds;
        bool _saidProblem;

        public StreamManager Manager { get { return manager; } set { Detach(); manager = value; } }
        public PictureSourceKind Source { get { return source; } set { source = value; StartOver(); } }
        public Camera SourceCamera { get { return sourceCamera; } set { sourceCamera = value; StartOver(); } }
        public Texture SourceTexture { get { return sourceTexture; } set { sourceTexture = value; StartOver(); } }
        /// <summary>Pixels of the streamed picture; 0 is the source's own. Viewers follow a change at once.</summary>
        public Vector2Int Size { get { return size; } set { size = value; StartOver(); } }
        /// <summary>Pictures a second; 0: every frame, and rate control expects the rate of the settings.</summary>
        public float FrameRate { get { return frameRate; } set { frameRate = value; } }
        public int AntiAliasing { get { return antiAliasing; } set { antiAliasing = value; StartOver(); } }
        public bool Hdr { get { return hdr; } set { hdr = value; StartOver(); } }
        public FlipMode Flip { get { return flip; } set { flip = value; } }
        /// <summary>In kbit/s, 0 for that of the settings. While it streams, within those it started with.</summary>
        public int MinBitrateKbps { get { return minBitrateKbps; } set { minBitrateKbps = value; } }
        public int MaxBitrateKbps { get { return maxBitrateKbps; } set { maxBitrateKbps = value; } }
        /// <summary>Used when streaming starts next, see <see cref="StreamManager.RestartStreaming"/>.</summary>
        public Codec[] Codecs { get { return codecs; } set { codecs = value ?? new Codec[0]; } }

        /// <summary>Whether textures go to the library on the GPU. Otherwise pictures are read back, some frames later.</summary>
        public static bool TakesTextures { get { return Library.CanTakeTextures; } }

        /// <summary>Pictures that were not captured because the graphics device was behind.</summary>
        public long PicturesSkipped { get { return _readback != null ? _readback.Skipped : 0; } }

        /// <summary>Tells that the source texture has another native texture now though its size is the same.</summary>
        public void RefreshTexture()
        {
            _target.ForgetPointer();
        }

        internal static void ResetStatics()
        {
            s_enabled.Clear();
            s_lastFrame = -1;
            s_saidFallback = false;
        }

        /// <summary>Those that were enabled before their manager find it now.</summary>
        internal static void AttachAll()
        {
            foreach (var streamer in s_enabled) streamer.Attach();
        }

        internal void ApplyOverrides(StreamingConfiguration configuration)
        {
            // The configuration only has to have room for them: they are set, and set again, while it streams.
            if (minBitrateKbps > 0) configuration.minBitrateKbps = Math.Min(configuration.minBitrateKbps, minBitrateKbps);
            if (maxBitrateKbps > 0) configuration.maxBitrateKbps = Math.Max(configuration.maxBitrateKbps, maxBitrateKbps);
            // A start outside the two would be refused by nobody and surprise everybody.
            var most = maxBitrateKbps > 0 ? maxBitrateKbps : configuration.maxBitrateKbps;
            configuration.startBitrateKbps =
                Math.Max(Math.Min(configuration.startBitrateKbps, most), Math.Max(minBitrateKbps, configuration.minBitrateKbps));
            if (codecs != null && codecs.Length > 0) configuration.codecs = (Codec[])codecs.Clone();
        }

        /// <summary>Captures the pictures of a frame, of all streamers, whoever asks first.</summary>
        internal static void CaptureAll(int frame, double now)
        {
            if (frame == s_lastFrame) return;
            s_lastFrame = frame;
            var textures = Library.CanTakeTextures;
            if (textures) RenderBatch.Begin();
            foreach (var streamer in s_enabled) streamer.Capture(textures, now);
            if (textures) RenderBatch.Submit();
        }

        void OnEnable()
        {
            s_enabled.Add(this);
            Attach();
        }

        void OnDisable()
        {
            s_enabled.Remove(this);
            Detach();
            StartOver();
            _target.Release();
            _scaled.Release();
        }

        /// <summary>The inspector changes fields without the properties.</summary>
        void OnValidate()
        {
            if (Application.isPlaying && isActiveAndEnabled) StartOver();
        }

        /// <summary>
        /// A texture that was lost with its graphics device is made anew when something renders into it, later in this frame: its
        /// native pointer is another one then.
        /// </summary>
        void Update()
        {
            var captured = source == PictureSourceKind.Texture ? sourceTexture as RenderTexture : _target.Texture;
            if (captured != null && !captured.IsCreated()) _target.ForgetPointer();
        }

        void StartOver()
        {
            _saidProblem = false;
            RestoreCamera();
            _target.ForgetPointer();
            if (_readback != null) _readback.Dispose();
            _readback = null;
        }

        bool Attach()
        {
            if (_used != null && _used.PictureSource == this) return true;
            var found = StreamManager.For(this, manager);
            if (found == null) return false;
            if (found.PictureSource != null && found.PictureSource != this)
            {
                Say("has no stream of its own: " + found.PictureSource.name + " gives the pictures of " + found.name);
                return false;
            }
            _used = found;
            _used.PictureSource = this;
            return true;
        }

        void Detach()
        {
            if (_used != null && _used.PictureSource == this) _used.PictureSource = null;
            _used = null;
        }

        void Capture(bool textures, double now)
        {
            if (!Attach()) return;
            // Also before anybody streams: the camera is redirected from the first frame on, not when a stream starts.
            var texture = Prepare();
            var streamer = _used.Streamer;
            if (streamer == null || texture == null) return;
            var problem = _bounds.Apply(streamer, minBitrateKbps, maxBitrateKbps, frameRate);
            if (problem != null) Say("keeps its rate: " + problem);
            if (_readback != null) _readback.PushArrived(streamer);
            if (!_pacer.IsDue(now, frameRate)) return;
            if (source == PictureSourceKind.Screen) ScreenCapture.CaptureScreenshotIntoRenderTexture((RenderTexture)texture);
            var wanted = PictureSize(texture);
            _used.PictureSize = wanted;
            if (textures) Take(streamer, texture, wanted);
            else ReadBack(texture, wanted);
        }

        /// <summary>The texture to capture, or null.</summary>
        Texture Prepare()
        {
            if (SystemInfo.graphicsDeviceType == GraphicsDeviceType.Null)
            {
                Say("has no pictures: the game runs with -nographics");
                return null;
            }
            switch (source)
            {
                case PictureSourceKind.Texture:
                    if (sourceTexture == null) Say("has no source texture");
                    return sourceTexture;
                case PictureSourceKind.Screen:
                    var screen = new Vector2Int(Screen.width, Screen.height);
                    if (screen.x < 1 || screen.y < 1) return null;
                    _target.Ensure("Rendercast screen", screen, 0, 1, false);
                    return _target.Texture;
                default:
                    return PrepareCamera();
            }
        }

        Texture PrepareCamera()
        {
            var from = sourceCamera != null ? sourceCamera : GetComponent<Camera>();
            if (from == null)
            {
                Say("has no camera");
                return null;
            }
            var wanted = Clamp(size.x > 0 && size.y > 0 ? size : new Vector2Int(1280, 720));
            _target.Ensure("Rendercast camera", wanted, depth, Mathf.Max(1, antiAliasing), hdr);
            if (_redirected != from || from.targetTexture != _target.Texture)
            {
                if (_redirected != from) RestoreCamera();
                if (_redirected == null) _redirectedFrom = from.targetTexture;
                _redirected = from;
                from.targetTexture = _target.Texture;
            }
            return _target.Texture;
        }

        void RestoreCamera()
        {
            if (_redirected != null && _redirected.targetTexture == _target.Texture) _redirected.targetTexture = _redirectedFrom;
            _redirected = null;
            _redirectedFrom = null;
        }

        unsafe void Take(Streamer streamer, Texture texture, Vector2Int wanted)
        {
            var pointer = _target.PointerOf(texture);
            if (pointer == IntPtr.Zero) return;
            var linear = IsHdr(texture) && QualitySettings.activeColorSpace == ColorSpace.Linear;
            RenderBatch.Add(new rendercast_unity_frame
            {
                streamer = streamer.Handle,
                texture = (void*)pointer,
                width = (uint)texture.width,
                height = (uint)texture.height,
                target_width = (uint)wanted.x,
                target_height = (uint)wanted.y,
                flags = (BottomUp() ? NativeMethods.RENDERCAST_TEXTURE_FLIPPED : 0)
                    | (linear ? NativeMethods.RENDERCAST_TEXTURE_LINEAR | NativeMethods.RENDERCAST_TEXTURE_TONE_MAP : 0)
            });
        }

        void ReadBack(Texture texture, Vector2Int wanted)
        {
            if (!SystemInfo.supportsAsyncGPUReadback)
            {
                Say("has no pictures: this graphics device neither lends textures nor reads them back");
                return;
            }
            if (!s_saidFallback)
            {
                s_saidFallback = true;
                Debug.LogWarning("Rendercast: textures of this graphics device (" + SystemInfo.graphicsDeviceType +
                    ") are read back, which costs some frames of latency.", this);
            }
            if (_readback == null) _readback = new Readback();
            if (IsHdr(texture) || texture.width != wanted.x || texture.height != wanted.y)
            {
                // Scales, and writes half floats as the eight bits that are read back; bright ones are clipped.
                _scaled.Ensure("Rendercast scaled", wanted, 0, 1, false);
                // Leaves its target active.
                var active = RenderTexture.active;
                Graphics.Blit(texture, _scaled.Texture);
                RenderTexture.active = active;
                texture = _scaled.Texture;
            }
            _readback.Request(texture, BottomUp());
        }

        /// <summary>
        /// Unity's textures begin with the bottom row in every API. A capture of the screen is a copy of the back buffer, which begins
        /// with the top row where texture coordinates do.
        /// </summary>
        bool BottomUp()
        {
            if (flip != FlipMode.Automatic) return flip == FlipMode.BottomUp;
            return source != PictureSourceKind.Screen || !SystemInfo.graphicsUVStartsAtTop;
        }

        Vector2Int PictureSize(Texture texture)
        {
            return Clamp(size.x > 0 && size.y > 0 ? size : new Vector2Int(texture.width, texture.height));
        }

        static Vector2Int Clamp(Vector2Int wanted)
        {
            return new Vector2Int(Mathf.Clamp(wanted.x, MinSide, MaxSide), Mathf.Clamp(wanted.y, MinSide, MaxSide));
        }

        static bool IsHdr(Texture texture)
        {
            var render = texture as RenderTexture;
            return render != null && (render.format == RenderTextureFormat.ARGBHalf || render.format == RenderTextureFormat.ARGBFloat);
        }

        void Say(string problem)
        {
            if (_saidProblem) return;
            _saidProblem = true;
            Debug.LogError("Rendercast: the camera streamer of " + name + " " + problem + ".", this);
        }
    }
}

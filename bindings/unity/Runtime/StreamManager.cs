using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;

namespace Rendercast.Streaming
{
    /// <summary>
    /// One stream of a scene: runs a <see cref="Streamer"/>, polls it, and hands out what viewers do. A <see cref="CameraStreamer"/>
    /// gives it pictures, an <see cref="AudioStreamer"/> sound, an <see cref="InputReceiver"/> takes input.
    /// </summary>
    [DefaultExecutionOrder(-1000)]
    [DisallowMultipleComponent]
    [AddComponentMenu("Rendercast/Stream Manager")]
    public sealed class StreamManager : MonoBehaviour
    {
        static readonly List<StreamManager> s_enabled = new List<StreamManager>();

        [SerializeField, Tooltip("Empty: all defaults, which stream to this machine only.")]
        StreamingSettings settings;
        [SerializeField, Tooltip("Start streaming with the scene, and again when this component is enabled again.")]
        bool runOnAwake = true;
        [SerializeField, Tooltip("Let -signalingUrl, -iceServerUrl and the others change the settings of a player.")]
        bool evaluateCommandLine = true;
        [SerializeField, Tooltip("Write events to the console.")]
        bool logEvents = true;

        [Header("Events")]
        [SerializeField] UnityEvent<string> onLinkReady = new UnityEvent<string>();
        [SerializeField] UnityEvent<int> onViewerConnected = new UnityEvent<int>();
        [SerializeField] UnityEvent<int> onViewerDisconnected = new UnityEvent<int>();
        [SerializeField] UnityEvent<string> onTrouble = new UnityEvent<string>();

        readonly List<uint> _viewers = new List<uint>();
        Streamer _streamer;
        // A reload of scripts would make an empty text of null.
        [NonSerialized] string _link;
        byte[] _message = new byte[1024];
        Coroutine _loop;
        bool _begun;

        /// <summary>Everything the library reports.</summary>
        public event Action<StreamEvent> EventReceived;
        public event Action<uint> ViewerConnected;
        public event Action<uint> ViewerDisconnected;
        /// <summary>Everything viewers do, in order. An <see cref="InputReceiver"/> sorts it by kind.</summary>
        public event StreamInputHandler InputReceived;
        /// <summary>A page's message, or the text of its text field or clipboard (UTF-8): its input event, and a buffer that holds its bytes until the handler returns.</summary>
        public event Action<StreamInput, byte[]> MessageReceived;

        /// <summary>Managers that are enabled now.</summary>
        public static IReadOnlyList<StreamManager> Enabled
        {
            get { return s_enabled; }
        }

        public StreamingSettings Settings
        {
            get { return settings; }
            set { settings = value; }
        }

        /// <summary>Null while nothing streams.</summary>
        public Streamer Streamer
        {
            get { return _streamer; }
        }

        public bool IsStreaming
        {
            get { return _streamer != null; }
        }

        /// <summary>The link to open in a browser; null until the embedded server listens. May hold a token: a secret then.</summary>
        public string Link
        {
            get { return _link; }
        }

        /// <summary>Viewers that are connected now, by number.</summary>
        public IReadOnlyList<uint> Viewers
        {
            get { return _viewers; }
        }

        /// <summary>Whether a viewer is connected now. Its last input, such as keys it lets go, may come after it left.</summary>
        public bool HasViewer(uint viewer)
        {
            return _viewers.Contains(viewer);
        }

        /// <summary>Size of the streamed picture, which input positions refer to. 0 before the first.</summary>
        public Vector2Int PictureSize { get; internal set; }

        public UnityEvent<string> OnLinkReady { get { return onLinkReady; } }
        public UnityEvent<int> OnViewerConnected { get { return onViewerConnected; } }
        public UnityEvent<int> OnViewerDisconnected { get { return onViewerDisconnected; } }
        public UnityEvent<string> OnTrouble { get { return onTrouble; } }

        /// <summary>The one camera streamer that gives pictures.</summary>
        internal CameraStreamer PictureSource { get; set; }

        /// <summary>The one audio streamer that gives sound.</summary>
        internal AudioStreamer SoundSource { get; set; }

        /// <summary>The manager a component uses: the stated one, else that of its object or parents, else the first of the scene.</summary>
        internal static StreamManager For(Component component, StreamManager stated)
        {
            if (stated != null) return stated;
            var near = component.GetComponentInParent<StreamManager>();
            if (near != null) return near;
            return s_enabled.Count > 0 ? s_enabled[0] : null;
        }

        /// <summary>Play mode without a domain reload leaves the managers of the last run here.</summary>
        internal static void ResetStatics()
        {
            s_enabled.Clear();
        }

        /// <summary>Creates the streamer and starts it. Does nothing while one runs.</summary>
        /// <exception cref="RendercastException">The settings cannot be used, or the system refused a thread.</exception>
        /// <exception cref="InvalidOperationException">The native library is missing or of another version.</exception>
        public void StartStreaming()
        {
            if (_streamer != null) return;
            var problem = Library.Problem;
            if (problem != null) throw new InvalidOperationException(problem);
            var streamer = new Streamer(Json());
            try
            {
                streamer.Start();
            }
            catch
            {
                streamer.Dispose();
                throw;
            }
            _streamer = streamer;
        }

        /// <summary>Ends every viewer's stream. Blocks for up to about two seconds.</summary>
        public void StopStreaming()
        {
            if (_streamer == null) return;
            var streamer = _streamer;
            _streamer = null;
            _link = null;
            streamer.Dispose();
            while (_viewers.Count > 0) RemoveViewer(_viewers[_viewers.Count - 1]);
        }

        /// <summary>Stops and starts again, with the settings as they are now.</summary>
        public void RestartStreaming()
        {
            StopStreaming();
            StartStreaming();
        }

        string Json()
        {
            var configuration = settings != null ? settings.configuration.Clone() : new StreamingConfiguration();
            CameraStreamer.AttachAll();
            if (PictureSource != null) PictureSource.ApplyOverrides(configuration);
            // The editor's own arguments are not meant for the game.
            if (!evaluateCommandLine || Application.isEditor) return configuration.ToJson();
            var line = CommandLine.Parse(Environment.GetCommandLineArgs());
            line.Apply(configuration);
            foreach (var problem in line.Problems) Debug.LogWarning("Rendercast: " + problem, this);
            return line.Json ?? configuration.ToJson();
        }

        void OnEnable()
        {
            s_enabled.Add(this);
            _loop = StartCoroutine(AtEndOfFrame());
            if (_begun) StartIfWanted();
        }

        /// <summary>Every component of the scene is enabled by now, and has told its wishes.</summary>
        void Start()
        {
            _begun = true;
            StartIfWanted();
        }

        void StartIfWanted()
        {
            if (!runOnAwake) return;
            try
            {
                StartStreaming();
            }
            catch (Exception error) when (error is RendercastException || error is InvalidOperationException)
            {
                Debug.LogError("Rendercast: " + error.Message, this);
            }
        }

        void OnDisable()
        {
            s_enabled.Remove(this);
            // A disabled component keeps its coroutines.
            if (_loop != null) StopCoroutine(_loop);
            _loop = null;
            StopStreaming();
        }

        void Update()
        {
            PollEvents();
            StreamInput input;
            while (_streamer != null && _streamer.PollInput(out input))
            {
                // Events have a queue of their own: that a viewer came, or opened a channel, is told before what it does there.
                if (input.Kind == InputKind.Message || !HasViewer(input.Viewer)) PollEvents();
                Handle(input);
            }
        }

        void PollEvents()
        {
            StreamEvent streamEvent;
            while (_streamer != null && _streamer.PollEvent(out streamEvent)) Handle(streamEvent);
        }

        /// <summary>Every camera has rendered then, in every render pipeline.</summary>
        IEnumerator AtEndOfFrame()
        {
            var end = new WaitForEndOfFrame();
            while (true)
            {
                // In batch mode Unity never gets there; the pictures of the frame before are complete at the next one.
                if (Application.isBatchMode) yield return null;
                else yield return end;
                CameraStreamer.CaptureAll(Time.frameCount, Time.realtimeSinceStartupAsDouble);
            }
        }

        void Handle(StreamEvent streamEvent)
        {
            if (logEvents) Log(streamEvent);
            switch (streamEvent.Kind)
            {
                case StreamEventKind.ServerListening:
                    // The message may be cut.
                    _link = _streamer.Link ?? streamEvent.Message;
                    onLinkReady.Invoke(_link);
                    break;
                case StreamEventKind.ViewerConnected:
                    _viewers.Add(streamEvent.Viewer);
                    if (ViewerConnected != null) ViewerConnected(streamEvent.Viewer);
                    onViewerConnected.Invoke((int)streamEvent.Viewer);
                    break;
                case StreamEventKind.ViewerDisconnected:
                    RemoveViewer(streamEvent.Viewer);
                    break;
            }
            if (EventReceived != null) EventReceived(streamEvent);
            if (streamEvent.Severity >= Severity.Warning) onTrouble.Invoke(streamEvent.Message);
            // Nothing comes after a fatal event; a stream that shows as running would be a lie.
            if (streamEvent.Severity == Severity.Fatal) StopStreaming();
        }

        void RemoveViewer(uint viewer)
        {
            if (!_viewers.Remove(viewer)) return;
            if (ViewerDisconnected != null) ViewerDisconnected(viewer);
            onViewerDisconnected.Invoke((int)viewer);
        }

        void Handle(in StreamInput input)
        {
            if (InputReceived != null) InputReceived(input);
            var hasBytes = input.Kind == InputKind.Message || input.Kind == InputKind.TextField || input.Kind == InputKind.Clipboard;
            if (!hasBytes || MessageReceived == null || _streamer == null) return;
            if (_message.Length < input.MessageLength) _message = new byte[Math.Max(input.MessageLength, _message.Length * 2)];
            if (_streamer.ReadMessage(_message)) MessageReceived(input, _message);
        }

        void Log(StreamEvent streamEvent)
        {
            var text = "Rendercast: " + streamEvent.Kind + (streamEvent.Viewer != 0 ? " (viewer " + streamEvent.Viewer + "): " : ": ") +
                streamEvent.Message;
            if (streamEvent.Severity >= Severity.Error) Debug.LogError(text, this);
            else if (streamEvent.Severity == Severity.Warning) Debug.LogWarning(text, this);
            else Debug.Log(text, this);
        }
    }
}

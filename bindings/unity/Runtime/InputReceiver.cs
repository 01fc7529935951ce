using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>
    /// What viewers do, sorted by kind, as events; and, where the project uses the Input System, as devices of each viewer. The old
    /// Input class cannot be fed.
    /// </summary>
    [AddComponentMenu("Rendercast/Input Receiver")]
    public sealed class InputReceiver : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the manager of this object or its parents, else the first of the scene.")]
        StreamManager manager;
        [SerializeField, Tooltip("Only this viewer's input. 0: every viewer's.")]
        uint viewer;
        [SerializeField, Tooltip("Part of the screen that the picture shows; input positions are mapped to it.")]
        Rect region = new Rect(0f, 0f, 1f, 1f);
        [SerializeField, Tooltip("Add a keyboard, mouse, touchscreen, pen and gamepads to the Input System for each viewer that uses them.")]
        bool createDevices = true;

        StreamManager _used;
#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
        readonly InputSystemFeed _feed = new InputSystemFeed();
#endif

        public event StreamInputHandler KeyChanged;
        public event StreamInputHandler TextTyped;
        public event StreamInputHandler MouseChanged;
        public event StreamInputHandler WheelTurned;
        public event StreamInputHandler TouchChanged;
        public event StreamInputHandler GamepadChanged;
        public event StreamInputHandler PageButtonPressed;
        public event StreamInputHandler PenChanged;
        /// <summary>An input method composes; what it commits is typed.</summary>
        public event StreamInputHandler CompositionChanged;
        /// <summary>A gamepad was plugged in or unplugged.</summary>
        public event StreamInputHandler GamepadPlugged;
        /// <summary>The page gave its viewer a name.</summary>
        public event StreamInputHandler ViewerNamed;

        public StreamManager Manager { get { return manager; } set { manager = value; } }
        public uint Viewer { get { return viewer; } set { viewer = value; } }
        /// <summary>In parts of the screen, from the bottom left.</summary>
        public Rect Region { get { return region; } set { region = value; } }
        public bool CreateDevices { get { return createDevices; } set { createDevices = value; } }

        /// <summary>Where on the screen an input is, in pixels from the bottom left, as Unity has it.</summary>
        public Vector2 ToScreen(in StreamInput input)
        {
            var x = region.x + input.Normalized.x * region.width;
            var y = region.y + (1f - input.Normalized.y) * region.height;
            return new Vector2(x * Screen.width, y * Screen.height);
        }

        /// <summary>How far the mouse moved on the screen, in pixels to the right and up.</summary>
        public Vector2 ToScreenMovement(in StreamInput input)
        {
            var picture = input.PictureSize;
            if (picture.x < 1 || picture.y < 1) return Vector2.zero;
            var x = input.Movement.x / picture.x * region.width;
            var y = -input.Movement.y / picture.y * region.height;
            return new Vector2(x * Screen.width, y * Screen.height);
        }

        void Update()
        {
            // A manager may come and go with its scene.
            if (_used != null && _used.isActiveAndEnabled && (manager == null || manager == _used)) return;
            var found = StreamManager.For(this, manager);
            if (found == _used) return;
            Detach();
            if (found == null) return;
            _used = found;
            _used.InputReceived += Handle;
            _used.ViewerDisconnected += Forget;
        }

        void OnDisable()
        {
            Detach();
        }

        void Detach()
        {
            // Destroyed objects compare equal to null, their events are still there.
            if (!ReferenceEquals(_used, null))
            {
                _used.InputReceived -= Handle;
                _used.ViewerDisconnected -= Forget;
            }
            _used = null;
#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
            _feed.RemoveAll();
#endif
        }

        void Forget(uint gone)
        {
#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
            _feed.Remove(gone);
#endif
        }

        void Handle(in StreamInput input)
        {
            if (viewer != 0 && input.Viewer != viewer) return;
#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
            // What a viewer lets go by leaving comes after its devices went, and they let go of everything themselves.
            if (createDevices && _used.HasViewer(input.Viewer)) _feed.Queue(input, ToScreen(input), ToScreenMovement(input));
#endif
            var handler = HandlerOf(input.Kind);
            if (handler != null) handler(input);
        }

        StreamInputHandler HandlerOf(InputKind kind)
        {
            switch (kind)
            {
                case InputKind.Key: return KeyChanged;
                case InputKind.Text: return TextTyped;
                case InputKind.Mouse: return MouseChanged;
                case InputKind.Wheel: return WheelTurned;
                case InputKind.Touch: return TouchChanged;
                case InputKind.Gamepad: return GamepadChanged;
                case InputKind.PageButton: return PageButtonPressed;
                case InputKind.Pen: return PenChanged;
                case InputKind.Composition: return CompositionChanged;
                case InputKind.GamepadConnected: return GamepadPlugged;
                case InputKind.GamepadDisconnected: return GamepadPlugged;
                case InputKind.Label: return ViewerNamed;
                default: return null;
            }
        }
    }
}

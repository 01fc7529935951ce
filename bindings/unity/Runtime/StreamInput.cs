using Rendercast.Streaming.Interop;
using UnityEngine;

namespace Rendercast.Streaming
{
    public enum InputKind : uint
    {
        Key = NativeMethods.RENDERCAST_INPUT_KEY,
        Text = NativeMethods.RENDERCAST_INPUT_TEXT,
        Mouse = NativeMethods.RENDERCAST_INPUT_MOUSE,
        Wheel = NativeMethods.RENDERCAST_INPUT_WHEEL,
        Touch = NativeMethods.RENDERCAST_INPUT_TOUCH,
        Gamepad = NativeMethods.RENDERCAST_INPUT_GAMEPAD,
        /// <summary>A button of the page.</summary>
        PageButton = NativeMethods.RENDERCAST_INPUT_PAGE_BUTTON,
        /// <summary>A message of the page on a data channel.</summary>
        Message = NativeMethods.RENDERCAST_INPUT_MESSAGE,
        /// <summary>An input method composes text that is not committed yet.</summary>
        Composition = NativeMethods.RENDERCAST_INPUT_COMPOSITION,
        Pen = NativeMethods.RENDERCAST_INPUT_PEN,
        /// <summary>A gamepad was plugged in. Pages of Unity Render Streaming use theirs without it.</summary>
        GamepadConnected = NativeMethods.RENDERCAST_INPUT_GAMEPAD_CONNECTED,
        GamepadDisconnected = NativeMethods.RENDERCAST_INPUT_GAMEPAD_DISCONNECTED,
        /// <summary>The page gave its viewer a name.</summary>
        Label = NativeMethods.RENDERCAST_INPUT_LABEL
    }

    /// <summary>The numbers are those of the Input System's TouchPhase.</summary>
    public enum FingerPhase : uint
    {
        None = 0,
        Began = NativeMethods.RENDERCAST_TOUCH_BEGAN,
        Moved = NativeMethods.RENDERCAST_TOUCH_MOVED,
        Ended = NativeMethods.RENDERCAST_TOUCH_ENDED,
        Canceled = NativeMethods.RENDERCAST_TOUCH_CANCELED,
        Stationary = NativeMethods.RENDERCAST_TOUCH_STATIONARY,
        /// <summary>A pen is near the picture and does not touch it. The Input System has no such phase.</summary>
        Hovering = NativeMethods.RENDERCAST_TOUCH_HOVERING
    }

    public enum CompositionPhase : uint
    {
        None = 0,
        Started = NativeMethods.RENDERCAST_COMPOSITION_STARTED,
        Updated = NativeMethods.RENDERCAST_COMPOSITION_UPDATED,
        Ended = NativeMethods.RENDERCAST_COMPOSITION_ENDED,
        Canceled = NativeMethods.RENDERCAST_COMPOSITION_CANCELED
    }

    /// <summary>What a gamepad can do.</summary>
    [System.Flags]
    public enum GamepadAbilities : uint
    {
        None = 0,
        /// <summary>A strong and a weak motor.</summary>
        DualRumble = NativeMethods.RENDERCAST_GAMEPAD_DUAL_RUMBLE,
        TriggerRumble = NativeMethods.RENDERCAST_GAMEPAD_TRIGGER_RUMBLE,
        /// <summary>Its buttons are those of the W3C standard mapping.</summary>
        StandardMapping = NativeMethods.RENDERCAST_GAMEPAD_STANDARD_MAPPING
    }

    /// <summary>Something a viewer did. Fields that its kind does not name are 0. What viewers send is not to be trusted.</summary>
    public struct StreamInput
    {
        public InputKind Kind;
        /// <summary>Who did it. Never 0, never reused while the process lives.</summary>
        public uint Viewer;
        /// <summary>Key: the key's place on the keyboard; up to 110 the number of the Input System's Key.</summary>
        public int Key;
        /// <summary>When it arrived, in ns on the library's own monotonic clock.</summary>
        public ulong ReceivedNs;
        /// <summary>Key: went down, or up.</summary>
        public bool Down;
        /// <summary>Key: the keyboard repeats a key that is held.</summary>
        public bool Repeat;
        /// <summary>Text: a Unicode scalar value. Key: what it types, 0 where that is not known.</summary>
        public int Character;
        /// <summary>Mouse: 1 left, 2 right, 4 middle, 8 back, 16 forward. Gamepad: bit n is button n of the W3C standard mapping. Pen: 1 tip, 2 barrel, 32 eraser.</summary>
        public uint Buttons;
        /// <summary>When it happened, in microseconds of the page's own clock; 0: not known.</summary>
        public ulong PageTimeUs;
        /// <summary>Size of the picture that the viewer was shown.</summary>
        public Vector2Int PictureSize;
        /// <summary>Mouse, wheel, touch, pen: pixels of the video from its left and top edge.</summary>
        public Vector2 Position;
        /// <summary>The same place in parts of the picture: 0, 0 is its top left corner, 1, 1 the bottom right one.</summary>
        public Vector2 Normalized;
        /// <summary>Mouse: how far it moved to the right and down, in pixels of the video. All there is of a locked pointer.</summary>
        public Vector2 Movement;
        /// <summary>Wheel: pixels, positive to the right and downwards.</summary>
        public Vector2 Delta;
        /// <summary>Touch, pen: how hard, 0 to 1.</summary>
        public float Force;
        /// <summary>Touch: half of what the finger covers, in pixels of the video; 0: not known.</summary>
        public Vector2 Radius;
        public int TouchId;
        /// <summary>Touch, pen.</summary>
        public FingerPhase Phase;
        /// <summary>Pen: to the right and towards the viewer, in degrees, -90 to 90.</summary>
        public Vector2Int Tilt;
        /// <summary>Pen: clockwise, in degrees, 0 to 359.</summary>
        public int Twist;
        public CompositionPhase Composition;
        /// <summary>Composition: where the caret is, in characters.</summary>
        public int Caret;
        /// <summary>Gamepad: tells a viewer's gamepads apart.</summary>
        public int PadIndex;
        /// <summary>Gamepad: -1 to 1, up is positive.</summary>
        public Vector2 LeftStick;
        public Vector2 RightStick;
        /// <summary>Gamepad: 0 to 1.</summary>
        public float LeftTrigger;
        public float RightTrigger;
        /// <summary>Gamepad connected: what it can do.</summary>
        public GamepadAbilities Abilities;
        /// <summary>Composition: the text. Gamepad connected: what the browser calls it. Label: the name.</summary>
        public string Text;
        /// <summary>Page button: the number the page gave it.</summary>
        public int PageButton;
        /// <summary>Message: text (UTF-8) or bytes.</summary>
        public bool IsText;
        /// <summary>Message: its length in bytes; <see cref="Streamer.ReadMessage"/> copies them.</summary>
        public int MessageLength;
        /// <summary>Message: label of the data channel.</summary>
        public string Channel;
    }

    public delegate void StreamInputHandler(in StreamInput input);
}

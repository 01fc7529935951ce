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
        /// <summary>What is in the text field that ShowKeyboard opened; Streamer.ReadMessage copies the text (UTF-8).</summary>
        TextField = NativeMethods.RENDERCAST_INPUT_TEXT_FIELD,
        /// <summary>What a player has copied for the host; Streamer.ReadMessage copies the text (UTF-8).</summary>
        Clipboard = NativeMethods.RENDERCAST_INPUT_CLIPBOARD
    }

    /// <summary>The numbers are those of the Input System's TouchPhase.</summary>
    public enum FingerPhase : uint
    {
        None = 0,
        Began = NativeMethods.RENDERCAST_TOUCH_BEGAN,
        Moved = NativeMethods.RENDERCAST_TOUCH_MOVED,
        Ended = NativeMethods.RENDERCAST_TOUCH_ENDED,
        Canceled = NativeMethods.RENDERCAST_TOUCH_CANCELED,
        Stationary = NativeMethods.RENDERCAST_TOUCH_STATIONARY
    }

    /// <summary>Something a viewer did. Fields that its kind does not name are 0. What viewers send is not to be trusted.</summary>
    public struct StreamInput
    {
        public InputKind Kind;
        /// <summary>Who did it. Never 0, never reused while the process lives.</summary>
        public uint Viewer;
        /// <summary>Key: the number of the Input System's Key, the key's place on the keyboard.</summary>
        public int Key;
        /// <summary>When it arrived, in ns on the library's own monotonic clock.</summary>
        public ulong ReceivedNs;
        /// <summary>Key: went down, or up.</summary>
        public bool Down;
        /// <summary>Key: the keyboard repeats a key that is held.</summary>
        public bool Repeat;
        /// <summary>Text: a Unicode scalar value.</summary>
        public int Character;
        /// <summary>Mouse: 1 left, 2 right, 4 middle, 8 back, 16 forward. Gamepad: bit n is button n of the W3C standard mapping.</summary>
        public uint Buttons;
        /// <summary>Mouse, touch: pixels of the video from its left and top edge.</summary>
        public Vector2 Position;
        /// <summary>Wheel: pixels, positive to the right and downwards.</summary>
        public Vector2 Delta;
        /// <summary>Touch: how hard, 0 to 1.</summary>
        public float Force;
        public int TouchId;
        public FingerPhase Phase;
        /// <summary>Gamepad: tells a viewer's gamepads apart.</summary>
        public int PadIndex;
        /// <summary>Gamepad: -1 to 1, up is positive.</summary>
        public Vector2 LeftStick;
        public Vector2 RightStick;
        /// <summary>Gamepad: 0 to 1.</summary>
        public float LeftTrigger;
        public float RightTrigger;
        /// <summary>Page button: the number the page gave it.</summary>
        public int PageButton;
        /// <summary>Message: text (UTF-8) or bytes.</summary>
        public bool IsText;
        /// <summary>Message, text field, clipboard: its length in bytes; <see cref="Streamer.ReadMessage"/> copies them.</summary>
        public int MessageLength;
        /// <summary>Message: label of the data channel.</summary>
        public string Channel;
        /// <summary>Text field: where the selection begins and ends, in characters.</summary>
        public int SelectionStart;
        public int SelectionEnd;
        /// <summary>Text field: the viewer is done with it.</summary>
        public bool Done;
    }

    public delegate void StreamInputHandler(in StreamInput input);
}

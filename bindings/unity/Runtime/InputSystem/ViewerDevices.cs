#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
using UnityEngine;
using UnityEngine.InputSystem;
using UnityEngine.InputSystem.LowLevel;

namespace Rendercast.Streaming
{
    /// <summary>One viewer's devices, each added when the viewer first uses it.</summary>
    internal sealed class ViewerDevices
    {
        /// <summary>Gamepads of one viewer.</summary>
        const int MaxPads = 4;
        /// <summary>Keys that every version of the Input System has.</summary>
        const int LastKey = 110;

        readonly uint _viewer;
        readonly Gamepad[] _pads = new Gamepad[MaxPads];
        Keyboard _keyboard;
        KeyboardState _keys;
        Mouse _mouse;
        uint _buttons;
        Vector2 _position;
        Touchscreen _screen;
        Pen _pen;

        internal ViewerDevices(uint viewer)
        {
            _viewer = viewer;
        }

        internal void Queue(in StreamInput input, Vector2 position, Vector2 moved)
        {
            switch (input.Kind)
            {
                case InputKind.Key:
                    QueueKey(input.Key, input.Down);
                    break;
                case InputKind.Text:
                    QueueText(input.Character);
                    break;
                case InputKind.Mouse:
                    _buttons = input.Buttons;
                    _position = position;
                    QueueMouse(moved, Vector2.zero);
                    break;
                case InputKind.Wheel:
                    // The browser counts downwards, Unity upwards.
                    QueueMouse(Vector2.zero, new Vector2(input.Delta.x, -input.Delta.y));
                    break;
                case InputKind.Touch:
                    QueueTouch(input, position);
                    break;
                case InputKind.Pen:
                    QueuePen(input, position);
                    break;
                case InputKind.Gamepad:
                    QueuePad(input);
                    break;
                case InputKind.GamepadDisconnected:
                    RemovePad(input.PadIndex);
                    break;
            }
        }

        internal void Remove()
        {
            Remove(_keyboard);
            Remove(_mouse);
            Remove(_screen);
            Remove(_pen);
            foreach (var pad in _pads) Remove(pad);
        }

        static void Remove(InputDevice device)
        {
            if (device != null && device.added) InputSystem.RemoveDevice(device);
        }

        string Name(string kind)
        {
            return "Rendercast" + kind + _viewer;
        }

        void QueueKey(int key, bool down)
        {
            if (key < 1 || key > LastKey) return;
            if (_keyboard == null) _keyboard = InputSystem.AddDevice<Keyboard>(Name("Keyboard"));
            _keys.Set((Key)key, down);
            InputSystem.QueueStateEvent(_keyboard, _keys);
        }

        void QueueText(int character)
        {
            if (_keyboard == null) _keyboard = InputSystem.AddDevice<Keyboard>(Name("Keyboard"));
            // The Input System's text is UTF-16, in which a character beyond the basic plane is two.
            if (character < 0x10000)
            {
                InputSystem.QueueTextEvent(_keyboard, (char)character);
                return;
            }
            InputSystem.QueueTextEvent(_keyboard, (char)(0xD800 + (character - 0x10000 >> 10)));
            InputSystem.QueueTextEvent(_keyboard, (char)(0xDC00 + (character & 0x3FF)));
        }

        void QueueMouse(Vector2 moved, Vector2 scrolled)
        {
            if (_mouse == null) _mouse = InputSystem.AddDevice<Mouse>(Name("Mouse"));
            var state = new MouseState { position = _position, delta = moved, scroll = scrolled }
                .WithButton(MouseButton.Left, (_buttons & 1) != 0)
                .WithButton(MouseButton.Right, (_buttons & 2) != 0)
                .WithButton(MouseButton.Middle, (_buttons & 4) != 0)
                .WithButton(MouseButton.Back, (_buttons & 8) != 0)
                .WithButton(MouseButton.Forward, (_buttons & 16) != 0);
            InputSystem.QueueStateEvent(_mouse, state);
        }

        void QueueTouch(in StreamInput input, Vector2 position)
        {
            if (_screen == null) _screen = InputSystem.AddDevice<Touchscreen>(Name("Touchscreen"));
            InputSystem.QueueStateEvent(_screen, new TouchState
            {
                // 0 means "no touch" to the Input System.
                touchId = input.TouchId + 1,
                phase = (UnityEngine.InputSystem.TouchPhase)input.Phase,
                position = position,
                pressure = input.Force
            });
        }

        void QueuePen(in StreamInput input, Vector2 position)
        {
            if (_pen == null) _pen = InputSystem.AddDevice<Pen>(Name("Pen"));
            var touches = input.Phase == FingerPhase.Began || input.Phase == FingerPhase.Moved;
            var state = new PenState
            {
                position = position,
                pressure = input.Force,
                // To -1 to 1; the browser counts towards the viewer, Unity away.
                tilt = new Vector2(input.Tilt.x / 90f, -input.Tilt.y / 90f)
            };
            state = state.WithButton(PenButton.Tip, touches).WithButton(PenButton.BarrelFirst, (input.Buttons & 2) != 0)
                .WithButton(PenButton.Eraser, (input.Buttons & 32) != 0).WithButton(PenButton.InRange, true);
            InputSystem.QueueStateEvent(_pen, state);
        }

        void RemovePad(int index)
        {
            if (index < 0 || index >= MaxPads) return;
            Remove(_pads[index]);
            _pads[index] = null;
        }

        void QueuePad(in StreamInput input)
        {
            if (input.PadIndex < 0 || input.PadIndex >= MaxPads) return;
            var pad = _pads[input.PadIndex] ?? (_pads[input.PadIndex] = InputSystem.AddDevice<Gamepad>(Name("Gamepad" + input.PadIndex + "Of")));
            var state = new GamepadState
            {
                leftStick = input.LeftStick,
                rightStick = input.RightStick,
                leftTrigger = input.LeftTrigger,
                rightTrigger = input.RightTrigger
            };
            for (var button = 0; button < PadButtons.Standard.Length; button++)
            {
                if ((input.Buttons >> button & 1) != 0) state = state.WithButton(PadButtons.Standard[button], true);
            }
            InputSystem.QueueStateEvent(pad, state);
        }
    }

    /// <summary>Buttons by their number in the W3C standard gamepad.</summary>
    internal static class PadButtons
    {
        internal static readonly GamepadButton[] Standard =
        {
            GamepadButton.South, GamepadButton.East, GamepadButton.West, GamepadButton.North, GamepadButton.LeftShoulder,
            GamepadButton.RightShoulder, GamepadButton.LeftTrigger, GamepadButton.RightTrigger, GamepadButton.Select,
            GamepadButton.Start, GamepadButton.LeftStick, GamepadButton.RightStick, GamepadButton.DpadUp,
            GamepadButton.DpadDown, GamepadButton.DpadLeft, GamepadButton.DpadRight
        };
    }
}
#endif

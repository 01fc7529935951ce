// A stand-in for Unity's Input System, for tests only: what is queued is kept for the test to read.
using System.Collections.Generic;

namespace UnityEngine.InputSystem
{
    using LowLevel;

    public enum Key { None, Space, W = 37, A = 15 }
    public enum TouchPhase { None, Began, Moved, Ended, Canceled, Stationary }

    public class InputDevice
    {
        public string name { get; internal set; }
        public bool added { get; internal set; }
    }
    public class Keyboard : InputDevice { }
    public class Mouse : InputDevice { }
    public class Touchscreen : InputDevice { }
    public class Gamepad : InputDevice { }
    public class Pen : InputDevice { }

    public static class InputSystem
    {
        public struct Queued { public InputDevice Device; public object State; }
        public static readonly List<Queued> Queue = new List<Queued>();
        public static readonly List<InputDevice> Devices = new List<InputDevice>();

        public static T AddDevice<T>(string name = null) where T : InputDevice, new()
        {
            var device = new T { name = name, added = true };
            Devices.Add(device);
            return device;
        }

        public static void RemoveDevice(InputDevice device)
        {
            device.added = false;
            Devices.Remove(device);
        }

        public static void QueueStateEvent<T>(InputDevice device, T state, double time = -1) where T : struct, IInputStateTypeInfo
        {
            Queue.Add(new Queued { Device = device, State = state });
        }

        public static void QueueTextEvent(InputDevice device, char character, double time = -1)
        {
            Queue.Add(new Queued { Device = device, State = character });
        }
    }
}

namespace UnityEngine.InputSystem.LowLevel
{
    public interface IInputStateTypeInfo { }
    public enum PenButton { Tip, Eraser, BarrelFirst, BarrelSecond, InRange }
    public enum MouseButton { Left, Right, Middle, Forward, Back }
    public enum GamepadButton
    {
        DpadUp = 0, DpadDown = 1, DpadLeft = 2, DpadRight = 3, North = 4, East = 5, South = 6, West = 7, LeftStick = 8, RightStick = 9,
        LeftShoulder = 10, RightShoulder = 11, Start = 12, Select = 13, LeftTrigger = 32, RightTrigger = 33
    }

    public unsafe struct KeyboardState : IInputStateTypeInfo
    {
        fixed byte keys[16];
        public void Set(Key key, bool state)
        {
            fixed (byte* first = keys)
            {
                if (state) first[(int)key >> 3] |= (byte)(1 << ((int)key & 7));
                else first[(int)key >> 3] &= (byte)~(1 << ((int)key & 7));
            }
        }
        public bool IsPressed(Key key)
        {
            fixed (byte* first = keys) return (first[(int)key >> 3] >> ((int)key & 7) & 1) != 0;
        }
    }

    public struct MouseState : IInputStateTypeInfo
    {
        public Vector2 position, delta, scroll;
        public ushort buttons;
        public MouseState WithButton(MouseButton button, bool state = true)
        {
            if (state) buttons |= (ushort)(1 << (int)button);
            else buttons &= (ushort)~(1 << (int)button);
            return this;
        }
    }

    public struct PenState : IInputStateTypeInfo
    {
        public Vector2 position, delta, tilt;
        public float pressure, twist;
        public ushort buttons;
        public PenState WithButton(PenButton button, bool state = true)
        {
            if (state) buttons |= (ushort)(1 << (int)button);
            else buttons &= (ushort)~(1 << (int)button);
            return this;
        }
    }

    public struct TouchState : IInputStateTypeInfo
    {
        public int touchId;
        public Vector2 position;
        public float pressure;
        public TouchPhase phase { get; set; }
    }

    public struct GamepadState : IInputStateTypeInfo
    {
        public uint buttons;
        public Vector2 leftStick, rightStick;
        public float leftTrigger, rightTrigger;
        public GamepadState WithButton(GamepadButton button, bool value = true)
        {
            if (value) buttons |= 1u << (int)button;
            else buttons &= ~(1u << (int)button);
            return this;
        }
    }
}

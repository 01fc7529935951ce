#if ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM
using System.Collections.Generic;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>The Input System's devices of every viewer.</summary>
    internal sealed class InputSystemFeed
    {
        readonly Dictionary<uint, ViewerDevices> _viewers = new Dictionary<uint, ViewerDevices>();

        /// <param name="position">In pixels of the screen, from the bottom left.</param>
        /// <param name="moved">The same, upwards.</param>
        internal void Queue(in StreamInput input, Vector2 position, Vector2 moved)
        {
            ViewerDevices devices;
            if (!_viewers.TryGetValue(input.Viewer, out devices))
            {
                devices = new ViewerDevices(input.Viewer);
                _viewers.Add(input.Viewer, devices);
            }
            devices.Queue(input, position, moved);
        }

        internal void Remove(uint viewer)
        {
            ViewerDevices devices;
            if (!_viewers.TryGetValue(viewer, out devices)) return;
            devices.Remove();
            _viewers.Remove(viewer);
        }

        internal void RemoveAll()
        {
            foreach (var devices in _viewers.Values) devices.Remove();
            _viewers.Clear();
        }
    }
}
#endif

using System;
using System.Text;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>
    /// What pages send on the data channels of one label. Channels are opened by the page; sending to it is not in the native library
    /// yet, so it is not here either.
    /// </summary>
    [AddComponentMenu("Rendercast/Data Channel")]
    public sealed class DataChannel : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the manager of this object or its parents, else the first of the scene.")]
        StreamManager manager;
        [SerializeField, Tooltip("The label the page gave the channel. The library itself reads \"data\" and \"input\".")]
        string label = "game";

        StreamManager _used;

        /// <summary>A viewer's page opened the channel.</summary>
        public event Action<uint> Opened;
        public event Action<uint> Closed;
        /// <summary>A text, and who sent it. What viewers send is not to be trusted.</summary>
        public event Action<uint, string> TextReceived;
        /// <summary>Bytes, and who sent them. They are there until the handler returns.</summary>
        public event Action<uint, ArraySegment<byte>> BytesReceived;

        public StreamManager Manager { get { return manager; } set { manager = value; } }
        public string Label { get { return label; } set { label = value; } }

        void Update()
        {
            if (_used != null && _used.isActiveAndEnabled && (manager == null || manager == _used)) return;
            var found = StreamManager.For(this, manager);
            if (found == _used) return;
            Detach();
            if (found == null) return;
            _used = found;
            _used.EventReceived += Handle;
            _used.MessageReceived += Handle;
        }

        void OnDisable()
        {
            Detach();
        }

        void Detach()
        {
            if (!ReferenceEquals(_used, null))
            {
                _used.EventReceived -= Handle;
                _used.MessageReceived -= Handle;
            }
            _used = null;
        }

        void Handle(StreamEvent streamEvent)
        {
            if (streamEvent.Message != label) return;
            if (streamEvent.Kind == StreamEventKind.ChannelOpened && Opened != null) Opened(streamEvent.Viewer);
            if (streamEvent.Kind == StreamEventKind.ChannelClosed && Closed != null) Closed(streamEvent.Viewer);
        }

        void Handle(StreamInput input, byte[] bytes)
        {
            if (input.Channel != label) return;
            if (!input.IsText)
            {
                if (BytesReceived != null) BytesReceived(input.Viewer, new ArraySegment<byte>(bytes, 0, input.MessageLength));
            }
            else if (TextReceived != null)
            {
                TextReceived(input.Viewer, Encoding.UTF8.GetString(bytes, 0, input.MessageLength));
            }
        }
    }
}

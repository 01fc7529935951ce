using System;
using System.Text;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>
    /// Messages from and to pages on the data channels of one label. Channels are opened by the page.
    /// </summary>
    [AddComponentMenu("Rendercast/Data Channel")]
    public sealed class DataChannel : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the manager of this object or its parents, else the first of the scene.")]
        StreamManager manager;
        [SerializeField, Tooltip("The label the page gave the channel. The library itself reads \"data\", \"input\", \"multiplay\" and those that begin with \"rendercast\".")]
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

        /// <summary>Sends a text to one viewer; 0 is every viewer that has the channel open.</summary>
        /// <returns>
        /// Ok (taken, not yet arrived), WouldBlock (a viewer has no room: send it again later), NoChannel, or a failure.
        /// </returns>
        public Status Send(string text, uint viewer = 0)
        {
            var streamer = Streaming;
            return streamer == null ? Status.NoChannel : streamer.SendText(viewer, label, text);
        }

        /// <summary>As the other one, with bytes. They may be changed when the call returns.</summary>
        public Status Send(ArraySegment<byte> bytes, uint viewer = 0)
        {
            var streamer = Streaming;
            return streamer == null ? Status.NoChannel : streamer.SendBytes(viewer, label, bytes);
        }

        /// <summary>Null while nothing streams.</summary>
        Streamer Streaming
        {
            get { return _used == null ? null : _used.Streamer; }
        }

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

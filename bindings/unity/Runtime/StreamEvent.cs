using Rendercast.Streaming.Interop;

namespace Rendercast.Streaming
{
    /// <summary>What a <see cref="StreamEvent"/> is about. A newer library may report kinds that are not named here.</summary>
    public enum StreamEventKind : uint
    {
        /// <summary>The embedded server listens; the message is the link to open.</summary>
        ServerListening = NativeMethods.RENDERCAST_EVENT_SERVER_LISTENING,
        ServerFailed = NativeMethods.RENDERCAST_EVENT_SERVER_FAILED,
        SignalingReady = NativeMethods.RENDERCAST_EVENT_SIGNALING_READY,
        /// <summary>The signaling server is lost; it is tried again and again.</summary>
        SignalingTrouble = NativeMethods.RENDERCAST_EVENT_SIGNALING_TROUBLE,
        ViewerConnected = NativeMethods.RENDERCAST_EVENT_VIEWER_CONNECTED,
        ViewerDisconnected = NativeMethods.RENDERCAST_EVENT_VIEWER_DISCONNECTED,
        ViewerRefused = NativeMethods.RENDERCAST_EVENT_VIEWER_REFUSED,
        /// <summary>The message is the encoder's name.</summary>
        EncoderSelected = NativeMethods.RENDERCAST_EVENT_ENCODER_SELECTED,
        EncoderUnavailable = NativeMethods.RENDERCAST_EVENT_ENCODER_UNAVAILABLE,
        /// <summary>Another encoder takes over.</summary>
        EncoderFailed = NativeMethods.RENDERCAST_EVENT_ENCODER_FAILED,
        EncoderMissing = NativeMethods.RENDERCAST_EVENT_ENCODER_MISSING,
        /// <summary>The message is the data channel's label.</summary>
        ChannelOpened = NativeMethods.RENDERCAST_EVENT_CHANNEL_OPENED,
        ChannelClosed = NativeMethods.RENDERCAST_EVENT_CHANNEL_CLOSED,
        /// <summary>The graphics device that pictures came from is lost.</summary>
        GraphicsDeviceLost = NativeMethods.RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST,
        /// <summary>A user asks to watch; the message is its name.</summary>
        CallRequested = NativeMethods.RENDERCAST_EVENT_CALL_REQUESTED,
        /// <summary>A request to or of a user came to nothing; the message is its name.</summary>
        CallEnded = NativeMethods.RENDERCAST_EVENT_CALL_ENDED,
        /// <summary>A viewer's microphone or camera is received; the message is "audio" or "video".</summary>
        ReceivingStarted = NativeMethods.RENDERCAST_EVENT_RECEIVING_STARTED,
        ReceivingStopped = NativeMethods.RENDERCAST_EVENT_RECEIVING_STOPPED,
        /// <summary>What waits on a data channel fell to its threshold; the message is its label.</summary>
        ChannelLow = NativeMethods.RENDERCAST_EVENT_CHANNEL_LOW
    }

    public enum Severity : uint
    {
        Info = NativeMethods.RENDERCAST_SEVERITY_INFO,
        /// <summary>Something is worse than it should be; streaming goes on.</summary>
        Warning = NativeMethods.RENDERCAST_SEVERITY_WARNING,
        /// <summary>Something that was configured does not work.</summary>
        Error = NativeMethods.RENDERCAST_SEVERITY_ERROR,
        /// <summary>Streaming has stopped.</summary>
        Fatal = NativeMethods.RENDERCAST_SEVERITY_FATAL
    }

    /// <summary>Something that happened in the library.</summary>
    public struct StreamEvent
    {
        public StreamEventKind Kind;
        public Severity Severity;
        /// <summary>The viewer it is about, 0 for nobody.</summary>
        public uint Viewer;
        /// <summary>For people, in English, one line.</summary>
        public string Message;
    }
}

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
        /// <summary>A user has signed in at the embedded server and can be called; the message is its name.</summary>
        UserSignedIn = NativeMethods.RENDERCAST_EVENT_USER_SIGNED_IN,
        /// <summary>A viewer is shown another source's picture; the message is that source's number.</summary>
        SourceChanged = NativeMethods.RENDERCAST_EVENT_SOURCE_CHANGED,
        /// <summary>None of the codecs preferred for a viewer was agreed on with its page; the message says which one goes on.</summary>
        CodecNotAgreed = NativeMethods.RENDERCAST_EVENT_CODEC_NOT_AGREED,
        /// <summary>What waits on a data channel fell to its threshold; the message is its label.</summary>
        ChannelLow = NativeMethods.RENDERCAST_EVENT_CHANNEL_LOW,
        /// <summary>Nothing is heard of a viewer ("interrupted"), or it is heard again ("back").</summary>
        ViewerInterrupted = NativeMethods.RENDERCAST_EVENT_VIEWER_INTERRUPTED,
        /// <summary>A viewer plays from now on, or watches; the message says why.</summary>
        RoleChanged = NativeMethods.RENDERCAST_EVENT_ROLE_CHANGED,
        /// <summary>A viewer asks for control; see SetViewerRole.</summary>
        RoleAsked = NativeMethods.RENDERCAST_EVENT_ROLE_ASKED,
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
        /// <summary>The viewer's role, where the event is about that; else None.</summary>
        public ViewerRole Role;
        /// <summary>The player's number, from 1; 0 for none.</summary>
        public uint Player;
    }
}

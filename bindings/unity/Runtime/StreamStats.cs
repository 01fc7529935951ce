namespace Rendercast.Streaming
{
    /// <summary>A streamer at one moment. Latencies are over the last 256 pictures; counters count since the start.</summary>
    public struct StreamStats
    {
        public int Viewers;
        public ulong UptimeMs;
        /// <summary>Encoders open now.</summary>
        public int Encoders;
        /// <summary>Name of the first active encoder, empty when none is open.</summary>
        public string Encoder;
        /// <summary>Of the last picture, in pixels.</summary>
        public int Width;
        public int Height;
        public uint ConvertP50Us;
        public uint ConvertP99Us;
        public uint EncodeP50Us;
        public uint EncodeP99Us;
        /// <summary>From push to the picture's last packet leaving, less encoding.</summary>
        public uint TransitP50Us;
        public uint TransitP99Us;
        public ulong TargetBitrateKbps;
        public ulong VideoFramesPushed;
        /// <summary>Replaced by a newer one, or found no free buffer.</summary>
        public ulong VideoFramesDropped;
        public ulong VideoFramesEncoded;
        public ulong KeyframesEncoded;
        public ulong AudioBlocksPushed;
        public ulong AudioBlocksDropped;
        /// <summary>Times a viewer too slow for its stream was restarted on a keyframe.</summary>
        public ulong ViewerResyncs;
        public ulong PacketsSent;
        public ulong BytesSent;
        public ulong InputEvents;
        public ulong InputEventsDropped;
    }
}

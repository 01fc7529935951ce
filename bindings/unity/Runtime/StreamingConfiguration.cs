using System;
using UnityEngine;

namespace Rendercast.Streaming
{
    public enum Codec { H264, Vp8, Vp9, Av1 }

    public enum MediaStreams
    {
        /// <summary>One MediaStream or two, as the page needs.</summary>
        Auto,
        /// <summary>Audio and video in one: the browser keeps lips in step and holds the picture back for it.</summary>
        One,
        /// <summary>A MediaStream each: neither waits for the other.</summary>
        Separate
    }

    public enum SignalingMode
    {
        /// <summary>A page offers when it likes.</summary>
        Public,
        /// <summary>A page connects before it offers.</summary>
        Private
    }

    /// <summary>What somebody else's signaling server speaks.</summary>
    public enum SignalingProtocol
    {
        /// <summary>Unity Render Streaming, as the address or the server says: HTTP or WebSocket.</summary>
        Auto,
        /// <summary>Unity Render Streaming over HTTP, whatever its pages talk.</summary>
        UrsHttp,
        /// <summary>Unity Render Streaming over a WebSocket.</summary>
        UrsWebsocket,
        /// <summary>A WebSocket whose server repeats every message to all others.</summary>
        Relay,
        /// <summary>A WebSocket with session descriptions and candidates.</summary>
        Description,
        /// <summary>A WebSocket with user names that call each other.</summary>
        Call
    }

    /// <summary>What gives way when a link does not carry the picture (W3C RTCDegradationPreference).</summary>
    public enum Degradation
    {
        /// <summary>First a smaller picture, then every second one, then smaller still.</summary>
        Balanced,
        /// <summary>Smaller pictures.</summary>
        MaintainFramerate,
        /// <summary>Fewer pictures.</summary>
        MaintainResolution
    }

    /// <summary>When video gets forward error correction and sound its redundancy.</summary>
    public enum Protection
    {
        /// <summary>As a viewer's loss and round trip ask for.</summary>
        Auto,
        /// <summary>From the first packet: for links known to be bad.</summary>
        Always,
        /// <summary>Retransmission only.</summary>
        Never
    }

    /// <summary>Which ways are used.</summary>
    public enum IceTransport
    {
        All,
        /// <summary>Everything goes through a TURN server.</summary>
        Relay
    }

    /// <summary>The cipher of media.</summary>
    public enum SrtpCipher
    {
        /// <summary>AES-GCM with every browser that offers it.</summary>
        Auto,
        AesCm,
        AesGcm
    }

    /// <summary>A STUN or TURN server (W3C RTCIceServer).</summary>
    [Serializable]
    public sealed class IceServer
    {
        [Tooltip("stun:host:port, turn:host:port?transport=udp (or tcp), turns:host:port")]
        public string[] urls = new string[0];
        public string username = "";
        public string credential = "";
        [Tooltip("A file of certificates (PEM) that turns: servers are checked against. Empty: the system's.")]
        public string caFile = "";
    }

    /// <summary>Everything a streamer can be told. The library checks every range and says which key is wrong.</summary>
    [Serializable]
    public sealed class StreamingConfiguration
    {
        [Header("Video")]
        [Range(1, 240), Tooltip("Expected pictures a second, for rate control.")]
        public int fps = 60;
        [Tooltip("Where the sender starts, in kbit/s, 100 to 1000000.")]
        public int startBitrateKbps = 16000;
        [Tooltip("Never more than this, in kbit/s, 100 to 1000000.")]
        public int maxBitrateKbps = 160000;
        [Tooltip("Never less than this, in kbit/s, 50 to 1000000.")]
        public int minBitrateKbps = 300;
        [Tooltip("auto, or one encoder that is tried first: h264_nvenc, libx264, openh264, ...")]
        public string encoder = "auto";
        [Range(1, 3), Tooltip("Temporal layers, where the encoder makes them. With more than one, who is short of rate gets fewer pictures.")]
        public int temporalLayers = 1;
        [Tooltip("Renews the picture a strip at a time, once a second, where the encoder can (libx264, h264_nvenc, h264_qsv).")]
        public bool intraRefresh;
        [Tooltip("Codecs to offer, best first. Those without a working encoder are left out.")]
        public Codec[] codecs = { Codec.H264, Codec.Vp8, Codec.Vp9, Codec.Av1 };
        [Range(1, 4), Tooltip("Sizes that viewers with different links share, each half as wide as the one above. 1: none.")]
        public int layers = 3;
        [Range(1, 32), Tooltip("Encoders open at once.")]
        public int maxEncoders = 4;
        [Tooltip("What gives way when a link does not carry the picture.")]
        public Degradation degradation = Degradation.Balanced;

        [Header("Audio")]
        [Tooltip("Whether an audio track is offered.")]
        public bool audio = true;
        [Range(6, 510), Tooltip("Opus rate in kbit/s.")]
        public int audioBitrateKbps = 128;

        [Header("Viewers")]
        public IceServer[] iceServers = new IceServer[0];
        [Tooltip("IP addresses to gather host candidates on. Empty: every address of this machine.")]
        public string[] bindAddresses = new string[0];
        [Range(0, 65535), Tooltip("One UDP port for every viewer. 0: a free one for each.")]
        public int udpPort;
        [Range(0, 65535), Tooltip("First of the UDP ports that viewers' connections may have. 0: any.")]
        public int firstUdpPort;
        [Range(0, 65535), Tooltip("Last of them.")]
        public int lastUdpPort;
        [Tooltip("Addresses outside of a NAT: 203.0.113.5, or 10.0.0.5=203.0.113.5 in place of the internal one.")]
        public string[] externalAddresses = new string[0];
        [Range(0, 65535), Tooltip("A TCP port for browsers whose UDP is blocked. 0: none.")]
        public int iceTcpPort;
        public IceTransport iceTransport = IceTransport.All;
        [Tooltip("The file with the certificate and the key (PEM) that viewers know the host by; made where it is not there. Empty: a certificate for each connection.")]
        public string certificateFile = "";
        [Range(1, 365), Tooltip("For how many days a certificate that is made is good.")]
        public int certificateDays = 30;
        public SrtpCipher srtp = SrtpCipher.Auto;
        public MediaStreams mediaStreams = MediaStreams.Auto;
        [Range(1, 1000)]
        public int maxViewers = 64;
        [Tooltip("How long browsers hold a picture back at least, in ms, 0 to the most.")]
        public int playoutDelayMinMs;
        [Range(0, 40950), Tooltip("How long browsers hold a picture back at most, in ms. 0 is the lowest latency.")]
        public int playoutDelayMaxMs;
        [Tooltip("Protection against loss beside retransmission.")]
        public Protection protection = Protection.Auto;
        [Tooltip("Whether viewers' microphones are received.")]
        public bool receiveAudio;
        [Tooltip("Whether viewers' cameras are received.")]
        public bool receiveVideo;

        [Header("Input")]
        [Tooltip("Which viewers are players; the others watch.")]
        public PlayerPolicy players = PlayerPolicy.Everyone;
        [Range(0, 1000), Tooltip("Players at once. 0: one with First, else as many as there are viewers.")]
        public int maxPlayers;
        [Tooltip("A spectator may ask for control.")]
        public bool playerAsking = true;
        [Tooltip("With Token: what a page's link has to have as player=, 8 to 256 bytes.")]
        public string playerToken = "";
        [Tooltip("A viewer may choose a smaller picture, a lower rate or another codec for itself.")]
        public bool chooseQuality = true;
        [Tooltip("Texts of the clipboard go to pages, and from players to the host.")]
        public bool clipboard;
        [Range(1, 65536), Tooltip("Longest text of the clipboard, in bytes.")]
        public int clipboardMaxBytes = 65536;
        [Range(10, 100000), Tooltip("Input events of one viewer, in the long run.")]
        public int maxEventsPerSecond = 1000;

        [Header("Embedded server")]
        [Tooltip("The signaling server and player page of the library itself.")]
        public bool server = true;
        [Tooltip("IP address and port to listen on; port 0 takes a free one. 0.0.0.0 lets other machines in.")]
        public string serverAddress = "127.0.0.1:8080";
        [Tooltip("What a viewer must know, at least 8 characters. Empty: nothing on 127.0.0.1, generated on other addresses.")]
        public string serverToken = "";
        public SignalingMode serverMode = SignalingMode.Public;
        [Tooltip("A file of certificates (PEM), the server's own first: TLS. Empty: plain HTTP.")]
        public string serverCertificateFile = "";
        [Tooltip("The file of its private key (PEM).")]
        public string serverPrivateKeyFile = "";
        [Range(1, 10000), Tooltip("Browsers that poll, and WebSockets.")]
        public int serverMaxSessions = 256;
        [Range(0, 10000), Tooltip("Of one room. 0: no limit of its own.")]
        public int serverMaxSessionsPerRoom;
        [Range(1, 20000), Tooltip("TCP connections, and sessions, of one address. Behind a proxy everybody has the proxy's.")]
        public int serverMaxConnectionsPerAddress = 128;
        [Range(4096, 1048576), Tooltip("Longest message, in bytes.")]
        public int serverMaxMessageBytes = 262144;
        [Range(1, 1000), Tooltip("Messages and polls of one session, in the long run.")]
        public int serverMaxMessagesPerSecond = 50;
        [Tooltip("Our name in the call protocol.")]
        public string serverUserName = "rendercast";
        [Tooltip("Pages of the call protocol may call each other too.")]
        public bool serverForwardCalls;

        [Header("External signaling server")]
        [Tooltip("http://, https://, ws:// or wss:// address of a signaling server. Empty: none.")]
        public string signalingUrl = "";
        [Tooltip("What it speaks. Auto: Unity Render Streaming, over HTTP or WebSocket as the address or the server says.")]
        public SignalingProtocol signalingProtocol = SignalingProtocol.Auto;
        [Tooltip("Private mode of Unity Render Streaming: the connection that both sides name. Empty: public mode.")]
        public string signalingConnectionId = "";
        [Tooltip("Relay and Description: make the first offer, for pages that wait for one.")]
        public bool signalingOffersFirst;
        [Tooltip("Relay, Description and Call: yield at once when both sides offer.")]
        public bool signalingPolite;
        [Tooltip("Candidates are told one by one, as they are found. Off: each description waits until all are in it.")]
        public bool signalingTrickle = true;
        [Tooltip("Call: our name, 1 to 128 bytes.")]
        public string signalingUserName = "rendercast";
        [Tooltip("Call: an event asks before a user gets the stream; see Streamer.AcceptCall and DeclineCall.")]
        public bool signalingAsksHost;
        [Range(100, 8000), Tooltip("Longest time between polls while nothing happens, in ms.")]
        public int signalingIdlePollMs = 500;
        [Range(10, 5000), Tooltip("Time between polls while something is negotiated, in ms.")]
        public int signalingBusyPollMs = 250;
        [Tooltip("Do not check the server's TLS certificate.")]
        public bool acceptInvalidCertificates;

        [Header("Statistics")]
        [Tooltip("A file that the way of single frames is appended to, as OpenTelemetry traces, where the library is built with the feature trace. Empty: none.")]
        public string traceFile = "";
        [Range(1, 1000000), Tooltip("One frame of so many is traced.")]
        public int traceEvery = 30;

        /// <summary>A copy that shares nothing with this one.</summary>
        public StreamingConfiguration Clone()
        {
            var copy = (StreamingConfiguration)MemberwiseClone();
            copy.codecs = (Codec[])(codecs ?? new Codec[0]).Clone();
            copy.bindAddresses = (string[])(bindAddresses ?? new string[0]).Clone();
            copy.externalAddresses = (string[])(externalAddresses ?? new string[0]).Clone();
            copy.iceServers = new IceServer[iceServers == null ? 0 : iceServers.Length];
            for (var at = 0; at < copy.iceServers.Length; at++)
            {
                var server = iceServers[at] ?? new IceServer();
                copy.iceServers[at] = new IceServer
                {
                    urls = (string[])(server.urls ?? new string[0]).Clone(),
                    username = server.username,
                    credential = server.credential,
                    caFile = server.caFile
                };
            }
            return copy;
        }

        /// <summary>The text that <see cref="Streamer"/> takes.</summary>
        public string ToJson()
        {
            var json = new JsonText().Open();
            json.Open("video").Number("fps", fps).Number("start_bitrate_kbps", startBitrateKbps)
                .Number("max_bitrate_kbps", maxBitrateKbps).Number("min_bitrate_kbps", minBitrateKbps)
                .Text("encoder", encoder).Number("temporal_layers", temporalLayers)
                .Switch("intra_refresh", intraRefresh).Texts("codecs", CodecNames())
                .Number("layers", layers).Number("max_encoders", maxEncoders)
                .Text("degradation", DegradationName()).Close();
            json.Open("audio").Switch("enabled", audio).Number("bitrate_kbps", audioBitrateKbps).Close();
            json.Open("peer").OpenArray("ice_servers");
            foreach (var server in iceServers ?? new IceServer[0])
            {
                if (server == null) continue;
                json.Open().Texts("urls", server.urls).Text("username", server.username)
                    .Text("credential", server.credential).Text("ca_file", server.caFile).Close();
            }
            json.CloseArray().Texts("bind_addresses", bindAddresses).Number("udp_port", udpPort);
            if (firstUdpPort != 0 || lastUdpPort != 0)
            {
                json.OpenArray("udp_port_range").Number(null, firstUdpPort).Number(null, lastUdpPort).CloseArray();
            }
            json.Texts("external_addresses", externalAddresses).Number("ice_tcp_port", iceTcpPort)
                .Text("ice_transport", iceTransport.ToString().ToLowerInvariant())
                .Text("certificate_file", certificateFile).Number("certificate_days", certificateDays)
                .Text("srtp", CipherName())
                .Text("media_streams", mediaStreams.ToString().ToLowerInvariant()).Number("max_viewers", maxViewers);
            json.Open("playout_delay_ms").Number("min", playoutDelayMinMs).Number("max", playoutDelayMaxMs).Close()
                .Text("protection", protection.ToString().ToLowerInvariant());
            json.Open("receive").Switch("audio", receiveAudio).Switch("video", receiveVideo).Close().Close();
            json.Open("signaling").Text("url", signalingUrl).Text("protocol", ProtocolName())
                .Text("connection_id", signalingConnectionId).Number("idle_poll_ms", signalingIdlePollMs)
                .Number("busy_poll_ms", signalingBusyPollMs)
                .Switch("accept_invalid_certificates", acceptInvalidCertificates)
                .Text("offer", signalingOffersFirst ? "first" : "wait").Switch("polite", signalingPolite)
                .Switch("trickle", signalingTrickle).Text("user_name", signalingUserName).Text("answer_calls", signalingAsksHost ? "ask" : "auto").Close();
            json.Open("server").Switch("enabled", server).Text("address", serverAddress).Text("token", serverToken)
                .Text("mode", serverMode.ToString().ToLowerInvariant())
                .Text("certificate_file", serverCertificateFile).Text("private_key_file", serverPrivateKeyFile)
                .Number("max_sessions", serverMaxSessions).Number("max_sessions_per_room", serverMaxSessionsPerRoom)
                .Number("max_connections_per_address", serverMaxConnectionsPerAddress)
                .Number("max_message_bytes", serverMaxMessageBytes)
                .Number("max_messages_per_second", serverMaxMessagesPerSecond)
                .Text("user_name", serverUserName).Switch("forward_calls", serverForwardCalls).Close();
            json.Open("stats").Text("trace_file", traceFile).Number("trace_every", traceEvery).Close();
            json.Open("input").Text("players", players.ToString().ToLowerInvariant()).Number("max_players", maxPlayers)
                .Switch("ask", playerAsking).Text("player_token", playerToken).Switch("clipboard", clipboard)
                .Switch("choose_quality", chooseQuality)
                .Number("clipboard_max_bytes", clipboardMaxBytes).Number("max_events_per_second", maxEventsPerSecond).Close();
            return json.Close().ToString();
        }

        string ProtocolName()
        {
            switch (signalingProtocol)
            {
                case SignalingProtocol.UrsHttp: return "urs-http";
                case SignalingProtocol.UrsWebsocket: return "urs-websocket";
                default: return signalingProtocol.ToString().ToLowerInvariant();
            }
        }

        string DegradationName()
        {
            switch (degradation)
            {
                case Degradation.MaintainFramerate: return "maintain-framerate";
                case Degradation.MaintainResolution: return "maintain-resolution";
                default: return "balanced";
            }
        }

        string CipherName()
        {
            switch (srtp)
            {
                case SrtpCipher.AesCm: return "aes-cm";
                case SrtpCipher.AesGcm: return "aes-gcm";
                default: return "auto";
            }
        }

        string[] CodecNames()
        {
            var names = new string[codecs == null ? 0 : codecs.Length];
            for (var at = 0; at < names.Length; at++) names[at] = codecs[at].ToString().ToLowerInvariant();
            return names;
        }
    }
}

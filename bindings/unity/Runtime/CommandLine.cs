using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>
    /// The command-line arguments of Unity Render Streaming, and one of our own: -signalingType -signalingUrl
    /// -iceServerUrl (repeated) -iceServerUsername -iceServerCredential -iceServerCredentialType -pollingInterval -importJson FILE,
    /// and -rendercastJson FILE, a configuration of the library that is used as it is.
    /// </summary>
    public sealed class CommandLine
    {
        /// <summary>The file of -importJson.</summary>
        [Serializable]
        sealed class Imported
        {
            public string signalingType = "";
            public string signalingUrl = "";
            public string pollingInterval = "";
            public ImportedIceServer[] iceServers = new ImportedIceServer[0];
        }

        [Serializable]
        sealed class ImportedIceServer
        {
            public string[] urls = new string[0];
            public string username = "";
            public string credential = "";
            public string credentialType = "";
        }

        readonly Dictionary<string, string> _values = new Dictionary<string, string>();
        readonly List<string> _iceServerUrls = new List<string>();
        readonly List<string> _problems = new List<string>();

        /// <summary>What was given but cannot be done. For people.</summary>
        public IReadOnlyList<string> Problems
        {
            get { return _problems; }
        }

        /// <summary>Text of the file of -rendercastJson, or null. It replaces the whole configuration.</summary>
        public string Json { get; private set; }

        /// <summary>Reads a program's arguments; those of others are left alone.</summary>
        public static CommandLine Parse(string[] arguments)
        {
            var line = new CommandLine();
            for (var at = 0; at < arguments.Length; at++)
            {
                var name = Known(arguments[at]);
                if (name == null) continue;
                if (at + 1 >= arguments.Length)
                {
                    line._problems.Add(name + " needs a value");
                    break;
                }
                var value = arguments[++at];
                if (name == "-iceServerUrl") line._iceServerUrls.Add(value);
                else line._values[name] = value;
            }
            return line;
        }

        static string Known(string argument)
        {
            string[] names =
            {
                "-signalingType", "-signalingUrl", "-iceServerUrl", "-iceServerUsername", "-iceServerCredential",
                "-iceServerCredentialType", "-pollingInterval", "-importJson", "-rendercastJson"
            };
            return Array.Find(names, name => string.Equals(name, argument, StringComparison.OrdinalIgnoreCase));
        }

        /// <summary>Changes a configuration as the arguments say. The arguments themselves win over the file of -importJson.</summary>
        public void Apply(StreamingConfiguration configuration)
        {
            Json = null;
            string text;
            if (ReadFile("-rendercastJson", out text)) Json = text;
            if (ReadFile("-importJson", out text)) ApplyImported(configuration, text);
            ApplySignaling(configuration, Value("-signalingType"), Value("-signalingUrl"));
            ApplyPollingInterval(configuration, Value("-pollingInterval"));
            if (_iceServerUrls.Count == 0) return;
            CheckCredentialType(Value("-iceServerCredentialType"));
            configuration.iceServers = new[]
            {
                new IceServer
                {
                    urls = _iceServerUrls.ToArray(),
                    username = Value("-iceServerUsername"),
                    credential = Value("-iceServerCredential")
                }
            };
        }

        void ApplyImported(StreamingConfiguration configuration, string text)
        {
            Imported imported;
            try
            {
                imported = JsonUtility.FromJson<Imported>(text);
            }
            catch (ArgumentException error)
            {
                _problems.Add("-importJson: " + error.Message);
                return;
            }
            if (imported == null)
            {
                _problems.Add("-importJson: the file is empty");
                return;
            }
            ApplySignaling(configuration, imported.signalingType, imported.signalingUrl);
            ApplyPollingInterval(configuration, imported.pollingInterval);
            if (imported.iceServers == null || imported.iceServers.Length == 0) return;
            configuration.iceServers = Array.ConvertAll(imported.iceServers, server =>
            {
                CheckCredentialType(server.credentialType);
                return new IceServer { urls = server.urls, username = server.username, credential = server.credential };
            });
        }

        void ApplySignaling(StreamingConfiguration configuration, string type, string url)
        {
            if (!string.IsNullOrEmpty(type) && !string.Equals(type, "http", StringComparison.OrdinalIgnoreCase))
            {
                _problems.Add("-signalingType " + type + ": only http is there");
                return;
            }
            if (!string.IsNullOrEmpty(url)) configuration.signalingUrl = url;
        }

        void ApplyPollingInterval(StreamingConfiguration configuration, string seconds)
        {
            if (string.IsNullOrEmpty(seconds)) return;
            double value;
            var good = double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
            if (good && value >= 0.1 && value <= 8.0) configuration.signalingIdlePollMs = (int)Math.Round(value * 1000.0);
            else _problems.Add("-pollingInterval " + seconds + " is outside 0.1 to 8 seconds");
        }

        void CheckCredentialType(string type)
        {
            if (string.IsNullOrEmpty(type) || string.Equals(type, "password", StringComparison.OrdinalIgnoreCase)) return;
            _problems.Add("-iceServerCredentialType " + type + ": only password is there");
        }

        string Value(string name)
        {
            string value;
            return _values.TryGetValue(name, out value) ? value : string.Empty;
        }

        bool ReadFile(string name, out string text)
        {
            text = null;
            var path = Value(name);
            if (path.Length == 0) return false;
            try
            {
                text = File.ReadAllText(path);
                return true;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is ArgumentException || error is NotSupportedException)
            {
                _problems.Add(name + ": " + error.Message);
                return false;
            }
        }
    }
}

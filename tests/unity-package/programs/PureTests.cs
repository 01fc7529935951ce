using System;
using System.IO;
using Rendercast.Streaming;

namespace Rendercast.UnityTests
{
    public static class PureTests
    {
        static readonly StreamingConfiguration s_defaults = new StreamingConfiguration();

        [Test]
        public static void texts_of_the_configuration_are_escaped()
        {
            var json = new StreamingConfiguration { serverToken = "a\"b\\c\nd€" }.ToJson();
            Check.That(json.Contains("\"token\":\"a\\\"b\\\\c\\u000ad€\""), json);
        }

        [Test]
        public static void empty_lines_of_the_inspector_are_left_out()
        {
            var json = new StreamingConfiguration
            {
                bindAddresses = new[] { "", " 127.0.0.1 ", null },
                iceServers = new[] { null, new IceServer { urls = null, username = null } }
            }.ToJson();
            Check.That(json.Contains("\"bind_addresses\":[\"127.0.0.1\"]"), json);
            Check.That(json.Contains("\"ice_servers\":[{\"urls\":[],\"username\":\"\",\"credential\":\"\",\"ca_file\":\"\"}]"), json);
        }

        [Test]
        public static void a_copy_of_a_configuration_shares_nothing()
        {
            var first = new StreamingConfiguration { iceServers = new[] { new IceServer { urls = new[] { "stun:a:1" } } } };
            var copy = first.Clone();
            copy.iceServers[0].urls[0] = "stun:b:2";
            copy.codecs[0] = Codec.Av1;
            Check.Same("stun:a:1", first.iceServers[0].urls[0], "url");
            Check.Same(Codec.H264, first.codecs[0], "codec");
        }

        [Test]
        public static void command_line_of_unity_render_streaming_is_understood()
        {
            var line = CommandLine.Parse(new[]
            {
                "game", "-batchmode", "-signalingType", "http", "-signalingUrl", "http://localhost:80", "-iceServerUrl", "stun:a:1",
                "-iceServerUrl", "turn:b:2", "-iceServerUsername", "me", "-iceServerCredential", "secret",
                "-iceServerCredentialType", "password", "-pollingInterval", "0.5"
            });
            var configuration = s_defaults.Clone();
            line.Apply(configuration);
            Check.Same(0, line.Problems.Count, "problems");
            Check.Same("http://localhost:80", configuration.signalingUrl, "url");
            Check.Same(500, configuration.signalingIdlePollMs, "interval");
            var server = configuration.iceServers[0];
            Check.Same("stun:a:1 turn:b:2 me secret", string.Join(" ", server.urls) + " " + server.username + " " + server.credential, "ICE");
        }

        [Test]
        public static void command_line_says_what_it_cannot_do()
        {
            var line = CommandLine.Parse(new[]
            {
                "game", "-signalingType", "websocket", "-signalingUrl", "ws://localhost", "-iceServerUrl", "turn:b:2",
                "-iceServerCredentialType", "oauth", "-pollingInterval", "often", "-importJson", "missing-file.json", "-signalingUrl"
            });
            var configuration = s_defaults.Clone();
            line.Apply(configuration);
            var problems = string.Join("\n", line.Problems);
            foreach (var part in new[] { "-signalingType websocket", "oauth", "-pollingInterval often", "-importJson", "-signalingUrl needs" })
            {
                Check.That(problems.Contains(part), part + " is not in: " + problems);
            }
            Check.Same("", configuration.signalingUrl, "the url of a server that cannot be talked to");
        }

        [Test]
        public static void imported_file_is_read_and_arguments_win_over_it()
        {
            var path = Path.GetTempFileName();
            try
            {
                File.WriteAllText(path, "{\"signalingType\":\"http\",\"signalingUrl\":\"http://file\",\"pollingInterval\":\"2\"," +
                    "\"iceServers\":[{\"urls\":[\"stun:file:1\"],\"username\":\"u\",\"credential\":\"c\",\"credentialType\":\"password\"}]}");
                var line = CommandLine.Parse(new[] { "-importJson", path, "-signalingUrl", "http://argument" });
                var configuration = s_defaults.Clone();
                line.Apply(configuration);
                Check.Same(0, line.Problems.Count, string.Join("\n", line.Problems));
                Check.Same("http://argument", configuration.signalingUrl, "url");
                Check.Same(2000, configuration.signalingIdlePollMs, "interval");
                Check.Same("stun:file:1", configuration.iceServers[0].urls[0], "ICE");

                File.WriteAllText(path, "{broken");
                line = CommandLine.Parse(new[] { "-importJson", path });
                line.Apply(configuration);
                Check.Same(1, line.Problems.Count, "a broken file is a problem");

                File.WriteAllText(path, "{\"video\":{\"fps\":25}}");
                line = CommandLine.Parse(new[] { "-rendercastJson", path });
                line.Apply(configuration);
                Check.Same("{\"video\":{\"fps\":25}}", line.Json, "our own file is used as it is");
            }
            finally
            {
                File.Delete(path);
            }
        }

        [Test]
        public static void pacer_keeps_a_slower_rate_and_takes_every_picture_of_the_same_one()
        {
            Check.Same(300, Taken(60.0, 30f, 600), "30 of 60");
            Check.Same(600, Taken(60.0, 60f, 600), "60 of 60");
            Check.Same(600, Taken(60.0, 0f, 600), "all");
            Check.That(Math.Abs(Taken(90.0, 60f, 900) - 600) <= 1, "60 of 90: " + Taken(90.0, 60f, 900));
            Check.That(Math.Abs(Taken(59.9, 60f, 599) - 599) <= 1, "60 of 59.9: " + Taken(59.9, 60f, 599));
        }

        static int Taken(double rate, float wanted, int frames)
        {
            var pacer = new Pacer();
            var taken = 0;
            for (var frame = 0; frame < frames; frame++)
            {
                // Frames of a real game tremble a little.
                var tremble = (frame * 7 % 5 - 2) * 0.0004;
                if (pacer.IsDue(100.0 + frame / rate + tremble, wanted)) taken++;
            }
            return taken;
        }
    }
}

using System;
using System.Diagnostics;
using System.Threading;
using Rendercast.Streaming;

namespace Rendercast.UnityTests
{
    /// <summary>What the editor does when scripts are reloaded: a domain with streams is unloaded, another one comes.</summary>
    public static class DomainTests
    {
        /// <summary>Lives in the domain that comes and goes.</summary>
        public sealed class Host : MarshalByRefObject
        {
            Streamer _streamer;
            NativeTests.Pixels _pixels;
            Thread _sound;

            public override object InitializeLifetimeService()
            {
                return null;
            }

            public void Start(int port)
            {
                var configuration = NativeTests.Local();
                configuration.serverAddress = "127.0.0.1:" + port;
                _streamer = new Streamer(configuration.ToJson());
                _streamer.Start();
                _pixels = new NativeTests.Pixels();
                // The audio thread is in the library now and then when the domain goes.
                _sound = new Thread(PlayForever) { IsBackground = true };
                _sound.Start();
            }

            void PlayForever()
            {
                var pace = new ManualResetEventSlim();
                while (true)
                {
                    _streamer.PushAudio(NativeTests.Sound, 2, 48000);
                    pace.Wait(5);
                }
            }

            /// <summary>Pushes a picture, and gives back what the streamer says of its server.</summary>
            public string Frame()
            {
                _pixels.Push(_streamer);
                StreamEvent streamEvent;
                while (_streamer.PollEvent(out streamEvent))
                {
                    if (streamEvent.Kind == StreamEventKind.ServerFailed) throw new Exception(streamEvent.Message);
                }
                return _streamer.Link;
            }

            public void Dispose()
            {
                _streamer.Dispose();
            }

            public int LiveObjectCount()
            {
                return Library.LiveObjectCount;
            }

            public void ShutdownAll()
            {
                Library.ShutdownAll();
            }
        }

        static AppDomain s_domain;

        static Host NewDomain()
        {
            var setup = new AppDomainSetup { ApplicationBase = AppDomain.CurrentDomain.BaseDirectory };
            s_domain = AppDomain.CreateDomain("scripts", null, setup);
            return (Host)s_domain.CreateInstanceAndUnwrap(typeof(Host).Assembly.FullName, typeof(Host).FullName);
        }

        /// <summary>Unloads; Mono hangs here for ever when native threads call into the domain.</summary>
        static void Unload()
        {
            var watch = Stopwatch.StartNew();
            AppDomain.Unload(s_domain);
            Console.WriteLine("    unloaded in " + watch.ElapsedMilliseconds + " ms");
            Check.That(watch.Elapsed < TimeSpan.FromSeconds(10), "unloading took " + watch.Elapsed);
        }

        static string Watched(Host host, int port, out BrowserlessViewer viewer)
        {
            host.Start(port);
            Action frame = () => host.Frame();
            BrowserlessViewer.Until(() => host.Frame() != null, frame, "a link");
            var link = host.Frame();
            viewer = new BrowserlessViewer(link);
            viewer.WaitFor("sound", frame);
            return link;
        }

        [Test]
        public static void a_domain_that_disposes_is_unloaded_while_a_viewer_watches_and_the_next_one_streams_on_the_same_port()
        {
            BrowserlessViewer first, second;
            var host = NewDomain();
            var link = Watched(host, 0, out first);
            using (first)
            {
                host.Dispose();
                Check.Same(0, host.LiveObjectCount(), "streamers left");
                Unload();
            }
            host = NewDomain();
            Check.Same(link, Watched(host, new Uri(link).Port, out second), "the link");
            using (second) host.Dispose();
            Unload();
        }

        [Test]
        public static void a_forgotten_streamer_is_found_by_the_next_domain_and_its_port_is_free_again()
        {
            BrowserlessViewer first, second;
            var link = Watched(NewDomain(), 0, out first);
            using (first)
            {
                Unload();
                var next = NewDomain();
                Check.Same(1, next.LiveObjectCount(), "the forgotten streamer");
                // As EditorLifetime and Lifetime do first of all.
                next.ShutdownAll();
                Check.Same(0, next.LiveObjectCount(), "streamers left");
                Check.Same(link, Watched(next, new Uri(link).Port, out second), "the link");
                using (second) next.Dispose();
                Unload();
            }
        }
    }
}

using System;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rendercast.UnityTests
{
    /// <summary>A viewer in a process of its own (tests/support/viewer_main.rs).</summary>
    public sealed class BrowserlessViewer : IDisposable
    {
        static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
        readonly BlockingCollection<string> _lines = new BlockingCollection<string>();
        readonly Process _process;

        public BrowserlessViewer(string link, int pictures = 10)
        {
            var program = Environment.GetEnvironmentVariable("RENDERCAST_VIEWER");
            _process = Process.Start(new ProcessStartInfo(program, "\"" + link + "\" " + pictures)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true
            });
            _process.OutputDataReceived += (sender, line) =>
            {
                if (line.Data != null) _lines.Add(line.Data);
                else _lines.CompleteAdding();
            };
            _process.BeginOutputReadLine();
        }

        /// <summary>Runs frames of the host until the viewer says a line.</summary>
        public void WaitFor(string wanted, Action frame)
        {
            var waiting = Stopwatch.StartNew();
            while (waiting.Elapsed < s_patience && !_lines.IsCompleted)
            {
                frame();
                string line;
                // The pace of the host's frames.
                if (_lines.TryTake(out line, 15) && line == wanted) return;
            }
            throw new Exception("the viewer did not say " + wanted);
        }

        /// <summary>Runs frames until something is true.</summary>
        public static void Until(Func<bool> done, Action frame, string what)
        {
            var pace = new System.Threading.ManualResetEventSlim();
            var waiting = Stopwatch.StartNew();
            while (!done())
            {
                Check.That(waiting.Elapsed < s_patience, "in vain: " + what);
                frame();
                pace.Wait(15);
            }
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.StandardInput.Close();
                // It may be waiting for a picture that will never come.
                if (!_process.WaitForExit(5000)) _process.Kill();
            }
            _process.Dispose();
        }
    }
}

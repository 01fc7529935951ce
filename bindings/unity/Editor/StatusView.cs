using System.Globalization;
using UnityEditor;
using UnityEngine;

namespace Rendercast.Streaming.Editor
{
    /// <summary>A manager's figures, as the window and the inspector show them.</summary>
    internal static class StatusView
    {
        internal static void Draw(StreamManager manager)
        {
            EditorGUILayout.LabelField(manager.name, manager.IsStreaming ? "streaming" : "stopped", EditorStyles.boldLabel);
            StreamStats stats;
            if (!manager.IsStreaming || manager.Streamer.GetStats(out stats) != Status.Ok) return;
            using (new EditorGUILayout.HorizontalScope())
            {
                EditorGUILayout.LabelField("Link", manager.Link ?? "not yet");
                using (new EditorGUI.DisabledScope(manager.Link == null))
                {
                    if (GUILayout.Button("Copy", GUILayout.Width(60))) EditorGUIUtility.systemCopyBuffer = manager.Link;
                }
            }
            foreach (var row in Rows(stats)) EditorGUILayout.LabelField(row[0], row[1]);
        }

        /// <summary>Name and value of each line.</summary>
        internal static string[][] Rows(StreamStats stats)
        {
            return new[]
            {
                new[] { "Viewers", Text(stats.Viewers) },
                new[] { "Encoder", stats.Encoder.Length != 0 ? stats.Encoder : "none: nobody watches" },
                new[] { "Picture", stats.Width + " x " + stats.Height },
                new[] { "Target", Text(stats.TargetBitrateKbps) + " kbit/s" },
                new[] { "Conversion", Latency(stats.ConvertP50Us, stats.ConvertP99Us) },
                new[] { "Encoding", Latency(stats.EncodeP50Us, stats.EncodeP99Us) },
                new[] { "Push to last packet, less encoding", Latency(stats.TransitP50Us, stats.TransitP99Us) },
                new[] { "Pictures pushed / dropped", Text(stats.VideoFramesPushed) + " / " + Text(stats.VideoFramesDropped) },
                new[] { "Sound blocks pushed / dropped", Text(stats.AudioBlocksPushed) + " / " + Text(stats.AudioBlocksDropped) },
                new[] { "Input events / dropped", Text(stats.InputEvents) + " / " + Text(stats.InputEventsDropped) },
                new[] { "Slow viewers restarted", Text(stats.ViewerResyncs) },
                new[] { "Sent", Text(stats.BytesSent / 1000000) + " MB" }
            };
        }

        static string Latency(uint medianUs, uint worstUs)
        {
            return Milliseconds(medianUs) + " ms median, " + Milliseconds(worstUs) + " ms p99";
        }

        static string Milliseconds(uint us)
        {
            return (us / 1000.0).ToString("0.00", CultureInfo.InvariantCulture);
        }

        static string Text(ulong number)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        static string Text(int number)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }
    }
}

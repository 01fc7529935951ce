using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Rendercast.Streaming.Editor
{
    /// <summary>The usual inspector, with what is wrong above it.</summary>
    internal abstract class InspectorWithProblems : UnityEditor.Editor
    {
        /// <summary>Looking for problems creates a streamer: once in a while is enough.</summary>
        const double RefreshSeconds = 1.0;

        List<Problem> _problems = new List<Problem>();
        double _next;

        protected abstract List<Problem> Find();

        public override void OnInspectorGUI()
        {
            if (EditorApplication.timeSinceStartup >= _next)
            {
                _next = EditorApplication.timeSinceStartup + RefreshSeconds;
                _problems = Find();
            }
            foreach (var problem in _problems) EditorGUILayout.HelpBox(problem.Text, problem.Type);
            DrawDefaultInspector();
        }
    }

    [CustomEditor(typeof(StreamManager))]
    internal sealed class StreamManagerInspector : InspectorWithProblems
    {
        protected override List<Problem> Find()
        {
            return Problems.Of((StreamManager)target);
        }

        public override void OnInspectorGUI()
        {
            base.OnInspectorGUI();
            EditorGUILayout.Space();
            if (GUILayout.Button("Open Status Window")) StatusWindow.Open();
            if (Application.isPlaying) StatusView.Draw((StreamManager)target);
        }

        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }
    }

    [CustomEditor(typeof(CameraStreamer))]
    internal sealed class CameraStreamerInspector : InspectorWithProblems
    {
        protected override List<Problem> Find()
        {
            return Problems.Of((CameraStreamer)target);
        }

        public override void OnInspectorGUI()
        {
            base.OnInspectorGUI();
            var streamer = (CameraStreamer)target;
            if (!Application.isPlaying || streamer.Manager == null || !streamer.Manager.IsStreaming) return;
            if (GUILayout.Button("Restart with these bitrates and codecs")) streamer.Manager.RestartStreaming();
        }
    }

    [CustomEditor(typeof(AudioStreamer))]
    internal sealed class AudioStreamerInspector : InspectorWithProblems
    {
        protected override List<Problem> Find()
        {
            return Problems.Of((AudioStreamer)target);
        }
    }

    [CustomEditor(typeof(InputReceiver))]
    internal sealed class InputReceiverInspector : InspectorWithProblems
    {
        protected override List<Problem> Find()
        {
            return Problems.Of((InputReceiver)target);
        }
    }
}

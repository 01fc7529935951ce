using UnityEditor;
using UnityEngine;

namespace Rendercast.Streaming.Editor
{
    /// <summary>What every stream of the running game does.</summary>
    internal sealed class StatusWindow : EditorWindow
    {
        Vector2 _scroll;

        [MenuItem("Window/Rendercast/Streaming Status")]
        internal static void Open()
        {
            GetWindow<StatusWindow>("Rendercast");
        }

        void OnInspectorUpdate()
        {
            Repaint();
        }

        void OnGUI()
        {
            foreach (var problem in Problems.OfProject()) EditorGUILayout.HelpBox(problem.Text, problem.Type);
            if (Library.Problem == null) EditorGUILayout.LabelField("Native library", Library.Version);
            if (StreamManager.Enabled.Count == 0)
            {
                EditorGUILayout.HelpBox("No Stream Manager is enabled. Streams run in play mode.", MessageType.Info);
                return;
            }
            _scroll = EditorGUILayout.BeginScrollView(_scroll);
            foreach (var manager in StreamManager.Enabled)
            {
                StatusView.Draw(manager);
                EditorGUILayout.Space();
            }
            EditorGUILayout.EndScrollView();
        }
    }
}

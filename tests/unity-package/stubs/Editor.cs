// A stand-in for Unity's editor, for tests only.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace UnityEditor
{
    public enum MessageType { None, Info, Warning, Error }
    public sealed class InitializeOnLoadAttribute : Attribute { }
    public sealed class CustomEditor : Attribute { public CustomEditor(Type type) { } }
    public sealed class MenuItem : Attribute { public MenuItem(string path) { } }

    public static class PlayerSettings { public static bool runInBackground; }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();
        public static event AssemblyReloadCallback beforeAssemblyReload;
        public static void Raise() { if (beforeAssemblyReload != null) beforeAssemblyReload(); }
    }

    public static class EditorApplication
    {
        public static event Action quitting;
        public static double timeSinceStartup;
        public static void Quit() { if (quitting != null) quitting(); }
    }

    public class Editor
    {
        public UnityEngine.Object target;
        public virtual void OnInspectorGUI() { }
        public virtual bool RequiresConstantRepaint() { return false; }
        public bool DrawDefaultInspector() { return true; }
    }

    public class EditorWindow
    {
        public void Repaint() { }
        public static T GetWindow<T>(string title) where T : EditorWindow, new() { return new T(); }
    }

    public static class EditorGUILayout
    {
        public static readonly List<string> Shown = new List<string>();
        public static void HelpBox(string text, MessageType type) { Shown.Add(type + ": " + text); }
        public static void LabelField(string label, string text) { Shown.Add(label + ": " + text); }
        public static void LabelField(string label, string text, GUIStyle style) { Shown.Add(label + ": " + text); }
        public static void Space() { }
        public sealed class HorizontalScope : IDisposable { public void Dispose() { } }
        public static Vector2 BeginScrollView(Vector2 at) { return at; }
        public static void EndScrollView() { }
    }

    public static class EditorStyles { public static GUIStyle boldLabel; }
    public static class EditorGUIUtility { public static string systemCopyBuffer; }

    public static class EditorGUI
    {
        public sealed class DisabledScope : IDisposable
        {
            public DisabledScope(bool disabled) { }
            public void Dispose() { }
        }
    }
}

namespace UnityEditor.SceneManagement
{
    public enum NewSceneSetup { EmptyScene }
    public enum NewSceneMode { Single }
    public static class EditorSceneManager
    {
        public static bool SaveCurrentModifiedScenesIfUserWantsTo() { return true; }
        public static void NewScene(NewSceneSetup setup, NewSceneMode mode) { StubPlayer.Clear(); }
        public static void MarkSceneDirty(UnityEngine.SceneManagement.Scene scene) { }
    }
}

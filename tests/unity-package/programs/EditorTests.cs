using System.Collections.Generic;
using System.Linq;
using Rendercast.Samples;
using Rendercast.Samples.Editor;
using Rendercast.Streaming;
using Rendercast.Streaming.Editor;
using UnityEditor;
using UnityEngine;

namespace Rendercast.UnityTests
{
    /// <summary>The editor's part, and the sample, in a stand-in of the editor.</summary>
    public static class EditorTests
    {
        static string Texts(List<Problem> problems)
        {
            return string.Join("\n", problems.Select(problem => problem.Type + ": " + problem.Text));
        }

        [Test]
        public static void problems_are_named_before_anybody_waits_for_a_picture()
        {
            PlayerSettings.runInBackground = false;
            var thing = new GameObject("Thing");
            thing.SetActive(false);
            var camera = thing.AddComponent<CameraStreamer>();
            camera.Size = new Vector2Int(641, 480);
            var found = Texts(Problems.Of(camera));
            foreach (var part in new[] { "Run In Background", "Odd sides", "no camera", "no Stream Manager" })
            {
                Check.That(found.Contains(part), part + " is not in: " + found);
            }
            Check.That(Texts(Problems.Of(thing.AddComponent<AudioStreamer>())).Contains("hears nothing"), "audio");
            var manager = thing.AddComponent<StreamManager>();
            Check.That(Texts(Problems.Of(manager)).Contains("No settings"), "settings");
            manager.Settings = ScriptableObject.CreateInstance<StreamingSettings>();
            manager.Settings.configuration.fps = 0;
            manager.Settings.configuration.server = false;
            found = Texts(Problems.Of(manager));
            Check.That(found.Contains("video.fps = 0") && found.Contains("nobody can connect"), found);
            manager.Settings.configuration = new StreamingConfiguration();
            PlayerSettings.runInBackground = true;
            Check.Same("", Texts(Problems.Of(manager)), "problems of good settings");
            StubPlayer.Clear();
            Check.Same(0, Library.LiveObjectCount, "streamers left by looking for problems");
        }

        [Test]
        public static void the_sample_scene_is_built_streams_and_shows_in_the_status_window()
        {
            SpinningCubeScene.Build();
            var manager = Object.FindObjectOfType<StreamManager>();
            Check.That(PlayerSettings.runInBackground, "run in background");
            manager.StopStreaming();
            manager.Settings = ScriptableObject.CreateInstance<StreamingSettings>();
            manager.Settings.configuration = NativeTests.Local();
            manager.StartStreaming();
            BrowserlessViewer.Until(() => manager.Link != null, () => StubPlayer.Frame(), "a link");
            EditorGUILayout.Shown.Clear();
            GUILayout.Pressed = "Copy";
            StatusView.Draw(manager);
            GUILayout.Pressed = null;
            Check.Same(manager.Link, EditorGUIUtility.systemCopyBuffer, "the copied link");
            Check.That(EditorGUILayout.Shown.Contains("Viewers: 0"), string.Join("\n", EditorGUILayout.Shown));
            var cube = Object.FindObjectOfType<SpinningCube>();
            Check.That(cube.transform.turned > 0f, "the cube turns");
            StubPlayer.Clear();
        }

        [Test]
        public static void streams_end_before_scripts_are_reloaded_and_when_the_editor_or_the_game_quits()
        {
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(EditorLifetime).TypeHandle);
            StubPlayer.Begin(typeof(StreamManager).Assembly);
            foreach (var end in new System.Action[] { AssemblyReloadEvents.Raise, EditorApplication.Quit, Application.Quit })
            {
                var streamer = new Streamer(NativeTests.Local().ToJson());
                streamer.Start();
                end();
                Check.Same(0, Library.LiveObjectCount, "streamers left");
            }
        }
    }
}

using Rendercast.Streaming;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace Rendercast.Samples.Editor
{
    /// <summary>Builds the sample's scene.</summary>
    public static class SpinningCubeScene
    {
        [MenuItem("Rendercast/Build Spinning Cube Scene")]
        public static void Build()
        {
            if (!EditorSceneManager.SaveCurrentModifiedScenesIfUserWantsTo()) return;
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene, NewSceneMode.Single);
            PlayerSettings.runInBackground = true;

            var stream = new GameObject("Stream");
            stream.AddComponent<StreamManager>();
            var input = stream.AddComponent<InputReceiver>();

            var light = new GameObject("Light").AddComponent<Light>();
            light.type = LightType.Directional;
            light.transform.Rotate(50f, -30f, 0f);

            // Two cameras: one for viewers, one for the window here.
            var streamed = NewCamera("Streamed Camera");
            streamed.AddComponent<CameraStreamer>();
            var shown = NewCamera("Window Camera");
            shown.AddComponent<AudioListener>();
            shown.AddComponent<AudioStreamer>();

            var tone = new GameObject("Tone");
            tone.AddComponent<AudioSource>();
            tone.AddComponent<SampleTone>();

            var cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.SetActive(false);
            cube.AddComponent<SpinningCube>().Input = input;
            cube.SetActive(true);
            EditorSceneManager.MarkSceneDirty(SceneManager.GetActiveScene());
        }

        static GameObject NewCamera(string name)
        {
            var camera = new GameObject(name).AddComponent<Camera>();
            camera.transform.position = new Vector3(0f, 1f, -4f);
            camera.transform.Rotate(10f, 0f, 0f);
            return camera.gameObject;
        }
    }
}

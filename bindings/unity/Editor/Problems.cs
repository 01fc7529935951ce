using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;

namespace Rendercast.Streaming.Editor
{
    /// <summary>What would keep a stream from working, found before anybody waits for a picture.</summary>
    internal struct Problem
    {
        internal MessageType Type;
        internal string Text;
    }

    internal static class Problems
    {
        /// <summary>Of the project and the machine.</summary>
        internal static List<Problem> OfProject()
        {
            var found = new List<Problem>();
            if (Library.Problem != null) Add(found, MessageType.Error, Library.Problem);
            if (!PlayerSettings.runInBackground)
            {
                Add(found, MessageType.Warning, "Run In Background is off (Project Settings, Player, Resolution): the stream stops when the " +
                    "game's window loses the focus.");
            }
            if (SystemInfo.graphicsDeviceType == GraphicsDeviceType.Null)
            {
                Add(found, MessageType.Error, "The editor runs with -nographics: there are no pictures to stream.");
            }
            return found;
        }

        internal static List<Problem> Of(StreamManager manager)
        {
            var found = OfProject();
            if (manager.Settings == null)
            {
                Add(found, MessageType.Info, "No settings: all defaults, which stream to this machine only, at 127.0.0.1:8080.");
                return found;
            }
            // The native library knows the rules; here it is only asked.
            if (Library.Problem == null)
            {
                try
                {
                    new Streamer(manager.Settings.configuration.ToJson()).Dispose();
                }
                catch (RendercastException error)
                {
                    Add(found, MessageType.Error, manager.Settings.name + ": " + error.Message);
                }
            }
            var configuration = manager.Settings.configuration;
            if (!configuration.server && string.IsNullOrEmpty(configuration.signalingUrl))
            {
                Add(found, MessageType.Error, "Neither the embedded server nor a signaling server: nobody can connect.");
            }
            return found;
        }

        internal static List<Problem> Of(CameraStreamer streamer)
        {
            var found = OfProject();
            var size = streamer.Size;
            if (size.x < 0 || size.y < 0 || (size.x == 0) != (size.y == 0))
            {
                Add(found, MessageType.Error, "The size needs both sides, or none for the source's own.");
            }
            else if (size.x % 2 != 0 || size.y % 2 != 0)
            {
                Add(found, MessageType.Warning, "Odd sides cost a column or row that is repeated: video has colour for every other pixel.");
            }
            if (streamer.Source == PictureSourceKind.Camera && streamer.SourceCamera == null && streamer.GetComponent<Camera>() == null)
            {
                Add(found, MessageType.Error, "There is no camera on this object, and none is stated.");
            }
            if (streamer.Source == PictureSourceKind.Texture && streamer.SourceTexture == null)
            {
                Add(found, MessageType.Error, "No source texture.");
            }
            if (streamer.Hdr && streamer.Source == PictureSourceKind.Camera && !CameraStreamer.TakesTextures)
            {
                Add(found, MessageType.Warning, "Textures of this graphics device are read back: bright colours are clipped, not mapped.");
            }
            if (!HasManager(streamer, streamer.Manager)) Add(found, MessageType.Error, NoManager);
            return found;
        }

        internal static List<Problem> Of(AudioStreamer streamer)
        {
            var found = new List<Problem>();
            if (streamer.GetComponent<AudioListener>() == null && streamer.GetComponent<AudioSource>() == null)
            {
                Add(found, MessageType.Error, "It hears nothing here: put it beside an AudioListener or an AudioSource.");
            }
            if (!HasManager(streamer, streamer.Manager)) Add(found, MessageType.Error, NoManager);
            return found;
        }

        internal static List<Problem> Of(InputReceiver receiver)
        {
            var found = new List<Problem>();
#if !(ENABLE_INPUT_SYSTEM && RENDERCAST_INPUT_SYSTEM)
            Add(found, MessageType.Info, "Without the Input System package there are events only: the old Input class cannot be fed.");
#endif
            if (!HasManager(receiver, receiver.Manager)) Add(found, MessageType.Error, NoManager);
            return found;
        }

        const string NoManager = "There is no Stream Manager in the scene.";

        static bool HasManager(Component component, StreamManager stated)
        {
            return stated != null || component.GetComponentInParent<StreamManager>() != null
                || Object.FindObjectOfType<StreamManager>() != null;
        }

        static void Add(List<Problem> found, MessageType type, string text)
        {
            found.Add(new Problem { Type = type, Text = text });
        }
    }
}

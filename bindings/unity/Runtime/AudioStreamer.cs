using System.Threading;
using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>
    /// Gives a <see cref="StreamManager"/> its sound: everything that is heard when it sits beside the AudioListener, or one
    /// source beside an AudioSource.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("Rendercast/Audio Streamer")]
    public sealed class AudioStreamer : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the manager of this object or its parents, else the first of the scene.")]
        StreamManager manager;
        [SerializeField, Tooltip("Whether the sound is heard on this machine as well.")]
        bool playLocally = true;

        StreamManager _used;
        // Read by the audio thread. A stale handle is harmless, so no lock is needed.
        int _handle;
        int _sampleRate;
        int _silent;
        long _refused;
        bool _saidProblem;

        public StreamManager Manager { get { return manager; } set { Detach(); manager = value; } }

        public bool PlayLocally
        {
            get { return playLocally; }
            set { playLocally = value; Volatile.Write(ref _silent, value ? 0 : 1); }
        }

        /// <summary>Blocks that the library did not take, mostly because 200 ms were waiting.</summary>
        public long BlocksRefused
        {
            get { return Interlocked.Read(ref _refused); }
        }

        void OnEnable()
        {
            Volatile.Write(ref _silent, playLocally ? 0 : 1);
            AudioSettings.OnAudioConfigurationChanged += ReadSampleRate;
            ReadSampleRate(false);
            if (GetComponent<AudioListener>() == null && GetComponent<AudioSource>() == null)
            {
                Say("hears nothing: it must sit beside an AudioListener or an AudioSource");
            }
        }

        /// <summary>The inspector changes fields without the properties.</summary>
        void OnValidate()
        {
            Volatile.Write(ref _silent, playLocally ? 0 : 1);
        }

        void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= ReadSampleRate;
            Detach();
        }

        /// <summary>May be asked on the main thread only, so the audio thread finds it here.</summary>
        void ReadSampleRate(bool deviceWasChanged)
        {
            Volatile.Write(ref _sampleRate, AudioSettings.outputSampleRate);
        }

        void Update()
        {
            var streamer = Attach() ? _used.Streamer : null;
            Volatile.Write(ref _handle, streamer != null ? (int)streamer.Handle : 0);
        }

        bool Attach()
        {
            if (_used != null && _used.SoundSource == this) return true;
            var found = StreamManager.For(this, manager);
            if (found == null) return false;
            if (found.SoundSource != null && found.SoundSource != this)
            {
                // Two would take turns in one stream.
                Say("is not streamed: " + found.SoundSource.name + " gives the sound of " + found.name);
                return false;
            }
            _used = found;
            _used.SoundSource = this;
            return true;
        }

        void Detach()
        {
            Volatile.Write(ref _handle, 0);
            if (_used != null && _used.SoundSource == this) _used.SoundSource = null;
            _used = null;
        }

        /// <summary>Called by Unity on its audio thread, which must never wait.</summary>
        void OnAudioFilterRead(float[] data, int channels)
        {
            var handle = Volatile.Read(ref _handle);
            if (handle != 0)
            {
                var status = Streamer.PushAudio((uint)handle, data, channels, Volatile.Read(ref _sampleRate));
                if (status != Status.Ok) Interlocked.Increment(ref _refused);
            }
            if (Volatile.Read(ref _silent) != 0) System.Array.Clear(data, 0, data.Length);
        }

        void Say(string problem)
        {
            if (_saidProblem) return;
            _saidProblem = true;
            Debug.LogError("Rendercast: the audio streamer of " + name + " " + problem + ".", this);
        }
    }
}

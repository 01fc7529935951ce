using UnityEngine;

namespace Rendercast.Samples
{
    /// <summary>A quiet tone, so that there is sound to stream. Sits beside an AudioSource, above the AudioStreamer.</summary>
    public sealed class SampleTone : MonoBehaviour
    {
        const double Hertz = 220.0;
        const double Volume = 0.05;

        double _phase;
        double _step;

        void OnEnable()
        {
            _step = Hertz * 2.0 * System.Math.PI / AudioSettings.outputSampleRate;
        }

        void OnAudioFilterRead(float[] data, int channels)
        {
            for (var at = 0; at < data.Length; at += channels)
            {
                var sample = (float)(System.Math.Sin(_phase) * Volume);
                for (var channel = 0; channel < channels; channel++) data[at + channel] += sample;
                _phase = (_phase + _step) % (2.0 * System.Math.PI);
            }
        }
    }
}

using System;

namespace Rendercast.Streaming
{
    /// <summary>Tells the library of bounds and frame rate that it has not heard of.</summary>
    struct RateBounds
    {
        Streamer _streamer;
        int _min;
        int _max;
        float _frameRate;

        /// <returns>Why the bounds stay as they were, or null.</returns>
        internal string Apply(Streamer streamer, int minKbps, int maxKbps, float frameRate)
        {
            if (streamer == _streamer && minKbps == _min && maxKbps == _max && frameRate == _frameRate) return null;
            _streamer = streamer;
            _min = minKbps;
            _max = maxKbps;
            _frameRate = frameRate;
            var pictures = frameRate > 0f ? Math.Max(1, Math.Min(240, (int)Math.Round(frameRate))) : 0;
            try
            {
                streamer.SetVideoRate(Math.Max(0, minKbps), Math.Max(0, maxKbps), pictures);
                return null;
            }
            catch (RendercastException problem)
            {
                return problem.Message;
            }
        }
    }
}

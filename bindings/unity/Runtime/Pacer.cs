namespace Rendercast.Streaming
{
    /// <summary>Picks the pictures of a slower rate from those of a faster one, evenly.</summary>
    internal struct Pacer
    {
        double _next;

        /// <summary>Whether a picture is due now.</summary>
        /// <param name="now">Seconds of a clock that never goes back.</param>
        /// <param name="perSecond">Pictures a second, 0 or less: every one.</param>
        internal bool IsDue(double now, float perSecond)
        {
            if (perSecond <= 0f) return true;
            var period = 1.0 / perSecond;
            // A picture a little early is taken, else a game at the same rate would lose every other one.
            if (now < _next - period * 0.25) return false;
            // Long stopped, or the first: do not run after the lost pictures.
            _next = now - _next > period ? now + period : _next + period;
            return true;
        }
    }
}

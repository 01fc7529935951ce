using System.Text;

namespace Rendercast.Streaming.Interop
{
    /// <summary>Gives back the same string for the same bytes, so that texts that repeat (labels, names) are allocated once.</summary>
    internal sealed unsafe class TextCache
    {
        const int Capacity = 32;
        readonly byte[][] _bytes = new byte[Capacity][];
        readonly string[] _texts = new string[Capacity];
        int _count;
        int _next;

        internal string Decode(byte* bytes, int capacity)
        {
            var length = Utf8.Length(bytes, capacity);
            if (length == 0) return string.Empty;
            for (var at = 0; at < _count; at++)
            {
                if (Same(_bytes[at], bytes, length)) return _texts[at];
            }
            // Viewers choose labels: the oldest text gives way, so that they cannot fill the memory.
            var copy = new byte[length];
            for (var i = 0; i < length; i++) copy[i] = bytes[i];
            var text = Encoding.UTF8.GetString(copy);
            _bytes[_next] = copy;
            _texts[_next] = text;
            _next = (_next + 1) % Capacity;
            if (_count < Capacity) _count++;
            return text;
        }

        static bool Same(byte[] known, byte* bytes, int length)
        {
            if (known.Length != length) return false;
            for (var i = 0; i < length; i++)
            {
                if (known[i] != bytes[i]) return false;
            }
            return true;
        }
    }
}

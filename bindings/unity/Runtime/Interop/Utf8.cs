using System.Text;

namespace Rendercast.Streaming.Interop
{
    /// <summary>Texts that cross the border: UTF-8 that ends with a NUL. Marshalling them by attribute is not in netstandard2.0.</summary>
    internal static unsafe class Utf8
    {
        /// <summary>The bytes of a text with its NUL.</summary>
        internal static byte[] Encode(string text)
        {
            var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
            Encoding.UTF8.GetBytes(text, 0, text.Length, bytes, 0);
            return bytes;
        }

        /// <summary>The text before the first NUL, or all of it when there is none.</summary>
        internal static string Decode(byte* bytes, int capacity)
        {
            return Encoding.UTF8.GetString(bytes, Length(bytes, capacity));
        }

        internal static int Length(byte* bytes, int capacity)
        {
            var length = 0;
            while (length < capacity && bytes[length] != 0) length++;
            return length;
        }
    }
}

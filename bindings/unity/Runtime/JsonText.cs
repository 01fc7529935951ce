using System.Globalization;
using System.Text;

namespace Rendercast.Streaming
{
    /// <summary>Writes a JSON object, member after member. JsonUtility cannot leave a member out or write an enum as text.</summary>
    internal sealed class JsonText
    {
        readonly StringBuilder _text = new StringBuilder();
        bool _first = true;

        public override string ToString()
        {
            return _text.ToString();
        }

        internal JsonText Open(string name = null)
        {
            Name(name);
            _text.Append('{');
            _first = true;
            return this;
        }

        internal JsonText Close()
        {
            _text.Append('}');
            _first = false;
            return this;
        }

        internal JsonText OpenArray(string name)
        {
            Name(name);
            _text.Append('[');
            _first = true;
            return this;
        }

        internal JsonText CloseArray()
        {
            _text.Append(']');
            _first = false;
            return this;
        }

        internal JsonText Number(string name, int value)
        {
            Name(name);
            _text.Append(value.ToString(CultureInfo.InvariantCulture));
            return this;
        }

        internal JsonText Switch(string name, bool value)
        {
            Name(name);
            _text.Append(value ? "true" : "false");
            return this;
        }

        /// <summary>A null is written as an empty text: an empty field of the inspector may be either.</summary>
        internal JsonText Text(string name, string value)
        {
            Name(name);
            Quote(value ?? string.Empty);
            return this;
        }

        /// <summary>Empty entries, which the inspector makes when it adds a line, are left out.</summary>
        internal JsonText Texts(string name, string[] values)
        {
            OpenArray(name);
            foreach (var value in values ?? new string[0])
            {
                if (!string.IsNullOrWhiteSpace(value)) Text(null, value.Trim());
            }
            return CloseArray();
        }

        void Name(string name)
        {
            if (!_first) _text.Append(',');
            _first = false;
            if (name == null) return;
            Quote(name);
            _text.Append(':');
        }

        void Quote(string text)
        {
            _text.Append('"');
            foreach (var c in text)
            {
                if (c == '"' || c == '\\') _text.Append('\\').Append(c);
                else if (c < ' ') _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else _text.Append(c);
            }
            _text.Append('"');
        }
    }
}

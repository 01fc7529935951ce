// A stand-in for Unity's JsonUtility, for tests only: fields of a class by their names, others are left alone.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace UnityEngine
{
    public static class JsonUtility
    {
        public static T FromJson<T>(string json)
        {
            var at = 0;
            var value = Value(json, ref at);
            if (Peek(json, ref at) != '\0') throw new ArgumentException("JSON parse error: there is more after the end");
            return (T)Fit(value, typeof(T));
        }

        static object Fit(object value, Type type)
        {
            var list = value as List<object>;
            if (list != null)
            {
                var array = Array.CreateInstance(type.GetElementType(), list.Count);
                for (var i = 0; i < list.Count; i++) array.SetValue(Fit(list[i], type.GetElementType()), i);
                return array;
            }
            var members = value as Dictionary<string, object>;
            if (members == null) return type == typeof(string) ? value : Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
            var made = Activator.CreateInstance(type);
            foreach (var member in members)
            {
                var field = type.GetField(member.Key, BindingFlags.Instance | BindingFlags.Public);
                if (field != null) field.SetValue(made, Fit(member.Value, field.FieldType));
            }
            return made;
        }

        static char Peek(string json, ref int at)
        {
            while (at < json.Length && char.IsWhiteSpace(json[at])) at++;
            return at < json.Length ? json[at] : '\0';
        }

        static void Take(string json, ref int at, char wanted)
        {
            if (Peek(json, ref at) != wanted) throw new ArgumentException("JSON parse error: no " + wanted + " at " + at);
            at++;
        }

        static object Value(string json, ref int at)
        {
            switch (Peek(json, ref at))
            {
                case '{':
                    var members = new Dictionary<string, object>();
                    for (at++; Peek(json, ref at) != '}';)
                    {
                        if (members.Count > 0) Take(json, ref at, ',');
                        var name = Text(json, ref at);
                        Take(json, ref at, ':');
                        members[name] = Value(json, ref at);
                    }
                    at++;
                    return members;
                case '[':
                    var list = new List<object>();
                    for (at++; Peek(json, ref at) != ']';)
                    {
                        if (list.Count > 0) Take(json, ref at, ',');
                        list.Add(Value(json, ref at));
                    }
                    at++;
                    return list;
                case '"':
                    return Text(json, ref at);
                default:
                    var from = at;
                    while (at < json.Length && (char.IsLetterOrDigit(json[at]) || "+-.".IndexOf(json[at]) >= 0)) at++;
                    double number;
                    if (double.TryParse(json.Substring(from, at - from), NumberStyles.Float, CultureInfo.InvariantCulture, out number)) return number;
                    throw new ArgumentException("JSON parse error at " + from);
            }
        }

        static string Text(string json, ref int at)
        {
            Take(json, ref at, '"');
            var text = new StringBuilder();
            for (; at < json.Length && json[at] != '"'; at++) text.Append(json[at] == '\\' ? json[++at] : json[at]);
            Take(json, ref at, '"');
            return text.ToString();
        }
    }
}

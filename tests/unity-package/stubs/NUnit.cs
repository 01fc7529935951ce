// A stand-in for NUnit, for tests only.
using System;

namespace NUnit.Framework
{
    public sealed class TestAttribute : Attribute { }

    public static class Assert
    {
        public static void IsNull(object value, string text = null) { if (value != null) throw new Exception(text); }
        public static void AreEqual(object a, object b) { if (!Equals(a, b)) throw new Exception(a + " is not " + b); }
        public static void AreNotEqual(object a, object b) { if (Equals(a, b)) throw new Exception(a + " twice"); }
        public static T Throws<T>(Action action) where T : Exception
        {
            try { action(); }
            catch (T error) { return error; }
            throw new Exception("no " + typeof(T).Name);
        }
    }

    public static class StringAssert
    {
        public static void Contains(string part, string text) { if (!text.Contains(part)) throw new Exception(text); }
    }
}

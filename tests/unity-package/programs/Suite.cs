using System;
using System.Collections.Generic;
using System.Reflection;

namespace Rendercast.UnityTests
{
    /// <summary>Marks a test: a public static method without parameters that throws when it fails.</summary>
    public sealed class TestAttribute : Attribute { }

    public static class Check
    {
        public static void That(bool good, string what)
        {
            if (!good) throw new Exception(what);
        }

        public static void Same<T>(T wanted, T found, string what)
        {
            if (!Equals(wanted, found)) throw new Exception(what + ": wanted " + wanted + ", found " + found);
        }
    }

    /// <summary>Runs every test of the classes here, or those whose name contains an argument.</summary>
    public static class Suite
    {
        /// <summary>Named here, so that ahead-of-time compilation sees them.</summary>
        static readonly Type[] s_classes =
        {
            typeof(PureTests), typeof(NativeTests), typeof(ComponentTests), typeof(EditorTests)
        };

        /// <summary>Code compiled ahead of time has one domain, as in a player.</summary>
        static readonly Type[] s_domainClasses = { typeof(DomainTests) };


        /// <summary>With the library behind texture_host.c, which takes textures from memory.</summary>
        static readonly Type[] s_textureClasses = { typeof(TextureTests) };

        public static int Main(string[] wanted)
        {
            var classes = new List<Type>();
            if (Has("RENDERCAST_TEXTURE_HOST")) classes.AddRange(s_textureClasses);
            else classes.AddRange(s_classes);
            if (!Has("RENDERCAST_TEXTURE_HOST") && !Has("RENDERCAST_AHEAD_OF_TIME")) classes.AddRange(s_domainClasses);
            var failed = new List<string>();
            var ran = 0;
            foreach (var type in classes)
            {
                foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Static))
                {
                    if (!Attribute.IsDefined(method, typeof(TestAttribute)) || !Wanted(method.Name, wanted)) continue;
                    ran++;
                    try
                    {
                        method.Invoke(null, null);
                        Console.WriteLine("ok      " + method.Name);
                    }
                    catch (TargetInvocationException error)
                    {
                        failed.Add(method.Name);
                        Console.WriteLine("FAILED  " + method.Name + ": " + error.InnerException);
                    }
                }
            }
            Console.WriteLine(ran + " tests, " + failed.Count + " failed");
            return failed.Count == 0 && (ran > 0 || wanted.Length > 0) ? 0 : 1;
        }

        static bool Has(string variable)
        {
            return Environment.GetEnvironmentVariable(variable) != null;
        }

        static bool Wanted(string name, string[] wanted)
        {
            return wanted.Length == 0 || Array.Exists(wanted, part => name.Contains(part));
        }
    }
}
